/* Whether two documents mean the same, exactly: cJSON_Compare() takes integers near 2^53 for equal
 * that differ by one. */
#ifndef TESTS_CONTRACT_SAME_H
#define TESTS_CONTRACT_SAME_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* `encoded` came from decoding and encoding `original`. Member order does not matter; a decimal
 * string may have become that integer; `dropped` (NULL: none) may be missing at the top. */
bool same_json(const cJSON *original, const cJSON *encoded, const char *dropped);

#endif
