/* Writes and reads the rows of the event log; never commits. Loop thread. */
#include "kit/stream/log.h"
#include "kit/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "msg/wire_event.gen.h"

enum {
    Q_IDENTITY,
    Q_IDENTITY_MAKE,
    Q_IDENTITY_RENEW,
    Q_ROWS_RENEW,
    Q_HEAD,
    Q_APPEND,
    Q_READ,
    Q_COUNT,
};

static const char *const SQL[Q_COUNT] = {
    [Q_IDENTITY] = "SELECT epoch FROM stream_identity WHERE id = 1",
    [Q_IDENTITY_MAKE] = "INSERT INTO stream_identity(id, epoch, made_at_ms) VALUES(1, ?, ?)",
    [Q_IDENTITY_RENEW] = "UPDATE stream_identity SET epoch = ?, made_at_ms = ? WHERE id = 1",
    /* 32 random hexadecimal digits stand nowhere but where the envelope names its epoch. */
    [Q_ROWS_RENEW] = "UPDATE event_log SET envelope = replace(envelope, ?, ?)",
    [Q_HEAD] = "SELECT coalesce(max(seq), 0) FROM event_log",
    [Q_APPEND] = "INSERT INTO event_log(seq, envelope) VALUES(?, ?)",
    [Q_READ] = "SELECT seq, envelope FROM event_log WHERE seq > ? ORDER BY seq LIMIT ?",
};

static int read_identity(struct kit_event_log *log, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&log->statements, Q_IDENTITY);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        kit_query_col_text(&q, 0, log->epoch, sizeof(log->epoch));
    kit_query_end(&q);
    return rc;
}

static int write_identity(struct kit_event_log *log, size_t query, const uint8_t fresh_epoch[16],
                          int64_t now_ms, struct kit_error *err)
{
    for (size_t i = 0; i < 16; i++)
        snprintf(log->epoch + 2 * i, 3, "%02x", fresh_epoch[i]);
    struct kit_query q = kit_query_start(&log->statements, query);
    kit_query_text(&q, log->epoch);
    kit_query_int(&q, now_ms);
    return kit_query_run(&q, NULL, err);
}

int kit_event_log_renew(struct kit_event_log *log, const uint8_t fresh_epoch[16], int64_t now_ms,
                        struct kit_error *err)
{
    char old_epoch[KIT_EPOCH_SIZE];
    kit_text_copy(old_epoch, sizeof(old_epoch), log->epoch);
    int rc = write_identity(log, Q_IDENTITY_RENEW, fresh_epoch, now_ms, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query q = kit_query_start(&log->statements, Q_ROWS_RENEW);
    kit_query_text(&q, old_epoch);
    kit_query_text(&q, log->epoch);
    return kit_query_run(&q, NULL, err);
}

int kit_event_log_open(struct kit_event_log *log, struct kit_db *db, const char *source,
                       const uint8_t fresh_epoch[16], int64_t now_ms, struct kit_error *err)
{
    bool found = false;

    PRE(strlen(source) < sizeof(log->source));
    *log = (struct kit_event_log){ 0 };
    kit_text_copy(log->source, sizeof(log->source), source);
    kit_buf_init(&log->envelope, KIT_ENVELOPE_BYTES_MAX);
    int rc = kit_statements_prepare(&log->statements, db, SQL, Q_COUNT, err);
    if (rc == KIT_OK)
        rc = read_identity(log, &found, err);
    if (rc == KIT_OK && !found)
        rc = write_identity(log, Q_IDENTITY_MAKE, fresh_epoch, now_ms, err);
    return rc == KIT_OK ? kit_event_log_reload(log, err) : rc;
}

void kit_event_log_close(struct kit_event_log *log)
{
    kit_statements_done(&log->statements);
    kit_buf_done(&log->envelope);
}

int kit_event_log_reload(struct kit_event_log *log, struct kit_error *err)
{
    bool found = false;
    struct kit_query q = kit_query_start(&log->statements, Q_HEAD);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK)
        log->head = kit_query_col_int(&q, 0);
    kit_query_end(&q);
    return rc;
}

static void encode(struct kit_event_log *log, const struct kit_log_entry *entry, int64_t now_ms,
                   const char *traceparent)
{
    struct msg_wire_event event = {
        .time_ms = now_ms,
        .version = entry->version,
        .has_traceparent = traceparent[0] != '\0',
        .data = { .text = entry->data->data, .size_bytes = entry->data->size_bytes },
    };
    const int64_t seq = log->head + 1;
    snprintf(event.id, sizeof(event.id), "%s:%s:%" PRId64, log->source, log->epoch, seq);
    kit_text_copy(event.source, sizeof(event.source), log->source);
    kit_text_copy(event.type, sizeof(event.type), entry->type);
    kit_text_copy(event.subject, sizeof(event.subject), entry->subject);
    kit_text_copy(event.epoch, sizeof(event.epoch), log->epoch);
    char sequence[24];
    snprintf(sequence, sizeof(sequence), "%" PRId64, seq);
    kit_text_copy(event.sequence, sizeof(event.sequence), sequence);
    if (event.has_traceparent)
        kit_text_copy(event.traceparent, sizeof(event.traceparent), traceparent);
    kit_buf_reset(&log->envelope);
    msg_wire_event_encode(&event, &log->envelope);
}

int kit_event_log_append(struct kit_event_log *log, const struct kit_log_entry *entry,
                         int64_t now_ms, const char *traceparent, struct kit_error *err)
{
    PRE(entry->version >= 1);
    PRE(!entry->data->overflow && entry->data->size_bytes > 0);

    encode(log, entry, now_ms, traceparent);
    /* A message above the broker's limit would be refused for ever: stop it before it is a row. */
    if (log->envelope.overflow)
        return kit_error_set(err, KIT_E_TOO_LARGE, "%s about %s is larger than %d bytes",
                             entry->type, entry->subject, KIT_ENVELOPE_BYTES_MAX);

    struct kit_query q = kit_query_start(&log->statements, Q_APPEND);
    kit_query_int(&q, log->head + 1);
    kit_query_bytes(&q, log->envelope.data, log->envelope.size_bytes);
    int rc = kit_query_run(&q, NULL, err);
    if (rc == KIT_OK)
        log->head++;
    return rc;
}

int kit_event_log_read(struct kit_event_log *log, const struct kit_log_page *page,
                       struct kit_buf *out, int64_t *ret_last, struct kit_error *err)
{
    int64_t last = page->after;
    size_t written_bytes = 0;
    bool found = false;
    int rc;

    struct kit_query q = kit_query_start(&log->statements, Q_READ);
    kit_query_int(&q, page->after);
    kit_query_int(&q, page->limit);
    kit_buf_add_char(out, '[');
    while ((rc = kit_query_row(&q, &found, err)) == KIT_OK && found) {
        size_t size_bytes = 0;
        const void *envelope = kit_query_col_bytes(&q, 1, &size_bytes);
        if (written_bytes > 0 && written_bytes + size_bytes + 3 > page->bytes_max)
            break;
        if (written_bytes > 0)
            kit_buf_add_char(out, ',');
        kit_buf_add(out, envelope, size_bytes);
        written_bytes += size_bytes + 1;
        last = kit_query_col_int(&q, 0);
    }
    kit_buf_add_char(out, ']');
    kit_query_end(&q);
    if (rc == KIT_OK)
        *ret_last = last;
    return rc;
}
