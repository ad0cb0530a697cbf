/* The loop thread: waits in epoll, dispatches descriptors, then runs every ticker. Must never block
 * anywhere else. Wake-ups from other threads and signals come through one eventfd. */
#include "kit/loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOP_EVENTS_MAX 64 /* taken from the kernel at once */

struct loop_ticker {
    kit_loop_ticker_cb cb;
    void *context;
};

struct kit_loop {
    struct kit_clock clock;
    int epoll_fd;
    int wake_fd;
    atomic_bool stopping;
    int64_t next_mono_ms;                            /* when the earliest ticker wants to run */
    struct kit_loop_watch watches[KIT_LOOP_FDS_MAX]; /* fd -1: free */
    struct loop_ticker tickers[KIT_LOOP_TICKERS_MAX];
    size_t ticker_count;
};

static struct kit_loop_watch *find_watch(struct kit_loop *loop, int fd)
{
    for (size_t i = 0; i < KIT_LOOP_FDS_MAX; i++) {
        if (loop->watches[i].fd == fd)
            return &loop->watches[i];
    }
    return NULL;
}

static int watch_wake_fd(struct kit_loop *loop)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = loop->wake_fd };
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &event);
}

int kit_loop_new(struct kit_loop **ret_loop, const struct kit_clock *clock, struct kit_error *err)
{
    struct kit_loop *loop = calloc(1, sizeof(*loop));
    CHECK(loop != NULL);

    loop->clock = *clock;
    for (size_t i = 0; i < KIT_LOOP_FDS_MAX; i++)
        loop->watches[i].fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0 || watch_wake_fd(loop) != 0) {
        int rc = kit_error_set(err, KIT_E_IO,
                               "cannot make an event loop: %s; raise the limit of "
                               "open files (ulimit -n)",
                               strerror(errno));
        kit_loop_free(loop);
        return rc;
    }
    *ret_loop = loop;
    return KIT_OK;
}

void kit_loop_free(struct kit_loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    free(loop);
}

int kit_loop_add_fd(struct kit_loop *loop, const struct kit_loop_watch *watch,
                    struct kit_error *err)
{
    const int fd = watch->fd;
    PRE(fd >= 0);
    PRE(find_watch(loop, fd) == NULL);

    struct kit_loop_watch *slot = find_watch(loop, -1);
    if (slot == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "the loop already watches %d descriptors",
                             KIT_LOOP_FDS_MAX);
    struct epoll_event event = { .events = watch->epoll_events, .data.fd = fd };
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return kit_error_set(err, KIT_E_IO, "cannot watch descriptor %d: %s", fd, strerror(errno));
    *slot = *watch;
    return KIT_OK;
}

void kit_loop_remove_fd(struct kit_loop *loop, int fd)
{
    PRE(fd >= 0);
    struct kit_loop_watch *slot = find_watch(loop, fd);
    if (slot == NULL)
        return;
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL); /* fails only if already closed */
    slot->fd = -1;
}

void kit_loop_add_ticker(struct kit_loop *loop, kit_loop_ticker_cb cb, void *context)
{
    PRE(loop->ticker_count < KIT_LOOP_TICKERS_MAX);
    loop->tickers[loop->ticker_count++] = (struct loop_ticker){ .cb = cb, .context = context };
    loop->next_mono_ms = 0; /* its first run is due now */
}

void kit_loop_wake(struct kit_loop *loop)
{
    int saved_errno = errno; /* a signal handler must leave it alone */
    uint64_t one = 1;
    /* Fails only when the counter is full, and then the loop is awake anyway. */
    ssize_t written = write(loop->wake_fd, &one, sizeof(one));
    (void)written;
    errno = saved_errno;
}

void kit_loop_stop(struct kit_loop *loop)
{
    atomic_store(&loop->stopping, true);
    kit_loop_wake(loop);
}

bool kit_loop_is_stopping(const struct kit_loop *loop)
{
    return atomic_load(&loop->stopping);
}

static int choose_wait_ms(const struct kit_loop *loop, int64_t timeout_ms)
{
    int64_t now = loop->clock.mono_ms(loop->clock.self);
    int64_t wait = loop->next_mono_ms <= now ? 0 : loop->next_mono_ms - now;
    if (wait > timeout_ms)
        wait = timeout_ms;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

static void run_tickers(struct kit_loop *loop)
{
    int64_t now = loop->clock.mono_ms(loop->clock.self);
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < loop->ticker_count; i++) {
        int64_t want = loop->tickers[i].cb(loop->tickers[i].context, now);
        if (want < next)
            next = want;
    }
    loop->next_mono_ms = next;
}

int kit_loop_turn(struct kit_loop *loop, int64_t timeout_ms, struct kit_error *err)
{
    PRE(timeout_ms >= 0);
    struct epoll_event events[LOOP_EVENTS_MAX];

    int count = epoll_wait(loop->epoll_fd, events, LOOP_EVENTS_MAX,
                           choose_wait_ms(loop, timeout_ms));
    if (count < 0 && errno != EINTR)
        return kit_error_set(err, KIT_E_IO, "epoll_wait failed: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == loop->wake_fd) {
            uint64_t wakes;
            ssize_t got = read(loop->wake_fd, &wakes, sizeof(wakes));
            (void)got; /* only resets the counter */
            continue;
        }
        /* An earlier callback of this turn may have removed it. */
        struct kit_loop_watch *slot = find_watch(loop, events[i].data.fd);
        if (slot != NULL)
            slot->cb(slot->context, events[i].events);
    }
    run_tickers(loop);
    return KIT_OK;
}

int kit_loop_run(struct kit_loop *loop, struct kit_error *err)
{
    while (!kit_loop_is_stopping(loop)) {
        int rc = kit_loop_turn(loop, INT64_MAX, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}
