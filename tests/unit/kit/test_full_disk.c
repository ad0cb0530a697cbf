/* A disk that fills up, at any point of a batch, and a database that came back from a backup. */
#include "kit/base/text.h"
#include "kit/stream/follower.h"
#include "thing_fixture.h"

static struct fixture *many_rows; /* whose statement of many rows it is */

/* ---- a full disk ---- */

static void set_full(struct fixture *f, bool is_full)
{
    char sql[64];
    /* SQLite's own idea of a full disk: no page may be added. */
    const int64_t pages = fake_sql_int(&f->thing, "PRAGMA page_count");
    snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%" PRId64, is_full ? pages : pages + 100000);
    (void)fake_sql_int(&f->thing, sql);
}

static const char *fill_up(struct fixture *f, char *key, size_t size_bytes)
{
    for (int i = 1; i < 1000; i++) {
        snprintf(key, size_bytes, "fill-%d", i);
        const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", key,
                                                        "{\"id\":5}");
        assert_non_null(reply);
        if (strcmp(reply->status, "ok") != 0)
            return reply->status;
    }
    return "never full";
}

static void test_full_disk_refuses_with_nothing_changed_and_heals(void **state)
{
    char key[16];
    struct fixture *f = *state;
    set_full(f, true);
    assert_string_equal(fill_up(f, key, sizeof(key)), "full");
    const int64_t before = things(f);
    assert_int_equal(kit_service_failure(f->thing.service, NULL), KIT_OK);
    set_full(f, false);
    assert_string_equal(fake_request(&f->thing, "bridge", "add", key, "{\"id\":5}")->status, "ok");
    assert_int_equal(things(f), before + 1);
    /* The log has every row, without a gap. */
    assert_int_equal(fake_sql_int(&f->thing, "SELECT max(seq) - count(*) FROM event_log"), 0);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM event_log"), before + 1);
}

/* As good_request, but many in one batch: nothing is flushed in between. */
static void add_in_batch(struct fixture *f, const char *prefix, int count)
{
    char key[32], body[32];
    for (int i = 1; i <= count; i++) {
        struct kit_message message = good_request(f);
        snprintf(key, sizeof(key), "%s-%d", prefix, i);
        snprintf(body, sizeof(body), "{\"id\":%d}", 1000 + i);
        message.key = key;
        message.payload = body;
        message.payload_size_bytes = strlen(body);
        memcpy(message.correlation, &i, sizeof(i));
        kit_service_on_message(f->thing.service, &message);
    }
}

static int64_t ok_replies(const struct fixture *f)
{
    int64_t count = 0;
    for (size_t i = 0; i < f->world->message_count; i++)
        count += strcmp(f->world->messages[i].topic, "lockstock/v1/reply/bridge/thing") == 0 &&
                 strcmp(f->world->messages[i].status, "ok") == 0;
    return count;
}

static void assert_log_is_whole(struct fixture *f)
{
    assert_int_equal(fake_sql_int(&f->thing, "SELECT max(seq) - count(*) FROM event_log"), 0);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM event_log"), things(f));
}

/* The disk fills up in the middle of a batch, and room comes back before its end: everything that
 * was said to be saved is saved, and nothing else. */
static void test_full_disk_within_a_batch_answers_no_item_that_is_gone(void **state)
{
    struct fixture *f = *state;
    fake_world_forget(f->world);
    set_full(f, true);
    add_in_batch(f, "first", 200);
    set_full(f, false);
    add_in_batch(f, "second", 20); /* the same batch: must not begin a new one behind its back */
    fake_settle(&f->thing);
    assert_int_equal(things(f), ok_replies(f));
    assert_int_equal(fake_count(f->world, "lockstock/v1/reply/bridge/thing"), 220);
    assert_log_is_whole(f);
    add_in_batch(f, "third", 20);
    fake_settle(&f->thing);
    assert_int_equal(things(f), ok_replies(f));
    assert_true(things(f) >= 20);
    assert_log_is_whole(f);
}

/* A read promised nothing that a lost batch could take back. */
static void test_full_disk_leaves_the_answers_to_reads(void **state)
{
    struct fixture *f = *state;
    struct kit_message read = good_request(f);
    read.topic = "lockstock/v1/rpc/thing/get/bridge";
    read.key = "";
    fake_world_forget(f->world);
    set_full(f, true);
    kit_service_on_message(f->thing.service, &read);
    add_in_batch(f, "first", 200);
    fake_settle(&f->thing);
    const struct fake_message *answer = &f->world->messages[0];
    assert_memory_equal(answer->correlation, read.correlation, sizeof(read.correlation));
    assert_string_equal(answer->status, "ok");
    assert_int_equal(ok_replies(f), things(f) + 1);
    assert_true(fake_count(f->world, answer->topic) == 201 && things(f) < 200);
}

static void test_full_disk_is_not_ready_until_a_commit_succeeds(void **state)
{
    char key[16];
    struct fixture *f = *state;
    set_full(f, true);
    (void)fill_up(f, key, sizeof(key));
    assert_non_null(kit_service_not_ready(f->thing.service));
    set_full(f, false);
    (void)fake_request(&f->thing, "bridge", "add", "room", "{\"id\":5}");
    assert_null(kit_service_not_ready(f->thing.service));
}

/* Events of a whole replay page are undone by a failing commit: they are read again later. */
static void test_full_disk_events_are_read_again(void **state)
{
    struct fixture *f = *state;
    set_full(f, true);
    int64_t seq = 0;
    while (kit_service_not_ready(f->thing.service) == NULL && seq < 2000)
        send_product(f, ++seq, "fine");
    assert_non_null(kit_service_not_ready(f->thing.service));
    set_full(f, false);
    const int64_t cursor = fake_sql_int(&f->thing,
                                        "SELECT coalesce(max(seq), 0) FROM stream_cursor");
    assert_int_equal(things(f), cursor); /* the cursor never passed what is lost */
    for (int64_t next = cursor + 1; next <= seq; next++)
        send_product(f, next, "fine");
    assert_int_equal(things(f), seq);
}

/* After a product, a statement of many rows: SQLite undoes such a one alone when the disk is full,
 * and the batch lives on. */
static int add_many_rows(void *app, struct kit_error *err)
{
    (void)app;
    struct kit_db *db = kit_service_db(many_rows->thing.service);
    if (sqlite3_exec(kit_db_handle(db),
                     "INSERT INTO thing WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                     "FROM n LIMIT 400) SELECT i, 'many' FROM n",
                     NULL, NULL, NULL) == SQLITE_OK)
        return KIT_OK;
    return kit_db_error(db, err, "add many");
}

/* However often it is tried, with room for a dead letter all the while. */
static void test_full_disk_event_is_never_parked(void **state)
{
    struct fixture *f = *state;
    many_rows = f;
    static struct kit_service_desc desc;
    desc = thing_service;
    fake_service_close(&f->thing);
    f->thing = fake_service_open(f->world, &desc, NULL, 0);
    send_product(f, 1, "fine");
    desc.after_item = add_many_rows;
    set_full(f, true);
    for (int i = 0; i < 10; i++) {
        send_product(f, 2, "fine");
        fake_world_advance(f->world, KIT_FETCH_PAUSE_MAX_MS);
        fake_settle(&f->thing);
    }
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 0);
    assert_int_equal(things(f), 1);
    set_full(f, false);
    send_product(f, 2, "fine");
    assert_int_equal(things(f), 402);
}

#define PRODUCT_HAS_NOTHING "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[]}"

/* The confirmation is in an open batch, which a later item of it loses. */
static void test_full_disk_confirmation_that_is_lost_is_asked_for_again(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    (void)kit_service_confirm(f->thing.service, "product");
    fake_settle(&f->thing);
    assert_true(fake_answer(&f->thing, "product", "replay", NULL, PRODUCT_HAS_NOTHING));
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM confirmed"), 1);
    set_full(f, true);
    add_in_batch(f, "first", 200);
    fake_settle(&f->thing);
    set_full(f, false);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM confirmed"), 0);
    fake_world_forget(f->world);
    fake_world_advance(f->world, KIT_FETCH_PAUSE_MAX_MS);
    fake_presence(&f->thing, "product", true, 1);
    fake_settle(&f->thing);
    assert_true(fake_answer(&f->thing, "product", "replay", NULL,
                            "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}"));
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM confirmed"), 1);
}

/* ---- another history ---- */

/* That of the event that a replay gives, 32 digits; the id and the answer say the same. */
static const char *read_epoch(struct fixture *f)
{
    static char epoch[40];
    char id[64];
    const char *page =
        fake_request(&f->thing, "bridge", "replay", "", "{\"after\":1,\"limit\":1}")->payload;
    kit_text_copy(epoch, 33, page + strlen("{\"epoch\":\""));
    snprintf(id, sizeof(id), "\"id\":\"thing:%s:2\"", epoch);
    assert_non_null(strstr(page, id));
    assert_non_null(strstr(page, "thing/6"));
    assert_non_null(strstr(strstr(page, "\"events\""), epoch));
    return epoch;
}

static void test_restored_database_gets_a_new_epoch_and_keeps_its_rows(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    char row[2048], before[2048], path[FAKE_PATH_SIZE], epoch[40];
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    (void)fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":6}");
    assert_true(fake_log_row(&f->thing, 2, before, sizeof(before)));
    kit_text_copy(epoch, sizeof(epoch), read_epoch(f));
    fake_service_close(&f->thing);

    struct kit_service_ports ports = fake_ports(f->world, "thing", path);
    ports.store.was_restored = true;
    const struct kit_service_setup setup = { .instance = "thing", .ports = &ports };
    assert_int_equal(kit_service_new(&f->thing.service, &thing_service, &setup, &err), KIT_OK);
    assert_true(fake_log_row(&f->thing, 2, row, sizeof(row)));
    assert_string_equal(row, before);
    assert_string_not_equal(read_epoch(f), epoch);
}

static void test_source_with_a_new_epoch_is_read_from_the_start(void **state)
{
    struct fixture *f = *state;
    static const char OTHER[] = "{\"epoch\":\"ffffffffffffffffffffffffffffffff\",\"head\":0,"
                                "\"events\":[]}";
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    kit_service_on_link(f->thing.service, false);
    kit_service_on_link(f->thing.service, true);
    fake_presence(&f->thing, "product", true, 2);
    assert_true(fake_answer(&f->thing, "product", "replay", NULL, OTHER));
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_full_disk_refuses_with_nothing_changed_and_heals),
        TEST(test_full_disk_within_a_batch_answers_no_item_that_is_gone),
        TEST(test_full_disk_leaves_the_answers_to_reads),
        TEST(test_full_disk_is_not_ready_until_a_commit_succeeds),
        TEST(test_full_disk_events_are_read_again),
        TEST(test_full_disk_event_is_never_parked),
        TEST(test_full_disk_confirmation_that_is_lost_is_asked_for_again),
        TEST(test_restored_database_gets_a_new_epoch_and_keeps_its_rows),
        TEST(test_source_with_a_new_epoch_is_read_from_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
