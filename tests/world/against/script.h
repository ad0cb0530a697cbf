/* A random script for a broker: what a few clients do, one step after the other. Pure; any thread.
 */
#ifndef TESTS_WORLD_AGAINST_SCRIPT_H
#define TESTS_WORLD_AGAINST_SCRIPT_H

#include "world/broker.h"

#define SCRIPT_CLIENTS 4
#define SCRIPT_STEPS 70
#define SCRIPT_BURST_MAX 6
#define SCRIPT_FILTERS_MAX 3
#define SCRIPT_TEXT_SIZE 48

enum script_kind {
    SCRIPT_START = 0, /* a client's process begins, and connects; is_kept: its session is kept */
    SCRIPT_PUBLISH = 1,
    SCRIPT_GOODBYE = 2,   /* the process ends with DISCONNECT */
    SCRIPT_DIE = 3,       /* the process ends, and its connection is cut */
    SCRIPT_RESET = 4,     /* the connection is cut, and made again */
    SCRIPT_TAKE_OVER = 5, /* a second connection, while the first is there */
    SCRIPT_STALL = 6,     /* the client stops reading */
    SCRIPT_RESUME = 7,    /* it reads on */
    SCRIPT_SAVE = 8,      /* the broker saves */
    SCRIPT_KILL = 9,      /* kill -9 of the broker; is_kept: its disk is there afterwards */
    SCRIPT_STOP = 10,     /* SIGTERM of the broker */
    SCRIPT_KINDS = 11,
};

struct script_publication {
    const char *topic;
    uint64_t number; /* from 1; the payload is its text, unless it is empty */
    int qos;
    bool retain;
    bool is_empty;
};

struct script_step {
    enum script_kind kind;
    int client;
    bool is_kept;
    struct script_publication publications[SCRIPT_BURST_MAX];
    size_t count;
};

struct script_client {
    char name[SCRIPT_TEXT_SIZE];
    struct world_filter filters[SCRIPT_FILTERS_MAX];
    size_t filter_count;
    char will_topic[SCRIPT_TEXT_SIZE]; /* "": no will */
};

struct script {
    uint64_t seed;
    bool is_tight; /* small limits, each publication waits for the one before it */
    int64_t in_flight_max, queue_max; /* of the broker, for each client */
    struct script_client clients[SCRIPT_CLIENTS];
    struct script_step steps[SCRIPT_STEPS];
};

/* The script of a seed. Every other one has a broker whose queues are small; nothing is retained in
 * it, as which topics of many come first at a SUBSCRIBE is nobody's business. */
void script_draw(struct script *script, uint64_t seed);
/* "" when it is empty. */
void script_payload(const struct script_publication *publication, char ret_text[SCRIPT_TEXT_SIZE]);
/* "starts", "publishes", ...; borrowed for ever. */
const char *script_kind_name(enum script_kind kind);
/* One step in words. */
void script_describe(const struct script *script, size_t step, char *ret_text, size_t size);

#endif
