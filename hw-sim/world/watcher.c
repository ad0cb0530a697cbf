/* Locks of fcntl(): they name their owner, end with it, and are not inherited; see watcher.h. */
#include "world/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 400

/* In this order. The first of the three operators is left to people. */
static const char *const users[SIM_WATCHER_COUNT] = { "operator-3", "operator-2" };

/* The lock's file descriptor; -1: *ret_owner has it, or is 0 and errno says what is wrong. */
static int lock(const char *path, pid_t *ret_owner)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    *ret_owner = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fcntl(fd, F_SETLK, &whole) == 0)
        return fd;
    int reason = errno;
    if ((reason == EAGAIN || reason == EACCES) && fcntl(fd, F_GETLK, &whole) == 0)
        *ret_owner = whole.l_pid;
    (void)close(fd);
    errno = reason;
    return -1;
}

int sim_watcher_take(struct sim_watcher *watcher, const char *data, struct kit_error *err)
{
    pid_t owners[SIM_WATCHER_COUNT];

    *watcher = (struct sim_watcher){ .fd = -1 };
    for (size_t i = 0; i < SIM_WATCHER_COUNT; i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof(path), "%.300s/run/simulator-%s.lock", data, users[i]);
        int fd = lock(path, &owners[i]);
        if (fd >= 0) {
            *watcher = (struct sim_watcher){ .user = users[i], .fd = fd };
            return KIT_OK;
        }
        if (owners[i] == 0 && errno == ENOENT)
            return kit_error_set(err, KIT_E_UNAVAILABLE,
                                 "no Lockstock has run in '%.150s' yet: start it with deploy/up "
                                 "--data %.150s",
                                 data, data);
        if (owners[i] == 0)
            return kit_error_set(err, KIT_E_UNAVAILABLE, "cannot lock '%s': %s", path,
                                 strerror(errno));
    }
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "%d runs of lockstock-sim play on this system already (processes %d and "
                         "%d): wait until one has ended, or start a system of its own with "
                         "deploy/up --data DIR and name it with --data DIR",
                         SIM_WATCHER_COUNT, (int)owners[0], (int)owners[1]);
}

void sim_watcher_leave(struct sim_watcher *watcher)
{
    if (watcher->user != NULL)
        (void)close(watcher->fd);
    *watcher = (struct sim_watcher){ .fd = -1 };
}
