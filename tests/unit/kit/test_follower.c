/* The stories of follower.h, one test each. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/stream/follower.h"

#define EPOCH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define EPOCH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct kit_follower follower_at(int64_t seq)
{
    struct kit_follower follower;
    kit_follower_init(&follower, "product");
    kit_follower_on_link(&follower, true, 1000);
    assert_true(kit_follower_wants_fetch(&follower, 1000)); /* every connect compares */
    kit_follower_on_fetch_sent(&follower);
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    follower.seq = seq;
    assert_int_equal(kit_follower_on_fetch_applied(&follower, seq, 1000, 0), 0);
    assert_false(kit_follower_wants_fetch(&follower, INT64_MAX - 1));
    return follower;
}

static void test_judge_story_1(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    assert_int_equal(kit_follower_judge(&follower, EPOCH_A, 1), KIT_EVENT_DUPLICATE);
    assert_int_equal(kit_follower_judge(&follower, EPOCH_A, 7), KIT_EVENT_DUPLICATE);
    assert_int_equal(kit_follower_judge(&follower, EPOCH_A, 8), KIT_EVENT_NEXT);
    assert_int_equal(kit_follower_judge(&follower, EPOCH_A, 9), KIT_EVENT_GAP);
    assert_int_equal(kit_follower_judge(&follower, EPOCH_B, 8), KIT_EVENT_GAP);
    kit_follower_on_gap(&follower, 2000);
    assert_true(kit_follower_wants_fetch(&follower, 2000));
}

static void test_head_ahead_for_the_grace_time_story_2(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_head(&follower, EPOCH_A, 9, 2000);
    assert_false(kit_follower_wants_fetch(&follower, 2000 + KIT_HEAD_GRACE_MS - 1));
    assert_int_equal(kit_follower_next(&follower), 2000 + KIT_HEAD_GRACE_MS);
    assert_true(kit_follower_wants_fetch(&follower, 2000 + KIT_HEAD_GRACE_MS));
}

static void test_head_reached_meanwhile_asks_nothing(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_head(&follower, EPOCH_A, 9, 2000);
    kit_follower_on_applied(&follower, 8);
    kit_follower_on_applied(&follower, 9);
    assert_false(kit_follower_wants_fetch(&follower, 9999999));
    assert_int_equal(kit_follower_next(&follower), INT64_MAX);
}

static void test_head_of_another_epoch_asks(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_head(&follower, EPOCH_B, 3, 2000);
    assert_true(kit_follower_wants_fetch(&follower, 2000 + KIT_HEAD_GRACE_MS));
}

static void test_fetch_epoch_changed_starts_again_story_3(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_gap(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    assert_false(kit_follower_on_fetch_epoch(&follower, EPOCH_B)); /* its events are not ours yet */
    assert_int_equal(follower.seq, 0);
    assert_string_equal(follower.epoch, EPOCH_B);
    assert_true(follower.is_dirty);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 12, 2000, 0), 0);
    assert_true(kit_follower_wants_fetch(&follower, 2000)); /* from the start */
}

/* What failed was an event of the old history: it delays no event of the new one. */
static void test_fetch_epoch_changed_forgets_what_failed(void **state)
{
    struct kit_follower follower = follower_at(0);
    (void)state;
    for (int i = 1; i < KIT_EVENT_TRIES_MAX; i++)
        assert_false(kit_follower_on_failed(&follower, 1, 2000));
    kit_follower_on_fetch_sent(&follower);
    (void)kit_follower_on_fetch_epoch(&follower, EPOCH_B);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 12, 2000, 0), 0);
    assert_true(kit_follower_wants_fetch(&follower, 2000));
    kit_follower_on_fetch_sent(&follower);
    assert_false(kit_follower_on_failed(&follower, 1, 2000)); /* the first try of that one */
}

static void test_fetch_source_away_pauses_grow_story_4(void **state)
{
    struct kit_follower follower = follower_at(7);
    int64_t now = 2000, last_pause = 0;
    (void)state;
    kit_follower_on_gap(&follower, now);
    for (int i = 0; i < 12; i++) {
        assert_true(kit_follower_wants_fetch(&follower, now));
        kit_follower_on_fetch_sent(&follower);
        assert_false(kit_follower_wants_fetch(&follower, now)); /* one question at a time */
        kit_follower_on_fetch_failed(&follower, now, 255);
        kit_follower_on_gap(&follower, now); /* live events do not shorten the pause */
        const int64_t pause = kit_follower_next(&follower) - now;
        assert_in_range(pause, 1, KIT_FETCH_PAUSE_MAX_MS);
        assert_true(pause >= last_pause);
        last_pause = pause;
        now += pause;
    }
    assert_true(last_pause > KIT_FETCH_PAUSE_MAX_MS / 2);
}

static void test_source_not_online_is_asked_only_at_the_longest_pause(void **state)
{
    struct kit_follower follower = follower_at(7);
    int64_t now = 2000;
    int held_count = 0;
    (void)state;
    kit_follower_on_gap(&follower, now);
    while (!kit_follower_may_send(&follower, false)) {
        assert_true(kit_follower_may_send(&follower, true));
        kit_follower_on_fetch_failed(&follower, now, 0);
        now = kit_follower_next(&follower);
        assert_true(++held_count < 20);
    }
    assert_int_equal(follower.pause_ms, KIT_FETCH_PAUSE_MAX_MS);
}

static void test_source_comes_online_is_asked_at_once(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_head(&follower, EPOCH_A, 9, 2000);
    kit_follower_on_fetch_failed(&follower, 3000, 255);
    assert_false(kit_follower_wants_fetch(&follower, 3000));
    kit_follower_on_online(&follower, 3001);
    assert_true(kit_follower_wants_fetch(&follower, 3001));
}

static void test_handler_fails_is_parked_at_the_last_try_story_5(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    for (int i = 1; i < KIT_EVENT_TRIES_MAX; i++) {
        assert_false(kit_follower_on_failed(&follower, 8, 2000));
        assert_true(kit_follower_next(&follower) > 2000);
    }
    assert_true(kit_follower_on_failed(&follower, 8, 2000));
}

static void test_ask_is_confirmed_only_by_a_question_sent_after_it(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    assert_int_equal(kit_follower_ask(&follower, 2000), 1);
    assert_true(kit_follower_wants_fetch(&follower, 2000));
    kit_follower_on_fetch_sent(&follower);
    assert_int_equal(kit_follower_ask(&follower, 2000), 2); /* while the first is under way */
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 7, 2000, 0), 1);
    assert_true(kit_follower_wants_fetch(&follower, 2000));
    kit_follower_on_fetch_sent(&follower);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 7, 2000, 0), 2);
    assert_false(kit_follower_wants_fetch(&follower, 2000));
}

static void test_ask_behind_the_head_is_not_confirmed(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_ask(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    kit_follower_on_applied(&follower, 8);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 300, 2000, 0), 0);
    assert_true(kit_follower_wants_fetch(&follower, 2000)); /* the next page */
}

static void test_answer_without_progress_pauses_and_grows_story_6(void **state)
{
    struct kit_follower follower = follower_at(7);
    int64_t now = 2000;
    (void)state;
    kit_follower_on_gap(&follower, now);
    for (int i = 0; i < 8; i++) {
        kit_follower_on_fetch_sent(&follower);
        assert_int_equal(kit_follower_on_fetch_applied(&follower, 9, now, 255), 0);
        assert_true(follower.is_stuck);
        assert_false(kit_follower_wants_fetch(&follower, now));
        now = kit_follower_next(&follower);
    }
    assert_int_equal(follower.pause_ms, KIT_FETCH_PAUSE_MAX_MS);
    kit_follower_on_fetch_sent(&follower);
    kit_follower_on_applied(&follower, 8);
    kit_follower_on_applied(&follower, 9);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 9, now, 255), 0);
    assert_false(follower.is_stuck);
    assert_int_equal(follower.pause_ms, 0);
}

static void test_answer_overtaken_by_events_is_no_step_back_story_7(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_gap(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    kit_follower_on_applied(&follower, 8);
    kit_follower_on_applied(&follower, 9);
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 7, 2000, 0), 0);
    assert_false(follower.went_back);
    assert_int_equal(follower.seq, 9);
}

static void test_source_that_went_back_is_noticed_story_7(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_gap(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 5, 2000, 0), 0);
    assert_true(follower.went_back);
    kit_follower_on_gap(&follower, 3000);
    kit_follower_on_fetch_sent(&follower);
    assert_false(kit_follower_on_fetch_epoch(&follower, EPOCH_B)); /* now it has a new one */
    assert_false(follower.went_back);
}

/* One head may have been overtaken by the events, or say only what the broker has confirmed. */
static void test_head_below_the_cursor_twice_asks_story_7(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_head(&follower, EPOCH_A, 5, 2000);
    assert_false(kit_follower_wants_fetch(&follower, INT64_MAX - 1));
    kit_follower_on_head(&follower, EPOCH_A, 7, 2500);
    kit_follower_on_head(&follower, EPOCH_A, 5, 3000); /* not in a row */
    assert_false(kit_follower_wants_fetch(&follower, INT64_MAX - 1));
    kit_follower_on_head(&follower, EPOCH_A, 6, 3500);
    assert_true(kit_follower_wants_fetch(&follower, 3500));
    kit_follower_on_fetch_sent(&follower);
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 6, 3500, 0), 0);
    assert_true(follower.went_back);
}

static void test_head_below_the_cursor_shortens_no_pause(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_gap(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    kit_follower_on_fetch_failed(&follower, 2000, 255);
    kit_follower_on_head(&follower, EPOCH_A, 5, 2000);
    kit_follower_on_head(&follower, EPOCH_A, 5, 2000);
    assert_false(kit_follower_wants_fetch(&follower, 2000));
}

static void test_link_down_asks_nothing(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_link(&follower, false, 2000);
    kit_follower_ask(&follower, 2000);
    assert_false(kit_follower_wants_fetch(&follower, INT64_MAX));
    assert_int_equal(kit_follower_next(&follower), INT64_MAX);
    kit_follower_on_link(&follower, true, 3000);
    assert_true(kit_follower_wants_fetch(&follower, 3000));
}

static void test_jump_asks_from_there_and_is_not_stuck(void **state)
{
    struct kit_follower follower = follower_at(7);
    (void)state;
    kit_follower_on_gap(&follower, 2000);
    kit_follower_on_fetch_sent(&follower);
    assert_true(kit_follower_on_fetch_epoch(&follower, EPOCH_A));
    kit_follower_jump(&follower, 900);
    assert_int_equal(kit_follower_on_fetch_applied(&follower, 1000, 2000, 0), 0);
    assert_false(follower.is_stuck);
    assert_true(kit_follower_wants_fetch(&follower, 2000));
    assert_int_equal(kit_follower_judge(&follower, EPOCH_A, 901), KIT_EVENT_NEXT);
}

/* What a source is told that has lost its database. */
static void test_note_keeps_the_highest_of_all_histories(void **state)
{
    static const struct {
        const char *subject;
        int64_t version, id, highest;
    } STEPS[] = {
        { "rental/7", 2, 7, 2 },
        { "rental/3", 5, 7, 5 },
        { "locker/locker-1", 4, 7, 5 },
        { "rental", 1, 7, 5 },
        { "order/9007199254740991", 1, INT64_C(9007199254740991), 5 },
    };
    (void)state;
    struct kit_follower f = follower_at(3);
    for (size_t i = 0; i < KIT_COUNT(STEPS); i++) {
        kit_follower_note(&f, STEPS[i].subject, STEPS[i].version);
        assert_int_equal(f.highest_id, STEPS[i].id);
        assert_int_equal(f.highest_version, STEPS[i].highest);
    }
    assert_true(kit_follower_on_fetch_epoch(&f, f.epoch));
    (void)kit_follower_on_fetch_epoch(&f, "another");
    assert_int_equal(f.highest_version, 5);
}

static void test_at_head_is_after_an_answer_that_brought_all(void **state)
{
    (void)state;
    struct kit_follower f = follower_at(3);
    kit_follower_on_link(&f, true, 0);
    assert_false(kit_follower_is_at_head(&f)); /* the question is due */
    kit_follower_on_fetch_sent(&f);
    assert_false(kit_follower_is_at_head(&f));
    (void)kit_follower_on_fetch_applied(&f, 5, 0, 0); /* a page, and there is more */
    assert_false(kit_follower_is_at_head(&f));
    kit_follower_on_fetch_sent(&f);
    kit_follower_on_fetch_failed(&f, 0, 0);
    assert_false(kit_follower_is_at_head(&f));
    kit_follower_on_fetch_sent(&f);
    kit_follower_on_applied(&f, 4);
    kit_follower_on_applied(&f, 5);
    (void)kit_follower_on_fetch_applied(&f, 5, 0, 0);
    assert_true(kit_follower_is_at_head(&f));
    kit_follower_on_link(&f, false, 0);
    assert_false(kit_follower_is_at_head(&f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_story_1),
        cmocka_unit_test(test_head_ahead_for_the_grace_time_story_2),
        cmocka_unit_test(test_head_reached_meanwhile_asks_nothing),
        cmocka_unit_test(test_head_of_another_epoch_asks),
        cmocka_unit_test(test_fetch_epoch_changed_starts_again_story_3),
        cmocka_unit_test(test_fetch_epoch_changed_forgets_what_failed),
        cmocka_unit_test(test_fetch_source_away_pauses_grow_story_4),
        cmocka_unit_test(test_source_not_online_is_asked_only_at_the_longest_pause),
        cmocka_unit_test(test_source_comes_online_is_asked_at_once),
        cmocka_unit_test(test_handler_fails_is_parked_at_the_last_try_story_5),
        cmocka_unit_test(test_ask_is_confirmed_only_by_a_question_sent_after_it),
        cmocka_unit_test(test_ask_behind_the_head_is_not_confirmed),
        cmocka_unit_test(test_answer_without_progress_pauses_and_grows_story_6),
        cmocka_unit_test(test_source_that_went_back_is_noticed_story_7),
        cmocka_unit_test(test_answer_overtaken_by_events_is_no_step_back_story_7),
        cmocka_unit_test(test_head_below_the_cursor_twice_asks_story_7),
        cmocka_unit_test(test_head_below_the_cursor_shortens_no_pause),
        cmocka_unit_test(test_link_down_asks_nothing),
        cmocka_unit_test(test_note_keeps_the_highest_of_all_histories),
        cmocka_unit_test(test_at_head_is_after_an_answer_that_brought_all),
        cmocka_unit_test(test_jump_asks_from_there_and_is_not_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
