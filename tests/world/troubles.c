/* See troubles.h. */
#include "world/troubles.h"

#include <string.h>

#include "information/service.h"
#include "kit/base/check.h"

#define LOST_DISK_PERMILLE 500

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
static void lose_power(struct world *world, struct world_node *node)
{
    const bool was_running = node->service != NULL;
    world_node_kill(node, SIM_DISK_POWER, any_down_us(world));
    if (node->row->desc != &information_service || !was_running ||
        !sim_rng_chance(&world->troubles, LOST_DISK_PERMILLE))
        return;
    world_clock_trace(&world->clock, node->row->desc->name, "its disk is lost");
    sim_disk_clear(node->disk);
}

static void reset_one(struct world *world)
{
    struct world_client *client = any_client(world);
    if (client != NULL)
        world_client_reset(client);
}

static void silence_one(struct world *world)
{
    struct world_client *client = any_client(world);
    if (client != NULL)
        world_client_silence(client, sim_rng_between(&world->troubles, 200, 20000) * 1000);
}

static void step_clock(struct world *world)
{
    static const int64_t STEPS_MS[] = { -20000, -50, 50, 20000 };
    static const int64_t HOUR_MS = 3600000;
    /* No hours where lockers are: one that has heard of a later time takes no command until then
     * (devices.md 1.7). */
    const bool is_large = world->plan.locker_orders == 0 && sim_rng_chance(&world->troubles, 700);
    int64_t step_ms = STEPS_MS[sim_rng_below(&world->troubles, KIT_COUNT(STEPS_MS))];
    if (is_large)
        step_ms = step_ms < 0 ? -HOUR_MS : HOUR_MS;
    struct world_node *node = any_node(world);
    node->skew_ms = step_ms;
    world_clock_trace(&world->clock, node->row->desc->name, "its clock is wrong by %lld ms",
                      (long long)node->skew_ms);
}

/* One that happens at a moment; those that last are set at the begin. */
static void happen(struct world *world, enum world_trouble trouble)
{
    switch (trouble) {
    case TROUBLE_KILL:
        world_node_kill(any_node(world), SIM_DISK_KILL, any_down_us(world));
        return;
    case TROUBLE_POWER:
        lose_power(world, any_node(world));
        return;
    case TROUBLE_STOP:
        world_node_stop(any_node(world), any_down_us(world));
        return;
    case TROUBLE_BROKER_KILL:
        world_broker_kill(world->broker, any_down_us(world), sim_rng_chance(&world->troubles, 500));
        return;
    case TROUBLE_RESET:
        reset_one(world);
        return;
    case TROUBLE_SILENCE:
        silence_one(world);
        return;
    case TROUBLE_WEB_KILL:
        world_web_kill(&world->web, any_down_us(world));
        return;
    case TROUBLE_DISK_IO:
        fail_disk(world, SIM_DISK_IO);
        return;
    case TROUBLE_DISK_FULL:
        fail_disk(world, SIM_DISK_FULL);
        return;
    case TROUBLE_CLOCK_STEP:
        step_clock(world);
        return;
    case TROUBLE_DEVICE_KILL:
        world_device_kill(any_device(world), any_down_us(world));
        return;
    case TROUBLE_DEVICE_CUT:
        world_device_cut(any_device(world), any_down_us(world));
        return;
    case TROUBLE_SWALLOW:
    case TROUBLE_DOUBLE:
    case TROUBLE_SLOW:
    case TROUBLE_SMALL_QUEUE:
    case TROUBLE_COUNT:
        return;
    }
}

static void on_trouble(void *self, struct world_message *message, uint64_t number)
{
    struct world *world = self;
    enum world_trouble own[TROUBLE_COUNT];
    uint32_t count = 0;
    (void)message;
    (void)number;
    if (world->clock.now_us >= WORLD_MONO_US + world->plan.chaos_ms * 1000)
        return;
    for (uint32_t i = 0; i < TROUBLE_SWALLOW; i++) {
        if (world->plan.has[i])
            own[count++] = (enum world_trouble)i;
    }
    if (count == 0)
        return;
    const enum world_trouble trouble = own[sim_rng_below(&world->troubles, count)];
    world->trouble_counts[trouble]++;
    happen(world, trouble);
    world_clock_in(&world->clock,
                   sim_rng_between(&world->troubles, 1, 2 * world->plan.trouble_gap_ms) * 1000,
                   on_trouble, world, 0);
}

void world_troubles_begin(struct world *world)
{
    struct world_broker_faults *faults = world_broker_faults(world->broker);
    const bool *has = world->plan.has;
    if (has[TROUBLE_SWALLOW])
        faults->swallowed_permille = 1 + sim_rng_below(&world->troubles, 100);
    if (has[TROUBLE_DOUBLE])
        faults->doubled_permille = 1 + sim_rng_below(&world->troubles, 200);
    if (has[TROUBLE_SLOW])
        faults->latency_us_max = sim_rng_between(&world->troubles, 5, 400) * 1000;
    if (has[TROUBLE_SMALL_QUEUE])
        faults->queue_max = sim_rng_between(&world->troubles, 2, 5);
    world_clock_in(&world->clock, sim_rng_between(&world->troubles, 1, 2000) * 1000, on_trouble,
                   world, 0);
}

void world_troubles_end(struct world *world)
{
    memset(world_broker_faults(world->broker), 0, sizeof(struct world_broker_faults));
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        world->nodes[i].skew_ms = 0;
        sim_disk_fail_in(world->nodes[i].disk, 0, 0, SIM_DISK_IO);
    }
    world_clock_trace(&world->clock, "world", "troubles are over");
}
