/* The impatient customer: at the locker before his goods are, with whatever code comes to his mind;
 * then with a slip of the finger; and gone while the door is open. See acting.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "demo/acting.h"
#include "demo/crew.h"

#define LOOK_MS 300
#define READY_TRIES 400    /* looks until his goods must be there: two minutes */
#define ANNOYED_MS 2500    /* between two codes */
#define LEFT_OPEN_MS 24000 /* long enough for "still open", and for "open too long" */
#define CODE_SIZE 9

/* No code that anybody has: that it opens something is as likely as a win in a lottery. */
static int guess(struct crew_person *self, const struct sim_device *locker, struct kit_error *err)
{
    char code[CODE_SIZE];

    (void)snprintf(code, sizeof(code), "%08" PRIu32, sim_rng_below(&self->rng, 100000000));
    crew_say(self, "types %s at %s", code, locker->name);
    return crew_type(self, locker, code, err);
}

/* His goods are in a compartment; *ret is which. */
static int await_stop(struct crew_person *self, int64_t order, struct crew_stop *ret,
                      struct kit_error *err)
{
    for (int i = 0; i < READY_TRIES; i++) {
        for (size_t n = 0; n < self->crew->stop_count; n++) {
            const struct crew_stop *stop = &self->crew->stops[n];
            if (stop->order == order && stop->is_loaded && strcmp(stop->status, "READY") == 0) {
                *ret = *stop;
                return KIT_OK;
            }
        }
        int rc = sim_run_pause(&self->crew->run, LOOK_MS, err);
        if (rc != KIT_OK)
            return rc;
    }
    return kit_error_set(err, KIT_E_TIMEOUT, "order %" PRId64 " is not ready", order);
}

/* Takes his goods, and goes; shuts the door when somebody calls him back. */
static int collect_carelessly(struct crew_person *self, const struct crew_stop *stop,
                              struct kit_error *err)
{
    int rc = crew_hand(self, stop, "open", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_hand(self, stop, "take", err);
    if (rc == KIT_OK) {
        crew_say(self, "leaves the door of %s %" PRId64 " open", stop->locker->name,
                 stop->compartment);
        crew_nap(self->crew, LEFT_OPEN_MS);
    }
    return crew_hand(self, stop, "shut", err);
}

/* He may have come while the goods are still being received. */
static int order_something(struct crew_person *self, struct crew_placed *ret, struct kit_error *err)
{
    for (int i = 0; i < READY_TRIES; i++) {
        int rc = crew_order_any(self, ret, err);
        if (rc != KIT_E_REFUSED)
            return rc;
        struct kit_error stopped = { 0 };
        rc = sim_run_pause(&self->crew->run, LOOK_MS, &stopped);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_E_REFUSED; /* err says why */
}

static int visit(struct crew_person *self, struct kit_error *err)
{
    struct crew *crew = self->crew;
    struct crew_placed placed = { .order = 0 };
    struct crew_stop stop;

    int rc = order_something(self, &placed, err);
    if (rc != KIT_OK)
        return rc;
    crew->visitor_order = placed.order;
    rc = guess(self, placed.locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = await_stop(self, placed.order, &stop, err);
    if (rc != KIT_OK)
        return rc;
    rc = guess(self, stop.locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_rest(self, ANNOYED_MS, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_type_code(self, &stop, err);
    if (rc != KIT_OK)
        return rc;
    return collect_carelessly(self, &stop, err);
}

void crew_live_as_visitor(struct crew_person *self)
{
    struct crew *crew = self->crew;

    while (!crew_is_over(crew)) { /* as long as the demo */
        struct kit_error err = { 0 };
        if (!crew->is_visitor_wanted) {
            crew_nap(crew, LOOK_MS);
            continue;
        }
        int rc = visit(self, &err);
        if (rc != KIT_OK && !crew_is_over(crew))
            crew_say(self, "gives up: %s", err.text); /* others collect it for him */
        crew_claim_of(crew, crew->visitor_order)->not_before_ms = sim_now_ms() + CREW_AGAIN_MS;
        crew->visitor_order = 0;
        crew->is_visitor_wanted = false;
    }
}
