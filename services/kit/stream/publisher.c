/* Sends committed rows in order, as far as the in-flight ring allows. Loop thread. */
#include "kit/stream/publisher.h"
#include "kit/base/text.h"

#include <stdio.h>
#include <string.h>

#include "kit/rpc/topic.h"
#include "msg/wire_head.gen.h"

#define HEAD_BYTES_MAX 256

void kit_publisher_init(struct kit_publisher *publisher, struct kit_event_log *log,
                        const struct kit_bus *bus)
{
    *publisher = (struct kit_publisher){
        .log = log,
        .bus = bus,
        .events_max = KIT_STREAM_EVENTS_MAX,
        .in_flight_max = KIT_PUBLISHER_IN_FLIGHT_MAX,
        .committed_seq = log->head,
        /* What a former life did not get through, the consumers fetch when they see the head. */
        .sent_seq = log->head,
        .acked_seq = log->head,
    };
    kit_topic_stream(publisher->stream_topic, log->source);
    kit_topic_head(publisher->head_topic, log->source);
    kit_buf_init(&publisher->batch, KIT_STREAM_BYTES_MAX + KIT_ENVELOPE_BYTES_MAX);
}

void kit_publisher_done(struct kit_publisher *publisher)
{
    kit_buf_done(&publisher->batch);
}

static void send_head(struct kit_publisher *publisher, bool retain)
{
    struct kit_buf buf;
    /* While messages are on their way, the head is what the broker surely has: a higher one would
     * make every consumer fetch what is about to arrive. */
    struct msg_wire_head head = {
        .seq = publisher->sent_seq == publisher->committed_seq && publisher->count == 0
                   ? publisher->committed_seq
                   : publisher->acked_seq,
    };
    kit_text_copy(head.source, sizeof(head.source), publisher->log->source);
    kit_text_copy(head.epoch, sizeof(head.epoch), publisher->log->epoch);
    kit_buf_init(&buf, HEAD_BYTES_MAX);
    msg_wire_head_encode(&head, &buf);
    CHECK(!buf.overflow);

    const struct kit_message message = {
        .topic = publisher->head_topic,
        .payload = buf.data,
        .payload_size_bytes = buf.size_bytes,
        .qos = retain ? 1 : 0,
        .retain = retain,
        .now_ms = retain ? 0 : publisher->now_ms,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    (void)publisher->bus->publish(publisher->bus->self, &message, 0,
                                  NULL); /* the next one follows */
    kit_buf_done(&buf);
}

void kit_publisher_on_link(struct kit_publisher *publisher, bool is_up)
{
    publisher->is_up = is_up;
    publisher->generation++;
    publisher->first = publisher->count = 0;
    publisher->sent_seq = publisher->acked_seq;
    publisher->told_seq = -1;
    if (is_up)
        send_head(publisher, true);
}

void kit_publisher_on_commit(struct kit_publisher *publisher)
{
    publisher->committed_seq = publisher->log->head;
}

static uint64_t make_cookie(const struct kit_publisher *publisher, size_t slot)
{
    return (publisher->generation << 8 | slot) + 1; /* 0 means that nobody waits */
}

void kit_publisher_on_published(struct kit_publisher *publisher, uint64_t cookie, int code)
{
    const uint64_t value = cookie - 1;
    const size_t slot = value & 0xff;

    if (value >> 8 != publisher->generation)
        return;
    if (code != KIT_OK) {
        /* The broker refused or lost it: start again behind the last one it confirmed. */
        publisher->generation++;
        publisher->first = publisher->count = 0;
        publisher->sent_seq = publisher->acked_seq;
        publisher->is_paused =
            true; /* until the next heartbeat: a broker that says no is not hammered */
        return;
    }
    publisher->is_done[slot] = true;
    while (publisher->count > 0 && publisher->is_done[publisher->first]) {
        publisher->acked_seq = publisher->in_flight[publisher->first];
        publisher->first = (publisher->first + 1) % KIT_PUBLISHER_IN_FLIGHT_MAX;
        publisher->count--;
    }
}

bool kit_publisher_wants_pump(const struct kit_publisher *publisher)
{
    return publisher->is_up && !publisher->is_paused &&
           publisher->sent_seq < publisher->committed_seq &&
           publisher->count < publisher->in_flight_max;
}

static int send_batch(struct kit_publisher *publisher, int64_t last, struct kit_error *err)
{
    const size_t slot = (publisher->first + publisher->count) % KIT_PUBLISHER_IN_FLIGHT_MAX;
    const struct kit_message message = {
        .topic = publisher->stream_topic,
        .payload = publisher->batch.data,
        .payload_size_bytes = publisher->batch.size_bytes,
        .qos = 1,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };

    int rc = publisher->bus->publish(publisher->bus->self, &message, make_cookie(publisher, slot),
                                     err);
    if (rc != KIT_OK)
        return rc;
    publisher->in_flight[slot] = last;
    publisher->is_done[slot] = false;
    publisher->count++;
    publisher->messages_total++;
    publisher->events_total += last - publisher->sent_seq;
    publisher->sent_seq = last;
    return KIT_OK;
}

int kit_publisher_pump(struct kit_publisher *publisher, struct kit_error *err)
{
    while (kit_publisher_wants_pump(publisher)) {
        const struct kit_log_page page = {
            .after = publisher->sent_seq,
            .until = publisher->committed_seq,
            .limit = publisher->events_max,
            .bytes_max = KIT_STREAM_BYTES_MAX,
            .out = &publisher->batch,
        };
        int64_t last = 0;
        kit_buf_reset(&publisher->batch);
        int rc = kit_event_log_read(publisher->log, &page, &last, err);
        if (rc != KIT_OK)
            return rc;
        CHECK(last > publisher->sent_seq && !publisher->batch.overflow);
        if (send_batch(publisher, last, NULL) != KIT_OK)
            return KIT_OK; /* the bus is full or away; a completion or the link brings us back */
    }
    return KIT_OK;
}

/* What was committed, or connected, is said at the quick pace again. */
static void look_for_change(struct kit_publisher *publisher, int64_t now_mono_ms)
{
    const bool is_new = publisher->told_seq != publisher->committed_seq;

    if (!is_new && publisher->acked_seq == publisher->committed_seq)
        return;
    publisher->told_seq = publisher->committed_seq;
    publisher->busy_until_mono_ms = now_mono_ms + KIT_HEAD_BUSY_MS;
    if (publisher->next_head_mono_ms > now_mono_ms + KIT_HEAD_PERIOD_MS)
        publisher->next_head_mono_ms = now_mono_ms + KIT_HEAD_PERIOD_MS;
}

int64_t kit_publisher_tick(struct kit_publisher *publisher, int64_t now_mono_ms)
{
    if (!publisher->is_up)
        return INT64_MAX;
    look_for_change(publisher, now_mono_ms);
    if (now_mono_ms >= publisher->next_head_mono_ms) {
        const bool is_busy = now_mono_ms < publisher->busy_until_mono_ms;
        publisher->is_paused = false;
        send_head(publisher, false);
        publisher->next_head_mono_ms = now_mono_ms +
                                       (is_busy ? KIT_HEAD_PERIOD_MS : KIT_HEAD_IDLE_MS);
    }
    return publisher->next_head_mono_ms;
}
