/* What must not happen again, or too often (schemas/rules/devices.md 4.2, 4.3, 5.4, 5.5): commands
 * that were forgotten, what expired while flash was written, guesses, records of refusals. */
#include "gate_world.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static struct gate_world at;

static int setup(void **state)
{
    (void)state;
    gate_world_init_with_grants(&at);
    return 0;
}

static bool opens(const struct fw_device_cmd *cmd)
{
    struct fw_gate_decision decision;
    assert_int_equal(command_send(&at, cmd, &decision), FW_OK);
    if (!decision.is_open)
        return false;
    fw_gate_on_effect(&at.gate, decision.compartment, FW_MSG_EFFECT_OPENED);
    world_drain(&at.world);
    return true;
}

static enum fw_msg_device_refusal type(const char *code)
{
    struct fw_gate_decision decision;
    assert_int_equal(fw_gate_on_code(&at.gate, code, 0, &decision), FW_OK);
    assert_true(decision.is_refused);
    return decision.refusal;
}

/* One command that is done, and so many after it that its id is no longer kept. Returns it. */
static struct fw_device_cmd execute_and_forget(void)
{
    struct fw_device_cmd first = command_make('a', 1, gate_world_now(&at) + 30000);
    assert_true(opens(&first));
    at.world.mono_ms += 60000;
    world_drain(&at.world);
    for (int i = 1; i <= FW_GATE_JOURNAL_MAX; i++) {
        struct fw_device_cmd cmd = command_make_nth(i, 1, gate_world_now(&at) + 30000);
        assert_true(opens(&cmd));
    }
    return first;
}

static void test_gate_on_cmd_forgotten_with_a_battery_that_is_behind_does_not_open(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = execute_and_forget();
    at.world.battery_ms = cmd.expires_at - 20000;
    assert_int_equal(gate_world_boot(&at), FW_OK);
    assert_true(fw_clock_now_ms(&at.world.clock) <= cmd.expires_at); /* it believes so */
    assert_false(opens(&cmd));
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_EXPIRED);
}

static void test_gate_on_cmd_forgotten_with_a_clock_set_back_does_not_open(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = execute_and_forget();
    fw_clock_init(&at.world.clock, &at.world.clock_port);
    fw_clock_on_server(&at.world.clock, cmd.expires_at - 20000);
    assert_false(opens(&cmd));
}

/* ---- what expires while flash is written ---- */

static int (*real_program)(void *, uint32_t, const void *, uint32_t);
static int64_t program_takes_ms;

static int slow_program(void *self, uint32_t offset, const void *bytes, uint32_t size)
{
    at.world.mono_ms += program_takes_ms;
    program_takes_ms = 0;
    return real_program(self, offset, bytes, size);
}

static void slow_down(int64_t takes_ms)
{
    if (at.world.flash.port.program != slow_program)
        real_program = at.world.flash.port.program;
    at.world.flash.port.program = slow_program;
    program_takes_ms = takes_ms;
}

static void test_gate_on_cmd_that_expires_while_it_is_journaled_does_not_open(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 5000);
    slow_down(5001);
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    assert_false(decision.is_open);
    const struct fw_device_record *record = last_record(&at);
    assert_string_equal(record->command_id, cmd.id);
    assert_int_equal(record->effect, FW_MSG_EFFECT_EXPIRED);
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_E_INVALID);
    cmd = command_make('b', 1, gate_world_now(&at) + 5000);
    slow_down(5000); /* in the last millisecond it may */
    assert_true(opens(&cmd));
}

static void test_gate_on_code_that_expires_while_it_is_journaled_does_not_open(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make_next(&config, 6);
    config.grants[0].expires_at = gate_world_now(&at) + 5000;
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    slow_down(5001);
    assert_int_equal(type("11111111"), FW_MSG_DEVICE_REFUSAL_EXPIRED);
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->grant_id, 6011);
    assert_int_equal(record->effect, FW_MSG_EFFECT_EXPIRED);
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_E_INVALID);
}

/* ---- a log without room ---- */

static void fill_log(void)
{
    while (world_scan(&at.world, "0123456789012345678901234567890123456789") == FW_OK)
        assert_true(at.world.log.next_seq < SEQS_MAX);
}

static void test_gate_tick_with_a_full_log_and_an_effect_spares_the_flash(void **state)
{
    (void)state;
    static struct fw_gate_stored stored;
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    fill_log();
    fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_JAMMED);
    assert_int_equal(fw_snapshot_load(&at.world.gate_snapshot, &stored, sizeof(stored)),
                     sizeof(stored));
    assert_int_equal(stored.journal[0].effect, FW_MSG_EFFECT_JAMMED); /* for a restart */
    uint64_t steps = at.world.flash.step_count;
    for (int i = 0; i < 1000; i++)
        at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(at.world.flash.step_count, steps);
    world_drain(&at.world);
    at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
    fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_JAMMED);
}

/* A code that was used, held before the reader all night without a network. */
static void test_gate_on_code_refused_all_night_leaves_room_for_a_good_one(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    assert_int_equal(fw_gate_on_code(&at.gate, "11111111", 0, &decision), FW_OK);
    fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED);
    int64_t next_seq = at.world.log.next_seq;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(type("11111111"), FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
        at.world.mono_ms += 100;
    }
    assert_int_equal(at.world.log.next_seq, next_seq + 1); /* one in 10 s */
    for (int i = 0; i < 10000; i++) {
        at.world.mono_ms += 5000;
        assert_int_equal(type("11111111"), FW_MSG_DEVICE_REFUSAL_ALREADY_USED);
    }
    assert_true(at.gate.unrecorded_count > 0);
    assert_int_equal(fw_gate_on_code(&at.gate, "22222222", 0, &decision), FW_OK);
    assert_true(decision.is_open);
    fw_gate_on_effect(&at.gate, 2, FW_MSG_EFFECT_OPENED);
    assert_int_equal(last_record(&at)->grant_id, 22);
}

static void test_gate_on_cmd_forged_all_night_leaves_room_for_a_good_one(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    int64_t next_seq = at.world.log.next_seq;
    for (int i = 0; i < 10000; i++) {
        struct fw_device_cmd cmd = command_make_nth(i, 1, gate_world_now(&at) + 60000);
        cmd.mac[5] = cmd.mac[5] == '0' ? '1' : '0';
        assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
        assert_int_equal(decision.refusal, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
        if (i < 100)
            assert_true(at.world.log.next_seq <= next_seq + 1);
        at.world.mono_ms += i < 100 ? 1 : 10000;
    }
    struct fw_device_cmd good = command_make('a', 1, gate_world_now(&at) + 60000);
    assert_true(opens(&good));
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_OPENED);
}

/* A broker that sends the same command without end; another one is told of all the same. */
static void test_gate_on_cmd_repeated_often_has_few_records(void **state)
{
    (void)state;
    struct fw_device_cmd a = command_make('a', 1, gate_world_now(&at) + 60000);
    struct fw_device_cmd b = command_make('b', 2, gate_world_now(&at) + 60000);
    assert_true(opens(&a));
    assert_true(opens(&b));
    int64_t next_seq = at.world.log.next_seq;
    for (int i = 0; i < 50; i++)
        assert_false(opens(&a));
    assert_int_equal(at.world.log.next_seq, next_seq + 1);
    assert_false(opens(&b));
    assert_string_equal(last_record(&at)->command_id, b.id);
    assert_int_equal(at.world.log.next_seq, next_seq + 2);
}

/* ---- a time under the key ---- */

static void test_gate_on_config_newer_sets_a_clock_right_that_is_ahead(void **state)
{
    (void)state;
    struct fw_device_config config;
    struct fw_gate_decision decision;
    fw_clock_on_server(&at.world.clock, gate_world_now(&at) + 20 * HOUR_MS); /* once, and wrong */
    config_make(&config, 5);
    config.now = gate_world_now(&at);
    config_sign(&config);
    assert_int_equal(config_send(&at, &config), FW_OK); /* the stored one changes nothing */
    assert_true(fw_clock_now_ms(&at.world.clock) > gate_world_now(&at));
    config.revision = 6; /* and one that is not signed so neither */
    assert_int_equal(config_send(&at, &config), FW_E_INVALID);
    assert_true(fw_clock_now_ms(&at.world.clock) > gate_world_now(&at));
    config_sign(&config);
    config.now -= 1;
    assert_int_equal(config_send(&at, &config), FW_E_INVALID); /* now is under the MAC */
    config.now += 1;
    assert_int_equal(config_send(&at, &config), FW_OK);
    world_drain(&at.world);
    assert_int_equal(fw_clock_now_ms(&at.world.clock), gate_world_now(&at));
    assert_int_equal(fw_gate_on_code(&at.gate, "11111111", 0, &decision), FW_OK);
    assert_true(decision.is_open);
}

/* ---- guesses ---- */

/* A thief who knows every other code of the locker, as far as one may say so: between two guesses
 * somebody always collects. And who may pull the plug. */
static int guess_for_a_day(int64_t restart_every)
{
    struct fw_device_config config;
    int guesses = 0;
    int64_t end_ms = at.world.mono_ms + DAY_MS;
    for (int64_t i = 1; at.world.mono_ms < end_ms; i++) {
        struct fw_gate_decision decision;
        guesses += type("00000000") == FW_MSG_DEVICE_REFUSAL_WRONG_CODE;
        config_make(&config, at.gate.stored.revision + 1);
        config.now = gate_world_now(&at);
        for (size_t grant = 0; grant < config.grants_count; grant++) {
            config.grants[grant].id += 1000 * config.revision;
            config.grants[grant].expires_at += 10 * DAY_MS;
            code_hash(config.grants[grant].id, "77777777", config.grants[grant].code_hash);
        }
        config_sign(&config);
        assert_int_equal(config_send(&at, &config), FW_OK);
        assert_int_equal(fw_gate_on_code(&at.gate, "77777777", 0, &decision), FW_OK);
        if (decision.is_open)
            fw_gate_on_effect(&at.gate, decision.compartment, FW_MSG_EFFECT_OPENED);
        at.world.mono_ms += 60000;
        fw_gate_tick(&at.gate, at.world.mono_ms);
        (void)fw_flash_log_release(&at.world.log, at.world.log.next_seq - 1);
        at.world.battery_ms = gate_world_now(&at);
        if (i % restart_every == 0)
            assert_int_equal(gate_world_boot(&at), FW_OK);
    }
    return guesses;
}

static void test_gate_on_code_guessed_among_collections_allows_40_guesses_a_day(void **state)
{
    (void)state;
    assert_in_range(guess_for_a_day(INT64_MAX), 30, 40);
    assert_in_range(guess_for_a_day(INT64_MAX), 20, 25); /* from the second day on one an hour */
}

static void test_gate_on_code_guessed_with_restarts_allows_40_guesses_a_day(void **state)
{
    (void)state;
    assert_in_range(guess_for_a_day(7), 10, 40);
    assert_in_range(guess_for_a_day(70), 10, 40);
}

static void test_gate_open_after_a_pause_was_served_begins_no_other(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    for (int i = 0; i < 3; i++)
        assert_int_equal(type("00000000"), FW_MSG_DEVICE_REFUSAL_WRONG_CODE);
    at.world.mono_ms += FW_GATE_PAUSE_MIN_MS;
    fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    assert_int_equal(fw_gate_on_code(&at.gate, "11111111", 0, &decision), FW_OK);
    assert_true(decision.is_open);
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_gate_on_cmd_forgotten_with_a_battery_that_is_behind_does_not_open),
        ON(test_gate_on_cmd_forgotten_with_a_clock_set_back_does_not_open),
        ON(test_gate_on_cmd_that_expires_while_it_is_journaled_does_not_open),
        ON(test_gate_on_code_that_expires_while_it_is_journaled_does_not_open),
        ON(test_gate_tick_with_a_full_log_and_an_effect_spares_the_flash),
        ON(test_gate_on_code_refused_all_night_leaves_room_for_a_good_one),
        ON(test_gate_on_cmd_forged_all_night_leaves_room_for_a_good_one),
        ON(test_gate_on_cmd_repeated_often_has_few_records),
        ON(test_gate_on_config_newer_sets_a_clock_right_that_is_ahead),
        ON(test_gate_on_code_guessed_among_collections_allows_40_guesses_a_day),
        ON(test_gate_on_code_guessed_with_restarts_allows_40_guesses_a_day),
        ON(test_gate_open_after_a_pause_was_served_begins_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
