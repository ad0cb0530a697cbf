/* Random cuts of power, restarts, links that come and go, messages that wait, and answers that are
 * lost (schemas/rules/devices.md 1): each scan that was taken has one effect and a verdict that was
 * told, and no epoch is renewed without need. */
#include "session_world.h"

static struct session_world at;

/* On the emulated board, at its 25 MHz, a sample that takes seconds. */
#ifdef __arm__
#define TRIALS 100
#else
#define TRIALS 1000
#endif
#define STEPS 150
#define WAITING_MAX 64 /* `up` messages on their way to the service */
#define ROUNDS_END 400

static struct fw_device_up waiting[WAITING_MAX];
static size_t waiting_count;
static bool is_told[SCANS_MAX];
static uint64_t chance;

static uint32_t random_below(uint32_t end)
{
    return (uint32_t)(fw_fake_random(&chance) % end);
}

static void on_verdict(void *self, const struct fw_device_verdict *verdict)
{
    (void)self;
    if (!at.world.flash.is_off) /* without power nobody hears anything */
        is_told[(verdict->prompt[0] - '0') * 10 + verdict->prompt[1] - '0'] = true;
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    (void)self;
    if (leaf == FW_LEAF_UP && waiting_count < WAITING_MAX && !at.world.flash.is_off)
        assert_int_equal(fw_device_up_decode(payload, size, &waiting[waiting_count++]), FW_OK);
    return FW_OK;
}

static void boot(void)
{
    assert_int_equal(world_boot(&at.world), FW_OK);
    at.world.session.setup.on_verdict = on_verdict;
}

/* The oldest message is served; its answer may be lost. Verdicts name their scan. */
static void serve(bool is_lost)
{
    struct fw_device_ack ack;
    if (waiting_count == 0)
        return;
    const struct fw_device_up up = waiting[0];
    memmove(waiting, waiting + 1, --waiting_count * sizeof(waiting[0]));
    session_take_up(&at, &up, &ack);
    size_t count = 0;
    for (size_t i = 0; i < up.records_count; i++) {
        if (up.records[i].kind == FW_MSG_DEVICE_RECORD_KIND_SCAN)
            memcpy(ack.verdicts[count++].prompt, up.records[i].value, 3);
    }
    if (!is_lost && at.world.session.link != FW_SESSION_DOWN && !at.world.flash.is_off)
        (void)world_send_ack(&at.world, &ack);
}

/* is_quick: what was on its way when it is started again was lost. */
static void restart(bool is_quick)
{
    boot();
    if (is_quick)
        waiting_count = 0;
}

static void do_something(bool is_quick)
{
    switch (random_below(10)) {
    case 0:
    case 1:
    case 2:
        if (at.scan_count < SCANS_MAX - 1 && !at.world.flash.is_off)
            session_scan(&at, 1);
        break;
    case 3:
    case 4:
    case 5:
        serve(random_below(6) == 0);
        break;
    case 6:
        if (random_below(6) == 0)
            fw_fake_flash_cut_in(&at.world.flash, random_below(6),
                                 (enum fw_fake_cut)random_below(3), random_below(1000));
        break;
    case 7:
        if (random_below(4) == 0 || at.world.flash.is_off)
            restart(is_quick);
        break;
    case 8:
        fw_session_on_link(&at.world.session, random_below(4) != 0);
        break;
    default:
        at.world.mono_ms += random_below(3000);
        break;
    }
    if (!at.world.flash.is_off)
        world_tick(&at.world);
}

static void finish(void)
{
    boot();
    fw_session_on_link(&at.world.session, true);
    for (int i = 0; i < ROUNDS_END; i++) {
        world_tick(&at.world);
        if (waiting_count == 0)
            at.world.mono_ms += FW_SESSION_RESEND_MAX_MS;
        serve(false);
    }
    assert_int_equal(at.world.log.first_seq, at.world.log.next_seq);
}

static void test_session_with_random_faults_has_one_effect_and_a_verdict_each(void **state)
{
    (void)state;
    int64_t scans = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        chance = trial;
        waiting_count = 0;
        memset(is_told, 0, sizeof(is_told));
        session_world_init(&at);
        at.world.net.publish = publish;
        boot();
        for (int step = 0; step < STEPS; step++)
            do_something(trial % 2 == 0);
        finish();
        if (session_is_renewed(&at))
            fail_msg("trial %d: a new epoch without need", (int)trial);
        for (int64_t i = 0; i < at.scan_count; i++) {
            if (at.is_promised[i] ? at.effects[i] != 1 || !is_told[i] : at.effects[i] > 1)
                fail_msg("trial %d: scan %d has %d at.effects, told %d", (int)trial, (int)i,
                         (int)at.effects[i], is_told[i]);
        }
        scans += at.scan_count;
    }
    assert_true(scans > TRIALS * 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_with_random_faults_has_one_effect_and_a_verdict_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
