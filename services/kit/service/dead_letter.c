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
    return kit_query_one_int(&service->statements, Q_LETTER_COUNT, ret_count, err);
}

int dead_letter_park(struct kit_service *service, const struct arrival *arrival,
                     const struct kit_error *why, struct kit_error *err)
{
    const struct kit_event *event = arrival->event;
    char *text = cJSON_PrintUnformatted(arrival->envelope);
    CHECK(text != NULL);
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_ADD);
    kit_query_text(&q, event->source);
    kit_query_text(&q, arrival->epoch);
    kit_query_int(&q, event->seq);
    kit_query_text(&q, event->type);
    kit_query_text(&q, event->subject);
    kit_query_text(&q, text);
    kit_query_text(&q, kit_code_name(why->code));
    kit_query_text(&q, why->text);
    kit_query_int(&q, service->now_ms);
    int rc = kit_query_run(&q, NULL, err);
    cJSON_free(text);
    return rc;
}

int dead_letter_blocks(struct kit_service *service, const struct arrival *arrival, bool *ret_blocks,
                       struct kit_error *err)
{
    *ret_blocks = false;
    if (service->parked_count == 0)
        return KIT_OK;
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_BLOCKS);
    kit_query_text(&q, arrival->event->source);
    kit_query_text(&q, arrival->event->subject);
    kit_query_text(&q, arrival->epoch); /* letters of a former history hold up nothing */
    int rc = kit_query_row(&q, ret_blocks, err);
    kit_query_end(&q);
    return rc;
}

/* ---- for the operator ---- */

struct letter {
    int64_t id;
    char source[KIT_INSTANCE_SIZE];
    char subject[80];
    char epoch[KIT_EPOCH_SIZE];
    char *envelope; /* malloc */
};

static void add_row(struct kit_query *q, struct kit_buf *out)
{
    static const char *const NAMES[] = {
        "source", "sequence", "type", "subject", "code", "reason"
    };
    char text[KIT_ERROR_TEXT_SIZE];

    kit_buf_add_format(out, "{\"id\":%" PRId64, kit_query_next_int(q));
    for (size_t i = 0; i < KIT_COUNT(NAMES); i++) {
        kit_query_next_text(q, text, sizeof(text));
        kit_buf_add_format(out, ",\"%s\":", NAMES[i]);
        kit_buf_add_json_string(out, text);
    }
    kit_time_to_text(kit_query_next_int(q), text);
    kit_buf_add_format(out, ",\"parkedAt\":\"%s\",\"event\":", text);
    size_t size_bytes = 0;
    const void *envelope = kit_query_next_bytes(q, &size_bytes);
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

static int read_row(struct kit_query *q, struct letter *ret, struct kit_error *err)
{
    bool found = false;
    size_t size_bytes = 0;

    int rc = kit_query_row(q, &found, err);
    if (rc != KIT_OK)
        return rc;
    if (!found)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "no such dead letter; GET /dead-letters lists them");
    ret->id = kit_query_next_int(q);
    kit_query_next_text(q, ret->source, sizeof(ret->source));
    kit_query_next_text(q, ret->subject, sizeof(ret->subject));
    kit_query_next_text(q, ret->epoch, sizeof(ret->epoch));
    const void *envelope = kit_query_next_bytes(q, &size_bytes);
    ret->envelope = strndup(envelope, size_bytes);
    CHECK(ret->envelope != NULL);
    return KIT_OK;
}

/* Runs the query for one letter and ends it. */
static int read_letter(struct kit_query *q, struct letter *ret, struct kit_error *err)
{
    int rc = read_row(q, ret, err);
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
    return kit_query_run(&q, NULL, err);
}

static int apply_envelope(struct kit_service *service, const cJSON *envelope, struct kit_error *err)
{
    struct msg_wire_event wire;
    struct event_handler handler;

    int rc = msg_wire_event_decode(envelope, &wire, err);
    if (rc != KIT_OK)
        return rc;
    if (!streams_find_handler(service, wire.source, wire.type, &handler))
        return KIT_OK; /* a later version of ours passes over that type */
    const struct kit_event event = streams_event(&wire);
    return streams_run_handler(service, &handler, &event, err);
}

static int apply_letter(struct kit_service *service, const struct letter *letter,
                        struct kit_error *err)
{
    cJSON *envelope = NULL;
    int rc = kit_json_parse(letter->envelope, strlen(letter->envelope), KIT_PAYLOAD_BYTES_MAX,
                            &envelope, err);
    if (rc != KIT_OK)
        return rc;
    rc = apply_envelope(service, envelope, err);
    cJSON_Delete(envelope);
    return rc;
}

/* What the item of an operator's request needs. */
struct letter_work {
    struct kit_service *service;
    int64_t id;      /* of the letter that is asked for; 0: asked is known */
    bool is_applied; /* false: it is skipped */
    struct letter *asked;
    struct letter *first; /* the first one that waits where `asked` waits */
};

/* Applies the letter (or not, for skip) and deletes it. */
static int settle_letter(void *context, struct kit_error *err)
{
    const struct letter_work *work = context;
    struct kit_service *service = work->service;
    const struct letter *letter = work->asked;

    if (work->is_applied) {
        int rc = apply_letter(service, letter, err);
        if (rc != KIT_OK)
            return rc;
    } else {
        kit_log_write(&service->ports.log, KIT_WARN, "dead_letter_skipped", "%s of %s: %s",
                      letter->subject, letter->source, letter->envelope);
    }
    return delete_letter(service, letter->id, err);
}

static int look_up_letters(void *context, struct kit_error *err)
{
    const struct letter_work *work = context;
    if (work->id > 0) {
        int rc = get_letter(work->service, work->id, work->asked, err);
        if (rc != KIT_OK)
            return rc;
    }
    return first_letter(work->service, work->asked, work->first, err);
}

/* Settles the letter in an item of its own, and counts it out when nothing undid that. */
static int run_settle(struct letter_work *work, struct kit_error *err)
{
    int rc = service_run_item(work->service, "", settle_letter, work, err);
    if (rc != KIT_OK)
        return rc;
    work->service->parked_count--;
    return KIT_OK;
}

/* Tries the first of those that wait behind a settled letter. */
static int settle_follower(struct kit_service *service, struct letter *settled,
                           struct kit_error *err)
{
    struct letter next = { 0 };
    struct letter_work look = { .service = service, .asked = settled, .first = &next };
    struct letter_work work = { .service = service, .is_applied = true, .asked = &next };

    int rc = service_run_own_item(service, look_up_letters, &look, err);
    if (rc != KIT_OK)
        return rc;
    rc = run_settle(&work, err);
    free(next.envelope);
    return rc;
}

/* What waited behind a settled letter is tried in its order, until one fails again. */
static void settle_followers(struct kit_service *service, struct letter *settled)
{
    struct kit_error err = { 0 };

    for (int i = 0; i < FOLLOWERS_RETRIED_MAX && service->parked_count > 0; i++) {
        int rc = settle_follower(service, settled, &err);
        if (rc == KIT_E_NOT_FOUND)
            return;
        if (rc != KIT_OK) {
            kit_log_write(&service->ports.log, KIT_WARN, "dead_letter_waits", "%s of %s: %s",
                          settled->subject, settled->source, err.text);
            return;
        }
    }
}

/* Looks the letter up and settles it, each in an item of its own. */
static int settle_first(struct letter_work *work, struct kit_error *err)
{
    if (work->id <= 0)
        return kit_error_set(err, KIT_E_NOT_FOUND, "dead letter ids are numbers from 1");
    int rc = service_run_own_item(work->service, look_up_letters, work, err);
    if (rc != KIT_OK)
        return rc;
    if (work->first->id != work->asked->id)
        return kit_error_set(err, KIT_E_REFUSED,
                             "it waits behind dead letter %" PRId64
                             " of the same subject; settle that one first",
                             work->first->id);
    return run_settle(work, err);
}

static int settle_asked(struct kit_service *service, int64_t id, bool is_applied,
                        struct kit_error *err)
{
    struct letter asked = { 0 }, first = { 0 };
    struct letter_work work = {
        .service = service,
        .id = id,
        .is_applied = is_applied,
        .asked = &asked,
        .first = &first,
    };

    int rc = settle_first(&work, err);
    if (rc == KIT_OK)
        settle_followers(service, &asked);
    free(asked.envelope);
    free(first.envelope);
    const int64_t failures = service->commit_failures_total;
    service->is_loud = true; /* the operator is told what is so */
    kit_service_flush(service);
    if (rc == KIT_OK && service->commit_failures_total != failures)
        return kit_error_set(err, KIT_E_FULL, "nothing was changed: %s", service->last_commit.text);
    return rc;
}

struct listing {
    struct kit_service *service;
    struct kit_buf *out;
};

static int list_letters(void *context, struct kit_error *err)
{
    const struct listing *listing = context;
    return list(listing->service, listing->out, err);
}

int kit_service_dead_letter_list(struct kit_service *service, struct kit_buf *out,
                                 struct kit_error *err)
{
    struct listing listing = { service, out };
    return service_run_own_item(service, list_letters, &listing, err);
}

int kit_service_dead_letter_retry(struct kit_service *service, int64_t id, struct kit_error *err)
{
    return settle_asked(service, id, true, err);
}

int kit_service_dead_letter_skip(struct kit_service *service, int64_t id, struct kit_error *err)
{
    return settle_asked(service, id, false, err);
}
