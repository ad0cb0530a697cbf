/* The lock file: one process at a time, and a crash leaves nothing behind. */
#include "fakes/cmocka_all.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/store/lock.h"

static char folder[64];
static char path[128];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/lockstock-lock-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/x.db.lock", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* A process that takes the lock, says so, and stays until its input ends. */
static pid_t start_holder(int *ret_keep)
{
    int said[2];
    int keep[2];
    char byte = 0;
    assert_int_equal(pipe(said), 0);
    assert_int_equal(pipe(keep), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(keep[1]);
        byte = kit_lock_take(path, NULL) == KIT_OK ? 'y' : 'n';
        bool is_told = write(said[1], &byte, 1) == 1;
        bool is_over = read(keep[0], &byte, 1) == 0;
        _exit(is_told && is_over ? 0 : 1);
    }
    close(said[1]);
    close(keep[0]);
    assert_int_equal(read(said[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(said[0]);
    *ret_keep = keep[1];
    return pid;
}

static void test_take_twice_is_refused_and_names_the_holder(void **state)
{
    (void)state;
    int keep;
    struct kit_error err;
    char holder[32];
    pid_t pid = start_holder(&keep);
    assert_int_equal(kit_lock_take(path, &err), KIT_E_CONFLICT);
    snprintf(holder, sizeof(holder), "process %ld)", (long)pid);
    assert_non_null(strstr(err.text, holder));
    assert_non_null(strstr(err.text, path));
    assert_string_equal(err.type, "already-running");
    close(keep);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_take_after_the_holder_was_killed_succeeds(void **state)
{
    (void)state;
    int keep;
    pid_t pid = start_holder(&keep);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(keep);
    pid = start_holder(&keep); /* asserts that it has it */
    close(keep);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_take_in_a_missing_folder_fails_with_advice(void **state)
{
    (void)state;
    struct kit_error err;
    assert_int_equal(kit_lock_take("/nonexistent/folder/x.lock", &err), KIT_E_IO);
    assert_non_null(strstr(err.text, "/nonexistent/folder/x.lock"));
    assert_non_null(strstr(err.text, "folder exists"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_take_twice_is_refused_and_names_the_holder, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_take_after_the_holder_was_killed_succeeds, setup,
                                        teardown),
        cmocka_unit_test(test_take_in_a_missing_folder_fails_with_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
