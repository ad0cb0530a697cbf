/* How late messages are, by the stories of kit/rpc/passage.h. */
#include "fakes/cmocka_all.h"
#include "kit/rpc/passage.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

/* The sender's clock is that far behind ours. */
#define APART_MS (3 * DAY_MS)

struct fixture {
    struct kit_passage passage;
    uint32_t life;
    int64_t now_ms;
};

/* One that arrives now and was under way for so long. */
static int64_t take(struct fixture *f, const char *sender, int64_t under_way_ms)
{
    const struct kit_message message = { .sender_life = f->life,
                                         .sent_mono_ms = f->now_ms - under_way_ms - APART_MS };
    return kit_passage_take(&f->passage, sender, &message, f->now_ms);
}

static struct fixture begin(void)
{
    return (struct fixture){ .life = 5, .now_ms = 4 * DAY_MS };
}

static void test_passage_quickest_is_the_measure(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 40), 0); /* nothing to compare it with */
    assert_int_equal(take(&f, "bridge", 45), 5);
    assert_int_equal(take(&f, "bridge", 3), 0);
    assert_int_equal(take(&f, "bridge", 40), 37);
    assert_int_equal(take(&f, "rental", 40), 0); /* another clock */
    assert_int_equal(take(&f, "bridge", 40), 37);
}

static void test_passage_what_waited_for_a_stopped_receiver_is_late(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    f.now_ms += 10000; /* the drift of 10 s is not counted */
    assert_int_equal(take(&f, "bridge", 9000), 8990);
    assert_int_equal(take(&f, "bridge", 100), 90);
    assert_int_equal(take(&f, "bridge", 0), 0);
}

static void test_passage_new_life_of_the_sender_begins_anew(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    f.life = 6;
    assert_int_equal(take(&f, "bridge", 2 * DAY_MS), 0); /* its machine has started */
    assert_int_equal(take(&f, "bridge", 2 * DAY_MS + 7), 7);
}

static void test_passage_message_that_does_not_say_when_is_in_time(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    f.life = 0;
    assert_int_equal(take(&f, "bridge", DAY_MS), 0);
    f.life = 5;
    assert_int_equal(take(&f, "bridge", 9), 9);
}

static void test_passage_clocks_that_moved_are_believed_after_a_while(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    assert_true(take(&f, "bridge", DAY_MS) > 0);
    f.now_ms += KIT_PASSAGE_RESET_MS - 1;
    assert_true(take(&f, "bridge", DAY_MS) > KIT_PASSAGE_LATE_MS);
    f.now_ms += 1;
    assert_int_equal(take(&f, "bridge", DAY_MS), 0);
    assert_int_equal(take(&f, "bridge", DAY_MS + 9), 9);
}

static void test_passage_one_in_time_keeps_the_measure(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    assert_int_equal(take(&f, "bridge", 5000), 5000);
    assert_int_equal(take(&f, "bridge", KIT_PASSAGE_LATE_MS - 1), KIT_PASSAGE_LATE_MS - 1);
    f.now_ms += KIT_PASSAGE_RESET_MS;
    assert_true(take(&f, "bridge", 5000) > KIT_PASSAGE_LATE_MS);
}

static void test_passage_clocks_drift(void **state)
{
    struct fixture f = begin();
    (void)state;
    assert_int_equal(take(&f, "bridge", 0), 0);
    f.now_ms += 100 * KIT_PASSAGE_DRIFT;
    assert_int_equal(take(&f, "bridge", 101), 1);
    assert_int_equal(take(&f, "bridge", 100), 0); /* the measure now */
    assert_int_equal(take(&f, "bridge", 101), 1);
}

static void test_passage_has_room_for_so_many(void **state)
{
    struct fixture f = begin();
    char name[16];
    (void)state;
    for (int i = 0; i < KIT_PASSAGE_SENDERS_MAX + 1; i++) {
        f.now_ms++;
        (void)snprintf(name, sizeof(name), "sender-%d", i);
        assert_int_equal(take(&f, name, 0), 0);
    }
    assert_int_equal(take(&f, "sender-1", 5), 5);
    assert_int_equal(take(&f, name, 5), 5);
    assert_int_equal(take(&f, "sender-0", 5), 0); /* its place was taken */
    assert_int_equal(take(&f, "sender-2", 5), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passage_quickest_is_the_measure),
        cmocka_unit_test(test_passage_what_waited_for_a_stopped_receiver_is_late),
        cmocka_unit_test(test_passage_new_life_of_the_sender_begins_anew),
        cmocka_unit_test(test_passage_message_that_does_not_say_when_is_in_time),
        cmocka_unit_test(test_passage_clocks_that_moved_are_believed_after_a_while),
        cmocka_unit_test(test_passage_one_in_time_keeps_the_measure),
        cmocka_unit_test(test_passage_clocks_drift),
        cmocka_unit_test(test_passage_has_room_for_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
