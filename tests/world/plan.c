/* See plan.h. */
#include "world/plan.h"

#include <string.h>

#include "kit/base/check.h"
#include "models/rng.h"

#define HAS_PERMILLE 350
#define HAS_TINY_PERMILLE 150
#define HAS_LOCKERS_PERMILLE 500
#define LOCKER_ORDERS_MAX 8
#define IS_HASTY_PERMILLE 300

void world_plan_draw(struct world_plan *plan, uint64_t seed)
{
    struct sim_rng rng;
    sim_rng_init(&rng, seed, "plan");
    memset(plan, 0, sizeof(*plan));
    plan->seed = seed;
    for (size_t i = 0; i < TROUBLE_TINY_BATCH; i++)
        plan->has[i] = sim_rng_chance(&rng, HAS_PERMILLE);
    plan->chaos_ms = sim_rng_between(&rng, 3000, 12000);
    plan->heal_ms = 40000;
    plan->trouble_gap_ms = sim_rng_between(&rng, 100, 2000);
    plan->order_count = 4 + sim_rng_below(&rng, 28);
    plan->locker_orders = sim_rng_chance(&rng, HAS_LOCKERS_PERMILLE)
                              ? 1 + sim_rng_below(&rng, LOCKER_ORDERS_MAX)
                              : 0;
    if (plan->locker_orders > plan->order_count)
        plan->locker_orders = plan->order_count;
    if (plan->locker_orders > 0)
        plan->heal_ms = 90000; /* people walk, doors wait, the last word is a hello of 30 s later */
    plan->product_count = 1 + sim_rng_below(&rng, 4);
    plan->cancel_permille = sim_rng_below(&rng, 600);
    plan->scarce_permille = sim_rng_below(&rng, 500);
    for (size_t i = TROUBLE_TINY_BATCH; i < TROUBLE_COUNT; i++)
        plan->has[i] = sim_rng_chance(&rng, HAS_TINY_PERMILLE);
    plan->is_hasty = sim_rng_chance(&rng, IS_HASTY_PERMILLE);
}

bool world_plan_leaves_out(const struct world_plan *plan, enum world_part part, uint64_t number)
{
    return number < WORLD_OUT_MAX && plan->is_out[part][number];
}

bool world_plan_has(const struct world_plan *plan, enum world_trouble trouble)
{
    return plan->has[trouble] && !world_plan_leaves_out(plan, PART_KIND, trouble);
}

const char *world_trouble_name(enum world_trouble trouble)
{
    static const char *const NAMES[TROUBLE_COUNT] = {
        "kill",        "power",      "stop",        "broker-kill", "reset",
        "silence",     "web-kill",   "disk-io",     "disk-full",   "clock-step",
        "device-kill", "device-cut", "swallow",     "double",      "slow",
        "small-queue", "tiny-batch", "tiny-stream", "tiny-fetch",  "tiny-queues",
    };
    PRE(trouble < TROUBLE_COUNT);
    return NAMES[trouble];
}
