/* The gate on flash that fails now and then (schemas/rules/devices.md 4.5): whatever fails, and
 * whatever else is recorded meanwhile, each use of a lock has exactly one record of its end. */
#include "gate_world.h"

#define TRIALS 3000
#define ROUNDS 12
#define ROUNDS_BROKEN 200

static struct gate_world at;
static int (*real_program)(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes);
static uint64_t chance;
static enum faults { FAULTS_NONE, FAULTS_PASSING, FAULTS_LASTING } faults;

static void set_faults(bool log_fails, bool snapshots_fail)
{
    for (int block = 0; block < FW_FAKE_FLASH_BLOCKS_MAX; block++)
        at.world.flash.program_fails[block] = block < LOG_BLOCKS ? log_fails : snapshots_fail;
}

/* Passing faults: now the log, now the copies, now both, for four calls or so. */
static int program(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes)
{
    if (faults == FAULTS_PASSING && fw_fake_random(&chance) % 4 == 0)
        set_faults(fw_fake_random(&chance) % 2 == 0, fw_fake_random(&chance) % 2 == 0);
    return real_program(self, offset, bytes, size_bytes);
}

static void begin_faults(enum faults kind)
{
    faults = kind;
    set_faults(kind == FAULTS_LASTING, kind == FAULTS_LASTING);
}

static int setup(void **state)
{
    (void)state;
    gate_world_init(&at);
    real_program = at.world.flash.port.program;
    at.world.flash.port.program = program;
    begin_faults(FAULTS_NONE);
    return 0;
}

/* A command for a compartment whose lock moves at once; false: it was not taken. */
static bool use_lock(int n, int compartment)
{
    struct fw_gate_decision decision = { .is_open = false };
    struct fw_device_cmd cmd = command_make_nth(n, compartment, gate_world_now(&at) + 60000);
    (void)command_send(&at, &cmd, &decision);
    if (decision.is_open)
        assert_int_equal(fw_gate_on_effect(&at.gate, (uint8_t)compartment, FW_MSG_EFFECT_OPENED),
                         FW_OK);
    return decision.is_open;
}

/* Two locks are used, other records are made, time passes, all on flash that fails. Returns how
 * many uses there were. */
static int work(void)
{
    int uses = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round < 2)
            uses += use_lock(round, round + 1);
        if (fw_fake_random(&chance) % 2 == 0)
            (void)world_scan(&at.world, "12");
        at.world.mono_ms += 30000;
        (void)fw_gate_tick(&at.gate, at.world.mono_ms);
        (void)world_tick(&at.world);
        if (fw_fake_random(&chance) % 4 == 0)
            break; /* the power goes with the work undone */
    }
    return uses;
}

static void test_gate_on_effect_with_flash_that_fails_is_recorded_exactly_once(void **state)
{
    int uses_all = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        setup(state);
        chance = trial;
        begin_faults(FAULTS_PASSING);
        int uses = work();
        begin_faults(FAULTS_NONE);
        assert_int_equal(gate_world_boot(&at), FW_OK);
        world_drain(&at.world);
        int ends = count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_OPENED) +
                   count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_INTERRUPTED);
        /* A command that flash refused to journal may be in it after all: then it was not used. */
        if (ends < uses || ends > 2)
            fail_msg("trial %d: %d uses, %d records", (int)trial, uses, ends);
        uses_all += uses;
    }
    assert_true(uses_all > TRIALS / 4);
}

/* A flash that takes nothing is left alone, and what was not recorded is when it works again. */
static void test_gate_tick_with_flash_that_takes_nothing_spares_it(void **state)
{
    (void)state;
    uint64_t last_ms = 0, tries = 0;
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    begin_faults(FAULTS_LASTING);
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_JAMMED), FW_OK);
    uint64_t begin_ms = (uint64_t)at.world.mono_ms;
    for (int i = 0; i < ROUNDS_BROKEN; i++) {
        uint64_t steps = at.world.flash.step_count;
        at.world.mono_ms = fw_gate_tick(&at.gate, at.world.mono_ms);
        tries += at.world.flash.step_count != steps;
        last_ms = (uint64_t)at.world.mono_ms;
    }
    assert_in_range(tries, 1, (last_ms - begin_ms) / FW_GATE_RETRY_BROKEN_MS + 1);
    begin_faults(FAULTS_NONE);
    at.world.mono_ms += FW_GATE_RETRY_BROKEN_MS;
    (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    world_drain(&at.world);
    assert_int_equal(count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_JAMMED),
                     1);
}

/* Its copies are broken, the log is not: doors and alarms are told after a while, also that of this
 * use once it can be. */
static void test_gate_on_effect_with_copies_that_fail_lets_the_others_go_on(void **state)
{
    (void)state;
    struct fw_gate_decision decision;
    struct fw_device_record door = { .kind = FW_MSG_DEVICE_RECORD_KIND_DOOR,
                                     .has_compartment = true,
                                     .compartment = 1,
                                     .has_door = true,
                                     .has_presence = true };
    struct fw_device_cmd cmd = command_make('a', 1, gate_world_now(&at) + 60000);
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    set_faults(false, true);
    assert_int_equal(fw_gate_on_effect(&at.gate, 1, FW_MSG_EFFECT_OPENED), FW_OK);
    int tries = 0;
    while (fw_session_append_minor(&at.world.session, &door) != FW_OK) {
        assert_true(tries++ < FW_GATE_SAVES_FAILED_MAX);
        at.world.mono_ms += FW_GATE_RETRY_BROKEN_MS;
        (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    }
    assert_in_range(tries, 1, FW_GATE_SAVES_FAILED_MAX);
    at.world.mono_ms += FW_GATE_RETRY_BROKEN_MS;
    (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(fw_session_append_minor(&at.world.session, &door), FW_OK); /* not again */
    set_faults(false, false);
    at.world.mono_ms += FW_GATE_RETRY_BROKEN_MS;
    (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    assert_int_equal(count_records(&at, FW_MSG_DEVICE_RECORD_KIND_COMMAND, FW_MSG_EFFECT_OPENED),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_on_effect_with_flash_that_fails_is_recorded_exactly_once),
        cmocka_unit_test_setup(test_gate_tick_with_flash_that_takes_nothing_spares_it, setup),
        cmocka_unit_test_setup(test_gate_on_effect_with_copies_that_fail_lets_the_others_go_on,
                               setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
