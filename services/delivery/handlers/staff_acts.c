/* See staff_acts.h.
 *
 * Story (rules 7.8), somebody cleans compartment 3:
 *   1. It is taken out of service: from now on no order gets it.
 *   2. Whoever stands in front of it has it opened, for 10 s: what was asked for and came late
 * opens nothing.
 *   3. The door is shut. What its sensor says is looked at as ever: goods that are gone are missed
 *      (rules 8.7).
 *   4. It is taken back. While the command may still open it, it is not: the next order would find
 *      its door open. */
#include "delivery/handlers/staff_acts.h"

#include <inttypes.h>
#include <stdio.h>

#include "delivery/work/attempts.h"
#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "delivery/work/commands.h"
#include "delivery/work/compartments.h"
#include "delivery/work/locker_view.h"
#include "delivery/work/looks.h"
#include "kit/base/text.h"

#define BY_POINTS_MAX 40 /* of who did it; the ids of devices are ASCII */
#define OPEN_MS 10000    /* whoever wants to look inside stands there already */

/* ---- what every act needs ---- */

static int find(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                struct locker_compartment *ret, struct kit_error *err)
{
    const struct compartment_id id = { in->device, (int)in->staff_act.compartment };
    bool is_found = false;
    int rc = locker_store_compartment(&app->lockers, &id, ret, &is_found, err);
    if (rc != KIT_OK || is_found)
        return rc;
    return kit_error_set(err, KIT_E_NOT_FOUND,
                         "There is no compartment %" PRId64 " of %s; GET /lockers lists them.",
                         in->staff_act.compartment, in->device);
}

/* The one that is named, or all of the locker. */
static int find_all(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                    struct locker_compartments *ret, struct kit_error *err)
{
    if (in->staff_act.has_compartment) {
        ret->count = 1;
        return find(app, in, &ret->items[0], err);
    }
    int rc = locker_store_compartments(&app->lockers, in->device, ret, err);
    if (rc != KIT_OK || ret->count > 0)
        return rc;
    return kit_error_set(err, KIT_E_NOT_FOUND,
                         "There is no locker %s, or it has no compartments; GET /lockers lists"
                         " them.",
                         in->device);
}

static int check_reason(const struct msg_rpc_locker_act_request *in, struct kit_error *err)
{
    if (in->staff_act.has_reason)
        return KIT_OK;
    return kit_error_at(err, KIT_E_INVALID, "/reason", "say why, as in \"cleaning\"");
}

static int check_compartment(const struct msg_rpc_locker_act_request *in, struct kit_error *err)
{
    if (in->staff_act.has_compartment)
        return KIT_OK;
    return kit_error_at(err, KIT_E_INVALID, "/compartment", "name the compartment");
}

/* Into the history (rules 7.10). */
static int note(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                const struct locker_compartment *compartment, bool with_goods,
                struct kit_error *err)
{
    struct staff_act_row act = {
        .compartment = compartment->number,
        .at_ms = kit_service_now_ms(app->service),
        .kind = in->staff_act.act,
        .with_goods = with_goods,
        .has_opened = in->staff_act.act == STAFF_ACT_WALK,
        .opened = in->staff_act.opened,
    };
    kit_text_copy(act.locker, sizeof(act.locker), compartment->locker);
    kit_text_copy(act.reason, sizeof(act.reason), in->staff_act.reason);
    kit_text_copy(act.by, sizeof(act.by), in->staff_act.by);
    return staff_act_store_add(&app->acts, &act, err);
}

static int check_out(const struct locker_compartment *compartment, const char *what,
                     struct kit_error *err)
{
    if (compartment->out_since_ms > 0)
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED,
                         "Compartment %d of %s is in service: take it out of service before you"
                         " %s, so that no order gets it meanwhile.",
                         compartment->number, compartment->locker, what);
}

/* ---- out of service, and back (rules 7.7) ---- */

static int set_out(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                   struct locker_compartment *compartment, int64_t out_since_ms,
                   struct kit_error *err)
{
    compartment->out_since_ms = out_since_ms;
    int rc = locker_store_save_compartment(&app->lockers, compartment, err);
    if (rc != KIT_OK)
        return rc;
    return note(app, in, compartment, false, err);
}

/* An order whose goods are not in it, and for which nobody stands at the door. */
static int send_elsewhere(struct delivery_app *app, const struct locker_compartment *compartment,
                          struct kit_error *err)
{
    struct delivery delivery;
    if (compartment->delivery.v == 0 || compartment->story != LOCKER_STORY_NONE ||
        compartment->pending_until_ms > 0)
        return KIT_OK;
    int rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK || !delivery_is_to_be_loaded(&delivery))
        return rc;
    return compartments_replace(app, &delivery, err);
}

/* All of them are out before the first order looks for another one. */
static int take_out(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                    struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    int rc = find_all(app, in, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++) {
        if (items[i].out_since_ms == 0)
            rc = set_out(app, in, &items[i], kit_service_now_ms(app->service), err);
    }
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++)
        rc = send_elsewhere(app, &items[i], err);
    return rc;
}

static int check_in(struct delivery_app *app, const struct locker_compartment *compartment,
                    struct kit_error *err)
{
    struct staff_act_row walk = { .compartment = compartment->number };
    bool is_found = false;

    if (commands_is_opening(app, compartment))
        return kit_error_set(err, KIT_E_REFUSED,
                             "Compartment %d of %s was asked to open and may still do so; try again"
                             " in a moment.",
                             compartment->number, compartment->locker);
    kit_text_copy(walk.locker, sizeof(walk.locker), compartment->locker);
    int rc = staff_act_store_last_walk(&app->acts, &walk, &is_found, err);
    if (rc != KIT_OK || !is_found || walk.opened == compartment->number)
        return rc;
    const char *what = walk.opened == 0 ? "no door" : "another door";
    return kit_error_set(err, KIT_E_REFUSED,
                         "When somebody last walked to compartment %d of %s, %s opened: mend the"
                         " wire, and walk there again.",
                         compartment->number, compartment->locker, what);
}

static int take_one_in(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                       struct locker_compartment *compartment, struct kit_error *err)
{
    if (compartment->out_since_ms == 0)
        return KIT_OK;
    int rc = check_in(app, compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = set_out(app, in, compartment, 0, err);
    if (rc != KIT_OK)
        return rc;
    return looks_end(app, compartment, err);
}

static int take_in(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                   struct kit_error *err)
{
    struct locker_compartment items[LOCKER_COMPARTMENTS_MAX];
    struct locker_compartments all = { .items = items, .max = LOCKER_COMPARTMENTS_MAX };

    int rc = find_all(app, in, &all, err);
    for (size_t i = 0; rc == KIT_OK && i < all.count; i++)
        rc = take_one_in(app, in, &items[i], err);
    delivery_make_assignment_due(app);
    return rc;
}

/* ---- opened without an order (rules 7.8) ---- */

static int find_goods(struct delivery_app *app, const struct locker_compartment *compartment,
                      bool *ret_holds, struct kit_error *err)
{
    struct delivery delivery;

    *ret_holds = locker_seems_full(compartment);
    if (compartment->delivery.v == 0 || *ret_holds)
        return KIT_OK;
    int rc = delivery_get(app, compartment->delivery, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    *ret_holds = delivery.spot.use == COMPARTMENT_USE_LOADED;
    return KIT_OK;
}

static int check_open(struct delivery_app *app, const struct locker_compartment *compartment,
                      struct kit_error *err)
{
    struct codes_link link;

    int rc = check_out(compartment, "open it", err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_find_link(app, compartment->locker, &link, err);
    if (rc != KIT_OK)
        return rc;
    if (!link.is_reachable)
        return kit_error_typed(err, KIT_E_UNAVAILABLE, "locker-unavailable",
                               "%s is not connected, so nothing opens; try again when it is.",
                               compartment->locker);
    if (!commands_is_opening(app, compartment))
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED,
                         "Somebody is at compartment %d of %s already, or about to open it; try"
                         " again in a moment.",
                         compartment->number, compartment->locker);
}

static int open_door(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                     struct kit_error *err)
{
    struct locker_compartment compartment;
    bool holds_goods = false;

    int rc = find(app, in, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_open(app, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = find_goods(app, &compartment, &holds_goods, err);
    if (rc != KIT_OK)
        return rc;
    if (holds_goods && !in->staff_act.has_goods)
        return kit_error_set(err, KIT_E_REFUSED,
                             "Goods lie in compartment %d of %s; to open it all the same, say that"
                             " they stay there (goods: stay).",
                             compartment.number, compartment.locker);
    rc = commands_open(app, &compartment, LOCKER_STORY_CARE, OPEN_MS, err);
    if (rc != KIT_OK)
        return rc;
    return note(app, in, &compartment, holds_goods, err);
}

/* ---- which door opened (rules 7.9) ---- */

static int walk(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                struct kit_error *err)
{
    struct locker_compartment compartment;

    int rc = find(app, in, &compartment, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_out(&compartment, "walk to it", err);
    if (rc != KIT_OK)
        return rc;
    return note(app, in, &compartment, false, err);
}

/* ---- requests ---- */

static int carry_out(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                     struct kit_error *err)
{
    int rc = KIT_OK;
    switch (in->staff_act.act) {
    case STAFF_ACT_OUT:
        return take_out(app, in, err);
    case STAFF_ACT_IN:
        return take_in(app, in, err);
    case STAFF_ACT_OPEN:
        rc = check_reason(in, err);
        if (rc != KIT_OK)
            return rc;
        rc = check_compartment(in, err);
        if (rc != KIT_OK)
            return rc;
        return open_door(app, in, err);
    case STAFF_ACT_WALK:
        rc = check_compartment(in, err);
        if (rc != KIT_OK)
            return rc;
        if (!in->staff_act.has_opened)
            return kit_error_at(err, KIT_E_INVALID, "/opened",
                                "say the number on the door that opened, 0 if none did");
        return walk(app, in, err);
    }
    UNREACHABLE("the decoder lets no other value through");
}

static int act(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
               struct msg_rpc_locker_response *out, struct kit_error *err)
{
    struct locker locker;
    int rc = carry_out(app, in, err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_get_locker(app, in->device, &locker, err); /* it has a compartment */
    if (rc != KIT_OK)
        return rc;
    return locker_view_fill(app, &locker, &out->locker, err);
}

int delivery_on_locker_act(struct delivery_app *app, const struct msg_rpc_locker_act_request *in,
                           struct msg_rpc_locker_response *out, struct kit_error *err)
{
    if (!in->staff_act.has_by)
        return kit_error_at(err, KIT_E_INVALID, "/by", "say who you are");
    if (in->staff_act.act == STAFF_ACT_OUT) {
        int rc = check_reason(in, err);
        if (rc != KIT_OK)
            return rc;
    }
    return act(app, in, out, err);
}

static int act_unsigned(struct delivery_app *app, const struct msg_rpc_compartment_request *in,
                        enum staff_act kind, struct msg_rpc_locker_response *out,
                        struct kit_error *err)
{
    struct msg_rpc_locker_act_request asked = {
        .staff_act = { .act = kind, .has_compartment = true, .compartment = in->compartment },
    };
    kit_text_copy(asked.device, sizeof(asked.device), in->device);
    return act(app, &asked, out, err);
}

int delivery_on_compartment_out(struct delivery_app *app,
                                const struct msg_rpc_compartment_request *in,
                                struct msg_rpc_locker_response *out, struct kit_error *err)
{
    return act_unsigned(app, in, STAFF_ACT_OUT, out, err);
}

int delivery_on_compartment_in(struct delivery_app *app,
                               const struct msg_rpc_compartment_request *in,
                               struct msg_rpc_locker_response *out, struct kit_error *err)
{
    return act_unsigned(app, in, STAFF_ACT_IN, out, err);
}

/* ---- by scans (rules 7.12) ---- */

struct scanned {
    struct delivery_app *app;
    struct msg_rpc_locker_act_request asked;
};

static int act_as_scanned(void *context, struct kit_error *err)
{
    struct scanned *scanned = context;
    struct msg_rpc_locker_act_request out = scanned->asked;

    if (scanned->asked.staff_act.act != STAFF_ACT_OPEN)
        return carry_out(scanned->app, &scanned->asked, err);
    out.staff_act.act = STAFF_ACT_OUT;
    int rc = carry_out(scanned->app, &out, err);
    if (rc != KIT_OK)
        return rc;
    return carry_out(scanned->app, &scanned->asked, err);
}

int delivery_on_compartment_acted(struct delivery_app *app,
                                  const struct msg_event_compartment_act *event,
                                  struct kit_error *err)
{
    const int64_t age_ms = kit_service_now_ms(app->service) -
                           kit_service_event(app->service)->time_ms;
    struct scanned scanned = {
        .app = app,
        .asked.staff_act = { .act = event->act,
                             .has_compartment = true,
                             .compartment = event->compartment,
                             .has_reason = true,
                             .reason = "scanned in front of it",
                             .has_by = true },
    };
    int failure = KIT_OK;

    kit_text_copy(scanned.asked.device, sizeof(scanned.asked.device), event->locker);
    (void)snprintf(scanned.asked.staff_act.by, sizeof(scanned.asked.staff_act.by), "%.*s",
                   BY_POINTS_MAX, event->scanner);
    if (event->act == STAFF_ACT_WALK || (event->act == STAFF_ACT_OPEN && age_ms > OPEN_MS)) {
        app->locker_totals.requests_ignored++;
        return KIT_OK;
    }
    int rc = attempt_part(app, act_as_scanned, &scanned, &failure, err);
    app->locker_totals.requests_ignored += rc == KIT_OK && failure != KIT_OK;
    return rc;
}

/* ---- the history (rules 7.10) ---- */

static void tell_act(const struct staff_act_row *act, struct msg_locker_act *ret)
{
    struct msg_staff_act *told = &ret->staff_act;

    ret->at_ms = act->at_ms;
    *told = (struct msg_staff_act){
        .has_compartment = true,
        .compartment = act->compartment,
        .act = act->kind,
        .has_reason = act->reason[0] != '\0',
        .has_by = act->by[0] != '\0',
        .has_goods = act->with_goods,
        .goods = GOODS_INSIDE_STAY,
        .has_opened = act->has_opened,
        .opened = act->opened,
    };
    kit_text_copy(told->reason, sizeof(told->reason), act->reason);
    kit_text_copy(told->by, sizeof(told->by), act->by);
}

int delivery_on_locker_acts(struct delivery_app *app, const struct msg_rpc_locker_get_request *in,
                            struct msg_rpc_locker_acts_response *out, struct kit_error *err)
{
    struct staff_act_rows rows = { .max = KIT_COUNT(out->items) };
    rows.items = kit_arena_take(kit_service_arena(app->service), rows.max * sizeof(*rows.items));

    int rc = staff_act_store_newest(&app->acts, in->device, &rows, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < rows.count; i++) /* at most 100 */
        tell_act(&rows.items[i], &out->items[i]);
    out->items_count = rows.count;
    return KIT_OK;
}
