/* Lockers that lose their key: what they hold ends, moves or is fetched, then they are forgotten
 * (rules/delivery.md 6.3, 7.6). */
#include "locker_fixture.h"

#define RETURN_MS (INT64_C(48) * 3600 * 1000)
#define LIST "locker-list", "{\"page\":0,\"size\":5}"

static void lose_key(struct fixture *fixture, const char *locker)
{
    fixture->world->lost_key = locker;
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
}

static void assert_forgotten(struct fixture *fixture, const char *locker)
{
    char json[64];
    (void)snprintf(json, sizeof(json), "{\"device\":\"%s\"}", locker);
    assert_reply(request(fixture, "bridge", "locker-get", json), "not_found", locker);
}

static void assert_kept(struct fixture *fixture, const char *locker)
{
    char json[64];
    (void)snprintf(json, sizeof(json), "{\"device\":\"%s\"}", locker);
    assert_reply(request(fixture, "bridge", "locker-get", json), "ok", "\"status\":\"no_key\"");
}

/* ---- what ends ---- */

static void test_locker_removed_with_goods_stops_nobody_elses_expiry(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "S");
    struct box box = box_ready(fixture, "locker-2", "S");

    pick(fixture, 1, 1, "locker-1");
    load(fixture, &gone, 1, 1);
    pick(fixture, 2, 1, "locker-2");
    load(fixture, &box, 2, 1);
    fixture->world->lost_key = "locker-1";
    pass_time(fixture, HOLD_MS + TIMER_MS);
    pass_time(fixture, TIMER_MS);
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_EXPIRED);
    assert_int_equal(status_of(fixture, 1),
                     DELIVERY_STATUS_EXPIRED); /* its code has expired there too */
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"device\":\"locker-1\",\"site\":\"main\",\"status\":\"no_key\"");
}

/* One is canceled, at the other's door stands the customer: then the locker is gone. */
static void test_locker_removed_ends_what_waits_for_its_word(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "SS");

    for (int id = 1; id <= 2; id++) {
        pick(fixture, id, 1, "");
        load(fixture, &gone, id, id);
    }
    box_code(fixture, &gone, 2, 2);
    assert_null(cancel_locker(fixture, 1, 1)); /* waits for the locker */
    fixture->world->lost_key = "locker-1";
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY); /* its code may still open it */
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_READY);
    for (int i = 0; i < 4; i++)
        pass_time(fixture, HOLD_MS);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_EXPIRED);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"),
                     COMPARTMENT_USE_LOADED); /* to be fetched */
}

static void test_locker_removed_gets_no_orders_and_tells_customers_nothing_of_us(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "SS");
    struct box box = box_ready(fixture, "locker-2", "S");

    pick(fixture, 1, 1, "locker-1");
    load(fixture, &gone, 1, 1);
    fixture->world->lost_key = "locker-1";
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":1}"), "ok",
                 "\"status\":\"no_key\"");
    box_hello(fixture, &gone); /* the broker should not have let it in */
    assert_metric(fixture, "lockstock_messages_refused_total{reason=\"device\"} 1\n");
    const struct fake_message *reply = cancel_locker(fixture, 1, 1);
    assert_reply(reply, "unavailable", "\"type\":\"locker-unavailable\"");
    assert_null(strstr(reply->payload, "key"));
    assert_reply(reply, "unavailable", "The order ends by itself at 2026-01-0");
    assert_reply(reply, "unavailable", "\"retryAfterMs\":3600000");
    pick(fixture, 2, 1, "locker-1");
    assert_int_equal(sql_int(fixture, "SELECT locker = 'locker-2' FROM delivery WHERE id = 2"), 1);
    feed_requested(fixture, 1, &gone, 1, "fetch");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
    (void)box;
}

static void test_order_that_cannot_end_in_a_removed_locker_stops_no_other(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "SS");
    struct box box = box_ready(fixture, "locker-2", "S");

    for (int id = 1; id <= 3; id++) {
        pick(fixture, id, 1, id < 3 ? "locker-1" : "locker-2");
        load(fixture, id < 3 ? &gone : &box, id, id < 3 ? id : 1);
    }
    for (int id = 1; id <= 2; id++)
        assert_null(cancel_locker(fixture, id, 1));
    freeze(fixture, 1);
    lose_key(fixture, "locker-1");
    pass_time(fixture, HOLD_MS);
    const int64_t warnings = fixture->world->log_count[KIT_WARN];
    for (int i = 0; i < 5; i++)
        pass_time(fixture, TIMER_MS);
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_CANCELED);
    assert_int_equal(status_of(fixture, 3), DELIVERY_STATUS_EXPIRED);
    assert_true(fixture->world->log_count[KIT_WARN] - warnings <= 1); /* not at each sweep */
}

/* It was picked, and cannot go elsewhere; the next one can. */
static void test_order_that_cannot_leave_a_removed_locker_stops_no_other(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "SS");

    for (int id = 1; id <= 2; id++)
        pick(fixture, id, 1, "");
    freeze(fixture, 1);
    lose_key(fixture, "locker-1");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
}

/* Of a locker that is there: an expiry that fails, and the one after it. */
static void test_order_that_cannot_expire_stops_no_other(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    for (int id = 1; id <= 2; id++) {
        pick(fixture, id, 1, "");
        load(fixture, &box, id, id);
    }
    freeze(fixture, 1);
    pass_time(fixture, HOLD_MS + TIMER_MS);
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_EXPIRED);
}

/* Commands to both of which the locker said nothing. */
static void test_order_that_cannot_be_told_of_silence_stops_no_other(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    for (int id = 1; id <= 2; id++) {
        pick(fixture, id, 1, "");
        feed_requested(fixture, id, &box, id, "load");
    }
    freeze(fixture, 1);
    pass_time(fixture, 40000 + TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "reason IS NULL"), 1);
    assert_int_equal(sql_of(fixture, 2, "instr(reason, 'did not answer') > 0"), 1);
    assert_metric(fixture, "lockstock_locker_commands_unanswered_total 2\n");
}

/* A store that cannot be trusted is no matter of one order. */
static void test_order_whose_compartment_is_lost_ends_the_service(void **state)
{
    struct fixture *fixture = *state;
    (void)shop_with_ready(fixture, "S");

    assert_null(cancel_locker(fixture, 1, 1));
    lose_key(fixture, "locker-1");
    sql_run(fixture, "DELETE FROM compartment");
    assert_int_equal(kit_service_failure(fixture->delivery.service, NULL), KIT_OK);
    pass_time(fixture, HOLD_MS);
    assert_int_equal(kit_service_failure(fixture->delivery.service, NULL), KIT_E_CORRUPT);
}

/* ---- what is forgotten ---- */

static void test_locker_removed_that_holds_nothing_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop_with_ready(fixture, "SM");
    (void)box_ready(fixture, "locker-2", "S");

    box_code(fixture, &gone, 1, 1);
    box_door(fixture, &gone, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    box_says(fixture, &gone, "up",
             "{\"epoch\":\"" LOCKER_EPOCH "\",\"boot\":1,\"firstSeq\":99,\"configRevision\":0,"
             "\"bounced\":0,\"unreadable\":3,\"overflowed\":0,\"records\":[]}");
    assert_metric(fixture, "lockstock_device_reads_dropped{reason=\"unreadable\"} 3\n");
    lose_key(fixture, "locker-1");
    assert_forgotten(fixture, "locker-1");
    assert_reply(request(fixture, "bridge", LIST), "ok", "\"total\":1");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment"), 1);
    assert_metric(fixture, "lockstock_device_reads_dropped{reason=\"unreadable\"} 0\n");
}

static void test_locker_removed_that_comes_back_is_new(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    lose_key(fixture, "locker-1");
    assert_forgotten(fixture, "locker-1");
    box_state(fixture, &box, "offline", "S"); /* its will comes late */
    assert_forgotten(fixture, "locker-1");
    fixture->world->lost_key = NULL;
    box = box_ready(fixture, "locker-1", "SL");
    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
}

static void test_many_lockers_removed_are_forgotten_in_a_few_sweeps(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "old-%d", i);
        struct box box = box_named(name);
        box_state(fixture, &box, "online", "S");
        fake_world_forget(fixture->world);
    }
    (void)box_ready(fixture, "locker-1", "S");
    assert_reply(request(fixture, "bridge", LIST), "ok", "\"total\":41");
    lose_key(fixture, "old-");
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_reply(request(fixture, "bridge", LIST), "ok", "\"total\":1");
}

/* The folder of the keys is not there: that says nothing about a locker. */
static void test_locker_is_kept_while_no_key_can_be_read(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "S");

    fixture->world->has_no_keys = true;
    lose_key(fixture, "locker-1");
    assert_kept(fixture, "locker-1");
    fixture->world->has_no_keys = false;
    lose_key(fixture, "locker-1");
    assert_forgotten(fixture, "locker-1");
}

/* ---- what keeps it ---- */

/* Its file is there: nobody has taken the locker away. */
static void test_locker_whose_key_cannot_be_used_is_kept_and_gets_no_orders(void **state)
{
    struct fixture *fixture = *state;
    static const int codes[] = { KIT_E_UNAVAILABLE, KIT_E_INVALID };
    struct box box = shop(fixture, "S", "S");
    (void)box_ready(fixture, "locker-2", "SS");

    for (size_t i = 0; i < KIT_COUNT(codes); i++) {
        const int id = (int)i + 1;
        fixture->world->lost_key = NULL;
        box_hello(fixture, &box); /* it is there, and has a key */
        fixture->world->lost_key_code = codes[i];
        const int64_t warnings = fixture->world->log_count[KIT_WARN];
        lose_key(fixture, "locker-1");
        assert_kept(fixture, "locker-1");
        pick(fixture, id, 1, "locker-1");
        assert_int_equal(sql_of(fixture, id, "locker = 'locker-2'"), 1);
        assert_int_equal(fixture->world->log_count[KIT_WARN], warnings);
    }
    assert_int_equal(kit_service_failure(fixture->delivery.service, NULL), KIT_OK);
}

static void test_locker_removed_with_goods_is_kept_until_stock_has_them(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop_with_ready(fixture, "S");

    lose_key(fixture, "locker-1");
    assert_kept(fixture, "locker-1");
    pass_time(fixture, HOLD_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_EXPIRED);
    pass_time(fixture, TIMER_MS);
    assert_kept(fixture, "locker-1"); /* they lie in it */
    feed_released(fixture, 1);
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_forgotten(fixture, "locker-1");
    (void)gone;
}

static void test_order_to_be_loaded_in_a_removed_locker_gets_another_compartment(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-1'"), 1);
    lose_key(fixture, "locker-1");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_int_equal(sql_of(fixture, 1, "instr(reason, 'waits for a free compartment') > 0"), 1);
    struct box box = box_ready(fixture, "locker-2", "S");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-2'"), 1);
    load(fixture, &box, 1, 1);
    assert_forgotten(fixture, "locker-1");
}

/* Somebody may be laying the goods in. */
static void test_order_that_was_being_loaded_in_a_removed_locker_stays_there(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &gone, 1, "load");
    box_effect(fixture, &gone, "opened");
    box_door(fixture, &gone, 1, "open", "absent");
    lose_key(fixture, "locker-1");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-1'"), 1);
    assert_kept(fixture, "locker-1");
    feed_step(fixture, 1, "StockHandedOver"); /* they lay in the tote, or were taken out */
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_forgotten(fixture, "locker-1");
}

static void test_order_whose_goods_are_sensed_in_a_removed_locker_stays_there(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    box_door(fixture, &gone, 1, "open", "absent"); /* with a key of the building's */
    box_door(fixture, &gone, 1, "open", "present");
    box_door(fixture, &gone, 1, "closed", "present");
    lose_key(fixture, "locker-1");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-1'"), 1);
    assert_kept(fixture, "locker-1");
}

static void test_locker_removed_that_has_forgotten_its_void_code_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop_with_ready(fixture, "S");

    assert_null(cancel_locker(fixture, 1, 1));
    box_confirm(fixture, &gone);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    feed_released(fixture, 1);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1); /* by its sensor, they lie there */
    lose_key(fixture, "locker-1");
    assert_forgotten(fixture, "locker-1");
}

/* It was not told that a code is void, so that code's time must end. */
static void test_locker_removed_with_a_code_that_may_be_alive_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct box gone = shop_with_ready(fixture, "S");

    box_code(fixture, &gone, 1, 1);
    box_door(fixture, &gone, 1, "closed", "absent");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "\"RETURNING\"");
    feed_step(fixture, 1, "StockReturned"); /* at the counter: the code is taken away */
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    lose_key(fixture, "locker-1");
    assert_kept(fixture, "locker-1");
    pass_time(fixture, RETURN_MS);
    pass_time(fixture, TIMER_MS);
    assert_forgotten(fixture, "locker-1");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_locker_removed_with_goods_stops_nobody_elses_expiry),
        TEST(test_locker_removed_ends_what_waits_for_its_word),
        TEST(test_locker_removed_gets_no_orders_and_tells_customers_nothing_of_us),
        TEST(test_order_that_cannot_end_in_a_removed_locker_stops_no_other),
        TEST(test_order_that_cannot_leave_a_removed_locker_stops_no_other),
        TEST(test_order_that_cannot_expire_stops_no_other),
        TEST(test_order_that_cannot_be_told_of_silence_stops_no_other),
        TEST(test_order_whose_compartment_is_lost_ends_the_service),
        TEST(test_locker_removed_that_holds_nothing_is_forgotten),
        TEST(test_locker_removed_that_comes_back_is_new),
        TEST(test_many_lockers_removed_are_forgotten_in_a_few_sweeps),
        TEST(test_locker_is_kept_while_no_key_can_be_read),
        TEST(test_locker_whose_key_cannot_be_used_is_kept_and_gets_no_orders),
        TEST(test_locker_removed_with_goods_is_kept_until_stock_has_them),
        TEST(test_order_to_be_loaded_in_a_removed_locker_gets_another_compartment),
        TEST(test_order_that_was_being_loaded_in_a_removed_locker_stays_there),
        TEST(test_order_whose_goods_are_sensed_in_a_removed_locker_stays_there),
        TEST(test_locker_removed_that_has_forgotten_its_void_code_is_forgotten),
        TEST(test_locker_removed_with_a_code_that_may_be_alive_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
