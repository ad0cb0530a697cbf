/* The arena: zeroed, aligned, apart, bounded; and assertions that stop the process. */
#include <stddef.h>
#include <string.h>

#include "kit/base/arena.h"
#include "kit/base/check.h"
#include "unit/base/aborts.h"

static void test_take_gives_zeroed_aligned_and_separate_memory(void **state)
{
    (void)state;
    struct kit_arena arena;
    kit_arena_init(&arena, 1 << 20);
    unsigned char *pieces[300];
    for (size_t i = 0; i < KIT_COUNT(pieces); i++) {
        pieces[i] = kit_arena_take(&arena, i + 1);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k <= i; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i % 255) + 1, i + 1);
    }
    for (size_t i = 0; i < KIT_COUNT(pieces); i++) {
        for (size_t k = 0; k <= i; k++)
            assert_int_equal(pieces[i][k], i % 255 + 1);
    }
    kit_arena_done(&arena);
}

static void test_reset_keeps_one_block_and_gives_zeroed_memory_again(void **state)
{
    (void)state;
    struct kit_arena arena;
    kit_arena_init(&arena, 1 << 20);
    kit_arena_reset(&arena);
    memset(kit_arena_take(&arena, 100), 'x', 100);
    memset(kit_arena_take(&arena, 200000), 'x', 200000);
    kit_arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    const struct kit_arena_block *kept = arena.first;
    assert_non_null(kept);
    const unsigned char *again = kit_arena_take(&arena, 200000);
    assert_ptr_equal(arena.first, kept); /* the larger one: nothing was allocated */
    for (size_t i = 0; i < 200000; i++)
        assert_int_equal(again[i], 0);
    kit_arena_done(&arena);
    kit_arena_done(&arena);
}

static void take_too_much_at_once(void)
{
    struct kit_arena arena;
    kit_arena_init(&arena, 1000);
    kit_arena_take(&arena, 1001);
}

static void take_too_much_in_pieces(void)
{
    struct kit_arena arena;
    kit_arena_init(&arena, 1000);
    for (int i = 0; i < 11; i++)
        kit_arena_take(&arena, 100);
}

static void take_all_there_is(void)
{
    struct kit_arena arena;
    kit_arena_init(&arena, 1000);
    kit_arena_take(&arena, 1000);
    kit_arena_done(&arena);
}

static void test_take_past_the_maximum_aborts(void **state)
{
    (void)state;
    assert_true(aborts(take_too_much_at_once));
    assert_true(aborts(take_too_much_in_pieces));
    assert_false(aborts(take_all_there_is));
}

static void break_precondition(void)
{
    PRE(getpid() == 0);
}

static void test_failed_assertion_aborts(void **state)
{
    (void)state;
    assert_true(aborts(break_precondition));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_gives_zeroed_aligned_and_separate_memory),
        cmocka_unit_test(test_reset_keeps_one_block_and_gives_zeroed_memory_again),
        cmocka_unit_test(test_take_past_the_maximum_aborts),
        cmocka_unit_test(test_failed_assertion_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
