/* Which compartment an order gets (rules 7), and what doors that close mean (rules 8). Pure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain/locker.h"
#include "kit/base/text.h"

#define S PRODUCT_SIZE_S
#define M PRODUCT_SIZE_M
#define L PRODUCT_SIZE_L

static struct locker_compartment at(const char *locker, int number, enum product_size size)
{
    struct locker_compartment compartment = { .number = number,
                                              .size = size,
                                              .door = DOOR_STATE_CLOSED,
                                              .presence = OBJECT_PRESENCE_ABSENT,
                                              .is_locker_online = true };
    kit_text_copy(compartment.locker, sizeof(compartment.locker), locker);
    return compartment;
}

static void test_units_sizes_and_compartments_agree(void **state)
{
    (void)state;
    assert_int_equal(locker_units(S), 1);
    assert_int_equal(locker_units(M), 2);
    assert_int_equal(locker_units(L), LOCKER_UNITS_MAX);
}

static void test_is_free_each_condition_alone_forbids_it(void **state)
{
    (void)state;
    struct locker_compartment free = at("locker-1", 1, S);
    assert_true(locker_is_free(&free));

    struct locker_compartment c = free;
    c.is_locker_online = false;
    assert_false(locker_is_free(&c));
    c = free;
    c.delivery.v = 1;
    assert_false(locker_is_free(&c));
    c = free;
    c.presence = OBJECT_PRESENCE_PRESENT;
    assert_false(locker_is_free(&c));
    c = free;
    c.story = LOCKER_STORY_FETCH;
    assert_false(locker_is_free(&c));
    c = free;
    c.clean_revision = 5;
    c.locker_revision_known = 4; /* an old code could still open it */
    assert_false(locker_is_free(&c));
    c.locker_revision_known = 5;
    assert_true(locker_is_free(&c));
    for (int door = DOOR_STATE_OPENING; door <= DOOR_STATE_UNKNOWN; door++) {
        c = free;
        c.door = (enum door_state)door;
        assert_false(locker_is_free(&c));
    }
    c = free;
    c.presence = OBJECT_PRESENCE_UNKNOWN; /* it has no sensor */
    assert_true(locker_is_free(&c));
}

/* Rules 8.6. */
static void test_on_door_sensor_that_changes_is_trusted(void **state)
{
    (void)state;
    struct locker_compartment c = at("locker-1", 1, S);
    enum object_presence present = OBJECT_PRESENCE_PRESENT, unknown = OBJECT_PRESENCE_UNKNOWN;

    c.presence = OBJECT_PRESENCE_UNKNOWN;
    c.is_doubtful = true;
    locker_on_door(&c, DOOR_STATE_OPEN, &present); /* a first word is no change */
    assert_true(c.is_doubtful);
    locker_on_door(&c, DOOR_STATE_OPEN, &unknown);
    locker_on_door(&c, DOOR_STATE_OPEN, NULL);
    assert_true(c.is_doubtful);
    assert_int_equal(c.presence, OBJECT_PRESENCE_UNKNOWN);
    c.presence = OBJECT_PRESENCE_ABSENT;
    locker_on_door(&c, DOOR_STATE_CLOSED, &present);
    assert_false(c.is_doubtful);
    assert_int_equal(c.door, DOOR_STATE_CLOSED);
}

/* Rules 8.2: two loads outweigh a sensor. */
static void test_end_story_load_without_goods_is_believed_the_second_time(void **state)
{
    (void)state;
    struct locker_compartment c = at("locker-1", 1, S);

    c.story = LOCKER_STORY_LOAD;
    c.door = DOOR_STATE_OPEN;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_NOT_YET);
    c.door = DOOR_STATE_CLOSED;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_EMPTY);
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_NOT_YET); /* it has ended */
    assert_false(c.is_doubtful);
    c.story = LOCKER_STORY_LOAD;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_TRUSTED);
    assert_true(c.is_doubtful);
    c.story = LOCKER_STORY_COLLECT;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_EMPTY); /* rules 8.3 */
}

static void test_end_story_load_without_a_sensor_is_believed_at_once(void **state)
{
    (void)state;
    struct locker_compartment c = at("locker-1", 1, S);

    c.presence = OBJECT_PRESENCE_UNKNOWN;
    c.is_doubtful = true; /* as every sensor that has never been seen to change */
    c.story = LOCKER_STORY_LOAD;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_TRUSTED);
    c.story = LOCKER_STORY_RETURN;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_TRUSTED);
}

static void test_end_story_waits_for_a_good_sensor_that_is_silent(void **state)
{
    (void)state;
    struct locker_compartment c = at("locker-1", 1, S);

    c.story = LOCKER_STORY_COLLECT;
    c.presence = OBJECT_PRESENCE_UNKNOWN;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_NOT_YET);
    assert_int_equal(c.story, LOCKER_STORY_COLLECT);
    c.is_doubtful = true; /* but not for one that never spoke */
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_EMPTY);
    c.story = LOCKER_STORY_COLLECT;
    c.is_doubtful = false;
    c.presence = OBJECT_PRESENCE_PRESENT;
    assert_int_equal(locker_end_story(&c), LOCKER_OUTCOME_GOODS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_sizes_and_compartments_agree),
        cmocka_unit_test(test_is_free_each_condition_alone_forbids_it),
        cmocka_unit_test(test_on_door_sensor_that_changes_is_trusted),
        cmocka_unit_test(test_end_story_load_without_a_sensor_is_believed_at_once),
        cmocka_unit_test(test_end_story_load_without_goods_is_believed_the_second_time),
        cmocka_unit_test(test_end_story_waits_for_a_good_sensor_that_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
