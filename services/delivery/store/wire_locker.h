/* Between what delivery keeps of lockers and what it says or hears: no decisions, no I/O. Any
 * thread. */
#ifndef DELIVERY_WIRE_LOCKER_H
#define DELIVERY_WIRE_LOCKER_H

#include "delivery/locker.h"
#include "msg/rpc_locker_response.gen.h"

enum locker_door locker_door_from(enum msg_door_state door);
enum locker_presence locker_presence_from(enum msg_object_presence presence);
/* letter: S, M or L, which the schema has checked. */
enum kit_product_size locker_size_from(char letter);

/* use: what the compartment's delivery uses it for; ignored when it is nobody's. */
void locker_to_compartment(const struct locker_compartment *compartment, enum delivery_use use,
                           struct msg_rpc_locker_response_compartments *ret_msg);

#endif
