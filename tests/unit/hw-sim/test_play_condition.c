/* Conditions that count, records of a log and what a lock has done; whose locker; what is not
 * there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/base/text.h"
#include "play/condition.h"
#include "play/run.h"
#include "play/verbs.h"

#define UP "lockstock/v1/device/main/locker/locker-1-x/up"
#define ALARM(seq, alarm)                                                                          \
    "{\"seq\":" #seq ",\"kind\":\"alarm\",\"compartment\":1,\"alarm\":\"" alarm "\"}"

struct world {
    struct sim_run *run;
    struct sim_device *locker; /* locker-1, of this run */
    struct sim_device *other;  /* locker-2 */
    struct kit_error err;
};

static struct sim_device *add_locker(struct world *world, const char *name, const char *id)
{
    struct sim_compartment_options options = sim_compartment_options_default();
    struct sim_device *locker = calloc(1, sizeof(*locker));

    assert_non_null(locker);
    locker->name = name;
    locker->is_locker = true;
    kit_text_copy(locker->id, sizeof(locker->id), id);
    locker->compartment_count = 1;
    sim_compartment_init(&locker->compartments[0], "01", &options, NULL);
    world->run->world.devices[world->run->world.device_count++] = locker;
    return locker;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->run = calloc(1, sizeof(*world->run));
    assert_non_null(world->run);
    world->locker = add_locker(world, "locker-1", "locker-1-x");
    world->other = add_locker(world, "locker-2", "locker-2-x");
    sim_report_init(&world->run->report, 0, 0);
    sim_vars_init(&world->run->vars);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sim_report_done(&world->run->report);
    sim_vars_done(&world->run->vars);
    sim_traffic_done(&world->locker->traffic);
    sim_traffic_done(&world->other->traffic);
    free(world->locker);
    free(world->other);
    free(world->run);
    free(world);
    return 0;
}

static void see(struct world *world, const char *topic)
{
    sim_entry_say(sim_report_add(&world->run->report, 1, SIM_ENTRY_MQTT, NULL, NULL), topic, "{}",
                  2);
}

static void publish(struct world *world, struct sim_device *device, const char *epoch,
                    const char *records)
{
    char text[1024];

    int size = snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"records\":[%s]}", epoch, records);
    sim_traffic_keep_up(&device->traffic, world->run->report.count, text, (size_t)size);
    see(world, UP);
}

static void begin_step(struct world *world, const char *name)
{
    sim_report_mark(&world->run->report, name);
}

static int test(struct world *world, const char *text)
{
    cJSON *condition = cJSON_Parse(text), *filled = NULL;

    assert_non_null(condition);
    world->err = (struct kit_error){ .code = KIT_OK };
    assert_int_equal(sim_vars_expand(&world->run->vars, condition, &filled, &world->err), KIT_OK);
    int holds = sim_condition_test(world->run, filled, &world->err);
    cJSON_Delete(condition);
    cJSON_Delete(filled);
    return holds;
}

#define RECORD(members, more)                                                                      \
    "{\"record\":{\"device\":\"locker-1\",\"members\":{" members "}" more "}}"

static void test_record_sent_again_counts_once(void **state)
{
    struct world *world = *state;

    publish(world, world->locker, "a", ALARM(1, "remind"));
    publish(world, world->locker, "a", ALARM(1, "remind") "," ALARM(2, "escalate"));
    assert_int_equal(test(world, RECORD("\"/alarm\":\"remind\"", ",\"equals\":1")), 1);
    assert_int_equal(test(world, RECORD("\"/kind\":\"alarm\"", ",\"equals\":2")), 1);
    assert_int_equal(test(world, RECORD("\"/kind\":\"alarm\"", ",\"atLeast\":3")), 0);
    assert_non_null(strstr(world->err.text, "of locker-1 is there 2 times, not 3"));
}

static void test_record_members_must_be_of_one_record(void **state)
{
    struct world *world = *state;

    publish(world, world->locker, "a",
            "{\"seq\":1,\"kind\":\"door\",\"compartment\":1},"
            "{\"seq\":2,\"kind\":\"door\",\"compartment\":2,\"door\":\"open\"}");
    assert_int_equal(test(world, RECORD("\"/compartment\":1,\"/door\":\"open\"", "")), 0);
    assert_int_equal(test(world, RECORD("\"/compartment\":2,\"/door\":\"open\"", "")), 1);
}

static void test_record_since_leaves_out_earlier_ones_that_come_again(void **state)
{
    struct world *world = *state;

    publish(world, world->locker, "a", ALARM(1, "remind"));
    begin_step(world, "later");
    publish(world, world->locker, "a", ALARM(1, "remind"));
    assert_int_equal(
        test(world, RECORD("\"/alarm\":\"remind\"", ",\"since\":\"later\",\"equals\":0")), 1);
    publish(world, world->locker, "a", ALARM(2, "remind"));
    assert_int_equal(
        test(world, RECORD("\"/alarm\":\"remind\"", ",\"since\":\"later\",\"equals\":1")), 1);
}

static void test_record_of_new_epoch_or_other_device_is_told_apart(void **state)
{
    struct world *world = *state;

    publish(world, world->locker, "a", ALARM(1, "remind"));
    publish(world, world->locker, "b", ALARM(1, "remind"));
    publish(world, world->other, "c", ALARM(1, "remind"));
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

#define NO(condition) "{\"not\":" condition "}"
#define ANY(a, b) "{\"any\":[" a "," b "]}"
#define ALL(a, b) "{\"all\":[" a "," b "]}"
#define UNASKABLE "{\"lock\":{\"locker\":\"locker-1\",\"compartment\":2,\"pulses\":0}}"

/* What cannot be asked is neither so nor not so, however it is wrapped. */
static void test_question_that_fails_never_holds(void **state)
{
    static const char *const texts[] = {
        UNASKABLE,
        NO(UNASKABLE),
        NO(NO(UNASKABLE)),
        ANY(UNASKABLE, LOCK(",\"pulses\":0")),
        NO(ANY(LOCK(",\"pulses\":1"), UNASKABLE)),
        ALL(LOCK(",\"pulses\":0"), UNASKABLE),
        NO(ALL(UNASKABLE, LOCK(",\"pulses\":1"))),
    };
    for (size_t i = 0; i < KIT_COUNT(texts); i++)
        assert_int_equal(test(*state, texts[i]), -1);
}

#define FAULTS(is) "{\"counter\":{\"device\":\"locker-1\",\"name\":\"faults\",\"equals\":" #is "}}"

/* One too many is no less wrong than one too few. */
static void test_equals_refuses_one_too_many_and_one_too_few(void **state)
{
    struct world *world = *state;
    struct sim_compartment *box = &world->locker->compartments[0];

    world->locker->board_count = 1;
    world->locker->boards[0].counts.faults = 2;
    for (int i = 0; i < 2; i++) {
        sim_compartment_pulse(box, 1000 + 2000 * i);
        sim_compartment_advance(box, 2000 + 2000 * i);
    }
    publish(world, world->locker, "a", ALARM(1, "remind") "," ALARM(2, "remind"));
    static const struct {
        const char *text;
        int holds;
    } rows[] = {
        { LOCK(",\"pulses\":1"), 0 },
        { LOCK(",\"pulses\":2"), 1 },
        { LOCK(",\"pulses\":3"), 0 },
        { LOCK(",\"openings\":0"), 0 },
        { LOCK(",\"openings\":1"), 1 },
        { LOCK(",\"openings\":2"), 0 },
        { FAULTS(1), 0 },
        { FAULTS(2), 1 },
        { FAULTS(3), 0 },
    };
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        if (test(world, rows[i].text) != rows[i].holds)
            fail_msg("%s is not %d: %s", rows[i].text, rows[i].holds, world->err.text);
    }
    for (int count = 1; count <= 3; count++) {
        char text[160];
        snprintf(text, sizeof(text), RECORD("\"/alarm\":\"remind\"", ",\"equals\":%d"), count);
        assert_int_equal(test(world, text), count == 2);
    }
}

static int expect_it(struct world *world, const char *condition)
{
    cJSON *step = cJSON_CreateObject();
    cJSON_AddItemToObject(step, "condition", cJSON_Parse(condition));
    int rc = sim_verb_find("expect")(world->run, step, &world->err);
    cJSON_Delete(step);
    return rc;
}

static void test_expect_of_what_is_not_so_or_cannot_be_asked_is_refused(void **state)
{
    assert_int_equal(expect_it(*state, LOCK(",\"pulses\":0")), KIT_OK);
    assert_int_equal(expect_it(*state, LOCK(",\"pulses\":1")), KIT_E_REFUSED);
    assert_int_equal(expect_it(*state, NO(LOCK(",\"pulses\":0"))), KIT_E_REFUSED);
    assert_int_equal(expect_it(*state, UNASKABLE), KIT_E_REFUSED);
    assert_int_equal(expect_it(*state, NO(UNASKABLE)), KIT_E_REFUSED);
}

static void test_lock_named_by_a_variable_is_the_one_of_that_id(void **state)
{
    struct world *world = *state;

    sim_compartment_pulse(&world->locker->compartments[0], 1000);
    sim_vars_set_take(&world->run->vars, "place", cJSON_CreateString("locker-2-x"));
    assert_int_equal(
        test(world, "{\"lock\":{\"locker\":\"${place}\",\"compartment\":1,\"pulses\":0}}"), 1);
    sim_vars_set_take(&world->run->vars, "place", cJSON_CreateString("locker-1-x"));
    assert_int_equal(
        test(world, "{\"lock\":{\"locker\":\"${place}\",\"compartment\":1,\"pulses\":1}}"), 1);
}

/* Another locker of the system may have an id that is a name in this scenario. */
static void test_lock_of_foreign_locker_with_a_name_of_ours_is_refused(void **state)
{
    struct world *world = *state;

    sim_vars_set_take(&world->run->vars, "place", cJSON_CreateString("locker-1"));
    assert_int_equal(
        test(world, "{\"lock\":{\"locker\":\"${place}\",\"compartment\":1,\"pulses\":0}}"), -1);
    assert_non_null(strstr(world->err.text, "locker-1 is not a locker of this run"));
}

#define NO_CANCEL(more) "{\"not\":{\"message\":{\"topic\":\"lockstock/v1/stream/rental\"" more "}}}"

static void test_absence_of_a_message_is_refused_after_the_observer_was_away(void **state)
{
    struct world *world = *state;

    assert_int_equal(test(world, NO_CANCEL("")), 1);
    world->run->world.observer.is_away = true;
    assert_int_equal(test(world, NO_CANCEL("")), -1);
    assert_non_null(strstr(world->err.text, "the observer has lost the broker since"));
    world->run->world.observer.is_away = false;
    see(world, UP);
    world->run->report.complete_from = world->run->report.count;
    assert_int_equal(test(world, NO_CANCEL("")), -1);
    begin_step(world, "later");
    assert_int_equal(test(world, NO_CANCEL(",\"since\":\"later\"")), 1);
}

static void test_presence_of_a_message_holds_whoever_was_away(void **state)
{
    struct world *world = *state;

    see(world, "lockstock/v1/stream/rental");
    world->run->world.observer.is_away = true;
    assert_int_equal(test(world, NO_CANCEL("")), 0);
    assert_int_equal(
        test(world, "{\"message\":{\"topic\":\"lockstock/v1/stream/rental\",\"count\":2}}"), 0);
    assert_non_null(strstr(world->err.text, "but the observer was away meanwhile"));
}

/* A device's records pass its proxy, whatever the broker does. */
static void test_absence_of_a_record_holds_when_the_observer_was_away(void **state)
{
    struct world *world = *state;

    world->run->world.observer.is_away = true;
    publish(world, world->locker, "a", ALARM(1, "remind"));
    assert_int_equal(test(world, RECORD("\"/alarm\":\"remind\"", ",\"equals\":1")), 1);
    assert_int_equal(test(world, RECORD("\"/alarm\":\"escalate\"", ",\"equals\":0")), 1);
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
        cmocka_unit_test_setup_teardown(test_question_that_fails_never_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_expect_of_what_is_not_so_or_cannot_be_asked_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_equals_refuses_one_too_many_and_one_too_few, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_lock_named_by_a_variable_is_the_one_of_that_id, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_lock_of_foreign_locker_with_a_name_of_ours_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_absence_of_a_message_is_refused_after_the_observer_was_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_presence_of_a_message_holds_whoever_was_away, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_absence_of_a_record_holds_when_the_observer_was_away,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_counter_faults_adds_the_boards, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
