/* The loop: descriptors, tickers, wake-ups from other threads and from signals. */
#include "fakes/cmocka_all.h"

#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "kit/loop/loop.h"
#include "kit/process/system.h"

#define LONG_MS 20000

static int64_t fake_now_ms;
static struct kit_loop *loop;
static struct kit_error err;

static int64_t fake_now(void *self)
{
    (void)self;
    return fake_now_ms;
}

static int setup(void **state)
{
    (void)state;
    const struct kit_clock clock = { .wall_ms = fake_now, .mono_ms = fake_now };
    fake_now_ms = 1000;
    return kit_loop_new(&loop, &clock, &err);
}

static int teardown(void **state)
{
    (void)state;
    kit_loop_free(loop);
    return 0;
}

struct ticker {
    int runs;
    int64_t last_ms, next_ms;
    char *trace;
    char mark;
};

static int64_t on_tick(void *context, int64_t now_mono_ms)
{
    struct ticker *ticker = context;
    ticker->runs++;
    ticker->last_ms = now_mono_ms;
    if (ticker->trace != NULL)
        ticker->trace[strlen(ticker->trace)] = ticker->mark;
    return ticker->next_ms;
}

static void test_turn_runs_tickers_in_order_of_adding(void **state)
{
    (void)state;
    char trace[8] = "";
    struct ticker a = { .next_ms = INT64_MAX, .trace = trace, .mark = 'a' };
    struct ticker b = { .next_ms = INT64_MAX, .trace = trace, .mark = 'b' };
    kit_loop_add_ticker(loop, on_tick, &a);
    kit_loop_add_ticker(loop, on_tick, &b);
    assert_int_equal(kit_loop_turn(loop, LONG_MS, &err), KIT_OK); /* due at once */
    assert_string_equal(trace, "ab");
    assert_int_equal(a.last_ms, 1000);
}

static void test_turn_waits_no_longer_than_the_earliest_ticker(void **state)
{
    (void)state;
    struct ticker soon = { .next_ms = 1001 };
    struct ticker never = { .next_ms = INT64_MAX };
    kit_loop_add_ticker(loop, on_tick, &soon);
    kit_loop_add_ticker(loop, on_tick, &never);
    assert_int_equal(kit_loop_turn(loop, LONG_MS, &err), KIT_OK);
    assert_int_equal(kit_loop_turn(loop, LONG_MS, &err), KIT_OK); /* comes back: 1 ms, not 20 s */
    assert_int_equal(soon.runs, 2);
    assert_int_equal(never.runs, 2);
}

static void on_readable(void *context, uint32_t epoll_events)
{
    int *fd = context;
    char byte;
    assert_true((epoll_events & EPOLLIN) != 0);
    assert_int_equal(read(*fd, &byte, 1), 1);
    *fd = -1;
}

static void test_turn_calls_back_for_a_ready_descriptor(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int context = ends[0];
    assert_int_equal(
        kit_loop_add_fd(loop, &(struct kit_loop_watch){ ends[0], EPOLLIN, on_readable, &context },
                        &err),
        KIT_OK);
    assert_int_equal(kit_loop_turn(loop, 0, &err), KIT_OK);
    assert_int_equal(context, ends[0]); /* nothing to read yet */
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(kit_loop_turn(loop, LONG_MS, &err), KIT_OK);
    assert_int_equal(context, -1);

    kit_loop_remove_fd(loop, ends[0]);
    kit_loop_remove_fd(loop, ends[0]); /* twice is fine */
    context = ends[0];
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(kit_loop_turn(loop, 0, &err), KIT_OK);
    assert_int_equal(context, ends[0]);
    close(ends[0]);
    close(ends[1]);
}

struct pair {
    int own, other;
    int calls;
};

/* Whoever comes first removes the other. */
static void on_readable_remove_other(void *context, uint32_t epoll_events)
{
    (void)epoll_events;
    struct pair *pair = context;
    pair->calls++;
    kit_loop_remove_fd(loop, pair[0].own);
    kit_loop_remove_fd(loop, pair[0].other);
}

static void test_remove_in_a_callback_holds_for_the_same_turn(void **state)
{
    (void)state;
    int a[2];
    int b[2];
    assert_int_equal(pipe(a), 0);
    assert_int_equal(pipe(b), 0);
    struct pair pair = { .own = a[0], .other = b[0] };
    assert_int_equal(
        kit_loop_add_fd(
            loop, &(struct kit_loop_watch){ a[0], EPOLLIN, on_readable_remove_other, &pair }, &err),
        KIT_OK);
    assert_int_equal(
        kit_loop_add_fd(
            loop, &(struct kit_loop_watch){ b[0], EPOLLIN, on_readable_remove_other, &pair }, &err),
        KIT_OK);
    assert_int_equal(write(a[1], "x", 1), 1);
    assert_int_equal(write(b[1], "x", 1), 1);
    assert_int_equal(kit_loop_turn(loop, LONG_MS, &err), KIT_OK);
    assert_int_equal(pair.calls, 1);
    for (int i = 0; i < 2; i++) {
        close(a[i]);
        close(b[i]);
    }
}

static void test_add_fd_beyond_the_limit_or_unusable_is_refused(void **state)
{
    (void)state;
    int fds[KIT_LOOP_FDS_MAX + 1];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i <= KIT_LOOP_FDS_MAX; i++) {
        fds[i] = dup(ends[0]);
        int rc = kit_loop_add_fd(
            loop, &(struct kit_loop_watch){ fds[i], EPOLLIN, on_readable, NULL }, &err);
        assert_int_equal(rc, i < KIT_LOOP_FDS_MAX ? KIT_OK : KIT_E_LIMIT);
    }
    for (int i = 0; i <= KIT_LOOP_FDS_MAX; i++) {
        kit_loop_remove_fd(loop, fds[i]);
        close(fds[i]);
    }
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(
        kit_loop_add_fd(loop, &(struct kit_loop_watch){ ends[0], EPOLLIN, on_readable, NULL },
                        &err),
        KIT_E_IO);
    assert_true(strlen(err.text) > 0);
}

static void *wake_from_a_thread(void *context)
{
    kit_loop_wake(context);
    return NULL;
}

static void *stop_from_a_thread(void *context)
{
    kit_loop_stop(context);
    return NULL;
}

static void test_wake_from_another_thread_ends_the_wait(void **state)
{
    (void)state;
    pthread_t thread;
    struct ticker ticker = { .next_ms = INT64_MAX };
    kit_loop_add_ticker(loop, on_tick, &ticker);
    assert_int_equal(kit_loop_turn(loop, 0, &err), KIT_OK);
    assert_int_equal(pthread_create(&thread, NULL, wake_from_a_thread, loop), 0);
    assert_int_equal(kit_loop_turn(loop, INT64_MAX, &err), KIT_OK); /* hangs if it is lost */
    assert_int_equal(ticker.runs, 2);
    pthread_join(thread, NULL);
}

static void test_wake_before_the_wait_is_kept(void **state)
{
    (void)state;
    kit_loop_wake(loop);
    kit_loop_wake(loop);
    assert_int_equal(kit_loop_turn(loop, 0, &err), KIT_OK);
    kit_loop_wake(loop);
    assert_int_equal(kit_loop_turn(loop, INT64_MAX, &err), KIT_OK);
}

static void test_run_returns_when_stopped(void **state)
{
    (void)state;
    pthread_t thread;
    struct ticker ticker = { .next_ms = INT64_MAX };
    kit_loop_add_ticker(loop, on_tick, &ticker);
    assert_false(kit_loop_is_stopping(loop));
    assert_int_equal(pthread_create(&thread, NULL, stop_from_a_thread, loop), 0);
    assert_int_equal(kit_loop_run(loop, &err), KIT_OK);
    assert_true(kit_loop_is_stopping(loop));
    pthread_join(thread, NULL);
    assert_int_equal(kit_loop_turn(loop, 0, &err), KIT_OK); /* turns go on, for draining */
}

static void test_system_clock_and_rng(void **state)
{
    (void)state;
    const struct kit_clock *clock = kit_system_clock();
    const struct kit_rng *rng = kit_system_rng();
    uint8_t a[32] = { 0 };
    uint8_t b[32] = { 0 };
    int64_t mono = clock->mono_ms(clock->self);
    assert_true(clock->mono_ms(clock->self) >= mono);
    assert_true(clock->wall_ms(clock->self) > INT64_C(1767225600000)); /* 2026-01-01 */
    rng->fill(rng->self, a, sizeof(a));
    rng->fill(rng->self, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_turn_runs_tickers_in_order_of_adding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_turn_waits_no_longer_than_the_earliest_ticker, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_turn_calls_back_for_a_ready_descriptor, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_remove_in_a_callback_holds_for_the_same_turn, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_add_fd_beyond_the_limit_or_unusable_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_wake_from_another_thread_ends_the_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_wake_before_the_wait_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_run_returns_when_stopped, setup, teardown),
        cmocka_unit_test(test_system_clock_and_rng),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
