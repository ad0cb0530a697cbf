/* Sends the rows of an event log to the stream topic, in order, after they are committed. The log
 * is the queue: nothing is held here but how far we are. What the broker has not confirmed when the
 * link goes down is sent again; what it confirms and loses, the consumers fetch. Loop thread. */
#ifndef KIT_STREAM_PUBLISHER_H
#define KIT_STREAM_PUBLISHER_H

#include "kit/stream/log.h"

#define KIT_PUBLISHER_IN_FLIGHT_MAX                                                                \
    64 /* stream messages; the rest of the window is for requests                                  \
        */
#define KIT_HEAD_PERIOD_MS 500
#define KIT_HEAD_BUSY_MS                                                                           \
    10000 /* so long after the last change, and while anything is unconfirmed */
#define KIT_HEAD_IDLE_MS                                                                           \
    5000 /* then so often: 20 heads have said it, and whoever connects asks                        \
          */

struct kit_publisher {
    struct kit_event_log *log;
    const struct kit_bus *bus;
    int64_t events_max;   /* in a message; KIT_STREAM_EVENTS_MAX, or fewer */
    size_t in_flight_max; /* KIT_PUBLISHER_IN_FLIGHT_MAX, or fewer */
    struct kit_buf batch;
    char stream_topic[KIT_TOPIC_SIZE];
    char head_topic[KIT_TOPIC_SIZE];
    bool is_up;
    bool is_paused;
    uint64_t generation;   /* of the link; completions of an older one are ignored */
    int64_t committed_seq; /* last row that a commit has made true */
    int64_t sent_seq;      /* last row handed to the bus */
    int64_t acked_seq;     /* last row that, with all before it, the broker has confirmed */
    int64_t in_flight[KIT_PUBLISHER_IN_FLIGHT_MAX]; /* ring: last seq of each message */
    bool is_done[KIT_PUBLISHER_IN_FLIGHT_MAX];
    size_t first, count;
    int64_t told_seq; /* committed when the heads were last speeded up; -1: the link is new */
    int64_t busy_until_mono_ms;
    int64_t next_head_mono_ms;
    int64_t now_ms; /* the owner's confirmed time, which heads tell; 0: they do not */
    int64_t messages_total, events_total;
};

/* Starts behind the last row of the log, which must be open: older rows are fetched by those who
 * lack them. The log and the bus are borrowed; the link is down. */
void kit_publisher_init(struct kit_publisher *publisher, struct kit_event_log *log,
                        const struct kit_bus *bus);
/* Frees the memory of the batch. A zeroed struct is fine. */
void kit_publisher_done(struct kit_publisher *publisher);
/* The broker came or went: what it has not confirmed counts as not sent. Coming, it is given the
 * head, retained. */
void kit_publisher_on_link(struct kit_publisher *publisher, bool is_up);
/* The transaction that appended up to log->head is committed. */
void kit_publisher_on_commit(struct kit_publisher *publisher);
/* How a publish with a cookie of ours ended. A refusal sends everything again from the first row
 * that is not confirmed, after the next heartbeat. */
void kit_publisher_on_published(struct kit_publisher *publisher, uint64_t cookie, int code);
/* Sends what the window allows; a bus that takes nothing is no failure, the rows wait. Not KIT_OK:
 * the log could not be read. Inside a (read) transaction. */
int kit_publisher_pump(struct kit_publisher *publisher, struct kit_error *err) KIT_MUST_CHECK;
/* Whether committed rows wait and may be sent: the link is up, the window open, no pause after a
 * refusal. */
bool kit_publisher_wants_pump(const struct kit_publisher *publisher);
/* The heartbeat, before and after a commit; returns when the next is due. Every KIT_HEAD_PERIOD_MS
 * while something changes, so that a lost tail is seen as soon; every KIT_HEAD_IDLE_MS when nothing
 * has changed for KIT_HEAD_BUSY_MS. */
int64_t kit_publisher_tick(struct kit_publisher *publisher, int64_t now_mono_ms);

#endif
