/* Prometheus text of delivery. */
#ifndef DELIVERY_METRICS_H
#define DELIVERY_METRICS_H

#include "kit/base/buf.h"

/* app: struct delivery_app. Reads counters only. Loop thread. */
void delivery_metrics(void *app, struct kit_buf *out);

#endif
