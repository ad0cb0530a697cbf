/* Processes by pidfd: see child.h. */
#include "deploy/supervise/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_LINE_BYTES_MAX 4096
#define CANNOT_RUN 127 /* as a shell says it */
#define MOSQUITTO_ELSEWHERE                                                                        \
    "/usr/sbin/mosquitto" /* where Debian keeps it; not in PATH of everybody */

/* ---- start ---- */

/* In the new process. What it says of itself stands in its log. */
static void become(struct child *child, const struct child_gifts *gifts)
{
    char *const words[] = { child->path, child->option, child->config, NULL };
    const int nothing_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL); /* the loop ignores it, and exec would keep that */
    if (child->program->nice > 0)
        (void)setpriority(PRIO_PROCESS, 0, child->program->nice);
    if (dup2(nothing_fd, STDIN_FILENO) >= 0 && dup2(gifts->log_fd, STDOUT_FILENO) >= 0 &&
        dup2(gifts->log_fd, STDERR_FILENO) >= 0) {
        if (gifts->sockets != NULL)
            sockets_hand_over(gifts->sockets);
        if (gifts->notify[0] != '\0')
            (void)setenv("NOTIFY_SOCKET", gifts->notify, 1);
        (void)execvp(child->path, words);
        if (errno == ENOENT && strchr(child->path, '/') == NULL)
            (void)execv(MOSQUITTO_ELSEWHERE, words);
    }
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", child->path, strerror(errno));
    _exit(CANNOT_RUN);
}

static void hold(struct child *child, pid_t pid, int pidfd)
{
    child->pid = pid;
    child->pidfd = pidfd;
    child->due_mono_ms = CHILD_NEVER;
}

bool child_is_new(const struct child *child)
{
    return child->pid == 0 && child->due_mono_ms == CHILD_NEVER;
}

int child_start(struct child *child, const struct child_gifts *gifts)
{
    PRE(child->pid == 0);
    const pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0)
        become(child, gifts);
    const int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) {
        const int reason = errno;
        (void)kill(pid, SIGKILL); /* nobody would hear its end */
        (void)waitpid(pid, NULL, 0);
        return reason;
    }
    hold(child, pid, pidfd);
    return 0;
}

/* ---- adoption ---- */

/* Does its command line name the program and the configuration? "" of a zombie does not. */
static bool is_ours(const struct child *child, pid_t pid)
{
    char line[COMMAND_LINE_BYTES_MAX + 1];
    char path[64];
    bool is_program = false;
    bool is_config = false;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t got = read(fd, line, COMMAND_LINE_BYTES_MAX);
    close(fd);
    const size_t size = got > 0 ? (size_t)got : 0;
    line[size] = '\0';
    for (size_t at = 0; at < size; at += strlen(line + at) + 1) {
        const char *word = line + at;
        const char *name = strrchr(word, '/');
        is_program = is_program || strcmp(name ? name + 1 : word, child->program->name) == 0;
        is_config = is_config || strcmp(word, child->config) == 0;
    }
    return is_program && is_config;
}

bool child_adopt(struct child *child, pid_t pid)
{
    PRE(child->pid == 0);
    const int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0)
        return false;
    if (!is_ours(child, pid)) { /* looked at behind pidfd_open: it is the process that we hold */
        close(pidfd);
        return false;
    }
    hold(child, pid, pidfd);
    return true;
}

/* ---- end ---- */

enum life_end child_take_end(struct child *child, char *ret_how, size_t size)
{
    siginfo_t info = { .si_pid = 0 };

    PRE(child->pidfd >= 0);
    const int rc = waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG);
    close(child->pidfd);
    child->pid = 0;
    child->pidfd = -1;
    if (rc != 0 || info.si_pid == 0) { /* adopted: its end is told to its parent */
        snprintf(ret_how, size, "ended");
        return LIFE_END_CRASH;
    }
    if (info.si_code == CLD_EXITED)
        snprintf(ret_how, size, "ended with status %d", info.si_status);
    else
        snprintf(ret_how, size, "was ended by signal %d", info.si_status);
    return info.si_code == CLD_EXITED && info.si_status == 0 ? LIFE_END_CLEAN : LIFE_END_CRASH;
}

void child_signal(const struct child *child, int number)
{
    if (child->pidfd < 0)
        return;
    (void)pidfd_send_signal(child->pidfd, number, NULL, 0);
    (void)pidfd_send_signal(child->pidfd, SIGCONT, NULL, 0);
}
