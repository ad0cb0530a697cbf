/* The database fails, in each statement of each thing that the runtime does: what was begun is
 * undone as a whole, and after a restart the same is done as if for the first time. */
#include "thing_fixture.h"

static struct fixture *f; /* one process a file, so that statics serve */

static struct {
    const char *method, *key, *body;
} request;

static void send_request(void *context)
{
    (void)context;
    (void)fake_request(&f->thing, "bridge", request.method, request.key, request.body);
}

static const char *asked(const char *method, const char *key, const char *body)
{
    request.method = method;
    request.key = key;
    request.body = body;
    assert_true(fake_tried(&f->thing, send_request, NULL) > 0);
    return fake_last(f->world, "lockstock/v1/reply/bridge/thing")->payload;
}

static struct {
    int64_t seq;
    const char *name;
} product;

/* And waits until it is committed: a batch that only takes events in is quiet. */
static void send_saved(void *context)
{
    (void)context;
    send_product_of(f, product.seq, 1, product.name);
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->thing);
}

static void product_says(int64_t seq, const char *name)
{
    product.seq = seq;
    product.name = name;
    assert_true(fake_tried(&f->thing, send_saved, NULL) > 0);
}

static int64_t letters(void)
{
    return fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter");
}

static void test_effect_whose_every_statement_fails_once_is_done_once(void **state)
{
    f = *state;
    assert_string_equal(asked("add", "k1", "{\"id\":5}"), "{\"id\":5}");
    assert_int_equal(things(f), 1);
    assert_string_equal(asked("add", "k1", "{\"id\":5}"), "{\"id\":5}"); /* the kept answer */
    assert_non_null(strstr(asked("add", "k1", "{\"id\":6}"), "key-reused"));
    assert_non_null(strstr(asked("add", "k2", "{\"id\":13}"), "unlucky"));
    assert_int_equal(things(f), 1);
    assert_string_equal(asked("get", "", "{\"id\":5}"), "{\"after\":1,\"limit\":1}");
    assert_non_null(strstr(asked("replay", "", "{\"after\":0,\"limit\":9}"), "thing/5"));
}

static void ask_friend(void *context)
{
    (void)context;
    (void)fake_request(&f->thing, "bridge", "add", "k9", "{\"id\":99}");
    (void)fake_answer(&f->thing, "friend", "help", NULL, "{\"id\":1}");
}

static void test_effect_that_asks_a_friend_is_done_once(void **state)
{
    f = *state;
    fake_presence(&f->thing, "friend", true, 1);
    assert_true(fake_tried(&f->thing, ask_friend, NULL) > 0);
    assert_int_equal(things(f), 1);
    assert_string_equal(fake_last(f->world, "lockstock/v1/reply/bridge/thing")->payload,
                        "{\"id\":99}");
}

static void test_event_is_applied_or_parked_once(void **state)
{
    f = *state;
    product_says(1, "fine");
    assert_int_equal(things(f), 1);
    product_says(2, "refuse");
    product_says(3, "fine"); /* it waits behind the one that is parked */
    assert_int_equal(things(f), 1);
    assert_int_equal(letters(), 2);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 3);
}

/* A read that failed says so, and the next one works. */
static void list_letters(void *context)
{
    struct kit_buf *out = context;
    struct kit_error err = { 0 };
    kit_buf_reset(out);
    if (kit_service_dead_letter_list(f->thing.service, out, &err) != KIT_OK)
        assert_true(err.text[0] != '\0');
}

static void test_letters_are_listed_retried_and_skipped_once(void **state)
{
    struct kit_buf out;
    f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "fine");
    send_product_of(f, 3, 1, "refuse");
    kit_service_drain(f->thing.service);
    kit_buf_init(&out, 1 << 16);
    assert_true(fake_tried(&f->thing, list_letters, &out) > 0);
    assert_non_null(strstr(out.data, "this event can never be applied"));
    kit_buf_done(&out);
    assert_non_null(strstr(asked("letter-list", "", "{\"page\":0,\"size\":9}"), "\"total\":3"));
    assert_non_null(strstr(asked("letter-retry", "k1", "{\"id\":1}"), "fails-again"));
    assert_int_equal(letters(), 3);
    assert_non_null(strstr(asked("letter-skip", "k2", "{\"id\":1}"), "skipped"));
    fake_settle(&f->thing);
    assert_int_equal(letters(), 1); /* the second was applied; the third is parked for itself */
    assert_int_equal(things(f), 1);
}

static int letter_code;

static void retry_first(void *context)
{
    (void)context;
    letter_code = kit_service_dead_letter_retry(f->thing.service, 1, NULL);
    fake_settle(&f->thing);
}

static void skip_first(void *context)
{
    (void)context;
    letter_code = kit_service_dead_letter_skip(f->thing.service, 1, NULL);
    fake_settle(&f->thing);
}

static void test_letter_of_the_operators_door_ends_once(void **state)
{
    f = *state;
    product_says(1, "refuse");
    assert_true(fake_tried(&f->thing, retry_first, NULL) > 0);
    assert_int_equal(letter_code, KIT_E_INVALID);
    assert_int_equal(letters(), 1);
    assert_int_equal(things(f), 0);
    product_says(2, "fine");
    assert_true(fake_tried(&f->thing, skip_first, NULL) > 0);
    assert_true(letter_code == KIT_OK || letter_code == KIT_E_NOT_FOUND); /* or the time before */
    assert_int_equal(letters(), 0);
    assert_int_equal(things(f), 1);
}

static void scan(void *context)
{
    fake_device(&f->thing, "scanner", "scanner-1/up", context);
}

static void test_record_is_acknowledged_only_with_what_it_did(void **state)
{
    char again[] = "{\"id\":14}";
    f = *state;
    assert_true(fake_tried(&f->thing, scan, again) > 0);
    fake_service_crash(&f->thing);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM thing WHERE id = 15"), 0);
    assert_true(fake_count(f->world, "lockstock/v1/device/main/scanner/scanner-1/ack") > 0);
    assert_true(things(f) > 0); /* once for each time that the scanner had to say it */
}

static void pass_time(void *context)
{
    (void)context;
    fake_world_advance(f->world, THING_TIMER_MS);
    fake_settle(&f->thing);
}

static void confirm(void *context)
{
    (void)context;
    (void)kit_service_confirm(f->thing.service, "product");
    for (int i = 0; i < 2; i++) { /* what it asked at its start, and this */
        (void)fake_answer(&f->thing, "product", "replay", NULL,
                          "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}");
        fake_settle(&f->thing);
    }
}

static void test_timer_and_confirmation_run_after_all(void **state)
{
    f = *state;
    assert_true(fake_tried(&f->thing, pass_time, NULL) > 0);
    assert_true(fake_sql_int(&f->thing, "SELECT count(*) FROM tick") > 0);
    assert_true(fake_tried(&f->thing, confirm, NULL) > 0);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM confirmed"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_effect_whose_every_statement_fails_once_is_done_once),
        TEST(test_effect_that_asks_a_friend_is_done_once),
        TEST(test_event_is_applied_or_parked_once),
        TEST(test_letters_are_listed_retried_and_skipped_once),
        TEST(test_letter_of_the_operators_door_ends_once),
        TEST(test_record_is_acknowledged_only_with_what_it_did),
        TEST(test_timer_and_confirmation_run_after_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
