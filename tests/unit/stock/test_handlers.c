/* Stock as a whole, on fake ports: what comes in, what is stored, what is told. The races are the
 * numbered stories of schemas/rules/stock.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "fakes/cmocka_all.h"
#include "stock/app.h"
#include "stock/service.h"
#include "unit/stock/site.h"

static int setup(void **state)
{
    *state = site_new(1);
    return 0;
}

static int teardown(void **state)
{
    const char *wrong = site_audit(*state);
    if (wrong != NULL)
        print_error("the books are wrong: %s\n", wrong);
    site_free(*state);
    return wrong == NULL ? 0 : -1;
}

/* Of a site that tells other versions than it keeps. */
static int teardown_lost(void **state)
{
    site_free(*state);
    return 0;
}

static int64_t reply_int(const struct fake_message *reply, const char *member)
{
    assert_non_null(reply);
    cJSON *root = cJSON_Parse(reply->payload);
    assert_non_null(root);
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(root, member);
    int64_t value = cJSON_IsNumber(node) ? (int64_t)node->valuedouble : -1;
    cJSON_Delete(root);
    return value;
}

static int64_t state_of(struct site *site, int64_t id)
{
    return site_number(site, "SELECT coalesce(max(state), 0) FROM reservation WHERE id = %d",
                       (int)id);
}

static void assert_quantities(struct site *site, int64_t product, int64_t available,
                              int64_t reserved, int64_t rented)
{
    int id = (int)product;
    assert_int_equal(site_number(site, "SELECT available FROM stock WHERE product_id = %d", id),
                     available);
    assert_int_equal(site_number(site, "SELECT reserved FROM stock WHERE product_id = %d", id),
                     reserved);
    assert_int_equal(site_number(site, "SELECT rented FROM stock WHERE product_id = %d", id),
                     rented);
}

/* ---- deliveries ---- */

static void test_delivery_requested_enough_is_reserved_and_told(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");

    assert_int_equal(state_of(site, 7), RESERVATION_RESERVED);
    assert_quantities(site, 1, 6, 4, 0);
    char row[2048];
    assert_true(fake_log_row(&site->stock, 2, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"StockReserved\""));
    assert_non_null(strstr(row, "\"subject\":\"reservation/7\""));
    assert_non_null(strstr(row, "\"version\":1"));
    assert_non_null(strstr(row, "{\"deliveryId\":7,\"productId\":1,\"qty\":4}"));
    assert_true(fake_log_row(&site->stock, 3, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"StockChanged\""));
    assert_non_null(strstr(row, "\"subject\":\"stock/1\""));
}

static void test_delivery_requested_not_enough_is_rejected_with_what_there_is(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 3, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");

    assert_int_equal(state_of(site, 7), RESERVATION_REJECTED);
    assert_quantities(site, 1, 3, 0, 0);
    char row[2048];
    assert_true(fake_log_row(&site->stock, 2, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"StockRejected\""));
    assert_non_null(strstr(row, "\"reason\":\"out_of_stock\",\"availableQty\":3"));
    assert_false(fake_log_row(&site->stock, 3, row, sizeof(row)));
}

static void test_delivery_requested_unknown_product_waits_for_the_answer(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 10, 1); /* first contact */
    site_delivery(site, 7, 1, 4, "REQUESTED");
    assert_int_equal(state_of(site, 7), RESERVATION_WAITING);
    assert_int_equal(site_events(site, "StockRejected", 7), 0);

    assert_true(site_confirm(site));
    assert_int_equal(state_of(site, 7), RESERVATION_REJECTED);
    assert_int_equal(site_events(site, "StockRejected", 7), 1);
    assert_int_equal(site_number(site, "SELECT count(*) FROM event_log WHERE envelope ->>"
                                       " '$.data.reason' = 'unregistered_product'"
                                       " AND envelope ->> '$.version' = 2"),
                     1);
}

/* Rules 3.8: rental or delivery has lost its database. */
static void test_delivery_of_other_goods_is_parked(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 7, 1, 5, "REQUESTED");
    assert_int_equal(site_number(site, "SELECT count(*) FROM dead_letter"), 1);
    assert_int_equal(site_number(site, "SELECT instr(reason, 'has lost its database') > 0"
                                       " FROM dead_letter"),
                     1);
    site_delivery(site, 8, 1, 1, "REQUESTED");
    site_delivery(site, 8, 2, 1, "CANCELED");
    assert_int_equal(site_number(site, "SELECT count(*) FROM dead_letter"), 2);
    assert_int_equal(state_of(site, 8), RESERVATION_RESERVED);
    assert_quantities(site, 1, 5, 5, 0);
    while (site_number(site, "SELECT count(*) FROM dead_letter") > 0)
        assert_int_equal(
            kit_service_dead_letter_skip(site->stock.service,
                                         site_number(site, "SELECT id FROM dead_letter"), NULL),
            KIT_OK);
}

/* kit/service/recovery.c: what stock tells after a loss is news to those who have read more. */
static void test_versions_are_told_above_those_from_before_a_loss(void **state)
{
    static const char *const FOLLOWERS[] = { "product", "rental", "delivery", "information" };
    static const char *const SOURCES[] = { "product", "delivery" };
    struct site *site = *state;

    fake_service_close(&site->stock);
    site->world->was_restored = true;
    site->stock = fake_service_open(site->world, &stock_service, NULL, 0);
    for (size_t i = 0; i < KIT_COUNT(FOLLOWERS); i++) {
        fake_presence(&site->stock, FOLLOWERS[i], true, 1);
        assert_true(fake_answer(&site->stock, FOLLOWERS[i], "seen", NULL,
                                "{\"highestId\":9,\"highestVersion\":50}"));
    }
    for (size_t i = 0; i < KIT_COUNT(SOURCES); i++)
        assert_true(fake_answer(&site->stock, SOURCES[i], "replay", NULL,
                                "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}"));
    assert_null(kit_service_not_ready(site->stock.service));

    site_product_saved(site, 1, 10, 1);
    char row[2048];
    assert_true(fake_log_row(&site->stock, 1, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"StockChanged\""));
    assert_non_null(strstr(row, "\"version\":51,\"datacontenttype\""));
    assert_non_null(strstr(row, "\"rentedQty\":0,\"version\":51"));
}

/* The reservation that a loss of ours has taken is made again, and delivery has ended the order. */
static void test_what_delivery_has_rejected_is_given_back(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 8, 1, 4, "REQUESTED");
    char data[256];
    static const char *const ENDS[] = { "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct" };
    for (int i = 0; i < 2; i++) {
        (void)snprintf(data, sizeof(data),
                       "{\"id\":%d,\"rentalId\":%d,\"productId\":1,\"qty\":4,"
                       "\"fulfilment\":\"direct\",\"status\":\"%s\",\"version\":2,"
                       "\"reason\":\"why\"}",
                       7 + i, 7 + i, ENDS[i]);
        const struct fake_event event = { "delivery",
                                          ++site->delivery_seq,
                                          "DeliveryUpdated",
                                          i == 0 ? "delivery/7" : "delivery/8",
                                          2,
                                          data };
        fake_event(&site->stock, &event);
        assert_int_equal(state_of(site, 7 + i), RESERVATION_RELEASED);
    }
    assert_quantities(site, 1, 10, 0, 0);
}

static void test_delivery_whole_life_gives_the_goods_back(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 7, 1, 4, "DELIVERED");
    assert_int_equal(state_of(site, 7), RESERVATION_RENTED);
    assert_quantities(site, 1, 6, 0, 4);
    site_delivery(site, 7, 1, 4, "CANCELED");
    assert_int_equal(state_of(site, 7), RESERVATION_RELEASED);
    assert_quantities(site, 1, 10, 0, 0);
    assert_int_equal(site_events(site, "StockReleased", 7), 1);
    assert_int_equal(site_number(site, "SELECT envelope ->> '$.version' FROM event_log WHERE"
                                       " envelope ->> '$.type' = 'StockReleased'"),
                     3);
}

static void test_delivery_updated_other_status_changes_nothing(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 7, 1, 4, "RESERVED");
    site_delivery(site, 7, 1, 4, "PICKED");
    assert_int_equal(state_of(site, 7), RESERVATION_RESERVED);
    assert_quantities(site, 1, 6, 4, 0);
}

/* ---- races ---- */

static void test_r1_order_overtakes_its_product_gets_goods(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 10, 1);
    site_delivery(site, 9, 1, 3, "REQUESTED");
    site_delivery(site, 8, 1, 3, "REQUESTED");
    site_delivery(site, 7, 1, 3, "REQUESTED");
    fake_world_forget(site->world); /* the question's answer takes its time */
    site_product_saved(site, 1, 7, 1);

    assert_int_equal(state_of(site, 7), RESERVATION_RESERVED); /* in id order: 3.4 */
    assert_int_equal(state_of(site, 8), RESERVATION_RESERVED);
    assert_int_equal(state_of(site, 9), RESERVATION_REJECTED);
    assert_quantities(site, 1, 1, 6, 0);
    assert_true(site_confirm(site));
    assert_int_equal(site_number(site, "SELECT count(*) FROM event_log WHERE envelope ->>"
                                       " '$.data.reason' = 'unregistered_product'"),
                     0);
}

static void test_r2_cancel_while_deciding_moves_nothing(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 10, 1);
    site_delivery(site, 7, 1, 3, "REQUESTED");
    site_delivery(site, 7, 1, 3, "CANCELED");
    assert_int_equal(state_of(site, 7), RESERVATION_RELEASED);
    assert_int_equal(site_events(site, "StockReleased", 7), 0);

    fake_world_forget(site->world);
    site_product_saved(site, 1, 10, 1);
    assert_true(site_confirm(site));
    assert_quantities(site, 1, 10, 0, 0);
    assert_int_equal(state_of(site, 7), RESERVATION_RELEASED);
    assert_int_equal(site_events(site, "StockReserved", 7) + site_events(site, "StockRejected", 7),
                     0);
}

static void test_r3_cancel_and_answer_cross(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 5, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 8, 1, 4, "REQUESTED"); /* rejected */
    site_delivery(site, 7, 1, 4, "CANCELED");
    site_delivery(site, 8, 1, 4, "CANCELED");
    assert_int_equal(state_of(site, 7), RESERVATION_RELEASED);
    assert_int_equal(state_of(site, 8), RESERVATION_REJECTED);
    assert_quantities(site, 1, 5, 0, 0);
    assert_int_equal(site_events(site, "StockReleased", 7), 1);
    assert_int_equal(site_events(site, "StockReleased", 8), 0);
    assert_int_equal(site_events(site, "StockScanned", 7), 0); /* nobody has scanned */
}

static void test_r4_everything_told_twice_moves_once(void **state)
{
    struct site *site = *state;
    static const char *const told[] = { "REQUESTED", "DELIVERED", "CANCELED" };
    site_product_saved(site, 1, 10, 1);
    site_product_saved(site, 1, 10, 1);
    for (size_t i = 0; i < KIT_COUNT(told); i++) {
        site_delivery(site, 7, 1, 4, told[i]);
        site_delivery(site, 7, 1, 4, told[i]);
    }
    for (size_t i = 0; i < KIT_COUNT(told); i++) /* the whole log again, as after a restore */
        site_delivery(site, 7, 1, 4, told[i]);
    assert_quantities(site, 1, 10, 0, 0);
    assert_int_equal(site_number(site, "SELECT count(*) FROM movement"), 4);
}

static void test_r5_late_delivered_takes_nothing(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    site_delivery(site, 7, 1, 4, "CANCELED");
    site_delivery(site, 7, 1, 4, "DELIVERED");
    assert_int_equal(state_of(site, 7), RESERVATION_RELEASED);
    assert_quantities(site, 1, 10, 0, 0);
}

static void test_r6_canceled_before_it_was_requested_is_nothing(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "CANCELED");
    site_delivery(site, 7, 1, 4, "DELIVERED");
    assert_int_equal(site_number(site, "SELECT count(*) FROM reservation"), 0);
    assert_quantities(site, 1, 10, 0, 0);
}

static void test_r7_registered_set_of_unknown_product_decides_who_waits(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 1, 1);
    site_delivery(site, 8, 1, 6, "REQUESTED");
    site_delivery(site, 7, 1, 6, "REQUESTED");
    const struct fake_message *reply = site_registered_set(site, "k1", 1, 10, 1);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "availableQty"), 4);
    assert_int_equal(reply_int(reply, "reservedQty"), 6);
    assert_int_equal(reply_int(reply, "registration"), 2);
    assert_int_equal(reply_int(reply, "version"), 2);
    assert_int_equal(state_of(site, 7), RESERVATION_RESERVED);
    assert_int_equal(state_of(site, 8), RESERVATION_REJECTED);

    site_product_saved(site, 1, 99, 1); /* the one that was on its way: stale */
    assert_quantities(site, 1, 4, 6, 0);
}

static void test_r8_smaller_quantity_races_a_reservation(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_product_saved(site, 2, 10, 1);
    site_delivery(site, 7, 1, 6, "REQUESTED"); /* the request first */
    const struct fake_message *reply = site_registered_set(site, "k1", 1, 4, 1);
    assert_string_equal(reply->status, "refused");
    assert_non_null(strstr(reply->payload, "\"type\":\"below-committed\""));
    assert_non_null(strstr(reply->payload, "6 are reserved and 0 are rented"));
    assert_quantities(site, 1, 4, 6, 0);

    reply = site_registered_set(site, "k2", 2, 4, 1); /* the quantity first */
    assert_string_equal(reply->status, "ok");
    site_delivery(site, 8, 2, 6, "REQUESTED");
    assert_int_equal(state_of(site, 8), RESERVATION_REJECTED);
}

/* ---- waiting, restarts ---- */

static void test_waiting_while_product_is_away_lasts(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 10, 1);
    site_delivery(site, 7, 1, 3, "REQUESTED");
    fake_presence(&site->stock, "product", false, 5);
    fake_world_advance(site->world, 600000);
    fake_settle(&site->stock);
    assert_int_equal(state_of(site, 7), RESERVATION_WAITING);

    fake_world_forget(site->world); /* questions that were never answered */
    fake_presence(&site->stock, "product", true, 6);
    assert_true(site_confirm(site));
    assert_int_equal(state_of(site, 7), RESERVATION_REJECTED);
}

static void test_waiting_survives_a_restart_and_is_decided(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 2, 10, 1);
    site_delivery(site, 7, 1, 3, "REQUESTED");
    site_delivery(site, 8, 1, 3, "REQUESTED");
    fake_world_forget(site->world);
    fake_service_reopen(&site->stock);
    assert_int_equal(site_number(site, "SELECT max(ask) FROM reservation"), 0);
    assert_int_equal(state_of(site, 7), RESERVATION_WAITING);
    assert_true(site_confirm(site));
    assert_int_equal(state_of(site, 7), RESERVATION_REJECTED);
    assert_int_equal(state_of(site, 8), RESERVATION_REJECTED);
}

static void test_waiting_more_than_one_message_may_decide_are_all_decided(void **state)
{
    struct site *site = *state;
    const int64_t count = STOCK_DECIDE_MAX + 44;
    site_product_saved(site, 2, 10, 1);
    for (int64_t id = 1; id <= count; id++) {
        site_delivery(site, id, 1, 1, "REQUESTED");
        fake_world_forget(site->world);
    }
    site_product_saved(site, 1, 1000, 1);
    assert_int_equal(site_number(site, "SELECT count(*) FROM reservation WHERE state = 2"),
                     STOCK_DECIDE_MAX);
    assert_true(site_confirm(site));
    assert_int_equal(site_number(site, "SELECT count(*) FROM reservation WHERE state = 2"), count);

    for (int64_t id = 1; id <= count; id++) { /* the same for those that get nothing */
        site_delivery(site, 1000 + id, 3, 1, "REQUESTED");
        fake_world_forget(site->world);
    }
    assert_true(site_confirm(site));
    assert_int_equal(site_number(site, "SELECT count(*) FROM reservation WHERE state = 5"),
                     STOCK_DECIDE_MAX);
    assert_true(site_confirm(site));
    assert_int_equal(site_number(site, "SELECT count(*) FROM reservation WHERE state = 5"), count);
}

static void test_restart_keeps_everything(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    fake_service_reopen(&site->stock);
    assert_quantities(site, 1, 6, 4, 0);
    site_delivery(site, 7, 1, 4, "DELIVERED");
    assert_quantities(site, 1, 6, 0, 4);
}

/* ---- registered quantities ---- */

static void test_registered_set_moves_available(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 4, "REQUESTED");
    const struct fake_message *reply = site_registered_set(site, "k1", 1, 25, 1);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "registeredQty"), 25);
    assert_int_equal(reply_int(reply, "registration"), 2);
    assert_quantities(site, 1, 21, 4, 0);
    assert_int_equal(site_number(site, "SELECT sum(d_registered) FROM movement"), 25);
}

static void test_registered_set_same_key_has_one_effect(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    assert_string_equal(site_registered_set(site, "k1", 1, 25, 1)->status, "ok");
    const struct fake_message *reply = site_registered_set(site, "k1", 1, 25, 1);
    assert_int_equal(reply_int(reply, "registration"), 2);
    assert_int_equal(site_number(site, "SELECT count(*) FROM movement"), 2);
    assert_string_equal(site_registered_set(site, "k1", 1, 26, 1)->status, "key_reused");
}

static void test_registered_set_same_quantity_moves_nothing(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    const struct fake_message *reply = site_registered_set(site, "k1", 1, 10, 1);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(reply_int(reply, "registration"), 1);
    assert_int_equal(site_number(site, "SELECT count(*) FROM movement"), 1);
}

static void test_registered_set_bad_request_changes_nothing(void **state)
{
    struct site *site = *state;
    static const char *const bad[] = {
        "{\"productId\":1,\"registeredQty\":0,\"registration\":1}",
        "{\"productId\":1,\"registeredQty\":1000001,\"registration\":1}",
        "{\"productId\":0,\"registeredQty\":5,\"registration\":1}",
        "{\"productId\":1,\"registeredQty\":5}",
        "{\"productId\":1,\"registeredQty\":5,\"registration\":1,\"extra\":1}",
        "[]",
    };
    site_product_saved(site, 1, 10, 1);
    for (size_t i = 0; i < KIT_COUNT(bad); i++) {
        const struct fake_message *reply = fake_request(&site->stock, "product", "registered-set",
                                                        "k1", bad[i]);
        assert_non_null(reply);
        assert_string_equal(reply->status, "invalid");
    }
    assert_quantities(site, 1, 10, 0, 0);
}

static void test_product_saved_older_database_is_clamped_and_told(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 6, "REQUESTED");
    site_product_saved(site, 1, 4, 5); /* product was allowed to, by a stock that we lost */
    assert_quantities(site, 1, 0, 6, 0);
    assert_int_equal(site_number(site, "SELECT registration FROM stock"), 6);
    assert_int_equal(site_number(site, "SELECT kind FROM movement ORDER BY id DESC LIMIT 1"),
                     STOCK_MOVEMENT_CLAMPED);
    site_product_saved(site, 1, 20, 9);
    assert_quantities(site, 1, 14, 6, 0);
}

/* ---- bad events, metrics ---- */

static void test_bad_event_is_parked_and_nothing_else_stops(void **state)
{
    struct site *site = *state;
    site_product_saved(site, 1, 10, 1);
    const struct fake_event bad = { .source = "delivery",
                                    .seq = ++site->delivery_seq,
                                    .type = "DeliveryRequested",
                                    .subject = "delivery/7",
                                    .version = 1,
                                    .data = "{\"id\":7,\"qty\":-1}" };
    fake_event(&site->stock, &bad);
    assert_int_equal(site_number(site, "SELECT count(*) FROM dead_letter"), 1);
    site_delivery(site, 8, 1, 4, "REQUESTED");
    assert_int_equal(state_of(site, 8), RESERVATION_RESERVED);
    struct kit_error err;
    assert_int_equal(kit_service_dead_letter_skip(site->stock.service,
                                                  site_number(site, "SELECT id FROM dead_letter"),
                                                  &err),
                     KIT_OK);
}

static void test_metrics_count_what_happened(void **state)
{
    struct site *site = *state;
    static const char *const expected[] = {
        "lockstock_stock_reservations_waiting 1\n",
        "lockstock_stock_reservations_total{state=\"reserved\"} 1\n",
        "lockstock_stock_rejected_total{reason=\"out_of_stock\"} 1\n",
        "lockstock_stock_rejected_total{reason=\"unregistered_product\"} 0\n",
        "lockstock_stock_registrations_refused_total 1\n",
    };
    site_product_saved(site, 1, 10, 1);
    site_delivery(site, 7, 1, 6, "REQUESTED");
    site_delivery(site, 8, 1, 6, "REQUESTED");
    site_delivery(site, 9, 2, 6, "REQUESTED");
    assert_string_equal(site_registered_set(site, "k1", 1, 1, 1)->status, "refused");

    struct kit_buf out;
    kit_buf_init(&out, 65536);
    kit_service_metrics(site->stock.service, &out);
    for (size_t i = 0; i < KIT_COUNT(expected); i++)
        assert_non_null(strstr(out.data, expected[i]));
    kit_buf_done(&out);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_delivery_requested_enough_is_reserved_and_told),
        TEST(test_delivery_requested_not_enough_is_rejected_with_what_there_is),
        TEST(test_delivery_requested_unknown_product_waits_for_the_answer),
        TEST(test_delivery_of_other_goods_is_parked),
        cmocka_unit_test_setup_teardown(test_versions_are_told_above_those_from_before_a_loss,
                                        setup, teardown_lost),
        TEST(test_what_delivery_has_rejected_is_given_back),
        TEST(test_delivery_whole_life_gives_the_goods_back),
        TEST(test_delivery_updated_other_status_changes_nothing),
        TEST(test_r1_order_overtakes_its_product_gets_goods),
        TEST(test_r2_cancel_while_deciding_moves_nothing),
        TEST(test_r3_cancel_and_answer_cross),
        TEST(test_r4_everything_told_twice_moves_once),
        TEST(test_r5_late_delivered_takes_nothing),
        TEST(test_r6_canceled_before_it_was_requested_is_nothing),
        TEST(test_r7_registered_set_of_unknown_product_decides_who_waits),
        TEST(test_r8_smaller_quantity_races_a_reservation),
        TEST(test_waiting_while_product_is_away_lasts),
        TEST(test_waiting_survives_a_restart_and_is_decided),
        TEST(test_waiting_more_than_one_message_may_decide_are_all_decided),
        TEST(test_restart_keeps_everything),
        TEST(test_registered_set_moves_available),
        TEST(test_registered_set_same_key_has_one_effect),
        TEST(test_registered_set_same_quantity_moves_nothing),
        TEST(test_registered_set_bad_request_changes_nothing),
        TEST(test_product_saved_older_database_is_clamped_and_told),
        TEST(test_bad_event_is_parked_and_nothing_else_stops),
        TEST(test_metrics_count_what_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
