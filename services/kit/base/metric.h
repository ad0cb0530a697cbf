/* Prometheus text. Names are given without "lockstock_"; labels are written as they stand, like
 * `source="product"`, or "" for none. Pure; any thread. */
#ifndef KIT_BASE_METRIC_H
#define KIT_BASE_METRIC_H

#include "kit/base/buf.h"

/* Appends the lines HELP and TYPE. type: "counter" or "gauge". Once per name, before its values. */
void kit_metric_head(struct kit_buf *out, const char *name, const char *type, const char *help);
/* Appends one line below the head of that name: a value with its labels. */
void kit_metric_int(struct kit_buf *out, const char *name, const char *labels, int64_t value);
/* Head and the only value, of a number that only grows while the process lives. */
void kit_metric_counter(struct kit_buf *out, const char *name, const char *help, int64_t value);
/* As kit_metric_counter(), for a number that may fall too. */
void kit_metric_gauge(struct kit_buf *out, const char *name, const char *help, int64_t value);

#endif
