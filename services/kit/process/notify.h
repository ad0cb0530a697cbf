/* Tells systemd, or whoever plays it, how this process is: the protocol of sd_notify(3), without
 * its library. Nothing happens where nobody listens (no NOTIFY_SOCKET). One thread. */
#ifndef KIT_PROCESS_NOTIFY_H
#define KIT_PROCESS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct kit_notify {
    int fd;              /* -1: nobody listens */
    int64_t watchdog_ms; /* a word is due so often; 0: none is wanted */
    int64_t watchdog_due_mono_ms;
    bool is_ready; /* and has been said to be */
    /* NULL when ready, else why not. */
    const char *(*not_ready)(void *context);
    void *context;
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment, so
 * that no child speaks for us. Returns whether somebody listens. */
bool kit_notify_open(struct kit_notify *notify);

/* Says READY=1 once not_ready says NULL, again while there is no room for it, and WATCHDOG=1 twice
 * as often as is wanted. Returns when it wants to be called again; INT64_MAX: never. A ticker of
 * the loop. */
int64_t kit_notify_tick(void *notify, int64_t now_mono_ms);

/* Says STOPPING=1, and nothing afterwards. */
void kit_notify_close(struct kit_notify *notify);

#endif
