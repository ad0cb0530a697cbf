/* Between what rental keeps and what it says: no decisions, no I/O. Any thread. */
#ifndef RENTAL_WIRE_H
#define RENTAL_WIRE_H

#include "msg/delivery.gen.h"
#include "msg/rental.gen.h"
#include "msg/rpc_rental_create_request.gen.h"
#include "msg/rpc_rental_response.gen.h"
#include "rental/domain.h"

/* Fills in what the order leaves out (rules 1.6). */
void rental_complete_order(struct msg_rpc_rental_create_request *msg);

/* What was ordered, of a complete order, without an id yet; rental_begin() makes an order of it. */
void rental_from_order(const struct msg_rpc_rental_create_request *msg, struct rental *ret_rental);

/* What the event, the answer and a list's item all say of a rental. version_base: of the kit. */
void rental_to_message(const struct rental *rental, int64_t version_base,
                       struct msg_rental *ret_msg);
/* As rental_to_message(), and when the rental last changed, which its own answer says too. */
void rental_to_response(const struct rental *rental, int64_t version_base,
                        struct msg_rpc_rental_response *ret_msg);

/* What delivery says; the reason is borrowed from the message. */
struct rental_news rental_news_from(const struct msg_delivery *delivery);

#endif
