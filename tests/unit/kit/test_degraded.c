/* When a reason to be degraded comes and goes, what followers owe, and what a service says of it.
 */
#include "kit/rpc/topic.h"
#include "kit/stream/debts.h"
#include "thing_fixture.h"

#define TOPIC "lockstock/v1/service/thing/degraded"

/* ---- one reason ---- */

static int warnings;
static struct kit_degraded degraded;
static struct kit_debts debts;

static void write_log(void *self, enum kit_level level, const char *event, const char *text)
{
    (void)self;
    (void)event;
    (void)text;
    warnings += level == KIT_WARN;
}

static int set_up_rules(void **state)
{
    static const struct kit_log log = { .write = write_log };
    (void)state;
    warnings = 0;
    kit_degraded_init(&degraded, &log);
    debts = (struct kit_debts){ .seen = { { 0, 0 } } };
    return 0;
}

static struct kit_degraded_now at(int64_t mono_ms)
{
    return (struct kit_degraded_now){ .mono_ms = mono_ms, .wall_ms = 1000000 + mono_ms };
}

static void see(enum degraded_reason reason, enum kit_degraded_level level, int64_t mono_ms)
{
    struct kit_degraded_view view = { .level = level };
    if (level != KIT_DEGRADED_FINE)
        snprintf(view.text, sizeof(view.text), "seen at %" PRId64, mono_ms);
    kit_degraded_look(&degraded, reason, &view, at(mono_ms));
}

static const char *body(const char *why)
{
    static char text[1024];
    struct kit_buf buf;
    kit_buf_init(&buf, sizeof(text) - 1);
    kit_degraded_write_ready(&degraded, why, &buf);
    assert_false(buf.overflow);
    memcpy(text, buf.data, buf.size_bytes);
    text[buf.size_bytes] = '\0';
    kit_buf_done(&buf);
    return text;
}

static void test_level_between_two_limits_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(kit_degraded_level(10, 10, 4), KIT_DEGRADED_BAD);
    assert_int_equal(kit_degraded_level(9, 10, 4), KIT_DEGRADED_BETWEEN);
    assert_int_equal(kit_degraded_level(5, 10, 4), KIT_DEGRADED_BETWEEN);
    assert_int_equal(kit_degraded_level(4, 10, 4), KIT_DEGRADED_FINE);
}

static void test_reason_comes_and_goes_only_when_it_lasts(void **state)
{
    (void)state;
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BAD, 0);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BAD, 4999);
    assert_false(degraded.is_on[DEGRADED_REASON_LAG]);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BETWEEN, 5000); /* a break: it begins anew */
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BAD, 6000);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BAD, 10999);
    assert_false(degraded.is_on[DEGRADED_REASON_LAG]);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BAD, 11000);
    assert_true(degraded.is_on[DEGRADED_REASON_LAG]);
    assert_int_equal(warnings, 1);

    see(DEGRADED_REASON_LAG, KIT_DEGRADED_FINE, 12000);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_BETWEEN, 13000);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_FINE, 14000);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_FINE, 18999);
    assert_true(degraded.is_on[DEGRADED_REASON_LAG]);
    see(DEGRADED_REASON_LAG, KIT_DEGRADED_FINE, 19000);
    assert_false(degraded.is_on[DEGRADED_REASON_LAG]);
    assert_int_equal(warnings, 1); /* one line when it came */
}

static void test_parked_letters_count_at_once_in_both_directions(void **state)
{
    (void)state;
    see(DEGRADED_REASON_LETTERS, KIT_DEGRADED_BAD, 5);
    assert_true(degraded.is_on[DEGRADED_REASON_LETTERS]);
    see(DEGRADED_REASON_LETTERS, KIT_DEGRADED_FINE, 6);
    assert_false(degraded.is_on[DEGRADED_REASON_LETTERS]);
}

static void test_body_of_readyz_tells_reasons_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(body(NULL), "{\"ready\":true,\"degraded\":[]}\n");
    see(DEGRADED_REASON_LETTERS, KIT_DEGRADED_BAD, 5);
    see(DEGRADED_REASON_HISTORY, KIT_DEGRADED_BAD, 6);
    see(DEGRADED_REASON_LETTERS, KIT_DEGRADED_BAD, 7); /* the text is the newest, since is not */
    assert_string_equal(body("it is \"full\""),
                        "{\"ready\":false,\"why\":\"it is \\\"full\\\"\",\"degraded\":["
                        "{\"reason\":\"history\",\"since\":\"1970-01-01T00:16:40.006Z\","
                        "\"text\":\"seen at 6\"},"
                        "{\"reason\":\"letters\",\"since\":\"1970-01-01T00:16:40.005Z\","
                        "\"text\":\"seen at 7\"}]}\n");
}

static void test_metric_has_every_reason(void **state)
{
    (void)state;
    struct kit_buf buf;
    kit_buf_init(&buf, 4096);
    see(DEGRADED_REASON_DISK, KIT_DEGRADED_BAD, 5);
    kit_degraded_write_metrics(&degraded, &buf);
    kit_buf_add_char(&buf, '\0');
    assert_non_null(strstr(buf.data, "lockstock_degraded{reason=\"disk\"} 1\n"));
    assert_non_null(strstr(buf.data, "lockstock_degraded{reason=\"broker\"} 0\n"));
    assert_non_null(strstr(buf.data, "lockstock_degraded{reason=\"stuck\"} 0\n"));
    kit_buf_done(&buf);
}

/* ---- followers ---- */

static void look(const struct kit_follower *follower, int64_t mono_ms)
{
    kit_debts_look(&debts, &degraded, follower, 1, at(mono_ms));
}

static struct kit_follower follower_at(int64_t seq, int64_t head)
{
    struct kit_follower follower;
    kit_follower_init(&follower, "rental");
    follower.is_up = true;
    follower.seq = seq;
    follower.head_seq = head;
    return follower;
}

static void test_cursor_that_stands_with_events_ahead_is_stuck(void **state)
{
    (void)state;
    struct kit_follower follower = follower_at(7, 9);
    look(&follower, 100000);
    look(&follower, 100000 + KIT_DEBTS_STUCK_MS - 1);
    assert_false(degraded.is_on[DEGRADED_REASON_STUCK]);
    look(&follower, 100000 + KIT_DEBTS_STUCK_MS);
    assert_true(degraded.is_on[DEGRADED_REASON_STUCK]);
    assert_non_null(strstr(degraded.reasons[DEGRADED_REASON_STUCK].text,
                           "stands at event 7 of rental for 10 s, which is at 9"));
    follower.seq = 9;
    look(&follower, 120000);
    assert_true(degraded.is_on[DEGRADED_REASON_STUCK]); /* one step may be followed by none */
    look(&follower, 125000);
    assert_false(degraded.is_on[DEGRADED_REASON_STUCK]);
}

static void test_cursor_that_moves_or_is_level_is_not_stuck(void **state)
{
    (void)state;
    struct kit_follower follower = follower_at(7, 7);
    look(&follower, 0);
    look(&follower, 10 * KIT_DEBTS_STUCK_MS); /* nothing came for long */
    follower.head_seq = 100;
    look(&follower, 10 * KIT_DEBTS_STUCK_MS + 1);
    for (int64_t step = 1; step < 20; step++) {
        follower.seq++;
        look(&follower, 10 * KIT_DEBTS_STUCK_MS + step * (KIT_DEBTS_STUCK_MS - 1));
    }
    assert_false(degraded.is_on[DEGRADED_REASON_STUCK]);
}

static void test_cursor_without_a_link_is_not_stuck(void **state)
{
    (void)state;
    struct kit_follower follower = follower_at(7, 9);
    follower.is_up = false;
    look(&follower, 0);
    look(&follower, 10 * KIT_DEBTS_STUCK_MS);
    assert_false(degraded.is_on[DEGRADED_REASON_STUCK]);
    follower.is_up = true;
    look(&follower, 10 * KIT_DEBTS_STUCK_MS + 1); /* only now it could move */
    assert_false(degraded.is_on[DEGRADED_REASON_STUCK]);
}

static void test_lag_beyond_its_limit(void **state)
{
    (void)state;
    struct kit_follower follower = follower_at(0, KIT_DEBTS_LAG_EVENTS);
    look(&follower, 0);
    look(&follower, 5000);
    assert_true(degraded.is_on[DEGRADED_REASON_LAG]);
    assert_string_equal(degraded.reasons[DEGRADED_REASON_LAG].text,
                        "5000 events of rental are not applied yet");
    follower.seq = KIT_DEBTS_LAG_EVENTS - KIT_DEBTS_LAG_FINE_EVENTS;
    look(&follower, 6000);
    look(&follower, 11000);
    assert_false(degraded.is_on[DEGRADED_REASON_LAG]);
}

static void test_history_that_went_back(void **state)
{
    (void)state;
    struct kit_follower follower = follower_at(7, 3);
    follower.went_back = true;
    look(&follower, 0);
    assert_true(degraded.is_on[DEGRADED_REASON_HISTORY]);
    assert_non_null(strstr(degraded.reasons[DEGRADED_REASON_HISTORY].text, "--new-epoch 1"));
}

/* ---- a service ---- */

static void pass(struct fixture *f)
{
    fake_world_advance(f->world, KIT_STATUS_PERIOD_MS);
    fake_settle(&f->thing);
}

static void test_service_says_what_it_owes_and_once_that_it_is_over(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    pass(f);
    assert_int_equal(fake_count(f->world, TOPIC), 0); /* nothing to say yet */
    send_product(f, 2, "refuse");                     /* parked */
    pass(f);
    pass(f);
    assert_int_equal(fake_count(f->world, TOPIC), 2);
    const struct fake_message *told = fake_last(f->world, TOPIC);
    assert_int_equal(told->qos, 0);
    assert_false(told->retain);
    assert_non_null(strstr(told->payload, "{\"reasons\":[{\"reason\":\"letters\",\"since\":"));
    assert_null(kit_service_not_ready(f->thing.service)); /* it answers all the same */
    struct kit_error err = { 0 };
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 1, &err), KIT_OK);
    pass(f);
    assert_string_equal(fake_last(f->world, TOPIC)->payload, "{\"reasons\":[]}");
    pass(f);
    assert_int_equal(fake_count(f->world, TOPIC), 3);
}

static void test_source_whose_events_come_from_the_future_has_another_clock(void **state)
{
    struct fixture *f = *state;
    static const char EVENT[] =
        "[{\"specversion\":\"1.0\",\"id\":\"product:" FAKE_EPOCH ":2\",\"source\":\"product\","
        "\"type\":\"ProductSaved\",\"subject\":\"product/2\",\"time\":\"2026-01-01T00:01:00.000Z\","
        "\"epoch\":\"" FAKE_EPOCH "\",\"sequence\":\"2\",\"version\":1,"
        "\"datacontenttype\":\"application/json\",\"data\":{\"id\":2,\"name\":\"fine\","
        "\"registeredQty\":5,\"registration\":1,\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}"
        "}]";
    const struct kit_message message = { .topic = "lockstock/v1/stream/product",
                                         .payload = EVENT,
                                         .payload_size_bytes = sizeof(EVENT) - 1 };
    send_product(f, 1, "fine");
    assert_true(f->world->wall_ms < INT64_C(1767225600000) + 10000);
    kit_service_on_message(f->thing.service, &message);
    (void)kit_service_degraded(f->thing.service);
    fake_world_advance(f->world, 5000);
    const struct kit_degraded *seen = kit_service_degraded(f->thing.service);
    assert_true(seen->is_on[DEGRADED_REASON_CLOCK]);
    assert_non_null(strstr(seen->reasons[DEGRADED_REASON_CLOCK].text, "the clock of product is"));
    assert_null(kit_service_not_ready(f->thing.service));
}

static bool owes(struct fixture *f, enum degraded_reason reason, const char *part)
{
    const struct kit_degraded *seen = kit_service_degraded(f->thing.service);
    if (seen->is_on[reason])
        assert_non_null(strstr(seen->reasons[reason].text, part));
    return seen->is_on[reason];
}

/* devices.md 7.11: a burst of one that comes back from the dark is none. */
static void test_device_that_floods_is_owed_until_it_has_ended(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++)
        fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":5}");
    assert_false(owes(f, DEGRADED_REASON_FLOOD, ""));
    fake_world_advance(f->world, 2000);
    assert_true(owes(f, DEGRADED_REASON_FLOOD, "scanner-1 sends more than 50"));
    fake_world_advance(f->world, 8000);
    (void)owes(f, DEGRADED_REASON_FLOOD, "");
    fake_world_advance(f->world, 4999);
    assert_true(owes(f, DEGRADED_REASON_FLOOD, "scanner-1"));
    fake_world_advance(f->world, 1);
    assert_false(owes(f, DEGRADED_REASON_FLOOD, ""));
}

/* devices.md 7.10. */
static void test_twins_are_owed_until_they_take_turns_no_more(void **state)
{
    struct fixture *f = *state;
    kit_service_saw_twins(f->thing.service, "scanner-1");
    assert_true(owes(f, DEGRADED_REASON_TWINS, "two devices are scanner-1"));
    fake_world_advance(f->world, 119000);
    kit_service_saw_twins(f->thing.service, "scanner-2");
    fake_world_advance(f->world, 119000);
    assert_true(owes(f, DEGRADED_REASON_TWINS, "two devices are scanner-2"));
    fake_world_advance(f->world, 1000);
    assert_false(owes(f, DEGRADED_REASON_TWINS, ""));
    assert_null(kit_service_not_ready(f->thing.service));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define RULE(name) cmocka_unit_test_setup(name, set_up_rules)
    const struct CMUnitTest tests[] = {
        RULE(test_level_between_two_limits_changes_nothing),
        RULE(test_reason_comes_and_goes_only_when_it_lasts),
        RULE(test_parked_letters_count_at_once_in_both_directions),
        RULE(test_body_of_readyz_tells_reasons_in_their_order),
        RULE(test_metric_has_every_reason),
        RULE(test_cursor_that_stands_with_events_ahead_is_stuck),
        RULE(test_cursor_that_moves_or_is_level_is_not_stuck),
        RULE(test_cursor_without_a_link_is_not_stuck),
        RULE(test_lag_beyond_its_limit),
        RULE(test_history_that_went_back),
        TEST(test_service_says_what_it_owes_and_once_that_it_is_over),
        TEST(test_source_whose_events_come_from_the_future_has_another_clock),
        TEST(test_device_that_floods_is_owed_until_it_has_ended),
        TEST(test_twins_are_owed_until_they_take_turns_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
