/* How many messages each device may send: so many at once, then so many a second. One that floods,
 * by a fault or because somebody has its password, costs nobody else's time: what is beyond is
 * dropped before it is looked at, counted, and sent again by a device that wants it taken (an `up`
 * that gets no ack, rules/devices.md 1.2). Pure; the table is its caller's. Loop thread.
 *
 * A budget that is full again is the same as none, so its row is given to another device. Only rows
 * of devices that were dropped stay, for those who ask; when there is no row left, nothing is
 * dropped. */
#ifndef KIT_SERVICE_DEVICE_BUDGET_H
#define KIT_SERVICE_DEVICE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/rpc/topic.h"

#define DEVICE_BUDGET_BURST 200    /* messages at once */
#define DEVICE_BUDGET_PER_S 50     /* and then */
#define DEVICE_BUDGET_ROWS 1024    /* a power of two */
#define DEVICE_BUDGET_LOG_MS 60000 /* between two lines about one device */

struct device_budget_row {
    char device[KIT_INSTANCE_SIZE]; /* "": nobody's yet */
    int64_t full_at_us;             /* when the whole burst is there again; monotonic */
    int64_t dropped;                /* messages, since the start */
    int64_t log_due_mono_ms;
};

struct device_budget {
    struct device_budget_row rows[DEVICE_BUDGET_ROWS];
    int64_t dropped_total;
};

enum device_budget_say {
    DEVICE_BUDGET_TAKE = 0,
    DEVICE_BUDGET_DROP = 1,
    DEVICE_BUDGET_DROP_AND_SAY = 2, /* for the first time in a while: write a line */
};

/* May this message of the device be looked at? Takes one from its budget, or counts it. */
enum device_budget_say device_budget_take(struct device_budget *budget, const char *device,
                                          int64_t now_mono_ms);

/* How many messages of the device were dropped since the start. */
int64_t device_budget_dropped(const struct device_budget *budget, const char *device);

#endif
