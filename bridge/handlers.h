/* Requests outward, one function for each kind: what the customer sent becomes the service's
 * request (route_ask_cb). What comes back is the business of views.h. All decoding and encoding is
 * generated from schemas/. A body that its schema does not allow is KIT_E_INVALID with the member
 * at fault. Loop thread. */
#ifndef BRIDGE_HANDLERS_H
#define BRIDGE_HANDLERS_H

#include "bridge/route.h"

/* Any object by the id in its path: rpc.get.request. */
int any_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                struct kit_error *err);

/* A page of any list, as the query says: rpc.list.request. */
int any_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                 struct kit_error *err);

/* Something is to be done with one object. The path says everything: a body with a member is
 * refused. */
int any_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                struct kit_error *err);

/* Registers a product; what the body leaves out is filled in (older.h). KIT_E_INVALID at /gtin for
 * one that nobody can have. */
int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);

/* Changes what the body names, and leaves the rest. */
int product_ask_update(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);

/* Places an order; what the body leaves out is filled in (older.h). */
int rental_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err);

/* A locker by its name. KIT_E_NOT_FOUND for a name that no locker can have. */
int locker_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* A compartment of the locker in the path. KIT_E_NOT_FOUND as above. */
int compartment_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                    struct kit_error *err);

/* What staff do with a compartment of the locker in the path. KIT_E_NOT_FOUND as above. */
int locker_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* A page of the assets, or the one whose label the query names. */
int asset_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* Staff at a desk move an asset (rules/stock.md 5.3). */
int asset_ask_move(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* A page of what is to be picked, in the order that the query names. */
int pick_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                  struct kit_error *err);

/* How the simulated world is. */
int simulator_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                  struct kit_error *err);

/* Something is to happen in the simulated world. */
int simulator_ask_act(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err);

/* A page scans a label at its station (rules/stock.md 8). */
int scan_ask(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
             struct kit_error *err);

/* Products that are looked for. The query has passed search_read(). */
int product_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);

/* Assets that are looked for. The query has passed search_read(). */
int asset_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err);

/* Orders that are looked for. The query has passed search_read(). */
int order_ask_search(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err);

#endif
