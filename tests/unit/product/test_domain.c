/* The catalogue's decisions: every mix of a name and of stock's news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
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
        struct product_wish wish = { .has_name = row->name != NULL };
        if (wish.has_name)
            kit_text_copy(wish.name, sizeof(wish.name), row->name);
        enum product_effect effect = product_decide_update(
            &product, row->name != NULL ? &wish : NULL, row->has_stock ? &row->stock : NULL,
            &after);
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

static void test_product_decide_update_size_and_gtin_are_part_of_the_entry(void **state)
{
    (void)state;
    const struct product product = product_make();
    const struct product_wish wish = {
        .has_size = true, .size = PRODUCT_SIZE_L, .has_gtin = true, .gtin = "04006381333931"
    };
    struct product after, again;
    assert_int_equal(product_decide_update(&product, &wish, NULL, &after), PRODUCT_SAVED);
    assert_int_equal(after.size, PRODUCT_SIZE_L);
    assert_string_equal(after.gtin, "04006381333931");
    assert_string_equal(after.name, "chair");
    assert_int_equal(after.version, 6);
    assert_int_equal(product_decide_update(&after, &wish, NULL, &again), PRODUCT_SAME);
}

/* 1.5: scans took the last piece. */
static void test_product_decide_update_quantity_zero_is_adopted(void **state)
{
    (void)state;
    const struct product product = product_make();
    const struct product_stock stock = { 0, 4, 0, 8 };
    struct product after;
    assert_int_equal(product_decide_update(&product, NULL, &stock, &after), PRODUCT_SAVED);
    assert_int_equal(after.registered_qty, 0);
    assert_int_equal(after.registration, 4);
}

/* 1.6 */
static void test_product_gtin_read_takes_every_length_and_checks_every_digit(void **state)
{
    static const struct {
        const char *digits, *gtin; /* gtin NULL: refused */
    } rows[] = {
        { "04006381333931", "04006381333931" },
        { "4006381333931", "04006381333931" },
        { "012345678905", "00012345678905" },
        { "96385074", "00000096385074" },
        { "00000000", "00000000000000" },
        { "04006381333932", NULL },
        { "4006381333932", NULL },
        { "400638133393", NULL }, /* its check digit cut off */
        { "0400638133393x", NULL },
        { "123456784", NULL }, /* nine, with a sum that is right */
        { "9638507", NULL },
        { "004006381333931", NULL }, /* fifteen */
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        char gtin[PRODUCT_GTIN_SIZE] = "untouched";
        assert_int_equal(product_gtin_read(rows[i].digits, gtin), rows[i].gtin != NULL);
        assert_string_equal(gtin, rows[i].gtin != NULL ? rows[i].gtin : "untouched");
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

static void test_product_is_like_words_in_either_case(void **state)
{
    static const struct {
        const char *name, *gtin, *text;
        bool is_like;
    } rows[] = {
        { "Laptop 14\"", "", "lap", true },
        { "Laptop 14\"", "", "TOP", true },
        { "Laptop 14\"", "", "14 laptop", true },
        { "Laptop 14\"", "", "laptop 15", false },
        { "Laptop 14\"", "", "  ", true },
        { "\xc3\x89"
          "cran",
          "",
          "\xc3\xa9"
          "CRAN",
          true },                                                             /* É, é */
        { "\xce\xa9mega", "", "\xcf\x89", true },                             /* Ω, ω */
        { "\xd0\xa1\xd1\x82\xd0\xbe\xd0\xbb", "", "\xd1\x81\xd1\x82", true }, /* Стол, ст */
        { "\xc3\x97 3", "", "\xc3\xb7", false },                              /* × is no letter */
        { "\xeb\x85\xb8\xed\x8a\xb8\xeb\xb6\x81", "", "\xed\x8a\xb8", true }, /* 노트북, 트 */
        { "Drill", "04006381333931", "4006381333931", true },
        { "Drill", "04006381333931", "04006381333931", true },
        { "Drill", "04006381333931", "006381333931", false },
        { "Drill", "04006381333931", "400638", false },
        { "Drill", "00000096385074", "96385074", true },
        { "Drill", "", "96385074", false },
    };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct product product = product_make();
        kit_text_copy(product.name, sizeof(product.name), rows[i].name);
        kit_text_copy(product.gtin, sizeof(product.gtin), rows[i].gtin);
        if (product_is_like(&product, rows[i].text) != rows[i].is_like)
            fail_msg("%s: %s", rows[i].name, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product_init_everything_is_available),
        cmocka_unit_test(test_product_init_longest_name_fits),
        cmocka_unit_test(test_product_decide_update_every_case),
        cmocka_unit_test(test_product_decide_update_size_and_gtin_are_part_of_the_entry),
        cmocka_unit_test(test_product_decide_update_quantity_zero_is_adopted),
        cmocka_unit_test(test_product_gtin_read_takes_every_length_and_checks_every_digit),
        cmocka_unit_test(test_product_is_like_words_in_either_case),
        cmocka_unit_test(test_product_decide_update_two_answers_order_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
