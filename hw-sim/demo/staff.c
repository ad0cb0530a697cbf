/* Workers of the demo, each with a scanner: what the lists say is to be done, the most urgent
 * first. See crew.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "demo/crew.h"
#include "kit/base/text.h"

#define TOTES 24
#define LOOK_MS 400
#define STRAY_LOOKS 3
#define ASSET "asset:"

/* ---- receive ---- */

static int receive(struct crew_person *self, struct crew_product *product, struct kit_error *err)
{
    char label[CREW_LABEL_SIZE];

    int rc = crew_scan(self, "command", "RECEIVE", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan_number(self, "product", product->id, err);
    if (rc != KIT_OK)
        return rc;
    for (int64_t n = 0; n < product->units; n++) {
        if ((product->missing & (1U << n)) == 0)
            continue;
        (void)snprintf(label, sizeof(label), "%s-%" PRId64, product->prefix, n + 1);
        rc = crew_scan(self, "asset", label, err);
        if (rc != KIT_OK)
            return rc;
        product->missing &= ~(1U << n);
    }
    return crew_scan(self, "bin", product->bin, err);
}

static bool try_receive(struct crew_person *self, struct kit_error *err)
{
    for (size_t i = 0; i < self->crew->product_count; i++) {
        struct crew_product *product = &self->crew->products[i];
        if (product->missing == 0 || product->is_being_received)
            continue;
        crew_say(self, "receives goods: %s", product->name);
        product->is_being_received = true;
        int rc = receive(self, product, err);
        product->is_being_received = false;
        crew_judge(self, rc, err);
        return true;
    }
    return false;
}

/* ---- check what has come back ---- */

static int check_unit(struct crew_person *self, const char *label, struct kit_error *err)
{
    int rc = crew_scan(self, "asset", label, err);
    if (rc != KIT_OK)
        return rc;
    return crew_scan(self, "command", "OK", err);
}

/* The units of the order, each looked at. */
static int check_units(struct crew_person *self, const struct crew_stop *stop, const char **ret_bin,
                       struct kit_error *err)
{
    cJSON *answer = NULL;
    const cJSON *asset = NULL;

    int rc = crew_get(self->crew, &answer, err, "/assets?order=%" PRId64, stop->order);
    if (rc != KIT_OK)
        return rc;
    cJSON_ArrayForEach(asset, sim_json_get(sim_json_get(answer, "_embedded"), "assets"))
    {
        const struct crew_product *product = crew_find_product(self->crew,
                                                               sim_json_int(asset, "productId", 0));
        if (product == NULL)
            continue;
        rc = check_unit(self, sim_json_text(asset, "label") + strlen(ASSET), err);
        if (rc != KIT_OK)
            break;
        *ret_bin = product->bin;
    }
    cJSON_Delete(answer);
    return rc;
}

static int check(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    const char *bin = NULL;

    int rc = crew_scan(self, "command", "RETURN", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan_stop(self, stop, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_handle(self, stop, "take", err);
    if (rc != KIT_OK)
        return rc;
    rc = check_units(self, stop, &bin, err);
    if (rc != KIT_OK || bin == NULL)
        return rc;
    return crew_scan(self, "bin", bin, err);
}

static bool is_to_be_checked(const struct crew *crew, const struct crew_stop *stop)
{
    (void)crew;
    return stop->is_loaded &&
           (strcmp(stop->status, "RETURNING") == 0 || strcmp(stop->status, "EXPIRED") == 0 ||
            strncmp(stop->status, "CANCELED", strlen("CANCELED")) == 0);
}

/* ---- load ---- */

static int load(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    int rc = crew_scan(self, "command", "LOAD", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan_number(self, "order", stop->order, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan_stop(self, stop, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_handle(self, stop, "put", err);
    if (rc != KIT_OK)
        return rc;
    return crew_await(self->crew, stop->order, "READY", err);
}

static bool is_to_be_loaded(const struct crew *crew, const struct crew_stop *stop)
{
    (void)crew;
    return !stop->is_loaded && strcmp(stop->status, "PICKED") == 0;
}

/* ---- pick ---- */

static int pick(struct crew_person *self, const struct crew_pick *order, struct kit_error *err)
{
    char tote[CREW_LABEL_SIZE];

    int rc = crew_scan(self, "command", "PICK", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan_number(self, "order", order->order, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(tote, sizeof(tote), order->tote);
    if (tote[0] == '\0') {
        self->tote = self->tote % TOTES + 1;
        (void)snprintf(tote, sizeof(tote), "%c%u", self->name[0] - 'a' + 'A', self->tote);
    }
    rc = crew_scan(self, "tote", tote, err);
    if (rc != KIT_OK)
        return rc;
    for (int64_t i = 0; i < order->open; i++) {
        if ((size_t)i >= order->label_count)
            return kit_error_set(err, KIT_E_REFUSED, "there are not enough units on the shelf");
        rc = crew_scan(self, "asset", order->labels[i], err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static bool try_pick(struct crew_person *self, struct kit_error *err)
{
    for (size_t i = 0; i < self->crew->pick_count; i++) {
        const struct crew_pick order = self->crew->picks[i];
        if (!crew_claim_take(self, order.order))
            continue;
        crew_say(self, "picks order %" PRId64, order.order);
        int rc = pick(self, &order, err);
        crew_claim_leave(self, order.order, rc != KIT_OK);
        crew_judge(self, rc, err);
        return true;
    }
    return false;
}

/* ---- tidy up ---- */

static int put_away(struct crew_person *self, const struct crew_stray *stray, const char *bin,
                    struct kit_error *err)
{
    int rc = crew_scan(self, "command", "PUTAWAY", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_scan(self, "asset", stray->label, err);
    if (rc != KIT_OK)
        return rc;
    return crew_scan(self, "bin", bin, err);
}

static bool try_tidy(struct crew_person *self, struct kit_error *err)
{
    for (size_t i = 0; i < self->crew->stray_count; i++) {
        const struct crew_stray stray = self->crew->strays[i];
        const struct crew_product *product = crew_find_product(self->crew, stray.product);
        if (stray.looks < STRAY_LOOKS || product == NULL)
            continue;
        self->crew->strays[i].looks = 0; /* nobody else takes it now */
        crew_say(self, "puts %s back on the shelf", stray.label);
        crew_judge(self, put_away(self, &stray, product->bin, err), err);
        return true;
    }
    return false;
}

/* Whoever waits comes first; goods are received when nobody does. */
static bool work(struct crew_person *self, struct kit_error *err)
{
    return crew_try_stop(self, is_to_be_checked, check, "fetches and checks", err) ||
           crew_try_stop(self, is_to_be_loaded, load, "loads", err) || try_pick(self, err) ||
           try_receive(self, err) || try_tidy(self, err);
}

void crew_live_as_worker(struct crew_person *self)
{
    while (!crew_is_over(self->crew)) { /* as long as the demo */
        struct kit_error err = { 0 };
        if (!self->crew->is_open || !work(self, &err))
            crew_nap(self->crew, LOOK_MS);
    }
}
