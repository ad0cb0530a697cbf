/* Who may ask: the bridge speaks for people, in an open system and in a closed one. */
#include "thing_fixture.h"

#define CARLA ((struct kit_actor){ 17, 3, KIT_ROLE_CUSTOMER })
#define OLGA ((struct kit_actor){ 18, 0, KIT_ROLE_OPERATOR })

static struct kit_service_desc rental; /* things, under a name that the table knows: rental.get */
static struct kit_rpc_request seen;    /* by the last handler */

static int note_request(void *app, size_t index, const struct kit_rpc_exchange *exchange,
                        struct kit_error *err)
{
    struct kit_service *const *service = app; /* its first member */
    seen = *kit_service_request(*service);
    return thing_service.requests->run(app, index, exchange, err);
}

static int append_again(void *app, struct kit_error *err)
{
    return thing_append(app, 6, err);
}

static int open_fixture(void **state, const struct kit_service_desc *desc, bool is_closed)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(7);
    f->world->is_closed = is_closed;
    f->thing = fake_service_open(f->world, desc, NULL, 0);
    *state = f;
    return 0;
}

static int set_up_closed(void **state)
{
    return open_fixture(state, &thing_service, true);
}

/* A service called rental, with the methods add, which the table lacks, and get. */
static int set_up_rental(void **state)
{
    static struct kit_rpc_table requests;
    requests = *thing_service.requests;
    requests.run = note_request;
    rental = thing_service;
    rental.name = "rental";
    rental.requests = &requests;
    return open_fixture(state, &rental, true);
}

static int set_up_appending(void **state)
{
    rental = thing_service;
    rental.after_item = append_again;
    return open_fixture(state, &rental, false);
}

static const char *ask(struct fixture *f, struct kit_actor actor, const char *method)
{
    f->world->actor = actor;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", method, "k1",
                                                    "{\"id\":5}");
    assert_non_null(reply);
    return reply->status;
}

static void test_request_in_an_open_system_needs_no_role(void **state)
{
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    assert_int_equal(things(f), 1);
}

static void test_request_in_a_closed_system_without_a_role_is_forbidden(void **state)
{
    struct fixture *f = *state;
    const char *const bridges[] = { "bridge", "bridge-2" };
    for (size_t i = 0; i < KIT_COUNT(bridges); i++) {
        const struct fake_message *reply = fake_request(&f->thing, bridges[i], "add", "k1",
                                                        "{\"id\":5}");
        assert_non_null(reply);
        assert_string_equal(reply->status, "forbidden");
        assert_int_equal(things(f), 0);
    }
}

static void test_request_of_another_service_in_a_closed_system_needs_no_role(void **state)
{
    struct fixture *f = *state;
    const char *const callers[] = { "friend", "bridges" };
    for (size_t i = 0; i < KIT_COUNT(callers); i++) {
        const struct fake_message *reply = fake_request(&f->thing, callers[i], "add", "k1",
                                                        i == 0 ? "{\"id\":5}" : "{\"id\":6}");
        assert_non_null(reply);
        assert_string_equal(reply->status, "ok");
    }
    assert_int_equal(things(f), 2);
}

static void test_call_goes_on_in_the_name_of_who_asked(void **state)
{
    struct fixture *f = *state;
    f->world->actor = (struct kit_actor){ 17, 3, KIT_ROLE_SUPERVISOR };
    (void)fake_request(&f->thing, "friend", "add", "k1", "{\"id\":99}");
    const struct fake_message *call = fake_last(f->world, "lockstock/v1/rpc/friend/help/thing");
    assert_non_null(call);
    assert_int_equal(call->actor.person, 17);
    assert_int_equal(call->actor.account, 3);
    assert_int_equal(call->actor.role, KIT_ROLE_SUPERVISOR);
}

static void test_request_of_a_role_is_what_its_row_says(void **state)
{
    struct fixture *f = *state;
    const struct kit_actor ana = { 0, 0, KIT_ROLE_ANONYMOUS };
    assert_string_equal(ask(f, CARLA, "get"), "ok");
    assert_true(seen.is_own);
    assert_int_equal(seen.actor.person, 17);
    assert_int_equal(seen.actor.account, 3);
    assert_string_equal(ask(f, OLGA, "get"), "ok");
    assert_false(seen.is_own);
    assert_string_equal(ask(f, ana, "get"), "forbidden");
    assert_string_equal(ask(f, OLGA, "add"), "forbidden"); /* it has no row */
    assert_string_equal(ask(f, OLGA, "replay"), "forbidden");
    assert_int_equal(things(f), 0);
}

static void test_request_that_is_not_for_people_needs_no_role(void **state)
{
    struct fixture *f = *state;
    f->world->actor = (struct kit_actor){ 0 };
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "replay", "",
                                                    "{\"after\":0,\"limit\":1}");
    assert_string_equal(reply->status, "ok");
    assert_string_equal(ask(f, (struct kit_actor){ 0 }, "get"), "forbidden");
}

static void test_keys_of_two_accounts_are_two_keys(void **state)
{
    struct fixture *f = *state;
    f->world->actor = CARLA;
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":5}")->status, "ok");
    f->world->actor.account = 4;
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":6}")->status, "ok");
    assert_int_equal(things(f), 2);
    f->world->actor.account = 3;
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":5}")->status, "ok");
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":6}")->status,
                        "key_reused");
    assert_int_equal(things(f), 2);
}

static void test_key_under_way_of_another_account_is_another_request(void **state)
{
    struct fixture *f = *state;
    f->world->actor = CARLA;
    assert_null(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":97}"));
    f->world->actor.account = 4;
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":6}")->status, "ok");
    f->world->actor.account = 3;
    assert_string_equal(fake_request(&f->thing, "friend", "add", "k1", "{\"id\":97}")->status,
                        "conflict");
}

#define NEWEST(is) "SELECT " is " FROM event_log ORDER BY seq DESC LIMIT 1"
#define ROWS(of) "SELECT count(*) FROM event_log WHERE " of

static void test_event_has_who_caused_it(void **state)
{
    struct fixture *f = *state;
    f->world->actor = CARLA;
    (void)fake_request(&f->thing, "friend", "add", "k1", "{\"id\":5}");
    assert_int_equal(fake_sql_int(&f->thing, ROWS("actor = 17 AND account = 3")), 1);
    const struct fake_message *told = fake_last(f->world, "lockstock/v1/stream/thing");
    assert_non_null(told);
    assert_non_null(strstr(told->payload, "\"sequence\":\"1\",\"actor\":17,\"account\":3,"));
    f->world->actor = (struct kit_actor){ 0 };
    (void)fake_request(&f->thing, "friend", "add", "k2", "{\"id\":6}");
    assert_int_equal(fake_sql_int(&f->thing, ROWS("actor IS NULL AND account IS NULL")), 1);
    told = fake_last(f->world, "lockstock/v1/stream/thing");
    assert_null(strstr(told->payload, "\"actor\""));
}

static void test_event_that_follows_from_another_has_who_caused_that(void **state)
{
    struct fixture *f = *state;
    f->world->actor = CARLA;
    send_product(f, 1, "fine");
    assert_int_equal(fake_sql_int(&f->thing, ROWS("actor = 17 AND account = 3")), 1);
    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":5}");
    assert_int_equal(fake_sql_int(&f->thing, NEWEST("actor IS NULL")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_request_in_an_open_system_needs_no_role, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_request_in_a_closed_system_without_a_role_is_forbidden,
                                        set_up_closed, tear_down),
        cmocka_unit_test_setup_teardown(
            test_request_of_another_service_in_a_closed_system_needs_no_role, set_up_closed,
            tear_down),
        cmocka_unit_test_setup_teardown(test_call_goes_on_in_the_name_of_who_asked, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_request_of_a_role_is_what_its_row_says, set_up_rental,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_request_that_is_not_for_people_needs_no_role,
                                        set_up_rental, tear_down),
        cmocka_unit_test_setup_teardown(test_keys_of_two_accounts_are_two_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_key_under_way_of_another_account_is_another_request,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_has_who_caused_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_event_that_follows_from_another_has_who_caused_that,
                                        set_up_appending, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
