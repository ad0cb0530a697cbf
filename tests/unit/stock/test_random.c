/* Whatever comes, in whatever order, twice, late or with a restart in between: the books stay
 * right. Each seed is one life; LOCKSTOCK_SEED=n runs that one alone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fakes/cmocka_all.h"
#include "stock/domain/reservation.h"
#include "unit/stock/site.h"

#define SEED_COUNT 8
#define STEP_COUNT 120
#define PRODUCT_COUNT 4
#define DELIVERY_COUNT 40

/* xorshift64*: the same steps for the same seed, everywhere. */
static int64_t below(uint64_t *random, int64_t limit)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return (int64_t)((*random * UINT64_C(2685821657736338717)) >> 33) % limit;
}

/* What the request of a delivery said; a log never says it differently the second time. */
static int64_t product_of(int64_t delivery)
{
    return 1 + delivery % PRODUCT_COUNT;
}

static int64_t qty_of(int64_t delivery)
{
    return 1 + delivery * 7 % 5;
}

static void delivery_step(struct site *site, uint64_t *random, const char *status)
{
    int64_t delivery = 1 + below(random, DELIVERY_COUNT);
    site_delivery(site, delivery, product_of(delivery), qty_of(delivery), status);
}

static void registered_set_step(struct site *site, uint64_t *random, int step)
{
    char key[32];
    snprintf(key, sizeof(key), "key-%d", step - (int)below(random, 2)); /* sometimes an old one */
    site_registered_set(site, key, 1 + below(random, PRODUCT_COUNT), 1 + below(random, 25),
                        1 + below(random, 6));
}

static void any_step(struct site *site, uint64_t *random, int step)
{
    switch (below(random, 12)) {
    case 0:
        site_product_saved(site, 1 + below(random, PRODUCT_COUNT), 1 + below(random, 25),
                           1 + below(random, 6));
        break;
    case 1:
        fake_world_forget(site->world); /* every answer under way is lost */
        break;
    case 2:
        site_confirm(site);
        break;
    case 3:
        fake_world_forget(site->world);
        fake_service_reopen(&site->stock);
        break;
    case 4:
    case 5:
        registered_set_step(site, random, step);
        break;
    case 6:
    case 7:
        delivery_step(site, random, "DELIVERED");
        break;
    case 8:
        delivery_step(site, random, "CANCELED");
        break;
    default:
        delivery_step(site, random, "REQUESTED");
        break;
    }
}

static void assert_books(struct site *site, uint64_t seed, int step)
{
    const char *wrong = site_audit(site);
    if (wrong == NULL)
        return;
    print_error("LOCKSTOCK_SEED=%" PRIu64 ", step %d: %s\n", seed, step, wrong);
    fail();
}

/* Everything is delivered or canceled in the end: the shelves are as full as they are registered.
 */
static void close_all(struct site *site)
{
    fake_world_forget(site->world);
    site_confirm(site);
    assert_int_equal(
        site_number(site, "SELECT count(*) FROM reservation WHERE state = %d", RESERVATION_WAITING),
        0);
    for (int64_t delivery = 1; delivery <= DELIVERY_COUNT; delivery++)
        site_delivery(site, delivery, product_of(delivery), qty_of(delivery), "CANCELED");
    assert_int_equal(site_number(site, "SELECT count(*) FROM stock WHERE available <> registered"),
                     0);
}

static void run_life(uint64_t seed)
{
    struct site *site = site_new(seed);
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int step = 0; step < STEP_COUNT; step++) {
        any_step(site, &random, step);
        assert_books(site, seed, step);
    }
    close_all(site);
    assert_books(site, seed, STEP_COUNT);
    site_free(site);
}

static void test_random_lives_keep_the_books_right(void **state)
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
        cmocka_unit_test(test_random_lives_keep_the_books_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
