/* A delivery's code as its customer takes it along: digits in JSON, or the same as a QR code, as
 * PNG or SVG. Loop thread. */
#ifndef BRIDGE_CODE_VIEW_H
#define BRIDGE_CODE_VIEW_H

#include "bridge/route.h"

/* Shows a code in the form that exchange->format names (route_show_cb). *ret_id is left alone.
 * KIT_E_INVALID: the answer breaks its schema. KIT_E_IO: libpng cannot write the image. */
int code_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
              int64_t *ret_id, struct kit_error *err);

#endif
