/* See incidents.h. */
#include "delivery/work/incidents.h"

#include "delivery/work/change.h"
#include "delivery/work/compartments.h"

int incident_apply(struct delivery_app *app, struct delivery *delivery,
                   enum delivery_incident incident, const char *reason, struct kit_error *err)
{
    struct delivery_change change;
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery_decide(delivery, incident, reason, now_ms, &change) == DELIVERY_UNCHANGED) {
        app->totals.ignored++;
        return KIT_OK;
    }
    int rc = delivery_move(app, delivery, incident, &change, err);
    if (rc != KIT_OK)
        return rc;
    return compartments_settle(app, delivery, err);
}
