/* One process of ours in a world: a service of production code on simulated ports, with a disk and
 * a connection. It dies, comes back, steps its clock. What every service shares is here; what one
 * is is a row of the table in world.c. One thread. */
#ifndef TESTS_WORLD_NODE_H
#define TESTS_WORLD_NODE_H

#include "fakes/sim_disk.h"
#include "kit/service/service.h"
#include "world/bit.h"
#include "world/broker.h"
#include "world/said.h"

#define WORLD_SETTINGS_MAX 8

/* What a service is. A new one joins the world by one of these in world.c, one more
 * in WORLD_SERVICE_COUNT, and its library in CMakeLists.txt. */
struct world_service_row {
    const struct kit_service_desc *desc;
    struct kit_setting settings[WORLD_SETTINGS_MAX];
    size_t setting_count;
};

struct world_node {
    struct world_clock *clock;
    struct world_broker *broker;
    const struct world_service_row *row;
    struct sim_disk *disk;
    char path[64], file[64];     /* of its database; without the name of its disk */
    struct world_bit bit;        /* of it, that has changed by itself */
    struct sim_rng rng;          /* of its random source, which goes on over restarts */
    struct kit_service *service; /* NULL: the process does not run */
    struct world_client *client;
    struct world_turns turns;
    struct kit_service_limits limits;
    size_t in_flight;        /* stream messages that the broker has not confirmed */
    struct world_said *said; /* what it publishes is noted here; NULL: nowhere */
    int64_t skew_ms;         /* of its wall clock */
    int64_t connects;        /* epoch of its presence */
    bool is_stopping;        /* has said so, and answers what it has taken */
    int64_t stopped_us, down_us;
    bool is_restored; /* its next start is that with --new-epoch 1 */
    char wrong[200];  /* what it said that is not so; "": nothing */
    bool is_lost;     /* its database was taken away; it knows that there has been one */
};

/* Who looks at what nodes do. */
struct world_watch {
    void (*on_started)(struct world_node *node);
    void (*on_message)(struct world_node *node, const struct kit_message *message); /* it came */
    void (*on_publish)(struct world_node *node, const struct kit_message *message); /* it left */
};
extern const struct world_watch *world_watch; /* of all worlds; NULL: nobody */

/* Makes the image of a service's empty database, once in a process and in those it forks. */
void world_node_prepare(const struct world_service_row *row);

/* A node whose disk holds an image of an empty database, so that its first start does not migrate.
 * Not started. */
void world_node_init(struct world_node *node, struct world_clock *clock,
                     struct world_broker *broker, const struct world_service_row *row,
                     uint64_t seed);
/* Ends the process, if it runs, and takes the disk away. */
void world_node_done(struct world_node *node);

/* The process starts, and is started again whenever it ends. A database that does not open ends the
 * start, and it is tried again. */
void world_node_start(struct world_node *node);
/* kill -9, or the power of the machine goes; it starts again after down_us. false: it
 * did not run, as with the next. */
bool world_node_kill(struct world_node *node, enum sim_disk_death death, int64_t down_us);
/* SIGTERM: it drains, says goodbye, and starts again after down_us. */
bool world_node_stop(struct world_node *node, int64_t down_us);
/* It is killed, and starts again after down_us with one bit of its database changed, which is put
 * right after for_us; then it starts once more. false too: one is wrong already. */
bool world_node_flip(struct world_node *node, struct sim_rng *rng, int64_t down_us, int64_t for_us);
/* Its database loses its name, or gives it to one that has nothing in it. The process goes on with
 * it, and ends when it notices; the next one knows that there was one. false: it did not run, or a
 * bit is wrong. */
bool world_node_remove(struct world_node *node, struct sim_rng *rng);
/* Puts that bit right now, if it is wrong. */
void world_node_put_right(struct world_node *node);
/* The end of a world: killed, and it stays away. Whatever has drained is on the disk by itself. */
void world_node_end(struct world_node *node);

#endif
