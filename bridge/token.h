/* Single values as they stand in a path, a query or a header: whole numbers, names of devices. They
 * come from the network: nothing here trusts their length or content. Pure. */
#ifndef BRIDGE_TOKEN_H
#define BRIDGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BRIDGE_ID_MAX INT64_C(9007199254740991) /* 2^53-1, as in the schemas */

/* A whole number out of a text. min >= 0. */
struct token_range {
    int64_t min, max;
};

/* Reads a plain decimal within the range: no sign, no leading zero, no space. When it is none,
 * false, and *ret is untouched. */
bool token_read_decimal(const char *text, size_t length, struct token_range range, int64_t *ret);

/* 1 to 47 small letters, digits and '-', a letter first: what the schemas take as a device. */
bool token_is_device(const char *text, size_t length);

/* "bin:A-01": so many small letters, a colon, and 1 to 64 characters of ASCII, as the schemas have
 * labels and places. */
bool token_is_kind_and_name(const char *text, struct token_range kinds);

/* Takes off percent-encoding. false: it is broken, or gives a control character, or more than fits
 * into size_bytes with a NUL; ret_text is then worthless. */
bool token_decode_percent(const char *text, size_t length, size_t size_bytes, char *ret_text);

/* How many characters of UTF-8 a text has. 0: none, or it is no UTF-8. */
size_t token_count_characters(const char *text);

#endif
