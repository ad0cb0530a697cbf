/* What customers ask of the read model. Runs on the loop inside the open transaction; changes
 * nothing. */
#ifndef INFORMATION_HANDLERS_H
#define INFORMATION_HANDLERS_H

#include "information/app.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_order_list_response.gen.h"
#include "msg/rpc_order_response.gen.h"
#include "msg/rpc_order_search_request.gen.h"
#include "msg/rpc_order_search_response.gen.h"
#include "msg/rpc_story_response.gen.h"

/* KIT_E_NOT_FOUND until the rental's own event has arrived (rules 1.5). */
int information_on_get(struct information_app *app, const struct msg_rpc_get_request *in,
                       struct msg_rpc_order_response *out, struct kit_error *err) KIT_MUST_CHECK;

/* One page of the orders that customers can see, by id. */
int information_on_list(struct information_app *app, const struct msg_rpc_list_request *in,
                        struct msg_rpc_order_list_response *out,
                        struct kit_error *err) KIT_MUST_CHECK;

/* The first orders that fit, behind a place (rules 1.8). KIT_E_INVALID for products and a locker
 * together without ids: no index has both. */
int information_on_search(struct information_app *app,
                          const struct msg_rpc_order_search_request *in,
                          struct msg_rpc_order_search_response *out,
                          struct kit_error *err) KIT_MUST_CHECK;

/* The steps of an order that customers can see, INFORMATION_STEPS_MAX at most (rules 3).
 * KIT_E_NOT_FOUND as information_on_get(). */
int information_on_story(struct information_app *app, const struct msg_rpc_get_request *in,
                         struct msg_rpc_story_response *out, struct kit_error *err) KIT_MUST_CHECK;

#endif
