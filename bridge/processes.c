/* The table of the processes, and this bridge's own word. See processes.h. */
#include "bridge/processes.h"

#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/rpc/status.h"
#include "kit/rpc/topic.h"

_Static_assert(PROCESSES_MAX + 1 ==
                   KIT_COUNT(((struct msg_http_process_list *)NULL)->embedded.processes),
               "everybody has a place");

static struct process *add(struct processes *processes, const char *instance)
{
    struct process *process = &processes->known[processes->known_count++];

    *process = (struct process){ .was_heard = false };
    kit_text_copy(process->instance, sizeof(process->instance), instance);
    return process;
}

void processes_init(struct processes *processes, const char *instance, int64_t now_mono_ms,
                    const char *const *expected, size_t expected_count)
{
    PRE(expected_count <= PROCESSES_MAX);
    *processes = (struct processes){ .opened_mono_ms = now_mono_ms,
                                     .told_mono_ms = now_mono_ms,
                                     .due_mono_ms = now_mono_ms,
                                     .expected_count = expected_count,
                                     .round_trip_ms = -1 };
    kit_text_copy(processes->instance, sizeof(processes->instance), instance);
    for (size_t i = 0; i < expected_count; i++)
        (void)add(processes, expected[i]);
}

void processes_on_link(struct processes *processes, bool is_up)
{
    processes->is_up = is_up;
    processes->is_sent = false;
    processes->round_trip_ms = -1;
}

/* ---- hearing ---- */

/* Its place; one more than there are takes that of whoever was silent the longest, but never of an
 * expected one. NULL: all places are expected ones. */
static struct process *find_place(struct processes *processes, const char *instance)
{
    struct process *oldest = NULL;

    for (size_t i = 0; i < processes->known_count; i++) {
        struct process *process = &processes->known[i];
        if (strcmp(process->instance, instance) == 0)
            return process;
        if (i >= processes->expected_count &&
            (oldest == NULL || process->heard_mono_ms < oldest->heard_mono_ms))
            oldest = process;
    }
    if (processes->known_count < PROCESSES_MAX)
        return add(processes, instance);
    if (oldest != NULL) {
        kit_text_copy(oldest->instance, sizeof(oldest->instance), instance);
        oldest->degraded.reasons_count = 0;
    }
    return oldest;
}

/* A word of one of the two kinds. */
struct word {
    bool is_status;
    struct msg_wire_service_status status;
    struct msg_wire_service_degraded degraded;
};

static int decode(const struct kit_message *message, struct word *ret, struct kit_error *err)
{
    cJSON *json = NULL;

    if (message->retain)
        return kit_error_set(err, KIT_E_INVALID, "a status is not to be retained");
    int rc = kit_json_parse(message->payload, message->payload_size_bytes,
                            ret->is_status ? KIT_STATUS_BYTES_MAX : KIT_DEGRADED_BYTES_MAX, &json,
                            err);
    if (rc != KIT_OK)
        return rc;
    if (ret->is_status)
        rc = msg_wire_service_status_decode(json, &ret->status, err);
    else
        rc = msg_wire_service_degraded_decode(json, &ret->degraded, err);
    cJSON_Delete(json);
    return rc;
}

static void keep(struct process *process, const struct word *word, int64_t now_mono_ms)
{
    if (!word->is_status) {
        process->degraded = word->degraded;
        process->degraded_mono_ms = now_mono_ms;
        return;
    }
    process->was_heard = true;
    process->heard_mono_ms = now_mono_ms;
    process->status = word->status;
}

static void hear_own(struct processes *processes, int64_t now_mono_ms)
{
    if (!processes->is_sent)
        return;
    processes->is_sent = false;
    processes->round_trip_ms = now_mono_ms - processes->told_mono_ms;
}

bool processes_on_message(struct processes *processes, const struct kit_message *message,
                          int64_t now_mono_ms)
{
    struct word word;
    struct kit_error err = { 0 };
    char instance[KIT_INSTANCE_SIZE];

    word.is_status = kit_topic_parse(message->topic, "service", "status", instance);
    if (!word.is_status && !kit_topic_parse(message->topic, "service", "degraded", instance))
        return false;
    if (decode(message, &word, &err) != KIT_OK) {
        processes->refused_total++;
        return true;
    }
    if (strcmp(instance, processes->instance) == 0) {
        if (word.is_status)
            hear_own(processes, now_mono_ms);
        return true;
    }
    struct process *process = find_place(processes, instance);
    if (process != NULL)
        keep(process, &word, now_mono_ms);
    return true;
}

/* ---- telling ---- */

static void fill_own(const struct processes *processes, const struct processes_self *self,
                     int64_t now_mono_ms, struct msg_wire_service_status *ret)
{
    const struct processes_totals *then = &processes->told;
    const int64_t period_ms = now_mono_ms - processes->told_mono_ms;

    *ret = (struct msg_wire_service_status){
        .ready = self->why == NULL ? SERVICE_READY_YES : SERVICE_READY_NO,
        .has_why = self->why != NULL,
        .uptime_s = (now_mono_ms - processes->opened_mono_ms) / 1000,
        .period_ms = period_ms > 0 ? period_ms : 1,
        .requests = self->totals.requests - then->requests,
        .requests_open = self->requests_open,
        .calls_open = self->calls_open,
        .events_out = self->totals.events_out - then->events_out,
        .has_readers = true,
        .readers = self->readers,
        .lag_events = self->lag,
        .follows_count = 1,
        .follows = { { .lag = self->lag, .events = self->totals.events_in - then->events_in } },
    };
    kit_text_copy(ret->version, sizeof(ret->version), LOCKSTOCK_VERSION);
    if (ret->has_why)
        kit_text_copy(ret->why, KIT_ERROR_TEXT_SIZE, self->why);
    kit_text_copy(ret->follows[0].source, sizeof(ret->follows[0].source), self->source);
}

void processes_tell(struct processes *processes, const struct processes_self *self,
                    const struct kit_bus *bus, int64_t now_mono_ms)
{
    fill_own(processes, self, now_mono_ms, &processes->own);
    processes->own_degraded.reasons_count = kit_degraded_list(self->degraded,
                                                              processes->own_degraded.reasons);
    processes->told = self->totals;
    processes->told_mono_ms = now_mono_ms;
    processes->due_mono_ms = now_mono_ms + KIT_STATUS_PERIOD_MS;
    processes->is_sent = kit_status_publish(bus, processes->instance, &processes->own);
    kit_degraded_tell(self->degraded, bus, processes->instance);
}

/* ---- showing ---- */

bool processes_is_silent(const struct process *process, int64_t now_mono_ms)
{
    return !process->was_heard || now_mono_ms - process->heard_mono_ms > PROCESSES_SILENT_MS;
}

static enum process_state judge(const struct msg_wire_service_status *status)
{
    return status->ready == SERVICE_READY_YES ? PROCESS_STATE_READY : PROCESS_STATE_NOT_READY;
}

static void fill_degraded(const struct msg_wire_service_degraded *word,
                          struct msg_http_process *ret)
{
    ret->has_degraded = word->reasons_count > 0;
    ret->degraded_count = word->reasons_count;
    memcpy(ret->degraded, word->reasons, word->reasons_count * sizeof(word->reasons[0]));
}

static void fill_one(const struct process *process, const struct kit_rpc_client *rpc,
                     int64_t now_mono_ms, struct msg_http_process *ret)
{
    kit_text_copy(ret->instance, sizeof(ret->instance), process->instance);
    ret->has_heard_ms = ret->has_status = process->was_heard;
    ret->heard_ms = now_mono_ms - process->heard_mono_ms;
    ret->status = process->status;
    if (now_mono_ms - process->degraded_mono_ms <= PROCESSES_SILENT_MS)
        fill_degraded(&process->degraded, ret);
    if (kit_rpc_client_is_offline(rpc, process->instance))
        ret->state = PROCESS_STATE_OFFLINE;
    else if (processes_is_silent(process, now_mono_ms))
        ret->state = PROCESS_STATE_SILENT;
    else
        ret->state = judge(&process->status);
}

void processes_fill(const struct processes *processes, const struct kit_rpc_client *rpc,
                    int64_t now_mono_ms, struct msg_http_process_list *ret)
{
    struct msg_http_process *own = &ret->embedded.processes[0];

    ret->broker.link = processes->is_up ? BROKER_LINK_UP : BROKER_LINK_DOWN;
    ret->broker.has_round_trip_ms = processes->round_trip_ms >= 0;
    ret->broker.round_trip_ms = processes->round_trip_ms;
    kit_text_copy(own->instance, sizeof(own->instance), processes->instance);
    own->has_heard_ms = own->has_status = true;
    own->heard_ms = now_mono_ms - processes->told_mono_ms;
    own->status = processes->own;
    own->state = judge(&processes->own);
    fill_degraded(&processes->own_degraded, own);
    for (size_t i = 0; i < processes->known_count; i++)
        fill_one(&processes->known[i], rpc, now_mono_ms, &ret->embedded.processes[i + 1]);
    ret->embedded.processes_count = processes->known_count + 1;
}
