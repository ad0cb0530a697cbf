/* A growing byte buffer with a maximum. Writers append without checking; the first append that
 * would pass the maximum sets `overflow` for good, and the owner looks once, at the end.
 * The bytes are always followed by a NUL that size_bytes does not count. One thread at a time. */
#ifndef KIT_BASE_BUF_H
#define KIT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/check.h"

struct kit_buf {
    char *data; /* owned; "" (static) until the first append */
    size_t size_bytes;
    size_t capacity_bytes;
    size_t max_bytes;
    bool overflow;
};

void kit_buf_init(struct kit_buf *buf, size_t max_bytes); /* allocates nothing yet */
void kit_buf_done(struct kit_buf *buf);
void kit_buf_reset(struct kit_buf *buf); /* empty, overflow cleared, memory kept */

void kit_buf_add(struct kit_buf *buf, const void *bytes, size_t size_bytes);
void kit_buf_add_text(struct kit_buf *buf, const char *text);
void kit_buf_add_char(struct kit_buf *buf, char c);
void kit_buf_add_int(struct kit_buf *buf, int64_t value);
void kit_buf_add_format(struct kit_buf *buf, const char *format, ...) KIT_FORMAT(2, 3);
/* A JSON string with its quotes; text is valid UTF-8. Escapes ", \ and control characters only. */
void kit_buf_add_json_string(struct kit_buf *buf, const char *text);

#endif
