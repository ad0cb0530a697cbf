/* The session's beginning, its records and its acks; session_up.c sends. A verdict is told before
 * its record is freed: a cut of power in between makes the session tell it again, never lose it. */
#include "core/session.h"

#include <string.h>

#include "core/session_up.h"
#include "port/check.h"

#define BOOT_MAX INT32_MAX
#define ACK_TEXT_BYTES_MAX 320
#define COUNT_MAX INT64_C(9007199254740991)

_Static_assert(sizeof(struct fw_session_stored) <= FW_SESSION_STORED_BYTES_MAX, "one snapshot");

#define TO(state) (1U << (state))

/* The diagrams of session.h: by state, the states that may follow. */
static const uint8_t phase_moves[] = {
    [FW_SESSION_ASKING] = TO(FW_SESSION_KNOWN) | TO(FW_SESSION_UNSAVED),
    [FW_SESSION_KNOWN] = 0,
    [FW_SESSION_UNSAVED] = 0,
};
static const uint8_t link_moves[] = {
    [FW_SESSION_DOWN] = TO(FW_SESSION_DOWN) | TO(FW_SESSION_IDLE),
    [FW_SESSION_IDLE] = TO(FW_SESSION_DOWN) | TO(FW_SESSION_IDLE) | TO(FW_SESSION_WAITING),
    [FW_SESSION_WAITING] = TO(FW_SESSION_DOWN) | TO(FW_SESSION_IDLE) | TO(FW_SESSION_WAITING),
};

/* Every change of session->phase. */
static void set_phase(struct fw_session *session, enum fw_session_phase phase)
{
    FW_CHECK((phase_moves[session->phase] & TO(phase)) != 0);
    session->phase = phase;
}

void fw_session_set_link(struct fw_session *session, enum fw_session_link link)
{
    FW_CHECK((link_moves[session->link] & TO(link)) != 0);
    session->link = link;
}

static bool is_number(int64_t number)
{
    return number >= 0 && number <= COUNT_MAX;
}

/* Numbers that no session writes: the part has lost them, or somebody else has written them. */
static bool is_sound(const struct fw_session_stored *stored)
{
    return stored->boot >= 0 && stored->boot <= BOOT_MAX &&
           is_number(stored->counts[FW_SESSION_BOUNCED]) &&
           is_number(stored->counts[FW_SESSION_UNREADABLE]) &&
           is_number(stored->counts[FW_SESSION_OVERFLOWED]) && is_number(stored->floor_ms) &&
           is_number(stored->log.from_seq) && is_number(stored->log.doubt_seq);
}

/* Of a copy that a newer firmware wrote, the members that this one knows; members that an older one
 * did not write are 0. Counters that flash has lost begin at 0: no rule depends on them. */
static void load(struct fw_session *session)
{
    const struct fw_snapshot *snapshot = session->setup.snapshot;
    uint8_t bytes[FW_SESSION_STORED_BYTES_MAX];
    int size = fw_snapshot_load(snapshot, bytes, sizeof(bytes));
    if (size > 0 && snapshot->stored_version == snapshot->version) {
        size_t known = sizeof(session->stored);
        memcpy(&session->stored, bytes, (size_t)size < known ? (size_t)size : known);
    }
    if (!is_sound(&session->stored))
        memset(&session->stored, 0, sizeof(session->stored));
    if (session->stored.boot < BOOT_MAX)
        session->stored.boot++;
}

/* Frees the records before from_seq: they were told under an earlier epoch, even when the power was
 * cut before the log had marked them as released. */
static void load_epoch(struct fw_session *session)
{
    struct fw_flash_log *log = session->setup.log;
    struct fw_session_log *stored = &session->stored.log;
    if (memcmp(stored->epoch, log->epoch, FW_EPOCH_BYTES) != 0) {
        memset(stored, 0, sizeof(*stored));
        memcpy(stored->epoch, log->epoch, FW_EPOCH_BYTES);
        memcpy(stored->told_epoch, log->epoch, FW_EPOCH_BYTES);
    }
    if (stored->from_seq > log->next_seq)
        stored->from_seq = log->next_seq;                  /* the log has lost its newest records */
    (void)fw_flash_log_release(log, stored->from_seq - 1); /* below next_seq: FW_OK */
    if (stored->doubt_seq == 0 || stored->doubt_seq > log->next_seq)
        stored->doubt_seq = log->next_seq;
    if (stored->doubt_seq < log->first_seq)
        stored->doubt_seq = log->first_seq; /* the records before it were acknowledged */
}

int fw_session_save(struct fw_session *session, int64_t now_ms)
{
    session->save_at_ms = now_ms + FW_SESSION_SAVE_MS;
    session->stored.floor_ms = session->setup.clock->floor_ms;
    int rc = fw_snapshot_save(session->setup.snapshot, &session->stored, sizeof(session->stored));
    session->is_dirty = rc != FW_OK;
    session->failed_saves = rc == FW_OK ? 0 : session->failed_saves + 1;
    return rc;
}

void fw_session_open(struct fw_session *session, const struct fw_session_setup *setup)
{
    const struct fw_flash_log *log = setup->log;
    memset(session, 0, sizeof(*session));
    session->setup = *setup;
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    load(session);
    load_epoch(session);
    session->open_seq = log->next_seq;
    session->told_seq = log->first_seq - 1;
    fw_clock_set_floor(setup->clock, session->stored.floor_ms);
    session->is_start_due = true;
    /* When flash does not take the boot count, the ticks try again. */
    (void)fw_session_save(session, fw_clock_mono_ms(setup->clock));
}

void fw_session_stop(struct fw_session *session)
{
    if (session->is_dirty || session->stored.floor_ms != session->setup.clock->floor_ms)
        (void)fw_session_save(session, fw_clock_mono_ms(session->setup.clock));
}

static int append(struct fw_session *session, struct fw_device_record *record)
{
    char bytes[FW_SESSION_RECORD_BYTES_MAX];
    struct fw_flash_log *log = session->setup.log;
    int64_t seq;
    if (session->is_next_promised)
        return FW_E_IO;
    record->seq = log->next_seq;
    record->at = fw_clock_now_ms(session->setup.clock);
    int size = fw_device_record_encode(record, bytes, sizeof(bytes));
    FW_CHECK(size > 0); /* the longest record that the schema allows fits: test_session.c */

    int rc = fw_flash_log_append(log, bytes, (size_t)size, &seq);
    FW_CHECK(rc != FW_OK || seq == record->seq);
    return rc;
}

bool fw_session_start(struct fw_session *session)
{
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_START };
    if (!session->is_start_due)
        return true;
    bool is_low = fw_flash_log_is_low(session->setup.log, FW_SESSION_RECORD_BYTES_MAX);
    session->is_start_due = !is_low && append(session, &record) == FW_E_IO;
    return !session->is_start_due;
}

int fw_session_append(struct fw_session *session, struct fw_device_record *record)
{
    (void)fw_session_start(session);
    int rc = append(session, record);
    if (rc == FW_E_FULL && record->kind == FW_MSG_DEVICE_RECORD_KIND_SCAN)
        fw_session_count(session, FW_SESSION_OVERFLOWED); /* rules/devices.md 1.4 */
    return rc;
}

int fw_session_append_minor(struct fw_session *session, struct fw_device_record *record)
{
    (void)fw_session_start(session);
    if (fw_flash_log_is_low(session->setup.log, FW_SESSION_RECORD_BYTES_MAX))
        return FW_E_FULL;
    return append(session, record);
}

void fw_session_promise_next(struct fw_session *session, bool is_promised)
{
    session->is_next_promised = is_promised;
}

void fw_session_count(struct fw_session *session, enum fw_session_count count)
{
    if (session->stored.counts[count] == COUNT_MAX)
        return;
    session->stored.counts[count]++;
    session->is_dirty = true;
}

void fw_session_set_config_revision(struct fw_session *session, int64_t revision)
{
    session->config_revision = revision;
    session->is_hello_due = true;
}

void fw_session_on_link(struct fw_session *session, bool is_up)
{
    fw_session_set_link(session, is_up ? FW_SESSION_IDLE : FW_SESSION_DOWN);
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    session->proof = (struct fw_session_proof){ 0 };
    session->is_state_due = is_up;
    session->is_hello_due = is_up;
}

static bool is_our_epoch(const struct fw_session *session, const char *epoch)
{
    char ours[FW_SESSION_EPOCH_SIZE];
    fw_session_epoch(session, ours);
    return strcmp(ours, epoch) == 0;
}

/* Each verdict once, in the order of the records. The callback may append, which leaves scratch.ack
 * as it is. */
static void tell_verdicts(struct fw_session *session, const struct fw_device_ack *ack, int64_t seq)
{
    for (size_t i = 0; i < ack->verdicts_count; i++) {
        const struct fw_device_verdict *verdict = &ack->verdicts[i];
        if (verdict->seq <= session->told_seq || verdict->seq > seq)
            continue;
        session->told_seq = verdict->seq;
        if (session->setup.on_verdict != NULL)
            session->setup.on_verdict(session->setup.self, verdict);
    }
}

/* rules/devices.md 1.3. An ack may go beyond the `up` under way: the service has those records from
 * the boot before. They are freed after they were sent again, so that their verdicts come again.
 * Returns whether a record was freed. */
static bool free_records(struct fw_session *session, const struct fw_device_ack *ack)
{
    struct fw_flash_log *log = session->setup.log;
    int64_t first_seq = log->first_seq;
    int64_t seq = session->flight_seq < ack->seq ? session->flight_seq : ack->seq;
    tell_verdicts(session, ack, seq);
    if (seq < first_seq)
        return false;
    if (session->told_seq < seq)
        session->told_seq = seq;
    (void)fw_flash_log_release(log, seq); /* a record that stays held is sent again: harmless */
    return log->first_seq > first_seq;
}

/* When the service has records from `since_seq` on, they are not those that the log has there: the
 * records in doubt are told under a new epoch. Returns whether the epoch was renewed. */
static bool settle_epoch(struct fw_session *session, int64_t stored_seq, int64_t since_seq)
{
    const struct fw_rng *rng = session->setup.rng;
    struct fw_session_log *stored = &session->stored.log;
    bool is_renewed = stored_seq >= since_seq;
    if (is_renewed) {
        rng->fill(rng->self, stored->told_epoch, FW_EPOCH_BYTES);
        stored->from_seq = stored->doubt_seq;
    }
    stored->doubt_seq = 0;
    return is_renewed;
}

/* Frees the records before the new epoch, which the service has. The will of the present link names
 * the old epoch: nothing is sent until there is a link whose will names the new one. */
static void begin_epoch(struct fw_session *session)
{
    const struct fw_net *net = session->setup.net;
    const int64_t from_seq = session->stored.log.from_seq;
    (void)fw_flash_log_release(session->setup.log, from_seq - 1); /* below next_seq: FW_OK */
    if (session->told_seq < from_seq - 1)
        session->told_seq = from_seq - 1;
    fw_session_on_link(session, false);
    net->reconnect(net->self);
}

/* The first `stored` since the start (rules 1.9). What it means is saved before a record leaves:
 * otherwise a restart would take the service's records of this boot for those of another log. Flash
 * that takes nothing may be out of date by many boots; then only the records of this boot show that
 * the log is another one. */
static int on_stored(struct fw_session *session, int64_t stored_seq)
{
    const struct fw_session_log before = session->stored.log;
    enum fw_session_phase phase = FW_SESSION_KNOWN;
    bool is_renewed = settle_epoch(session, stored_seq, before.doubt_seq);
    if (fw_session_save(session, fw_clock_mono_ms(session->setup.clock)) != FW_OK) {
        session->stored.log = before;
        if (session->failed_saves < FW_SESSION_SAVES_FAILED_MAX)
            return FW_E_IO;
        is_renewed = settle_epoch(session, stored_seq, session->open_seq);
        phase = FW_SESSION_UNSAVED;
    }
    set_phase(session, phase);
    if (is_renewed)
        begin_epoch(session);
    session->is_hello_due = true; /* without records, this hello says that none are held */
    return FW_OK;
}

/* The ack of a hello has `stored` and frees nothing; any other ack frees records. Returns whether
 * it answers the `up` under way. */
static bool take_ack(struct fw_session *session, const struct fw_device_ack *ack)
{
    return ack->has_stored ? session->flight_seq == 0 : free_records(session, ack);
}

static bool is_proof(const struct fw_session *session, const struct fw_device_ack *ack)
{
    const struct fw_identity *identity = &session->setup.identity;
    char text[ACK_TEXT_BYTES_MAX];
    struct fw_json_out out;
    if (session->proof.asked_ms == 0 || !ack->has_key_no || ack->key_no != identity->mac->key_no)
        return false;
    fw_signed_begin(&out, text, sizeof(text), "lockstock/v2/ack", identity);
    fw_signed_add_int(&out, ack->key_no);
    fw_signed_add_int(&out, session->stored.boot);
    fw_json_out_add_hex(&out, session->proof.nonce, sizeof(session->proof.nonce));
    fw_signed_add_text(&out, "");
    fw_signed_add_text(&out, ack->epoch);
    fw_signed_add_int(&out, ack->seq);
    fw_signed_add_int(&out, ack->has_stored ? ack->stored : 0);
    fw_signed_add_int(&out, ack->now);
    return fw_signed_is_right(&out, identity, ack->mac);
}

/* rules 8.3. Returns false when the ack is nobody's answer to the `up` under way. */
static bool take_time(struct fw_session *session, const struct fw_device_ack *ack)
{
    struct fw_clock_state *clock = session->setup.clock;
    if (session->setup.identity.mac == NULL || !ack->has_mac) {
        if (session->owner_protocol < FW_PROTOCOL_2)
            fw_clock_on_server(clock, ack->now);
        return true;
    }
    if (!is_proof(session, ack))
        return false;
    fw_clock_on_proved(clock, ack->now, session->proof.asked_ms);
    session->owner_protocol = FW_PROTOCOL_2;
    session->proof.plain_to_ms = 0;
    return true;
}

int fw_session_on_ack(struct fw_session *session, const char *payload, size_t size)
{
    struct fw_device_ack *ack = &session->scratch.ack;
    int rc = fw_device_ack_decode(payload, size, ack);
    if (rc != FW_OK || !is_our_epoch(session, ack->epoch) ||
        ack->seq >= session->setup.log->next_seq) {
        session->refused_count++;
        return FW_E_INVALID;
    }
    if (!take_time(session, ack)) {
        session->refused_count++;
        return FW_E_INVALID;
    }
    if (session->phase == FW_SESSION_ASKING) {
        if (!ack->has_stored)
            return FW_OK; /* it answers an `up` of the boot before */
        rc = on_stored(session, ack->stored);
        if (rc != FW_OK)
            return rc;
    }
    if (!take_ack(session, ack))
        return FW_OK; /* the `up` under way still waits for its ack */
    if (session->link == FW_SESSION_WAITING)
        fw_session_set_link(session, FW_SESSION_IDLE);
    session->flight_seq = 0;
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    session->hello_at_ms = fw_clock_mono_ms(session->setup.clock) + FW_SESSION_HELLO_MS;
    return FW_OK;
}
