/* Events that could not be applied: kept with their reason, in the transaction in which the cursor
 * passes them. Later events of the same subject wait behind them; everything else flows. An
 * operator looks (list), mends the cause and retries, or skips. Loop thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/time.h"
#include "kit/json/gate.h"
#include "kit/service/internal.h"

#define LIST_ROWS_MAX 100
#define FOLLOWERS_RETRIED_MAX 1000

int dead_letter_count(struct kit_service *service, int64_t *ret_count, struct kit_error *err)
{
    bool found = false;
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_COUNT);
    int rc = kit_query_row(&q, &found, err);
    if (rc == KIT_OK)
        *ret_count = kit_query_col_int(&q, 0);
    kit_query_end(&q);
    return rc;
}

int dead_letter_park(struct kit_service *service, const struct kit_event *event, const char *epoch,
                     const cJSON *envelope, const struct kit_error *why, struct kit_error *err)
{
    char *text = cJSON_PrintUnformatted(envelope);
    CHECK(text != NULL);
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_ADD);
    kit_query_text(&q, event->source);
    kit_query_text(&q, epoch);
    kit_query_int(&q, event->seq);
    kit_query_text(&q, event->type);
    kit_query_text(&q, event->subject);
    kit_query_text(&q, text);
    kit_query_text(&q, kit_code_name(why->code));
    kit_query_text(&q, why->text);
    kit_query_int(&q, service->now_ms);
    int rc = kit_query_run(&q, NULL, err);
    cJSON_free(text);
    if (rc == KIT_OK)
        rc = dead_letter_count(service, &service->parked_count, err);
    return rc;
}

int dead_letter_blocks(struct kit_service *service, const struct kit_event *event,
                       const char *epoch, bool *ret_blocks, struct kit_error *err)
{
    *ret_blocks = false;
    if (service->parked_count == 0)
        return KIT_OK;
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_BLOCKS);
    kit_query_text(&q, event->source);
    kit_query_text(&q, event->subject);
    kit_query_text(&q, epoch); /* letters of a former history hold up nothing */
    int rc = kit_query_row(&q, ret_blocks, err);
    kit_query_end(&q);
    return rc;
}

/* ---- for the operator ---- */

struct letter {
    int64_t id;
    char source[KIT_INSTANCE_SIZE];
    char subject[64];
    char epoch[KIT_EPOCH_SIZE];
    char *envelope; /* malloc */
};

static void add_row(struct kit_query *q, struct kit_buf *out)
{
    static const char *const NAMES[] = {
        "source", "sequence", "type", "subject", "code", "reason"
    };
    char text[KIT_ERROR_TEXT_SIZE];

    kit_buf_add_format(out, "{\"id\":%" PRId64, kit_query_col_int(q, 0));
    for (size_t i = 0; i < KIT_COUNT(NAMES); i++) {
        kit_query_col_text(q, (int)i + 1, text, sizeof(text));
        kit_buf_add_format(out, ",\"%s\":", NAMES[i]);
        kit_buf_add_json_string(out, text);
    }
    kit_time_to_text(kit_query_col_int(q, 7), text);
    kit_buf_add_format(out, ",\"parkedAt\":\"%s\",\"event\":", text);
    size_t size_bytes = 0;
    const void *envelope = kit_query_col_bytes(q, 8, &size_bytes);
    kit_buf_add(out, envelope, size_bytes);
    kit_buf_add_char(out, '}');
}

static int list(struct kit_service *service, struct kit_buf *out, struct kit_error *err)
{
    bool found = false, first = true;
    int rc;

    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_LIST);
    kit_query_int(&q, LIST_ROWS_MAX);
    kit_buf_add_char(out, '[');
    while ((rc = kit_query_row(&q, &found, err)) == KIT_OK && found) {
        if (!first)
            kit_buf_add_char(out, ',');
        first = false;
        add_row(&q, out);
    }
    kit_buf_add_text(out, "]\n");
    kit_query_end(&q);
    return rc;
}

static int read_letter(struct kit_query *q, struct letter *ret, struct kit_error *err)
{
    bool found = false;
    int rc = kit_query_row(q, &found, err);
    if (rc == KIT_OK && found) {
        size_t size_bytes = 0;
        ret->id = kit_query_col_int(q, 0);
        kit_query_col_text(q, 1, ret->source, sizeof(ret->source));
        kit_query_col_text(q, 2, ret->subject, sizeof(ret->subject));
        kit_query_col_text(q, 4, ret->epoch, sizeof(ret->epoch));
        const void *envelope = kit_query_col_bytes(q, 3, &size_bytes);
        ret->envelope = strndup(envelope, size_bytes);
        CHECK(ret->envelope != NULL);
    } else if (rc == KIT_OK) {
        rc = kit_error_set(err, KIT_E_NOT_FOUND,
                           "no such dead letter; GET /dead-letters lists them");
    }
    kit_query_end(q);
    return rc;
}

static int get_letter(struct kit_service *service, int64_t id, struct letter *ret,
                      struct kit_error *err)
{
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_GET);
    kit_query_int(&q, id);
    return read_letter(&q, ret, err);
}

/* The first one that waits where `like` waits. */
static int first_letter(struct kit_service *service, const struct letter *like, struct letter *ret,
                        struct kit_error *err)
{
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_FIRST);
    kit_query_text(&q, like->source);
    kit_query_text(&q, like->subject);
    kit_query_text(&q, like->epoch);
    return read_letter(&q, ret, err);
}

static int delete_letter(struct kit_service *service, int64_t id, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_DELETE);
    kit_query_int(&q, id);
    int rc = kit_query_run(&q, NULL, err);
    return rc == KIT_OK ? dead_letter_count(service, &service->parked_count, err) : rc;
}

static int apply_letter(struct kit_service *service, const struct letter *letter,
                        struct kit_error *err)
{
    struct msg_wire_event wire;
    cJSON *json = NULL;

    int rc = kit_json_parse(letter->envelope, strlen(letter->envelope), KIT_PAYLOAD_BYTES_MAX,
                            &json, err);
    if (rc == KIT_OK)
        rc = msg_wire_event_decode(json, &wire, err);
    if (rc == KIT_OK) {
        const struct kit_event event = streams_event(&wire);
        const struct kit_event_route *route = streams_route(service, wire.source, wire.type);
        if (route != NULL)
            rc = route->handle(service->app, &event, err);
    }
    cJSON_Delete(json);
    return rc;
}

/* One letter in one item: applied (or not, for skip) and deleted. */
static int settle(struct kit_service *service, const struct letter *letter, bool apply,
                  struct kit_error *err)
{
    int rc = service_item_begin(service, err);
    if (rc != KIT_OK)
        return rc;
    service->traceparent[0] = '\0';
    if (apply)
        rc = apply_letter(service, letter, err);
    else
        kit_log_write(&service->ports.log, KIT_WARN, "dead_letter_skipped", "%s of %s: %s",
                      letter->subject, letter->source, letter->envelope);
    if (rc == KIT_OK)
        rc = delete_letter(service, letter->id, err);
    if (rc == KIT_OK)
        return service_item_commit(service, err);
    service_item_rollback(service);
    if (err != NULL && kit_code_action(rc) == KIT_ACTION_STOP)
        service_fail(service, err);
    return rc;
}

/* Runs one query function inside an item of its own. */
static int look_up(struct kit_service *service, int64_t id, struct letter *ret_asked,
                   struct letter *ret_first, struct kit_error *err)
{
    int rc = service_item_begin(service, err);
    if (rc != KIT_OK)
        return rc;
    if (id > 0)
        rc = get_letter(service, id, ret_asked, err);
    if (rc == KIT_OK)
        rc = first_letter(service, ret_asked, ret_first, err);
    if (rc == KIT_OK)
        return service_item_commit(service, err);
    service_item_rollback(service);
    return rc;
}

/* What waited behind a settled letter is tried in its order, until one fails again. */
static void settle_followers(struct kit_service *service, struct letter *settled)
{
    for (int i = 0; i < FOLLOWERS_RETRIED_MAX; i++) {
        struct kit_error err = { 0 };
        struct letter next = { 0 };
        int rc = look_up(service, 0, settled, &next, &err);
        if (rc == KIT_OK)
            rc = settle(service, &next, true, &err);
        free(next.envelope);
        if (rc != KIT_OK)
            return;
    }
}

static int settle_asked(struct kit_service *service, int64_t id, bool apply, struct kit_error *err)
{
    struct letter asked = { 0 }, first = { 0 };

    int rc = id > 0 ? look_up(service, id, &asked, &first, err)
                    : kit_error_set(err, KIT_E_NOT_FOUND, "dead letter ids are numbers from 1");
    if (rc == KIT_OK && first.id != asked.id)
        rc = kit_error_set(err, KIT_E_REFUSED,
                           "it waits behind dead letter %" PRId64
                           " of the same subject; settle that one first",
                           first.id);
    if (rc == KIT_OK)
        rc = settle(service, &asked, apply, err);
    if (rc == KIT_OK)
        settle_followers(service, &asked);
    free(asked.envelope);
    free(first.envelope);
    const int64_t failures = service->commit_failures_total;
    service->is_loud = true; /* the operator is told what is so */
    kit_service_flush(service);
    if (rc == KIT_OK && service->commit_failures_total != failures)
        rc = kit_error_set(err, KIT_E_FULL, "nothing was changed: %s", service->last_commit.text);
    return rc;
}

int kit_service_dead_letter_list(struct kit_service *service, struct kit_buf *out,
                                 struct kit_error *err)
{
    int rc = service_item_begin(service, err);
    if (rc != KIT_OK)
        return rc;
    rc = list(service, out, err);
    if (rc == KIT_OK)
        return service_item_commit(service, err);
    service_item_rollback(service);
    return rc;
}

int kit_service_dead_letter_retry(struct kit_service *service, int64_t id, struct kit_error *err)
{
    return settle_asked(service, id, true, err);
}

int kit_service_dead_letter_skip(struct kit_service *service, int64_t id, struct kit_error *err)
{
    return settle_asked(service, id, false, err);
}
