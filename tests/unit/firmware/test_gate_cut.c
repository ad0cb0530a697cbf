/* The power goes at every step of the flash while a locker works: nothing opens twice, everything
 * that opened is recorded exactly once, no wrong code is forgotten
 * (schemas/rules/devices.md 4.3, 4.5, 5.3, 5.4). After each cut the same commands and codes come
 * again, as from a broker that repeats. */
#include "gate_world.h"

#define ITEMS 6 /* commands a, b, c; grants 11, 22, 33 */
/* Every step on a PC; on the emulated board, at its 25 MHz, a sample that takes seconds. */
#ifdef __arm__
#define STEP_STRIDE 11
#define TURNS 150
#define BOOTS_CUT_MIN 1
#else
#define STEP_STRIDE 1
#define TURNS 2000
#define BOOTS_CUT_MIN 20
#endif

static struct gate_world at;
static struct fw_device_cmd commands[3];
static int opened[ITEMS];    /* pulses of the lock over all boots */
static uint32_t wrong_heard; /* wrong codes that somebody was told of */

/* One message or code: the lock moves when the gate says so, and the door is sensed as open. */
static void play(int item)
{
    static const char *const codes[] = { "11111111", "22222222", "33333333" };
    struct fw_gate_decision decision = { .is_open = false };
    int rc = item < 3 ? command_send(&at, &commands[item], &decision)
                      : fw_gate_on_code(&at.gate, codes[item - 3], 0, &decision);
    if (rc != FW_OK || !decision.is_open)
        return;
    opened[item]++;
    if (!at.world.flash.is_off)
        fw_gate_on_effect(&at.gate, decision.compartment, FW_MSG_EFFECT_OPENED);
}

static void guess(void)
{
    struct fw_gate_decision decision;
    if (fw_gate_on_code(&at.gate, "00000000", 0, &decision) == FW_OK &&
        decision.refusal == FW_MSG_DEVICE_REFUSAL_WRONG_CODE)
        wrong_heard = decision.wrong_count;
}

static void work(void)
{
    struct fw_device_config config;
    config_make(&config, 5);
    if (config_send(&at, &config) != FW_OK)
        return;
    for (int item = 0; item < ITEMS && !at.world.flash.is_off; item++)
        play(item);
    guess();
    if (!at.world.flash.is_off)
        guess();
}

static void begin(void)
{
    gate_world_init(&at);
    memset(opened, 0, sizeof(opened));
    wrong_heard = 0;
    for (int i = 0; i < 3; i++)
        commands[i] = command_make((char)('a' + i), i + 1, WALL_MS + 100000);
}

/* Records that say what became of an item, over all that the service has. */
static int count_ends(int item)
{
    int count = 0;
    for (int64_t seq = 1; seq <= at.world.stored_seq; seq++) {
        const struct fw_device_record *record = &at.world.stored[seq];
        bool is_it = item < 3 ? record->has_command_id &&
                                    strcmp(record->command_id, commands[item].id) == 0
                              : record->has_grant_id && record->grant_id == 11 * (item - 2);
        count += is_it && (record->effect == FW_MSG_EFFECT_OPENED ||
                           record->effect == FW_MSG_EFFECT_INTERRUPTED);
    }
    return count;
}

static void check_cut_at(uint64_t step, enum fw_fake_cut cut)
{
    begin();
    fw_fake_flash_cut_in(&at.world.flash, step, cut, step);
    work();
    assert_int_equal(gate_world_boot(&at), FW_OK);
    if (at.gate.stored.wrong_count < wrong_heard)
        fail_msg("cut at %d: a wrong code is forgotten", (int)step);
    world_drain(&at.world);
    work(); /* everything comes again */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    for (int item = 0; item < ITEMS; item++) {
        if (opened[item] > 1)
            fail_msg("cut at %d: item %d opened %d times", (int)step, item, opened[item]);
        if (count_ends(item) != 1)
            fail_msg("cut at %d: item %d, opened %d, has %d records", (int)step, item, opened[item],
                     count_ends(item));
    }
}

static void test_gate_power_cut_at_every_step_opens_once_and_records_once(void **state)
{
    (void)state;
    begin();
    uint64_t from = at.world.flash.step_count;
    work();
    uint64_t steps = at.world.flash.step_count - from;
    assert_true(steps > 1000);
    for (uint64_t step = 0; step < steps; step += STEP_STRIDE) {
        check_cut_at(step, FW_FAKE_CUT_BEFORE);
        check_cut_at(step, FW_FAKE_CUT_TORN);
        check_cut_at(step, FW_FAKE_CUT_AFTER);
    }
}

/* A second cut, while the first one is being recovered from or soon after. */
static void test_gate_power_cut_twice_opens_once_and_records_once(void **state)
{
    (void)state;
    uint64_t seed = 7;
    int boots_cut = 0;
    for (int i = 0; i < TURNS; i++) {
        begin();
        fw_fake_flash_cut_in(&at.world.flash, fw_fake_random(&seed) % 1500, FW_FAKE_CUT_TORN, seed);
        work();
        at.world.boot_cut_in = 1 + fw_fake_random(&seed) % (i % 2 == 0 ? 200 : 2000);
        bool is_open = gate_world_boot(&at) == FW_OK;
        boots_cut += !is_open;
        if (is_open)
            work();
        assert_int_equal(gate_world_boot(&at), FW_OK);
        world_drain(&at.world);
        for (int item = 0; item < ITEMS; item++) {
            if (opened[item] > 1 || count_ends(item) > 1 || count_ends(item) < opened[item])
                fail_msg("turn %d: item %d opened %d times, has %d records", i, item, opened[item],
                         count_ends(item));
        }
    }
    assert_true(boots_cut > BOOTS_CUT_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_power_cut_at_every_step_opens_once_and_records_once),
        cmocka_unit_test(test_gate_power_cut_twice_opens_once_and_records_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
