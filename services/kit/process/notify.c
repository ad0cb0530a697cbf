/* The protocol of sd_notify(3): see notify.h. */
#include "kit/process/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READY_LOOK_MS 50 /* until it is ready, and that is said */

/* false: there is no room for it now, as many others speak. */
static bool say(const struct kit_notify *notify, const char *text)
{
    return send(notify->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 ||
           errno != EAGAIN;
}

/* Returns a socket that is connected to the path ('@': an abstract name), or -1. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const size_t length = path ? strlen(path) : 0;

    if (length < 2 || length >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (connect(fd, (const struct sockaddr *)&address, size) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Of WATCHDOG_USEC, in ms, if it is meant for us. */
static int64_t watchdog_ms(void)
{
    const char *pid = getenv("WATCHDOG_PID");
    const char *text = getenv("WATCHDOG_USEC");

    if (text == NULL || (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid()))
        return 0;
    const long long usec = strtoll(text, NULL, 10);
    return usec > 0 ? (int64_t)(usec / 1000) : 0;
}

bool kit_notify_open(struct kit_notify *notify)
{
    static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" };

    *notify = (struct kit_notify){ .fd = connect_to(getenv("NOTIFY_SOCKET")),
                                   .watchdog_ms = watchdog_ms() };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unsetenv(names[i]);
    return notify->fd >= 0;
}

int64_t kit_notify_tick(void *self, int64_t now_mono_ms)
{
    struct kit_notify *notify = self;
    int64_t due = INT64_MAX;

    if (notify->fd < 0)
        return due;
    if (!notify->is_ready) {
        notify->is_ready = notify->not_ready(notify->context) == NULL && say(notify, "READY=1");
        if (!notify->is_ready)
            due = now_mono_ms + READY_LOOK_MS;
    }
    if (notify->watchdog_ms == 0)
        return due;
    if (now_mono_ms >= notify->watchdog_due_mono_ms) {
        (void)say(notify, "WATCHDOG=1"); /* the next one is in time, too */
        notify->watchdog_due_mono_ms = now_mono_ms + notify->watchdog_ms / 2;
    }
    return due < notify->watchdog_due_mono_ms ? due : notify->watchdog_due_mono_ms;
}

void kit_notify_close(struct kit_notify *notify)
{
    if (notify->fd < 0)
        return;
    (void)say(notify, "STOPPING=1");
    close(notify->fd);
    notify->fd = -1;
}
