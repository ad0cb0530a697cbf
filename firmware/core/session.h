/* A device's conversation with the service that owns it (schemas/rules/devices.md 1): records go
 * into the flash log, leave in `up`, and are freed by `ack`. Owns the reading side of the log. It
 * never frees a record that the service has not acknowledged. One thread: the application's step.
 *
 *   append -> log -> up (8 at most) -> ack: verdicts told, records freed -> next up
 *                    ^ again after 2 s, 4 s ... 30 s, and at once when the link comes back */
#ifndef FW_CORE_SESSION_H
#define FW_CORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/flash_log.h"
#include "core/snapshot.h"
#include "fw/device_ack.gen.h"
#include "fw/device_record.gen.h"
#include "fw/device_state.gen.h"
#include "port/port.h"

#define FW_SESSION_RECORDS_MAX 8        /* of one `up` */
#define FW_SESSION_RECORD_BYTES_MAX 256 /* an encoded record: one payload of the log */
#define FW_SESSION_UP_BYTES_MAX 2560    /* 8 records, and the numbers around them */
#define FW_SESSION_STATE_BYTES_MAX 256  /* an encoded `state`, the will too */
#define FW_SESSION_RESEND_MIN_MS 2000
#define FW_SESSION_RESEND_MAX_MS 30000
#define FW_SESSION_HELLO_MS 30000
#define FW_SESSION_SAVE_MS 60000 /* counters go to flash, and what it did not take, that often */
#define FW_SESSION_FLOOR_STEP_MS 3600000 /* the time does when it moved that far, or back */
#define FW_SESSION_SAVES_FAILED_MAX 5    /* in a row: then it goes on without (rules 1.9) */
/* The oldest record, when it cannot be read: asked for again, and lost after so many failures in a
 * row, if others can be read. */
#define FW_SESSION_READ_AGAIN_MS 10000
#define FW_SESSION_READS_FAILED_MAX 6
#define FW_SESSION_STORED_BYTES_MAX 256 /* of any later struct fw_session_stored */

/* What to give fw_session_open(); all of it borrowed for the session's life. */
struct fw_session_setup {
    enum fw_msg_device_kind kind;
    const char *firmware;         /* version, as device.state wants it */
    const char *compartments;     /* locker: sizes, e.g. "SSML"; scanner: NULL */
    struct fw_flash_log *log;     /* open */
    struct fw_snapshot *snapshot; /* open; of this session alone */
    struct fw_clock_state *clock; /* the session sets its floor and its server time */
    const struct fw_net *net;
    const struct fw_rng *rng;
    /* Each verdict once, in the order of the records; again only when the device was cut off before
     * it had freed the record. May be NULL. The verdict is borrowed for the call, which may append
     * and count, and calls nothing else of the session or the gate. */
    void (*on_verdict)(void *self, const struct fw_device_verdict *verdict);
    void *self;
};

enum fw_session_count {
    FW_SESSION_BOUNCED = 0,
    FW_SESSION_UNREADABLE = 1,
    FW_SESSION_OVERFLOWED = 2,
};
#define FW_SESSION_COUNTS 3

/* What the service may know of the log: see fw_session_on_ack(). */
struct fw_session_log {
    uint8_t epoch[FW_EPOCH_BYTES];      /* the log's own; of another log, nothing here holds */
    uint8_t told_epoch[FW_EPOCH_BYTES]; /* in messages; the log's own until it is renewed */
    int64_t from_seq;                   /* what is before has been told under an earlier one */
    int64_t doubt_seq; /* first record since the service has told how far it is; 0: it has told */
};

/* What survives a restart, also one with another firmware: members are added at the end alone, so
 * that an epoch that was told is never forgotten. */
struct fw_session_stored {
    int64_t boot;
    int64_t counts[FW_SESSION_COUNTS];
    int64_t floor_ms;
    struct fw_session_log log;
};

/* Declared by the caller; only to be read from outside. */
struct fw_session {
    struct fw_session_setup setup;
    struct fw_session_stored stored;
    int64_t config_revision;
    int64_t open_seq;        /* of the first record of this boot */
    int64_t told_seq;        /* verdicts up to here have been told */
    int64_t flight_seq;      /* last record of the `up` under way; 0: it holds none, or none is */
    int64_t flight_next_seq; /* the log's next_seq when it was sent */
    int64_t resend_at_ms;    /* monotonic, of the `up` under way */
    int64_t hello_at_ms;     /* monotonic */
    int64_t save_at_ms;      /* monotonic */
    int64_t start_at_ms;     /* monotonic: ticks do not try the `start` record before */
    int64_t read_at_ms;      /* monotonic: the oldest record could not be read; 0: it could */
    uint32_t resend_ms;      /* the pause after the next `up`, without jitter */
    uint32_t refused_count;  /* acks ignored: wrong epoch, beyond the log, against the schema */
    uint32_t sent_count;     /* `up` messages since the start */
    uint32_t lost_count;     /* records that flash lost after all; passed over */
    uint32_t failed_saves;   /* in a row */
    uint32_t failed_reads;   /* of the oldest record, in a row */
    bool is_known;           /* the service has told how far it is since the start (rules 1.2) */
    bool is_unsaved;         /* ... but flash has not taken what came of it (rules 1.9) */
    bool is_start_due;       /* the `start` record is to be appended */
    bool is_up_away;         /* an `up` is under way: its ack has not come */
    bool is_hello_due;       /* say hello at once, when nothing else is to be said */
    bool is_state_due;       /* `state` online is to be published */
    bool is_next_promised;   /* next_seq is for one record of the gate: no other is appended */
    bool is_link_up;
    bool is_dirty; /* stored differs from flash */
    /* For whoever runs: fw_session_tick() (up), fw_session_on_ack() (ack, until its verdicts are
     * told: on_verdict keeps off), and the gate's handling of a configuration (up). Nothing in it
     * survives a call. */
    union {
        char up[FW_SESSION_UP_BYTES_MAX];
        struct fw_device_ack ack;
    } scratch;
};

/**
 * fw_session_open() - Begin after power-up: loads what was stored, and counts the boot.
 *
 * Appends nothing yet: the gate must see the log first as the power cut left it. Flash that does
 * not take the new boot count is tried again by the ticks.
 *
 * Source: rules 1.1, 1.8, 2.8.
 */
void fw_session_open(struct fw_session *session, const struct fw_session_setup *setup);

/* A clean stop: what the ticks would have saved later. Nothing is lost without it but counts. */
void fw_session_stop(struct fw_session *session);

/* Appends the `start` record, once; left out when the log is (nearly) full. Each append does it
 * too, so that it is the first record of its boot, and the ticks do. false: flash did not take it,
 * so that it may come before the next record. */
bool fw_session_start(struct fw_session *session);

/* The link came or went. When it came: `state`, then what is held (or a hello), at once. */
void fw_session_on_link(struct fw_session *session, bool is_up);

/**
 * fw_session_on_ack() - A message on `ack`. The verdicts are told before the records are freed.
 *
 * When the first one since the start knows a record that was not sent yet, then the log was there
 * before with other records: its flash was restored from an older image, or has lost its newest
 * block. What has those numbers now would be taken for what the service has. So the epoch that we
 * tell is a new one from there on, and the link comes anew, for its will. Flash has taken what came
 * of it before a record leaves; flash that never does is gone on without (is_unsaved).
 *
 * Errors: FW_E_INVALID: ignored and counted. FW_E_IO: flash did not take it; we ask again.
 * Source: rules 1.3, 1.6, 1.9.
 */
int fw_session_on_ack(struct fw_session *session, const char *payload, size_t size);

/* Does what is due. Returns when (monotonic ms) it wants to be called again at the latest; call it
 * also after an append and after each message. */
int64_t fw_session_tick(struct fw_session *session, int64_t now_ms);

/**
 * fw_session_append() - Make a record of what happened. Only then tell the person.
 *
 * @record: kind and what belongs to it (rules 2); seq and at are filled in.
 *
 * Errors: FW_E_FULL: the log is full, nothing was taken; a scan is counted as overflowed, and the
 *         person must hear it (rules 1.4). FW_E_IO: flash is broken.
 */
int fw_session_append(struct fw_session *session, struct fw_device_record *record);

/* As fw_session_append(), for what happens at a door or a board and can come in any number:
 * FW_E_FULL already when the log is low: its last block is for scans and the uses of locks
 * (rules 1.4). */
int fw_session_append_minor(struct fw_session *session, struct fw_device_record *record);

/* The number of the next record is (not) somewhere in flash, as that of one record: while it is,
 * every append is FW_E_IO. */
void fw_session_promise_next(struct fw_session *session, bool is_promised);

/* Counts; goes to flash within FW_SESSION_SAVE_MS. */
void fw_session_count(struct fw_session *session, enum fw_session_count count);

/* The gate has stored a configuration; the service hears of it at once. */
void fw_session_set_config_revision(struct fw_session *session, int64_t revision);

/* The retained `state` that the port registers as its will: offline. To be asked before each
 * connect, as a new epoch changes it. Bytes, or FW_E_TOO_LARGE. */
int fw_session_will(const struct fw_session *session, char *buf, size_t size_max);

#endif
