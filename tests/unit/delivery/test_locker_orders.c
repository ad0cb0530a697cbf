/* Orders for a locker, from the shelf to the customer and back (rules 6, 7, 8). */
#include "delivery/store/delivery.h"
#include "locker_fixture.h"

static void test_whole_life_from_order_to_return(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SSML");

    pick(fixture, 1, 2, "");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_PICKED);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "\"locker\":\"locker-1\",\"compartment\":3,\"compartmentUse\":\"assigned\"}");

    load(fixture, &box, 1, 3);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "\"compartmentUse\":\"loaded\",\"collectBy\":\"2026-01-03T00:00:00.000Z\"}");
    assert_int_equal(grants_told(fixture, &box), 1);

    box_code(fixture, &box, 1, 3);
    assert_int_equal(status_of(fixture, 1),
                     DELIVERY_STATUS_READY); /* an open door proves nothing */
    assert_int_equal(grants_told(fixture, &box), 0);
    box_door(fixture, &box, 3, "open", "absent");
    box_door(fixture, &box, 3, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "{\"number\":3,\"size\":\"M\",\"door\":\"closed\",\"presence\":\"absent\","
                 "\"use\":\"free\"}");

    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok",
                 "\"status\":\"RETURNING\"");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", /* twice is fine */
                 "\"compartmentUse\":\"assigned\"");
    box_confirm(fixture, &box);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "ok",
                 "\"purpose\":\"return\",\"locker\":\"locker-1\",\"compartment\":3,"
                 "\"expiresAt\":\"2026-01-03T00:00:00.000Z\"");
    box_code(fixture, &box, 1, 3);
    box_door(fixture, &box, 3, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNING);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found",
                 "\"type\":\"no-code\"");

    feed_requested(fixture, 1, &box, 3, "fetch");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 3, "open", "absent");
    box_door(fixture, &box, 3, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 3); /* stock has not said so yet */
    feed_step(fixture, 1, "StockReturned");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNED);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment"
                                      " WHERE delivery_id IS NOT NULL"),
                     0);
    assert_metric(fixture, "lockstock_locker_grants_issued_total 2\n");
    assert_metric(fixture, "lockstock_locker_commands_total{effect=\"opened\"} 2\n");
    assert_metric(fixture, "lockstock_locker_records_suspicious_total 0\n");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
}

static const char *take(struct fixture *fixture, const char *method, int number)
{
    char json[64];
    (void)snprintf(json, sizeof(json), "{\"device\":\"locker-1\",\"compartment\":%d}", number);
    static int keys;
    char key[32];
    (void)snprintf(key, sizeof(key), "take-%d", keys++);
    const struct fake_message *reply = fake_request(&fixture->delivery, "bridge", method, key,
                                                    json);
    assert_string_equal(reply->status, "ok");
    return reply->payload;
}

/* Rules 7.7. */
static void test_out_of_service_gets_no_order_and_sends_one_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    const char *shown = take(fixture, "compartment-out", 1);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 2);
    assert_non_null(strstr(shown, "{\"number\":1,\"size\":\"S\",\"door\":\"closed\","
                                  "\"presence\":\"absent\",\"use\":\"out_of_order\"}"));
    (void)take(fixture, "compartment-out", 1); /* twice is fine */
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    box_state(fixture, &box, "online", "SS"); /* it stays out when its locker comes back */
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    assert_reply(request(fixture, "bridge", "device-get", "{\"device\":\"locker-1\"}"), "ok",
                 "\"outOfService\":[{\"compartment\":1,\"since\":\"2026-");
    (void)take(fixture, "compartment-in", 1);
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
    assert_reply(request(fixture, "bridge", "device-get", "{\"device\":\"locker-1\"}"), "ok",
                 "\"outOfService\":[]");
}

/* Rules 7.7: what lies in it is reachable, and so is a door that is about to open for a load. */
static void test_out_of_service_keeps_what_lies_in_it(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "SS");

    (void)take(fixture, "compartment-out", 1);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    box_confirm(fixture, &box);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "ok", "\"code\":\"");
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 2);
    feed_requested(fixture, 2, &box, 2, "load");
    (void)take(fixture, "compartment-out", 2);
    assert_int_equal(sql_of(fixture, 2, "compartment"), 2);
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_reply(request(fixture, "bridge", "locker-get", "{\"device\":\"locker-1\"}"), "ok",
                 "\"use\":\"out_of_order\"");
}

/* Rules 7.7, 8.7: no door has failed, and the reason does not say that one has. */
static void test_out_of_service_sends_emptied_goods_elsewhere_and_says_why(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    box_door(fixture, &box, 1, "open", "absent"); /* nobody typed a code */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    (void)take(fixture, "compartment-out", 1);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1); /* there is no other one */
    const int64_t since_ms = sql_int(fixture, "SELECT out_since_ms FROM compartment");
    fixture->world->wall_ms += 1000;
    (void)box_ready(fixture, "locker-2", "S");
    (void)take(fixture, "compartment-out", 1);
    assert_int_equal(sql_int(fixture, "SELECT max(out_since_ms) FROM compartment"), since_ms);
    assert_reason(fixture, 1,
                  "compartment 1 of locker-1 is out of service: the goods come into compartment 1"
                  " of locker-2");
}

static void test_out_of_service_is_told_and_must_be_there(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "S");
    const int64_t before = sql_int(fixture, "SELECT version FROM locker_told");
    (void)take(fixture, "compartment-out", 1);
    assert_int_equal(sql_int(fixture, "SELECT version FROM locker_told"), before + 1);
    (void)take(fixture, "compartment-out", 1);
    assert_int_equal(sql_int(fixture, "SELECT version FROM locker_told"), before + 1);
    const struct fake_message *reply = fake_request(&fixture->delivery, "bridge", "compartment-out",
                                                    "no-such",
                                                    "{\"device\":\"locker-1\",\"compartment\":2}");
    assert_string_equal(reply->status, "not_found");
    assert_non_null(strstr(reply->payload, "There is no compartment 2 of locker-1"));
}

/* Each change of what is told has a version, a history row and an event (rules 2.4, 2.5). */
static void test_every_change_is_one_version_one_history_row_one_event(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "version"), 6);
    assert_int_equal(log_size(fixture), 6);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery_history"), 6);
    assert_log(fixture, 2, "DeliveryUpdated", "\"status\":\"RESERVED\"");
    assert_log(fixture, 3, "DeliveryUpdated", "\"status\":\"PICKED\"");
    assert_log(fixture, 4, "DeliveryUpdated", "\"compartmentUse\":\"assigned\"");
    assert_log(fixture, 5, "DeliveryUpdated", "\"status\":\"READY\"");
    assert_log(fixture, 6, "DeliveryUpdated", "\"status\":\"DELIVERED\",\"version\":6}");
}

static void test_handed_over_at_the_counter_frees_the_compartment(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    (void)box_ready(fixture, "locker-1", "S");

    pick(fixture, 1, 1, "");
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    feed_step(fixture, 1, "StockHandedOver");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1); /* who waits gets it */
    feed_step(fixture, 1, "StockReturned");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNED);
}

/* ---- compartments ---- */

static void test_wished_locker_first_and_another_with_a_reason(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    (void)box_ready(fixture, "locker-1", "S");
    (void)box_ready(fixture, "locker-2", "M");

    pick(fixture, 1, 1, "locker-2");
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "\"locker\":\"locker-2\",\"compartment\":1");
    pick(fixture, 2, 1, "locker-2");
    assert_reply(request(fixture, "bridge", "get", "{\"id\":2}"), "ok",
                 "\"reason\":\"locker-2 has no free compartment; the goods come into locker-1\"");
}

static void test_no_compartment_waits_lowest_id_first(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "M", "M");

    for (int id = 1; id <= 3; id++)
        pick(fixture, id, 1, "");
    pick(fixture, 4, 2, ""); /* 2 of size M: 4 units */
    assert_reply(request(fixture, "bridge", "get", "{\"id\":3}"), "ok",
                 "\"reason\":\"waits for a free compartment\"");
    assert_reply(request(fixture, "bridge", "get", "{\"id\":4}"), "ok",
                 "\"reason\":\"larger than every compartment: handed over at the counter\"");
    assert_metric(fixture, "lockstock_orders_waiting_for_compartment 3\n");
    int64_t size = log_size(fixture);
    box_door(fixture, &box, 1, "closed", "absent"); /* nothing new is told again and again */
    assert_int_equal(log_size(fixture), size);

    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
    assert_int_equal(sql_of(fixture, 3, "compartment IS NULL"), 1);
    (void)box_ready(fixture, "locker-2",
                    "L"); /* room for the large one, and for one of the others */
    assert_int_equal(sql_of(fixture, 3, "compartment"), 1);
    assert_int_equal(sql_of(fixture, 4, "compartment IS NULL"), 1);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":4}"), "ok",
                 "\"reason\":\"waits for a free compartment\"");
    assert_metric(fixture, "lockstock_orders_waiting_for_compartment 1\n");
}

/* More than DELIVERY_IDS_MAX wait: a sweep tells so many, and the next one goes on behind them. */
static void test_every_order_that_waits_is_told_why_however_many_they_are(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "L");

    feed_product(fixture, 8, "S"); /* another one: its stream is followed from here on */
    for (int id = 1; id <= DELIVERY_IDS_MAX + 3; id++) {
        pick(fixture, id, 1, "");
        fake_world_forget(fixture->world);
    }
    feed_product(fixture, 7, "L"); /* order 1 has the compartment now */
    assert_reason(fixture, DELIVERY_IDS_MAX + 3, "waits until the product");
    pass_time(fixture, TIMER_MS);
    assert_reason(fixture, 2, "waits for a free compartment");
    assert_reason(fixture, DELIVERY_IDS_MAX + 1, "waits for a free compartment");
    pass_time(fixture, TIMER_MS);
    assert_reason(fixture, DELIVERY_IDS_MAX + 2, "waits for a free compartment");
    assert_reason(fixture, DELIVERY_IDS_MAX + 3, "waits for a free compartment");
}

/* One that cannot be told why it waits is left to the sweeps. */
static void test_order_that_waits_newly_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    sql_run(fixture, "CREATE TRIGGER mute BEFORE UPDATE ON delivery WHEN NEW.reason LIKE 'waits%'"
                     " BEGIN SELECT RAISE(ABORT, 'mute'); END");
    const int64_t warnings = fixture->world->log_count[KIT_WARN];
    pick(fixture, 2, 1, "");
    assert_int_equal(fixture->world->log_count[KIT_WARN], warnings + 1);
    box_door(fixture, &box, 1, "closed", "absent"); /* compartments are given out again */
    assert_int_equal(fixture->world->log_count[KIT_WARN], warnings + 1);
}

static void test_unknown_size_waits_until_the_product_arrives(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "L");

    pick(fixture, 1, 2, "");
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "\"reason\":\"waits until the product's size is known\"");
    feed_product(fixture, 7, "M");
    assert_reply(
        request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
        "\"version\":5,\"updatedAt\":\"2026-01-01T00:00:00.000Z\",\"locker\":\"locker-1\"");
}

static void test_compartment_that_is_offline_open_or_unknown_is_not_given(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    struct box box = box_named("locker-1");

    box_state(fixture, &box, "online", "SS");
    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1); /* doors not known yet */
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 2, "closed", "present"); /* something forgotten lies in it */
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    box_door(fixture, &box, 2, "closed", "absent");
    box_state(fixture, &box, "offline", "SS");
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    box_state(fixture, &box, "online", "SS");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 2);
}

/* Devices 7.8: its `online` was lost, and nothing would say it again. */
static void test_locker_that_speaks_is_there_without_its_online(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    box_state(fixture, &box, "offline", "S");
    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    box_hello(fixture, &box);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
}

/* ---- doors ---- */

/* Rules 8.2. */
static void test_load_without_goods_is_scanned_again_and_believed_then(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_PICKED);
        open_and_close(fixture, &box, 1, 1, "absent");
        if (i == 0)
            assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                         "nothing was sensed in compartment 1 of locker-1");
    }
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(sql_int(fixture, "SELECT is_doubtful FROM compartment"), 1);
    box_code(fixture, &box, 1, 1); /* says that it sees something now: the sensor works after all */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* Rules 8.3, 8.6: a sensor that has never changed cannot keep a customer's order open. */
static void test_collect_with_a_doubtful_sensor_is_delivered(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    for (int i = 0; i < 2; i++) {
        feed_requested(fixture, 1, &box, 1, "load");
        box_effect(fixture, &box, "opened");
        box_door(fixture, &box, 1, "closed", "absent");
    }
    box_confirm(fixture, &box);
    code_of(fixture, 1, code);
    box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* Rules 8.3. */
static void test_collect_that_leaves_the_goods_gets_a_new_code(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char first[GRANT_CODE_SIZE], second[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    box_confirm(fixture, &box);
    code_of(fixture, 1, first);
    int64_t old = grant_of_code(fixture, &box, first);
    box_code(fixture, &box, 1, 1);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_confirm(fixture, &box);
    code_of(fixture, 1, second);
    assert_string_not_equal(first, second);
    assert_int_equal(grant_of_code(fixture, &box, first), 0); /* the old one opens nothing */
    assert_true(grant_of_code(fixture, &box, second) > old);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "the goods are still in compartment 1 of locker-1; there is a new code");
}

/* Rules 8.5. */
static void test_code_that_opens_nothing_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    static const char *const effects[] = { "jammed", "no_answer", "interrupted" };
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE], part[64];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    for (size_t i = 0; i < KIT_COUNT(effects); i++) {
        box_confirm(fixture, &box);
        code_of(fixture, 1, code);
        int64_t grant = grant_of_code(fixture, &box, code);
        box_use(fixture, &box, grant, 1, effects[i]);
        assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
        assert_int_equal(grant_of_code(fixture, &box, code), 0);
        assert_int_equal(grants_told(fixture, &box), 1);
        (void)snprintf(part, sizeof(part), "did not open: %s; there is a new code", effects[i]);
        assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok", part);
    }
    assert_metric(fixture, "lockstock_locker_doors_jammed_total 1\n");
    /* Cut off in the middle, the customer had the goods all the same: the sensor says so. */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* Rules 8.5: the board fell silent just when the door was open. */
static void test_goods_that_were_taken_while_the_board_was_silent_are_collected(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    box_confirm(fixture, &box);
    code_of(fixture, 1, code);
    box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, "no_answer");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* Rules 8.5: the door of an interrupted use is told after the new code was issued. */
static void test_code_after_an_interrupted_use_stays_when_the_door_closes(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE], same[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    box_confirm(fixture, &box);
    code_of(fixture, 1, code);
    box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, "interrupted");
    box_confirm(fixture, &box);
    code_of(fixture, 1, same);
    assert_string_not_equal(code, same);
    box_door(fixture, &box, 1, "closed", "present");
    box_confirm(fixture, &box);
    code_of(fixture, 1, code);
    assert_string_equal(code, same);
    assert_int_equal(grants_told(fixture, &box), 1);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "the goods are still in compartment 1 of locker-1; there is a new code");
}

/* Rules 8.5: nobody loads into a door that jams. */
static void test_load_at_a_jammed_door_goes_to_another_compartment(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "jammed");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 2);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"number\":1,\"size\":\"S\",\"door\":\"jammed\",\"presence\":\"absent\","
                 "\"use\":\"out_of_order\"");
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    box_door(fixture, &box, 1, "open", "absent"); /* somebody frees it */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
}

static void test_return_without_goods_gets_a_new_code_and_is_believed_then(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    feed_step(fixture, 1, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
        box_confirm(fixture, &box);
        code_of(fixture, 1, code);
        box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, "opened");
        box_door(fixture, &box, 1, "open", "absent");
        box_door(fixture, &box, 1, "closed", "absent");
    }
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_whole_life_from_order_to_return),
        TEST(test_out_of_service_gets_no_order_and_sends_one_elsewhere),
        TEST(test_out_of_service_keeps_what_lies_in_it),
        TEST(test_out_of_service_sends_emptied_goods_elsewhere_and_says_why),
        TEST(test_out_of_service_is_told_and_must_be_there),
        TEST(test_every_change_is_one_version_one_history_row_one_event),
        TEST(test_handed_over_at_the_counter_frees_the_compartment),
        TEST(test_wished_locker_first_and_another_with_a_reason),
        TEST(test_no_compartment_waits_lowest_id_first),
        TEST(test_every_order_that_waits_is_told_why_however_many_they_are),
        TEST(test_order_that_waits_newly_is_told_once),
        TEST(test_unknown_size_waits_until_the_product_arrives),
        TEST(test_compartment_that_is_offline_open_or_unknown_is_not_given),
        TEST(test_locker_that_speaks_is_there_without_its_online),
        TEST(test_load_without_goods_is_scanned_again_and_believed_then),
        TEST(test_collect_with_a_doubtful_sensor_is_delivered),
        TEST(test_collect_that_leaves_the_goods_gets_a_new_code),
        TEST(test_code_that_opens_nothing_is_replaced),
        TEST(test_goods_that_were_taken_while_the_board_was_silent_are_collected),
        TEST(test_code_after_an_interrupted_use_stays_when_the_door_closes),
        TEST(test_load_at_a_jammed_door_goes_to_another_compartment),
        TEST(test_return_without_goods_gets_a_new_code_and_is_believed_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
