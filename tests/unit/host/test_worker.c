/* Threads for work off the loop: every job runs once, on another thread, at most two at once, and
 * comes back; those that wait at the end are not begun. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/base/check.h"
#include "kit/process/system.h"
#include "kit/process/worker.h"

#define JOBS 200

struct task {
    struct kit_job job;
    pthread_t on;
    int runs;
    atomic_int *at_once, *most;
    pthread_mutex_t *gate; /* NULL: goes on at once */
};

struct fixture {
    struct kit_loop *loop;
    struct kit_worker *worker;
    struct kit_work port;
};

static int setup(void **state)
{
    static struct fixture f;

    assert_int_equal(kit_loop_new(&f.loop, kit_system_clock(), NULL), KIT_OK);
    f.worker = kit_worker_new(f.loop);
    f.port = kit_worker_port(f.worker);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    kit_worker_free(f->worker);
    kit_loop_free(f->loop);
    return 0;
}

static void run(void *data)
{
    struct task *task = data;
    const int now = atomic_fetch_add(task->at_once, 1) + 1;
    int most = atomic_load(task->most);

    while (now > most && !atomic_compare_exchange_weak(task->most, &most, now))
        ;
    if (task->gate != NULL) {
        (void)pthread_mutex_lock(task->gate);
        (void)pthread_mutex_unlock(task->gate);
    }
    task->on = pthread_self();
    task->runs++;
    (void)atomic_fetch_sub(task->at_once, 1);
}

static void start(struct fixture *f, struct task *task)
{
    task->job = (struct kit_job){ .run = run, .data = task };
    f->port.start(f->port.self, &task->job);
}

/* Turns the loop until one comes back. */
static struct kit_job *wait_for(struct fixture *f)
{
    struct kit_job *job = f->port.take(f->port.self);

    while (job == NULL) {
        assert_int_equal(kit_loop_turn(f->loop, 10000, NULL), KIT_OK);
        job = f->port.take(f->port.self);
    }
    return job;
}

static void test_every_job_runs_once_on_another_thread(void **state)
{
    static struct task tasks[JOBS];
    struct fixture *f = *state;
    atomic_int at_once = 0, most = 0;

    for (size_t i = 0; i < JOBS; i++) {
        tasks[i] = (struct task){ .at_once = &at_once, .most = &most };
        start(f, &tasks[i]);
    }
    for (size_t i = 0; i < JOBS; i++)
        (void)wait_for(f);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(tasks[i].runs, 1);
        assert_false(pthread_equal(tasks[i].on, pthread_self()));
    }
    assert_null(f->port.take(f->port.self));
    assert_true(atomic_load(&most) <= 2);
}

static void test_end_waits_for_jobs_under_way_and_begins_no_other(void **state)
{
    static struct task tasks[5];
    struct fixture *f = *state;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    atomic_int at_once = 0, most = 0;
    int runs = 0;

    (void)pthread_mutex_lock(&gate);
    for (size_t i = 0; i < KIT_COUNT(tasks); i++) {
        tasks[i] = (struct task){ .at_once = &at_once, .most = &most, .gate = &gate };
        start(f, &tasks[i]);
    }
    (void)pthread_mutex_unlock(&gate);
    kit_worker_free(f->worker);
    f->worker = NULL;
    for (size_t i = 0; i < KIT_COUNT(tasks); i++)
        runs += tasks[i].runs;
    assert_int_equal(atomic_load(&at_once), 0); /* nobody is in the middle of one */
    assert_true(runs <= (int)KIT_COUNT(tasks));
}

static void test_worker_without_work_ends_at_once(void **state)
{
    struct fixture *f = *state;
    assert_null(f->port.take(f->port.self));
    kit_worker_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_job_runs_once_on_another_thread, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_end_waits_for_jobs_under_way_and_begins_no_other,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_worker_without_work_ends_at_once, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
