/* A ring of texts. See history.h. */
#include "bridge/history.h"

#include <string.h>

#include "kit/base/text.h"
#include "kit/base/time.h"

/* Where the index-th oldest one is, or is to be. */
static size_t place_of(const struct history *history, size_t index)
{
    return (history->first + index) % HISTORY_SAMPLES_MAX;
}

void history_init(struct history *history)
{
    *history = (struct history){ .first = 0 };
    for (size_t i = 0; i < HISTORY_SAMPLES_MAX; i++)
        kit_buf_init(&history->samples[i].text, HISTORY_SAMPLE_BYTES_MAX);
}

void history_done(struct history *history)
{
    for (size_t i = 0; i < HISTORY_SAMPLES_MAX; i++)
        kit_buf_done(&history->samples[i].text);
    history->count = history->bytes = 0;
}

/* ---- taking ---- */

/* Its reasons, a bit each. */
static unsigned owed_by(const struct msg_http_process *process)
{
    unsigned owed = 0;

    for (size_t i = 0; process->has_degraded && i < process->degraded_count; i++)
        owed |= 1U << process->degraded[i].reason;
    return owed;
}

static void look_at(const struct msg_http_process_list *list, struct history_look *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->link = list->broker.link;
    ret->count = list->embedded.processes_count;
    for (size_t i = 0; i < ret->count; i++)
        ret->states[i] = list->embedded.processes[i].state;
    for (size_t i = 0; i < ret->count; i++)
        ret->owed[i] = owed_by(&list->embedded.processes[i]);
}

static bool is_same(const struct history_look *a, const struct history_look *b)
{
    return a->link == b->link && a->count == b->count &&
           memcmp(a->states, b->states, sizeof(a->states)) == 0 &&
           memcmp(a->owed, b->owed, sizeof(a->owed)) == 0;
}

/* The first or the last. */
static void forget_end(struct history *history, size_t index)
{
    struct history_sample *sample = &history->samples[place_of(history, index)];

    history->bytes -= sample->text.size_bytes;
    kit_buf_done(&sample->text);
    history->count--;
}

static void forget_oldest(struct history *history)
{
    forget_end(history, 0);
    history->first = place_of(history, 1);
}

/* The clock was set back: what is not older than now would hide all that comes from whoever asks
 * for what is younger than the last that he has. */
static void forget_future(struct history *history, int64_t now_ms)
{
    while (history->count > 0 &&
           history->samples[place_of(history, history->count - 1)].at_ms >= now_ms)
        forget_end(history, history->count - 1);
}

static void write_sample(const struct msg_http_process_list *list, struct kit_buf *out)
{
    char at[KIT_TIME_TEXT_SIZE];

    kit_time_to_text(list->at_ms, at);
    kit_buf_add_format(out, "{\"at\":\"%s\",\"broker\":{\"link\":\"%s\"", at,
                       list->broker.link == BROKER_LINK_UP ? "up" : "down");
    if (list->broker.has_round_trip_ms) {
        kit_buf_add_text(out, ",\"roundTripMs\":");
        kit_buf_add_int(out, list->broker.round_trip_ms);
    }
    kit_buf_add_text(out, "},\"processes\":[");
    for (size_t i = 0; i < list->embedded.processes_count; i++) {
        if (i > 0)
            kit_buf_add_char(out, ',');
        msg_http_process_encode(&list->embedded.processes[i], out);
    }
    kit_buf_add_text(out, "]}");
}

bool history_take(struct history *history, const struct msg_http_process_list *list,
                  int64_t now_mono_ms)
{
    struct history_look look;

    look_at(list, &look);
    if (history->count > 0 && now_mono_ms < history->due_mono_ms && is_same(&look, &history->look))
        return false;
    forget_future(history, list->at_ms);
    while (history->count > 0 &&
           (history->count == HISTORY_SAMPLES_MAX ||
            history->bytes + HISTORY_SAMPLE_BYTES_MAX > HISTORY_BYTES_MAX ||
            history->samples[history->first].at_ms < list->at_ms - HISTORY_AGE_MS_MAX))
        forget_oldest(history);
    history->due_mono_ms = now_mono_ms + HISTORY_PERIOD_MS;
    history->look = look;
    struct history_sample *sample = &history->samples[place_of(history, history->count)];
    sample->at_ms = list->at_ms;
    write_sample(list, &sample->text);
    if (sample->text.overflow) {
        kit_buf_done(&sample->text);
        return false;
    }
    history->bytes += sample->text.size_bytes;
    history->count++;
    return true;
}

/* ---- writing ---- */

int64_t history_write(const struct history *history, int64_t since_ms, struct kit_buf *out)
{
    const size_t before = out->size_bytes;
    size_t written = 0;
    int64_t last_ms = 0;

    kit_buf_add_char(out, '[');
    for (size_t i = 0; i < history->count; i++) {
        const struct history_sample *sample = &history->samples[place_of(history, i)];
        if (sample->at_ms <= since_ms)
            continue;
        if (written == HISTORY_ANSWER_SAMPLES || out->size_bytes - before > HISTORY_ANSWER_BYTES) {
            kit_buf_add_char(out, ']');
            return last_ms;
        }
        if (written > 0)
            kit_buf_add_char(out, ',');
        kit_buf_add(out, sample->text.data, sample->text.size_bytes);
        last_ms = sample->at_ms;
        written++;
    }
    kit_buf_add_char(out, ']');
    return 0;
}
