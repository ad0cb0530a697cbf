/* See reports.h. */
#include "delivery/handlers/reports.h"

#include "delivery/work/tell.h"
#include "kit/base/text.h"

/* Told by the device's clock, unless it has none, or one that is ahead of ours. */
int64_t report_time(const struct delivery_app *app, const struct msg_device_record *record)
{
    const int64_t now_ms = kit_service_now_ms(app->service);
    return record->at > 0 && record->at < now_ms ? record->at : now_ms;
}

static struct msg_event_door begin_report(const struct delivery_app *app, const char *locker,
                                          const struct msg_device_record *record,
                                          enum door_report what)
{
    struct msg_event_door door = { .at_ms = report_time(app, record), .what = what };
    kit_text_copy(door.locker, sizeof(door.locker), locker);
    return door;
}

static void name_compartment(struct msg_event_door *door, int number, struct rental_id delivery)
{
    door->has_compartment = number != 0;
    door->compartment = number;
    door->has_delivery_id = delivery.v != 0;
    door->delivery_id = delivery;
}

/* ---- codes and commands ---- */

static bool is_told_effect(enum effect effect, enum door_report *ret_what)
{
    switch (effect) {
    case EFFECT_OPENED:
        *ret_what = DOOR_REPORT_OPENED;
        return true;
    case EFFECT_ALREADY_OPEN:
        *ret_what = DOOR_REPORT_ALREADY_OPEN;
        return true;
    case EFFECT_JAMMED:
        *ret_what = DOOR_REPORT_JAMMED;
        return true;
    case EFFECT_NO_ANSWER:
        *ret_what = DOOR_REPORT_NO_ANSWER;
        return true;
    case EFFECT_EXPIRED:
        *ret_what = DOOR_REPORT_EXPIRED;
        return true;
    case EFFECT_REFUSED:
        *ret_what = DOOR_REPORT_REFUSED;
        return true;
    case EFFECT_INTERRUPTED:
        *ret_what = DOOR_REPORT_INTERRUPTED;
        return true;
    case EFFECT_REPEATED:
        return false;
    }
    UNREACHABLE("the decoder lets no other value through");
}

/* Information of version 0.3 does not know the reason that came with 0.4 (topics.md: readers
 * first); from 0.5 on it is told as it is. */
static enum device_refusal refusal_to_tell(enum device_refusal refusal)
{
    return refusal == DEVICE_REFUSAL_UNKNOWN_KEY ? DEVICE_REFUSAL_BAD_MAC : refusal;
}

int report_effect(struct delivery_app *app, const struct report_target *target,
                  const struct msg_device_record *record, struct kit_error *err)
{
    enum door_report what;
    if (!is_told_effect(record->effect, &what))
        return KIT_OK;
    struct msg_event_door door = begin_report(app, target->locker, record, what);
    name_compartment(&door, target->compartment, target->delivery);
    door.has_by = true;
    door.by = target->by;
    door.has_refusal = record->has_refusal;
    door.refusal = refusal_to_tell(record->refusal);
    return tell_door(app, &door, err);
}

/* A code that opened nothing (devices 2.4). */
static int report_code(struct delivery_app *app, const char *locker,
                       const struct msg_device_record *record, struct kit_error *err)
{
    if (!record->has_refusal)
        return KIT_OK;
    struct msg_event_door door = begin_report(app, locker, record,
                                              record->refusal == DEVICE_REFUSAL_WRONG_CODE
                                                  ? DOOR_REPORT_WRONG_CODE
                                                  : DOOR_REPORT_REFUSED);
    door.has_by = true;
    door.by = DOOR_OPENER_CODE;
    door.has_refusal = true;
    door.refusal = refusal_to_tell(record->refusal);
    door.has_pause_until = record->has_pause_ms && record->pause_ms > 0;
    door.pause_until_ms = door.at_ms + record->pause_ms;
    return tell_door(app, &door, err);
}

int report_unanswered(struct delivery_app *app, const struct locker_compartment *compartment,
                      struct kit_error *err)
{
    const struct msg_device_record none = { 0 };
    struct msg_event_door door = begin_report(app, compartment->locker, &none,
                                              DOOR_REPORT_UNANSWERED);
    name_compartment(&door, compartment->number, compartment->delivery);
    door.has_by = true;
    door.by = DOOR_OPENER_COMMAND;
    return tell_door(app, &door, err);
}

/* ---- doors and boards ---- */

static bool was_open(enum door_state before)
{
    switch (before) {
    case DOOR_STATE_OPENING:
    case DOOR_STATE_OPEN:
    case DOOR_STATE_AJAR:
    case DOOR_STATE_JAMMED:
        return true;
    case DOOR_STATE_CLOSED:
    case DOOR_STATE_UNKNOWN:
        return false;
    }
    UNREACHABLE("door is one of the enum");
}

int report_door(struct delivery_app *app, const struct locker_compartment *compartment,
                enum door_state before, const struct msg_device_record *record,
                struct kit_error *err)
{
    const bool is_closed = compartment->door == DOOR_STATE_CLOSED && was_open(before);
    const bool is_jammed = compartment->door == DOOR_STATE_JAMMED && before != DOOR_STATE_JAMMED;
    if (!is_closed && !is_jammed)
        return KIT_OK; /* that it has opened is how a code or command ended, or an alarm */
    struct msg_event_door door = begin_report(app, compartment->locker, record,
                                              is_closed ? DOOR_REPORT_CLOSED : DOOR_REPORT_JAMMED);
    name_compartment(&door, compartment->number, compartment->delivery);
    door.has_presence = true;
    door.presence = compartment->presence;
    return tell_door(app, &door, err);
}

static enum door_report report_of_alarm(enum door_alarm alarm)
{
    switch (alarm) {
    case DOOR_ALARM_REMIND:
        return DOOR_REPORT_STILL_OPEN;
    case DOOR_ALARM_ESCALATE:
        return DOOR_REPORT_OPEN_TOO_LONG;
    case DOOR_ALARM_ALARM:
        return DOOR_REPORT_OPEN_ALARM;
    case DOOR_ALARM_FORCED:
        return DOOR_REPORT_FORCED;
    case DOOR_ALARM_CLEARED:
        return DOOR_REPORT_SHUT_AGAIN;
    }
    UNREACHABLE("the decoder lets no other value through");
}

static int report_alarm(struct delivery_app *app, const char *locker,
                        const struct msg_device_record *record, struct kit_error *err)
{
    struct locker_compartment compartment = { 0 };
    bool is_found = false;

    if (!record->has_alarm || !record->has_compartment)
        return KIT_OK;
    int rc = locker_store_compartment(&app->lockers,
                                      &(struct compartment_id){ locker, (int)record->compartment },
                                      &compartment, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    struct msg_event_door door = begin_report(app, locker, record, report_of_alarm(record->alarm));
    name_compartment(&door, compartment.number, compartment.delivery);
    return tell_door(app, &door, err);
}

static int report_board(struct delivery_app *app, const char *locker,
                        const struct msg_device_record *record, struct kit_error *err)
{
    if (!record->has_board || !record->has_board_state)
        return KIT_OK;
    struct msg_event_door door = begin_report(app, locker, record,
                                              record->board_state == BOARD_STATE_SILENT
                                                  ? DOOR_REPORT_BOARD_SILENT
                                                  : DOOR_REPORT_BOARD_ANSWERS);
    door.has_board = true;
    door.board = record->board;
    return tell_door(app, &door, err);
}

int report_record(struct delivery_app *app, const char *locker,
                  const struct msg_device_record *record, struct kit_error *err)
{
    switch (record->kind) {
    case DEVICE_RECORD_KIND_CODE:
        return report_code(app, locker, record, err);
    case DEVICE_RECORD_KIND_ALARM:
        return report_alarm(app, locker, record, err);
    case DEVICE_RECORD_KIND_BOARD:
        return report_board(app, locker, record, err);
    case DEVICE_RECORD_KIND_START: {
        const struct msg_event_door door = begin_report(app, locker, record, DOOR_REPORT_STARTED);
        return tell_door(app, &door, err);
    }
    case DEVICE_RECORD_KIND_COMMAND: /* of these, who reads the record knows more */
    case DEVICE_RECORD_KIND_GRANT:
    case DEVICE_RECORD_KIND_DOOR:
    case DEVICE_RECORD_KIND_SCAN:
        return KIT_OK;
    }
    UNREACHABLE("the decoder lets no other value through");
}
