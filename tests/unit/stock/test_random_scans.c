/* Whatever is scanned, in whatever order, by two people at once, while orders come and go: the
 * books stay right, a refused scan moves nothing, and a record that comes again has no effect. Each
 * seed is one life; LOCKSTOCK_SEED=n runs that one alone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "kit/base/text.h"
#include "stock/domain/reservation.h"
#include "unit/stock/wand.h"

#define SEED_COUNT 4
#define STEP_COUNT 260
#define ORDER_COUNT 4 /* at a time */
#define ERA_STEPS 60  /* then there are new ones beside those that are still under way */
#define WAND_COUNT 2

/* xorshift64*: the same steps for the same seed, everywhere. */
static int64_t below(uint64_t *random, int64_t limit)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (int64_t)((*random * UINT64_C(2685821657736338717)) >> 33) % limit;
}

struct life {
    struct site *site;
    struct wand wands[WAND_COUNT];
    uint64_t random;
    int64_t step;
};

/* Mostly one of the newest orders. */
static int64_t any_order(struct life *life)
{
    const int64_t era = life->step / ERA_STEPS;
    const int64_t then = below(&life->random, 3) > 0 ? era : below(&life->random, era + 1);
    return 1000 * then + 1 + below(&life->random, ORDER_COUNT);
}

/* Product 1 is bulk, product 2 serialised: odd orders want one, even ones the other. */
static int64_t product_of(int64_t order)
{
    return 1 + order % 2;
}

/* ---- people ---- */

static void random_label(struct life *life, char *label, size_t size_bytes)
{
    static const char *const fixed[] = {
        "command:RECEIVE",
        "command:PUTAWAY",
        "command:PICK",
        "command:LOAD",
        "command:HANDOVER",
        "command:RETURN",
        "command:COUNT",
        "command:CANCEL",
        "command:DONE",
        "command:OK",
        "command:DAMAGED",
        "command:OK",
        "product:1",
        "product:2",
        "product:1",
        "text:x",
        "damaged:x",
        "command:QTY-2",
        "command:QTY-999",
        "bin:A-01",
        "bin:A-02",
        "bin:A-01",
        "tote:T1",
        "tote:T2",
        "sscc:1",
        "compartment:LOCKER-1-01",
        "compartment:LOCKER-1-02",
    };
    switch (below(&life->random, 4)) {
    case 0:
        snprintf(label, size_bytes, "asset:D%" PRId64, 1 + below(&life->random, 12));
        return;
    case 1:
        snprintf(label, size_bytes, "order:%" PRId64, any_order(life));
        return;
    default:
        kit_text_copy(label, size_bytes, fixed[below(&life->random, KIT_COUNT(fixed))]);
    }
}

/* What a person would scan next: mostly the right thing, so that flows get somewhere. */
static void next_label(struct life *life, const struct wand *wand, char *label, size_t size_bytes)
{
    const int64_t step = site_number(life->site,
                                     "SELECT coalesce((SELECT step FROM scanner WHERE"
                                     " name = '%s'), 0)",
                                     wand->name);
    const int64_t order = site_number(life->site,
                                      "SELECT coalesce((SELECT order_id FROM scanner"
                                      " WHERE name = '%s'), 0)",
                                      wand->name);
    static const char *const commands[] = { "RECEIVE",  "PUTAWAY", "PICK", "LOAD",
                                            "HANDOVER", "RETURN",  "COUNT" };
    switch (step) {
    case 0:
        snprintf(label, size_bytes, "command:%s", commands[below(&life->random, 7)]);
        return;
    case 3:
        snprintf(label, size_bytes, "order:%" PRId64, any_order(life));
        return;
    case 4:
        snprintf(label, size_bytes, "tote:T%" PRId64, 1 + below(&life->random, 4));
        return;
    case 6:
        snprintf(label, size_bytes, below(&life->random, 4) > 0 ? "command:OK" : "command:DAMAGED");
        return;
    case 7:
        snprintf(label, size_bytes, "bin:A-0%" PRId64, 1 + below(&life->random, 2));
        return;
    default:
        if (order != 0 && product_of(order) == 1)
            snprintf(label, size_bytes, "product:1");
        else if (below(&life->random, 3) > 0)
            snprintf(label, size_bytes, "asset:D%" PRId64, 1 + below(&life->random, 12));
        else
            random_label(life, label, size_bytes);
    }
}

static void scan_step(struct life *life)
{
    struct wand *wand = &life->wands[below(&life->random, WAND_COUNT)];
    char label[64];
    if (below(&life->random, 3) > 0)
        next_label(life, wand, label, sizeof(label));
    else
        random_label(life, label, sizeof(label));

    const int64_t before = wand_fingerprint(wand);
    wand_read(wand, label);
    wand_send(wand);
    const struct msg_device_ack first = wand->ack;
    const int64_t after = wand_fingerprint(wand);
    const struct msg_device_verdict *verdict = wand_verdict(wand);
    assert_true(strlen(verdict->prompt) > 0);
    assert_string_not_equal(verdict->prompt, WAND_GAVE_UP);
    /* A check that has become pointless is refused and ends the session: nothing else may move. */
    if (verdict->result != SCAN_RESULT_ACCEPTED &&
        strcmp(verdict->prompt, "Checked already. Scan a command") != 0) {
        if (before != after)
            print_error("%s: %s\n", label, verdict->prompt);
        assert_int_equal(after, before);
    }
    if (below(&life->random, 4) == 0) {
        if (below(&life->random, 2) == 0)
            fake_service_crash(&life->site->stock);
        wand_send(wand);
        assert_memory_equal(&wand->ack.verdicts, &first.verdicts, sizeof(first.verdicts));
        assert_int_equal(wand_fingerprint(wand), after);
    }
    wand_free_acked(wand);
}

/* ---- delivery ---- */

/* What delivery would say next, or sometimes what it would not. */
static void delivery_step(struct life *life)
{
    const int64_t order = any_order(life);
    static const char *const statuses[] = { "REQUESTED", "PICKED",    "READY",   "DELIVERED",
                                            "CANCELED",  "RETURNING", "EXPIRED", "RETURNED" };
    const int64_t state = site_number(
        life->site, "SELECT coalesce((SELECT state FROM reservation WHERE id = %" PRId64 "), 0)",
        order);
    const char *status = statuses[below(&life->random, KIT_COUNT(statuses))];
    if (state == RESERVATION_NEW)
        status = "REQUESTED";
    else if (state == RESERVATION_PICKED && below(&life->random, 2) == 0)
        status = "READY";
    else if (state == RESERVATION_LOADED && below(&life->random, 2) == 0)
        status = "DELIVERED";
    else if (state == RESERVATION_RESERVED && below(&life->random, 3) > 0)
        return;
    char more[128] = "";
    if (below(&life->random, 2) == 0)
        snprintf(more, sizeof(more),
                 "\"locker\":\"locker-1\",\"compartment\":%" PRId64 ",\"compartmentUse\":\"%s\",",
                 1 + order % 2, below(&life->random, 2) == 0 ? "assigned" : "loaded");
    site_locker_order(life->site, order, PIECES(product_of(order), 1 + order / 2 % 2), status,
                      more);
}

static const char *const DIRECT[] = { "REQUESTED", "DELIVERED", "CANCELED" };

static void any_step(struct life *life)
{
    switch (below(&life->random, 12)) {
    case 0:
    case 1:
    case 2:
        delivery_step(life);
        break;
    case 3:
        if (below(&life->random, 8) == 0)
            fake_world_advance(life->site->world, 700000);
        site_delivery(life->site, 500 + below(&life->random, 40), 2, 1,
                      DIRECT[below(&life->random, 3)]);
        break;
    default:
        scan_step(life);
    }
}

static void assert_books(const struct life *life, uint64_t seed, int step)
{
    const char *wrong = site_audit(life->site);
    if (wrong == NULL)
        return;
    print_error("LOCKSTOCK_SEED=%" PRIu64 ", step %d: %s\n", seed, step, wrong);
    fail();
}

static void run_life(uint64_t seed)
{
    struct life life = { .site = site_new(seed),
                         .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
    life.wands[0] = wand_new(life.site, "scanner-1");
    life.wands[1] = wand_new(life.site, "scanner-2");
    site_item(life.site, 1, 20, "bulk", "");
    site_item(life.site, 2, 0, "serialised", "");
    site_delivery(life.site, 999, 1, 1, "CANCELED"); /* nothing, but the first contact */
    wand_do(&life.wands[0], SCAN_SIGNAL_DONE,
            "command:RECEIVE product:2 asset:D1 asset:D2 asset:D3 asset:D4 asset:D5 asset:D6 "
            "asset:D7 asset:D8"
            " bin:A-01");
    for (int step = 0; step < STEP_COUNT; step++) {
        life.step = step;
        any_step(&life);
        assert_books(&life, seed, step);
    }
    /* The life went somewhere: it was no long list of refusals. */
    assert_true(site_number(life.site, "SELECT count(*) FROM reservation WHERE version > 1") > 0);
    site_free(life.site);
}

static void test_random_scans_keep_the_books_right(void **state)
{
    (void)state;
    const char *only = getenv("LOCKSTOCK_SEED");
    if (only != NULL) {
        run_life(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEED_COUNT; seed++)
        run_life(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_scans_keep_the_books_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
