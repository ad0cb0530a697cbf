/* A backup of delivery comes back: codes of before end, and staff look into the compartments before
 * there are new ones (rules/delivery.md 7.11). */
#include "locker_fixture.h"

#define EMPTY "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}"

static int64_t live_count(struct fixture *fixture)
{
    return sql_int(fixture, "SELECT count(*) FROM access_grant WHERE state = 1");
}

static const struct fake_message *take_in(struct fixture *fixture)
{
    return request(fixture, "bridge", "locker-act",
                   "{\"device\":\"locker-1\",\"act\":\"in\",\"by\":\"Mina\"}");
}

/* Delivery is started with --new-epoch, and hears all that others tell. */
static void restore(struct fixture *fixture)
{
    static const char *const FOLLOWERS[] = { "rental", "stock", "information" };
    static const char *const SOURCES[] = { "rental", "stock", "product" };

    fixture->world->was_restored = true;
    fake_service_reopen(&fixture->delivery);
    fixture->world->was_restored = false;
    assert_non_null(kit_service_not_ready(fixture->delivery.service));
    for (size_t i = 0; i < KIT_COUNT(FOLLOWERS); i++)
        fake_presence(&fixture->delivery, FOLLOWERS[i], true, 1);
    fake_presence(&fixture->delivery, "product", true, 1);
    fake_settle(&fixture->delivery);
    for (size_t i = 0; i < KIT_COUNT(FOLLOWERS); i++)
        assert_true(fake_answer(&fixture->delivery, FOLLOWERS[i], "seen", NULL,
                                "{\"highestId\":9,\"highestVersion\":9}"));
    for (size_t i = 0; i < KIT_COUNT(SOURCES); i++)
        assert_true(fake_answer(&fixture->delivery, SOURCES[i], "replay", NULL, EMPTY));
    assert_null(kit_service_not_ready(fixture->delivery.service));
}

static void test_restore_ends_codes_and_wants_a_look(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "SS");
    char code[GRANT_CODE_SIZE], again[GRANT_CODE_SIZE];

    code_of(fixture, 1, code);
    restore(fixture);
    assert_int_equal(live_count(fixture), 0);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_reason(fixture, 1, "staff look into compartment 1 of locker-1");
    assert_reply(request(fixture, "bridge", "locker-acts", "{\"device\":\"locker-1\"}"), "ok",
                 "\"reason\":\"a backup came back: look inside\",\"by\":\"delivery\"");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE out_since_ms > 0"),
                     1); /* the other one had no code */

    box_state(fixture, &box, "online", "SS");
    box_confirm(fixture, &box); /* the locker says that it has an older configuration */
    assert_int_equal(grants_told(fixture, &box), 0);
    assert_int_equal(grant_of_code(fixture, &box, code), 0);
    assert_reply(take_in(fixture), "ok", "\"device\":\"locker-1\"");
    box_confirm(fixture, &box);
    code_of(fixture, 1, again);
    assert_string_not_equal(again, code);
    assert_reason(fixture, 1, "there is a new code");
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* Whose goods they are a sensor does not see: only staff do. */
static void test_goods_that_are_sensed_give_no_code_before_the_look(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    restore(fixture);
    box_state(fixture, &box, "online", "S");
    box_confirm(fixture, &box);
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(live_count(fixture), 0);
    open_and_close(fixture, &box, 1, 1, "present"); /* a LOAD scan */
    assert_int_equal(live_count(fixture), 1);
}

/* Its record was not here yet when delivery was restored. */
static void test_code_that_was_used_before_the_restore_counts(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char code[GRANT_CODE_SIZE];

    code_of(fixture, 1, code);
    const int64_t grant = grant_of_code(fixture, &box, code);
    restore(fixture);
    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_reply(take_in(fixture), "ok", "\"use\":\"free\"");
}

static void test_return_gets_a_new_code_after_the_look(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");

    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_reply(request(fixture, "bridge", "return", "{\"id\":1}"), "ok", "RETURNING");
    restore(fixture);
    assert_int_equal(live_count(fixture), 0);
    assert_reply(take_in(fixture), "ok", "\"device\":\"locker-1\"");
    assert_int_equal(live_count(fixture), 1);
}

/* devices.md 5.7: the locker knows better than a backup that came back without --new-epoch. */
static void test_grant_that_its_locker_refuses_as_older_wants_a_look(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char code[GRANT_CODE_SIZE], members[160];

    code_of(fixture, 1, code);
    (void)snprintf(members, sizeof(members),
                   "\"kind\":\"grant\",\"grantId\":%" PRId64 ",\"compartment\":1,"
                   "\"effect\":\"refused\",\"refusal\":\"already_used\"",
                   grant_of_code(fixture, &box, code));
    box_record(fixture, &box, members);
    assert_int_equal(grants_told(fixture, &box), 0);
    assert_reason(fixture, 1, "staff look into compartment 1");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE out_since_ms > 0"),
                     1);
}

/* A locker that cannot be helped stops nobody: neither the others nor delivery's start. */
static void test_restore_passes_over_a_locker_that_fails(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    struct box other = box_ready(fixture, "locker-2", "S");

    (void)box;
    pick(fixture, 2, 1, "locker-2");
    load(fixture, &other, 2, 1);
    freeze(fixture, 1);
    restore(fixture);
    assert_int_equal(live_count(fixture), 1);
    assert_reason(fixture, 2, "staff look into compartment 1 of locker-2");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_restore_ends_codes_and_wants_a_look),
        TEST(test_goods_that_are_sensed_give_no_code_before_the_look),
        TEST(test_code_that_was_used_before_the_restore_counts),
        TEST(test_return_gets_a_new_code_after_the_look),
        TEST(test_grant_that_its_locker_refuses_as_older_wants_a_look),
        TEST(test_restore_passes_over_a_locker_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
