/* What lockers look like from outside. Changes nothing. Runs on the loop inside the open
 * transaction. Rules: schemas/rules/delivery.md 7.1. */
#ifndef DELIVERY_HANDLERS_LOCKER_READS_H
#define DELIVERY_HANDLERS_LOCKER_READS_H

#include "delivery/app.h"
#include "msg/rpc_device_list_response.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "msg/rpc_locker_list_response.gen.h"
#include "msg/rpc_locker_response.gen.h"

/* One locker by its name. KIT_E_NOT_FOUND for one that has never connected. */
int delivery_on_locker_get(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                           struct msg_rpc_locker_response *out, struct kit_error *err);

/* Fills a page in the order of their names, each with its compartments. */
int delivery_on_locker_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_locker_list_response *out, struct kit_error *err);

/* How one locker is. KIT_E_NOT_FOUND for one that has never connected. */
int delivery_on_device_get(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                           struct msg_rpc_device_response *out,
                           struct kit_error *err) KIT_MUST_CHECK;
/* How each of a page of lockers is, in the order of their names. */
int delivery_on_device_list(struct delivery_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_device_list_response *out,
                            struct kit_error *err) KIT_MUST_CHECK;

#endif
