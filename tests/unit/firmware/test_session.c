/* The session against schemas/rules/devices.md 1: what is sent when, what an ack frees, what is
 * told. */
#include "device_world.h"
#include "fw/device_state.gen.h"

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_init(&world);
    assert_int_equal(world_boot(&world), FW_OK);
    return 0;
}

/* Connected, and everything so far is stored by the service. */
static int setup_quiet(void **state)
{
    setup(state);
    world_drain(&world);
    return 0;
}

static void test_session_open_with_new_flash_sends_start_and_state(void **state)
{
    (void)state;
    struct fw_device_state seen;
    world_tick(&world);
    assert_int_equal(world.up_count + world.state_count, 0); /* no link yet */
    world_meet(&world);
    world_tick(&world);
    assert_int_equal(fw_device_state_decode(world.state_text, world.state_size, &seen), FW_OK);
    assert_int_equal(seen.status, FW_MSG_DEVICE_STATUS_ONLINE);
    assert_int_equal(seen.kind, FW_MSG_DEVICE_KIND_SCANNER);
    assert_int_equal(seen.boot, 1);
    assert_string_equal(seen.firmware, "0.1.0");
    assert_false(seen.has_compartments);
    assert_int_equal(world.up.records_count, 1);
    assert_int_equal(world.up.records[0].kind, FW_MSG_DEVICE_RECORD_KIND_START);
    assert_int_equal(world.up.records[0].seq, 1);
    assert_int_equal(world.up.first_seq, 1);
    assert_string_equal(world.up.epoch, seen.epoch);
}

static void test_session_will_of_a_locker_says_offline_with_its_compartments(void **state)
{
    (void)state;
    char text[FW_SESSION_STATE_BYTES_MAX];
    struct fw_device_state seen;
    assert_int_equal(world_boot_as(&world, "SSMLSSMLSSMLSSML"), FW_OK);
    int size = fw_session_will(&world.session, text, sizeof(text));
    assert_true(size > 0);
    assert_int_equal(fw_device_state_decode(text, (size_t)size, &seen), FW_OK);
    assert_int_equal(seen.status, FW_MSG_DEVICE_STATUS_OFFLINE);
    assert_int_equal(seen.boot, 2);
    assert_string_equal(seen.compartments, "SSMLSSMLSSMLSSML");
    assert_int_equal(fw_session_will(&world.session, text, (size_t)size - 1), FW_E_TOO_LARGE);
}

static void test_session_tick_without_ack_sends_again_with_growing_pauses(void **state)
{
    (void)state;
    static const int64_t pauses[] = { 2000, 4000, 8000, 16000, 30000, 30000 };
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.up_count, 1);
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        uint32_t count = world.up_count;
        int64_t sent_ms = world.mono_ms;
        int64_t next_ms = world_tick(&world);
        assert_true(next_ms >= sent_ms + pauses[i]);
        assert_true(world.session.resend_at_ms <= sent_ms + pauses[i] + pauses[i] / 4);
        world.mono_ms = world.session.resend_at_ms - 1;
        world_tick(&world);
        assert_int_equal(world.up_count, count);
        world.mono_ms++;
        world_tick(&world);
        assert_int_equal(world.up_count, count + 1);
    }
    assert_int_equal(world_answer(&world), FW_OK);
    assert_int_equal(world_scan(&world, "12"), FW_OK);
    int64_t next_ms = world_tick(&world);
    assert_true(next_ms <= world.mono_ms + 2500); /* the pauses begin again */
}

static void test_session_on_link_back_sends_at_once(void **state)
{
    (void)state;
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    fw_session_on_link(&world.session, false);
    world.mono_ms += 60000;
    world_tick(&world);
    assert_int_equal(world.up_count, 1);
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.up_count, 2);
    assert_int_equal(world.state_count, 2);
}

static void test_session_tick_unanswered_says_state_again(void **state)
{
    (void)state;
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.state_count, 1);
    world.mono_ms = world.session.resend_at_ms;
    world_tick(&world);
    assert_int_equal(world.state_count, 2); /* the broker may have lost the first one */
    assert_int_equal(world.up_count, 2);
    assert_int_equal(world_answer(&world), FW_OK);
    world.mono_ms += 60000; /* a hello that is not late says none */
    world_tick(&world);
    assert_int_equal(world.state_count, 2);
}

static void test_session_tick_with_a_link_that_refuses_tries_again(void **state)
{
    (void)state;
    world.publish_rc = FW_E_AWAY;
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.session.sent_count, 0);
    world.publish_rc = FW_OK;
    world_tick(&world);
    assert_int_equal(world.state_count, 1);
    assert_int_equal(world.up_count, 0); /* not before its pause */
    world.mono_ms = world.session.resend_at_ms;
    world_tick(&world);
    assert_int_equal(world.up_count, 1);
}

static void test_session_tick_without_records_says_hello_every_30_s(void **state)
{
    (void)state;
    fw_session_on_link(&world.session, true);
    for (int i = 0; i < 3; i++) {
        uint32_t count = world.up_count;
        world_tick(&world);
        assert_int_equal(world.up_count, count + 1);
        assert_int_equal(world.up.records_count, 0);
        assert_int_equal(world.up.first_seq, world.log.next_seq);
        world_answer(&world);
        int64_t next_ms = world_tick(&world);
        assert_int_equal(next_ms, world.mono_ms + FW_SESSION_HELLO_MS);
        world.mono_ms = next_ms - 1;
        world_tick(&world);
        assert_int_equal(world.up_count, count + 1);
        world.mono_ms++;
    }
}

static void test_session_append_while_a_hello_is_away_is_sent_at_once(void **state)
{
    (void)state;
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.up.records_count, 0);
    uint32_t count = world.up_count;
    world_scan(&world, "1");
    world_tick(&world);
    assert_int_equal(world.up_count, count + 1);
    assert_int_equal(world.up.records_count, 1);
    world_scan(&world, "2"); /* now a real one is under way */
    world_tick(&world);
    assert_int_equal(world.up_count, count + 1);
    world_answer(&world);
    world_tick(&world);
    assert_int_equal(world.up_count, count + 2);
    assert_string_equal(world.up.records[0].value, "2");
}

static void test_session_tick_with_many_records_sends_the_oldest_8_in_order(void **state)
{
    (void)state;
    int64_t first_seq = world.log.next_seq;
    for (int i = 0; i < 20; i++)
        assert_int_equal(world_scan(&world, "5"), FW_OK);
    world_tick(&world);
    assert_int_equal(world.up.records_count, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(world.up.records[i].seq, first_seq + i);
    world_drain(&world);
    assert_int_equal(world.stored_seq, first_seq + 19);
    for (int64_t seq = first_seq; seq < first_seq + 20; seq++)
        assert_int_equal(world.told[seq], 1);
}

static void test_session_on_ack_of_a_part_frees_that_part(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    for (int i = 0; i < 5; i++)
        world_scan(&world, "5");
    world_tick(&world);
    world_ack_make(&world, &ack);
    ack.seq = world.up.records[1].seq;
    assert_int_equal(world_send_ack(&world, &ack), FW_OK); /* verdicts of all five are in it */
    assert_int_equal(world.log.first_seq, ack.seq + 1);
    assert_int_equal(world.told_last, ack.seq);
    world_tick(&world);
    assert_int_equal(world.up.records_count, 3);
}

static void check_ack_ignored(const char *text, size_t size)
{
    uint32_t refused = world.session.refused_count;
    int64_t first_seq = world.log.first_seq;
    int64_t now_ms = fw_clock_now_ms(&world.clock);
    assert_int_equal(fw_session_on_ack(&world.session, text, size), FW_E_INVALID);
    assert_int_equal(world.session.refused_count, refused + 1);
    assert_int_equal(world.log.first_seq, first_seq);
    assert_int_equal(world.told_last, 0);
    assert_int_equal(fw_clock_now_ms(&world.clock), now_ms);
}

static void test_session_on_ack_that_is_not_ours_is_ignored_and_counted(void **state)
{
    (void)state;
    char text[WORLD_TEXT_SIZE];
    struct fw_device_ack ack;
    world_scan(&world, "5");
    world_meet(&world);
    world_tick(&world);
    world_store(&world);
    world_ack_make(&world, &ack);
    ack.now += 3600000; /* would be believed */
    ack.epoch[0] = ack.epoch[0] == '0' ? '1' : '0';
    check_ack_ignored(text, (size_t)fw_device_ack_encode(&ack, text, sizeof(text)));
    world_ack_make(&world, &ack);
    ack.now += 3600000;
    ack.seq = world.log.next_seq; /* nobody has written that one */
    check_ack_ignored(text, (size_t)fw_device_ack_encode(&ack, text, sizeof(text)));
    check_ack_ignored("{}", 2);
    check_ack_ignored("", 0);
    assert_int_equal(world_answer(&world), FW_OK);
    assert_int_equal(world.log.first_seq, world.log.next_seq);
}

static void test_session_on_ack_beyond_what_was_sent_frees_what_was_sent(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    for (int i = 0; i < 10; i++)
        world_scan(&world, "5");
    world_tick(&world);
    world_ack_make(&world, &ack);
    ack.seq = world.log.next_seq - 1;
    assert_int_equal(world_send_ack(&world, &ack), FW_OK);
    assert_int_equal(world.log.first_seq, world.up.records[7].seq + 1);
    world_tick(&world);
    assert_int_equal(world.up.records_count, 2); /* with a verdict of their own to come */
}

static void test_session_on_ack_of_an_earlier_up_does_not_end_the_wait(void **state)
{
    (void)state;
    struct fw_device_ack old;
    world_scan(&world, "1");
    world_tick(&world);
    world_store(&world);
    world_ack_make(&world, &old);
    assert_int_equal(world_send_ack(&world, &old), FW_OK);
    world_scan(&world, "2");
    world_tick(&world);
    uint32_t count = world.up_count;
    assert_int_equal(world_send_ack(&world, &old), FW_OK); /* QoS 1: twice */
    world_tick(&world);
    assert_int_equal(world.up_count, count);
    assert_int_equal(world.session.link, FW_SESSION_WAITING);
    assert_int_equal(world.told[old.seq], 1);
}

static void test_session_on_ack_lost_tells_the_verdict_once(void **state)
{
    (void)state;
    world_scan(&world, "1");
    for (int i = 0; i < 3; i++) { /* three times sent, two answers lost on the way */
        world_tick(&world);
        world_store(&world);
        world.mono_ms = world.session.resend_at_ms;
    }
    assert_int_equal(world_answer(&world), FW_OK);
    assert_int_equal(world_answer(&world), FW_OK);
    assert_int_equal(world.told[world.stored_seq], 1);
}

static void test_session_append_with_a_full_log_is_refused_counted_and_told(void **state)
{
    (void)state;
    int rc = FW_OK;
    int count = 0;
    for (; rc == FW_OK && count < SEQS_MAX - 10; count++)
        rc = world_scan(&world, "0123456789012345678901234567890123456789012345678901234567890123");
    assert_int_equal(rc, FW_E_FULL);
    assert_int_equal(world_scan(&world, "1"), FW_E_FULL);
    world_drain(&world);
    assert_int_equal(world.stored_seq, 1 + count - 1); /* all that were taken, and no other */
    assert_int_equal(world_scan(&world, "1"), FW_OK);
    world_tick(&world);
    assert_int_equal(world.up.overflowed, 2);
}

static void test_session_append_of_the_longest_records_fits_one_up(void **state)
{
    (void)state;
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_SCAN,
                                       .has_symbology = true,
                                       .symbology = "]C1",
                                       .has_label = true,
                                       .label = FW_MSG_LABEL_KIND_COMPARTMENT,
                                       .has_value = true };
    memset(record.value, '"', sizeof(record.value) - 1);
    world.battery_ms = FW_CLOCK_MAX_MS;
    for (int i = 0; i < 8; i++)
        assert_int_equal(fw_session_append(&world.session, &record), FW_OK);
    for (int i = 0; i < FW_SESSION_COUNTS; i++)
        world.session.stored.counts[i] = INT64_C(9007199254740991);
    fw_session_count(&world.session, FW_SESSION_BOUNCED); /* stays */
    fw_session_set_config_revision(&world.session, INT64_C(9007199254740991));
    world_tick(&world);
    assert_int_equal(world.up.records_count, 8);
    assert_memory_equal(world.up.records[7].value, record.value, sizeof(record.value));
    assert_int_equal(world.up.bounced, INT64_C(9007199254740991));
}

static void test_session_restart_keeps_counts_and_time_and_counts_the_boot(void **state)
{
    (void)state;
    fw_session_count(&world.session, FW_SESSION_BOUNCED);
    fw_session_count(&world.session, FW_SESSION_UNREADABLE);
    fw_session_count(&world.session, FW_SESSION_UNREADABLE);
    world.mono_ms += FW_SESSION_SAVE_MS;
    world_tick(&world);
    int64_t floor_ms = world.clock.floor_ms;
    assert_true(floor_ms > WALL_MS);
    assert_int_equal(world_boot(&world), FW_OK);
    assert_int_equal(world.clock.floor_ms, floor_ms);
    assert_int_equal(fw_clock_now_ms(&world.clock), 0); /* known only as a floor */
    assert_true(fw_clock_is_over(&world.clock, floor_ms - 1));
    assert_false(fw_clock_is_over(&world.clock, floor_ms));
    world.battery_ms = 5; /* a battery clock that has lost its time */
    assert_int_equal(fw_clock_now_ms(&world.clock), floor_ms);
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.up.boot, 2);
    assert_int_equal(world.up.bounced, 1);
    assert_int_equal(world.up.unreadable, 2);
}

static void test_session_clock_set_back_by_the_service_stays(void **state)
{
    (void)state;
    fw_clock_on_server(&world.clock, WALL_MS + 36000000);
    world.mono_ms += 10;
    fw_clock_on_server(&world.clock, WALL_MS);
    fw_clock_on_server(&world.clock, 0);
    assert_int_equal(fw_clock_now_ms(&world.clock), WALL_MS + 36000010);
    world.mono_ms += 500;
    assert_int_equal(fw_clock_now_ms(&world.clock), WALL_MS + 36000510);
}

static void rot(const char *value)
{
    for (size_t i = 0; i + 4 < LOG_BLOCKS * BLOCK_BYTES; i++) {
        if (memcmp(world.flash.bytes + i, value, 4) == 0)
            world.flash.bytes[i] = 'C';
    }
}

/* Flash that loses a record which was right when it was written: passed over, counted. */
static void test_session_tick_with_a_lost_record_sends_the_others(void **state)
{
    (void)state;
    world_scan(&world, "AAAA");
    world_scan(&world, "BBBB");
    rot("AAAA");
    world_tick(&world);
    assert_int_equal(world.session.lost_count, 1);
    assert_int_equal(world.up.records_count, 1);
    assert_string_equal(world.up.records[0].value, "BBBB");
    assert_int_equal(world.up.first_seq, world.up.records[0].seq);
}

/* Fewer than 8 in an `up` are all that there are (rules 1.2): a lost one in between ends none. */
static void test_session_tick_with_a_record_lost_in_between_sends_all_others(void **state)
{
    (void)state;
    world_scan(&world, "1");
    world_scan(&world, "AAAA");
    world_scan(&world, "2");
    rot("AAAA");
    world_tick(&world);
    assert_int_equal(world.up.records_count, 2);
    assert_int_equal(world.up.records[1].seq, world.up.first_seq + 2);
    struct fw_device_ack ack;
    world_ack_make(&world, &ack);
    ack.seq = world.up.records[1].seq;
    assert_int_equal(world_send_ack(&world, &ack), FW_OK);
    assert_int_equal(world.log.first_seq, world.log.next_seq);
}

static void test_session_tick_with_flash_that_does_not_answer_sends_no_record(void **state)
{
    (void)state;
    uint32_t count = world.up_count;
    world_scan(&world, "1");
    world.flash.reads_fail = true;
    world_tick(&world);
    assert_int_equal(world.up_count, count + 1);
    assert_int_equal(world.up.records_count, 0);
    world.flash.reads_fail = false;
    world.mono_ms = world.session.resend_at_ms;
    world_tick(&world);
    assert_int_equal(world.up.records_count, 1);
}

/* Each try may erase blocks. */
static void test_session_tick_with_a_log_that_fails_spares_it(void **state)
{
    (void)state;
    memset(world.flash.program_fails, true, LOG_BLOCKS);
    int tries = 0;
    for (int second = 0; second < 300; second++) {
        uint64_t steps = world.flash.step_count;
        world_tick(&world);
        tries += world.flash.step_count != steps;
        world.mono_ms += 1000;
    }
    assert_in_range(tries, 1, 300000 / FW_SESSION_SAVE_MS);
    memset(world.flash.program_fails, false, sizeof(world.flash.program_fails));
    assert_int_equal(world_scan(&world, "1"), FW_OK);
    world_drain(&world);
    assert_int_equal(world.stored[1].kind, FW_MSG_DEVICE_RECORD_KIND_START);
    assert_int_equal(world.stored_seq, 2);
}

/* Counting the boot is worth nothing against a device that does not start. */
static void test_session_open_with_flash_that_fails_goes_on_and_saves_later(void **state)
{
    (void)state;
    for (int i = LOG_BLOCKS; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        world.flash.program_fails[i] = true;
    assert_int_equal(world_boot(&world), FW_OK);
    assert_int_equal(world_scan(&world, "1"), FW_OK);
    for (int i = LOG_BLOCKS; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        world.flash.program_fails[i] = false;
    world.mono_ms += FW_SESSION_SAVE_MS;
    world_tick(&world);
    assert_int_equal(world_boot(&world), FW_OK);
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world.up.boot, 3);
}

/* A device that lies idle for a day says 2880 hellos: flash must not feel them. */
static void test_session_idle_for_a_day_writes_its_time_24_times(void **state)
{
    (void)state;
    uint64_t steps = world.flash.step_count, saves = 0;
    for (int i = 0; i < 2880; i++) {
        world.mono_ms += FW_SESSION_HELLO_MS;
        world_tick(&world);
        assert_int_equal(world_answer(&world), FW_OK);
        saves += world.flash.step_count != steps;
        steps = world.flash.step_count;
    }
    assert_in_range(saves, 20, 26);
}

static void test_session_stop_saves_counts_and_time_at_once(void **state)
{
    (void)state;
    fw_session_count(&world.session, FW_SESSION_BOUNCED);
    world.mono_ms += 5;
    fw_session_on_link(&world.session, true);
    world_tick(&world);
    assert_int_equal(world_answer(&world), FW_OK);
    int64_t floor_ms = world.clock.floor_ms;
    fw_session_stop(&world.session);
    uint64_t steps = world.flash.step_count;
    fw_session_stop(&world.session); /* nothing has changed */
    assert_int_equal(world.flash.step_count, steps);
    assert_int_equal(world_boot(&world), FW_OK);
    assert_int_equal(world.clock.floor_ms, floor_ms);
    assert_int_equal(world.session.stored.counts[FW_SESSION_BOUNCED], 1);
}

/* rules 1.4: doors and boards, however often, leave room for what is worth more. */
static void test_session_append_minor_leaves_a_block_for_the_others(void **state)
{
    (void)state;
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_BOARD,
                                       .has_board = true,
                                       .has_board_state = true };
    int minor = 0, major = 0;
    while (fw_session_append_minor(&world.session, &record) == FW_OK && minor < SEQS_MAX - 100)
        minor++;
    assert_in_range(minor, 10, SEQS_MAX - 101);
    while (world_scan(&world, "1") == FW_OK && major < 99)
        major++;
    assert_in_range(major, BLOCK_BYTES / 256 - 1, 98);
    assert_int_equal(world.session.stored.counts[FW_SESSION_OVERFLOWED], 1); /* the scan's */
    world_drain(&world);
    for (int i = 0; i < 3; i++) /* and goes on, when there is room again */
        assert_int_equal(fw_session_append_minor(&world.session, &record), FW_OK);
}

/* The work of two days in one: scans and acks in turn, until done or until the power goes. Each
 * scan is counted when its append said FW_OK: only then the person hears that it was taken. */
static void work(int *taken)
{
    while (*taken < 24 && !world.flash.is_off) {
        if (world_scan(&world, "0123456789") == FW_OK)
            ++*taken;
        if (*taken % 3 != 0 || world.flash.is_off)
            continue;
        fw_session_on_link(&world.session, true);
        world_tick(&world);
        world_answer(&world);
        world.mono_ms += FW_SESSION_SAVE_MS;
    }
}

static void check_cut_at(uint64_t step, enum fw_fake_cut cut)
{
    int taken = 0;
    world_init(&world);
    assert_int_equal(world_boot(&world), FW_OK);
    fw_fake_flash_cut_in(&world.flash, step, cut, step);
    work(&taken);
    assert_int_equal(world_boot(&world), FW_OK);
    world_drain(&world);
    int scans = 0;
    for (int64_t seq = 1; seq <= world.stored_seq; seq++) {
        bool is_scan = world.stored[seq].kind == FW_MSG_DEVICE_RECORD_KIND_SCAN;
        scans += is_scan;
        if (is_scan && world.told_ever[seq] == 0)
            fail_msg("cut at %d: nobody heard the verdict of %d", (int)step, (int)seq);
        assert_true(world.told[seq] <= 1);
    }
    /* One more may be there: written, but the power went before anybody was told. */
    if (scans != taken && scans != taken + 1)
        fail_msg("cut at %d: %d scans taken, %d stored", (int)step, taken, scans);
}

static void test_session_power_cut_at_every_step_loses_no_record_and_no_verdict(void **state)
{
    (void)state;
    int taken = 0;
    setup(state);
    uint64_t begin = world.flash.step_count;
    work(&taken);
    uint64_t steps = world.flash.step_count - begin;
    assert_true(steps > 100);
    for (uint64_t step = 0; step < steps; step++) {
        check_cut_at(step, FW_FAKE_CUT_BEFORE);
        check_cut_at(step, FW_FAKE_CUT_TORN);
        check_cut_at(step, FW_FAKE_CUT_AFTER);
    }
}

#define QUIET(test) cmocka_unit_test_setup(test, setup_quiet)
#define NEW(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEW(test_session_open_with_new_flash_sends_start_and_state),
        NEW(test_session_will_of_a_locker_says_offline_with_its_compartments),
        NEW(test_session_tick_without_ack_sends_again_with_growing_pauses),
        NEW(test_session_on_link_back_sends_at_once),
        NEW(test_session_tick_unanswered_says_state_again),
        NEW(test_session_tick_with_a_link_that_refuses_tries_again),
        QUIET(test_session_tick_without_records_says_hello_every_30_s),
        QUIET(test_session_append_while_a_hello_is_away_is_sent_at_once),
        QUIET(test_session_tick_with_many_records_sends_the_oldest_8_in_order),
        QUIET(test_session_on_ack_of_a_part_frees_that_part),
        NEW(test_session_on_ack_that_is_not_ours_is_ignored_and_counted),
        QUIET(test_session_on_ack_beyond_what_was_sent_frees_what_was_sent),
        QUIET(test_session_on_ack_of_an_earlier_up_does_not_end_the_wait),
        QUIET(test_session_on_ack_lost_tells_the_verdict_once),
        QUIET(test_session_append_with_a_full_log_is_refused_counted_and_told),
        QUIET(test_session_append_of_the_longest_records_fits_one_up),
        QUIET(test_session_restart_keeps_counts_and_time_and_counts_the_boot),
        QUIET(test_session_clock_set_back_by_the_service_stays),
        QUIET(test_session_tick_with_a_lost_record_sends_the_others),
        QUIET(test_session_tick_with_a_record_lost_in_between_sends_all_others),
        QUIET(test_session_tick_with_flash_that_does_not_answer_sends_no_record),
        NEW(test_session_tick_with_a_log_that_fails_spares_it),
        NEW(test_session_open_with_flash_that_fails_goes_on_and_saves_later),
        QUIET(test_session_idle_for_a_day_writes_its_time_24_times),
        QUIET(test_session_stop_saves_counts_and_time_at_once),
        QUIET(test_session_append_minor_leaves_a_block_for_the_others),
        cmocka_unit_test(test_session_power_cut_at_every_step_loses_no_record_and_no_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
