/* The bridge in a world: its core on simulated ports, asked as if over HTTP, and those who ask. It
 * dies as services do; whoever waits for an answer then gets none. One thread. */
#ifndef TESTS_WORLD_WEB_H
#define TESTS_WORLD_WEB_H

#include "bridge/bridge.h"
#include "world/broker.h"

#define WORLD_EXCHANGES_MAX 256
#define WORLD_GTIN "4006381333931" /* of the first product */

struct world_web;

/* A request of somebody. Texts are borrowed for the call. */
struct world_ask {
    const char *method, *target;
    const char *body; /* JSON; NULL: none */
    const char *key;  /* Idempotency-Key; NULL: none */
    /* Headers of those who do not know better; NULL: as it should be. */
    const char *host, *content_type, *accept, *content_length, *repeated;
};

/* How it ended: status 0 is an end of the connection without an answer, else that of HTTP. body:
 * the answer's text, "" if none; location: of the header, or "". Borrowed for the call. */
struct world_answer {
    int status;
    const char *body, *location;
};
typedef void (*world_answer_cb)(void *self, const struct world_answer *answer);
/* false: it is not known what became of the request, or it is still under way. */
bool world_answer_is_clear(const struct world_answer *answer);
/* Of what a 201 has made: the number at the end of its location; 0: another answer. */
int64_t world_answer_id(const struct world_answer *answer);

/* A request under way, until whoever asked has heard how it ended. */
struct world_exchange {
    struct world_web *web;
    bool is_busy;
    struct request *request; /* the bridge's; NULL: it has ended */
    int status;
    char *body, *location;
    world_answer_cb on_answer;
    void *self;
};

struct world_web {
    struct world_clock *clock;
    struct world_broker *broker;
    struct world_client *client;
    struct sim_rng rng;
    struct kit_clock kit_clock;
    struct kit_rng kit_rng;
    struct kit_log log;
    struct kit_bus bus;
    struct bridge bridge;
    struct world_exchange exchanges[WORLD_EXCHANGES_MAX];
    bool is_running;
    int calls_max; /* under way; 0: as many as there may be */
    bool is_dying; /* answers go nowhere */
    struct world_turns turns;
};

/* Not started. */
void world_web_init(struct world_web *web, struct world_clock *clock, struct world_broker *broker,
                    uint64_t seed);
void world_web_done(struct world_web *web);
void world_web_start(struct world_web *web);
/* kill -9; it starts again after down_us. false: it did not run. */
bool world_web_kill(struct world_web *web, int64_t down_us);

/* Asks; on_answer follows once, later than now. At most WORLD_EXCHANGES_MAX at once. */
void world_web_ask(struct world_web *web, const struct world_ask *ask, world_answer_cb on_answer,
                   void *self);

#endif
