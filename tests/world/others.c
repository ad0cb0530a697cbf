/* See others.h. */
#include "world/others.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/blunders.h"

#define AGAIN_US 400000
#define LOOKS_MAX 12
#define STRANGERS_MAX 3
#define EDITS_MAX 12
#define REUSES_MAX 4
#define READERS_MAX 3
#define BLUNDERS_MAX 6
#define UNKNOWN_PRODUCT 900000
#define PLENTY 1000                      /* products with fewer pieces are scarce */
#define KEY_KEPT_US INT64_C(82800000000) /* 23 hours; they are kept for 24 */
#define TEXT_SIZE 200

static void again(struct world_errand *errand, world_event_cb run)
{
    struct world_others *others = errand->others;
    world_clock_in(others->people->clock, sim_rng_between(&others->rng, AGAIN_US, 2 * AGAIN_US),
                   run, errand, 0);
}

static void ask(struct world_errand *errand, const struct world_ask *what, world_answer_cb cb)
{
    world_web_ask(errand->others->people->web, what, cb, errand);
}

/* An order of somebody whose errand is about it; NULL: it is left out, and so is the errand. */
static const struct world_order *order_of(struct world_errand *errand)
{
    const struct world_people *people = errand->others->people;
    const struct world_order *order = &people->orders[errand->index % people->order_count];
    errand->is_out = order->is_out;
    return order->is_out ? NULL : order;
}

/* ---- strangers ---- */

static void ask_unknown(void *self, struct world_message *message, uint64_t number);

static void on_unknown(void *self, const struct world_answer *answer)
{
    struct world_errand *errand = self;
    if (!world_answer_is_clear(answer)) {
        again(errand, ask_unknown);
        return;
    }
    errand->is_done = true;
    errand->id = world_answer_id(answer);
    if (errand->id == 0)
        world_people_blame(errand->others->people, "stranger", errand->index, answer);
}

static void ask_unknown(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *errand = self;
    char body[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    (void)snprintf(body, sizeof(body), "{\"productId\":%d,\"qty\":%" PRId64 "}", UNKNOWN_PRODUCT,
                   errand->qty);
    (void)snprintf(key, sizeof(key), "stranger-%" PRIu32, errand->index);
    ask(errand,
        &(struct world_ask){ .method = "POST", .target = "/rentals", .body = body, .key = key },
        on_unknown);
}

/* ---- the office ---- */

static struct world_product *product_of(const struct world_errand *edit)
{
    struct world_people *people = edit->others->people;
    return &people->products[edit->index % people->product_count];
}

static void ask_edit(void *self, struct world_message *message, uint64_t number);

static void on_edit(void *self, const struct world_answer *answer)
{
    struct world_errand *edit = self;
    struct world_product *product = product_of(edit);
    if (!world_answer_is_clear(answer)) {
        again(edit, ask_edit);
        return;
    }
    edit->is_done = true;
    edit->others->is_edited[product->index] = false;
    if (answer->status == 200) {
        product->qty = product->is_serialised ? 0 : edit->qty;
        edit->others->renamed[product->index] = edit->index + 1;
    } else if (answer->status != 409 || strstr(answer->body, "below-committed") == NULL) {
        world_people_blame(edit->others->people, "the office's change", edit->index, answer);
    }
}

/* One change of a product at a time: two would come in an order that nobody knows. */
static void ask_edit(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *edit = self;
    struct world_product *product = product_of(edit);
    char body[TEXT_SIZE], target[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (product->id == 0 || (edit->looks == 0 && edit->others->is_edited[product->index])) {
        again(edit, ask_edit);
        return;
    }
    edit->others->is_edited[product->index] = true;
    product->is_edited = !product->is_serialised;
    if (edit->looks++ == 0 && !product->is_serialised)
        edit->qty = product->qty >= PLENTY ? PLENTY + sim_rng_between(&edit->others->rng, 0, 50)
                                           : sim_rng_between(&edit->others->rng, 1, 8);
    if (product->is_serialised)
        (void)snprintf(body, sizeof(body), "{\"name\":\"renamed-%" PRIu32 "\"}", edit->index + 1);
    else
        (void)snprintf(body, sizeof(body), "{\"name\":\"renamed-%" PRIu32 "\",\"qty\":%" PRId64 "}",
                       edit->index + 1, edit->qty);
    (void)snprintf(target, sizeof(target), "/products/%" PRId64, product->id);
    (void)snprintf(key, sizeof(key), "edit-%" PRIu32, edit->index);
    ask(edit, &(struct world_ask){ .method = "PATCH", .target = target, .body = body, .key = key },
        on_edit);
}

/* ---- a key for something else ---- */

static int64_t others_now_us(const struct world_errand *errand)
{
    return errand->others->people->clock->now_us;
}

static void ask_reuse(void *self, struct world_message *message, uint64_t number);

static void on_reuse(void *self, const struct world_answer *answer)
{
    struct world_errand *reuse = self;
    if (!world_answer_is_clear(answer)) {
        again(reuse, ask_reuse);
        return;
    }
    reuse->is_done = true;
    if (answer->status != 422)
        world_people_blame(reuse->others->people, "who used a key for something else", reuse->index,
                           answer);
}

static void ask_reuse(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *reuse = self;
    const struct world_order *order = order_of(reuse);
    char body[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (order == NULL)
        return;
    if (order->id == 0) {
        again(reuse, ask_reuse);
        return;
    }
    if (others_now_us(reuse) > order->confirmed_us + KEY_KEPT_US) {
        reuse->is_out = true; /* nobody remembers the key */
        return;
    }
    (void)snprintf(body, sizeof(body), "{\"productId\":%" PRId64 ",\"qty\":%" PRId64 "}",
                   order->product_id, order->qty + 7);
    (void)snprintf(key, sizeof(key), "order-%" PRIu32, order->index);
    ask(reuse,
        &(struct world_ask){ .method = "POST", .target = "/rentals", .body = body, .key = key },
        on_reuse);
}

/* ---- blunders ---- */

static void ask_blunder(void *self, struct world_message *message, uint64_t number);

static void on_blunder(void *self, const struct world_answer *answer)
{
    struct world_errand *errand = self;
    const struct world_blunder *blunder = world_blunder_at((uint32_t)errand->id);
    char wanted[TEXT_SIZE];
    if (!world_answer_is_clear(answer)) {
        again(errand, ask_blunder);
        return;
    }
    errand->is_done = true;
    (void)snprintf(wanted, sizeof(wanted), "/problems/%s\"", blunder->problem);
    if (strstr(answer->body, wanted) == NULL)
        world_people_blame(errand->others->people, blunder->problem, errand->index, answer);
}

static void ask_blunder(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *errand = self;
    struct world_others *others = errand->others;
    (void)message;
    (void)number;
    if (others->people->products[0].id == 0) {
        again(errand, ask_blunder); /* there is no taken GTIN yet */
        return;
    }
    if (errand->looks++ == 0)
        errand->id = sim_rng_below(&others->rng, world_blunder_count());
    ask(errand, &world_blunder_at((uint32_t)errand->id)->ask, on_blunder);
}

/* ---- readers ---- */

/* What the status says of how far an order is; nothing leads back. -1: it is not told. */
static int rank_of(const char *body)
{
    static const char *const RANKS[] = { "ORDERED",   "RESERVED", "PICKED",  "READY",
                                         "DELIVERED", "RETURNED", "EXPIRED", "CANCELED" };
    for (int rank = 0; rank < (int)KIT_COUNT(RANKS); rank++) {
        char text[TEXT_SIZE];
        (void)snprintf(text, sizeof(text), "\"status\":\"%s", RANKS[rank]);
        if (strstr(body, text) != NULL)
            return rank;
    }
    return -1;
}

static void ask_look(void *self, struct world_message *message, uint64_t number);

static void on_look(void *self, const struct world_answer *answer)
{
    struct world_errand *reader = self;
    if (world_answer_is_clear(answer)) {
        const int rank = rank_of(answer->body);
        if (answer->status != 200 || rank < reader->rank)
            world_people_blame(reader->others->people, "who saw a later state, or 201, reader",
                               reader->index, answer);
        reader->rank = rank;
        reader->is_done = ++reader->looks >= LOOKS_MAX;
    }
    if (!world_answer_is_clear(answer))
        world_people_doubt(reader->others->people, "reader", reader->index, answer);
    if (!reader->is_done)
        again(reader, ask_look);
}

static void ask_look(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *reader = self;
    const struct world_order *order = order_of(reader);
    char target[TEXT_SIZE];
    (void)message;
    (void)number;
    if (order == NULL)
        return;
    if (order->id == 0) {
        again(reader, ask_look);
        return;
    }
    (void)snprintf(target, sizeof(target), "/rentals/%" PRId64, order->id);
    ask(reader, &(struct world_ask){ .method = "GET", .target = target }, on_look);
}

/* ---- the day ---- */

/* Up to count_max errands of one kind, over the time of chaos. */
static void send_out(struct world_others *others, uint32_t count_max, world_event_cb begin,
                     const struct world_plan *plan)
{
    const uint32_t count = sim_rng_below(&others->rng, count_max + 1);
    PRE(others->errand_count + count <= WORLD_ERRANDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct world_errand *errand = &others->errands[others->errand_count++];
        *errand = (struct world_errand){
            .others = others,
            .index = i,
            .qty = sim_rng_between(&others->rng, 1, 4),
        };
        const int64_t in_us = world_plan_draw_us(plan, &others->rng);
        errand->is_out = world_plan_leaves_out(plan, PART_ERRAND, others->errand_count - 1);
        if (!errand->is_out)
            world_clock_in(others->people->clock, in_us, begin, errand, 0);
    }
}

void world_others_init(struct world_others *others, struct world_people *people,
                       const struct world_plan *plan)
{
    memset(others, 0, sizeof(*others));
    others->people = people;
    sim_rng_init(&others->rng, plan->seed, "others");
    send_out(others, STRANGERS_MAX, ask_unknown, plan);
    others->stranger_count = others->errand_count;
    send_out(others, EDITS_MAX, ask_edit, plan);
    send_out(others, REUSES_MAX, ask_reuse, plan);
    send_out(others, READERS_MAX, ask_look, plan);
    send_out(others, BLUNDERS_MAX, ask_blunder, plan);
}

bool world_others_are_done(const struct world_others *others)
{
    for (uint32_t i = 0; i < others->errand_count; i++) {
        if (!others->errands[i].is_done && !others->errands[i].is_out)
            return false;
    }
    return true;
}

static void write_row(sqlite3 *db, const char *sql)
{
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

void world_others_write(const struct world_others *others, sqlite3 *db)
{
    char sql[2 * TEXT_SIZE];
    write_row(db, "CREATE TEMP TABLE renamed (id, name)");
    for (uint32_t i = 0; i < others->stranger_count; i++) {
        if (others->errands[i].is_out)
            continue;
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO asked (id, product_id, qty) VALUES (%" PRId64 ", %d, %" PRId64
                       ")",
                       others->errands[i].id, UNKNOWN_PRODUCT, others->errands[i].qty);
        write_row(db, sql);
    }
    for (uint32_t i = 0; i < others->people->product_count; i++) {
        const uint32_t number = others->renamed[i];
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO renamed VALUES (%" PRId64 ", '%s-%" PRIu32 "')",
                       others->people->products[i].id, number == 0 ? "thing" : "renamed",
                       number == 0 ? i : number);
        write_row(db, sql);
    }
}
