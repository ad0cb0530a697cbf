/* A device's time against schemas/rules/devices.md 1.7: what service, battery and restarts may do
 * to it, and what they may not. */
#include "device_world.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static struct world world;
static struct fw_clock_state *const clock_of = &world.clock;

static int setup(void **state)
{
    (void)state;
    world_init(&world);
    assert_int_equal(world_boot(&world), FW_OK);
    return 0;
}

static void check_now(int64_t now_ms)
{
    assert_int_equal(fw_clock_now_ms(clock_of), now_ms);
}

static void test_clock_on_server_beyond_2100_is_not_taken(void **state)
{
    (void)state;
    static const int64_t times[] = { FW_CLOCK_MAX_MS + 1, INT64_C(9007199254740991), INT64_MAX };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        fw_clock_on_server(clock_of, times[i]);
        assert_int_equal(clock_of->floor_ms, 0);
        check_now(0);
    }
    fw_clock_on_server(clock_of, FW_CLOCK_MAX_MS);
    world.mono_ms += DAY_MS;
    check_now(FW_CLOCK_MAX_MS);
}

static void test_clock_on_signed_beyond_2100_is_not_taken(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    fw_clock_on_signed(clock_of, INT64_C(9007199254740991));
    fw_clock_on_signed(clock_of, 0);
    check_now(WALL_MS);
}

static void test_clock_with_a_battery_beyond_2100_is_not_known(void **state)
{
    (void)state;
    world.battery_ms = INT64_MAX;
    check_now(0);
    world.battery_ms = -1;
    check_now(0);
    world.battery_ms = WALL_MS;
    check_now(WALL_MS);
}

static void test_clock_set_floor_beyond_2100_is_not_taken(void **state)
{
    (void)state;
    fw_clock_set_floor(clock_of, FW_CLOCK_MAX_MS + 1);
    assert_int_equal(clock_of->floor_ms, 0);
}

/* An acknowledgement that comes twice, the second time hours later. */
static void test_clock_on_server_said_again_later_does_not_go_back(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    world.mono_ms += HOUR_MS;
    fw_clock_on_server(clock_of, WALL_MS);
    check_now(WALL_MS + HOUR_MS);
    fw_clock_on_server(clock_of, WALL_MS - 5);
    check_now(WALL_MS + HOUR_MS);
}

/* Held back on its way: new to us, and old all the same. It moves us by less than 0.1 %. */
static void test_clock_on_server_held_back_moves_the_time_by_a_drift_at_most(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    world.mono_ms += HOUR_MS;
    fw_clock_on_server(clock_of, WALL_MS + 1000);
    assert_true(fw_clock_now_ms(clock_of) > WALL_MS + HOUR_MS - HOUR_MS / 1000);
    world.mono_ms += 5; /* and again at once: by nothing */
    int64_t now_ms = fw_clock_now_ms(clock_of);
    fw_clock_on_server(clock_of, WALL_MS + 1001);
    check_now(now_ms);
}

static void test_clock_that_runs_fast_is_held_by_the_service(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    int64_t begin_ms = world.mono_ms;
    for (int64_t i = 1; i <= 2 * 60 * 24; i++) { /* a day of hellos; 100 ppm too fast */
        world.mono_ms = begin_ms + i * 30003;
        fw_clock_on_server(clock_of, WALL_MS + i * 30000);
    }
    assert_in_range(fw_clock_now_ms(clock_of) - WALL_MS, DAY_MS, DAY_MS + 10);
}

static void test_clock_on_server_a_year_ahead_once_changes_nothing(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS);
    check_now(WALL_MS);
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS); /* at once: the same mistake */
    check_now(WALL_MS);
    world.mono_ms += FW_CLOCK_CONFIRM_MS;
    fw_clock_on_server(clock_of, WALL_MS + FW_CLOCK_CONFIRM_MS);
    world.mono_ms += FW_CLOCK_CONFIRM_MS;
    fw_clock_on_server(clock_of,
                       WALL_MS + 365 * DAY_MS); /* does not confirm: one was right between */
    check_now(WALL_MS + 2 * FW_CLOCK_CONFIRM_MS);
    assert_true(clock_of->floor_ms < WALL_MS + DAY_MS);
}

static void test_clock_on_server_a_year_ahead_of_the_battery_once_changes_nothing(void **state)
{
    (void)state;
    world.battery_ms = WALL_MS;
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS);
    check_now(WALL_MS);
}

static void test_clock_on_server_a_year_ahead_is_taken_when_confirmed(void **state)
{
    (void)state;
    world.battery_ms = WALL_MS; /* stood still while the device lay in a drawer */
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS);
    world.mono_ms += FW_CLOCK_CONFIRM_MS;
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS + FW_CLOCK_CONFIRM_MS + 3);
    check_now(WALL_MS + 365 * DAY_MS + FW_CLOCK_CONFIRM_MS + 3);
}

static void test_clock_on_server_without_a_time_is_taken_at_once(void **state)
{
    (void)state;
    fw_clock_set_floor(clock_of, WALL_MS);
    fw_clock_on_server(clock_of, WALL_MS + 365 * DAY_MS);
    check_now(WALL_MS + 365 * DAY_MS);
}

/* A configuration under the service's key says that we are ahead. */
static void test_clock_on_signed_behind_lowers_what_was_wrong(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS + HOUR_MS);
    fw_clock_on_signed(clock_of, WALL_MS);
    assert_int_equal(clock_of->floor_ms, WALL_MS);
    check_now(0); /* until the service says it again */
    fw_clock_on_server(clock_of, WALL_MS + 7);
    check_now(WALL_MS + 7);
}

static void test_clock_on_signed_near_or_ahead_changes_nothing(void **state)
{
    (void)state;
    fw_clock_on_server(clock_of, WALL_MS);
    fw_clock_on_signed(clock_of, WALL_MS - FW_CLOCK_SIGNED_BACK_MS);
    fw_clock_on_signed(clock_of, WALL_MS + HOUR_MS);
    check_now(WALL_MS);
    assert_int_equal(clock_of->floor_ms, WALL_MS);
}

/* Rules 8.3: what the service proves now counts, however wrong it was before. */
static void test_clock_on_proved_behind_sets_it_back_at_once(void **state)
{
    static const int64_t AHEAD_MS[] = { FW_CLOCK_PROVED_BACK_MS + 1, 30000, 300000, 600000,
                                        DAY_MS };
    (void)state;
    for (size_t i = 0; i < sizeof(AHEAD_MS) / sizeof(AHEAD_MS[0]); i++) {
        fw_clock_init(clock_of, clock_of->port);
        fw_clock_on_proved(clock_of, WALL_MS + AHEAD_MS[i], world.mono_ms);
        world.mono_ms += HOUR_MS; /* what was heard is long over, and the clock is ahead as ever */
        check_now(WALL_MS + AHEAD_MS[i] + HOUR_MS);
        fw_clock_on_proved(clock_of, WALL_MS + HOUR_MS, world.mono_ms);
        check_now(WALL_MS + HOUR_MS);
        assert_true(clock_of->is_proved);
        assert_int_equal(clock_of->floor_ms, WALL_MS + HOUR_MS);
    }
}

static void test_clock_on_proved_ends_a_floor_and_a_battery_that_are_ahead(void **state)
{
    (void)state;
    fw_clock_set_floor(clock_of, WALL_MS + 300000);
    fw_clock_on_proved(clock_of, WALL_MS, world.mono_ms);
    check_now(WALL_MS);
    fw_clock_init(clock_of, clock_of->port);
    world.battery_ms = WALL_MS + 300000;
    fw_clock_on_proved(clock_of, WALL_MS, world.mono_ms);
    check_now(WALL_MS);
}

/* An answer that took longer than the next one is no reason to run back. */
static void test_clock_on_proved_a_little_behind_is_a_drift(void **state)
{
    (void)state;
    fw_clock_on_proved(clock_of, WALL_MS, world.mono_ms);
    fw_clock_on_proved(clock_of, WALL_MS - FW_CLOCK_PROVED_BACK_MS, world.mono_ms);
    check_now(WALL_MS);
}

/* The crash loop: a record could not be written with a time that its schema does not allow. */
static void test_session_on_ack_with_extreme_times_goes_on(void **state)
{
    (void)state;
    static const int64_t times[] = { INT64_C(9007199254740991), FW_CLOCK_MAX_MS + 1, 0, 1 };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct fw_device_ack ack;
        fw_session_on_link(&world.session, true);
        assert_int_equal(world_scan(&world, "1"), FW_OK);
        world_tick(&world);
        world_store(&world);
        world_ack_make(&world, &ack);
        ack.now = times[i];
        assert_int_equal(world_send_ack(&world, &ack), FW_OK); /* its records are stored */
        world.mono_ms += FW_SESSION_SAVE_MS;
        assert_int_equal(world_scan(&world, "2"), FW_OK);
        world_tick(&world);
        assert_int_equal(world_boot(&world), FW_OK);
        assert_int_equal(world_scan(&world, "3"), FW_OK);
    }
}

static void test_session_open_with_an_implausible_stored_time_ignores_it(void **state)
{
    (void)state;
    struct fw_session_stored stored = world.session.stored;
    stored.floor_ms = INT64_C(9007199254740991);
    assert_int_equal(fw_snapshot_save(&world.snapshot, &stored, sizeof(stored)), FW_OK);
    world.battery_ms = WALL_MS;
    assert_int_equal(world_boot(&world), FW_OK);
    check_now(WALL_MS);
    assert_int_equal(world_scan(&world, "1"), FW_OK);
}

#define ON(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_clock_on_server_beyond_2100_is_not_taken),
        ON(test_clock_on_signed_beyond_2100_is_not_taken),
        ON(test_clock_with_a_battery_beyond_2100_is_not_known),
        ON(test_clock_set_floor_beyond_2100_is_not_taken),
        ON(test_clock_on_server_said_again_later_does_not_go_back),
        ON(test_clock_on_server_held_back_moves_the_time_by_a_drift_at_most),
        ON(test_clock_that_runs_fast_is_held_by_the_service),
        ON(test_clock_on_server_a_year_ahead_once_changes_nothing),
        ON(test_clock_on_server_a_year_ahead_of_the_battery_once_changes_nothing),
        ON(test_clock_on_server_a_year_ahead_is_taken_when_confirmed),
        ON(test_clock_on_server_without_a_time_is_taken_at_once),
        ON(test_clock_on_signed_behind_lowers_what_was_wrong),
        ON(test_clock_on_signed_near_or_ahead_changes_nothing),
        ON(test_clock_on_proved_behind_sets_it_back_at_once),
        ON(test_clock_on_proved_ends_a_floor_and_a_battery_that_are_ahead),
        ON(test_clock_on_proved_a_little_behind_is_a_drift),
        ON(test_session_on_ack_with_extreme_times_goes_on),
        ON(test_session_open_with_an_implausible_stored_time_ignores_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
