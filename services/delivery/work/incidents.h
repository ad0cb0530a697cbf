/* Something has happened to a delivery: decides what it means, carries it out, and takes back the
 * compartment of one that ends. Runs on the loop inside the open transaction. */
#ifndef DELIVERY_WORK_INCIDENTS_H
#define DELIVERY_WORK_INCIDENTS_H

#include "delivery/app.h"

/* Decides by delivery_decide(), stores, appends DeliveryUpdated if the delivery moved, and gives
 * back the compartment of one that has ended (rules 8.4). *delivery is brought up to date. reason:
 * "" if there is nothing to say. */
int incident_apply(struct delivery_app *app, struct delivery *delivery,
                   enum delivery_incident incident, const char *reason,
                   struct kit_error *err) KIT_MUST_CHECK;

#endif
