/* Reading `up` and `ack`; see news.h. */
#include "world/news.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "scenario/scenario.h"

#define VERDICTS_FIRST 64
#define UPS_FIRST 64

static void take_text(char *place, size_t size, const cJSON *object, const char *key)
{
    const char *text = sim_json_text(object, key);
    kit_text_copy(place, size, text != NULL ? text : "");
}

/* Another epoch is another log: its records count from 1 again, verdicts of the old one stay. */
static void begin_log(struct sim_news *news, const char *epoch)
{
    kit_text_copy(news->epoch, sizeof(news->epoch), epoch);
    news->last_seq = 0;
    news->acked = 0;
    news->told = 0;
}

void sim_news_on_up(struct sim_news *news, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    const char *epoch = sim_json_text(root, "epoch");
    const cJSON *record = NULL;

    if (epoch == NULL) {
        cJSON_Delete(root);
        return;
    }
    if (strcmp(epoch, news->epoch) != 0)
        begin_log(news, epoch);
    news->boot = sim_json_int(root, "boot", news->boot);
    news->config_revision = sim_json_int(root, "configRevision", news->config_revision);
    news->bounced = sim_json_int(root, "bounced", news->bounced);
    news->unreadable = sim_json_int(root, "unreadable", news->unreadable);
    news->overflowed = sim_json_int(root, "overflowed", news->overflowed);
    cJSON_ArrayForEach(record, sim_json_get(root, "records"))
    {
        int64_t seq = sim_json_int(record, "seq", 0);
        if (seq <= news->last_seq)
            continue;
        news->gap_count += news->last_seq > 0 ? seq - news->last_seq - 1 : 0;
        news->last_seq = seq;
        news->record_count++;
    }
    cJSON_Delete(root);
}

void sim_news_keep_up(struct sim_news *news, size_t entry, const void *payload, size_t size)
{
    CHECK(news->up_count < SIM_UPS_MAX); /* no scenario takes so long */
    if (news->up_count == news->up_capacity) {
        news->up_capacity = news->up_count == 0 ? UPS_FIRST : news->up_capacity * 2;
        news->ups = realloc(news->ups, news->up_capacity * sizeof(news->ups[0]));
        CHECK(news->ups != NULL);
    }
    char *copy = strndup(payload, size);
    CHECK(copy != NULL);
    news->ups[news->up_count++] = (struct sim_up){ .entry = entry, .payload = copy };
}

static void add_verdict(struct sim_news *news, const cJSON *verdict)
{
    if (news->verdict_count == SIM_VERDICTS_MAX)
        return;
    if (news->verdict_count == news->verdict_capacity) {
        news->verdict_capacity = news->verdict_count == 0 ? VERDICTS_FIRST
                                                          : news->verdict_capacity * 2;
        news->verdicts = realloc(news->verdicts,
                                 news->verdict_capacity * sizeof(news->verdicts[0]));
        CHECK(news->verdicts != NULL);
    }
    struct sim_verdict *place = &news->verdicts[news->verdict_count++];
    place->seq = sim_json_int(verdict, "seq", 0);
    take_text(place->result, sizeof(place->result), verdict, "result");
    take_text(place->signal, sizeof(place->signal), verdict, "signal");
    take_text(place->prompt, sizeof(place->prompt), verdict, "prompt");
}

/* Verdicts come in the order of the records (devices.md 1.6); at or below `told` it is told again.
 * An ack may know a record whose verdict comes with a later one (1.3). */
void sim_news_on_ack(struct sim_news *news, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    const char *epoch = sim_json_text(root, "epoch");
    const cJSON *verdict = NULL;

    if (epoch != NULL && strcmp(epoch, news->epoch) == 0) {
        int64_t seq = sim_json_int(root, "seq", 0);
        cJSON_ArrayForEach(verdict, sim_json_get(root, "verdicts"))
        {
            if (sim_json_int(verdict, "seq", 0) <= news->told)
                continue;
            news->told = sim_json_int(verdict, "seq", 0);
            add_verdict(news, verdict);
        }
        if (seq > news->acked && seq <= news->last_seq)
            news->acked = seq;
    }
    cJSON_Delete(root);
}

/* As the broker carries it, not as it passes the proxy: one that is kept back is on its way, too.
 */
void sim_news_on_config(struct sim_news *news, const void *payload, size_t size)
{
    cJSON *root = cJSON_ParseWithLength(payload, size);
    news->config_sent = sim_json_int(root, "revision", news->config_sent);
    cJSON_Delete(root);
}

void sim_news_done(struct sim_news *news)
{
    free(news->verdicts);
    for (size_t i = 0; i < news->up_count; i++)
        free(news->ups[i].payload);
    free(news->ups);
    *news = (struct sim_news){ 0 };
}

bool sim_news_counter(const struct sim_news *news, const char *name, int64_t *ret_value)
{
    const struct {
        const char *name;
        int64_t value;
    } all[] = {
        { "acked", news->acked },
        { "unacked", news->last_seq - news->acked },
        { "records", news->record_count },
        { "verdicts", (int64_t)news->verdict_count },
        { "gaps", news->gap_count },
        { "bounced", news->bounced },
        { "unreadable", news->unreadable },
        { "overflowed", news->overflowed },
        { "configRevision", news->config_revision },
        { "configUnstored", news->config_sent > news->config_revision },
        { "boot", news->boot },
    };
    for (size_t i = 0; i < KIT_COUNT(all); i++) {
        if (strcmp(all[i].name, name) == 0) {
            *ret_value = all[i].value;
            return true;
        }
    }
    return false;
}
