/* Plays worlds with one planted bug, until one of them shows it: world-planted NAME A..B. Says
 * which seed it plays before each, so that a world that ends the process has a seed too. Used by
 * tests/mutants/run, which reads these lines. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "mutants/planted.h"
#include "world/world.h"

#define WORLD_CPU_S 8 /* an ordinary one takes 40 ms */
#define MEMORY_BYTES_MAX (UINT64_C(2) << 30)

/* A planted bug may loop for ever, or eat all memory: both end the process. */
static void bound_memory(void)
{
    const struct rlimit memory = { MEMORY_BYTES_MAX, MEMORY_BYTES_MAX }, core = { 0, 0 };
    if (setrlimit(RLIMIT_AS, &memory) != 0 || setrlimit(RLIMIT_CORE, &core) != 0)
        err(71, "setrlimit");
}

static void bound_time(void)
{
    const struct itimerval bound = { .it_value = { .tv_sec = WORLD_CPU_S } };
    if (setitimer(ITIMER_PROF, &bound, NULL) != 0)
        err(71, "setitimer");
}

static bool play(uint64_t seed)
{
    struct world_plan plan;
    (void)printf("seed %" PRIu64 "\n", seed);
    (void)fflush(stdout);
    bound_time();
    world_plan_draw(&plan, seed);
    struct world *world = world_play(seed, &plan, false);
    const bool is_fine = world->violation[0] == '\0';
    if (!is_fine)
        (void)printf("violation %s\n", world->violation);
    world_free(world);
    return is_fine;
}

int main(int argc, char **argv)
{
    const char *dots = argc == 3 ? strstr(argv[2], "..") : NULL;
    if (dots == NULL)
        errx(64, "usage: world-planted NAME A..B; tests/mutants/run says more");
    if (!planted_choose(argv[1]))
        errx(64, "no bug %s is planted in this build; tests/mutants/run --list names them",
             argv[1]);
    const uint64_t last = strtoull(dots + 2, NULL, 10);
    bool is_fine = true;
    bound_memory();
    world_begin_process();
    for (uint64_t seed = strtoull(argv[2], NULL, 10); seed <= last && is_fine; seed++)
        is_fine = play(seed);
    (void)printf("reached %" PRIu64 "\n", planted_reached());
    return is_fine ? 0 : 1;
}
