/* JSON without memory of its own: reads into structs of the caller, and writes from them, by tables
 * that schemas/codegen makes of schemas/device.*.schema.json (fw/device_*.gen.h). As strict as the
 * services' gate and codec together: RFC 8259 in valid UTF-8, no NUL, no lone surrogates, no key
 * twice, no key that the schema does not know, whole numbers only, nothing after the document.
 * Any thread. */
#ifndef FW_CORE_JSON_H
#define FW_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/port.h"

#define FW_JSON_MEMBERS_MAX 32 /* of one object: one bit each */
#define FW_JSON_KEY_SIZE 24    /* longest key of a device schema, with NUL; the generator checks */
#define FW_JSON_DEPTH_MAX 2    /* objects in objects; the generator checks */
#define FW_JSON_REQUIRED UINT16_MAX

/* A set of ASCII characters that occurs min to max times in a row. A pattern is an array of atoms
 * that ends with max == 0. */
struct fw_json_atom {
    uint32_t bits[4];
    uint8_t min;
    uint8_t max;
};

enum fw_json_kind {
    FW_JSON_INT = 0,   /* of size_bytes */
    FW_JSON_TEXT = 1,  /* char[size_bytes], NUL-terminated */
    FW_JSON_ENUM = 2,  /* of size_bytes: index in the texts */
    FW_JSON_ARRAY = 3, /* of structs, and a size_t that counts them */
};

struct fw_json_member {
    const char *key;
    const void *detail; /* TEXT: atoms or NULL. ENUM: texts. ARRAY: struct fw_json_shape */
    int64_t min;        /* INT: value. TEXT: characters */
    int64_t max;        /* INT: value. TEXT: characters. ARRAY: items. ENUM: count of the texts */
    uint16_t offset;
    uint16_t has_offset;   /* of bool has_<name>, or FW_JSON_REQUIRED */
    uint16_t count_offset; /* ARRAY: of size_t <name>_count */
    uint16_t size_bytes;   /* of the field */
    uint8_t kind;
};

struct fw_json_shape {
    const struct fw_json_member *members;
    uint8_t member_count;
    uint32_t required; /* bit i: members[i] */
    uint32_t size_bytes;
};

/**
 * fw_json_decode() - Read a text into a struct.
 *
 * Reads the text twice: the first time only to check it.
 *
 * @text: borrowed; need not end with NUL.
 * @ret:  shape->size_bytes; written as a whole on FW_OK, untouched otherwise.
 *
 * Errors: FW_E_INVALID: no JSON, or against the schema.
 */
int fw_json_decode(const struct fw_json_shape *shape, const char *text, size_t size, void *ret);

/**
 * fw_json_encode() - Write a struct as JSON, members in the order of the schema, no NUL at the end.
 *
 * A value that the schema does not allow is a bug of the caller (FW_CHECK). Returns the size in
 * bytes, or FW_E_TOO_LARGE.
 */
int fw_json_encode(const struct fw_json_shape *shape, const void *in, char *buf, size_t size_max);

/**
 * fw_json_text_at() - The text at @index of texts that follow each other, each ended by NUL.
 *
 * For the generated fw_msg_<enum>_text() functions; @index is in range.
 */
const char *fw_json_text_at(const char *texts, unsigned int index);

/* A text that grows in a buffer of the caller. It never ends with NUL. What does not fit sets
 * is_over, and from then on nothing is added. */
struct fw_json_out {
    char *bytes;
    size_t size;
    size_t size_max;
    bool is_over;
};

/** fw_json_out_init() - An empty text in @buf, which is borrowed for the life of the text. */
void fw_json_out_init(struct fw_json_out *out, char *buf, size_t size_max);

/** fw_json_out_add() - Add these bytes as they are. */
void fw_json_out_add(struct fw_json_out *out, const char *bytes, size_t size);

/** fw_json_out_add_text() - Add the text as it is, without its NUL. */
void fw_json_out_add_text(struct fw_json_out *out, const char *text);

/** fw_json_out_add_int() - Add a number in decimal digits; more than 16 digits set is_over. */
void fw_json_out_add_int(struct fw_json_out *out, int64_t value);

/** fw_json_out_add_quoted() - Add the UTF-8 text in quotes, with the escapes that JSON needs. */
void fw_json_out_add_quoted(struct fw_json_out *out, const char *text);

/** fw_json_out_add_hex() - Add two hexadecimal digits for each byte, in small letters. */
void fw_json_out_add_hex(struct fw_json_out *out, const uint8_t *bytes, size_t size);

/** fw_json_out_size() - The size of the text in bytes, or FW_E_TOO_LARGE when it did not fit. */
int fw_json_out_size(const struct fw_json_out *out);

#endif
