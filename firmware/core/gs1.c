/* GS1 element strings (gs1.h). An element is an application identifier (AI) of 2 to 4 digits and
 * its data. Without brackets, only the table of the GS1 General Specifications tells where the AI
 * ends, and whether its data has a predefined length or runs up to the next FNC1. */
#include "core/gs1.h"

#include <string.h>

#include "port/check.h"

#define GS 0x1D
#define FIELDS_MAX 64 /* far more than a line can hold */

#define GTIN_DIGITS 14
#define GLN_DIGITS 13
#define SSCC_DIGITS 18
#define GRAI_DIGITS 14 /* on the label: a 0, 12 digits, the check digit */
#define GRAI_SERIAL_MAX 16
#define GIAI_MAX 30
#define SERIAL_MAX 20

/* General Specifications, figures 3.2-1 and 7.8.5-2: by the first two digits of the AI. */
static const struct prefix {
    uint8_t first;
    uint8_t last;
    uint8_t ai_digits;
    uint8_t data_size; /* predefined; 0: up to FNC1 */
} prefixes[] = {
    { 0, 0, 2, 18 },  { 1, 3, 2, 14 },  { 4, 4, 2, 16 },  { 10, 10, 2, 0 },  { 11, 19, 2, 6 },
    { 20, 20, 2, 2 }, { 21, 22, 2, 0 }, { 23, 25, 3, 0 }, { 30, 30, 2, 0 },  { 31, 36, 4, 6 },
    { 37, 37, 2, 0 }, { 39, 39, 4, 0 }, { 40, 40, 3, 0 }, { 41, 41, 3, 13 }, { 42, 42, 3, 0 },
    { 43, 43, 4, 0 }, { 70, 70, 4, 0 }, { 71, 71, 3, 0 }, { 72, 72, 4, 0 },  { 80, 82, 4, 0 },
    { 90, 99, 2, 0 },
};

struct field {
    const uint8_t *data; /* NULL: the string has no such field */
    size_t size;
};

/* The known keys: of each kind the first field in the string. */
struct keys {
    struct field gtin, serial, sscc, grai, giai, gln;
};

/* The part of the element string that was not read yet. */
struct rest {
    const uint8_t *at;
    size_t size;
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool are_digits(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(bytes[i]))
            return false;
    }
    return true;
}

/* GS1 AI encodable character set 82 (General Specifications, figure 7.11-1). */
static bool is_text(struct field field, size_t size_min, size_t size_max)
{
    if (field.size < size_min || field.size > size_max)
        return false;
    for (size_t i = 0; i < field.size; i++) {
        uint8_t c = field.data[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (c == '\0' || !(is_digit(c) || letter || strchr("!\"%&'()*+,-./:;<=>?_", c) != NULL))
            return false;
    }
    return true;
}

char fw_gs1_check_digit(const uint8_t *digits, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t weight = (count - i) % 2 == 1 ? 3 : 1;
        sum += weight * (uint32_t)(digits[i] - '0');
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

/* Are these digits, and is the last one the right check digit? */
static bool is_checked(const uint8_t *digits, size_t count)
{
    return are_digits(digits, count) &&
           fw_gs1_check_digit(digits, count - 1) == (char)digits[count - 1];
}

static bool is_number(struct field field, size_t digits)
{
    return field.data == NULL || (field.size == digits && is_checked(field.data, digits));
}

static bool is_grai(struct field field)
{
    if (field.data == NULL)
        return true;
    if (field.size < GRAI_DIGITS || field.data[0] != '0' || !is_checked(field.data, GRAI_DIGITS))
        return false;
    struct field serial = { field.data + GRAI_DIGITS, field.size - GRAI_DIGITS };
    return is_text(serial, 0, GRAI_SERIAL_MAX);
}

static const struct prefix *find_prefix(const uint8_t *ai)
{
    int number = (ai[0] - '0') * 10 + (ai[1] - '0');
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (number >= prefixes[i].first && number <= prefixes[i].last)
            return &prefixes[i];
    }
    return NULL;
}

static bool is_ai(const uint8_t *ai, size_t digits, const char *name)
{
    return digits == strlen(name) && memcmp(ai, name, digits) == 0;
}

/* The key that a field with this AI belongs to; NULL: the field is passed over. */
static struct field *find_key(struct keys *keys, const uint8_t *ai, size_t digits)
{
    if (is_ai(ai, digits, "00"))
        return &keys->sscc;
    if (is_ai(ai, digits, "01"))
        return &keys->gtin;
    if (is_ai(ai, digits, "21"))
        return &keys->serial;
    if (is_ai(ai, digits, "414") || is_ai(ai, digits, "415"))
        return &keys->gln;
    if (is_ai(ai, digits, "8003"))
        return &keys->grai;
    if (is_ai(ai, digits, "8004"))
        return &keys->giai;
    return NULL;
}

static void take_field(struct keys *keys, const uint8_t *ai, size_t digits, struct field field)
{
    struct field *key = find_key(keys, ai, digits);
    if (key != NULL && key->data == NULL)
        *key = field;
}

static void skip(struct rest *rest, size_t size)
{
    rest->at += size;
    rest->size -= size;
}

/* One element of the FNC1 form. After data of predefined length an FNC1 is not needed, but some
 * labels have one. */
static enum fw_gs1_result take_element(struct rest *rest, struct keys *keys)
{
    const uint8_t *ai = rest->at;
    if (rest->size < 2 || !are_digits(ai, 2))
        return FW_GS1_NO_KEY;
    const struct prefix *prefix = find_prefix(ai);
    if (prefix == NULL || rest->size < prefix->ai_digits || !are_digits(ai, prefix->ai_digits))
        return FW_GS1_NO_KEY;
    skip(rest, prefix->ai_digits);

    const uint8_t *end = memchr(rest->at, GS, rest->size);
    struct field field = { rest->at, end != NULL ? (size_t)(end - rest->at) : rest->size };
    if (prefix->data_size > 0) {
        if (field.size < prefix->data_size)
            return FW_GS1_DAMAGED;
        field.size = prefix->data_size;
    }
    take_field(keys, ai, prefix->ai_digits, field);
    skip(rest, field.size);
    if (rest->size > 0 && rest->at[0] == GS)
        skip(rest, 1);
    return FW_GS1_KEY;
}

/* How many digits the AI in brackets at the start has; 0: there is none. */
static size_t count_bracketed_digits(struct rest rest)
{
    for (size_t digits = 2; digits <= 4 && digits + 2 <= rest.size; digits++) {
        if (rest.at[0] == '(' && rest.at[digits + 1] == ')' && are_digits(rest.at + 1, digits))
            return digits;
    }
    return 0;
}

/* One element of the bracketed form: its data ends where the next AI in brackets begins. */
static enum fw_gs1_result take_bracketed(struct rest *rest, struct keys *keys)
{
    const uint8_t *ai = rest->at + 1;
    size_t digits = count_bracketed_digits(*rest);
    const struct prefix *prefix = digits > 0 ? find_prefix(ai) : NULL;
    if (prefix == NULL || prefix->ai_digits != digits)
        return FW_GS1_NO_KEY;
    skip(rest, digits + 2);
    const uint8_t *data = rest->at;
    while (rest->size > 0 && count_bracketed_digits(*rest) == 0)
        skip(rest, 1);
    take_field(keys, ai, digits, (struct field){ data, (size_t)(rest->at - data) });
    return FW_GS1_KEY;
}

static bool are_sound(const struct keys *keys)
{
    return is_grai(keys->grai) && is_number(keys->gtin, GTIN_DIGITS) &&
           is_number(keys->sscc, SSCC_DIGITS) && is_number(keys->gln, GLN_DIGITS) &&
           (keys->giai.data == NULL || is_text(keys->giai, 1, GIAI_MAX)) &&
           (keys->serial.data == NULL || is_text(keys->serial, 1, SERIAL_MAX));
}

static enum fw_gs1_result give(struct fw_label *ret, enum fw_label_type kind, struct field field)
{
    FW_CHECK(field.size < FW_LABEL_VALUE_SIZE);
    ret->kind = kind;
    memcpy(ret->value, field.data, field.size);
    ret->value[field.size] = '\0';
    return FW_GS1_KEY;
}

static enum fw_gs1_result give_sgtin(struct fw_label *ret, const struct keys *keys)
{
    char *at = ret->value;
    ret->kind = FW_LABEL_SGTIN;
    memcpy(at, keys->gtin.data, GTIN_DIGITS);
    at[GTIN_DIGITS] = '.';
    memcpy(at + GTIN_DIGITS + 1, keys->serial.data, keys->serial.size);
    at[GTIN_DIGITS + 1 + keys->serial.size] = '\0';
    return FW_GS1_KEY;
}

static enum fw_gs1_result choose(const struct keys *keys, struct fw_label *ret)
{
    if (keys->grai.data != NULL) /* the key is the 13 digits behind the 0 */
        return give(ret, FW_LABEL_GRAI, (struct field){ keys->grai.data + 1, keys->grai.size - 1 });
    if (keys->giai.data != NULL)
        return give(ret, FW_LABEL_GIAI, keys->giai);
    if (keys->gtin.data != NULL && keys->serial.data != NULL)
        return give_sgtin(ret, keys);
    if (keys->sscc.data != NULL)
        return give(ret, FW_LABEL_SSCC, keys->sscc);
    if (keys->gtin.data != NULL)
        return give(ret, FW_LABEL_GTIN, keys->gtin);
    if (keys->gln.data != NULL)
        return give(ret, FW_LABEL_GLN, keys->gln);
    return FW_GS1_NO_KEY;
}

enum fw_gs1_result fw_gs1_parse(const uint8_t *text, size_t size, bool bracketed,
                                struct fw_label *ret)
{
    struct keys keys = { 0 };
    struct rest rest = { text, size };
    if (rest.size > 0 && rest.at[0] == GS)
        skip(&rest, 1);
    for (int i = 0; rest.size > 0; i++) {
        if (i == FIELDS_MAX)
            return FW_GS1_NO_KEY;
        enum fw_gs1_result result = bracketed ? take_bracketed(&rest, &keys)
                                              : take_element(&rest, &keys);
        if (result != FW_GS1_KEY)
            return result;
    }
    return are_sound(&keys) ? choose(&keys, ret) : FW_GS1_DAMAGED;
}

enum fw_gs1_result fw_gs1_parse_ean(const uint8_t *text, size_t size, struct fw_label *ret)
{
    if ((size != 8 && size != 12 && size != 13) || !are_digits(text, size))
        return FW_GS1_NO_KEY;
    if (!is_checked(text, size))
        return FW_GS1_DAMAGED;
    uint8_t gtin[GTIN_DIGITS]; /* leading zeros do not change the check digit */
    memset(gtin, '0', sizeof(gtin));
    memcpy(gtin + GTIN_DIGITS - size, text, size);
    return give(ret, FW_LABEL_GTIN, (struct field){ gtin, GTIN_DIGITS });
}
