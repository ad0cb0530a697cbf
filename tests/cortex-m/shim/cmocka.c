/* The run of a group of tests (fakes/cmocka_all.h). One thread. */
#include "fakes/cmocka_all.h"

jmp_buf shim_failed;

static int shim_run(const struct CMUnitTest *test)
{
    void *state = NULL;
    if (setjmp(shim_failed) != 0) {
        printf("[  FAILED  ] %s\n", test->name);
        return 1;
    }
    if (test->setup != NULL && test->setup(&state) != 0)
        fail_msg("setup");
    test->test(&state);
    if (test->teardown != NULL && test->teardown(&state) != 0)
        fail_msg("teardown");
    printf("[       OK ] %s\n", test->name);
    return 0;
}

int shim_run_all(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                 int (*teardown)(void **state))
{
    void *state = NULL;
    int failed = setup != NULL && setup(&state) != 0;
    for (size_t i = 0; i < count; i++)
        failed += shim_run(&tests[i]);
    if (teardown != NULL && teardown(&state) != 0)
        failed++;
    printf("%u tests, %d failed\n", (unsigned int)count, failed);
    return failed;
}
