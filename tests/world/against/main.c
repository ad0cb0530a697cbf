/* Plays random scripts with the world's broker and with a real Mosquitto, and compares what clients
 * see. See print_usage(). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/against/sides.h"

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
    exit(64);
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

/* "A..B" */
static void read_seeds(const char *text, uint64_t *ret_first, uint64_t *ret_last)
{
    char *dots = NULL, *end = NULL;
    *ret_first = strtoull(text, &dots, 10);
    if (dots == text || strncmp(dots, "..", 2) != 0)
        print_usage();
    *ret_last = strtoull(dots + 2, &end, 10);
    if (end == dots + 2 || *end != '\0' || *ret_first > *ret_last)
        print_usage();
}

int main(int argc, char **argv)
{
    uint64_t first = 1, last = SEEDS;
    if (argc == 2 && strcmp(argv[1], "--selftest") == 0)
        return selftest();
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
        read_seeds(argv[2], &first, &last);
    else if (argc != 1)
        print_usage();
    return compare(first, last);
}
