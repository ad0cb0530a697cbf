/* Customers of the demo: orders, ways to the lockers, and what they bring back. See crew.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "demo/crew.h"
#include "kit/base/text.h"

#define LOOK_MS 300
#define GAP_MIN_MS 5000 /* between two orders */
#define GAP_MAX_MS 10000
#define GAP_LOOKS 4
#define QUIET 2 /* orders under way: with fewer the next one comes sooner */
#define SHORT_MIN_MS 1000
#define SHORT_MAX_MS 3000
#define KEPT_FREE 1 /* of each product, for whoever wants to try an order */
#define OPEN_MAX 8  /* orders under way; then nobody orders more */
#define HIRE_MIN_MS 30000
#define HIRE_MAX_MS 90000
#define CANCEL_PERMILLE 90
#define TOO_MANY_PERMILLE 70
#define TWO_PERMILLE 150
#define REGRET_MS 2500
#define CODE_TRIES 25
#define CODE_PAUSE_MS 200
#define BODY_SIZE 160
#define PATH_SIZE 80
#define CODE_SIZE 16

/* ---- at a locker ---- */

/* The code is there when the locker has stored it. */
static int read_code(struct crew_person *self, int64_t order, char ret_code[CODE_SIZE],
                     struct kit_error *err)
{
    for (int i = 0; i < CODE_TRIES; i++) {
        cJSON *answer = NULL;
        int rc = crew_get(self->crew, &answer, err, "/deliveries/%" PRId64 "/pickup-code", order);
        if (rc == KIT_OK) {
            const char *code = sim_json_text(answer, "code");
            kit_text_copy(ret_code, CODE_SIZE, code != NULL ? code : "");
            cJSON_Delete(answer);
            return KIT_OK;
        }
        struct kit_error stopped = { 0 };
        rc = sim_run_pause(&self->crew->run, CODE_PAUSE_MS, &stopped);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_E_REFUSED; /* err says why */
}

int crew_type_code(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    char code[CODE_SIZE];

    int rc = read_code(self, stop->order, code, err);
    if (rc != KIT_OK)
        return rc;
    return crew_type(self, stop->locker, code, err);
}

static void hire(struct crew_person *self, int64_t order)
{
    struct crew *crew = self->crew;

    if (crew->hire_count == CREW_HIRES_MAX)
        return; /* the clerk finds it */
    int64_t keep_ms = sim_rng_between(&self->rng, HIRE_MIN_MS, HIRE_MAX_MS) * 100 /
                      crew->options.speed_percent;
    crew->hires[crew->hire_count++] = (struct crew_hire){ .order = order,
                                                          .due_ms = sim_now_ms() + keep_ms };
}

static int collect(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    int rc = crew_type_code(self, stop, err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_handle(self, stop, "take", err);
    if (rc != KIT_OK)
        return rc;
    rc = crew_await(self->crew, stop->order, "DELIVERED", err);
    if (rc != KIT_OK)
        return rc;
    hire(self, stop->order);
    return KIT_OK;
}

static int bring(struct crew_person *self, const struct crew_stop *stop, struct kit_error *err)
{
    int rc = crew_type_code(self, stop, err);
    if (rc != KIT_OK)
        return rc;
    return crew_handle(self, stop, "put", err);
}

/* The impatient customer comes for his order himself. */
static bool is_ready(const struct crew *crew, const struct crew_stop *stop)
{
    return stop->is_loaded && strcmp(stop->status, "READY") == 0 &&
           stop->order != crew->visitor_order;
}

static bool is_awaited(const struct crew *crew, const struct crew_stop *stop)
{
    return !stop->is_loaded && strcmp(stop->status, "RETURNING") == 0 &&
           stop->order != crew->visitor_order;
}

void crew_live_as_customer(struct crew_person *self)
{
    while (!crew_is_over(self->crew)) { /* as long as the demo */
        struct kit_error err = { 0 };
        if (!crew_try_stop(self, is_ready, collect, "collects", &err) &&
            !crew_try_stop(self, is_awaited, bring, "brings back", &err))
            crew_nap(self->crew, LOOK_MS);
    }
}

/* ---- at home ---- */

/* Asks to return what is due. */
static void return_due(struct crew_person *self)
{
    struct crew *crew = self->crew;

    for (size_t i = 0; i < crew->hire_count; i++) {
        struct crew_hire due = crew->hires[i];
        struct kit_error err = { 0 };
        char path[PATH_SIZE];
        struct sim_call call = { .method = "POST", .path = path, .body = "{}" };
        if (due.due_ms > sim_now_ms())
            continue;
        crew->hires[i] = crew->hires[--crew->hire_count];
        (void)snprintf(path, sizeof(path), "/deliveries/%" PRId64 "/return", due.order);
        int rc = crew_send(crew, &call, &err);
        cJSON_Delete(call.answer);
        if (rc == KIT_OK)
            crew_say(self, "wants to return order %" PRId64, due.order);
        else /* no compartment is free, or it has come back; the clerk finds it again */
            crew_say(self, "cannot return order %" PRId64 ": %s", due.order, err.text);
        return; /* the list has changed */
    }
}

static int place(struct crew_person *self, const struct crew_product *product, int64_t qty,
                 struct crew_placed *ret, struct kit_error *err)
{
    struct sim_world *world = &self->crew->run.world;
    const struct sim_device *locker = NULL;
    char body[BODY_SIZE];
    struct sim_call call = { .method = "POST", .path = "/rentals", .body = body };

    while (locker == NULL || !locker->is_locker) /* ends: there are lockers */
        locker = world->devices[sim_rng_below(&self->rng, (uint32_t)world->device_count)];
    (void)snprintf(body, sizeof(body),
                   "{\"productId\":%" PRId64 ",\"qty\":%" PRId64
                   ",\"fulfilment\":\"locker\",\"locker\":\"%s\"}",
                   product->id, qty, locker->name);
    int rc = crew_send(self->crew, &call, err);
    if (rc != KIT_OK)
        return rc;
    *ret = (struct crew_placed){ .order = sim_json_int(call.answer, "id", 0), .locker = locker };
    cJSON_Delete(call.answer);
    crew_claim_of(self->crew, ret->order)->is_own = true;
    crew_say(self, "orders %" PRId64 " x %s: order %" PRId64, qty, product->name, ret->order);
    return KIT_OK;
}

static int regret(struct crew_person *self, int64_t order, struct kit_error *err)
{
    char path[PATH_SIZE];
    struct sim_call call = { .method = "DELETE", .path = path };

    int rc = crew_rest(self, REGRET_MS, err);
    if (rc != KIT_OK)
        return rc;
    (void)snprintf(path, sizeof(path), "/rentals/%" PRId64, order);
    rc = crew_send(self->crew, &call, err);
    if (rc != KIT_OK)
        return rc;
    cJSON_Delete(call.answer);
    crew_say(self, "cancels order %" PRId64, order);
    return KIT_OK;
}

/* What is free of it now; 0 when nobody knows. */
static int64_t count_free(struct crew *crew, const struct crew_product *product)
{
    struct kit_error err = { 0 };
    cJSON *answer = NULL;

    if (crew_get(crew, &answer, &err, "/products/%" PRId64, product->id) != KIT_OK)
        return 0;
    int64_t qty = sim_json_int(answer, "qty", 0);
    cJSON_Delete(answer);
    return qty;
}

/* One whose goods are all here; NULL: there is none yet. */
static const struct crew_product *choose_product(struct crew_person *self)
{
    const struct crew_product *here[CREW_PRODUCTS_MAX];
    uint32_t count = 0;

    for (size_t i = 0; i < self->crew->product_count; i++) {
        const struct crew_product *product = &self->crew->products[i];
        if (product->missing == 0 && !product->is_being_received)
            here[count++] = product;
    }
    return count > 0 ? here[sim_rng_below(&self->rng, count)] : NULL;
}

static int order_something(struct crew_person *self, struct kit_error *err)
{
    struct crew *crew = self->crew;
    const struct crew_product *product = choose_product(self);
    struct crew_placed placed = { .order = 0 };

    if (product == NULL)
        return KIT_OK;
    const int64_t left = count_free(crew, product);
    const bool is_too_many = sim_rng_chance(&self->rng, TOO_MANY_PERMILLE);
    if (left <= KEPT_FREE && !is_too_many)
        return KIT_OK;
    int64_t qty = is_too_many                                            ? product->units + 1
                  : left > 2 && sim_rng_chance(&self->rng, TWO_PERMILLE) ? 2
                                                                         : 1;
    int rc = place(self, product, qty, &placed, err);
    if (rc != KIT_OK || !sim_rng_chance(&self->rng, CANCEL_PERMILLE))
        return rc;
    return regret(self, placed.order, err);
}

int crew_order_any(struct crew_person *self, struct crew_placed *ret, struct kit_error *err)
{
    for (size_t i = 0; i < self->crew->product_count; i++) {
        const struct crew_product *product = &self->crew->products[i];
        if (product->missing == 0 && count_free(self->crew, product) > 0)
            return place(self, product, 1, ret, err);
    }
    return kit_error_set(err, KIT_E_REFUSED, "nothing is left on the shelves");
}

void crew_live_as_shoppers(struct crew_person *self)
{
    struct crew *crew = self->crew;

    while (!crew_is_over(crew)) { /* as long as the demo */
        struct kit_error err = { 0 };
        const bool is_quiet = crew->pick_count + crew->stop_count < QUIET;
        int64_t gap_ms = sim_rng_between(&self->rng, is_quiet ? SHORT_MIN_MS : GAP_MIN_MS,
                                         is_quiet ? SHORT_MAX_MS : GAP_MAX_MS) /
                         GAP_LOOKS;
        int rc = KIT_OK;
        for (int i = 0; i < GAP_LOOKS && rc == KIT_OK; i++) { /* returns are not kept waiting */
            rc = crew_rest(self, gap_ms, &err);
            return_due(self);
        }
        if (crew->is_open && !crew_is_over(crew) &&
            crew->pick_count + crew->stop_count < OPEN_MAX &&
            order_something(self, &err) != KIT_OK && !crew_is_over(crew))
            crew_say(self, "cannot order: %s", err.text);
    }
}
