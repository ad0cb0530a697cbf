/* The catalogue's decisions: every mix of a name and of stock's news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "product/domain.h"

static struct product product_make(void)
{
    return (struct product){
        .id = { 4 },
        .name = "chair",
        .registered_qty = 10,
        .registration = 3,
        .version = 5,
        .available_qty = 8,
        .stock_version = 7,
    };
}

static void test_product_init_everything_is_available(void **state)
{
    (void)state;
    struct product product;
    product_init(&product, "table", 12);
    assert_string_equal(product.name, "table");
    assert_int_equal(product.id.v, 0);
    assert_int_equal(product.registered_qty, 12);
    assert_int_equal(product.available_qty, 12);
    assert_int_equal(product.registration, 1);
    assert_int_equal(product.version, 1);
    assert_int_equal(product.stock_version, 0);
}

static void test_product_init_longest_name_fits(void **state)
{
    (void)state;
    char name[PRODUCT_NAME_SIZE];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct product product;
    product_init(&product, name, 1);
    assert_string_equal(product.name, name);
}

struct update_case {
    const char *name; /* NULL: none */
    bool has_stock;
    struct product_stock stock; /* registered, registration, available, version */
    enum product_effect effect;
    const char *ret_name;
    int64_t ret_registered, ret_registration, ret_available, ret_stock_version, ret_version;
};

static const struct update_case CASES[] = {
    /* nothing said */
    { NULL, false, { 0 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    /* names: 2.1, 2.2 */
    { "sofa", false, { 0 }, PRODUCT_SAVED, "sofa", 10, 3, 8, 7, 6 },
    { "chair", false, { 0 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    { "Chair", false, { 0 }, PRODUCT_SAVED, "Chair", 10, 3, 8, 7, 6 },
    /* availability: 4.1 */
    { NULL, true, { 10, 3, 2, 8 }, PRODUCT_SEEN, "chair", 10, 3, 2, 8, 5 },
    { NULL, true, { 10, 3, 2, 7 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    { NULL, true, { 10, 3, 2, 1 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    /* a higher registration: 4.2, R1 */
    { NULL, true, { 20, 4, 18, 8 }, PRODUCT_SAVED, "chair", 20, 4, 18, 8, 6 },
    { "sofa", true, { 20, 4, 18, 8 }, PRODUCT_SAVED, "sofa", 20, 4, 18, 8, 6 },
    /* a higher registration in a stale version: only what is newer counts */
    { NULL, true, { 20, 4, 18, 6 }, PRODUCT_SAVED, "chair", 20, 4, 8, 7, 6 },
    /* not higher: 4.3, R3, R4 */
    { NULL, true, { 20, 3, 18, 7 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    { NULL, true, { 20, 2, 18, 7 }, PRODUCT_SAME, NULL, 0, 0, 0, 0, 0 },
    { "sofa", true, { 20, 2, 18, 7 }, PRODUCT_SAVED, "sofa", 10, 3, 8, 7, 6 },
    { "sofa", true, { 20, 2, 6, 8 }, PRODUCT_SAVED, "sofa", 10, 3, 6, 8, 6 },
};

static void test_product_decide_update_every_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(CASES); i++) {
        const struct update_case *row = &CASES[i];
        struct product product = product_make();
        struct product after = { .version = 4711 };
        enum product_effect effect = product_decide_update(
            &product, row->name, row->has_stock ? &row->stock : NULL, &after);
        assert_int_equal(effect, row->effect);
        if (effect == PRODUCT_SAME) {
            assert_int_equal(after.version, 4711); /* untouched */
            continue;
        }
        assert_string_equal(after.name, row->ret_name);
        assert_int_equal(after.id.v, 4);
        assert_int_equal(after.registered_qty, row->ret_registered);
        assert_int_equal(after.registration, row->ret_registration);
        assert_int_equal(after.available_qty, row->ret_available);
        assert_int_equal(after.stock_version, row->ret_stock_version);
        assert_int_equal(after.version, row->ret_version);
    }
}

/* R4: two answers in either order lead to the same entry. */
static void test_product_decide_update_two_answers_order_does_not_matter(void **state)
{
    (void)state;
    const struct product_stock first = { 20, 4, 18, 8 }, second = { 30, 5, 28, 9 };
    struct product product = product_make(), one, two, other;
    assert_int_equal(product_decide_update(&product, NULL, &first, &one), PRODUCT_SAVED);
    assert_int_equal(product_decide_update(&one, NULL, &second, &two), PRODUCT_SAVED);
    assert_int_equal(product_decide_update(&product, NULL, &second, &other), PRODUCT_SAVED);
    assert_int_equal(product_decide_update(&other, NULL, &first, &one), PRODUCT_SAME);
    assert_int_equal(two.registered_qty, other.registered_qty);
    assert_int_equal(two.available_qty, other.available_qty);
    assert_int_equal(two.registration, other.registration);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product_init_everything_is_available),
        cmocka_unit_test(test_product_init_longest_name_fits),
        cmocka_unit_test(test_product_decide_update_every_case),
        cmocka_unit_test(test_product_decide_update_two_answers_order_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
