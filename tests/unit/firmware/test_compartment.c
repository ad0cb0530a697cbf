/* The door of one compartment, in virtual time. */
#include "fakes/cmocka_all.h"

#include "core/compartment.h"

#define ABSENT FW_PRESENCE_ABSENT
#define PRESENT FW_PRESENCE_PRESENT
#define CHANGE FW_DOOR_EVENT_CHANGE
#define EFFECT FW_DOOR_EVENT_EFFECT
#define ALARM_BIT(alarm) (FW_DOOR_EVENT_ALARM << (alarm))

static uint32_t read_twice(struct fw_compartment *c, bool is_open, int64_t now_ms)
{
    uint32_t events = fw_compartment_on_read(c, is_open, c->presence, now_ms);
    return events | fw_compartment_on_read(c, is_open, c->presence, now_ms);
}

static struct fw_compartment closed_door(void)
{
    struct fw_compartment c;
    fw_compartment_init(&c, &fw_door_timers_default);
    assert_int_equal(c.door, FW_DOOR_UNKNOWN);
    assert_int_equal(read_twice(&c, false, 0), CHANGE);
    assert_int_equal(c.door, FW_DOOR_CLOSED);
    return c;
}

/* Closed, and pulsed at now. */
static struct fw_compartment opening_door(int64_t now_ms)
{
    struct fw_compartment c = closed_door();
    assert_int_equal(fw_compartment_begin_unlock(&c, now_ms), 0);
    assert_true(fw_compartment_wants_pulse(&c, now_ms));
    assert_int_equal(fw_compartment_on_pulse(&c, now_ms), CHANGE);
    assert_int_equal(c.door, FW_DOOR_OPENING);
    return c;
}

static struct fw_compartment open_door(int64_t now_ms)
{
    struct fw_compartment c = opening_door(now_ms);
    assert_int_equal(read_twice(&c, true, now_ms), CHANGE | EFFECT);
    assert_int_equal(c.door, FW_DOOR_OPEN);
    return c;
}

static void test_on_read_once_is_not_believed(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    assert_int_equal(fw_compartment_on_read(&c, true, PRESENT, 0), 0);
    assert_true(fw_compartment_is_moving(&c));
    assert_int_equal(fw_compartment_on_read(&c, false, ABSENT, 0), 0);
    assert_int_equal(fw_compartment_on_read(&c, true, PRESENT, 0), 0);
    assert_int_equal(c.door, FW_DOOR_CLOSED);
    assert_int_equal(c.presence, FW_PRESENCE_UNKNOWN);
}

static void test_on_read_presence_twice_is_a_change(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    assert_int_equal(fw_compartment_on_read(&c, false, PRESENT, 0), 0);
    assert_int_equal(fw_compartment_on_read(&c, false, PRESENT, 0), CHANGE);
    assert_int_equal(c.presence, PRESENT);
    assert_false(fw_compartment_is_moving(&c));
}

static void test_unlock_open_bit_twice_is_opened(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(1000);
    assert_int_equal(fw_compartment_on_read(&c, true, c.presence, 1100), 0);
    assert_int_equal(fw_compartment_on_read(&c, true, c.presence, 1200), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_OPENED);
    assert_int_equal(c.door, FW_DOOR_OPEN);
    assert_int_equal(read_twice(&c, false, 2000), CHANGE); /* no alarm was up: none is cleared */
    assert_int_equal(c.door, FW_DOOR_CLOSED);
}

static void test_unlock_taken_alone_never_means_opened(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    fw_compartment_on_taken(&c);
    assert_int_equal(c.door, FW_DOOR_OPENING);
    for (int64_t now_ms = 100; now_ms < FW_DOOR_JAM_MS; now_ms += 100) {
        assert_int_equal(fw_compartment_on_read(&c, false, c.presence, now_ms), 0);
        assert_int_equal(fw_compartment_tick(&c, now_ms), 0);
        assert_false(fw_compartment_wants_pulse(&c, now_ms));
    }
    assert_int_equal(fw_compartment_due_ms(&c), FW_DOOR_JAM_MS);
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_JAMMED);
    assert_int_equal(c.door, FW_DOOR_JAMMED);
}

static void test_unlock_jammed_door_opens_later_without_alarm(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    read_twice(&c, false, 100);
    fw_compartment_tick(&c, FW_DOOR_JAM_MS);
    assert_int_equal(read_twice(&c, false, 3100), 0);
    assert_int_equal(c.door, FW_DOOR_JAMMED);
    assert_int_equal(read_twice(&c, true, 4000), CHANGE);
    assert_int_equal(c.door, FW_DOOR_OPEN);
}

static void test_unlock_jammed_door_again_is_pulsed_again(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    read_twice(&c, false, 100);
    fw_compartment_tick(&c, FW_DOOR_JAM_MS);
    assert_int_equal(fw_compartment_begin_unlock(&c, 5000), 0);
    assert_true(fw_compartment_wants_pulse(&c, 5000));
    assert_int_equal(fw_compartment_on_pulse(&c, 5000), CHANGE);
    assert_int_equal(read_twice(&c, true, 5100), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_OPENED);
}

/* A pulse that nobody confirmed may have been lost on the line, and the code is spent. */
static void test_unlock_unconfirmed_pulse_is_repeated_while_closed(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    assert_false(fw_compartment_wants_pulse(&c, FW_PULSE_AGAIN_MS)); /* nothing read since */
    read_twice(&c, false, 200);
    assert_false(fw_compartment_wants_pulse(&c, FW_PULSE_AGAIN_MS - 1));
    assert_true(fw_compartment_wants_pulse(&c, FW_PULSE_AGAIN_MS));
    assert_int_equal(fw_compartment_on_pulse(&c, FW_PULSE_AGAIN_MS), 0);
    read_twice(&c, false, 700);
    assert_false(fw_compartment_wants_pulse(&c, 3 * FW_PULSE_AGAIN_MS - 1));
    assert_true(fw_compartment_wants_pulse(&c, 3 * FW_PULSE_AGAIN_MS));
    assert_int_equal(fw_compartment_on_pulse(&c, 3 * FW_PULSE_AGAIN_MS), 0);
    read_twice(&c, false, 1700);
    assert_false(fw_compartment_wants_pulse(&c, FW_DOOR_JAM_MS - 1));           /* FW_PULSES_MAX */
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), CHANGE | EFFECT); /* of the first */
}

static void test_unlock_patient_timer_still_sends_no_fourth_pulse(void **state)
{
    (void)state;
    struct fw_door_timers timers = fw_door_timers_default;
    timers.jam_ms = 60000;
    struct fw_compartment c = closed_door();
    c.timers = &timers;
    int pulses = 0;
    fw_compartment_begin_unlock(&c, 0);
    for (int64_t now_ms = 0; now_ms < 60000; now_ms += 100) {
        if (fw_compartment_wants_pulse(&c, now_ms)) {
            fw_compartment_on_pulse(&c, now_ms);
            pulses++;
        }
        read_twice(&c, false, now_ms);
    }
    assert_int_equal(pulses, FW_PULSES_MAX);
}

static void test_unlock_open_bit_read_once_holds_the_pulse_back(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    read_twice(&c, false, 200);
    assert_int_equal(fw_compartment_on_read(&c, true, c.presence, 450), 0);
    assert_false(fw_compartment_wants_pulse(&c, FW_PULSE_AGAIN_MS));
}

static void test_unlock_open_door_is_already_open(void **state)
{
    (void)state;
    struct fw_compartment c = open_door(0);
    assert_int_equal(fw_compartment_begin_unlock(&c, 500), EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_ALREADY_OPEN);
    assert_false(fw_compartment_wants_pulse(&c, 500));
}

static void test_unlock_unknown_door_is_read_first(void **state)
{
    (void)state;
    struct fw_compartment c;
    fw_compartment_init(&c, &fw_door_timers_default);
    assert_int_equal(fw_compartment_begin_unlock(&c, 0), 0);
    assert_false(fw_compartment_wants_pulse(&c, 0));
    fw_compartment_on_read(&c, false, ABSENT, 50);
    assert_false(fw_compartment_wants_pulse(&c, 50));
    fw_compartment_on_read(&c, false, ABSENT, 150);
    assert_true(fw_compartment_wants_pulse(&c, 150));
    assert_int_equal(fw_compartment_on_pulse(&c, 150), CHANGE);
    fw_compartment_on_read(&c, false, ABSENT, 200);
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), 0); /* counted from the pulse */
    assert_int_equal(fw_compartment_tick(&c, 150 + FW_DOOR_JAM_MS), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_JAMMED);
}

static void test_unlock_unknown_door_that_is_open_is_already_open(void **state)
{
    (void)state;
    struct fw_compartment c;
    fw_compartment_init(&c, &fw_door_timers_default);
    fw_compartment_begin_unlock(&c, 0);
    assert_int_equal(read_twice(&c, true, 100) & ~CHANGE, EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_ALREADY_OPEN);
    assert_int_equal(c.pulses, 0);
}

static void test_unlock_silent_board_is_no_answer_and_never_pulsed_later(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    assert_int_equal(fw_compartment_on_silence(&c), CHANGE);
    assert_int_equal(c.door, FW_DOOR_UNKNOWN);
    assert_int_equal(fw_compartment_on_silence(&c), 0);
    assert_int_equal(fw_compartment_begin_unlock(&c, 0), 0);
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(read_twice(&c, false, 4000), CHANGE);
    assert_int_equal(c.door, FW_DOOR_CLOSED);
    assert_false(fw_compartment_wants_pulse(&c, 4000));
}

/* The lock may have moved although we heard nothing: the pulse is remembered. */
static void test_unlock_silence_after_pulse_opens_later_unforced(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    assert_int_equal(fw_compartment_on_silence(&c), CHANGE);
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(read_twice(&c, true, 9000), CHANGE);
    assert_int_equal(c.door, FW_DOOR_OPEN);
}

static void test_unlock_never_read_after_the_pulse_is_no_answer(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    assert_int_equal(fw_compartment_tick(&c, FW_DOOR_JAM_MS), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_NO_ANSWER);
    assert_int_equal(c.door, FW_DOOR_UNKNOWN);
}

static void test_unlock_board_back_in_time_goes_on(void **state)
{
    (void)state;
    struct fw_compartment c = opening_door(0);
    fw_compartment_on_silence(&c);
    assert_int_equal(read_twice(&c, false, 1500), CHANGE);
    assert_int_equal(c.door, FW_DOOR_OPENING);
    assert_int_equal(read_twice(&c, true, 1700), CHANGE | EFFECT);
    assert_int_equal(c.effect, FW_UNLOCK_OPENED);
}

static void test_on_read_open_without_pulse_is_forced_and_cleared(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    assert_int_equal(read_twice(&c, true, 100), CHANGE | ALARM_BIT(FW_ALARM_FORCED));
    assert_int_equal(c.door, FW_DOOR_OPEN);
    assert_int_equal(read_twice(&c, false, 200), CHANGE | ALARM_BIT(FW_ALARM_CLEARED));
    assert_int_equal(read_twice(&c, true, 300), CHANGE | ALARM_BIT(FW_ALARM_FORCED));
}

static void test_on_read_open_after_silence_is_forced_if_it_was_closed(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    fw_compartment_on_silence(&c);
    assert_int_equal(read_twice(&c, true, 100), CHANGE | ALARM_BIT(FW_ALARM_FORCED));
}

static void test_on_read_open_at_start_is_not_forced(void **state)
{
    (void)state;
    struct fw_compartment c;
    fw_compartment_init(&c, &fw_door_timers_default);
    assert_int_equal(read_twice(&c, true, 100), CHANGE);
    assert_int_equal(fw_compartment_due_ms(&c), 100 + FW_DOOR_REMIND_MS);
}

static void test_tick_open_door_alarms_each_once_then_cleared(void **state)
{
    (void)state;
    struct fw_compartment c = open_door(0);
    assert_int_equal(fw_compartment_tick(&c, 9999), 0);
    assert_int_equal(fw_compartment_tick(&c, 10000), CHANGE | ALARM_BIT(FW_ALARM_REMIND));
    assert_int_equal(c.door, FW_DOOR_AJAR);
    assert_int_equal(fw_compartment_tick(&c, 59999), 0);
    assert_int_equal(fw_compartment_tick(&c, 60000), ALARM_BIT(FW_ALARM_ESCALATE));
    assert_int_equal(fw_compartment_tick(&c, 299999), 0);
    assert_int_equal(fw_compartment_tick(&c, 300000), ALARM_BIT(FW_ALARM_ALARM));
    assert_int_equal(fw_compartment_tick(&c, 9000000), 0);
    assert_int_equal(fw_compartment_due_ms(&c), INT64_MAX);
    assert_int_equal(read_twice(&c, false, 9000001), CHANGE | ALARM_BIT(FW_ALARM_CLEARED));
    assert_int_equal(read_twice(&c, false, 9000002), 0);
}

static void test_tick_silence_while_open_timers_go_on_afterwards(void **state)
{
    (void)state;
    struct fw_compartment c = open_door(0);
    fw_compartment_on_silence(&c);
    assert_int_equal(fw_compartment_tick(&c, 20000), 0); /* unknown: nothing is claimed */
    assert_int_equal(read_twice(&c, true, 20001), CHANGE);
    assert_int_equal(fw_compartment_tick(&c, 20001), CHANGE | ALARM_BIT(FW_ALARM_REMIND));
    fw_compartment_on_silence(&c);
    assert_int_equal(read_twice(&c, true, 30000), CHANGE);
    assert_int_equal(c.door, FW_DOOR_AJAR);
    fw_compartment_on_silence(&c);
    assert_int_equal(read_twice(&c, false, 40000), CHANGE | ALARM_BIT(FW_ALARM_CLEARED));
}

static void test_is_moving_only_while_something_is_open_to_question(void **state)
{
    (void)state;
    struct fw_compartment c = closed_door();
    assert_false(fw_compartment_is_moving(&c));
    fw_compartment_begin_unlock(&c, 0);
    assert_true(fw_compartment_is_moving(&c));
    c = open_door(0);
    assert_false(fw_compartment_is_moving(&c));
    fw_compartment_on_read(&c, false, c.presence, 10);
    assert_true(fw_compartment_is_moving(&c));
    fw_compartment_on_silence(&c);
    assert_false(fw_compartment_is_moving(&c));
    fw_compartment_on_read(&c, false, c.presence, 10);
    assert_true(fw_compartment_is_moving(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on_read_once_is_not_believed),
        cmocka_unit_test(test_on_read_presence_twice_is_a_change),
        cmocka_unit_test(test_unlock_open_bit_twice_is_opened),
        cmocka_unit_test(test_unlock_taken_alone_never_means_opened),
        cmocka_unit_test(test_unlock_jammed_door_opens_later_without_alarm),
        cmocka_unit_test(test_unlock_jammed_door_again_is_pulsed_again),
        cmocka_unit_test(test_unlock_unconfirmed_pulse_is_repeated_while_closed),
        cmocka_unit_test(test_unlock_patient_timer_still_sends_no_fourth_pulse),
        cmocka_unit_test(test_unlock_open_bit_read_once_holds_the_pulse_back),
        cmocka_unit_test(test_unlock_open_door_is_already_open),
        cmocka_unit_test(test_unlock_unknown_door_is_read_first),
        cmocka_unit_test(test_unlock_unknown_door_that_is_open_is_already_open),
        cmocka_unit_test(test_unlock_silent_board_is_no_answer_and_never_pulsed_later),
        cmocka_unit_test(test_unlock_silence_after_pulse_opens_later_unforced),
        cmocka_unit_test(test_unlock_never_read_after_the_pulse_is_no_answer),
        cmocka_unit_test(test_unlock_board_back_in_time_goes_on),
        cmocka_unit_test(test_on_read_open_without_pulse_is_forced_and_cleared),
        cmocka_unit_test(test_on_read_open_after_silence_is_forced_if_it_was_closed),
        cmocka_unit_test(test_on_read_open_at_start_is_not_forced),
        cmocka_unit_test(test_tick_open_door_alarms_each_once_then_cleared),
        cmocka_unit_test(test_tick_silence_while_open_timers_go_on_afterwards),
        cmocka_unit_test(test_is_moving_only_while_something_is_open_to_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
