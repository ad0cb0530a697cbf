/* Requests: who asks is proven by the topic, an effect happens once per (caller, account, key), and
 * the response is saved with it. Loop thread. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/json/shape.h"
#include "kit/service/internal.h"
#include "msg/rpc_problem.gen.h"

#define EXPIRY_PERIOD_MS 10000
#define EXPIRY_BACKLOG_MS 100

static uint64_t number_ticket(const struct kit_service *service, const struct ticket *ticket)
{
    return (uint64_t)ticket->generation << 32 | (uint64_t)(ticket - service->tickets);
}

/* FNV-1a over caller, account and key: only to pass over what cannot be equal. */
static uint32_t hash_key(const struct ticket *ticket)
{
    uint32_t hash = UINT32_C(2166136261) ^ (uint32_t)ticket->actor.account;
    for (const char *c = ticket->caller; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * UINT32_C(16777619);
    for (const char *c = ticket->key; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * UINT32_C(16777619);
    return hash;
}

static void open_ticket(struct kit_service *service, struct ticket *ticket)
{
    ticket->is_open = true;
    ticket->open_index = service->ticket_count++;
    service->open_keys[ticket->open_index] = (struct open_key){
        .hash = hash_key(ticket),
        .ticket = (int)(ticket - service->tickets),
    };
}

static void close_ticket(struct kit_service *service, struct ticket *ticket)
{
    if (ticket->is_open) {
        const struct open_key last = service->open_keys[--service->ticket_count];
        service->open_keys[ticket->open_index] = last;
        service->tickets[last.ticket].open_index = ticket->open_index;
    }
    ticket->is_open = false;
    ticket->generation++;
    ticket->next_free = service->ticket_free;
    service->ticket_free = (int)(ticket - service->tickets);
}

static struct ticket *find_ticket(struct kit_service *service, uint64_t id)
{
    const size_t index = id & UINT32_MAX;
    if (index >= service->limits.tickets)
        return NULL;
    struct ticket *ticket = &service->tickets[index];
    const bool is_waiting = ticket->is_open && !ticket->is_answered;
    return is_waiting && ticket->generation == id >> 32 ? ticket : NULL;
}

static void stage_problem(struct kit_service *service, const struct ticket *to,
                          const struct kit_error *error)
{
    struct msg_rpc_problem problem = {
        .has_pointer = error->pointer[0] != '\0',
        .has_retry_after_ms = error->retry_after_ms > 0,
        .retry_after_ms = error->retry_after_ms,
    };
    kit_text_copy(problem.type, sizeof(problem.type),
                  error->type[0] != '\0' ? error->type : kit_code_type(error->code));
    const bool is_told = error->text[0] != '\0' && !error->is_internal;
    kit_text_copy(problem.detail, sizeof(problem.detail),
                  is_told ? error->text : kit_code_text(error->code));
    if (error->is_internal && error->code != KIT_E_FULL) /* a full disk is told by the readiness */
        kit_log_write(&service->ports.log, KIT_WARN, "request_failed", "%s", error->text);
    kit_text_copy(problem.pointer, sizeof(problem.pointer), error->pointer);
    kit_buf_reset(&service->response);
    msg_rpc_problem_encode(&problem, &service->response);
    service_stage_reply(service, to, error->code, service->response.data,
                        service->response.size_bytes);
}

/* ---- stored responses ---- */

/* Of what a request means, in the one form in which we would write it: what it left out is filled
 * in, so that a key holds when the caller is of another release. service->response is scratch. */
static int hash_request(struct kit_service *service, struct ticket *ticket, const void *in,
                        struct kit_error *err)
{
    const struct kit_rpc_method *row = ticket->method->row;
    crypto_generichash_state state;

    kit_buf_reset(&service->response);
    kit_shape_encode(row->in, in, &service->response);
    if (service->response.overflow)
        return kit_error_set(err, KIT_E_TOO_LARGE, "the request is larger than %d bytes",
                             RESPONSE_BYTES_MAX);
    crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)row->name, strlen(row->name) + 1);
    crypto_generichash_update(&state, (const uint8_t *)service->response.data,
                              service->response.size_bytes);
    crypto_generichash_final(&state, ticket->hash, HASH_SIZE);
    return KIT_OK;
}

/* Reads the row of a key into service->response, unless the key was used for another request. */
static int read_response(struct kit_service *service, const struct ticket *ticket,
                         struct kit_query *q, struct kit_error *err)
{
    size_t size_bytes = 0;
    const void *hash = kit_query_next_bytes(q, &size_bytes);
    if (size_bytes != HASH_SIZE || memcmp(hash, ticket->hash, HASH_SIZE) != 0)
        return kit_error_set(err, KIT_E_KEY_REUSED,
                             "this idempotency key belongs to another request of the last 24 "
                             "hours; use a new key for a new request");
    const void *body = kit_query_next_bytes(q, &size_bytes);
    kit_buf_reset(&service->response);
    kit_buf_add(&service->response, body, size_bytes);
    return KIT_OK;
}

/* KIT_OK with *ret_found: the response is in service->response. */
static int find_response(struct kit_service *service, const struct ticket *ticket, bool *ret_found,
                         struct kit_error *err)
{
    struct kit_query q = kit_query_start(&service->statements, Q_RESPONSE_GET);
    kit_query_text(&q, ticket->caller);
    kit_query_int(&q, ticket->actor.account);
    kit_query_text(&q, ticket->key);
    int rc = kit_query_row(&q, ret_found, err);
    if (rc == KIT_OK && *ret_found)
        rc = read_response(service, ticket, &q, err);
    kit_query_end(&q);
    return rc;
}

static int save_response(struct kit_service *service, const struct ticket *ticket,
                         const struct kit_buf *body, struct kit_error *err)
{
    service->is_loud = true;
    struct kit_query q = kit_query_start(&service->statements, Q_RESPONSE_ADD);
    kit_query_text(&q, ticket->caller);
    kit_query_int(&q, ticket->actor.account);
    kit_query_text(&q, ticket->key);
    kit_query_blob(&q, ticket->hash, HASH_SIZE);
    kit_query_bytes(&q, body->data, body->size_bytes);
    kit_query_int(&q, service->now_ms);
    return kit_query_run(&q, NULL, err);
}

/* The open ticket of that caller, account and key; NULL: there is none. */
static const struct ticket *find_under_way(const struct kit_service *service,
                                           const struct ticket *ticket)
{
    const uint32_t hash = service->ticket_count == 0 ? 0 : hash_key(ticket);
    for (size_t i = 0; i < service->ticket_count; i++) {
        const struct ticket *other = &service->tickets[service->open_keys[i].ticket];
        if (service->open_keys[i].hash == hash && strcmp(other->key, ticket->key) == 0 &&
            strcmp(other->caller, ticket->caller) == 0 &&
            other->actor.account == ticket->actor.account)
            return other;
    }
    return NULL;
}

/* Its caller has sent it again, as one of us was away: the answer is still to come. */
static bool is_repeated(const struct kit_service *service, const struct ticket *ticket)
{
    const struct ticket *other = ticket->key[0] != '\0' ? find_under_way(service, ticket) : NULL;
    return other != NULL &&
           memcmp(other->correlation, ticket->correlation, sizeof(other->correlation)) == 0;
}

static int check_not_under_way(const struct kit_service *service, const struct ticket *ticket,
                               struct kit_error *err)
{
    if (find_under_way(service, ticket) == NULL)
        return KIT_OK;
    return kit_error_set(err, KIT_E_CONFLICT,
                         "the same request is still under way; repeat it a little later");
}

/* ---- which methods there are ---- */

static void add_method(struct kit_service *service, const struct service_method *method)
{
    PRE(service->method_count < ROUTES_MAX);
    service->methods[service->method_count++] = *method;
}

static void add_own(struct kit_service *service, const struct kit_method *method)
{
    add_method(service, &(struct service_method){ .row = &method->row, .run = method->run });
}

/* The methods of the table, and those that the kit answers. */
static void list_methods(struct kit_service *service)
{
    const struct kit_rpc_table *table = service->desc->requests;
    for (size_t i = 0; table != NULL && i < table->count; i++)
        add_method(service, &(struct service_method){ .row = &table->methods[i], .index = i });
    if (service->desc->publishes)
        add_own(service, &replay_method);
    if (service->desc->subscription_count > 0)
        add_own(service, &recovery_method);
    for (size_t i = 0; service->desc->subscription_count > 0 && i < DEAD_LETTER_METHODS; i++)
        add_own(service, &dead_letter_methods[i]);
}

void executor_open(struct kit_service *service)
{
    const int count = (int)service->limits.tickets;
    service->tickets = calloc(service->limits.tickets, sizeof(struct ticket));
    CHECK(service->tickets != NULL);
    for (int i = 0; i < count; i++)
        service->tickets[i].next_free = i + 1 < count ? i + 1 : -1;
    service->ticket_free = 0;
    list_methods(service);
}

/* ---- one request ---- */

struct service_method *executor_find_method(struct kit_service *service, const char *name)
{
    for (size_t i = 0; i < service->method_count; i++) {
        if (strcmp(service->methods[i].row->name, name) == 0)
            return &service->methods[i];
    }
    return NULL;
}

static int run_handler(struct kit_service *service, const struct service_method *method,
                       const struct kit_rpc_exchange *exchange, struct kit_error *err)
{
    if (method->run != NULL)
        return method->run(service, exchange, err);
    return service->desc->requests->run(service->app, method->index, exchange, err);
}

int executor_read(struct kit_service *service, const struct service_method *method,
                  const cJSON *body, void **ret_in, struct kit_error *err)
{
    const struct kit_shape *shape = method->row->in;
    void *in = kit_arena_take(&service->item_arena, shape->size_bytes);

    int rc = kit_shape_decode(shape, body, in, err);
    if (rc != KIT_OK)
        return rc;
    if (service->desc->complete != NULL)
        service->desc->complete(shape, in);
    *ret_in = in;
    return KIT_OK;
}

int executor_run(struct kit_service *service, const struct service_method *method, const void *in,
                 struct kit_error *err)
{
    const struct kit_rpc_exchange exchange = {
        .in = in,
        .out = kit_arena_take(&service->item_arena, method->row->out->size_bytes),
    };
    kit_buf_reset(&service->response);
    int rc = run_handler(service, method, &exchange, err);
    if (rc != KIT_OK)
        return rc;
    kit_shape_encode(method->row->out, exchange.out, &service->response);
    return KIT_OK;
}

static bool is_visible_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < '!' || *text > '~')
            return false;
    }
    return true;
}

/* A request whose caller is proven, and how long it still waits. */
struct asked {
    struct kit_rpc_topic topic;
    int64_t left_ms;
};

/* false: refused and counted; there is nobody whom we could answer safely. */
static bool check_request(struct kit_service *service, const struct kit_message *message,
                          struct asked *ret)
{
    char reply_topic[KIT_TOPIC_SIZE];
    enum refusal reason;

    if (!kit_topic_parse_rpc(message->topic, &ret->topic) ||
        strcmp(ret->topic.instance, service->instance) != 0) {
        reason = REFUSED_TOPIC;
    } else if (message->retain) {
        reason = REFUSED_RETAINED; /* a request that was stored is not a request of now */
    } else {
        kit_topic_reply(reply_topic, ret->topic.caller, service->instance);
        ret->left_ms = time_left_ms(service, message, ret->topic.caller);
        if (!message->has_correlation || strcmp(message->response_topic, reply_topic) != 0)
            reason = REFUSED_REPLY_TO;
        else if (message->left_ms <= 0 && message->deadline_ms <= 0)
            reason = REFUSED_DEADLINE;
        else if (ret->left_ms < 0)
            reason = REFUSED_EXPIRED; /* nobody waits for it any more, so it must have no effect */
        else if (strlen(message->key) >= KIT_KEY_SIZE || !is_visible_ascii(message->key))
            reason = REFUSED_KEY;
        else
            return true;
    }
    service_refuse(service, reason, message->topic, NULL);
    return false;
}

static void fill_ticket(struct kit_service *service, struct ticket *ticket,
                        const struct kit_message *message, const struct asked *asked)
{
    memcpy(ticket->correlation, message->correlation, sizeof(ticket->correlation));
    kit_text_copy(ticket->topic, sizeof(ticket->topic), message->response_topic);
    kit_text_copy(ticket->caller, sizeof(ticket->caller), asked->topic.caller);
    kit_text_copy(ticket->key, sizeof(ticket->key), message->key);
    ticket->actor = message->actor;
    ticket->expires_mono_ms = service_mono_ms(service) + asked->left_ms;
}

/* Inside the item. KIT_OK: service->response is the answer. */
static int execute(struct kit_service *service, struct ticket *ticket, const cJSON *body,
                   struct kit_error *err)
{
    const bool is_effect = ticket->method->row->kind == KIT_RPC_EFFECT;
    bool found = false;
    void *in = NULL;

    if (is_effect && ticket->key[0] == '\0')
        return kit_error_set(err, KIT_E_INVALID, "the idempotency-key property is missing");
    int rc = executor_read(service, ticket->method, body, &in, err);
    if (rc != KIT_OK)
        return rc;
    if (is_effect) {
        rc = hash_request(service, ticket, in, err);
        if (rc != KIT_OK)
            return rc;
        rc = find_response(service, ticket, &found, err);
        if (rc != KIT_OK || found)
            return rc;
        rc = ticket->method->run != NULL ? KIT_OK : recovery_refuse(service, err);
        if (rc != KIT_OK)
            return rc;
        rc = check_not_under_way(service, ticket, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (ticket->method->row->kind == KIT_RPC_SECRET) {
        service->is_loud = true;
        rc = recovery_refuse(service, err);
        if (rc != KIT_OK)
            return rc;
    }
    const struct kit_rpc_request request = {
        .caller = ticket->caller,
        .key = ticket->key,
        .actor = ticket->actor,
        .is_own = ticket->is_own,
        .expires_mono_ms = ticket->expires_mono_ms,
        .ticket = number_ticket(service, ticket),
    };
    service->request = &request;
    service->actor = ticket->actor;
    rc = executor_run(service, ticket->method, in, err);
    service->request = NULL;
    if (rc != KIT_OK)
        return rc;
    if (service->response.overflow)
        return kit_error_set(err, KIT_E_TOO_LARGE,
                             "the answer is larger than %d bytes; ask for less",
                             RESPONSE_BYTES_MAX);
    if (!is_effect)
        return KIT_OK;
    return save_response(service, ticket, &service->response, err);
}

static void count(struct service_method *method, int rc)
{
    if (rc == KIT_OK || rc == KIT_PENDING)
        method->ok_total++;
    else if (kit_code_action(rc) == KIT_ACTION_PARK)
        method->refused_total++;
    else
        method->failed_total++;
}

/* What the work of a request's item needs. */
struct request_work {
    struct kit_service *service;
    struct ticket *ticket;
    const cJSON *body;
    bool is_pending; /* the answer comes later */
};

static int execute_and_reply(void *context, struct kit_error *err)
{
    struct request_work *work = context;
    struct kit_service *service = work->service;
    int rc = execute(service, work->ticket, work->body, err);
    work->is_pending = rc == KIT_PENDING;
    if (work->is_pending)
        return KIT_OK;
    if (rc != KIT_OK)
        return rc;
    service_stage_reply(service, work->ticket, KIT_OK, service->response.data,
                        service->response.size_bytes);
    return KIT_OK;
}

static int run_item(struct kit_service *service, struct ticket *ticket,
                    const struct kit_message *message, struct kit_error *err)
{
    cJSON *body = NULL;
    int rc = access_check(service, ticket, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_json_parse(message->payload, message->payload_size_bytes, KIT_PAYLOAD_BYTES_MAX, &body,
                        err);
    if (rc != KIT_OK)
        return rc;
    struct request_work work = {
        .service = service,
        .ticket = ticket,
        .body = body,
    };
    service_end_lost_batch(service); /* on a full disk one can still read */
    rc = service_run_item(service, message->traceparent, execute_and_reply, &work, err);
    cJSON_Delete(body);
    if (rc != KIT_OK)
        return rc;
    return work.is_pending ? KIT_PENDING : KIT_OK;
}

void executor_on_request(struct kit_service *service, const struct kit_message *message)
{
    struct asked asked;
    struct kit_error err = { 0 };

    if (!check_request(service, message, &asked))
        return;
    if (service->ticket_free < 0) {
        struct ticket stranger = { 0 };
        fill_ticket(service, &stranger, message, &asked);
        kit_error_set(&err, KIT_E_LIMIT, "%d requests wait here; try again later",
                      (int)service->limits.tickets);
        stage_problem(service, &stranger, &err);
        return;
    }
    struct ticket *ticket = &service->tickets[service->ticket_free];
    service->ticket_free = ticket->next_free;
    fill_ticket(service, ticket, message, &asked);
    if (is_repeated(service, ticket)) {
        close_ticket(service, ticket);
        return;
    }
    struct service_method *method = executor_find_method(service, asked.topic.method);
    ticket->method = method;

    int rc;
    if (method != NULL) {
        rc = run_item(service, ticket, message, &err);
        count(method, rc);
    } else {
        service->refused_total[REFUSED_METHOD]++;
        rc = kit_error_typed(&err, KIT_E_NOT_FOUND, "unknown-method",
                             "%s has no method %s; see schemas/topics.md", service->instance,
                             asked.topic.method);
    }
    if (rc == KIT_PENDING) {
        open_ticket(service, ticket);
        return;
    }
    if (rc != KIT_OK)
        stage_problem(service, ticket, &err);
    close_ticket(service, ticket);
    dead_letter_on_request_end(service, rc == KIT_OK);
}

const struct kit_rpc_request *kit_service_request(const struct kit_service *service)
{
    PRE(service->request != NULL);
    return service->request;
}

static int answer(struct kit_service *service, const struct ticket *ticket,
                  const struct kit_buf *body, struct kit_error *err)
{
    if (ticket->method->row->kind == KIT_RPC_SECRET)
        service->is_loud = true;
    if (ticket->method->row->kind == KIT_RPC_EFFECT) {
        int rc = save_response(service, ticket, body, err);
        if (rc != KIT_OK)
            return rc;
    }
    service_stage_reply(service, ticket, KIT_OK, body->data, body->size_bytes);
    return KIT_OK;
}

/* The last message that was staged is the ticket's answer. */
static void note_answered(struct kit_service *service, struct ticket *ticket)
{
    ticket->is_answered = true;
    service->outbox[service->outbox_count - 1].ticket = ticket;
}

void executor_settle(struct kit_service *service, size_t from, bool is_kept)
{
    for (size_t i = from; i < service->outbox_count; i++) {
        struct ticket *ticket = service->outbox[i].ticket;
        if (ticket == NULL)
            continue;
        service->outbox[i].ticket = NULL;
        ticket->is_answered = false;
        if (is_kept)
            close_ticket(service, ticket);
    }
}

int kit_service_reply(struct kit_service *service, uint64_t ticket_number, struct kit_body response,
                      struct kit_error *err)
{
    PRE(service->item_is_open);
    struct ticket *ticket = find_ticket(service, ticket_number);
    if (ticket == NULL)
        return KIT_OK; /* expired: the caller has gone */
    PRE(ticket->method->row->out == response.shape);
    int rc = answer(service, ticket, service_encode(service, response), err);
    if (rc == KIT_OK)
        note_answered(service, ticket);
    return rc;
}

void kit_service_reply_problem(struct kit_service *service, uint64_t ticket_number,
                               const struct kit_error *problem)
{
    PRE(service->item_is_open);
    struct ticket *ticket = find_ticket(service, ticket_number);
    if (ticket == NULL)
        return;
    stage_problem(service, ticket, problem);
    note_answered(service, ticket);
}

/* ---- expiry ---- */

struct expiry {
    struct kit_service *service;
    int deleted_count;
};

static int delete_old_responses(void *context, struct kit_error *err)
{
    struct expiry *expiry = context;
    struct kit_service *service = expiry->service;
    struct kit_query q = kit_query_start(&service->statements, Q_RESPONSE_EXPIRE);
    kit_query_int(&q, RESPONSE_EXPIRE_ROWS);
    kit_query_int(&q, kit_service_sure_ms(service) - RESPONSE_KEEP_MS); /* rules time 1.4 */
    int rc = kit_query_run(&q, &expiry->deleted_count, err);
    if (rc != KIT_OK)
        return rc;
    return time_keep_if_due(service, err);
}

/* Returns whether there may be more to delete. */
static bool expire_responses(struct kit_service *service)
{
    struct expiry expiry = { .service = service };
    int rc = service_run_own_item(service, delete_old_responses, &expiry, NULL);
    return rc == KIT_OK && expiry.deleted_count == RESPONSE_EXPIRE_ROWS;
}

int64_t executor_tick(struct kit_service *service, int64_t now_mono_ms)
{
    if (now_mono_ms < service->next_expiry_mono_ms)
        return service->next_expiry_mono_ms;
    for (size_t i = 0; i < service->limits.tickets && service->ticket_count > 0; i++) {
        struct ticket *ticket = &service->tickets[i];
        /* A handler's own call ends first; what is left a whole period later was forgotten. */
        if (ticket->is_open && ticket->expires_mono_ms + EXPIRY_PERIOD_MS < now_mono_ms)
            close_ticket(service, ticket);
    }
    /* A backlog is worked off piece by piece, so that no commit is long. */
    service->next_expiry_mono_ms = now_mono_ms + (expire_responses(service) ? EXPIRY_BACKLOG_MS
                                                                            : EXPIRY_PERIOD_MS);
    return service->next_expiry_mono_ms;
}
