/* Conditions that count: records of a log, and what a lock has done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/condition.h"
#include "engine/run.h"
#include "kit/base/text.h"

#define UP "lockstock/v1/device/main/locker/locker-1-x/up"
#define ALARM(seq, alarm)                                                                          \
    "{\"seq\":" #seq ",\"kind\":\"alarm\",\"compartment\":1,\"alarm\":\"" alarm "\"}"

struct world {
    struct sim_run *run;
    struct sim_device *locker;
    struct kit_error err;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct sim_compartment_options options = sim_compartment_options_default();

    assert_non_null(world);
    world->run = calloc(1, sizeof(*world->run));
    world->locker = calloc(1, sizeof(*world->locker));
    assert_non_null(world->run);
    assert_non_null(world->locker);
    world->locker->name = "locker-1";
    kit_text_copy(world->locker->id, sizeof(world->locker->id), "locker-1-x");
    world->locker->compartment_count = 1;
    sim_compartment_init(&world->locker->compartments[0], "locker-1/01", &options, NULL);
    world->run->devices[world->run->device_count++] = world->locker;
    sim_report_init(&world->run->report, 0, 0);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sim_report_done(&world->run->report);
    free(world->locker);
    free(world->run);
    free(world);
    return 0;
}

static void publish(struct world *world, const char *topic, const char *epoch, const char *records)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"records\":[%s]}", epoch, records);
    sim_entry_say(sim_report_add(&world->run->report, 1, SIM_ENTRY_MQTT, NULL, NULL), topic, text,
                  strlen(text));
}

static void begin_step(struct world *world, const char *name)
{
    struct sim_run *run = world->run;
    run->marks[run->mark_count++] = (struct sim_mark){ .name = name, .entry = run->report.count };
}

static int test(struct world *world, const char *text)
{
    cJSON *condition = cJSON_Parse(text);

    assert_non_null(condition);
    world->err = (struct kit_error){ .code = KIT_OK };
    int holds = sim_condition_test(world->run, condition, &world->err);
    cJSON_Delete(condition);
    return holds;
}

#define RECORD(members, more)                                                                      \
    "{\"record\":{\"device\":\"locker-1\",\"members\":{" members "}" more "}}"

static void test_record_sent_again_counts_once(void **state)
{
    struct world *world = *state;

    publish(world, UP, "a", ALARM(1, "remind"));
    publish(world, UP, "a", ALARM(1, "remind") "," ALARM(2, "escalate"));
    assert_int_equal(test(world, RECORD("\"/alarm\":\"remind\"", ",\"equals\":1")), 1);
    assert_int_equal(test(world, RECORD("\"/kind\":\"alarm\"", ",\"equals\":2")), 1);
    assert_int_equal(test(world, RECORD("\"/kind\":\"alarm\"", ",\"atLeast\":3")), 0);
    assert_non_null(strstr(world->err.text, "of locker-1 is there 2 times, not 3"));
}

static void test_record_members_must_be_of_one_record(void **state)
{
    struct world *world = *state;

    publish(world, UP, "a",
            "{\"seq\":1,\"kind\":\"door\",\"compartment\":1},"
            "{\"seq\":2,\"kind\":\"door\",\"compartment\":2,\"door\":\"open\"}");
    assert_int_equal(test(world, RECORD("\"/compartment\":1,\"/door\":\"open\"", "")), 0);
    assert_int_equal(test(world, RECORD("\"/compartment\":2,\"/door\":\"open\"", "")), 1);
}

static void test_record_since_leaves_out_earlier_ones_that_come_again(void **state)
{
    struct world *world = *state;

    publish(world, UP, "a", ALARM(1, "remind"));
    begin_step(world, "later");
    publish(world, UP, "a", ALARM(1, "remind"));
    assert_int_equal(
        test(world, RECORD("\"/alarm\":\"remind\"", ",\"since\":\"later\",\"equals\":0")), 1);
    publish(world, UP, "a", ALARM(2, "remind"));
    assert_int_equal(
        test(world, RECORD("\"/alarm\":\"remind\"", ",\"since\":\"later\",\"equals\":1")), 1);
}

static void test_record_of_new_epoch_or_other_device_is_told_apart(void **state)
{
    struct world *world = *state;

    publish(world, UP, "a", ALARM(1, "remind"));
    publish(world, UP, "b", ALARM(1, "remind"));
    publish(world, "lockstock/v1/device/main/locker/locker-2-x/up", "c", ALARM(1, "remind"));
    assert_int_equal(test(world, RECORD("\"/alarm\":\"remind\"", ",\"equals\":2")), 1);
}

#define LOCK(more) "{\"lock\":{\"locker\":\"locker-1\",\"compartment\":1" more "}}"

static void test_lock_counts_pulses_and_openings_apart(void **state)
{
    struct world *world = *state;
    struct sim_compartment *box = &world->locker->compartments[0];

    assert_int_equal(test(world, LOCK(",\"pulses\":0,\"openings\":0")), 1);
    sim_compartment_set_latch_fault(box, SIM_LATCH_JAMMED);
    sim_compartment_pulse(box, 1000);
    sim_compartment_advance(box, 2000);
    assert_int_equal(test(world, LOCK(",\"pulses\":1,\"openings\":0")), 1);
    sim_compartment_set_latch_fault(box, SIM_LATCH_OK);
    sim_compartment_pulse(box, 3000);
    sim_compartment_advance(box, 4000);
    assert_int_equal(test(world, LOCK(",\"pulses\":2,\"openings\":1")), 1);
    assert_int_equal(test(world, LOCK(",\"openings\":0")), 0);
    assert_non_null(strstr(world->err.text, "a lock with 2 pulses and 1 openings"));
}

static void test_lock_that_is_not_there_never_holds(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        test(world, "{\"lock\":{\"locker\":\"locker-1\",\"compartment\":2,\"pulses\":0}}"), -1);
}

static void test_counter_faults_adds_the_boards(void **state)
{
    struct world *world = *state;

    world->locker->board_count = 2;
    world->locker->boards[0].counts.faults = 3;
    world->locker->boards[1].counts.faults = 4;
    assert_int_equal(
        test(world, "{\"counter\":{\"device\":\"locker-1\",\"name\":\"faults\",\"equals\":7}}"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_record_sent_again_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record_members_must_be_of_one_record, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record_since_leaves_out_earlier_ones_that_come_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_record_of_new_epoch_or_other_device_is_told_apart,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_lock_counts_pulses_and_openings_apart, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_lock_that_is_not_there_never_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_counter_faults_adds_the_boards, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
