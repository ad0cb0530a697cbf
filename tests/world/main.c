/* Plays worlds and says what was wrong in them. See print_usage(). */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/check.h"
#include "world/world.h"

#define WORKERS_MAX 16
#define SHOWN_MAX 10    /* violations of one run that are printed */
#define TWICE_EVERY 100 /* one seed in so many is played twice */

struct options {
    uint64_t first, last;
    int workers;
    bool is_loud;
};

struct totals {
    uint64_t worlds, violations, strayed, steps, orders, delivered;
    uint64_t troubles[TROUBLE_COUNT];
};

static _Noreturn void print_usage(void)
{
    (void)puts("usage: world [--seeds A..B] [--seed S] [--trace] [--jobs N]\n"
               "\n"
               "Plays one warehouse for each seed, on virtual time, with the troubles that the\n"
               "seed draws, and holds what is left against what people were told.\n"
               "  world --seeds 1..2000           many; a violation names its seed\n"
               "  world --seed 17 --trace         one, with everything that happens in it");
    exit(64);
}

static uint64_t read_number(const char *text, char end)
{
    char *rest = NULL;
    const uint64_t value = strtoull(text, &rest, 10);
    if (rest == text || *rest != end)
        errx(64, "\"%s\" is not a seed; write a number, e.g. 17", text);
    return value;
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .first = 1, .last = 200, .workers = 2 };
    for (int i = 1; i < argc; i++) {
        const bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--trace") == 0) {
            options.is_loud = true;
        } else if (strcmp(argv[i], "--seed") == 0 && has_value) {
            options.first = options.last = read_number(argv[++i], '\0');
        } else if (strcmp(argv[i], "--jobs") == 0 && has_value) {
            options.workers = (int)read_number(argv[++i], '\0');
        } else if (strcmp(argv[i], "--seeds") == 0 && has_value) {
            const char *dots = strstr(argv[++i], "..");
            if (dots == NULL)
                print_usage();
            options.first = read_number(argv[i], '.');
            options.last = read_number(dots + 2, '\0');
        } else {
            print_usage();
        }
    }
    if (options.workers < 1 || options.workers > WORKERS_MAX || options.first > options.last)
        print_usage();
    if (options.first == options.last)
        options.workers = 1;
    return options;
}

static void play_one(uint64_t seed, const struct options *options, struct totals *totals)
{
    struct world_plan plan;
    world_plan_draw(&plan, seed);
    struct world *world = world_play(seed, &plan, options->is_loud);
    const uint64_t hash = world->clock.hash;
    totals->worlds++;
    totals->steps += world->clock.steps;
    totals->orders += plan.order_count;
    totals->delivered += world_broker_delivered(world->broker);
    for (size_t i = 0; i < TROUBLE_COUNT; i++)
        totals->troubles[i] += world->trouble_counts[i];
    if (world->violation[0] != '\0' && totals->violations++ < SHOWN_MAX)
        (void)printf("seed %" PRIu64 ": %s\n", seed, world->violation);
    if (options->first == options->last)
        (void)printf("seed %" PRIu64 ": trace %016" PRIx64 "\n", seed, hash);
    world_free(world);
    if (seed % TWICE_EVERY != 0)
        return;
    world = world_play(seed, &plan, false);
    if (world->clock.hash != hash) {
        totals->strayed++;
        (void)printf("seed %" PRIu64 ": the second time it went another way\n", seed);
    }
    world_free(world);
}

/* The seeds of one worker: every n-th. */
static void work(const struct options *options, int worker, int pipe_fd)
{
    struct totals totals = { 0 };
    world_begin_process();
    for (uint64_t seed = options->first + (uint64_t)worker; seed <= options->last;
         seed += (uint64_t)options->workers)
        play_one(seed, options, &totals);
    (void)fflush(stdout);
    if (write(pipe_fd, &totals, sizeof(totals)) != sizeof(totals))
        _exit(70);
    _exit(totals.violations + totals.strayed > 0);
}

static void add(struct totals *sum, const struct totals *part)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)part;
    for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
        to[i] += from[i];
}

static void print_totals(const struct totals *totals)
{
    (void)printf("%" PRIu64 " worlds, %" PRIu64 " violations, %" PRIu64 " strayed; %" PRIu64
                 " steps, %" PRIu64 " orders, %" PRIu64 " messages\n",
                 totals->worlds, totals->violations, totals->strayed, totals->steps, totals->orders,
                 totals->delivered);
    for (size_t i = 0; i < TROUBLE_COUNT; i++) {
        if (totals->troubles[i] > 0)
            (void)printf("  %-12s %" PRIu64 "\n", world_trouble_name((enum world_trouble)i),
                         totals->troubles[i]);
    }
}

int main(int argc, char **argv)
{
    const struct options options = read_options(argc, argv);
    struct totals sum = { 0 };
    int fds[2], status = 0;
    if (pipe(fds) != 0)
        err(71, "pipe");
    for (int i = 0; i < options.workers; i++) {
        const pid_t pid = fork();
        if (pid < 0)
            err(71, "fork");
        if (pid == 0)
            work(&options, i, fds[1]);
    }
    (void)close(fds[1]);
    struct totals part;
    int heard = 0;
    while (read(fds[0], &part, sizeof(part)) == sizeof(part)) {
        add(&sum, &part);
        heard++;
    }
    while (wait(&status) > 0) {
    }
    print_totals(&sum);
    return heard == options.workers && sum.violations + sum.strayed == 0 ? 0 : 1;
}
