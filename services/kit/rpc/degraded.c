/* When a reason comes and goes: see degraded.h. */
#include "kit/rpc/degraded.h"

#include <inttypes.h>
#include <stdio.h>

#include "kit/base/metric.h"
#include "kit/base/text.h"
#include "kit/rpc/status.h"
#include "kit/rpc/topic.h"

_Static_assert(KIT_DEGRADED_COUNT == KIT_COUNT(((struct msg_wire_service_degraded *)NULL)->reasons),
               "every reason has a place");

/* How long it must be seen without a break. What is counted in whole things does not flap. */
static const struct {
    int64_t comes_ms, goes_ms;
} RULES[KIT_DEGRADED_COUNT] = {
    [DEGRADED_REASON_STUCK] = { 0, 5000 }, /* has its own time: kit/stream/debts.h */
    [DEGRADED_REASON_HISTORY] = { 0, 0 },
    [DEGRADED_REASON_LAG] = { 5000, 5000 }, /* a burst is no debt */
    [DEGRADED_REASON_CLOCK] = { 5000, 5000 },
    [DEGRADED_REASON_QUEUE] = { 2000, 5000 },
    [DEGRADED_REASON_DISK] = { 0, 10000 },
    [DEGRADED_REASON_LETTERS] = { 0, 0 },
    [DEGRADED_REASON_BROKER] = { 2000, 0 }, /* a restart of the broker is shorter */
    [DEGRADED_REASON_TWINS] = { 0, 0 },     /* how long since is looked at: service/degraded.c */
    [DEGRADED_REASON_FLOOD] = { 2000, 5000 },
};

void kit_degraded_init(struct kit_degraded *degraded, const struct kit_log *log)
{
    *degraded = (struct kit_degraded){ .log = log };
    for (size_t i = 0; i < KIT_DEGRADED_COUNT; i++)
        degraded->changing_mono_ms[i] = INT64_MAX;
}

enum kit_degraded_level kit_degraded_level(int64_t value, int64_t bad, int64_t fine)
{
    PRE(fine < bad);
    if (value >= bad)
        return KIT_DEGRADED_BAD;
    return value <= fine ? KIT_DEGRADED_FINE : KIT_DEGRADED_BETWEEN;
}

static void turn(struct kit_degraded *degraded, enum degraded_reason reason,
                 struct kit_degraded_now now)
{
    struct msg_degraded_reason *known = &degraded->reasons[reason];
    const char *name = degraded_reason_text(reason);

    degraded->is_on[reason] = !degraded->is_on[reason];
    degraded->changing_mono_ms[reason] = INT64_MAX;
    if (degraded->is_on[reason]) {
        known->reason = reason;
        known->since_ms = now.wall_ms;
        kit_log_write(degraded->log, KIT_WARN, "degraded", "%s: %s", name, known->text);
    } else {
        kit_log_write(degraded->log, KIT_INFO, "degraded_over", "%s: over after %" PRId64 " s",
                      name, (now.wall_ms - known->since_ms) / 1000);
    }
}

void kit_degraded_look(struct kit_degraded *degraded, enum degraded_reason reason,
                       const struct kit_degraded_view *view, struct kit_degraded_now now)
{
    const bool is_on = degraded->is_on[reason];
    const enum kit_degraded_level other = is_on ? KIT_DEGRADED_FINE : KIT_DEGRADED_BAD;
    int64_t *changing_mono_ms = &degraded->changing_mono_ms[reason];

    if (view->level != KIT_DEGRADED_FINE && view->text[0] != '\0')
        kit_text_copy(degraded->reasons[reason].text, KIT_DEGRADED_TEXT_SIZE, view->text);
    if (view->level != other) {
        *changing_mono_ms = INT64_MAX;
        return;
    }
    if (*changing_mono_ms == INT64_MAX)
        *changing_mono_ms = now.mono_ms;
    if (now.mono_ms - *changing_mono_ms >= (is_on ? RULES[reason].goes_ms : RULES[reason].comes_ms))
        turn(degraded, reason, now);
}

size_t kit_degraded_list(const struct kit_degraded *degraded,
                         struct msg_degraded_reason ret[KIT_DEGRADED_COUNT])
{
    size_t count = 0;

    for (size_t i = 0; i < KIT_DEGRADED_COUNT; i++) {
        if (degraded->is_on[i])
            ret[count++] = degraded->reasons[i];
    }
    return count;
}

void kit_degraded_tell(struct kit_degraded *degraded, const struct kit_bus *bus,
                       const char *instance)
{
    struct msg_wire_service_degraded word;
    char topic[KIT_TOPIC_SIZE];
    struct kit_buf payload;

    word.reasons_count = kit_degraded_list(degraded, word.reasons);
    if (word.reasons_count == 0 && !degraded->was_told)
        return;
    kit_buf_init(&payload, KIT_DEGRADED_BYTES_MAX);
    msg_wire_service_degraded_encode(&word, &payload);
    kit_topic_degraded(topic, instance);
    if (kit_word_publish(bus, topic, &payload))
        degraded->was_told = word.reasons_count > 0;
    kit_buf_done(&payload);
}

void kit_degraded_write_ready(const struct kit_degraded *degraded, const char *why,
                              struct kit_buf *out)
{
    bool is_first = true;

    kit_buf_add_text(out, why == NULL ? "{\"ready\":true" : "{\"ready\":false,\"why\":");
    if (why != NULL)
        kit_buf_add_json_string(out, why);
    kit_buf_add_text(out, ",\"degraded\":[");
    for (size_t i = 0; i < KIT_DEGRADED_COUNT; i++) {
        if (!degraded->is_on[i])
            continue;
        if (!is_first)
            kit_buf_add_char(out, ',');
        msg_degraded_reason_encode(&degraded->reasons[i], out);
        is_first = false;
    }
    kit_buf_add_text(out, "]}\n");
}

void kit_degraded_write_metrics(const struct kit_degraded *degraded, struct kit_buf *out)
{
    char labels[40];

    kit_metric_head(out, "degraded", "gauge", "1 while the process is degraded for this reason.");
    for (size_t i = 0; i < KIT_DEGRADED_COUNT; i++) {
        snprintf(labels, sizeof(labels), "reason=\"%s\"", degraded_reason_texts[i]);
        kit_metric_int(out, "degraded", labels, degraded->is_on[i]);
    }
}
