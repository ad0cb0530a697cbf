/* A copy for a backup, made while the service goes on: what it is when it is ended, and that no
 * event comes in while it is held. */
#include "kit/store/copy.h"
#include "thing_fixture.h"

#define REPLAY "lockstock/v1/rpc/product/replay/thing"
#define FILLER                                                                                     \
    "CREATE TABLE filler(id INTEGER PRIMARY KEY, text);" /* 1,500 pages */                         \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"               \
    "INSERT INTO filler SELECT i, printf('%.*c', 3900, 'x') FROM n"

static void exec(struct fixture *f, const char *sql)
{
    assert_int_equal(
        sqlite3_exec(kit_db_handle(kit_service_db(f->thing.service)), sql, NULL, NULL, NULL),
        SQLITE_OK);
}

static void copy_path(const struct fixture *f, char *ret_path, size_t size)
{
    snprintf(ret_path, size, "%s/the.copy", f->world->folder);
}

static void begin(struct fixture *f)
{
    char path[FAKE_PATH_SIZE + 16];
    struct kit_error err;

    copy_path(f, path, sizeof(path));
    assert_int_equal(kit_service_copy_begin(f->thing.service, path, &err), KIT_OK);
}

static int64_t left(struct fixture *f)
{
    struct kit_error err;
    int64_t left = 0, pages = 0;
    assert_int_equal(kit_service_copy_look(f->thing.service, &left, &pages, &err), KIT_OK);
    assert_true(left >= 1 && left <= pages);
    return left;
}

static void pass(struct fixture *f)
{
    fake_world_advance(f->world, KIT_SERVICE_COPY_PAUSE_MS);
    fake_settle(&f->thing);
}

static int hold(struct fixture *f)
{
    struct kit_error err;
    return kit_service_copy_hold(f->thing.service, &err);
}

static int end(struct fixture *f)
{
    struct kit_error err;
    return kit_service_copy_end(f->thing.service, &err);
}

/* One number of the copy. */
static int64_t of_copy(struct fixture *f, const char *sql)
{
    char path[FAKE_PATH_SIZE + 16];
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    copy_path(f, path, sizeof(path));
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

static void test_copy_ended_is_what_the_database_is_then(void **state)
{
    struct fixture *f = *state;
    int64_t id = 1000;

    exec(f, FILLER);
    begin(f);
    fake_world_advance(f->world, KIT_SERVICE_COPY_PAUSE_MS);
    fake_settle(&f->thing);
    assert_true(left(f) > 1500 - 3 * KIT_COPY_PAGES);
    while (left(f) > KIT_COPY_PAGES) {
        char change[80], body[32];
        snprintf(change, sizeof(change), "UPDATE filler SET text = 'y' WHERE id IN (3, %d)", 1400);
        exec(f, change); /* before and behind what is copied */
        snprintf(body, sizeof(body), "{\"id\":%" PRId64 "}", id);
        (void)fake_request(&f->thing, "bridge", "add", body, body);
        id++;
        pass(f);
    }
    assert_true(id > 1010);
    assert_int_equal(hold(f), KIT_OK);
    (void)fake_request(&f->thing, "bridge", "add", "last", "{\"id\":5}");
    assert_int_equal(end(f), KIT_OK);
    const int64_t there = things(f),
                  head = fake_sql_int(&f->thing, "SELECT max(seq) FROM event_log");
    (void)fake_request(&f->thing, "bridge", "add", "later", "{\"id\":6}");
    assert_int_equal(of_copy(f, "SELECT count(*) FROM thing"), there);
    assert_int_equal(of_copy(f, "SELECT max(seq) FROM event_log"), head);
    assert_int_equal(of_copy(f, "SELECT count(*) FROM filler WHERE text = 'y'"), 2);
    assert_int_equal(of_copy(f, "SELECT count(*) FROM pragma_integrity_check WHERE "
                                "integrity_check = 'ok'"),
                     1);
    assert_int_equal(things(f), there + 1);
}

/* A quiet batch is open most of the time. */
static void test_copy_that_had_to_wait_copies_the_more(void **state)
{
    struct fixture *f = *state;
    exec(f, FILLER);
    begin(f);
    send_product(f, 1, "fine");
    const int64_t before = left(f);
    for (int i = 0; i < KIT_SERVICE_QUIET_MS / KIT_SERVICE_COPY_PAUSE_MS - 1; i++)
        pass(f);
    assert_int_equal(left(f), before);
    pass(f);
    pass(f);
    assert_true(before - left(f) > KIT_COPY_STEP_PAGES / 2);
    assert_true(before - left(f) <= KIT_COPY_STEP_PAGES + KIT_COPY_PAGES);
}

/* Rows without an effect on us move the cursor in memory alone, and so does a quiet batch. */
static void test_copy_has_read_what_the_service_has_read(void **state)
{
    struct fixture *f = *state;
    begin(f);
    send_product(f, 1, "fine");
    fake_event(&f->thing,
               &(struct fake_event){ "product", 2, "ProductPraised", "product/1", 2, "{}" });
    assert_int_equal(hold(f), KIT_OK);
    assert_int_equal(end(f), KIT_OK);
    assert_int_equal(of_copy(f, "SELECT seq FROM stream_cursor WHERE source = 'product'"), 2);
}

static void test_no_event_is_taken_in_while_it_is_held(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    begin(f);
    assert_int_equal(hold(f), KIT_OK);
    fake_world_forget(f->world);
    const int64_t before = things(f);
    send_product(f, 2, "fine");
    assert_int_equal(things(f), before);
    assert_null(fake_last(f->world, REPLAY));
    (void)fake_request(&f->thing, "bridge", "add", "k", "{\"id\":5}");
    assert_int_equal(things(f), before + 1);
    assert_int_equal(end(f), KIT_OK);
    fake_settle(&f->thing);
    assert_non_null(fake_last(f->world, REPLAY)); /* asked for at once, not when its head comes */
    send_product(f, 2, "fine");
    assert_int_equal(things(f), before + 2);
}

/* It was asked for before, and answered meanwhile. */
static void test_no_answer_is_taken_in_while_it_is_held(void **state)
{
    struct fixture *f = *state;
    begin(f);
    assert_int_equal(hold(f), KIT_OK);
    const int64_t before = things(f);
    send_product(f, 1, "fine"); /* the answer to the question of the start */
    assert_int_equal(things(f), before);
    assert_int_equal(end(f), KIT_OK);
    assert_int_equal(of_copy(f, "SELECT count(*) FROM stream_cursor"), 0);
}

static void test_hold_has_an_end_of_its_own(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    begin(f);
    assert_int_equal(end(f), KIT_E_CONFLICT);
    assert_int_equal(hold(f), KIT_OK);
    fake_world_advance(f->world, KIT_SERVICE_HOLD_MS);
    fake_settle(&f->thing);
    const int64_t before = things(f);
    send_product(f, 2, "fine");
    assert_int_equal(things(f), before + 1);
    assert_int_equal(end(f), KIT_E_CONFLICT);
    assert_int_equal(hold(f), KIT_OK);
    assert_int_equal(end(f), KIT_OK);
}

static void test_copy_that_nobody_asks_about_is_given_up(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(hold(f), KIT_E_NOT_FOUND);
    assert_int_equal(end(f), KIT_E_NOT_FOUND);
    begin(f);
    fake_world_advance(f->world, KIT_SERVICE_COPY_ASK_MS - 1);
    (void)left(f);
    fake_world_advance(f->world, KIT_SERVICE_COPY_ASK_MS);
    fake_settle(&f->thing);
    assert_int_equal(hold(f), KIT_E_UNAVAILABLE);
    assert_int_equal(f->world->log_count[KIT_WARN], 1);
}

static void test_copy_that_cannot_be_made_says_so(void **state)
{
    struct fixture *f = *state;
    struct kit_error err;
    assert_int_equal(kit_service_copy_begin(f->thing.service, "/nowhere/the.copy", &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "the copy cannot be made"));
    assert_int_equal(hold(f), KIT_E_NOT_FOUND);
    assert_non_null(fake_request(&f->thing, "bridge", "add", "k", "{\"id\":5}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copy_ended_is_what_the_database_is_then, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_copy_that_had_to_wait_copies_the_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_copy_has_read_what_the_service_has_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_event_is_taken_in_while_it_is_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_no_answer_is_taken_in_while_it_is_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_hold_has_an_end_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_copy_that_nobody_asks_about_is_given_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_copy_that_cannot_be_made_says_so, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
