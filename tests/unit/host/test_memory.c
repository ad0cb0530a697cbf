/* What a burst leaves free goes back to the system, when there is time. */
#include "fakes/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/process/memory.h"

#define MIB (INT64_C(1) << 20)
#define BLOCKS 8192
#define BLOCK_BYTES 2048

static struct kit_memory memory;

/* A look one period after the last one. */
static bool look(int64_t cpu_ms, int64_t free_bytes)
{
    const struct kit_memory_look now = {
        .mono_ms = memory.looked_mono_ms + KIT_MEMORY_PERIOD_MS,
        .cpu_ms = memory.cpu_ms + cpu_ms,
        .free_bytes = free_bytes,
    };
    return kit_memory_judge(&memory, &now);
}

static void test_judge_gives_back_what_grew_when_it_is_quiet(void **state)
{
    (void)state;
    memory = (struct kit_memory){ .due_mono_ms = 0 };
    assert_false(look(5, MIB / 2)); /* not worth it */
    assert_true(look(5, 2 * MIB));
    assert_false(look(5, 2 * MIB)); /* given back already: it is free, and not there */
    assert_false(look(5, MIB));     /* somebody uses some of it */
    assert_true(look(5, 2 * MIB));  /* and does no longer */
}

static void test_judge_waits_while_the_process_is_busy(void **state)
{
    (void)state;
    memory = (struct kit_memory){ .due_mono_ms = 0 };
    assert_false(look(900, 8 * MIB));
    assert_false(look(101, 8 * MIB));
    assert_true(look(100, 8 * MIB));
    assert_false(look(100, 8 * MIB));
    assert_false(
        look(900, 8 * MIB)); /* used and freed between two looks: as much is free as before */
    assert_true(look(10, 8 * MIB));
    assert_false(look(10, 8 * MIB));
}

static int64_t resident_bytes(void)
{
    long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*s %lld", &pages), 1);
    fclose(file);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void test_tick_gives_back_what_lies_below_a_block_that_lives(void **state)
{
    static void *blocks[BLOCKS];

    (void)state;
    memory = (struct kit_memory){ .due_mono_ms = 0 };
    assert_int_equal(kit_memory_tick(&memory, 1000), 1000 + KIT_MEMORY_PERIOD_MS);
    for (size_t i = 0; i < BLOCKS; i++)
        blocks[i] = memset(malloc(BLOCK_BYTES), 1, BLOCK_BYTES);
    for (size_t i = 0; i < BLOCKS - 1; i++)
        free(blocks[i]);
    const int64_t before = resident_bytes();
    assert_int_equal(kit_memory_tick(&memory, 1500), 1000 + KIT_MEMORY_PERIOD_MS);
    assert_true(resident_bytes() >= before);
    /* Each look is a minute after the last one: however slow this machine is, that is quiet. */
    (void)kit_memory_tick(&memory, 61000);
    (void)kit_memory_tick(&memory, 121000);
#ifndef __SANITIZE_ADDRESS__ /* its heap is another one */
    assert_true(resident_bytes() < before - BLOCKS * BLOCK_BYTES / 2);
#endif
    free(blocks[BLOCKS - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_gives_back_what_grew_when_it_is_quiet),
        cmocka_unit_test(test_judge_waits_while_the_process_is_busy),
        cmocka_unit_test(test_tick_gives_back_what_lies_below_a_block_that_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
