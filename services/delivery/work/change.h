/* What delivery is asked to show, and what its other files share. Each handler runs on the loop
 * inside the open transaction; a failing one rolls back alone. `app` is struct delivery_app. */
#ifndef DELIVERY_HANDLERS_H
#define DELIVERY_HANDLERS_H

#include "delivery/app.h"

/* KIT_E_NOT_FOUND for a rental that no order or cancel has told us of. */
int delivery_on_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                    struct kit_error *err);
int delivery_on_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

/* Event ProductSaved: fills delivery's own copy, and serves those that waited for the size. */
int delivery_on_product_saved(struct delivery_app *app, const struct msg_event_product *event,
                              struct kit_error *err);

/* ---- shared by the files of this service ---- */

/* Appends the delivery's present state to our log. type as in topics.md. */
int delivery_append(struct delivery_app *app, const char *type, const struct delivery *delivery,
                    struct kit_error *err) KIT_MUST_CHECK;

/* KIT_E_NOT_FOUND, with a sentence, when there is none. */
int delivery_load(struct delivery_app *app, struct rental_id id, struct delivery *ret_delivery,
                  struct kit_error *err) KIT_MUST_CHECK;

/* The one that a request names by its id, as delivery_load(). */
int delivery_load_asked(struct delivery_app *app, const struct kit_rpc_request *request,
                        struct delivery *ret_delivery, struct kit_error *err) KIT_MUST_CHECK;

/* Decides, saves, and appends DeliveryUpdated if it moved; brings *delivery up to date, and gives
 * back the compartment of one that has ended. */
int delivery_take(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const char *reason,
                  struct kit_error *err) KIT_MUST_CHECK;

/* The same for a change that was decided, and perhaps completed, already. */
int delivery_move(struct delivery_app *app, struct delivery *delivery,
                  enum delivery_incident incident, const struct delivery_change *change,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Changes compartment, reason or deadline, and appends DeliveryUpdated; nothing if nothing is new
 * (rules 2.5). */
int delivery_tell(struct delivery_app *app, struct delivery *delivery,
                  const struct delivery_change *change, struct kit_error *err) KIT_MUST_CHECK;

/* delivery_tell() of the reason alone. */
int delivery_say(struct delivery_app *app, struct delivery *delivery, struct kit_error *err,
                 const char *format, ...) KIT_FORMAT(4, 5) KIT_MUST_CHECK;

void delivery_answer(const struct delivery *delivery, struct kit_buf *response);

#endif
