/* A broker that does what Mosquitto does, the bad things too: it acknowledges and then loses, drops
 * the newest message of a full queue without a word, publishes wills late, forgets its queues when
 * it is killed, and keeps order within a topic only. Clients are connections as our adapters make
 * them: clean start, they subscribe again at each connect, presence with a will. One thread. */
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
    uint32_t swallowed_permille; /* acknowledged, and never handed over */
    uint32_t doubled_permille;   /* of QoS 1, handed over twice */
    int64_t queue_max;           /* for each client; 0: 100,000 */
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

/* kill -9: connections and queues are gone, and what is retained, unless keeps_retained.
 * It is back after down_us. */
void world_broker_kill(struct world_broker *broker, int64_t down_us, bool keeps_retained);

/* A client that connects now and again; the name is copied, one of it at most lives at a time. The
 * client's process runs until world_client_free(). */
struct world_client *world_client_new(struct world_broker *broker, const char *name,
                                      const struct world_filter *filters, size_t filter_count,
                                      const struct world_client_events *events);
/* The process is gone: the broker sees the end of the connection and publishes the will. A clean
 * goodbye keeps the will back. NULL is fine. */
void world_client_free(struct world_client *client, bool is_goodbye);
/* As struct kit_bus says. NULL: there is no connection yet. */
int world_client_publish(struct world_client *client, const struct kit_message *message,
                         uint64_t cookie, struct kit_error *err);

/* The connection ends, with the will: both ends notice, and the client makes another one. */
void world_client_reset(struct world_client *client);
/* The network of this client is silent for some time: whatever is sent is gone, the client notices
 * after its keepalive and cannot connect, the broker notices late: its will is a late one. */
void world_client_silence(struct world_client *client, int64_t for_us);

#endif
