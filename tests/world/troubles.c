/* See troubles.h. */
#include "world/troubles.h"

#include <string.h>

#include "delivery/service.h"
#include "information/service.h"
#include "kit/base/check.h"
#include "stock/service.h"

#define LOST_DISK_PERMILLE 500
#define READ_PERMILLE 300                           /* of the faults of a disk, those of reads */
#define TROUBLES_APART UINT64_C(0x9E3779B97F4A7C15) /* of their streams' seeds */
#define RIGHT_PERMILLE 500                          /* of the steps of a clock that is wrong */
#define BROKER_STOP_PERMILLE 250                    /* SIGTERM rather than kill -9 */
#define WRONG_MS_MAX 4000                           /* until a bit is put right */
#define HOUR_MS INT64_C(3600000)
#define CALM_DOWN_US 700000 /* of a planned restart, when nothing else is wrong: a slow machine */

static struct world_node *any_node(struct world *world)
{
    return &world->nodes[sim_rng_below(&world->troubles, WORLD_SERVICE_COUNT)];
}

static int64_t any_down_us(struct world *world)
{
    return sim_rng_between(&world->troubles, 1, 1500) * 1000;
}

static struct world_device *any_device(struct world *world)
{
    return &world->devices[sim_rng_below(&world->troubles, WORLD_DEVICE_COUNT)];
}

static struct world_client *any_client(struct world *world)
{
    const uint32_t at = sim_rng_below(&world->troubles, WORLD_SERVICE_COUNT + 2);
    if (at == WORLD_SERVICE_COUNT + 1)
        return any_device(world)->client;
    return at == WORLD_SERVICE_COUNT ? world->web.client : world->nodes[at].client;
}

static void fail_disk(struct world *world, enum sim_disk_fault fault)
{
    struct sim_disk *disk = any_node(world)->disk;
    sim_disk_fail_in(disk, sim_rng_between(&world->troubles, 1, 40),
                     sim_rng_between(&world->troubles, 1, fault == SIM_DISK_FULL ? 30 : 2), fault);
}

/* Of information the whole disk may be lost: it comes back from the others' logs. */
static bool lose_power(struct world *world, struct world_node *node)
{
    if (!world_node_kill(node, SIM_DISK_POWER, any_down_us(world)))
        return false;
    if (node->row->desc != &information_service ||
        !sim_rng_chance(&world->troubles, LOST_DISK_PERMILLE))
        return true;
    world_clock_trace(&world->clock, node->row->desc->name, "its disk is lost");
    world_fact(&world->clock.facts, "disk", "lost");
    sim_disk_clear(node->disk);
    return true;
}

static bool end_broker(struct world *world)
{
    const int64_t down_us = any_down_us(world);
    if (sim_rng_chance(&world->troubles, BROKER_STOP_PERMILLE))
        return world_broker_stop(world->broker, down_us);
    return world_broker_kill(world->broker, down_us, sim_rng_chance(&world->troubles, 500));
}

static bool reset_one(struct world *world)
{
    struct world_client *client = any_client(world);
    return client != NULL && world_client_reset(client);
}

static bool silence_one(struct world *world)
{
    struct world_client *client = any_client(world);
    return client != NULL &&
           world_client_silence(client, sim_rng_between(&world->troubles, 200, 20000) * 1000);
}

/* Not when one that tells lockers the time is about to start, which believes its clock until others
 * contradict (rules time 1.7): a locker that has heard of a later time takes no command until then
 * (devices.md 1.7). And not over days, where it stays wrong for so long that it is believed (1.3):
 * keys are kept for less than a day then, or for more. */
static bool may_err_by_hours(const struct world *world, const struct world_node *node)
{
    if (world->plan.days > 0)
        return false;
    return world->plan.locker_orders == 0 || node->service != NULL ||
           (node->row->desc != &delivery_service && node->row->desc != &stock_service);
}

/* A clock that is wrong is put right, or wrong in another way. */
static void step_clock(struct world *world, struct world_node *node)
{
    static const int64_t STEPS_MS[] = { -20000, -50, 50, 20000 };
    static const int64_t LARGE_MS[] = { -3 * WORLD_DAY_MS, -HOUR_MS, HOUR_MS, 3 * WORLD_DAY_MS };
    const bool is_large = sim_rng_chance(&world->troubles, 700) && may_err_by_hours(world, node);
    const bool is_right = sim_rng_chance(&world->troubles, RIGHT_PERMILLE) && node->skew_ms != 0;
    const size_t which = sim_rng_below(&world->troubles, KIT_COUNT(STEPS_MS));
    const int64_t step_ms = is_large ? LARGE_MS[which] : STEPS_MS[which];
    node->skew_ms = is_right ? 0 : step_ms;
    world_clock_trace(&world->clock, node->row->desc->name, "its clock is wrong by %lld ms",
                      (long long)node->skew_ms);
}

/* As deploy/restart does it when nothing else is wrong: one after the other. */
static bool stop_one(struct world *world)
{
    if (!world->plan.is_calm)
        return world_node_stop(any_node(world), any_down_us(world));
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        if (world->nodes[i].service == NULL || world->nodes[i].is_stopping)
            return false;
    }
    return world_node_stop(any_node(world), CALM_DOWN_US);
}

static bool flip_one(struct world *world)
{
    struct world_node *node = any_node(world);
    const int64_t down_us = any_down_us(world);
    return world_node_flip(node, &world->troubles, down_us,
                           down_us + sim_rng_between(&world->troubles, 1, WRONG_MS_MAX) * 1000);
}

/* One that happens at a moment; those that last are set at the begin. false: what it strikes was
 * not there. */
static bool happen(struct world *world, enum world_trouble trouble)
{
    switch (trouble) {
    case TROUBLE_KILL:
        return world_node_kill(any_node(world), SIM_DISK_KILL, any_down_us(world));
    case TROUBLE_POWER:
        return lose_power(world, any_node(world));
    case TROUBLE_STOP:
        return stop_one(world);
    case TROUBLE_BROKER_KILL:
        return end_broker(world);
    case TROUBLE_RESET:
        return reset_one(world);
    case TROUBLE_SILENCE:
        return silence_one(world);
    case TROUBLE_WEB_KILL:
        return world_web_kill(&world->web, any_down_us(world));
    case TROUBLE_DISK_IO:
        fail_disk(world,
                  sim_rng_chance(&world->troubles, READ_PERMILLE) ? SIM_DISK_READ : SIM_DISK_IO);
        return true;
    case TROUBLE_DISK_FULL:
        fail_disk(world, SIM_DISK_FULL);
        return true;
    case TROUBLE_CLOCK_STEP:
        step_clock(world, any_node(world));
        return true;
    case TROUBLE_DEVICE_KILL:
        return world_device_kill(any_device(world), any_down_us(world));
    case TROUBLE_DEVICE_CUT:
        return world_device_cut(any_device(world), any_down_us(world));
    case TROUBLE_BIT:
        return flip_one(world);
    case TROUBLE_REMOVE:
        return world_node_remove(world_find_node(world, &information_service), &world->troubles);
    case TROUBLE_SWALLOW:
    case TROUBLE_DOUBLE:
    case TROUBLE_SLOW:
    case TROUBLE_SMALL_QUEUE:
    case TROUBLE_TINY_BATCH:
    case TROUBLE_TINY_STREAM:
    case TROUBLE_TINY_FETCH:
    case TROUBLE_TINY_QUEUES:
    case TROUBLE_JAM:
    case TROUBLE_BOARD:
    case TROUBLE_COUNT:
        break;
    }
    return false;
}

/* Each trouble draws from a stream of its own, so that none moves when another is left out. */
static void draw_for(struct world *world, uint64_t number)
{
    sim_rng_init(&world->troubles, world->plan.seed + number * TROUBLES_APART, "troubles");
}

static size_t slice_now(const struct world *world)
{
    return (size_t)((world->clock.now_us - WORLD_MONO_US) / (WORLD_SLICE_MS * 1000));
}

static bool is_calm_now(const struct world *world)
{
    return world_plan_leaves_out(&world->plan, PART_TIME, slice_now(world));
}

/* Of the kinds that happen at a moment; those that last are set at the begin. */
static enum world_trouble draw_kind(struct world *world)
{
    enum world_trouble own[TROUBLE_COUNT] = { TROUBLE_COUNT };
    uint32_t count = 0;
    for (uint32_t i = 0; i < TROUBLE_COUNT; i++) {
        if (world->plan.has[i] && world_trouble_is_moment((enum world_trouble)i))
            own[count++] = (enum world_trouble)i;
    }
    return count == 0 ? TROUBLE_COUNT : own[sim_rng_below(&world->troubles, count)];
}

static void on_trouble(void *self, struct world_message *message, uint64_t number)
{
    struct world *world = self;
    (void)message;
    if (world->clock.now_us >= WORLD_MONO_US + world->plan.chaos_ms * 1000)
        return;
    draw_for(world, number + 1);
    const int64_t pause_ms = sim_rng_between(&world->troubles, 1, 2 * world->plan.trouble_gap_ms);
    world_clock_in(&world->clock, pause_ms * 1000, on_trouble, world, number + 1);
    const enum world_trouble trouble = draw_kind(world);
    if (trouble == TROUBLE_COUNT || !world_plan_has(&world->plan, trouble) || is_calm_now(world) ||
        world_plan_leaves_out(&world->plan, PART_TROUBLE, number))
        return;
    if (!happen(world, trouble))
        return;
    world->trouble_count++;
    world_fact(&world->clock.facts, "trouble", world_trouble_name(trouble));
}

/* What lasts, but in slices that the plan leaves out. */
static void on_slice(void *self, struct world_message *message, uint64_t number)
{
    struct world *world = self;
    struct world_broker_faults *faults = world_broker_faults(world->broker);
    (void)message;
    (void)number;
    if (world->clock.now_us >= WORLD_MONO_US + world->plan.chaos_ms * 1000)
        return;
    *faults = is_calm_now(world) ? (struct world_broker_faults){ .latency_us_max = 0 }
                                 : world->lasting;
    world_clock_in(&world->clock, WORLD_SLICE_MS * INT64_C(1000), on_slice, world, 0);
}

void world_troubles_begin(struct world *world)
{
    const struct world_plan *plan = &world->plan;
    struct world_broker_faults *lasting = &world->lasting;
    draw_for(world, 0);
    const struct world_broker_faults drawn = {
        .swallowed_permille = 1 + sim_rng_below(&world->troubles, 100),
        .doubled_permille = 1 + sim_rng_below(&world->troubles, 200),
        .latency_us_max = sim_rng_between(&world->troubles, 5, 400) * 1000,
        .quick_lanes = sim_rng_next(&world->troubles) | sim_rng_next(&world->troubles),
        .in_flight_max = sim_rng_between(&world->troubles, 1, 3),
        .queue_max = sim_rng_between(&world->troubles, 1, 3),
        .saved_permille = 1 + sim_rng_below(&world->troubles, 300),
    };
    if (world_plan_has(plan, TROUBLE_SWALLOW))
        lasting->swallowed_permille = drawn.swallowed_permille;
    if (world_plan_has(plan, TROUBLE_DOUBLE))
        lasting->doubled_permille = drawn.doubled_permille;
    if (world_plan_has(plan, TROUBLE_SLOW))
        lasting->latency_us_max = drawn.latency_us_max;
    if (world_plan_has(plan, TROUBLE_SLOW))
        lasting->quick_lanes = drawn.quick_lanes;
    if (world_plan_has(plan, TROUBLE_SMALL_QUEUE)) {
        lasting->in_flight_max = drawn.in_flight_max;
        lasting->queue_max = drawn.queue_max;
    }
    if (world_plan_has(plan, TROUBLE_BROKER_KILL))
        lasting->saved_permille = drawn.saved_permille;
    for (size_t i = 0; world_plan_has(plan, TROUBLE_CLOCK_STEP) && i < WORLD_SERVICE_COUNT; i++)
        step_clock(world, &world->nodes[i]);
    on_slice(world, NULL, 0);
    world_clock_in(&world->clock, sim_rng_between(&world->troubles, 1, 2000) * 1000, on_trouble,
                   world, 0);
}

void world_troubles_end(struct world *world)
{
    memset(world_broker_faults(world->broker), 0, sizeof(struct world_broker_faults));
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        world->nodes[i].skew_ms = 0;
        world_node_put_right(&world->nodes[i]);
        sim_disk_fail_in(world->nodes[i].disk, 0, 0, SIM_DISK_IO);
    }
    world_clock_trace(&world->clock, "world", "troubles are over");
}
