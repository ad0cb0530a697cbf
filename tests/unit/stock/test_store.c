/* Stock's tables on real SQLite: the moves, the ledger, and every CHECK that carries an invariant.
 */
#include <inttypes.h>
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
#include "stock/store/asset.h"
#include "stock/store/balance.h"
#include "stock/store/reservation.h"
#include "unit/kit/refusals.h"

#define NOW_MS INT64_C(1700000000000)

struct fixture {
    char folder[64];
    char path[96];
    struct kit_db *db;
    struct stock_store store;
    struct reservation_store reservations;
    struct kit_error err;
};

static void database_open(struct fixture *fixture)
{
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(
        kit_db_open(&fixture->db, &port, stock_migrations, STOCK_MIGRATION_COUNT, &fixture->err),
        KIT_OK);
    assert_int_equal(kit_db_begin(fixture->db, &fixture->err), KIT_OK);
    assert_int_equal(stock_store_open(&fixture->store, fixture->db, &fixture->err), KIT_OK);
    assert_int_equal(reservation_store_open(&fixture->reservations, fixture->db, &fixture->err),
                     KIT_OK);
}

static void database_close(struct fixture *fixture)
{
    reservation_store_close(&fixture->reservations);
    stock_store_close(&fixture->store);
    kit_db_close(fixture->db);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/stock-store-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        return -1;
    snprintf(fixture->path, sizeof(fixture->path), "%s/stock.db", fixture->folder);
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

static struct stock_change registered(int64_t product, int64_t qty)
{
    const struct stock_registration report = { .product = { product },
                                               .qty = qty,
                                               .registration = 1 };
    struct stock_change change;
    assert_int_equal(stock_decide_product_saved(NULL, &report, &change), STOCK_CHANGED);
    return change;
}

static struct stock stock_add(struct fixture *fixture, int64_t product, int64_t qty)
{
    const struct stock_change change = registered(product, qty);
    assert_int_equal(stock_store_apply(&fixture->store, &change, NULL, NOW_MS, &fixture->err),
                     KIT_OK);
    return change.after;
}

static int move(struct fixture *fixture, struct reservation *reservation,
                const struct reservation_decision *decision, int64_t ask)
{
    const struct reservation_move move = { decision, ask, NOW_MS };
    return reservation_store_move(&fixture->reservations, reservation, &move, &fixture->err);
}

static struct reservation waiting_add(struct fixture *fixture, int64_t id, int64_t product,
                                      int64_t ask)
{
    struct reservation reservation = { .id = { id },
                                       .product = { product },
                                       .qty = 2,
                                       .state = RESERVATION_NEW,
                                       .fulfilment = FULFILMENT_DIRECT };
    const struct reservation_decision decision = { .state = RESERVATION_WAITING };
    assert_int_equal(move(fixture, &reservation, &decision, ask), KIT_OK);
    return reservation;
}

static void test_stock_store_apply_new_product_reads_back(void **state)
{
    struct fixture *fixture = *state;
    stock_add(fixture, 5, 10);

    struct stock stock;
    bool is_found = false;
    assert_int_equal(
        stock_store_find(&fixture->store, (struct product_id){ 5 }, &stock, &is_found, NULL),
        KIT_OK);
    assert_true(is_found);
    assert_int_equal(stock.product.v, 5);
    assert_int_equal(stock.registered, 10);
    assert_int_equal(stock.available, 10);
    assert_int_equal(stock.version, 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM movement"), 1);
    assert_int_equal(sql_int(fixture, "SELECT at_ms FROM movement"), NOW_MS);
    assert_int_equal(sql_int(fixture, "SELECT reservation_id IS NULL FROM movement"), 1);
}

static void test_stock_store_find_unknown_leaves_result_untouched(void **state)
{
    struct fixture *fixture = *state;
    struct stock stock = { .version = 4711 };
    bool is_found = true;
    assert_int_equal(
        stock_store_find(&fixture->store, (struct product_id){ 5 }, &stock, &is_found, NULL),
        KIT_OK);
    assert_false(is_found);
    assert_int_equal(stock.version, 4711);
}

static void test_stock_store_apply_same_change_twice_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    stock_add(fixture, 5, 10);
    const struct stock_change again = registered(5, 10);
    assert_int_equal(stock_store_apply(&fixture->store, &again, NULL, NOW_MS, &fixture->err),
                     KIT_E_CONFLICT);

    struct stock_change stale = again;
    stale.after.version = 3; /* from a row at version 2, which there is not */
    assert_int_equal(stock_store_apply(&fixture->store, &stale, NULL, NOW_MS, &fixture->err),
                     KIT_E_CONFLICT);
    assert_string_equal(fixture->err.text, "stock of product 5 changed meanwhile");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM movement"), 1);
}

static void test_stock_store_apply_unknown_cause_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    const struct stock_change change = registered(5, 10);
    const struct rental_id cause = { 77 };
    assert_int_equal(stock_store_apply(&fixture->store, &change, &cause, NOW_MS, &fixture->err),
                     KIT_E_CONFLICT);
}

static void test_reservation_store_move_whole_life_has_history(void **state)
{
    struct fixture *fixture = *state;
    struct stock stock = stock_add(fixture, 1, 10);
    struct reservation reservation = { .id = { 7 },
                                       .product = { 1 },
                                       .qty = 4,
                                       .state = RESERVATION_NEW,
                                       .fulfilment = FULFILMENT_DIRECT };
    static const enum reservation_event events[] = {
        RESERVATION_ON_REQUESTED,
        RESERVATION_ON_DELIVERED,
        RESERVATION_ON_CANCELED,
    };
    for (size_t i = 0; i < KIT_COUNT(events); i++) {
        struct reservation_decision decision;
        assert_true(reservation_decide(&reservation, events[i], &stock, &decision));
        assert_int_equal(move(fixture, &reservation, &decision, 0), KIT_OK);
        assert_int_equal(stock_store_apply(&fixture->store, &decision.change, &reservation.id,
                                           NOW_MS, &fixture->err),
                         KIT_OK);
        stock = decision.change.after;
    }

    struct reservation read;
    bool is_found = false;
    assert_int_equal(reservation_store_find(&fixture->reservations, (struct rental_id){ 7 }, &read,
                                            &is_found, NULL),
                     KIT_OK);
    assert_true(is_found);
    assert_int_equal(read.state, RESERVATION_RELEASED);
    assert_int_equal(read.version, 3);
    assert_int_equal(read.qty, 4);
    assert_int_equal(read.product.v, 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM reservation_history"), 3);
    assert_int_equal(sql_int(fixture, "SELECT sum(d_available) FROM movement"), 10);
    assert_int_equal(sql_int(fixture, "SELECT sum(d_reserved) + sum(d_rented) FROM movement"), 0);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM movement WHERE reservation_id = 7"), 3);
}

static void test_reservation_store_move_from_another_state_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct reservation stale = waiting_add(fixture, 7, 1, 1);
    struct reservation reservation = stale;
    const struct reservation_decision released = { .state = RESERVATION_RELEASED };
    assert_int_equal(move(fixture, &reservation, &released, 0), KIT_OK);

    const struct reservation_decision rejected = { .state = RESERVATION_REJECTED };
    assert_int_equal(move(fixture, &stale, &rejected, 0), KIT_E_CONFLICT);
    assert_int_equal(stale.state, RESERVATION_WAITING); /* untouched */
    assert_int_equal(sql_int(fixture, "SELECT state FROM reservation"), RESERVATION_RELEASED);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM reservation_history"), 2);
}

static void test_reservation_store_move_not_in_table_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    struct reservation reservation = waiting_add(fixture, 7, 1, 1);
    const struct reservation_decision rented = { .state = RESERVATION_RENTED };
    assert_int_equal(move(fixture, &reservation, &rented, 0), KIT_E_CONFLICT);
    assert_int_equal(sql_int(fixture, "SELECT state FROM reservation"), RESERVATION_WAITING);
}

static void test_reservation_store_move_same_id_twice_is_conflict(void **state)
{
    struct fixture *fixture = *state;
    waiting_add(fixture, 7, 1, 1);
    struct reservation again = { .id = { 7 },
                                 .product = { 1 },
                                 .qty = 2,
                                 .state = RESERVATION_NEW,
                                 .fulfilment = FULFILMENT_DIRECT };
    const struct reservation_decision decision = { .state = RESERVATION_WAITING };
    assert_int_equal(move(fixture, &again, &decision, 2), KIT_E_CONFLICT);
}

static int64_t next_waiting(struct fixture *fixture, int64_t product)
{
    struct reservation reservation = { .id = { 0 } };
    bool is_found = false;
    assert_int_equal(reservation_store_find_waiting(&fixture->reservations,
                                                    (struct product_id){ product }, &reservation,
                                                    &is_found, NULL),
                     KIT_OK);
    return is_found ? reservation.id.v : 0;
}

static int64_t next_asked(struct fixture *fixture, int64_t ask)
{
    struct reservation reservation = { .id = { 0 } };
    bool is_found = false;
    assert_int_equal(
        reservation_store_find_asked(&fixture->reservations, ask, &reservation, &is_found, NULL),
        KIT_OK);
    return is_found ? reservation.id.v : 0;
}

static void test_reservation_store_waiting_found_by_product_and_by_ask(void **state)
{
    struct fixture *fixture = *state;
    struct reservation nine = waiting_add(fixture, 9, 1, 4);
    waiting_add(fixture, 8, 1, 6);
    waiting_add(fixture, 7, 2, 5);

    int64_t waiting_count = 0;
    assert_int_equal(reservation_store_count_waiting(&fixture->reservations, &waiting_count, NULL),
                     KIT_OK);
    assert_int_equal(waiting_count, 3);
    assert_int_equal(next_waiting(fixture, 1), 8); /* the lowest id */
    assert_int_equal(next_waiting(fixture, 2), 7);
    assert_int_equal(next_waiting(fixture, 3), 0);
    assert_int_equal(next_asked(fixture, 3), 0);
    assert_int_equal(next_asked(fixture, 6), 9); /* the oldest question */

    const struct reservation_decision released = { .state = RESERVATION_RELEASED };
    assert_int_equal(move(fixture, &nine, &released, 0), KIT_OK);
    assert_int_equal(next_asked(fixture, 6), 7);
    assert_int_equal(reservation_store_forget_asks(&fixture->reservations, NULL), KIT_OK);
    assert_int_equal(next_asked(fixture, 0), 7); /* the lowest id, now that all are as old */
}

static void test_stock_store_survives_closing(void **state)
{
    struct fixture *fixture = *state;
    stock_add(fixture, 1, 10);
    waiting_add(fixture, 7, 2, 3);
    assert_int_equal(kit_db_commit(fixture->db, NULL), KIT_OK);
    database_close(fixture);
    database_open(fixture);
    assert_int_equal(sql_int(fixture, "SELECT available FROM stock WHERE product_id = 1"), 10);
    assert_int_equal(next_waiting(fixture, 2), 7);
}

/* A database of the first release, with one order in each state. */
static void test_migration_2_keeps_every_row(void **state)
{
    struct fixture *fixture = *state;
    kit_db_rollback(fixture->db);
    database_close(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(kit_db_open(&fixture->db, &port, stock_migrations, 1, &fixture->err), KIT_OK);
    assert_int_equal(
        sqlite3_exec(kit_db_handle(fixture->db),
                     "INSERT INTO stock VALUES (1, 10, 1, 4, 2, 4, 5, 5);"
                     "INSERT INTO reservation VALUES (1, 1, 2, 1, 1, 3), (2, 1, 2, 2, 1, 0),"
                     " (3, 1, 4, 3, 2, 0), (4, 1, 1, 4, 2, 0), (5, 1, 90, 5, 1, 0);"
                     "INSERT INTO reservation_history VALUES (1, 1, 1, 0, 0), (3, 2, 3, 0, 0);"
                     "INSERT INTO movement VALUES (NULL, 1, 1, NULL, 1, 10, 10, 0, 0, 0),"
                     " (NULL, 1, 2, 2, 4, 0, -2, 2, 0, 0)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    kit_db_close(fixture->db);

    database_open(fixture);
    struct stock stock;
    struct reservation reservation;
    bool is_found = false;
    assert_int_equal(stock_store_find(&fixture->store, (struct product_id){ 1 }, &stock, &is_found,
                                      &fixture->err),
                     KIT_OK);
    assert_true(is_found);
    assert_int_equal(stock.rented, 4);
    assert_int_equal(stock.tracking, TRACKING_BULK);
    assert_int_equal(reservation_store_find(&fixture->reservations, (struct rental_id){ 3 },
                                            &reservation, &is_found, &fixture->err),
                     KIT_OK);
    assert_true(is_found);
    assert_int_equal(reservation.fulfilment, FULFILMENT_DIRECT);
    assert_int_equal(reservation.qty - reservation.progress.home, 4);
    assert_int_equal(reservation.version, 2);
    assert_int_equal(sql_int(fixture, "SELECT ask FROM reservation WHERE id = 1"), 3);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM reservation"), 5);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM reservation_history"), 2);
    assert_int_equal(sql_int(fixture, "SELECT sum(d_available) FROM movement"), 8);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_1'"
                                      " AND name NOT LIKE 'sqlite_%'"),
                     0);
}

static void test_migration_3_keeps_every_row(void **state)
{
    struct fixture *fixture = *state;
    kit_db_rollback(fixture->db);
    database_close(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(kit_db_open(&fixture->db, &port, stock_migrations, 2, &fixture->err), KIT_OK);
    assert_int_equal(
        sqlite3_exec(kit_db_handle(fixture->db),
                     "INSERT INTO reservation VALUES (1, 1, 2, 6, 1, 0, 1, 2, 0, 0, 0, 'T1',"
                     " 'locker-1', 3, 0, '');"
                     "INSERT INTO scanner VALUES (1, 'scanner-1', 'a', 'b', 7, 5, 1, 'a', 1, 3, 2,"
                     " 1, 0, 'T1', '', 0, 0, 0, 9)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    kit_db_close(fixture->db);

    database_open(fixture);
    struct reservation reservation;
    bool is_found = false;
    assert_int_equal(reservation_store_find(&fixture->reservations, (struct rental_id){ 1 },
                                            &reservation, &is_found, &fixture->err),
                     KIT_OK);
    assert_true(is_found);
    assert_string_equal(reservation.spot.locker, "locker-1");
    assert_int_equal(reservation.load_ms, 0);
    assert_int_equal(sql_int(fixture, "SELECT seq FROM scanner"), 7);
    assert_int_equal(sql_int(fixture, "SELECT seq_before + times FROM scanner"), 0);
}

/* A database whose numbers of messages still began with 0, with a row in each table that the
 * migration builds again, and rows that refer to them. */
static void test_migration_5_keeps_every_row(void **state)
{
    struct fixture *fixture = *state;
    kit_db_rollback(fixture->db);
    database_close(fixture);
    assert_int_equal(unlink(fixture->path), 0);
    const struct kit_store_port port = { .path = fixture->path };
    assert_int_equal(kit_db_open(&fixture->db, &port, stock_migrations, 4, &fixture->err), KIT_OK);
    assert_int_equal(
        sqlite3_exec(kit_db_handle(fixture->db),
                     "INSERT INTO stock VALUES (1, 10, 1, 9, 1, 0, 3, 3, 1, 'chair', NULL);"
                     "INSERT INTO reservation VALUES (7, 1, 1, 6, 3, 0, 1, 1, 0, 0, 0, 'T1', '', 0,"
                     " 0, '', 0);"
                     "INSERT INTO scanner VALUES (1, 'scanner-1', 'a', 'b', 7, 5, 1, 'a', 1, 3, 2,"
                     " 7, 0, 'T1', '', 0, 1, 0, 9, 0, 0, 0);"
                     "INSERT INTO asset VALUES (1, 'asset:1', 1, 1, 'bin:A', 'A', NULL, 1, 2, 1),"
                     " (2, 'asset:2', 1, 2, 'tote:T1', 'A', 7, 1, 3, 1);"
                     "INSERT INTO asset_history VALUES (2, 3, 2, 'tote:T1', 7, 1);"
                     "INSERT INTO verdict VALUES (1, 7, 0, 0, 'ok');"
                     "INSERT INTO scan_unit VALUES (1, 1)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    kit_db_close(fixture->db);

    database_open(fixture);
    static const struct {
        const char *sql;
        int64_t value;
    } kept[] = {
        { "SELECT tracking FROM stock WHERE product_id = 1", TRACKING_SERIALISED },
        { "SELECT fulfilment FROM reservation WHERE id = 7", FULFILMENT_LOCKER },
        { "SELECT state FROM asset WHERE id = 1 AND order_id IS NULL", ASSET_STATE_ON_SHELF },
        { "SELECT state FROM asset WHERE id = 2 AND order_id = 7", ASSET_STATE_PICKED },
        { "SELECT state FROM asset_history WHERE asset_id = 2", ASSET_STATE_PICKED },
        { "SELECT result FROM verdict WHERE seq = 7", SCAN_RESULT_ACCEPTED },
        { "SELECT signal FROM verdict WHERE seq = 7", SCAN_SIGNAL_OK },
        { "SELECT asset_id FROM scan_unit WHERE scanner_id = 1", 1 },
        { "SELECT count(*) FROM pragma_foreign_key_check", 0 },
        { "SELECT count(*) FROM sqlite_schema WHERE name GLOB '*_4'", 0 },
    };
    for (size_t i = 0; i < KIT_COUNT(kept); i++) {
        if (sql_int(fixture, kept[i].sql) != kept[i].value)
            fail_msg("%s is not %" PRId64, kept[i].sql, kept[i].value);
    }
}

/* What no code of ours may ever write: the tables refuse it. */
static const struct refusal REFUSALS[] = {
    /* registered = available + reserved + rented, each >= 0 */
    { "INSERT INTO stock VALUES (2, 10, 1, 10, 0, 0, 1, 0, 1, '', NULL, 1)", NULL },
    { "INSERT INTO stock VALUES (2, 10, 1, 9, 0, 0, 1, 0, 1, '', NULL, 1)",
      "registered = available + reserved + rented" },
    { "INSERT INTO stock VALUES (2, 10, 1, 11, -1, 0, 1, 0, 1, '', NULL, 1)", "reserved >= 0" },
    { "INSERT INTO stock VALUES (2, 10, 1, -1, 11, 0, 1, 0, 1, '', NULL, 1)", "available >= 0" },
    { "INSERT INTO stock VALUES (2, 10, 1, 11, 0, -1, 1, 0, 1, '', NULL, 1)", "rented >= 0" },
    { "INSERT INTO stock VALUES (2, -1, 1, -1, 0, 0, 1, 0, 1, '', NULL, 1)",
      "registered BETWEEN 0 AND 1000000" },
    { "INSERT INTO stock VALUES (2, 1000001, 1, 1000001, 0, 0, 1, 0, 1, '', NULL, 1)",
      "registered BETWEEN 0 AND 1000000" },
    { "INSERT INTO stock VALUES (2, 10, 0, 10, 0, 0, 1, 0, 1, '', NULL, 1)",
      "registration BETWEEN 1" },
    { "INSERT INTO stock VALUES (2, 10, 1, 10, 0, 0, 0, 0, 1, '', NULL, 1)", "version BETWEEN 1" },
    { "INSERT INTO stock VALUES (0, 10, 1, 10, 0, 0, 1, 0, 1, '', NULL, 1)",
      "product_id BETWEEN 1" },
    { "INSERT INTO stock VALUES (2, 'ten', 1, 10, 0, 0, 1, 0, 1, '', NULL, 1)",
      "TEXT value in INTEGER column stock.registered" },
    /* told before it happened */
    { "INSERT INTO stock VALUES (2, 10, 1, 10, 0, 0, 1, 2, 1, '', NULL, 1)",
      "announced BETWEEN 0 AND version" },
    /* no way of tracking */
    { "INSERT INTO stock VALUES (2, 10, 1, 10, 0, 0, 1, 0, 0, '', NULL, 1)",
      "tracking BETWEEN 1 AND 2" },
    { "INSERT INTO stock VALUES (2, 10, 1, 10, 0, 0, 1, 0, 3, '', NULL, 1)",
      "tracking BETWEEN 1 AND 2" },
    /* no size, and one that there is not */
    { "INSERT INTO stock VALUES (3, 10, 1, 10, 0, 0, 1, 0, 1, '', NULL, NULL)", NULL },
    { "INSERT INTO stock VALUES (4, 10, 1, 10, 0, 0, 1, 0, 1, '', NULL, 4)", "size BETWEEN 1" },
    { "UPDATE stock SET available = available - 10, reserved = reserved + 10", NULL },
    { "UPDATE stock SET available = available - 1 WHERE product_id = 1",
      "registered = available + reserved + rented" },
    { "UPDATE stock SET available = available - 11, reserved = reserved + 11", "available >= 0" },
    /* reservations */
    { "INSERT INTO reservation VALUES (8, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      NULL },
    { "INSERT INTO reservation VALUES (8, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "qty BETWEEN 1" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "state BETWEEN 1 AND 9" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 10, 1, 0, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "state BETWEEN 1 AND 9" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "version BETWEEN 1" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 1, 1, -1, 1, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "ask >= 0" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "fulfilment BETWEEN 1 AND 2" },
    { "INSERT INTO reservation VALUES (8, 1, 1, 1, 1, 0, 3, 0, 0, 0, 0, '', '', 0, 0, '', 0)",
      "fulfilment BETWEEN 1 AND 2" },
    { "INSERT INTO reservation_history VALUES (7, 2, 1, 0, 0)", NULL },
    { "INSERT INTO reservation_history VALUES (99, 1, 1, 0, 0)", "FOREIGN KEY" },
    { "INSERT INTO reservation_history VALUES (7, 1, 1, 0, 0)",
      "reservation_history.reservation_id, reservation_history.version" },
    /* the ledger: adds up, one movement a version, of known things */
    { "INSERT INTO movement VALUES (NULL, 1, 2, NULL, 4, 0, -1, 1, 0, 0)", NULL },
    { "INSERT INTO movement VALUES (NULL, 1, 2, NULL, 4, 0, -1, 2, 0, 0)",
      "d_registered = d_available + d_reserved + d_rented" },
    { "INSERT INTO movement VALUES (NULL, 1, 1, NULL, 4, 0, -1, 1, 0, 0)",
      "movement.product_id, movement.version" },
    { "INSERT INTO movement VALUES (NULL, 3, 2, NULL, 4, 0, -1, 1, 0, 0)", "FOREIGN KEY" },
    { "INSERT INTO movement VALUES (NULL, 1, 2, 99, 4, 0, -1, 1, 0, 0)", "FOREIGN KEY" },
    { "INSERT INTO movement VALUES (NULL, 1, 2, NULL, 12, 0, -1, 1, 0, 0)",
      "kind BETWEEN 1 AND 11" },
    /* what something refers to */
    { "DELETE FROM stock WHERE product_id = 1", "FOREIGN KEY" },
    { "DELETE FROM reservation WHERE id = 7", "FOREIGN KEY" },
};

static void test_tables_refuse_what_cannot_be(void **state)
{
    struct fixture *fixture = *state;
    stock_add(fixture, 1, 10);
    waiting_add(fixture, 7, 1, 1);
    check_refusals(fixture->db, REFUSALS, KIT_COUNT(REFUSALS));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

/* What is looked for, and pages, are read along an index. */
static void test_asset_lists_go_along_an_index(void **state)
{
    struct fixture *fixture = *state;
    struct asset_store assets;
    assert_int_equal(asset_store_open(&assets, fixture->db, &fixture->err), KIT_OK);
    assert_int_equal(plans_check(&assets.statements, "LIMIT ?2"), 5);
    asset_store_close(&assets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_stock_store_apply_new_product_reads_back),
        TEST(test_stock_store_find_unknown_leaves_result_untouched),
        TEST(test_stock_store_apply_same_change_twice_is_conflict),
        TEST(test_stock_store_apply_unknown_cause_is_conflict),
        TEST(test_reservation_store_move_whole_life_has_history),
        TEST(test_reservation_store_move_from_another_state_is_conflict),
        TEST(test_reservation_store_move_not_in_table_is_conflict),
        TEST(test_reservation_store_move_same_id_twice_is_conflict),
        TEST(test_reservation_store_waiting_found_by_product_and_by_ask),
        TEST(test_stock_store_survives_closing),
        TEST(test_migration_2_keeps_every_row),
        TEST(test_migration_3_keeps_every_row),
        TEST(test_migration_5_keeps_every_row),
        TEST(test_asset_lists_go_along_an_index),
        TEST(test_tables_refuse_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
