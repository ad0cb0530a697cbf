/* Parked events: what waits behind them, retry and skip. */
#include "thing_fixture.h"

static int64_t letters(struct fixture *f)
{
    return fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter");
}

static int64_t things_of(struct fixture *f, int64_t id)
{
    char sql[80];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM thing WHERE id = %" PRId64, id);
    return fake_sql_int(&f->thing, sql);
}

static void test_poison_is_parked_once_and_only_its_subject_waits(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "fine"); /* the same subject waits */
    send_product_of(f, 3, 2, "fine"); /* another flows */
    assert_int_equal(letters(f), 2);
    assert_int_equal(things_of(f, 1), 0);
    assert_int_equal(things_of(f, 2), 1);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 3);
    send_product_of(f, 1, 1, "refuse");
    assert_int_equal(letters(f), 2);
}

static void test_event_with_invalid_data_is_parked(void **state)
{
    struct fixture *f = *state;
    fake_event(&f->thing, &(struct fake_event){ "product", 1, "ProductSaved", "product/1", 1,
                                                "{\"id\":\"one\"}" });
    assert_int_equal(letters(f), 1);
    send_product_of(f, 2, 2, "fine");
    assert_int_equal(things_of(f, 2), 1);
}

static void test_list_tells_the_reason(void **state)
{
    struct fixture *f = *state;
    struct kit_buf out;
    send_product_of(f, 1, 1, "refuse");
    kit_buf_init(&out, 1 << 16);
    assert_int_equal(kit_service_dead_letter_list(f->thing.service, &out, NULL), KIT_OK);
    assert_non_null(strstr(out.data, "this event can never be applied"));
    assert_non_null(strstr(out.data, "\"subject\":\"product/1\""));
    kit_buf_done(&out);
}

static void test_retry_that_fails_again_stays(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    assert_int_equal(kit_service_dead_letter_retry(f->thing.service, 1, NULL), KIT_E_INVALID);
    assert_int_equal(letters(f), 1);
    assert_int_equal(things_of(f, 1), 0);
}

static void test_skip_lets_what_waited_go_on_in_order(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "fine");
    send_product_of(f, 3, 1, "fine");
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 2, &err), KIT_E_REFUSED);
    assert_non_null(strstr(err.text, "dead letter 1"));
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 1, &err), KIT_OK);
    assert_int_equal(letters(f), 0);
    assert_int_equal(things_of(f, 1), 2);
    send_product_of(f, 4, 1, "fine");
    assert_int_equal(things_of(f, 1), 3); /* the subject is free again */
}

static void test_follower_that_fails_again_is_logged_and_stays(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "refuse");
    const int warnings = f->world->log_count[KIT_WARN];
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 1, NULL), KIT_OK);
    assert_int_equal(letters(f), 1);
    assert_int_equal(f->world->log_count[KIT_WARN], warnings + 2); /* the skip, and the follower */
}

static void test_unknown_letter_is_told(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    assert_int_equal(kit_service_dead_letter_retry(f->thing.service, 77, &err), KIT_E_NOT_FOUND);
    assert_string_equal(err.text, /* each door lists them under a path of its own */
                        "there is no such dead letter any more; list them again");
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 0, NULL), KIT_E_NOT_FOUND);
}

/* ---- as requests ---- */

static const char *ask(struct fixture *f, const char *method, const char *key, int64_t id)
{
    char body[40];
    snprintf(body, sizeof(body), "{\"id\":%" PRId64 "}", id);
    const struct fake_message *said = fake_request(&f->thing, "bridge", method, key, body);
    assert_non_null(said);
    return said->payload;
}

static const char *ask_page(struct fixture *f, int page, int size)
{
    char body[60];
    snprintf(body, sizeof(body), "{\"page\":%d,\"size\":%d}", page, size);
    const struct fake_message *said = fake_request(&f->thing, "bridge", "letter-list", "", body);
    assert_string_equal(said->status, "ok");
    return said->payload;
}

static void test_letter_list_has_pages(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(ask_page(f, 0, 20), "{\"total\":0,\"items\":[]}");
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 2, "refuse");
    send_product_of(f, 3, 3, "refuse");
    const char *said = ask_page(f, 0, 2);
    assert_non_null(strstr(said,
                           "{\"total\":3,\"items\":[{\"id\":1,\"source\":\"product\",\"seq\":1,"
                           "\"type\":\"ProductSaved\",\"subject\":\"product/1\","
                           "\"code\":\"invalid\","
                           "\"reason\":\"this event can never be applied\","
                           "\"parkedAt\":\""));
    assert_non_null(strstr(said, "product/2"));
    assert_null(strstr(said, "product/3"));
    said = ask_page(f, 1, 2);
    assert_non_null(strstr(said, "{\"total\":3,\"items\":[{\"id\":3,"));
    assert_string_equal(ask_page(f, 1000000000, 100), "{\"total\":3,\"items\":[]}");
}

static void test_letter_retry_that_fails_again_says_why_and_keeps_it(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    const char *said = ask(f, "letter-retry", "k1", 1);
    assert_non_null(strstr(said, "\"type\":\"fails-again\""));
    assert_non_null(strstr(said, "this event can never be applied"));
    assert_int_equal(letters(f), 1);
    assert_int_equal(things_of(f, 1), 0);
    assert_non_null(strstr(ask(f, "letter-retry", "k1", 1), "fails-again")); /* nothing was kept */
}

/* What a later version does that can apply it. */
static void mend(struct fixture *f)
{
    assert_int_equal(fake_sql_int(&f->thing, "UPDATE dead_letter "
                                             "SET envelope = replace(envelope, 'refuse', 'mended') "
                                             "WHERE id = 1 RETURNING id"),
                     1);
}

static void test_letter_retry_applies_it_and_what_waited_behind_it(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "fine");
    send_product_of(f, 3, 1, "fine");
    mend(f);
    assert_string_equal(ask(f, "letter-retry", "k1", 1), "{\"id\":1,\"outcome\":\"applied\"}");
    fake_settle(&f->thing);
    assert_int_equal(letters(f), 0);
    assert_int_equal(things_of(f, 1), 3);
    send_product_of(f, 4, 1, "fine");
    assert_int_equal(things_of(f, 1), 4); /* the subject is free again */
}

static void test_letter_skip_happens_once_for_a_key(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "refuse");
    send_product_of(f, 3, 1, "fine");
    assert_string_equal(ask(f, "letter-skip", "k1", 1), "{\"id\":1,\"outcome\":\"skipped\"}");
    assert_string_equal(ask(f, "letter-skip", "k1", 1), "{\"id\":1,\"outcome\":\"skipped\"}");
    fake_settle(&f->thing);
    assert_int_equal(letters(f), 2); /* the next one is tried, and holds up the last */
    assert_int_equal(things_of(f, 1), 0);
    fake_service_crash(&f->thing);
    assert_int_equal(letters(f), 2); /* what was answered is committed */
    assert_non_null(strstr(ask(f, "letter-skip", "k2", 2), "skipped"));
    fake_settle(&f->thing);
    assert_int_equal(letters(f), 0);
    assert_int_equal(things_of(f, 1), 1);
}

static void test_letter_that_waits_or_is_unknown_is_told(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    send_product_of(f, 2, 1, "fine");
    const char *said = ask(f, "letter-skip", "k1", 2);
    assert_non_null(strstr(said, "\"type\":\"letter-waits\""));
    assert_non_null(strstr(said, "dead letter 1"));
    assert_non_null(strstr(ask(f, "letter-retry", "k2", 77), "\"type\":\"not-found\""));
    assert_int_equal(letters(f), 2);
    send_product_of(f, 3, 1, "fine"); /* a request that failed has freed nothing */
    assert_int_equal(letters(f), 3);
}

static void test_service_that_follows_nobody_has_no_letters(void **state)
{
    struct fixture *f = *state;
    struct kit_service_desc lonely = thing_service;
    lonely.name = "lonely";
    lonely.subscription_count = 0;
    struct fake_service service = fake_service_open(f->world, &lonely, NULL, 0);
    const struct fake_message *said = fake_request(&service, "bridge", "letter-list", "",
                                                   "{\"page\":0,\"size\":1}");
    assert_non_null(strstr(said->payload, "unknown-method"));
    fake_service_close(&service);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_poison_is_parked_once_and_only_its_subject_waits),
        TEST(test_event_with_invalid_data_is_parked),
        TEST(test_list_tells_the_reason),
        TEST(test_retry_that_fails_again_stays),
        TEST(test_skip_lets_what_waited_go_on_in_order),
        TEST(test_follower_that_fails_again_is_logged_and_stays),
        TEST(test_unknown_letter_is_told),
        TEST(test_letter_list_has_pages),
        TEST(test_letter_retry_that_fails_again_says_why_and_keeps_it),
        TEST(test_letter_retry_applies_it_and_what_waited_behind_it),
        TEST(test_letter_skip_happens_once_for_a_key),
        TEST(test_letter_that_waits_or_is_unknown_is_told),
        TEST(test_service_that_follows_nobody_has_no_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
