/* Protocol 2 (schemas/rules/devices.md 8): time that is proved, commands for one start, and an
 * owner that is held to what it once could. Each attack was tried on 0.3, and moved a lock or a
 * clock. */
#include "gate_world.h"

#define DAY_MS INT64_C(86400000)

static struct gate_world at;

static int setup(void **state)
{
    (void)state;
    gate_world_init_2(&at);
    return 0;
}

static int64_t clock_now(void)
{
    return fw_clock_now_ms(&at.world.clock);
}

/* The next `up` leaves, after whatever has to pass. */
static void next_up(void)
{
    const uint32_t count = at.world.up_count;
    for (int i = 0; at.world.up_count == count; i++) {
        assert_true(i < 10);
        const int64_t next_ms = world_tick(&at.world);
        if (at.world.up_count == count)
            at.world.mono_ms = next_ms;
    }
}

static bool opens(const struct fw_device_cmd *cmd)
{
    struct fw_gate_decision decision;
    assert_int_equal(command_send(&at, cmd, &decision), FW_OK);
    if (decision.is_open)
        fw_gate_on_effect(&at.gate, decision.compartment, FW_MSG_EFFECT_OPENED);
    return decision.is_open;
}

static void check_refused(const struct fw_device_cmd *cmd, enum fw_msg_device_refusal refusal)
{
    assert_false(opens(cmd));
    const struct fw_device_record *record = last_record(&at);
    assert_int_equal(record->effect, FW_MSG_EFFECT_REFUSED);
    assert_int_equal(record->refusal, refusal);
}

static void check_expired(const struct fw_device_cmd *cmd)
{
    assert_false(opens(cmd));
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_EXPIRED);
}

/* ---- the question and its answer ---- */

static void test_session_tick_asks_anew_with_each_up(void **state)
{
    (void)state;
    char nonce[33];
    assert_true(at.world.up.has_protocol && at.world.up.has_nonce);
    assert_int_equal(at.world.up.protocol, 2);
    memcpy(nonce, at.world.up.nonce, sizeof(nonce));
    next_up();
    assert_true(at.world.up.has_nonce);
    assert_string_not_equal(at.world.up.nonce, nonce);
}

static void test_session_on_ack_that_is_signed_tells_a_time_that_is_not_behind(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    next_up();
    const int64_t service_ms = clock_now() + 5000;
    world_ack_make(&at.world, &ack);
    ack.now = service_ms;
    ack_sign(&at.world, &ack);
    at.world.mono_ms += 3000; /* on its way, here or there */
    assert_int_equal(world_send_ack(&at.world, &ack), FW_OK);
    assert_int_equal(clock_now(), service_ms + 3000);
    at.world.mono_ms += 4000;
    (void)world_send_ack(&at.world, &ack); /* somebody says it again */
    assert_int_equal(clock_now(), service_ms + 7000);
}

static void test_session_on_ack_with_a_wrong_mac_frees_nothing_and_tells_no_time(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_START };
    assert_int_equal(fw_session_append(&at.world.session, &record), FW_OK);
    next_up();
    const int64_t now_ms = clock_now(), first_seq = at.world.log.first_seq;
    const uint32_t refused = at.world.session.refused_count;
    world_ack_make(&at.world, &ack);
    ack.now += 1000; /* after it was signed */
    assert_int_equal(world_send_ack(&at.world, &ack), FW_E_INVALID);
    world_ack_make(&at.world, &ack);
    ack.key_no = 2;
    assert_int_equal(world_send_ack(&at.world, &ack), FW_E_INVALID);
    assert_int_equal(at.world.session.refused_count, refused + 2);
    assert_int_equal(at.world.log.first_seq, first_seq);
    assert_int_equal(clock_now(), now_ms);
    assert_int_equal(world_answer(&at.world), FW_OK);
    assert_true(at.world.log.first_seq > first_seq);
}

/* What somebody got signed for another `up` is no answer to this one. */
static void test_session_on_ack_of_an_earlier_question_is_refused(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    next_up();
    world_ack_make(&at.world, &ack);
    next_up(); /* without an answer: the other kind, then this one again */
    next_up();
    assert_true(at.world.up.has_nonce);
    assert_int_equal(world_send_ack(&at.world, &ack), FW_E_INVALID);
}

static void test_session_on_ack_that_took_too_long_tells_no_time(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    assert_int_equal(gate_world_boot(&at), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    world_ack_make(&at.world, &ack);
    at.world.mono_ms += FW_CLOCK_ROUND_MS + 1;
    assert_int_equal(world_send_ack(&at.world, &ack), FW_OK);
    assert_false(at.world.clock.is_proved);
}

/* F12: two acks, 10 s apart, agreed, and the clock was three days ahead. */
static void test_session_on_ack_unsigned_twice_moves_no_clock(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct fw_device_ack ack;
        next_up();
        world_ack_make(&at.world, &ack);
        ack.has_mac = ack.has_key_no = false;
        ack.now = gate_world_now(&at) + 3 * DAY_MS;
        (void)world_send_ack(&at.world, &ack);
        at.world.mono_ms += 15000;
        assert_int_equal(clock_now(), gate_world_now(&at));
    }
}

/* ---- commands ---- */

static void test_gate_on_cmd_of_protocol_2_opens(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, clock_now() + 30000);
    assert_true(opens(&cmd));
    assert_int_equal(last_record(&at)->effect, FW_MSG_EFFECT_OPENED);
    assert_false(opens(&cmd));
}

static void test_gate_on_cmd_with_an_unknown_key_is_refused_as_such(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, clock_now() + 30000);
    cmd.key_no = 2;
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_UNKNOWN_KEY);
    cmd = command_make_2(&at, 'b', 2, clock_now() + 30000);
    cmd.expires_at += 1;
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
}

/* The wire could keep what a service of 0.3 has once signed. */
static void test_gate_on_cmd_of_protocol_1_is_refused_once_the_service_speaks_2(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make('a', 2, clock_now() + 30000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    (void)fw_gate_tick(&at.gate, at.world.mono_ms);
    assert_int_equal(gate_world_boot(&at), FW_OK); /* flash knows it, too */
    at.world.battery_ms = gate_world_now(&at);
    at.world.sign_ack = NULL;
    world_drain(&at.world);
    cmd = command_make('b', 2, gate_world_now(&at) + 30000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
}

/* F9: the command is kept until its time is over, the power goes, a forged ack says the command's
 * own time, and the command comes. It opened a door 571 s late. */
static void test_gate_on_cmd_withheld_over_a_power_cut_does_not_open(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, clock_now() + 30000);
    const int64_t then_ms = clock_now();
    at.world.mono_ms += 601000;
    at.world.battery_ms = then_ms; /* even that lies */
    assert_int_equal(gate_world_boot(&at), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    world_ack_make(&at.world, &ack);
    ack.has_mac = ack.has_key_no = false;
    ack.now = then_ms;
    (void)world_send_ack(&at.world, &ack);
    assert_false(opens(&cmd));
    cmd.boot++; /* the number that this start has, and the MAC for it: what is kept cannot say so */
    assert_false(opens(&cmd));
    world_drain(&at.world); /* the real service answers */
    assert_false(opens(&cmd));
}

/* Also when all that the wire does is to take its time: with every message, or with the command
 * alone. Whatever it delays, no door opens after the time that the service gave. */
static void test_gate_on_cmd_on_a_slow_wire_never_opens_late(void **state)
{
    (void)state;
    static const int64_t delays[] = { 0, 900, 1900, 9000, 29000, 31000, 60000, 600000 };
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        for (size_t k = 0; k < sizeof(delays) / sizeof(delays[0]); k++) {
            struct fw_device_ack ack;
            gate_world_init_2(&at);
            assert_int_equal(gate_world_boot(&at), FW_OK);
            fw_session_on_link(&at.world.session, true);
            world_tick(&at.world);
            world_ack_make(&at.world, &ack); /* the service answers at once */
            at.world.mono_ms += delays[i];
            (void)world_send_ack(&at.world, &ack);
            const int64_t expires_at = gate_world_now(&at) + 30000;
            struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, expires_at);
            at.world.mono_ms += delays[k];
            bool is_open = opens(&cmd);
            assert_true(!is_open || gate_world_now(&at) <= expires_at);
            assert_true(is_open || delays[i] > FW_CLOCK_ROUND_MS || delays[i] + delays[k] > 30000);
        }
    }
}

static void test_gate_on_cmd_before_a_proved_time_is_refused(void **state)
{
    (void)state;
    at.world.battery_ms = gate_world_now(&at);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, gate_world_now(&at) + 30000);
    assert_false(opens(&cmd));
    assert_int_equal(last_record(&at)->refusal, FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN);
}

/* Before the first signed ack somebody said that it is yesterday. */
static void test_session_on_ack_first_signed_one_forgets_what_was_said_before(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    memset(&at.gate.stored, 0, sizeof(at.gate.stored)); /* a new one, which knows no service yet */
    fw_fake_flash_init(&at.world.flash, BLOCK_BYTES, LOG_BLOCKS + 2 * SNAPSHOT_BLOCKS, 16);
    at.world.stored_seq = 0;
    assert_int_equal(gate_world_boot(&at), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    world_ack_make(&at.world, &ack);
    ack.has_mac = ack.has_key_no = false;
    ack.now = gate_world_now(&at) - DAY_MS / 2;
    assert_int_equal(world_send_ack(&at.world, &ack), FW_OK);
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, ack.now + 30000);
    assert_false(opens(&cmd));
    world_drain(&at.world);
    assert_int_equal(clock_now(), gate_world_now(&at));
    assert_false(opens(&cmd));
}

static void test_gate_on_cmd_of_another_start_is_expired(void **state)
{
    (void)state;
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, clock_now() + 30000);
    assert_int_equal(gate_world_boot(&at), FW_OK);
    world_drain(&at.world);
    check_expired(&cmd);
}

/* A service whose clock was three days ahead for some seconds, and is right again. */
static void test_session_on_ack_signed_heals_a_clock_that_the_service_set_wrong(void **state)
{
    (void)state;
    struct fw_device_ack ack;
    for (int i = 0; i < 2; i++) {
        next_up();
        world_ack_make(&at.world, &ack);
        ack.now += DAY_MS / 2;
        ack_sign(&at.world, &ack);
        assert_int_equal(world_send_ack(&at.world, &ack), FW_OK);
    }
    assert_true(clock_now() > gate_world_now(&at) + DAY_MS / 4);
    next_up();
    assert_int_equal(world_answer(&at.world), FW_OK);
    assert_int_equal(clock_now(), gate_world_now(&at));
    struct fw_device_cmd cmd = command_make_2(&at, 'a', 2, clock_now() + 30000);
    assert_true(opens(&cmd));
}

/* ---- configurations ---- */

static void test_gate_on_config_of_protocol_2_is_stored_and_one_of_1_leads_back(void **state)
{
    (void)state;
    struct fw_device_config config;
    config_make(&config, 5);
    config_sign_2(&config);
    config.key_no = 2;
    assert_int_equal(config_send(&at, &config), FW_E_INVALID);
    config_sign_2(&config);
    assert_int_equal(config_send(&at, &config), FW_OK);
    struct fw_device_cmd cmd = command_make('a', 2, clock_now() + 30000);
    check_refused(&cmd, FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    config_make(&config, 5); /* of the same revision: changes nothing */
    assert_int_equal(config_send(&at, &config), FW_OK);
    cmd = command_make('b', 2, clock_now() + 30000);
    assert_false(opens(&cmd));
    config_make(&config, 6); /* the service was put back to version 0.3 */
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_int_equal(at.gate.stored.owner_protocol, FW_PROTOCOL_1);
    cmd = command_make('c', 2, clock_now() + 30000);
    assert_true(opens(&cmd));
}

/* ---- a service of version 0.3 ---- */

static bool is_plain(void)
{
    return !at.world.up.has_protocol && !at.world.up.has_nonce;
}

/* It takes no `up` that its schema does not know. */
static void test_session_tick_with_a_service_of_0_3_speaks_protocol_1(void **state)
{
    (void)state;
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_START };
    fw_fake_flash_init(&at.world.flash, BLOCK_BYTES, LOG_BLOCKS + 2 * SNAPSHOT_BLOCKS, 16);
    at.world.sign_ack = NULL;
    at.world.stored_seq = 0;
    assert_int_equal(gate_world_boot(&at), FW_OK);
    fw_session_on_link(&at.world.session, true);
    world_tick(&at.world);
    assert_false(is_plain());
    next_up();
    assert_true(is_plain());
    for (int i = 0; at.world.log.first_seq < at.world.log.next_seq; i++) {
        assert_true(i < 5);
        assert_int_equal(world_answer(&at.world), FW_OK);
        world_tick(&at.world);
        assert_true(is_plain());
    }
    assert_int_equal(clock_now(), gate_world_now(&at));
    struct fw_device_cmd cmd = command_make('a', 2, clock_now() + 30000);
    assert_true(opens(&cmd));
    assert_int_equal(fw_session_append(&at.world.session, &record), FW_OK);
    world_tick(&at.world);
    assert_true(is_plain());
    assert_int_equal(world_answer(&at.world), FW_OK);
    at.world.mono_ms += FW_SESSION_PROBE_MS;
    world_tick(&at.world); /* perhaps it is a newer one by now */
    assert_false(is_plain());
    next_up();
    assert_true(is_plain());
}

/* One message was lost: the service is no older for that. */
static void test_session_tick_after_a_loss_asks_again_with_the_next_up(void **state)
{
    (void)state;
    next_up();
    next_up();
    assert_true(is_plain());
    assert_int_equal(world_answer(&at.world), FW_OK);
    next_up();
    assert_false(is_plain());
    assert_int_equal(world_answer(&at.world), FW_OK);
    assert_int_equal(clock_now(), gate_world_now(&at));
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_session_tick_asks_anew_with_each_up),
        ON(test_session_on_ack_that_is_signed_tells_a_time_that_is_not_behind),
        ON(test_session_on_ack_with_a_wrong_mac_frees_nothing_and_tells_no_time),
        ON(test_session_on_ack_of_an_earlier_question_is_refused),
        ON(test_session_on_ack_that_took_too_long_tells_no_time),
        ON(test_session_on_ack_unsigned_twice_moves_no_clock),
        ON(test_gate_on_cmd_of_protocol_2_opens),
        ON(test_gate_on_cmd_with_an_unknown_key_is_refused_as_such),
        ON(test_gate_on_cmd_of_protocol_1_is_refused_once_the_service_speaks_2),
        ON(test_gate_on_cmd_withheld_over_a_power_cut_does_not_open),
        ON(test_gate_on_cmd_on_a_slow_wire_never_opens_late),
        ON(test_gate_on_cmd_before_a_proved_time_is_refused),
        ON(test_session_on_ack_first_signed_one_forgets_what_was_said_before),
        ON(test_gate_on_cmd_of_another_start_is_expired),
        ON(test_session_on_ack_signed_heals_a_clock_that_the_service_set_wrong),
        ON(test_gate_on_config_of_protocol_2_is_stored_and_one_of_1_leads_back),
        ON(test_session_tick_with_a_service_of_0_3_speaks_protocol_1),
        ON(test_session_tick_after_a_loss_asks_again_with_the_next_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
