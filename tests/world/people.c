/* See people.h. */
#include "world/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

#define AGAIN_US 400000 /* before the same is asked again, and up to twice that */
#define LOOK_US 700000  /* an order is looked at, before its customer thinks of a cancel */
#define LATE_US 40000000
#define LATE_PERMILLE 650
#define WAITS_PERMILLE 350 /* of those who cancel: they do not go to the locker before */
#define TEXT_SIZE 200
#define COLLECTED_PERMILLE 800
#define SERIALISED_PERMILLE 200
#define UNITS_AWAITED 1
#define PATIENCE_MS 15000 /* after the time of chaos */

void world_people_blame(struct world_people *people, const char *who, uint32_t index,
                        const struct world_answer *answer)
{
    if (people->wrong[0] == '\0')
        (void)snprintf(people->wrong, sizeof(people->wrong), "%s %" PRIu32 " was told %d %.200s",
                       who, index, answer->status, answer->body);
}

void world_people_doubt(struct world_people *people, const char *who, uint32_t index,
                        const struct world_answer *answer)
{
    if (people->is_calm)
        world_people_blame(people, who, index, answer);
}

static void again(struct world_people *people, world_event_cb run, void *self)
{
    world_clock_in(people->clock, sim_rng_between(&people->rng, AGAIN_US, 2 * AGAIN_US), run, self,
                   0);
}

/* ---- orders ---- */

static void ask_cancel(void *self, struct world_message *message, uint64_t number);
static void ask_order(void *self, struct world_message *message, uint64_t number);

static void on_cancel(void *self, const struct world_answer *answer)
{
    struct world_order *order = self;
    if (!world_answer_is_clear(answer)) {
        world_people_doubt(order->people, "the cancel of order", order->index, answer);
        again(order->people, ask_cancel, order);
        return;
    }
    order->cancel_status = answer->status;
    if (order->is_collected)
        world_visit_on_cancel(&order->visit, answer->status == 204);
    if (answer->status != 204 && !order->is_locker)
        world_people_blame(order->people, "the cancel of order", order->index, answer);
}

static void ask_cancel(void *self, struct world_message *message, uint64_t number)
{
    struct world_order *order = self;
    char target[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    (void)snprintf(target, sizeof(target), "/rentals/%" PRId64, order->id);
    (void)snprintf(key, sizeof(key), "cancel-%" PRIu32, order->index);
    const struct world_ask ask = { .method = "DELETE", .target = target, .key = key };
    world_web_ask(order->people->web, &ask, on_cancel, order);
}

/* Until a cancel: some who order to a locker think so long that the goods are collected. */
static int64_t thinks_us(struct world_order *order)
{
    struct sim_rng *rng = &order->people->rng;
    const bool is_long = order->is_locker && sim_rng_chance(rng, LATE_PERMILLE);
    return sim_rng_between(rng, 0, is_long ? LATE_US : LOOK_US);
}

static void on_order(void *self, const struct world_answer *answer)
{
    struct world_order *order = self;
    if (!world_answer_is_clear(answer)) {
        world_people_doubt(order->people, "who placed order", order->index, answer);
        again(order->people, ask_order, order);
        return;
    }
    order->id = world_answer_id(answer);
    order->confirmed_us = order->people->clock->now_us;
    if (order->is_collected)
        world_visit_begin(&order->visit, order->id);
    if (order->id == 0)
        world_people_blame(order->people, "order", order->index, answer);
    else if (order->wish == WISH_CANCEL)
        world_clock_in(order->people->clock, thinks_us(order), ask_cancel, order, 0);
}

/* Of units that are still to be received there is nothing yet; customers wait for a while. */
static bool is_awaited(const struct world_people *people, const struct world_product *product)
{
    return product->is_serialised && product->received_least < UNITS_AWAITED &&
           people->clock->now_us < people->patience_us;
}

static void ask_order(void *self, struct world_message *message, uint64_t number)
{
    struct world_order *order = self;
    struct world_people *people = order->people;
    char body[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (order->product_id == 0) {
        const struct world_product *product =
            &people->products[sim_rng_below(&people->rng, people->product_count)];
        if (product->id == 0 || is_awaited(people, product)) {
            again(people, ask_order, order);
            return;
        }
        order->product_id = product->id;
    }
    (void)snprintf(body, sizeof(body), "{\"productId\":%" PRId64 ",\"qty\":%" PRId64 "%s}",
                   order->product_id, order->qty,
                   order->is_locker ? ",\"fulfilment\":\"locker\"" : "");
    (void)snprintf(key, sizeof(key), "order-%" PRIu32, order->index);
    const struct world_ask ask = {
        .method = "POST", .target = "/rentals", .body = body, .key = key
    };
    world_web_ask(people->web, &ask, on_order, order);
}

/* ---- products ---- */

static void ask_product(void *self, struct world_message *message, uint64_t number);

static void on_product(void *self, const struct world_answer *answer)
{
    struct world_product *product = self;
    if (!world_answer_is_clear(answer)) {
        again(product->people, ask_product, product);
        return;
    }
    product->id = world_answer_id(answer);
    if (product->id == 0)
        world_people_blame(product->people, "product", product->index, answer);
}

static void ask_product(void *self, struct world_message *message, uint64_t number)
{
    struct world_product *product = self;
    char body[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (product->is_serialised)
        (void)snprintf(body, sizeof(body),
                       "{\"name\":\"thing-%" PRIu32 "\",\"tracking\":\"serialised\"}",
                       product->index);
    else
        (void)snprintf(body, sizeof(body), "{\"name\":\"thing-%" PRIu32 "\",\"qty\":%" PRId64 "%s}",
                       product->index, product->qty,
                       product->index == 0 ? ",\"gtin\":\"" WORLD_GTIN "\"" : "");
    (void)snprintf(key, sizeof(key), "product-%" PRIu32, product->index);
    const struct world_ask ask = {
        .method = "POST", .target = "/products", .body = body, .key = key
    };
    world_web_ask(product->people->web, &ask, on_product, product);
}

/* ---- the day ---- */

void world_people_init(struct world_people *people, struct world_web *web,
                       struct world_lockers *lockers, const struct world_plan *plan)
{
    PRE(plan->order_count <= WORLD_ORDERS_MAX && plan->product_count <= WORLD_PRODUCTS_MAX);
    memset(people, 0, sizeof(*people));
    struct world_clock *clock = web->clock;
    people->clock = clock;
    people->web = web;
    sim_rng_init(&people->rng, plan->seed, "people");
    people->product_count = plan->product_count;
    people->is_calm = plan->is_calm;
    people->patience_us = WORLD_MONO_US + (plan->chaos_ms + PATIENCE_MS) * 1000;
    for (uint32_t i = 0; i < plan->product_count; i++) {
        const bool is_scarce = sim_rng_chance(&people->rng, plan->scarce_permille);
        const bool is_serialised = plan->locker_orders > 0 && i > 0 && /* the first has a GTIN */
                                   sim_rng_chance(&people->rng, SERIALISED_PERMILLE);
        people->products[i] = (struct world_product){
            .people = people,
            .index = i,
            .qty = is_serialised ? 0
                   : is_scarce   ? sim_rng_between(&people->rng, 1, 6)
                                 : 1000,
            .is_serialised = is_serialised,
        };
        world_clock_in(clock, 1000, ask_product, &people->products[i], 0);
    }
    people->order_count = plan->order_count;
    for (uint32_t i = 0; i < plan->order_count; i++) {
        struct world_order *order = &people->orders[i];
        *order = (struct world_order){
            .people = people,
            .index = i,
            .qty = sim_rng_between(&people->rng, 1, i < plan->locker_orders ? 2 : 4),
            .wish = sim_rng_chance(&people->rng, plan->cancel_permille) ? WISH_CANCEL : WISH_KEEP,
            .is_locker = i < plan->locker_orders,
            .visit = { .clock = clock, .web = web, .rng = &people->rng, .lockers = lockers },
        };
        order->is_collected = order->is_locker && sim_rng_chance(&people->rng, COLLECTED_PERMILLE);
        order->visit.waits_for_cancel = order->wish == WISH_CANCEL &&
                                        sim_rng_chance(&people->rng, WAITS_PERMILLE);
        const int64_t in_us = world_plan_draw_us(plan, &people->rng);
        order->is_out = world_plan_leaves_out(plan, PART_ORDER, i);
        if (!order->is_out)
            world_clock_in(clock, in_us, ask_order, order, 0);
    }
}

bool world_people_are_done(const struct world_people *people)
{
    for (uint32_t i = 0; i < people->product_count; i++) {
        if (people->products[i].id == 0)
            return false;
    }
    for (uint32_t i = 0; i < people->order_count; i++) {
        const struct world_order *order = &people->orders[i];
        if (order->is_out)
            continue;
        if (order->id == 0 || (order->wish == WISH_CANCEL && order->cancel_status == 0))
            return false;
    }
    return true;
}
