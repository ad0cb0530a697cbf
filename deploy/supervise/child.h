/* One process that the supervisor starts, or finds alive, and hears the end of. A pid is never
 * trusted by itself: every process is held by a pidfd, which stays the same process. One thread. */
#ifndef DEPLOY_SUPERVISE_CHILD_H
#define DEPLOY_SUPERVISE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "deploy/supervise/halt.h"
#include "deploy/supervise/life.h"
#include "deploy/supervise/sockets.h"
#include "kit/base/check.h"

#define CHILD_PATH_SIZE 512
#define CHILD_NEVER INT64_MAX

/* What is to run. Its pid is in DIR/run/NAME.pid, what it says in DIR/log/NAME.log. */
struct child_program {
    const char *name;
    enum halt_group group;
    int nice; /* above 0: what it does may wait a little while orders pour in; it works from logs */
    const char *needs; /* only where DIR has this small file, with something in it; NULL: always */
};

struct child {
    const struct child_program *program;
    char path[CHILD_PATH_SIZE];   /* of the executable; a bare name is looked for in PATH */
    char option[16];              /* before config */
    char config[CHILD_PATH_SIZE]; /* file or folder on its command line, by which it is known as
                                     ours */
    pid_t pid;                    /* 0: it does not run */
    int pidfd;                    /* -1: it does not run; readable when it has ended */
    struct life life;
    int64_t due_mono_ms; /* when it is started again; CHILD_NEVER: not */
};

/* Whether it has never run, and is not about to. */
bool child_is_new(const struct child *child);

/* What a new process gets from us. */
struct child_gifts {
    int log_fd;                    /* behind its output */
    const struct sockets *sockets; /* handed over to it; NULL: none */
    const char *notify;            /* where it says that it is ready; "": nowhere */
};

/* Starts it with no signal blocked. Errno when it cannot be. */
int child_start(struct child *child, const struct child_gifts *gifts) KIT_MUST_CHECK;

/* Takes a process that lives already: true if the pid is one, and its command line is ours. */
bool child_adopt(struct child *child, pid_t pid);

/* It has ended (its pidfd is readable): how, in words of at most size bytes, as "ended with status
 * 1". The child then does not run. */
enum life_end child_take_end(struct child *child, char *ret_how, size_t size);

/* Sends a signal if it runs. One that was stopped (SIGSTOP) wakes up to hear it. */
void child_signal(const struct child *child, int number);

#endif
