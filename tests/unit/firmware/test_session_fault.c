/* A session whose flash fails (schemas/rules/devices.md 1.2, 1.9): nothing has two effects when it
 * fails for a while, and the device goes on when it fails for good. */
#include "session_world.h"

static struct session_world at;

#define HOUR_MS 3600000
#define READS_MAX 400 /* `up` messages of an hour */

static int (*real_read)(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes);
static uint32_t broken_from, broken_to; /* cannot be read */

static int read_broken(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes)
{
    bool is_touched = offset < broken_to && offset + size_bytes > broken_from;
    return is_touched ? FW_E_IO : real_read(self, offset, ret_bytes, size_bytes);
}

static int setup(void **state)
{
    (void)state;
    session_world_init(&at);
    broken_from = broken_to = 0;
    real_read = at.world.flash.port.read;
    at.world.flash.port.read = read_broken;
    return 0;
}

static void set_snapshot_fails(bool fails)
{
    for (int block = LOG_BLOCKS; block < LOG_BLOCKS + SNAPSHOT_BLOCKS; block++)
        at.world.flash.program_fails[block] = at.world.flash.erase_fails[block] = fails;
}

/* Until records leave; `hellos_max` hellos are answered. */
static bool sends_records_after(int hellos_max)
{
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    for (int i = 0; i < hellos_max && at.world.up.records_count == 0; i++) {
        uint32_t count = at.world.up_count;
        session_answer(&at, false);
        world_tick(&at.world);
        if (at.world.up_count == count)
            at.world.mono_ms = at.world.session.resend_at_ms;
        world_tick(&at.world);
    }
    return at.world.up.records_count > 0;
}

/* ---- its snapshot (rules 1.9) ---- */

static void test_session_on_ack_with_a_save_that_fails_once_tells_nothing_twice(void **state)
{
    (void)state;
    session_scan(&at, 4);
    set_snapshot_fails(true);
    assert_false(sends_records_after(1)); /* flash still says that all of it is in doubt */
    set_snapshot_fails(false);
    assert_true(sends_records_after(1));
    session_answer(&at, true);
    assert_int_equal(world_boot(&at.world), FW_OK);
    session_scan(&at, 1);
    session_check_effects(&at);
    assert_false(session_is_renewed(&at));
    assert_int_equal(at.world.session.phase, FW_SESSION_KNOWN);
}

static void test_session_on_ack_with_a_snapshot_that_fails_for_ever_still_sends_once(void **state)
{
    (void)state;
    set_snapshot_fails(true);
    for (int boot = 0; boot < 5; boot++) {
        session_scan(&at, 12);
        assert_true(sends_records_after(FW_SESSION_SAVES_FAILED_MAX));
        assert_int_equal(at.world.session.phase, FW_SESSION_UNSAVED);
        session_answer(&at, true); /* lost, and the power goes */
        assert_int_equal(world_boot(&at.world), FW_OK);
    }
    assert_true(sends_records_after(FW_SESSION_SAVES_FAILED_MAX));
    session_check_effects(&at);
    assert_false(session_is_renewed(&at));
}

static void test_session_restored_with_a_snapshot_that_fails_for_ever_loses_no_scan(void **state)
{
    (void)state;
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 9);
    session_connect(&at);
    session_restore_image(&at);
    set_snapshot_fails(true);
    session_scan(&at, 3);
    assert_true(sends_records_after(FW_SESSION_SAVES_FAILED_MAX));
    assert_true(session_is_renewed(&at));
    session_check_effects(&at);
}

/* What comes after what we know is another firmware's, and what it did not know is 0. */
static void test_session_open_with_a_layout_that_grew_keeps_the_epoch(void **state)
{
    struct {
        struct fw_session_stored ours;
        uint8_t more[64];
    } grown;
    (void)state;
    session_connect(&at);
    session_keep_image(&at);
    session_scan(&at, 6);
    session_connect(&at);
    session_restore_image(&at);
    session_scan(&at, 2);
    session_connect(&at);
    assert_true(session_is_renewed(&at));
    const struct fw_session_stored before = at.world.session.stored;
    memset(&grown, 0xA5, sizeof(grown));
    grown.ours = before;
    assert_int_equal(fw_snapshot_save(&at.world.snapshot, &grown, sizeof(grown)), FW_OK);
    assert_int_equal(world_boot(&at.world), FW_OK);
    assert_int_equal(at.world.session.stored.boot, before.boot + 1);
    assert_memory_equal(at.world.session.stored.log.told_epoch, before.log.told_epoch,
                        FW_EPOCH_BYTES);
    session_scan(&at, 1);
    session_check_effects(&at);
}

/* ---- its log (rules 1.2) ---- */

/* Where the scan's record lies from now on cannot be read. */
static void break_scan(const char *value)
{
    char wanted[] = "\"value\":\"00\"";
    memcpy(wanted + strlen(wanted) - 3, value, 2);
    for (uint32_t i = 0; i + sizeof(wanted) < LOG_BLOCKS * BLOCK_BYTES; i++) {
        if (memcmp(at.world.flash.bytes + i, wanted, strlen(wanted)) == 0) {
            broken_from = i;
            broken_to = i + 4;
        }
    }
    assert_int_equal(broken_to, broken_from + 4);
}

static void test_session_tick_with_a_read_error_sends_what_is_before_it(void **state)
{
    (void)state;
    session_connect(&at);
    fw_session_set_config_revision(&at.world.session, 7);
    session_connect(&at);
    session_scan(&at, 5);
    break_scan("03");
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    assert_int_equal(at.world.up.records_count, 3);
    assert_int_equal(at.world.up.config_revision, 0); /* fewer than 8, and not all */
    session_answer(&at, false);
    broken_to = 0;
    at.world.mono_ms += FW_SESSION_READ_AGAIN_MS;
    session_check_effects(&at);
    assert_int_equal(at.world.up.config_revision, 7);
    assert_int_equal(at.world.session.lost_count, 0);
}

/* What lies behind it in its block is not found without it. What is in the next ones is. */
static void test_session_tick_with_a_read_error_that_lasts_goes_on_with_the_next_block(void **state)
{
    (void)state;
    session_connect(&at);
    session_scan(&at, 60);
    assert_int_equal(at.world.log.chain_count, 2);
    const int64_t lost = at.world.log.chain[1].first_seq - at.world.log.first_seq;
    assert_in_range(lost, 1, 50);
    break_scan("00");
    fw_session_on_link(&at.world.session, true);
    int hellos = 0;
    world_tick(&at.world);
    for (; at.world.up.records_count == 0 && hellos < READS_MAX; hellos++) {
        session_answer(&at, false);
        int64_t next_ms = world_tick(&at.world);
        assert_true(next_ms > at.world.mono_ms); /* no haste */
        at.world.mono_ms = next_ms;
        world_tick(&at.world);
    }
    assert_int_equal(hellos, FW_SESSION_READS_FAILED_MAX);
    session_connect(&at);
    assert_int_equal(at.world.session.lost_count, lost);
    for (int64_t i = 0; i < 60; i++)
        assert_int_equal(at.effects[i], i < lost ? 0 : 1);
}

/* All of it: that may be a passing fault, also after an hour. The service hears of us meanwhile. */
static void test_session_tick_with_a_log_that_cannot_be_read_keeps_its_records(void **state)
{
    (void)state;
    session_connect(&at);
    session_scan(&at, 5);
    broken_to = LOG_BLOCKS * BLOCK_BYTES;
    int64_t end_ms = at.world.mono_ms + HOUR_MS;
    uint32_t begin = at.world.up_count;
    fw_session_on_link(&at.world.session, true);
    while (at.world.mono_ms < end_ms) {
        uint32_t count = at.world.up_count;
        int64_t next_ms = world_tick(&at.world);
        if (at.world.up_count != count)
            session_answer(&at, false);
        else
            at.world.mono_ms = next_ms;
    }
    assert_in_range(at.world.up_count - begin, HOUR_MS / FW_SESSION_HELLO_MS, READS_MAX);
    broken_to = 0;
    at.world.mono_ms += FW_SESSION_READ_AGAIN_MS;
    session_check_effects(&at);
    assert_int_equal(at.world.session.lost_count, 0);
}

/* ---- acks of hellos (rules 1.3) ---- */

/* The ack of the records was lost, the device was restarted and asked twice: the second answer
 * comes when its records are under way again, and must not end that. */
static void test_session_on_ack_of_a_second_hello_frees_nothing(void **state)
{
    (void)state;
    struct fw_device_ack second, records;
    session_connect(&at);
    session_scan(&at, 1);
    world_tick(&at.world);
    int64_t seq = at.world.up.records[at.world.up.records_count - 1].seq;
    session_answer(&at, true);
    assert_int_equal(world_boot(&at.world), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    at.world.mono_ms = at.world.session.resend_at_ms;
    world_tick(&at.world);
    assert_int_equal(at.world.up.records_count, 0);
    const struct fw_device_up hello = at.world.up;
    session_take_up(&at, &hello, &second);
    session_answer(&at, false);
    world_tick(&at.world);
    assert_true(at.world.up.records_count > 0);
    const struct fw_device_up up = at.world.up;
    session_take_up(&at, &up, &records);
    assert_int_equal(world_send_ack(&at.world, &second), FW_OK);
    assert_int_equal(at.world.session.link, FW_SESSION_WAITING);
    assert_int_equal(at.world.told_ever[seq], 0);
    assert_int_equal(world_send_ack(&at.world, &records), FW_OK);
    assert_int_equal(at.world.told_ever[seq], 1);
    assert_int_equal(at.world.log.first_seq, at.world.log.next_seq);
}

/* Of the boot before, late: it does not say how far the service is. */
static void test_session_on_ack_without_stored_before_a_hello_is_answered_is_not_used(void **state)
{
    (void)state;
    struct fw_device_ack late;
    session_connect(&at);
    session_scan(&at, 2);
    world_tick(&at.world);
    const struct fw_device_up up = at.world.up;
    session_take_up(&at, &up, &late);
    assert_int_equal(world_boot(&at.world), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    assert_int_equal(world_send_ack(&at.world, &late), FW_OK);
    assert_int_equal(at.world.session.phase, FW_SESSION_ASKING);
    assert_int_equal(at.world.session.link, FW_SESSION_WAITING);
    session_check_effects(&at);
    assert_false(session_is_renewed(&at));
}

#define NEW(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEW(test_session_on_ack_with_a_save_that_fails_once_tells_nothing_twice),
        NEW(test_session_on_ack_with_a_snapshot_that_fails_for_ever_still_sends_once),
        NEW(test_session_restored_with_a_snapshot_that_fails_for_ever_loses_no_scan),
        NEW(test_session_open_with_a_layout_that_grew_keeps_the_epoch),
        NEW(test_session_tick_with_a_read_error_sends_what_is_before_it),
        NEW(test_session_tick_with_a_read_error_that_lasts_goes_on_with_the_next_block),
        NEW(test_session_tick_with_a_log_that_cannot_be_read_keeps_its_records),
        NEW(test_session_on_ack_of_a_second_hello_frees_nothing),
        NEW(test_session_on_ack_without_stored_before_a_hello_is_answered_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
