/* Plays worlds and says what was wrong in them. See print_usage(). */
#include <err.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/check.h"
#include "world/options.h"
#include "world/shrink.h"
#include "world/world.h"

#define WORKERS_MAX 16
#define PATH_SIZE 512
#define SHOWN_MAX 10    /* violations of one run that are printed */
#define TWICE_EVERY 100 /* one seed in so many is played twice */
#define WORLD_CPU_S 60  /* of one world, and of each of its days; an ordinary one takes 40 ms */

struct options {
    uint64_t first, last;
    int workers;
    bool is_loud, is_shrinking, is_calm;
    uint32_t days;                   /* 0: no days */
    uint64_t at_least;               /* each fact, that often */
    const char *plan, *plans, *into; /* a file, a folder, a file; NULL: none */
};

struct totals {
    uint64_t worlds, violations, twice, strayed, steps, orders, delivered;
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
        "  --only-restarts                 nothing but planned restarts of services,\n"
        "                                  of which no customer may notice anything\n"
        "  --into FILE                     writes it there\n"
        "  world --plan FILE [--trace]     plays such a plan\n"
        "  --plans FOLDER                  plays the plans in there before all seeds\n"
        "  --at-least N                    each kind of trouble and each refusal has to\n"
        "                                  come so often (facts.c)");
    exit(0);
}

/* An option that has a value; false: there is none of that name. */
static bool read_value(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--seed") == 0)
        options->first = options->last = world_read_number(name, value, 0, WORLD_SEED_MAX);
    else if (strcmp(name, "--seeds") == 0)
        world_read_seeds(name, value, &options->first, &options->last);
    else if (strcmp(name, "--jobs") == 0)
        options->workers = (int)world_read_number(name, value, 1, WORKERS_MAX);
    else if (strcmp(name, "--days") == 0)
        options->days = (uint32_t)world_read_number(name, value, 1, WORLD_DAYS_MAX);
    else if (strcmp(name, "--at-least") == 0)
        options->at_least = world_read_number(name, value, 0, UINT64_MAX);
    else if (strcmp(name, "--plan") == 0)
        options->plan = world_read_path(name, value);
    else if (strcmp(name, "--plans") == 0)
        options->plans = world_read_path(name, value);
    else if (strcmp(name, "--into") == 0)
        options->into = world_read_path(name, value);
    else
        return false;
    return true;
}

static bool is_for_one(const struct options *options)
{
    return options->plan != NULL || options->first == options->last;
}

/* Options that are fine alone, and not together. */
static void check_options(const struct options *options)
{
    if (options->is_loud && options->is_shrinking)
        errx(64, "--trace and --shrink do not go together; write one of them");
    if (options->is_loud && !is_for_one(options))
        errx(64, "--trace is for one world; write --seed S or --plan FILE too");
    if (options->is_shrinking && !is_for_one(options))
        errx(64, "--shrink is for one world; write --seed S or --plan FILE too");
    if (options->into != NULL && !options->is_shrinking)
        errx(64, "--into says where --shrink writes; write --shrink too, or leave it out");
    if (options->plan != NULL && options->days > 0)
        errx(64, "--days is for seeds; write \"days %" PRIu32 "\" into the plan instead",
             options->days);
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .first = 1, .last = 200, .workers = 2 };
    const char *chosen = NULL; /* the option that says what is played */
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        const bool is_choice = strcmp(name, "--seed") == 0 || strcmp(name, "--seeds") == 0 ||
                               strcmp(name, "--plan") == 0;
        if (is_choice && chosen != NULL)
            errx(64, "%s and %s do not go together; write one of them, once", chosen, name);
        if (is_choice)
            chosen = name;
        if (strcmp(name, "--help") == 0)
            print_usage();
        else if (strcmp(name, "--trace") == 0)
            options.is_loud = true;
        else if (strcmp(name, "--shrink") == 0)
            options.is_shrinking = true;
        else if (strcmp(name, "--only-restarts") == 0)
            options.is_calm = true;
        else if (!read_value(&options, name, i + 1 < argc ? argv[i + 1] : ""))
            world_refuse_option(name);
        else
            i++;
    }
    check_options(&options);
    return options;
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
    if (options->is_calm)
        world_plan_calm(plan);
}

/* path: where the plan was read; NULL: it is its seed's. */
static void play(const struct world_plan *plan, const char *path, const struct options *options,
                 struct totals *totals)
{
    const uint64_t seed = plan->seed;
    totals->worlds++;
    struct world *world = world_play(plan, options->is_loud);
    const uint64_t hash = world->clock.hash;
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
    totals->twice++;
    world = world_play(plan, false);
    if (world->clock.hash != hash) {
        totals->strayed++;
        (void)printf("seed %" PRIu64 ": the second time it went another way\n", seed);
    }
    world_free(world);
}

/* All worlds of a run, numbered: those of plans first, then those of seeds. */
struct run {
    const struct options *options;
    glob_t plans; /* none, if there is no folder of them */
    uint64_t count;
};

/* One of the processes that share a run: it plays every n-th world. Shared with it, so that what
 * it played is known when a world ends it. */
struct worker {
    pid_t pid;
    uint64_t at; /* the world that it plays */
    struct totals totals;
};

static void find_plans(struct run *run)
{
    char pattern[PATH_SIZE];
    const char *folder = run->options->plans;
    (void)snprintf(pattern, sizeof(pattern), "%s/*.plan", folder);
    if (glob(pattern, 0, NULL, &run->plans) != 0)
        errx(66, "--plans %s: there is no plan (*.plan); write a folder that has some", folder);
}

static void play_at(const struct run *run, uint64_t at, struct totals *totals)
{
    if (at < run->plans.gl_pathc) {
        struct world_story story;
        world_story_load(&story, run->plans.gl_pathv[at]);
        play(&story.plan, run->plans.gl_pathv[at], run->options, totals);
    } else {
        struct world_plan plan;
        draw(&plan, run->options->first + at - run->plans.gl_pathc, run->options);
        play(&plan, NULL, run->options, totals);
    }
}

/* What is left of one worker's worlds. One that goes in circles ends the process by a signal. */
static _Noreturn void work(const struct run *run, struct worker *self)
{
    const struct itimerval bound = { .it_value = { .tv_sec = WORLD_CPU_S *
                                                             (1 + (time_t)run->options->days) } };
    for (; self->at < run->count; self->at += (uint64_t)run->options->workers) {
        if (setitimer(ITIMER_PROF, &bound, NULL) != 0)
            err(71, "a world has no bound");
        play_at(run, self->at, &self->totals);
        (void)fflush(stdout);
    }
    _exit(0);
}

static void begin(const struct run *run, struct worker *worker)
{
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid < 0)
        err(71, "fork");
    if (pid == 0)
        work(run, worker);
    worker->pid = pid;
}

/* A world has ended its process: that is a violation of it. */
static void blame(const struct run *run, struct worker *worker, int status)
{
    if (worker->totals.violations++ >= SHOWN_MAX)
        return;
    if (worker->at < run->plans.gl_pathc)
        (void)printf("%s: ", run->plans.gl_pathv[worker->at]);
    else
        (void)printf("seed %" PRIu64 ": ", run->options->first + worker->at - run->plans.gl_pathc);
    if (WIFSIGNALED(status))
        (void)printf("ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        (void)printf("ended with exit code %d\n", WEXITSTATUS(status));
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
    (void)printf("%" PRIu64 " worlds, %" PRIu64 " violations, %" PRIu64 " strayed of %" PRIu64
                 " played twice; %" PRIu64 " steps, %" PRIu64 " orders, %" PRIu64 " messages\n",
                 totals->worlds, totals->violations, totals->strayed, totals->twice, totals->steps,
                 totals->orders, totals->delivered);
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

/* Plays all worlds in processes of their own; another one goes on behind a world that ended its. */
static void play_many(const struct run *run, struct totals *sum)
{
    const size_t count = (size_t)run->options->workers;
    int status = 0;
    pid_t pid = 0;
    struct worker *workers = mmap(NULL, count * sizeof(*workers), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (workers == MAP_FAILED)
        err(71, "mmap");
    for (size_t i = 0; i < count; i++) {
        workers[i].at = i;
        begin(run, &workers[i]);
    }
    while ((pid = wait(&status)) > 0) {
        struct worker *worker = workers;
        while (worker->pid != pid)
            worker++;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        blame(run, worker, status);
        worker->at += count;
        begin(run, worker);
    }
    for (size_t i = 0; i < count; i++)
        add(sum, &workers[i].totals);
    (void)munmap(workers, count * sizeof(*workers));
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
    struct run run = { .options = &options };
    if (options.plans != NULL)
        find_plans(&run);
    run.count = run.plans.gl_pathc + options.last - options.first + 1;
    world_begin_process();
    if (options.plan != NULL)
        world_story_load(&story, options.plan);
    else
        draw(&story.plan, options.first, &options);
    if (options.is_shrinking)
        return shrink(&story, &options);
    if (is_for_one(&options))
        play(&story.plan, options.plan, &options, &sum);
    else
        play_many(&run, &sum);
    globfree(&run.plans);
    print_totals(&sum);
    return print_facts(&sum, options.at_least) && sum.violations + sum.strayed == 0 ? 0 : 1;
}
