/* The firmware takes the very messages whose MACs schemas/rules/devices.md 8.6 lists, with the
 * key's port of a PC. */
#include "fakes/mac_vectors.h"
#include "gate_world.h"
#include "ports/linux/world.h"

static struct gate_world at;
static struct fw_linux_mac key;

static int setup(void **state)
{
    (void)state;
    gate_world_init_2(&at);
    for (size_t i = 0; i < sizeof(key.key); i++)
        key.key[i] = (uint8_t)i;
    at.mac = fw_linux_mac_port(&key);
    return 0;
}

static void find(const char *begin, char ret_mac[65])
{
    struct mac_vector vector;
    mac_vector_find(begin, &vector);
    memcpy(ret_mac, vector.mac, 65);
}

static void check_command(const char *begin, bool is_2)
{
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd = { .compartment = 3, .expires_at = 1767225630000 };
    for (size_t i = 0; i < sizeof(cmd.id) - 1; i++)
        cmd.id[i] = "ab"[i % 2];
    cmd.has_key_no = cmd.has_boot = is_2;
    cmd.key_no = 1;
    cmd.boot = 4;
    find(begin, cmd.mac);
    at.world.session.stored.boot = 4;
    at.world.session.owner_protocol = is_2 ? FW_PROTOCOL_2 : FW_PROTOCOL_1;
    assert_int_equal(command_send(&at, &cmd, &decision), FW_OK);
    assert_false(decision.is_refused); /* it has expired */
}

static void check_config(const char *begin, bool is_2)
{
    struct fw_device_config config = {
        .revision = 9,
        .now = 1234567,
        .grants_count = 2,
        .grants = { { .id = 77, .compartment = 3, .not_before = 1, .expires_at = 2 },
                    { .id = 78, .compartment = 4, .not_before = 5, .expires_at = 6 } },
        .has_key_no = is_2,
        .key_no = 1,
    };
    for (size_t i = 0; i < 64; i++) {
        config.grants[0].code_hash[i] = "cd"[i % 2];
        config.grants[1].code_hash[i] = "ef"[i % 2];
    }
    find(begin, config.mac);
    assert_int_equal(config_send(&at, &config), FW_OK);
    assert_int_equal(at.gate.stored.revision, 9);
}

static void test_gate_takes_the_messages_of_the_rules(void **state)
{
    (void)state;
    check_command("lockstock/v1/cmd", false);
    check_command("lockstock/v2/cmd", true);
    check_config("lockstock/v2/config", true);
    at.gate.stored.revision = 0;
    check_config("lockstock/v1/config", false);
}

static void test_gate_takes_the_code_of_the_rules(void **state)
{
    (void)state;
    char hex[65];
    struct fw_gate_decision decision;
    struct fw_gate_grant *grant = &at.gate.stored.grants[0];
    *grant = (struct fw_gate_grant){ .id = 77, .compartment = 3, .expires_at_ms = WALL_MS * 2 };
    at.gate.stored.grant_count = 1;
    find("lockstock/v1/code", hex);
    fw_from_hex(hex, grant->code_hash, sizeof(grant->code_hash));
    assert_int_equal(fw_gate_on_code(&at.gate, "12345678", 0, &decision), FW_OK);
    assert_true(decision.is_open);
}

static void test_session_takes_the_ack_of_the_rules(void **state)
{
    (void)state;
    static const char nonce[] = "00112233445566778899aabbccddeeff";
    struct fw_session *session = &at.world.session;
    struct fw_device_ack ack = { .epoch = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                                 .seq = 7,
                                 .has_stored = true,
                                 .stored = 9,
                                 .now = 1790000000123,
                                 .has_key_no = true,
                                 .key_no = 1,
                                 .has_mac = true };
    find("lockstock/v2/ack", ack.mac);
    session->stored.boot = 4;
    fw_from_hex(ack.epoch, session->stored.log.told_epoch, FW_EPOCH_BYTES);
    fw_from_hex(nonce, session->proof.nonce, sizeof(session->proof.nonce));
    session->proof.asked_ms = at.world.mono_ms;
    at.world.log.next_seq = 10;
    assert_int_equal(world_send_ack(&at.world, &ack), FW_OK);
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_gate_takes_the_messages_of_the_rules),
        ON(test_gate_takes_the_code_of_the_rules),
        ON(test_session_takes_the_ack_of_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
