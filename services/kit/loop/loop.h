/* The one thread of a process: epoll, an eventfd to wake it, and tickers that say when they want to
 * run next. Only kit_loop_wake() and kit_loop_stop() may be called from other threads and signals.
 */
#ifndef KIT_LOOP_LOOP_H
#define KIT_LOOP_LOOP_H

#include "kit/port/ports.h"

#define KIT_LOOP_FDS_MAX 64
#define KIT_LOOP_TICKERS_MAX 16

struct kit_loop;

typedef void (*kit_loop_fd_cb)(void *context, uint32_t epoll_events);
/* Returns the monotonic time at which it wants to run again at the latest, INT64_MAX for never.
 * Tickers run after every wake-up, in the order in which they were added. */
typedef int64_t (*kit_loop_ticker_cb)(void *context, int64_t now_mono_ms);

int kit_loop_new(struct kit_loop **ret_loop, const struct kit_clock *clock, struct kit_error *err);
void kit_loop_free(struct kit_loop *loop);
int kit_loop_add_fd(struct kit_loop *loop, int fd, uint32_t epoll_events, kit_loop_fd_cb cb,
                    void *context, struct kit_error *err);
void kit_loop_remove_fd(struct kit_loop *loop, int fd);
void kit_loop_add_ticker(struct kit_loop *loop, kit_loop_ticker_cb cb, void *context);
void kit_loop_wake(struct kit_loop *loop); /* any thread, async-signal-safe */
void kit_loop_stop(struct kit_loop *loop); /* any thread, async-signal-safe: run() returns soon */
int kit_loop_run(struct kit_loop *loop, struct kit_error *err); /* until stopped */
bool kit_loop_is_stopping(const struct kit_loop *loop);
/* One turn, at most timeout_ms of waiting: for draining after a stop. */
int kit_loop_turn(struct kit_loop *loop, int64_t timeout_ms, struct kit_error *err);

/* The production clock and random source. */
const struct kit_clock *kit_system_clock(void);
const struct kit_rng *kit_system_rng(void);

/* Keys in files <folder>/<name>.key; folder is borrowed, "" has none. Thread: the caller's. */
struct kit_keys kit_keys_in(const char *folder);

#endif
