/* What scanners and lockers publish, what they are told, and the timer. */
#include "kit/base/mac.h"
#include "thing_fixture.h"

#define ACK "lockstock/v1/device/main/scanner/scanner-1/ack"

static void test_device_message_is_taken_and_acknowledged_after_the_commit(void **state)
{
    struct fixture *f = *state;
    fake_world_forget(f->world);
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":5}");
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM thing WHERE origin='scanner-1'"),
                     1);
    const struct fake_message *ack = fake_last(f->world, ACK);
    assert_non_null(ack);
    assert_string_equal(ack->payload, "{\"id\":5}");
    assert_int_equal(ack->qos, 1);
    assert_false(ack->retain);
}

static void test_device_message_refused_is_rolled_back_and_not_acknowledged(void **state)
{
    struct fixture *f = *state;
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":13}");
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":\"x\"}");
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":");
    fake_device(&f->thing, "scanner", "scanner-1/up", "");
    assert_int_equal(things(f), 0);
    assert_int_equal(fake_count(f->world, ACK), 0);
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":6}");
    assert_int_equal(things(f), 1);
    assert_int_equal(fake_count(f->world, ACK), 1);
}

static void test_attempt_that_fails_is_undone_alone(void **state)
{
    struct fixture *f = *state;
    char row[512];
    fake_world_forget(f->world);
    const int64_t events = fake_sql_int(&f->thing, "SELECT count(*) FROM event_log");
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":14}");
    assert_int_equal(things(f), 1); /* the part's rows, and those of the part in it, are gone */
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM thing WHERE id = 14"), 1);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM event_log"), events + 1);
    assert_true(fake_log_row(&f->thing, events + 1, row, sizeof(row))); /* no hole in the log */
    assert_non_null(strstr(row, "thing/14"));
    assert_int_equal(fake_count(f->world, ACK), 1);
    assert_string_equal(fake_last(f->world, ACK)->payload, "{\"id\":14}");
    assert_int_equal(fake_count(f->world, "lockstock/v1/rpc/friend/help/thing"), 0);
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":13}"); /* the item as a whole */
    assert_int_equal(things(f), 1);
}

#define BURST 200
#define PER_S 50

/* Rules devices.md 7.11: one that floods costs itself, and nobody else. */
static void test_device_that_floods_is_dropped_beyond_its_budget(void **state)
{
    struct fixture *f = *state;
    char json[32];
    for (int i = 0; i < 10 * BURST; i++) {
        (void)snprintf(json, sizeof(json), "{\"id\":%d}", 1000 + i);
        fake_device(&f->thing, "scanner", "scanner-1/up", json);
    }
    assert_int_equal(things(f), BURST);
    assert_int_equal(fake_count(f->world, ACK), BURST);
    assert_int_equal(kit_service_device_dropped(f->thing.service, "scanner-1"), 9 * BURST);
    fake_device(&f->thing, "scanner", "scanner-2/up", "{\"id\":5}");
    assert_int_equal(things(f), BURST + 1);
    assert_int_equal(kit_service_device_dropped(f->thing.service, "scanner-2"), 0);

    fake_world_advance(f->world, 1000); /* what it says again is taken */
    for (int i = 0; i < BURST; i++) {
        (void)snprintf(json, sizeof(json), "{\"id\":%d}", 5000 + i);
        fake_device(&f->thing, "scanner", "scanner-1/up", json);
    }
    assert_int_equal(things(f), BURST + 1 + PER_S);
    struct kit_buf out;
    kit_buf_init(&out, 1 << 16);
    kit_service_metrics(f->thing.service, &out);
    assert_non_null(strstr(out.data, "lockstock_device_messages_dropped_total 1950\n"));
    kit_buf_done(&out);
}

static void test_device_message_of_another_kind_leaf_or_site_is_not_ours(void **state)
{
    static const char *const TOPICS[] = {
        "lockstock/v1/device/main/locker/scanner-1/up",
        "lockstock/v1/device/busan/scanner/scanner-1/up",
        "lockstock/v1/device/main/scanner/scanner-1/ack",
        "lockstock/v1/device/main/scanner/scanner-1/up/more",
        "lockstock/v1/device/main/scanner//up",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < KIT_COUNT(TOPICS); i++) {
        struct kit_message message = good_request(f);
        message.topic = TOPICS[i];
        kit_service_on_message(f->thing.service, &message);
        fake_settle(&f->thing);
    }
    assert_int_equal(things(f), 0);
}

static void test_device_refusals_are_counted_by_their_reason(void **state)
{
    static char large[16384 + 2] = { 0 };
    struct fixture *f = *state;
    struct kit_message message = good_request(f);
    message.topic = "lockstock/v1/device/main/scanner/scanner-1/up";
    memset(large, ' ', sizeof(large) - 1);
    message.payload = large;
    message.payload_size_bytes = sizeof(large) - 1;
    expect_refused(f, &message, "too_large");
    message.payload_size_bytes = 3;
    expect_refused(f, &message, "malformed");
    message.payload = "{\"id\":\"one\"}";
    message.payload_size_bytes = strlen(message.payload);
    expect_refused(f, &message, "schema");
    message.payload = "{\"id\":13}";
    message.payload_size_bytes = strlen(message.payload);
    expect_refused(f, &message, "device");
}

static void test_device_retained_message_is_taken_as_state_only(void **state)
{
    struct fixture *f = *state;
    struct kit_message message = good_request(f);
    message.retain = true;
    message.topic = "lockstock/v1/device/main/scanner/scanner-1/up";
    kit_service_on_message(f->thing.service, &message);
    message.topic = "lockstock/v1/device/main/scanner/scanner-1/state";
    kit_service_on_message(f->thing.service, &message);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM thing WHERE origin='state'"), 1);
    assert_int_equal(things(f), 1);
}

static void test_device_ack_of_a_batch_that_failed_is_not_sent(void **state)
{
    struct fixture *f = *state;
    struct commits commits;
    watch_commits(f, &commits);
    for (int time = 0; time < 2; time++) {
        commits.fail = true; /* the handler said yes: only the commit knows better */
        fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":1}");
        assert_int_equal(commits.count, 2 * time + 1);
        assert_int_equal(fake_count(f->world, ACK), (size_t)time);
        assert_int_equal(things(f), time);
        commits.fail = false; /* the device says it again */
        fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":1}");
        assert_int_equal(fake_count(f->world, ACK), (size_t)time + 1);
        assert_int_equal(things(f), time + 1);
    }
}

static void test_timer_runs_once_a_period(void **state)
{
    struct fixture *f = *state;
    const char *const sql = "SELECT count(*) FROM tick";
    const int64_t before = fake_sql_int(&f->thing, sql);
    fake_world_advance(f->world, THING_TIMER_MS);
    fake_settle(&f->thing);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, sql), before + 1);
}

static void test_timer_comes_sooner_where_that_is_asked_for(void **state)
{
    struct fixture *f = *state;
    const char *const sql = "SELECT count(*) FROM tick";
    fake_world_advance(f->world, THING_TIMER_MS);
    fake_settle(&f->thing);
    const int64_t before = fake_sql_int(&f->thing, sql);
    kit_service_timer_within(f->thing.service, 10);
    kit_service_timer_within(f->thing.service, 2 * THING_TIMER_MS); /* later is no wish */
    fake_world_advance(f->world, 9);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, sql), before);
    fake_world_advance(f->world, 1);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, sql), before + 1);
    fake_world_advance(f->world, THING_TIMER_MS);
    fake_settle(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, sql), before + 2);
}

static void test_key_is_found_or_said_to_be_missing(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    uint8_t key[KIT_KEY_BYTES], same[KIT_KEY_BYTES];
    fake_key("locker-1", same);
    assert_int_equal(kit_service_key(f->thing.service, "locker-1", key, &err), KIT_OK);
    assert_memory_equal(key, same, sizeof(key));
    assert_int_equal(kit_service_key(f->thing.service, "keyless-1", key, &err), KIT_E_NOT_FOUND);
}

/* RFC 4231, test case 2 pads its key with zeros to the block, so 32 bytes give the same. */
static void test_mac_is_hmac_sha_256(void **state)
{
    const uint8_t key[KIT_KEY_BYTES] = { 'J', 'e', 'f', 'e' };
    char hex[KIT_MAC_HEX_SIZE];
    (void)state;
    kit_mac_hex(key, "what do ya want for nothing?", 28, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_device_message_is_taken_and_acknowledged_after_the_commit),
        TEST(test_device_message_refused_is_rolled_back_and_not_acknowledged),
        TEST(test_attempt_that_fails_is_undone_alone),
        TEST(test_device_that_floods_is_dropped_beyond_its_budget),
        TEST(test_device_message_of_another_kind_leaf_or_site_is_not_ours),
        TEST(test_device_refusals_are_counted_by_their_reason),
        TEST(test_device_retained_message_is_taken_as_state_only),
        TEST(test_device_ack_of_a_batch_that_failed_is_not_sent),
        TEST(test_timer_runs_once_a_period),
        TEST(test_timer_comes_sooner_where_that_is_asked_for),
        TEST(test_key_is_found_or_said_to_be_missing),
        cmocka_unit_test(test_mac_is_hmac_sha_256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
