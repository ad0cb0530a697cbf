/* Mapping between rows and messages of lockers. Any thread. */
#include "delivery/store/wire_locker.h"

enum product_size locker_size_from(char letter)
{
    if (letter == 'L')
        return PRODUCT_SIZE_L;
    return letter == 'M' ? PRODUCT_SIZE_M : PRODUCT_SIZE_S;
}

static enum compartment_state to_state(const struct locker_compartment *compartment,
                                       enum compartment_use use)
{
    if (compartment->delivery.v != 0)
        return use == COMPARTMENT_USE_LOADED ? COMPARTMENT_STATE_LOADED
                                             : COMPARTMENT_STATE_ASSIGNED;
    const bool is_out = compartment->out_since_ms > 0 || locker_is_out_of_order(compartment);
    return is_out ? COMPARTMENT_STATE_OUT_OF_ORDER : COMPARTMENT_STATE_FREE;
}

void locker_to_compartment(const struct locker_compartment *compartment, enum compartment_use use,
                           struct msg_locker_compartments *ret_msg)
{
    *ret_msg = (struct msg_locker_compartments){
        .number = compartment->number,
        .size = compartment->size,
        .door = compartment->door,
        .presence = compartment->presence,
        .use = to_state(compartment, use),
        .has_delivery_id = compartment->delivery.v != 0,
        .delivery_id = compartment->delivery,
    };
}
