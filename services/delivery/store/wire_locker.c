/* Mapping between rows and messages of lockers. Any thread. */
#include "delivery/store/wire_locker.h"

#include "kit/base/enum_map.h"

static const int DOORS[] = {
    [MSG_DOOR_STATE_CLOSED] = LOCKER_DOOR_CLOSED, [MSG_DOOR_STATE_OPENING] = LOCKER_DOOR_OPENING,
    [MSG_DOOR_STATE_OPEN] = LOCKER_DOOR_OPEN,     [MSG_DOOR_STATE_AJAR] = LOCKER_DOOR_AJAR,
    [MSG_DOOR_STATE_JAMMED] = LOCKER_DOOR_JAMMED, [MSG_DOOR_STATE_UNKNOWN] = LOCKER_DOOR_UNKNOWN,
};
_Static_assert(KIT_COUNT(DOORS) == MSG_DOOR_STATE_COUNT, "every one");

static const int PRESENCES[] = {
    [MSG_OBJECT_PRESENCE_ABSENT] = LOCKER_ABSENT,
    [MSG_OBJECT_PRESENCE_PRESENT] = LOCKER_PRESENT,
    [MSG_OBJECT_PRESENCE_UNKNOWN] = LOCKER_PRESENCE_UNKNOWN,
};
_Static_assert(KIT_COUNT(PRESENCES) == MSG_OBJECT_PRESENCE_COUNT, "every one");

enum locker_door locker_door_from(enum msg_door_state door)
{
    return (enum locker_door)KIT_ENUM_STORED(DOORS, door);
}

enum locker_presence locker_presence_from(enum msg_object_presence presence)
{
    return (enum locker_presence)KIT_ENUM_STORED(PRESENCES, presence);
}

enum kit_product_size locker_size_from(char letter)
{
    if (letter == 'L')
        return KIT_PRODUCT_SIZE_L;
    return letter == 'M' ? KIT_PRODUCT_SIZE_M : KIT_PRODUCT_SIZE_S;
}

static enum msg_compartment_state to_state(const struct locker_compartment *compartment,
                                           enum delivery_use use)
{
    if (compartment->delivery.v != 0)
        return use == DELIVERY_USE_LOADED ? MSG_COMPARTMENT_STATE_LOADED
                                          : MSG_COMPARTMENT_STATE_ASSIGNED;
    return locker_is_out_of_order(compartment) ? MSG_COMPARTMENT_STATE_OUT_OF_ORDER
                                               : MSG_COMPARTMENT_STATE_FREE;
}

void locker_to_compartment(const struct locker_compartment *compartment, enum delivery_use use,
                           struct msg_rpc_locker_response_compartments *ret_msg)
{
    *ret_msg = (struct msg_rpc_locker_response_compartments){
        .number = compartment->number,
        .size = kit_product_size_told(compartment->size),
        .door = (enum msg_door_state)KIT_ENUM_TOLD(DOORS, compartment->door),
        .presence = (enum msg_object_presence)KIT_ENUM_TOLD(PRESENCES, compartment->presence),
        .use = to_state(compartment, use),
        .has_delivery_id = compartment->delivery.v != 0,
        .delivery_id = compartment->delivery,
    };
}
