/* The session's beginning, its records and what comes in; session_up.c sends. A verdict is told
 * before its record is freed, so a cut of power in between tells it again, and never loses it. */
#include "core/session.h"

#include <string.h>

#include "core/check.h"
#include "core/session_up.h"

#define BOOT_MAX INT32_MAX
#define COUNT_MAX INT64_C(9007199254740991)

/* Counters that flash has lost, or that another firmware wrote, begin anew: nothing hangs on them.
 */
static void load(struct fw_session *session)
{
    const struct fw_snapshot *snapshot = session->setup.snapshot;
    struct fw_session_stored stored;
    int size = fw_snapshot_load(snapshot, &stored, sizeof(stored));
    if (size == (int)sizeof(stored) && snapshot->stored_version == snapshot->version)
        session->stored = stored;
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

/* What is older has reached the service in the life of the log that it knows. FW_E_IO: nothing has
 * changed. */
static int renew_epoch(struct fw_session *session)
{
    const struct fw_rng *rng = session->setup.rng;
    struct fw_session_log *stored = &session->stored.log;
    const struct fw_session_log before = *stored;
    const int64_t from_seq = stored->doubt_seq;
    rng->fill(rng->self, stored->told_epoch, FW_EPOCH_BYTES);
    stored->from_seq = from_seq;
    if (fw_session_save(session, fw_clock_mono_ms(session->setup.clock)) != FW_OK) {
        *stored = before;
        return FW_E_IO;
    }
    session->is_state_due = session->is_link_up;
    (void)fw_flash_log_release(session->setup.log, from_seq - 1);
    if (session->told_seq < from_seq - 1)
        session->told_seq = from_seq - 1;
    return FW_OK;
}

/* The first ack since the start (rules 1.9). It is in flash that there is no doubt before a record
 * leaves; flash that does not take it is tried again by the ticks. */
static int on_known(struct fw_session *session, int64_t stored_seq)
{
    if (stored_seq >= session->stored.log.doubt_seq && renew_epoch(session) != FW_OK)
        return FW_E_IO;
    session->stored.log.doubt_seq = 0;
    (void)fw_session_save(session, fw_clock_mono_ms(session->setup.clock));
    session->is_known = true;
    session->is_hello_due = true; /* what we have is said now, if it is nothing */
    return FW_OK;
}

int fw_session_on_ack(struct fw_session *session, const char *payload, size_t size)
{
    struct fw_device_ack *ack = &session->scratch.ack;
    int rc = fw_device_ack_decode(payload, size, ack);
    if (rc != FW_OK || !is_our_epoch(session, ack->epoch) ||
        (session->is_known && ack->seq >= session->setup.log->next_seq)) {
        session->refused_count++;
        return FW_E_INVALID;
    }
    fw_clock_on_server(session->setup.clock, ack->now);
    if (!session->is_known && (rc = on_known(session, ack->seq)) != FW_OK)
        return rc;
    bool holds_records = session->flight_seq != 0; /* the `up` that is under way */
    if (!free_records(session, ack) && holds_records)
        return FW_OK; /* of an earlier `up`: ours is still under way */
    session->is_up_away = false;
    session->flight_seq = 0;
    session->resend_ms = FW_SESSION_RESEND_MIN_MS;
    session->hello_at_ms = fw_clock_mono_ms(session->setup.clock) + FW_SESSION_HELLO_MS;
    return FW_OK;
}
