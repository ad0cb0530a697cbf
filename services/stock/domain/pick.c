/* Walks along the shelf. Pure; see pick.h. */
#include "stock/domain/pick.h"

#include <string.h>

#define DIGITS "0123456789"

/* Numbers without sign, of any length: the longer one is higher. Both move behind what was read. */
static int compare_numbers(const char **one, const char **other)
{
    *one += strspn(*one, "0");
    *other += strspn(*other, "0");
    const size_t one_digits = strspn(*one, DIGITS), other_digits = strspn(*other, DIGITS);
    if (one_digits != other_digits)
        return one_digits < other_digits ? -1 : 1;
    const int order = strncmp(*one, *other, one_digits);
    *one += one_digits;
    *other += other_digits;
    return order;
}

static bool is_digit(char sign)
{
    return sign >= '0' && sign <= '9';
}

int pick_compare_bins(const char *one, const char *other)
{
    const char *left = one, *right = other;
    while (*left != '\0' && *right != '\0') { /* each round moves both */
        int order = 0;
        if (is_digit(*left) && is_digit(*right))
            order = compare_numbers(&left, &right);
        else
            order = *left++ - *right++;
        if (order != 0)
            return order;
    }
    if (*left != *right)
        return *left == '\0' ? -1 : 1;
    return strcmp(one, other); /* are two bins */
}

void pick_sort_units(struct pick *pick)
{
    for (size_t i = 1; i < pick->unit_count; i++) {
        const struct pick_unit unit = pick->units[i];
        size_t at = i;
        for (; at > 0 && pick_compare_bins(pick->units[at - 1].bin, unit.bin) > 0; at--)
            pick->units[at] = pick->units[at - 1];
        pick->units[at] = unit;
    }
}

static bool comes_later(const struct pick *one, const struct pick *other)
{
    if (one->unit_count == 0 || other->unit_count == 0)
        return one->unit_count == 0 && other->unit_count > 0;
    return pick_compare_bins(one->units[0].bin, other->units[0].bin) > 0;
}

void pick_tour(struct pick **picks, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct pick *pick = picks[i];
        size_t at = i;
        for (; at > 0 && comes_later(picks[at - 1], pick); at--)
            picks[at] = picks[at - 1];
        picks[at] = pick;
    }
}

const struct pick *pick_find_older(const struct pick *picks, size_t index)
{
    const struct product_id product = picks[index].reservation.product;
    for (size_t i = index; i > 0; i--) {
        if (picks[i - 1].reservation.product.v == product.v)
            return &picks[i - 1];
    }
    return NULL;
}
