/* Instants as text. An instant is int64 milliseconds since 1970-01-01 UTC; where `now` comes from
 * is the business of a port. Pure; any thread. */
#ifndef KIT_BASE_TIME_H
#define KIT_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define KIT_TIME_TEXT_SIZE 25                    /* "2026-01-31T12:00:00.000Z" and NUL */
#define KIT_TIME_MS_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

/* Writes RFC 3339 UTC with milliseconds. 0 <= ms <= KIT_TIME_MS_MAX. */
void kit_time_to_text(int64_t ms, char ret_text[KIT_TIME_TEXT_SIZE]);

/* Accepts exactly the form that kit_time_to_text writes; false leaves *ret_ms untouched. */
bool kit_time_from_text(const char *text, int64_t *ret_ms);

#endif
