/* See sim_world.h. */
#include "sim_world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "kit/base/text.h"

static void remember(void *self, const struct sim_event *event)
{
    struct sim_heard *heard = self;
    assert_true(heard->count < SIM_HEARD_MAX);
    heard->events[heard->count].kind = event->kind;
    heard->events[heard->count].at_ms = event->at_ms;
    kit_text_copy(heard->events[heard->count].model, SIM_NAME_SIZE, event->model);
    kit_text_copy(heard->events[heard->count].detail, SIM_EVENT_TEXT_SIZE, event->detail);
    heard->count++;
}

struct sim_listener sim_heard_listener(struct sim_heard *heard)
{
    memset(heard, 0, sizeof(*heard));
    return (struct sim_listener){ remember, heard };
}

size_t sim_heard_count(const struct sim_heard *heard, enum sim_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < heard->count; i++)
        count += heard->events[i].kind == kind ? 1 : 0;
    return count;
}

static size_t first_of(const struct sim_heard *heard, enum sim_event_kind kind)
{
    for (size_t i = 0; i < heard->count; i++) {
        if (heard->events[i].kind == kind)
            return i;
    }
    fail_msg("no event %s", sim_event_kind_name(kind));
    return 0;
}

int64_t sim_heard_at(const struct sim_heard *heard, enum sim_event_kind kind)
{
    return heard->events[first_of(heard, kind)].at_ms;
}

const char *sim_heard_detail(const struct sim_heard *heard, enum sim_event_kind kind)
{
    return heard->events[first_of(heard, kind)].detail;
}

int64_t sim_now_ms(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One turn of a loop: waits for the model's file, the caller's, or the next deadline. */
static void turn(const struct sim_model *model, int fd)
{
    struct pollfd files[2] = { { model->poll_fd(model->self), POLLIN, 0 }, { fd, POLLIN, 0 } };
    int64_t due_ms = model->next_due_ms(model->self);
    int64_t wait_ms = due_ms == SIM_NEVER ? 100 : due_ms - sim_now_ms();
    wait_ms = wait_ms < 0 ? 0 : wait_ms > 100 ? 100 : wait_ms;
    assert_true(poll(files, 2, (int)wait_ms) >= 0 || errno == EINTR);
    if (files[0].revents != 0)
        model->on_readable(model->self, sim_now_ms());
    model->advance(model->self, sim_now_ms());
}

void sim_pump(const struct sim_model *model, bool (*is_so)(void *self), void *self)
{
    int64_t deadline_ms = sim_now_ms() + SIM_PUMP_MS;
    while (!is_so(self)) {
        assert_true(sim_now_ms() < deadline_ms);
        turn(model, -1);
    }
}

void sim_pump_read(const struct sim_model *model, int fd, void *ret_bytes, size_t size)
{
    int64_t deadline_ms = sim_now_ms() + SIM_PUMP_MS;
    size_t got = 0;
    while (got < size) {
        assert_true(sim_now_ms() < deadline_ms);
        turn(model, fd);
        ssize_t count = read(fd, (uint8_t *)ret_bytes + got, size - got);
        assert_true(count >= 0 || errno == EAGAIN);
        got += count > 0 ? (size_t)count : 0;
    }
}

int sim_open_line(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

void sim_write_line(int fd, const void *bytes, size_t size)
{
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
}
