/* Between messages and rows: no decisions, no I/O. Any thread. */
#ifndef INFORMATION_WIRE_H
#define INFORMATION_WIRE_H

#include "information/domain.h"
#include "msg/delivery.gen.h"
#include "msg/event_door.gen.h"
#include "msg/order.gen.h"
#include "msg/rental.gen.h"
#include "msg/story_step.gen.h"

/* The part of an order that the stream rental gives; texts that are absent become "". */
void information_rental_from(const struct msg_rental *msg, struct information_rental *ret_part);
/* The same of the stream delivery; an absent compartment or deadline becomes 0. */
void information_delivery_from(const struct msg_delivery *msg,
                               struct information_delivery *ret_part);
/* A door's report as a step of the story of its order; its version is the caller's to fill. */
void information_step_from_door(const struct msg_event_door *msg,
                                struct information_step *ret_step);
/* What the answer and a list's item say of an order. It must be one that customers can see. */
void information_to_message(const struct information_order *order, struct msg_order *ret_msg);
/* A step as the answer says it: its status by name, absent members left out. */
void information_step_to_message(const struct information_step *step,
                                 struct msg_story_step *ret_msg);

#endif
