/* See staff.h: what a worker finds to do, and the labels for it (rules/stock.md 7). */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "world/staff.h"

#define TRIES_MAX 4 /* of the goods of an order that has ended */
#define RECEIVES_MAX 3
#define RECEIVE_PERMILLE 120
#define UNITS_PERMILLE 500 /* of a product whose units have labels: customers wait for them */
#define DAMAGED_PERMILLE 150
#define COUNTER_PERMILLE 120 /* an order is handed over, and not loaded */
#define AT_ONCE_PERMILLE 300 /* pieces are counted by one label */
#define PIECES_MAX 3
#define ERRS_PERMILLE 200 /* of two lockers, the other one in half of these cases */

/* ---- labels ---- */

static struct world_step *KIT_FORMAT(3, 4)
    add(struct world_staff *staff, const char *kind, const char *format, ...)
{
    char value[40];
    va_list arguments;
    CHECK(staff->step_count < WORLD_STEPS_MAX);
    struct world_step *step = &staff->steps[staff->step_count++];
    *step = (struct world_step){ .on_error = 0 };
    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    CHECK(sim_label_print(kind, value, step->label));
    return step;
}

/* The flow's own label. A check that was left open is ended first: nothing else is taken then. */
static void add_flow(struct world_staff *staff, const char *flow)
{
    staff->step_count = 0;
    if (staff->is_stuck)
        add(staff, "command", "OK")->on_error = 1;
    (void)add(staff, "command", "%s", flow);
}

static struct world_step *add_compartment(struct world_staff *staff, struct world_device *locker,
                                          uint32_t compartment)
{
    char place[FW_DEVICE_SIZE];
    kit_text_copy(place, sizeof(place), locker->id);
    for (char *at = place; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    struct world_step *step = add(staff, "compartment", "%s-%02" PRIu32, place, compartment);
    step->locker = locker;
    step->compartment = compartment;
    return step;
}

/* What the worker takes for it first is not meant, and is refused: its goods are as they were. */
static void err_before(struct world_staff *staff, struct world_step *step)
{
    step->on_error = staff->step_count;
}

static struct world_device *locker_of(const struct world_staff *staff, const cJSON *delivery)
{
    return world_locker_find(staff->lockers, cJSON_GetObjectItem(delivery, "locker")->valuestring);
}

static void add_spot(struct world_staff *staff, const cJSON *delivery)
{
    const uint32_t n = (uint32_t)cJSON_GetObjectItem(delivery, "compartment")->valueint;
    add_compartment(staff, locker_of(staff, delivery), n);
}

/* Now and then at another locker first. */
static void add_load_spot(struct world_staff *staff, const cJSON *delivery)
{
    struct world_device *other =
        &staff->lockers->devices[sim_rng_below(&staff->rng, staff->lockers->count)];
    if (other != locker_of(staff, delivery) && sim_rng_chance(&staff->rng, ERRS_PERMILLE))
        err_before(staff, add_compartment(staff, other, 1));
    add_spot(staff, delivery);
}

static void add_bin(struct world_staff *staff)
{
    (void)add(staff, "bin", "A-%" PRIu32, 1 + sim_rng_below(&staff->rng, 4));
}

static struct world_product *product_of(struct world_people *people, int64_t id)
{
    for (uint32_t i = 0; i < people->product_count; i++) {
        if (people->products[i].id == id)
            return &people->products[i];
    }
    return NULL;
}

/* Each piece and what the worker thinks of it; from the first refusal on, only the bin is left. */
static void add_checks(struct world_staff *staff, const cJSON *delivery)
{
    const int64_t product = cJSON_GetObjectItem(delivery, "productId")->valueint;
    const struct world_goods *goods = world_goods_of(staff->lockers, staff->order_id);
    const uint32_t count = goods->unit_count > 0
                               ? goods->unit_count
                               : (uint32_t)cJSON_GetObjectItem(delivery, "qty")->valueint;
    const uint32_t first = staff->step_count;
    for (uint32_t i = 0; i < count && i < WORLD_UNITS_MAX; i++) {
        const bool is_damaged = sim_rng_chance(&staff->rng, DAMAGED_PERMILLE);
        struct world_step *step = add(staff, "product", "%" PRId64, product);
        if (goods->unit_count > 0)
            kit_text_copy(step->label, sizeof(step->label), goods->units[i]);
        step = add(staff, "command", is_damaged ? "DAMAGED" : "OK");
        step->damaged = is_damaged ? product_of(staff->people, product) : NULL;
    }
    for (uint32_t i = first; i < staff->step_count; i++)
        staff->steps[i].on_error = staff->step_count;
    add_bin(staff);
}

/* ---- deliveries ---- */

static bool is_text(const cJSON *delivery, const char *name, const char *text)
{
    const cJSON *value = cJSON_GetObjectItem(delivery, name);
    return cJSON_IsString(value) && strcmp(value->valuestring, text) == 0;
}

static bool has_spot(const struct world_staff *staff, const cJSON *delivery)
{
    const cJSON *locker = cJSON_GetObjectItem(delivery, "locker");
    return cJSON_IsString(locker) && cJSON_IsNumber(cJSON_GetObjectItem(delivery, "compartment")) &&
           world_locker_find(staff->lockers, locker->valuestring) != NULL;
}

/* Of an order whose goods come back, or may. */
static enum world_task task_for_goods(const struct world_staff *staff, const cJSON *delivery,
                                      const struct world_goods *goods)
{
    const bool is_customers = is_text(delivery, "status", "DELIVERED");
    if (goods->is_settled || goods->tries >= TRIES_MAX)
        return TASK_NONE;
    if (goods->place == WORLD_DESK)
        return TASK_CHECK;
    if (is_customers)
        return TASK_NONE;
    if (has_spot(staff, delivery) && is_text(delivery, "compartmentUse", "loaded"))
        return TASK_FETCH;
    return goods->place == WORLD_TOTE && !is_text(delivery, "status", "RETURNING") ? TASK_PUT_AWAY
                                                                                   : TASK_NONE;
}

static enum world_task task_for(struct world_staff *staff, const cJSON *delivery)
{
    if (!is_text(delivery, "fulfilment", "locker"))
        return TASK_NONE;
    const int64_t id = cJSON_GetObjectItem(delivery, "id")->valueint;
    const struct world_goods *goods = world_goods_of(staff->lockers, id);
    if (is_text(delivery, "status", "PICKED")) {
        if (goods->place != WORLD_TOTE)
            return TASK_NONE; /* they lie in a compartment that delivery gave up */
        if (sim_rng_chance(&staff->rng, COUNTER_PERMILLE))
            return TASK_HAND_OVER;
        return has_spot(staff, delivery) ? TASK_LOAD : TASK_NONE;
    }
    if (!is_text(delivery, "status", "CANCELED") && !is_text(delivery, "status", "EXPIRED") &&
        !is_text(delivery, "status", "RETURNING") && !is_text(delivery, "status", "DELIVERED"))
        return TASK_NONE;
    return task_for_goods(staff, delivery, goods);
}

static void plan(struct world_staff *staff, enum world_task task, const cJSON *delivery)
{
    add_flow(staff, task == TASK_LOAD        ? "LOAD"
                    : task == TASK_HAND_OVER ? "HANDOVER"
                    : task == TASK_PUT_AWAY  ? "PUTAWAY"
                                             : "RETURN");
    if (task != TASK_FETCH)
        (void)add(staff, "order", "%" PRId64, staff->order_id);
    if (task == TASK_LOAD)
        add_load_spot(staff, delivery);
    if (task == TASK_FETCH)
        add_spot(staff, delivery);
    if (task == TASK_FETCH || task == TASK_CHECK)
        add_checks(staff, delivery);
    if (task == TASK_PUT_AWAY)
        add_bin(staff);
    if (task != TASK_LOAD && task != TASK_HAND_OVER)
        world_goods_of(staff->lockers, staff->order_id)->tries++;
}

/* One of those for which something is to be done. */
static void on_deliveries(void *self, const struct world_answer *answer)
{
    struct world_staff *staff = self;
    enum world_task chosen_task = TASK_NONE;
    const cJSON *chosen = NULL, *one = NULL;
    uint32_t count = 0;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "_embedded"), "deliveries");
    cJSON_ArrayForEach(one, list)
    {
        const enum world_task task = task_for(staff, one);
        if (task == TASK_NONE || sim_rng_below(&staff->rng, ++count) != 0)
            continue;
        chosen = one;
        chosen_task = task;
    }
    if (chosen == NULL) {
        world_staff_rest(staff);
    } else {
        staff->order_id = cJSON_GetObjectItem(chosen, "id")->valueint;
        plan(staff, chosen_task, chosen);
        world_staff_begin(staff, chosen_task);
    }
    cJSON_Delete(json);
}

/* ---- picks ---- */

/* A piece of another product. */
static void add_wrong_piece(struct world_staff *staff, int wanted)
{
    const struct world_people *people = staff->people;
    const struct world_product *other =
        &people->products[sim_rng_below(&staff->rng, people->product_count)];
    if (other->id != 0 && other->id != wanted && sim_rng_chance(&staff->rng, ERRS_PERMILLE))
        err_before(staff, add(staff, "product", "%" PRId64, other->id));
}

/* The units that stock names, or a bulk product's label once for each piece, or for all of them. */
static void add_pieces(struct world_staff *staff, const cJSON *pick)
{
    const cJSON *unit = NULL, *units = cJSON_GetObjectItem(pick, "units");
    const int missing = cJSON_GetObjectItem(pick, "qty")->valueint -
                        cJSON_GetObjectItem(pick, "picked")->valueint;
    const bool is_at_once = missing > 1 && sim_rng_chance(&staff->rng, AT_ONCE_PERMILLE);
    add_wrong_piece(staff, cJSON_GetObjectItem(pick, "productId")->valueint);
    if (is_text(pick, "tracking", "serialised")) {
        cJSON_ArrayForEach(unit, units)
        {
            const char *label = cJSON_GetObjectItem(unit, "label")->valuestring;
            (void)add(staff, "asset", "%s", strchr(label, ':') + 1);
        }
        return;
    }
    if (is_at_once)
        (void)add(staff, "command", "QTY-%d", missing);
    for (int i = 0; i < (is_at_once ? 1 : missing); i++)
        (void)add(staff, "product", "%d", cJSON_GetObjectItem(pick, "productId")->valueint);
}

static void on_picks(void *self, const struct world_answer *answer)
{
    struct world_staff *staff = self;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "_embedded"), "picks");
    const int count = cJSON_GetArraySize(list);
    if (count == 0) {
        if (list == NULL || !world_staff_is_late(staff))
            world_staff_rest(staff);
        cJSON_Delete(json);
        return;
    }
    const cJSON *pick = cJSON_GetArrayItem(list, (int)sim_rng_below(&staff->rng, (uint32_t)count));
    const cJSON *tote = cJSON_GetObjectItem(pick, "tote");
    staff->order_id = cJSON_GetObjectItem(pick, "rentalId")->valueint;
    add_flow(staff, "PICK");
    (void)add(staff, "order", "%" PRId64, staff->order_id);
    if (cJSON_IsString(tote))
        (void)add(staff, "tote", "%s", tote->valuestring);
    else
        (void)add(staff, "tote", "T%" PRIu32 "-%" PRId64, staff->index, staff->order_id);
    add_pieces(staff, pick);
    world_staff_begin(staff, TASK_PICK);
    cJSON_Delete(json);
}

/* ---- new goods ---- */

static void add_unit(struct world_staff *staff, uint32_t number)
{
    (void)add(staff, "asset", "W%" PRIu32 "-%" PRIu32, staff->index, number);
}

static void shelve(struct world_staff *staff)
{
    add_flow(staff, "PUTAWAY");
    for (uint32_t i = 0; i < staff->loose_count; i++)
        add_unit(staff, staff->loose[i]);
    for (uint32_t i = 0; i < staff->step_count; i++)
        staff->steps[i].on_error = i + 1; /* put away already, or never received */
    add_bin(staff);
    world_staff_begin(staff, TASK_SHELVE);
}

static void receive(struct world_staff *staff, struct world_product *product)
{
    const uint32_t pieces = 1 + sim_rng_below(&staff->rng, PIECES_MAX);
    staff->receive_count++;
    add_flow(staff, "RECEIVE");
    (void)add(staff, "product", "%" PRId64, product->id);
    /* A restarted scanner may have told an old verdict for that of RECEIVE: then stock, which still
     * receives, takes the product's label for one piece more. */
    if (!product->is_serialised)
        staff->steps[staff->step_count - 1].received = product;
    for (uint32_t i = 0; i < pieces; i++) {
        if (product->is_serialised) {
            staff->loose[staff->loose_count++] = ++staff->label_count;
            add_unit(staff, staff->label_count);
        } else {
            (void)add(staff, "product", "%" PRId64, product->id);
        }
        staff->steps[staff->step_count - 1].received = product;
        staff->steps[staff->step_count - 1].is_piece = true;
    }
    add_bin(staff);
    world_staff_begin(staff, TASK_RECEIVE);
}

void world_staff_look(void *self, struct world_message *message, uint64_t number)
{
    struct world_staff *staff = self;
    struct world_people *people = staff->people;
    struct world_product *product =
        &people->products[sim_rng_below(&staff->rng, people->product_count)];
    const bool is_late = world_staff_is_late(staff);
    const bool is_deliveries = sim_rng_chance(&staff->rng, 500) && !is_late;
    const struct world_ask ask = {
        .method = "GET",
        .target = is_deliveries ? "/deliveries?size=100" : "/picks",
    };
    (void)message;
    (void)number;
    if (staff->loose_count > 0 && !is_late)
        shelve(staff);
    else if (product->id != 0 && staff->receive_count < RECEIVES_MAX && !is_late &&
             sim_rng_chance(&staff->rng,
                            product->is_serialised ? UNITS_PERMILLE : RECEIVE_PERMILLE))
        receive(staff, product);
    else
        world_web_ask(staff->web, &ask, is_deliveries ? on_deliveries : on_picks, staff);
}
