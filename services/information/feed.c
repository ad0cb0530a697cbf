/* The log that pages read. See feed.h. */
#include "information/feed.h"

#include <inttypes.h>

#include "information/wire.h"
#include "msg/event_order.gen.h"

static int tell_order(struct information_app *app, struct rental_id id, struct kit_error *err)
{
    struct information_order order;
    struct msg_event_order changed;

    int rc = information_store_load(&app->store, id, &order, err);
    if (rc != KIT_OK)
        return rc;
    if (!information_is_shown(&order)) /* rules 1.5 */
        return KIT_OK;
    information_to_message(&order, &changed.order);
    app->told_total++;
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "OrderChanged",
                                  .aggregate = "order",
                                  .id = id.v,
                                  .version = order.rental.version + order.delivery.version,
                                  .data = KIT_BODY(event_order, &changed),
                              },
                              err);
}

int feed_note(struct information_app *app, struct rental_id id, struct kit_error *err)
{
    for (size_t i = app->changed_count; i > 0; i--) { /* at most INFORMATION_CHANGED_MAX */
        if (app->changed[i - 1].v == id.v)
            return KIT_OK;
    }
    if (app->changed_count == INFORMATION_CHANGED_MAX) /* told now, and perhaps once more later */
        return tell_order(app, id, err);
    app->changed[app->changed_count++] = id;
    return KIT_OK;
}

int feed_tell(void *app_pointer, struct kit_error *err)
{
    struct information_app *app = app_pointer;
    for (size_t i = 0; i < app->changed_count; i++) {
        int rc = tell_order(app, app->changed[i], err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "telling order %" PRId64, app->changed[i].v);
    }
    app->changed_count = 0;
    return KIT_OK;
}
