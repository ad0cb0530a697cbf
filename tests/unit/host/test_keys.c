/* Keys in files: which are there, which are damaged, and which cannot be read. */
#include "fakes/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/process/system.h"

static char folder[64];
static char path[128];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-keys-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/locker-1.key", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)remove(path);
    return rmdir(folder);
}

static void write_key(const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int find_in(const char *where, const char *name, struct kit_error *ret_err)
{
    const struct kit_keys keys = kit_keys_in(where);
    uint8_t key[KIT_KEY_BYTES];
    int rc = keys.find(keys.self, name, key, ret_err);
    if (rc == KIT_OK)
        assert_int_equal(key[KIT_KEY_BYTES - 1], 0x1f);
    return rc;
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_keys_find_reads_64_digits(void **state)
{
    struct kit_error err = { 0 };
    (void)state;
    write_key(DIGITS "\n");
    assert_int_equal(find_in(folder, "locker-1", &err), KIT_OK);
    assert_int_equal(find_in(folder, "locker-1", NULL), KIT_OK);
}

static void test_keys_find_of_nobody_is_not_found(void **state)
{
    struct kit_error err = { 0 };
    (void)state;
    assert_int_equal(find_in(folder, "locker-1", &err), KIT_E_NOT_FOUND);
    assert_int_equal(find_in("", "locker-1", NULL), KIT_E_NOT_FOUND);
    assert_int_equal(find_in(folder, "../locker-1", &err), KIT_E_NOT_FOUND);
}

static void test_keys_find_damaged_file_is_invalid(void **state)
{
    struct kit_error err = { 0 };
    (void)state;
    write_key("0001");
    assert_int_equal(find_in(folder, "locker-1", &err), KIT_E_INVALID);
}

/* A file that is there is no removed device, whatever keeps us from reading it. Tests run as root
 * too, who may read everything: so it is a link to itself, a folder, and a path through a file. */
static void test_keys_find_file_that_cannot_be_read_is_unavailable(void **state)
{
    struct kit_error err = { 0 };
    (void)state;
    assert_int_equal(symlink("locker-1.key", path), 0);
    assert_int_equal(find_in(folder, "locker-1", &err), KIT_E_UNAVAILABLE);
    assert_true(err.is_internal); /* the path is no matter of customers */
    assert_non_null(strstr(err.text, path));
    assert_int_equal(remove(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(find_in(folder, "locker-1", &err), KIT_E_UNAVAILABLE);
    assert_int_equal(find_in(folder, "locker-1", NULL), KIT_E_UNAVAILABLE);
    assert_int_equal(remove(path), 0);

    write_key(DIGITS);
    assert_int_equal(find_in(path, "locker-1", &err), KIT_E_UNAVAILABLE);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_keys_find_reads_64_digits),
        TEST(test_keys_find_of_nobody_is_not_found),
        TEST(test_keys_find_damaged_file_is_invalid),
        TEST(test_keys_find_file_that_cannot_be_read_is_unavailable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
