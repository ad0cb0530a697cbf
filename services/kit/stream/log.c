/* Writes and reads the rows of the event log; never commits. Loop thread. */
#include "kit/stream/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "kit/stream/row.h"
#include "msg/wire_event.gen.h"

enum {
    Q_IDENTITY,
    Q_IDENTITY_MAKE,
    Q_IDENTITY_RENEW,
    Q_HEAD,
    Q_FIRST,
    Q_TRIM,
    Q_APPEND,
    Q_READ,
    Q_COUNT,
};

static const char *const SQL[Q_COUNT] = {
    [Q_IDENTITY] = "SELECT epoch, unchecked_until FROM stream_identity WHERE id = 1",
    [Q_IDENTITY_MAKE] = "INSERT INTO stream_identity(id, epoch, made_at_ms) VALUES(1, ?, ?)",
    [Q_IDENTITY_RENEW] = "UPDATE stream_identity SET epoch = ?, made_at_ms = ? WHERE id = 1",
    [Q_HEAD] = "SELECT coalesce(max(seq), 0) FROM event_log",
    [Q_FIRST] = "SELECT coalesce(min(seq), 1) FROM event_log",
    [Q_TRIM] = "DELETE FROM event_log WHERE seq < ?",
    [Q_APPEND] = ("INSERT INTO event_log(seq, actor, account, checksum, envelope)"
                  " VALUES(?, nullif(?, 0), nullif(?, 0), ?, ?)"),
    [Q_READ] = ("SELECT seq, actor, account, checksum, envelope FROM event_log"
                " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"),
};

static int read_identity(struct kit_event_log *log, bool *ret_found, struct kit_error *err)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&log->statements, Q_IDENTITY);
    int rc = kit_query_row(&query, &is_found, err);
    if (rc == KIT_OK && is_found) {
        kit_query_next_text(&query, log->epoch, sizeof(log->epoch));
        log->unchecked_until = kit_query_next_int(&query);
    }
    kit_query_end(&query);
    *ret_found = is_found;
    return rc;
}

static int write_identity(struct kit_event_log *log, size_t index,
                          const struct kit_log_birth *birth, struct kit_error *err)
{
    kit_hex(birth->epoch, sizeof(birth->epoch), log->epoch, sizeof(log->epoch));
    struct kit_query query = kit_query_start(&log->statements, index);
    kit_query_text(&query, log->epoch);
    kit_query_int(&query, birth->now_ms);
    return kit_query_run(&query, NULL, err);
}

int kit_event_log_renew(struct kit_event_log *log, const struct kit_log_birth *birth,
                        struct kit_error *err)
{
    return write_identity(log, Q_IDENTITY_RENEW, birth, err);
}

int kit_event_log_open(struct kit_event_log *log, struct kit_db *db, const char *source,
                       const struct kit_log_birth *birth, struct kit_error *err)
{
    bool is_found = false;

    PRE(strlen(source) < sizeof(log->source));
    *log = (struct kit_event_log){ 0 };
    kit_text_copy(log->source, sizeof(log->source), source);
    kit_buf_init(&log->envelope, KIT_ENVELOPE_BYTES_MAX);
    kit_buf_init(&log->row, KIT_ENVELOPE_BYTES_MAX);
    int rc = kit_statements_prepare(&log->statements, db, SQL, Q_COUNT, err);
    if (rc != KIT_OK)
        return rc;
    rc = read_identity(log, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    log->is_new = !is_found;
    if (log->is_new) {
        rc = write_identity(log, Q_IDENTITY_MAKE, birth, err);
        if (rc != KIT_OK)
            return rc;
    }
    return kit_event_log_reload(log, err);
}

void kit_event_log_close(struct kit_event_log *log)
{
    kit_statements_done(&log->statements);
    kit_buf_done(&log->envelope);
    kit_buf_done(&log->row);
}

int kit_event_log_reload(struct kit_event_log *log, struct kit_error *err)
{
    int rc = kit_query_one_int(&log->statements, Q_HEAD, &log->head, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_query_one_int(&log->statements, Q_FIRST, &log->first, err);
    if (rc != KIT_OK)
        return rc;
    /* Rows go KIT_LOG_TRIM_ROWS at a time: what else is not there at the beginning is missing. */
    log->first -= (log->first - 1) % KIT_LOG_TRIM_ROWS;
    return KIT_OK;
}

int kit_event_log_trim(struct kit_event_log *log, int64_t rows_max, struct kit_error *err)
{
    PRE(rows_max >= 1); /* the last row is the head */
    if (log->head - log->first + 1 < rows_max + KIT_LOG_TRIM_ROWS)
        return KIT_OK;
    struct kit_query query = kit_query_start(&log->statements, Q_TRIM);
    kit_query_int(&query, log->first + KIT_LOG_TRIM_ROWS);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    log->first += KIT_LOG_TRIM_ROWS;
    return KIT_OK;
}

static void encode(struct kit_event_log *log, const struct kit_log_entry *entry, int64_t now_ms,
                   const char *traceparent)
{
    struct msg_wire_event event = {
        .time_ms = now_ms,
        .version = entry->version,
        .has_actor = entry->person > 0,
        .actor = entry->person,
        .has_account = entry->account > 0,
        .account = entry->account,
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

    kit_buf_reset(&log->row);
    kit_row_cut(&log->envelope, &log->row);
    const struct kit_row row = {
        .seq = log->head + 1,
        .text = log->row.data,
        .size_bytes = log->row.size_bytes,
        .actor = entry->person,
        .account = entry->account,
    };
    struct kit_query query = kit_query_start(&log->statements, Q_APPEND);
    kit_query_int(&query, row.seq);
    kit_query_int(&query, row.actor);
    kit_query_int(&query, row.account);
    kit_query_int(&query, kit_row_checksum(&row));
    kit_query_bytes(&query, row.text, row.size_bytes);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    log->head++;
    return KIT_OK;
}

/* The rows of a page, one behind the other. */
struct reading {
    struct kit_query query;
    struct kit_row row; /* the last one found; seq 0: none yet */
    bool is_at_end;
};

static int next_row(struct reading *reading, struct kit_error *err)
{
    struct kit_query *query = &reading->query;
    struct kit_row *row = &reading->row;
    bool is_found = false;

    int rc = kit_query_row(query, &is_found, err);
    reading->is_at_end = !is_found;
    if (rc != KIT_OK || !is_found)
        return rc;
    row->seq = kit_query_next_int(query);
    row->actor = kit_query_next_int(query);
    row->account = kit_query_next_int(query);
    row->has_checksum = !kit_query_next_is_null(query);
    row->checksum = kit_query_next_int(query);
    row->text = kit_query_next_bytes(query, &row->size_bytes);
    return KIT_OK;
}

/* Writes the envelope of a position into the scratch, or of the event that says what is wrong. */
static int read_envelope(struct kit_event_log *log, struct reading *reading, int64_t seq,
                         struct kit_error *err)
{
    const struct kit_row_place place = { log->source, log->epoch, seq };
    const char *why = "it is missing";

    if (!reading->is_at_end && reading->row.seq < seq) {
        int rc = next_row(reading, err);
        if (rc != KIT_OK)
            return rc;
    }
    kit_buf_reset(&log->envelope);
    if (!reading->is_at_end && reading->row.seq == seq)
        why = kit_row_write(&reading->row, &place, seq <= log->unchecked_until, &log->envelope);
    if (why == NULL)
        return KIT_OK;
    kit_buf_reset(&log->envelope);
    kit_row_write_damaged(&place, why, &log->envelope);
    log->damaged_total++;
    log->damaged_seq = seq;
    log->damaged_why = why;
    return KIT_OK;
}

/* Adds each position of the page to the array; *last is the last one. */
static int add_rows(struct kit_event_log *log, struct reading *reading,
                    const struct kit_log_page *page, int64_t *last, struct kit_error *err)
{
    struct kit_buf *out = page->out;
    const size_t begin_bytes = out->size_bytes;
    int64_t seq = page->after < log->first ? log->first : page->after + 1;

    for (int64_t count = 0; seq <= page->until && count < page->limit; seq++, count++) {
        int rc = read_envelope(log, reading, seq, err);
        if (rc != KIT_OK)
            return rc;
        const size_t written_bytes = out->size_bytes - begin_bytes;
        if (written_bytes > 0 && written_bytes + log->envelope.size_bytes + 2 > page->bytes_max)
            break;
        if (written_bytes > 0)
            kit_buf_add_char(out, ',');
        kit_buf_add(out, log->envelope.data, log->envelope.size_bytes);
        *last = seq;
    }
    return KIT_OK;
}

int kit_event_log_read(struct kit_event_log *log, const struct kit_log_page *page,
                       int64_t *ret_last, struct kit_error *err)
{
    struct reading reading = { .query = kit_query_start(&log->statements, Q_READ) };
    int64_t last = page->after;

    kit_query_int(&reading.query, page->after);
    kit_query_int(&reading.query, page->until);
    kit_query_int(&reading.query, page->limit);
    kit_buf_add_char(page->out, '[');
    int rc = add_rows(log, &reading, page, &last, err);
    kit_buf_add_char(page->out, ']');
    kit_query_end(&reading.query);
    if (rc != KIT_OK)
        return rc;
    *ret_last = last;
    return KIT_OK;
}
