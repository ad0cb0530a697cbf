/* See shrink.h. */
#include "world/shrink.h"

#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "world/world.h"

#define TRIES_MAX 500
#define TRY_CPU_S 8 /* an ordinary world takes 60 ms */
#define TRY_MEMORY_BYTES (UINT64_C(2) << 30)
#define LINE_SIZE 1024

/* ---- one try ---- */

void world_bound_process(void)
{
    const struct rlimit memory = { TRY_MEMORY_BYTES, TRY_MEMORY_BYTES }, core = { 0, 0 };
    const struct itimerval time = { .it_value = { .tv_sec = TRY_CPU_S } };
    if (setrlimit(RLIMIT_AS, &memory) != 0 || setrlimit(RLIMIT_CORE, &core) != 0 ||
        setitimer(ITIMER_PROF, &time, NULL) != 0)
        err(71, "a try has no bounds");
}

static void count_planned(const struct world_plan *plan, struct world_end *ret)
{
    for (size_t i = 0; i < TROUBLE_COUNT; i++)
        ret->left[PART_KIND] += world_plan_has(plan, (enum world_trouble)i);
    for (int64_t i = 0; i * WORLD_SLICE_MS < plan->chaos_ms; i++)
        ret->left[PART_TIME] += !world_plan_leaves_out(plan, PART_TIME, (uint64_t)i);
    for (uint32_t i = 0; i < plan->order_count; i++)
        ret->left[PART_ORDER] += !world_plan_leaves_out(plan, PART_ORDER, i);
}

static void count_happened(const struct world *world, struct world_end *ret)
{
    ret->left[PART_TROUBLE] = world->trouble_count;
    for (uint32_t i = 0; i < world->others.errand_count; i++)
        ret->left[PART_ERRAND] += !world->others.errands[i].is_out;
}

static _Noreturn void play(const struct world_plan *plan, struct world_end *ret, FILE *said)
{
    world_bound_process();
    count_planned(plan, ret);
    if (dup2(fileno(said), STDERR_FILENO) < 0)
        _exit(71);
    struct world *world = world_play(plan, false);
    kit_text_copy(ret->violation, sizeof(ret->violation), world->violation);
    count_happened(world, ret);
    _exit(0);
}

/* The sentence of a failed CHECK among what the process said, without its place. */
static void read_bug(FILE *said, int status, char *ret, size_t size)
{
    char line[LINE_SIZE];
    (void)snprintf(ret, size, "signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    rewind(said);
    while (fgets(line, sizeof(line), said) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *place = strstr(line, " at /");
        if (strncmp(line, "bug: ", strlen("bug: ")) != 0)
            continue;
        if (place != NULL)
            *place = '\0';
        kit_text_copy(ret, size, line);
    }
}

void world_try(const struct world_plan *plan, struct world_end *ret)
{
    int status = 0;
    FILE *said = tmpfile();
    struct world_end *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (said == NULL || shared == MAP_FAILED)
        err(71, "a try");
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid < 0)
        err(71, "fork");
    if (pid == 0)
        play(plan, shared, said);
    CHECK(waitpid(pid, &status, 0) == pid);
    *ret = *shared;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        read_bug(said, status, ret->violation, sizeof(ret->violation));
    (void)munmap(shared, sizeof(*shared));
    (void)fclose(said);
}

bool world_is_same_violation(const char *one, const char *other)
{
    while (*one != '\0' && *one != '{') {
        if (isdigit((unsigned char)*one) && isdigit((unsigned char)*other)) {
            one += strspn(one, "0123456789");
            other += strspn(other, "0123456789");
        } else if (*one++ != *other++) {
            return false;
        }
    }
    return *one == *other;
}

/* ---- leaving out ---- */

struct shrink {
    struct world_story *story;
    struct world_end end; /* of the smallest plan so far */
    int tries;
};

/* Whether the same goes wrong under another plan: then it is the new one. */
static bool accept(struct shrink *shrink, const struct world_plan *plan)
{
    struct world_end end;
    if (shrink->tries >= TRIES_MAX)
        return false;
    shrink->tries++;
    world_try(plan, &end);
    if (!world_is_same_violation(shrink->story->violation, end.violation))
        return false;
    shrink->story->plan = *plan;
    shrink->end = end;
    return true;
}

/* Whether there is anything of that number to leave out. */
static bool is_there(const struct world_plan *plan, enum world_part part, size_t number)
{
    if (plan->is_out[part][number])
        return false;
    switch (part) {
    case PART_KIND:
        return number < TROUBLE_COUNT && plan->has[number];
    case PART_TIME:
        return (int64_t)number * WORLD_SLICE_MS < plan->chaos_ms;
    case PART_TROUBLE:
        return true;
    case PART_ORDER:
        return number < plan->order_count;
    case PART_ERRAND:
        return number < WORLD_ERRANDS_MAX;
    case PART_COUNT:
        break;
    }
    UNREACHABLE("part");
}

/* Leaves `size` numbers from there on out, if the same goes wrong without them. */
static bool leave_out(struct shrink *shrink, enum world_part part, size_t from, size_t size)
{
    struct world_plan plan = shrink->story->plan;
    bool is_any = false;
    for (size_t i = from; i < from + size; i++) {
        if (!is_there(&plan, part, i))
            continue;
        plan.is_out[part][i] = true;
        is_any = true;
    }
    return is_any && accept(shrink, &plan);
}

/* Whether anything could be left out. */
static bool shrink_part(struct shrink *shrink, enum world_part part)
{
    bool is_any = false;
    for (size_t size = WORLD_OUT_MAX; size > 0; size /= 2) {
        for (size_t from = 0; from < WORLD_OUT_MAX; from += size)
            is_any |= leave_out(shrink, part, from, size);
    }
    return is_any;
}

void world_end_print(const char *what, const struct world_end *end)
{
    (void)printf("%-9s %" PRIu64 " kinds of trouble, %" PRIu64 " slices of time, %" PRIu64
                 " troubles, %" PRIu64 " orders, %" PRIu64 " errands\n",
                 what, end->left[PART_KIND], end->left[PART_TIME], end->left[PART_TROUBLE],
                 end->left[PART_ORDER], end->left[PART_ERRAND]);
}

bool world_shrink(struct world_story *story)
{
    struct shrink shrink = { .story = story };
    bool is_any = true;
    world_try(&story->plan, &shrink.end);
    if (shrink.end.violation[0] == '\0')
        return false;
    kit_text_copy(story->violation, sizeof(story->violation), shrink.end.violation);
    (void)printf("violation %s\n", story->violation);
    world_end_print("drawn:", &shrink.end);
    while (is_any && shrink.tries < TRIES_MAX) {
        is_any = false;
        for (size_t part = 0; part < PART_COUNT; part++)
            is_any |= shrink_part(&shrink, (enum world_part)part);
    }
    kit_text_copy(story->violation, sizeof(story->violation), shrink.end.violation);
    world_end_print("shrunken:", &shrink.end);
    (void)printf("%d tries\n", shrink.tries);
    return true;
}
