/* Reads retained states and wills; the epoch says which of two is newer. Loop thread. */
#include "kit/rpc/presence.h"
#include "kit/base/text.h"

#include <stdio.h>
#include <string.h>

#include "kit/json/gate.h"
#include "msg/wire_service_state.gen.h"

#define STATE_BYTES_MAX 256

static struct kit_presence_entry *find_entry(const struct kit_presence *presence,
                                             const char *instance)
{
    for (size_t i = 0; i < presence->count; i++) {
        if (strcmp(presence->entries[i].instance, instance) == 0)
            return (struct kit_presence_entry *)&presence->entries[i];
    }
    return NULL;
}

/* NULL: there is no room. */
static struct kit_presence_entry *add_entry(struct kit_presence *presence, const char *instance)
{
    if (presence->count == KIT_RPC_INSTANCES_MAX)
        return NULL;
    struct kit_presence_entry *entry = &presence->entries[presence->count++];
    *entry = (struct kit_presence_entry){ 0 };
    kit_text_copy(entry->instance, sizeof(entry->instance), instance);
    return entry;
}

enum kit_presence_status kit_presence_get(const struct kit_presence *presence, const char *instance)
{
    const struct kit_presence_entry *entry = find_entry(presence, instance);
    return entry == NULL ? KIT_PRESENCE_UNKNOWN : entry->status;
}

static int decode(const struct kit_message *message, struct msg_wire_service_state *ret_state,
                  struct kit_error *err)
{
    cJSON *json = NULL;
    int rc = kit_json_parse(message->payload, message->payload_size_bytes, STATE_BYTES_MAX, &json,
                            err);
    if (rc != KIT_OK)
        return rc;
    rc = msg_wire_service_state_decode(json, ret_state, err);
    cJSON_Delete(json);
    return rc;
}

/* The offline behind a restarting, or the will of a connection that broke with ours, is no news of
 * one that is expected back: it has the same epoch. */
static void take(struct kit_presence_entry *entry, const struct msg_wire_service_state *state,
                 int64_t now_mono_ms)
{
    const int64_t for_ms = state->has_for_ms && state->for_ms < KIT_PRESENCE_RETURN_MS
                               ? state->for_ms
                               : KIT_PRESENCE_RETURN_MS;

    if (state->status == SERVICE_PRESENCE_RESTARTING)
        entry->return_by_mono_ms = now_mono_ms + for_ms;
    else if (state->epoch > entry->epoch)
        entry->return_by_mono_ms = 0;
    entry->epoch = state->epoch;
    entry->status = state->status == SERVICE_PRESENCE_ONLINE ? KIT_PRESENCE_ONLINE
                                                             : KIT_PRESENCE_OFFLINE;
    entry->told_mono_ms = now_mono_ms;
    entry->probe_at_mono_ms = now_mono_ms + KIT_PRESENCE_PROBE_MS;
}

int kit_presence_on_message(struct kit_presence *presence, const char *instance,
                            const struct kit_message *message, int64_t now_mono_ms,
                            struct kit_error *err)
{
    struct msg_wire_service_state state;

    struct kit_presence_entry *known = find_entry(presence, instance);
    if (message->payload_size_bytes == 0) { /* an operator deleted the retained state */
        if (known != NULL)
            known->status = KIT_PRESENCE_UNKNOWN;
        return KIT_OK;
    }
    int rc = decode(message, &state, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_presence_entry *entry = known;
    if (entry == NULL) {
        entry = add_entry(presence, instance);
        if (entry == NULL)
            return kit_error_set(err, KIT_E_LIMIT, "more than %d instances", KIT_RPC_INSTANCES_MAX);
    }
    if (state.epoch < entry->epoch)
        return KIT_OK; /* the will of an older connection, overtaken by a newer birth */
    take(entry, &state, now_mono_ms);
    return KIT_OK;
}

static bool is_doubted(const struct kit_presence_entry *entry, int64_t now_mono_ms)
{
    return entry->status == KIT_PRESENCE_OFFLINE &&
           now_mono_ms < entry->told_mono_ms + KIT_PRESENCE_DOUBT_MS;
}

enum kit_presence_verdict kit_presence_judge(struct kit_presence *presence, const char *instance,
                                             int64_t now_mono_ms)
{
    struct kit_presence_entry *entry = find_entry(presence, instance);

    if (entry == NULL || entry->status != KIT_PRESENCE_OFFLINE)
        return KIT_PRESENCE_CALL;
    if (now_mono_ms < entry->return_by_mono_ms || is_doubted(entry, now_mono_ms))
        return KIT_PRESENCE_HOLD;
    if (now_mono_ms < entry->probe_at_mono_ms)
        return KIT_PRESENCE_REFUSE;
    entry->probe_at_mono_ms = now_mono_ms + KIT_PRESENCE_PROBE_MS;
    return KIT_PRESENCE_PROBE;
}

int64_t kit_presence_return_by(const struct kit_presence *presence, const char *instance,
                               int64_t now_mono_ms)
{
    const struct kit_presence_entry *entry = find_entry(presence, instance);
    return entry == NULL || now_mono_ms >= entry->return_by_mono_ms ? 0 : entry->return_by_mono_ms;
}

int64_t kit_presence_hold_until(const struct kit_presence *presence, const char *instance,
                                int64_t now_mono_ms)
{
    const struct kit_presence_entry *entry = find_entry(presence, instance);

    if (entry == NULL)
        return 0;
    if (now_mono_ms < entry->return_by_mono_ms)
        return entry->return_by_mono_ms;
    return is_doubted(entry, now_mono_ms) ? entry->told_mono_ms + KIT_PRESENCE_DOUBT_MS : 0;
}

int64_t kit_presence_epoch(const struct kit_presence *presence, const char *instance)
{
    const struct kit_presence_entry *entry = find_entry(presence, instance);
    return entry == NULL ? 0 : entry->epoch;
}

void kit_presence_on_answer(struct kit_presence *presence, const char *instance, bool is_probe)
{
    struct kit_presence_entry *entry = find_entry(presence, instance);

    if (entry == NULL)
        entry = add_entry(presence, instance);
    if (entry != NULL && (is_probe || entry->status == KIT_PRESENCE_UNKNOWN))
        entry->status = KIT_PRESENCE_ONLINE;
}

void kit_presence_forget(struct kit_presence *presence, int64_t now_mono_ms)
{
    for (size_t i = 0; i < presence->count; i++) {
        struct kit_presence_entry *entry = &presence->entries[i];
        if (entry->status != KIT_PRESENCE_OFFLINE || is_doubted(entry, now_mono_ms))
            entry->return_by_mono_ms = now_mono_ms + KIT_PRESENCE_RETURN_MS;
        entry->status = KIT_PRESENCE_UNKNOWN;
    }
}
