/* A database that is removed or replaced while it is open is noticed, by real files. */
#include "fakes/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/process/db_file.h"

static char folder[64];
static char db[128], wal[128], other[128];
static struct kit_db_file file;
static struct kit_error err;

static void make(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-db-file-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(db, sizeof(db), "%s/x.db", folder);
    snprintf(wal, sizeof(wal), "%s/x.db-wal", folder);
    snprintf(other, sizeof(other), "%s/y.db", folder);
    make(db);
    make(wal);
    assert_int_equal(kit_db_file_begin(&file, db, &err), KIT_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(db);
    unlink(wal);
    unlink(other);
    return rmdir(folder);
}

static void assert_seen(const char *path, const char *what)
{
    char begin[200];
    snprintf(begin, sizeof(begin), "%s was %s while", path, what);
    assert_int_equal(kit_db_file_look(&file, &err), KIT_E_IO);
    assert_ptr_equal(strstr(err.text, begin), err.text);
}

static void test_look_at_a_file_in_its_place_is_ok(void **state)
{
    (void)state;
    assert_int_equal(kit_db_file_look(&file, &err), KIT_OK);
    assert_true(kit_db_file_may_close(&file));
    const int fd = open(db, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "grows", 5), 5);
    close(fd);
    assert_int_equal(kit_db_file_look(&file, &err), KIT_OK);
}

static void test_look_at_a_removed_file_names_it(void **state)
{
    (void)state;
    unlink(db);
    assert_seen(db, "removed");
    assert_true(kit_db_file_may_close(&file));
}

static void test_look_at_a_replaced_file_names_it(void **state)
{
    (void)state;
    make(other);
    assert_int_equal(rename(other, db), 0);
    assert_seen(db, "replaced");
    assert_true(kit_db_file_may_close(&file)); /* the log is ours, and must not be read with it */
}

static void test_look_at_a_file_moved_away_and_back_is_ok(void **state)
{
    (void)state;
    assert_int_equal(rename(db, other), 0);
    assert_seen(db, "removed");
    assert_int_equal(rename(other, db), 0);
    assert_int_equal(kit_db_file_look(&file, &err), KIT_OK);
}

static void test_look_at_a_removed_log_names_it_and_the_database_may_be_closed(void **state)
{
    (void)state;
    unlink(wal);
    assert_seen(wal, "removed");
    assert_true(kit_db_file_may_close(&file));
}

static void test_look_at_a_replaced_log_keeps_the_database_from_being_closed(void **state)
{
    (void)state;
    make(other);
    assert_int_equal(rename(other, wal), 0);
    assert_seen(wal, "replaced");
    assert_false(kit_db_file_may_close(&file));
}

static void test_begin_without_a_database_fails(void **state)
{
    (void)state;
    assert_int_equal(kit_db_file_begin(&file, other, &err), KIT_E_IO);
    assert_non_null(strstr(err.text, other));
    char path[KIT_HOST_PATH_SIZE + 8];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(kit_db_file_begin(&file, path, &err), KIT_E_INVALID);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_look_at_a_file_in_its_place_is_ok),
        TEST(test_look_at_a_removed_file_names_it),
        TEST(test_look_at_a_replaced_file_names_it),
        TEST(test_look_at_a_file_moved_away_and_back_is_ok),
        TEST(test_look_at_a_removed_log_names_it_and_the_database_may_be_closed),
        TEST(test_look_at_a_replaced_log_keeps_the_database_from_being_closed),
        TEST(test_begin_without_a_database_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
