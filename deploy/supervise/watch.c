/* Asking processes whether they live: see watch.h. */
#include "deploy/supervise/watch.h"

#include <string.h>

#include "deploy/supervise/files.h"

void watch_init(struct watch *watch, const struct child *child, int port)
{
    *watch = (struct watch){ .child = child, .port = port, .ask = { .fd = -1 } };
    ping_init(&watch->ping);
}

void watch_init_broker(struct watch *watch, const struct child *child, int port)
{
    watch_init(watch, child, port);
    watch->is_broker = true;
}

static void forget(struct watch *watch)
{
    ask_end(&watch->ask);
    ping_end(&watch->ping);
}

void watch_begin(struct watch *watch, int64_t now_mono_ms)
{
    forget(watch);
    ping_init(&watch->ping);
    probe_begin(&watch->probe, now_mono_ms);
}

struct pollfd watch_pollfd(const struct watch *watch)
{
    if (watch->is_broker)
        return (struct pollfd){ .fd = watch->ping.fd, .events = ping_events(&watch->ping) };
    return (struct pollfd){ .fd = watch->ask.fd, .events = ask_events(&watch->ask) };
}

static void take(struct watch *watch, enum ask_result result, int64_t now_mono_ms)
{
    if (result == ASK_PENDING)
        return;
    if (watch->is_broker && !watch->ping.was_right)
        probe_on_unknown(&watch->probe, now_mono_ms);
    else
        probe_on_answer(&watch->probe, result == ASK_RIGHT, now_mono_ms);
}

void watch_on_ready(struct watch *watch, int64_t now_mono_ms)
{
    take(watch, watch->is_broker ? ping_on_ready(&watch->ping) : ask_on_ready(&watch->ask),
         now_mono_ms);
}

static void begin(struct watch *watch, const char *dir, int64_t now_mono_ms)
{
    char path[FILES_PATH_SIZE];
    char password[PING_PASSWORD_SIZE];

    const char *name = watch->child->program->name;
    const bool has_socket = files_exists(dir, name, "sock");
    if (has_socket)
        files_path(dir, name, "sock", path);
    if (watch->is_broker) {
        files_read_text(dir, "secrets/" PING_USER, password, sizeof(password));
        password[strcspn(password, "\n")] = '\0';
        take(watch, ping_begin(&watch->ping, has_socket ? path : NULL, watch->port, password),
             now_mono_ms);
    } else if (watch->port > 0) {
        take(watch, ask_begin_port(&watch->ask, watch->port), now_mono_ms);
    } else if (has_socket) {
        take(watch, ask_begin(&watch->ask, path), now_mono_ms);
    } else {
        probe_on_unknown(&watch->probe, now_mono_ms);
    }
}

bool watch_tick(struct watch *watch, const char *dir, int64_t now_mono_ms)
{
    if (watch->child->pid == 0) {
        forget(watch);
        return false;
    }
    switch (probe_next(&watch->probe, now_mono_ms)) {
    case PROBE_WAIT:
        return false;
    case PROBE_KILL:
        forget(watch);
        return true;
    case PROBE_ASK:
        begin(watch, dir, now_mono_ms);
        return false;
    }
    return false;
}

int64_t watch_due(const struct watch *watch)
{
    return watch->child->pid == 0 ? CHILD_NEVER : watch->probe.due_mono_ms;
}
