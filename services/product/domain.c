/* The catalogue's decisions. Pure; see domain.h. */
#include "product/domain.h"

#include <stdbool.h>
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
    PRE(registered_qty > 0);
    *ret_product = (struct product){
        .registered_qty = registered_qty,
        .registration = 1,
        .version = 1,
        .available_qty = registered_qty,
    };
    name_copy(ret_product->name, name);
}

enum product_effect product_decide_update(const struct product *product, const char *name,
                                          const struct product_stock *stock,
                                          struct product *ret_product)
{
    PRE(product != ret_product);
    bool is_renamed = name != NULL && strcmp(name, product->name) != 0;
    bool is_adopted = stock != NULL && stock->registration > product->registration;
    bool is_seen = stock != NULL && stock->version > product->stock_version;
    if (!is_renamed && !is_adopted && !is_seen)
        return PRODUCT_SAME;

    *ret_product = *product;
    if (is_seen) {
        ret_product->available_qty = stock->available_qty;
        ret_product->stock_version = stock->version;
    }
    if (!is_renamed && !is_adopted)
        return PRODUCT_SEEN;

    if (is_renamed)
        name_copy(ret_product->name, name);
    if (is_adopted) {
        ret_product->registered_qty = stock->registered_qty;
        ret_product->registration = stock->registration;
    }
    ret_product->version++;
    return PRODUCT_SAVED;
}
