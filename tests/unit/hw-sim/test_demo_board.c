/* Claims of the demo: who has an order, and from when on it may be taken up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "demo/crew.h"

#define ORDER 7
#define LATER_MS 60000

static int set_up(void **state)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    assert_non_null(crew);
    for (size_t i = 0; i < 2; i++)
        crew->people[i].crew = crew;
    *state = crew;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void test_one_order_is_one_persons(void **state)
{
    struct crew *crew = *state;

    assert_true(crew_claim_take(&crew->people[0], ORDER));
    assert_false(crew_claim_take(&crew->people[1], ORDER));
    crew_claim_leave(&crew->people[0], ORDER, false);
    assert_null(crew_claim_of(crew, ORDER)->who);
    assert_false(crew_claim_take(&crew->people[1], ORDER)); /* the lists do not show it yet */
    crew_claim_of(crew, ORDER)->not_before_ms = 0;
    assert_true(crew_claim_take(&crew->people[1], ORDER));
}

/* It was seen to be ready while its loader still had it: who collects it takes his time. */
static void test_leaving_does_not_hurry_the_next(void **state)
{
    struct crew *crew = *state;
    int64_t due_ms = sim_now_ms() + LATER_MS;

    assert_true(crew_claim_take(&crew->people[0], ORDER));
    crew_claim_of(crew, ORDER)->not_before_ms = due_ms;
    crew_claim_leave(&crew->people[0], ORDER, false);
    assert_int_equal(crew_claim_of(crew, ORDER)->not_before_ms, due_ms);
    assert_false(crew_claim_take(&crew->people[1], ORDER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_order_is_one_persons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leaving_does_not_hurry_the_next, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
