/* Who may ask: the bridge speaks for people, in an open system and in a closed one. */
#include "thing_fixture.h"

static int set_up_closed(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(7);
    f->world->is_closed = true;
    f->thing = fake_service_open(f->world, &thing_service, NULL, 0);
    *state = f;
    return 0;
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
