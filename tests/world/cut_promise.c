/* See cut_promise.h. */
#include "world/cut_promise.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/rpc/topic.h"
#include "kit/stream/log.h"
#include "world/cut_disk.h"
#include "world/message.h"

#define REQUESTS_MAX 4096 /* of effects, that are kept in mind */
#define REPLIES "lockstock/v1/reply/"
#define BYTES_MAX (4 * KIT_STREAM_BYTES_MAX)

static struct world_message *requests[REQUESTS_MAX]; /* the newest replace the oldest */
static size_t request_count;

void cut_promise_begin(void)
{
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        world_message_release(requests[i]);
        requests[i] = NULL;
    }
    request_count = 0;
}

static bool is_effect(const struct kit_service_desc *desc, const char *method)
{
    const struct kit_rpc_table *table = desc->requests;
    for (size_t i = 0; table != NULL && i < table->count; i++) {
        if (strcmp(table->methods[i].name, method) == 0)
            return table->methods[i].kind == KIT_RPC_EFFECT;
    }
    return false;
}

void cut_promise_note_request(const struct kit_service_desc *desc,
                              const struct kit_message *message)
{
    struct kit_rpc_topic topic;
    if (!kit_topic_parse_rpc(message->topic, &topic) || !is_effect(desc, topic.method))
        return;
    struct world_message **place = &requests[request_count++ % REQUESTS_MAX];
    world_message_release(*place);
    *place = world_message_copy(message);
}

const struct kit_message *cut_promise_request_of(const struct kit_message *reply)
{
    if (strncmp(reply->topic, REPLIES, strlen(REPLIES)) != 0 || strcmp(reply->status, "ok") != 0)
        return NULL;
    for (size_t i = 0; i < REQUESTS_MAX && requests[i] != NULL; i++) {
        if (memcmp(requests[i]->view.correlation, reply->correlation, KIT_CORRELATION_SIZE) == 0)
            return &requests[i]->view;
    }
    return NULL;
}

/* ---- kinds ---- */

enum kind {
    NOTHING = 0,
    EVENTS = 1,
    REPLY = 2,
    ACK = 3,
};

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static enum kind kind_of(const struct kit_message *message)
{
    char name[KIT_INSTANCE_SIZE];
    if (kit_topic_parse(message->topic, "stream", NULL, name))
        return EVENTS;
    if (cut_promise_request_of(message) != NULL)
        return REPLY;
    if (strncmp(message->topic, "lockstock/v1/device/", 20) == 0 &&
        ends_with(message->topic, "/ack"))
        return ACK;
    return NOTHING;
}

bool cut_promise_is_one(const struct kit_message *message)
{
    return kind_of(message) != NOTHING;
}

/* ---- asking a database ---- */

/* The first column of the first row as a number; texts are bound in order, up to a NULL. */
static int64_t ask(struct kit_db *db, const char *sql, const char *const *texts)
{
    sqlite3_stmt *stmt = NULL;
    int64_t value = -1;
    int index = 1;
    CHECK(sqlite3_prepare_v2(kit_db_handle(db), sql, -1, &stmt, NULL) == SQLITE_OK);
    for (; texts != NULL && *texts != NULL; texts++)
        CHECK(sqlite3_bind_text(stmt, index++, *texts, -1, SQLITE_STATIC) == SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

static void expect(const struct kit_service_desc *desc, bool is_kept, const char *wrong)
{
    if (!is_kept)
        cut_blame(desc->name, &cut_counts()->lost, "%s", wrong);
}

/* The log gives the same events as the message: the same bytes. */
static bool has_events(const struct kit_service_desc *desc, struct kit_db *db,
                       const struct kit_message *message)
{
    static const struct kit_log_birth birth;
    struct kit_event_log log;
    struct kit_error err;
    struct kit_buf out;
    int64_t last = 0;
    cJSON *json = cJSON_ParseWithLength(message->payload, message->payload_size_bytes);
    const cJSON *first = cJSON_GetObjectItem(cJSON_GetArrayItem(json, 0), "sequence");
    CHECK(cJSON_IsString(first));
    const struct kit_log_page page = { .after = strtoll(first->valuestring, NULL, 10) - 1,
                                       .until = INT64_MAX,
                                       .limit = cJSON_GetArraySize(json),
                                       .bytes_max = BYTES_MAX,
                                       .out = &out };
    cJSON_Delete(json);
    kit_buf_init(&out, BYTES_MAX);
    CHECK(kit_db_begin(db, &err) == KIT_OK);
    CHECK(kit_event_log_open(&log, db, desc->name, &birth, &err) == KIT_OK);
    CHECK(kit_event_log_read(&log, &page, &last, &err) == KIT_OK);
    kit_event_log_close(&log);
    kit_db_rollback(db);
    const bool is_same = out.size_bytes == message->payload_size_bytes &&
                         memcmp(out.data, message->payload, out.size_bytes) == 0;
    kit_buf_done(&out);
    return is_same;
}

static bool has_reply(struct kit_db *db, const struct kit_message *message)
{
    struct kit_rpc_topic topic;
    const struct kit_message *request = cut_promise_request_of(message);
    CHECK(kit_topic_parse_rpc(request->topic, &topic));
    char *response = strndup(message->payload, message->payload_size_bytes);
    const char *const texts[] = { topic.caller, request->key, response, NULL };
    const int64_t found = ask(db,
                              "SELECT count(*) FROM rpc_response WHERE caller = ? AND key = ?"
                              " AND response = ?",
                              texts);
    free(response);
    return found == 1;
}

/* lockstock/v1/device/<site>/<kind>/<device>/ack: the owner's row of the device is as far. */
static bool has_records(const struct kit_service_desc *desc, struct kit_db *db,
                        const struct kit_message *message)
{
    char device[KIT_INSTANCE_SIZE];
    const bool is_scanner = strcmp(desc->name, "stock") == 0;
    const struct kit_device_topic wanted = { .site = KIT_SITE_DEFAULT,
                                             .kind = is_scanner ? "scanner" : "locker",
                                             .leaf = "ack" };
    CHECK(kit_topic_parse_device(message->topic, &wanted, device));
    cJSON *json = cJSON_ParseWithLength(message->payload, message->payload_size_bytes);
    const char *epoch = cJSON_GetStringValue(cJSON_GetObjectItem(json, "epoch"));
    const cJSON *seq = cJSON_GetObjectItem(json, "seq");
    CHECK(epoch != NULL && cJSON_IsNumber(seq));
    const char *const texts[] = { device, epoch, NULL };
    const int64_t kept = ask(db,
                             is_scanner ? "SELECT seq FROM scanner WHERE name = ? AND epoch = ?"
                                        : "SELECT seq FROM locker WHERE name = ? AND epoch = ?",
                             texts);
    const bool is_as_far = kept >= (int64_t)seq->valuedouble;
    cJSON_Delete(json);
    return is_as_far;
}

void cut_check_promise(const struct kit_service_desc *desc, struct kit_db *db,
                       const struct kit_message *message)
{
    switch (kind_of(message)) {
    case EVENTS:
        expect(desc, has_events(desc, db, message), "events that have left are not in its log");
        return;
    case REPLY:
        expect(desc, has_reply(db, message), "a reply that has left is not stored");
        return;
    case ACK:
        expect(desc, has_records(desc, db, message), "records were acknowledged and are not there");
        return;
    case NOTHING:
        return;
    }
}

void cut_check_state(const struct kit_service_desc *desc, struct kit_db *db)
{
    uint64_t *damaged = &cut_counts()->damaged;
    if (ask(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check LIMIT 1", NULL) != 1)
        cut_blame(desc->name, damaged, "integrity_check does not say ok");
    if (ask(db, "SELECT count(*) FROM pragma_foreign_key_check", NULL) != 0)
        cut_blame(desc->name, damaged, "a foreign key leads nowhere");
    if (ask(db, "SELECT count(*) - coalesce(max(seq) - min(seq) + 1, 0) FROM event_log", NULL) != 0)
        cut_blame(desc->name, damaged, "there is a gap in its log");
}
