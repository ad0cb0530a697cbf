/* See loss.h. */
#include "world/loss.h"

#include <string.h>

#include "kit/base/check.h"

#define LOSS_PERMILLE 300

static struct world_node *find_node(struct world *world, const char *name)
{
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        if (strcmp(world->nodes[i].row->desc->name, name) == 0)
            return &world->nodes[i];
    }
    UNREACHABLE(name);
}

bool world_loss_begin(struct world *world)
{
    struct sim_rng rng;
    sim_rng_init(&rng, world->plan.seed, "loss");
    if (!sim_rng_chance(&rng, LOSS_PERMILLE))
        return false;
    /* What lies in a locker nobody but delivery knows. */
    const bool is_rental = world->plan.locker_orders > 0 || sim_rng_below(&rng, 2) == 0;
    struct world_node *node = find_node(world, is_rental ? "rental" : "delivery");
    sim_disk_clear(node->disk);
    node->is_lost = true;
    world_fact(&world->clock.facts, "disk", is_rental ? "rental lost" : "delivery lost");
    world_clock_trace(&world->clock, node->row->desc->name, "loses its database");
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world_node_start(&world->nodes[i]);
    return true;
}
