/* Records of lockers that a person wants to read in the story of a door or an order: each becomes
 * one DoorReported. Runs on the loop inside the open transaction. Rules: schemas/rules/delivery.md
 * 10.3. */
#ifndef DELIVERY_HANDLERS_REPORTS_H
#define DELIVERY_HANDLERS_REPORTS_H

#include "delivery/app.h"
#include "msg/common.gen.h"
#include "msg/device_record.gen.h"

/* What a code or a command was to open. */
struct report_target {
    const char *locker;
    enum door_opener by;
    int compartment;           /* 0: not known */
    struct rental_id delivery; /* v 0: none */
};

/* How a code or a command ended; nothing of one that the locker had carried out before. */
int report_effect(struct delivery_app *app, const struct report_target *target,
                  const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;

/* A door that has closed, or jams by itself; nothing of any other change. compartment: as it is
 * now. */
int report_door(struct delivery_app *app, const struct locker_compartment *compartment,
                enum door_state before, const struct msg_device_record *record,
                struct kit_error *err) KIT_MUST_CHECK;

/* A command for staff of which the locker has said nothing in time. */
int report_unanswered(struct delivery_app *app, const struct locker_compartment *compartment,
                      struct kit_error *err) KIT_MUST_CHECK;

/* When what a record says has happened: the device's time; ours when it knew none, or is ahead of
 * us (rules 10.3). */
int64_t report_time(const struct delivery_app *app, const struct msg_device_record *record);

/* A record of kind code, alarm, board or start; nothing when a member is missing. */
int report_record(struct delivery_app *app, const char *locker,
                  const struct msg_device_record *record, struct kit_error *err) KIT_MUST_CHECK;

#endif
