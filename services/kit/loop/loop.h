/* The one thread of a process: epoll, an eventfd to wake it, and tickers that say when they want to
 * run next. Only kit_loop_wake() and kit_loop_stop() may be called from other threads and signals.
 */
#ifndef KIT_LOOP_LOOP_H
#define KIT_LOOP_LOOP_H

#include "kit/port/ports.h"

#define KIT_LOOP_FDS_MAX 64
#define KIT_LOOP_TICKERS_MAX 16

struct kit_loop;

/* A descriptor that the loop watches; cb runs with the events that came. */
struct kit_loop_watch {
    int fd;
    uint32_t epoll_events;
    void (*cb)(void *context, uint32_t epoll_events);
    void *context;
};

/* Returns the monotonic time at which it wants to run again at the latest, INT64_MAX for never.
 * Tickers run after every wake-up, in the order in which they were added. */
typedef int64_t (*kit_loop_ticker_cb)(void *context, int64_t now_mono_ms);

/* Makes a loop without descriptors and tickers; the clock is copied. KIT_E_IO: the system has no
 * descriptors left, and *ret_loop is untouched. */
int kit_loop_new(struct kit_loop **ret_loop, const struct kit_clock *clock,
                 struct kit_error *err) KIT_MUST_CHECK;
/* Frees the loop, and closes none of the descriptors that it watched. NULL is fine. */
void kit_loop_free(struct kit_loop *loop);

/* Watches one more descriptor, which stays the caller's. The same one twice is a bug. KIT_E_LIMIT:
 * KIT_LOOP_FDS_MAX are watched; KIT_E_IO: epoll does not take it. */
int kit_loop_add_fd(struct kit_loop *loop, const struct kit_loop_watch *watch,
                    struct kit_error *err) KIT_MUST_CHECK;
/* Before the descriptor is closed. One that is not watched is fine; allowed within callbacks. */
void kit_loop_remove_fd(struct kit_loop *loop, int fd);
/* The first run is due at once; a ticker stays until the loop is freed. */
void kit_loop_add_ticker(struct kit_loop *loop, kit_loop_ticker_cb cb, void *context);

/* Ends the present wait, or the next one if there is none. Any thread, async-signal-safe. */
void kit_loop_wake(struct kit_loop *loop);
/* kit_loop_run() returns after the present turn. Any thread, async-signal-safe. */
void kit_loop_stop(struct kit_loop *loop);
/* Turns until it is stopped. KIT_E_IO: epoll failed. */
int kit_loop_run(struct kit_loop *loop, struct kit_error *err) KIT_MUST_CHECK;
/* Whether kit_loop_stop() was called. Any thread. */
bool kit_loop_is_stopping(const struct kit_loop *loop);
/* One turn, at most timeout_ms of waiting: for draining after a stop. */
int kit_loop_turn(struct kit_loop *loop, int64_t timeout_ms, struct kit_error *err) KIT_MUST_CHECK;

#endif
