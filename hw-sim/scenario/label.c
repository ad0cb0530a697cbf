/* Printing labels; see label.h. */
#include "scenario/label.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

#define VALUE_CHARS_MAX 24
#define MODULUS 37
#define GTIN_DIGITS 14

static int get_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return c == '-' ? 36 : -1;
}

/* The pure system with radix 2: each step doubles what was, so that swapped neighbours show. */
char sim_label_check_char(const char *text)
{
    int sum = 0;

    for (; *text != '\0'; text++) {
        int value = get_value(*text);
        if (value < 0)
            return '\0';
        sum = (sum + value) * 2 % MODULUS;
    }
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"[(MODULUS + 1 - sum) % MODULUS];
}

static char get_letter(const char *kind)
{
    static const char *const kinds[] = { "product", "asset",       "bin",    "tote",
                                         "order",   "compartment", "command" };
    for (size_t i = 0; i < KIT_COUNT(kinds); i++) {
        if (strcmp(kinds[i], kind) == 0)
            return "PABTOCX"[i];
    }
    return '\0';
}

static bool print_gtin(const char *digits, char ret_label[SIM_LABEL_SIZE])
{
    if (strlen(digits) != GTIN_DIGITS || strspn(digits, "0123456789") != GTIN_DIGITS)
        return false;
    (void)snprintf(ret_label, SIM_LABEL_SIZE, "(01)%s", digits);
    return true;
}

bool sim_label_print(const char *kind, const char *value, char ret_label[SIM_LABEL_SIZE])
{
    char covered[VALUE_CHARS_MAX + 2];
    size_t size = strlen(value);
    char letter = get_letter(kind);

    if (strcmp(kind, "gtin") == 0)
        return print_gtin(value, ret_label);
    if (letter == '\0' || size == 0 || size > VALUE_CHARS_MAX)
        return false;
    (void)snprintf(covered, sizeof(covered), "%c%s", letter, value);
    char check = sim_label_check_char(covered);
    if (check == '\0')
        return false;
    (void)snprintf(ret_label, SIM_LABEL_SIZE, "LS:%c:%s:%c", letter, value, check);
    return true;
}
