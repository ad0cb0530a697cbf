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
/* Frees the memory; afterwards the buffer is as after its init, with the same maximum. */
void kit_buf_done(struct kit_buf *buf);
void kit_buf_reset(struct kit_buf *buf); /* empty, overflow cleared, memory kept */

/* Appends the bytes as they are. A piece that would pass the maximum is left out whole, and so is
 * everything behind it until the reset. The bytes may not be the buffer's own. */
void kit_buf_add(struct kit_buf *buf, const void *bytes, size_t size_bytes);
/* As kit_buf_add(), up to the text's NUL. */
void kit_buf_add_text(struct kit_buf *buf, const char *text);
/* Appends one byte: no escape, no encoding. */
void kit_buf_add_char(struct kit_buf *buf, char c);
/* Appends decimal digits, behind a minus sign when the value is negative. */
void kit_buf_add_int(struct kit_buf *buf, int64_t value);
/* Appends what printf() would write. Slower than the others: not for the encoding of messages. */
void kit_buf_add_format(struct kit_buf *buf, const char *format, ...) KIT_FORMAT(2, 3);
/* A JSON string with its quotes; text is valid UTF-8. Escapes ", \ and control characters only. */
void kit_buf_add_json_string(struct kit_buf *buf, const char *text);

#endif
