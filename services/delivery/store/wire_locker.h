/* Between what delivery keeps of lockers and what it says or hears: no decisions, no I/O. Any
 * thread. */
#ifndef DELIVERY_STORE_WIRE_LOCKER_H
#define DELIVERY_STORE_WIRE_LOCKER_H

#include "delivery/domain/locker.h"
#include "msg/locker.gen.h"

/* letter: S, M or L, which the schema has checked. */
enum product_size locker_size_from(char letter);

/* use: what the compartment's delivery uses it for; ignored when it is nobody's. */
void locker_to_compartment(const struct locker_compartment *compartment, enum compartment_use use,
                           struct msg_locker_compartments *ret_msg);

#endif
