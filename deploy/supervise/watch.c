/* Asking processes whether they live: see watch.h. */
#include "deploy/supervise/watch.h"

#include "deploy/supervise/files.h"

void watch_init(struct watch *watch, const struct child *child, int port)
{
    *watch = (struct watch){ .child = child, .port = port, .ask = { .fd = -1 } };
}

void watch_begin(struct watch *watch, int64_t now_mono_ms)
{
    ask_end(&watch->ask);
    probe_begin(&watch->probe, now_mono_ms);
}

struct pollfd watch_pollfd(const struct watch *watch)
{
    return (struct pollfd){ .fd = watch->ask.fd, .events = ask_events(&watch->ask) };
}

static void take(struct watch *watch, enum ask_result result, int64_t now_mono_ms)
{
    if (result != ASK_PENDING)
        probe_on_answer(&watch->probe, result == ASK_RIGHT, now_mono_ms);
}

void watch_on_ready(struct watch *watch, int64_t now_mono_ms)
{
    take(watch, ask_on_ready(&watch->ask), now_mono_ms);
}

bool watch_tick(struct watch *watch, const char *dir, int64_t now_mono_ms)
{
    if (watch->child->pid == 0) {
        ask_end(&watch->ask);
        return false;
    }
    switch (probe_next(&watch->probe, now_mono_ms)) {
    case PROBE_WAIT:
        return false;
    case PROBE_KILL:
        ask_end(&watch->ask);
        return true;
    case PROBE_ASK:
        break;
    }
    const int64_t port = watch->port > 0
                             ? watch->port
                             : files_read_number(dir, watch->child->program->name, "admin");
    if (port <= 0 || port > UINT16_MAX)
        probe_on_unknown(&watch->probe, now_mono_ms);
    else
        take(watch, ask_begin(&watch->ask, (int)port, watch->port > 0 ? "" : "200"), now_mono_ms);
    return false;
}

int64_t watch_due(const struct watch *watch)
{
    return watch->child->pid == 0 ? CHILD_NEVER : watch->probe.due_mono_ms;
}
