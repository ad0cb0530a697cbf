/* poll(), and who is told about it; see loop.h. */
#include "wire/loop.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "kit/base/check.h"

#define WAIT_MS_MAX 1000

volatile sig_atomic_t sim_loop_interrupted;

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    CHECK(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t sim_now_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t sim_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

void sim_loop_add(struct sim_loop *loop, const struct sim_part *part)
{
    PRE(loop->count < SIM_LOOP_PARTS_MAX);
    loop->parts[loop->count++] = *part;
}

void sim_loop_add_model(struct sim_loop *loop, const struct sim_model *model)
{
    PRE(loop->model_count < SIM_LOOP_PARTS_MAX);
    loop->models[loop->model_count++] = *model;
}

void sim_loop_remove(struct sim_loop *loop, const void *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->count; i++) {
        if (loop->parts[i].self != self)
            loop->parts[kept++] = loop->parts[i];
    }
    loop->count = kept;
    kept = 0;
    for (size_t i = 0; i < loop->model_count; i++) {
        if (loop->models[i].self != self)
            loop->models[kept++] = loop->models[i];
    }
    loop->model_count = kept;
}

static int64_t find_earliest(const struct sim_loop *loop, int64_t until_ms)
{
    for (size_t i = 0; i < loop->count; i++)
        until_ms = sim_earlier(until_ms, loop->parts[i].next_due_ms(loop->parts[i].self));
    for (size_t i = 0; i < loop->model_count; i++)
        until_ms = sim_earlier(until_ms, loop->models[i].next_due_ms(loop->models[i].self));
    return until_ms;
}

/* Parts first, then models: one entry for each model that has a file now. */
static size_t gather(struct sim_loop *loop, struct pollfd *fds, size_t *first)
{
    size_t count = 0;

    for (size_t i = 0; i < loop->count; i++) {
        first[i] = count;
        count += loop->parts[i].add_fds(loop->parts[i].self, fds + count, SIM_LOOP_FDS_MAX - count);
    }
    first[loop->count] = count;
    CHECK(count + loop->model_count <= SIM_LOOP_FDS_MAX);
    for (size_t i = 0; i < loop->model_count; i++) {
        int fd = loop->models[i].poll_fd(loop->models[i].self);
        fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN }; /* -1 is passed over */
    }
    return count;
}

static void tell(struct sim_loop *loop, const struct pollfd *fds, const size_t *first)
{
    int64_t now_ms = sim_now_ms();
    const struct pollfd *model_fds = fds + first[loop->count];

    for (size_t i = 0; i < loop->model_count; i++) {
        if (model_fds[i].revents != 0)
            loop->models[i].on_readable(loop->models[i].self, now_ms);
        loop->models[i].advance(loop->models[i].self, now_ms);
    }
    for (size_t i = 0; i < loop->count; i++)
        loop->parts[i].on_turn(loop->parts[i].self, fds + first[i], first[i + 1] - first[i],
                               now_ms);
}

void sim_loop_turn(struct sim_loop *loop, int64_t until_ms)
{
    struct pollfd fds[SIM_LOOP_FDS_MAX];
    size_t first[SIM_LOOP_PARTS_MAX + 1];

    size_t count = gather(loop, fds, first);
    int64_t wait_ms = find_earliest(loop, until_ms) - sim_now_ms();
    wait_ms = wait_ms < 0 ? 0 : wait_ms > WAIT_MS_MAX ? WAIT_MS_MAX : wait_ms;
    if (poll(fds, (nfds_t)count, (int)wait_ms) < 0) {
        CHECK(errno == EINTR);
        for (size_t i = 0; i < count; i++)
            fds[i].revents = 0;
    }
    tell(loop, fds, first);
}

static void on_signal(int number)
{
    (void)number;
    sim_loop_interrupted = 1;
}

void sim_loop_catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    CHECK(sigaction(SIGINT, &action, NULL) == 0);
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
    action.sa_handler = SIG_IGN;
    CHECK(sigaction(SIGPIPE, &action, NULL) == 0);
}
