/* What operators see of rental at /metrics. Loop thread. */
#ifndef RENTAL_METRICS_H
#define RENTAL_METRICS_H

#include "kit/base/buf.h"

/* Appends Prometheus text. `app` is struct rental_app. */
void rental_metrics(void *app, struct kit_buf *out);

#endif
