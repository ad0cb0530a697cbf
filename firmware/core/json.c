/* Reading and writing by tables (core/json.h). The first pass over a text checks it, the second
 * writes the struct, so that a struct is never half right. Strings are read character by character,
 * without a buffer. Recursion is as deep as the schema (FW_JSON_DEPTH_MAX), never as deep as the
 * text. Source: RFC 8259, RFC 3629, RFC 7493. */
#include "core/json.h"

#include <string.h>

#include "port/check.h"

#define INT_MAX_DIGITS 16                  /* of 2^53-1, the highest that a schema may name */
#define CHARACTER_END UINT32_C(0xFFFFFFFF) /* the closing quote */
#define CHARACTER_BAD UINT32_C(0xFFFFFFFE)

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

static int peek(const struct reader *in)
{
    return in->at < in->end ? *in->at : -1;
}

static void skip_space(struct reader *in)
{
    while (in->at < in->end &&
           (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

/* Reads that character and the white space around it. false: another character is next. */
static bool take(struct reader *in, char c)
{
    skip_space(in);
    if (peek(in) != c)
        return false;
    in->at++;
    skip_space(in);
    return true;
}

/* in->at is at the lead byte. The range of the second byte, from the table of well-formed UTF-8,
 * keeps out overlong forms, surrogates and values above U+10FFFF. */
static uint32_t read_utf8(struct reader *in)
{
    uint8_t lead = *in->at;
    size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || size > (size_t)(in->end - in->at))
        return CHARACTER_BAD;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (in->at[1] < low || in->at[1] > high)
        return CHARACTER_BAD;
    uint32_t c = lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((in->at[i] & 0xC0U) != 0x80U)
            return CHARACTER_BAD;
        c = c << 6 | (in->at[i] & 0x3FU);
    }
    in->at += size;
    return c;
}

static int decode_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits after \u. */
static uint32_t read_hex4(struct reader *in)
{
    uint32_t value = 0;
    if (in->end - in->at < 4)
        return CHARACTER_BAD;
    for (size_t i = 0; i < 4; i++) {
        int digit = decode_hex_digit(*in->at++);
        if (digit < 0)
            return CHARACTER_BAD;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

static uint32_t read_unicode_escape(struct reader *in)
{
    uint32_t unit = read_hex4(in);
    if (unit == CHARACTER_BAD || unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return CHARACTER_BAD;
    if (unit < 0xD800 || unit > 0xDBFF)
        return unit;
    if (in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u')
        return CHARACTER_BAD;
    in->at += 2;
    uint32_t low = read_hex4(in);
    if (low == CHARACTER_BAD || low < 0xDC00 || low > 0xDFFF)
        return CHARACTER_BAD;
    return 0x10000U + ((unit - 0xD800U) << 10) + (low - 0xDC00U);
}

static uint32_t read_escape(struct reader *in)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int c = peek(in);
    if (c <= 0)
        return CHARACTER_BAD;
    in->at++;
    if (c == 'u')
        return read_unicode_escape(in);
    const char *letter = strchr(letters, c);
    return letter == NULL ? CHARACTER_BAD : (uint32_t)(uint8_t)meanings[letter - letters];
}

/* The next character of a string whose opening quote was taken. */
static uint32_t read_character(struct reader *in)
{
    int c = peek(in);
    if (c < 0x20)
        return CHARACTER_BAD; /* the end of the text, or a control character */
    if (c >= 0x80)
        return read_utf8(in);
    in->at++;
    if (c == '"')
        return CHARACTER_END;
    return c == '\\' ? read_escape(in) : (uint32_t)c;
}

/* Reads a key, or a text of an enum. false: no ASCII word shorter than FW_JSON_KEY_SIZE; no key and
 * no text of a schema is longer. */
static bool read_word(struct reader *in, char ret_word[FW_JSON_KEY_SIZE])
{
    size_t size = 0;
    if (peek(in) != '"')
        return false;
    in->at++;
    for (;;) {
        uint32_t c = read_character(in);
        if (c == CHARACTER_END)
            break;
        if (c >= 0x80 || size + 1 == FW_JSON_KEY_SIZE)
            return false;
        ret_word[size++] = (char)c;
    }
    ret_word[size] = '\0';
    return true;
}

static bool read_int(struct reader *in, int64_t *ret_value)
{
    bool is_negative = peek(in) == '-';
    if (is_negative)
        in->at++;
    const uint8_t *start = in->at;
    int64_t value = 0;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
        if (in->at - start == INT_MAX_DIGITS)
            return false;
        value = value * 10 + (*in->at++ - '0');
    }
    if (in->at == start || (in->at - start > 1 && *start == '0'))
        return false;
    *ret_value = is_negative ? -value : value;
    return true;
}

/* How far a pattern has matched. Each atom takes as many characters as possible: the generator lets
 * through only patterns for which that is right. */
struct match {
    const struct fw_json_atom *atom; /* NULL: any text matches */
    uint32_t count;
};

static bool take_match(struct match *match, uint32_t c)
{
    if (match->atom == NULL)
        return true;
    for (; match->atom->max > 0; match->atom++, match->count = 0) {
        if (match->count < match->atom->max && c < 128 &&
            (match->atom->bits[c >> 5] >> (c & 31U) & 1U) != 0) {
            match->count++;
            return true;
        }
        if (match->count < match->atom->min)
            return false;
    }
    return false;
}

static bool end_match(struct match *match)
{
    if (match->atom == NULL)
        return true;
    for (; match->atom->max > 0; match->atom++, match->count = 0) {
        if (match->count < match->atom->min)
            return false;
    }
    return true;
}

static size_t put_utf8(uint32_t c, char ret_bytes[4])
{
    static const uint8_t leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    if (c < 0x80) {
        ret_bytes[0] = (char)c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        ret_bytes[i] = (char)(0x80U | (c & 0x3FU));
        c >>= 6;
    }
    ret_bytes[0] = (char)(leads[size] | c);
    return size;
}

/* ret: member->size_bytes, or NULL. */
static bool read_text(struct reader *in, const struct fw_json_member *member, char *ret)
{
    struct match match = { .atom = member->detail };
    int64_t count = 0;
    size_t size = 0;
    if (peek(in) != '"')
        return false;
    in->at++;
    for (;;) {
        char bytes[4];
        uint32_t c = read_character(in);
        if (c == CHARACTER_END)
            break;
        if (c == CHARACTER_BAD || count == member->max || !take_match(&match, c))
            return false;
        size_t bytes_size = put_utf8(c, bytes);
        FW_CHECK(size + bytes_size < member->size_bytes);
        if (ret != NULL)
            memcpy(ret + size, bytes, bytes_size);
        size += bytes_size;
        count++;
    }
    return count >= member->min && end_match(&match);
}

/* A field has the size that the compiler gave it: an enum may be one byte on a small machine. */
static void put_field(void *field, size_t size_bytes, int64_t value)
{
    if (size_bytes == 1) {
        *(uint8_t *)field = (uint8_t)value;
    } else if (size_bytes == 2) {
        *(uint16_t *)field = (uint16_t)value;
    } else if (size_bytes == 4) {
        *(int32_t *)field = (int32_t)value;
    } else {
        FW_CHECK(size_bytes == 8);
        *(int64_t *)field = value;
    }
}

static int64_t get_field(const void *field, size_t size_bytes)
{
    if (size_bytes == 1)
        return *(const uint8_t *)field;
    if (size_bytes == 2)
        return *(const uint16_t *)field;
    if (size_bytes == 4)
        return *(const int32_t *)field;
    FW_CHECK(size_bytes == 8);
    return *(const int64_t *)field;
}

static bool decode_int(struct reader *in, const struct fw_json_member *member, void *ret)
{
    int64_t value;
    if (!read_int(in, &value) || value < member->min || value > member->max)
        return false;
    if (ret != NULL)
        put_field(ret, member->size_bytes, value);
    return true;
}

static bool decode_enum(struct reader *in, const struct fw_json_member *member, void *ret)
{
    char word[FW_JSON_KEY_SIZE];
    const char *text = member->detail;
    if (!read_word(in, word))
        return false;
    for (int64_t i = 0; i < member->max; i++) {
        if (strcmp(text, word) == 0) {
            if (ret != NULL)
                put_field(ret, member->size_bytes, i);
            return true;
        }
        text += strlen(text) + 1;
    }
    return false;
}

static bool decode_object(struct reader *in, const struct fw_json_shape *shape, char *ret);

static bool decode_array(struct reader *in, const struct fw_json_member *member, char *object)
{
    const struct fw_json_shape *shape = member->detail;
    size_t count = 0;
    if (!take(in, '['))
        return false;
    if (!take(in, ']')) {
        do {
            char *item = object == NULL ? NULL
                                        : object + member->offset + count * shape->size_bytes;
            if (count == (size_t)member->max || !decode_object(in, shape, item))
                return false;
            count++;
        } while (take(in, ','));
        if (!take(in, ']'))
            return false;
    }
    if (object != NULL)
        memcpy(object + member->count_offset, &count, sizeof(count));
    return true;
}

static bool decode_value(struct reader *in, const struct fw_json_member *member, char *object)
{
    char *field = object == NULL ? NULL : object + member->offset;
    switch ((enum fw_json_kind)member->kind) {
    case FW_JSON_INT:
        return decode_int(in, member, field);
    case FW_JSON_TEXT:
        return read_text(in, member, field);
    case FW_JSON_ENUM:
        return decode_enum(in, member, field);
    case FW_JSON_ARRAY:
        return decode_array(in, member, object);
    }
    FW_UNREACHABLE();
}

static bool decode_member(struct reader *in, const struct fw_json_shape *shape, char *object,
                          uint32_t *seen)
{
    char key[FW_JSON_KEY_SIZE];
    if (!read_word(in, key) || !take(in, ':'))
        return false;
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct fw_json_member *member = &shape->members[i];
        if (strcmp(member->key, key) != 0)
            continue;
        if ((*seen >> i & 1U) != 0 || !decode_value(in, member, object))
            return false;
        *seen |= UINT32_C(1) << i;
        if (object != NULL && member->has_offset != FW_JSON_REQUIRED)
            *(bool *)(object + member->has_offset) = true;
        return true;
    }
    return false;
}

/* object: zeroed; NULL: the text is only checked. */
static bool decode_object(struct reader *in, const struct fw_json_shape *shape, char *object)
{
    uint32_t seen = 0;
    FW_CHECK(shape->member_count <= FW_JSON_MEMBERS_MAX); /* the generator checks it */
    if (!take(in, '{'))
        return false;
    if (!take(in, '}')) {
        do {
            if (!decode_member(in, shape, object, &seen))
                return false;
        } while (take(in, ','));
        if (!take(in, '}'))
            return false;
    }
    return (shape->required & ~seen) == 0;
}

int fw_json_decode(const struct fw_json_shape *shape, const char *text, size_t size, void *ret)
{
    struct reader in = { .at = (const uint8_t *)text, .end = (const uint8_t *)text + size };
    if (!decode_object(&in, shape, NULL) || in.at != in.end)
        return FW_E_INVALID;
    in.at = (const uint8_t *)text;
    memset(ret, 0, shape->size_bytes);
    FW_CHECK(decode_object(&in, shape, ret));
    return FW_OK;
}

const char *fw_json_text_at(const char *texts, unsigned int index)
{
    for (; index > 0; index--)
        texts += strlen(texts) + 1;
    return texts;
}

static void encode_object(const struct fw_json_shape *shape, const char *object,
                          struct fw_json_out *out);

static void encode_array(const struct fw_json_member *member, const char *object,
                         struct fw_json_out *out)
{
    const struct fw_json_shape *shape = member->detail;
    size_t count;
    memcpy(&count, object + member->count_offset, sizeof(count));
    FW_CHECK(count <= (size_t)member->max);
    fw_json_out_add(out, "[", 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fw_json_out_add(out, ",", 1);
        encode_object(shape, object + member->offset + i * shape->size_bytes, out);
    }
    fw_json_out_add(out, "]", 1);
}

static void encode_value(const struct fw_json_member *member, const char *object,
                         struct fw_json_out *out)
{
    const char *field = object + member->offset;
    int64_t value;
    switch ((enum fw_json_kind)member->kind) {
    case FW_JSON_INT:
        value = get_field(field, member->size_bytes);
        FW_CHECK(value >= member->min && value <= member->max);
        fw_json_out_add_int(out, value);
        return;
    case FW_JSON_TEXT:
        fw_json_out_add_quoted(out, field);
        return;
    case FW_JSON_ENUM:
        value = get_field(field, member->size_bytes);
        FW_CHECK(value >= 0 && value < member->max);
        fw_json_out_add_quoted(out, fw_json_text_at(member->detail, (unsigned int)value));
        return;
    case FW_JSON_ARRAY:
        encode_array(member, object, out);
        return;
    }
    FW_UNREACHABLE();
}

static void encode_object(const struct fw_json_shape *shape, const char *object,
                          struct fw_json_out *out)
{
    char before = '{';
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct fw_json_member *member = &shape->members[i];
        if (member->has_offset != FW_JSON_REQUIRED && !*(const bool *)(object + member->has_offset))
            continue;
        fw_json_out_add(out, &before, 1);
        before = ',';
        fw_json_out_add_quoted(out, member->key);
        fw_json_out_add(out, ":", 1);
        encode_value(member, object, out);
    }
    if (before == '{')
        fw_json_out_add(out, "{", 1);
    fw_json_out_add(out, "}", 1);
}

int fw_json_encode(const struct fw_json_shape *shape, const void *in, char *buf, size_t size_max)
{
    struct fw_json_out out;
    fw_json_out_init(&out, buf, size_max);
    encode_object(shape, in, &out);
    return fw_json_out_size(&out);
}
