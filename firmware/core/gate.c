/* Commands and effects (schemas/rules/devices.md 4). A command is checked in this order: its MAC,
 * its id against the journal, its time, its compartment. Then its id goes into the journal, and
 * only then may the lock be pulsed. */
#include "core/gate.h"

#include <string.h>

#include "core/gate_journal.h"
#include "fw/device_cmd.gen.h"
#include "port/check.h"

#define CMD_TEXT_BYTES_MAX 256

_Static_assert(FW_GATE_COMPARTMENTS_MAX <= 32, "a bit for each");

/* rules 4.5: a use whose effect is not known is reported as interrupted, and never done again. A
 * number whose record is not in the log is erased from flash before this boot appends its first
 * record, which gets that number. */
static int recover(struct fw_gate *gate)
{
    bool is_pending = false;
    const struct fw_session *session = gate->setup.session;
    bool is_same_log = memcmp(gate->stored.epoch, session->setup.log->epoch, FW_EPOCH_BYTES) == 0;
    memcpy(gate->stored.epoch, session->setup.log->epoch, FW_EPOCH_BYTES);
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_FREE)
            continue;
        if (entry->state == FW_GATE_ACTING)
            entry->effect = FW_MSG_EFFECT_INTERRUPTED;
        if (entry->state == FW_GATE_KNOWN && is_same_log && entry->record_seq > 0 &&
            entry->record_seq < session->open_seq)
            entry->state = FW_GATE_REPORTED;
        if (entry->state == FW_GATE_REPORTED)
            continue;
        entry->state = FW_GATE_KNOWN;
        entry->record_seq = 0;
        is_pending = true;
    }
    if (is_pending) {
        int rc = fw_gate_save(gate);
        if (rc != FW_OK)
            return rc;
    }
    fw_gate_report_all(gate);
    return FW_OK;
}

/* rules 5.4, 5.5: a restart shortens no pause, and begins none again that was over. */
static void resume_pause(struct fw_gate *gate)
{
    int64_t mono_ms = fw_clock_mono_ms(gate->setup.clock);
    int64_t pause_ms = gate->stored.pause_ms;
    if (gate->stored.wrong_held > 0)
        gate->forgive_at_ms = mono_ms + FW_GATE_FORGIVE_MS;
    if (gate->stored.wrong_held >= FW_GATE_WRONG_HELD_MAX)
        pause_ms = FW_GATE_FORGIVE_MS;
    if (pause_ms > 0)
        gate->pause_until_ms = mono_ms + pause_ms;
}

int fw_gate_open(struct fw_gate *gate, const struct fw_gate_setup *setup)
{
    FW_CHECK(setup->compartment_count <= FW_GATE_COMPARTMENTS_MAX);
    FW_CHECK(setup->session->setup.log->next_seq == setup->session->open_seq);
    memset(gate, 0, sizeof(*gate));
    gate->setup = *setup;
    int rc = fw_gate_load(gate);
    if (rc != FW_OK)
        return rc;
    rc = recover(gate);
    if (rc != FW_OK)
        return rc;
    resume_pause(gate);
    setup->session->owner_protocol = gate->stored.owner_protocol;
    fw_gate_tell_revision(gate);
    return FW_OK;
}

static bool is_mac_right(const struct fw_gate *gate, const struct fw_device_cmd *cmd)
{
    const struct fw_identity *identity = &gate->setup.identity;
    char text[CMD_TEXT_BYTES_MAX];
    struct fw_json_out out;
    fw_signed_begin(&out, text, sizeof(text),
                    cmd->has_key_no ? "lockstock/v2/cmd" : "lockstock/v1/cmd", identity);
    if (cmd->has_key_no) {
        fw_signed_add_int(&out, cmd->key_no);
        fw_signed_add_int(&out, cmd->boot);
    }
    fw_signed_add_text(&out, cmd->id);
    fw_signed_add_text(&out, fw_msg_device_action_text(cmd->action));
    fw_signed_add_int(&out, cmd->compartment);
    fw_signed_add_int(&out, cmd->expires_at);
    return fw_signed_is_right(&out, identity, cmd->mac);
}

/* How a command ends that opens no compartment. */
struct ending {
    enum fw_msg_effect effect;
    enum fw_msg_device_refusal refusal; /* with FW_MSG_EFFECT_REFUSED */
};

static struct ending make_refusal(enum fw_msg_device_refusal refusal)
{
    return (struct ending){ FW_MSG_EFFECT_REFUSED, refusal };
}

/* Has the service sent it? If not, *ret says why. One of protocol 1 is no command any more for a
 * locker whose service speaks 2 (rules 8.4). */
static bool is_from_owner(const struct fw_gate *gate, const struct fw_device_cmd *cmd,
                          struct ending *ret)
{
    if (cmd->has_key_no && cmd->key_no != gate->setup.identity.mac->key_no) {
        *ret = make_refusal(FW_MSG_DEVICE_REFUSAL_UNKNOWN_KEY);
        return false;
    }
    *ret = make_refusal(FW_MSG_DEVICE_REFUSAL_BAD_MAC);
    if (!cmd->has_key_no && gate->setup.session->owner_protocol >= FW_PROTOCOL_2)
        return false;
    return is_mac_right(gate, cmd);
}

/* Is its time over? That of another start is: what the service then knew of us is no longer so. */
static bool is_over(const struct fw_gate *gate, const struct fw_device_cmd *cmd)
{
    return (cmd->has_key_no && cmd->boot != gate->setup.session->stored.boot) ||
           cmd->expires_at <= gate->stored.forgotten_ms ||
           fw_clock_is_over(gate->setup.clock, cmd->expires_at);
}

/* rules 4.2, 8.5: a battery clock is enough for protocol 1. */
static bool is_time_known(const struct fw_gate *gate, const struct fw_device_cmd *cmd)
{
    return fw_clock_now_ms(gate->setup.clock) != 0 &&
           (!cmd->has_key_no || gate->setup.clock->is_proved);
}

/* May the command be executed? If not, *ret says why. */
static bool may_act(struct fw_gate *gate, const struct fw_device_cmd *cmd,
                    const uint8_t id[FW_GATE_ID_BYTES], struct ending *ret)
{
    if (!is_from_owner(gate, cmd, ret))
        return false;
    if (fw_gate_entry_find_command(gate, id) != NULL) {
        *ret = (struct ending){ .effect = FW_MSG_EFFECT_REPEATED };
        return false;
    }
    if (is_over(gate, cmd)) {
        *ret = (struct ending){ .effect = FW_MSG_EFFECT_EXPIRED };
        return false;
    }
    if (!is_time_known(gate, cmd)) {
        *ret = make_refusal(FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN);
        return false;
    }
    if (cmd->compartment > gate->setup.compartment_count) {
        *ret = make_refusal(FW_MSG_DEVICE_REFUSAL_UNKNOWN_COMPARTMENT);
        return false;
    }
    if (fw_gate_entry_find_acting(gate, (uint8_t)cmd->compartment) != NULL) {
        *ret = make_refusal(FW_MSG_DEVICE_REFUSAL_BUSY);
        return false;
    }
    return true;
}

/* May the log get a record of this ending? At most one in FW_GATE_SAME_REFUSAL_MS for the same
 * command with the same effect, and for all commands with a wrong MAC, or of a key that is not
 * there, together: otherwise one sender could fill the log. */
static bool claim_record(struct fw_gate *gate, const struct ending *ending,
                         const uint8_t id[FW_GATE_ID_BYTES])
{
    int64_t mono_ms = fw_clock_mono_ms(gate->setup.clock);
    bool is_forged = ending->effect == FW_MSG_EFFECT_REFUSED &&
                     (ending->refusal == FW_MSG_DEVICE_REFUSAL_BAD_MAC ||
                      ending->refusal == FW_MSG_DEVICE_REFUSAL_UNKNOWN_KEY);
    bool is_same = ending->effect == gate->told.effect &&
                   memcmp(id, gate->told.id, FW_GATE_ID_BYTES) == 0;
    int64_t *until_ms = is_forged ? &gate->told_until_ms[ending->refusal] : &gate->told.until_ms;
    if (mono_ms < *until_ms && (is_forged || is_same))
        return false;
    *until_ms = mono_ms + FW_GATE_SAME_REFUSAL_MS;
    if (!is_forged) {
        gate->told.effect = ending->effect;
        memcpy(gate->told.id, id, FW_GATE_ID_BYTES);
    }
    return true;
}

static int end_without_acting(struct fw_gate *gate, const struct fw_device_cmd *cmd,
                              const struct ending *ending, struct fw_gate_decision *ret)
{
    uint8_t id[FW_GATE_ID_BYTES];
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_COMMAND,
                                       .has_command_id = true,
                                       .has_compartment = true,
                                       .compartment = cmd->compartment,
                                       .has_effect = true,
                                       .effect = ending->effect };
    memcpy(record.command_id, cmd->id, sizeof(record.command_id));
    record.has_refusal = ending->effect == FW_MSG_EFFECT_REFUSED;
    record.refusal = ending->refusal;
    fw_from_hex(cmd->id, id, sizeof(id));
    if (claim_record(gate, ending, id)) {
        int rc = fw_gate_append_refusal(gate, &record);
        if (rc != FW_OK)
            return rc;
    }
    *ret = (struct fw_gate_decision){ .compartment = (uint8_t)cmd->compartment,
                                      .is_refused = record.has_refusal,
                                      .refusal = ending->refusal };
    return FW_OK;
}

static int act(struct fw_gate *gate, const struct fw_device_cmd *cmd, struct fw_gate_entry *entry,
               struct fw_gate_decision *ret)
{
    entry->kind = FW_GATE_ENTRY_COMMAND;
    entry->state = FW_GATE_ACTING;
    entry->compartment = (uint8_t)cmd->compartment;
    entry->expires_at_ms = cmd->expires_at;
    fw_from_hex(cmd->id, entry->id, sizeof(entry->id));
    int rc = fw_gate_save(gate);
    if (rc != FW_OK) {
        memset(entry, 0, sizeof(*entry)); /* not journaled, so no lock moves */
        return rc;
    }
    *ret = (struct fw_gate_decision){ .is_open = true, .compartment = entry->compartment };
    if (fw_clock_is_over(gate->setup.clock,
                         cmd->expires_at)) { /* expired while flash was written */
        ret->is_open = false;
        (void)fw_gate_on_effect(gate, entry->compartment, FW_MSG_EFFECT_EXPIRED);
    }
    return FW_OK;
}

int fw_gate_on_cmd(struct fw_gate *gate, const char *payload, size_t size,
                   struct fw_gate_decision *ret)
{
    struct fw_device_cmd cmd;
    uint8_t id[FW_GATE_ID_BYTES];
    struct ending ending;
    if (fw_device_cmd_decode(payload, size, &cmd) != FW_OK) {
        gate->refused_count++;
        return FW_E_INVALID;
    }
    if (!fw_gate_has_room(gate))
        return FW_E_FULL;
    fw_from_hex(cmd.id, id, sizeof(id));
    if (!may_act(gate, &cmd, id, &ending))
        return end_without_acting(gate, &cmd, &ending, ret);
    struct fw_gate_entry *entry = fw_gate_entry_new(gate);
    if (entry != NULL)
        return act(gate, &cmd, entry, ret);
    ending = make_refusal(FW_MSG_DEVICE_REFUSAL_BUSY);
    return end_without_acting(gate, &cmd, &ending, ret);
}

int fw_gate_on_effect(struct fw_gate *gate, uint8_t compartment, enum fw_msg_effect effect)
{
    struct fw_gate_entry *entry = fw_gate_entry_find_acting(gate, compartment);
    if (entry == NULL)
        return FW_E_INVALID;
    entry->state = FW_GATE_KNOWN;
    entry->effect = (uint8_t)effect;
    fw_gate_report(gate, entry);
    return FW_OK;
}

/* b: 0 is no time. */
static int64_t pick_earlier(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

/* A signed ack has shown what the service speaks: a restart knows it, too. */
static void note_owner(struct fw_gate *gate)
{
    const uint8_t protocol = gate->setup.session->owner_protocol;
    if (protocol <= gate->stored.owner_protocol)
        return;
    gate->stored.owner_protocol = protocol;
    gate->is_aged = true;
}

int64_t fw_gate_tick(struct fw_gate *gate, int64_t now_ms)
{
    int64_t next_ms = now_ms + FW_SESSION_HELLO_MS;
    fw_gate_age(gate, now_ms);
    note_owner(gate);
    if (gate->is_aged) {
        gate->is_aged = false; /* one try is enough: an older copy only makes people wait longer */
        (void)fw_gate_save(gate);
    }
    if (gate->retry_at_ms != 0 && now_ms >= gate->retry_at_ms) {
        gate->retry_at_ms = 0;
        fw_gate_report_all(gate);
    }
    next_ms = pick_earlier(next_ms, gate->stored.pause_ms != 0 ? gate->pause_until_ms : 0);
    next_ms = pick_earlier(next_ms, gate->forgive_at_ms);
    return pick_earlier(next_ms, gate->retry_at_ms);
}
