/* The one place that knows how a metric is written. Pure; any thread. */
#include "kit/base/metric.h"

void kit_metric_head(struct kit_buf *out, const char *name, const char *type, const char *help)
{
    kit_buf_add_format(out, "# HELP lockstock_%s %s\n# TYPE lockstock_%s %s\n", name, help, name,
                       type);
}

void kit_metric_int(struct kit_buf *out, const char *name, const char *labels, int64_t value)
{
    kit_buf_add_format(out, labels[0] != '\0' ? "lockstock_%s{%s} " : "lockstock_%s%s ", name,
                       labels);
    kit_buf_add_int(out, value);
    kit_buf_add_char(out, '\n');
}

void kit_metric_counter(struct kit_buf *out, const char *name, const char *help, int64_t value)
{
    kit_metric_head(out, name, "counter", help);
    kit_metric_int(out, name, "", value);
}

void kit_metric_gauge(struct kit_buf *out, const char *name, const char *help, int64_t value)
{
    kit_metric_head(out, name, "gauge", help);
    kit_metric_int(out, name, "", value);
}
