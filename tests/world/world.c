/* See world.h. */
#include "world/world.h"

#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/service.h"
#include "information/service.h"
#include "kit/base/check.h"
#include "kit/base/text.h"
#include "product/service.h"
#include "rental/service.h"
#include "stock/service.h"
#include "world/bounds.h"
#include "world/check.h"
#include "world/flip.h"
#include "world/growth.h"
#include "world/loss.h"
#include "world/troubles.h"

const struct world_service_row world_services[WORLD_SERVICE_COUNT] = {
    { .desc = &product_service, .settings = { { "stock-timeout-ms", 2000 } }, .setting_count = 1 },
    { .desc = &rental_service,
      .settings = { { "cancel-timeout-ms", 610 },
                    { "breaker-failures", 2 },
                    { "breaker-open-ms", 6000 } },
      .setting_count = 3 },
    { .desc = &delivery_service,
      .settings = { { "hold-ms", 172800000 }, { "silent-ms", 60000 }, { "oldest-protocol", 1 } },
      .setting_count = 3 },
    { .desc = &stock_service },
    { .desc = &information_service },
};

/* The same, where goods wait for their customer for seconds. */
static const struct world_service_row hasty_delivery = {
    .desc = &delivery_service,
    .settings = { { "hold-ms", 8000 }, { "silent-ms", 60000 }, { "oldest-protocol", 1 } },
    .setting_count = 3,
};

#define REST_US 40000000 /* of a site, at the end: doors, and what only a hello confirms */
#define EVIL_PERMILLE 650
#define NARROW_PERMILLE 350 /* lockers of one compartment: goods wait for it */
#define EVIL_US 30000000    /* after the time of chaos */
#define CLOCKS_MS 6000      /* that a locker may be behind delivery, whose answers come late */
#define STEP_MS 20000       /* of a clock, where lockers are */

/* Lockers with their doors, and workers with their scanners. */
static void set_up_site(struct world *world)
{
    char id[FW_DEVICE_SIZE];
    struct sim_rng rng;
    sim_rng_init(&rng, world->plan.seed, "site");
    const bool is_evil = sim_rng_chance(&rng, EVIL_PERMILLE);
    const uint32_t doors = sim_rng_chance(&rng, NARROW_PERMILLE) ? 1 : WORLD_COMPARTMENTS;
    for (uint32_t i = 0; i < WORLD_LOCKER_COUNT; i++) {
        (void)snprintf(id, sizeof(id), "locker-%" PRIu32, i + 1);
        world_device_init(&world->lockers.devices[i], world->broker, id, doors, world->plan.seed);
        world->lockers.devices[i].openings.tolerance_ms =
            CLOCKS_MS + (world_plan_has(&world->plan, TROUBLE_CLOCK_STEP) ? STEP_MS : 0);
        struct world_wear *wear = &world->lockers.devices[i].wear;
        wear->until_us = WORLD_MONO_US + world->plan.chaos_ms * 1000 + EVIL_US;
        wear->may_jam = world_plan_has(&world->plan, TROUBLE_JAM);
        wear->may_be_quiet = world_plan_has(&world->plan, TROUBLE_BOARD);
        if (is_evil)
            world_wire_turn_evil(&world->lockers.devices[i].wire, wear->until_us);
        world_device_start(&world->lockers.devices[i]);
    }
    for (uint32_t i = 0; i < WORLD_SCANNER_COUNT; i++) {
        (void)snprintf(id, sizeof(id), "scanner-%" PRIu32, i + 1);
        world_device_init(&world->devices[i], world->broker, id, 0, world->plan.seed);
        world_device_start(&world->devices[i]);
        world_staff_init(&world->staff[i], &world->people, &world->devices[i], &world->lockers,
                         world->plan.seed);
    }
}

/* Limits that the plan makes tiny, for the whole life of the world. */
static void set_limits(struct world *world)
{
    const struct world_plan *plan = &world->plan;
    struct kit_service_limits limits = { .batch_items = 0 };
    for (size_t i = TROUBLE_TINY_BATCH; i < TROUBLE_JAM; i++) {
        if (world_plan_has(plan, (enum world_trouble)i))
            world_fact(&world->clock.facts, "trouble", world_trouble_name((enum world_trouble)i));
    }
    if (world_plan_has(plan, TROUBLE_TINY_BATCH))
        limits.batch_items = 1;
    if (world_plan_has(plan, TROUBLE_TINY_STREAM))
        limits.message_events = 1;
    if (world_plan_has(plan, TROUBLE_TINY_STREAM))
        limits.messages_in_flight = 2;
    if (world_plan_has(plan, TROUBLE_TINY_FETCH))
        limits.fetch_events = 1 + plan->seed % 2;
    if (world_plan_has(plan, TROUBLE_TINY_QUEUES))
        limits.tickets = limits.calls = 2;
    if (world_plan_has(plan, TROUBLE_TINY_QUEUES))
        world->web.calls_max = 2;
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world->nodes[i].limits = limits;
}

static const struct world_service_row *row_of(const struct world *world, size_t i)
{
    const bool is_hasty = world_services[i].desc == &delivery_service && world->plan.is_hasty;
    return is_hasty ? &hasty_delivery : &world_services[i];
}

static void set_up(struct world *world, bool is_loud)
{
    world_clock_init(&world->clock, world->plan.seed, is_loud);
    sim_rng_init(&world->troubles, world->plan.seed, "troubles");
    world->broker = world_broker_new(&world->clock, world->plan.seed);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        world_node_init(&world->nodes[i], &world->clock, world->broker, row_of(world, i),
                        world->plan.seed);
        world->nodes[i].said = &world->said;
        world_node_start(&world->nodes[i]);
    }
    world_web_init(&world->web, &world->clock, world->broker, world->plan.seed);
    world_web_start(&world->web);
    set_limits(world);
    world->lockers = (struct world_lockers){
        .devices = world->devices + WORLD_SCANNER_COUNT,
        .count = WORLD_LOCKER_COUNT,
        .closes_us = WORLD_MONO_US - REST_US + (world->plan.chaos_ms + world->plan.heal_ms) * 1000
    };
    world_people_init(&world->people, &world->web, &world->lockers, &world->plan);
    if (world->plan.locker_orders > 0)
        set_up_site(world);
    world_others_init(&world->others, &world->people, &world->plan);
}

/* Many times what a world takes: one with more goes in circles. */
#define STEPS_MAX 3000000
#define PAUSE_US 1000000 /* without a new event, a world is at rest */
#define PAUSES_MAX 20
#define ROUND_MS 900000 /* of days: awake for so long, and then asleep */
#define AWAKE_MS 5000
#define LEAVE_S_MAX 120 /* until a site is left; it is calm for so long */
#define LEAVE_CALM_S 5
#define AGAIN_MS 20000 /* after a flip or a loss, until all have read the logs once more */

static void blame_no_rest(struct world *world)
{
    if (world->violation[0] == '\0')
        kit_text_copy(world->violation, sizeof(world->violation), "it never comes to rest");
}

static void run_for(struct world *world, int64_t ms)
{
    const int64_t until_us = world->clock.now_us + ms * 1000;
    const uint64_t steps_max = STEPS_MAX * (UINT64_C(1) + world->plan.days);
    while (world->clock.steps < steps_max && world_clock_step(&world->clock, until_us)) {
    }
    if (world->clock.steps >= steps_max)
        blame_no_rest(world);
    world->clock.now_us = until_us;
}

static void finish_facts(struct world *world)
{
    struct world_facts *facts = &world->clock.facts;
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        const struct sim_disk *disk = world->nodes[i].disk;
        world_fact_times(facts, "disk", "io", sim_disk_hits(disk, SIM_DISK_IO));
        world_fact_times(facts, "disk", "full", sim_disk_hits(disk, SIM_DISK_FULL));
        world_fact_times(facts, "disk", "read", sim_disk_hits(disk, SIM_DISK_READ));
    }
    if (facts->unknown[0] != '\0' && world->violation[0] == '\0')
        (void)snprintf(world->violation, sizeof(world->violation), "\"%s\" is not in facts.c",
                       facts->unknown);
}

static bool is_at_rest(const struct world *world)
{
    return world->clock.now_us - world->said.last_us >= PAUSE_US;
}

/* Timers of minutes may end just now: whatever they lead to is waited for. */
static void come_to_rest(struct world *world)
{
    for (int i = 0; i < PAUSES_MAX && !is_at_rest(world); i++)
        run_for(world, PAUSE_US / 1000);
    if (!is_at_rest(world))
        blame_no_rest(world);
}

/* A world takes and frees the same memory again and again: what is freed is kept, and SQLite, on
 * the one thread there is, neither locks nor counts. */
void world_begin_process(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 25); /* a sanitizer's allocator takes no advice */
    (void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
    (void)mallopt(M_TOP_PAD, 1 << 24);
    CHECK(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
          sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    sim_disk_register();
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world_node_prepare(&world_services[i]);
}

static bool is_door_in_use(const struct world_device *locker)
{
    for (uint32_t i = 0; i < locker->doors; i++) {
        const struct sim_compartment *door = &locker->compartments[i];
        if (door->door.place == SIM_DOOR_OPEN || door->latch.is_coil_on)
            return true;
    }
    return false;
}

/* Somebody scans, or a door is not shut: hardware and hands do not wait for a morning. */
static bool is_site_in_use(const struct world *world)
{
    for (size_t i = 0; i < WORLD_SCANNER_COUNT; i++) {
        if (world->staff[i].task != TASK_NONE)
            return true;
    }
    for (size_t i = 0; i < WORLD_LOCKER_COUNT; i++) {
        if (is_door_in_use(&world->lockers.devices[i]))
            return true;
    }
    return false;
}

/* Until nobody has done anything at the site for some seconds. */
static void leave_site(struct world *world)
{
    int calm = 0;
    for (int i = 0; i < LEAVE_S_MAX && calm < LEAVE_CALM_S; i++) {
        run_for(world, 1000);
        calm = is_site_in_use(world) ? 0 : calm + 1;
    }
}

/* Days of a warehouse in which most of the time nothing happens: then all sleep, and wake up in
 * between for what was due. */
static void run_days(struct world *world)
{
    const int64_t end_us = world->clock.now_us + world->plan.chaos_ms * 1000;
    for (int64_t rounds = 1; world->clock.now_us < end_us && world->violation[0] == '\0';
         rounds++) {
        const int64_t next_us = world->clock.now_us + ROUND_MS * 1000;
        run_for(world, AWAKE_MS);
        if (world->plan.locker_orders > 0)
            leave_site(world);
        world_clock_sleep(&world->clock, next_us - world->clock.now_us);
        if (rounds % (WORLD_DAY_MS / ROUND_MS) == 0)
            world_growth_check(world, (uint32_t)(rounds / (WORLD_DAY_MS / ROUND_MS)));
    }
}

struct world_node *world_find_node(struct world *world, const struct kit_service_desc *desc)
{
    size_t i = 0;
    while (world->nodes[i].row->desc != desc)
        PRE(++i < WORLD_SERVICE_COUNT);
    return &world->nodes[i];
}

struct world *world_play(const struct world_plan *plan, bool is_loud)
{
    struct world *world = calloc(1, sizeof(*world));
    CHECK(world != NULL);
    world->plan = *plan;
    set_up(world, is_loud);
    world_troubles_begin(world);
    if (plan->days > 0)
        run_days(world);
    else
        run_for(world, plan->chaos_ms);
    world_bounds_check(world, false);
    world_troubles_end(world);
    run_for(world, plan->heal_ms);
    come_to_rest(world);
    world_bounds_check(world, true);
    world_check(world);
    /* Who watches holds the logs to what was published: nobody else may change them. */
    if (world->violation[0] == '\0' && world_watch == NULL &&
        (world_flip_begin(world) || world_loss_begin(world))) {
        run_for(world, AGAIN_MS);
        world_check(world);
    }
    finish_facts(world);
    return world;
}

void world_free(struct world *world)
{
    if (world == NULL)
        return;
    for (size_t i = 0; i < WORLD_DEVICE_COUNT; i++)
        world_device_done(&world->devices[i]);
    world_web_done(&world->web);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world_node_done(&world->nodes[i]);
    world_said_done(&world->said);
    world_broker_free(world->broker);
    world_clock_done(&world->clock);
    free(world);
}
