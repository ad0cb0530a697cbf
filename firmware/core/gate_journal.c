/* How a record is appended exactly once: the number that it will get (record_seq) is stored with
 * its effect, then it is appended, and nothing else in between. After a cut of power, a log that
 * has come past that number has the record; otherwise it is appended now. Rules:
 * schemas/rules/devices.md 4.
 *
 *   - Flash does not take the number: perhaps it did after all, so no other record gets it until a
 *     copy without it was taken. After FW_GATE_SAVES_FAILED_MAX failures the number is given back:
 *     the others go on, and in the worst case this record is missing; it is never there twice.
 *   - The log does not take the record: the number stays, and is for this record alone. */
#include "core/gate_journal.h"

#include <string.h>

#include "port/check.h"

/* The one whose number flash has, and whose record is not in the log: at most one. */
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
    return entry->kind == FW_GATE_ENTRY_GRANT || /* its grant remembers the use */
           fw_clock_is_over(gate->setup.clock, entry->expires_at_ms);
}

/* Only when there is need, and what expired first (grants have no such time: before all): the clock
 * that says it is over may go back, stored.forgotten_ms does not. */
struct fw_gate_entry *fw_gate_entry_new(struct fw_gate *gate)
{
    struct fw_gate_entry *found = NULL;
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_FREE)
            return entry;
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

/* As long as flash may hold the number without the record, nobody else gets it: a restart would
 * take the other record for this one. Flash that failed last takes a copy without it first. */
static int take_number(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    struct fw_session *session = gate->setup.session;
    if (gate->failed_saves > 0 && fw_gate_save(gate) != FW_OK)
        return FW_E_IO;
    fw_session_promise_next(session, true); /* also when flash says that it did not take it */
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
    fw_session_promise_next(session, false); /* to this record */
    int rc = append(gate, entry);
    if (rc == FW_OK)
        entry->state = FW_GATE_REPORTED;
    else
        fw_session_promise_next(session, true);
    return rc;
}

/* There is room. */
static int report_now(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    struct fw_gate_entry *first = find_numbered(gate);
    int rc = first != NULL ? append_numbered(gate, first) : FW_OK;
    if (rc == FW_OK && first != entry)
        rc = take_number(gate, entry);
    if (rc == FW_OK && first != entry)
        rc = append_numbered(gate, entry);
    if (rc == FW_OK)
        fw_gate_tell_revision(gate);
    else
        retry_in(gate, rc == FW_E_FULL ? FW_GATE_RETRY_MS : FW_GATE_RETRY_BROKEN_MS);
    return rc;
}

/* false: later. Not between the number and its record: the `start` record, when flash did not take
 * it before. */
static bool may_report(struct fw_gate *gate)
{
    if (!fw_session_start(gate->setup.session))
        retry_in(gate, FW_GATE_RETRY_BROKEN_MS);
    else if (!fw_gate_has_room(gate))
        retry_in(gate, FW_GATE_RETRY_MS);
    else
        return true;
    return false;
}

void fw_gate_report(struct fw_gate *gate, struct fw_gate_entry *entry)
{
    FW_CHECK(entry->state == FW_GATE_KNOWN);
    if ((!may_report(gate) || report_now(gate, entry) != FW_OK) && entry->record_seq == 0)
        (void)fw_gate_save(gate); /* a restart knows the effect then, not only an interruption */
}

void fw_gate_report_all(struct fw_gate *gate)
{
    for (size_t i = 0; i < FW_GATE_JOURNAL_MAX; i++) {
        struct fw_gate_entry *entry = &gate->stored.journal[i];
        if (entry->kind == FW_GATE_ENTRY_FREE || entry->state != FW_GATE_KNOWN)
            continue;
        if (!may_report(gate) || report_now(gate, entry) != FW_OK)
            return; /* what is left comes with the retry; nothing new for flash until then */
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

bool fw_gate_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    volatile uint8_t difference = 0; /* volatile: not to be left early */
    for (size_t i = 0; i < size; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

void fw_gate_add_lines(const struct fw_gate *gate, struct fw_json_out *out, const char *what)
{
    fw_json_out_add_text(out, what);
    fw_json_out_add_text(out, "\n");
    fw_json_out_add_text(out, gate->setup.site);
    fw_json_out_add_text(out, "\n");
    fw_json_out_add_text(out, gate->setup.device);
    fw_json_out_add_text(out, "\n");
}

static uint8_t digit_value(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

void fw_gate_from_hex(const char *text, uint8_t *ret_bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ret_bytes[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
}
