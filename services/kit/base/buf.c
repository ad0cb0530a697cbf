/* The growing buffer: doubles up to its maximum. Running out of memory counts as overflow, so there
 * is one thing to look at. Integers and strings are written by hand: encoding is a hot path. */
#include "kit/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_BYTES_MIN 256U
#define INT_TEXT_SIZE 20 /* "-9223372036854775808" */

static const char empty_text[1] = "";

void kit_buf_init(struct kit_buf *buf, size_t max_bytes)
{
    PRE(max_bytes < SIZE_MAX / 2);
    *buf = (struct kit_buf){ .data = (char *)empty_text, .max_bytes = max_bytes };
}

void kit_buf_done(struct kit_buf *buf)
{
    if (buf->capacity_bytes > 0)
        free(buf->data);
    kit_buf_init(buf, buf->max_bytes);
}

void kit_buf_reset(struct kit_buf *buf)
{
    buf->size_bytes = 0;
    buf->overflow = false;
    if (buf->capacity_bytes > 0)
        buf->data[0] = '\0';
}

/* Makes room for size_bytes more and the NUL. */
static bool reserve(struct kit_buf *buf, size_t size_bytes)
{
    if (buf->overflow || size_bytes > buf->max_bytes - buf->size_bytes) {
        buf->overflow = true;
        return false;
    }
    size_t needed_bytes = buf->size_bytes + size_bytes + 1;
    if (needed_bytes <= buf->capacity_bytes)
        return true;

    size_t capacity_bytes = buf->capacity_bytes * 2;
    if (capacity_bytes < CAPACITY_BYTES_MIN)
        capacity_bytes = CAPACITY_BYTES_MIN;
    if (capacity_bytes < needed_bytes)
        capacity_bytes = needed_bytes;
    if (capacity_bytes > buf->max_bytes + 1)
        capacity_bytes = buf->max_bytes + 1;
    char *data = realloc(buf->capacity_bytes > 0 ? buf->data : NULL, capacity_bytes);
    if (data == NULL) {
        buf->overflow = true;
        return false;
    }
    buf->data = data;
    buf->capacity_bytes = capacity_bytes;
    buf->data[buf->size_bytes] = '\0';
    return true;
}

void kit_buf_add(struct kit_buf *buf, const void *bytes, size_t size_bytes)
{
    if (size_bytes == 0 || !reserve(buf, size_bytes))
        return;
    memcpy(buf->data + buf->size_bytes, bytes, size_bytes);
    buf->size_bytes += size_bytes;
    buf->data[buf->size_bytes] = '\0';
}

void kit_buf_add_text(struct kit_buf *buf, const char *text)
{
    kit_buf_add(buf, text, strlen(text));
}

void kit_buf_add_char(struct kit_buf *buf, char c)
{
    kit_buf_add(buf, &c, 1);
}

void kit_buf_add_int(struct kit_buf *buf, int64_t value)
{
    char digits[INT_TEXT_SIZE];
    size_t at = sizeof(digits);
    uint64_t rest = value < 0 ? 0U - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    kit_buf_add(buf, digits + at, sizeof(digits) - at);
}

void kit_buf_add_format(struct kit_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length <= 0 || !reserve(buf, (size_t)length))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->size_bytes, (size_t)length + 1, format, args);
    va_end(args);
    buf->size_bytes += (size_t)length;
}

static void add_escaped(struct kit_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
    };
    char short_form = c < sizeof(shorts) ? shorts[c] : (char)c; /* " and \ stand for themselves */
    if (short_form != '\0') {
        kit_buf_add(buf, (char[]){ '\\', short_form }, 2);
        return;
    }
    kit_buf_add(buf, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15U] }, 6);
}

void kit_buf_add_json_string(struct kit_buf *buf, const char *text)
{
    kit_buf_add_char(buf, '"');
    const char *from = text;
    const char *to = text;
    for (; *to != '\0'; to++) {
        unsigned char c = (unsigned char)*to;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        kit_buf_add(buf, from, (size_t)(to - from));
        add_escaped(buf, c);
        from = to + 1;
    }
    kit_buf_add(buf, from, (size_t)(to - from));
    kit_buf_add_char(buf, '"');
}
