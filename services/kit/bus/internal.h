/* The broker connection in six parts, private to kit/bus:
 *
 *   paho.c      the link: connect, subscribe, reconnect; the ticker; the public functions
 *   inbound.c   what paho's threads hand over, under one lock: messages, completions, link events
 *   presence.c  the epoch and the retained state
 *   message.c   one received message: properties, limits, one allocation
 *   tls.c       certificates, where the connection is encrypted
 *   outbound.c  two lanes (QoS 0, QoS 1) with a window each, and the queue in front of them
 *
 * Rules that keep paho and us from deadlock and use after free:
 *  1. paho's callbacks run on its threads with its global mutex held. They take `inbox.lock` for a
 *     few instructions, and call nothing of paho but its free functions.
 *  2. The loop thread never calls paho while it holds `inbox.lock`.
 *  3. A handle lives for one connection. After MQTTAsync_destroy() has returned, no callback of it
 *     can run, so slots and events of the old connection cannot be mistaken for new ones. */
#ifndef KIT_BUS_INTERNAL_H
#define KIT_BUS_INTERNAL_H

#include <MQTTAsync.h>
#include <pthread.h>
#include <stdatomic.h>

#include "kit/base/buf.h"
#include "kit/bus/bus.h"
#include "msg/common.gen.h"

#define BUS_WINDOW_MAX 200   /* QoS 1 in flight: more gains nothing */
#define BUS_WINDOW_RESERVE 4 /* below Receive Maximum: at it, paho sleeps 1 s */
#define BUS_QOS0_MAX 512     /* QoS 0 given to paho and not yet written to the socket */
#define BUS_SLOTS (BUS_WINDOW_MAX + BUS_QOS0_MAX)
#define BUS_OUTBOUND_BYTES_MAX (64 << 20)
#define BUS_RECEIVE_MAXIMUM_DEFAULT 65535 /* MQTT 5: when CONNACK does not name one */
#define BUS_KEEPALIVE_S 10
#define BUS_CONNECT_MS 5000 /* from connect to the last subscription granted */
#define BUS_BACKOFF_MIN_MS 100
#define BUS_BACKOFF_MAX_MS 300 /* a broker that is back has us again so soon */
#define BUS_STABLE_MS 2000     /* a link that lasted this long resets the back-off */
#define BUS_EPOCH_MAX INT64_C(9007199254740991) /* wire.service-state */
#define BUS_STATE_SIZE 80 /* {"status":"restarting","epoch":9007199254740991,"forMs":60000} */
#define BUS_INSTANCE_SIZE 64
#define BUS_NUMBER_DIGITS_MAX 16
#define BUS_LIFE_DIGITS 8 /* hexadecimal */
#define BUS_HOST_LENGTH_MAX 200
#define BUS_URI_SIZE 256
#define BUS_PATH_SIZE 320    /* of a certificate */
#define BUS_TLS_LOOK_MS 5000 /* between two looks whether the certificate was renewed */
#define BUS_TLS_DRAIN_MS 500 /* for what is in flight, before a new connection shows a new one */
#define BUS_TLS_ERROR_SIZE 64

/* ---- inbound: shared between paho's threads and the loop ---- */

struct bus_inbound {
    struct bus_inbound *next;
    uint32_t connection;        /* which connection brought it */
    size_t size_bytes;          /* of this allocation */
    struct kit_message message; /* points into data */
    char data[];
};

struct bus_list {
    struct bus_inbound *first, *last;
};

struct bus_completion {
    uint32_t slot;
    int code; /* enum kit_code */
};

enum bus_event {
    BUS_EVENT_CONNECTED = 1,
    BUS_EVENT_SUBSCRIBED = 2,
    BUS_EVENT_LOST = 4, /* also: connect or subscribe failed */
};

#define BUS_REASON_SIZE 128

struct bus_link_events {
    unsigned events; /* enum bus_event, or'ed */
    int receive_maximum;
    char reason[BUS_REASON_SIZE]; /* of BUS_EVENT_LOST */
};

struct bus_inbox {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    struct bus_list messages;
    struct bus_list own_states;                   /* on our own state topic */
    size_t message_count, message_bytes;          /* waiting here and in the loop's two lists */
    struct bus_completion completions[BUS_SLOTS]; /* a slot completes at most once until reused */
    size_t completion_count;
    struct bus_link_events link;
    uint32_t connection;
    bool wake_pending; /* the loop was woken and has not looked yet */
    bool closer_waits; /* close() sleeps on `changed` */
    bool qos0_waits;   /* somebody waits for room in the QoS 0 lane */
    int64_t dropped, refused;
    char tls_error[BUS_TLS_ERROR_SIZE]; /* what OpenSSL said of this connection; "": nothing */
};

/* What the loop takes out in one go. */
struct bus_taken {
    struct bus_list own_states;
    struct bus_completion completions[BUS_SLOTS];
    size_t completion_count;
    struct bus_link_events link;
};

/* ---- outbound: loop thread only ---- */

enum bus_lane_id {
    BUS_LANE_QOS0 = 0,
    BUS_LANE_QOS1 = 1,
};

struct bus_slot {
    struct kit_bus_paho *bus;
    uint64_t cookie;
    struct bus_slot *next_free;
    enum bus_lane_id lane;
    bool is_busy;
    bool is_quiet; /* QoS 0 that nobody waits for: completing it need not wake the loop */
};

struct bus_outbound {
    struct bus_outbound *next;
    uint64_t cookie;
    size_t size_bytes;
    struct kit_message message; /* points into data */
    char data[];
};

struct bus_lane {
    struct bus_outbound *first, *last;
    size_t in_flight;
    size_t limit; /* 0 while the link is down */
};

struct bus_outbox {
    struct bus_slot slots[BUS_SLOTS];
    struct bus_slot *free_slots;
    struct bus_lane lanes[2];
    size_t waiting_count, waiting_bytes;
};

/* ---- TLS ---- */

struct bus_tls {
    bool is_on;
    char ca[BUS_PATH_SIZE], certificate[BUS_PATH_SIZE], key[BUS_PATH_SIZE];
    struct timespec taken; /* the age of the certificate that this connection showed */
    int64_t due_mono_ms;   /* when it is looked at again */
};

/* ---- the whole ---- */

/*          connect()           CONNACK                SUBACK, all granted
 *  WAITING ---------> CONNECTING ------> SUBSCRIBING --------------------> UP
 *     ^ back-off           |                  |                            |
 *     +--------------------+------------------+---- lost, refused, late ---+
 *  Any --close()--> CLOSED. */
enum bus_state {
    BUS_WAITING = 0,
    BUS_CONNECTING = 1,
    BUS_SUBSCRIBING = 2,
    BUS_UP = 3,
    BUS_CLOSED = 4,
};

struct kit_bus_paho {
    struct kit_bus port;
    struct kit_loop *loop;
    struct kit_clock clock;
    struct kit_rng rng;
    struct kit_log log;
    struct kit_bus_events events;

    char uris[KIT_BUS_HOSTS_MAX][BUS_URI_SIZE];
    size_t uri_count;
    size_t uri_at; /* the one that is, or is tried next */
    char instance[BUS_INSTANCE_SIZE];
    char *password; /* NULL: none */
    struct bus_tls tls;
    char state_topic[KIT_TOPIC_SIZE];
    struct kit_bus_subscription subscriptions[KIT_BUS_SUBSCRIPTIONS_MAX + 1]; /* last: own state */
    size_t subscription_count;
    bool (*is_urgent)(const char *topic); /* or NULL */

    MQTTAsync handle; /* NULL while WAITING */
    enum bus_state state;
    bool was_announced;  /* on_link(true) was called for this connection */
    int64_t due_mono_ms; /* WAITING: when to connect; CONNECTING, SUBSCRIBING: when to give up */
    int64_t up_since_mono_ms;
    int64_t backoff_ms;
    int64_t epoch;                     /* of this connection; grows with each */
    int64_t epoch_floor;               /* at least one above what was seen retained */
    uint32_t connection;               /* number of the current one */
    uint32_t announced_connection;     /* messages of later ones wait until it is up */
    char last_reason[BUS_REASON_SIZE]; /* the same failure is logged once */

    struct bus_inbox *inbox;
    struct bus_taken taken;            /* scratch of the ticker */
    struct bus_list urgent, patient;   /* taken, not handed over yet */
    size_t handed_count, handed_bytes; /* handed over since the last take */
    struct bus_outbox out;
    struct kit_bus_stats stats;
};

/* The link is lost, and not up again: paho's threads must not sleep for long. See shortpoll.c. */
extern atomic_bool bus_is_connecting;

/* tls.c */

/* From the configuration. KIT_E_INVALID: a file is missing, or its path too long. */
int bus_tls_init(struct bus_tls *tls, const struct kit_bus_config *config,
                 struct kit_error *err) KIT_MUST_CHECK;
/* Before a connect: writes the options for it, which are borrowed from the bus. */
void bus_tls_begin(struct kit_bus_paho *bus, MQTTAsync_SSLOptions *ret_options);
/* Is there another certificate than the one that this connection showed? Looked at now and then. */
bool bus_tls_is_renewed(struct bus_tls *tls, int64_t now_mono_ms);

/* inbound.c: callbacks for paho, on its threads; context is the bus. Each posts to the inbox what
 * has happened and wakes the loop, which acts on it. A failure's data may be NULL. */

/* Copies the message and frees paho's. One that breaks a limit is counted as refused, one that
 * finds no room as dropped. Always 1: else paho would keep it without a limit. */
int bus_on_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *message);
/* The connection broke: BUS_EVENT_LOST. The cause is freed; NULL when paho knows none. */
void bus_on_lost(void *context, char *cause);
/* The broker sent a DISCONNECT: BUS_EVENT_LOST with its reason. paho does not call bus_on_lost()
 * then. */
void bus_on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason);
/* CONNACK: BUS_EVENT_CONNECTED with the broker's Receive Maximum, 65535 when it names none. */
void bus_on_connected(void *context, MQTTAsync_successData5 *data);
/* Refused, or nobody answers there: BUS_EVENT_LOST with a sentence that says what to check. */
void bus_on_connect_failed(void *context, MQTTAsync_failureData5 *data);
/* SUBACK: BUS_EVENT_SUBSCRIBED when every filter is granted, else BUS_EVENT_LOST with the first one
 * that is not. */
void bus_on_subscribed(void *context, MQTTAsync_successData5 *data);
/* The request as a whole was refused: BUS_EVENT_LOST. */
void bus_on_subscribe_failed(void *context, MQTTAsync_failureData5 *data);
/* The message of the slot is at the broker (QoS 1: confirmed; QoS 0: written to the socket). Posts
 * the completion of the slot with KIT_OK. */
void bus_on_sent(void *slot, MQTTAsync_successData5 *data);
/* Posts the completion with KIT_E_FORBIDDEN, KIT_E_TOO_LARGE or KIT_E_LIMIT when the broker gives
 * such a reason, else with KIT_E_UNAVAILABLE. */
void bus_on_send_failed(void *slot, MQTTAsync_failureData5 *data);

/* An empty inbox with its lock; aborts without memory. */
struct bus_inbox *bus_inbox_new(void);
/* Frees it with the messages that nobody took. No callback may run any more. NULL is fine. */
void bus_inbox_free(struct bus_inbox *inbox);
/* Loop thread: empties the inbox into bus->taken. */
void bus_inbox_take(struct kit_bus_paho *bus);
/* Loop thread, between two connections: forgets what the old one left and numbers the next. */
void bus_inbox_next_connection(struct kit_bus_paho *bus);
/* Waits until the inbox has something or the monotonic instant has come. Only while closing. */
void bus_inbox_wait(struct kit_bus_paho *bus, int64_t until_mono_ms);
/* Sets whether QoS 0 completions wake the loop. */
void bus_inbox_want_qos0(struct kit_bus_paho *bus, bool is_wanted);

/* message.c: NULL when the message breaks one of our limits. */
struct bus_inbound *bus_message_copy(const char *topic, size_t topic_length,
                                     const MQTTAsync_message *from);

/* Moves everything of `tail` behind the list; `tail` is empty afterwards. */
void bus_list_append(struct bus_list *list, struct bus_list *tail);
/* Takes the first message out, which the caller frees; NULL when there is none. */
struct bus_inbound *bus_list_pop(struct bus_list *list);
/* Frees all messages; the list is empty afterwards. */
void bus_list_free(struct bus_list *list);

/* presence.c */

/* Sets the epoch of the next connection: the wall clock in ms, but above our last epoch and above
 * what was seen retained; BUS_EPOCH_MAX at most. */
void bus_presence_next_epoch(struct kit_bus_paho *bus);
/* Text of our state in the current epoch. */
void bus_presence_text(const struct kit_bus_paho *bus, enum service_presence status,
                       struct kit_buf *ret_text);
/* Looks at retained states on our own topic; true: one is not older than ours and not ours, so the
 * world would ignore us, and we must connect again above it. */
bool bus_presence_is_stale(struct kit_bus_paho *bus, struct bus_list *states);

/* outbound.c */

/* Makes every slot a free one. Once, before the first publish. */
void bus_outbox_init(struct kit_bus_paho *bus);
/* publish() of the port: gives the message to paho, or queues a copy while the window is full.
 * KIT_E_TOO_LARGE, KIT_E_UNAVAILABLE without a link, KIT_E_LIMIT with a full queue; then
 * on_published is not called. */
int bus_outbox_publish(void *bus, const struct kit_message *message, uint64_t cookie,
                       struct kit_error *err);
/* The link is up: opens both windows, the one of QoS 1 so that the broker's receive_maximum is
 * never reached. */
void bus_outbox_open(struct kit_bus_paho *bus, int receive_maximum);
/* Frees the slots, which makes room in the windows, and calls on_published. Sends nothing. */
void bus_outbox_complete(struct kit_bus_paho *bus, const struct bus_completion *completions,
                         size_t count);
/* Sends what waits, as far as the windows allow. What paho refuses ends with KIT_E_UNAVAILABLE. */
void bus_outbox_pump(struct kit_bus_paho *bus);
/* From now on nothing is taken: publish() answers KIT_E_UNAVAILABLE. */
void bus_outbox_shut(struct kit_bus_paho *bus);
/* The link is gone: everything waiting and in flight ends with KIT_E_UNAVAILABLE. */
void bus_outbox_fail_all(struct kit_bus_paho *bus);
/* Whether nothing waits and nothing is in flight, so that a close loses no message. */
bool bus_outbox_is_idle(const struct kit_bus_paho *bus);

#endif
