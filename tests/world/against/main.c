/* Plays random scripts with the world's broker and with a real Mosquitto, and compares what clients
 * see. See print_usage(). */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/against/sides.h"
#include "world/options.h"

#define SEEDS 40          /* of a run without options */
#define SELFTEST_SEEDS 24 /* in which each lie has to be noticed */

struct totals {
    uint64_t scripts, differ, lines;
    uint64_t kinds[SCRIPT_KINDS];
};

static _Noreturn void print_usage(void)
{
    (void)puts(
        "usage: world-against [--seeds A..B | --selftest]\n"
        "\n"
        "Plays one script for each seed with the world's broker and with a mosquitto of its\n"
        "own, and prints what their clients saw differently.\n"
        "  world-against --seeds 1..1000   many\n"
        "  world-against --seeds 17..17    one\n"
        "  world-against --selftest        a broker that lies has to be noticed");
    exit(0);
}

static void compare_one(uint64_t seed, struct totals *totals)
{
    struct script script;
    struct record simulated = { 0 }, real = { 0 };
    script_draw(&script, seed);
    simulated_play(&script, WORLD_LIE_NONE, &simulated);
    real_play(&script, &real);
    totals->scripts++;
    totals->differ += !record_is_same(&script, &simulated, &real, false);
    totals->lines += real.count;
    for (size_t i = 0; i < SCRIPT_STEPS; i++)
        totals->kinds[script.steps[i].kind]++;
    record_done(&simulated);
    record_done(&real);
}

static int compare(uint64_t first, uint64_t last)
{
    struct totals totals = { 0 };
    int missing = 0;
    for (uint64_t seed = first; seed <= last; seed++)
        compare_one(seed, &totals);
    (void)printf("%" PRIu64 " scripts, %" PRIu64 " differ; %" PRIu64 " lines compared\n",
                 totals.scripts, totals.differ, totals.lines);
    for (size_t i = 0; i < SCRIPT_KINDS; i++) {
        (void)printf("  %-14s %" PRIu64 "\n", script_kind_name((enum script_kind)i),
                     totals.kinds[i]);
        missing += totals.kinds[i] == 0 && totals.scripts >= SEEDS;
    }
    return totals.differ > 0 || missing > 0;
}

/* ---- the check of the check ---- */

static const char *lie_name(enum world_broker_lie lie)
{
    static const char *const NAMES[WORLD_LIE_COUNT] = {
        [WORLD_LIE_NONE] = "the truth",
        [WORLD_LIE_KEEPS_EMPTIED] = "keeps what an empty payload ends",
        [WORLD_LIE_DROPS_OLDEST] = "drops the oldest",
        [WORLD_LIE_NO_LIMIT] = "drops nothing",
        [WORLD_LIE_LATE_WILL] = "publishes a will after a goodbye",
        [WORLD_LIE_NO_WILL] = "publishes no will",
        [WORLD_LIE_NO_TAKEOVER] = "does not notice a takeover",
        [WORLD_LIE_KEEPS_FLAG] = "keeps the retained flag",
        [WORLD_LIE_RAISES_QOS] = "does not lower the QoS",
        [WORLD_LIE_ONE_COPY] = "sends one copy",
        [WORLD_LIE_FORGETS_SESSION] = "forgets sessions",
        [WORLD_LIE_QUEUES_QOS0] = "queues QoS 0",
        [WORLD_LIE_SAVES_ALWAYS] = "loses nothing by kill -9",
        [WORLD_LIE_SAVES_NOTHING] = "saves nothing",
        [WORLD_LIE_DISORDER] = "keeps no order in a topic",
    };
    return NAMES[lie];
}

/* In how many scripts it was noticed, and in which first. */
struct noticed {
    int count;
    uint64_t first;
};

static void try_lies(uint64_t seed, struct noticed *noticed)
{
    struct script script;
    struct record real = { 0 };
    script_draw(&script, seed);
    real_play(&script, &real);
    for (int i = 0; i < WORLD_LIE_COUNT; i++) {
        struct record lying = { 0 };
        simulated_play(&script, (enum world_broker_lie)i, &lying);
        if (!record_is_same(&script, &lying, &real, true)) {
            noticed[i].first = noticed[i].count == 0 ? seed : noticed[i].first;
            noticed[i].count++;
        }
        record_done(&lying);
    }
    record_done(&real);
}

/* Each lie is noticed, and the truth never. */
static int selftest(void)
{
    struct noticed noticed[WORLD_LIE_COUNT] = { { 0 } };
    int wrong = 0;
    for (uint64_t seed = 1; seed <= SELFTEST_SEEDS; seed++)
        try_lies(seed, noticed);
    for (int i = 0; i < WORLD_LIE_COUNT; i++) {
        const bool is_right = (noticed[i].count > 0) == (i != WORLD_LIE_NONE);
        wrong += !is_right;
        (void)printf("%s %-34s noticed in %d of %d scripts, first in seed %" PRIu64 "\n",
                     is_right ? "ok   " : "WRONG", lie_name((enum world_broker_lie)i),
                     noticed[i].count, SELFTEST_SEEDS, noticed[i].first);
    }
    return wrong > 0;
}

int main(int argc, char **argv)
{
    uint64_t first = 1, last = SEEDS;
    const char *name = argc > 1 ? argv[1] : "";
    const bool has_value = strcmp(name, "--seeds") == 0;
    if (argc > 1 && strcmp(name, "--help") == 0)
        print_usage();
    if (has_value)
        world_read_seeds(name, argc > 2 ? argv[2] : "", &first, &last);
    else if (argc > 1 && strcmp(name, "--selftest") != 0)
        world_refuse_option(name);
    if (argc > 2 + has_value)
        errx(64, "\"%s\" is one too many; write --seeds A..B or --selftest", argv[2 + has_value]);
    if (strcmp(name, "--selftest") == 0)
        return selftest();
    return compare(first, last);
}
