/* The flash in a file: NOR rules, what stays, who may open it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/flash_log.h"
#include "core/snapshot.h"
#include "fakes/cmocka_all.h"
#include "ports/linux/flash.h"

#define BLOCKS 8
#define BLOCK FW_LINUX_FLASH_BLOCK_BYTES

static char folder[] = "/tmp/lockstock-flash-XXXXXX";
static char path[64];
static struct fw_linux_flash flash;
static struct fw_flash port;
static char error[FW_LINUX_ERROR_SIZE];

static int setup(void **state)
{
    (void)state;
    (void)unlink(path);
    error[0] = '\0';
    assert_int_equal(fw_linux_flash_open(&flash, path, BLOCKS, error), FW_OK);
    port = fw_linux_flash_port(&flash);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fw_linux_flash_close(&flash);
    return 0;
}

/* In the place of the C library's: what the disk was told to keep. */
static int syncs, sync_result;

int fdatasync(int fd)
{
    struct stat stat;
    syncs += fstat(fd, &stat) == 0;
    errno = EIO;
    return sync_result;
}

static int reopen(void)
{
    fw_linux_flash_close(&flash);
    return fw_linux_flash_open(&flash, path, BLOCKS, error);
}

static void test_flash_open_with_no_file_makes_an_erased_one(void **state)
{
    (void)state;
    uint8_t bytes[BLOCK];
    assert_int_equal(port.block_count, BLOCKS);
    for (uint32_t block = 0; block < BLOCKS; block++) {
        assert_int_equal(port.read(port.self, block * BLOCK, bytes, BLOCK), FW_OK);
        for (size_t i = 0; i < BLOCK; i++)
            assert_int_equal(bytes[i], 0xff);
    }
}

static void test_flash_open_leaves_no_half_made_file(void **state)
{
    (void)state;
    DIR *list = opendir(folder);
    assert_non_null(list);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(list);
    assert_int_equal(count, 1);
}

static void test_flash_program_stays_after_reopen(void **state)
{
    (void)state;
    uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    uint8_t seen[8];
    assert_int_equal(port.program(port.self, BLOCK + 16, bytes, sizeof(bytes)), FW_OK);
    assert_int_equal(reopen(), FW_OK);
    assert_int_equal(port.read(port.self, BLOCK + 16, seen, sizeof(seen)), FW_OK);
    assert_memory_equal(seen, bytes, sizeof(seen));
}

static void test_flash_program_that_sets_a_bit_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    uint8_t low[4] = { 0xf0, 0xff, 0xff, 0xff };
    uint8_t high[4] = { 0xf1, 0, 0, 0 };
    uint8_t seen[4];
    assert_int_equal(port.program(port.self, 0, low, sizeof(low)), FW_OK);
    assert_int_equal(port.program(port.self, 0, high, sizeof(high)), FW_E_CORRUPT);
    assert_int_equal(port.read(port.self, 0, seen, sizeof(seen)), FW_OK);
    assert_memory_equal(seen, low, sizeof(seen));
    assert_int_equal(port.program(port.self, 0, (uint8_t[4]){ 0 }, 4), FW_OK); /* clears only */
}

/* A cut of power takes what was not synced: each call that says OK has synced once, not less, and
 * not more, as that wears the part out. */
static void test_flash_program_and_erase_sync_once_each(void **state)
{
    (void)state;
    const uint8_t bytes[8] = { 0 };
    for (int time = 1; time <= 2; time++) {
        syncs = 0;
        assert_int_equal(port.program(port.self, 8 * (uint32_t)time, bytes, sizeof(bytes)), FW_OK);
        assert_int_equal(syncs, 1);
        assert_int_equal(port.erase(port.self, 1), FW_OK);
        assert_int_equal(syncs, 2);
    }
    sync_result = -1;
    assert_int_equal(port.program(port.self, 64, bytes, sizeof(bytes)), FW_E_IO);
    assert_int_equal(port.erase(port.self, 2), FW_E_IO);
    sync_result = 0;
}

static void test_flash_erase_clears_one_block_alone(void **state)
{
    (void)state;
    uint8_t zero[4] = { 0 };
    uint8_t seen[4];
    for (uint32_t block = 0; block < 3; block++)
        assert_int_equal(port.program(port.self, block * BLOCK, zero, sizeof(zero)), FW_OK);
    assert_int_equal(port.erase(port.self, 1), FW_OK);
    assert_int_equal(port.read(port.self, BLOCK, seen, sizeof(seen)), FW_OK);
    assert_int_equal(seen[0], 0xff);
    assert_int_equal(port.read(port.self, 0, seen, sizeof(seen)), FW_OK);
    assert_int_equal(seen[0], 0);
    assert_int_equal(port.read(port.self, 2 * BLOCK, seen, sizeof(seen)), FW_OK);
    assert_int_equal(seen[0], 0);
}

static void test_flash_calls_outside_or_off_words_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[8] = { 0 };
    uint32_t end = BLOCKS * BLOCK;
    assert_int_equal(port.read(port.self, end - 4, bytes, 8), FW_E_INVALID);
    assert_int_equal(port.read(port.self, UINT32_MAX - 3, bytes, 8), FW_E_INVALID);
    assert_int_equal(port.program(port.self, end, bytes, 4), FW_E_INVALID);
    assert_int_equal(port.program(port.self, 2, bytes, 4), FW_E_INVALID);
    assert_int_equal(port.program(port.self, 0, bytes, 3), FW_E_INVALID);
    assert_int_equal(port.erase(port.self, BLOCKS), FW_E_INVALID);
}

static void test_flash_open_of_a_file_in_use_is_refused(void **state)
{
    (void)state;
    struct fw_linux_flash second;
    assert_int_equal(fw_linux_flash_open(&second, path, BLOCKS, error), FW_E_FULL);
    assert_non_null(strstr(error, "in use"));
}

static void test_flash_open_of_another_size_is_refused(void **state)
{
    (void)state;
    fw_linux_flash_close(&flash);
    struct fw_linux_flash second;
    assert_int_equal(fw_linux_flash_open(&second, path, BLOCKS + 1, error), FW_E_INVALID);
    assert_non_null(strstr(error, "--flash-blocks"));
    assert_int_equal(fw_linux_flash_open(&second, path, 0, error), FW_E_INVALID);
}

static void fill_blocks(uint32_t first, uint8_t byte)
{
    uint8_t bytes[BLOCK];
    memset(bytes, byte, sizeof(bytes));
    for (uint32_t block = first; block < BLOCKS; block++) {
        assert_int_equal(port.erase(port.self, block), FW_OK);
        assert_int_equal(port.program(port.self, block * BLOCK, bytes, BLOCK), FW_OK);
    }
}

/* Somebody's photo of the same size must not be erased block by block. */
static void test_flash_open_of_a_file_of_something_else_is_refused_and_kept(void **state)
{
    (void)state;
    static const uint8_t fills[] = { 0x00, 'x' };
    uint8_t seen[4];
    for (size_t i = 0; i < sizeof(fills); i++) {
        fill_blocks(0, fills[i]);
        assert_int_equal(reopen(), FW_E_CORRUPT);
        assert_non_null(strstr(error, "is no device's memory"));
        assert_non_null(strstr(error, "name another file"));
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(seen, 1, sizeof(seen), file), sizeof(seen));
        fclose(file);
        assert_int_equal(seen[0], fills[i]);
        teardown(NULL);
        setup(NULL);
    }
}

/* One mark is enough, whatever cuts of power have left in the other blocks. */
static void test_flash_open_knows_a_memory_by_its_log_or_its_snapshot(void **state)
{
    (void)state;
    static struct fw_flash_log log;
    static struct fw_snapshot snapshot;
    struct fw_rng rng = fw_linux_rng();
    int64_t seq;
    assert_int_equal(fw_flash_log_open(&log, &port, 0, 2, &rng), FW_OK);
    assert_int_equal(fw_flash_log_append(&log, "record", 6, &seq), FW_OK);
    fill_blocks(2, 0);
    assert_int_equal(reopen(), FW_OK);

    teardown(NULL);
    setup(NULL);
    assert_int_equal(fw_snapshot_open(&snapshot, &port, 0, 2, 1), FW_OK);
    assert_int_equal(fw_snapshot_save(&snapshot, "state", 5), FW_OK);
    fill_blocks(2, 0);
    assert_int_equal(reopen(), FW_OK);
}

/* The very first write was cut: there is no mark yet, and it is ours all the same. */
static void test_flash_open_of_a_new_memory_that_was_cut_is_taken(void **state)
{
    (void)state;
    uint8_t torn[4] = { 0x12 };
    assert_int_equal(port.program(port.self, 0, torn, sizeof(torn)), FW_OK);
    assert_int_equal(reopen(), FW_OK);
}

static void test_flash_open_where_nothing_can_be_made_says_why(void **state)
{
    (void)state;
    struct fw_linux_flash second;
    assert_int_equal(fw_linux_flash_open(&second, "/nowhere/at-all", BLOCKS, error), FW_E_IO);
    assert_non_null(strstr(error, "cannot be made"));
    assert_int_equal(fw_linux_flash_open(&second, folder, BLOCKS, error), FW_E_IO);
    assert_non_null(strstr(error, "cannot be opened"));
}

static int setup_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/flash", folder);
    return 0;
}

static int teardown_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_flash_open_with_no_file_makes_an_erased_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_leaves_no_half_made_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_program_stays_after_reopen, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_flash_program_that_sets_a_bit_is_refused_and_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_program_and_erase_sync_once_each, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_flash_erase_clears_one_block_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_calls_outside_or_off_words_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_of_a_file_in_use_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_of_another_size_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_flash_open_of_a_file_of_something_else_is_refused_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_knows_a_memory_by_its_log_or_its_snapshot,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_of_a_new_memory_that_was_cut_is_taken,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_flash_open_where_nothing_can_be_made_says_why, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, setup_folder, teardown_folder);
}
