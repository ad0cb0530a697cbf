/* fork, exec, pipes and waitpid(); see child.h. */
#include "world/child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_MS 10

__attribute__((noreturn)) static void run_program(const char *const *argv, int out_fd,
                                                  const char *log_path, pid_t parent)
{
    int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (log_fd < 0 || null_fd < 0 || getppid() != parent || dup2(null_fd, STDIN_FILENO) < 0 ||
        dup2(out_fd, STDOUT_FILENO) < 0 || dup2(log_fd, STDERR_FILENO) < 0)
        _exit(126);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

int sim_child_start(struct sim_child *child, const char *const *argv, const char *log_path,
                    struct kit_error *err)
{
    int ends[2];

    PRE(child->pid == 0);
    if (access(argv[0], X_OK) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "'%s' cannot be started: %s", argv[0],
                             strerror(errno));
    if (pipe2(ends, O_CLOEXEC) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "no pipe: %s", strerror(errno));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_program(argv, ends[1], log_path, parent);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return kit_error_set(err, KIT_E_UNAVAILABLE, "no process: %s", strerror(errno));
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    child->pid = pid;
    child->out_fd = ends[0];
    child->has_ended = false;
    child->line_size = 0;
    return KIT_OK;
}

static void take_byte(struct sim_child *child, char byte)
{
    if (byte != '\n') {
        if (child->line_size + 1 < SIM_CHILD_LINE_SIZE)
            child->line[child->line_size++] = byte;
        return;
    }
    child->line[child->line_size] = '\0';
    child->line_size = 0;
    if (child->on_line != NULL)
        child->on_line(child->owner, child->line);
}

static void read_lines(struct sim_child *child)
{
    char bytes[4096];

    ssize_t size = read(child->out_fd, bytes, sizeof(bytes));
    for (ssize_t i = 0; i < size; i++)
        take_byte(child, bytes[i]);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        (void)close(child->out_fd);
        child->out_fd = -1;
    }
}

/* True: it is gone. */
static bool reap(struct sim_child *child, int options)
{
    if (child->pid == 0)
        return true;
    if (waitpid(child->pid, &child->status, options) != child->pid)
        return false;
    child->pid = 0;
    child->has_ended = true;
    return true;
}

static void finish(struct sim_child *child)
{
    for (int i = 0; i < 64 && child->out_fd >= 0; i++)
        read_lines(child);
    if (child->out_fd >= 0)
        (void)close(child->out_fd);
    child->out_fd = -1;
}

void sim_child_kill(struct sim_child *child)
{
    if (child->pid == 0)
        return;
    (void)kill(child->pid, SIGKILL);
    (void)reap(child, 0);
    finish(child);
}

void sim_child_stop(struct sim_child *child)
{
    int64_t deadline_ms = sim_now_ms() + SIM_CHILD_END_MS;

    if (child->pid == 0)
        return;
    (void)kill(child->pid, SIGTERM);
    while (!reap(child, WNOHANG) && sim_now_ms() < deadline_ms) {
        struct pollfd fd = { .fd = child->out_fd, .events = POLLIN };
        (void)poll(&fd, 1, POLL_MS);
        if (child->out_fd >= 0)
            read_lines(child);
    }
    sim_child_kill(child);
    finish(child);
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    struct sim_child *child = self;
    if (child->out_fd < 0 || max == 0)
        return 0;
    fds[0] = (struct pollfd){ .fd = child->out_fd, .events = POLLIN };
    return 1;
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct sim_child *child = self;

    (void)now_ms;
    if (count == 1 && fds[0].fd == child->out_fd && fds[0].revents != 0)
        read_lines(child);
    if (child->out_fd < 0 && child->pid != 0 && reap(child, WNOHANG) && child->on_end != NULL)
        child->on_end(child->owner, child->status);
}

static int64_t next_due_ms(void *self)
{
    struct sim_child *child = self;
    return child->pid != 0 && child->out_fd < 0 ? sim_now_ms() + POLL_MS : SIM_NEVER;
}

struct sim_part sim_child_part(struct sim_child *child)
{
    return (struct sim_part){
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = child
    };
}
