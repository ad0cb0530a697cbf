/* Our own labels, and which form a text has. Pure; see label.h. */
#include "stock/domain/label.h"

#include <string.h>

#include "kit/base/check.h"

#define AIM_LENGTH 3
#define OWN_VALUE_MAX 24
#define OWN_AROUND 7 /* characters that are not the value: "LS:P:" and ":A" */

/* The letter of each kind of our own, and what its value and check character are made of. */
static const char LETTERS[] = {
    [LABEL_KIND_PRODUCT] = 'P', [LABEL_KIND_ASSET] = 'A', [LABEL_KIND_BIN] = 'B',
    [LABEL_KIND_TOTE] = 'T',    [LABEL_KIND_ORDER] = 'O', [LABEL_KIND_COMPARTMENT] = 'C',
    [LABEL_KIND_COMMAND] = 'X',
};
static const char SIGNS[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"; /* their place is their worth */
static const char CHECKS[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
#define MODULUS 37

/* ISO/IEC 7064 MOD 37-2: the whole, check character included, leaves 1. */
static char check_char(char letter, const char *value, size_t length)
{
    size_t sum = (size_t)(strchr(SIGNS, letter) - SIGNS) * 2 % MODULUS;
    for (size_t i = 0; i < length; i++)
        sum = (sum + (size_t)(strchr(SIGNS, value[i]) - SIGNS)) * 2 % MODULUS;
    return CHECKS[(MODULUS + 1 - sum) % MODULUS];
}

static bool find_kind(char letter, enum label_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof(LETTERS); i++) {
        if (LETTERS[i] == letter) {
            *ret_kind = (enum label_kind)i;
            return true;
        }
    }
    return false;
}

/* LS:<letter>:<value>:<check> */
static enum label_outcome read_own(const char *text, struct label *ret)
{
    enum label_kind kind = LABEL_KIND_TEXT;
    const size_t length = strlen(text);
    if (length <= OWN_AROUND || length > OWN_AROUND + OWN_VALUE_MAX ||
        strncmp(text, "LS:", 3) != 0 || text[4] != ':' || !find_kind(text[3], &kind))
        return LABEL_OTHER;
    const char *value = text + 5;
    const size_t count = length - OWN_AROUND;
    if (strspn(value, SIGNS) != count || value[count] != ':')
        return LABEL_OTHER;
    if (value[count + 1] != check_char(text[3], value, count))
        return LABEL_DAMAGED;
    ret->kind = kind;
    memcpy(ret->value, value, count);
    ret->value[count] = '\0';
    return LABEL_READ;
}

static bool is_letter(char sign)
{
    return (sign >= 'A' && sign <= 'Z') || (sign >= 'a' && sign <= 'z');
}

static bool has_aim(const char *text)
{
    return text[0] == ']' && is_letter(text[1]) &&
           (is_letter(text[2]) || (text[2] >= '0' && text[2] <= '9'));
}

static bool is_one_of(const char *aim, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strncmp(aim, *list, AIM_LENGTH) == 0)
            return true;
    }
    return false;
}

/* @aim: the identifier; "": there is none. */
static enum label_outcome read_foreign(const char *aim, const char *text, struct label *ret)
{
    static const char *const eans[] = { "]E0", "]E4", NULL };
    static const char *const gs1s[] = { "]C1", "]e0", "]d2", "]Q3", NULL };
    if (text[0] == '(')
        return label_read_gs1(text, true, ret);
    if (is_one_of(aim, eans))
        return label_read_ean(text, ret);
    return is_one_of(aim, gs1s) ? label_read_gs1(text, false, ret) : LABEL_OTHER;
}

/* As it was read, for people (rules/devices.md 3.4). */
static void keep_text(const char *text, enum label_kind kind, struct label *ret)
{
    size_t length = 0;
    for (; length < sizeof(ret->value) - 1 && text[length] != '\0'; length++)
        ret->value[length] = text[length] >= ' ' && text[length] <= '~' ? text[length] : '?';
    ret->value[length] = '\0';
    ret->kind = kind;
}

void label_read(const char *text, struct label *ret)
{
    const bool is_named = has_aim(text);
    const char *aim = is_named ? text : "";
    text += is_named ? AIM_LENGTH : 0;
    enum label_outcome outcome = read_own(text, ret);
    if (outcome == LABEL_OTHER)
        outcome = read_foreign(aim, text, ret);
    switch (outcome) {
    case LABEL_READ:
        return;
    case LABEL_OTHER:
        keep_text(text, LABEL_KIND_TEXT, ret);
        return;
    case LABEL_DAMAGED:
        keep_text(text, LABEL_KIND_DAMAGED, ret);
        return;
    }
    UNREACHABLE("outcome of a label");
}
