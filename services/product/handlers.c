/* One function per message of the catalogue. They run on the loop inside the open transaction; what
 * they append to the log leaves after the commit. */
#include "product/handlers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "msg/event_product.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"
#include "msg/rpc_product_update_request.gen.h"
#include "msg/rpc_registered_set_request.gen.h"
#include "msg/rpc_registered_set_response.gen.h"

#define SUBJECT_SIZE 32

#define TYPE_COUNTED_BY_SCANS "counted-by-scans"
#define TYPE_GTIN_TAKEN "gtin-taken"

_Static_assert(sizeof(((struct msg_product *)NULL)->name) == PRODUCT_NAME_SIZE, "a name fits");
_Static_assert(sizeof(((struct msg_product *)NULL)->gtin) == PRODUCT_GTIN_SIZE, "a GTIN fits");

/* ---- what several handlers do ---- */

/* What the event, the answer and a list's item all say of a product. */
static void message_fill(const struct product *product, struct msg_product *ret_msg)
{
    *ret_msg = (struct msg_product){
        .id = product->id,
        .registered_qty = product->registered_qty,
        .version = product->version,
        .tracking = product->tracking,
        .size = product->size,
        .has_gtin = product->gtin[0] != '\0',
    };
    memcpy(ret_msg->name, product->name, sizeof(ret_msg->name));
    memcpy(ret_msg->gtin, product->gtin, sizeof(ret_msg->gtin));
}

static int saved_append(struct product_app *app, const struct product *product,
                        struct kit_error *err)
{
    struct msg_event_product event = { .registration = product->registration };
    message_fill(product, &event.product);
    struct kit_buf *data = kit_service_scratch(app->service);
    msg_event_product_encode(&event, data);

    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof(subject), "product/%" PRId64, product->id.v);
    const struct kit_log_entry entry = {
        .type = "ProductSaved",
        .subject = subject,
        .version = product->version,
        .data = data,
    };
    return kit_service_append_entry(app->service, &entry, err);
}

/* A refusal that names the member at fault. */
static int member_refuse(struct product_app *app, struct kit_error *err, const char *pointer)
{
    app->updates_refused++;
    snprintf(err->pointer, sizeof(err->pointer), "%s", pointer);
    return err->code;
}

/* A GTIN belongs to one product (rules 1.6). `id` is the product that wants it, 0 for a new one. */
static int gtin_check(struct product_app *app, const char *gtin, struct product_id id,
                      struct kit_error *err)
{
    if (!product_gtin_is_valid(gtin))
        return kit_error_at(err, KIT_E_INVALID, "/gtin",
                            "The GTIN %s has a wrong check digit; look at the label again.", gtin);
    struct product_id owner;
    bool is_taken = false;
    int rc = product_store_find_gtin(&app->store, gtin, &owner, &is_taken, err);
    if (rc != KIT_OK || !is_taken || owner.v == id.v)
        return rc;
    kit_error_typed(err, KIT_E_REFUSED, TYPE_GTIN_TAKEN,
                    "The GTIN %s belongs to product %" PRId64
                    " already. Use another one, or change that product first.",
                    gtin, owner.v);
    return member_refuse(app, err, "/gtin");
}

/* Decides, saves and tells. *product is what was loaded, and afterwards what is stored. wish and
 * stock may be NULL. */
static int product_update(struct product_app *app, struct product *product,
                          const struct product_wish *wish, const struct product_stock *stock,
                          struct kit_error *err)
{
    struct product after;
    enum product_effect effect = product_decide_update(product, wish, stock, &after);
    if (effect == PRODUCT_SAME)
        return KIT_OK;

    int rc = KIT_OK;
    if (wish != NULL && wish->has_gtin)
        rc = gtin_check(app, after.gtin, product->id, err);
    if (rc == KIT_OK)
        rc = product_store_save(&app->store, product, &after, kit_service_now_ms(app->service),
                                err);
    if (rc == KIT_OK && effect == PRODUCT_SAVED)
        rc = saved_append(app, &after, err);
    if (rc == KIT_OK)
        *product = after;
    return rc;
}

static void response_fill(const struct product *product, struct msg_rpc_product_response *ret)
{
    message_fill(product, &ret->product);
    ret->qty = product->available_qty;
}

static void response_encode(const struct product *product, struct kit_buf *out)
{
    struct msg_rpc_product_response response;
    response_fill(product, &response);
    msg_rpc_product_response_encode(&response, out);
}

/* ---- create, get, list ---- */

/* How many there are of a serialised product is what scans find (rules 1.5). */
static int create_check(struct product_app *app, const struct msg_rpc_product_create_request *msg,
                        struct kit_error *err)
{
    if (msg->tracking == TRACKING_SERIALISED && msg->qty != 0) {
        kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                        "The units of a serialised product are counted by scans. Leave qty out, "
                        "then receive each unit with a scanner.");
        return member_refuse(app, err, "/qty");
    }
    if (msg->tracking == TRACKING_BULK && msg->qty == 0)
        return kit_error_at(err, KIT_E_INVALID, "/qty",
                            "A bulk product needs a quantity of 1 to 1000000 pieces.");
    return msg->has_gtin ? gtin_check(app, msg->gtin, (struct product_id){ 0 }, err) : KIT_OK;
}

int product_on_create(void *context, const struct kit_rpc_request *request,
                      struct kit_buf *response, struct kit_error *err)
{
    struct product_app *app = context;
    struct msg_rpc_product_create_request msg;
    int rc = msg_rpc_product_create_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    rc = create_check(app, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct product product;
    product_init(&product, msg.name, msg.qty);
    product.tracking = msg.tracking;
    product.size = msg.size;
    if (msg.has_gtin)
        memcpy(product.gtin, msg.gtin, sizeof(product.gtin));
    rc = product_store_add(&app->store, &product, kit_service_now_ms(app->service), err);
    if (rc == KIT_OK)
        rc = saved_append(app, &product, err);
    if (rc != KIT_OK)
        return rc;
    app->product_count = product.id.v;
    response_encode(&product, response);
    return KIT_OK;
}

int product_on_get(void *context, const struct kit_rpc_request *request, struct kit_buf *response,
                   struct kit_error *err)
{
    struct product_app *app = context;
    struct msg_rpc_get_request msg;
    int rc = msg_rpc_get_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct product product;
    rc = product_store_get(&app->store, (struct product_id){ msg.id }, &product, err);
    if (rc == KIT_OK)
        response_encode(&product, response);
    return rc;
}

int product_on_list(void *context, const struct kit_rpc_request *request, struct kit_buf *response,
                    struct kit_error *err)
{
    struct product_app *app = context;
    struct msg_rpc_list_request msg;
    int rc = msg_rpc_list_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct kit_arena *arena = kit_service_arena(app->service);
    struct product *products = kit_arena_take(arena, (size_t)msg.size * sizeof(*products));
    struct msg_rpc_product_list_response *list = kit_arena_take(arena, sizeof(*list));
    rc = product_store_count(&app->store, &list->total, err);
    if (rc == KIT_OK)
        rc = product_store_list(&app->store, msg.page, msg.size, products, &list->items_count, err);
    if (rc != KIT_OK)
        return rc;

    for (size_t i = 0; i < list->items_count; i++)
        response_fill(&products[i], &list->items[i]);
    msg_rpc_product_list_response_encode(list, response);
    return KIT_OK;
}

/* ---- update: a quantity is agreed with stock first (rules 3) ---- */

static struct product_wait *wait_find(struct product_app *app, uint64_t number)
{
    for (size_t i = 0; i < PRODUCT_WAITS_MAX; i++) {
        if (app->waits[i].number == number)
            return &app->waits[i];
    }
    return NULL;
}

static struct product_wait *wait_find_free(struct product_app *app, int64_t now_mono_ms)
{
    for (size_t i = 0; i < PRODUCT_WAITS_MAX; i++) {
        struct product_wait *wait = &app->waits[i];
        if (wait->number == 0 || wait->expires_mono_ms < now_mono_ms)
            return wait;
    }
    return NULL;
}

/* FNV-1a, 64 bit: keeps apart long keys that begin alike. It need not resist forgery: the key is
 * only ever compared with other keys for the same product and registration. */
static uint64_t text_hash(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = text; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return hash;
}

/* The same request tried again asks stock under the same key, unless our registration has moved
 * since: then the question's body is another one, and stock would refuse the old key (rules 3.6).
 */
static void stock_key_make(const struct product *product, const struct kit_rpc_request *request,
                           char ret_key[KIT_KEY_SIZE])
{
    char key[KIT_INSTANCE_SIZE + KIT_KEY_SIZE + 48];
    int size = snprintf(key, sizeof(key), "%" PRId64 ":%" PRId64 ":%s:%s", product->id.v,
                        product->registration, request->caller, request->key);
    CHECK(size > 0 && (size_t)size < sizeof(key));
    if (size < KIT_KEY_SIZE)
        memcpy(ret_key, key, (size_t)size + 1);
    else
        snprintf(ret_key, KIT_KEY_SIZE, "%.79s:%016" PRIx64, key, text_hash(key));
}

/* Stock's answer, or why there is none, becomes the error of the client's request. */
static void stock_refusal_make(struct product_app *app, const struct product_wait *wait,
                               const struct kit_rpc_outcome *outcome, struct kit_error *ret)
{
    if (outcome->code == KIT_E_REFUSED) { /* stock's rules: its words count */
        app->updates_refused++;
        *ret = *outcome->error;
        ret->code = outcome->code;
        ret->pointer[0] = '\0'; /* it would name a member of our question, not of the client's */
        return;
    }
    app->updates_unavailable++;
    kit_error_set(ret, KIT_E_UNAVAILABLE,
                  "Product %" PRId64
                  " does not show the change: stock, which keeps the quantities, gave no answer "
                  "(%s). If it heard the question all the same, the new quantity shows within a "
                  "moment. Look, or try again in a second; setting it twice does no harm.",
                  wait->id.v, kit_code_name(outcome->code));
    ret->retry_after_ms = PRODUCT_RETRY_AFTER_MS;
}

static int stock_answer_apply(struct product_app *app, const struct product_wait *wait,
                              const cJSON *body, struct product *ret_product, struct kit_error *err)
{
    struct msg_rpc_registered_set_response msg;
    int rc = msg_rpc_registered_set_response_decode(body, &msg, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "stock's answer about product %" PRId64, wait->id.v);

    rc = product_store_get(&app->store, wait->id, ret_product, err);
    if (rc != KIT_OK)
        return rc;

    const struct product_stock stock = {
        .registered_qty = msg.registered_qty,
        .registration = msg.stock.registration,
        .available_qty = msg.stock.available_qty,
        .version = msg.stock.version,
    };
    return product_update(app, ret_product, &wait->wish, &stock, err);
}

/* Once per question, and once more, at once, with the failure if what stock said could not be
 * saved: the place is kept for that, and expires if it does not come. The product is loaded again,
 * because it may have changed while we waited: another update, or StockChanged about this very
 * change, may have come first (rules 3.3).
 */
static int product_on_stock_answer(void *context, uint64_t number,
                                   const struct kit_rpc_outcome *outcome, struct kit_error *err)
{
    struct product_app *app = context;
    struct product_wait *wait = wait_find(app, number);
    if (wait == NULL)
        return KIT_OK; /* its place was taken: whoever waited has gone long ago */

    if (outcome->code != KIT_OK) {
        struct kit_error refusal;
        wait->number = 0;
        stock_refusal_make(app, wait, outcome, &refusal);
        return kit_service_reply_encoded(app->service, wait->ticket, NULL, &refusal, err);
    }

    struct product product;
    int rc = stock_answer_apply(app, wait, outcome->body, &product, err);
    if (rc != KIT_OK)
        return rc;
    wait->number = 0;
    struct kit_buf *body = kit_service_scratch(app->service);
    response_encode(&product, body);
    return kit_service_reply_encoded(app->service, wait->ticket, body, NULL, err);
}

static void wish_make(const struct msg_rpc_product_update_request *msg,
                      struct product_wish *ret_wish)
{
    *ret_wish = (struct product_wish){
        .has_name = msg->has_name,
        .has_size = msg->has_size,
        .has_gtin = msg->has_gtin,
        .size = msg->size,
    };
    if (msg->has_name)
        memcpy(ret_wish->name, msg->name, sizeof(ret_wish->name));
    if (msg->has_gtin)
        memcpy(ret_wish->gtin, msg->gtin, sizeof(ret_wish->gtin));
}

/* What can be refused before anybody else is asked. */
static int update_check(struct product_app *app, const struct product *product,
                        const struct msg_rpc_product_update_request *msg, struct kit_error *err)
{
    if (msg->has_qty && product->tracking == TRACKING_SERIALISED) {
        kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                        "The units of product %" PRId64
                        " are counted by scans: receive, return or count them with a scanner.",
                        product->id.v);
        return member_refuse(app, err, "/qty");
    }
    return msg->has_gtin ? gtin_check(app, msg->gtin, product->id, err) : KIT_OK;
}

static int stock_ask(struct product_app *app, const struct product *product,
                     const struct msg_rpc_product_update_request *msg,
                     const struct kit_rpc_request *request, struct kit_error *err)
{
    int64_t now_mono_ms = kit_service_mono_ms(app->service);
    struct product_wait *wait = wait_find_free(app, now_mono_ms);
    if (wait == NULL) {
        kit_error_set(err, KIT_E_LIMIT,
                      "%d changes of quantities wait for stock already. Try again in a second.",
                      PRODUCT_WAITS_MAX);
        err->retry_after_ms = PRODUCT_RETRY_AFTER_MS;
        return KIT_E_LIMIT;
    }
    *wait = (struct product_wait){
        .number = ++app->question_count,
        .expires_mono_ms = now_mono_ms + app->stock_timeout_ms + PRODUCT_WAIT_GRACE_MS,
        .ticket = request->ticket,
        .id = product->id,
    };
    wish_make(msg, &wait->wish);

    const struct msg_rpc_registered_set_request question = {
        .product_id = product->id,
        .registered_qty = msg->qty,
        .registration = product->registration,
    };
    struct kit_buf *body = kit_service_scratch(app->service);
    msg_rpc_registered_set_request_encode(&question, body);

    char key[KIT_KEY_SIZE];
    stock_key_make(product, request, key);
    const struct kit_service_call call = {
        .instance = "stock",
        .method = "registered-set",
        .body = body,
        .key = key,
        .timeout_ms = app->stock_timeout_ms,
        .on_done = product_on_stock_answer,
        .context = wait->number,
    };
    kit_service_call(app->service, &call);
    return KIT_PENDING;
}

int product_on_update(void *context, const struct kit_rpc_request *request,
                      struct kit_buf *response, struct kit_error *err)
{
    struct product_app *app = context;
    struct msg_rpc_product_update_request msg;
    int rc = msg_rpc_product_update_request_decode(request->body, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct product product;
    rc = product_store_get(&app->store, msg.id, &product, err);
    if (rc == KIT_OK)
        rc = update_check(app, &product, &msg, err);
    if (rc != KIT_OK)
        return rc;
    if (msg.has_qty)
        return stock_ask(app, &product, &msg, request, err);

    struct product_wish wish;
    wish_make(&msg, &wish);
    rc = product_update(app, &product, &wish, NULL, err);
    if (rc == KIT_OK)
        response_encode(&product, response);
    return rc;
}

/* ---- stream stock (rules 4) ---- */

int product_on_stock_changed(void *context, const struct kit_event *event, struct kit_error *err)
{
    struct product_app *app = context;
    struct msg_event_stock_changed msg;
    int rc = msg_event_stock_changed_decode(event->data, &msg, err);
    if (rc != KIT_OK)
        return rc;

    struct product product;
    bool is_found = false;
    rc = product_store_find(&app->store, msg.stock.product_id, &product, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc; /* Not in the catalogue: it was restored from before that product (rules 4.4). */

    const struct product_stock stock = {
        .registered_qty = msg.registered_qty,
        .registration = msg.stock.registration,
        .available_qty = msg.stock.available_qty,
        .version = msg.stock.version,
    };
    return product_update(app, &product, NULL, &stock, err);
}
