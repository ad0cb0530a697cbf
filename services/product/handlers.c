/* One function per message of the catalogue. They run on the loop inside the open transaction; what
 * they append to the log leaves after the commit. */
#include "product/handlers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/rpc_registered_set_request.gen.h"
#include "msg/rpc_registered_set_response.gen.h"

#define TYPE_COUNTED_BY_SCANS "counted-by-scans"
#define TYPE_GTIN_TAKEN "gtin-taken"

_Static_assert(sizeof(((struct msg_product *)NULL)->name) == PRODUCT_NAME_SIZE, "a name fits");
_Static_assert(sizeof(((struct msg_product *)NULL)->gtin) == PRODUCT_GTIN_SIZE, "a GTIN fits");

/* ---- what several handlers do ---- */

/* What the event, the answer and a list's item all say of a product. */
static void fill_message(const struct product_app *app, const struct product *product,
                         struct msg_product *ret_msg)
{
    *ret_msg = (struct msg_product){
        .id = product->id,
        .registered_qty = product->registered_qty,
        .version = kit_service_version_base(app->service) + product->version,
        .tracking = product->tracking,
        .size = product->size,
        .has_gtin = product->gtin[0] != '\0',
    };
    memcpy(ret_msg->name, product->name, sizeof(ret_msg->name));
    memcpy(ret_msg->gtin, product->gtin, sizeof(ret_msg->gtin));
}

static int append_saved(struct product_app *app, const struct product *product,
                        struct kit_error *err)
{
    struct msg_event_product event = { .registration = product->registration };
    fill_message(app, product, &event.product);
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "ProductSaved",
                                  .aggregate = "product",
                                  .id = product->id.v,
                                  .version = product->version,
                                  .data = KIT_BODY(event_product, &event),
                              },
                              err);
}

/* A refusal that names the member at fault. */
static int refuse_member(struct product_app *app, struct kit_error *err, const char *pointer)
{
    app->updates_refused++;
    kit_text_copy(err->pointer, sizeof(err->pointer), pointer);
    return err->code;
}

static int read_gtin(const char *digits, char ret_gtin[PRODUCT_GTIN_SIZE], struct kit_error *err)
{
    if (product_gtin_read(digits, ret_gtin))
        return KIT_OK;
    return kit_error_at(err, KIT_E_INVALID, "/gtin",
                        "a GTIN has 8, 12, 13 or 14 digits, and this one's check digit or "
                        "length is wrong; read it again from the label");
}

/* A GTIN belongs to one product (rules 1.6). `id` is the product that wants it, 0 for a new one. */
static int check_gtin(struct product_app *app, const char *gtin, struct product_id id,
                      struct kit_error *err)
{
    struct product_id owner;
    bool is_taken = false;
    int rc = product_store_find_gtin(&app->store, gtin, &owner, &is_taken, err);
    if (rc != KIT_OK || !is_taken || owner.v == id.v)
        return rc;
    kit_error_typed(err, KIT_E_REFUSED, TYPE_GTIN_TAKEN,
                    "The GTIN %s belongs to product %" PRId64
                    " already. Use another one, or change that product first.",
                    gtin, owner.v);
    return refuse_member(app, err, "/gtin");
}

/* Decides, saves and tells. *product is what was loaded, and afterwards what is stored. wish and
 * stock may be NULL. */
static int apply_update(struct product_app *app, struct product *product,
                        const struct product_wish *wish, const struct product_stock *stock,
                        struct kit_error *err)
{
    struct product after;
    enum product_effect effect = product_decide_update(product, wish, stock, &after);
    if (effect == PRODUCT_SAME)
        return KIT_OK;
    if (wish != NULL && wish->has_gtin) {
        int rc = check_gtin(app, after.gtin, product->id, err);
        if (rc != KIT_OK)
            return rc;
    }
    int rc = product_store_save(&app->store, product, &after, kit_service_now_ms(app->service),
                                err);
    if (rc != KIT_OK)
        return rc;
    if (effect == PRODUCT_SAVED) {
        rc = append_saved(app, &after, err);
        if (rc != KIT_OK)
            return rc;
    }
    *product = after;
    return KIT_OK;
}

static void fill_response(const struct product_app *app, const struct product *product,
                          struct msg_rpc_product_response *ret)
{
    fill_message(app, product, &ret->product);
    ret->qty = product->available_qty;
}

/* ---- create, get, list ---- */

void product_complete_create(struct msg_rpc_product_create_request *msg)
{
    if (!msg->has_tracking)
        msg->tracking = TRACKING_BULK;
    if (!msg->has_size)
        msg->size = PRODUCT_SIZE_S;
    if (!msg->has_qty)
        msg->qty = product_default_qty(msg->tracking);
    msg->has_tracking = msg->has_size = msg->has_qty = true;
    if (msg->has_gtin)
        (void)product_gtin_read(msg->gtin, msg->gtin);
}

void product_complete_update(struct msg_rpc_product_update_request *msg)
{
    if (msg->has_gtin)
        (void)product_gtin_read(msg->gtin, msg->gtin);
}

/* The entry that is asked for. */
static int make_product(const struct msg_rpc_product_create_request *msg,
                        struct product *ret_product, struct kit_error *err)
{
    product_init(ret_product, msg->name, msg->qty);
    ret_product->tracking = msg->tracking;
    ret_product->size = msg->size;
    return msg->has_gtin ? read_gtin(msg->gtin, ret_product->gtin, err) : KIT_OK;
}

/* How many there are of a serialised product is what scans find (rules 1.5). */
static int check_create(struct product_app *app, const struct product *product,
                        struct kit_error *err)
{
    if (product->tracking == TRACKING_SERIALISED && product->registered_qty != 0) {
        kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                        "The units of a serialised product are counted by scans. Leave qty out, "
                        "then receive each unit with a scanner.");
        return refuse_member(app, err, "/qty");
    }
    if (product->tracking == TRACKING_BULK && product->registered_qty == 0)
        return kit_error_at(err, KIT_E_INVALID, "/qty",
                            "A bulk product needs a quantity of 1 to 1000000 pieces.");
    if (product->gtin[0] == '\0')
        return KIT_OK;
    return check_gtin(app, product->gtin, product->id, err);
}

int product_on_create(struct product_app *app, const struct msg_rpc_product_create_request *in,
                      struct msg_rpc_product_response *out, struct kit_error *err)
{
    struct product product;
    int rc = make_product(in, &product, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_create(app, &product, err);
    if (rc != KIT_OK)
        return rc;
    app->store.id_floor = kit_service_id_floor(app->service);
    rc = product_store_add(&app->store, &product, kit_service_now_ms(app->service), err);
    if (rc != KIT_OK)
        return rc;
    rc = append_saved(app, &product, err);
    if (rc != KIT_OK)
        return rc;
    app->product_count = product.id.v;
    fill_response(app, &product, out);
    return KIT_OK;
}

int product_on_get(struct product_app *app, const struct msg_rpc_get_request *in,
                   struct msg_rpc_product_response *out, struct kit_error *err)
{
    struct product product;
    int rc = product_store_get(&app->store, (struct product_id){ in->id }, &product, err);
    if (rc != KIT_OK)
        return rc;
    fill_response(app, &product, out);
    return KIT_OK;
}

int product_on_list(struct product_app *app, const struct msg_rpc_list_request *in,
                    struct msg_rpc_product_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct product *products = kit_arena_take(kit_service_arena(app->service),
                                              (size_t)in->size * sizeof(*products));
    app->store.id_floor = kit_service_id_floor(app->service);
    int rc = product_store_list(&app->store, &page, products, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        fill_response(app, &products[i], &out->items[i]);
    return KIT_OK;
}

/* Looks at products behind `after`, a batch at a time, until there are `size` that fit or enough
 * have been looked at. Writes into out; *ret_last is the last that was looked at, 0 at the end. */
static int look_for(struct product_app *app, const struct msg_rpc_product_search_request *in,
                    struct msg_rpc_product_search_response *out, struct kit_error *err)
{
    struct product *batch = kit_arena_take(kit_service_arena(app->service),
                                           PRODUCT_SEARCH_BATCH * sizeof(*batch));
    struct product_id after = { in->has_after ? in->after.v : 0 };
    size_t count = PRODUCT_SEARCH_BATCH;

    for (size_t seen = 0; count == PRODUCT_SEARCH_BATCH && seen < PRODUCT_SEARCH_LOOKED_AT_MAX;
         seen += count) {
        int rc = product_store_after(&app->store, after, batch, &count, err);
        if (rc != KIT_OK)
            return rc;
        for (size_t i = 0; i < count; i++) {
            after = batch[i].id;
            if (in->has_text && !product_is_like(&batch[i], in->text))
                continue;
            fill_response(app, &batch[i], &out->items[out->items_count++]);
            if (out->items_count == (size_t)in->size) {
                out->next = after.v;
                return KIT_OK;
            }
        }
    }
    out->next = count == PRODUCT_SEARCH_BATCH ? after.v : 0;
    return KIT_OK;
}

int product_on_search(struct product_app *app, const struct msg_rpc_product_search_request *in,
                      struct msg_rpc_product_search_response *out, struct kit_error *err)
{
    int rc = look_for(app, in, out, err);
    if (rc != KIT_OK)
        return rc;
    out->has_next = out->next > 0 && out->next < app->product_count; /* the last id */
    return KIT_OK;
}

/* ---- update: a quantity is agreed with stock first (rules 3) ---- */

static struct product_wait *find_wait(struct product_app *app, uint64_t number)
{
    for (size_t i = 0; i < PRODUCT_WAITS_MAX; i++) {
        if (app->waits[i].number == number)
            return &app->waits[i];
    }
    return NULL;
}

static struct product_wait *find_free_wait(struct product_app *app, int64_t now_mono_ms)
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
static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = text; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return hash;
}

/* The same request tried again asks stock under the same key, unless our registration has moved
 * since: then the question's body is another one, and stock would refuse the old key (rules 3.6).
 */
static void make_stock_key(const struct product *product, const struct kit_rpc_request *request,
                           char ret_key[KIT_KEY_SIZE])
{
    char key[KIT_INSTANCE_SIZE + KIT_KEY_SIZE + 48];
    int size = snprintf(key, sizeof(key), "%" PRId64 ":%" PRId64 ":%s:%s", product->id.v,
                        product->registration, request->caller, request->key);
    CHECK(size > 0 && (size_t)size < sizeof(key));
    if (size < KIT_KEY_SIZE)
        memcpy(ret_key, key, (size_t)size + 1);
    else
        (void)snprintf(ret_key, KIT_KEY_SIZE, "%.79s:%016" PRIx64, key, hash_text(key));
}

/* What became of the question, in words: codes are no matter of customers. What is left is trouble
 * of stock's, or of ours while we saved what stock agreed to. */
static const char *describe_trouble(int code)
{
    if (code == KIT_E_TIMEOUT)
        return "stock, which keeps the quantities, gave no answer in time";
    if (code == KIT_E_UNAVAILABLE)
        return "stock, which keeps the quantities, cannot be reached";
    return "there was trouble inside while stock, which keeps the quantities, was asked";
}

/* Stock's answer, or why there is none, becomes the error of the client's request. */
static void make_refusal(struct product_app *app, const struct product_wait *wait,
                         const struct kit_rpc_outcome *outcome, struct kit_error *ret)
{
    if (outcome->code == KIT_E_REFUSED) { /* stock's rules, or ours: their words count */
        *ret = *outcome->error;
        ret->code = outcome->code;
        if (strcmp(ret->type, TYPE_GTIN_TAKEN) == 0)
            return; /* ours, while we saved what stock agreed to: it is counted already */
        app->updates_refused++;
        ret->pointer[0] = '\0'; /* it would name a member of our question, not of the client's */
        return;
    }
    app->updates_unavailable++;
    kit_error_set(
        ret, KIT_E_UNAVAILABLE,
        "Product %" PRId64
        " does not show the change: %s. If it heard the question all the same, the new "
        "quantity shows within a moment. Look, or try again in a second; setting it twice "
        "does no harm.",
        wait->id.v, describe_trouble(outcome->code));
    ret->retry_after_ms = PRODUCT_RETRY_AFTER_MS;
}

/* Stock's numbers of a product, as its answer and its event both give them. */
static struct product_stock stock_from(const struct msg_stock *stock, int64_t registered_qty)
{
    return (struct product_stock){
        .registered_qty = registered_qty,
        .registration = stock->registration,
        .available_qty = stock->available_qty,
        .version = stock->version,
    };
}

static int apply_stock_answer(struct product_app *app, const struct product_wait *wait,
                              const cJSON *body, struct product *ret_product, struct kit_error *err)
{
    struct msg_rpc_registered_set_response msg;
    int rc = msg_rpc_registered_set_response_decode(body, &msg, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "stock's answer about product %" PRId64, wait->id.v);

    rc = product_store_get(&app->store, wait->id, ret_product, err);
    if (rc != KIT_OK)
        return rc;

    const struct product_stock stock = stock_from(&msg.stock, msg.registered_qty);
    return apply_update(app, ret_product, &wait->wish, &stock, err);
}

/* Once per question, and once more, at once, with the failure if what stock said could not be
 * saved: the place is kept for that, and expires if it does not come. The product is loaded again,
 * because it may have changed while we waited: another update, or StockChanged about this very
 * change, may have come first (rules 3.3).
 */
static int on_stock_answer(void *app_pointer, uint64_t number,
                           const struct kit_rpc_outcome *outcome, struct kit_error *err)
{
    struct product_app *app = app_pointer;
    struct product_wait *wait = find_wait(app, number);
    if (wait == NULL)
        return KIT_OK; /* its place was taken: whoever waited has gone long ago */

    if (outcome->code != KIT_OK) {
        struct kit_error refusal = { 0 };
        wait->number = 0;
        make_refusal(app, wait, outcome, &refusal);
        kit_service_reply_problem(app->service, wait->ticket, &refusal);
        return KIT_OK;
    }

    struct product product;
    struct msg_rpc_product_response answer = { 0 };
    int rc = apply_stock_answer(app, wait, outcome->body, &product, err);
    if (rc != KIT_OK)
        return rc;
    fill_response(app, &product, &answer);
    rc = kit_service_reply(app->service, wait->ticket, KIT_BODY(rpc_product_response, &answer),
                           err);
    if (rc == KIT_OK)
        wait->number = 0;
    return rc;
}

static int make_wish(const struct msg_rpc_product_update_request *msg,
                     struct product_wish *ret_wish, struct kit_error *err)
{
    *ret_wish = (struct product_wish){
        .has_name = msg->has_name,
        .has_size = msg->has_size,
        .has_gtin = msg->has_gtin,
        .size = msg->size,
    };
    if (msg->has_name)
        memcpy(ret_wish->name, msg->name, sizeof(ret_wish->name));
    return msg->has_gtin ? read_gtin(msg->gtin, ret_wish->gtin, err) : KIT_OK;
}

/* What can be refused before anybody else is asked: apply_update() looks at the GTIN again, as it
 * may be taken while stock is asked. */
static int check_update(struct product_app *app, const struct product *product, bool has_qty,
                        const struct product_wish *wish, struct kit_error *err)
{
    if (has_qty && product->tracking == TRACKING_SERIALISED) {
        kit_error_typed(err, KIT_E_REFUSED, TYPE_COUNTED_BY_SCANS,
                        "The units of product %" PRId64
                        " are counted by scans: receive, return or count them with a scanner.",
                        product->id.v);
        return refuse_member(app, err, "/qty");
    }
    if (!has_qty || !wish->has_gtin)
        return KIT_OK;
    return check_gtin(app, wish->gtin, product->id, err);
}

static int ask_stock(struct product_app *app, const struct product *product, int64_t qty,
                     const struct product_wish *wish, struct kit_error *err)
{
    const struct kit_rpc_request *request = kit_service_request(app->service);
    int64_t now_mono_ms = kit_service_mono_ms(app->service);
    struct product_wait *wait = find_free_wait(app, now_mono_ms);
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
        .wish = *wish,
    };

    const struct msg_rpc_registered_set_request question = {
        .product_id = product->id,
        .registered_qty = qty,
        .registration = product->registration,
    };
    char key[KIT_KEY_SIZE];
    make_stock_key(product, request, key);
    const struct kit_service_call call = {
        .instance = "stock",
        .method = "registered-set",
        .request = KIT_BODY(rpc_registered_set_request, &question),
        .key = key,
        .timeout_ms = app->stock_timeout_ms,
        .on_done = on_stock_answer,
        .context = wait->number,
    };
    kit_service_call(app->service, &call);
    return KIT_PENDING;
}

int product_on_update(struct product_app *app, const struct msg_rpc_product_update_request *in,
                      struct msg_rpc_product_response *out, struct kit_error *err)
{
    struct product product;
    struct product_wish wish;
    int rc = make_wish(in, &wish, err);
    if (rc != KIT_OK)
        return rc;
    rc = product_store_get(&app->store, in->id, &product, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_update(app, &product, in->has_qty, &wish, err);
    if (rc != KIT_OK)
        return rc;
    if (in->has_qty)
        return ask_stock(app, &product, in->qty, &wish, err);
    rc = apply_update(app, &product, &wish, NULL, err);
    if (rc != KIT_OK)
        return rc;
    fill_response(app, &product, out);
    return KIT_OK;
}

/* ---- stream stock (rules 4) ---- */

int product_on_stock_changed(struct product_app *app, const struct msg_event_stock_changed *event,
                             struct kit_error *err)
{
    struct product product;
    bool is_found = false;
    int rc = product_store_find(&app->store, event->stock.product_id, &product, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc; /* Not in the catalogue: it was restored from before that product (rules 4.4). */

    const struct product_stock stock = stock_from(&event->stock, event->registered_qty);
    return apply_update(app, &product, NULL, &stock, err);
}
