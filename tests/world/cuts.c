/* Loses the power of a warehouse's machines thousands of times a second. See print_usage(). */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/cut_disk.h"
#include "world/cut_flash.h"
#include "world/options.h"

#define TEETH_CUTS 2000
#define EVERY_MAX 1000000
#define TORN_MAX 1000

struct options {
    uint64_t count, first; /* cuts; the first seed */
    struct cut_options how;
    bool is_teeth;
};

static _Noreturn void print_usage(void)
{
    (void)puts("usage: world-cuts [--count N] [--seed S] [--every N] [--torn N] [--teeth]\n"
               "\n"
               "Plays warehouses, and cuts the power of a copy of each database at each change of\n"
               "its disk, and of each device's flash at each operation: with everything that was\n"
               "not synced lost, with all of it kept, and with any sectors of it. After each cut\n"
               "the copy is opened and held against what has left the process.\n"
               "  --count N   so many cuts at least, seed after seed; 20000\n"
               "  --seed S    the first seed; 1\n"
               "  --every N   at one write in N, and at each sync, truncation and deletion; 16\n"
               "  --torn N    cuts of each change with sectors lost by chance; 2\n"
               "  --teeth     with synchronous=NORMAL, then with disks that do not sync: exit 0\n"
               "              when both are caught");
    exit(0);
}

/* An option that has a value; false: there is none of that name. */
static bool read_value(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--count") == 0)
        options->count = world_read_number(name, value, 1, WORLD_SEED_MAX);
    else if (strcmp(name, "--seed") == 0)
        options->first = world_read_number(name, value, 0, WORLD_SEED_MAX);
    else if (strcmp(name, "--every") == 0)
        options->how.every = (uint32_t)world_read_number(name, value, 1, EVERY_MAX);
    else if (strcmp(name, "--torn") == 0)
        options->how.torn_count = (uint32_t)world_read_number(name, value, 0, TORN_MAX);
    else
        return false;
    return true;
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .count = 20000,
                               .first = 1,
                               .how = { .every = 16, .torn_count = 2 } };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            print_usage();
        else if (strcmp(argv[i], "--teeth") == 0)
            options.is_teeth = true;
        else if (!read_value(&options, argv[i], i + 1 < argc ? argv[i + 1] : ""))
            world_refuse_option(argv[i]);
        else
            i++;
    }
    return options;
}

/* What a seed draws, without what does to disks and flash as we do, and without databases that lose
 * their name: what has none is not left by a cut. */
static void draw(struct world_plan *plan, uint64_t seed)
{
    static const enum world_trouble LEFT_OUT[] = { TROUBLE_POWER,     TROUBLE_DISK_IO,
                                                   TROUBLE_DISK_FULL, TROUBLE_DEVICE_CUT,
                                                   TROUBLE_BIT,       TROUBLE_REMOVE };
    world_plan_draw(plan, seed);
    for (size_t i = 0; i < KIT_COUNT(LEFT_OUT); i++)
        plan->has[LEFT_OUT[i]] = false;
}

static void play(uint64_t seed, const struct cut_options *how)
{
    struct world_plan plan;
    draw(&plan, seed);
    cut_disks_begin(how, seed);
    cut_flash_begin(seed);
    struct world *world = world_play(&plan, false);
    cut_flash_end();
    cut_disks_end();
    if (world->violation[0] != '\0')
        cut_blame("world", &cut_counts()->strange, "%s", world->violation);
    world_free(world);
}

static uint64_t count_all(void)
{
    uint64_t sum = cut_counts()->of_flash;
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        sum += cut_counts()->of_databases[i];
    return sum;
}

static void print_counts(uint64_t seeds)
{
    const struct cut_counts *counts = cut_counts();
    (void)printf(
        "%" PRIu64 " power cuts, %" PRIu64 " violations; %" PRIu64 " committed states, %" PRIu64
        " messages that promised, %" PRIu64 " answers asked for again, %" PRIu64 " seeds\n ",
        count_all(), counts->violations, counts->states, counts->promises, counts->again, seeds);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        (void)printf(" %s %" PRIu64 ",", world_services[i].desc->name, counts->of_databases[i]);
    (void)printf(" flash %" PRIu64 "\n", counts->of_flash);
    if (counts->violations > 0)
        (void)printf("  does not open %" PRIu64 ", damaged %" PRIu64 ", lost %" PRIu64
                     ", as it never was %" PRIu64 ", done twice %" PRIu64 "\n",
                     counts->unopened, counts->damaged, counts->lost, counts->strange,
                     counts->twice);
}

/* Seeds from the first one on, until there are so many cuts; returns how many seeds. */
static uint64_t play_many(const struct options *options, uint64_t count)
{
    const uint64_t end = count_all() + count;
    uint64_t seed = options->first;
    while (count_all() < end)
        play(seed++, &options->how);
    return seed - options->first;
}

/* Whether violations are seen when there have to be some. */
static bool bites(const struct options *options, const char *what)
{
    *cut_counts() = (struct cut_counts){ .of_flash = 0 };
    print_counts(play_many(options, TEETH_CUTS));
    const bool is_caught = cut_counts()->lost > 0;
    (void)printf("%s: %s\n", what, is_caught ? "caught" : "NOT CAUGHT");
    return is_caught;
}

static bool has_teeth(const struct options *options)
{
    struct options normal = *options, lying = *options;
    normal.how.is_normal = true;
    lying.how.is_lying = true;
    const bool is_normal_caught = bites(&normal, "synchronous=NORMAL");
    return bites(&lying, "disks that do not sync") && is_normal_caught;
}

int main(int argc, char **argv)
{
    const struct options options = read_options(argc, argv);
    world_begin_process();
    if (options.is_teeth)
        return has_teeth(&options) ? 0 : 1;
    print_counts(play_many(&options, options.count));
    return cut_counts()->violations == 0 ? 0 : 1;
}
