/* How the record of an effect is appended exactly once (schemas/rules/devices.md 4): flash gets the
 * number that the record will have (record_seq) together with the effect, and the next append is
 * that record. After a cut of power, a log with more records than that number has the record;
 * otherwise it is appended now.
 *
 *   - Flash fails to take the number, and may have it nevertheless. No other record gets the number
 *     until flash has taken a copy without it. After FW_GATE_SAVES_FAILED_MAX failures other
 *     records may get it: they go on. At worst the record of the effect is missing; it is never
 *     there twice.
 *   - The log fails to take the record: the number is kept for this record alone. */
#include "core/gate_journal.h"

#include <string.h>

#include "port/check.h"

/* The entry whose record has a number and is not in the log: there is at most one. NULL: none. */
static struct fw_gate_entry *find_numbered(struct fw_gate *gate)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind != FW_GATE_ENTRY_FREE && entry->state == FW_GATE_KNOWN &&
            entry->record_seq != 0)
            return entry;
    }
    return NULL;
}

int fw_gate_save(struct fw_gate *gate)
{
    struct fw_session *session = gate->setup.session;
    fw_gate_sign_stored(gate, gate->stored.mac);
    if (fw_snapshot_save(gate->setup.snapshot, &gate->stored, sizeof(gate->stored)) == FW_OK) {
        gate->failed_saves = 0;
        fw_session_promise_next(session, find_numbered(gate) != NULL);
        return FW_OK;
    }
    if (++gate->failed_saves >= FW_GATE_SAVES_FAILED_MAX && find_numbered(gate) == NULL)
        fw_session_promise_next(session, false);
    return FW_E_IO;
}

bool fw_gate_has_room(const struct fw_gate *gate)
{
    return !fw_flash_log_is_full(gate->setup.session->setup.log, FW_SESSION_RECORD_BYTES_MAX);
}

static bool may_be_forgotten(const struct fw_gate *gate, const struct fw_gate_entry *entry)
{
    if (entry->state != FW_GATE_REPORTED)
        return false;
    return entry->kind == FW_GATE_ENTRY_GRANT || /* the grant itself is marked as used */
           fw_clock_is_over(gate->setup.clock, entry->expires_at_ms);
}

/* Forgets an entry only when all are in use: first the uses of grants, then the command that
 * expired first. The clock may go back afterwards, so stored.forgotten_ms keeps that such commands
 * are over. */
struct fw_gate_entry *fw_gate_entry_new(struct fw_gate *gate)
{
    struct fw_gate_entry *found = NULL;
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_FREE) { /* nobody has checked what else flash had in it */
            memset(entry, 0, sizeof(*entry));
            return entry;
        }
        if (may_be_forgotten(gate, entry) &&
            (found == NULL || entry->expires_at_ms < found->expires_at_ms))
            found = entry;
    }
    if (found == NULL)
        return NULL;
    if (found->expires_at_ms > gate->stored.forgotten_ms)
        gate->stored.forgotten_ms = found->expires_at_ms;
    memset(found, 0, sizeof(*found));
    return found;
}

struct fw_gate_entry *fw_gate_entry_find_command(struct fw_gate *gate,
                                                 const uint8_t id[FW_GATE_ID_BYTES])
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_COMMAND && memcmp(entry->id, id, FW_GATE_ID_BYTES) == 0)
            return entry;
    }
    return NULL;
}

struct fw_gate_entry *fw_gate_entry_find_acting(struct fw_gate *gate, uint8_t compartment)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind != FW_GATE_ENTRY_FREE && entry->state == FW_GATE_ACTING &&
            entry->compartment == compartment)
            return entry;
    }
    return NULL;
}

static int append(struct fw_gate *gate, const struct fw_gate_entry *entry)
{
    struct fw_device_record record = { .has_compartment = true,
                                       .compartment = entry->compartment,
                                       .has_effect = true,
                                       .effect = (enum fw_msg_effect)entry->effect };
    if (entry->kind == FW_GATE_ENTRY_COMMAND) {
        struct fw_json_out out;
        record.kind = FW_MSG_DEVICE_RECORD_KIND_COMMAND;
        record.has_command_id = true;
        fw_json_out_init(&out, record.command_id, sizeof(record.command_id) - 1);
        fw_json_out_add_hex(&out, entry->id, sizeof(entry->id));
    } else {
        record.kind = FW_MSG_DEVICE_RECORD_KIND_GRANT;
        record.has_grant_id = true;
        record.grant_id = entry->grant_id;
    }
    return fw_session_append(gate->setup.session, &record);
}

static void retry_in(struct fw_gate *gate, int64_t pause_ms)
{
    gate->retry_at_ms = fw_clock_mono_ms(gate->setup.clock) + pause_ms;
}

/* Gives the entry's record its number, in flash. From then on no other record may get that number:
 * a restart would take the other record for this one. When the last save failed, flash must take a
 * copy without the number first. */
static int take_number(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    struct fw_session *session = gate->setup.session;
    if (gate->failed_saves > 0 && fw_gate_save(gate) != FW_OK)
        return FW_E_IO;
    fw_session_promise_next(session, true); /* before the save: flash that fails may have it */
    entry->record_seq = session->setup.log->next_seq;
    int rc = fw_gate_save(gate);
    if (rc != FW_OK)
        entry->record_seq = 0;
    return rc;
}

static int append_numbered(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    struct fw_session *session = gate->setup.session;
    FW_CHECK(entry->record_seq == session->setup.log->next_seq);
    fw_session_promise_next(session, false); /* for the append of this record */
    int rc = append(gate, entry);
    if (rc != FW_OK) {
        fw_session_promise_next(session, true);
        return rc;
    }
    entry->state = FW_GATE_REPORTED;
    return FW_OK;
}

/* First the record that has a number already, if there is one, then that of the entry. */
static int append_in_order(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    struct fw_gate_entry *first = find_numbered(gate);
    if (first != NULL) {
        int rc = append_numbered(gate, first);
        if (rc != FW_OK || first == entry)
            return rc;
    }
    int rc = take_number(gate, entry);
    if (rc != FW_OK)
        return rc;
    return append_numbered(gate, entry);
}

/* After may_report(). */
static int report_now(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    int rc = append_in_order(gate, entry);
    if (rc != FW_OK) {
        retry_in(gate, rc == FW_E_FULL ? FW_GATE_RETRY_MS : FW_GATE_RETRY_BROKEN_MS);
        return rc;
    }
    fw_gate_tell_revision(gate);
    return FW_OK;
}

/* Can records be appended now? If not, a later tick tries again. The `start` record comes before:
 * an append would put it between a number and its record otherwise. */
static bool may_report(struct fw_gate *gate)
{
    if (!fw_session_start(gate->setup.session)) {
        retry_in(gate, FW_GATE_RETRY_BROKEN_MS);
        return false;
    }
    if (!fw_gate_has_room(gate)) {
        retry_in(gate, FW_GATE_RETRY_MS);
        return false;
    }
    return true;
}

void fw_gate_report(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    FW_CHECK(entry->state == FW_GATE_KNOWN);
    if ((!may_report(gate) || report_now(gate, entry) != FW_OK) && entry->record_seq == 0)
        (void)fw_gate_save(gate); /* so that a restart reports this effect, not `interrupted` */
}

void fw_gate_report_all(struct fw_gate *gate)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_FREE || entry->state != FW_GATE_KNOWN)
            continue;
        if (!may_report(gate) || report_now(gate, entry) != FW_OK)
            return; /* the retry goes on; flash has all that is known */
    }
}

int fw_gate_append_refusal(struct fw_gate *gate, struct fw_device_record *record)
{
    int rc = fw_session_append_minor(gate->setup.session, record);
    if (rc != FW_E_FULL)
        return rc;
    gate->unrecorded_count++;
    return FW_OK;
}

void fw_gate_tell_revision(struct fw_gate *gate)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        const struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_GRANT && entry->state != FW_GATE_REPORTED)
            return;
    }
    if (gate->setup.session->config_revision != gate->stored.revision)
        fw_session_set_config_revision(gate->setup.session, gate->stored.revision);
}
