/* See others.h. */
#include "world/others.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define AGAIN_US 400000
#define LOOKS_MAX 12
#define UNKNOWN_PRODUCT 900000
#define PLENTY 1000 /* products with fewer pieces are scarce */
#define TEXT_SIZE 200

static void note_wrong(struct world_people *people, const char *who, uint32_t index,
                       const struct world_answer *answer)
{
    if (people->wrong[0] == '\0')
        (void)snprintf(people->wrong, sizeof(people->wrong), "%s %" PRIu32 " was told %d %.200s",
                       who, index, answer->status, answer->body);
}

/* false: it is not known what became of the request, or it is still under way. */
static bool is_clear(const struct world_answer *answer)
{
    return answer->status != 0 && answer->status < 500 &&
           strstr(answer->body, "still under way") == NULL;
}

static void again(struct world_errand *errand, world_event_cb run)
{
    struct world_others *others = errand->others;
    world_clock_in(others->clock, sim_rng_between(&others->rng, AGAIN_US, 2 * AGAIN_US), run,
                   errand, 0);
}

static void ask(struct world_errand *errand, const struct world_ask *what, world_answer_cb cb)
{
    world_web_ask(errand->others->web, what, cb, errand, 0);
}

/* ---- strangers ---- */

static void ask_unknown(void *self, struct world_message *message, uint64_t number);

static void on_unknown(void *self, uint64_t number, const struct world_answer *answer)
{
    struct world_errand *errand = self;
    (void)number;
    if (!is_clear(answer)) {
        again(errand, ask_unknown);
        return;
    }
    const char *slash = strrchr(answer->location, '/');
    errand->is_done = true;
    if (answer->status == 201 && slash != NULL)
        errand->id = strtoll(slash + 1, NULL, 10);
    else
        note_wrong(errand->others->people, "stranger", errand->index, answer);
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

static void on_edit(void *self, uint64_t number, const struct world_answer *answer)
{
    struct world_errand *edit = self;
    struct world_product *product = product_of(edit);
    (void)number;
    if (!is_clear(answer)) {
        again(edit, ask_edit);
        return;
    }
    edit->is_done = true;
    edit->others->is_edited[product->index] = false;
    if (answer->status == 200) {
        product->qty = edit->qty;
        edit->others->renamed[product->index] = edit->index + 1;
    } else if (answer->status != 409 || strstr(answer->body, "below-committed") == NULL) {
        note_wrong(edit->others->people, "the office's change", edit->index, answer);
    }
}

/* One change of a product at a time: two would come in an order that nobody knows. */
static void ask_edit(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *edit = self;
    const struct world_product *product = product_of(edit);
    char body[TEXT_SIZE], target[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (product->id == 0 || (edit->looks == 0 && edit->others->is_edited[product->index])) {
        again(edit, ask_edit);
        return;
    }
    edit->others->is_edited[product->index] = true;
    if (edit->looks++ == 0)
        edit->qty = product->qty >= PLENTY ? PLENTY + sim_rng_between(&edit->others->rng, 0, 50)
                                           : sim_rng_between(&edit->others->rng, 1, 8);
    (void)snprintf(body, sizeof(body), "{\"name\":\"renamed-%" PRIu32 "\",\"qty\":%" PRId64 "}",
                   edit->index + 1, edit->qty);
    (void)snprintf(target, sizeof(target), "/products/%" PRId64, product->id);
    (void)snprintf(key, sizeof(key), "edit-%" PRIu32, edit->index);
    ask(edit, &(struct world_ask){ .method = "PATCH", .target = target, .body = body, .key = key },
        on_edit);
}

/* ---- a key for something else ---- */

static void ask_reuse(void *self, struct world_message *message, uint64_t number);

static void on_reuse(void *self, uint64_t number, const struct world_answer *answer)
{
    struct world_errand *reuse = self;
    (void)number;
    if (!is_clear(answer)) {
        again(reuse, ask_reuse);
        return;
    }
    reuse->is_done = true;
    if (answer->status != 422)
        note_wrong(reuse->others->people, "who used a key for something else", reuse->index,
                   answer);
}

static void ask_reuse(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *reuse = self;
    const struct world_people *people = reuse->others->people;
    const struct world_order *order = &people->orders[reuse->index % people->order_count];
    char body[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    if (order->id == 0) {
        again(reuse, ask_reuse);
        return;
    }
    (void)snprintf(body, sizeof(body), "{\"productId\":%" PRId64 ",\"qty\":%" PRId64 "}",
                   order->product_id, order->qty + 7);
    (void)snprintf(key, sizeof(key), "order-%" PRIu32, order->index);
    ask(reuse,
        &(struct world_ask){ .method = "POST", .target = "/rentals", .body = body, .key = key },
        on_reuse);
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

static void on_look(void *self, uint64_t number, const struct world_answer *answer)
{
    struct world_errand *reader = self;
    (void)number;
    if (is_clear(answer)) {
        const int rank = rank_of(answer->body);
        if (answer->status != 200 || rank < reader->rank)
            note_wrong(reader->others->people, "who saw a later state, or 201, reader",
                       reader->index, answer);
        reader->rank = rank;
        reader->is_done = ++reader->looks >= LOOKS_MAX;
    }
    if (!reader->is_done)
        again(reader, ask_look);
}

static void ask_look(void *self, struct world_message *message, uint64_t number)
{
    struct world_errand *reader = self;
    const struct world_people *people = reader->others->people;
    const int64_t id = people->orders[reader->index % people->order_count].id;
    char target[TEXT_SIZE];
    (void)message;
    (void)number;
    if (id == 0) {
        again(reader, ask_look);
        return;
    }
    (void)snprintf(target, sizeof(target), "/rentals/%" PRId64, id);
    ask(reader, &(struct world_ask){ .method = "GET", .target = target }, on_look);
}

/* ---- the day ---- */

/* Up to count_max errands of one kind, over the time of chaos. */
static uint32_t send_out(struct world_others *others, struct world_errand *errands,
                         uint32_t count_max, world_event_cb begin, const struct world_plan *plan)
{
    const uint32_t count = sim_rng_below(&others->rng, count_max + 1);
    for (uint32_t i = 0; i < count; i++) {
        errands[i] = (struct world_errand){
            .others = others,
            .index = i,
            .qty = sim_rng_between(&others->rng, 1, 4),
        };
        world_clock_in(others->clock, sim_rng_between(&others->rng, 1000, plan->chaos_ms * 1000),
                       begin, &errands[i], 0);
    }
    return count;
}

void world_others_init(struct world_others *others, struct world_people *people,
                       const struct world_plan *plan, uint64_t seed)
{
    memset(others, 0, sizeof(*others));
    others->clock = people->clock;
    others->web = people->web;
    others->people = people;
    sim_rng_init(&others->rng, seed, "others");
    others->stranger_count = send_out(others, others->strangers, WORLD_STRANGERS_MAX, ask_unknown,
                                      plan);
    others->edit_count = send_out(others, others->edits, WORLD_EDITS_MAX, ask_edit, plan);
    others->reuse_count = send_out(others, others->reuses, WORLD_REUSES_MAX, ask_reuse, plan);
    others->reader_count = send_out(others, others->readers, WORLD_READERS_MAX, ask_look, plan);
}

static bool are_done(const struct world_errand *errands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!errands[i].is_done)
            return false;
    }
    return true;
}

bool world_others_are_done(const struct world_others *others)
{
    return are_done(others->strangers, others->stranger_count) &&
           are_done(others->edits, others->edit_count) &&
           are_done(others->reuses, others->reuse_count) &&
           are_done(others->readers, others->reader_count);
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
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO asked (id, product_id, qty) VALUES (%" PRId64 ", %d, %" PRId64
                       ")",
                       others->strangers[i].id, UNKNOWN_PRODUCT, others->strangers[i].qty);
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
