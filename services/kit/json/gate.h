/* The strict gate in front of cJSON, which is no validator (it takes invalid UTF-8, duplicate keys,
 * trailing bytes, "\u0000", 0.5 as 0 and 99999999999999999999 as 2147483647).
 * Every byte that comes from outside passes here first. Any thread. */
#ifndef KIT_JSON_GATE_H
#define KIT_JSON_GATE_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "kit/base/error.h"

#define KIT_JSON_DEPTH_MAX 16
#define KIT_JSON_KEY_BYTES_MAX 128
#define KIT_JSON_MEMBERS_MAX 128                   /* members of one object */
#define KIT_JSON_INT_MAX INT64_C(9007199254740991) /* 2^53-1: exact in every JSON reader */

/**
 * kit_json_gate() - Say whether a text is JSON that we are willing to read.
 *
 * One pass, no allocation. The text is a single RFC 8259 document in valid UTF-8 without NUL (raw
 * or escaped) or lone surrogates, nested at most KIT_JSON_DEPTH_MAX deep, without duplicate keys in
 * an object; every number is written as an integer within +-KIT_JSON_INT_MAX.
 *
 * Errors:  KIT_E_TOO_LARGE (size), KIT_E_MALFORMED (grammar, UTF-8, depth, duplicate keys, with the
 *          byte offset in the text), KIT_E_INVALID with a JSON pointer (a number that is not an
 *          integer, or is out of range).
 * Source:  RFC 8259, RFC 7493 (I-JSON).
 */
int kit_json_gate(const char *text, size_t size_bytes, size_t size_bytes_max,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Gate, then cJSON. On KIT_OK the caller owns *ret_root and frees it with cJSON_Delete(). */
int kit_json_parse(const char *text, size_t size_bytes, size_t size_bytes_max, cJSON **ret_root,
                   struct kit_error *err) KIT_MUST_CHECK;

#endif
