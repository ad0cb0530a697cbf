/* Words for people about schemas and values: what was expected, what came. Private to decode.c.
 * Any thread. */
#ifndef KIT_JSON_DESCRIBE_H
#define KIT_JSON_DESCRIBE_H

#include "kit/json/shape.h"

#define KIT_DESCRIBE_EXPECTED_SIZE 160
#define KIT_DESCRIBE_VALUE_SIZE 64

/* "a whole number from 1 to 1000000, or the same as a decimal string" */
void kit_describe_expected(const struct kit_member *member,
                           char ret_text[KIT_DESCRIBE_EXPECTED_SIZE]);

/* "true", "an array", "the text \"9x\"", "a text of 300 characters"; where the member is to be an
 * array, "an array of 101". member: NULL where an object is expected. */
void kit_describe_value(const struct kit_member *member, const cJSON *node,
                        char ret_text[KIT_DESCRIBE_VALUE_SIZE]);

/* Characters (code points) of valid UTF-8. */
int64_t kit_text_count(const char *text);

#endif
