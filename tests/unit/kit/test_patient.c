/* A service that is patient tells with its quiet batch, and nobody hears of a row before its
 * commit.
 */
#include "thing_fixture.h"

/* One process a file, so that statics serve. */
static bool is_open; /* false while the fixture opens, whose first tick runs the timer */
static bool is_last; /* the item is that before the commit */

/* Appends behind every item but that. */
static int after_item(void *app, struct kit_error *err)
{
    const bool appends = is_open && !is_last;
    is_last = false;
    return appends ? thing_append(app, 1000, err) : KIT_OK;
}

/* Appends once for each commit. */
static int before_commit(void *app, struct kit_error *err)
{
    is_last = true;
    return is_open ? thing_append(app, 2000, err) : KIT_OK;
}

static struct kit_service_desc patient;

static int set_up_patient(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    patient = thing_service;
    patient.is_patient = true;
    patient.after_item = after_item;
    patient.before_commit = before_commit;
    patient.before_commit_waits = true;
    f->world = fake_world_new(7);
    is_open = false;
    f->thing = fake_service_open(f->world, &patient, NULL, 0);
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS); /* the batch of the first tick ends */
    fake_settle(&f->thing);
    is_open = true;
    *state = f;
    return 0;
}

static const char *replay(struct fixture *f)
{
    return fake_request(&f->thing, "friend", "replay", "", "{\"after\":0,\"limit\":9}")->payload;
}

static void test_events_of_a_quiet_batch_leave_when_it_ends(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 0);
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->thing);
    const struct fake_message *told = fake_last(f->world, "lockstock/v1/stream/thing");
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 1);
    assert_non_null(
        strstr(told->payload, "\"sequence\":\"3\"")); /* two, and one before the commit */
    assert_non_null(strstr(told->payload, "thing/2000"));
    assert_null(strstr(told->payload, "\"sequence\":\"4\""));
}

static void test_effect_ends_the_quiet_batch(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 1);
}

/* A crash before the commit would give these numbers to other events. */
static void test_replay_tells_nothing_that_is_not_committed(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    const char *answer = replay(f);
    assert_non_null(strstr(answer, "\"head\":0"));
    assert_non_null(strstr(answer, "\"events\":[]"));
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->thing);
    answer = replay(f);
    assert_non_null(strstr(answer, "\"head\":3"));
    assert_non_null(strstr(answer, "thing/2000"));
}

/* Rows that are committed go out while others of the open batch must not. */
static void test_rows_of_the_open_batch_stay_behind_those_that_are_committed(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine"); /* the first contact is over */
    f->world->publish_rc = KIT_E_FULL;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}"); /* commits rows 1 to 4 */
    f->world->publish_rc = KIT_OK;
    send_product(f, 2, "fine"); /* row 5 */
    const struct fake_message *told = fake_last(f->world, "lockstock/v1/stream/thing");
    assert_non_null(told);
    assert_non_null(strstr(told->payload, "\"sequence\":\"4\""));
    assert_null(strstr(told->payload, "\"sequence\":\"5\""));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up_patient, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_events_of_a_quiet_batch_leave_when_it_ends),
        TEST(test_effect_ends_the_quiet_batch),
        TEST(test_replay_tells_nothing_that_is_not_committed),
        TEST(test_rows_of_the_open_batch_stay_behind_those_that_are_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
