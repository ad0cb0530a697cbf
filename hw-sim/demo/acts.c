/* What people of the demo can do: the verbs of scenarios, at their own pace. See crew.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "demo/crew.h"
#include "play/verbs.h"

#define STEP_SIZE 400
#define PATH_SIZE 200
#define LINE_SIZE 200
#define REST_TURN_MS 50
#define AWAIT_MS 10000
#define AWAIT_TURN_MS 200
#define OK_MIN 200
#define OK_MAX 299
#define PERCENT 100

bool crew_is_over(const struct crew *crew)
{
    return sim_loop_interrupted || crew->run.world.failure[0] != '\0' ||
           sim_observer_is_evicted(&crew->run.world.observer);
}

void crew_say(const struct crew_person *self, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    (void)printf("  %s %s\n", self->name != NULL ? self->name : "somebody", line);
    (void)fflush(stdout);
}

void crew_judge(const struct crew_person *self, int rc, const struct kit_error *err)
{
    if (rc != KIT_OK && !crew_is_over(self->crew))
        crew_say(self, "will try again: %s", err->text);
}

int crew_act(struct crew_person *self, struct kit_error *err, const char *format, ...)
{
    struct sim_run *run = &self->crew->run;
    char text[STEP_SIZE];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    cJSON *step = cJSON_Parse(text);
    CHECK(step != NULL);
    sim_verb_fn verb = sim_verb_find(sim_json_text(step, "do"));
    CHECK(verb != NULL);
    run->step = (struct sim_step){ .actor = self->name };
    int rc = verb(run, step, err);
    cJSON_Delete(step);
    return rc;
}

/* ---- scanners ---- */

/* Verdicts of scans that somebody gave up are nobody's. */
static void pass_verdicts(struct crew_person *self)
{
    const cJSON *actor = sim_scenario_find_actor(self->crew->run.scenario, self->name);
    struct sim_device *scanner = sim_world_find_device(&self->crew->run.world,
                                                       sim_json_text(actor, "scanner"));

    CHECK(scanner != NULL);
    scanner->traffic.verdict_next = scanner->traffic.verdict_count;
}

#define SCAN "{\"do\":\"scan\",\"actor\":\"%s\",\"expect\":{\"result\":\"accepted\"},\"label\":"

int crew_scan(struct crew_person *self, const char *kind, const char *value, struct kit_error *err)
{
    pass_verdicts(self);
    return crew_act(self, err, SCAN "{\"%s\":\"%s\"}}", self->name, kind, value);
}

int crew_scan_number(struct crew_person *self, const char *kind, int64_t number,
                     struct kit_error *err)
{
    pass_verdicts(self);
    return crew_act(self, err, SCAN "{\"%s\":%" PRId64 "}}", self->name, kind, number);
}

int crew_scan_stop(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    pass_verdicts(self);
    return crew_act(self, err,
                    SCAN "{\"compartment\":{\"locker\":\"%s\",\"compartment\":%" PRId64 "}}}",
                    self->name, stop->locker->name, stop->compartment);
}

/* ---- hands ---- */

int crew_hand(struct crew_person *self, const struct crew_stop *stop, const char *what,
              struct kit_error *err)
{
    int rc = crew_act(
        self, err, "{\"do\":\"%s\",\"actor\":\"%s\",\"locker\":\"%s\",\"compartment\":%" PRId64 "}",
        what, self->name, stop->locker->name, stop->compartment);
    sim_device_keep(stop->locker);
    return rc;
}

int crew_handle(struct crew_person *self, const struct crew_stop *stop, const char *what,
                struct kit_error *err)
{
    struct kit_error ignored = { 0 };

    int rc = crew_hand(self, stop, "open", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_hand(self, stop, what, err);
    if (rc != KIT_OK) {
        (void)crew_hand(self, stop, "shut", &ignored); /* nobody leaves a door open for that */
        return rc;
    }
    return crew_hand(self, stop, "shut", err);
}

int crew_type(struct crew_person *self, const struct sim_device *locker, const char *code,
              struct kit_error *err)
{
    return crew_act(self, err,
                    "{\"do\":\"type-code\",\"actor\":\"%s\",\"locker\":\"%s\",\"code\":\"%s\"}",
                    self->name, locker->name, code);
}

/* ---- time ---- */

int crew_rest(struct crew_person *self, int64_t ms, struct kit_error *err)
{
    int64_t left = ms * PERCENT, last_ms = sim_now_ms();

    while (left > 0) { /* ends as time goes by */
        int rc = sim_run_pause(&self->crew->run, REST_TURN_MS, err);
        if (rc != KIT_OK)
            return rc;
        int64_t now_ms = sim_now_ms();
        left -= (now_ms - last_ms) * self->crew->options.speed_percent;
        last_ms = now_ms;
    }
    return KIT_OK;
}

void crew_nap(struct crew *crew, int64_t ms)
{
    struct kit_error err = { 0 };
    if (sim_run_pause(&crew->run, ms, &err) != KIT_OK)
        return; /* it is to end: whoever naps looks by himself */
}

/* ---- the bridge ---- */

int crew_send(struct crew *crew, struct sim_call *call, struct kit_error *err)
{
    call->is_quiet = true;
    int rc = sim_run_http(&crew->run, call, err);
    if (rc != KIT_OK || (call->status >= OK_MIN && call->status <= OK_MAX))
        return rc;
    const char *detail = sim_json_text(call->answer, "detail");
    rc = kit_error_set(err, KIT_E_REFUSED, "%s %.80s: %.150s", call->method, call->path,
                       detail != NULL ? detail : "refused");
    cJSON_Delete(call->answer);
    call->answer = NULL;
    return rc;
}

int crew_get(struct crew *crew, cJSON **ret_answer, struct kit_error *err, const char *format, ...)
{
    char path[PATH_SIZE];
    struct sim_call call = { .method = "GET", .path = path };
    va_list values;

    va_start(values, format);
    (void)vsnprintf(path, sizeof(path), format, values);
    va_end(values);
    int rc = crew_send(crew, &call, err);
    *ret_answer = call.answer;
    return rc;
}

int crew_await(struct crew *crew, int64_t order, const char *status, struct kit_error *err)
{
    const int64_t until_ms = sim_now_ms() + AWAIT_MS;

    for (;;) { /* ends at until_ms */
        cJSON *delivery = NULL;
        int rc = crew_get(crew, &delivery, err, "/deliveries/%" PRId64, order);
        if (rc != KIT_OK)
            return rc;
        const char *is = sim_json_text(delivery, "status");
        const bool holds = is != NULL && strcmp(is, status) == 0;
        cJSON_Delete(delivery);
        if (holds)
            return KIT_OK;
        if (sim_now_ms() >= until_ms)
            return kit_error_set(err, KIT_E_TIMEOUT, "order %" PRId64 " does not become %s", order,
                                 status);
        rc = sim_run_pause(&crew->run, AWAIT_TURN_MS, err);
        if (rc != KIT_OK)
            return rc;
    }
}
