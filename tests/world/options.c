/* See options.h. */
#include "world/options.h"

#include <err.h>
#include <inttypes.h>
#include <string.h>

#include "kit/base/text.h"

#define NUMBER_SIZE 32

bool world_parse_number(const char *text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        const uint64_t digit = (uint64_t)(*text - '0');
        if (*text < '0' || *text > '9' || digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

uint64_t world_read_number(const char *option, const char *text, uint64_t least, uint64_t most)
{
    uint64_t value = 0;
    if (!world_parse_number(text, most, &value) || value < least)
        errx(64, "%s \"%s\" is refused; write a number from %" PRIu64 " to %" PRIu64, option, text,
             least, most);
    return value;
}

void world_read_seeds(const char *option, const char *text, uint64_t *ret_first, uint64_t *ret_last)
{
    char first[NUMBER_SIZE];
    const char *dots = strstr(text, "..");
    const size_t length = dots == NULL ? 0 : (size_t)(dots - text);
    kit_text_copy(first, length < sizeof(first) ? length + 1 : sizeof(first), text);
    if (length >= sizeof(first) || !world_parse_number(first, WORLD_SEED_MAX, ret_first) ||
        !world_parse_number(dots + 2, WORLD_SEED_MAX, ret_last) || *ret_first > *ret_last)
        errx(64, "%s \"%s\" is refused; write the first and the last seed, e.g. 1..2000", option,
             text);
}

const char *world_read_path(const char *option, const char *text)
{
    if (*text == '\0')
        errx(64, "%s has no value; write a path behind it", option);
    return text;
}

void world_refuse_option(const char *option)
{
    errx(64, "there is no option \"%s\"; --help says which there are", option);
}
