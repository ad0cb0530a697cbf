/* What the parts of the broker and client.c share. */
#ifndef TESTS_WORLD_BROKER_INTERNAL_H
#define TESTS_WORLD_BROKER_INTERNAL_H

#include "world/broker.h"
#include "world/message.h"

#define RETAINED_MAX 256
#define LANES 64 /* topics of one direction, by hash: what shares one keeps its order. Bits */
#define IN_FLIGHT_MAX 4096
#define NAME_SIZE 48
#define WILL_SIZE 512
#define LATENCY_US 2000
#define QUEUE_MAX 100000 /* deploy/mosquitto/mosquitto.conf.in, as the next */
#define WINDOW_MAX 1000

enum client_state {
    CLIENT_WAITING = 0,    /* for the next try */
    CLIENT_CONNECTING = 1, /* until CONNACK and SUBACK, or the end of our patience */
    CLIENT_UP = 2,
};

struct lanes {
    int64_t last_us[LANES];
};

/* Of the messages of one way: what becomes of the n-th of a lane in a slice of time is drawn for it
 * alone, so that it stays as it is when others are left out. */
struct fates {
    uint32_t slices[LANES], counts[LANES];
};

/* What the broker has for one client. QoS 0 is not among it: that is sent or forgotten. */
struct broker_session {
    bool exists;
    bool is_kept;                    /* when its connection ends */
    struct world_message **messages; /* in their order */
    size_t count, room;
    size_t in_flight; /* the first ones: sent, and not acknowledged */
};

/* What can be saved, and comes back after a death. */
struct broker_state {
    struct broker_session sessions[WORLD_CLIENTS_MAX];
    struct world_message *retained[RETAINED_MAX];
    size_t retained_count;
};

struct world_client {
    struct world_broker *broker;
    char name[NAME_SIZE];
    struct world_filter filters[WORLD_FILTERS_MAX];
    size_t filter_count;
    struct world_client_events events;

    /* The client's end. */
    bool is_running; /* false: free for another client */
    bool is_kept;    /* asks the broker to keep its session */
    uint64_t life;   /* grows whenever what was scheduled for it is void */
    enum client_state state;
    struct sim_rng rng; /* of its connections */
    int64_t backoff_us;
    int64_t silent_until_us;
    uint64_t in_flight[IN_FLIGHT_MAX]; /* cookies, in the order of sending */
    size_t in_flight_count;
    struct lanes up;
    struct fates up_fates;

    /* The broker's end. */
    uint64_t link;   /* 0: no connection; else a number of its own */
    bool is_resumed; /* CONNACK said that there was a session */
    struct world_message *will;
    struct lanes down;
    struct fates offer_fates, down_fates;
};

struct world_broker {
    struct world_clock *clock;
    struct world_broker_faults faults;
    enum world_broker_lie lie;
    uint64_t seed, delivered;
    bool is_up;
    uint64_t links; /* made so far */
    struct world_client clients[WORLD_CLIENTS_MAX];
    struct broker_state now, saved;
    struct fates save_fates;
};

/* One way of one client, or the broker itself. */
struct way {
    const char *name; /* of its streams */
    struct fates *fates;
    struct lanes *lanes; /* NULL: nothing travels */
    uint32_t number;     /* of those of the same name */
};

/* Why a connection ends. */
enum broker_end {
    BROKER_END_GOODBYE = 1, /* DISCONNECT: the will is dropped */
    BROKER_END_CUT = 2,
    BROKER_END_RESUMED = 3, /* the same client takes its kept session over: the will is dropped */
};

/* When the next message of this topic arrives: later than the one before it. */
int64_t broker_arrival(struct world_broker *broker, const struct way *way, const char *topic);
/* A connection is there: takes the one before it over, hands out what waited in a kept session, and
 * what is retained. */
void broker_attach(struct world_client *client, struct world_message *will);
/* The broker notices the end of a connection. */
void broker_detach(struct world_client *client, enum broker_end end);
/* Sends what the client's window has room for. */
void broker_fill_window(struct world_client *client);
/* A message has reached the broker; one reference is taken. */
void broker_route(struct world_broker *broker, struct world_message *message);

/* Whether MQTT's filter lets the topic pass. */
bool broker_topic_matches(const char *filter, const char *topic);

/* What the broker has for the client. */
struct broker_session *broker_session_of(struct world_client *client);
/* Behind the others; a reference of its own. */
void broker_session_add(struct broker_session *session, struct world_message *message);
/* It has arrived; false: it is not there any more. */
bool broker_session_remove(struct broker_session *session, const struct world_message *message);
/* Forgets it all. */
void broker_session_end(struct broker_session *session);
/* Takes the place of what was retained under its topic; an empty one takes it away. */
void broker_state_retain(struct broker_state *state, struct world_message *message);
/* Nothing any more. */
void broker_state_clear(struct broker_state *state);
/* Makes target equal to source. */
void broker_state_copy(struct broker_state *target, const struct broker_state *source);

/* The client notices that its connection has ended; it tries again. */
void client_go_down(struct world_client *client);
/* A message has reached the client. */
void client_deliver(void *self, struct world_message *message, uint64_t link);

#endif
