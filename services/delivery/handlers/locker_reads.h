/* Requests about lockers and what is in them. Run on the loop inside the open transaction. `app` is
 * struct delivery_app. Rules: schemas/rules/delivery.md 7.1. */
#ifndef DELIVERY_LOCKERS_READ_H
#define DELIVERY_LOCKERS_READ_H

#include "kit/service/service.h"

/* Request `locker-get`, by name. KIT_E_NOT_FOUND. */
int lockers_read_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                     struct kit_error *err);

/* Request `locker-list`, a page by name. */
int lockers_read_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                      struct kit_error *err);

#endif
