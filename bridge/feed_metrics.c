/* Names as services have them where the meaning is the same. See feed_metrics.h. */
#include "bridge/feed_metrics.h"

#include "kit/process/admin.h"

#define SOURCE "source=\"" FEED_SOURCE "\""

void feed_metrics_write(const struct bridge *bridge, struct kit_buf *out)
{
    const struct feed *feed = &bridge->feed;
    const struct {
        const char *name, *labels, *type, *help;
        int64_t value;
    } rows[] = {
        { "stream_cursor", SOURCE, "gauge", "Events of the source that were read.",
          feed->follow.follower.seq },
        { "stream_head", SOURCE, "gauge", "Events that the source has, as far as is known.",
          feed->follow.follower.head_seq },
        { "stream_gaps_total", SOURCE, "counter", "Events that came before their predecessors.",
          feed->follow.follower.gap_total },
        { "stream_fetches_total", SOURCE, "counter", "Questions for events that were missed.",
          feed->follow.follower.fetch_total },
        { "sse_events_kept", "", "gauge", "Events from which a reader can resume.",
          (int64_t)(feed->view.ring.next - feed->view.ring.first) },
        { "sse_streams_open", "", "gauge", "Readers of GET /events.",
          (int64_t)bridge->stream_count },
        { "sse_events_sent_total", "", "counter", "Events given to readers.",
          feed->view.counters.events_sent },
        { "sse_resets_total", "", "counter", "Readers who were told to load all again.",
          feed->view.counters.resets },
        { "sse_cut_total", "", "counter", "Readers cut because they were too slow.",
          bridge->metrics.sse_cut },
    };

    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        kit_metric_head(out, rows[i].name, rows[i].type, rows[i].help);
        kit_metric_int(out, rows[i].name, rows[i].labels, rows[i].value);
    }
}
