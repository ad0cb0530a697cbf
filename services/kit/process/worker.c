/* See worker.h. One lock guards both rows of jobs; a job itself runs without it. */
#include "kit/process/worker.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 2 /* KIT_SERVICE_WORK_AT_ONCE of kit/service/service.h */

struct row {
    struct kit_job *first, **last;
};

struct kit_worker {
    struct kit_loop *loop;
    pthread_t threads[THREADS];
    int thread_count;
    pthread_mutex_t lock;
    pthread_cond_t is_wanted;
    bool is_ending;
    struct row waiting, ended;
};

static void row_init(struct row *row)
{
    row->first = NULL;
    row->last = &row->first;
}

static void row_add(struct row *row, struct kit_job *job)
{
    job->next = NULL;
    *row->last = job;
    row->last = &job->next;
}

static struct kit_job *row_take(struct row *row)
{
    struct kit_job *job = row->first;

    if (job == NULL)
        return NULL;
    row->first = job->next;
    if (row->first == NULL)
        row->last = &row->first;
    return job;
}

/* The next job, when there is one; NULL: it is time to end. With the lock. */
static struct kit_job *wait_for_job(struct kit_worker *worker)
{
    while (!worker->is_ending && worker->waiting.first == NULL)
        (void)pthread_cond_wait(&worker->is_wanted, &worker->lock);
    return worker->is_ending ? NULL : row_take(&worker->waiting);
}

static void *work(void *context)
{
    struct kit_worker *worker = context;
    struct kit_job *job;

    (void)pthread_mutex_lock(&worker->lock);
    while ((job = wait_for_job(worker)) != NULL) {
        (void)pthread_mutex_unlock(&worker->lock);
        job->run(job->data);
        (void)pthread_mutex_lock(&worker->lock);
        row_add(&worker->ended, job);
        kit_loop_wake(worker->loop);
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* Without any thread the job runs here: late is better than never. */
static void start(void *self, struct kit_job *job)
{
    struct kit_worker *worker = self;

    while (worker->thread_count < THREADS &&
           pthread_create(&worker->threads[worker->thread_count], NULL, work, worker) == 0)
        worker->thread_count++;
    if (worker->thread_count == 0)
        job->run(job->data);
    (void)pthread_mutex_lock(&worker->lock);
    if (worker->thread_count > 0) {
        row_add(&worker->waiting, job);
        (void)pthread_cond_signal(&worker->is_wanted);
    } else {
        row_add(&worker->ended, job);
        kit_loop_wake(worker->loop);
    }
    (void)pthread_mutex_unlock(&worker->lock);
}

static struct kit_job *take(void *self)
{
    struct kit_worker *worker = self;

    (void)pthread_mutex_lock(&worker->lock);
    struct kit_job *job = row_take(&worker->ended);
    (void)pthread_mutex_unlock(&worker->lock);
    return job;
}

struct kit_worker *kit_worker_new(struct kit_loop *loop)
{
    struct kit_worker *worker = calloc(1, sizeof(*worker));

    CHECK(worker != NULL);
    worker->loop = loop;
    row_init(&worker->waiting);
    row_init(&worker->ended);
    CHECK(pthread_mutex_init(&worker->lock, NULL) == 0);
    CHECK(pthread_cond_init(&worker->is_wanted, NULL) == 0);
    return worker;
}

struct kit_work kit_worker_port(struct kit_worker *worker)
{
    return (struct kit_work){ .start = start, .take = take, .self = worker };
}

void kit_worker_free(struct kit_worker *worker)
{
    if (worker == NULL)
        return;
    (void)pthread_mutex_lock(&worker->lock);
    worker->is_ending = true;
    (void)pthread_cond_broadcast(&worker->is_wanted);
    (void)pthread_mutex_unlock(&worker->lock);
    for (int i = 0; i < worker->thread_count; i++)
        CHECK(pthread_join(worker->threads[i], NULL) == 0);
    (void)pthread_cond_destroy(&worker->is_wanted);
    (void)pthread_mutex_destroy(&worker->lock);
    free(worker);
}
