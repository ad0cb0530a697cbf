/* What is to be done in the demo, read from the bridge like anybody would; and who does it. See
 * crew.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "demo/crew.h"
#include "kit/base/text.h"

#define LOOK_MS 500
#define SWEEP_MS 6000
#define SETTLE_MS 1500 /* until the lists show what was just done */
#define RETRY_MS 1000
#define PAGES_MAX 20
#define PAGE_SIZE 100
#define KNOWN_TRIES 100 /* until rental and delivery know a product */
#define KNOWN_PAUSE_MS 100
#define WALK_MIN_MS 6000 /* from the news to the locker */
#define WALK_MAX_MS 18000
#define VISITOR_WALK_MS 40000 /* the code of a visitor's order can be looked at so long */
#define VISITOR_HIRE_MS 120000
#define BODY_SIZE 160
#define ASSET "asset:"

struct crew_product *crew_find_product(struct crew *crew, int64_t id)
{
    for (size_t i = 0; i < crew->product_count; i++) {
        if (crew->products[i].id == id && id != 0)
            return &crew->products[i];
    }
    return NULL;
}

/* ---- claims ---- */

/* A place for one more: that of the order that was not seen for the longest time. */
static struct crew_claim *make_room(struct crew *crew)
{
    struct crew_claim *oldest = NULL;

    if (crew->claim_count < CREW_CLAIMS_MAX)
        return &crew->claims[crew->claim_count++];
    for (size_t i = 0; i < crew->claim_count; i++) {
        struct crew_claim *claim = &crew->claims[i];
        if (claim->who == NULL && (oldest == NULL || claim->seen_ms < oldest->seen_ms))
            oldest = claim;
    }
    CHECK(oldest != NULL); /* there are fewer people than claims */
    return oldest;
}

struct crew_claim *crew_claim_of(struct crew *crew, int64_t order)
{
    for (size_t i = 0; i < crew->claim_count; i++) {
        if (crew->claims[i].order == order)
            return &crew->claims[i];
    }
    struct crew_claim *claim = make_room(crew);
    *claim = (struct crew_claim){ .order = order, .seen_ms = sim_now_ms() };
    return claim;
}

bool crew_claim_take(struct crew_person *self, int64_t order)
{
    struct crew_claim *claim = crew_claim_of(self->crew, order);

    if (claim->who != NULL || sim_now_ms() < claim->not_before_ms)
        return false;
    claim->who = self;
    return true;
}

void crew_claim_leave(struct crew_person *self, int64_t order, bool has_failed)
{
    struct crew_claim *claim = crew_claim_of(self->crew, order);

    claim->who = NULL;
    /* Somebody else may have seen meanwhile that its customer is on the way: that stays. */
    int64_t again_ms = sim_now_ms() + (has_failed ? CREW_AGAIN_MS : SETTLE_MS);
    if (claim->not_before_ms < again_ms)
        claim->not_before_ms = again_ms;
}

bool crew_try_stop(struct crew_person *self,
                   bool (*is_wanted)(const struct crew *, const struct crew_stop *),
                   int (*job)(struct crew_person *, const struct crew_stop *, struct kit_error *),
                   const char *words, struct kit_error *err)
{
    for (size_t i = 0; i < self->crew->stop_count; i++) {
        const struct crew_stop stop = self->crew->stops[i]; /* the list changes meanwhile */
        if (!is_wanted(self->crew, &stop) || !crew_claim_take(self, stop.order))
            continue;
        crew_say(self, "%s order %" PRId64 " at %s %" PRId64, words, stop.order, stop.locker->name,
                 stop.compartment);
        int rc = job(self, &stop, err);
        crew_claim_leave(self, stop.order, rc != KIT_OK);
        crew_judge(self, rc, err);
        return true;
    }
    return false;
}

/* An order has another status than before: people need time to hear of it, and to come. */
static void note_status(struct crew_person *self, const struct crew_stop *stop)
{
    struct crew_claim *claim = crew_claim_of(self->crew, stop->order);

    claim->seen_ms = sim_now_ms();
    if (strcmp(claim->status, stop->status) == 0)
        return;
    kit_text_copy(claim->status, sizeof(claim->status), stop->status);
    claim->is_own = claim->is_own || !self->crew->has_looked;
    bool is_ready = strcmp(stop->status, "READY") == 0;
    if (!is_ready && strcmp(stop->status, "RETURNING") != 0)
        return;
    int64_t walk_ms = sim_rng_between(&self->rng, WALK_MIN_MS, WALK_MAX_MS) * 100 /
                      self->crew->options.speed_percent;
    claim->not_before_ms = sim_now_ms() + (is_ready && !claim->is_own ? VISITOR_WALK_MS : walk_ms);
}

/* ---- the lists ---- */

static bool is_of_crew(const struct crew *crew, const char *scanner)
{
    return scanner == NULL || sim_world_find_id(&crew->run.world, scanner) != NULL;
}

static void take_pick(struct crew *crew, const cJSON *row)
{
    const cJSON *unit = NULL;
    const char *tote = sim_json_text(row, "tote");

    if (crew->pick_count == CREW_PICKS_MAX || !is_of_crew(crew, sim_json_text(row, "with")) ||
        crew_find_product(crew, sim_json_int(row, "productId", 0)) == NULL)
        return;
    struct crew_pick *pick = &crew->picks[crew->pick_count++];
    *pick = (struct crew_pick){ .order = sim_json_int(row, "rentalId", 0),
                                .open = sim_json_int(row, "qty", 0) -
                                        sim_json_int(row, "picked", 0) };
    kit_text_copy(pick->tote, sizeof(pick->tote), tote != NULL ? tote : "");
    cJSON_ArrayForEach(unit, sim_json_get(row, "units"))
    {
        if (pick->label_count < CREW_UNITS_MAX)
            kit_text_copy(pick->labels[pick->label_count++], CREW_LABEL_SIZE,
                          sim_json_text(unit, "label") + strlen(ASSET));
    }
}

static int look_at_picks(struct crew *crew, struct kit_error *err)
{
    cJSON *answer = NULL;
    const cJSON *row = NULL;

    int rc = crew_get(crew, &answer, err, "/picks?size=%d", CREW_PICKS_MAX);
    if (rc != KIT_OK)
        return rc;
    crew->pick_count = 0;
    cJSON_ArrayForEach(row, sim_json_get(sim_json_get(answer, "_embedded"), "picks"))
        take_pick(crew, row);
    cJSON_Delete(answer);
    return KIT_OK;
}

/* Those of one locker, behind *count in stops. */
static int look_at_locker(struct crew_person *self, struct sim_device *locker,
                          struct crew_stop *stops, size_t *count, struct kit_error *err)
{
    cJSON *answer = NULL;
    const cJSON *row = NULL;

    int rc = crew_get(self->crew, &answer, err, "/lockers/%s", locker->id);
    if (rc != KIT_OK)
        return rc;
    cJSON_ArrayForEach(row, sim_json_get(answer, "compartments"))
    {
        const char *use = sim_json_text(row, "use");
        const int64_t order = sim_json_int(row, "deliveryId", 0);
        cJSON *delivery = NULL;
        if (order == 0 || use == NULL || *count == CREW_STOPS_MAX)
            continue;
        rc = crew_get(self->crew, &delivery, err, "/deliveries/%" PRId64, order);
        if (rc != KIT_OK)
            break;
        struct crew_stop *stop = &stops[(*count)++];
        *stop = (struct crew_stop){ .locker = locker,
                                    .compartment = sim_json_int(row, "number", 0),
                                    .order = order,
                                    .is_loaded = strcmp(use, "loaded") == 0 };
        const char *status = sim_json_text(delivery, "status");
        kit_text_copy(stop->status, sizeof(stop->status), status != NULL ? status : "");
        cJSON_Delete(delivery);
        note_status(self, stop);
    }
    cJSON_Delete(answer);
    return rc;
}

static int look_at_lockers(struct crew_person *self, struct kit_error *err)
{
    struct crew *crew = self->crew;
    struct crew_stop stops[CREW_STOPS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < crew->run.world.device_count; i++) {
        struct sim_device *device = crew->run.world.devices[i];
        int rc = device->is_locker ? look_at_locker(self, device, stops, &count, err) : KIT_OK;
        if (rc != KIT_OK)
            return rc;
    }
    memcpy(crew->stops, stops, sizeof(stops));
    crew->stop_count = count;
    crew->has_looked = true;
    return KIT_OK;
}

/* ---- units in nobody's hands, and with customers of whom nobody knows ---- */

static bool is_at_hire(const struct crew *crew, int64_t order)
{
    for (size_t i = 0; i < crew->hire_count; i++) {
        if (crew->hires[i].order == order)
            return true;
    }
    return false;
}

static void adopt_hire(struct crew *crew, int64_t order)
{
    if (order == 0 || is_at_hire(crew, order) || crew->hire_count == CREW_HIRES_MAX)
        return;
    crew->hires[crew->hire_count++] =
        (struct crew_hire){ .order = order, .due_ms = sim_now_ms() + VISITOR_HIRE_MS };
}

/* A unit in a tote whose order has ended. */
static bool is_left_behind(struct crew *crew, int64_t order)
{
    struct kit_error err = { 0 };
    cJSON *delivery = NULL;

    if (order == 0 || crew_get(crew, &delivery, &err, "/deliveries/%" PRId64, order) != KIT_OK)
        return false;
    const char *status = sim_json_text(delivery, "status");
    bool has_ended = status != NULL && strncmp(status, "CANCELED", strlen("CANCELED")) == 0;
    cJSON_Delete(delivery);
    return has_ended;
}

static int count_looks(const struct crew *crew, const char *label)
{
    for (size_t i = 0; i < crew->stray_count; i++) {
        if (strcmp(crew->strays[i].label, label) == 0)
            return crew->strays[i].looks;
    }
    return 0;
}

static void judge_asset(struct crew *crew, const struct crew_product *product, const cJSON *asset,
                        struct crew_stray *strays, size_t *count)
{
    const char *state = sim_json_text(asset, "state");
    const char *label = sim_json_text(asset, "label");
    const int64_t order = sim_json_int(asset, "rentalId", 0);

    if (state == NULL || label == NULL)
        return;
    if (strcmp(state, "on_hire") == 0)
        adopt_hire(crew, order);
    bool is_stray = strcmp(state, "received") == 0 || strcmp(state, "checked") == 0 ||
                    (strcmp(state, "picked") == 0 && is_left_behind(crew, order));
    if (!is_stray || *count == CREW_STRAYS_MAX)
        return;
    struct crew_stray *stray = &strays[(*count)++];
    *stray = (struct crew_stray){ .product = product->id,
                                  .looks = count_looks(crew, label + strlen(ASSET)) + 1 };
    kit_text_copy(stray->label, sizeof(stray->label), label + strlen(ASSET));
}

static int sweep(struct crew *crew, struct kit_error *err)
{
    struct crew_stray strays[CREW_STRAYS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < crew->product_count; i++) {
        const struct crew_product *product = &crew->products[i];
        cJSON *answer = NULL;
        const cJSON *asset = NULL;
        int rc = crew_get(crew, &answer, err, "/assets?product=%" PRId64 "&size=%d", product->id,
                          PAGE_SIZE);
        if (rc != KIT_OK)
            return rc;
        cJSON_ArrayForEach(asset, sim_json_get(sim_json_get(answer, "_embedded"), "assets"))
            judge_asset(crew, product, asset, strays, &count);
        cJSON_Delete(answer);
    }
    memcpy(crew->strays, strays, sizeof(strays));
    crew->stray_count = count;
    return KIT_OK;
}

/* ---- the opening ---- */

static int find_products(struct crew *crew, struct kit_error *err)
{
    for (int page = 0; page < PAGES_MAX; page++) {
        cJSON *answer = NULL;
        const cJSON *row = NULL;
        int rc = crew_get(crew, &answer, err, "/products?page=%d&size=%d", page, PAGE_SIZE);
        if (rc != KIT_OK)
            return rc;
        const cJSON *rows = sim_json_get(sim_json_get(answer, "_embedded"), "products");
        const bool is_last = cJSON_GetArraySize(rows) < PAGE_SIZE;
        cJSON_ArrayForEach(row, rows)
        {
            for (size_t i = 0; i < crew->product_count; i++) {
                struct crew_product *product = &crew->products[i];
                if (product->id == 0 && strcmp(sim_json_text(row, "name"), product->name) == 0)
                    product->id = sim_json_int(row, "id", 0);
            }
        }
        cJSON_Delete(answer);
        if (is_last)
            break;
    }
    return KIT_OK;
}

/* Until those know it who have a copy of the catalogue. */
static int await_known(struct crew *crew, int64_t product, struct kit_error *err)
{
    static const char *const copies[] = { "rentals", "deliveries" };
    int tries = 0;

    for (size_t i = 0; i < KIT_COUNT(copies) && tries < KNOWN_TRIES; tries++) {
        cJSON *answer = NULL;
        struct kit_error stopped = { 0 };
        if (crew_get(crew, &answer, err, "/%s/products/%" PRId64, copies[i], product) == KIT_OK) {
            cJSON_Delete(answer);
            i++;
            continue;
        }
        int rc = sim_run_pause(&crew->run, KNOWN_PAUSE_MS, &stopped);
        if (rc != KIT_OK)
            return rc;
    }
    return tries < KNOWN_TRIES ? KIT_OK : KIT_E_TIMEOUT; /* err says what is missing */
}

static int register_product(struct crew *crew, struct crew_product *product, struct kit_error *err)
{
    char body[BODY_SIZE];
    struct sim_call call = { .method = "POST", .path = "/products", .body = body };

    (void)snprintf(body, sizeof(body),
                   "{\"name\":\"%s\",\"tracking\":\"serialised\",\"size\":\"%s\"}", product->name,
                   product->size);
    int rc = crew_send(crew, &call, err);
    if (rc != KIT_OK)
        return rc;
    product->id = sim_json_int(call.answer, "id", 0);
    cJSON_Delete(call.answer);
    return await_known(crew, product->id, err);
}

/* Which units have never been here. */
static int find_missing(struct crew *crew, struct crew_product *product, struct kit_error *err)
{
    unsigned missing = 0;

    for (int64_t n = 0; n < product->units; n++) {
        cJSON *answer = NULL;
        int rc = crew_get(crew, &answer, err, "/assets?label=" ASSET "%s-%" PRId64, product->prefix,
                          n + 1);
        if (rc != KIT_OK)
            return rc;
        const cJSON *rows = sim_json_get(sim_json_get(answer, "_embedded"), "assets");
        missing |= cJSON_GetArraySize(rows) == 0 ? 1U << n : 0U;
        cJSON_Delete(answer);
    }
    product->missing = missing;
    return KIT_OK;
}

static int open_shop(struct crew *crew, struct kit_error *err)
{
    int rc = find_products(crew, err);
    if (rc != KIT_OK)
        return rc;
    for (size_t i = 0; i < crew->product_count; i++) {
        struct crew_product *product = &crew->products[i];
        if (product->id == 0) {
            rc = register_product(crew, product, err);
            if (rc != KIT_OK)
                return rc;
        }
        rc = find_missing(crew, product, err);
        if (rc != KIT_OK)
            return rc;
    }
    crew->is_open = true;
    return KIT_OK;
}

static int look(struct crew_person *self, int64_t *sweep_at_ms, struct kit_error *err)
{
    struct crew *crew = self->crew;

    if (!crew->is_open)
        return open_shop(crew, err);
    int rc = look_at_lockers(self, err);
    if (rc != KIT_OK)
        return rc;
    rc = look_at_picks(crew, err);
    if (rc != KIT_OK || sim_now_ms() < *sweep_at_ms)
        return rc;
    *sweep_at_ms = sim_now_ms() + SWEEP_MS;
    return sweep(crew, err);
}

void crew_live_as_clerk(struct crew_person *self)
{
    int64_t sweep_at_ms = 0;

    while (!crew_is_over(self->crew)) { /* as long as the demo */
        struct kit_error err = { 0 };
        int rc = look(self, &sweep_at_ms, &err);
        if (rc != KIT_OK && !crew_is_over(self->crew))
            crew_say(self, "does not see the warehouse: %s", err.text);
        crew_nap(self->crew, rc == KIT_OK ? LOOK_MS : RETRY_MS);
    }
}
