/* A broker that does what Mosquitto does, the bad things too. Clients are connections as our
 * adapters make them: clean start, they subscribe again at each connect, presence with a will. One
 * thread.
 *
 * As Mosquitto 2.0.11 does it, seen by the comparison with one (against/, test world.broker):
 * 1. Who publishes gets an acknowledgement, whatever becomes of the message.
 * 2. To a client it has in_flight_max messages of QoS 1 under way (what the client asks for as its
 *    Receive Maximum), and keeps queue_max behind them; what comes then is dropped, the newest. For
 *    who is away, what was under way counts as kept.
 * 3. QoS 0 is sent at once, in front of what waits, also within its topic; to who is away, never.
 * 4. A message comes once for each filter that lets it pass, with the lower QoS of the two.
 * 5. What is retained comes at each SUBSCRIBE, marked; an empty payload ends it, and is told.
 * 6. A cut publishes the will, a goodbye does not, a takeover does unless it resumes a kept
 * session.
 * 7. kill -9 takes connections, wills, queues and what is retained back to the last save, however
 *    old: what had been taken away is there again, what was told since comes again.
 * 8. SIGTERM publishes all wills, and saves; who keeps a session gets them twice.
 *
 * Worse than what a comparison can show: order holds within a topic only, at each of both ways;
 * messages are swallowed, doubled, late (struct world_broker_faults); a client may be silent, and
 * its will comes after the keepalive.
 *
 * Not modelled, as nothing of ours uses it: QoS 2, shared subscriptions, message expiry, will
 * delay, session expiry, no-local, UNSUBSCRIBE, topic aliases, $SYS. Not modelled either: who may
 * do what (flow.device-acl tries that), limits of size and memory, two processes with one client id
 * for a long time (a lock file forbids it). */
#ifndef TESTS_WORLD_BROKER_H
#define TESTS_WORLD_BROKER_H

#include "kit/port/ports.h"
#include "models/rng.h"
#include "world/clock.h"

#define WORLD_CLIENTS_MAX 24
#define WORLD_FILTERS_MAX 16

struct world_broker;
struct world_client;

struct world_filter {
    char filter[KIT_TOPIC_SIZE];
    int qos;
};

/* How bad it is; all zero is a broker on a good day. */
struct world_broker_faults {
    int64_t latency_us_max;      /* of each message on each of its two ways; 0: 2 ms */
    uint64_t quick_lanes;        /* bits: topics, by hash, that are in time all the same */
    uint32_t swallowed_permille; /* acknowledged, and never handed over */
    uint32_t doubled_permille;   /* of QoS 1, handed over twice */
    uint32_t saved_permille;     /* of the changes of what is retained: the broker saves after it */
    int64_t in_flight_max;       /* of QoS 1, sent to a client and not acknowledged; 0: 1,000 */
    int64_t queue_max;           /* of QoS 1, that wait behind these; 0: 100,000 */
};

/* What Mosquitto never does, so that the comparison with it can be seen to notice. */
enum world_broker_lie {
    WORLD_LIE_NONE = 0,
    WORLD_LIE_KEEPS_EMPTIED = 1,    /* an empty payload does not end what is retained */
    WORLD_LIE_DROPS_OLDEST = 2,     /* of a full queue, rather than the newest */
    WORLD_LIE_NO_LIMIT = 3,         /* no queue is ever full */
    WORLD_LIE_LATE_WILL = 4,        /* a goodbye does not end the will */
    WORLD_LIE_NO_WILL = 5,          /* no will is ever published */
    WORLD_LIE_NO_TAKEOVER = 6,      /* a second connection of a client does not end the first */
    WORLD_LIE_KEEPS_FLAG = 7,       /* subscribers of the moment see the retained flag */
    WORLD_LIE_RAISES_QOS = 8,       /* what the filter grants does not count */
    WORLD_LIE_ONE_COPY = 9,         /* for filters that overlap */
    WORLD_LIE_FORGETS_SESSION = 10, /* at each connect */
    WORLD_LIE_QUEUES_QOS0 = 11,     /* for those who are away */
    WORLD_LIE_SAVES_ALWAYS = 12,    /* kill -9 loses nothing */
    WORLD_LIE_DISORDER = 13,        /* a topic's messages overtake each other */
    WORLD_LIE_SAVES_NOTHING = 14,
    WORLD_LIE_COUNT = 15,
};

/* What a client's owner is told. */
struct world_client_events {
    void (*on_link)(void *self, bool is_up);
    void (*on_message)(void *self, const struct kit_message *message);
    void (*on_published)(void *self, uint64_t cookie, int code); /* may be NULL */
    /* Writes topic and payload of the will, retained. Asked before each connect. NULL: none. */
    void (*will)(void *self, char ret_topic[KIT_TOPIC_SIZE], char *ret_payload, size_t size_max);
    void *self;
};

/* Up, without clients. The clock is borrowed. */
struct world_broker *world_broker_new(struct world_clock *clock, uint64_t seed);
/* Its clients go with it. */
void world_broker_free(struct world_broker *broker);
/* The time line that it was made with. */
struct world_clock *world_broker_clock(struct world_broker *broker);
/* May be written at any time. */
struct world_broker_faults *world_broker_faults(struct world_broker *broker);
/* How many messages clients have got. */
uint64_t world_broker_delivered(const struct world_broker *broker);

/* kill -9: connections, queues and what is retained are gone; it is back after down_us, with what
 * was saved last, however old, or without it, if that is lost too. false: it was down. */
bool world_broker_kill(struct world_broker *broker, int64_t down_us, bool keeps_saved);
/* SIGTERM: it publishes the wills, saves, and is back after down_us. false: it was down. */
bool world_broker_stop(struct world_broker *broker, int64_t down_us);
/* What is retained, and the sessions that are kept, come back after a death as they are now. */
void world_broker_save(struct world_broker *broker);
/* From now on it is no Mosquitto: for the check of the check. */
void world_broker_lie(struct world_broker *broker, enum world_broker_lie lie);

/* A client that connects now and again; the name is copied, one of it at most lives at a time. The
 * client's process runs until world_client_free(). */
struct world_client *world_client_new(struct world_broker *broker, const char *name,
                                      const struct world_filter *filters, size_t filter_count,
                                      const struct world_client_events *events);
/* Before its first connect: whether the broker keeps its session, for ever, when it is away. None
 * of ours asks for it. A client name keeps its filters. */
void world_client_keep_session(struct world_client *client, bool is_kept);
/* The process is gone: the broker sees the end of the connection and publishes the will. A clean
 * goodbye keeps the will back. NULL is fine. */
void world_client_free(struct world_client *client, bool is_goodbye);
/* As struct kit_bus says. NULL: there is no connection yet. */
int world_client_publish(struct world_client *client, const struct kit_message *message,
                         uint64_t cookie, struct kit_error *err);

/* The connection ends, with the will: both ends notice, and the client makes another one. false:
 * there is none. */
bool world_client_reset(struct world_client *client);
/* The client alone notices the end of a connection, and makes another one: it takes the first over,
 * which the broker still has. */
void world_client_take_over(struct world_client *client);
/* The network of this client is silent for some time: whatever is sent is gone, the client notices
 * after its keepalive and cannot connect, the broker notices late: its will is a late one.
 * false: it does not run, or is silent already. */
bool world_client_silence(struct world_client *client, int64_t for_us);

#endif
