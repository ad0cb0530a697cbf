/* What paho's threads hand over, and whether the loop is woken for it: no wake-up may be lost,
 * wherever the loop's thread stands. It is stopped behind the inbox's lock, where the other one
 * comes in; everything runs on one thread, so that each run is the same. */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/bus/internal.h"

static int wakes;
static void (*comes_in)(void); /* once, right behind the next unlock; NULL: nobody does */
static struct kit_bus_paho bus;

/* In the place of the loop's: it is not linked. */
void kit_loop_wake(struct kit_loop *loop)
{
    (void)loop;
    wakes++;
}

/* In the place of the C library's. */
int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    static int (*unlock)(pthread_mutex_t *);
    if (unlock == NULL)
        *(void **)&unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
    const int rc = unlock(mutex);
    void (*then)(void) = comes_in;
    comes_in = NULL;
    if (then != NULL)
        then();
    return rc;
}

static int setup(void **state)
{
    (void)state;
    memset(&bus, 0, sizeof(bus));
    bus.inbox = bus_inbox_new();
    bus.out.slots[0] = (struct bus_slot){ .bus = &bus, .is_quiet = true };
    wakes = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bus_inbox_free(bus.inbox);
    return 0;
}

static void lose_link(void)
{
    bus_on_lost(&bus, NULL);
}

static void test_take_is_woken_for_once_until_it_has_taken(void **state)
{
    (void)state;
    for (int time = 1; time <= 2; time++) {
        lose_link();
        lose_link();
        assert_int_equal(wakes, time);
        bus_inbox_take(&bus);
        assert_true(bus.taken.link.events != 0);
        bus_inbox_take(&bus);
        assert_int_equal(bus.taken.link.events, 0);
    }
}

static void test_take_is_woken_for_what_comes_right_behind_it(void **state)
{
    (void)state;
    lose_link();
    comes_in = lose_link;
    bus_inbox_take(&bus);
    assert_null(comes_in);
    assert_int_equal(wakes, 2);
    lose_link(); /* it is awake already */
    assert_int_equal(wakes, 2);
    bus_inbox_take(&bus);
    assert_true(bus.taken.link.events != 0);
    lose_link();
    assert_int_equal(wakes, 3);
}

static void complete(void)
{
    bus_on_sent(&bus.out.slots[0], NULL);
}

/* Quiet completions wake nobody, unless the queue waits for their places. */
static void test_want_qos0_is_woken_for_completions_before_and_after(void **state)
{
    (void)state;
    complete();
    assert_int_equal(wakes, 0);
    bus_inbox_want_qos0(&bus, true); /* it came before we waited */
    assert_int_equal(wakes, 1);
    bus_inbox_take(&bus);
    assert_int_equal(bus.taken.completion_count, 1);
    bus_inbox_want_qos0(&bus, true); /* nothing is overdue */
    assert_int_equal(wakes, 1);
    complete();
    assert_int_equal(wakes, 2);
    bus_inbox_take(&bus);
    bus_inbox_want_qos0(&bus, false);
    complete();
    assert_int_equal(wakes, 2);
    comes_in = complete; /* between the look and the wish */
    bus_inbox_take(&bus);
    bus_inbox_want_qos0(&bus, true);
    assert_int_equal(wakes, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_take_is_woken_for_once_until_it_has_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_take_is_woken_for_what_comes_right_behind_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_want_qos0_is_woken_for_completions_before_and_after,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
