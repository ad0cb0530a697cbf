/* The stories of log_follower.h, one test each; and that no life of a device breaks what they
 * promise. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/device/log_follower.h"
#include "msg/common.gen.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddddddddd"

static bool say(struct kit_log_follower *log, enum device_status status, const char *epoch,
                int64_t boot, int64_t now_ms)
{
    if (status != DEVICE_STATUS_ONLINE)
        return kit_log_on_will(log, epoch, boot, now_ms);
    kit_log_on_online(log, epoch, boot, "1.0", now_ms);
    return true;
}

/* Online with log A, boot 1, since 1000, and `seq` records of it stored. */
static struct kit_log_follower log_at(int64_t seq)
{
    struct kit_log_follower log = { 0 };
    assert_false(kit_log_is_there(&log));
    assert_true(say(&log, DEVICE_STATUS_ONLINE, A, 1, 1000));
    assert_int_equal(kit_log_on_up(&log, A, 1, 1000), KIT_LOG_BEGINS);
    for (int64_t i = 1; i <= seq; i++)
        assert_true(kit_log_on_record(&log, i));
    assert_int_equal(log.seq, seq);
    assert_int_equal(log.missing, 0);
    return log;
}

static void is_same(const struct kit_log_follower *one, const struct kit_log_follower *other)
{
    assert_memory_equal(one, other, sizeof(*one));
}

static void test_record_that_comes_again_story_7_1(void **state)
{
    struct kit_log_follower log = log_at(3);
    (void)state;
    assert_int_equal(kit_log_on_up(&log, A, 2, 2000), KIT_LOG_GOES_ON);
    const struct kit_log_follower before = log;
    assert_false(kit_log_on_record(&log, 2));
    assert_false(kit_log_on_record(&log, 3));
    is_same(&log, &before);
    assert_true(kit_log_on_record(&log, 4));
    assert_int_equal(log.seq, 4);
}

static void test_log_of_new_flash_story_7_2(void **state)
{
    struct kit_log_follower log = log_at(3);
    (void)state;
    assert_int_equal(kit_log_on_up(&log, B, 1, 2000), KIT_LOG_BEGINS);
    assert_true(kit_log_on_record(&log, 1)); /* another record than that of A */
    assert_int_equal(kit_log_on_up(&log, C, 50, 2000), KIT_LOG_BEGINS);
    assert_int_equal(log.seq, 49);
    assert_true(kit_log_on_record(&log, 50));
    assert_int_equal(log.missing, 0); /* what is older was never of this log */
}

static void test_message_of_the_log_before_story_7_3(void **state)
{
    struct kit_log_follower log = log_at(3);
    (void)state;
    assert_int_equal(kit_log_on_up(&log, B, 1, 2000), KIT_LOG_BEGINS);
    assert_true(say(&log, DEVICE_STATUS_ONLINE, B, 1, 2000));
    const struct kit_log_follower before = log;
    assert_int_equal(kit_log_on_up(&log, A, 1, 3000), KIT_LOG_STALE);
    is_same(&log, &before);
}

static void test_log_before_that_is_named_again_story_7_4(void **state)
{
    struct kit_log_follower log = log_at(3);
    (void)state;
    assert_int_equal(kit_log_on_up(&log, B, 1, 2000), KIT_LOG_BEGINS);
    assert_true(kit_log_on_record(&log, 1));
    assert_true(say(&log, DEVICE_STATUS_ONLINE, A, 2, 3000));
    assert_int_equal(kit_log_on_up(&log, A, 2, 3000), KIT_LOG_BEGINS);
    assert_false(kit_log_on_record(&log, 3));
    assert_true(kit_log_on_record(&log, 4));
    assert_int_equal(log.missing, 0);
    /* And the spare once more: where it was left, and what was lost meanwhile is missed. */
    assert_int_equal(kit_log_on_up(&log, B, 1, 4000), KIT_LOG_STALE);
    assert_true(say(&log, DEVICE_STATUS_ONLINE, B, 2, 4000));
    assert_int_equal(kit_log_on_up(&log, B, 4, 4000), KIT_LOG_BEGINS);
    assert_int_equal(log.seq, 3);
    assert_int_equal(log.missing, 2);
}

static void test_records_that_are_missing_story_7_5(void **state)
{
    struct kit_log_follower log = log_at(3);
    (void)state;
    assert_int_equal(kit_log_on_up(&log, A, 10, 2000), KIT_LOG_GOES_ON);
    assert_int_equal(log.seq, 9);
    assert_int_equal(log.missing, 6);
    assert_true(kit_log_on_record(&log, 13));
    assert_int_equal(log.seq, 13);
    assert_int_equal(log.missing, 9);
    for (int i = 0; i < 3; i++) { /* no number overflows, however often it is claimed */
        const char *const epochs[] = { B, C, D };
        assert_int_equal(kit_log_on_up(&log, epochs[i], 1, 2000), KIT_LOG_BEGINS);
        assert_true(kit_log_on_record(&log, KIT_LOG_SEQ_MAX));
        assert_int_equal(log.missing, KIT_LOG_SEQ_MAX);
    }
}

static void test_will_of_an_earlier_connection_story_7_7(void **state)
{
    struct kit_log_follower log = log_at(0);
    (void)state;
    assert_true(say(&log, DEVICE_STATUS_ONLINE, A, 2, 2000));
    assert_int_equal(log.since_ms, 1000); /* it was there all the time */
    const struct kit_log_follower before = log;
    assert_false(say(&log, DEVICE_STATUS_OFFLINE, A, 1, 3000));
    assert_false(say(&log, DEVICE_STATUS_OFFLINE, B, 2, 3000));
    is_same(&log, &before);
    assert_true(say(&log, DEVICE_STATUS_OFFLINE, A, 2, 3000));
    assert_false(kit_log_is_there(&log));
    assert_int_equal(log.since_ms, 3000);
    assert_int_equal(log.heard_ms, 2000); /* a will is no word of the device */
    struct kit_log_follower unknown = { 0 };
    assert_false(say(&unknown, DEVICE_STATUS_OFFLINE, A, 1, 3000));
}

static void test_whoever_speaks_is_there_story_7_8(void **state)
{
    struct kit_log_follower log = log_at(0);
    (void)state;
    assert_true(say(&log, DEVICE_STATUS_OFFLINE, A, 1, 2000));
    assert_int_equal(kit_log_on_up(&log, B, 1, 3000), KIT_LOG_BEGINS);
    assert_false(kit_log_is_there(&log)); /* no will would end it: it names another log */
    assert_int_equal(log.heard_ms, 3000);
    assert_int_equal(kit_log_on_up(&log, A, 1, 4000), KIT_LOG_BEGINS);
    assert_true(kit_log_is_there(&log));
    assert_int_equal(log.since_ms, 4000);
    assert_true(say(&log, DEVICE_STATUS_OFFLINE, A, 1, 5000)); /* and the will counts again */

    struct kit_log_follower unnamed = { 0 };
    assert_int_equal(kit_log_on_up(&unnamed, A, 1, 3000), KIT_LOG_BEGINS);
    assert_true(kit_log_is_there(&unnamed));
}

static void test_silence_ends_with_the_next_word_story_7_9(void **state)
{
    struct kit_log_follower log = log_at(0);
    (void)state;
    for (int i = 0; i < 3; i++) {
        log.is_silent = true; /* as its owner does in SQL, for all at once */
        assert_false(kit_log_is_there(&log));
        if (i == 0)
            assert_int_equal(kit_log_on_up(&log, A, 1, 2000), KIT_LOG_GOES_ON);
        else if (i == 1)
            assert_true(say(&log, DEVICE_STATUS_ONLINE, A, 2, 3000));
        else
            assert_true(say(&log, DEVICE_STATUS_OFFLINE, A, 2, 4000));
        assert_true(kit_log_is_there(&log) == (i < 2));
        assert_int_equal(log.since_ms, i == 0 ? 2000 : 3000);
    }
}

/* ---- any life ---- */

#define LIFE_RECORDS 64
#define LIFE_STEPS 4000

static uint32_t roll(uint64_t *random, uint32_t sides)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*random >> 33) % sides);
}

/* Two devices under one name take turns, acks are lost, messages come late: each record of each log
 * has its effect once, and in order. */
static void test_each_record_once_whatever_happens(void **state)
{
    const char *const epochs[2] = { A, B };
    int64_t next[2] = { 1, 1 }, done[2] = { 0, 0 };
    struct kit_log_follower log = { 0 };
    uint64_t random = 7;
    uint32_t own = 0;
    (void)state;
    for (int64_t now_ms = 1; now_ms <= LIFE_STEPS; now_ms++) {
        if (roll(&random, 50) == 0) {
            own = 1 - own;
            (void)say(&log, DEVICE_STATUS_ONLINE, epochs[own], now_ms, now_ms);
        }
        const uint32_t who = roll(&random, 10) == 0 ? 1 - own : own; /* 1: it was under way */
        if (who == own)
            next[own] += roll(&random, 3);     /* records are made */
        const int64_t held = roll(&random, 6); /* stored, but their ack was lost */
        const int64_t first = held < done[who] ? done[who] + 1 - held : 1;
        if (kit_log_on_up(&log, epochs[who], first, now_ms) == KIT_LOG_STALE)
            continue;
        for (int64_t seq = first; seq < next[who] && seq < first + 8; seq++) {
            if (!kit_log_on_record(&log, seq))
                continue;
            assert_int_equal(seq, done[who] + 1);
            done[who] = seq;
        }
    }
    assert_int_equal(log.missing, 0);
    assert_true(done[0] > LIFE_RECORDS && done[1] > LIFE_RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_that_comes_again_story_7_1),
        cmocka_unit_test(test_log_of_new_flash_story_7_2),
        cmocka_unit_test(test_message_of_the_log_before_story_7_3),
        cmocka_unit_test(test_log_before_that_is_named_again_story_7_4),
        cmocka_unit_test(test_records_that_are_missing_story_7_5),
        cmocka_unit_test(test_will_of_an_earlier_connection_story_7_7),
        cmocka_unit_test(test_whoever_speaks_is_there_story_7_8),
        cmocka_unit_test(test_silence_ends_with_the_next_word_story_7_9),
        cmocka_unit_test(test_each_record_once_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
