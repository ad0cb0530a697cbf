/* A delivery's code as its customer takes it along: digits in JSON, or the same as a QR code, as
 * PNG or SVG. Loop thread. */
#ifndef BRIDGE_CODE_VIEW_H
#define BRIDGE_CODE_VIEW_H

#include "bridge/routes.h"

/* route_show_cb; exchange->format says which form. KIT_E_INVALID: the answer breaks its schema. */
int code_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
              int64_t *ret_id, struct kit_error *err);

#endif
