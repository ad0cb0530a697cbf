/* Events that could not be applied: kept with their reason, in the transaction in which the cursor
 * passes them. Later events of the same subject wait behind them; everything else flows. An
 * operator looks (list), mends the cause and retries, or skips. Loop thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/base/time.h"
#include "kit/json/gate.h"
#include "kit/service/internal.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_letter_list_response.gen.h"
#include "msg/rpc_letter_outcome_response.gen.h"
#include "msg/rpc_list_request.gen.h"

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
    struct letter_lane lane;
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
                             "there is no such dead letter any more; list them again");
    struct letter_lane *lane = &ret->lane;
    ret->id = kit_query_next_int(q);
    kit_query_next_text(q, lane->source, sizeof(lane->source));
    kit_query_next_text(q, lane->subject, sizeof(lane->subject));
    kit_query_next_text(q, lane->epoch, sizeof(lane->epoch));
    const void *envelope = kit_query_next_bytes(q, &size_bytes);
    free(ret->envelope); /* of an item that was tried before, and undone with its batch */
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

static int first_letter(struct kit_service *service, const struct letter_lane *lane,
                        struct letter *ret, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_FIRST);
    kit_query_text(&q, lane->source);
    kit_query_text(&q, lane->subject);
    kit_query_text(&q, lane->epoch);
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
    if (strcmp(wire.type, KIT_EVENT_DAMAGED) == 0)
        return kit_error_set(err, KIT_E_REFUSED, "what was in it is not here; skip it");
    if (!streams_find_handler(service, wire.source, wire.type, &handler))
        return KIT_OK; /* a later version of ours passes over that type */
    const struct kit_event event = streams_event(&wire);
    return streams_run_handler(service, &handler, &event, err);
}

static int apply_letter(struct kit_service *service, const struct letter *letter,
                        struct kit_error *err)
{
    cJSON *envelope = NULL;

    PRE(letter->envelope != NULL);
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
    int64_t id;      /* of the letter that is asked for */
    bool is_applied; /* false: it is skipped */
    struct letter *asked;
    struct letter *first; /* of its lane */
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
                      letter->lane.subject, letter->lane.source, letter->envelope);
    }
    return delete_letter(service, letter->id, err);
}

static int look_up_letters(void *context, struct kit_error *err)
{
    const struct letter_work *work = context;
    if (work->id <= 0)
        return kit_error_set(err, KIT_E_NOT_FOUND, "dead letter ids are numbers from 1");
    int rc = get_letter(work->service, work->id, work->asked, err);
    if (rc != KIT_OK)
        return rc;
    rc = first_letter(work->service, &work->asked->lane, work->first, err);
    if (rc != KIT_OK)
        return rc;
    if (work->first->id != work->asked->id)
        return kit_error_typed(err, KIT_E_REFUSED, "letter-waits",
                               "it waits behind dead letter %" PRId64
                               " of the same subject; settle that one first",
                               work->first->id);
    return KIT_OK;
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

struct lane_work {
    struct kit_service *service;
    const struct letter_lane *lane;
    struct letter *first;
};

static int look_up_first(void *context, struct kit_error *err)
{
    const struct lane_work *work = context;
    return first_letter(work->service, work->lane, work->first, err);
}

static int settle_next(struct lane_work *look, struct kit_error *err)
{
    struct letter_work work = { .service = look->service,
                                .is_applied = true,
                                .asked = look->first };

    int rc = service_run_own_item(look->service, look_up_first, look, err);
    if (rc != KIT_OK)
        return rc;
    return run_settle(&work, err);
}

/* Tries the first of those that wait behind a settled letter. */
static int settle_follower(struct kit_service *service, const struct letter_lane *lane,
                           struct kit_error *err)
{
    struct letter next = { 0 };
    struct lane_work look = { .service = service, .lane = lane, .first = &next };

    int rc = settle_next(&look, err);
    free(next.envelope);
    return rc;
}

/* What waited behind a settled letter is tried in its order, until one fails again. */
static void settle_followers(struct kit_service *service, const struct letter_lane *lane)
{
    struct kit_error err = { 0 };

    for (int i = 0; i < FOLLOWERS_RETRIED_MAX && service->parked_count > 0; i++) {
        int rc = settle_follower(service, lane, &err);
        if (rc == KIT_E_NOT_FOUND)
            return;
        if (rc != KIT_OK) {
            kit_log_write(&service->ports.log, KIT_WARN, "dead_letter_waits", "%s of %s: %s",
                          lane->subject, lane->source, err.text);
            return;
        }
    }
}

/* Looks the letter up and settles it, each in an item of its own. */
static int settle_first(struct letter_work *work, struct kit_error *err)
{
    int rc = service_run_own_item(work->service, look_up_letters, work, err);
    if (rc != KIT_OK)
        return rc;
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
        settle_followers(service, &asked.lane);
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

/* ---- the same as requests ---- */

/* The page's rows behind its total. */
static int read_page(struct kit_query *q, struct msg_rpc_letter_list_response *out,
                     struct kit_error *err)
{
    bool found = false;
    int rc;

    while ((rc = kit_query_row(q, &found, err)) == KIT_OK && found) {
        CHECK(out->items_count < KIT_COUNT(out->items));
        struct msg_letter *letter = &out->items[out->items_count++].letter;
        letter->id = kit_query_next_int(q);
        kit_query_next_text(q, letter->source, sizeof(letter->source));
        letter->seq = kit_query_next_int(q);
        kit_query_next_text(q, letter->type, sizeof(letter->type));
        kit_query_next_text(q, letter->subject, sizeof(letter->subject));
        kit_query_next_text(q, letter->code, sizeof(letter->code));
        kit_query_next_text(q, letter->reason, sizeof(letter->reason));
        letter->parked_at_ms = kit_query_next_int(q);
    }
    return rc;
}

static int answer_list(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                       struct kit_error *err)
{
    const struct msg_rpc_list_request *request = exchange->in;
    struct msg_rpc_letter_list_response *out = exchange->out;

    int rc = dead_letter_count(service, &out->total, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query q = kit_query_start(&service->statements, Q_LETTER_PAGE);
    kit_query_int(&q, request->page * request->size);
    kit_query_int(&q, request->size);
    rc = read_page(&q, out, err);
    kit_query_end(&q);
    return rc;
}

/* Looks the letter up and settles it, both in the item of the request. */
static int settle_within(struct letter_work *work, struct kit_error *err)
{
    int rc = look_up_letters(work, err);
    if (rc != KIT_OK)
        return rc;
    rc = settle_letter(work, err);
    if (rc == KIT_OK || kit_code_action(rc) != KIT_ACTION_PARK)
        return rc;
    return kit_error_typed(err, KIT_E_REFUSED, "fails-again",
                           "it still cannot be applied: %s; mend the cause and retry, or skip it",
                           err->is_internal ? kit_code_text(rc) : err->text);
}

static int answer_settled(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                          bool is_applied, struct kit_error *err)
{
    const struct msg_rpc_get_request *request = exchange->in;
    struct msg_rpc_letter_outcome_response *out = exchange->out;
    struct letter asked = { 0 }, first = { 0 };
    struct letter_work work = {
        .service = service,
        .id = request->id,
        .is_applied = is_applied,
        .asked = &asked,
        .first = &first,
    };

    int rc = settle_within(&work, err);
    free(asked.envelope);
    free(first.envelope);
    if (rc != KIT_OK)
        return rc;
    service->freed_lane = asked.lane;
    out->letter_outcome.id = request->id;
    out->letter_outcome.outcome = is_applied ? LETTER_OUTCOME_APPLIED : LETTER_OUTCOME_SKIPPED;
    return KIT_OK;
}

static int answer_retry(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                        struct kit_error *err)
{
    return answer_settled(service, exchange, true, err);
}

static int answer_skip(struct kit_service *service, const struct kit_rpc_exchange *exchange,
                       struct kit_error *err)
{
    return answer_settled(service, exchange, false, err);
}

void dead_letter_on_request_end(struct kit_service *service, bool is_kept)
{
    const struct letter_lane lane = service->freed_lane;

    service->freed_lane = (struct letter_lane){ 0 };
    if (lane.source[0] == '\0' || !is_kept)
        return;
    service->parked_count--;
    settle_followers(service, &lane);
}

const struct kit_method dead_letter_methods[DEAD_LETTER_METHODS] = {
    { .row = { .name = "letter-list",
               .kind = KIT_RPC_READ,
               .in = &msg_rpc_list_request_shape,
               .out = &msg_rpc_letter_list_response_shape },
      .run = answer_list },
    { .row = { .name = "letter-retry",
               .kind = KIT_RPC_EFFECT,
               .in = &msg_rpc_get_request_shape,
               .out = &msg_rpc_letter_outcome_response_shape },
      .run = answer_retry },
    { .row = { .name = "letter-skip",
               .kind = KIT_RPC_EFFECT,
               .in = &msg_rpc_get_request_shape,
               .out = &msg_rpc_letter_outcome_response_shape },
      .run = answer_skip },
};
