/* What a service may ask of the world, as structs of functions. Handlers and domain reach time,
 * randomness, the broker and the log through these alone; the production set is in kit/loop,
 * kit/bus and kit/log, a simulated set runs the same objects. All calls come from the loop thread
 * and none of them blocks. */
#ifndef KIT_PORT_PORTS_H
#define KIT_PORT_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kit/base/actor.h"
#include "kit/base/error.h"

struct kit_clock {
    int64_t (*wall_ms)(
        void *self); /* ms since 1970 UTC; may jump; for people and deadlines on the wire */
    int64_t (*mono_ms)(void *self); /* never goes back; for durations and timers */
    void *self;
};

struct kit_rng {
    void (*fill)(void *self, void *ret_bytes, size_t size_bytes); /* unpredictable bytes */
    void *self;
};

enum kit_level {
    KIT_DEBUG = 0,
    KIT_INFO = 1,
    KIT_WARN = 2,
    KIT_ERROR = 3,
};

struct kit_log {
    /* event: a short stable name ("message_refused"); text: one sentence for people. */
    void (*write)(void *self, enum kit_level level, const char *event, const char *text);
    void *self;
};
/* Formats one sentence and hands it to log->write(), which decides whether the level is wanted. A
 * text of more than 1023 bytes is cut between characters. Any thread that log->write() takes. */
void kit_log_write(const struct kit_log *log, enum kit_level level, const char *event,
                   const char *format, ...) KIT_FORMAT(4, 5);

#define KIT_KEY_BYTES 32
#define KIT_SITE_DEFAULT "main"

/* Keys that live outside the database, one file each. Read at each call, so that a device can be
 * added while we run. KIT_E_NOT_FOUND: there is none; KIT_E_INVALID: not 64 hex digits;
 * KIT_E_UNAVAILABLE: it cannot be read. */
struct kit_keys {
    int (*find)(void *self, const char *name, uint8_t ret_key[KIT_KEY_BYTES],
                struct kit_error *err);
    void *self;
};

/* Where the database lives: real SQLite, on a named VFS (NULL: the system's). */
struct kit_store_port {
    const char *path;
    const char *vfs;
    bool is_copy; /* of what others keep: several processes may have it open, nothing is synced */
    bool was_restored; /* from a backup: the event log gets a new epoch at this start */
    bool existed;      /* there has been a database before: one that is not there now was lost */
    int64_t begin_at;  /* a person says that lower numbers are in use; 0: the followers are asked */
};

#define KIT_TOPIC_SIZE 200
#define KIT_INSTANCE_SIZE 48 /* name of a service instance: "stock-busan" */
#define KIT_CORRELATION_SIZE 16
#define KIT_PAYLOAD_BYTES_MAX                                                                      \
    262144              /* the broker's message_size_limit; larger ones are never sent */
#define KIT_KEY_SIZE 97 /* idempotency key: 1 to 96 visible ASCII characters */
#define KIT_TRACEPARENT_SIZE 56

/* One MQTT message with the MQTT 5 properties that we use. A string is "" when absent. Inbound
 * messages belong to the bus until the callee returns; outbound ones are copied by publish(). */
struct kit_message {
    const char *topic;
    const void *payload;
    size_t payload_size_bytes;
    int qos;
    bool retain;
    const char *response_topic;
    uint8_t correlation[KIT_CORRELATION_SIZE];
    bool has_correlation;
    /* user properties */
    int64_t deadline_ms;     /* "deadline": wall clock, 0: none; what 0.3 judges by */
    int64_t left_ms;         /* "left": how long the sender waits for the answer; 0: not said */
    uint32_t sender_life;    /* "sent": drawn by the sender's process; 0: not said */
    int64_t sent_mono_ms;    /* "sent": when, by the sender's monotonic clock */
    int64_t now_ms;          /* "now": the sender's confirmed time, on heads; 0: not said */
    const char *status;      /* "status": enum kit_code by name, on replies */
    const char *key;         /* "idempotency-key" */
    const char *traceparent; /* "traceparent" */
    struct kit_actor actor;  /* "actor", "account", "role": each is left out when it is none */
};

/* Work that takes long, off the loop: it touches its data and nothing else. */
struct kit_job {
    void (*run)(void *data);
    void *data;
    struct kit_job *next; /* for the port, while it has the job */
};

struct kit_work {
    /* Runs the job on another thread. It belongs to the port until take() gives it back. */
    void (*start)(void *self, struct kit_job *job);
    /* A job that has ended, once; NULL: none. */
    struct kit_job *(*take)(void *self);
    void *self;
};

struct kit_bus {
    /* Copies and queues. cookie 0: nobody waits; otherwise on_published(cookie) follows exactly
     * once. KIT_E_UNAVAILABLE when not connected, KIT_E_LIMIT when the queue is full,
     * KIT_E_TOO_LARGE. */
    int (*publish)(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err);
    void *self;
};

#endif
