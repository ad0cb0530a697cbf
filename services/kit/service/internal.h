/* What the files of the service runtime share. Nobody else includes this.
 *
 *   service.c     life, links, timers          executor.c  requests and their stored responses
 *   batch.c       items, commit, outbox        calls.c     our own calls of other services
 *   streams.c     events in, fetch, confirm    dead_letter.c  what could not be applied
 *   devices.c     scanners and lockers, the timer        metrics.c  numbers for operators
 *   status.c      what it says of itself      copy.c       a copy for a backup
 *   degraded.c    what it owes                time.c       what clocks say
 *   access.c      who may ask for what       work.c       work off the loop
 *   ask.c         requests without a broker */
#ifndef KIT_SERVICE_INTERNAL_H
#define KIT_SERVICE_INTERNAL_H

#include "kit/base/timekeeper.h"
#include "kit/rpc/passage.h"
#include "kit/rpc/topic.h"
#include "kit/service/device_budget.h"
#include "kit/service/service.h"
#include "kit/store/copy.h"
#include "kit/stream/debts.h"
#include "kit/stream/follower.h"
#include "kit/stream/log.h"
#include "kit/stream/publisher.h"
#include "msg/wire_event.gen.h"

#define SUBSCRIPTIONS_MAX 8
#define ROUTES_MAX 32
#define DEVICE_ROUTES_MAX 2
#define SETTINGS_MAX 16
#define OUTBOX_MAX 2048      /* staged messages of one batch */
#define STAGED_CALLS_MAX 512 /* staged calls of one batch */
#define BATCH_MEMORY_BYTES_MAX (96 << 20)
#define ITEM_MEMORY_BYTES_MAX (8 << 20)
#define RESPONSE_BYTES_MAX (KIT_PAYLOAD_BYTES_MAX - 1024)
#define RESPONSE_KEEP_MS INT64_C(86400000)
#define RESPONSE_EXPIRE_ROWS 500 /* deleted at a time */
#define RECOVERY_FOLLOWERS_MAX 8
#define DEAD_LETTERS_MAX 10000 /* beyond, the stream waits for the operator */
#define HASH_SIZE 16
#define CLOCK_APART_MS 5000 /* by so much a source may be ahead of us, then we are degraded */
#define CLOCK_FINE_MS 2000

/* Why a message was refused before any handler saw it. */
#define REFUSAL_MAP(X)                                                                             \
    X(REFUSED_TOPIC, "topic")                                                                      \
    X(REFUSED_TOO_LARGE, "too_large")                                                              \
    X(REFUSED_MALFORMED, "malformed")                                                              \
    X(REFUSED_SCHEMA, "schema")                                                                    \
    X(REFUSED_SOURCE, "source")                                                                    \
    X(REFUSED_REPLY_TO, "reply_to")                                                                \
    X(REFUSED_DEADLINE, "deadline")                                                                \
    X(REFUSED_EXPIRED, "expired")                                                                  \
    X(REFUSED_KEY, "key")                                                                          \
    X(REFUSED_METHOD, "method")                                                                    \
    X(REFUSED_RETAINED, "retained")                                                                \
    X(REFUSED_DEVICE, "device")

enum refusal {
#define REFUSAL_ENUM(name, text) name,
    REFUSAL_MAP(REFUSAL_ENUM)
#undef REFUSAL_ENUM
        REFUSAL_COUNT,
};

extern const char *const service_refusal_names[REFUSAL_COUNT];

/* A reply that leaves after the commit. Strings live in the batch's memory. */
struct staged_message {
    char topic[KIT_TOPIC_SIZE];
    const char *payload;
    size_t payload_size_bytes;
    uint8_t correlation[KIT_CORRELATION_SIZE];
    int code;     /* goes out as the status property */
    bool is_read; /* nothing that the batch owes to anybody: told whatever becomes of it */
    bool is_for_device;
    bool is_retained;      /* only for a device */
    struct ticket *ticket; /* is_answered by it; NULL: none */
};

struct staged_call {
    char instance[KIT_INSTANCE_SIZE];
    char method[KIT_METHOD_SIZE];
    char key[KIT_KEY_SIZE];
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct kit_actor actor;
    const char *body;
    size_t body_size_bytes;
    int64_t timeout_ms;
    int64_t latest_mono_ms; /* 0: by its timeout */
    kit_service_done_cb on_done;
    uint64_t context;
};

struct open_call;

typedef int (*kit_method_run)(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                              struct kit_error *err);

/* A method that the kit itself answers. */
struct kit_method {
    struct kit_rpc_method row;
    kit_method_run run;
};

/* A method of this service. */
struct service_method {
    const struct kit_rpc_method *row;
    size_t index;       /* in the table of requests, if run is NULL */
    kit_method_run run; /* of the kit's own */
    int64_t ok_total, refused_total, failed_total;
};

/* Whom to answer. */
struct ticket {
    bool is_open;
    bool is_answered; /* by the open item: closed when that ends well, else open as before */
    uint32_t generation;
    int next_free;
    const struct service_method *method; /* NULL: there is none of that name */
    char topic[KIT_TOPIC_SIZE];
    char caller[KIT_INSTANCE_SIZE];
    char key[KIT_KEY_SIZE];
    struct kit_actor actor;
    bool is_own; /* it is about objects of the actor's account */
    uint8_t correlation[KIT_CORRELATION_SIZE];
    uint8_t hash[HASH_SIZE];
    int64_t expires_mono_ms;
    size_t open_index; /* in open_keys, while open */
};

/* The open tickets side by side, so that looking for a key reads a few cache lines. */
struct open_key {
    uint32_t hash; /* of caller, account and key */
    int ticket;
};

/* Where parked events wait, one behind the other: those of one subject. */
struct letter_lane {
    char source[KIT_INSTANCE_SIZE]; /* "": none */
    char subject[80];
    char epoch[KIT_EPOCH_SIZE];
};

/* An event, the epoch of its source, and the envelope in which it came. */
struct arrival {
    const struct kit_event *event;
    const char *epoch;
    const cJSON *envelope;
};

struct fetch_context {
    struct kit_service *service;
    size_t index;
};

/* Who handles an event: a row of a table. */
struct event_handler {
    const struct kit_event_table *table;
    size_t index;
};

/* Counts since the start, of what a status tells the difference. */
struct status_totals {
    int64_t requests, device_messages, events_out, commits, commit_ms;
    int64_t applied[SUBSCRIPTIONS_MAX];
};

struct service_status_state {
    struct status_totals told; /* by the last status */
    int64_t opened_mono_ms, told_mono_ms, due_mono_ms;
    int64_t commit_max_ms; /* since then */
};

/* Of a backup. */
struct service_copy {
    struct kit_copy *copy; /* NULL: none under way */
    int64_t step_due_mono_ms, ask_until_mono_ms;
    int64_t hold_until_mono_ms; /* no event is taken in before; 0: it is not held */
    struct kit_error failure;   /* of the last one */
};

/* A device that somebody has to mend. */
struct device_trouble {
    char device[KIT_INSTANCE_SIZE]; /* "": none since the start */
    int64_t at_mono_ms;
};

/* What becomes of a database that was lost or restored: recovery.c. The numbers are stored. */
enum recovery_phase {
    RECOVERY_NONE = 0,    /* nothing is missing */
    RECOVERY_ASKING = 1,  /* we wait for our followers to say how far numbers have gone */
    RECOVERY_READING = 2, /* we read our sources, one after the other */
};

/* One follower, while it is asked. */
struct recovery_asked {
    struct kit_service *service;
    bool has_answered, is_under_way, has_failed;
    int64_t due_mono_ms;
    int64_t highest_id, highest_version;
};

struct service_recovery {
    enum recovery_phase phase;
    int64_t highest_id, highest_version; /* that anybody had seen before; 0: nothing was lost */
    int64_t lost_count;                  /* numbers that nobody has told us of again */
    size_t turn;                         /* READING: the subscription that is read now */
    struct recovery_asked asked[RECOVERY_FOLLOWERS_MAX];
    char sentence[KIT_ERROR_TEXT_SIZE - 64]; /* why we are not ready */
};

/* Jobs in the order in which they came. */
struct work_job;
#define WORK_JOBS_MAX (KIT_SERVICE_WORK_AT_ONCE + KIT_SERVICE_WORK_WAITING_MAX)
struct service_work {
    struct work_job *jobs[WORK_JOBS_MAX]; /* owned */
    size_t count;
    int64_t done_total, refused_total;
};

struct kit_service {
    const struct kit_service_desc *desc;
    char instance[KIT_INSTANCE_SIZE];
    struct kit_service_ports ports;
    struct kit_setting settings[SETTINGS_MAX];
    struct kit_service_limits limits; /* none is 0 */
    size_t setting_count;
    void *app;
    bool app_is_open;
    bool is_closed;
    bool is_up;

    struct kit_db *db;
    struct kit_statements statements;
    struct kit_rpc_client *client;

    /* the item and the batch */
    struct kit_arena item_arena;
    struct kit_arena batch_arena;
    struct kit_buf scratch;
    struct kit_buf response;
    size_t item_count;
    bool is_loud; /* the open batch owes somebody something: commit it at once */
    int64_t batch_opened_mono_ms;
    struct kit_error lost_batch;     /* set: the open batch cannot be committed any more */
    struct kit_error last_commit;    /* how the last one ended */
    struct kit_error commit_failure; /* of the batch whose calls are to be ended now */
    int64_t now_ms;                  /* of the open item */
    struct kit_timekeeper time;
    int64_t time_kept_mono_ms; /* when the database was told, */
    int64_t kept_claim_ms;     /* and of which claim */
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct kit_actor actor; /* of the open item */
    size_t outbox_count, call_count;
    size_t item_outbox_count, item_call_count; /* at the item's begin, for its rollback */
    int64_t item_log_head;
    bool item_is_open;
    bool is_flushing;
    struct staged_message outbox[OUTBOX_MAX];
    struct staged_call calls[STAGED_CALLS_MAX];
    struct open_call *open_calls; /* list */

    /* streams */
    struct kit_event_log log;
    int64_t damage_told; /* the damaged row that was logged last */
    struct kit_publisher publisher;
    struct kit_follower followers[SUBSCRIPTIONS_MAX];
    struct fetch_context fetch_contexts[SUBSCRIPTIONS_MAX];
    int64_t parked_count;
    struct letter_lane freed_lane; /* by the request under way */

    /* requests */
    struct service_method methods[ROUTES_MAX];
    size_t method_count;
    const struct kit_rpc_request *request; /* of the open item, or NULL */
    const struct kit_event *event;         /* the same */
    struct ticket *tickets;                /* KIT_SERVICE_TICKETS_MAX */
    int ticket_free;
    struct kit_passage passage;
    struct open_key open_keys[KIT_SERVICE_TICKETS_MAX];
    size_t ticket_count;
    int64_t next_expiry_mono_ms;
    int64_t timer_due_mono_ms;
    struct device_budget budget;
    struct device_trouble flood, twins; /* the latest of each kind */

    struct kit_error failure;
    int64_t refused_total[REFUSAL_COUNT];
    int64_t items_total, commits_total, commit_failures_total, item_failures_total;
    int64_t dropped_replies_total, device_messages_total, commit_ms_total;
    struct service_status_state status;
    struct service_work work;
    struct service_copy copy;
    struct service_recovery recovery;

    /* what it owes */
    struct kit_degraded degraded;
    struct kit_debts debts;
    int64_t event_made_ms;               /* of the message at hand */
    int64_t ahead_ms[SUBSCRIPTIONS_MAX]; /* how far the last new event of a source was made in our
                                            future */
};

enum statement {
    Q_CURSOR_GET,
    Q_CURSOR_SET,
    Q_RECOVERY_GET,
    Q_RECOVERY_SET,
    Q_LETTER_ADD,
    Q_LETTER_BLOCKS,
    Q_LETTER_COUNT,
    Q_LETTER_LIST,
    Q_LETTER_PAGE,
    Q_LETTER_GET,
    Q_LETTER_FIRST,
    Q_LETTER_DELETE,
    Q_RESPONSE_GET,
    Q_RESPONSE_ADD,
    Q_RESPONSE_EXPIRE,
    Q_TIME_GET,
    Q_TIME_SET,
    Q_COUNT,
};

/* batch.c */
/* Runs one work item inside a savepoint of the open batch, which it opens when there is none: the
 * work, which calls a handler, then the service's after_item, then the end of the savepoint. When
 * one of them fails, what the item wrote, appended and staged is undone. A code whose action is
 * STOP is kept as the service's failure. traceparent: of the item, "" for none. Not KIT_OK: *err
 * says why; err may be NULL. KIT_E_FULL without a run of work: the batch is lost, and its end must
 * come first. */
int service_run_item(struct kit_service *service, const char *traceparent, kit_service_work_cb work,
                     void *context, struct kit_error *err);
/* The same for work of the kit alone: no handler runs in it, so after_item has nothing to do, and
 * one that fails cannot keep an event from being parked. */
int service_run_own_item(struct kit_service *service, kit_service_work_cb work, void *context,
                         struct kit_error *err);
/* Ends the open batch when it is lost, so that the next item is not refused because of it. For
 * items that nobody brings again: requests, answers, messages of devices. Never for events, whose
 * cursors go back with the batch. */
void service_end_lost_batch(struct kit_service *service);
int64_t service_batch_deadline(
    const struct kit_service *service); /* monotonic; INT64_MAX: none open */
/* Keeps the failure that ends the process; the first one stays. From then on the service takes no
 * message and commits nothing. */
void service_fail(struct kit_service *service, const struct kit_error *err);
/* Stages an answer to a request, with a copy of the payload. It leaves after the commit, or becomes
 * an apology when that fails. An outbox without room is a bug. */
void service_stage_reply(struct kit_service *service, const struct ticket *to, int code,
                         const char *payload, size_t payload_size_bytes);
/* Counts a message that is not taken, under its reason, and logs why. Answers nobody. err may be
 * NULL. */
void service_refuse(struct kit_service *service, enum refusal reason, const char *topic,
                    const struct kit_error *err);
/* The payload as JSON, which the caller deletes; NULL: it was refused and counted. */
cJSON *service_parse(struct kit_service *service, const struct kit_message *message,
                     size_t bytes_max);
/* As kit_service_mono_ms(). */
int64_t service_mono_ms(const struct kit_service *service);
/* Encodes into the scratch, and lends it. Larger than the scratch is a bug. */
const struct kit_buf *service_encode(struct kit_service *service, struct kit_body body);

/* time.c */

/* Begins with what the database remembers. Inside the transaction that opens the service. */
int time_open(struct kit_service *service, int64_t quarantine_ms, struct kit_error *err);
/* What the clocks say now. */
void time_look(struct kit_service *service);
/* Has the database remember, inside a transaction. */
int time_keep(struct kit_service *service, struct kit_error *err);
/* The same, every 10 s, and when a claim begins or ends: for the item that is done from time to
 * time. */
int time_keep_if_due(struct kit_service *service, struct kit_error *err);
/* A head of another service may tell its confirmed time. */
void time_on_head(struct kit_service *service, const struct kit_message *message);
/* How much longer the caller of a request waits: what it said, less the time on the way. A caller
 * of 0.3 says until when instead, and both wall clocks must be right. */
int64_t time_left_ms(struct kit_service *service, const struct kit_message *message,
                     const char *caller);

/* executor.c */

/* Allocates the tickets and lists the methods: those of the table, replay when the service
 * publishes, and those of dead letters when it follows a stream. More than ROUTES_MAX are a bug.
 * Once. */
void executor_open(struct kit_service *service);
/* Runs a request in an item of its own and stages the answer, a problem included; KIT_PENDING of
 * the handler keeps the ticket for later. Without a proven caller or a reply topic the message is
 * refused and nobody is answered. */
void executor_on_request(struct kit_service *service, const struct kit_message *message);
/* When it is due, every 10 s: closes tickets that nobody has answered in time, and deletes stored
 * responses older than RESPONSE_KEEP_MS. Returns the monotonic time of its next turn. */
int64_t executor_tick(struct kit_service *service, int64_t now_mono_ms);
/* The method of that name; NULL: there is none. */
struct service_method *executor_find_method(struct kit_service *service, const char *name);
/* Inside an item: the request as its handler gets it, decoded and whole. */
int executor_read(struct kit_service *service, const struct service_method *method,
                  const cJSON *body, void **ret_in, struct kit_error *err);
/* Inside an item: runs the handler and encodes its answer into service->response. */
int executor_run(struct kit_service *service, const struct service_method *method, const void *in,
                 struct kit_error *err);
/* What becomes of the tickets that the messages staged from `from` on have answered: closed, or
 * open again when the answers are taken back. */
void executor_settle(struct kit_service *service, size_t from, bool is_kept);

/* access.c */

/* Settles who asks, and whether that role may run the method (rules access). KIT_E_FORBIDDEN, or
 * ticket->actor and ticket->is_own are what the handler gets. */
int access_check(const struct kit_service *service, struct ticket *ticket, struct kit_error *err);

/* devices.c */

/* Runs the handler of a device's message in an item. false: the topic belongs to no leaf of the
 * table. */
bool devices_on_message(struct kit_service *service, const struct kit_message *message);
/* Writes the topic filter of each leaf, DEVICE_ROUTES_MAX at most, and returns how many. The QoS is
 * the caller's. */
size_t devices_filters(const struct kit_service *service, struct kit_service_filter *ret_filters);
/* Runs on_timer in an item when it is due; a failure is logged, the next turn tries again. Returns
 * the monotonic time of that turn, INT64_MAX without a timer. */
int64_t devices_tick(struct kit_service *service, int64_t now_mono_ms);

/* status.c */

/* The time of the first status begins. Once. */
void status_open(struct kit_service *service);
/* A commit has succeeded, and took that long. */
void status_on_commit(struct kit_service *service, int64_t duration_ms);
/* Every KIT_STATUS_PERIOD_MS looks at what the service owes and, while the link is up, says how it
 * is; at QoS 0, and it is not missed. Returns the monotonic time of the next one. */
int64_t status_tick(struct kit_service *service, int64_t now_mono_ms);

/* copy.c */

/* Copies the next pages when they are due. Returns the monotonic time of the next ones. */
int64_t copy_tick(struct kit_service *service, int64_t now_mono_ms);
/* Whether no event may be taken in now. */
bool copy_holds(const struct kit_service *service);
/* Gives the copy up, if one is under way, and the hold with it. */
void copy_drop(struct kit_service *service);

/* work.c */

/* Ends the jobs that have run, each in an item of its own, and starts those whose turn it is.
 * Returns the monotonic time of its next turn; a job on another thread wakes the loop by itself. */
int64_t work_tick(struct kit_service *service, int64_t now_mono_ms);
/* When the service is freed; none may run any more. */
void work_forget(struct kit_service *service);

/* recovery.c */

/* Reads how far a recovery is, or begins one: when the database is a new one where one has been, or
 * came back from a backup. Inside a transaction, after the log and the streams are open. */
int recovery_open(struct kit_service *service, struct kit_error *err);
/* Counts what stayed lost, when something was. Inside a transaction, after the service's open. */
int recovery_count(struct kit_service *service, struct kit_error *err);
/* Asks, reads, and goes on to the next phase when that is done. Returns the monotonic time of its
 * next turn. */
int64_t recovery_tick(struct kit_service *service, int64_t now_mono_ms);
/* NULL, or why nothing is decided yet. */
const char *recovery_not_ready(const struct kit_service *service);
/* The same for who asks for an effect: KIT_OK, or KIT_E_UNAVAILABLE. */
int recovery_refuse(const struct kit_service *service, struct kit_error *err);
/* Whether events of that source may be applied now. */
bool recovery_may_read(const struct kit_service *service, const struct kit_follower *follower);
/* seen: how far the caller has gone, as we know it. */
extern const struct kit_method recovery_method;

/* replay.c */

/* A page of our log. */
extern const struct kit_method replay_method;

/* calls.c */

/* Hands the staged calls to the client, after the commit. When the commit failed, each ends with
 * that failure and is not made. What their ends stage waits for the next flush. */
void calls_start(struct kit_service *service);
void calls_forget(struct kit_service *service); /* when the service is freed */

/* streams.c */

/* Sets every follower to its stored cursor and counts the parked events. Inside a transaction. */
int streams_open(struct kit_service *service, struct kit_error *err);
/* Takes a message of a stream or head topic. false: it is of another kind. */
bool streams_on_message(struct kit_service *service, const struct kit_message *message);
/* Writes the cursors that have moved, inside the transaction of the events that moved them. */
int streams_save_cursors(struct kit_service *service, struct kit_error *err);
/* After a batch that was undone: puts the cursors, the number of parked events and the head of the
 * log back to what the database says, and has the sources asked again after a pause. No transaction
 * may be open. */
int streams_reload(struct kit_service *service, struct kit_error *err);
/* Sends the questions that are due. Returns the monotonic time of the next one. */
int64_t streams_tick(struct kit_service *service, int64_t now_mono_ms);
/* The event as handlers see it; borrows the strings of wire. */
struct kit_event streams_event(const struct msg_wire_event *wire);
/* The follower of a source, by its name; NULL: no subscription has that one. */
struct kit_follower *streams_find(struct kit_service *service, const char *source);
/* false: events of that type are none of ours. */
bool streams_find_handler(const struct kit_service *service, const char *source, const char *type,
                          struct event_handler *ret_handler);
/* Decodes and handles the event, inside an item. */
int streams_run_handler(struct kit_service *service, const struct event_handler *handler,
                        const struct kit_event *event, struct kit_error *err);

/* dead_letter.c: each inside an item */
/* Keeps an event that could not be applied, with the reason. */
int dead_letter_park(struct kit_service *service, const struct arrival *arrival,
                     const struct kit_error *why, struct kit_error *err);
/* Whether an earlier event of the same subject is parked. */
int dead_letter_blocks(struct kit_service *service, const struct arrival *arrival, bool *ret_blocks,
                       struct kit_error *err);
/* How many events are parked, of all sources and epochs. */
int dead_letter_count(struct kit_service *service, int64_t *ret_count, struct kit_error *err);

/* letter-list, letter-retry and letter-skip, of every service that follows a stream. */
#define DEAD_LETTER_METHODS 3
extern const struct kit_method dead_letter_methods[DEAD_LETTER_METHODS];
/* The item of a request has ended. When it settled a letter, and that is kept, those that waited
 * behind it are tried, each in an item of its own. */
void dead_letter_on_request_end(struct kit_service *service, bool is_kept);

#endif
