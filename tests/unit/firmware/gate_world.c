/* See gate_world.h. */
#include "gate_world.h"

static void toy_mac(const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211U;
    for (size_t i = 0; i < FW_MAC_BYTES; i++)
        ret_mac[i] = (uint8_t)fw_fake_random(&hash);
}

void toy_mac_hex(const char *text, char ret_hex[2 * FW_MAC_BYTES + 1])
{
    uint8_t mac[FW_MAC_BYTES];
    struct fw_json_out out;
    toy_mac(text, strlen(text), mac);
    fw_json_out_init(&out, ret_hex, 2 * FW_MAC_BYTES + 1);
    fw_json_out_add_hex(&out, mac, sizeof(mac));
    fw_json_out_add(&out, "", 1);
}

void gate_world_sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    static const char begin[] = "lockstock/";
    struct gate_world *world = self;
    assert_true(size < GATE_TEXT_SIZE);
    toy_mac(bytes, size, ret_mac);
    if (memcmp(bytes, begin, sizeof(begin) - 1) != 0)
        return; /* what goes to flash */
    memcpy(world->signed_text, bytes, size);
    world->signed_text[size] = '\0';
    world->signed_size = size;
    world->sign_count++;
}

int gate_world_boot(struct gate_world *gate_world)
{
    struct world *world = &gate_world->world;
    struct fw_gate_setup setup = { .identity = { "main", "locker-1", &gate_world->mac },
                                   .compartment_count = 4,
                                   .session = &world->session,
                                   .snapshot = &world->gate_snapshot,
                                   .clock = &world->clock };
    gate_world->mac = (struct fw_mac){ gate_world_sign, gate_world, FW_KEY_NO_FIRST };
    int rc = world_boot_as(world, "SSML");
    if (rc != FW_OK)
        return rc;
    return fw_gate_open(&gate_world->gate, &setup);
}

void gate_world_init(struct gate_world *gate_world)
{
    memset(gate_world, 0, sizeof(*gate_world));
    world_init(&gate_world->world);
    assert_int_equal(gate_world_boot(gate_world), FW_OK);
    world_drain(&gate_world->world);
}

void ack_sign(const struct world *world, struct fw_device_ack *ack)
{
    char text[512];
    ack->has_key_no = ack->has_mac = true;
    ack->key_no = FW_KEY_NO_FIRST;
    snprintf(text, sizeof(text),
             "lockstock/v2/ack\nmain\nlocker-1\n1\n%d\n%s\n%s\n%lld\n%lld\n%lld\n",
             (int)world->up.boot, world->up.nonce, ack->epoch, (long long)ack->seq,
             (long long)ack->stored, (long long)ack->now);
    toy_mac_hex(text, ack->mac);
}

void gate_world_init_2(struct gate_world *gate_world)
{
    memset(gate_world, 0, sizeof(*gate_world));
    world_init(&gate_world->world);
    gate_world->world.identity = (struct fw_identity){ "main", "locker-1", &gate_world->mac };
    gate_world->world.sign_ack = ack_sign;
    assert_int_equal(gate_world_boot(gate_world), FW_OK);
    world_drain(&gate_world->world);
}

int64_t gate_world_now(const struct gate_world *gate_world)
{
    return WALL_MS + gate_world->world.mono_ms;
}

static void command_sign(struct fw_device_cmd *cmd)
{
    char text[512];
    snprintf(text, sizeof(text), "lockstock/v1/cmd\nmain\nlocker-1\n%s\nunlock\n%d\n%lld\n",
             cmd->id, (int)cmd->compartment, (long long)cmd->expires_at);
    toy_mac_hex(text, cmd->mac);
}

struct fw_device_cmd command_make(char digit, int compartment, int64_t expires_at)
{
    struct fw_device_cmd cmd = { .compartment = compartment, .expires_at = expires_at };
    memset(cmd.id, digit, sizeof(cmd.id) - 1);
    command_sign(&cmd);
    return cmd;
}

struct fw_device_cmd command_make_2(const struct gate_world *gate_world, char digit,
                                    int compartment, int64_t expires_at)
{
    struct fw_device_cmd cmd = command_make(digit, compartment, expires_at);
    char text[512];
    cmd.has_key_no = cmd.has_boot = true;
    cmd.key_no = FW_KEY_NO_FIRST;
    cmd.boot = (int32_t)gate_world->world.session.stored.boot;
    snprintf(text, sizeof(text), "lockstock/v2/cmd\nmain\nlocker-1\n1\n%d\n%s\nunlock\n%d\n%lld\n",
             (int)cmd.boot, cmd.id, compartment, (long long)expires_at);
    toy_mac_hex(text, cmd.mac);
    return cmd;
}

struct fw_device_cmd command_make_nth(int n, int compartment, int64_t expires_at)
{
    struct fw_device_cmd cmd = { .compartment = compartment, .expires_at = expires_at };
    snprintf(cmd.id, sizeof(cmd.id), "%032x", n);
    command_sign(&cmd);
    return cmd;
}

int command_send(struct gate_world *gate_world, const struct fw_device_cmd *cmd,
                 struct fw_gate_decision *ret)
{
    char text[GATE_TEXT_SIZE];
    int size = fw_device_cmd_encode(cmd, text, sizeof(text));
    assert_true(size > 0);
    return fw_gate_on_cmd(&gate_world->gate, text, (size_t)size, ret);
}

void code_hash(int64_t grant_id, const char *code, char ret_hex[65])
{
    char text[512];
    snprintf(text, sizeof(text), "lockstock/v1/code\nmain\nlocker-1\n%lld\n%s\n",
             (long long)grant_id, code);
    toy_mac_hex(text, ret_hex);
}

static void grant_add(struct fw_device_config *config, int64_t id, int compartment,
                      const char *code)
{
    struct fw_device_grant *grant = &config->grants[config->grants_count++];
    grant->id = id;
    grant->compartment = compartment;
    grant->not_before = WALL_MS;
    grant->expires_at = WALL_MS + 86400000;
    code_hash(id, code, grant->code_hash);
}

static void sign_config(struct fw_device_config *config, const char *begin)
{
    static char text[GATE_TEXT_SIZE];
    int size = snprintf(text, sizeof(text), "%s%lld\n%lld\n", begin, (long long)config->revision,
                        (long long)config->now);
    for (size_t i = 0; i < config->grants_count; i++) {
        const struct fw_device_grant *grant = &config->grants[i];
        size += snprintf(text + size, sizeof(text) - (size_t)size, "%lld %d %lld %lld %s\n",
                         (long long)grant->id, grant->compartment, (long long)grant->not_before,
                         (long long)grant->expires_at, grant->code_hash);
    }
    toy_mac_hex(text, config->mac);
}

void config_sign(struct fw_device_config *config)
{
    config->has_key_no = false;
    sign_config(config, "lockstock/v1/config\nmain\nlocker-1\n");
}

void config_sign_2(struct fw_device_config *config)
{
    config->has_key_no = true;
    config->key_no = FW_KEY_NO_FIRST;
    sign_config(config, "lockstock/v2/config\nmain\nlocker-1\n1\n");
}

int config_send(struct gate_world *gate_world, const struct fw_device_config *config)
{
    char text[GATE_TEXT_SIZE];
    int size = fw_device_config_encode(config, text, sizeof(text));
    assert_true(size > 0);
    return fw_gate_on_config(&gate_world->gate, text, (size_t)size);
}

static void make(struct fw_device_config *ret, int64_t revision, int64_t first_id)
{
    static const char *const codes[] = { "11111111", "22222222", "33333333", "44444444" };
    memset(ret, 0, sizeof(*ret));
    ret->revision = revision;
    ret->now = WALL_MS;
    for (int i = 0; i < 4; i++)
        grant_add(ret, first_id + 11 * (i + 1), i + 1, codes[i]);
    config_sign(ret);
}

void config_make(struct fw_device_config *ret, int64_t revision)
{
    make(ret, revision, 0);
}

void config_make_next(struct fw_device_config *ret, int64_t revision)
{
    make(ret, revision, 1000 * revision);
}

void gate_world_init_with_grants(struct gate_world *gate_world)
{
    struct fw_device_config config;
    gate_world_init(gate_world);
    config_make(&config, 5);
    assert_int_equal(config_send(gate_world, &config), FW_OK);
}

const struct fw_device_record *last_record(struct gate_world *gate_world)
{
    world_drain(&gate_world->world);
    return &gate_world->world.stored[gate_world->world.stored_seq];
}

int count_records(const struct gate_world *gate_world, enum fw_msg_device_record_kind kind,
                  enum fw_msg_effect effect)
{
    int count = 0;
    for (int64_t seq = 1; seq <= gate_world->world.stored_seq; seq++) {
        const struct fw_device_record *record = &gate_world->world.stored[seq];
        count += record->kind == kind && record->has_effect && record->effect == effect;
    }
    return count;
}
