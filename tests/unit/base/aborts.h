/* Does something abort, as a broken assertion must? */
#ifndef TESTS_UNIT_BASE_ABORTS_H
#define TESTS_UNIT_BASE_ABORTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"

/* Runs what must abort in a child of its own; true when it did, by the signal. */
static inline bool aborts(void (*what)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka would take it for a failure */
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(2);
        what();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
