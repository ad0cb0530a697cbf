/* The service of thing.h: small, and wrong on demand. */
#include "thing.h"

#include <string.h>

#include "kit/service/routes.h"
#include "msg/event_product.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_replay_request.gen.h"

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

static int append(struct thing_app *app, int64_t id, const char *name, struct kit_error *err)
{
    const struct msg_rpc_get_request state = { .id = id };
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "ThingAdded",
                                  .aggregate = "thing",
                                  .id = id,
                                  .name = name,
                                  .version = 1,
                                  .data = KIT_BODY(rpc_get_request, &state),
                              },
                              err);
}

int thing_append(void *self, int64_t id, struct kit_error *err)
{
    return append(self, id, NULL, err);
}

int thing_append_named(void *self, const char *name, struct kit_error *err)
{
    return append(self, 1, name, err);
}

static int on_help(void *self, uint64_t context, const struct kit_rpc_outcome *outcome,
                   struct kit_error *err)
{
    struct thing_app *app = self;
    const struct msg_rpc_get_request added = { .id = 99 };
    if (outcome->code != KIT_OK) {
        kit_service_reply_problem(app->service, context, outcome->error);
        return KIT_OK;
    }
    int rc = thing_add_row(app, 99, "help", err);
    if (rc != KIT_OK)
        return rc;
    return kit_service_reply(app->service, context, KIT_BODY(rpc_get_request, &added), err);
}

static void call_friend(struct thing_app *app, uint64_t context)
{
    const struct msg_rpc_get_request request = { .id = 1 };
    const struct kit_service_call call = {
        .instance = "friend",
        .method = "help",
        .request = KIT_BODY(rpc_get_request, &request),
        .key = "help-99",
        .timeout_ms = 500,
        .on_done = on_help,
        .context = context,
    };
    kit_service_call(app->service, &call);
}

static int ask_friend(struct thing_app *app)
{
    call_friend(app, kit_service_request(app->service)->ticket);
    return KIT_PENDING;
}

static int keep_ticket(struct thing_app *app)
{
    app->ticket = kit_service_request(app->service)->ticket;
    return KIT_PENDING;
}

static int answer_kept(struct thing_app *app, struct kit_error *err)
{
    const struct msg_rpc_get_request late = { .id = 97 };
    return kit_service_reply(app->service, app->ticket, KIT_BODY(rpc_get_request, &late), err);
}

/* What only a fault in a service can do. */
static int confirm_twice(struct thing_app *app, struct kit_error *err)
{
    for (int i = 0; i < 2; i++) {
        struct kit_query q = kit_query_start(&app->statements, Q_CONFIRM);
        kit_query_int(&q, 12);
        int rc = kit_query_run(&q, NULL, err);
        if (rc != KIT_OK)
            return rc;
    }
    UNREACHABLE("a key twice");
}

static int on_add(struct thing_app *app, const struct msg_rpc_get_request *in,
                  struct msg_rpc_get_request *out, struct kit_error *err)
{
    if (in->id == 99)
        return ask_friend(app);
    if (in->id == 97)
        return keep_ticket(app);
    if (in->id == 12)
        return confirm_twice(app, err);
    int rc = thing_add_row(app, in->id, "add", err);
    if (rc != KIT_OK)
        return rc;
    rc = thing_append(app, in->id, err);
    if (rc != KIT_OK)
        return rc;
    if (in->id == 13)
        return kit_error_typed(err, KIT_E_REFUSED, "unlucky", "13 is not taken; take another");
    out->id = in->id;
    return KIT_OK;
}

static int on_get(struct thing_app *app, const struct msg_rpc_get_request *in,
                  struct msg_rpc_replay_request *out, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&app->statements, Q_GET);
    kit_query_int(&query, in->id);
    out->limit = 1;
    return kit_query_number(&query, &out->after, err);
}

static int on_product_saved(struct thing_app *app, const struct msg_event_product *saved,
                            struct kit_error *err)
{
    int rc = thing_add_row(app, saved->product.id.v, "event", err);
    if (rc != KIT_OK)
        return rc;
    if (strcmp(saved->product.name, "refuse") == 0)
        return kit_error_set(err, KIT_E_INVALID, "this event can never be applied");
    if (strcmp(saved->product.name, "busy") == 0)
        return kit_error_set(err, KIT_E_LIMIT, "not now");
    return KIT_OK;
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

static int part_that_works(void *self, struct kit_error *err)
{
    return thing_add_row(self, 16, "part", err);
}

/* An ack that says the id. */
static int send_ack(struct thing_app *app, const char *device, int64_t id, struct kit_error *err)
{
    const struct msg_rpc_get_request ack = { .id = id };
    return kit_service_send(app->service,
                            &(struct kit_device_send){
                                .kind = "scanner",
                                .device = device,
                                .leaf = "ack",
                                .body = KIT_BODY(rpc_get_request, &ack),
                            },
                            err);
}

static int part_that_fails(void *self, struct kit_error *err)
{
    struct thing_app *app = self;
    int rc = kit_service_attempt(app->service, part_that_works, app, err);
    if (rc != KIT_OK)
        return rc;
    rc = thing_add_row(app, 15, "part", err);
    if (rc != KIT_OK)
        return rc;
    rc = thing_append(app, 15, err);
    if (rc != KIT_OK)
        return rc;
    rc = send_ack(app, "scanner-1", 15, err);
    if (rc != KIT_OK)
        return rc;
    call_friend(app, app->ticket);
    return kit_error_set(err, KIT_E_CONFLICT, "this part never works");
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
static int on_up(struct thing_app *app, const char *device, const struct msg_rpc_get_request *up,
                 struct kit_error *err)
{
    int rc = thing_add_row(app, up->id, device, err);
    if (rc != KIT_OK)
        return rc;
    if (up->id == 13)
        return kit_error_set(err, KIT_E_REFUSED, "13 is refused");
    if (up->id == 14)
        rc = parts_try(app, err);
    if (up->id == 17)
        rc = answer_kept(app, err);
    if (rc != KIT_OK)
        return rc;
    return send_ack(app, device, up->id, err);
}

static int on_state(struct thing_app *app, const char *device,
                    const struct msg_rpc_get_request *state, struct kit_error *err)
{
    (void)device;
    (void)state;
    return thing_add_row(app, 1000, "state", err);
}

static int on_timer(void *self, struct kit_error *err)
{
    struct thing_app *app = self;
    struct kit_query q = kit_query_start(&app->statements, Q_TICK);
    return kit_query_run(&q, NULL, err);
}

#define REQUESTS(X)                                                                                \
    X("add", KIT_RPC_EFFECT, rpc_get_request, rpc_get_request, on_add)                             \
    X("get", KIT_RPC_READ, rpc_get_request, rpc_replay_request, on_get)
KIT_RPC_TABLE(thing_requests, struct thing_app, REQUESTS);

#define PRODUCT_EVENTS(X) X("ProductSaved", event_product, on_product_saved)
KIT_EVENT_TABLE(thing_product_events, struct thing_app, PRODUCT_EVENTS);

#define DEVICES(X)                                                                                 \
    X("scanner", "up", rpc_get_request, on_up)                                                     \
    X("scanner", "state", rpc_get_request, on_state)
KIT_DEVICE_TABLE(thing_devices, struct thing_app, DEVICES);

static const struct kit_subscription SUBSCRIPTIONS[] = {
    { .source = "product", .events = &thing_product_events, .on_confirmed = on_confirmed },
};

const struct kit_service_desc thing_service = {
    .name = "thing",
    .app_size_bytes = sizeof(struct thing_app),
    .migrations = MIGRATIONS,
    .migration_count = KIT_COUNT(MIGRATIONS),
    .requests = &thing_requests,
    .subscriptions = SUBSCRIPTIONS,
    .subscription_count = KIT_COUNT(SUBSCRIPTIONS),
    .publishes = true,
    .open = open_thing,
    .close = close_thing,
    .devices = &thing_devices,
    .on_timer = on_timer,
    .timer_period_ms = THING_TIMER_MS,
};
