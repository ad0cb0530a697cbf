/* What broker.c and client.c share. */
#ifndef TESTS_WORLD_BROKER_INTERNAL_H
#define TESTS_WORLD_BROKER_INTERNAL_H

#include "world/broker.h"
#include "world/message.h"

#define RETAINED_MAX 256
#define LANES 64 /* topics of one direction, by hash: what shares one keeps its order */
#define IN_FLIGHT_MAX 4096
#define NAME_SIZE 48
#define WILL_SIZE 512
#define LATENCY_US 2000
#define QUEUE_MAX 100000

enum client_state {
    CLIENT_WAITING = 0,    /* for the next try */
    CLIENT_CONNECTING = 1, /* until CONNACK and SUBACK, or the end of our patience */
    CLIENT_UP = 2,
};

struct lanes {
    int64_t last_us[LANES];
};

struct world_client {
    struct world_broker *broker;
    char name[NAME_SIZE];
    struct world_filter filters[WORLD_FILTERS_MAX];
    size_t filter_count;
    struct world_client_events events;

    /* The client's end. */
    bool is_running; /* false: free for another client */
    uint64_t life;   /* grows whenever what was scheduled for it is void */
    enum client_state state;
    int64_t backoff_us;
    int64_t silent_until_us;
    uint64_t in_flight[IN_FLIGHT_MAX]; /* cookies, in the order of sending */
    size_t in_flight_count;
    struct lanes up;

    /* The broker's end. */
    uint64_t session; /* 0: no connection; else a number of its own */
    struct world_message *will;
    int64_t queued;
    struct lanes down;
};

struct world_broker {
    struct world_clock *clock;
    struct sim_rng rng;
    struct world_broker_faults faults;
    uint64_t delivered;
    bool is_up;
    uint64_t sessions; /* made so far */
    struct world_client clients[WORLD_CLIENTS_MAX];
    struct world_message *retained[RETAINED_MAX];
    size_t retained_count;
};

/* When the next message of this topic arrives: later than the one before it. */
int64_t broker_arrival(struct world_broker *broker, struct lanes *lanes, const char *topic);
/* A connection is there: takes the one before it over, and hands out what is retained. */
void broker_attach(struct world_client *client, struct world_message *will);
/* The broker notices the end of a connection. */
void broker_detach(struct world_client *client, bool is_goodbye);
/* A message has reached the broker; one reference is taken. */
void broker_route(struct world_broker *broker, struct world_message *message);

/* The client notices that its connection has ended; it tries again. */
void client_go_down(struct world_client *client);
/* A message has reached the client. */
void client_deliver(void *self, struct world_message *message, uint64_t session);

#endif
