/* No allocation; every loop ends with the text. See token.h. */
#include "bridge/token.h"

#include "kit/base/check.h"

#define DEVICE_LENGTH_MAX 47

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
