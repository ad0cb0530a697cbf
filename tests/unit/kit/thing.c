/* The service of thing.h: small, and wrong on demand. */
#include "thing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "msg/event_product.gen.h"
#include "msg/rpc_get_request.gen.h"

struct thing_app {
    struct kit_service *service;
    struct kit_statements statements;
    uint64_t ticket;
};

enum { Q_ADD, Q_GET, Q_CONFIRM, Q_TICK };

static const char *const SQL[] = {
    "INSERT INTO thing(id, origin) VALUES(?, ?)",
    "SELECT count(*) FROM thing WHERE id = ?",
    "INSERT INTO confirmed(ask) VALUES(?)",
    "INSERT INTO tick DEFAULT VALUES",
};

static const struct kit_migration MIGRATIONS[] = {
    { "0001", "CREATE TABLE thing(id INTEGER NOT NULL, origin TEXT NOT NULL) STRICT;"
              "CREATE TABLE confirmed(ask INTEGER PRIMARY KEY) STRICT;"
              "CREATE TABLE tick(id INTEGER PRIMARY KEY) STRICT;" },
};

int thing_add_row(void *self, int64_t id, const char *origin, struct kit_error *err)
{
    struct thing_app *app = self;
    struct kit_query q = kit_query_start(&app->statements, Q_ADD);
    kit_query_int(&q, id);
    kit_query_text(&q, origin);
    return kit_query_run(&q, NULL, err);
}

int thing_append(void *self, int64_t id, struct kit_error *err)
{
    struct thing_app *app = self;
    char subject[32];
    struct kit_buf *data = kit_service_scratch(app->service);
    snprintf(subject, sizeof(subject), "thing/%" PRId64, id);
    kit_buf_add_format(data, "{\"id\":%" PRId64 "}", id);
    return kit_service_append(app->service,
                              &(struct kit_log_entry){ "ThingAdded", subject, 1, data }, err);
}

static int on_help(void *self, uint64_t context, const struct kit_rpc_outcome *outcome,
                   struct kit_error *err)
{
    struct thing_app *app = self;
    if (outcome->code != KIT_OK)
        return kit_service_reply(app->service, context, NULL, outcome->error, err);
    int rc = thing_add_row(app, 99, "help", err);
    if (rc != KIT_OK)
        return rc;
    struct kit_buf *body = kit_service_scratch(app->service);
    kit_buf_add_text(body, "{\"id\":99}");
    return kit_service_reply(app->service, context, body, NULL, err);
}

static int ask_friend(struct thing_app *app, const struct kit_rpc_request *request)
{
    struct kit_buf *body = kit_service_scratch(app->service);
    kit_buf_add_text(body, "{\"id\":1}");
    const struct kit_service_call call = {
        .instance = "friend",
        .method = "help",
        .body = body,
        .key = "help-99",
        .timeout_ms = 500,
        .on_done = on_help,
        .context = request->ticket,
    };
    kit_service_call(app->service, &call);
    return KIT_PENDING;
}

static int on_add(void *self, const struct kit_rpc_request *request, struct kit_buf *response,
                  struct kit_error *err)
{
    struct thing_app *app = self;
    struct msg_rpc_get_request message;
    int rc = msg_rpc_get_request_decode(request->body, &message, err);
    if (rc != KIT_OK)
        return rc;
    if (message.id == 99)
        return ask_friend(app, request);
    rc = thing_add_row(app, message.id, "add", err);
    if (rc == KIT_OK)
        rc = thing_append(app, message.id, err);
    if (rc == KIT_OK && message.id == 13)
        return kit_error_typed(err, KIT_E_REFUSED, "unlucky", "13 is not taken; take another");
    if (rc == KIT_OK)
        kit_buf_add_format(response, "{\"id\":%" PRId64 "}", message.id);
    return rc;
}

static int on_get(void *self, const struct kit_rpc_request *request, struct kit_buf *response,
                  struct kit_error *err)
{
    struct thing_app *app = self;
    struct msg_rpc_get_request message;
    bool found = false;
    int rc = msg_rpc_get_request_decode(request->body, &message, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_query q = kit_query_start(&app->statements, Q_GET);
    kit_query_int(&q, message.id);
    rc = kit_query_row(&q, &found, err);
    const int64_t count = rc == KIT_OK ? kit_query_col_int(&q, 0) : 0;
    kit_query_end(&q);
    if (rc == KIT_OK)
        kit_buf_add_format(response, "{\"count\":%" PRId64 "}", count);
    return rc;
}

static int on_product_saved(void *self, const struct kit_event *event, struct kit_error *err)
{
    struct thing_app *app = self;
    struct msg_event_product saved;
    int rc = msg_event_product_decode(event->data, &saved, err);
    if (rc == KIT_OK)
        rc = thing_add_row(app, saved.product.id.v, "event", err);
    if (rc == KIT_OK && strcmp(saved.product.name, "refuse") == 0)
        return kit_error_set(err, KIT_E_INVALID, "this event can never be applied");
    if (rc == KIT_OK && strcmp(saved.product.name, "busy") == 0)
        return kit_error_set(err, KIT_E_LIMIT, "not now");
    return rc;
}

static int on_confirmed(void *self, int64_t ask, struct kit_error *err)
{
    struct thing_app *app = self;
    struct kit_query q = kit_query_start(&app->statements, Q_CONFIRM);
    kit_query_int(&q, ask);
    return kit_query_run(&q, NULL, err);
}

static int open_thing(void *self, struct kit_service *service, struct kit_error *err)
{
    struct thing_app *app = self;
    app->service = service;
    return kit_statements_prepare(&app->statements, kit_service_db(service), SQL, KIT_COUNT(SQL),
                                  err);
}

static void close_thing(void *self)
{
    struct thing_app *app = self;
    kit_statements_done(&app->statements);
}

static const struct kit_rpc_route ROUTES[] = {
    { "add", KIT_RPC_EFFECT, on_add },
    { "get", KIT_RPC_READ, on_get },
};
static const struct kit_event_route PRODUCT_EVENTS[] = { { "ProductSaved", on_product_saved } };
static const struct kit_subscription SUBSCRIPTIONS[] = {
    { "product", PRODUCT_EVENTS, KIT_COUNT(PRODUCT_EVENTS), on_confirmed },
};

static int part_that_works(void *self, struct kit_error *err)
{
    return thing_add_row(self, 16, "part", err);
}

static int part_that_fails(void *self, struct kit_error *err)
{
    struct thing_app *app = self;
    int rc = kit_service_attempt(app->service, part_that_works, app, err);
    if (rc == KIT_OK)
        rc = thing_add_row(app, 15, "part", err);
    if (rc == KIT_OK)
        rc = thing_append(app, 15, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_buf *payload = kit_service_scratch(app->service);
    kit_buf_add_text(payload, "{\"id\":15}");
    rc = kit_service_send(
        app->service, &(struct kit_device_send){ "scanner", "scanner-1", "ack", false, payload },
        err);
    return rc == KIT_OK ? kit_error_set(err, KIT_E_CONFLICT, "this part never works") : rc;
}

static int parts_try(struct thing_app *app, struct kit_error *err)
{
    struct kit_error why = { 0 };
    int rc = kit_service_attempt(app->service, part_that_fails, app, &why);
    if (rc != KIT_E_CONFLICT)
        return kit_error_set(err, KIT_E_CORRUPT, "the part ended with %d", rc);
    return thing_append(app, 14, err);
}

/* up {"id":n}: adds a row and acknowledges; 13 is refused after the row was written. */
static int on_up(void *self, const struct kit_device_message *message, struct kit_error *err)
{
    struct thing_app *app = self;
    struct msg_rpc_get_request msg;
    int rc = msg_rpc_get_request_decode(message->body, &msg, err);
    if (rc == KIT_OK)
        rc = thing_add_row(app, msg.id, message->device, err);
    if (rc == KIT_OK && msg.id == 13)
        rc = kit_error_set(err, KIT_E_REFUSED, "13 is refused");
    if (rc == KIT_OK && msg.id == 14)
        rc = parts_try(app, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_buf *payload = kit_service_scratch(app->service);
    kit_buf_add_format(payload, "{\"id\":%" PRId64 "}", msg.id);
    return kit_service_send(
        app->service,
        &(struct kit_device_send){ "scanner", message->device, "ack", false, payload }, err);
}

static int on_state(void *self, const struct kit_device_message *message, struct kit_error *err)
{
    (void)message;
    return thing_add_row(self, 1000, "state", err);
}

static int on_timer(void *self, struct kit_error *err)
{
    struct thing_app *app = self;
    struct kit_query q = kit_query_start(&app->statements, Q_TICK);
    return kit_query_run(&q, NULL, err);
}

static const struct kit_device_route DEVICE_ROUTES[] = {
    { "scanner", "up", on_up },
    { "scanner", "state", on_state },
};

const struct kit_service_desc thing_service = {
    .name = "thing",
    .app_size_bytes = sizeof(struct thing_app),
    .migrations = MIGRATIONS,
    .migration_count = KIT_COUNT(MIGRATIONS),
    .routes = ROUTES,
    .route_count = KIT_COUNT(ROUTES),
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = open_thing,
    .close = close_thing,
    .device_routes = DEVICE_ROUTES,
    .device_route_count = KIT_COUNT(DEVICE_ROUTES),
    .on_timer = on_timer,
    .timer_period_ms = THING_TIMER_MS,
};
