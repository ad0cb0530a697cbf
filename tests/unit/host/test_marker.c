/* The marker of a database, by real files. */
#include "fakes/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/process/marker.h"

static char folder[64];
static char path[128];
static struct kit_error err;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-marker-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/rental.exists", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void read_marker(char *ret_text, size_t size_bytes)
{
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    const ssize_t length = read(fd, ret_text, size_bytes - 1);
    assert_true(length >= 0);
    ret_text[length] = '\0';
    assert_int_equal(close(fd), 0);
}

static void test_marker_is_written_once_and_names_the_database(void **state)
{
    char text[400];
    (void)state;
    assert_false(kit_marker_is_there(path));
    assert_int_equal(kit_marker_write(path, "/var/db/rental.db", &err), KIT_OK);
    assert_true(kit_marker_is_there(path));
    read_marker(text, sizeof(text));
    assert_non_null(strstr(text, "There is a database at /var/db/rental.db."));
    assert_int_equal(kit_marker_write(path, "/elsewhere.db", &err), KIT_OK);
    read_marker(text, sizeof(text));
    assert_null(strstr(text, "/elsewhere.db"));
}

static void test_no_marker_is_wanted(void **state)
{
    (void)state;
    assert_false(kit_marker_is_there(""));
    assert_int_equal(kit_marker_write("", "/var/db/rental.db", &err), KIT_OK);
}

static void test_marker_that_cannot_be_written_says_so(void **state)
{
    char nowhere[200];
    (void)state;
    snprintf(nowhere, sizeof(nowhere), "%s/none/rental.exists", folder);
    assert_false(kit_marker_is_there(nowhere));
    assert_int_equal(kit_marker_write(nowhere, "/var/db/rental.db", &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "cannot write the marker"));
}

/* To take it for missing would be to begin the numbers again. */
static void test_marker_that_cannot_be_looked_at_is_there(void **state)
{
    char loop[200];
    (void)state;
    snprintf(loop, sizeof(loop), "%s/rental.exists/x", folder);
    assert_int_equal(symlink(path, path), 0); /* leads to itself: ELOOP, for root too */
    assert_true(kit_marker_is_there(loop));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_marker_is_written_once_and_names_the_database),
        TEST(test_no_marker_is_wanted),
        TEST(test_marker_that_cannot_be_written_says_so),
        TEST(test_marker_that_cannot_be_looked_at_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
