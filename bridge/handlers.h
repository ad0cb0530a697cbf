/* One function per body that customers send: it becomes the service's request. What comes back is
 * the business of views.h. All decoding and encoding is generated from schemas/. Loop thread. */
#ifndef BRIDGE_HANDLERS_H
#define BRIDGE_HANDLERS_H

#include "bridge/routes.h"

/* {"id":...} and {"page":...,"size":...} */
int any_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                struct kit_error *err);
int any_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                 struct kit_error *err);

/* qty defaults to PRODUCT_QTY_DEFAULT, of a serialised product to 0; tracking to bulk, size to S.
 */
#define PRODUCT_QTY_DEFAULT 10
int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);
int product_ask_update(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);

/* Nothing is to be said: no body, or {}. */
int delivery_ask_return(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                        struct kit_error *err);

/* By its name; KIT_E_NOT_FOUND for what cannot be one. */
int locker_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* {"page":...,"size":...} and the label that the query asks for. */
int asset_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);
/* Staff at a desk move an asset (rules/stock.md 5.3). */
int asset_ask_move(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                   struct kit_error *err);

/* fulfilment defaults to direct. */
int rental_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err);

#endif
