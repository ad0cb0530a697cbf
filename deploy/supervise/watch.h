/* Which processes are asked whether they live, and where: each at its admin socket, the bridge also
 * at its own first port, whose connections may fail while the other answers, the broker at its
 * own. One thread. */
#ifndef DEPLOY_SUPERVISE_WATCH_H
#define DEPLOY_SUPERVISE_WATCH_H

#include <poll.h>

#include "deploy/supervise/ask.h"
#include "deploy/supervise/child.h"
#include "deploy/supervise/ping.h"
#include "deploy/supervise/probe.h"

/* One that is watched, at one of its places. */
struct watch {
    const struct child *child; /* borrowed for its life */
    int port;                  /* 0: its admin socket */
    bool is_broker;
    struct probe probe;
    struct ask ask;   /* of all but the broker */
    struct ping ping; /* of the broker */
};

/* Watches from now on a process that may not run yet, at its admin socket, or at a port if that is
 * not 0. */
void watch_init(struct watch *watch, const struct child *child, int port);

/* The same for the broker. Until it has answered once since its start it may be reading what it
 * has kept, and a connection that is refused then is no miss. */
void watch_init_broker(struct watch *watch, const struct child *child, int port);

/* Its process was started, or found alive, now. */
void watch_begin(struct watch *watch, int64_t now_mono_ms);

/* What poll() is to look at: a descriptor of -1 while nothing is asked. */
struct pollfd watch_pollfd(const struct watch *watch);

/* poll() has seen something. */
void watch_on_ready(struct watch *watch, int64_t now_mono_ms);

/* Asks when it is time. Returns whether the process hangs and must be killed; says so never of one
 * that does not run. dir: where its admin socket, or its secret, is. */
bool watch_tick(struct watch *watch, const char *dir, int64_t now_mono_ms);

/* When watch_tick() has something to do; CHILD_NEVER while the process does not run. */
int64_t watch_due(const struct watch *watch);

#endif
