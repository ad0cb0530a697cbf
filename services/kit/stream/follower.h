/* How far a consumer is in one stream, and when it must ask the source. Decisions only: no I/O, no
 * clock; kit/service does what it says. Loop thread.
 *
 * Stories, each a test:
 *  1. seq <= cursor: a duplicate, dropped. cursor+1: applied. Higher: a gap; we ask the source.
 *  2. The last message of a burst is lost: the head shows it; after KIT_HEAD_GRACE_MS we ask.
 *  3. The source has another epoch than ours (new or restored database): its answer tells; we start
 *     again from 0, and versions keep what is older from being applied.
 *  4. The source is away: we ask again with growing, jittered pauses, one question at a time; when
 * it comes online, at once. Not known to be online, it is asked only when the pause has grown to
 * its maximum: a question that nobody hears would block the next one for its whole time-out.
 *  5. A handler fails: the cursor stays, we ask for the same event again after a pause; after
 *     KIT_EVENT_TRIES_MAX the event is parked.
 *  6. An answer brings nothing although the head is ahead (a damaged log, a disk of ours that is
 *     full): we ask on, with growing pauses.
 *  7. The source has less than we had read when we asked: it was restored from a backup without a
 *     new epoch. We are degraded, as nobody can know what differs. An answer that was
 *     overtaken by events of the stream is no such thing. Two heads in a row below the cursor make
 *     us ask; one may have been overtaken too, or say only what the broker has confirmed. */
#ifndef KIT_STREAM_FOLLOWER_H
#define KIT_STREAM_FOLLOWER_H

#include "kit/stream/log.h"

#define KIT_HEAD_GRACE_MS 500
#define KIT_HEADS_BELOW 2 /* in a row, then the source is asked */
/* Events of one page. Whoever asks us for something waits behind a page; who only shows what others
 * decide is asked for nothing that has 610 ms. */
#define KIT_FETCH_LIMIT 64
#define KIT_FETCH_LIMIT_PATIENT 256
#define KIT_FETCH_TIMEOUT_MS 1000
#define KIT_FETCH_PAUSE_MIN_MS 50
#define KIT_FETCH_PAUSE_MAX_MS 2000
#define KIT_EVENT_TRIES_MAX 5

enum kit_event_verdict {
    KIT_EVENT_DUPLICATE = 0,
    KIT_EVENT_NEXT = 1,
    KIT_EVENT_GAP = 2,
};

struct kit_follower {
    char source[KIT_INSTANCE_SIZE];
    char epoch[KIT_EPOCH_SIZE]; /* "" before the first contact */
    int64_t seq;                /* the cursor */
    bool is_dirty;              /* the cursor moved in the open transaction */
    bool is_up;
    bool is_fetching;
    int64_t fetch_at_mono_ms; /* INT64_MAX: nothing to ask */
    int64_t fetched_from;     /* the cursor when the question was sent; -1: of another history */
    bool is_stuck;            /* the last answer brought us nothing although there is more */
    bool went_back;           /* the source has less than we have read: it was restored */
    int64_t pause_ms;         /* the last pause between two questions that failed */
    int64_t watch_seq;        /* a head that we should have reached by watch_at */
    int64_t watch_at_mono_ms; /* INT64_MAX: no such head */
    int64_t head_seq;         /* the last head heard of, for people */
    int64_t highest_id;       /* the highest number of a subject ("rental/3"), of all histories */
    int64_t highest_version;  /* of an event, the same */
    int heads_below;          /* that were below the cursor, in a row */
    int64_t failed_seq;       /* the event whose handler failed, and how often */
    int failed_count;
    int64_t ask_latest, ask_sent, ask_confirmed;
    int64_t applied_total, duplicate_total, gap_total, fetch_total, parked_total;
};

/* Begins at the start of the log, with no epoch known and the link down. */
void kit_follower_init(struct kit_follower *follower, const char *source);
/* The broker came or went. Up: the source is to be asked at once, for what was missed. Down:
 * nothing is asked, and an answer under way no longer counts. */
void kit_follower_on_link(struct kit_follower *follower, bool is_up, int64_t now_mono_ms);

/* What an event is to us, by the cursor alone (story 1). Changes nothing. One of another epoch is a
 * gap: only the answer to a fetch may change the epoch. */
enum kit_event_verdict kit_follower_judge(const struct kit_follower *follower, const char *epoch,
                                          int64_t seq);
/* Moves the cursor to seq, which must be the next one, in the open transaction. Also for an event
 * that was parked or passed over. */
void kit_follower_on_applied(struct kit_follower *follower, int64_t seq);
/* Notes how far the source has gone with its numbers and versions; it asks when its database is
 * lost. Before the event is applied. */
void kit_follower_note(struct kit_follower *follower, const char *subject, int64_t version);
/* Whether everything has been read that the source had when it answered last. false before its
 * first answer since the link came up. */
bool kit_follower_is_at_head(const struct kit_follower *follower);
/* An event came whose predecessors have not: the source is to be asked at once, unless a pause
 * after a failure runs. */
void kit_follower_on_gap(struct kit_follower *follower, int64_t now_mono_ms);
/* The source says how far its log reaches. When that is beyond the cursor, or of another epoch, and
 * stays so for KIT_HEAD_GRACE_MS, it is to be asked; when it is below the cursor, by the second
 * head in a row (story 7). */
void kit_follower_on_head(struct kit_follower *follower, const char *epoch, int64_t seq,
                          int64_t now_mono_ms);

/* A handler failed in a way that may get better. true: park it now, it was the last try. */
bool kit_follower_on_failed(struct kit_follower *follower, int64_t seq, int64_t now_mono_ms);

/* Notes that the owner wants to know how far the source is; returns the number of the ask. */
int64_t kit_follower_ask(struct kit_follower *follower, int64_t now_mono_ms);

/* The source has just said that it is there. */
void kit_follower_on_online(struct kit_follower *follower, int64_t now_mono_ms);
/* Whether a question is worth sending now, given what presence says. */
bool kit_follower_may_send(const struct kit_follower *follower, bool is_online);

/* Whether a question is due. false while one is under way, and while the link is down. */
bool kit_follower_wants_fetch(const struct kit_follower *follower, int64_t now_mono_ms);
/* The question for what follows the cursor has left. Its end must be told, by one of the functions
 * below; until then no other is due. */
void kit_follower_on_fetch_sent(struct kit_follower *follower);
/* No answer, an answer that cannot be used, or a question that could not leave. Doubles the pause,
 * from KIT_FETCH_PAUSE_MIN_MS up to KIT_FETCH_PAUSE_MAX_MS; jitter, 0..255 at random, spreads the
 * next question over the second half of it. */
void kit_follower_on_fetch_failed(struct kit_follower *follower, int64_t now_mono_ms,
                                  uint8_t jitter);
/* The epoch that an answer came with. false: it is another history; the cursor is at its start now
 * and the events of this answer must not be applied (unless we had asked from the start). */
bool kit_follower_on_fetch_epoch(struct kit_follower *follower, const char *epoch);
/* After the events of an answer were applied. Returns the ask that is confirmed by it, 0 if none.
 * jitter: as above, for the pause of a follower that is stuck. */
int64_t kit_follower_on_fetch_applied(struct kit_follower *follower, int64_t head_seq,
                                      int64_t now_mono_ms, uint8_t jitter);

/* Moves the cursor to seq, forward or back, and reads nothing in between: for a reader that keeps a
 * window of the stream and needs no more of it. Between the epoch of an answer and its events. */
void kit_follower_jump(struct kit_follower *follower, int64_t seq);

/* When wants_fetch may become true by time alone; INT64_MAX: never. */
int64_t kit_follower_next(const struct kit_follower *follower);

#endif
