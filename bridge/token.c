/* No allocation; every loop ends with the text. See token.h. */
#include "bridge/token.h"

#include <string.h>

#include "kit/base/check.h"

#define DEVICE_LENGTH_MAX 47
#define NAME_LENGTH_MAX 64

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool token_read_decimal(const char *text, size_t length, struct token_range range, int64_t *ret)
{
    int64_t value = 0;

    PRE(range.min >= 0 && range.min <= range.max);
    if (length == 0 || (text[0] == '0' && length > 1))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]))
            return false;
        const int64_t digit = text[i] - '0';
        if (value > range.max / 10 || value * 10 > range.max - digit)
            return false;
        value = value * 10 + digit;
    }
    if (value < range.min)
        return false;
    *ret = value;
    return true;
}

bool token_is_device(const char *text, size_t length)
{
    if (length < 1 || length > DEVICE_LENGTH_MAX || text[0] < 'a' || text[0] > 'z')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'z') && text[i] != '-')
            return false;
    }
    return true;
}

bool token_is_kind_and_name(const char *text, struct token_range kinds)
{
    const size_t kind = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    const char *name = text + kind + 1;

    if ((int64_t)kind < kinds.min || (int64_t)kind > kinds.max || text[kind] != ':' ||
        name[0] == '\0' || strlen(name) > NAME_LENGTH_MAX)
        return false;
    for (; *name != '\0'; name++) {
        if (*name < ' ' || *name > '~')
            return false;
    }
    return true;
}

/* -1: no hex digit. */
static int read_hex_digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c == '\0' ? NULL : strchr(DIGITS, c);
    return at == NULL ? -1 : (int)(at - DIGITS) % 16;
}

bool token_decode_percent(const char *text, size_t length, size_t size_bytes, char *ret_text)
{
    size_t used = 0;

    PRE(size_bytes > 0);
    for (size_t i = 0; i < length; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            const int high = length - i > 2 ? read_hex_digit(text[i + 1]) : -1;
            const int low = high < 0 ? -1 : read_hex_digit(text[i + 2]);
            if (low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c < ' ' || c == 0x7f || used + 1 == size_bytes)
            return false;
        ret_text[used++] = (char)c;
    }
    ret_text[used] = '\0';
    return true;
}

/* Bytes of the character that begins here; 0: it is none (RFC 3629). */
static size_t measure_character(const unsigned char *bytes)
{
    const size_t length = bytes[0] < 0x80   ? 1
                          : bytes[0] < 0xc2 ? 0
                          : bytes[0] < 0xe0 ? 2
                          : bytes[0] < 0xf0 ? 3
                          : bytes[0] < 0xf5 ? 4
                                            : 0;

    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] >= 0xa0) ||
        (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] >= 0x90))
        return 0;
    return length;
}

size_t token_count_characters(const char *text)
{
    size_t count = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at != 0; count++) {
        const size_t length = measure_character(at);
        if (length == 0)
            return 0;
        at += length;
    }
    return count;
}
