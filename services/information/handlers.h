/* What customers ask of the read model. Runs on the loop inside the open transaction; changes
 * nothing. `app` is struct information_app. */
#ifndef INFORMATION_HANDLERS_H
#define INFORMATION_HANDLERS_H

#include "kit/service/service.h"

/* KIT_E_NOT_FOUND until the rental's own event has arrived (rules 1.5). */
int information_on_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                       struct kit_error *err);
int information_on_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                        struct kit_error *err);

#endif
