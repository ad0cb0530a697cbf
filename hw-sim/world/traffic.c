/* Reading `up` and `ack`; see traffic.h. */
#include "world/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "scenario/json.h"

#define VERDICTS_FIRST 64
#define UPS_FIRST 64

static void take_text(char *place, size_t size, const cJSON *object, const char *key)
{
    const char *text = sim_json_text(object, key);
    kit_text_copy(place, size, text != NULL ? text : "");
}

/* Another epoch is another log: its records count from 1 again, verdicts of the old one stay. */
static void begin_log(struct sim_traffic *traffic, const char *epoch)
{
    kit_text_copy(traffic->epoch, sizeof(traffic->epoch), epoch);
    traffic->last_seq = 0;
    traffic->acked = 0;
    traffic->told = 0;
}

void sim_traffic_on_up(struct sim_traffic *traffic, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    const char *epoch = sim_json_text(root, "epoch");
    const cJSON *record = NULL;

    if (epoch == NULL) {
        cJSON_Delete(root);
        return;
    }
    if (strcmp(epoch, traffic->epoch) != 0)
        begin_log(traffic, epoch);
    traffic->boot = sim_json_int(root, "boot", traffic->boot);
    traffic->config_revision = sim_json_int(root, "configRevision", traffic->config_revision);
    traffic->bounced = sim_json_int(root, "bounced", traffic->bounced);
    traffic->unreadable = sim_json_int(root, "unreadable", traffic->unreadable);
    traffic->overflowed = sim_json_int(root, "overflowed", traffic->overflowed);
    cJSON_ArrayForEach(record, sim_json_get(root, "records"))
    {
        int64_t seq = sim_json_int(record, "seq", 0);
        if (seq <= traffic->last_seq)
            continue;
        traffic->gap_count += traffic->last_seq > 0 ? seq - traffic->last_seq - 1 : 0;
        traffic->last_seq = seq;
        traffic->record_count++;
    }
    cJSON_Delete(root);
}

void sim_traffic_keep_up(struct sim_traffic *traffic, size_t entry, const void *payload,
                         size_t size)
{
    CHECK(traffic->up_count < SIM_UPS_MAX); /* no scenario takes so long */
    if (traffic->up_count == traffic->up_capacity) {
        traffic->up_capacity = traffic->up_count == 0 ? UPS_FIRST : traffic->up_capacity * 2;
        traffic->ups = realloc(traffic->ups, traffic->up_capacity * sizeof(traffic->ups[0]));
        CHECK(traffic->ups != NULL);
    }
    char *copy = strndup(payload, size);
    CHECK(copy != NULL);
    traffic->ups[traffic->up_count++] = (struct sim_up){ .entry = entry, .payload = copy };
}

static void add_verdict(struct sim_traffic *traffic, const cJSON *verdict)
{
    if (traffic->verdict_count == SIM_VERDICTS_MAX)
        return;
    if (traffic->verdict_count == traffic->verdict_capacity) {
        traffic->verdict_capacity = traffic->verdict_count == 0 ? VERDICTS_FIRST
                                                                : traffic->verdict_capacity * 2;
        traffic->verdicts = realloc(traffic->verdicts,
                                    traffic->verdict_capacity * sizeof(traffic->verdicts[0]));
        CHECK(traffic->verdicts != NULL);
    }
    struct sim_verdict *place = &traffic->verdicts[traffic->verdict_count++];
    place->seq = sim_json_int(verdict, "seq", 0);
    take_text(place->result, sizeof(place->result), verdict, "result");
    take_text(place->signal, sizeof(place->signal), verdict, "signal");
    take_text(place->prompt, sizeof(place->prompt), verdict, "prompt");
}

/* Verdicts come in the order of the records (devices.md 1.6): one at or below `told` is a
 * repetition. An ack may count a record whose verdict comes with a later ack (1.3). */
void sim_traffic_on_ack(struct sim_traffic *traffic, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    const char *epoch = sim_json_text(root, "epoch");
    const cJSON *verdict = NULL;

    if (epoch != NULL && strcmp(epoch, traffic->epoch) == 0) {
        int64_t seq = sim_json_int(root, "seq", 0);
        cJSON_ArrayForEach(verdict, sim_json_get(root, "verdicts"))
        {
            if (sim_json_int(verdict, "seq", 0) <= traffic->told)
                continue;
            traffic->told = sim_json_int(verdict, "seq", 0);
            add_verdict(traffic, verdict);
        }
        if (seq > traffic->acked && seq <= traffic->last_seq)
            traffic->acked = seq;
    }
    cJSON_Delete(root);
}

/* Counted when the broker carries it: one that the proxy keeps back is on its way, too. */
void sim_traffic_on_config(struct sim_traffic *traffic, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    traffic->config_sent = sim_json_int(root, "revision", traffic->config_sent);
    cJSON_Delete(root);
}

void sim_traffic_forget(struct sim_traffic *traffic)
{
    for (size_t i = 0; i < traffic->up_count; i++)
        free(traffic->ups[i].payload);
    traffic->up_count = traffic->verdict_count = traffic->verdict_next = 0;
}

void sim_traffic_done(struct sim_traffic *traffic)
{
    sim_traffic_forget(traffic);
    free(traffic->verdicts);
    free(traffic->ups);
    *traffic = (struct sim_traffic){ 0 };
}

bool sim_traffic_counter(const struct sim_traffic *traffic, const char *name, int64_t *ret_value)
{
    const struct {
        const char *name;
        int64_t value;
    } all[] = {
        { "acked", traffic->acked },
        { "unacked", traffic->last_seq - traffic->acked },
        { "records", traffic->record_count },
        { "verdicts", (int64_t)traffic->verdict_count },
        { "gaps", traffic->gap_count },
        { "bounced", traffic->bounced },
        { "unreadable", traffic->unreadable },
        { "overflowed", traffic->overflowed },
        { "configRevision", traffic->config_revision },
        { "configUnstored", traffic->config_sent > traffic->config_revision },
        { "boot", traffic->boot },
    };
    for (size_t i = 0; i < KIT_COUNT(all); i++) {
        if (strcmp(all[i].name, name) == 0) {
            *ret_value = all[i].value;
            return true;
        }
    }
    return false;
}
