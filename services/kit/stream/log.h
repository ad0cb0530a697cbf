/* The event log of a source: what it wants the world to know, in the order in which it happened.
 * A row is added in the transaction of the change it reports, with a seq that has no gaps; the row
 * is the envelope as it travels but for its place, and has a checksum (row.h). What the disk gives
 * back otherwise, or not at all, is told as an event that says so. Loop thread. */
#ifndef KIT_STREAM_LOG_H
#define KIT_STREAM_LOG_H

#include "kit/base/buf.h"
#include "kit/store/db.h"

#define KIT_EPOCH_BYTES 16
#define KIT_EPOCH_SIZE 33                  /* its hexadecimal digits and NUL */
#define KIT_STREAM_EVENTS_MAX 64           /* events in one stream message */
#define KIT_STREAM_BYTES_MAX (64 * 1024)   /* bytes of one stream message */
#define KIT_ENVELOPE_BYTES_MAX (16 * 1024) /* a row larger than this never enters the log */
#define KIT_LOG_TRIM_ROWS 1024             /* deleted at a time; never another number */

/* What a service wants to tell. */
struct kit_log_entry {
    const char *type;        /* "RentalOrdered" */
    const char *subject;     /* "rental/3" */
    int64_t version;         /* of the aggregate, from 1 */
    int64_t person, account; /* who caused it; 0: none */
    const struct kit_buf *data;
};

struct kit_event_log {
    struct kit_statements statements;
    struct kit_buf envelope, row; /* scratch */
    char source[KIT_INSTANCE_SIZE];
    char epoch[KIT_EPOCH_SIZE];
    int64_t head;            /* seq of the last row, also of rows not yet committed */
    int64_t first;           /* of the first row that was not deleted by a trim */
    int64_t unchecked_until; /* rows from before 0.4, without a checksum */
    bool is_new;             /* it was made when it was opened: the database is a new one */
    int64_t damaged_total;   /* how often a row was read that is damaged or missing */
    int64_t damaged_seq;     /* the last of them, and why */
    const char *damaged_why;
};

/* What a new history begins with. */
struct kit_log_birth {
    uint8_t epoch[KIT_EPOCH_BYTES]; /* random; 32 hexadecimal digits on the wire */
    int64_t now_ms;
};

/* Inside a transaction: reads the identity and the head, or makes a new identity of `birth`. */
int kit_event_log_open(struct kit_event_log *log, struct kit_db *db, const char *source,
                       const struct kit_log_birth *birth, struct kit_error *err) KIT_MUST_CHECK;
/* Also after a failed open, and of a zeroed struct. */
void kit_event_log_close(struct kit_event_log *log);

/* The database came back from a backup, so this history may differ from the one that consumers
 * know: gives it another epoch. No row is touched. Inside a transaction. */
int kit_event_log_renew(struct kit_event_log *log, const struct kit_log_birth *birth,
                        struct kit_error *err) KIT_MUST_CHECK;

/* After a rollback: what the head and the first row are now. Inside a transaction. */
int kit_event_log_reload(struct kit_event_log *log, struct kit_error *err) KIT_MUST_CHECK;

/* Adds a row with the next seq. KIT_E_TOO_LARGE: the envelope is above KIT_ENVELOPE_BYTES_MAX.
 * Inside a transaction; after its rollback the head must be reloaded. */
int kit_event_log_append(struct kit_event_log *log, const struct kit_log_entry *entry,
                         int64_t now_ms, const char *traceparent,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Deletes the oldest rows once KIT_LOG_TRIM_ROWS more than rows_max are there, so many at a time.
 * Who asks for them later is answered from the first row on. Inside a transaction; after its
 * rollback the log must be reloaded. */
int kit_event_log_trim(struct kit_event_log *log, int64_t rows_max,
                       struct kit_error *err) KIT_MUST_CHECK;

struct kit_log_page {
    int64_t after;
    int64_t until; /* seq of the last row that may be read */
    int64_t limit;
    size_t bytes_max;
    struct kit_buf *out; /* appended to */
};
/* Appends to page->out a JSON array of the envelopes after `after` up to `until`: at most `limit`
 * of them and about bytes_max bytes, but at least one if there is one. *ret_last is the seq of the
 * last one written, `after` if there was none. In the stead of a row that is damaged or missing
 * stands KIT_EVENT_DAMAGED. Inside a transaction. */
int kit_event_log_read(struct kit_event_log *log, const struct kit_log_page *page,
                       int64_t *ret_last, struct kit_error *err) KIT_MUST_CHECK;

#endif
