/* The text of a plan (plan.h): a line for each thing that is not as the seed draws it. */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "world/options.h"
#include "world/plan.h"

#define LINE_SIZE 2048

static const char *const PARTS[PART_COUNT] = { "kind", "time", "trouble", "order", "errand" };

/* ---- writing ---- */

/* " 3..7", or " kill": the numbers from first to last, which are all left out. */
static void write_range(enum world_part part, size_t first, size_t last, FILE *file)
{
    for (size_t i = first; part == PART_KIND && i <= last; i++)
        (void)fprintf(file, " %s", world_trouble_name((enum world_trouble)i));
    if (part != PART_KIND && first == last)
        (void)fprintf(file, " %zu", first);
    else if (part != PART_KIND)
        (void)fprintf(file, " %zu..%zu", first, last);
}

static void write_part(const struct world_plan *plan, enum world_part part, FILE *file)
{
    const bool *is_out = plan->is_out[part];
    const size_t count = part == PART_KIND ? (size_t)TROUBLE_COUNT : WORLD_OUT_MAX;
    bool is_begun = false;
    for (size_t first = 0; first < count; first++) {
        size_t last = first;
        if (!is_out[first])
            continue;
        while (last + 1 < count && is_out[last + 1])
            last++;
        if (!is_begun)
            (void)fprintf(file, "without %s", PARTS[part]);
        write_range(part, first, last, file);
        is_begun = true;
        first = last;
    }
    if (is_begun)
        (void)fputc('\n', file);
}

void world_story_write(const struct world_story *story, FILE *file)
{
    (void)fprintf(file, "seed %" PRIu64 "\n", story->plan.seed);
    if (story->plan.days > 0)
        (void)fprintf(file, "days %" PRIu32 "\n", story->plan.days);
    if (story->plan.is_calm)
        (void)fprintf(file, "only restarts\n");
    if (story->bug[0] != '\0')
        (void)fprintf(file, "bug %s\n", story->bug);
    if (story->violation[0] != '\0')
        (void)fprintf(file, "violation %s\n", story->violation);
    for (size_t i = 0; i < PART_COUNT; i++)
        write_part(&story->plan, (enum world_part)i, file);
}

/* ---- reading ---- */

static bool leave_kind_out(struct world_plan *plan, const char *word)
{
    size_t kind = 0;
    while (kind < TROUBLE_COUNT && strcmp(world_trouble_name((enum world_trouble)kind), word) != 0)
        kind++;
    if (kind == TROUBLE_COUNT)
        return false;
    plan->is_out[PART_KIND][kind] = true;
    return true;
}

/* "7" or "3..7". */
static bool leave_range_out(struct world_plan *plan, enum world_part part, const char *word)
{
    char *rest = NULL;
    const uint64_t first = strtoull(word, &rest, 10);
    uint64_t last = first;
    if (rest != word && strncmp(rest, "..", 2) == 0) {
        word = rest + 2;
        last = strtoull(word, &rest, 10);
    }
    if (rest == word || *rest != '\0' || first > last || last >= WORLD_OUT_MAX)
        return false;
    for (uint64_t i = first; i <= last; i++)
        plan->is_out[part][i] = true;
    return true;
}

static bool read_without(struct world_plan *plan, char *words)
{
    char *more = NULL;
    const char *name = strtok_r(words, " ", &more), *word;
    size_t part = 0;
    while (name != NULL && part < PART_COUNT && strcmp(PARTS[part], name) != 0)
        part++;
    if (name == NULL || part == PART_COUNT)
        return false;
    while ((word = strtok_r(NULL, " ", &more)) != NULL) {
        if (part == PART_KIND ? !leave_kind_out(plan, word)
                              : !leave_range_out(plan, (enum world_part)part, word))
            return false;
    }
    return true;
}

/* "seed 17": the plan that it draws. */
static bool read_seed(struct world_plan *plan, const char *text)
{
    uint64_t seed = 0;
    if (!world_parse_number(text, UINT64_MAX, &seed))
        return false;
    world_plan_draw(plan, seed);
    return true;
}

static bool read_days(struct world_plan *plan, const char *text)
{
    uint64_t days = 0;
    if (!world_parse_number(text, WORLD_DAYS_MAX, &days) || days == 0)
        return false;
    world_plan_stretch(plan, (uint32_t)days);
    return true;
}

static bool read_line(struct world_story *story, char *line)
{
    char *space = strchr(line, ' ');
    if (line[0] == '#' || line[0] == '\0')
        return true;
    if (space == NULL)
        return false;
    *space = '\0';
    if (strcmp(line, "seed") == 0)
        return read_seed(&story->plan, space + 1);
    if (strcmp(line, "days") == 0)
        return read_days(&story->plan, space + 1);
    if (strcmp(line, "only") == 0) {
        world_plan_calm(&story->plan);
        return strcmp(space + 1, "restarts") == 0;
    }
    if (strcmp(line, "without") == 0)
        return read_without(&story->plan, space + 1);
    const bool is_bug = strcmp(line, "bug") == 0;
    if (is_bug)
        kit_text_copy(story->bug, sizeof(story->bug), space + 1);
    else
        kit_text_copy(story->violation, sizeof(story->violation), space + 1);
    return is_bug || strcmp(line, "violation") == 0;
}

static int read_story(struct world_story *story, FILE *file, struct kit_error *error)
{
    char line[LINE_SIZE], copy[LINE_SIZE];
    memset(story, 0, sizeof(*story));
    for (int number = 1; fgets(line, sizeof(line), file) != NULL; number++) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(copy, line, sizeof(copy));
        if (story->plan.chaos_ms != 0 && strncmp(line, "seed ", strlen("seed ")) == 0)
            return kit_error_set(error, KIT_E_INVALID,
                                 "line %d: a plan has one seed; leave the second \"seed\" out",
                                 number);
        if (!read_line(story, copy))
            return kit_error_set(
                error, KIT_E_INVALID,
                "line %d is no line of a plan: \"%.100s\"; write seed, days, only, bug,"
                " violation or without first",
                number, line);
    }
    if (story->plan.chaos_ms == 0)
        return kit_error_set(error, KIT_E_INVALID, "a plan begins with \"seed NUMBER\"");
    return KIT_OK;
}

void world_story_load(struct world_story *story, const char *path)
{
    struct kit_error error;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        err(66, "%s", path);
    if (read_story(story, file, &error) != KIT_OK)
        errx(65, "%s: %s", path, error.text);
    (void)fclose(file);
}
