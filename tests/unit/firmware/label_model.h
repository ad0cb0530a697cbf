/* Labels and what they are (schemas/rules/devices.md 3.2 to 3.4): one list for the two programs
 * that read them, the firmware's core/label.c and stock's domain/label.c. */
#ifndef TESTS_UNIT_FIRMWARE_LABEL_MODEL_H
#define TESTS_UNIT_FIRMWARE_LABEL_MODEL_H

#include <stddef.h>

#define LABEL_VECTOR_KIND_COUNT 15

struct label_vector {
    const char *line;
    const char *kind;      /* as labelKind of common.schema.json calls it */
    const char *symbology; /* "": none */
    const char *value;
};

extern const struct label_vector label_vectors[];
extern const size_t label_vector_count;
/* In the order of labelKind. */
extern const char *const label_vector_kinds[LABEL_VECTOR_KIND_COUNT];

#endif
