/* Requests to rental, one function per method: load, decide, save, append events. Each runs on the
 * loop inside the open transaction; a failing one rolls back alone. */
#ifndef RENTAL_HANDLERS_H
#define RENTAL_HANDLERS_H

#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_rental_list_response.gen.h"
#include "rental/app.h"
#include "rental/wire.h"

/* Takes an order (rules 1) and appends RentalOrdered. Asks nobody. KIT_E_INVALID for a locker that
 * is wished without the fulfilment locker (rules 1.5). */
int rental_on_create(struct rental_app *app, const struct msg_rpc_rental_create_request *in,
                     struct msg_rpc_rental_response *out, struct kit_error *err) KIT_MUST_CHECK;

/* KIT_E_NOT_FOUND for an id that was never given. */
int rental_on_get(struct rental_app *app, const struct msg_rpc_get_request *in,
                  struct msg_rpc_rental_response *out, struct kit_error *err) KIT_MUST_CHECK;

/* One page of the rentals, by id. */
int rental_on_list(struct rental_app *app, const struct msg_rpc_list_request *in,
                   struct msg_rpc_rental_list_response *out, struct kit_error *err) KIT_MUST_CHECK;

/* ---- shared by the files of this service ---- */

/* As rental_store_find, but none is KIT_E_NOT_FOUND with a sentence. */
int rental_load(struct rental_app *app, struct rental_id id, struct rental *ret_rental,
                struct kit_error *err) KIT_MUST_CHECK;
/* Appends the rental's present state to our log. type as in topics.md. */
int rental_append(struct rental_app *app, const char *type, const struct rental *rental,
                  struct kit_error *err) KIT_MUST_CHECK;

#endif
