/* Between messages and rows: no decisions, no I/O. Any thread. */
#ifndef INFORMATION_WIRE_H
#define INFORMATION_WIRE_H

#include "information/domain.h"
#include "msg/event_delivery.gen.h"
#include "msg/event_rental.gen.h"
#include "msg/rpc_order_response.gen.h"

void information_rental_from(const struct msg_event_rental *msg,
                             struct information_rental *ret_part);
void information_delivery_from(const struct msg_event_delivery *msg,
                               struct information_delivery *ret_part);
void information_to_response(const struct information_order *order,
                             struct msg_rpc_order_response *ret_msg);

#endif
