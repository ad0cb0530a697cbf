/* Steps of a scenario, one after the other; see run.h. */
#include "play/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/condition.h"
#include "play/describe.h"
#include "play/run_parts.h"
#include "play/verbs.h"

#define DESCRIPTION_SIZE 400
#define REASON_SIZE 480

static int run_steps(struct sim_run *run, const cJSON *steps, const char *pointer, char *reason);

struct sim_device *sim_run_find_device(struct sim_run *run, const char *name)
{
    for (size_t i = 0; name != NULL && i < run->device_count; i++) {
        if (strcmp(run->devices[i]->name, name) == 0)
            return run->devices[i];
    }
    return NULL;
}

int sim_run_find_locker(const struct sim_run *run, const cJSON *owner, struct sim_device **ret,
                        struct kit_error *err)
{
    const cJSON *text = sim_json_get(owner, "locker");
    bool is_id = sim_vars_is_filled(text);

    for (size_t i = 0; i < run->device_count; i++) {
        struct sim_device *device = run->devices[i];
        if (device->is_locker &&
            strcmp(is_id ? device->id : device->name, text->valuestring) == 0) {
            *ret = device;
            return KIT_OK;
        }
    }
    return kit_error_set(err, KIT_E_REFUSED,
                         "%.60s is not a locker of this run: orders that name none, or a full one, "
                         "may get another one of the system (\"locker\": \"${...id}\")",
                         text->valuestring);
}

struct sim_person *sim_run_find_person(struct sim_run *run, const char *name)
{
    for (size_t i = 0; name != NULL && i < run->person_count; i++) {
        if (strcmp(run->persons[i].name, name) == 0)
            return &run->persons[i];
    }
    return NULL;
}

void sim_run_face(struct sim_run *run, struct sim_device *device)
{
    if (run->step_from != NULL)
        device->shown_to = run->step_from;
}

bool sim_run_is_blind(const struct sim_run *run, size_t from)
{
    return run->observer.is_away || run->blind_until > from;
}

size_t sim_run_since(const struct sim_run *run, const char *step_name)
{
    for (size_t i = 0; step_name != NULL && i < run->mark_count; i++) {
        if (strcmp(run->marks[i].name, step_name) == 0)
            return run->marks[i].entry;
    }
    return 0;
}

static void mark(struct sim_run *run, const cJSON *step)
{
    const char *name = sim_json_text(step, "name");
    size_t at = 0;

    if (name == NULL)
        return;
    while (at < run->mark_count && strcmp(run->marks[at].name, name) != 0)
        at++;                  /* in a repeat the latest one counts */
    CHECK(at < SIM_MARKS_MAX); /* a scenario has no more names */
    run->marks[at] = (struct sim_mark){ .name = name, .entry = run->report.count };
    run->mark_count += at == run->mark_count ? 1 : 0;
}

/* A step that is no repeat, with its variables filled in. */
static int do_verb(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    char text[DESCRIPTION_SIZE];
    int64_t start_ms = sim_now_ms();
    cJSON *filled = NULL;

    int rc = sim_vars_expand(&run->vars, step, &filled, err);
    sim_describe_step(rc == KIT_OK ? filled : step, text, sizeof(text));
    sim_progress_begin(run, text);
    run->step_from = sim_json_text(step, "actor");
    run->step_device = NULL;
    run->answer[0] = '\0';
    sim_entry_say(sim_report_add(&run->report, start_ms, SIM_ENTRY_STEP, NULL, NULL), text, NULL,
                  0);
    if (rc == KIT_OK) {
        sim_verb_fn verb = sim_verb_find(sim_json_text(step, "do"));
        CHECK(verb != NULL); /* the schema lists them */
        rc = verb(run, filled, err);
    }
    cJSON_Delete(filled);
    sim_progress_end(run, text, sim_now_ms() - start_ms, rc == KIT_OK);
    sim_entry_say(sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_RESULT, NULL, NULL),
                  rc == KIT_OK ? "ok" : err->text, NULL, 0);
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
    int rc = KIT_OK, holds = 0;

    (void)snprintf(below, sizeof(below), "%.100s/steps", pointer);
    for (int64_t i = 0; i < count && rc == KIT_OK && !run->is_over; i++) {
        if (as != NULL)
            sim_vars_set_take(&run->vars, as, cJSON_CreateNumber((double)(i + 1)));
        rc = run_steps(run, sim_json_get(step, "steps"), below, reason);
        if (rc == KIT_OK && until != NULL && !run->is_over) {
            holds = test_until(run, until, &err);
            if (holds != 0)
                break;
        }
    }
    if (rc != KIT_OK || until == NULL || holds == 1 || run->is_over)
        return rc;
    (void)snprintf(reason, REASON_SIZE, "line %d, step %.100s, %" PRId64 " times: %.240s",
                   sim_scenario_line(run->scenario, pointer), pointer, count, err.text);
    return KIT_E_REFUSED;
}

static bool is_last(const struct sim_run *run, const cJSON *step)
{
    const char *name = sim_json_text(step, "name");
    return run->options->until != NULL && name != NULL && strcmp(name, run->options->until) == 0;
}

/* reason: where and why, REASON_SIZE. */
static int run_steps(struct sim_run *run, const cJSON *steps, const char *pointer, char *reason)
{
    const cJSON *step = NULL;
    size_t index = 0;
    int rc = KIT_OK;

    cJSON_ArrayForEach(step, steps)
    {
        char at[KIT_ERROR_POINTER_SIZE];
        struct kit_error err = { 0 };
        (void)snprintf(at, sizeof(at), "%.100s/%zu", pointer, index++);
        mark(run, step);
        if (strcmp(sim_json_text(step, "do"), "repeat") == 0) {
            rc = do_repeat(run, step, at, reason);
        } else {
            run->step_count++;
            rc = do_verb(run, step, &err);
            if (rc != KIT_OK)
                (void)snprintf(reason, REASON_SIZE, "line %d, step %s: %.320s",
                               sim_scenario_line(run->scenario, at), at, err.text);
        }
        run->is_over = run->is_over || is_last(run, step);
        if (rc != KIT_OK || run->is_over)
            break;
    }
    return rc;
}

static void save_report(struct sim_run *run, enum sim_exit outcome, const char *reason)
{
    struct sim_summary summary = { .scenario = run->scenario->name,
                                   .title = run->scenario->title,
                                   .outcome = outcome == SIM_EXIT_PASSED   ? "passed"
                                              : sim_loop_interrupted       ? "interrupted"
                                              : outcome == SIM_EXIT_FAILED ? "failed"
                                              : outcome == SIM_EXIT_BAD    ? "bad"
                                                                           : "unreachable",
                                   .reason = reason,
                                   .seed = run->seed,
                                   .took_ms = sim_now_ms() - run->report.start_ms,
                                   .step_count = run->step_count };
    struct kit_error err = { 0 };

    if (run->dir[0] != '\0' && sim_report_save(&run->report, &summary, run->dir, &err) != KIT_OK)
        (void)fprintf(stderr, "lockstock-sim: %s\n", err.text);
    (void)printf("%s: %s after %" PRId64 ".%01d s, %zu steps%s%s\n", run->scenario->name,
                 summary.outcome, summary.took_ms / 1000, (int)(summary.took_ms % 1000 / 100),
                 run->step_count, reason[0] != '\0' ? "\n  " : "", reason);
    if (run->dir[0] != '\0')
        (void)printf("  report: %s\n", run->dir);
    (void)fflush(stdout);
}

static enum sim_exit play(struct sim_run *run, char *reason)
{
    enum sim_exit outcome = SIM_EXIT_UNREACHABLE;
    struct kit_error err = { 0 };

    if (sim_run_open(run, &outcome, &err) != KIT_OK) {
        (void)snprintf(reason, REASON_SIZE, "%s", err.text);
        return outcome;
    }
    if (run_steps(run, run->scenario->steps, "/steps", reason) == KIT_OK)
        return SIM_EXIT_PASSED;
    return sim_observer_is_evicted(&run->observer) ? SIM_EXIT_UNREACHABLE : SIM_EXIT_FAILED;
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
