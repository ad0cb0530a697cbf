/* What the bridge counts of the feed and its readers, as Prometheus text. Loop thread. */
#ifndef BRIDGE_FEED_METRICS_H
#define BRIDGE_FEED_METRICS_H

#include "bridge/bridge.h"

/* Appends how far the ring is in its source's log, and how many read it. */
void feed_metrics_write(const struct bridge *bridge, struct kit_buf *out);

#endif
