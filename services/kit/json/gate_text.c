/* Strings, numbers and words of the gate.
 * Source: RFC 8259 (grammar), RFC 3629 table of well-formed UTF-8, RFC 7493 (no lone surrogates).
 */
#include "kit/json/gate_text.h"

#include <string.h>

bool kit_gate_text_word(struct kit_gate_text *in, const char *word)
{
    size_t size_bytes = strlen(word);
    if (in->size_bytes - in->at < size_bytes || memcmp(in->text + in->at, word, size_bytes) != 0)
        return false;
    in->at += size_bytes;
    return true;
}

/* Size of the well-formed UTF-8 character (not ASCII) at `bytes`, or 0. The second byte's range is
 * what keeps overlong forms, surrogates and values above U+10FFFF out. */
static size_t measure_utf8(const unsigned char *bytes, size_t available_bytes)
{
    unsigned char lead = bytes[0];
    size_t size_bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size_bytes == 0 || size_bytes > available_bytes)
        return 0;
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < size_bytes; i++) {
        if ((bytes[i] & 0xC0U) != 0x80U)
            return 0;
    }
    return size_bytes;
}

static int read_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits of \uXXXX, or -1. */
static int32_t read_hex4(const char *text, size_t available_bytes)
{
    int32_t value = 0;
    if (available_bytes < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = read_hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* in->at is at the backslash of \u. */
static const char *read_unicode_escape(struct kit_gate_text *in)
{
    const char *text = in->text + in->at;
    size_t available_bytes = in->size_bytes - in->at;
    int32_t unit = read_hex4(text + 2, available_bytes - 2);
    if (unit < 0)
        return "\\u must be followed by four hexadecimal digits";
    if (unit == 0)
        return "the character NUL is not allowed";
    if (is_low_surrogate(unit))
        return "half of a surrogate pair";
    if (!is_high_surrogate(unit)) {
        in->at += 6;
        return NULL;
    }
    if (available_bytes < 12 || text[6] != '\\' || text[7] != 'u' ||
        !is_low_surrogate(read_hex4(text + 8, 4)))
        return "half of a surrogate pair";
    in->at += 12;
    return NULL;
}

static const char *read_escape(struct kit_gate_text *in)
{
    if (in->size_bytes - in->at < 2)
        return "the text ends inside a string";
    char c = in->text[in->at + 1];
    if (c == 'u')
        return read_unicode_escape(in);
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
        return "unknown escape in a string";
    in->at += 2;
    return NULL;
}

/* The rare bytes of a string: escapes, beyond ASCII, and what is not allowed. */
static const char *read_special(struct kit_gate_text *in)
{
    unsigned char c = (unsigned char)in->text[in->at];
    if (c == '\\')
        return read_escape(in);
    if (c < 0x20)
        return "a control character must be escaped";
    size_t size_bytes = measure_utf8((const unsigned char *)in->text + in->at,
                                     in->size_bytes - in->at);
    if (size_bytes == 0)
        return "not valid UTF-8";
    in->at += size_bytes;
    return NULL;
}

const char *kit_gate_text_string(struct kit_gate_text *in)
{
    in->at++;
    while (in->at < in->size_bytes) {
        unsigned char c = (unsigned char)in->text[in->at];
        if (c == '"') {
            in->at++;
            return NULL;
        }
        if (c >= 0x20 && c < 0x80 && c != '\\') {
            in->at++;
            continue;
        }
        const char *fault = read_special(in);
        if (fault != NULL)
            return fault;
    }
    return "the text ends inside a string";
}

static size_t skip_digits(struct kit_gate_text *in)
{
    size_t start = in->at;
    while (in->at < in->size_bytes && in->text[in->at] >= '0' && in->text[in->at] <= '9')
        in->at++;
    return in->at - start;
}

/* Fraction and exponent, whose form is checked although they will be refused: "1.x" is no JSON. */
static const char *read_fraction(struct kit_gate_text *in)
{
    int c = kit_gate_text_peek(in);
    if (c == '.') {
        in->at++;
        if (skip_digits(in) == 0)
            return "a digit must follow the decimal point";
        c = kit_gate_text_peek(in);
    }
    if (c == 'e' || c == 'E') {
        in->at++;
        c = kit_gate_text_peek(in);
        if (c == '+' || c == '-')
            in->at++;
        if (skip_digits(in) == 0)
            return "a digit must follow the exponent";
    }
    return NULL;
}

const char *kit_gate_text_number(struct kit_gate_text *in, struct kit_gate_number *ret_number)
{
    if (in->text[in->at] == '-')
        in->at++;
    size_t start = in->at;
    size_t digit_count = skip_digits(in);
    if (digit_count == 0)
        return "a digit must follow the minus sign";
    if (digit_count > 1 && in->text[start] == '0')
        return "a number may not start with a zero";
    uint64_t magnitude = 0;
    for (size_t i = 0; i < digit_count && i < 18; i++)
        magnitude = magnitude * 10 + (uint64_t)(in->text[start + i] - '0');
    size_t end = in->at;
    const char *fault = read_fraction(in);
    if (fault != NULL)
        return fault;
    *ret_number = (struct kit_gate_number){ .is_integer = in->at == end,
                                            .digit_count = digit_count,
                                            .magnitude = magnitude };
    return NULL;
}

static size_t put_utf8(uint32_t code_point, char ret_bytes[4])
{
    if (code_point < 0x80) {
        ret_bytes[0] = (char)code_point;
        return 1;
    }
    size_t size_bytes = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = size_bytes - 1; i > 0; i--) {
        ret_bytes[i] = (char)(0x80U | (code_point & 0x3FU));
        code_point >>= 6;
    }
    ret_bytes[0] = (char)(leads[size_bytes] | code_point);
    return size_bytes;
}

size_t kit_gate_text_unescape(const char **from, char ret_bytes[4])
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *text = *from;
    if (text[0] != '\\') {
        *from = text + 1;
        ret_bytes[0] = text[0];
        return 1;
    }
    if (text[1] != 'u') {
        const char *letter = strchr(letters, text[1]);
        *from = text + 2;
        ret_bytes[0] = letter == NULL ? text[1] : meanings[letter - letters];
        return 1;
    }
    int32_t unit = read_hex4(text + 2, 4);
    if (!is_high_surrogate(unit)) {
        *from = text + 6;
        return put_utf8((uint32_t)unit, ret_bytes);
    }
    int32_t low = read_hex4(text + 8, 4);
    *from = text + 12;
    return put_utf8((uint32_t)(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)), ret_bytes);
}
