/* The gate's configurations and codes against schemas/rules/devices.md 5. */
#include "gate_world.h"

static struct gate_world at;

static int setup(void **state)
{
    (void)state;
    gate_world_init_with_grants(&at);
    return 0;
}

static struct fw_gate_decision type(const char *code, uint32_t busy_mask)
{
    struct fw_gate_decision decision;
    assert_int_equal(fw_gate_on_code(&at.gate, code, busy_mask, &decision), FW_OK);
    assert_true(decision.is_open != decision.is_refused);
    return decision;
}

static void check_opens(const char *code, int compartment)
{
    struct fw_gate_decision decision = type(code, 0);
    assert_true(decision.is_open);
    assert_int_equal(decision.compartment, compartment);
}

static void check_refused(const char *code, enum fw_msg_device_refusal refusal)
{
    struct fw_gate_decision decision = type(code, 0);
    assert_true(decision.is_refused);
    assert_int_equal(decision.refusal, refusal);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_CODE);
    assert_int_equal(record->refusal, refusal);
    assert_true(record->has_wrong_count && record->has_pause_ms);
    assert_int_equal(record->wrong_count, decision.wrong_count);
    assert_int_equal(record->pause_ms, decision.pause_ms);
}

static void test_gate_on_config_new_is_stored_and_said(void **state)
{
    (void)state;
    assert_string_equal(at.signed_text + strlen(at.signed_text) - 1, "\n");
    assert_memory_equal(at.signed_text,
                        "lockstock/v1/config\nmain\nlocker-1\n5\n1790000000000\n11 1 ", 55);
    assert_int_equal(last_record(&at)->seq, at.world.stored_seq);
    assert_int_equal(at.world.up.config_revision, 5); /* at once, not with the next record */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    assert_int_equal(at.world.up.config_revision, 5);
    check_opens("33333333", 3);
}

/* rules 5.2, a cancel crosses a collection: 1. A code is used, its lock is being pulsed. 2. A
 * configuration without its grant comes and is stored. 3. The service must not hear that before it
 * hears what became of the code. */
static void test_gate_on_config_during_a_use_is_said_after_its_record(void **state)
{
    (void)state;
    struct fw_device_config config = { .revision = 6 };
    config_sign(&config);
    check_opens("22222222", 2);
    assert_int_equal(config_send(&at, &config), FW_OK);
    world_drain(&at.world);
    assert_int_equal(at.world.up.config_revision, 5);
    check_refused("33333333", FW_MSG_DEVICE_REFUSAL_WRONG_CODE); /* but it is stored */
    assert_int_equal(at.world.up.config_revision, 5);
    assert_int_equal(fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED), FW_OK);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_GRANT);
    assert_int_equal(record->grant_id, 22);
    assert_int_equal(at.world.up.config_revision, 6);
}

static void test_gate_on_config_during_a_use_that_power_ends_is_said_after_its_record(void **state)
{
    (void)state;
    struct fw_device_config config = { .revision = 6 };
    config_sign(&config);
    check_opens("22222222", 2);
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    assert_int_equal(at.world.up.config_revision, 6);
    assert_int_equal(count_records(&at, FW_MSG_DEVICE_RECORD_KIND_GRANT, FW_MSG_EFFECT_INTERRUPTED),
                     1);
}

static void test_gate_on_config_that_is_not_good_changes_nothing(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make(&config, 6);
    config.grants[0].compartment = 2; /* after it was signed */
    assert_int_equal(config_send(&at, &config), FW_E_INVALID);
    config_make(&config, 4);
    assert_int_equal(config_send(&at, &config), FW_E_INVALID);
    assert_int_equal(fw_gate_on_config(&at.gate, "{", 1), FW_E_INVALID);
    assert_int_equal(at.gate.refused_count, 3);
    config_make(&config, 5); /* retained: comes again with each connect */
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_int_equal(at.gate.refused_count, 3);
    check_opens("11111111", 1);
}

static void test_gate_on_config_with_flash_that_fails_keeps_the_old_one(void **state)
{
    (void)state;
    struct fw_device_config config = { .revision = 6 };
    config_sign(&config);
    for (int i = 0; i < FW_FAKE_FLASH_BLOCKS_MAX; i++)
        at.world.flash.program_fails[i] = at.world.flash.erase_fails[i] = true;
    assert_int_equal(config_send(&at, &config), FW_E_IO);
    assert_int_equal(at.gate.stored.revision, 5);
    assert_int_equal(at.gate.stored.grant_count, 4);
    struct fw_gate_decision decision = { .is_open = false };
    assert_int_equal(fw_gate_on_code(&at.gate, "11111111", 0, &decision), FW_E_IO);
    assert_false(decision.is_open);
}

static void test_gate_on_code_right_opens_once_whatever_comes_after(void **state)
{
    (void)state;
    struct fw_device_config config;
    check_opens("22222222", 2);
    assert_string_equal(at.signed_text, "lockstock/v1/code\nmain\nlocker-1\n44\n22222222\n");
    assert_int_equal(at.sign_count, 1 + 4); /* all grants are compared, whichever it is */
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_GRANT);
    assert_int_equal(record->grant_id, 22);
    assert_int_equal(record->compartment, 2);
    assert_int_equal(record->effect, FW_MSG_EFFECT_OPENED);
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
    config_make(&config, 6); /* has it again */
    assert_int_equal(config_send(&at, &config), FW_OK);
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
    check_opens("11111111", 1);
}

static void test_gate_open_after_a_cut_while_a_code_was_served_reports_interrupted(void **state)
{
    (void)state;
    check_opens("22222222", 2);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->kind, FW_MSG_DEVICE_RECORD_KIND_GRANT);
    assert_int_equal(record->grant_id, 22);
    assert_int_equal(record->effect, FW_MSG_EFFECT_INTERRUPTED);
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
}

static void test_gate_on_code_that_is_no_code_counts_nothing(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    static const char *const codes[] = { "", "1234567", "123456789", "1234567a", " 2345678" };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(fw_gate_on_code(&at.gate, codes[i], 0, &decision), FW_E_INVALID);
    assert_int_equal(at.gate.stored.wrong_count, 0);
}

static void test_gate_on_code_out_of_its_time_is_refused(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make_next(&config, 6);
    config.grants[0].not_before = gate_world_now(&at) + 5000;
    config.grants[1].expires_at = gate_world_now(&at) + 5000;
    config.grants[2].compartment = 5;
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    check_refused("11111111", FW_MSG_DEVICE_REFUSAL_NOT_VALID_YET);
    check_refused("33333333", FW_MSG_DEVICE_REFUSAL_UNKNOWN_COMPARTMENT);
    at.world.mono_ms += 5001;
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_EXPIRED);
    assert_int_equal(at.gate.stored.wrong_count, 0); /* whoever knows it guesses nothing */
    check_opens("11111111", 1);
    fw_session_on_link(&at.world.session, false);
    assert_int_equal(gate_world_boot(&at), FW_OK); /* and no service, no battery clock */
    struct fw_gate_decision decision = type("44444444", 0);
    assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN);
    at.world.battery_ms = WALL_MS + 10000000; /* a battery clock is enough */
    check_opens("44444444", 4);
}

static void test_gate_on_code_for_a_door_that_moves_is_busy_and_the_others_are_served(void **state)
{
    (void)state;
    struct fw_gate_decision decision = type("33333333", 1U << 2);
    assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_BUSY);
    struct fw_device_cmd cmd = command_make('a', 2, gate_world_now(&at) + 60000);
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    assert_true(decision.is_open);
    check_refused("22222222", FW_MSG_DEVICE_REFUSAL_BUSY);
    check_opens("33333333", 3);
    check_opens("11111111", 1);
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_NO_ANSWER);
    check_opens("22222222", 2); /* busy has not used it up */
}

static void test_gate_on_code_that_two_grants_have_opens_the_valid_one(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make_next(&config, 6);
    for (int i = 0; i < 3; i++)
        code_hash(config.grants[i].id, "77777777", config.grants[i].code_hash);
    config.grants[0].expires_at = 1;
    config.grants[2].expires_at = 1;
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    check_opens("77777777", 2);
}

static void test_gate_on_code_wrong_three_times_pauses_longer_and_longer(void **state)
{
    (void)state;
    static const int64_t pauses[] = { 0,      0,      30000,   60000,   120000,  240000,
                                      480000, 960000, 1920000, 3600000, 3600000, 3600000 };
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        check_refused("00000000", FW_MSG_DEVICE_REFUSAL_WRONG_CODE);
        assert_int_equal(at.world.stored[at.world.stored_seq].pause_ms, pauses[i]);
        assert_int_equal(at.world.stored[at.world.stored_seq].wrong_count, i + 1);
        at.world.mono_ms += pauses[i];
    }
    check_opens("11111111", 1); /* sets the count back */
    check_refused("00000000", FW_MSG_DEVICE_REFUSAL_WRONG_CODE);
    assert_int_equal(at.world.stored[at.world.stored_seq].wrong_count, 1);
}

static void test_gate_on_code_during_a_pause_is_refused_even_when_right(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        check_refused("00000000", FW_MSG_DEVICE_REFUSAL_WRONG_CODE);
    at.world.mono_ms += 10000;
    check_refused("11111111", FW_MSG_DEVICE_REFUSAL_LOCKED_OUT);
    assert_int_equal(at.world.stored[at.world.stored_seq].pause_ms, 20000);
    int64_t next_seq = at.world.log.next_seq;
    struct fw_gate_decision decision = type("00000000", 0);
    assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_LOCKED_OUT);
    assert_int_equal(decision.wrong_count, 3);         /* not lengthened */
    assert_int_equal(at.world.log.next_seq, next_seq); /* one record for a pause is enough */
    at.world.mono_ms += 19999;
    assert_int_equal(type("11111111", 0).pause_ms, 1);
    at.world.mono_ms += 1;
    check_opens("11111111", 1);
}

static void test_gate_open_during_a_pause_begins_it_again(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        check_refused("00000000", FW_MSG_DEVICE_REFUSAL_WRONG_CODE);
        if (i == 2)
            at.world.mono_ms += 30000;
    }
    at.world.mono_ms += 50000;
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    check_refused("11111111", FW_MSG_DEVICE_REFUSAL_LOCKED_OUT);
    assert_int_equal(at.world.stored[at.world.stored_seq].pause_ms, 60000);
    assert_int_equal(at.gate.stored.wrong_count, 4);
}

/* rules 5.5: someone who types all day, and restarts the device whenever that may help. */
static void test_gate_on_code_guessed_all_day_allows_40_guesses_at_most(void **state)
{
    (void)state;
    int guesses = 0;
    int64_t end_ms = at.world.mono_ms + INT64_C(86400000);
    for (int64_t i = 0; at.world.mono_ms < end_ms; i++) {
        struct fw_gate_decision decision = type("00000000", 0);
        guesses += decision.refusal == FW_MSG_DEVICE_REFUSAL_WRONG_CODE;
        at.world.mono_ms += 2000;
        if (i % 4000 == 3999) {
            assert_int_equal(gate_world_boot(&at), FW_OK);
            world_drain(&at.world);
        }
    }
    assert_in_range(guesses, 10, 40);
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_gate_on_config_new_is_stored_and_said),
        ON(test_gate_on_config_during_a_use_is_said_after_its_record),
        ON(test_gate_on_config_during_a_use_that_power_ends_is_said_after_its_record),
        ON(test_gate_on_config_that_is_not_good_changes_nothing),
        ON(test_gate_on_config_with_flash_that_fails_keeps_the_old_one),
        ON(test_gate_on_code_right_opens_once_whatever_comes_after),
        ON(test_gate_open_after_a_cut_while_a_code_was_served_reports_interrupted),
        ON(test_gate_on_code_that_is_no_code_counts_nothing),
        ON(test_gate_on_code_out_of_its_time_is_refused),
        ON(test_gate_on_code_for_a_door_that_moves_is_busy_and_the_others_are_served),
        ON(test_gate_on_code_that_two_grants_have_opens_the_valid_one),
        ON(test_gate_on_code_wrong_three_times_pauses_longer_and_longer),
        ON(test_gate_on_code_during_a_pause_is_refused_even_when_right),
        ON(test_gate_open_during_a_pause_begins_it_again),
        ON(test_gate_on_code_guessed_all_day_allows_40_guesses_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
