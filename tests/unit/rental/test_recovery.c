/* The database of rental is lost, or comes back from a backup (rules 7, kit/service/recovery.c). */
#include "rental_fixture.h"

#include "rental/domain.h"

#define CREATE "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}"
#define EMPTY "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}"

/* Rental starts without its database, where one has been. */
static int set_up_lost(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .world = fake_world_new(7) };
    fixture.world->existed = true;
    fixture.rental = fake_service_open(fixture.world, &rental_service, FIXTURE_SETTINGS,
                                       KIT_COUNT(FIXTURE_SETTINGS));
    *state = &fixture;
    return 0;
}

static void all_come(struct fixture *fixture)
{
    static const char *const OTHERS[] = { "product", "stock", "delivery", "information" };
    for (size_t i = 0; i < KIT_COUNT(OTHERS); i++)
        fake_presence(&fixture->rental, OTHERS[i], true, 1);
    fake_settle(&fixture->rental);
}

static void seen(struct fixture *fixture, const char *follower, int id, int version)
{
    char json[80];
    (void)snprintf(json, sizeof(json), "{\"highestId\":%d,\"highestVersion\":%d}", id, version);
    assert_true(fake_answer(&fixture->rental, follower, "seen", NULL, json));
}

static void assert_waits(struct fixture *fixture, const char *part)
{
    const char *why = kit_service_not_ready(fixture->rental.service);
    assert_non_null(why);
    if (strstr(why, part) == NULL)
        fail_msg("\"%s\"; expected %s", why, part);
    assert_reply(request(fixture, "create", CREATE), "unavailable", "\"type\":\"recovering\"");
    assert_reply(request(fixture, "create", CREATE), "unavailable", "\"retryAfterMs\":2000");
    assert_reply(request(fixture, "cancel", "{\"id\":1}"), "unavailable", part);
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM event_log"), 0);
}

static void nothing_new(struct fixture *fixture, const char *source)
{
    assert_true(fake_answer(&fixture->rental, source, "replay", NULL, EMPTY));
}

/* Delivery's log is one event. */
static void replay_delivery(struct fixture *fixture, struct delivery_told told)
{
    char data[1200], text[2400];
    delivery_json(data, sizeof(data) - 2, told);
    (void)snprintf(text, sizeof(text),
                   "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":1,\"events\":[{\"specversion\":\"1.0\","
                   "\"id\":\"delivery:" FAKE_EPOCH ":1\",\"source\":\"delivery\","
                   "\"type\":\"DeliveryUpdated\",\"subject\":\"delivery/%d\","
                   "\"time\":\"2026-01-01T00:00:00.000Z\",\"epoch\":\"" FAKE_EPOCH "\","
                   "\"sequence\":\"1\",\"version\":%d,\"datacontenttype\":\"application/json\","
                   "\"data\":%s}}]}",
                   told.id, told.version, data);
    assert_true(fake_answer(&fixture->rental, "delivery", "replay", NULL, text));
    fake_settle(&fixture->rental);
}

static void test_lost_database_asks_all_reads_all_and_goes_on_above(void **state)
{
    struct fixture *fixture = *state;

    all_come(fixture);
    assert_waits(fixture, "until delivery says");
    seen(fixture, "delivery", 7, 5);
    assert_waits(fixture, "until information says");
    assert_null(fake_last(fixture->world, "lockstock/v1/rpc/delivery/replay/rental"));
    seen(fixture, "information", 9, 4);
    assert_waits(fixture, "reads what product has told");
    nothing_new(fixture, "product");
    assert_waits(fixture, "reads what stock has told");
    nothing_new(fixture, "stock");
    assert_waits(fixture, "reads what delivery has told");
    replay_delivery(fixture, (struct delivery_told){ 3, "DELIVERED", 2, "" });
    assert_null(kit_service_not_ready(fixture->rental.service));

    assert_int_equal(status_of(fixture, 3), RENTAL_STATUS_DELIVERED);
    assert_log(fixture, 1, "\"type\":\"RentalUpdated\"",
               "\"version\":7"); /* above the highest, 5 */
    assert_metric(fixture, "lockstock_rental_taken_back_total 1\n");
    assert_metric(fixture, "lockstock_recovery_lost 8\n");
    assert_metric(fixture, "lockstock_recovery_phase 0\n");
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1010,");
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1011,");
    assert_reply(request(fixture, "list", "{\"page\":1,\"size\":2}"), "ok", "\"total\":3");
    assert_reply(request(fixture, "list", "{\"page\":1,\"size\":2}"), "ok", "[{\"id\":1011,");

    fake_service_reopen(&fixture->rental); /* the marker stays, and the database is there */
    assert_null(kit_service_not_ready(fixture->rental.service));
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1012,");
    assert_metric(fixture, "lockstock_recovery_lost 8\n");
}

/* What came too late for the question is not taken back twice, and no other number is. */
static void test_news_above_what_was_lost_is_of_no_order_of_ours(void **state)
{
    struct fixture *fixture = *state;

    all_come(fixture);
    seen(fixture, "delivery", 7, 5);
    seen(fixture, "information", 0, 0);
    nothing_new(fixture, "product");
    nothing_new(fixture, "stock");
    replay_delivery(fixture, (struct delivery_told){ 8, "DELIVERED", 2, "" });
    assert_int_equal(fake_sql_int(&fixture->rental, "SELECT count(*) FROM rental"), 0);
    assert_metric(fixture, "lockstock_rental_news_unknown_total 1\n");
}

static void test_a_restart_goes_on_where_it_was(void **state)
{
    struct fixture *fixture = *state;

    all_come(fixture);
    seen(fixture, "delivery", 7, 5);
    fake_service_crash(&fixture->rental);
    all_come(fixture);
    assert_waits(fixture, "until delivery says"); /* an answer is worth nothing alone */
    seen(fixture, "delivery", 7, 5);
    seen(fixture, "information", 7, 5);
    fake_service_crash(&fixture->rental);
    all_come(fixture);
    assert_waits(fixture, "reads what product has told");
}

/* A follower that is older than the question, or gone: somebody has to say it. */
static void test_begin_at_stands_in_for_an_answer(void **state)
{
    struct fixture *fixture = *state;

    all_come(fixture);
    seen(fixture, "information", 7, 5);
    assert_true(fake_answer(&fixture->rental, "delivery", "seen", "not_found",
                            "{\"type\":\"unknown-method\",\"detail\":\"delivery has no method\"}"));
    assert_waits(fixture, "--begin-at N");
    fixture->world->begin_at = 500;
    fake_service_crash(&fixture->rental);
    fixture->world->begin_at = 0;
    all_come(fixture);
    nothing_new(fixture, "product");
    nothing_new(fixture, "stock");
    nothing_new(fixture, "delivery");
    assert_null(kit_service_not_ready(fixture->rental.service));
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1500,");
}

#define SEEN "{\"epoch\":\"" FAKE_EPOCH "\"}"

/* Who has lost its own database must not say that nothing was ever seen. */
static void test_seen_is_told_to_a_source_by_who_has_read_it(void **state)
{
    struct fixture *fixture = *state;

    assert_reply(fake_request(&fixture->rental, "information", "seen", "", SEEN), "not_found",
                 "rental does not follow information");
    assert_reply(fake_request(&fixture->rental, "delivery", "seen", "", SEEN), "unavailable",
                 "knows nothing of delivery yet");
    all_come(fixture);
    seen(fixture, "delivery", 7, 5);
    seen(fixture, "information", 7, 5);
    nothing_new(fixture, "product");
    nothing_new(fixture, "stock");
    replay_delivery(fixture, (struct delivery_told){ 6, "DELIVERED", 2, "" });
    assert_reply(fake_request(&fixture->rental, "delivery", "seen", "", SEEN), "ok",
                 "{\"highestId\":6,\"highestVersion\":2}");
    fake_service_reopen(&fixture->rental); /* it is kept with the cursor, over histories too */
    assert_reply(fake_request(&fixture->rental, "delivery", "seen", "", SEEN), "ok",
                 "{\"highestId\":6,\"highestVersion\":2}");
}

static void test_first_start_is_ready_at_once(void **state)
{
    struct fixture *fixture = *state;

    assert_null(kit_service_not_ready(fixture->rental.service));
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1,");
    fixture->world->existed = true; /* the marker is written then */
    fake_service_reopen(&fixture->rental);
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":2,");
}

static void test_restored_database_asks_and_keeps_what_it_has(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    order(fixture);
    fixture->world->was_restored = true;
    fake_service_reopen(&fixture->rental);
    fixture->world->was_restored = false;
    all_come(fixture);
    assert_non_null(kit_service_not_ready(fixture->rental.service));
    assert_reply(request(fixture, "create", CREATE), "unavailable", "until delivery says");
    seen(fixture, "delivery", 4, 3);
    seen(fixture, "information", 4, 3);
    nothing_new(fixture, "product");
    nothing_new(fixture, "stock");
    replay_delivery(fixture, (struct delivery_told){ 4, "CANCELED", 3, "" });
    assert_null(kit_service_not_ready(fixture->rental.service));
    assert_int_equal(status_of(fixture, 2), RENTAL_STATUS_ORDERED);
    assert_int_equal(status_of(fixture, 4), RENTAL_STATUS_CANCELED);
    assert_metric(fixture, "lockstock_recovery_lost 1\n");
    assert_reply(request(fixture, "create", CREATE), "ok", "\"id\":1005,");
}

int main(void)
{
#define LOST(f) cmocka_unit_test_setup_teardown(f, set_up_lost, tear_down)
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LOST(test_lost_database_asks_all_reads_all_and_goes_on_above),
        LOST(test_news_above_what_was_lost_is_of_no_order_of_ours),
        LOST(test_a_restart_goes_on_where_it_was),
        LOST(test_begin_at_stands_in_for_an_answer),
        LOST(test_seen_is_told_to_a_source_by_who_has_read_it),
        TEST(test_first_start_is_ready_at_once),
        TEST(test_restored_database_asks_and_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
