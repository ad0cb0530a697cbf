/* A program that we start, read line by line, and always end: it also dies with us. One thread. */
#ifndef SIM_WORLD_CHILD_H
#define SIM_WORLD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "kit/base/error.h"
#include "wire/loop.h"

#define SIM_CHILD_ARGS_MAX 48
#define SIM_CHILD_LINE_SIZE 1024
#define SIM_CHILD_END_MS 3000 /* after SIGTERM, then SIGKILL */

struct sim_child {
    pid_t pid;  /* 0: does not run */
    int out_fd; /* its standard output; -1 */
    bool has_ended;
    int status; /* of waitpid(), when it has ended */
    char line[SIM_CHILD_LINE_SIZE];
    size_t line_size;
    void (*on_line)(void *owner, const char *line); /* a longer one is cut; NULL: dropped */
    void (*on_end)(void *owner, int status);        /* by itself, not by us; NULL: nobody asks */
    void *owner;
};

/* argv[0] is the path; ends with NULL. Standard error goes (appended) into the file log_path.
 * Errors: KIT_E_UNAVAILABLE. */
int sim_child_start(struct sim_child *child, const char *const *argv, const char *log_path,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Reads lines, notices the end. */
struct sim_part sim_child_part(struct sim_child *child);

/* kill -9: as if the power went. Returns when it is gone. */
void sim_child_kill(struct sim_child *child);

/* SIGTERM, and after SIM_CHILD_END_MS SIGKILL. Returns when it is gone. */
void sim_child_stop(struct sim_child *child);

#endif
