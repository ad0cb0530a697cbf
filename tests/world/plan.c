/* See plan.h. */
#include "world/plan.h"

#include <string.h>

#include "kit/base/check.h"

#define HAS_PERMILLE 350
#define HAS_TINY_PERMILLE 150
#define HAS_WORN_PERMILLE 500
#define TROUBLES_A_DAY 24
#define STRETCHED_PRODUCTS 4 /* enough pieces for a month */
#define ORDERS_A_DAY 10
#define LOCKER_ORDERS_A_DAY 2
#define SITE_HEAL_MS 90000 /* people walk, doors wait, the last word is a hello of 30 s later */
#define HAS_LOCKERS_PERMILLE 500
#define LOCKER_ORDERS_MAX 8
#define IS_HASTY_PERMILLE 550

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
        plan->heal_ms = SITE_HEAL_MS;
    plan->product_count = 1 + sim_rng_below(&rng, 4);
    plan->cancel_permille = sim_rng_below(&rng, 600);
    plan->scarce_permille = sim_rng_below(&rng, 500);
    for (size_t i = TROUBLE_TINY_BATCH; i < TROUBLE_JAM; i++)
        plan->has[i] = sim_rng_chance(&rng, HAS_TINY_PERMILLE);
    plan->is_hasty = sim_rng_chance(&rng, IS_HASTY_PERMILLE);
    for (size_t i = TROUBLE_JAM; i <= TROUBLE_BOARD; i++)
        plan->has[i] = plan->locker_orders > 0 && sim_rng_chance(&rng, HAS_WORN_PERMILLE);
    plan->has[TROUBLE_REMOVE] = sim_rng_chance(&rng, HAS_PERMILLE);
}

void world_plan_calm(struct world_plan *plan)
{
    memset(plan->has, 0, sizeof(plan->has));
    plan->is_calm = plan->has[TROUBLE_STOP] = true;
    plan->locker_orders = 0; /* their cancels wait for a locker, and may be told to come again */
}

void world_plan_stretch(struct world_plan *plan, uint32_t days)
{
    PRE(days > 0 && days <= WORLD_DAYS_MAX);
    plan->days = days;
    plan->chaos_ms = days * WORLD_DAY_MS;
    plan->trouble_gap_ms = WORLD_DAY_MS / TROUBLES_A_DAY;
    plan->order_count = days * ORDERS_A_DAY;
    plan->locker_orders = days * LOCKER_ORDERS_A_DAY;
    plan->heal_ms = SITE_HEAL_MS;
    plan->product_count = STRETCHED_PRODUCTS;
    for (size_t i = 0; i < TROUBLE_TINY_BATCH; i++)
        plan->has[i] = true;
    plan->has[TROUBLE_SMALL_QUEUE] = false; /* what piles up in a night is what is wanted */
}

int64_t world_plan_draw_us(const struct world_plan *plan, struct sim_rng *rng)
{
    if (plan->days > 0) /* more us than a draw has numbers */
        return sim_rng_between(rng, 1, plan->chaos_ms) * 1000;
    return sim_rng_between(rng, 1000, plan->chaos_ms * 1000);
}

bool world_plan_leaves_out(const struct world_plan *plan, enum world_part part, uint64_t number)
{
    return number < WORLD_OUT_MAX && plan->is_out[part][number];
}

bool world_trouble_is_moment(enum world_trouble trouble)
{
    return trouble < TROUBLE_SWALLOW || trouble == TROUBLE_REMOVE;
}

bool world_plan_has(const struct world_plan *plan, enum world_trouble trouble)
{
    return plan->has[trouble] && !world_plan_leaves_out(plan, PART_KIND, trouble);
}

const char *world_trouble_name(enum world_trouble trouble)
{
    static const char *const NAMES[TROUBLE_COUNT] = {
        "kill",        "power",      "stop",        "broker-kill", "reset",       "silence",
        "web-kill",    "disk-io",    "disk-full",   "clock-step",  "device-kill", "device-cut",
        "bit",         "swallow",    "double",      "slow",        "small-queue", "tiny-batch",
        "tiny-stream", "tiny-fetch", "tiny-queues", "jam",         "board",       "remove",
    };
    PRE(trouble < TROUBLE_COUNT);
    return NAMES[trouble];
}
