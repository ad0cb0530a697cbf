/* Any messages on a locker's topics, any codes, restarts in between: no crash, and no id opens
 * twice, none after its time, none at a compartment that is not there (schemas/rules/devices.md 4,
 * 5).
 *
 * A script is a row of steps: a byte that says which, then what belongs to it (struct script).
 * Every MAC and every code hash is right when it is all zeros, or else nothing would get through.
 */
#include "../fuzz_json.h"

#include "fw/device_cmd.gen.h"
#include "locker.h"

#define STEPS_MAX 64

enum step {
    STEP_CMD = 0,    /* 2 bytes size, payload */
    STEP_CONFIG = 1, /* the same */
    STEP_ACK = 2,    /* the same */
    STEP_CODE = 3,   /* 1 byte busy mask, 8 digits */
    STEP_EFFECT = 4, /* 1 byte: compartment in the low nibble, effect in the high one */
    STEP_TIME = 5,   /* 2 bytes: seconds that pass */
    STEP_RESTART = 6,
    STEP_LINK = 7, /* 1 byte: up or down */
};
#define STEP_COUNT 8

struct script {
    const uint8_t *at;
    const uint8_t *end;
};

struct opened {
    uint8_t id[FW_GATE_ID_BYTES];
    int64_t expires_at;
};

static struct opened opened[STEPS_MAX];
static size_t opened_count;
static int64_t used[STEPS_MAX]; /* grants that have opened and are still configured */
static size_t used_count;

static uint8_t take_byte(struct script *script)
{
    return script->at < script->end ? *script->at++ : 0;
}

static size_t take_payload(struct script *script, const char **ret_payload)
{
    size_t size = take_byte(script);
    size |= (size_t)take_byte(script) << 8;
    size_t left = (size_t)(script->end - script->at);
    if (size > left)
        size = left;
    *ret_payload = (const char *)script->at;
    script->at += size;
    return size < FW_PAYLOAD_MAX ? size : FW_PAYLOAD_MAX;
}

static void step_cmd(struct script *script)
{
    const char *payload;
    size_t size = take_payload(script, &payload);
    struct fw_gate_decision decision;
    struct fw_device_cmd cmd;
    if (fw_gate_on_cmd(&gate, payload, size, &decision) != FW_OK || !decision.is_open)
        return;
    FW_CHECK(fw_device_cmd_decode(payload, size, &cmd) == FW_OK);
    FW_CHECK(decision.compartment >= 1 && decision.compartment <= COMPARTMENTS);
    FW_CHECK(fw_clock_now_ms(&clock_state) > 0);
    FW_CHECK(cmd.expires_at >= fw_clock_now_ms(&clock_state));
    const struct fw_gate_entry *entry = NULL;
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        if (gate.stored.journal[i].kind == FW_GATE_ENTRY_COMMAND &&
            gate.stored.journal[i].state == FW_GATE_ACTING &&
            gate.stored.journal[i].compartment == decision.compartment)
            entry = &gate.stored.journal[i];
    }
    FW_CHECK(entry != NULL);
    for (size_t i = 0; i < opened_count; i++)
        FW_CHECK(memcmp(opened[i].id, entry->id, FW_GATE_ID_BYTES) != 0 ||
                 opened[i].expires_at < fw_clock_now_ms(&clock_state));
    memcpy(opened[opened_count].id, entry->id, FW_GATE_ID_BYTES);
    opened[opened_count++].expires_at = cmd.expires_at;
}

static bool is_use_open(void)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        const struct fw_gate_entry *entry = &gate.stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_GRANT && entry->state != FW_GATE_REPORTED)
            return true;
    }
    return false;
}

/* A grant that a stored configuration does not have may come again with a later one. */
static void step_config(struct script *script)
{
    const char *payload;
    size_t size = take_payload(script, &payload);
    size_t kept = 0;
    int64_t revision = gate.stored.revision;
    if (fw_gate_on_config(&gate, payload, size) != FW_OK)
        return;
    FW_CHECK(gate.stored.revision >= revision && session.config_revision <= gate.stored.revision);
    FW_CHECK(session.config_revision == gate.stored.revision || is_use_open()); /* rules 5.2 */
    for (size_t i = 0; i < used_count; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < gate.stored.grant_count; k++)
            is_there = is_there || gate.stored.grants[k].id == used[i];
        if (is_there)
            used[kept++] = used[i];
    }
    used_count = kept;
}

static void step_code(struct script *script)
{
    struct fw_gate_decision decision;
    char code[FW_GATE_CODE_DIGITS + 1] = { 0 };
    uint8_t busy_mask = take_byte(script);
    for (size_t i = 0; i < FW_GATE_CODE_DIGITS; i++)
        code[i] = (char)take_byte(script);
    if (fw_gate_on_code(&gate, code, busy_mask, &decision) != FW_OK || !decision.is_open)
        return;
    FW_CHECK(decision.compartment >= 1 && decision.compartment <= COMPARTMENTS);
    FW_CHECK((busy_mask >> (decision.compartment - 1) & 1) == 0);
    int64_t id = 0;
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        if (gate.stored.journal[i].kind == FW_GATE_ENTRY_GRANT &&
            gate.stored.journal[i].state == FW_GATE_ACTING &&
            gate.stored.journal[i].compartment == decision.compartment)
            id = gate.stored.journal[i].grant_id;
    }
    FW_CHECK(id > 0);
    for (size_t i = 0; i < used_count; i++)
        FW_CHECK(used[i] != id);
    used[used_count++] = id;
}

static void play(struct script *script)
{
    const char *payload;
    size_t size;
    uint8_t byte;
    switch ((enum step)(take_byte(script) % STEP_COUNT)) {
    case STEP_CMD:
        step_cmd(script);
        break;
    case STEP_CONFIG:
        step_config(script);
        break;
    case STEP_ACK:
        size = take_payload(script, &payload);
        (void)fw_session_on_ack(&session, payload, size);
        break;
    case STEP_CODE:
        step_code(script);
        break;
    case STEP_EFFECT:
        byte = take_byte(script);
        (void)fw_gate_on_effect(&gate, byte & 15, (enum fw_msg_effect)((byte >> 4) % 4));
        break;
    case STEP_TIME:
        mono_ms += 1000 * take_byte(script);
        mono_ms += 256000 * take_byte(script);
        break;
    case STEP_RESTART:
        FW_CHECK(boot() == FW_OK);
        break;
    case STEP_LINK:
        fw_session_on_link(&session, (take_byte(script) & 1) != 0);
        break;
    }
    FW_CHECK(fw_session_tick(&session, mono_ms) > mono_ms);
    FW_CHECK(fw_gate_tick(&gate, mono_ms) > mono_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct script script = { data, data + size_bytes };
    fw_fake_flash_init(&flash, 4096, 6, 16);
    mono_ms = 1000;
    opened_count = used_count = 0;
    FW_CHECK(boot() == FW_OK);
    fw_clock_on_server(&clock_state, WALL_MS);
    for (int i = 0; i < STEPS_MAX && script.at < script.end; i++)
        play(&script);
    return 0;
}
