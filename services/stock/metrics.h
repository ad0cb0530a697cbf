/* The numbers of stock for operators; METRICS.md lists them. Loop thread. */
#ifndef STOCK_METRICS_H
#define STOCK_METRICS_H

#include "kit/base/buf.h"

/* Appends the metrics of a struct stock_app in Prometheus text. */
void stock_metrics(void *app, struct kit_buf *out);

#endif
