/* Work off the loop: a few jobs at a time, the others wait in a row. Each ends in an item of its
 * own, and what that says is the answer of the request that began it. Loop thread. */
#include <stdlib.h>
#include <string.h>

#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "kit/service/internal.h"

#define BUSY_RETRY_MS 1000

struct work_job {
    struct kit_job job; /* the first member: the port gives it back */
    struct kit_service *service;
    int (*on_done)(void *app, void *data, struct kit_error *err);
    uint64_t ticket;
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct kit_actor actor;
    bool is_running, has_run;
    size_t size_bytes;
    _Alignas(max_align_t) unsigned char data[];
};

static void free_job(struct work_job *job)
{
    kit_wipe(job->data, job->size_bytes);
    free(job);
}

/* Those whose turn it is. Without a port, a job runs here. */
static void start_jobs(struct kit_service *service)
{
    const struct kit_work *port = &service->ports.work;
    const size_t count = service->work.count;

    for (size_t i = 0; i < count && i < KIT_SERVICE_WORK_AT_ONCE; i++) {
        struct work_job *job = service->work.jobs[i];
        if (job->is_running)
            continue;
        job->is_running = true;
        if (port->start != NULL) {
            port->start(port->self, &job->job);
            continue;
        }
        job->job.run(job->job.data);
        job->has_run = true;
    }
}

/* One that has run, out of the row; NULL: none. */
static struct work_job *take_job(struct kit_service *service)
{
    struct service_work *work = &service->work;
    const struct kit_work *port = &service->ports.work;
    struct work_job *ended = port->start != NULL ? (struct work_job *)port->take(port->self) : NULL;

    for (size_t i = 0; i < work->count; i++) {
        struct work_job *job = work->jobs[i];
        if (job != ended && !job->has_run)
            continue;
        work->count--;
        for (; i < work->count; i++)
            work->jobs[i] = work->jobs[i + 1];
        return job;
    }
    return NULL;
}

int kit_service_work(struct kit_service *service, const struct kit_service_work *work,
                     struct kit_error *err)
{
    PRE(service->item_is_open && service->request != NULL);
    if (service->work.count == WORK_JOBS_MAX) {
        service->work.refused_total++;
        kit_error_typed(err, KIT_E_LIMIT, "busy",
                        "%d others wait here for the same; try again in a second",
                        KIT_SERVICE_WORK_WAITING_MAX);
        err->retry_after_ms = BUSY_RETRY_MS;
        return KIT_E_LIMIT;
    }
    struct work_job *job = calloc(1, sizeof(*job) + work->size_bytes);
    CHECK(job != NULL);
    job->job = (struct kit_job){ .run = work->run, .data = job->data };
    job->service = service;
    job->on_done = work->on_done;
    job->ticket = service->request->ticket;
    job->size_bytes = work->size_bytes;
    job->actor = service->actor;
    kit_text_copy(job->traceparent, sizeof(job->traceparent), service->traceparent);
    memcpy(job->data, work->data, work->size_bytes);
    service->work.jobs[service->work.count++] = job;
    start_jobs(service);
    return KIT_OK;
}

static int tell_handler(void *context, struct kit_error *err)
{
    struct work_job *job = context;
    job->service->actor = job->actor;
    return job->on_done(job->service->app, job->data, err);
}

struct refusal_of {
    const struct work_job *job;
    const struct kit_error *why;
};

static int tell_refusal(void *context, struct kit_error *err)
{
    const struct refusal_of *refusal = context;
    (void)err;
    kit_service_reply_problem(refusal->job->service, refusal->job->ticket, refusal->why);
    return KIT_OK;
}

static void end_job(struct kit_service *service, struct work_job *job)
{
    struct kit_error err = { 0 };

    service->work.done_total++;
    service_end_lost_batch(service);
    int rc = service_run_item(service, job->traceparent, tell_handler, job, &err);
    if (rc != KIT_OK && kit_code_action(rc) != KIT_ACTION_STOP) {
        struct refusal_of refusal = { job, &err };
        (void)service_run_own_item(service, tell_refusal, &refusal, NULL);
    }
    free_job(job);
}

int64_t work_tick(struct kit_service *service, int64_t now_mono_ms)
{
    struct work_job *job;

    while (service->item_count < service->limits.batch_items && (job = take_job(service)) != NULL) {
        end_job(service, job);
        start_jobs(service);
    }
    const bool has_more = service->work.count > 0 && service->ports.work.start == NULL;
    return has_more || service->item_count == service->limits.batch_items ? now_mono_ms : INT64_MAX;
}

void work_forget(struct kit_service *service)
{
    for (size_t i = 0; i < service->work.count; i++)
        free_job(service->work.jobs[i]);
    service->work.count = 0;
}
