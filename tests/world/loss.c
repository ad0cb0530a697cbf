/* See loss.h. */
#include "world/loss.h"

#include <string.h>

#include "delivery/service.h"
#include "kit/base/check.h"
#include "rental/service.h"

#define LOSS_PERMILLE 300
#define UNDER_IT_PERMILLE 500 /* of the losses, those while the process runs */
#define UNDER_IT_US 3000000   /* after its start */

static void on_removed(void *self, struct world_message *message, uint64_t seed)
{
    struct sim_rng rng;
    (void)message;
    sim_rng_init(&rng, seed, "removed");
    CHECK(world_node_remove(self, &rng));
}

bool world_loss_begin(struct world *world)
{
    struct sim_rng rng;
    sim_rng_init(&rng, world->plan.seed, "loss");
    if (!sim_rng_chance(&rng, LOSS_PERMILLE))
        return false;
    /* What lies in a locker nobody but delivery knows. */
    const bool is_rental = world->plan.locker_orders > 0 || sim_rng_below(&rng, 2) == 0;
    struct world_node *node = world_find_node(world,
                                              is_rental ? &rental_service : &delivery_service);
    world_fact(&world->clock.facts, "disk", is_rental ? "rental lost" : "delivery lost");
    if (sim_rng_chance(&rng, UNDER_IT_PERMILLE)) {
        world_clock_in(&world->clock, UNDER_IT_US, on_removed, node, world->plan.seed);
    } else {
        sim_disk_clear(node->disk);
        node->is_lost = true;
        world_clock_trace(&world->clock, node->row->desc->name, "loses its database");
    }
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world_node_start(&world->nodes[i]);
    return true;
}
