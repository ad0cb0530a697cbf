/* The listening sockets of the bridge: the supervisor holds them and hands them over, so that
 * connections wait while the bridge is started again, instead of being refused. One thread. */
#ifndef DEPLOY_SUPERVISE_SOCKETS_H
#define DEPLOY_SUPERVISE_SOCKETS_H

#include <stdbool.h>

#define SOCKETS_LOOK_MS 2
#define SOCKETS_COUNT 5 /* HTTP ports of the bridge */

struct sockets {
    int fds[SOCKETS_COUNT];
    bool are_open; /* all of them, or none */
};

/* Listens on loopback at base_port and the four after it, unless it does so already. When one
 * cannot be had none is kept: then the bridge listens by itself, or says why not. */
void sockets_open(struct sockets *sockets, int base_port);

/* The same sockets out of a bridge that lives already, which got them from the supervisor before
 * us. None are kept when there is no bridge (-1), when the kernel does not let us, or when it
 * listens elsewhere. */
void sockets_take(struct sockets *sockets, int bridge_pidfd, int base_port);

/* From now on nobody but the bridge listens. */
void sockets_close(struct sockets *sockets);

/* In the new process, before exec: they become descriptors 3 and up, and the environment says so,
 * as sd_listen_fds(3) wants it. Nothing happens when none are open. */
void sockets_hand_over(const struct sockets *sockets);

/* Whether somebody listens on loopback at the port. Waits SOCKETS_LOOK_MS at most. */
bool sockets_is_heard(int port);

#endif
