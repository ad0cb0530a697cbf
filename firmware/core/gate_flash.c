/* What the gate finds in flash at a start (schemas/rules/devices.md 5.8). A part that somebody can
 * take out says what he wants: no number of it is used as an index, a length or a pause before it
 * was checked, and nothing of it is believed that the device's key has not signed. */
#include <string.h>

#include "core/gate_journal.h"

#define NUMBER_MAX INT64_C(9007199254740991) /* of ids, revisions and times: what JSON carries */

/* Of the versions up to 0.3: what they stored ends here. */
#define UNSIGNED_BYTES offsetof(struct fw_gate_stored, grant_id_max)

_Static_assert(sizeof(struct fw_gate_grant) == 64, "no padding in flash");
_Static_assert(sizeof(struct fw_gate_entry) == 48, "no padding in flash");
_Static_assert(sizeof(struct fw_gate_stored) ==
                   48 + FW_GATE_GRANTS_MAX * 64 + FW_GATE_JOURNAL_MAX * 48 + 16 + FW_MAC_BYTES,
               "no padding in flash");
_Static_assert(sizeof(struct fw_gate_stored) <= FW_SNAPSHOT_BYTES_MAX, "one copy");

static bool is_number(int64_t number)
{
    return number >= 0 && number <= NUMBER_MAX;
}

static bool is_id(int64_t id)
{
    return id >= 1 && id <= NUMBER_MAX;
}

static bool is_compartment(uint8_t compartment)
{
    return compartment >= 1 && compartment <= FW_GATE_COMPARTMENTS_MAX;
}

static bool is_grant_sound(const struct fw_gate_grant *grant)
{
    return is_id(grant->id) && is_number(grant->not_before_ms) && is_number(grant->expires_at_ms) &&
           is_compartment(grant->compartment) && grant->is_used <= 1 && grant->is_refused <= 1;
}

static bool is_entry_sound(const struct fw_gate_entry *entry)
{
    if (entry->kind == FW_GATE_ENTRY_FREE)
        return true;
    return entry->kind <= FW_GATE_ENTRY_GRANT && entry->state <= FW_GATE_REPORTED &&
           is_compartment(entry->compartment) && entry->effect < FW_MSG_EFFECT_COUNT &&
           (entry->kind != FW_GATE_ENTRY_GRANT || is_id(entry->grant_id)) &&
           is_number(entry->expires_at_ms) && is_number(entry->record_seq);
}

static bool is_sound(const struct fw_gate_stored *stored)
{
    bool is_fine = is_number(stored->revision) && is_number(stored->forgotten_ms) &&
                   is_number(stored->grant_id_max) &&
                   stored->wrong_count <= FW_GATE_WRONG_COUNT_MAX &&
                   stored->wrong_held <= FW_GATE_WRONG_HELD_MAX &&
                   stored->pause_ms <= FW_GATE_PAUSE_MAX_MS &&
                   stored->grant_count <= FW_GATE_GRANTS_MAX &&
                   stored->owner_protocol <= FW_PROTOCOL_2;
    for (uint32_t i = 0; is_fine && i < stored->grant_count; i++)
        is_fine = is_grant_sound(&stored->grants[i]);
    for (uint32_t i = 0; is_fine && i < FW_GATE_JOURNAL_MAX; i++)
        is_fine = is_entry_sound(&stored->journal[i]);
    return is_fine;
}

/* No text that is signed can be taken for these bytes: the first number is below 2^53, so one of
 * its bytes is 0, which no text has. */
void fw_gate_sign_stored(const struct fw_gate *gate, uint8_t ret_mac[FW_MAC_BYTES])
{
    const struct fw_mac *mac = gate->setup.identity.mac;
    mac->sign(mac->self, &gate->stored, offsetof(struct fw_gate_stored, mac), ret_mac);
}

static bool is_signed(const struct fw_gate *gate)
{
    uint8_t mac[FW_MAC_BYTES];
    fw_gate_sign_stored(gate, mac);
    return fw_signed_equal(mac, gate->stored.mac, sizeof(mac));
}

static int64_t pick_higher(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Version 0.3 did not count ids: those that it held, or used last, are the highest. */
static void find_grant_id_max(struct fw_gate_stored *stored)
{
    for (uint32_t i = 0; i < stored->grant_count; i++)
        stored->grant_id_max = pick_higher(stored->grant_id_max, stored->grants[i].id);
    for (uint32_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        if (stored->journal[i].kind == FW_GATE_ENTRY_GRANT)
            stored->grant_id_max = pick_higher(stored->grant_id_max, stored->journal[i].grant_id);
    }
}

int fw_gate_load(struct fw_gate *gate)
{
    const struct fw_snapshot *snapshot = gate->setup.snapshot;
    struct fw_gate_stored *stored = &gate->stored;
    if (!fw_snapshot_takes(snapshot, sizeof(*stored)))
        return FW_E_INVALID;
    int size = fw_snapshot_load(snapshot, stored, sizeof(*stored));
    if (size <= 0)
        return size == 0 || size == FW_E_IO ? size : FW_E_CORRUPT;
    const bool is_old = snapshot->stored_version == FW_GATE_LAYOUT_UNSIGNED &&
                        size == (int)UNSIGNED_BYTES;
    const bool is_ours = snapshot->stored_version == FW_GATE_LAYOUT && size == (int)sizeof(*stored);
    if ((!is_old && !is_ours) || !is_sound(stored) || (is_ours && !is_signed(gate)))
        return FW_E_CORRUPT;
    if (is_old) {
        find_grant_id_max(stored);
        gate->is_aged = true; /* the first tick writes it anew: what follows a cut comes first */
    }
    return FW_OK;
}
