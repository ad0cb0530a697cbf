/* See product.h. */
#include "delivery/handlers/product.h"

int delivery_on_product_saved(struct delivery_app *app, const struct msg_event_product *event,
                              struct kit_error *err)
{
    int rc = catalogue_on_saved(&app->catalogue, event, err);
    if (rc != KIT_OK || app->waiting.count == 0)
        return rc;
    delivery_make_assignment_due(app);
    return KIT_OK;
}
