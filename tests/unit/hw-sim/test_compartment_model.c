/* The physics of a compartment: what moves a door, and what does not. */
#include "models/compartment.h"

#include "fakes/cmocka_all.h"
#include "sim_world.h"

static struct sim_heard heard;
static struct sim_compartment box;

static void set_up(int64_t pulse_ms, int64_t spring_ms)
{
    struct sim_listener listener = sim_heard_listener(&heard);
    struct sim_compartment_options options = sim_compartment_options_default();
    options.pulse_ms = pulse_ms;
    options.spring_ms = spring_ms;
    sim_compartment_init(&box, "box-1", &options, &listener);
}

static int fresh(void **state)
{
    (void)state;
    set_up(SIM_PULSE_MS, SIM_SPRING_MS);
    return 0;
}

static void test_pulse_of_a_shut_door_releases_springs_and_opens_in_time(void **state)
{
    (void)state;
    assert_true(sim_compartment_is_hooked(&box));
    assert_true(sim_compartment_next_due_ms(&box) == SIM_NEVER);
    sim_compartment_pulse(&box, 1000);
    assert_int_equal(sim_compartment_next_due_ms(&box), 1050);
    sim_compartment_advance(&box, 1049);
    assert_true(sim_compartment_is_hooked(&box));
    sim_compartment_advance(&box, 1050);
    assert_false(sim_compartment_is_hooked(&box));
    assert_int_equal(box.door.place, SIM_DOOR_AJAR);
    sim_compartment_advance(&box, 5000);
    assert_int_equal(box.door.place, SIM_DOOR_OPEN);
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_LATCH_RELEASED), 1050);
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_DOOR_OPEN), 1200);
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_COIL_OFF), 1300);
    assert_int_equal(box.open_count, 1);
    assert_int_equal(box.pulse_count, 1);
    assert_true(sim_compartment_next_due_ms(&box) == SIM_NEVER);
}

static void test_advance_without_pulse_never_opens(void **state)
{
    (void)state;
    sim_compartment_advance(&box, INT64_C(1) << 40);
    assert_true(sim_compartment_is_hooked(&box));
    assert_int_equal(heard.count, 0);
    assert_int_equal(sim_compartment_pull(&box, INT64_C(1) << 40), SIM_HAND_LOCKED);
    assert_int_equal(box.open_count, 0);
}

static void test_pulse_of_a_jammed_latch_leaves_the_door_locked(void **state)
{
    (void)state;
    sim_compartment_set_latch_fault(&box, SIM_LATCH_JAMMED);
    sim_compartment_pulse(&box, 0);
    sim_compartment_advance(&box, 10000);
    assert_true(sim_compartment_is_hooked(&box));
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_LATCH_STUCK), 50);
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_DOOR_AJAR), 0);
    assert_int_equal(sim_compartment_pull(&box, 10001), SIM_HAND_LOCKED);

    sim_compartment_set_latch_fault(&box, SIM_LATCH_OK);
    sim_compartment_pulse(&box, 20000);
    sim_compartment_advance(&box, 20050);
    assert_false(sim_compartment_is_hooked(&box));
}

static void test_pulse_shorter_than_the_release_moves_nothing(void **state)
{
    (void)state;
    set_up(SIM_RELEASE_MS - 1, SIM_SPRING_MS);
    sim_compartment_pulse(&box, 0);
    sim_compartment_advance(&box, 10000);
    assert_true(sim_compartment_is_hooked(&box));
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_LATCH_RELEASED), 0);
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_COIL_OFF), 1);
}

static void test_pulse_in_a_pulse_lengthens_it_and_releases_once(void **state)
{
    (void)state;
    sim_compartment_pulse(&box, 0);
    sim_compartment_pulse(&box, 200);
    sim_compartment_advance(&box, 10000);
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_LATCH_RELEASED), 1);
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_COIL_OFF), 200 + SIM_PULSE_MS);
    assert_int_equal(box.pulse_count, 2);
    assert_int_equal(box.open_count, 1);
}

static void test_pulse_without_spring_opens_only_by_a_hand_within_the_pulse(void **state)
{
    (void)state;
    set_up(SIM_PULSE_MS, SIM_NO_SPRING);
    sim_compartment_pulse(&box, 0);
    sim_compartment_advance(&box, 100);
    assert_false(sim_compartment_is_hooked(&box));
    assert_int_equal(box.door.place, SIM_DOOR_SHUT);
    sim_compartment_advance(&box, SIM_PULSE_MS);
    assert_true(sim_compartment_is_hooked(&box)); /* nobody pulled: it caught again */
    assert_int_equal(sim_compartment_pull(&box, 400), SIM_HAND_LOCKED);

    sim_compartment_pulse(&box, 1000);
    assert_int_equal(sim_compartment_pull(&box, 1100), SIM_HAND_DONE);
    sim_compartment_advance(&box, 5000);
    assert_int_equal(box.door.place, SIM_DOOR_OPEN);
    assert_false(sim_compartment_is_hooked(&box));
}

static void open_box(void)
{
    sim_compartment_pulse(&box, 0);
    sim_compartment_advance(&box, 1000);
    assert_int_equal(box.door.place, SIM_DOOR_OPEN);
}

static void test_push_of_an_open_door_is_caught(void **state)
{
    (void)state;
    open_box();
    assert_int_equal(sim_compartment_pull(&box, 1000), SIM_HAND_ALREADY);
    assert_int_equal(sim_compartment_push(&box, 1001), SIM_HAND_DONE);
    assert_true(sim_compartment_is_hooked(&box));
    assert_int_equal(sim_compartment_push(&box, 1002), SIM_HAND_ALREADY);
    assert_int_equal(sim_compartment_pull(&box, 1003), SIM_HAND_LOCKED);
    sim_compartment_advance(&box, 100000);
    assert_true(sim_compartment_is_hooked(&box));
}

static void test_push_while_the_coil_is_on_springs_open_again(void **state)
{
    (void)state;
    sim_compartment_pulse(&box, 0);
    assert_int_equal(sim_compartment_push(&box, 210), SIM_HAND_NOT_CAUGHT);
    assert_false(sim_compartment_is_hooked(&box));
    sim_compartment_advance(&box, 360);
    assert_int_equal(box.door.place, SIM_DOOR_OPEN);
    assert_int_equal(box.open_count, 1);
    assert_int_equal(sim_compartment_push(&box, 400), SIM_HAND_DONE);
}

static void test_push_of_a_worn_latch_does_not_hold(void **state)
{
    (void)state;
    open_box();
    sim_compartment_set_latch_fault(&box, SIM_LATCH_NO_CATCH);
    assert_int_equal(sim_compartment_push(&box, 2000), SIM_HAND_NOT_CAUGHT);
    sim_compartment_advance(&box, 3000);
    assert_int_equal(box.door.place, SIM_DOOR_OPEN);
}

static void test_force_of_a_locked_door_opens_without_a_pulse(void **state)
{
    (void)state;
    assert_int_equal(sim_compartment_force(&box, 5), SIM_HAND_DONE);
    assert_false(sim_compartment_is_hooked(&box));
    assert_int_equal(box.pulse_count, 0);
    assert_int_equal(sim_heard_at(&heard, SIM_EVENT_DOOR_FORCED), 5);
    assert_int_equal(sim_compartment_force(&box, 6), SIM_HAND_ALREADY);
}

static void test_put_and_take_need_an_open_door(void **state)
{
    (void)state;
    char object[SIM_OBJECT_SIZE];
    assert_int_equal(sim_compartment_put(&box, "drill", 0), SIM_HAND_DOOR_SHUT);
    open_box();
    assert_int_equal(sim_compartment_put(&box, "drill", 1000), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_put(&box, "saw", 1000), SIM_HAND_DONE);
    assert_true(sim_compartment_sees_object(&box));
    assert_int_equal(sim_compartment_take(&box, "hammer", object, 1001), SIM_HAND_NOT_THERE);
    assert_int_equal(sim_compartment_take(&box, "drill", object, 1001), SIM_HAND_DONE);
    assert_string_equal(object, "drill");
    assert_int_equal(sim_compartment_push(&box, 1002), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_take(&box, "", object, 1003), SIM_HAND_DOOR_SHUT);
    sim_compartment_pulse(&box, 2000);
    assert_int_equal(sim_compartment_take(&box, "", object, 3000), SIM_HAND_DONE);
    assert_string_equal(object, "saw");
    assert_false(sim_compartment_sees_object(&box));
    assert_int_equal(sim_compartment_take(&box, "", object, 3001), SIM_HAND_NOT_THERE);
}

static void test_put_into_a_full_compartment_has_no_room(void **state)
{
    (void)state;
    open_box();
    for (int i = 0; i < SIM_OBJECTS_MAX; i++)
        assert_int_equal(sim_compartment_put(&box, "brick", 1000), SIM_HAND_DONE);
    assert_int_equal(sim_compartment_put(&box, "brick", 1000), SIM_HAND_NO_ROOM);
    assert_int_equal(box.object_count, SIM_OBJECTS_MAX);
}

static void test_sees_object_with_a_dead_sensor_tells_what_it_is_stuck_at(void **state)
{
    (void)state;
    sim_compartment_set_sensor_fault(&box, SIM_SENSOR_STUCK_PRESENT);
    assert_true(sim_compartment_sees_object(&box));
    open_box();
    assert_int_equal(sim_compartment_put(&box, "drill", 1000), SIM_HAND_DONE);
    sim_compartment_set_sensor_fault(&box, SIM_SENSOR_STUCK_ABSENT);
    assert_false(sim_compartment_sees_object(&box));
    sim_compartment_set_sensor_fault(&box, SIM_SENSOR_OK);
    assert_true(sim_compartment_sees_object(&box));
}

static void test_hand_text_is_there_for_each_result(void **state)
{
    (void)state;
    for (int i = SIM_HAND_DONE; i <= SIM_HAND_NO_ROOM; i++)
        assert_true(sim_hand_text((enum sim_hand)i)[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_pulse_of_a_shut_door_releases_springs_and_opens_in_time, fresh),
        cmocka_unit_test_setup(test_advance_without_pulse_never_opens, fresh),
        cmocka_unit_test_setup(test_pulse_of_a_jammed_latch_leaves_the_door_locked, fresh),
        cmocka_unit_test_setup(test_pulse_shorter_than_the_release_moves_nothing, fresh),
        cmocka_unit_test_setup(test_pulse_in_a_pulse_lengthens_it_and_releases_once, fresh),
        cmocka_unit_test_setup(test_pulse_without_spring_opens_only_by_a_hand_within_the_pulse,
                               fresh),
        cmocka_unit_test_setup(test_push_of_an_open_door_is_caught, fresh),
        cmocka_unit_test_setup(test_push_while_the_coil_is_on_springs_open_again, fresh),
        cmocka_unit_test_setup(test_push_of_a_worn_latch_does_not_hold, fresh),
        cmocka_unit_test_setup(test_force_of_a_locked_door_opens_without_a_pulse, fresh),
        cmocka_unit_test_setup(test_put_and_take_need_an_open_door, fresh),
        cmocka_unit_test_setup(test_put_into_a_full_compartment_has_no_room, fresh),
        cmocka_unit_test_setup(test_sees_object_with_a_dead_sensor_tells_what_it_is_stuck_at,
                               fresh),
        cmocka_unit_test_setup(test_hand_text_is_there_for_each_result, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
