/* Requests to rental, one function per method: decode, load, decide, save, append events. Each runs
 * on the loop inside the open transaction; a failing one rolls back alone. `app` is struct
 * rental_app. */
#ifndef RENTAL_HANDLERS_H
#define RENTAL_HANDLERS_H

#include "kit/service/service.h"
#include "rental/app.h"

/* Takes an order (rules 1). Appends RentalOrdered. Asks nobody. */
int rental_on_create(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

/* KIT_E_NOT_FOUND for an id that was never given. */
int rental_on_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                  struct kit_error *err);
int rental_on_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                   struct kit_error *err);

/* Rental's own copy of the products (rules 5.1), answered while product is down. */
int rental_on_product_get(void *app, const struct kit_rpc_request *request,
                          struct kit_buf *response, struct kit_error *err);
int rental_on_product_list(void *app, const struct kit_rpc_request *request,
                           struct kit_buf *response, struct kit_error *err);
int rental_on_product_saved(void *app, const struct kit_event *event, struct kit_error *err);
int rental_on_stock_changed(void *app, const struct kit_event *event, struct kit_error *err);

/* ---- shared by the files of this service ---- */

/* As rental_store_find, but none is KIT_E_NOT_FOUND with a sentence. */
int rental_load(struct rental_app *app, struct rental_id id, struct rental *ret_rental,
                struct kit_error *err) KIT_MUST_CHECK;
/* Appends the rental's present state to our log. type as in topics.md. */
int rental_append(struct rental_app *app, const char *type, const struct rental *rental,
                  struct kit_error *err) KIT_MUST_CHECK;
void rental_answer(const struct rental *rental, struct kit_buf *response);

#endif
