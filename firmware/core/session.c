/* The session's beginning, its records and what comes in; session_up.c sends. A verdict is told
 * before its record is freed, so a cut of power in between tells it again, and never loses it. */
#include "core/session.h"

#include <string.h>

#include "core/session_up.h"
#include "port/check.h"

#define BOOT_MAX INT32_MAX
#define COUNT_MAX INT64_C(9007199254740991)

_Static_assert(sizeof(struct fw_session_stored) <= FW_SESSION_STORED_BYTES_MAX, "one snapshot");

/* What another firmware has added is not ours, and what it did not know is 0. Counters that flash
 * has lost begin anew: nothing hangs on them. */
static void load(struct fw_session *session)
{
    const struct fw_snapshot *snapshot = session->setup.snapshot;
    uint8_t bytes[FW_SESSION_STORED_BYTES_MAX];
    int size = fw_snapshot_load(snapshot, bytes, sizeof(bytes));
    if (size > 0 && snapshot->stored_version == snapshot->version) {
        size_t known = sizeof(session->stored);
        memcpy(&session->stored, bytes, (size_t)size < known ? (size_t)size : known);
    }
    if (session->stored.boot < BOOT_MAX)
        session->stored.boot++;
}

/* What was told under an epoch before is not held, whatever the log itself remembers of it. */
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
        stored->from_seq = log->next_seq; /* what is made now is not what was told */
    (void)fw_flash_log_release(log, stored->from_seq - 1); /* below next_seq: FW_OK */
    if (stored->doubt_seq == 0 || stored->doubt_seq > log->next_seq)
        stored->doubt_seq = log->next_seq;
    if (stored->doubt_seq < log->first_seq)
        stored->doubt_seq = log->first_seq; /* freed, so it was told */
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
    /* A boot that flash did not count is still a boot: tried again by the ticks. */
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
    if (session->is_start_due)
        session->is_start_due = !fw_flash_log_is_low(session->setup.log,
                                                     FW_SESSION_RECORD_BYTES_MAX) &&
                                append(session, &record) == FW_E_IO; /* full, or nearly: left out */
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
    session->is_link_up = is_up;
    session->is_up_away = false; /* what was under way is sent again at once */
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    session->is_state_due = is_up;
    session->is_hello_due = is_up;
}

static bool is_our_epoch(const struct fw_session *session, const char *epoch)
{
    char ours[FW_SESSION_EPOCH_SIZE];
    fw_session_epoch(session, ours);
    return strcmp(ours, epoch) == 0;
}

/* In the order of the records; each once. A callback may append records, which changes no ack. */
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

/* rules/devices.md 1.3. An ack may speak of more than was sent since the start: the service knows
 * it from the boot before. Those are freed when they have been sent again, with their verdicts.
 * Returns whether something was freed. */
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
    (void)fw_flash_log_release(log, seq); /* not released is sent again: harmless */
    return log->first_seq > first_seq;
}

/* What the service has from `since_seq` on is not what the log has there: it goes on under a new
 * epoch, with what is in doubt. Returns whether it does. */
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

/* What is older has reached the service in the life of the log that it knows. The will still names
 * the epoch before: nothing is sent until there is a link with the new one. */
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

/* The first ack of a hello since the start (rules 1.9). What came of it is in flash before a record
 * leaves: a restart would take what the service has of us for somebody else's. Flash that takes
 * nothing any more may be out of date since many starts, so then only what was made since this one
 * speaks for another log. */
static int on_known(struct fw_session *session, int64_t stored_seq)
{
    const struct fw_session_log before = session->stored.log;
    bool is_renewed = settle_epoch(session, stored_seq, before.doubt_seq);
    if (fw_session_save(session, fw_clock_mono_ms(session->setup.clock)) != FW_OK) {
        session->stored.log = before;
        if (session->failed_saves < FW_SESSION_SAVES_FAILED_MAX)
            return FW_E_IO;
        is_renewed = settle_epoch(session, stored_seq, session->open_seq);
        session->is_unsaved = true;
    }
    session->is_known = true;
    if (is_renewed)
        begin_epoch(session);
    session->is_hello_due = true; /* what we have is said now, if it is nothing */
    return FW_OK;
}

/* The ack of a hello says how far the service is, and frees nothing. One without that is of the
 * boot before as long as we ask. Returns whether what is under way is answered. */
static bool take_ack(struct fw_session *session, const struct fw_device_ack *ack, int *ret_rc)
{
    *ret_rc = FW_OK;
    if (ack->has_stored && !session->is_known)
        *ret_rc = on_known(session, ack->stored);
    if (*ret_rc != FW_OK || !session->is_known)
        return false;
    return ack->has_stored ? session->flight_seq == 0 : free_records(session, ack);
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
    fw_clock_on_server(session->setup.clock, ack->now);
    if (!take_ack(session, ack, &rc))
        return rc; /* what is under way still is */
    session->is_up_away = false;
    session->flight_seq = 0;
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    session->hello_at_ms = fw_clock_mono_ms(session->setup.clock) + FW_SESSION_HELLO_MS;
    return FW_OK;
}
