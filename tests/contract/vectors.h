/* The vectors of a schema: those made by hand in schemas/vectors/<schema>/<name>, and those that
 * mutate.py derived when the tests were built. The name says what must happen:
 *   ok-<what>.json              decodes
 *   bad-gate-<what>.json        is refused by the gate, with or without a pointer
 *   bad-<what>.json             is refused for the whole body
 *   bad-<what>.<a>.<b>.json     is refused, with the pointer /a/b */
#ifndef TESTS_CONTRACT_VECTORS_H
#define TESTS_CONTRACT_VECTORS_H

#include <stdbool.h>
#include <stddef.h>

#define VECTOR_NAME_SIZE 256
#define VECTOR_BYTES_MAX 262144
#define VECTORS_MAX 2000 /* of one schema */

struct vector {
    char name[VECTOR_NAME_SIZE]; /* "bad-low.qty.json" */
    char *text;                  /* owned, exactly size_bytes */
    size_t size_bytes;
};

struct vector_list {
    struct vector items[VECTORS_MAX];
    size_t count;
};

struct vector_folders {
    const char *schemas; /* SCHEMA_DIR of the command line */
    const char *derived; /* DERIVED_DIR: where mutate.py wrote */
};

/* All vectors of one schema: those made by hand in name order, then the derived ones. Returns NULL,
 * or what is not there, in words that follow the schema's name. Failures of the file system, and
 * names that follow no rule, end the process with a message. */
const char *vectors_load(const struct vector_folders *folders, const char *schema,
                         struct vector_list *ret_list);
void vectors_free(struct vector_list *list);

bool vector_is_ok(const struct vector *vector);
bool vector_is_gate(const struct vector *vector);
/* The pointer that the name promises, "" for the body. */
void vector_pointer(const struct vector *vector, char ret_pointer[VECTOR_NAME_SIZE]);

#endif
