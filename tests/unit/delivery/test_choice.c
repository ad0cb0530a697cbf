/* What the domain says and what the store's queries say is the same, in every state: which
 * compartment is free and which is the best one (rules 7.1, 7.2), which orders wait for one, and
 * which of those fits first (7.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain/locker.h"
#include "delivery/store/delivery.h"
#include "delivery/store/locker_compartment.h"
#include "fakes/fakes.h"
#include "kit/base/text.h"

#define LOCKERS 3
#define COMPARTMENTS 4
#define ROUNDS 2000

struct fixture {
    struct fake_world *world;
    char path[FAKE_PATH_SIZE];
    struct kit_db *db;
    struct delivery_store deliveries;
    struct locker_store lockers;
    uint64_t random;
};

static void run_sql(struct fixture *fixture, const char *sql)
{
    if (sqlite3_exec(kit_db_handle(fixture->db), sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(kit_db_handle(fixture->db)));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct kit_error err = { 0 };

    fixture = (struct fixture){ .world = fake_world_new(1), .random = 1 };
    struct kit_service_ports ports = fake_ports(fixture.world, "delivery", fixture.path);
    assert_int_equal(
        kit_db_open(&fixture.db, &ports.store, delivery_migrations, DELIVERY_MIGRATION_COUNT, &err),
        KIT_OK);
    assert_int_equal(delivery_store_open(&fixture.deliveries, fixture.db, &err), KIT_OK);
    assert_int_equal(locker_store_open(&fixture.lockers, fixture.db, &err), KIT_OK);
    assert_int_equal(kit_db_begin(fixture.db, &err), KIT_OK);
    run_sql(&fixture,
            "PRAGMA defer_foreign_keys = ON"); /* a compartment needs no real order here */
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    locker_store_close(&fixture->lockers);
    delivery_store_close(&fixture->deliveries);
    kit_db_rollback(fixture->db);
    kit_db_close(fixture->db);
    fake_world_free(fixture->world);
    return 0;
}

static int roll(struct fixture *fixture, int sides)
{
    fixture->random = fixture->random * UINT64_C(6364136223846793005) +
                      UINT64_C(1442695040888963407);
    return (int)((fixture->random >> 33) % (uint64_t)sides);
}

static void save_locker(struct fixture *fixture, const struct locker *locker)
{
    struct kit_error err = { 0 };
    char log[128];
    assert_int_equal(locker_store_save(&fixture->lockers, locker, &err), KIT_OK);
    /* That of a locker which is there already is not the store's to change. */
    (void)snprintf(log, sizeof(log),
                   "UPDATE locker SET is_online = %d, is_silent = %d"
                   " WHERE name = '%s'",
                   locker->log.is_online, locker->log.is_silent, locker->name);
    assert_int_equal(sqlite3_exec(kit_db_handle(fixture->db), log, NULL, NULL, NULL), SQLITE_OK);
}

static void save_compartment(struct fixture *fixture, const struct locker_compartment *compartment)
{
    struct kit_error err = { 0 };
    assert_int_equal(locker_store_save_compartment(&fixture->lockers, compartment, &err), KIT_OK);
}

static bool choose(struct fixture *fixture, enum product_size size, const char *wished,
                   struct locker_compartment *ret)
{
    const struct compartment_need need = { .size = size, .wished_locker = wished };
    struct kit_error err = { 0 };
    bool is_found = false;
    assert_int_equal(locker_store_choose(&fixture->lockers, &need, ret, &is_found, &err), KIT_OK);
    return is_found;
}

/* ---- rules 7.1 ---- */

/* Number `code` of all states that a compartment and its locker can have; false behind the last. */
static bool state_of(int code, struct locker *ret_locker, struct locker_compartment *ret)
{
    *ret_locker = (struct locker){ .name = "locker-1", .revision_known = 5, .protocol = 1 };
    *ret = (struct locker_compartment){ .locker = "locker-1", .number = 2, .size = PRODUCT_SIZE_M };
    ret_locker->log.is_online = code % 2 != 0;
    code /= 2;
    ret_locker->log.is_silent = code % 2 != 0;
    code /= 2;
    ret_locker->compartment_count = 1 + code % 2; /* 1: it has no number 2 any more */
    code /= 2;
    ret->delivery.v = code % 2;
    code /= 2;
    ret->clean_revision = 4 + code % 3;
    code /= 3;
    ret->presence = (enum object_presence)(1 + code % OBJECT_PRESENCE_MAX);
    code /= OBJECT_PRESENCE_MAX;
    ret->door = (enum door_state)(1 + code % DOOR_STATE_MAX);
    code /= DOOR_STATE_MAX;
    ret->story = (enum locker_story)(code % (LOCKER_STORY_FETCH + 1));
    code /= LOCKER_STORY_FETCH + 1;
    ret->out_since_ms = code % 2;
    return code <= 1;
}

static void test_free_is_the_same_to_domain_and_store_in_every_state(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    const struct compartment_id id = { "locker-1", 2 };
    struct locker locker;
    struct locker_compartment compartment, stored, chosen;
    int code = 0, free_count = 0;

    for (; state_of(code, &locker, &compartment); code++) {
        bool is_found = false;
        int64_t largest = 0;
        save_locker(fixture, &locker);
        save_compartment(fixture, &compartment);
        assert_int_equal(locker_store_compartment(&fixture->lockers, &id, &stored, &is_found, &err),
                         KIT_OK);
        assert_true(is_found);
        const bool is_free = locker_is_free(&stored);
        free_count += is_free;
        if (choose(fixture, PRODUCT_SIZE_S, "", &chosen) != is_free)
            fail_msg("state %d: the domain says %d, the choice another thing", code, is_free);
        assert_int_equal(locker_store_largest_free(&fixture->lockers, &largest, &err), KIT_OK);
        assert_int_equal(largest, is_free ? PRODUCT_SIZE_M : 0);
    }
    assert_int_equal(code, 2 * 2 * 2 * 2 * 3 * OBJECT_PRESENCE_MAX * DOOR_STATE_MAX * 5 * 2);
    /* Online, not silent, of that number, nobody's, closed, not opened, in service; not sensed as
     * full; clean. */
    assert_int_equal(free_count, (OBJECT_PRESENCE_MAX - 1) * 2);
}

/* ---- rules 7.2 ---- */

/* The best of all compartments, one after the other; NULL if none will do. */
static const struct locker_compartment *find_best(const struct locker_compartments *all,
                                                  const struct compartment_need *need)
{
    const struct locker_compartment *best = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct locker_compartment *one = &all->items[i];
        if (locker_suits(one, need) && (best == NULL || locker_is_better(one, best, need)))
            best = one;
    }
    return best;
}

/* Two compartments of one site, in every way that the order of rules 7.2 can tell them apart. */
struct pair {
    struct locker_compartment items[2];
    struct compartment_need need;
};

/* Number `code` of all pairs; false behind the last. */
static bool pair_of(int code, struct pair *ret)
{
    static const char *const wishes[] = { "", "locker-1", "locker-2", "locker-9" };
    static const struct compartment_id spots[][2] = {
        { { "locker-1", 1 }, { "locker-1", 2 } }, { { "locker-1", 1 }, { "locker-2", 1 } },
        { { "locker-1", 1 }, { "locker-2", 2 } }, { { "locker-1", 2 }, { "locker-2", 1 } },
        { { "locker-2", 2 }, { "locker-2", 1 } },
    };
    const int round = code / (int)KIT_COUNT(spots);
    const struct compartment_id *ids = spots[code % (int)KIT_COUNT(spots)];

    *ret = (struct pair){ .need.wished_locker = wishes[round % (int)KIT_COUNT(wishes)] };
    code = round / (int)KIT_COUNT(wishes);
    ret->need.size = (enum product_size)(PRODUCT_SIZE_S + code % PRODUCT_SIZE_MAX);
    code /= PRODUCT_SIZE_MAX;
    for (int i = 0; i < 2; i++) {
        struct locker_compartment *item = &ret->items[i];
        kit_text_copy(item->locker, sizeof(item->locker), ids[i].locker);
        item->number = ids[i].number;
        item->presence = OBJECT_PRESENCE_ABSENT;
        item->size = (enum product_size)(PRODUCT_SIZE_S + code % PRODUCT_SIZE_MAX);
        code /= PRODUCT_SIZE_MAX;
        item->door = code % 2 == 0 ? DOOR_STATE_CLOSED : DOOR_STATE_OPEN;
        code /= 2;
    }
    return code == 0;
}

/* Stores a pair alone, and reads it back with what its lockers say. */
static void store_pair(struct fixture *fixture, struct pair *pair)
{
    struct kit_error err = { 0 };
    run_sql(fixture, "DELETE FROM compartment");
    for (int i = 0; i < 2; i++) {
        struct locker_compartment *item = &pair->items[i];
        const struct compartment_id id = { item->locker, item->number };
        struct locker_compartment stored;
        bool is_found = false;
        save_compartment(fixture, item);
        assert_int_equal(locker_store_compartment(&fixture->lockers, &id, &stored, &is_found, &err),
                         KIT_OK);
        assert_true(is_found);
        *item = stored;
    }
}

static void test_choice_of_two_is_the_better_one_in_every_pair(void **state)
{
    struct fixture *fixture = *state;
    struct pair pair;
    const struct locker_compartments all = { .items = pair.items, .count = 2, .max = 2 };
    struct locker_compartment chosen;
    int code = 0;

    save_locker(fixture, &(struct locker){ .name = "locker-1",
                                           .log.is_online = true,
                                           .protocol = 1,
                                           .compartment_count = 2 });
    save_locker(fixture, &(struct locker){ .name = "locker-2",
                                           .log.is_online = true,
                                           .protocol = 1,
                                           .compartment_count = 2 });
    for (; pair_of(code, &pair); code++) {
        store_pair(fixture, &pair);
        assert_true(locker_is_better(&pair.items[0], &pair.items[1], &pair.need) !=
                    locker_is_better(&pair.items[1], &pair.items[0], &pair.need));
        const struct locker_compartment *best = find_best(&all, &pair.need);
        const bool is_found = choose(fixture, pair.need.size, pair.need.wished_locker, &chosen);
        if (is_found != (best != NULL))
            fail_msg("pair %d: the store says %d, the domain another thing", code, is_found);
        if (is_found && (strcmp(chosen.locker, best->locker) != 0 || chosen.number != best->number))
            fail_msg("pair %d: %s %d was chosen", code, chosen.locker, chosen.number);
    }
    assert_int_equal(code, 5 * 4 * 3 * (3 * 2) * (3 * 2));
}

/* Lockers with compartments of random sizes, about half of them free; *ret is what is stored. */
static void stock_lockers(struct fixture *fixture, struct locker_compartments *ret)
{
    struct kit_error err = { 0 };

    ret->count = 0;
    for (int i = 0; i < LOCKERS; i++) {
        struct locker locker = { .protocol = 1,
                                 .log.is_online = roll(fixture, 8) != 0,
                                 .compartment_count = COMPARTMENTS };
        (void)snprintf(locker.name, sizeof(locker.name), "locker-%d", LOCKERS - i);
        save_locker(fixture, &locker);
        for (int number = COMPARTMENTS; number >= 1; number--) {
            struct locker_compartment compartment = {
                .number = number,
                .size = (enum product_size)(PRODUCT_SIZE_S + roll(fixture, PRODUCT_SIZE_MAX)),
                .door = roll(fixture, 2) == 0 ? DOOR_STATE_CLOSED : DOOR_STATE_OPEN,
                .presence = OBJECT_PRESENCE_ABSENT,
            };
            kit_text_copy(compartment.locker, sizeof(compartment.locker), locker.name);
            save_compartment(fixture, &compartment);
        }
        struct locker_compartments of_locker = { .items = ret->items + ret->count,
                                                 .max = COMPARTMENTS };
        assert_int_equal(
            locker_store_compartments(&fixture->lockers, locker.name, &of_locker, &err), KIT_OK);
        ret->count += of_locker.count;
    }
}

static void test_choice_is_the_best_by_the_rule(void **state)
{
    struct fixture *fixture = *state;
    static const char *const wishes[] = { "", "locker-1", "locker-2", "locker-3", "locker-9" };
    struct locker_compartment items[LOCKERS * COMPARTMENTS], chosen;
    struct locker_compartments all = { .items = items, .max = LOCKERS * COMPARTMENTS };
    int found_count = 0;

    for (int i = 0; i < ROUNDS; i++) {
        if (i % 10 == 0)
            stock_lockers(fixture, &all);
        const char *wished = wishes[roll(fixture, (int)KIT_COUNT(wishes))];
        const enum product_size size = (enum product_size)(PRODUCT_SIZE_S +
                                                           roll(fixture, PRODUCT_SIZE_MAX));
        const struct compartment_need need = { .size = size, .wished_locker = wished };
        const struct locker_compartment *best = find_best(&all, &need);
        assert_int_equal(choose(fixture, size, wished, &chosen), best != NULL);
        if (best == NULL)
            continue;
        found_count++;
        assert_string_equal(chosen.locker, best->locker);
        assert_int_equal(chosen.number, best->number);
    }
    assert_in_range(found_count, ROUNDS / 2, ROUNDS - 1); /* both happen */
}

/* ---- rules 7.3 ---- */

/* A row of any status, as the constraints of the table want it, with or without a compartment. */
static void add_delivery(struct fixture *fixture, int64_t id, int status, bool has_spot)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO delivery (id, product_id, qty, fulfilment, status, reason, version,"
                   " updated_at_ms, locker, compartment, compartment_use, deadline_ms, wish,"
                   " issue_count, stock_has_goods) VALUES (%d, 7, 1, 2, %d, 'why', %d, 0,"
                   " %s, %d, 0, 0, 0)",
                   (int)id, status, status == DELIVERY_STATUS_REQUESTED ? 1 : 2,
                   has_spot ? "'locker-1', 1, 2" : "NULL, NULL, NULL", 1000);
    run_sql(fixture, sql);
}

static void test_waiting_is_the_same_to_domain_and_store_in_every_state(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    int64_t id = 0, waiting_count = 0;

    for (int status = DELIVERY_STATUS_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        for (int has_spot = 0; has_spot <= 1; has_spot++) {
            struct delivery delivery;
            struct delivery_ids ids;
            bool is_found = false;
            int64_t count = 0;

            if (status == DELIVERY_STATUS_READY && has_spot == 0)
                continue; /* there is none: it always has a compartment */
            add_delivery(fixture, ++id, status, has_spot != 0);
            assert_int_equal(delivery_store_find(&fixture->deliveries, (struct rental_id){ id },
                                                 &delivery, &is_found, &err),
                             KIT_OK);
            const bool is_waiting = delivery_is_waiting(&delivery);
            waiting_count += is_waiting;
            assert_int_equal(delivery_store_waiting(&fixture->deliveries,
                                                    (struct rental_id){ id - 1 }, &ids, &err),
                             KIT_OK);
            assert_int_equal(ids.count, is_waiting);
            assert_int_equal(delivery_store_waiting_count(&fixture->deliveries, &count, &err),
                             KIT_OK);
            assert_int_equal(count, waiting_count);
        }
    }
    assert_int_equal(waiting_count, 2); /* PICKED and RETURNING */
}

static void test_first_fitting_counts_units_as_the_domain_does(void **state)
{
    struct fixture *fixture = *state;
    struct kit_error err = { 0 };
    char sql[256];

    add_delivery(fixture, 1, DELIVERY_STATUS_PICKED, false);
    run_sql(fixture, "INSERT INTO product (id, name, registered_qty, available_qty,"
                     " product_version, stock_version, tracking, size) VALUES (7, 'Desk', 9, NULL,"
                     " 1, 0, 1, 1)");
    for (int size = PRODUCT_SIZE_S; size <= PRODUCT_SIZE_MAX; size++) {
        for (int64_t qty = 1; qty <= LOCKER_UNITS_MAX + 1; qty++) {
            (void)snprintf(sql, sizeof(sql),
                           "UPDATE product SET size = %d; UPDATE delivery SET qty = %d", size,
                           (int)qty);
            run_sql(fixture, sql);
            for (int64_t units = 1; units <= LOCKER_UNITS_MAX; units++) {
                const bool fits = qty * locker_units((enum product_size)size) <= units;
                struct rental_id id = { 0 };
                for (int64_t after = 0; after <= 1; after++) {
                    const struct rental_id above = { after };
                    assert_int_equal(
                        delivery_store_first_fitting(&fixture->deliveries, above, units, &id, &err),
                        KIT_OK);
                    assert_int_equal(id.v, fits && after == 0 ? 1 : 0);
                }
            }
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_free_is_the_same_to_domain_and_store_in_every_state),
        TEST(test_choice_of_two_is_the_better_one_in_every_pair),
        TEST(test_choice_is_the_best_by_the_rule),
        TEST(test_waiting_is_the_same_to_domain_and_store_in_every_state),
        TEST(test_first_fitting_counts_units_as_the_domain_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
