/* One function per direction and kind of object: the HTTP body becomes the service's request, the
 * service's answer becomes the HTTP body. All decoding and encoding is generated from schemas/.
 * Pure but for scratch memory: loop thread only. */
#ifndef BRIDGE_HANDLERS_H
#define BRIDGE_HANDLERS_H

#include "bridge/routes.h"

/* {"id":...} and {"page":...,"size":...} */
int any_ask_get(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                struct kit_error *err);
int any_ask_list(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                 struct kit_error *err);

/* qty defaults to PRODUCT_QTY_DEFAULT. */
#define PRODUCT_QTY_DEFAULT 10
int product_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);
int product_ask_update(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                       struct kit_error *err);
int product_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                 int64_t *ret_id, struct kit_error *err);
int product_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                      int64_t *ret_id, struct kit_error *err);

/* fulfilment defaults to direct. */
int rental_ask_create(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                      struct kit_error *err);
int rental_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                int64_t *ret_id, struct kit_error *err);
int rental_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err);

int delivery_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                  int64_t *ret_id, struct kit_error *err);
int delivery_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                       int64_t *ret_id, struct kit_error *err);

int order_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
               int64_t *ret_id, struct kit_error *err);
int order_show_list(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                    int64_t *ret_id, struct kit_error *err);

#endif
