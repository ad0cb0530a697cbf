/* Mapping between rows and messages of lockers. Any thread. */
#include "delivery/wire_locker.h"

#include "kit/base/check.h"

enum locker_door locker_door_from(enum msg_door_state door)
{
    switch (door) {
    case MSG_DOOR_STATE_CLOSED:
        return LOCKER_DOOR_CLOSED;
    case MSG_DOOR_STATE_OPENING:
        return LOCKER_DOOR_OPENING;
    case MSG_DOOR_STATE_OPEN:
        return LOCKER_DOOR_OPEN;
    case MSG_DOOR_STATE_AJAR:
        return LOCKER_DOOR_AJAR;
    case MSG_DOOR_STATE_JAMMED:
        return LOCKER_DOOR_JAMMED;
    case MSG_DOOR_STATE_UNKNOWN:
        return LOCKER_DOOR_UNKNOWN;
    }
    CHECK(false && "the decoder lets no other value through");
    return LOCKER_DOOR_UNKNOWN;
}

static enum msg_door_state to_door(enum locker_door door)
{
    switch (door) {
    case LOCKER_DOOR_CLOSED:
        return MSG_DOOR_STATE_CLOSED;
    case LOCKER_DOOR_OPENING:
        return MSG_DOOR_STATE_OPENING;
    case LOCKER_DOOR_OPEN:
        return MSG_DOOR_STATE_OPEN;
    case LOCKER_DOOR_AJAR:
        return MSG_DOOR_STATE_AJAR;
    case LOCKER_DOOR_JAMMED:
        return MSG_DOOR_STATE_JAMMED;
    case LOCKER_DOOR_UNKNOWN:
        return MSG_DOOR_STATE_UNKNOWN;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_DOOR_STATE_UNKNOWN;
}

enum locker_presence locker_presence_from(enum msg_object_presence presence)
{
    switch (presence) {
    case MSG_OBJECT_PRESENCE_ABSENT:
        return LOCKER_ABSENT;
    case MSG_OBJECT_PRESENCE_PRESENT:
        return LOCKER_PRESENT;
    case MSG_OBJECT_PRESENCE_UNKNOWN:
        return LOCKER_PRESENCE_UNKNOWN;
    }
    CHECK(false && "the decoder lets no other value through");
    return LOCKER_PRESENCE_UNKNOWN;
}

static enum msg_object_presence to_presence(enum locker_presence presence)
{
    switch (presence) {
    case LOCKER_ABSENT:
        return MSG_OBJECT_PRESENCE_ABSENT;
    case LOCKER_PRESENT:
        return MSG_OBJECT_PRESENCE_PRESENT;
    case LOCKER_PRESENCE_UNKNOWN:
        return MSG_OBJECT_PRESENCE_UNKNOWN;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_OBJECT_PRESENCE_UNKNOWN;
}

enum kit_product_size locker_size_from(char letter)
{
    if (letter == 'L')
        return KIT_PRODUCT_SIZE_L;
    return letter == 'M' ? KIT_PRODUCT_SIZE_M : KIT_PRODUCT_SIZE_S;
}

static enum msg_size to_size(enum kit_product_size size)
{
    switch (size) {
    case KIT_PRODUCT_SIZE_S:
        return MSG_SIZE_S;
    case KIT_PRODUCT_SIZE_M:
        return MSG_SIZE_M;
    case KIT_PRODUCT_SIZE_L:
        return MSG_SIZE_L;
    }
    CHECK(false && "the table's CHECK lets no other value in");
    return MSG_SIZE_S;
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
        .size = to_size(compartment->size),
        .door = to_door(compartment->door),
        .presence = to_presence(compartment->presence),
        .use = to_state(compartment, use),
        .has_delivery_id = compartment->delivery.v != 0,
        .delivery_id = compartment->delivery,
    };
}
