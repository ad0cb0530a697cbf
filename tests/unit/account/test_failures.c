/* The database fails, in each statement of each thing that account does: what was begun is undone
 * as a whole, and after a restart the same is done as if for the first time. */
#include "desk.h"

static struct desk *desk; /* one process a file, so that statics serve */

static struct {
    const char *method, *body;
} request;

static void send_request(void *context)
{
    (void)context;
    (void)fake_request(&desk->account, "bridge", request.method, request.method, request.body);
}

static const char *asked(const char *method, const char *body)
{
    request.method = method;
    request.body = body;
    assert_true(fake_tried(&desk->account, send_request, NULL) > 0);
    return fake_last(desk->world, "lockstock/v1/reply/bridge/account")->payload;
}

static int64_t count_of(const char *table)
{
    char sql[80];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    return fake_sql_int(&desk->account, sql);
}

static void test_person_is_made_and_comes_in_once(void **state)
{
    char json[100];

    desk = *state;
    assert_true(says(asked("account-create", "{\"name\":\"Kim\"}"), "Kim"));
    assert_int_equal(count_of("account"), 1);
    const int64_t id = number_of(asked("person-create",
                                       "{\"login\":\"ada\",\"name\":\"A\",\"role\":"
                                       "\"operator\",\"linkHash\":\"" LINK_1 "\"}"),
                                 "id");
    assert_int_equal(count_of("person"), 1);
    /* A link serves once: told again after its answer was lost, it is gone, and all is done. */
    (void)asked("password-set", "{\"linkHash\":\"" LINK_1 "\",\"password\":\"" PASSWORD "\"}");
    assert_int_equal(fake_sql_int(&desk->account, "SELECT state FROM person"), ACCESS_STATE_ACTIVE);
    assert_true(says(asked("session-open", "{\"login\":\"ada\",\"password\":\"" PASSWORD
                                           "\",\"tokenHash\":\"" TOKEN_1 "\"}"),
                     "until"));
    assert_int_equal(count_of("session"), 1);
    assert_int_equal(told(desk, "SessionSaved"), 1);
    snprintf(json, sizeof(json), "{\"person\":%" PRId64 "}", id);
    assert_true(says(asked("session-end", json), "\"ended\":1"));
    assert_int_equal(told(desk, "SessionSaved"), 2);
}

static void test_what_is_read_fails_as_a_whole(void **state)
{
    desk = *state;
    (void)desk_person(desk, "ada", "operator", 0);
    assert_true(says(asked("person-list", "{\"page\":0,\"size\":9}"), "ada"));
    assert_true(says(asked("account-list", "{\"page\":0,\"size\":9}"), "\"total\":0"));
    assert_true(says(asked("session-list", "{\"page\":0,\"size\":9}"), "\"total\":0"));
}

static void test_person_is_changed_and_erased_once(void **state)
{
    char json[200];

    desk = *state;
    (void)desk_person(desk, "ada", "operator", 0);
    const int64_t id = desk_person(desk, "mina", "customer", desk_account(desk));
    (void)desk_sign_in(desk, "mina", PASSWORD, TOKEN_1);
    snprintf(json, sizeof(json),
             "{\"person\":%" PRId64 ",\"name\":\"x\",\"until\":\"" DAY_AHEAD
             "\",\"tokenHash\":\"" TOKEN_2 "\"}",
             id);
    const int64_t token = number_of(asked("token-create", json), "id");
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", token);
    assert_true(says(asked("token-end", json), "\"ended\":1"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"disabled\"}", id);
    assert_true(says(asked("person-update", json), "disabled"));
    assert_int_equal(told(desk, "SessionSaved"), 4);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"linkHash\":\"" LINK_2 "\"}", id);
    assert_true(says(asked("password-reset", json), "disabled"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    assert_true(says(asked("person-erase", json), "erased"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_person_is_made_and_comes_in_once),
        DESK_TEST(test_what_is_read_fails_as_a_whole),
        DESK_TEST(test_person_is_changed_and_erased_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
