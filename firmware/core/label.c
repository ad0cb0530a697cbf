/* Labels (label.h): an AIM identifier is taken off, then our own form is tried, then GS1; all other
 * bytes are text. */
#include "core/label.h"

#include <stdbool.h>
#include <string.h>

#include "core/gs1.h"

#define AIM_SIZE 3
#define MODULUS 37
#define OWN_FRAME 7      /* characters around the value: "LS:P:" and ":<check>" */
#define OWN_VALUE_AT 5   /* behind "LS:P:" */
#define NOT_ALPHABET 255 /* for a character that has no value */

enum own_result {
    OWN_RIGHT = 0,
    OWN_DAMAGED = 1,
    OWN_NOT = 2, /* not our own form */
};

static bool is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

static bool is_alphanumeric(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || is_upper(byte) || (byte >= 'a' && byte <= 'z');
}

/* Value of a character in ISO/IEC 7064, where the rules count - as 36. */
static uint32_t decode_char(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return (uint32_t)byte - '0';
    if (is_upper(byte))
        return (uint32_t)byte - 'A' + 10;
    return byte == '-' ? 36 : NOT_ALPHABET;
}

static bool is_own_letter(char letter)
{
    return letter != '\0' && strchr(FW_LABEL_OWN_LETTERS, letter) != NULL;
}

char fw_label_check_char(char letter, const char *value, size_t size)
{
    if (!is_own_letter(letter) || size == 0 || size > FW_LABEL_OWN_VALUE_MAX)
        return '\0';
    uint32_t product = decode_char((uint8_t)letter) * 2 % MODULUS;
    for (size_t i = 0; i < size; i++) {
        uint32_t number = decode_char((uint8_t)value[i]);
        if (number == NOT_ALPHABET)
            return '\0';
        product = (product + number) * 2 % MODULUS;
    }
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"[(MODULUS + 1 - product) % MODULUS];
}

/* LS:<letter>:<value>:<check>, rules/devices.md 3.3. */
static enum own_result parse_own(const uint8_t *text, size_t size, struct fw_label *ret)
{
    if (size <= OWN_FRAME || size > OWN_FRAME + FW_LABEL_OWN_VALUE_MAX ||
        memcmp(text, "LS:", 3) != 0 || text[4] != ':' || text[size - 2] != ':')
        return OWN_NOT;
    const char *value = (const char *)text + OWN_VALUE_AT;
    size_t value_size = size - OWN_FRAME;
    char check = fw_label_check_char((char)text[3], value, value_size);
    if (check == '\0')
        return OWN_NOT;
    if ((char)text[size - 1] != check)
        return OWN_DAMAGED;
    const char *letter = strchr(FW_LABEL_OWN_LETTERS, text[3]);
    ret->kind = (enum fw_label_type)(letter - FW_LABEL_OWN_LETTERS);
    memcpy(ret->value, value, value_size);
    ret->value[value_size] = '\0';
    return OWN_RIGHT;
}

/* The bytes as they were read, for the service to judge (rules/devices.md 3.4). */
static void give_text(const uint8_t *text, size_t size, enum fw_label_type kind,
                      struct fw_label *ret)
{
    size_t count = size < FW_LABEL_VALUE_SIZE - 1 ? size : FW_LABEL_VALUE_SIZE - 1;
    for (size_t i = 0; i < count; i++)
        ret->value[i] = text[i] >= ' ' && text[i] <= '~' ? (char)text[i] : '?';
    ret->value[count] = '\0';
    ret->kind = kind;
}

static bool is_one_of(const char *symbology, const char *list)
{
    for (const char *at = list; *at != '\0'; at += AIM_SIZE) {
        if (memcmp(symbology, at, AIM_SIZE) == 0)
            return true;
    }
    return false;
}

static enum fw_gs1_result parse_gs1(const uint8_t *text, size_t size, struct fw_label *ret)
{
    if (size > 0 && text[0] == '(')
        return fw_gs1_parse(text, size, true, ret);
    if (ret->symbology[0] == '\0')
        return FW_GS1_NO_KEY;
    if (is_one_of(ret->symbology, "]E0]E4"))
        return fw_gs1_parse_ean(text, size, ret);
    if (is_one_of(ret->symbology, "]C1]e0]d2]Q3"))
        return fw_gs1_parse(text, size, false, ret);
    return FW_GS1_NO_KEY;
}

void fw_label_parse(const uint8_t *line, size_t size, struct fw_label *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (size >= AIM_SIZE && line[0] == ']' && is_alphanumeric(line[2]) &&
        is_alphanumeric(line[1]) && line[1] > '9') {
        memcpy(ret->symbology, line, AIM_SIZE);
        line += AIM_SIZE;
        size -= AIM_SIZE;
    }
    enum own_result own = parse_own(line, size, ret);
    if (own == OWN_RIGHT)
        return;
    if (own == OWN_DAMAGED) {
        give_text(line, size, FW_LABEL_DAMAGED, ret);
        return;
    }
    switch (parse_gs1(line, size, ret)) {
    case FW_GS1_KEY:
        return;
    case FW_GS1_NO_KEY:
        give_text(line, size, FW_LABEL_TEXT, ret);
        return;
    case FW_GS1_DAMAGED:
        give_text(line, size, FW_LABEL_DAMAGED, ret);
        return;
    }
}
