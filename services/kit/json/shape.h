/* What a schema says, as data: schemas/codegen writes these tables, decode.c and encode.c run them.
 * One interpreter is checked and fuzzed once, and holds for every message. Read-only; any thread.
 */
#ifndef KIT_JSON_SHAPE_H
#define KIT_JSON_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/json/codec.h"

#define KIT_SHAPE_MEMBERS_MAX 64 /* of one object: one bit each in a uint64_t */
#define KIT_SHAPE_DEPTH_MAX 8    /* nested objects and arrays of a message, x-raw not counted */
#define KIT_DECIMAL_DIGITS_MAX 18

/* A character class (ASCII, one bit each) that occurs min..max times. */
struct kit_pattern_atom {
    uint64_t low;  /* characters 0..63 */
    uint64_t high; /* characters 64..127 */
    uint32_t min;
    uint32_t max;
};

/* Anchored at both ends. The generator only lets patterns through in which taking as much as
 * possible is always right, so nothing is tried twice. Alternatives end with max == 0. */
struct kit_pattern {
    const char *regex; /* as the schema writes it, for messages */
    const struct kit_pattern_atom *const *alternatives;
    size_t alternative_count;
};

enum kit_kind {
    KIT_KIND_INT = 0,     /* int64_t, or a struct with one */
    KIT_KIND_DECIMAL = 1, /* the same, also taken as a decimal string */
    KIT_KIND_TEXT = 2,    /* char[size_bytes], NUL-terminated */
    KIT_KIND_TIME = 3,    /* int64_t, ms since 1970 UTC */
    KIT_KIND_ENUM = 4,    /* its number: place in texts, which holds NULL where no value has it */
    KIT_KIND_CONST = 5,   /* nothing is stored */
    KIT_KIND_OBJECT = 6,  /* struct of `shape` */
    KIT_KIND_ARRAY = 7,   /* that many structs of `shape`, and a size_t */
    KIT_KIND_RAW_OBJECT = 8, /* struct kit_json_raw */
    KIT_KIND_RAW_ARRAY = 9,  /* the same, an array of objects */
};

struct kit_shape;

struct kit_member {
    const char *key;
    const char *encoded; /* `"key":` */
    size_t encoded_size_bytes;
    enum kit_kind kind;
    bool is_required;
    size_t offset;                     /* in the struct */
    size_t has_offset;                 /* of bool has_<name>, when not required */
    size_t count_offset;               /* ARRAY: of size_t <name>_count */
    size_t size_bytes;                 /* TEXT: storage with its NUL */
    int64_t min;                       /* INT, DECIMAL: value. TEXT: characters */
    int64_t max;                       /* the same; ARRAY, RAW_ARRAY: items */
    const struct kit_pattern *pattern; /* TEXT, DECIMAL's string; or NULL */
    const char *const *texts;          /* ENUM, CONST */
    size_t text_count;
    const struct kit_shape *shape; /* OBJECT, ARRAY */
};

struct kit_shape {
    const struct kit_member *members;
    size_t member_count;
    size_t member_count_min; /* minProperties */
    uint64_t required;       /* bit i: members[i] */
    size_t size_bytes;       /* of the struct */
};

/* Checks node against the shape and writes the struct. *ret, size_bytes of it, must be zeroed
 * before and is worthless when this fails: generated functions decode aside and copy. Errors:
 * KIT_E_INVALID with the pointer and a sentence. */
int kit_shape_decode(const struct kit_shape *shape, const cJSON *node, void *ret,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Appends the struct as JSON, members in the order of the schema. A value that the schema does not
 * allow (a count too high, an enum out of range) is a bug of the caller. */
void kit_shape_encode(const struct kit_shape *shape, const void *in, struct kit_buf *out);

/* Whether one of the alternatives takes the whole text, up to its NUL. Reads the text once for each
 * alternative, so its time is bounded whatever the text says. */
bool kit_pattern_matches(const struct kit_pattern *pattern, const char *text);

#endif
