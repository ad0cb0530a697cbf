/* The compare of MACs takes as long for a first byte that is wrong as for a last one: it reads all
 * of both. Shown by a page behind their first half that may not be read. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/signed.h"
#include "fakes/cmocka_all.h"

#define SIZE 32
#define READABLE (SIZE / 2)

static sigjmp_buf on_fault;

static void jump(int number)
{
    siglongjmp(on_fault, number);
}

/* The last READABLE bytes of a page; the one behind it faults. */
static uint8_t *place_before_a_wall(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    return pages + page - READABLE;
}

/* Whether a compare of SIZE bytes came to the wall of one of them. */
static bool reads_on(const uint8_t *a, const uint8_t *b)
{
    if (sigsetjmp(on_fault, 1) != 0)
        return true;
    (void)fw_signed_equal(a, b, SIZE);
    return false;
}

static void test_equal_with_a_wrong_first_byte_reads_to_the_end(void **state)
{
    (void)state;
    const struct sigaction action = { .sa_handler = jump };
    struct sigaction old;
    uint8_t whole[SIZE] = { 1 };
    uint8_t *walled = place_before_a_wall();
    walled[0] = 2;
    assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
    const bool first = reads_on(whole, walled);
    const bool second = reads_on(walled, whole);
    assert_int_equal(sigaction(SIGSEGV, &old, NULL), 0);
    assert_true(first);
    assert_true(second);
}

static void test_equal_of_each_place_that_differs_is_false(void **state)
{
    (void)state;
    uint8_t a[SIZE], b[SIZE];
    memset(a, 0x5a, sizeof(a));
    memcpy(b, a, sizeof(b));
    assert_true(fw_signed_equal(a, b, SIZE));
    for (size_t i = 0; i < SIZE; i++) {
        for (int bit = 0; bit < 8; bit++) {
            b[i] = (uint8_t)(a[i] ^ 1 << bit);
            assert_false(fw_signed_equal(a, b, SIZE));
        }
        b[i] = a[i];
    }
    assert_true(fw_signed_equal(a, b, SIZE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_with_a_wrong_first_byte_reads_to_the_end),
        cmocka_unit_test(test_equal_of_each_place_that_differs_is_false),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
