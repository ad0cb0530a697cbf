/* What a locker finds in flash after somebody had the part in his hand: right checksums and a right
 * MAC over whatever he likes (schemas/rules/devices.md 5.8). The first byte says which layout; then
 * come edits of 10 bytes: a number (1) that chooses a member of the gate's state, or any byte of
 * it; an index (1); 8 bytes that it becomes. What is left of the input is typed as codes. The start
 * refuses it, or the gate and the session live with it: no write beyond a table, no abort, and no
 * compartment opens that is not there. Every MAC and every code hash is right when it is all zeros.
 */
#include "../fuzz_json.h"

#include "locker.h"

#define BLOCK_BYTES 4096
#define EDITS_MAX 24
#define EDIT_BYTES 10
#define CODES_MAX 32
#define TICKS 8

/* Returns where the bytes of a member go, with its size; of any byte when `member` names none. */
static void *choose(struct fw_gate_stored *stored, struct fw_session_stored *told,
                    const uint8_t *edit, size_t *ret_size)
{
    struct fw_gate_grant *grant = &stored->grants[edit[1] % FW_GATE_GRANTS_MAX];
    struct fw_gate_entry *entry = &stored->journal[edit[1] % FW_GATE_JOURNAL_MAX];
    const struct {
        void *at;
        size_t size;
    } members[] = {
        { &stored->revision, 8 },     { &stored->forgotten_ms, 8 },
        { &stored->wrong_count, 4 },  { &stored->wrong_held, 4 },
        { &stored->pause_ms, 4 },     { &stored->grant_count, 4 },
        { &stored->grant_id_max, 8 }, { &grant->id, 8 },
        { &grant->not_before_ms, 8 }, { &grant->expires_at_ms, 8 },
        { &grant->compartment, 1 },   { &grant->is_used, 1 },
        { &grant->is_refused, 1 },    { &entry->grant_id, 8 },
        { &entry->expires_at_ms, 8 }, { &entry->record_seq, 8 },
        { &entry->kind, 1 },          { &entry->state, 1 },
        { &entry->compartment, 1 },   { &entry->effect, 1 },
        { &told->boot, 8 },           { &told->counts[edit[1] % FW_SESSION_COUNTS], 8 },
        { &told->floor_ms, 8 },       { &told->log.from_seq, 8 },
        { &told->log.doubt_seq, 8 },
    };
    if (edit[0] < sizeof(members) / sizeof(members[0])) {
        *ret_size = members[edit[0]].size;
        return members[edit[0]].at;
    }
    *ret_size = 1;
    return (uint8_t *)stored + (size_t)(edit[0] * 256 + edit[1]) % sizeof(*stored);
}

static void write_flash(const uint8_t **at, const uint8_t *end)
{
    static struct fw_gate_stored stored;
    struct fw_session_stored told;
    memset(&stored, 0, sizeof(stored));
    memset(&told, 0, sizeof(told));
    const bool is_old = *at < end && (*(*at)++ & 1) != 0;
    for (int i = 0; i < EDITS_MAX && end - *at >= EDIT_BYTES; i++, *at += EDIT_BYTES) {
        size_t size = 0;
        void *member = choose(&stored, &told, *at, &size);
        memcpy(member, *at + 2, size);
    }
    memset(stored.mac, 0, sizeof(stored.mac));
    wall_ms = WALL_MS;
    open_flash();
    memcpy(told.log.epoch, log_.epoch, sizeof(told.log.epoch));
    FW_CHECK(fw_snapshot_save(&session_snapshot, &told, sizeof(told)) == FW_OK);
    if (is_old)
        gate_snapshot.version = FW_GATE_LAYOUT_UNSIGNED;
    const size_t size = is_old ? offsetof(struct fw_gate_stored, grant_id_max) : sizeof(stored);
    FW_CHECK(fw_snapshot_save(&gate_snapshot, &stored, size) == FW_OK);
}

static void type_codes(const uint8_t *at, const uint8_t *end)
{
    for (int i = 0; i < CODES_MAX && end - at > FW_GATE_CODE_DIGITS; i++) {
        char code[FW_GATE_CODE_DIGITS + 1] = { 0 };
        struct fw_gate_decision decision;
        const uint8_t busy_mask = *at++;
        for (size_t digit = 0; digit < FW_GATE_CODE_DIGITS; digit++)
            code[digit] = (char)('0' + *at++ % 10);
        if (fw_gate_on_code(&gate, code, busy_mask, &decision) == FW_OK && decision.is_open) {
            FW_CHECK(decision.compartment >= 1 && decision.compartment <= COMPARTMENTS);
            FW_CHECK(fw_gate_on_effect(&gate, decision.compartment, FW_MSG_EFFECT_OPENED) == FW_OK);
        }
        mono_ms += 1000 * busy_mask;
        (void)fw_gate_tick(&gate, mono_ms);
        (void)fw_session_tick(&session, mono_ms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    const uint8_t *at = data, *end = data + size_bytes;
    fw_fake_flash_init(&flash, BLOCK_BYTES, 6, 16);
    mono_ms = 1000;
    write_flash(&at, end);
    int rc = boot();
    FW_CHECK(rc == FW_OK || rc == FW_E_CORRUPT);
    if (rc != FW_OK)
        return 0;
    fw_session_on_link(&session, true);
    for (int i = 0; i < TICKS; i++) {
        (void)fw_session_tick(&session, mono_ms);
        mono_ms += 2000;
        (void)fw_gate_tick(&gate, mono_ms);
    }
    type_codes(at, end);
    FW_CHECK(boot() == FW_OK); /* what it has written itself it takes again */
    return 0;
}
