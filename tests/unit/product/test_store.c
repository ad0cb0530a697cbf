/* The catalogue's tables on real SQLite: ids, pages, versions, and the CHECKs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakes/plans.h"
#include "product/store.h"
#include "unit/kit/refusals.h"

#define NOW_MS INT64_C(1700000000000)

struct fixture {
    char folder[64];
    char path[96];
    struct kit_db *db;
    struct product_store store;
    struct kit_error err;
};

static void database_open(struct fixture *fixture)
{
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(kit_db_open(&fixture->db, &port, product_migrations, PRODUCT_MIGRATION_COUNT,
                                 &fixture->err),
                     KIT_OK);
    assert_int_equal(kit_db_begin(fixture->db, &fixture->err), KIT_OK);
    assert_int_equal(product_store_open(&fixture->store, fixture->db, &fixture->err), KIT_OK);
}

static void database_close(struct fixture *fixture)
{
    product_store_close(&fixture->store);
    kit_db_close(fixture->db);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/product-store-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        return -1;
    snprintf(fixture->path, sizeof(fixture->path), "%s/product.db", fixture->folder);
    database_open(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    kit_db_rollback(fixture->db);
    database_close(fixture);
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < KIT_COUNT(suffixes); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s%s", fixture->path, suffixes[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static int64_t sql_int(struct fixture *fixture, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(kit_db_handle(fixture->db), sql, -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static struct product product_add(struct fixture *fixture, const char *name)
{
    struct product product;
    product_init(&product, name, 10);
    assert_int_equal(product_store_add(&fixture->store, &product, NOW_MS, &fixture->err), KIT_OK);
    return product;
}

static void test_product_store_add_ids_count_from_one(void **state)
{
    struct fixture *fixture = *state;
    for (int64_t id = 1; id <= 3; id++)
        assert_int_equal(product_add(fixture, "chair").id.v, id);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM product_history"), 3);
}

static void test_product_store_add_rolled_back_leaves_no_gap(void **state)
{
    struct fixture *fixture = *state;
    product_add(fixture, "chair");
    assert_int_equal(kit_db_savepoint(fixture->db, NULL), KIT_OK);
    assert_int_equal(product_add(fixture, "table").id.v, 2);
    assert_int_equal(kit_db_rollback_to(fixture->db, NULL), KIT_OK);
    assert_int_equal(product_add(fixture, "sofa").id.v, 2);
}

static void test_product_store_get_reads_back_unicode_name(void **state)
{
    struct fixture *fixture = *state;
    const char *name = "Stuhl <b>\"groß\"</b> 🪑 의자";
    product_add(fixture, name);
    struct product product;
    assert_int_equal(
        product_store_get(&fixture->store, (struct product_id){ 1 }, &product, &fixture->err),
        KIT_OK);
    assert_string_equal(product.name, name);
    assert_int_equal(product.registered_qty, 10);
    assert_int_equal(product.available_qty, 10);
    assert_int_equal(product.registration, 1);
    assert_int_equal(product.version, 1);
    assert_int_equal(product.stock_version, 0);
}

static void test_product_store_get_absent_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    struct product product = { .version = 4711 };
    assert_int_equal(
        product_store_get(&fixture->store, (struct product_id){ 42 }, &product, &fixture->err),
        KIT_E_NOT_FOUND);
    assert_non_null(strstr(fixture->err.text, "42"));
    assert_int_equal(product.version, 4711);
}

static void test_product_store_save_twice_from_same_version_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct product before = product_add(fixture, "chair");
    struct product after;
    const struct product_wish wish = { .has_name = true, .name = "sofa" };
    assert_int_equal(product_decide_update(&before, &wish, NULL, &after), PRODUCT_SAVED);
    assert_int_equal(product_store_save(&fixture->store, &before, &after, NOW_MS, NULL), KIT_OK);
    assert_int_equal(product_store_save(&fixture->store, &before, &after, NOW_MS, &fixture->err),
                     KIT_E_CONFLICT);
    assert_string_equal(fixture->err.text, "product 1 changed meanwhile");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM product_history"), 2);
}

static void test_product_store_save_availability_writes_no_history(void **state)
{
    struct fixture *fixture = *state;
    struct product before = product_add(fixture, "chair");
    const struct product_stock stock = { 10, 1, 4, 2 };
    struct product after;
    assert_int_equal(product_decide_update(&before, NULL, &stock, &after), PRODUCT_SEEN);
    assert_int_equal(product_store_save(&fixture->store, &before, &after, NOW_MS, NULL), KIT_OK);
    assert_int_equal(sql_int(fixture, "SELECT available_qty FROM product"), 4);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM product_history"), 1);
}

static void test_product_store_list_pages_are_in_id_order(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 7; i++)
        product_add(fixture, "chair");
    static const struct {
        int64_t page, size;
        size_t count;
        int64_t first_id;
    } pages[] = { { 0, 3, 3, 1 }, { 1, 3, 3, 4 },          { 2, 3, 1, 7 },
                  { 3, 3, 0, 0 }, { 1000000000, 7, 0, 0 }, { 0, 7, 7, 1 } };
    for (size_t i = 0; i < KIT_COUNT(pages); i++) {
        struct product products[7];
        struct kit_page page = { .number = pages[i].page, .size = pages[i].size, .count = 99 };
        assert_int_equal(product_store_list(&fixture->store, &page, products, &fixture->err),
                         KIT_OK);
        assert_int_equal(page.count, pages[i].count);
        assert_int_equal(page.total, 7);
        for (size_t k = 0; k < page.count; k++)
            assert_int_equal(products[k].id.v, pages[i].first_id + (int64_t)k);
    }
}

static void test_product_store_count_counts(void **state)
{
    struct fixture *fixture = *state;
    int64_t count = 99;
    assert_int_equal(product_store_count(&fixture->store, &count, NULL), KIT_OK);
    assert_int_equal(count, 0);
    product_add(fixture, "chair");
    product_add(fixture, "chair");
    assert_int_equal(product_store_count(&fixture->store, &count, NULL), KIT_OK);
    assert_int_equal(count, 2);
}

static void test_product_store_survives_closing(void **state)
{
    struct fixture *fixture = *state;
    product_add(fixture, "chair");
    assert_int_equal(kit_db_commit(fixture->db, NULL), KIT_OK);
    database_close(fixture);
    database_open(fixture);
    assert_int_equal(product_add(fixture, "sofa").id.v, 2);
}

/* A database of the first release, with a product that has a history. */
static void test_migration_2_keeps_products_and_history(void **state)
{
    struct fixture *fixture = *state;
    kit_db_rollback(fixture->db);
    database_close(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(kit_db_open(&fixture->db, &port, product_migrations, 1, &fixture->err),
                     KIT_OK);
    assert_int_equal(sqlite3_exec(kit_db_handle(fixture->db),
                                  "INSERT INTO product VALUES (1, 'chair', 12, 2, 3, 7, 5);"
                                  "INSERT INTO product_history VALUES (1, 3, 'chair', 12, 2, 0)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    kit_db_close(fixture->db);

    database_open(fixture);
    struct product product;
    assert_int_equal(
        product_store_get(&fixture->store, (struct product_id){ 1 }, &product, &fixture->err),
        KIT_OK);
    assert_string_equal(product.name, "chair");
    assert_int_equal(product.registered_qty, 12);
    assert_int_equal(product.version, 3);
    assert_int_equal(product.available_qty, 7);
    assert_int_equal(product.stock_version, 5);
    assert_int_equal(product.tracking, TRACKING_BULK);
    assert_int_equal(product.size, PRODUCT_SIZE_S);
    assert_string_equal(product.gtin, "");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM product_history"), 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(product_add(fixture, "sofa").id.v, 2);
}

/* What no code of ours may ever write: the tables refuse it. */
static const struct refusal REFUSALS[] = {
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 1, 1, '04006381333931')", NULL },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 2, 3, NULL)", NULL },
    { "INSERT INTO product VALUES (0, 'x', 10, 1, 1, 10, 0, 1, 1, NULL)", "id BETWEEN 1" },
    { "INSERT INTO product VALUES (2, '', 10, 1, 1, 10, 0, 1, 1, NULL)",
      "length(name) BETWEEN 1 AND 200" },
    { "INSERT INTO product VALUES (2, NULL, 10, 1, 1, 10, 0, 1, 1, NULL)",
      "NOT NULL constraint failed: product.name" },
    { "INSERT INTO product VALUES (2, 'x', -1, 1, 1, 10, 0, 1, 1, NULL)",
      "registered_qty BETWEEN 0 AND 1000000" },
    { "INSERT INTO product VALUES (2, 'x', 1000001, 1, 1, 10, 0, 1, 1, NULL)",
      "registered_qty BETWEEN 0 AND 1000000" },
    { "INSERT INTO product VALUES (2, 'x', 10, 0, 1, 10, 0, 1, 1, NULL)",
      "registration BETWEEN 1" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 0, 10, 0, 1, 1, NULL)",
      "failed: version BETWEEN 1" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, -1, 0, 1, 1, NULL)",
      "available_qty BETWEEN 0 AND 1000000" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, -1, 1, 1, NULL)",
      "stock_version BETWEEN 0" },
    { "INSERT INTO product VALUES (2, 'x', 'many', 1, 1, 10, 0, 1, 1, NULL)",
      "TEXT value in INTEGER column product.registered_qty" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 0, 1, NULL)",
      "tracking BETWEEN 1 AND 2" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 3, 1, NULL)",
      "tracking BETWEEN 1 AND 2" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 1, 0, NULL)", "size BETWEEN 1 AND 3" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 1, 4, NULL)", "size BETWEEN 1 AND 3" },
    { "INSERT INTO product VALUES (2, 'x', 10, 1, 1, 10, 0, 1, 1, '123')", "length(gtin) = 14" },
    { "INSERT INTO product SELECT NULL, name, 10, 1, 1, 10, 0, 1, 1, '04006381333931' FROM"
      " (VALUES (1)), product",
      NULL },
    { "INSERT INTO product SELECT NULL, name, 10, 1, 1, 10, 0, 1, 1, '04006381333931' FROM"
      " (VALUES (1), (2)), product",
      "UNIQUE constraint failed: product.gtin" },
    { "INSERT INTO product_history VALUES (1, 2, 'x', 1, 1, 0, 0, NULL)", NULL },
    { "INSERT INTO product_history VALUES (99, 1, 'x', 1, 1, 0, 0, NULL)", "FOREIGN KEY" },
    { "DELETE FROM product WHERE id = 1", "FOREIGN KEY" },
};

static void test_tables_refuse_what_cannot_be(void **state)
{
    struct fixture *fixture = *state;
    product_add(fixture, "chair");
    check_refusals(fixture->db, REFUSALS, KIT_COUNT(REFUSALS));
}

static void test_list_goes_along_the_ids(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(plans_check(&fixture->store.statements, "id > ?1"), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_product_store_add_ids_count_from_one),
        TEST(test_product_store_add_rolled_back_leaves_no_gap),
        TEST(test_product_store_get_reads_back_unicode_name),
        TEST(test_product_store_get_absent_is_not_found),
        TEST(test_product_store_save_twice_from_same_version_is_conflict),
        TEST(test_product_store_save_availability_writes_no_history),
        TEST(test_product_store_list_pages_are_in_id_order),
        TEST(test_product_store_count_counts),
        TEST(test_product_store_survives_closing),
        TEST(test_migration_2_keeps_products_and_history),
        TEST(test_list_goes_along_the_ids),
        TEST(test_tables_refuse_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
