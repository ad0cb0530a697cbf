/* What the command lines of world, world-cuts and world-against have in common. What is wrong in
 * one ends the process with exit code 64 and a sentence. */
#ifndef TESTS_WORLD_OPTIONS_H
#define TESTS_WORLD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define WORLD_SEED_MAX UINT64_C(1000000000000000000) /* so that seeds can be counted */

/* A number in digits, of at most max; false: it is none, and ret_value is as it was. */
bool world_parse_number(const char *text, uint64_t max, uint64_t *ret_value);
/* The value of an option, which has to be a number from least to most. */
uint64_t world_read_number(const char *option, const char *text, uint64_t least, uint64_t most);
/* "A..B", the value of an option: seeds, of which there is one at least. */
void world_read_seeds(const char *option, const char *text, uint64_t *ret_first,
                      uint64_t *ret_last);
/* The value of an option, which has to be a path. */
const char *world_read_path(const char *option, const char *text);
/* There is no such option. */
_Noreturn void world_refuse_option(const char *option);

#endif
