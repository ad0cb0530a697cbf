/* What lockers that lie, vanish or shrink may do: to themselves only (rules/delivery.md 6.3, 7, 8,
 * 9.3). */
#include "kit/base/timekeeper.h"
#include "locker_fixture.h"

#define SILENT_MS 91000

/* ---- numbers from outside ---- */

static void test_revision_out_of_bounds_is_counted_and_not_adopted(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    int64_t right = box.revision;
    static const int64_t claims[] = { INT64_C(9007199254740991), INT64_C(9007199254740990) };

    for (size_t i = 0; i < KIT_COUNT(claims); i++) {
        box.revision = claims[i];
        box_door(fixture, &box, 1, "closed", "absent");
        assert_int_equal(acked(fixture, &box), box.next_seq - 1);
    }
    assert_true(sql_int(fixture, "SELECT max(revision_wanted, revision_known) FROM locker") <=
                fixture->world->wall_ms + 1000);
    assert_metric(fixture, "lockstock_locker_revisions_suspicious_total 2\n");
    box.revision = right;
    box_hello(fixture, &box);
    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
}

/* Devices 1.5: its new flash failed, and the old one is back: its state says so. */
static void test_log_that_comes_back_is_answered_again(void **state)
{
    struct fixture *fixture = *state;
    struct box old = box_ready(fixture, "locker-1", "S");
    struct box box = box_named("locker-1");

    box.epoch = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    box_state(fixture, &box, "online", "S");
    box_door(fixture, &box, 1, "open", "absent");
    box_state(fixture, &old, "online", "S");
    box_door(fixture, &old, 1, "closed", "absent");
    assert_int_equal(acked(fixture, &old), old.next_seq - 1);
    assert_int_equal(sql_int(fixture, "SELECT door FROM compartment"), DOOR_STATE_CLOSED);
}

/* ---- lockers that fall silent ---- */

static void test_locker_that_falls_silent_is_offline_until_it_speaks(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    for (int i = 0; i < 5; i++) { /* its hello is enough */
        pass_time(fixture, 30000);
        box_hello(fixture, &box);
    }
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"online\"");
    pass_time(fixture, SILENT_MS);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"offline\"");
    assert_reply(cancel_locker(fixture, 1, 1), "unavailable", "\"type\":\"locker-unavailable\"");
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    box_hello(fixture, &box);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"online\"");
    assert_null(cancel_locker(fixture, 1, 1)); /* waits for it */
}

/* Rules time 1.2, 1.3: neither by a jump of the clock, nor when it is believed. */
static void test_locker_is_not_silent_because_a_clock_jumped(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    fixture->world->wall_ms += 10 * SILENT_MS;
    pass_time(fixture, TIMER_MS);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"online\"");
    pass_time(fixture, KIT_TIME_QUARANTINE_MS - 2 * TIMER_MS);
    box_hello(fixture, &box);
    pass_time(fixture, 2 * TIMER_MS);
    assert_int_equal(kit_service_sure_ms(fixture->delivery.service), fixture->world->wall_ms);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"online\"");
}

/* We were down, not the locker: it has some time to speak before we doubt. */
static void test_locker_is_not_silent_because_we_were_down(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "S");

    fake_world_advance(fixture->world, 10 * SILENT_MS);
    fake_service_reopen(&fixture->delivery);
    pass_time(fixture, TIMER_MS);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"status\":\"online\"");
}

/* ---- who waits, and for what ---- */

static void test_orders_too_large_for_ever_starve_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "L", "S");

    for (int id = 1; id <= 70; id++)
        pick(fixture, id, 1, "");
    assert_reason(fixture, 70, "larger than every compartment");
    /* One whose product is small, of another product. */
    struct fake_event other = { "product",
                                ++fixture->product_seq,
                                "ProductSaved",
                                "product/8",
                                1,
                                "{\"id\":8,\"name\":\"Lamp\",\"registeredQty\":10,"
                                "\"registration\":1,\"version\":1,\"tracking\":\"bulk\","
                                "\"size\":\"S\"}" };
    fake_event(&fixture->delivery, &other);
    struct fake_event order = {
        "rental",
        ++fixture->rental_seq,
        "RentalOrdered",
        "rental/71",
        1,
        "{\"id\":71,\"productId\":8,\"qty\":1,\"fulfilment\":\"locker\",\"status\":\"ORDERED\","
        "\"version\":1,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}"
    };
    fake_event(&fixture->delivery, &order);
    feed_reserved(fixture, 71);
    feed_step(fixture, 71, "StockPicked");
    assert_int_equal(sql_of(fixture, 71, "compartment"), 1);
    (void)box;
}

/* Rules 7.3: each learns why, also those far behind. */
static void test_compartment_that_becomes_free_goes_to_the_lowest_id(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    for (int id = 1; id <= 80; id++)
        pick(fixture, id, 1, "");
    assert_reason(fixture, 80, "waits for a free compartment");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
    assert_int_equal(sql_of(fixture, 80, "compartment IS NULL"), 1);
    (void)box;
}

static void test_locker_beyond_a_thousand_compartments_is_found(void **state)
{
    struct fixture *fixture = *state;
    char name[32];
    feed_product(fixture, 7, "L");

    pick(fixture, 1, 1, "");
    for (int i = 0; i < 65; i++) { /* 1,040 compartments, offline, by name before the one */
        struct box box;
        (void)snprintf(name, sizeof(name), "a-%02d", i);
        box = box_named(name);
        box_state(fixture, &box, "online", "SSSSSSSSSSSSSSSS");
        box_state(fixture, &box, "offline", "SSSSSSSSSSSSSSSS");
        fake_world_forget(fixture->world);
    }
    struct box box = box_ready(fixture, "z-1", "L");
    assert_int_equal(sql_int(fixture, "SELECT locker = 'z-1' FROM delivery WHERE id = 1"), 1);
    (void)box;
}

static void test_wished_locker_that_is_not_there_is_said_so(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    (void)box_ready(fixture, "locker-1", "S");

    pick(fixture, 1, 1, "locker-9");
    assert_reason(fixture, 1, "there is no locker-9");
}

/* Rules 7.1: SSM becomes SS while an order has number 3. */
static void test_compartment_that_the_locker_has_no_more_is_not_given_again(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "M", "SSM");

    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 3);
    box_state(fixture, &box, "online", "SS");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
}

/* ---- staff ---- */

static void test_load_scanned_twice_opens_once(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    feed_requested(fixture, 1, &box, 1, "load");
    assert_int_equal(told_count(fixture, &box, "cmd"), 1);
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    feed_requested(fixture, 1, &box, 1, "load"); /* it is open already */
    assert_int_equal(told_count(fixture, &box, "cmd"), 1);
    box_door(fixture, &box, 1, "closed", "absent");
    feed_requested(fixture, 1, &box, 1, "load"); /* nothing was sensed: again */
    assert_int_equal(told_count(fixture, &box, "cmd"), 2);
}

static void test_load_at_a_locker_that_is_away_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    box_state(fixture, &box, "offline", "S");
    feed_requested(fixture, 1, &box, 1, "load");
    assert_int_equal(told_count(fixture, &box, "cmd"), 0);
    assert_reason(fixture, 1, "locker-1 is not connected");
    box_state(fixture, &box, "online", "S");
    load(fixture, &box, 1, 1);
    assert_int_equal(sql_of(fixture, 1, "reason IS NULL"), 1);
}

/* ---- what lies in it ---- */

/* Two loads have proven it dead: later ones need no proof. */
static void test_dead_sensor_is_not_asked_again(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    for (int id = 1; id <= 2; id++) {
        pick(fixture, id, 1, "");
        for (int i = 0; i < (id == 1 ? 2 : 1); i++) {
            open_and_close(fixture, &box, id, 1, "absent");
        }
        assert_int_equal(status_of(fixture, id), DELIVERY_STATUS_READY);
        box_confirm(fixture, &box);
        code_of(fixture, id, code);
        box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, "opened");
        box_door(fixture, &box, 1, "closed", "absent");
        assert_int_equal(status_of(fixture, id), DELIVERY_STATUS_DELIVERED);
        box_confirm(fixture, &box);
    }
}

static void test_cancel_while_loading_without_a_good_sensor_assumes_goods(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "unknown");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    box_door(fixture, &box, 1, "closed", "unknown");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    feed_released(fixture, 1);
    assert_int_equal(sql_of(fixture, 1, "compartment_use IS NULL"), 1); /* the goods are back */
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
}

/* The customer is at the open door when the counter takes the goods of the same order. */
static void test_return_at_the_counter_while_the_door_is_open_keeps_what_is_laid_in(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    box_confirm(fixture, &box);
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
    box_confirm(fixture, &box);
    box_code(fixture, &box, 1, 1);
    feed_step(fixture, 1, "StockReturned");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNED);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    feed_requested(fixture, 1, &box, 1, "fetch"); /* staff look into it */
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment_use IS NULL"), 1);
}

/* ---- codes ---- */

static void test_code_is_shown_only_when_the_locker_has_it(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found",
                 "does not have the code");
    box_confirm(fixture, &box);
    code_of(fixture, 1, code);
    box_state(fixture, &box, "offline", "S"); /* it has it: it opens without us */
    code_of(fixture, 1, code);
}

/* Devices 1.2: the first hello of a start says 0, whatever it has. The link goes after it. */
static void test_code_is_shown_though_the_locker_was_cut_after_its_first_hello(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char code[GRANT_CODE_SIZE];

    struct box starting = box;
    starting.revision = 0;
    box_hello(fixture, &starting);
    box_state(fixture, &box, "offline", "S");
    code_of(fixture, 1, code);
}

/* But it is believed when it names an older one, has records without any, or has a new log. */
static void test_code_is_not_shown_when_the_locker_has_lost_its_configuration(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    struct box lost = box;

    lost.revision = 1;
    box_hello(fixture, &lost);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    box_hello(fixture, &box);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "ok", "code");
    lost.revision = 0;
    box_record(fixture, &lost, "\"kind\":\"start\"");
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    box_hello(fixture, &box);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "ok", "code");
    struct box fresh = box_named("locker-1");
    fresh.epoch = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    box_state(fixture, &fresh, "online", "S");
    box_hello(fixture, &fresh);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
}

/* After the deadline there is none, and nobody is promised one. */
static void test_no_new_code_is_promised_after_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_code(fixture, &box, 1, 1);
    fake_world_advance(fixture->world, HOLD_MS + TIMER_MS);
    box_door(fixture, &box, 1, "closed", "present");
    assert_reason(fixture, 1, "the goods are still");
    assert_int_equal(
        sql_int(fixture, "SELECT instr(coalesce(reason, ''), 'new code') FROM delivery"), 0);
}

/* ---- an order that fails ---- */

static void test_order_that_cannot_take_its_compartment_stops_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    box_door(fixture, &box, 1, "open", "absent");
    pick(fixture, 1, 1, "");
    assert_reason(fixture, 1, "waits for a free compartment");
    freeze(fixture, 1);
    box_door(fixture, &box, 1, "closed", "absent"); /* order 1 could have it now */
    assert_int_equal(acked(fixture, &box), box.next_seq - 1);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok", "PICKED");
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_reserved(fixture, 2);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);

    sql_run(fixture, "DROP TRIGGER frozen");
    box_hello(fixture, &box); /* the next word of a locker tries again */
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
}

/* Both wait; the lower id cannot be served. It is asked again when a locker speaks, not before. */
static void test_order_that_cannot_take_its_compartment_lets_the_next_one_have_it(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    for (int number = 1; number <= 2; number++)
        box_door(fixture, &box, number, "open", "absent");
    for (int id = 1; id <= 2; id++)
        pick(fixture, id, 1, "");
    freeze(fixture, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);

    box_door(fixture, &box, 2, "closed", "absent"); /* room for it, but it fails again */
    const int warnings = fixture->world->log_count[KIT_WARN];
    assert_int_equal(warnings, 2);
    feed_rental(fixture, 3, "RentalOrdered", 1);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(fixture->world->log_count[KIT_WARN], warnings);

    sql_run(fixture, "DROP TRIGGER frozen");
    box_hello(fixture, &box);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 2);
}

/* Its reason would be another one at each sweep. Order 1 ends all the same, and order 3 learns. */
static void test_order_that_cannot_be_told_why_it_waits_stops_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    for (int id = 2; id <= 3; id++)
        pick(fixture, id, 1, "");
    sql_run(fixture, "UPDATE delivery SET reason = 'of old' WHERE id > 1");
    freeze(fixture, 2);
    pass_time(fixture, HOLD_MS + TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), DELIVERY_WISH_EXPIRE);
    assert_reason(fixture, 2, "of old");
    assert_reason(fixture, 3, "waits for a free compartment");
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_EXPIRED);
}

/* ---- a batch that is lost ---- */

static int refuse_commit(void *unused)
{
    (void)unused;
    return 1;
}

/* Order 1 waits, the only door closes, and the disk is full when that is saved: what the database
 * says has not changed. */
static struct box shop_that_lost_an_assignment(struct fixture *fixture)
{
    struct box box = shop(fixture, "S", "S");
    sqlite3 *db = kit_db_handle(kit_service_db(fixture->delivery.service));

    box_door(fixture, &box, 1, "open", "absent");
    pick(fixture, 1, 1, "");
    const struct box before = box;
    (void)sqlite3_commit_hook(db, refuse_commit, NULL);
    box_door(fixture, &box, 1, "closed", "absent");
    (void)sqlite3_commit_hook(db, NULL, NULL);
    assert_int_equal(sql_int(fixture, "SELECT door FROM compartment"), DOOR_STATE_OPEN);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    return before;
}

static void test_assignment_that_was_lost_comes_with_the_next_word(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_that_lost_an_assignment(fixture);

    pass_time(fixture, TIMER_MS);
    box_door(fixture, &box, 1, "closed", "absent"); /* no ack has come: once more */
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
}

static void test_assignment_that_was_lost_comes_with_the_sweep(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_that_lost_an_assignment(fixture);

    box_door(fixture, &box, 1, "closed", "absent");
    pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_log_that_comes_back_is_answered_again),
        TEST(test_locker_that_falls_silent_is_offline_until_it_speaks),
        TEST(test_locker_is_not_silent_because_a_clock_jumped),
        TEST(test_locker_is_not_silent_because_we_were_down),
        TEST(test_orders_too_large_for_ever_starve_nobody),
        TEST(test_compartment_that_becomes_free_goes_to_the_lowest_id),
        TEST(test_locker_beyond_a_thousand_compartments_is_found),
        TEST(test_wished_locker_that_is_not_there_is_said_so),
        TEST(test_compartment_that_the_locker_has_no_more_is_not_given_again),
        TEST(test_load_scanned_twice_opens_once),
        TEST(test_load_at_a_locker_that_is_away_says_so),
        TEST(test_dead_sensor_is_not_asked_again),
        TEST(test_cancel_while_loading_without_a_good_sensor_assumes_goods),
        TEST(test_return_at_the_counter_while_the_door_is_open_keeps_what_is_laid_in),
        TEST(test_code_is_shown_only_when_the_locker_has_it),
        TEST(test_code_is_shown_though_the_locker_was_cut_after_its_first_hello),
        TEST(test_code_is_not_shown_when_the_locker_has_lost_its_configuration),
        TEST(test_no_new_code_is_promised_after_the_deadline),
        TEST(test_revision_out_of_bounds_is_counted_and_not_adopted),
        TEST(test_order_that_cannot_take_its_compartment_stops_nothing_else),
        TEST(test_order_that_cannot_take_its_compartment_lets_the_next_one_have_it),
        TEST(test_order_that_cannot_be_told_why_it_waits_stops_nothing_else),
        TEST(test_assignment_that_was_lost_comes_with_the_next_word),
        TEST(test_assignment_that_was_lost_comes_with_the_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
