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
#include "core/signed.h"
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
#define FW_SESSION_SAVE_MS 60000         /* between two saves of counters, or tries of them */
#define FW_SESSION_FLOOR_STEP_MS 3600000 /* the time is saved when it moved so far, or back */
#define FW_SESSION_SAVES_FAILED_MAX 5    /* in a row: then the session is UNSAVED (rules 1.9) */
/* An oldest record that cannot be read is tried again after so long; after so many failures in a
 * row it counts as lost, if a later record can be read. */
#define FW_SESSION_READ_AGAIN_MS 10000
#define FW_SESSION_READS_FAILED_MAX 6
#define FW_SESSION_NONCE_BYTES 16
/* A service that has answered protocol 1 alone is asked for 2 after so long, and with each link. */
#define FW_SESSION_PROBE_MS 60000
#define FW_SESSION_STORED_BYTES_MAX 256 /* of any later struct fw_session_stored */

/* What fw_session_open() takes. */
struct fw_session_setup {
    enum fw_msg_device_kind kind;
    const char *firmware;         /* version, as device.state wants it */
    const char *compartments;     /* locker: sizes, e.g. "SSML"; scanner: NULL */
    struct fw_flash_log *log;     /* open */
    struct fw_snapshot *snapshot; /* open; of this session alone */
    struct fw_clock_state *clock; /* the session sets its floor and its server time */
    const struct fw_net *net;
    const struct fw_rng *rng;
    struct fw_identity identity; /* with a key: the session speaks protocol 2 (rules 8) */
    /* Called for each verdict once, in the order of the records; a second time only when the power
     * was cut before the record was freed. May be NULL. The verdict is borrowed for the call. The
     * callback may append and count, and calls nothing else of the session or the gate. */
    void (*on_verdict)(void *self, const struct fw_device_verdict *verdict);
    void *self;
};

enum fw_session_count {
    FW_SESSION_BOUNCED = 0,
    FW_SESSION_UNREADABLE = 1,
    FW_SESSION_OVERFLOWED = 2,
};
#define FW_SESSION_COUNTS 3

/* What messages say of the log, and what the service may know of it: see fw_session_on_ack(). */
struct fw_session_log {
    uint8_t epoch[FW_EPOCH_BYTES];      /* of the log that the other members are about */
    uint8_t told_epoch[FW_EPOCH_BYTES]; /* in messages; differs from `epoch` once it was renewed */
    int64_t from_seq;                   /* records before it were told under an earlier epoch */
    int64_t
        doubt_seq; /* first record made since a start was last told `stored`; 0: this start was */
};

/* What survives a restart, also one with another firmware: members are added at the end alone, so
 * that an epoch that was told is never forgotten. */
struct fw_session_stored {
    int64_t boot;
    int64_t counts[FW_SESSION_COUNTS];
    int64_t floor_ms;
    struct fw_session_log log;
};

/* Does the service know this log? Moves once a start, when the first `stored` came
 * (rules 1.2, 1.9):
 *
 *   ASKING --flash has taken what `stored` means--> KNOWN
 *      |
 *      +-----flash failed too often---------------> UNSAVED
 *
 * On either way the epoch may be renewed; then the link goes DOWN, and the next one begins with the
 * new epoch in its will. */
enum fw_session_phase {
    FW_SESSION_ASKING = 0,  /* only hellos leave; waits for the ack of one, asks after 2 to 30 s */
    FW_SESSION_KNOWN = 1,   /* records leave, until the next start */
    FW_SESSION_UNSAVED = 2, /* records leave, although flash does not know what `stored` meant */
};

/* What is under way over the link:
 *
 *   DOWN --link came--> IDLE --`up` sent--> WAITING --its ack--> IDLE
 *     ^                  |                    |
 *     +----link went-----+--------------------+ */
enum fw_session_link {
    FW_SESSION_DOWN = 0,    /* waits for the port, without limit */
    FW_SESSION_IDLE = 1,    /* waits for a record, or for the next hello: at most 30 s */
    FW_SESSION_WAITING = 2, /* waits for the ack until resend_at_ms, then sends again */
};

/* Which protocol the `up` under way speaks (rules 8.1). A service of version 0.3 takes no `up` with
 * protocol 2: after one that had no answer the other kind is sent, in turn. */
struct fw_session_proof {
    uint8_t nonce[FW_SESSION_NONCE_BYTES];
    int64_t asked_ms;    /* monotonic: when the nonce left; 0: the `up` under way has none */
    int64_t plain_to_ms; /* monotonic: an `up` has no nonce before; 0: it has one */
};

/* Declared by the caller; only to be read from outside. */
struct fw_session {
    struct fw_session_setup setup;
    struct fw_session_stored stored;
    enum fw_session_phase phase;
    enum fw_session_link link;
    int64_t config_revision;
    int64_t open_seq;        /* of the first record of this boot */
    int64_t told_seq;        /* verdicts up to this record have been told */
    int64_t flight_seq;      /* last record of the `up` under way; 0: it is a hello, or none is */
    int64_t flight_next_seq; /* the log's next_seq when the `up` under way was sent */
    int64_t resend_at_ms;    /* monotonic: the `up` under way is sent again */
    int64_t hello_at_ms;     /* monotonic: the next hello while idle */
    int64_t save_at_ms;      /* monotonic: `stored` is not saved before */
    int64_t start_at_ms;     /* monotonic: ticks do not try the `start` record before */
    int64_t read_at_ms;      /* monotonic: the oldest record is not read before; 0: it was read */
    uint32_t resend_ms;      /* the pause after the next `up`, without jitter */
    uint32_t refused_count;  /* acks ignored: wrong epoch, beyond the log, against the schema */
    uint32_t sent_count;     /* `up` messages since the start */
    uint32_t lost_count;     /* records that flash lost after it had taken them; passed over */
    uint32_t failed_saves;   /* in a row */
    uint32_t failed_reads;   /* of the oldest record, in a row */
    struct fw_session_proof proof;
    uint8_t owner_protocol; /* that the service speaks, as a MAC has shown; the gate stores it */
    bool is_start_due;      /* the `start` record is to be appended */
    bool is_hello_due;      /* a hello is to be sent at once, unless records are */
    bool is_state_due;      /* `state` online is to be published */
    bool is_next_promised;  /* next_seq belongs to one record of the gate: no other is appended */
    bool is_dirty;          /* `stored` differs from flash */
    /* Used by fw_session_tick() (up), fw_session_on_ack() (ack, until its verdicts are told, so
     * on_verdict must not touch it), and the gate's handling of a configuration (up). Nothing in
     * it survives a call. */
    union {
        char up[FW_SESSION_UP_BYTES_MAX];
        struct fw_device_ack ack;
    } scratch;
};

/**
 * fw_session_open() - Begin after power-up: load what was stored, and count the boot.
 *
 * Appends nothing: the gate must see the log first as the power cut left it. A boot count that
 * flash does not take is saved by a later tick.
 *
 * @setup: copied; what it points to is borrowed for the session's life.
 *
 * Source: rules 1.1, 1.8, 2.8.
 */
void fw_session_open(struct fw_session *session, const struct fw_session_setup *setup);

/**
 * fw_session_stop() - Save counters and time before a clean stop.
 *
 * A stop without this call loses nothing but the counts since the last save.
 */
void fw_session_stop(struct fw_session *session);

/**
 * fw_session_start() - Append the `start` record, if this boot has not got it yet.
 *
 * For who must know that it is in flash before something else is. Every append and every tick does
 * it as well, so that it is the first record of its boot. A log that is low on space goes without
 * the record, in this boot for good.
 *
 * Returns true when nothing is left to do; false when flash did not take the record: call again,
 * or leave it to the next append or tick; it may then come between any two later records.
 */
bool fw_session_start(struct fw_session *session);

/**
 * fw_session_on_link() - The link came or went.
 *
 * With a new link, the next tick sends `state`, and the records that are held or else a hello.
 */
void fw_session_on_link(struct fw_session *session, bool is_up);

/**
 * fw_session_on_ack() - A message on `ack`: tell its verdicts, then free its records.
 *
 * The first `stored` since the start ends the phase ASKING. When it names a record that was made
 * since an earlier `stored`, and that this start has not sent, then the log had other records under
 * these numbers before: its flash was restored from an older image, or has lost its newest block.
 * The service would take the new records for the old ones. So the session renews the epoch that it
 * tells, beginning with the first record in doubt, and asks the port for a new link.
 *
 * With a key: an ack with a MAC counts only as the answer to the `up` under way, and its time is
 * proved (core/clock.h). Once the service has shown that it signs, one without a MAC tells no time.
 *
 * What `stored` means is in flash before a record leaves. When flash fails
 * FW_SESSION_SAVES_FAILED_MAX times in a row, the session goes on as UNSAVED.
 *
 * Errors: FW_E_INVALID: another epoch, beyond the log, a wrong MAC, or against the schema; ignored
 *         and counted. FW_E_IO: flash did not take what `stored` means; the session asks again.
 * Source: rules 1.3, 1.6, 1.9, 8.3.
 */
int fw_session_on_ack(struct fw_session *session, const char *payload, size_t size);

/**
 * fw_session_tick() - Save and send what is due.
 *
 * Call it after each append and each message too. Returns the monotonic ms at which it must be
 * called again at the latest.
 */
int64_t fw_session_tick(struct fw_session *session, int64_t now_ms);

/**
 * fw_session_append() - Make a record of what happened. Tell the person only after FW_OK.
 *
 * @record: kind and what belongs to it (rules 2); seq and at are filled in.
 *
 * Errors: FW_E_FULL: the log is full, nothing was taken; a scan is counted as overflowed, and the
 *         person must hear it (rules 1.4). FW_E_IO: flash is broken, or the next sequence number
 *         is promised.
 */
int fw_session_append(struct fw_session *session, struct fw_device_record *record);

/**
 * fw_session_append_minor() - Make a record that can come in any number: doors, boards, refusals.
 *
 * The last free block of the log is kept for scans and for the uses of locks: without another free
 * block this call returns FW_E_FULL. Otherwise as fw_session_append(). Source: rules 1.4.
 */
int fw_session_append_minor(struct fw_session *session, struct fw_device_record *record);

/**
 * fw_session_promise_next() - Keep the next sequence number for one record, or release it.
 *
 * While the gate has that number in its journal, every append fails with FW_E_IO; the gate releases
 * the number for the append of its own record.
 */
void fw_session_promise_next(struct fw_session *session, bool is_promised);

/** fw_session_count() - Add one to a count; flash has it within FW_SESSION_SAVE_MS. */
void fw_session_count(struct fw_session *session, enum fw_session_count count);

/**
 * fw_session_set_config_revision() - The revision to tell from now on; a hello tells it at once.
 */
void fw_session_set_config_revision(struct fw_session *session, int64_t revision);

/**
 * fw_session_will() - The retained `state` offline that the port registers as its will.
 *
 * To be asked before each connect, because a renewed epoch changes it. Returns its size in bytes,
 * or FW_E_TOO_LARGE.
 */
int fw_session_will(const struct fw_session *session, char *buf, size_t size_max);

#endif
