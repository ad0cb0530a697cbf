/* Cancels, hold times and returns that end, with a locker that may be away (rules 5.5, 6.2, 6.3).
 */
#include "locker_fixture.h"

static const struct fake_message *last_cancel_reply(struct fixture *fixture)
{
    return fake_last(fixture->world, "lockstock/v1/reply/rental/delivery");
}

/* Rules 6.2: at once, as long as no code is out. */
static void test_cancel_before_it_is_ready_is_at_once(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    (void)box_ready(fixture, "locker-1", "S");

    feed_locker_order(fixture, 1, 1, "");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    feed_locker_order(fixture, 2, 1, "");
    feed_reserved(fixture, 2);
    assert_reply(cancel_locker(fixture, 2, 1), "ok", "\"status\":\"CANCELED\"");
    pick(fixture, 3, 1, "");
    assert_reply(cancel_locker(fixture, 3, 1), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(sql_of(fixture, 3, "compartment IS NULL"), 1);
}

/* Rules 6.2: the locker confirms, the goods stay inside until staff fetch them. */
static void test_cancel_when_ready_waits_for_the_locker(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    assert_null(cancel_locker(fixture, 1, 1)); /* no answer yet */
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(grants_told(fixture, &box), 0);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    box_hello(fixture, &box); /* it still has the old configuration */
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_reply(last_cancel_reply(fixture), "ok", "\"status\":\"CANCELED\"");
    assert_reply(last_cancel_reply(fixture), "ok", "\"compartmentUse\":\"loaded\"");

    feed_requested(fixture, 1, &box, 1, "fetch");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    feed_released(fixture, 1);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1); /* the door is still open */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
}

/* Rules 5.5, step 2: the customer was faster; her record comes with or before the confirmation. */
static void test_cancel_overtaken_by_the_customer_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char code[GRANT_CODE_SIZE];

    code_of(fixture, 1, code);
    int64_t grant = grant_of_code(fixture, &box, code);
    assert_null(cancel_locker(fixture, 1, 1));
    box_take_config(fixture, &box); /* stored after the code was used */
    box_use(fixture, &box, grant, 1, "opened");
    assert_int_equal(status_of(fixture, 1),
                     DELIVERY_STATUS_READY); /* the door is open: not decided */
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_reply(last_cancel_reply(fixture), "refused", "\"type\":\"already-collected\"");
    assert_reply(cancel_locker(fixture, 1, 1), "refused", "\"type\":\"already-collected\"");
}

/* The customer opened and took nothing: then the cancel holds, and there is no new code. */
static void test_cancel_after_a_look_into_the_compartment_holds(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    box_code(fixture, &box, 1, 1);
    assert_null(cancel_locker(fixture, 1, 1));
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* A full `up` says nothing about what is behind it: perhaps a code was used (rules 5.5). */
static void test_cancel_is_not_confirmed_while_records_may_be_missing(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char records[1024] = "";

    assert_null(cancel_locker(fixture, 1, 1));
    box_take_config(fixture, &box);
    for (int i = 0; i < 8; i++)
        (void)snprintf(records + strlen(records), sizeof(records) - strlen(records),
                       "%s{\"seq\":%" PRId64 ",\"at\":0,\"kind\":\"alarm\",\"compartment\":1,"
                       "\"alarm\":\"remind\"}",
                       i > 0 ? "," : "", box.next_seq + i);
    box_up_from(fixture, &box, box.next_seq, records);
    box.next_seq += 8;
    assert_int_equal(acked(fixture, &box), box.next_seq - 1);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_metric(fixture, "lockstock_locker_alarms_total{alarm=\"remind\"} 8\n");
}

static void test_cancel_while_the_locker_is_away_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    box_state(fixture, &box, "offline", "S");
    int64_t size = log_size(fixture);
    const struct fake_message *reply = cancel_locker(fixture, 1, 1);
    assert_reply(reply, "unavailable", "\"type\":\"locker-unavailable\"");
    assert_reply(reply, "unavailable", "locker-1 is not connected");
    assert_reply(reply, "unavailable", "Cancel again when it is back");
    assert_reply(reply, "unavailable", "\"retryAfterMs\":30000");
    assert_int_equal(log_size(fixture), size);
    assert_int_equal(grants_told(fixture, &box), 1); /* the code is still good */
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "ok", "collect");
}

/* The locker goes silent in the middle: the answer says so in time, and the end stays pending. */
static void test_cancel_without_confirmation_is_answered_and_comes_true_later(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    assert_null(cancel_locker(fixture, 1, 1)); /* its deadline: 2 s */
    pass_time(fixture, 1900);
    assert_reply(last_cancel_reply(fixture), "unavailable", "\"type\":\"locker-unavailable\"");
    assert_reply(last_cancel_reply(fixture), "unavailable", "also if nobody asks again");
    assert_null(cancel_locker(fixture, 1, 1)); /* again: waits again */
    fake_service_reopen(&fixture->delivery);   /* and nobody waits any more */
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
}

/* Rules 4.5: the safety net asks nobody. */
static void test_rental_canceled_event_for_ready_comes_true_when_confirmed(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    struct fake_event event = {
        "rental",
        ++fixture->rental_seq,
        "RentalCanceled",
        "rental/1",
        5,
        "{\"id\":1,\"productId\":7,\"qty\":1,\"fulfilment\":\"locker\",\"status\":\"CANCELED\","
        "\"version\":5,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}",
    };

    fake_event(&fixture->delivery, &event);
    assert_int_equal(sql_of(fixture, 1, "wish"), DELIVERY_WISH_CANCEL);
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
}

/* A cancel while the worker stands at the open door: the goods that were laid in are found. */
static void test_cancel_while_it_is_being_loaded_keeps_the_compartment(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1); /* the command may still open it */
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* The same, but nothing came of the command. */
static void test_cancel_after_a_command_without_effect_frees_the_compartment(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    pass_time(fixture, 30000 + 10000 - TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    pass_time(fixture, 2 * TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_metric(fixture, "lockstock_locker_commands_unanswered_total 1\n");
}

/* Rules 8.4: staff fetch the goods with a key of the building's; the door stands open a while. */
static void test_compartment_is_not_given_back_while_its_door_is_open(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    assert_null(cancel_locker(fixture, 1, 1));
    box_confirm(fixture, &box);
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "open", "absent");
    feed_released(fixture, 1);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
}

/* ---- time ---- */

/* Rules 6.3. */
static void test_ready_longer_than_the_hold_time_expires_when_the_locker_confirms(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    pass_time(fixture, HOLD_MS - 1000);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(sql_of(fixture, 1, "wish"), DELIVERY_WISH_EXPIRE);
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_EXPIRED);
    assert_reply(request(fixture, "bridge", "get", "{\"id\":1}"), "ok",
                 "\"reason\":\"not collected in time\"");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"EXPIRED\"");
    assert_metric(fixture, "lockstock_deliveries_total{outcome=\"expired\"} 1\n");
    feed_released(fixture, 1); /* staff have them again, the sensor still sees something */
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
}

/* Rules time 1.4. The machine's clock is days ahead for some seconds; then it is behind while goods
 * are laid in, and the hold time begins. */
static void test_ready_outlives_a_step_of_the_clock(void **state)
{
    const int64_t step_ms = 3 * HOLD_MS;
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "SS");

    fixture->world->wall_ms += step_ms;
    fake_service_crash(&fixture->delivery); /* the next one takes it for an absence */
    pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    fixture->world->wall_ms -= step_ms;
    pass_time(fixture, TIMER_MS);
    fixture->world->wall_ms += step_ms;
    for (int i = 0; i < 8; i++)
        pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    fake_service_crash(&fixture->delivery);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    fixture->world->wall_ms -= step_ms;
    pick(fixture, 2, 1, "");
    feed_requested(fixture, 2, &box, 2, "load");
    fixture->world->wall_ms -= step_ms;
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 2, "open", "absent");
    box_door(fixture, &box, 2, "closed", "present");
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_READY);
    fixture->world->wall_ms += step_ms;
    for (int i = 0; i < 8; i++)
        pass_time(fixture, TIMER_MS);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(status_of(fixture, 2), DELIVERY_STATUS_READY);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    assert_int_equal(sql_of(fixture, 2, "wish"), 0);
}

/* The locker was away at the end of the hold time; the customer had been there before. */
static void test_collected_offline_before_the_hold_time_ended_is_delivered(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char code[GRANT_CODE_SIZE];

    code_of(fixture, 1, code);
    int64_t grant = grant_of_code(fixture, &box, code);
    box_state(fixture, &box, "offline", "S");
    pass_time(fixture, HOLD_MS + TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), DELIVERY_WISH_EXPIRE);
    box_state(fixture, &box, "online", "S");
    box_take_config(fixture, &box);
    box_use(fixture, &box, grant, 1, "opened"); /* from its log */
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* Nobody is thrown out of a compartment that is open in front of him. */
static void test_hold_time_that_ends_while_the_door_is_open_waits(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    box_code(fixture, &box, 1, 1);
    pass_time(fixture, HOLD_MS + TIMER_MS);
    assert_int_equal(sql_of(fixture, 1, "wish"), 0);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* ---- returns ---- */

static void test_return_that_nobody_brings_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_step(fixture, 1, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
    assert_reply(cancel_locker(fixture, 1, 1), "refused", "already-collected");
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    pass_time(fixture, HOLD_MS + TIMER_MS);
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(sql_of(fixture, 1, "compartment IS NULL"), 1);
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING"); /* again */
}

/* Returned at the counter instead: its code must be dead before the compartment is another's. */
static void test_return_at_the_counter_gives_the_compartment_back_when_its_code_is_dead(
    void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_step(fixture, 1, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    feed_step(fixture, 1, "StockReturned");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNED);
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment IS NULL"), 1);
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
}

static void test_return_refusals_say_why(void **state)
{
    struct fixture *fixture = *state;
    feed_product(fixture, 7, "S");
    struct box box = shop_with_ready(fixture, "S");

    assert_reply(request(fixture, "bridge", "return", "{\"id\":9}"), "not_found", "no delivery 9");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "refused",
                 "is not with the customer");
    feed_rental(fixture, 2, "RentalOrdered", 1);
    feed_reserved(fixture, 2);
    assert_reply(request(fixture, "bridge", "return", "{\"id\":2}"), "refused",
                 "did not come by a locker");
    pick(fixture, 3, 1, "");
    feed_step(fixture, 3, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":3}"), "refused",
                 "\"type\":\"no-free-compartment\"");
    pick(fixture, 4, 5, "");
    feed_step(fixture, 4, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":4}"), "refused",
                 "larger than every compartment");
    assert_int_equal(status_of(fixture, 4), DELIVERY_STATUS_DELIVERED);
    box_hello(fixture, &box);
}

/* Rules 8.1: a command may still open the compartment of the order, so the order still has it. */
static void test_return_while_the_order_still_has_a_compartment_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    feed_step(fixture, 1, "StockHandedOver");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "refused",
                 "\"type\":\"no-free-compartment\"");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    pass_time(fixture, 41000); /* the command has expired */
    box_hello(fixture, &box);
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
}

/* ---- too many messages in one batch ---- */

#define STORM_UPS 160 /* of ten messages each: more than a batch may send */
#define STORM_RECORDS 8
#define STORM_HELLOS 10 /* of one message each: not one more may be sent after them */

/* What comes next comes in the same batch. */
static void say_up(struct fixture *fixture, const struct box *box, int64_t first_seq,
                   const char *records)
{
    char topic[KIT_TOPIC_SIZE], json[2048];
    (void)snprintf(topic, sizeof(topic), DEVICE_TOPIC "%s/up", box->name);
    (void)snprintf(json, sizeof(json),
                   "{\"epoch\":\"%s\",\"boot\":1,\"firstSeq\":%" PRId64
                   ",\"configRevision\":%" PRId64
                   ",\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"records\":[%s]}",
                   box->epoch, first_seq, box->revision, records);
    const struct kit_message message = {
        .topic = topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .qos = 1,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(fixture->delivery.service, &message);
}

/* The lock of compartment 1 fails again and again; each time there is a new code. */
static void storm(struct fixture *fixture, const struct box *box)
{
    int64_t grant = sql_int(fixture, "SELECT max(id) FROM access_grant");
    int64_t seq = box->next_seq;

    for (int i = 0; i < STORM_UPS; i++) {
        char records[STORM_RECORDS * 128] = "";
        const int64_t first_seq = seq;
        for (int j = 0; j < STORM_RECORDS; j++) {
            const size_t size = strlen(records);
            (void)snprintf(records + size, sizeof(records) - size,
                           "%s{\"seq\":%" PRId64 ",\"at\":0,\"kind\":\"grant\",\"grantId\":%" PRId64
                           ",\"compartment\":1,\"effect\":\"no_answer\"}",
                           j > 0 ? "," : "", seq++, grant++);
        }
        say_up(fixture, box, first_seq, records);
    }
}

/* Its ack does not fit into the batch, so all that the message said is undone: said once more, it
 * still ends the order, and the caller hears of it. */
static void test_cancel_whose_confirmation_was_undone_is_answered_later(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    struct box stormy = box_ready(fixture, "locker-2", "S");
    struct box quiet = box_ready(fixture, "locker-3", "S");

    pick(fixture, 2, 1, "locker-2");
    load(fixture, &stormy, 2, 1);
    assert_null(cancel_locker(fixture, 1, 1));
    box_take_config(fixture, &box);
    storm(fixture, &stormy);
    for (int i = 0; i < STORM_HELLOS; i++)
        say_up(fixture, &quiet, quiet.next_seq, "");
    const size_t acks = told_count(fixture, &box, "ack");
    box_hello(fixture, &box);
    assert_int_equal(told_count(fixture, &box, "ack"), acks);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_null(last_cancel_reply(fixture));

    box_hello(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_reply(last_cancel_reply(fixture), "ok", "\"status\":\"CANCELED\"");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_cancel_before_it_is_ready_is_at_once),
        TEST(test_cancel_when_ready_waits_for_the_locker),
        TEST(test_cancel_overtaken_by_the_customer_is_refused),
        TEST(test_cancel_after_a_look_into_the_compartment_holds),
        TEST(test_cancel_is_not_confirmed_while_records_may_be_missing),
        TEST(test_cancel_while_the_locker_is_away_changes_nothing),
        TEST(test_cancel_without_confirmation_is_answered_and_comes_true_later),
        TEST(test_rental_canceled_event_for_ready_comes_true_when_confirmed),
        TEST(test_cancel_while_it_is_being_loaded_keeps_the_compartment),
        TEST(test_cancel_after_a_command_without_effect_frees_the_compartment),
        TEST(test_compartment_is_not_given_back_while_its_door_is_open),
        TEST(test_ready_longer_than_the_hold_time_expires_when_the_locker_confirms),
        TEST(test_ready_outlives_a_step_of_the_clock),
        TEST(test_collected_offline_before_the_hold_time_ended_is_delivered),
        TEST(test_hold_time_that_ends_while_the_door_is_open_waits),
        TEST(test_return_that_nobody_brings_is_given_up),
        TEST(test_return_at_the_counter_gives_the_compartment_back_when_its_code_is_dead),
        TEST(test_return_refusals_say_why),
        TEST(test_return_while_the_order_still_has_a_compartment_is_refused),
        TEST(test_cancel_whose_confirmation_was_undone_is_answered_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
