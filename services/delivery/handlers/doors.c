/* Records of doors become steps of deliveries. An acknowledgement is never taken for a door that
 * opened, nor for goods that are gone: only what was sensed counts. Runs on the loop inside the
 * open transaction.
 *
 * Story (rules 8.5), a door that jams:
 *   1. The customer types the code; the lock is pulsed, the door stays shut: `jammed`.
 *   2. The code is used up. A new one is issued, and the reason says what happened.
 *   3. Somebody frees the door; a door record with another state makes it usable again. */
#include "delivery/handlers/doors.h"

#include <stdio.h>
#include <string.h>

#include "delivery/handlers/reports.h"
#include "delivery/store/wire_locker.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/compartments.h"
#include "delivery/work/looks.h"
#include "delivery/work/ready.h"

/* A record that names what is not there, or not the locker's: counted, and without effect. */
static int count_suspicious(struct delivery_app *app)
{
    app->locker_totals.suspicious++;
    return KIT_OK;
}

/* Did the lock open, as far as was sensed? */
static bool is_open(enum effect effect)
{
    return effect == EFFECT_OPENED || effect == EFFECT_ALREADY_OPEN;
}

/* Cut off in the middle, or its board was silent: it may have opened all the same. A sensor that
 * can be trusted will say whether the goods are gone; else they stay where they are for us. */
static bool may_have_opened(enum effect effect)
{
    return effect == EFFECT_INTERRUPTED || effect == EFFECT_NO_ANSWER;
}

/* What a lock that did not open tells about its door; the next door record tells more. */
static void note_failure(struct delivery_app *app, struct locker_compartment *compartment,
                         enum effect effect)
{
    if (effect == EFFECT_JAMMED && compartment->door != DOOR_STATE_JAMMED) {
        compartment->door = DOOR_STATE_JAMMED;
        app->locker_totals.doors_jammed++;
    }
    if (effect == EFFECT_NO_ANSWER)
        compartment->door = DOOR_STATE_UNKNOWN;
}

static bool is_spot(const struct delivery *delivery, const struct locker_compartment *compartment)
{
    return delivery->spot.compartment == compartment->number &&
           strcmp(delivery->spot.locker, compartment->locker) == 0;
}

/* ---- commands of staff ---- */

/* The door did not open for staff. A load may go to another compartment. */
static int on_staff_failure(struct delivery_app *app, struct delivery *delivery,
                            const struct locker_compartment *compartment, enum effect effect,
                            struct kit_error *err)
{
    int rc = delivery_explain(app, delivery, err, "compartment %d of %s did not open: %s",
                              compartment->number, compartment->locker, effect_texts[effect]);
    if (rc != KIT_OK || !delivery_is_to_be_loaded(delivery) || !locker_is_out_of_order(compartment))
        return rc;
    return compartments_replace(app, delivery, err);
}

/* Without an order (rules 7.8). Whatever lies in it, or is taken out, the door records tell. */
static int on_care(struct delivery_app *app, struct locker_compartment *compartment,
                   enum effect effect, struct kit_error *err)
{
    compartment->pending_until_ms = 0;
    if (!is_open(effect))
        note_failure(app, compartment, effect);
    return locker_store_save_compartment(&app->lockers, compartment, err);
}

static int on_effect(struct delivery_app *app, const struct locker_command *command,
                     enum effect effect, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct delivery delivery;
    bool is_found = false;

    int rc = locker_store_compartment(
        &app->lockers, &(struct compartment_id){ command->locker, command->compartment },
        &compartment, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    if (command->story == LOCKER_STORY_CARE)
        return on_care(app, &compartment, effect, err);
    if (compartment.delivery.v != command->delivery.v)
        return rc; /* it has gone to somebody else meanwhile; the door records tell the rest */
    compartment.pending_until_ms = 0;
    if (is_open(effect)) {
        compartment.story = command->story;
        compartment.is_unseen = false; /* they look inside now */
    } else {
        note_failure(app, &compartment, effect);
    }
    rc = locker_store_save_compartment(&app->lockers, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_get(app, command->delivery, &delivery, err);
    if (rc != KIT_OK || is_open(effect))
        return rc;
    rc = on_staff_failure(app, &delivery, &compartment, effect, err);
    if (rc != KIT_OK)
        return rc;
    return compartments_settle(app, &delivery, err);
}

/* Of a command that is none of ours: when the locker has refused it, somebody wants to know. */
static int on_foreign_command(struct delivery_app *app, const char *locker,
                              const struct msg_device_record *record, struct kit_error *err)
{
    const struct report_target target = {
        .locker = locker,
        .by = DOOR_OPENER_COMMAND,
        .compartment = record->has_compartment ? (int)record->compartment : 0,
    };
    (void)count_suspicious(app);
    if (record->effect != EFFECT_REFUSED)
        return KIT_OK;
    return report_effect(app, &target, record, err);
}

/* A command that is not over was over for the locker: its clock is ahead. A new configuration,
 * which is signed, tells it the time at once (rules time 1.10). */
static int mend_clock(struct delivery_app *app, const struct locker_command *command,
                      enum effect effect, struct kit_error *err)
{
    if (effect != EFFECT_EXPIRED || kit_service_now_ms(app->service) > command->expires_at_ms)
        return KIT_OK;
    return codes_publish(app, command->locker, 0, err);
}

int doors_on_command(struct delivery_app *app, const char *locker,
                     const struct msg_device_record *record, struct kit_error *err)
{
    struct locker_command command;
    bool is_found = false;

    if (!record->has_command_id || !record->has_effect)
        return count_suspicious(app);
    int rc = locker_store_command(&app->lockers, record->command_id, &command, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found || strcmp(command.locker, locker) != 0)
        return on_foreign_command(app, locker, record, err);
    app->locker_totals.effects[record->effect]++;
    if (command.effect != 0 || record->effect == EFFECT_REPEATED)
        return KIT_OK; /* its first effect is what counts (devices 4.3) */
    rc = locker_store_set_effect(&app->lockers, command.id, record->effect, err);
    if (rc != KIT_OK)
        return rc;
    rc = mend_clock(app, &command, record->effect, err);
    if (rc != KIT_OK)
        return rc;
    const struct report_target target = { locker, DOOR_OPENER_COMMAND, command.compartment,
                                          command.delivery };
    rc = report_effect(app, &target, record, err);
    if (rc != KIT_OK)
        return rc;
    return on_effect(app, &command, record->effect, err);
}

/* ---- codes of customers ---- */

/* The code is used up, but the door did not open, as far as the locker knows. */
static int on_customer_failure(struct delivery_app *app, struct delivery *delivery,
                               const struct locker_compartment *compartment, enum effect effect,
                               struct kit_error *err)
{
    bool is_live = false;
    if (!delivery_may_have_code(delivery))
        return KIT_OK; /* it is being canceled, or has ended: no new code */
    int rc = codes_issue(app, delivery, err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_find_live(app, &delivery->spot, NULL, &is_live, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_explain(app, delivery, err, "compartment %d of %s did not open: %s%s",
                            compartment->number, compartment->locker, effect_texts[effect],
                            is_live ? "; there is a new code" : "");
}

static int on_use(struct delivery_app *app, const struct grant *grant, enum effect effect,
                  struct kit_error *err)
{
    struct locker_compartment compartment;
    struct delivery delivery;
    bool is_found = false;

    int rc = locker_store_compartment(&app->lockers,
                                      &(struct compartment_id){ grant->locker, grant->compartment },
                                      &compartment, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found || compartment.delivery.v != grant->delivery.v)
        return count_suspicious(app); /* the compartment is somebody else's by now */
    if (is_open(effect) || (may_have_opened(effect) && !compartment.is_doubtful))
        compartment.story = grant->purpose == GRANT_RETURN ? LOCKER_STORY_RETURN
                                                           : LOCKER_STORY_COLLECT;
    if (!is_open(effect))
        note_failure(app, &compartment, effect);
    rc = locker_store_save_compartment(&app->lockers, &compartment, err);
    if (rc != KIT_OK || is_open(effect))
        return rc;
    rc = delivery_get(app, grant->delivery, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    return on_customer_failure(app, &delivery, &compartment, effect, err);
}

/* Was a code used up by that? */
static bool is_use(enum effect effect)
{
    switch (effect) {
    case EFFECT_OPENED:
    case EFFECT_ALREADY_OPEN:
    case EFFECT_JAMMED:
    case EFFECT_NO_ANSWER:
    case EFFECT_INTERRUPTED:
        return true;
    case EFFECT_EXPIRED:
    case EFFECT_REFUSED:
    case EFFECT_REPEATED:
        return false;
    }
    UNREACHABLE("the decoder lets no other value through");
}

/* The locker gave that number away before, and keeps its door shut (devices.md 5.7): we are a
 * backup, brought back without --new-epoch. */
static bool is_older_than_locker(const struct grant *grant, const struct msg_device_record *record)
{
    return grant->state == GRANT_LIVE && record->effect == EFFECT_REFUSED && record->has_refusal &&
           record->refusal == DEVICE_REFUSAL_ALREADY_USED;
}

static int end_older(struct delivery_app *app, const struct grant *grant, struct kit_error *err)
{
    int rc = looks_begin(app, grant, err);
    if (rc != KIT_OK)
        return rc;
    return codes_publish(app, grant->locker, 0, err);
}

int doors_on_grant(struct delivery_app *app, const char *locker,
                   const struct msg_device_record *record, struct kit_error *err)
{
    struct grant grant;
    bool is_found = false;

    if (!record->has_grant_id || !record->has_effect)
        return count_suspicious(app);
    int rc = locker_store_grant(&app->lockers, record->grant_id, &grant, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found || strcmp(grant.locker, locker) != 0 || grant.state == GRANT_USED)
        return count_suspicious(app);
    app->locker_totals.uses[record->effect]++;
    const struct report_target target = { locker, DOOR_OPENER_CODE, grant.compartment,
                                          grant.delivery };
    rc = report_effect(app, &target, record, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_use(record->effect))
        return is_older_than_locker(&grant, record) ? end_older(app, &grant, err) : KIT_OK;
    rc = locker_store_set_grant(&app->lockers, grant.id, GRANT_USED, err);
    if (rc != KIT_OK)
        return rc;
    if (grant.state == GRANT_LIVE) { /* so that the locker may forget it */
        rc = codes_publish(app, locker, 0, err);
        if (rc != KIT_OK)
            return rc;
    }
    return on_use(app, &grant, record->effect, err);
}

/* ---- doors ---- */

static int64_t hold_until_ms(const struct delivery_app *app)
{
    return kit_service_now_ms(app->service) + kit_service_setting(app->service, "hold-ms");
}

/* Goods lie in the compartment, laid in by staff: the customer may come (rules 8.2). */
static int on_loaded(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct delivery_change change;
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery_decide(delivery, DELIVERY_INCIDENT_LOADED, "", now_ms, &change) ==
        DELIVERY_UNCHANGED)
        return compartments_settle(app, delivery, err);
    change.spot.use = COMPARTMENT_USE_LOADED;
    change.deadline_ms = hold_until_ms(app);
    int rc = delivery_move(app, delivery, DELIVERY_INCIDENT_LOADED, &change, err);
    if (rc != KIT_OK)
        return rc;
    return codes_issue(app, delivery, err);
}

/* The order has ended while somebody was at the door to lay goods in. Unless a sensor that can be
 * trusted says that there are none, staff look (rules 8.2). */
static int settle_unsure(struct delivery_app *app, struct delivery *delivery,
                         enum locker_outcome outcome, struct kit_error *err)
{
    struct locker_compartment compartment;
    int rc = compartments_get(app, &delivery->spot, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    bool may_hold = outcome != LOCKER_OUTCOME_EMPTY || compartment.is_doubtful;
    if (!may_hold || delivery->spot.use != COMPARTMENT_USE_ASSIGNED ||
        !delivery_has_ended(delivery) || delivery->status == DELIVERY_STATUS_DELIVERED)
        return compartments_settle(app, delivery, err);
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot.use = COMPARTMENT_USE_LOADED;
    return delivery_update(app, delivery, &change, err);
}

/* ---- what a door that was opened has come to ---- */

static int end_load(struct delivery_app *app, struct delivery *delivery,
                    enum locker_outcome outcome, struct kit_error *err)
{
    struct locker_compartment compartment;
    bool is_ready = delivery->status == DELIVERY_STATUS_READY;

    if (is_ready &&
        delivery->spot.use == COMPARTMENT_USE_LOADED) { /* somebody looked in once more */
        int rc = compartments_get(app, &delivery->spot, &compartment, err);
        if (rc != KIT_OK)
            return rc;
        return ready_check(app, delivery, &compartment, err);
    }
    if (!is_ready && delivery->status != DELIVERY_STATUS_PICKED)
        return settle_unsure(app, delivery, outcome, err);
    if (outcome != LOCKER_OUTCOME_EMPTY)
        return is_ready ? ready_on_goods(app, delivery, hold_until_ms(app), err)
                        : on_loaded(app, delivery, err);
    return delivery_explain(
        app, delivery, err,
        "nothing was sensed in compartment %d of %s: lay the goods in, scan again",
        delivery->spot.compartment, delivery->spot.locker);
}

/* After an interrupted use there is a new code already, which somebody may be typing now: it stays
 * (rules 8.5). */
static int issue_again(struct delivery_app *app, struct delivery *delivery, const char *why,
                       struct kit_error *err)
{
    bool is_live = false;
    if (!delivery_may_have_code(delivery))
        return KIT_OK;
    int rc = codes_find_live(app, &delivery->spot, NULL, &is_live, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_live) {
        rc = codes_issue(app, delivery, err);
        if (rc != KIT_OK)
            return rc;
    }
    /* After the deadline there is none. */
    rc = codes_find_live(app, &delivery->spot, NULL, &is_live, err);
    if (rc != KIT_OK)
        return rc;
    return delivery_explain(app, delivery, err, "%s in compartment %d of %s%s", why,
                            delivery->spot.compartment, delivery->spot.locker,
                            is_live ? "; there is a new code" : "");
}

static int end_collect(struct delivery_app *app, struct delivery *delivery,
                       enum locker_outcome outcome, struct kit_error *err)
{
    struct delivery_change change;
    int64_t now_ms = kit_service_now_ms(app->service);

    if (delivery->status == DELIVERY_STATUS_READY && delivery->spot.use == COMPARTMENT_USE_ASSIGNED)
        return outcome == LOCKER_OUTCOME_GOODS
                   ? ready_on_goods(app, delivery, delivery->deadline_ms, err)
                   : KIT_OK; /* it was empty before: not collected (8.7) */
    if (outcome == LOCKER_OUTCOME_GOODS)
        return issue_again(app, delivery, "the goods are still", err);
    if (delivery_decide(delivery, DELIVERY_INCIDENT_COLLECTED, "", now_ms, &change) ==
        DELIVERY_UNCHANGED)
        return compartments_settle(app, delivery, err);
    int rc = compartments_vacate(app, &delivery->spot, err);
    if (rc != KIT_OK)
        return rc;
    change.spot = (struct delivery_spot){ 0 };
    return delivery_move(app, delivery, DELIVERY_INCIDENT_COLLECTED, &change, err);
}

static int end_return(struct delivery_app *app, struct delivery *delivery,
                      enum locker_outcome outcome, struct kit_error *err)
{
    if (delivery->status != DELIVERY_STATUS_RETURNING)
        return settle_unsure(app, delivery, outcome, err);
    if (outcome == LOCKER_OUTCOME_EMPTY)
        return issue_again(app, delivery, "nothing was sensed", err);

    int rc = codes_revoke(app, &delivery->spot, err);
    if (rc != KIT_OK)
        return rc;
    if (delivery->wish != DELIVERY_WISH_NONE) { /* they came in time after all */
        delivery->wish = DELIVERY_WISH_NONE;
        rc = delivery_store_note(&app->store, delivery, err);
        if (rc != KIT_OK)
            return rc;
    }
    struct delivery_change change = delivery_change_from(delivery,
                                                         kit_service_now_ms(app->service));
    change.spot.use = COMPARTMENT_USE_LOADED;
    change.deadline_ms = 0;
    change.reason = "";
    return delivery_update(app, delivery, &change, err);
}

/* The door that was opened is closed, and we know what lies behind it. */
static int end_story(struct delivery_app *app, struct delivery *delivery, enum locker_story story,
                     enum locker_outcome outcome, struct kit_error *err)
{
    switch (story) {
    case LOCKER_STORY_LOAD:
        return end_load(app, delivery, outcome, err);
    case LOCKER_STORY_COLLECT:
        return end_collect(app, delivery, outcome, err);
    case LOCKER_STORY_RETURN:
        return end_return(app, delivery, outcome, err);
    case LOCKER_STORY_FETCH:
    case LOCKER_STORY_CARE:
    case LOCKER_STORY_NONE:
        return compartments_settle(app, delivery, err);
    }
    UNREACHABLE("story is one of the enum");
}

int doors_on_door(struct delivery_app *app, const char *locker,
                  const struct msg_device_record *record, struct kit_error *err)
{
    struct locker_compartment compartment;
    struct delivery delivery;
    bool is_found = false;

    if (!record->has_compartment || !record->has_door)
        return count_suspicious(app);
    int rc = locker_store_compartment(&app->lockers,
                                      &(struct compartment_id){ locker, (int)record->compartment },
                                      &compartment, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return count_suspicious(app);

    enum door_state door = record->door;
    enum object_presence presence = record->presence;
    app->locker_totals.doors_jammed += door == DOOR_STATE_JAMMED &&
                                       compartment.door != DOOR_STATE_JAMMED;
    const enum door_state before = compartment.door;
    locker_on_door(&compartment, door, record->has_presence ? &presence : NULL);
    enum locker_story story = compartment.story;
    enum locker_outcome outcome = locker_end_story(&compartment);
    rc = locker_store_save_compartment(&app->lockers, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = report_door(app, &compartment, before, record, err);
    if (rc != KIT_OK || compartment.delivery.v == 0)
        return rc;

    rc = delivery_get(app, compartment.delivery, &delivery, err);
    if (rc != KIT_OK || !is_spot(&delivery, &compartment))
        return rc;
    return outcome == LOCKER_OUTCOME_NOT_YET ? ready_check(app, &delivery, &compartment, err)
                                             : end_story(app, &delivery, story, outcome, err);
}
