/* The shape of a service: one static table (below) that this runtime runs. A single-threaded state
 * machine: messages, answers, timers go in; after one commit for all of them, replies and events go
 * out. No thread, clock, socket or broker in here: the ports bring them, and kit/process/main.c or
 * a simulation drives it. Everything runs on the owner's thread.
 *
 * Group commit: the first work item opens a transaction, each runs inside its own savepoint, and
 * kit_service_flush() commits once, then hands everything staged to the bus. A failing item rolls
 * back alone. Nothing that promises anything leaves before the commit.
 *
 * A batch is quiet while its items only read, or only took events in: no answer to an effect, no
 * event of our own, no call. Its effects and the cursors move together and the source keeps its
 * log, so losing it in a crash loses nothing; it is committed with the next loud item, or after
 * KIT_SERVICE_QUIET_MS. That saves two thirds of the disk's work for an order. Of a service that is
 * patient, events of its own are quiet too. */
#ifndef KIT_SERVICE_SERVICE_H
#define KIT_SERVICE_SERVICE_H

#include <cjson/cJSON.h>

#include "kit/base/arena.h"
#include "kit/base/buf.h"
#include "kit/json/body.h"
#include "kit/port/ports.h"
#include "kit/rpc/client.h"
#include "kit/rpc/degraded.h"
#include "kit/store/db.h"
#include "kit/stream/log.h"

#define KIT_SERVICE_BATCH_MAX 256    /* work items per transaction */
#define KIT_SERVICE_QUIET_MS 100     /* how long a batch that owes nobody anything may stay open */
#define KIT_SERVICE_TICKETS_MAX 1024 /* requests that wait for an answer of somebody else */
#define KIT_SERVICE_WORK_AT_ONCE 2   /* jobs off the loop */
#define KIT_SERVICE_WORK_WAITING_MAX 64 /* for their turn; one more gets KIT_E_LIMIT */
#define KIT_SERVICE_COPY_PAUSE_MS 4     /* between two steps of a copy */
#define KIT_SERVICE_COPY_ASK_MS 30000
#define KIT_SERVICE_HOLD_MS 2000

struct kit_service;

/* ---- requests ---- */

struct kit_rpc_request {
    const char *caller;      /* proven by the broker's ACL through the topic */
    const char *key;         /* idempotency key; never "" for effects */
    struct kit_actor actor;  /* for whom it is asked */
    bool is_own;             /* only objects of actor.account: others are KIT_E_NOT_FOUND */
    int64_t expires_mono_ms; /* then the caller has gone */
    uint64_t ticket;         /* for a later kit_service_reply */
};

enum kit_rpc_kind {
    KIT_RPC_READ = 0,
    KIT_RPC_EFFECT = 1, /* the response is stored under (caller, account, key), for 24 h */
    /* An effect whose request holds a secret: nothing of it is stored, not even as a hash that
     * somebody could guess from. It needs no key, and must do no harm when it comes twice. */
    KIT_RPC_SECRET = 2,
};

/* A row of the table of requests; KIT_RPC_TABLE in routes.h writes it. */
struct kit_rpc_method {
    const char *name;
    enum kit_rpc_kind kind;
    const struct kit_shape *in, *out;
};

/* One request as the table's function hands it on: decoded, and zeroed storage for the answer. */
struct kit_rpc_exchange {
    const void *in;
    void *out;
};

/* Handlers run inside the item's savepoint. KIT_OK: *out is the answer. KIT_PENDING:
 * kit_service_reply() with the request's ticket follows. Else *err is the answer, and the savepoint
 * is rolled back. An effect's answer is saved in the same transaction. */
struct kit_rpc_table {
    const struct kit_rpc_method *methods;
    size_t count;
    int (*run)(void *app, size_t index, const struct kit_rpc_exchange *exchange,
               struct kit_error *err);
};

/* ---- events ---- */

/* Borrowed for the handler. data: through the gate. */
struct kit_event {
    const char *source;
    const char *type;
    const char *subject;
    const char *traceparent;
    struct kit_actor actor; /* who caused it, without a role */
    int64_t seq;
    int64_t version; /* of the aggregate */
    int64_t time_ms;
    const cJSON *data;
};

/* A row of the table of a source's events; KIT_EVENT_TABLE in routes.h writes it. */
struct kit_event_type {
    const char *name;
    const struct kit_shape *data;
};

/* Handlers run at most once per event: the cursor moves in the same transaction. Any other code
 * than KIT_OK follows kit_code_action(): retried, parked in dead_letter, or the process stops. */
struct kit_event_table {
    const struct kit_event_type *types;
    size_t count;
    int (*run)(void *app, size_t index, const void *message, struct kit_error *err);
};

/* A stream that the service follows. */
struct kit_subscription {
    const char *source;
    const struct kit_event_table *events; /* types that it lacks are passed over; NULL: all */
    /* May be NULL. Runs, inside a transaction, when kit_service_confirm(source) has been answered:
     * every event that the source had committed when ask number `ask` (or a lower one) was made is
     * applied now. */
    int (*on_confirmed)(void *app, int64_t ask, struct kit_error *err);
};

/* ---- devices ---- */

/* Messages of one leaf ("up", "state") of every device of one kind at our site: a row of the table
 * of devices, which KIT_DEVICE_TABLE in routes.h writes. */
struct kit_device_leaf {
    const char *kind; /* "scanner" */
    const char *name;
    const struct kit_shape *body;
};

/* Handlers run inside the item's savepoint, in the order of arrival. A code other than KIT_OK rolls
 * it back and is counted; nothing is acknowledged then, and the device says it again. device: its
 * id, proven by the broker's ACL through the topic. */
struct kit_device_table {
    const struct kit_device_leaf *leaves;
    size_t count;
    int (*run)(void *app, size_t index, const char *device, const void *message,
               struct kit_error *err);
};

/* A message to a device. Leaves after the commit, at QoS 1; it may be lost, as any message may. */
struct kit_device_send {
    const char *kind;
    const char *device;
    const char *leaf; /* "ack", "cmd", "config" */
    bool is_retained;
    struct kit_body body; /* encoded at once */
};

/* ---- the table ---- */

struct kit_service_desc {
    const char *name;
    size_t app_size_bytes; /* zeroed before open() */
    const struct kit_migration *migrations;
    size_t migration_count;
    const struct kit_rpc_table *requests;
    /* May be NULL. Fills in what a request of this shape leaves out, before its handler runs and
     * before its key is looked up: two forms that mean the same are the same request. */
    void (*complete)(const struct kit_shape *shape, void *in);
    const struct kit_subscription *subscriptions;
    size_t subscription_count;
    bool publishes; /* has an event log */
    /* Who keeps what our numbers mean, by name: each of them is asked how far they have gone before
     * anything is decided on a database that was lost, or came back from a backup. None: nobody
     * does. */
    const char *const *followers;
    size_t follower_count;
    /* Older events are deleted, a few at each commit, when the log holds more. 0: it keeps all. A
     * log that others make their own state of keeps all. */
    int64_t log_rows_max;
    bool is_patient; /* a batch that is quiet but for what it appends to the log stays open, and
                        pages of other logs are long */
    const struct kit_device_table *devices;
    /* May be NULL. Runs inside a transaction every timer_period_ms, or sooner where
     * kit_service_timer_within() says so, for what is due by time alone. */
    int (*on_timer)(void *app, struct kit_error *err);
    int64_t timer_period_ms;
    /* May be NULL. How many of our numbers up to `until` we know nothing of, after a database was
     * lost or restored and everything was read again. */
    int (*count_lost)(void *app, int64_t until, int64_t *ret_count, struct kit_error *err);
    /* May be NULL. Runs once when all that others tell was read again, in the transaction from
     * which on the service is ready. When it fails, the next turn tries again. */
    int (*on_recovered)(void *app, struct kit_error *err);
    /* Prepares statements, reads settings. Inside a transaction. */
    int (*open)(void *app, struct kit_service *service, struct kit_error *err);
    void (*close)(void *app);
    /* May be NULL. Runs at the end of every item in which a handler has succeeded, a read
     * included, inside its savepoint: for what follows from a change, whichever handler made it.
     * When it fails, the item fails. It is called often, so it looks at a flag of the app first. */
    int (*after_item)(void *app, struct kit_error *err);
    /* May be NULL. Runs as the last item of each batch, inside its transaction: for what is said
     * once about many changes. */
    int (*before_commit)(void *app, struct kit_error *err);
    /* A batch that is quiet but for what before_commit will say stays open like any quiet one. */
    bool before_commit_waits;
    void (*metrics)(void *app, struct kit_buf *out); /* may be NULL */
};

struct kit_service_ports {
    struct kit_clock clock;
    struct kit_rng rng;
    struct kit_log log;
    struct kit_bus bus;
    struct kit_store_port store;
    struct kit_work work; /* start may be NULL: jobs then run on the loop */
    struct kit_keys keys; /* find may be NULL for a service without devices */
    const char *site;     /* of the devices that we own; NULL: KIT_SITE_DEFAULT */
};

/* ---- what handlers may use ---- */

/* What time it is at the begin of the item: one value for all of it. It follows the wall clock, but
 * for a jump that nothing confirms (schemas/rules/time.md 1.7). */
int64_t kit_service_now_ms(const struct kit_service *service);
/* The confirmed time: for what cannot be taken back. Never later than kit_service_now_ms(), and
 * earlier only after a start (rules time 1.4). */
int64_t kit_service_sure_ms(const struct kit_service *service);
/* When the confirmed time has jumped last, or the service was opened, by the monotonic clock. */
int64_t kit_service_moved_mono_ms(const struct kit_service *service);
/* How far our wall clock, or another service's time, is from what we believe; more than
 * KIT_TIME_STEP_MS is a reason to look at the clocks (rules time 1.9). */
int64_t kit_service_clock_apart_ms(const struct kit_service *service);
/* The monotonic clock now, for durations. */
int64_t kit_service_mono_ms(const struct kit_service *service);
/* The timer's next turn comes in ms at the latest, once. */
void kit_service_timer_within(struct kit_service *service, int64_t ms);
/* For a service's open, which prepares statements. */
struct kit_db *kit_service_db(struct kit_service *service);
/* Memory for the item, gone at the begin of the next one. */
struct kit_arena *kit_service_arena(struct kit_service *service);
/* A number from the configuration; asking for one the process did not define is a bug. */
int64_t kit_service_setting(const struct kit_service *service, const char *name);

/* The request that the item answers. Asking in an item of another kind is a bug. Borrowed for the
 * item. */
const struct kit_rpc_request *kit_service_request(const struct kit_service *service);
/* Whose objects the open request may see (rules access 2.3): 0, whoever's they are, and so in an
 * item of another kind; an account, its own alone; KIT_NO_ACCOUNT, none at all. */
int64_t kit_service_owner(const struct kit_service *service);
#define KIT_NO_ACCOUNT (-1)
/* Whether an object of that account (0: of nobody) is none for who asks. Then the answer is that
 * there is no such object, word for word. */
bool kit_service_is_foreign(const struct kit_service *service, int64_t account);
/* Whether whoever asks through the bridge must have a role. */
bool kit_service_is_closed(const struct kit_service *service);
/* The event that the item applies, under the same terms as kit_service_request(). */
const struct kit_event *kit_service_event(const struct kit_service *service);

/* What we tell the world about one of our aggregates; its subject is "<aggregate>/<id>", or
 * "<aggregate>/<name>". */
struct kit_service_event {
    const char *type;      /* "RentalOrdered" */
    const char *aggregate; /* "rental" */
    int64_t id;
    const char *name;     /* in place of the id, on streams that no 0.2 follows; NULL: the id */
    int64_t version;      /* of the aggregate, from 1 */
    struct kit_body data; /* its full state */
};

/* Appends an event to our log: seq is allocated here, in this transaction; it is published after
 * the commit. The traceparent of the current item goes along. */
int kit_service_append(struct kit_service *service, const struct kit_service_event *event,
                       struct kit_error *err) KIT_MUST_CHECK;

/* Versions are told with this added, here and in messages: 0, or the highest that was told before
 * our database was lost or restored, so that what is new is new to everybody. kit_service_append()
 * adds it to the version of the event by itself. */
int64_t kit_service_version_base(const struct kit_service *service);
#define KIT_RECOVERY_MARGIN 1000
/* New numbers are above this: 0, or the highest that anybody has seen when our database was lost or
 * restored, and KIT_RECOVERY_MARGIN more, for those that were given just before and seen by nobody.
 */
int64_t kit_service_id_floor(const struct kit_service *service);
/* The same without the margin: numbers up to this one were given before, whether we have them. */
int64_t kit_service_lost_until(const struct kit_service *service);

typedef int (*kit_service_work_cb)(void *context, struct kit_error *err);

/* Runs a part of an item. When it fails, what it wrote, appended and staged is undone, the failure
 * is logged, and the item may go on; the code is that of the work, or KIT_E_FULL when the whole
 * batch is lost. Parts may be nested. */
int kit_service_attempt(struct kit_service *service, kit_service_work_cb work, void *context,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Stages a message to a device of our site. Too many in one batch: KIT_E_LIMIT. */
int kit_service_send(struct kit_service *service, const struct kit_device_send *send,
                     struct kit_error *err) KIT_MUST_CHECK;
/* The site whose devices are ours. */
const char *kit_service_site(const struct kit_service *service);
/* The key called `name`: a device's, by its id, or one of the service's own. KIT_E_NOT_FOUND. */
int kit_service_key(struct kit_service *service, const char *name, uint8_t ret_key[KIT_KEY_BYTES],
                    struct kit_error *err) KIT_MUST_CHECK;
/* Where the service writes its lines; for kit/device. */
const struct kit_log *kit_service_log(const struct kit_service *service);
/* How many messages of a device were dropped since the start, as it sent more than it may. */
int64_t kit_service_device_dropped(const struct kit_service *service, const char *device);
/* Two devices have that name, and took a turn now: the service is degraded for a while. */
void kit_service_saw_twins(struct kit_service *service, const char *device);
/* Fills the storage from the port's source of randomness: nobody can predict it, so it serves for
 * keys and ids that are secret. */
void kit_service_random(struct kit_service *service, void *ret_bytes, size_t size_bytes);

/* Runs inside a transaction, like any handler. error is NULL when code is KIT_OK. */
typedef int (*kit_service_done_cb)(void *app, uint64_t context,
                                   const struct kit_rpc_outcome *outcome, struct kit_error *err);

struct kit_service_call {
    const char *instance;
    const char *method;
    struct kit_body request; /* encoded at once */
    const char *key;
    int64_t timeout_ms; /* while the instance is there. The time for which it is expected back (a
                           planned restart, the broker away) comes on top of it, as long as the
                           caller of the request that the item answers still waits */
    /* Once, also when the call could not start. A second time, with the failure, if the first time
     * could not be saved: nothing of it happened. */
    kit_service_done_cb on_done;
    uint64_t context;
};
/* Sends after the commit of this batch. Never fails here: every end comes through on_done, also
 * that of a commit that failed. Only an item that is rolled back takes its calls with it. */
void kit_service_call(struct kit_service *service, const struct kit_service_call *call);

/* Answers a request whose handler returned KIT_PENDING; the response has the shape of the method.
 * It leaves after the commit, and that of an effect is stored with it. A ticket whose request has
 * expired meanwhile is ignored. Not KIT_OK: the response could not be stored. When the item is
 * rolled back, for that or another reason, the request waits on as before. */
int kit_service_reply(struct kit_service *service, uint64_t ticket, struct kit_body response,
                      struct kit_error *err) KIT_MUST_CHECK;
/* The same with what went wrong. Nothing is stored: the caller may try again with the same key. */
void kit_service_reply_problem(struct kit_service *service, uint64_t ticket,
                               const struct kit_error *problem);

/* Work off the loop, for a request whose handler returns KIT_PENDING behind it. */
struct kit_service_work {
    /* Any thread; touches data alone. */
    void (*run)(void *data);
    /* Runs inside a transaction, in an item of its own, when run has ended. KIT_OK: it has answered
     * the request, or left that for later; else the item is rolled back and *err is the answer. */
    int (*on_done)(void *app, void *data, struct kit_error *err);
    const void *data; /* copied; the copy is overwritten when it is over */
    size_t size_bytes;
};
/* Starts it, KIT_SERVICE_WORK_AT_ONCE at a time. KIT_E_LIMIT, of type "busy": too many wait for
 * their turn. It goes on when the item is rolled back behind it: on_done finds out by itself what
 * still holds. */
int kit_service_work(struct kit_service *service, const struct kit_service_work *work,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Asks the source how far its log reaches and, when all of that is applied here, runs the
 * subscription's on_confirmed. Asks are numbered from 1 in this process; many become one question.
 * While the source is away the question is repeated, so the answer may take as long as that. */
int64_t kit_service_confirm(struct kit_service *service, const char *source);

/* ---- what the owner drives ---- */

struct kit_setting {
    const char *name;
    int64_t value;
};

/* How much at once; 0: as much as there may be (LIMITS.md). Tests make it small. */
struct kit_service_limits {
    size_t batch_items;        /* KIT_SERVICE_BATCH_MAX */
    size_t tickets;            /* KIT_SERVICE_TICKETS_MAX */
    size_t calls;              /* KIT_RPC_CALLS_MAX */
    size_t message_events;     /* KIT_STREAM_EVENTS_MAX */
    size_t messages_in_flight; /* KIT_PUBLISHER_IN_FLIGHT_MAX */
    size_t fetch_events;       /* KIT_FETCH_LIMIT, or of a patient one KIT_FETCH_LIMIT_PATIENT */
};

/* What a service is opened with. Everything is copied. */
struct kit_service_setup {
    const char *instance; /* its name on the broker */
    const struct kit_service_ports *ports;
    const struct kit_setting *settings; /* reach handlers by kit_service_setting() */
    size_t setting_count;
    struct kit_service_limits limits;
    int64_t quarantine_ms; /* of a jump of the wall clock; 0: KIT_TIME_QUARANTINE_MS */
    bool is_closed;        /* whoever asks through the bridge must have a role */
};

/* Opens the database, which is migrated, and the service on it. The table is borrowed for the life
 * of the service. When it fails, nothing is left open and *ret_service is untouched. */
int kit_service_new(struct kit_service **ret_service, const struct kit_service_desc *desc,
                    const struct kit_service_setup *setup, struct kit_error *err) KIT_MUST_CHECK;
/* Rolls the open batch back (kit_service_drain() saves it before), closes and frees. NULL is fine.
 */
void kit_service_free(struct kit_service *service);

/* Takes a message of one of the filters. May commit a batch that is full. */
void kit_service_on_message(struct kit_service *service, const struct kit_message *message);
/* The broker came, with every filter subscribed, or went. Calls under way end when it goes. */
void kit_service_on_link(struct kit_service *service, bool is_up);
/* How a publish with a cookie ended. */
void kit_service_on_published(struct kit_service *service, uint64_t cookie, int code);
/* Timers, then flush. Returns the monotonic time of the next need. */
int64_t kit_service_tick(struct kit_service *service, int64_t now_mono_ms);
/* Commits the open batch if it is due, then hands replies, events and calls to the bus. */
void kit_service_flush(struct kit_service *service);
/* Whether nobody waits for an answer of ours, nor we for one. */
bool kit_service_is_idle(const struct kit_service *service);

/* Before a graceful end: saves also what may be saved late (how far streams without effects on us
 * were read) and flushes. */
void kit_service_drain(struct kit_service *service);

/* KIT_OK while healthy; a STOP failure is kept here and the owner ends the process with it. */
int kit_service_failure(const struct kit_service *service, struct kit_error *ret_error);
/* Why the service should get no requests now, as a sentence; NULL: it is ready. */
const char *kit_service_not_ready(const struct kit_service *service);
/* Looks at what the service owes (streams, parked events, clocks of its sources), and lends it. */
struct kit_degraded *kit_service_degraded(struct kit_service *service);
/* Appends the numbers of the runtime and of the service, as Prometheus text. */
void kit_service_metrics(struct kit_service *service, struct kit_buf *out);

struct kit_service_filter {
    char filter[KIT_TOPIC_SIZE];
    int qos;
};
/* Filters to subscribe to on every connect; returns how many. `max` too low is a bug. */
size_t kit_service_filters(const struct kit_service *service,
                           struct kit_service_filter *ret_filters, size_t max);

/* A copy of the database for a backup, while the service runs on. It is made by ticks, page by
 * page; when all services of a system have nearly theirs, each is held: it answers requests and
 * hears devices, and takes no event in. Ended now, no copy has read more of another's log than that
 * one's copy has; each goes on when its own is ended. A copy that nobody has asked about for
 * KIT_SERVICE_COPY_ASK_MS is given up, and a hold lasts KIT_SERVICE_HOLD_MS at most. */

/* Begins a copy into the file, which must not be there; one that is under way is given up.
 * KIT_E_UNAVAILABLE: nothing can be committed now; else as kit_copy_new(). */
int kit_service_copy_begin(struct kit_service *service, const char *path,
                           struct kit_error *err) KIT_MUST_CHECK;
/* How many pages the copy still lacks, and of how many; at most KIT_COPY_PAGES are left to the end.
 * KIT_E_NOT_FOUND: none is under way; else why it failed. */
int kit_service_copy_look(struct kit_service *service, int64_t *ret_left, int64_t *ret_pages,
                          struct kit_error *err) KIT_MUST_CHECK;
/* Holds. A second time begins it anew. KIT_E_NOT_FOUND as above. */
int kit_service_copy_hold(struct kit_service *service, struct kit_error *err) KIT_MUST_CHECK;
/* Commits what is open, ends the copy, and goes on. KIT_E_CONFLICT: it is not held, or no longer;
 * else as above. */
int kit_service_copy_end(struct kit_service *service, struct kit_error *err) KIT_MUST_CHECK;

/* Runs a request of the operator on this machine, who needs no broker, and appends its answer. Its
 * caller is "admin". KIT_E_NOT_FOUND: there is no such method; KIT_E_REFUSED: its answer comes
 * later, so it is for the broker alone; KIT_E_MALFORMED, KIT_E_INVALID: of the body, which is JSON;
 * else as the method refuses. */
int kit_service_ask(struct kit_service *service, const char *method, const char *body,
                    struct kit_buf *out, struct kit_error *err) KIT_MUST_CHECK;

/* Dead letters, for the operator. Each runs an item and flushes. */

/* Appends a JSON array of the parked events, the oldest first, 100 at most. */
int kit_service_dead_letter_list(struct kit_service *service, struct kit_buf *out,
                                 struct kit_error *err) KIT_MUST_CHECK;
/* Applies a parked event and, when that works, those that waited behind it. KIT_E_NOT_FOUND: the id
 * is not parked; KIT_E_REFUSED: it waits behind another one; else why it failed again. */
int kit_service_dead_letter_retry(struct kit_service *service, int64_t id,
                                  struct kit_error *err) KIT_MUST_CHECK;
/* Gives a parked event up, and applies those that waited behind it. The same refusals. */
int kit_service_dead_letter_skip(struct kit_service *service, int64_t id,
                                 struct kit_error *err) KIT_MUST_CHECK;

#endif
