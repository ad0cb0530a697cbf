/* How steps wait: always with a limit, always with the loop turning. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/json/gate.h"
#include "play/run_parts.h"

#define SETTLE_MS 2    /* after an answer: messages from before it may be on their way */
#define TURN_MS_MAX 50 /* conditions over time (a counter, a file) are looked at so often */

/* Lets the world go on while somebody waits. */
static void turn(struct sim_run *run, int64_t until_ms)
{
    if (run->turn != NULL)
        run->turn(run->turn_owner, until_ms);
    else
        sim_loop_turn(&run->world.loop, until_ms);
}

/* KIT_OK: go on. */
static int may_go_on(const struct sim_run *run, int64_t now_ms, struct kit_error *err)
{
    if (sim_loop_interrupted)
        return kit_error_set(err, KIT_E_REFUSED, "interrupted");
    if (run->world.failure[0] != '\0')
        return kit_error_set(err, KIT_E_REFUSED, "%s", run->world.failure);
    if (sim_observer_is_evicted(&run->world.observer))
        return kit_error_set(err, KIT_E_REFUSED,
                             "somebody else is at the broker as %s, and ends our connection again "
                             "and again: use another name there",
                             run->world.system.watcher.user);
    if (now_ms >= run->deadline_ms)
        return kit_error_set(err, KIT_E_REFUSED,
                             "the time limit of the scenario, %" PRId64 " ms, is reached",
                             run->scenario->time_limit_ms);
    return KIT_OK;
}

int sim_run_wait(struct sim_run *run, int64_t within_ms, sim_test_fn test, void *arg,
                 struct kit_error *err)
{
    int64_t until_ms = sim_now_ms() + within_ms;

    for (;;) { /* ends at until_ms */
        int holds = test(run, arg, err);
        if (holds != 0)
            return holds == 1 ? KIT_OK : KIT_E_REFUSED;
        int64_t now_ms = sim_now_ms();
        if (now_ms >= until_ms)
            return kit_error_wrap(err, KIT_E_TIMEOUT, "after %" PRId64 " ms", within_ms);
        int rc = may_go_on(run, now_ms, err);
        if (rc != KIT_OK)
            return rc;
        turn(run, sim_earlier(now_ms + TURN_MS_MAX, until_ms));
    }
}

int sim_run_pause(struct sim_run *run, int64_t ms, struct kit_error *err)
{
    int64_t until_ms = sim_now_ms() + ms;

    for (int64_t now_ms = sim_now_ms(); now_ms < until_ms; now_ms = sim_now_ms()) {
        int rc = may_go_on(run, now_ms, err);
        if (rc != KIT_OK)
            return rc;
        turn(run, until_ms);
    }
    return KIT_OK;
}

static void report_call(struct sim_run *run, const char *text, const char *body, bool is_answer)
{
    const char *who = run->step.actor != NULL ? run->step.actor : "runner";

    struct sim_entry *entry = sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_HTTP,
                                             is_answer ? "bridge" : who,
                                             is_answer ? who : "bridge");
    sim_entry_say(entry, text, body, body != NULL ? strlen(body) : 0);
}

static int await_answer(struct sim_run *run, struct kit_error *err)
{
    while (run->world.http.is_busy) { /* ends by the client's time limit */
        int rc = may_go_on(run, sim_now_ms(), err);
        if (rc != KIT_OK)
            return rc;
        turn(run, sim_now_ms() + TURN_MS_MAX);
    }
    return KIT_OK;
}

/* One call at a time: others have theirs under way. */
static int await_turn(struct sim_run *run, struct kit_error *err)
{
    while (run->is_calling) { /* ends by the client's time limit */
        int rc = may_go_on(run, sim_now_ms(), err);
        if (rc != KIT_OK)
            return rc;
        turn(run, sim_now_ms() + TURN_MS_MAX);
    }
    return KIT_OK;
}

static int make_call(struct sim_run *run, struct sim_call *call, struct kit_error *err)
{
    struct sim_http *http = &run->world.http;
    char text[SIM_HTTP_URL_SIZE];

    (void)snprintf(text, sizeof(text), "%s %s", call->method, call->path);
    if (!call->is_quiet)
        report_call(run, text, call->body, false);
    sim_http_start(http, call->method, call->path, call->body);
    int rc = await_answer(run, err);
    if (rc != KIT_OK)
        return rc;
    if (http->status == 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "%s: no answer: %.150s", text, http->error);
    call->status = http->status;
    if (!call->is_quiet) {
        /* Messages that led to the answer come by another connection. */
        turn(run, sim_now_ms() + SETTLE_MS);
        (void)snprintf(text, sizeof(text), "%ld", http->status);
        report_call(run, text, http->body.size_bytes > 0 ? http->body.data : NULL, true);
    }
    if (kit_json_parse(http->body.data, http->body.size_bytes, SIM_HTTP_BODY_MAX, &call->answer,
                       NULL) != KIT_OK)
        call->answer = NULL; /* nothing, an image, or a text */
    sim_run_remember_order(run, call);
    return KIT_OK;
}

int sim_run_http(struct sim_run *run, struct sim_call *call, struct kit_error *err)
{
    call->answer = NULL;
    int rc = await_turn(run, err);
    if (rc != KIT_OK)
        return rc;
    run->is_calling = true;
    rc = make_call(run, call, err);
    run->is_calling = false;
    return rc;
}
