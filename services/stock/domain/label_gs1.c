/* GS1 element strings: one element after the other, each an application identifier and its data.
 * Pure; see label.h. Source: GS1 General Specifications, sections 3 and 7.8. */
#include <string.h>

#include "kit/base/check.h"
#include "stock/domain/label.h"

#define FNC1 '\x1d' /* GS, as scanners send it */
#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SIGNS_82 DIGITS LETTERS "!\"%&'()*+,-./:;<=>?_" /* figure 7.11-1 */

#define GTIN_DIGITS 14
#define GRAI_DIGITS 14 /* a 0 in front, 12 digits, the check digit */
#define GRAI_SERIAL_MAX 16

/* What the elements of a string may be about, the most exact key first; the serial is none. */
enum key {
    KEY_GRAI,
    KEY_GIAI,
    KEY_SGTIN, /* never read: a GTIN with a serial */
    KEY_SSCC,
    KEY_GTIN,
    KEY_GLN,
    KEY_SERIAL,
};
#define KEY_COUNT 7

/* Of a number all digits are known; of a text, how long it may be. */
static const struct {
    enum key key;
    const char *ai;
    size_t digits; /* 0: a text */
    size_t text_max;
} KNOWN[] = {
    { KEY_SSCC, "00", 18, 0 },   { KEY_GTIN, "01", GTIN_DIGITS, 0 },
    { KEY_SERIAL, "21", 0, 20 }, { KEY_GLN, "414", 13, 0 },
    { KEY_GLN, "415", 13, 0 },   { KEY_GRAI, "8003", GRAI_DIGITS, GRAI_SERIAL_MAX },
    { KEY_GIAI, "8004", 0, 30 },
};

/* Figures 3.2-1 and 7.8.5-2: what the first two digits of an identifier say about it. */
static const struct family {
    const char *first, *last;
    size_t ai_digits;
    size_t length; /* of the data; 0: up to the next FNC1 */
} FAMILIES[] = {
    { "00", "00", 2, 18 }, { "01", "03", 2, 14 }, { "04", "04", 2, 16 }, { "10", "10", 2, 0 },
    { "11", "19", 2, 6 },  { "20", "20", 2, 2 },  { "21", "22", 2, 0 },  { "23", "25", 3, 0 },
    { "30", "30", 2, 0 },  { "31", "36", 4, 6 },  { "37", "37", 2, 0 },  { "39", "39", 4, 0 },
    { "40", "40", 3, 0 },  { "41", "41", 3, 13 }, { "42", "42", 3, 0 },  { "43", "43", 4, 0 },
    { "70", "70", 4, 0 },  { "71", "71", 3, 0 },  { "72", "72", 4, 0 },  { "80", "82", 4, 0 },
    { "90", "99", 2, 0 },
};

/* A piece of the text; at NULL: there is none. */
struct piece {
    const char *at;
    size_t length;
};

static size_t count_digits(const char *text, size_t max)
{
    const size_t count = strspn(text, DIGITS);
    return count < max ? count : max;
}

static const struct family *find_family(const char *ai)
{
    if (count_digits(ai, 2) < 2)
        return NULL;
    for (size_t i = 0; i < KIT_COUNT(FAMILIES); i++) {
        if (strncmp(ai, FAMILIES[i].first, 2) >= 0 && strncmp(ai, FAMILIES[i].last, 2) <= 0)
            return &FAMILIES[i];
    }
    return NULL;
}

/* ---- one element ---- */

/* How many digits stand in brackets at the start; 0: no identifier does. */
static size_t count_bracketed(const char *text)
{
    if (text[0] != '(')
        return 0;
    const size_t digits = strspn(text + 1, DIGITS);
    return digits >= 2 && digits <= 4 && text[digits + 1] == ')' ? digits : 0;
}

/* "(21)A1(...": the data ends where the next identifier in brackets begins. */
static enum label_outcome take_bracketed(const char **text, struct piece *ret_ai,
                                         struct piece *ret_data)
{
    const size_t digits = count_bracketed(*text);
    const struct family *family = find_family(*text + 1);
    if (digits == 0 || family == NULL || family->ai_digits != digits)
        return LABEL_OTHER;
    *ret_ai = (struct piece){ *text + 1, digits };
    ret_data->at = *text + digits + 2;
    const char *end = ret_data->at;
    while (*end != '\0' && count_bracketed(end) == 0)
        end++;
    ret_data->length = (size_t)(end - ret_data->at);
    *text = end;
    return LABEL_READ;
}

/* "21A1<FNC1>": data of a known length needs no FNC1 behind it, but may have one. */
static enum label_outcome take_plain(const char **text, struct piece *ret_ai,
                                     struct piece *ret_data)
{
    const struct family *family = find_family(*text);
    if (family == NULL || count_digits(*text, family->ai_digits) < family->ai_digits)
        return LABEL_OTHER;
    *ret_ai = (struct piece){ *text, family->ai_digits };
    ret_data->at = *text + family->ai_digits;
    ret_data->length = strcspn(ret_data->at, "\x1d");
    if (ret_data->length < family->length)
        return LABEL_DAMAGED;
    if (family->length > 0)
        ret_data->length = family->length;
    *text = ret_data->at + ret_data->length;
    *text += **text == FNC1 ? 1 : 0;
    return LABEL_READ;
}

/* Of each key the first element counts. */
static void note(struct piece keys[KEY_COUNT], struct piece ai, struct piece data)
{
    for (size_t i = 0; i < KIT_COUNT(KNOWN); i++) {
        struct piece *key = &keys[KNOWN[i].key];
        if (strlen(KNOWN[i].ai) == ai.length && memcmp(KNOWN[i].ai, ai.at, ai.length) == 0 &&
            key->at == NULL)
            *key = data;
    }
}

/* ---- is it sound? ---- */

/* The last digit makes the sum, weighted 1, 3, 1 ... from the right, a multiple of 10. */
static bool is_number(const char *digits, size_t count)
{
    size_t sum = 0;
    if (count_digits(digits, count) < count)
        return false;
    for (size_t i = 0; i < count; i++)
        sum += (size_t)(digits[i] - '0') * ((count - i) % 2 == 1 ? 1 : 3);
    return sum % 10 == 0;
}

static bool is_text(struct piece piece, size_t max)
{
    return piece.length <= max && strspn(piece.at, SIGNS_82) >= piece.length;
}

static bool is_sound(struct piece piece, size_t digits, size_t text_max)
{
    if (digits == 0)
        return piece.length > 0 && is_text(piece, text_max);
    if (piece.length < digits || !is_number(piece.at, digits))
        return false;
    const struct piece rest = { piece.at + digits, piece.length - digits };
    return is_text(rest, text_max);
}

static bool are_sound(const struct piece keys[KEY_COUNT])
{
    for (size_t i = 0; i < KIT_COUNT(KNOWN); i++) {
        const struct piece *piece = &keys[KNOWN[i].key];
        if (piece->at != NULL && !is_sound(*piece, KNOWN[i].digits, KNOWN[i].text_max))
            return false;
    }
    const struct piece *grai = &keys[KEY_GRAI];
    return grai->at == NULL || grai->at[0] == '0';
}

/* ---- the key ---- */

static void add(struct label *label, struct piece piece)
{
    const size_t length = strlen(label->value);
    CHECK(length + piece.length < sizeof(label->value));
    memcpy(label->value + length, piece.at, piece.length);
    label->value[length + piece.length] = '\0';
}

/* The key without the 0 in front of a GRAI; a GTIN with its serial behind a point. */
static enum label_outcome give(const struct piece keys[KEY_COUNT], struct label *ret)
{
    static const enum label_kind kinds[KEY_SERIAL] = {
        [KEY_GRAI] = LABEL_KIND_GRAI, [KEY_GIAI] = LABEL_KIND_GIAI, [KEY_SGTIN] = LABEL_KIND_SGTIN,
        [KEY_SSCC] = LABEL_KIND_SSCC, [KEY_GTIN] = LABEL_KIND_GTIN, [KEY_GLN] = LABEL_KIND_GLN,
    };
    for (int key = 0; key < KEY_SERIAL; key++) {
        struct piece piece = keys[key];
        if (piece.at == NULL)
            continue;
        ret->kind = kinds[key];
        ret->value[0] = '\0';
        if (key == KEY_GRAI)
            piece = (struct piece){ piece.at + 1, piece.length - 1 };
        add(ret, piece);
        if (key == KEY_SGTIN) {
            add(ret, (struct piece){ ".", 1 });
            add(ret, keys[KEY_SERIAL]);
        }
        return LABEL_READ;
    }
    return LABEL_OTHER;
}

enum label_outcome label_read_gs1(const char *text, bool is_bracketed, struct label *ret)
{
    struct piece keys[KEY_COUNT] = { 0 };
    text += *text == FNC1 ? 1 : 0;
    while (*text != '\0') { /* each round takes two digits at least */
        struct piece ai = { 0 }, data = { 0 };
        enum label_outcome outcome = is_bracketed ? take_bracketed(&text, &ai, &data)
                                                  : take_plain(&text, &ai, &data);
        if (outcome != LABEL_READ)
            return outcome;
        note(keys, ai, data);
    }
    if (!are_sound(keys))
        return LABEL_DAMAGED;
    if (keys[KEY_SERIAL].at != NULL)
        keys[KEY_SGTIN] = keys[KEY_GTIN];
    return give(keys, ret);
}

enum label_outcome label_read_ean(const char *text, struct label *ret)
{
    const size_t length = strlen(text);
    if ((length != 8 && length != 12 && length != 13) || strspn(text, DIGITS) != length)
        return LABEL_OTHER;
    if (!is_number(text, length))
        return LABEL_DAMAGED;
    ret->kind = LABEL_KIND_GTIN;
    memset(ret->value, '0', GTIN_DIGITS);
    memcpy(ret->value + GTIN_DIGITS - length, text, length + 1);
    return LABEL_READ;
}
