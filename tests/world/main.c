/* Plays worlds and says what was wrong in them. See print_usage(). */
#include <err.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/check.h"
#include "world/shrink.h"
#include "world/world.h"

#define WORKERS_MAX 16
#define PATH_SIZE 512
#define SHOWN_MAX 10    /* violations of one run that are printed */
#define TWICE_EVERY 100 /* one seed in so many is played twice */

struct options {
    uint64_t first, last;
    int workers;
    bool is_loud, is_shrinking;
    uint32_t days;                   /* 0: no days */
    uint64_t at_least;               /* each fact, that often */
    const char *plan, *plans, *into; /* a file, a folder, a file; NULL: none */
};

struct totals {
    uint64_t worlds, violations, strayed, steps, orders, delivered;
    uint64_t facts[WORLD_FACTS_MAX];
};

static _Noreturn void print_usage(void)
{
    (void)puts(
        "usage: world [--seeds A..B] [--seed S | --plan FILE] [--trace | --shrink] [--jobs N]\n"
        "\n"
        "Plays one warehouse for each seed, on virtual time, with the troubles that the\n"
        "seed draws, and holds what is left against what people were told.\n"
        "  world --seeds 1..2000           many; a violation names its seed\n"
        "  world --seed 17 --trace         one, with everything that happens in it\n"
        "  world --seed 17 --shrink        leaves out what the violation does not need,\n"
        "                                  and writes what is left as 17.plan\n"
        "  world --seed 17 --days 30       a month of one warehouse; at most 30 days\n"
        "  --into FILE                     writes it there\n"
        "  world --plan FILE [--trace]     plays such a plan\n"
        "  --plans FOLDER                  plays the plans in there before all seeds\n"
        "  --at-least N                    each kind of trouble and each refusal has to\n"
        "                                  come so often (facts.c)");
    exit(64);
}

static uint64_t read_number(const char *text, char end)
{
    char *rest = NULL;
    const uint64_t value = strtoull(text, &rest, 10);
    if (rest == text || *rest != end)
        errx(64, "\"%s\" is no number; write one, e.g. 17", text);
    return value;
}

/* An option that has a value; false: there is none of that name. */
static bool read_value(struct options *options, const char *name, const char *value)
{
    const char *dots = strstr(value, "..");
    if (strcmp(name, "--seed") == 0) {
        options->first = options->last = read_number(value, '\0');
    } else if (strcmp(name, "--seeds") == 0 && dots != NULL) {
        options->first = read_number(value, '.');
        options->last = read_number(dots + 2, '\0');
    } else if (strcmp(name, "--jobs") == 0) {
        options->workers = (int)read_number(value, '\0');
    } else if (strcmp(name, "--days") == 0) {
        const uint64_t days = read_number(value, '\0');
        options->days = days <= WORLD_DAYS_MAX ? (uint32_t)days : WORLD_DAYS_MAX;
    } else if (strcmp(name, "--at-least") == 0) {
        options->at_least = read_number(value, '\0');
    } else if (strcmp(name, "--plan") == 0) {
        options->plan = value;
    } else if (strcmp(name, "--plans") == 0) {
        options->plans = value;
    } else if (strcmp(name, "--into") == 0) {
        options->into = value;
    } else {
        return false;
    }
    return true;
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .first = 1, .last = 200, .workers = 2 };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0)
            options.is_loud = true;
        else if (strcmp(argv[i], "--shrink") == 0)
            options.is_shrinking = true;
        else if (i + 1 == argc || !read_value(&options, argv[i], argv[i + 1]))
            print_usage();
        else
            i++;
    }
    const bool is_one = options.first == options.last || options.plan != NULL;
    if (options.workers < 1 || options.workers > WORKERS_MAX || options.first > options.last ||
        (options.is_shrinking && !is_one))
        print_usage();
    return options;
}

static bool is_for_one(const struct options *options)
{
    return options->plan != NULL || options->first == options->last;
}

/* Where a violation is, for whoever plays it again. */
static void print_violation(const struct world *world, const char *path)
{
    if (path != NULL)
        (void)printf("%s: %s\n", path, world->violation);
    else
        (void)printf("seed %" PRIu64 ": %s\n", world->plan.seed, world->violation);
}

static void draw(struct world_plan *plan, uint64_t seed, const struct options *options)
{
    world_plan_draw(plan, seed);
    if (options->days > 0)
        world_plan_stretch(plan, options->days);
}

/* path: where the plan was read; NULL: it is its seed's. */
static void play(const struct world_plan *plan, const char *path, const struct options *options,
                 struct totals *totals)
{
    const uint64_t seed = plan->seed;
    struct world *world = world_play(plan, options->is_loud);
    const uint64_t hash = world->clock.hash;
    totals->worlds++;
    totals->steps += world->clock.steps;
    totals->orders += plan->order_count;
    totals->delivered += world_broker_delivered(world->broker);
    for (size_t i = 0; i < WORLD_FACTS_MAX; i++)
        totals->facts[i] += world->clock.facts.counts[i];
    if (world->violation[0] != '\0' && totals->violations++ < SHOWN_MAX)
        print_violation(world, path);
    if (is_for_one(options))
        (void)printf("seed %" PRIu64 ": trace %016" PRIx64 "\n", seed, hash);
    world_free(world);
    if (seed % TWICE_EVERY != 0)
        return;
    world = world_play(plan, false);
    if (world->clock.hash != hash) {
        totals->strayed++;
        (void)printf("seed %" PRIu64 ": the second time it went another way\n", seed);
    }
    world_free(world);
}

static struct world_story read_story(const char *path)
{
    struct world_story story;
    struct kit_error error;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        err(66, "%s", path);
    if (world_story_read(&story, file, &error) != KIT_OK)
        errx(65, "%s: %s", path, error.text);
    (void)fclose(file);
    return story;
}

static void play_folder(const struct options *options, struct totals *totals)
{
    char pattern[PATH_SIZE];
    glob_t found = { .gl_pathc = 0 };
    (void)snprintf(pattern, sizeof(pattern), "%s/*.plan", options->plans);
    if (glob(pattern, 0, NULL, &found) != 0)
        errx(66, "%s: there is no plan (*.plan)", options->plans);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct world_story story = read_story(found.gl_pathv[i]);
        play(&story.plan, found.gl_pathv[i], options, totals);
    }
    globfree(&found);
}

/* The seeds of one worker: every n-th. */
static void work(const struct options *options, int worker, int pipe_fd)
{
    struct totals totals = { 0 };
    struct world_plan plan;
    if (worker == 0 && options->plans != NULL && !is_for_one(options))
        play_folder(options, &totals);
    for (uint64_t seed = options->first + (uint64_t)worker; seed <= options->last;
         seed += (uint64_t)options->workers) {
        draw(&plan, seed, options);
        play(&plan, NULL, options, &totals);
    }
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
}

/* What has happened, and what not. Whether each that has to did so as often as wished. */
static bool print_facts(const struct totals *totals, uint64_t at_least)
{
    const struct world_fact_row *row;
    bool is_fine = true;
    for (size_t i = 0; (row = world_fact_at(i)) != NULL; i++) {
        const uint64_t count = totals->facts[i];
        const bool is_seldom = row->never == NULL && count < at_least;
        if (count > 0 || row->never == NULL)
            (void)printf("  %-8s %-24s %8" PRIu64 "%s\n", row->kind, row->name, count,
                         is_seldom ? "  TOO SELDOM" : "");
        is_fine &= !is_seldom;
    }
    return is_fine;
}

/* Plays all seeds, or those of each worker in a process of its own. */
static bool play_many(const struct options *options, struct totals *sum)
{
    int fds[2], status = 0;
    if (pipe(fds) != 0)
        err(71, "pipe");
    for (int i = 0; i < options->workers; i++) {
        const pid_t pid = fork();
        if (pid < 0)
            err(71, "fork");
        if (pid == 0)
            work(options, i, fds[1]);
    }
    (void)close(fds[1]);
    struct totals part;
    int heard = 0;
    while (read(fds[0], &part, sizeof(part)) == sizeof(part)) {
        add(sum, &part);
        heard++;
    }
    while (wait(&status) > 0) {
    }
    return heard == options->workers;
}

/* Exit 0: it has got smaller, and was written; 1: nothing goes wrong in it. */
static int shrink(struct world_story *story, const struct options *options)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%" PRIu64 ".plan", story->plan.seed);
    const char *into = options->into != NULL ? options->into : path;
    if (!world_shrink(story))
        errx(1, "nothing goes wrong in seed %" PRIu64, story->plan.seed);
    FILE *file = fopen(into, "w");
    if (file == NULL)
        err(73, "%s", into);
    world_story_write(story, file);
    if (fclose(file) != 0)
        err(74, "%s", into);
    world_story_write(story, stdout);
    (void)printf("written as %s\n", into);
    return 0;
}

int main(int argc, char **argv)
{
    const struct options options = read_options(argc, argv);
    struct totals sum = { 0 };
    struct world_story story = { .bug = "" };
    bool is_whole = true;
    world_begin_process();
    if (options.plan != NULL)
        story = read_story(options.plan);
    else
        draw(&story.plan, options.first, &options);
    if (options.is_shrinking)
        return shrink(&story, &options);
    if (is_for_one(&options))
        play(&story.plan, options.plan, &options, &sum);
    else
        is_whole = play_many(&options, &sum);
    print_totals(&sum);
    is_whole &= print_facts(&sum, options.at_least);
    return is_whole && sum.violations + sum.strayed == 0 ? 0 : 1;
}
