/* Plays worlds with one planted bug, until one of them shows it: world-planted NAME A..B. Says
 * which seed it plays before each, so that a world that ends the process has a seed too. Used by
 * tests/mutants/run, which reads these lines. world-planted NAME A..B FILE also shrinks the plan of
 * the world that shows it, and writes it to the file; world-planted NAME FILE plays such a plan,
 * and says how much is left in it, and what goes wrong. */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "mutants/planted.h"
#include "world/shrink.h"
#include "world/world.h"

static bool play(uint64_t seed)
{
    struct world_plan plan;
    (void)printf("seed %" PRIu64 "\n", seed);
    (void)fflush(stdout);
    world_plan_draw(&plan, seed);
    world_bound_process();
    struct world *world = world_play(&plan, false);
    const bool is_fine = world->violation[0] == '\0';
    if (!is_fine)
        (void)printf("violation %s\n", world->violation);
    world_free(world);
    return is_fine;
}

/* Exit 1: the bug shows in one of these seeds, as one that is meant for the world does. */
static int play_seeds(uint64_t first, uint64_t last)
{
    bool is_fine = true;
    for (uint64_t seed = first; seed <= last && is_fine; seed++)
        is_fine = play(seed);
    (void)printf("reached %" PRIu64 "\n", planted_reached());
    return is_fine ? 0 : 1;
}

/* Shrinks the first seed that shows the bug. Exit 1: none does. */
static int write_plan(const char *bug, uint64_t first, uint64_t last, const char *path)
{
    struct world_story story = { .bug = "" };
    uint64_t seed = first;
    world_plan_draw(&story.plan, seed);
    while (!world_shrink(&story)) {
        if (seed == last)
            errx(1, "%s shows in no seed", bug);
        world_plan_draw(&story.plan, ++seed);
    }
    kit_text_copy(story.bug, sizeof(story.bug), bug);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        err(73, "%s", path);
    world_story_write(&story, file);
    return fclose(file) == 0 ? 0 : 74;
}

/* How much there is in the world that the plan was made from. */
static void print_drawn(const struct world_plan *plan)
{
    struct world_plan drawn;
    struct world_end end;
    world_plan_draw(&drawn, plan->seed);
    if (plan->days > 0)
        world_plan_stretch(&drawn, plan->days);
    world_try(&drawn, &end);
    world_end_print("drawn:", &end);
}

/* Exit 1: what goes wrong is not what the plan's text says. */
static int play_plan(const char *path)
{
    struct world_story story;
    struct world_end end;
    world_story_load(&story, path);
    print_drawn(&story.plan);
    world_try(&story.plan, &end);
    world_end_print("shrunken:", &end);
    (void)printf("violation %s\n", end.violation);
    return world_is_same_violation(story.violation, end.violation) ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *dots = argc >= 3 ? strstr(argv[2], "..") : NULL;
    if (argc < 3 || argc > 4)
        errx(64, "usage: world-planted NAME (A..B [FILE] | FILE); tests/mutants/run says more");
    if (!planted_choose(argv[1]))
        errx(64, "no bug %s is planted in this build; tests/mutants/run --list names them",
             argv[1]);
    world_begin_process();
    if (argc == 3 && access(argv[2], R_OK) == 0)
        return play_plan(argv[2]);
    if (dots == NULL)
        errx(64, "%s is neither A..B nor the file of a plan", argv[2]);
    const uint64_t first = strtoull(argv[2], NULL, 10), last = strtoull(dots + 2, NULL, 10);
    return argc == 4 ? write_plan(argv[1], first, last, argv[3]) : play_seeds(first, last);
}
