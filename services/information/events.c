/* Events become rows: load, merge, save; or pass into our own log. Runs on the loop inside the open
 * transaction. */
#include "information/events.h"

#include <inttypes.h>
#include <string.h>

#include "information/feed.h"
#include "information/wire.h"
#include "kit/base/text.h"

static enum story_type type_of(const struct kit_event *event)
{
    for (int type = 1; type <= STORY_TYPE_MAX; type++) {
        if (story_type_texts[type] != NULL && strcmp(story_type_texts[type], event->type) == 0)
            return (enum story_type)type;
    }
    UNREACHABLE("the table of events has no other types");
}

/* The open event as a step of that order, without what only its data says. */
static struct information_step step_of(const struct information_app *app, struct rental_id id)
{
    const struct kit_event *event = kit_service_event(app->service);
    return (struct information_step){
        .id = id,
        .at_ms = event->time_ms,
        .type = type_of(event),
        .version = event->version,
    };
}

static int add_step(struct information_app *app, const struct information_step *step,
                    struct kit_error *err)
{
    int rc = information_store_add_step(&app->store, step, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "adding a step to the story of order %" PRId64, step->id.v);
    return KIT_OK;
}

/* Ends both handlers: saves what a merge has changed. */
static int settle(struct information_app *app, const struct information_order *order,
                  bool is_changed, struct kit_error *err)
{
    if (!is_changed) {
        app->stale_total++;
        return KIT_OK;
    }
    int rc = information_store_save(&app->store, order, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "saving order %" PRId64, order->id.v);
    app->merged_total++;
    return feed_note(app, order->id, err);
}

int information_on_rental(struct information_app *app, const struct msg_event_rental *event,
                          struct kit_error *err)
{
    const int64_t time_ms = kit_service_event(app->service)->time_ms;
    struct information_rental part;
    struct information_order order;

    int rc = information_store_load(&app->store, event->rental.id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_rental_from(&event->rental, &part);
    if (!information_is_same_order(&order, &part))
        return kit_error_typed(err, KIT_E_REFUSED, "order-mismatch", /* rules 1.9 */
                               "order %" PRId64 " of rental is another one than the order of that"
                               " number here, so rental has lost its database; skip this, and look"
                               " after the order by hand",
                               order.id.v);

    struct information_step step = step_of(app, order.id);
    step.status = part.status;
    kit_text_copy(step.reason, sizeof(step.reason), part.reason);
    rc = add_step(app, &step, err);
    if (rc != KIT_OK)
        return rc;
    return settle(app, &order, information_merge_rental(&order, &part, time_ms), err);
}

int information_on_delivery(struct information_app *app, const struct msg_event_delivery *event,
                            struct kit_error *err)
{
    const int64_t time_ms = kit_service_event(app->service)->time_ms;
    struct information_delivery part;
    struct information_order order;

    int rc = information_store_load(&app->store, event->delivery.rental_id, &order, err);
    if (rc != KIT_OK)
        return rc;
    information_delivery_from(&event->delivery, &part);

    struct information_step step = step_of(app, order.id);
    step.status = part.status;
    step.compartment = part.compartment;
    kit_text_copy(step.reason, sizeof(step.reason), part.reason);
    kit_text_copy(step.locker, sizeof(step.locker), part.locker);
    rc = add_step(app, &step, err);
    if (rc != KIT_OK)
        return rc;
    return settle(app, &order, information_merge_delivery(&order, &part, time_ms), err);
}

int information_on_product(struct information_app *app, const struct msg_event_product *event,
                           struct kit_error *err)
{
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "ProductSaved",
                                  .aggregate = "product",
                                  .id = event->product.id.v,
                                  .version = event->product.version,
                                  .data = KIT_BODY(event_product, event),
                              },
                              err);
}

int information_on_stock_changed(struct information_app *app,
                                 const struct msg_event_stock_changed *event, struct kit_error *err)
{
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "StockChanged",
                                  .aggregate = "stock",
                                  .id = event->stock.product_id.v,
                                  .version = event->stock.version,
                                  .data = KIT_BODY(event_stock_changed, event),
                              },
                              err);
}

int information_on_reserved(struct information_app *app,
                            const struct msg_event_stock_reserved *event, struct kit_error *err)
{
    const struct information_step step = step_of(app, event->delivery_id);
    return add_step(app, &step, err);
}

int information_on_rejected(struct information_app *app,
                            const struct msg_event_stock_rejected *event, struct kit_error *err)
{
    struct information_step step = step_of(app, event->delivery_id);
    kit_text_copy(step.reason, sizeof(step.reason), stock_rejection_text(event->reason));
    return add_step(app, &step, err);
}

int information_on_released(struct information_app *app,
                            const struct msg_event_stock_released *event, struct kit_error *err)
{
    const struct information_step step = step_of(app, event->delivery_id);
    return add_step(app, &step, err);
}

int information_on_stock_step(struct information_app *app, const struct msg_event_stock_step *event,
                              struct kit_error *err)
{
    const struct information_step step = step_of(app, event->delivery_id);
    return add_step(app, &step, err);
}

int information_on_stock_scanned(struct information_app *app,
                                 const struct msg_event_stock_scanned *event, struct kit_error *err)
{
    struct information_step step = {
        .id = event->delivery_id,
        .type = event->step,
        .version = kit_service_event(app->service)->version,
    };
    kit_text_copy(step.actor, sizeof(step.actor), event->scanner);
    return information_store_name_actor(&app->store, &step, err);
}

int information_on_compartment_requested(struct information_app *app,
                                         const struct msg_event_compartment_requested *event,
                                         struct kit_error *err)
{
    struct information_step step = step_of(app, event->delivery_id);
    step.compartment = event->compartment;
    kit_text_copy(step.locker, sizeof(step.locker), event->locker);
    kit_text_copy(step.actor, sizeof(step.actor), event->scanner);
    return add_step(app, &step, err);
}

/* Appends what happened at a locker. The version is that of the event, which grows with both types.
 */
static int pass_on(struct information_app *app, const char *locker, struct kit_body data,
                   struct kit_error *err)
{
    const struct kit_event *event = kit_service_event(app->service);
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = event->type,
                                  .aggregate = "locker",
                                  .name = locker,
                                  .version = event->version,
                                  .data = data,
                              },
                              err);
}

int information_on_locker(struct information_app *app, const struct msg_event_locker *event,
                          struct kit_error *err)
{
    return pass_on(app, event->locker.device, KIT_BODY(event_locker, event), err);
}

int information_on_door(struct information_app *app, const struct msg_event_door *event,
                        struct kit_error *err)
{
    if (event->has_delivery_id) {
        struct information_step step;
        information_step_from_door(event, &step);
        step.version = kit_service_event(app->service)->version;
        int rc = add_step(app, &step, err);
        if (rc != KIT_OK)
            return rc;
    }
    return pass_on(app, event->locker, KIT_BODY(event_door, event), err);
}
