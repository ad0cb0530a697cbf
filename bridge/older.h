/* What services of 0.2 leave to the bridge: rules that have their home in product, rental and
 * delivery by now. Those of 0.3 decide for themselves what is left out here; from 0.5 on the bridge
 * passes on what the customer said, and this file goes. Any thread.
 * Source: schemas/topics.md, "Releases beside each other". */
#ifndef BRIDGE_OLDER_H
#define BRIDGE_OLDER_H

#include <stdbool.h>

#include "kit/base/error.h"
#include "msg/rpc_delivery_response.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_rental_create_request.gen.h"

/* Fills what the customer left out (rules/product.md 1.7). */
void older_fill_product(struct msg_rpc_product_create_request *request);

/* Fills what the customer left out (rules/rental.md 1.6). */
void older_fill_rental(struct msg_rpc_rental_create_request *request);

/* Checks a GTIN of 8 to 14 digits and gives it 14 (rules/product.md 1.6); ret_gtin may be digits.
 * KIT_E_INVALID at /gtin: a wrong length or check digit, ret_gtin is as it was. */
int older_read_gtin(const char *digits, char ret_gtin[15], struct kit_error *err);

/* Whether a delivery's customer holds a code now (rules/delivery.md 9.2): delivery's own word where
 * it gives one. */
bool older_has_code(const struct msg_rpc_delivery_response *answer);

#endif
