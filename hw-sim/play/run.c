/* Steps of a scenario, one after the other; see run.h. */
#include "play/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "play/condition.h"
#include "play/describe.h"
#include "play/run_parts.h"
#include "play/verbs.h"

#define DESCRIPTION_SIZE 400
#define REASON_SIZE 480

static int run_steps(struct sim_run *run, const cJSON *steps, const char *pointer, char *reason);

struct sim_person *sim_run_find_person(struct sim_run *run, const char *name)
{
    for (size_t i = 0; name != NULL && i < run->person_count; i++) {
        if (strcmp(run->persons[i].name, name) == 0)
            return &run->persons[i];
    }
    return NULL;
}

void sim_run_face_device(struct sim_run *run, struct sim_device *device)
{
    if (run->step.actor != NULL)
        device->shown_to = run->step.actor;
}

bool sim_run_is_blind(const struct sim_run *run, size_t from)
{
    return run->world.observer.is_away || run->report.complete_from > from;
}

void sim_run_report(struct sim_run *run, enum sim_entry_kind kind, const char *from,
                    const char *text)
{
    sim_entry_say(sim_report_add(&run->report, sim_now_ms(), kind, from, NULL), text, NULL, 0);
}

static int do_filled(struct sim_run *run, const cJSON *filled, struct kit_error *err)
{
    sim_verb_fn verb = sim_verb_find(sim_json_text(filled, "do"));
    CHECK(verb != NULL); /* the schema lists them */
    return verb(run, filled, err);
}

/* A step that is no repeat: it is told also when its variables cannot be filled in. */
static int do_verb(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    char text[DESCRIPTION_SIZE];
    int64_t start_ms = sim_now_ms();
    cJSON *filled = NULL;

    int expanded = sim_vars_expand(&run->vars, step, &filled, err);
    sim_describe_step(filled != NULL ? filled : step, text, sizeof(text));
    sim_progress_begin(run, text);
    run->step = (struct sim_step){ .actor = sim_json_text(step, "actor") };
    sim_run_report(run, SIM_ENTRY_STEP, NULL, text);
    int rc = expanded != KIT_OK ? expanded : do_filled(run, filled, err);
    cJSON_Delete(filled);
    sim_progress_end(run, text, sim_now_ms() - start_ms, rc == KIT_OK);
    sim_run_report(run, SIM_ENTRY_RESULT, NULL, rc == KIT_OK ? "ok" : err->text);
    return rc;
}

/* As a test of sim_run_wait(). */
static int test_until(struct sim_run *run, const cJSON *until, struct kit_error *err)
{
    cJSON *filled = NULL;

    if (sim_vars_expand(&run->vars, until, &filled, err) != KIT_OK)
        return -1;
    int holds = sim_condition_test(run, filled, err);
    cJSON_Delete(filled);
    return holds;
}

static int do_repeat(struct sim_run *run, const cJSON *step, const char *pointer, char *reason)
{
    int64_t count = sim_json_int(step, "count", 1);
    const char *as = sim_json_text(step, "as");
    const cJSON *until = sim_json_get(step, "until");
    char below[KIT_ERROR_POINTER_SIZE];
    struct kit_error err = { 0 };
    int holds = 0;

    (void)snprintf(below, sizeof(below), "%.100s/steps", pointer);
    for (int64_t i = 0; i < count && holds == 0; i++) {
        if (as != NULL)
            sim_vars_set_take(&run->vars, as, cJSON_CreateNumber((double)(i + 1)));
        int rc = run_steps(run, sim_json_get(step, "steps"), below, reason);
        if (rc != KIT_OK || run->is_over)
            return rc;
        if (until != NULL)
            holds = test_until(run, until, &err);
    }
    if (until == NULL || holds == 1)
        return KIT_OK;
    (void)snprintf(reason, REASON_SIZE, "line %d, step %.100s, %" PRId64 " times: %.240s",
                   sim_scenario_line(run->scenario, pointer), pointer, count, err.text);
    return KIT_E_REFUSED;
}

static bool is_last(const struct sim_run *run, const cJSON *step)
{
    const char *name = sim_json_text(step, "name");
    return run->options->until != NULL && name != NULL && strcmp(name, run->options->until) == 0;
}

static int run_step(struct sim_run *run, const cJSON *step, const char *pointer, char *reason)
{
    struct kit_error err = { 0 };

    sim_report_mark(&run->report, sim_json_text(step, "name"));
    if (strcmp(sim_json_text(step, "do"), "repeat") == 0)
        return do_repeat(run, step, pointer, reason);
    run->step_count++;
    int rc = do_verb(run, step, &err);
    if (rc != KIT_OK)
        (void)snprintf(reason, REASON_SIZE, "line %d, step %s: %.320s",
                       sim_scenario_line(run->scenario, pointer), pointer, err.text);
    return rc;
}

/* reason: where and why, REASON_SIZE. */
static int run_steps(struct sim_run *run, const cJSON *steps, const char *pointer, char *reason)
{
    const cJSON *step = NULL;
    size_t index = 0;

    cJSON_ArrayForEach(step, steps)
    {
        char at[KIT_ERROR_POINTER_SIZE];
        (void)snprintf(at, sizeof(at), "%.100s/%zu", pointer, index++);
        int rc = run_step(run, step, at, reason);
        run->is_over = run->is_over || is_last(run, step);
        if (rc != KIT_OK || run->is_over)
            return rc;
    }
    return KIT_OK;
}

static const char *name_outcome(enum sim_exit outcome)
{
    if (outcome != SIM_EXIT_PASSED && sim_loop_interrupted)
        return "interrupted";
    switch (outcome) {
    case SIM_EXIT_PASSED:
        return "passed";
    case SIM_EXIT_FAILED:
        return "failed";
    case SIM_EXIT_BAD:
        return "bad";
    case SIM_EXIT_UNREACHABLE:
        return "unreachable";
    }
    UNREACHABLE("outcome");
}

static void save_report(struct sim_run *run, enum sim_exit outcome, const char *reason)
{
    const char *dir = run->world.dir;
    struct sim_summary summary = { .scenario = run->scenario->name,
                                   .title = run->scenario->title,
                                   .outcome = name_outcome(outcome),
                                   .reason = reason,
                                   .seed = run->seed,
                                   .took_ms = sim_now_ms() - run->report.start_ms,
                                   .step_count = run->step_count };
    struct kit_error err = { 0 };

    if (dir[0] != '\0' && sim_report_save(&run->report, &summary, dir, &err) != KIT_OK)
        (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
    (void)printf("%s: %s after %" PRId64 ".%01d s, %zu steps%s%s\n", run->scenario->name,
                 summary.outcome, summary.took_ms / 1000, (int)(summary.took_ms % 1000 / 100),
                 run->step_count, reason[0] != '\0' ? "\n  " : "", reason);
    if (dir[0] != '\0')
        (void)printf("  report: %s\n", dir);
    (void)fflush(stdout);
}

static enum sim_exit play(struct sim_run *run, char *reason)
{
    enum sim_exit outcome = SIM_EXIT_UNREACHABLE;
    struct kit_error err = { 0 };

    if (sim_run_open(run, &outcome, &err) != KIT_OK) {
        kit_text_copy(reason, REASON_SIZE, err.text);
        return outcome;
    }
    if (run_steps(run, run->scenario->steps, "/steps", reason) == KIT_OK)
        return SIM_EXIT_PASSED;
    return sim_observer_is_evicted(&run->world.observer) ? SIM_EXIT_UNREACHABLE : SIM_EXIT_FAILED;
}

enum sim_exit sim_run_scenario(const struct sim_scenario *scenario,
                               const struct sim_options *options)
{
    struct sim_run *run = calloc(1, sizeof(*run));
    char reason[REASON_SIZE] = "";

    CHECK(run != NULL);
    run->options = options;
    run->scenario = scenario;
    (void)printf("%s: %s\n", scenario->name, scenario->title);
    (void)fflush(stdout);
    enum sim_exit outcome = play(run, reason);
    if (sim_loop_interrupted) /* whoever pressed Ctrl-C knows why */
        reason[0] = '\0';
    if (outcome != SIM_EXIT_PASSED)
        sim_run_cancel_orders(run);
    save_report(run, outcome, reason);
    sim_run_close(run);
    free(run);
    return outcome;
}
