/* Users to watch a system as: one for each run, for as long as it lives. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "kit/base/text.h"
#include "world/watcher.h"

#define USER_SIZE 32

struct holder {
    pid_t pid;
    char user[USER_SIZE]; /* "": it got no user */
};

static char data[] = "/tmp/lockstock-operator-XXXXXX";

static int set_up(void **state)
{
    char path[64];
    (void)state;
    if (mkdtemp(data) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/run", data);
    return mkdir(path, 0700);
}

static int tear_down(void **state)
{
    static const char *const names[] = { "run/simulator-operator-3.lock",
                                         "run/simulator-operator-2.lock" };
    char path[96];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", data, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/run", data);
    return rmdir(path) == 0 ? rmdir(data) : -1;
}

/* Another process takes a user, says which, and keeps it. */
static struct holder hold(void)
{
    struct holder holder = { .pid = 0 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    holder.pid = fork();
    if (holder.pid == 0) {
        struct sim_watcher watcher;
        struct kit_error err;
        char user[USER_SIZE] = "";
        if (sim_watcher_take(&watcher, data, &err) == KIT_OK)
            kit_text_copy(user, sizeof(user), watcher.user);
        if (write(ends[1], user, sizeof(user)) == (ssize_t)sizeof(user))
            (void)pause();
        _exit(1);
    }
    assert_true(holder.pid > 0);
    assert_int_equal(read(ends[0], holder.user, sizeof(holder.user)), sizeof(holder.user));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
    return holder;
}

static void end(const struct holder *holder)
{
    assert_int_equal(kill(holder->pid, SIGKILL), 0);
    assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

static void test_take_of_two_gives_two_names_and_the_third_names_both(void **state)
{
    (void)state;
    struct sim_watcher watcher;
    struct kit_error err = { 0 };
    char pid[16];
    struct holder first = hold(), second = hold();
    assert_string_equal(first.user, "operator-3");
    assert_string_equal(second.user, "operator-2");
    assert_int_equal(sim_watcher_take(&watcher, data, &err), KIT_E_UNAVAILABLE);
    assert_null(watcher.user);
    (void)snprintf(pid, sizeof(pid), "%d", (int)first.pid);
    assert_non_null(strstr(err.text, pid));
    (void)snprintf(pid, sizeof(pid), "%d", (int)second.pid);
    assert_non_null(strstr(err.text, pid));
    end(&first);
    end(&second);
}

static void test_take_after_a_killed_holder_gives_its_name(void **state)
{
    (void)state;
    struct sim_watcher watcher;
    struct kit_error err = { 0 };
    struct holder first = hold(), second = hold();
    end(&first);
    assert_int_equal(sim_watcher_take(&watcher, data, &err), KIT_OK);
    assert_string_equal(watcher.user, "operator-3");
    end(&second);
    sim_watcher_leave(&watcher);
    sim_watcher_leave(&watcher); /* fine without one */
}

static void test_leave_lets_the_next_in(void **state)
{
    (void)state;
    struct sim_watcher watcher;
    struct kit_error err = { 0 };
    assert_int_equal(sim_watcher_take(&watcher, data, &err), KIT_OK);
    sim_watcher_leave(&watcher);
    struct holder next = hold();
    assert_string_equal(next.user, "operator-3");
    end(&next);
}

static void test_take_where_nothing_ran_names_deploy_up(void **state)
{
    (void)state;
    struct sim_watcher watcher;
    struct kit_error err = { 0 };
    assert_int_equal(sim_watcher_take(&watcher, "/nonexistent", &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "deploy/up --data /nonexistent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_of_two_gives_two_names_and_the_third_names_both),
        cmocka_unit_test(test_take_after_a_killed_holder_gives_its_name),
        cmocka_unit_test(test_leave_lets_the_next_in),
        cmocka_unit_test(test_take_where_nothing_ran_names_deploy_up),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
