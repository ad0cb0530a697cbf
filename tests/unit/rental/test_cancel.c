/* The synchronous cancel and its circuit breaker (rules 4), and the races of rules 6.2 to 6.5. */
#include "kit/rpc/presence.h"
#include "rental/cancel.h"

#include <inttypes.h>

#include "rental_fixture.h"

static void cancel_sent(struct fixture *fixture, const char *json)
{
    size_t asked = fake_count(fixture->world, CANCEL_TOPIC);
    assert_null(request(fixture, "cancel", json));
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), asked + 1);
}

/* Lets the time of the cancel that waits run out. */
static void time_out(struct fixture *fixture)
{
    fake_world_advance(fixture->world, CANCEL_TIMEOUT_MS + 1);
    fake_settle(&fixture->rental);
}

static void open_breaker(struct fixture *fixture)
{
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        cancel_sent(fixture, "{\"id\":1}");
        time_out(fixture);
        assert_reply(last_reply(fixture), "unavailable", "cancel-unavailable");
    }
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"open\"} 1\n");
}

static void test_cancel_asks_delivery_with_the_order_and_confirms(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    const struct fake_message *call = fake_last(fixture->world, CANCEL_TOPIC);
    assert_string_equal(call->payload,
                        "{\"rentalId\":1,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}");
    assert_string_equal(call->key, "rental:1:cancel");
    assert_int_equal(call->deadline_ms, fixture->world->wall_ms + CANCEL_TIMEOUT_MS);
    assert_int_equal(status_of(fixture, 1),
                     RENTAL_STATUS_ORDERED); /* rules 4.1: not before delivery */

    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
    assert_int_equal(log_size(fixture), 2);
    assert_log(fixture, 2, "\"type\":\"RentalCanceled\"", "\"status\":\"CANCELED\"");
    assert_metric(fixture, "lockstock_rental_cancels_total{outcome=\"canceled\"} 1\n");
}

static void test_cancel_delivered_rental_comes_back(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "DELIVERED", 2, "");
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 3, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
}

static void test_cancel_twice_is_fine_and_asks_once(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    feed_delivery(fixture, 2, "CANCELED_OutOfStock", 2, "3 ordered, 0 available");
    fake_world_forget(fixture->world);
    assert_reply(request(fixture, "cancel", "{\"id\":1}"), "ok", "\"status\":\"CANCELED\"");
    assert_reply(request(fixture, "cancel", "{\"id\":2}"), "ok", "CANCELED_OutOfStock");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), 0);
    assert_metric(fixture, "lockstock_rental_cancels_total{outcome=\"already-canceled\"} 2\n");
}

static void test_cancel_unknown_rental_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    assert_reply(request(fixture, "cancel", "{\"id\":5}"), "not_found", "There is no rental 5");
    assert_reply(request(fixture, "cancel", "{\"id\":\"5\"}"), "invalid", "/id");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), 0);
}

/* Rules 6.2: the answer that came too late. */
static void test_cancel_late_answer_is_dropped_and_the_event_cancels(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    time_out(fixture);
    assert_reply(last_reply(fixture), "unavailable", "did not answer in time");
    assert_reply(last_reply(fixture), "unavailable", "\"retryAfterMs\":");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);

    size_t replies = fake_count(fixture->world, "lockstock/v1/reply/bridge/rental");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    assert_int_equal(fake_count(fixture->world, "lockstock/v1/reply/bridge/rental"), replies);

    feed_delivery(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
    assert_log(fixture, 2, "RentalCanceled", "rental/1");
}

/* Rules 6.3: the event overtakes the reply. */
static void test_cancel_event_before_the_reply_appends_once(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    feed_delivery(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(log_size(fixture), 2);
    feed_delivery(fixture, 1, "CANCELED", 2, ""); /* and once more */
    assert_int_equal(log_size(fixture), 2);
}

/* Rules 6.4: two cancels at once, of two customers with two keys. */
static void test_cancel_two_at_once_appends_once_and_answers_both(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(fake_count(fixture->world, "lockstock/v1/reply/bridge/rental"), 3);
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(log_size(fixture), 2);
}

/* Rules 6.5: sold out while canceling. */
static void test_cancel_answered_with_out_of_stock_takes_that_state(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED_OutOfStock", 2, "3 ordered, 1 available");
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED_OutOfStock\"");
    assert_reply(last_reply(fixture), "ok", "3 ordered, 1 available");
    assert_log(fixture, 2, "\"type\":\"RentalUpdated\"", "CANCELED_OutOfStock");
}

/* Rules 4.3: delivery is well and says no. One rental whose data differ, asked for again and again,
 * must not keep everybody else from canceling. */
static void test_cancel_refused_by_delivery_never_opens_the_breaker(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *status, *type;
    } answers[] = {
        { "refused", "order-mismatch" },
        { "refused", "too-late" },
        { "invalid", "invalid-body" },
        { "not_found", "unknown-method" },
        { "key_reused", "idempotency-key-reused" },
        { "forbidden", "forbidden" },
    };

    assert_true(KIT_COUNT(answers) > BREAKER_FAILURES);
    order(fixture);
    order(fixture);
    for (size_t i = 0; i < KIT_COUNT(answers); i++) {
        char json[160];
        (void)snprintf(json, sizeof(json), "{\"type\":\"%s\",\"detail\":\"Not like this (%s).\"}",
                       answers[i].type, "/qty");
        cancel_sent(fixture, "{\"id\":1}");
        assert_true(fake_answer(&fixture->rental, "delivery", "cancel", answers[i].status, json));
        assert_reply(last_reply(fixture), "refused", "\"type\":\"cancel-refused\"");
        assert_reply(last_reply(fixture), "refused", "delivery does not agree");
        assert_reply(last_reply(fixture), "refused", "staff must look into it");
        assert_reply(last_reply(fixture), "refused", "Delivery says: Not like this (/qty).");
    }
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    assert_int_equal(log_size(fixture), 2);
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"closed\"} 1\n");
    assert_metric(fixture, "lockstock_rental_cancels_total{outcome=\"refused\"} 6\n");
    cancel_sent(fixture, "{\"id\":2}"); /* somebody else's */
    answer_cancel(fixture, 2, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 2), RENTAL_STATUS_CANCELED);
}

/* Rules 4.9: a locker is silent, delivery is well. */
static void test_cancel_while_locker_is_silent_is_unavailable_and_breaker_stays(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "READY", 4, "");
    for (int i = 0; i <= BREAKER_FAILURES; i++) {
        cancel_sent(fixture, "{\"id\":1}");
        assert_true(fake_answer(&fixture->rental, "delivery", "cancel", "unavailable",
                                "{\"type\":\"locker-unavailable\",\"detail\":\"it sleeps\","
                                "\"retryAfterMs\":30000}"));
        assert_reply(last_reply(fixture), "unavailable", "\"type\":\"cancel-unavailable\"");
        assert_reply(last_reply(fixture), "unavailable",
                     "\"detail\":\"Rental 1 is not canceled yet: it sleeps.\"");
        assert_reply(last_reply(fixture), "unavailable", "\"retryAfterMs\":30000");
    }
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_READY);
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"closed\"} 1\n");
}

/* Rules 4.10: what was collected is with the customer; what was returned is over. */
static void test_cancel_of_collected_or_returned_is_refused_and_of_expired_answered(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    order(fixture);
    feed_delivery(fixture, 1, "RETURNED", 8, "");
    cancel_sent(fixture, "{\"id\":1}");
    assert_true(fake_answer(&fixture->rental, "delivery", "cancel", "refused",
                            "{\"type\":\"already-collected\",\"detail\":\"They had it.\"}"));
    assert_reply(last_reply(fixture), "refused",
                 "\"type\":\"already-collected\",\"detail\":\"They had it.\"");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_RETURNED);

    feed_delivery(fixture, 2, "READY", 4, "");
    cancel_sent(fixture, "{\"id\":2}");
    answer_cancel(fixture, 2, "EXPIRED", 5, "not collected in time");
    assert_reply(last_reply(fixture), "ok", "\"status\":\"EXPIRED\"");
    assert_reply(request(fixture, "cancel", "{\"id\":2}"), "ok", "\"status\":\"EXPIRED\"");
}

static void test_cancel_delivery_away_is_unavailable_at_once(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fake_presence(&fixture->rental, "delivery", false, 2);
    fake_world_advance(fixture->world, KIT_PRESENCE_DOUBT_MS);
    assert_reply(request(fixture, "cancel", "{\"id\":1}"), "unavailable", "cancel-unavailable");
    assert_reply(last_reply(fixture), "unavailable", "delivery is not there");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), 0);
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    order(fixture); /* rules 4.7: orders go on */
}

/* Rules 4.11: the customer waits for 2 s. */
static void test_cancel_while_delivery_restarts_waits_for_it(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fake_presence_restarting(&fixture->rental, "delivery", 1);
    assert_null(request(fixture, "cancel", "{\"id\":1}"));
    fake_world_advance(fixture->world, 1200);
    fake_settle(&fixture->rental);
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), 0);
    fake_presence(&fixture->rental, "delivery", true, 2);
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), 1);
    assert_int_equal(fake_last(fixture->world, CANCEL_TOPIC)->left_ms, CANCEL_TIMEOUT_MS);
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED\"");
}

static void test_cancel_while_delivery_restarts_is_answered_before_the_customer_goes(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fake_presence_restarting(&fixture->rental, "delivery", 1);
    assert_null(request(fixture, "cancel", "{\"id\":1}"));
    fake_world_advance(fixture->world, 1899);
    fake_settle(&fixture->rental);
    fake_presence(&fixture->rental, "delivery", true, 2);
    assert_int_equal(fake_last(fixture->world, CANCEL_TOPIC)->left_ms, 1);
    fake_world_advance(fixture->world, 1);
    fake_settle(&fixture->rental);
    assert_reply(last_reply(fixture), "unavailable", "did not answer in time");
}

static void test_cancel_unusable_answers_are_failures(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *status, *json;
    } answers[] = {
        { NULL, "{}" },
        { "limit", "{\"type\":\"overloaded\",\"detail\":\"Later.\"}" },
        { "refused", "{\"why\":\"not told\"}" },
    };

    order(fixture);
    for (size_t i = 0; i < KIT_COUNT(answers); i++) {
        cancel_sent(fixture, "{\"id\":1}");
        assert_true(fake_answer(&fixture->rental, "delivery", "cancel", answers[i].status,
                                answers[i].json));
        assert_reply(last_reply(fixture), "unavailable", "cancel-unavailable");
    }
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 2, "CANCELED", 2, ""); /* about another rental */
    assert_reply(last_reply(fixture), "unavailable", "makes no sense");
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "DELIVERED", 2, ""); /* not canceled at all */
    assert_reply(last_reply(fixture), "unavailable", "makes no sense");

    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    assert_metric(fixture, "lockstock_rental_cancels_total{outcome=\"unavailable\"} 5\n");
    assert_metric(fixture, "lockstock_breaker_opened_total{callee=\"delivery\"} 1\n");
}

static void test_cancel_answer_that_does_not_fit_is_not_called_canceled(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    feed_delivery(fixture, 1, "DELIVERED", 2, "");
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED_OutOfStock", 3, "3 ordered, 1 available");
    assert_reply(last_reply(fixture), "unavailable", "does not fit its state");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_DELIVERED);
}

static void test_breaker_opens_and_answers_at_once_while_orders_go_on(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    open_breaker(fixture);
    size_t asked = fake_count(fixture->world, CANCEL_TOPIC);
    const struct fake_message *reply = request(fixture, "cancel", "{\"id\":1}");
    assert_reply(reply, "unavailable", "cancel-unavailable");
    assert_reply(reply, "unavailable", "is open; try again in 2000 ms");
    assert_reply(reply, "unavailable", "\"retryAfterMs\":2000");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), asked);
    assert_metric(fixture, "lockstock_rental_cancels_total{outcome=\"not-asked\"} 1\n");
    order(fixture); /* rules 4.7 */
}

static void test_breaker_half_open_lets_exactly_one_probe_through(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    open_breaker(fixture);
    fake_world_advance(fixture->world, BREAKER_OPEN_MS);
    cancel_sent(fixture, "{\"id\":1}"); /* the probe */
    size_t asked = fake_count(fixture->world, CANCEL_TOPIC);
    for (int i = 0; i < 3; i++)
        assert_reply(request(fixture, "cancel", "{\"id\":1}"), "unavailable", "is half-open");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), asked);

    time_out(fixture); /* the probe fails: open again */
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"open\"} 1\n");
    assert_metric(fixture, "lockstock_breaker_opened_total{callee=\"delivery\"} 2\n");
    assert_reply(request(fixture, "cancel", "{\"id\":1}"), "unavailable", "is open");

    fake_world_advance(fixture->world, BREAKER_OPEN_MS);
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, ""); /* this one succeeds: closed */
    assert_reply(last_reply(fixture), "ok", "\"status\":\"CANCELED\"");
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"closed\"} 1\n");
    order(fixture);
    cancel_sent(fixture, "{\"id\":2}");
}

static void test_cancel_more_than_may_wait_is_overloaded(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    for (int i = 0; i < RENTAL_CANCELS_WAITING_MAX; i++)
        assert_null(request(fixture, "cancel", "{\"id\":1}"));
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), RENTAL_CANCELS_WAITING_MAX);
    assert_reply(request(fixture, "cancel", "{\"id\":1}"), "limit", "overloaded");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), RENTAL_CANCELS_WAITING_MAX);

    time_out(fixture); /* every slot comes back, and every customer has an answer */
    assert_int_equal(fake_count(fixture->world, "lockstock/v1/reply/bridge/rental"),
                     1 + RENTAL_CANCELS_WAITING_MAX + 1);
    fake_world_advance(fixture->world, BREAKER_OPEN_MS);
    cancel_sent(fixture, "{\"id\":1}");
}

/* ---- our own disk is full (rules 4.8) ---- */

static void set_full(struct fixture *fixture, bool is_full)
{
    char sql[64];
    /* SQLite's own idea of a full disk: no page may be added. */
    int64_t pages = fake_sql_int(&fixture->rental, "PRAGMA page_count");
    (void)snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%" PRId64,
                   is_full ? pages : pages + 100000);
    (void)fake_sql_int(&fixture->rental, sql);
}

static void fill_up(struct fixture *fixture)
{
    static const char body[] = "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}";
    const struct fake_message *reply = NULL;
    set_full(fixture, true);
    for (int i = 0; i < 1000; i++) {
        reply = request(fixture, "create", body);
        if (strcmp(reply->status, "ok") != 0)
            break;
    }
    assert_reply(reply, "full", "storage-full");
}

static void send_unsettled(struct fixture *fixture, const char *method, const char *json)
{
    char key[32], topic[KIT_TOPIC_SIZE];
    (void)snprintf(key, sizeof(key), "test-%d", ++fixture->key_count);
    (void)snprintf(topic, sizeof(topic), "lockstock/v1/rpc/rental/%s/bridge", method);
    const struct kit_message message = {
        .topic = topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .qos = 1,
        .response_topic = "lockstock/v1/reply/bridge/rental",
        .has_correlation = true,
        .correlation = { (uint8_t)fixture->key_count },
        .deadline_ms = fixture->world->wall_ms + 2000,
        .status = "",
        .key = key,
        .traceparent = "",
    };
    kit_service_on_message(fixture->rental.service, &message);
}

/* A cancel in one batch with an order that no longer fits: none of the batch is saved, and delivery
 * is not asked. The cancel's answer is the last of the two. */
static void cancel_with_full_disk(struct fixture *fixture)
{
    size_t asked = fake_count(fixture->world, CANCEL_TOPIC);
    send_unsettled(fixture, "cancel", "{\"id\":1}");
    send_unsettled(fixture, "create", "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}");
    fake_settle(&fixture->rental);
    assert_reply(last_reply(fixture), "unavailable", "a disk is full");
    assert_int_equal(fake_count(fixture->world, CANCEL_TOPIC), asked);
}

static void test_cancel_with_own_disk_full_says_nothing_about_delivery(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fill_up(fixture);
    for (int i = 0; i <= BREAKER_FAILURES; i++)
        cancel_with_full_disk(fixture);
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"closed\"} 1\n");
    assert_metric(fixture, "lockstock_breaker_opened_total{callee=\"delivery\"} 0\n");
    set_full(fixture, false);
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
}

/* A probe that could not be made has ended all the same: the next one may go. */
static void test_cancel_with_own_disk_full_ends_the_probe(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    fill_up(fixture);
    open_breaker(fixture);
    fake_world_advance(fixture->world, BREAKER_OPEN_MS);
    cancel_with_full_disk(fixture);
    set_full(fixture, false);
    fake_world_advance(fixture->world, BREAKER_OPEN_MS);
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"closed\"} 1\n");
}

static void sql_run(struct fixture *fixture, const char *sql)
{
    sqlite3 *handle = kit_db_handle(kit_service_db(fixture->rental.service));
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* While `trigger` keeps delivery's yes from being kept, the customer is told so at once; delivery
 * says it again to whoever asks again. */
static void assert_told_while(struct fixture *fixture, const char *trigger)
{
    order(fixture);
    cancel_sent(fixture, "{\"id\":1}");
    sql_run(fixture, trigger);
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_reply(last_reply(fixture), "unavailable", "could not be saved");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_ORDERED);
    assert_int_equal(log_size(fixture), 1);
    sql_run(fixture, "DROP TRIGGER stuck");
    cancel_sent(fixture, "{\"id\":1}");
    answer_cancel(fixture, 1, "CANCELED", 2, "");
    assert_int_equal(status_of(fixture, 1), RENTAL_STATUS_CANCELED);
}

static void test_cancel_answer_that_cannot_be_saved_is_unavailable(void **state)
{
    assert_told_while(*state, "CREATE TRIGGER stuck BEFORE UPDATE ON rental"
                              " BEGIN SELECT RAISE(ABORT, 'stuck'); END");
}

static void test_cancel_answer_that_cannot_be_stored_as_response_is_unavailable(void **state)
{
    assert_told_while(*state, "CREATE TRIGGER stuck BEFORE INSERT ON rpc_response"
                              " BEGIN SELECT RAISE(ABORT, 'stuck'); END");
}

/* Delivery's full disk is delivery's failure. */
static void test_cancel_with_delivery_s_disk_full_counts_as_failure(void **state)
{
    struct fixture *fixture = *state;

    order(fixture);
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        cancel_sent(fixture, "{\"id\":1}");
        assert_true(fake_answer(&fixture->rental, "delivery", "cancel", "full",
                                "{\"type\":\"storage-full\",\"detail\":\"No room.\"}"));
        assert_reply(last_reply(fixture), "unavailable", "a disk is full");
    }
    assert_metric(fixture, "lockstock_breaker_state{callee=\"delivery\",state=\"open\"} 1\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_cancel_asks_delivery_with_the_order_and_confirms),
        TEST(test_cancel_delivered_rental_comes_back),
        TEST(test_cancel_twice_is_fine_and_asks_once),
        TEST(test_cancel_unknown_rental_is_not_found),
        TEST(test_cancel_late_answer_is_dropped_and_the_event_cancels),
        TEST(test_cancel_event_before_the_reply_appends_once),
        TEST(test_cancel_two_at_once_appends_once_and_answers_both),
        TEST(test_cancel_answered_with_out_of_stock_takes_that_state),
        TEST(test_cancel_refused_by_delivery_never_opens_the_breaker),
        TEST(test_cancel_while_locker_is_silent_is_unavailable_and_breaker_stays),
        TEST(test_cancel_of_collected_or_returned_is_refused_and_of_expired_answered),
        TEST(test_cancel_delivery_away_is_unavailable_at_once),
        TEST(test_cancel_while_delivery_restarts_waits_for_it),
        TEST(test_cancel_while_delivery_restarts_is_answered_before_the_customer_goes),
        TEST(test_cancel_unusable_answers_are_failures),
        TEST(test_cancel_answer_that_does_not_fit_is_not_called_canceled),
        TEST(test_breaker_opens_and_answers_at_once_while_orders_go_on),
        TEST(test_breaker_half_open_lets_exactly_one_probe_through),
        TEST(test_cancel_more_than_may_wait_is_overloaded),
        TEST(test_cancel_with_own_disk_full_says_nothing_about_delivery),
        TEST(test_cancel_with_own_disk_full_ends_the_probe),
        TEST(test_cancel_answer_that_cannot_be_saved_is_unavailable),
        TEST(test_cancel_answer_that_cannot_be_stored_as_response_is_unavailable),
        TEST(test_cancel_with_delivery_s_disk_full_counts_as_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
