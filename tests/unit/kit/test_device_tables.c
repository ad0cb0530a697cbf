/* The two small tables that a service keeps of its devices: budgets, and those that have a twin. */
#include <stdio.h>

#include "fakes/cmocka_all.h"
#include "kit/device/twins.h"
#include "kit/service/device_budget.h"

#define HOUR_MS INT64_C(3600000)

/* ---- budgets ---- */

static void test_budget_is_a_burst_and_then_a_rate(void **state)
{
    static struct device_budget budget;
    int taken = 0;
    (void)state;
    for (int ms = 0; ms < 10000; ms++) /* a message each millisecond */
        taken += device_budget_take(&budget, "a", HOUR_MS + ms) == DEVICE_BUDGET_TAKE;
    assert_in_range(taken, DEVICE_BUDGET_BURST + 10 * DEVICE_BUDGET_PER_S - 1,
                    DEVICE_BUDGET_BURST + 10 * DEVICE_BUDGET_PER_S + 1);
    assert_int_equal(device_budget_dropped(&budget, "a"), 10000 - taken);
    assert_int_equal(budget.dropped_total, 10000 - taken);
    assert_int_equal(device_budget_dropped(&budget, "b"), 0);
    for (int i = 0; i < DEVICE_BUDGET_BURST; i++) /* rested, it has the whole burst again */
        assert_int_equal(device_budget_take(&budget, "a", 2 * HOUR_MS), DEVICE_BUDGET_TAKE);
}

static void test_budget_is_said_once_a_minute(void **state)
{
    static struct device_budget budget;
    int said = 0;
    (void)state;
    for (int ms = 0; ms < 3 * DEVICE_BUDGET_LOG_MS; ms++)
        said += device_budget_take(&budget, "a", HOUR_MS + ms) == DEVICE_BUDGET_DROP_AND_SAY;
    assert_int_equal(said, 3);
}

/* More devices than rows: whoever is quiet gives its row away, and who was dropped keeps it. */
static void test_budget_of_many_devices_drops_only_those_that_flood(void **state)
{
    static struct device_budget budget;
    char name[16];
    (void)state;
    for (int ms = 0; ms < 1000; ms++)
        (void)device_budget_take(&budget, "flood", HOUR_MS + ms);
    const int64_t dropped = device_budget_dropped(&budget, "flood");
    assert_true(dropped > 0);
    for (int i = 0; i < 10 * DEVICE_BUDGET_ROWS; i++) {
        (void)snprintf(name, sizeof(name), "d-%d", i);
        assert_int_equal(device_budget_take(&budget, name, HOUR_MS + i / 10), DEVICE_BUDGET_TAKE);
    }
    assert_int_equal(device_budget_dropped(&budget, "flood"), dropped);
    assert_int_equal(budget.dropped_total, dropped);
}

/* ---- twins ---- */

static bool comes(struct kit_twins *twins, const char *device, const char *epoch, int64_t boot)
{
    static int64_t now_ms = HOUR_MS;
    now_ms++;
    const struct kit_twins_online online = { device, epoch, boot, now_ms, now_ms };
    return kit_twins_on_online(twins, &online);
}

static void test_twins_are_seen_when_they_take_turns(void **state)
{
    static struct kit_twins twins;
    (void)state;
    assert_false(comes(&twins, "locker-1", "a", 3));
    assert_false(comes(&twins, "locker-1", "b", 1));
    assert_false(comes(&twins, "locker-1", "a", 3));
    assert_int_equal(kit_twins_seen_at(&twins, "locker-1"), 0);
    assert_true(comes(&twins, "locker-1", "b", 1));
    const int64_t seen_at_ms = kit_twins_seen_at(&twins, "locker-1");
    assert_true(seen_at_ms > HOUR_MS);
    assert_false(comes(&twins, "locker-1", "a", 3)); /* said already */
    assert_true(kit_twins_seen_at(&twins, "locker-1") > seen_at_ms);
    assert_int_equal(twins.turns_total, 2);
}

/* What one device does: the network is away, it starts again, gets new flash, a spare stands in. */
static void test_twins_are_not_seen_in_one_device(void **state)
{
    static struct kit_twins twins;
    (void)state;
    for (int boot = 1; boot < 20; boot++) {
        assert_false(comes(&twins, "locker-1", "a", boot));
        assert_false(comes(&twins, "locker-1", "a", boot));
    }
    assert_false(comes(&twins, "locker-1", "spare", 1));
    assert_false(comes(&twins, "locker-1", "a", 20));
    assert_false(comes(&twins, "locker-1", "b", 21));
    assert_int_equal(twins.turns_total, 0);
}

/* A row may be another device's: what is known of a twin is not lost for it. */
static void test_twins_stay_known_beside_many_devices(void **state)
{
    static struct kit_twins twins;
    char name[16];
    (void)state;
    for (int i = 0; i < 4; i++)
        (void)comes(&twins, "locker-1", i % 2 == 0 ? "a" : "b", 1);
    for (int i = 0; i < 10 * KIT_TWINS_ROWS; i++) {
        (void)snprintf(name, sizeof(name), "d-%d", i);
        assert_false(comes(&twins, name, "c", 1));
    }
    assert_true(kit_twins_seen_at(&twins, "locker-1") > 0);
    assert_int_equal(kit_twins_seen_at(&twins, "d-1"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget_is_a_burst_and_then_a_rate),
        cmocka_unit_test(test_budget_is_said_once_a_minute),
        cmocka_unit_test(test_budget_of_many_devices_drops_only_those_that_flood),
        cmocka_unit_test(test_twins_are_seen_when_they_take_turns),
        cmocka_unit_test(test_twins_are_not_seen_in_one_device),
        cmocka_unit_test(test_twins_stay_known_beside_many_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
