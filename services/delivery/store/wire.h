/* Between what delivery keeps and what it says: no decisions, no I/O. Any thread. */
#ifndef DELIVERY_STORE_WIRE_H
#define DELIVERY_STORE_WIRE_H

#include "delivery/domain/delivery.h"
#include "msg/delivery.gen.h"
#include "msg/rental.gen.h"
#include "msg/rpc_delivery_cancel_request.gen.h"
#include "msg/rpc_delivery_response.gen.h"

/* The order that a RentalOrdered or RentalCanceled carries. */
struct delivery_order delivery_order_from_rental(const struct msg_rental *msg);
/* The same of a request to cancel, which carries no wished locker. */
struct delivery_order delivery_order_from_cancel(const struct msg_rpc_delivery_cancel_request *msg);

/* What the event, the answer and a list's item all say of a delivery. version_base: of the kit. */
void delivery_to_message(const struct delivery *delivery, int64_t version_base,
                         struct msg_delivery *ret_msg);
/* Adds when it changed last. */
void delivery_to_response(const struct delivery *delivery, int64_t version_base,
                          struct msg_rpc_delivery_response *ret_msg);

#endif
