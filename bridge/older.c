/* Defaults, the check digit and the state of a code, as services of 0.2 want them. */
#include "bridge/older.h"

#include <string.h>

void older_fill_product(struct msg_rpc_product_create_request *request)
{
    if (!request->has_tracking)
        request->tracking = TRACKING_BULK;
    if (!request->has_size)
        request->size = PRODUCT_SIZE_S;
    if (!request->has_qty)
        request->qty = request->tracking == TRACKING_BULK ? 10 : 0;
    request->has_tracking = request->has_size = request->has_qty = true;
}

void older_fill_rental(struct msg_rpc_rental_create_request *request)
{
    if (!request->has_fulfilment)
        request->fulfilment = FULFILMENT_DIRECT;
    request->has_fulfilment = true;
}

/* GTIN-8, -12, -13 and -14 are one number with leading zeros; the check digit makes the sum, with
 * weights 3 and 1 from the right, a multiple of ten. */
int older_read_gtin(const char *digits, char ret_gtin[15], struct kit_error *err)
{
    const size_t length = strlen(digits);
    int sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += (digits[length - 1 - i] - '0') * (i % 2 == 0 ? 1 : 3);
    if ((length != 8 && length < 12) || sum % 10 != 0)
        return kit_error_at(err, KIT_E_INVALID, "/gtin",
                            "a GTIN has 8, 12, 13 or 14 digits, and this one's check digit or "
                            "length is wrong; read it again from the label");
    memmove(ret_gtin + 14 - length, digits, length + 1);
    memset(ret_gtin, '0', 14 - length);
    return KIT_OK;
}

bool older_has_code(const struct msg_rpc_delivery_response *answer)
{
    const struct msg_delivery *delivery = &answer->delivery;

    if (answer->has_code)
        return answer->code == CODE_STATE_HELD;
    if (!delivery->has_compartment_use)
        return false;
    return (delivery->status == DELIVERY_STATUS_READY &&
            delivery->compartment_use == COMPARTMENT_USE_LOADED) ||
           (delivery->status == DELIVERY_STATUS_RETURNING &&
            delivery->compartment_use == COMPARTMENT_USE_ASSIGNED);
}
