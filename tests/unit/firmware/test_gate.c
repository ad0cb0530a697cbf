/* The gate's commands against schemas/rules/devices.md 4. */
#include "gate_world.h"

static struct gate_world at;

static int setup(void **state)
{
    (void)state;
    gate_world_init(&at);
    return 0;
}

static void check_refused(const struct fw_device_cmd *cmd, enum fw_msg_device_refusal refusal)
{
    struct fw_gate_decision decision;
    at.world.mono_ms += FW_GATE_SAME_REFUSAL_MS; /* so that each has its record */
    assert_int_equal(command_send(&at, cmd, &decision), FW_OK);
    assert_false(decision.is_open);
    assert_true(decision.is_refused);
    assert_int_equal(decision.refusal, refusal);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_COMMAND);
    assert_string_equal(record->command_id, cmd->id);
    assert_int_equal(record->effect, FW_MSG_EFFECT_REFUSED);
    assert_true(record->has_refusal);
    assert_int_equal(record->refusal, refusal);
}

static void check_ends(const struct fw_device_cmd *cmd, enum fw_msg_effect effect)
{
    struct fw_gate_decision decision;
    at.world.mono_ms += FW_GATE_SAME_REFUSAL_MS;
    assert_int_equal(command_send(&at, cmd, &decision), FW_OK);
    assert_false(decision.is_open);
    const struct fw_device_record *record = last_record(&at);
    assert_string_equal(record->command_id, cmd->id);
    assert_int_equal(record->effect, effect);
    assert_false(record->has_refusal);
}

static void check_opens(const struct fw_device_cmd *cmd)
{
    struct fw_gate_decision decision;
    assert_int_equal(command_send(&at, cmd, &decision), FW_OK);
    assert_true(decision.is_open);
    assert_false(decision.is_refused);
    assert_int_equal(decision.compartment, cmd->compartment);
}

static void test_gate_on_cmd_with_a_good_one_opens_and_reports_what_was_sensed(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 2, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    assert_string_equal(at.signed_text,
                        "lockstock/v1/cmd\nmain\nlocker-1\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                        "unlock\n2\n1790000061000\n");
    world_drain(&at.world);
    assert_int_equal(at.world.stored_seq, 1); /* nothing is claimed before it is sensed */
    assert_int_equal(fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_JAMMED), FW_OK);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_COMMAND);
    assert_string_equal(record->command_id, cmd.id);
    assert_int_equal(record->compartment, 2);
    assert_int_equal(record->effect, FW_MSG_EFFECT_JAMMED);
    assert_false(record->has_refusal);
    assert_int_equal(fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED), FW_E_INVALID);
    world_drain(&at.world);
    assert_int_equal(at.world.stored_seq, 2);
}

static void test_gate_on_cmd_again_is_repeated_and_moves_nothing(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 2, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED); /* while it is under way */
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED);
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED); /* after it */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED); /* after a restart */
    at.world.mono_ms += 60001;
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED); /* expired, and still in the journal */
    cmd = command_make('b', 2, gate_world_now(&at) + 1000);
    check_opens(&cmd);
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED);
    cmd = command_make('a', 2, WALL_MS + 61000);
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED); /* kept, as long as there is room for others */
}

static void test_gate_on_cmd_with_a_wrong_mac_is_refused(void **state)
{
    (void)state;
    struct fw_device_cmd good = command_make('a', 2, gate_world_now(&at) + 60000);
    struct fw_device_cmd cmd = good;
    cmd.mac[63] = cmd.mac[63] == '0' ? '1' : '0';
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    cmd = good;
    cmd.compartment = 3;
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    cmd = good;
    cmd.expires_at++;
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    cmd = good;
    cmd.id[0] = 'b';
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    cmd = good;
    cmd.now = 77; /* is not signed, and not trusted for anything */
    check_opens(&cmd);
}

static void test_gate_on_cmd_out_of_time_is_refused(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 2, gate_world_now(&at) - 1);
    check_ends(&cmd, FW_MSG_EFFECT_EXPIRED);
    cmd = command_make('b', 2, gate_world_now(&at));
    check_opens(&cmd);
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED);
    at.world.mono_ms += FW_SESSION_SAVE_MS;
    world_tick(&at.world); /* the time goes to flash */

    assert_int_equal(gate_world_boot(&at), FW_OK); /* no battery clock, no ack yet */
    cmd = command_make('c', 2, WALL_MS + 1000000000);
    struct fw_gate_decision decision;
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN);
    cmd = command_make('d', 2, WALL_MS); /* over for sure: the stored time says so */
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    assert_false(decision.is_refused || decision.is_open);
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_EXPIRED);
    cmd = command_make('c', 2, WALL_MS + 1000000000); /* it was refused, not used up */
    check_opens(&cmd);
}

static void test_gate_on_cmd_for_a_compartment_that_cannot_is_refused(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 5, gate_world_now(&at) + 60000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_UNKNOWN_COMPARTMENT);
    cmd = command_make('b', 1, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    cmd = command_make('c', 1, gate_world_now(&at) + 60000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BUSY);
    cmd = command_make('d', 2, gate_world_now(&at) + 60000);
    check_opens(&cmd); /* the others are not concerned */
}

static void test_gate_on_cmd_against_the_schema_is_counted_without_a_record(void **state)
{
    (void)state;
    struct fw_gate_decision decision = { .compartment = 77 };
    int64_t next_seq = at.world.log.next_seq;
    assert_int_equal(fw_gate_on_cmd(&at.gate, "{\"id\":1}", 8, &decision), FW_E_INVALID);
    assert_int_equal(fw_gate_on_cmd(&at.gate, "", 0, &decision), FW_E_INVALID);
    assert_int_equal(at.gate.refused_count, 2);
    assert_int_equal(at.world.log.next_seq, next_seq);
    assert_int_equal(decision.compartment, 77);
}

static void test_gate_on_cmd_with_a_full_journal_is_refused_until_one_expires(void **state)
{
    (void)state;
    struct fw_device_cmd cmd;
    for (int i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        cmd = command_make('a', 1, gate_world_now(&at) + 60000);
        char id[33];
        snprintf(id, sizeof(id), "%032x", i);
        memcpy(cmd.id, id, sizeof(id));
        char text[512];
        snprintf(text, sizeof(text), "lockstock/v1/cmd\nmain\nlocker-1\n%s\nunlock\n1\n%lld\n", id,
                 (long long)cmd.expires_at);
        toy_mac_hex(text, cmd.mac);
        check_opens(&cmd);
        fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED);
        world_drain(&at.world);
    }
    cmd = command_make('f', 1, gate_world_now(&at) + 90000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BUSY);
    at.world.mono_ms += 60001;
    check_opens(&cmd);
}

static void fill_log(void)
{
    while (world_scan(&at.world, "0123456789012345678901234567890123456789012345678901234567890"
                                 "1") == FW_OK)
        assert_true(at.world.log.next_seq < SEQS_MAX);
}

static void test_gate_on_cmd_with_a_full_log_does_nothing(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    fill_log();
    assert_int_equal(command_send(&at, &cmd, &decision), FW_E_FULL);
    assert_int_equal(fw_gate_on_code(&at.gate, "12345678", 0, &decision), FW_E_FULL);
    assert_int_equal(at.gate.stored.wrong_count, 0);
    world_drain(&at.world);
    check_opens(&cmd);
}

static void test_gate_on_effect_with_a_full_log_is_recorded_later_once(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    fill_log();
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_OK);
    for (int i = 0; i < 3; i++) {
        at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
        fw_gate_tick(&at.gate, at.world.mono_ms);
    }
    world_drain(&at.world);
    assert_int_equal(count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_OPENED),
                     0);
    at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
    fw_gate_tick(&at.gate, at.world.mono_ms);
    at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
    world_drain(&at.world);
    assert_int_equal(count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_OPENED),
                     1);
}

/* The number is in flash, and stays this record's: the log may have it after all, or gets it then.
 */
static void test_gate_on_effect_with_a_log_that_fails_is_recorded_after_a_restart(void **state)
{
    (void)state;
    static struct fw_gate_stored stored;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    for (int i = 0; i < LOG_BLOCKS; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = true;
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_OK);
    assert_int_equal(fw_snapshot_load(&at.world.gate_snapshot, &stored, sizeof(stored)),
                     sizeof(stored));
    assert_int_equal(stored.journal[0].state, FW_GATE_KNOWN);
    assert_int_equal(stored.journal[0].effect, FW_MSG_EFFECT_OPENED);
    assert_int_equal(stored.journal[0].record_seq, at.world.log.next_seq);
    assert_int_equal(world_scan(&at.world, "1"), FW_E_IO);
    for (int i = 0; i < LOG_BLOCKS; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = false;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_world_boot(&at), FW_OK);
        world_drain(&at.world);
        assert_int_equal(
            count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_OPENED), 1);
    }
}

static void test_gate_open_after_a_restart_reports_interrupted_once_and_opens_nothing(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 3, gate_world_now(&at) + 60000);
    check_opens(&cmd);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_COMMAND);
    assert_int_equal(record->effect, FW_MSG_EFFECT_INTERRUPTED);
    assert_string_equal(record->command_id, cmd.id);
    assert_int_equal(record->compartment, 3);
    assert_int_equal(fw_gate_on_effect(&at.gate, 3, FW_MSG_EFFECT_OPENED), FW_E_INVALID);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    assert_int_equal(
        count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_INTERRUPTED), 1);
    check_ends(&cmd, FW_MSG_EFFECT_REPEATED);
}

static void test_gate_on_cmd_with_flash_that_fails_does_nothing(void **state)
{
    (void)state;
    struct fw_gate_decision decision = { .is_open = false };
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    for (int i = LOG_BLOCKS; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = true;
    assert_int_equal(command_send(&at, &cmd, &decision), FW_E_IO);
    assert_false(decision.is_open);
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_E_INVALID);
}

static void test_gate_open_with_a_layout_of_other_firmware_opens_nothing(void **state)
{
    (void)state;
    assert_int_equal(fw_snapshot_save(&at.world.gate_snapshot, "old", 3), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_E_CORRUPT);
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_gate_on_cmd_with_a_good_one_opens_and_reports_what_was_sensed),
        ON(test_gate_on_cmd_again_is_repeated_and_moves_nothing),
        ON(test_gate_on_cmd_with_a_wrong_mac_is_refused),
        ON(test_gate_on_cmd_out_of_time_is_refused),
        ON(test_gate_on_cmd_for_a_compartment_that_cannot_is_refused),
        ON(test_gate_on_cmd_against_the_schema_is_counted_without_a_record),
        ON(test_gate_on_cmd_with_a_full_journal_is_refused_until_one_expires),
        ON(test_gate_on_cmd_with_a_full_log_does_nothing),
        ON(test_gate_on_effect_with_a_full_log_is_recorded_later_once),
        ON(test_gate_on_effect_with_a_log_that_fails_is_recorded_after_a_restart),
        ON(test_gate_open_after_a_restart_reports_interrupted_once_and_opens_nothing),
        ON(test_gate_on_cmd_with_flash_that_fails_does_nothing),
        ON(test_gate_open_with_a_layout_of_other_firmware_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
