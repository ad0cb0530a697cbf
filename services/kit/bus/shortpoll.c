/* Makes paho's poll() short while it connects, by standing in front of it.
 *
 * Why: the thread of paho.mqtt.c 1.3.12 that receives finds out that a socket is connected, and
 * sends CONNECT, only behind its next poll() for what can be read: a whole second. After each loss
 * of the link our callers would wait so long.
 * How: it is short while bus_is_connecting (bus/internal.h) says so; else it is what it was. As
 * bus/nodelay.c this is linked into executables.
 * When it can go: with a paho that acts on a connected socket at once. Any thread. */
#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/bus/internal.h"

#define PAHO_POLL_MS 1000 /* no other wait is touched */
#define SHORT_POLL_MS 5

typedef int (*poll_fn)(struct pollfd *fds, nfds_t count, int timeout_ms);

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    static _Atomic(poll_fn) cached;

    poll_fn found = atomic_load(&cached);
    if (found == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "poll");
        CHECK(symbol != NULL);
        memcpy(&found, &symbol, sizeof(found)); /* ISO C has no cast from void * to function */
        atomic_store(&cached, found);
    }
    const bool is_short = timeout_ms == PAHO_POLL_MS && atomic_load(&bus_is_connecting);
    return found(fds, count, is_short ? SHORT_POLL_MS : timeout_ms);
}
