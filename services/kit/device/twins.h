/* Two devices under one identity: the broker lets each connect throw the other one out, so they
 * take turns for ever, and what each has told is half of a log. It shows in what `online` says: a
 * device that starts again has another boot, so a pair of log and boot that comes back after
 * another one is of a device that has run all the while (rules/devices.md 7.10).
 *
 * Pure; the table is its caller's. It is in memory: after a start two more turns show it again. Of
 * devices that meet in a row only the latest is looked at, unless the other is known as a twin. */
#ifndef KIT_DEVICE_TWINS_H
#define KIT_DEVICE_TWINS_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/device/log_follower.h"
#include "kit/rpc/topic.h"

#define KIT_TWINS_ROWS 512     /* a power of two */
#define KIT_TWINS_TURNS 2      /* pairs that came back: once may be a message that was late */
#define KIT_TWINS_LOG_MS 60000 /* between two lines about one device */

struct kit_twins_pair {
    char epoch[KIT_LOG_EPOCH_SIZE];
    int64_t boot;
};

struct kit_twins_row {
    char device[KIT_INSTANCE_SIZE]; /* "": nobody's yet */
    struct kit_twins_pair latest, before;
    int64_t turns;      /* pairs that came back */
    int64_t seen_at_ms; /* the last of them; wall clock */
    int64_t log_due_mono_ms;
};

struct kit_twins {
    struct kit_twins_row rows[KIT_TWINS_ROWS];
    int64_t turns_total; /* of those that are known as twins */
};

struct kit_twins_online {
    const char *device;
    const char *epoch;
    int64_t boot;
    int64_t now_ms; /* wall clock */
    int64_t now_mono_ms;
};

/* A device has said `online`. true: somebody should be told, now, that there are two of it. */
bool kit_twins_on_online(struct kit_twins *twins, const struct kit_twins_online *online);

/* When a second one was last seen under the device's name, by the wall clock; 0: never. */
int64_t kit_twins_seen_at(const struct kit_twins *twins, const char *device);

#endif
