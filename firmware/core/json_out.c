/* The text that grows (core/json.h): never writes beyond its buffer, and remembers when it would
 * have. */
#include <string.h>

#include "core/json.h"

#define DIGITS_MAX 16 /* of a number that JSON may carry */

static const char hex_digits[] = "0123456789abcdef";

void fw_json_out_init(struct fw_json_out *out, char *buf, size_t size_max)
{
    *out = (struct fw_json_out){ .bytes = buf, .size_max = size_max };
}

void fw_json_out_add(struct fw_json_out *out, const char *bytes, size_t size)
{
    if (out->is_over || size > out->size_max - out->size) {
        out->is_over = true;
        return;
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

void fw_json_out_add_text(struct fw_json_out *out, const char *text)
{
    fw_json_out_add(out, text, strlen(text));
}

/* By subtraction: a division of 64 bits is a long function on a small machine. */
void fw_json_out_add_int(struct fw_json_out *out, int64_t value)
{
    static const uint64_t powers[DIGITS_MAX] = {
        UINT64_C(1000000000000000),
        UINT64_C(100000000000000),
        UINT64_C(10000000000000),
        UINT64_C(1000000000000),
        UINT64_C(100000000000),
        UINT64_C(10000000000),
        UINT64_C(1000000000),
        UINT64_C(100000000),
        UINT64_C(10000000),
        UINT64_C(1000000),
        UINT64_C(100000),
        UINT64_C(10000),
        UINT64_C(1000),
        UINT64_C(100),
        UINT64_C(10),
        UINT64_C(1),
    };
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    bool is_begun = false;
    if (value < 0)
        fw_json_out_add(out, "-", 1);
    for (size_t i = 0; i < DIGITS_MAX; i++) {
        char digit = '0';
        for (; rest >= powers[i] && digit < '9'; digit++)
            rest -= powers[i];
        is_begun = is_begun || digit != '0' || i == DIGITS_MAX - 1;
        if (is_begun)
            fw_json_out_add(out, &digit, 1);
    }
    if (rest > 0) /* 17 digits or more, a bug of the caller: no text rather than a wrong number */
        out->is_over = true;
}

static void add_escaped(struct fw_json_out *out, uint8_t c)
{
    char text[6] = { '\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15U] };
    if (c == '"' || c == '\\') {
        text[1] = (char)c;
        fw_json_out_add(out, text, 2);
        return;
    }
    fw_json_out_add(out, text, sizeof(text));
}

void fw_json_out_add_quoted(struct fw_json_out *out, const char *text)
{
    fw_json_out_add(out, "\"", 1);
    for (; *text != '\0'; text++) {
        uint8_t c = (uint8_t)*text;
        if (c < 0x20 || c == '"' || c == '\\')
            add_escaped(out, c);
        else
            fw_json_out_add(out, text, 1);
    }
    fw_json_out_add(out, "\"", 1);
}

void fw_json_out_add_hex(struct fw_json_out *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char pair[2] = { hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15U] };
        fw_json_out_add(out, pair, sizeof(pair));
    }
}

int fw_json_out_size(const struct fw_json_out *out)
{
    return out->is_over ? FW_E_TOO_LARGE : (int)out->size;
}
