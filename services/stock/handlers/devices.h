/* How scanners and stations are, for the office. Changes nothing. Runs on the loop inside the open
 * transaction. Rules: schemas/rules/stock.md 10. */
#ifndef STOCK_HANDLERS_DEVICES_H
#define STOCK_HANDLERS_DEVICES_H

#include "msg/rpc_device_list_response.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_locker_get_request.gen.h"
#include "stock/app.h"

/* KIT_E_NOT_FOUND: nobody of that name has been heard, or the station is forgotten. */
int stock_on_device_get(struct stock_app *app, const struct msg_rpc_locker_get_request *in,
                        struct msg_rpc_device_response *out, struct kit_error *err) KIT_MUST_CHECK;
/* A page of scanners and stations in the order of their names. */
int stock_on_device_list(struct stock_app *app, const struct msg_rpc_list_request *in,
                         struct msg_rpc_device_list_response *out,
                         struct kit_error *err) KIT_MUST_CHECK;

#endif
