/* Where in a JSON text something stands: errors about a scenario name line and column, as an editor
 * shows them, beside the JSON pointer. No I/O, no state; any thread. */
#ifndef SIM_SCENARIO_LOCATE_H
#define SIM_SCENARIO_LOCATE_H

#include <stdbool.h>
#include <stddef.h>

struct sim_place {
    int line;   /* from 1 */
    int column; /* from 1, in characters */
};

/* The place of a byte; one behind the end is allowed. */
struct sim_place sim_locate_byte(const char *text, size_t size_bytes, size_t byte);

/**
 * sim_locate() - Find the value that a JSON pointer names.
 *
 * @text:    JSON that kit_json_gate() has accepted.
 * @pointer: RFC 6901, "" for the whole document.
 *
 * Returns false, ret_place untouched, when nothing stands there.
 */
bool sim_locate(const char *text, size_t size_bytes, const char *pointer,
                struct sim_place *ret_place);

#endif
