/* Every move of the circuit breaker. */
#include "fakes/cmocka_all.h"
#include "kit/rpc/breaker.h"

static struct kit_breaker open_breaker(int64_t now)
{
    struct kit_breaker breaker;
    kit_breaker_init(&breaker, 3, 1000);
    for (int i = 0; i < 3; i++) {
        assert_true(kit_breaker_may_call(&breaker, now));
        kit_breaker_on_failure(&breaker, now);
    }
    return breaker;
}

static void test_breaker_below_the_limit_stays_closed(void **state)
{
    struct kit_breaker breaker;
    (void)state;
    kit_breaker_init(&breaker, 3, 1000);
    kit_breaker_on_failure(&breaker, 5);
    kit_breaker_on_failure(&breaker, 5);
    assert_int_equal(breaker.state, KIT_BREAKER_CLOSED);
    kit_breaker_on_success(&breaker); /* failures must be in a row */
    kit_breaker_on_failure(&breaker, 5);
    kit_breaker_on_failure(&breaker, 5);
    assert_int_equal(breaker.state, KIT_BREAKER_CLOSED);
    assert_int_equal(kit_breaker_wait_ms(&breaker, 5), 0);
}

static void test_breaker_at_the_limit_opens_and_refuses(void **state)
{
    struct kit_breaker breaker = open_breaker(100);
    (void)state;
    assert_int_equal(breaker.state, KIT_BREAKER_OPEN);
    assert_int_equal(breaker.opened_total, 1);
    assert_false(kit_breaker_may_call(&breaker, 1099));
    assert_int_equal(kit_breaker_wait_ms(&breaker, 600), 500);
}

static void test_breaker_half_open_lets_exactly_one_probe_through(void **state)
{
    struct kit_breaker breaker = open_breaker(100);
    int allowed_count = 0;
    (void)state;
    for (int i = 0; i < 1000; i++)
        allowed_count += kit_breaker_may_call(&breaker, 1100);
    assert_int_equal(allowed_count, 1);
    assert_int_equal(breaker.state, KIT_BREAKER_HALF_OPEN);
}

static void test_breaker_probe_succeeds_closes(void **state)
{
    struct kit_breaker breaker = open_breaker(100);
    (void)state;
    assert_true(kit_breaker_may_call(&breaker, 1100));
    kit_breaker_on_success(&breaker);
    assert_int_equal(breaker.state, KIT_BREAKER_CLOSED);
    assert_true(kit_breaker_may_call(&breaker, 1100));
}

static void test_breaker_probe_fails_opens_for_the_whole_pause(void **state)
{
    struct kit_breaker breaker = open_breaker(100);
    (void)state;
    assert_true(kit_breaker_may_call(&breaker, 1100));
    kit_breaker_on_failure(&breaker, 1150);
    assert_false(kit_breaker_may_call(&breaker, 2149));
    assert_true(kit_breaker_may_call(&breaker, 2150));
    assert_int_equal(breaker.opened_total, 2);
}

static void test_breaker_straggler_fails_while_open_does_not_extend(void **state)
{
    struct kit_breaker breaker = open_breaker(100);
    (void)state;
    kit_breaker_on_failure(&breaker, 900);
    assert_true(kit_breaker_may_call(&breaker, 1100));
}

static void test_breaker_state_names_are_for_people(void **state)
{
    (void)state;
    assert_string_equal(kit_breaker_state_name(KIT_BREAKER_CLOSED), "closed");
    assert_string_equal(kit_breaker_state_name(KIT_BREAKER_OPEN), "open");
    assert_string_equal(kit_breaker_state_name(KIT_BREAKER_HALF_OPEN), "half-open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaker_below_the_limit_stays_closed),
        cmocka_unit_test(test_breaker_at_the_limit_opens_and_refuses),
        cmocka_unit_test(test_breaker_half_open_lets_exactly_one_probe_through),
        cmocka_unit_test(test_breaker_probe_succeeds_closes),
        cmocka_unit_test(test_breaker_probe_fails_opens_for_the_whole_pause),
        cmocka_unit_test(test_breaker_straggler_fails_while_open_does_not_extend),
        cmocka_unit_test(test_breaker_state_names_are_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
