/* Stands in for tests/fakes/cmocka_all.h on a board: as much of cmocka's interface as the tests of
 * the firmware use. A test that fails is left at once, the others run, the exit status counts.
 * The assertions are macros, for their place in the file; cmocka.c runs the tests. */
#ifndef TESTS_CORTEX_M_SHIM_FAKES_CMOCKA_ALL_H
#define TESTS_CORTEX_M_SHIM_FAKES_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

/* Where a failed assertion leaves for, from the test and from what the tests share. */
extern jmp_buf shim_failed;

#define cmocka_unit_test(function)                                                                 \
    {                                                                                              \
#function, function, NULL, NULL                                                            \
    }
#define cmocka_unit_test_setup(function, setup)                                                    \
    {                                                                                              \
#function, function, setup, NULL                                                           \
    }
#define cmocka_unit_test_setup_teardown(function, setup, teardown)                                 \
    {                                                                                              \
#function, function, setup, teardown                                                       \
    }

#define print_message printf
#define print_error printf

#define fail_msg(...)                                                                              \
    do {                                                                                           \
        printf("%s:%d: ", __FILE__, __LINE__);                                                     \
        printf(__VA_ARGS__);                                                                       \
        printf("\n");                                                                              \
        longjmp(shim_failed, 1);                                                                   \
    } while (0)
#define fail() fail_msg("fail()")

#define assert_true(truth)                                                                         \
    do {                                                                                           \
        if (!(truth))                                                                              \
            fail_msg("%s", #truth);                                                                \
    } while (0)
#define assert_false(truth) assert_true(!(truth))
#define assert_null(pointer) assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)

/* As in cmocka, every integer is compared in the widest type. */
#define SHIM_COMPARE(a, comparison, b)                                                             \
    do {                                                                                           \
        uintmax_t shim_a = (uintmax_t)(a), shim_b = (uintmax_t)(b);                                \
        if (!(shim_a comparison shim_b))                                                           \
            fail_msg("%s is %lld, not %s %lld", #a, (long long)shim_a, #comparison,                \
                     (long long)shim_b);                                                           \
    } while (0)
#define assert_int_equal(a, b) SHIM_COMPARE(a, ==, b)
#define assert_int_not_equal(a, b) SHIM_COMPARE(a, !=, b)
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_in_range(a, low, high)                                                              \
    do {                                                                                           \
        SHIM_COMPARE(a, >=, low);                                                                  \
        SHIM_COMPARE(a, <=, high);                                                                 \
    } while (0)
#define assert_memory_equal(a, b, size) assert_int_equal(memcmp(a, b, size), 0)
#define assert_memory_not_equal(a, b, size) assert_int_not_equal(memcmp(a, b, size), 0)
#define assert_string_equal(a, b)                                                                  \
    do {                                                                                           \
        if (strcmp(a, b) != 0)                                                                     \
            fail_msg("%s is \"%s\", not \"%s\"", #a, a, b);                                        \
    } while (0)
#define assert_string_not_equal(a, b) assert_int_not_equal(strcmp(a, b), 0)

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    shim_run_all(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

/* Runs the tests in their order. Returns how many failed, the group's setup and teardown included.
 */
int shim_run_all(const struct CMUnitTest *tests, size_t count, int (*setup)(void **state),
                 int (*teardown)(void **state));

#endif
