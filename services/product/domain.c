/* The catalogue's decisions. Pure; see domain.h. */
#include "product/domain.h"

#include <string.h>

#include "kit/base/check.h"

static void name_copy(char ret_name[PRODUCT_NAME_SIZE], const char *name)
{
    size_t size = strlen(name);
    PRE(size > 0 && size < PRODUCT_NAME_SIZE);
    memcpy(ret_name, name, size + 1);
}

void product_init(struct product *ret_product, const char *name, int64_t registered_qty)
{
    PRE(registered_qty >= 0);
    *ret_product = (struct product){
        .registered_qty = registered_qty,
        .registration = 1,
        .version = 1,
        .available_qty = registered_qty,
        .tracking = TRACKING_BULK,
        .size = PRODUCT_SIZE_S,
    };
    name_copy(ret_product->name, name);
}

int64_t product_default_qty(enum tracking tracking)
{
    return tracking == TRACKING_BULK ? 10 : 0;
}

bool product_gtin_read(const char *digits, char ret_gtin[PRODUCT_GTIN_SIZE])
{
    const size_t full = PRODUCT_GTIN_SIZE - 1;
    const size_t length = strlen(digits);
    int sum = 0;

    if (length != 8 && (length < 12 || length > full))
        return false;
    for (size_t i = 0; i < length; i++) { /* from the right: 1, 3, 1, 3 ... */
        const char digit = digits[length - 1 - i];
        if (digit < '0' || digit > '9')
            return false;
        sum += (digit - '0') * (i % 2 == 0 ? 1 : 3);
    }
    if (sum % 10 != 0)
        return false;
    memmove(ret_gtin + full - length, digits, length + 1);
    memset(ret_gtin, '0', full - length);
    return true;
}

/* true: the entry is another one now. */
static bool wish_apply(struct product *product, const struct product_wish *wish)
{
    bool is_renamed = wish->has_name && strcmp(wish->name, product->name) != 0;
    bool is_resized = wish->has_size && wish->size != product->size;
    bool is_relabelled = wish->has_gtin && strcmp(wish->gtin, product->gtin) != 0;
    if (is_renamed)
        name_copy(product->name, wish->name);
    if (is_resized)
        product->size = wish->size;
    if (is_relabelled)
        memcpy(product->gtin, wish->gtin, sizeof(product->gtin));
    return is_renamed || is_resized || is_relabelled;
}

enum product_effect product_decide_update(const struct product *product,
                                          const struct product_wish *wish,
                                          const struct product_stock *stock,
                                          struct product *ret_product)
{
    PRE(product != ret_product);
    struct product after = *product;
    bool is_changed = wish != NULL && wish_apply(&after, wish);
    bool is_adopted = stock != NULL && stock->registration > product->registration;
    bool is_seen = stock != NULL && stock->version > product->stock_version;
    if (!is_changed && !is_adopted && !is_seen)
        return PRODUCT_SAME;

    if (is_seen) {
        after.available_qty = stock->available_qty;
        after.stock_version = stock->version;
    }
    if (is_adopted) {
        after.registered_qty = stock->registered_qty;
        after.registration = stock->registration;
    }
    after.version += is_changed || is_adopted ? 1 : 0;
    *ret_product = after;
    return is_changed || is_adopted ? PRODUCT_SAVED : PRODUCT_SEEN;
}

/* ---- looking for products ---- */

/* Letters of two bytes, whose small form is so many code points away. */
static const struct {
    unsigned first, last, distance;
} CAPITALS[] = {
    { 0x00c0, 0x00d6, 0x20 }, { 0x00d8, 0x00de, 0x20 }, /* Latin-1 */
    { 0x0391, 0x03a9, 0x20 },                           /* Greek */
    { 0x0400, 0x040f, 0x50 }, { 0x0410, 0x042f, 0x20 }, /* Cyrillic */
};

static unsigned small_of(unsigned letter)
{
    for (size_t i = 0; i < KIT_COUNT(CAPITALS); i++) {
        if (letter >= CAPITALS[i].first && letter <= CAPITALS[i].last)
            return letter + CAPITALS[i].distance;
    }
    return letter;
}

/* Writes a text with small letters; it keeps its length. */
static void fold(const char *text, char ret_folded[PRODUCT_NAME_SIZE])
{
    size_t i = 0;

    for (; text[i] != '\0' && i + 1 < PRODUCT_NAME_SIZE; i++) {
        const unsigned char first = (unsigned char)text[i], second = (unsigned char)text[i + 1];
        ret_folded[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (first < 0xc3 || first > 0xd0 || (second & 0xc0) != 0x80)
            continue;
        const unsigned letter = small_of((first & 0x1fU) << 6 | (second & 0x3fU));
        ret_folded[i++] = (char)(0xc0U | letter >> 6);
        ret_folded[i] = (char)(0x80U | (letter & 0x3fU));
    }
    ret_folded[i] = '\0';
}

bool product_is_like(const struct product *product, const char *text)
{
    char name[PRODUCT_NAME_SIZE], words[PRODUCT_NAME_SIZE], gtin[PRODUCT_GTIN_SIZE];

    if (product_gtin_read(text, gtin) && strcmp(gtin, product->gtin) == 0)
        return true;
    fold(product->name, name);
    fold(text, words);
    for (char *word = words; *word != '\0';) {
        const size_t length = strcspn(word, " ");
        const bool is_last = word[length] == '\0';
        word[length] = '\0';
        if (strstr(name, word) == NULL)
            return false;
        word += length + !is_last;
    }
    return true;
}
