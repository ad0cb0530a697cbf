/* Accounts and people: schemas/rules/account.md 1 and 2. */
#include "desk.h"

static void test_account_is_made_shown_and_changed(void **state)
{
    struct desk *desk = *state;
    const int64_t id = desk_account(desk);
    char json[120];

    assert_int_equal(told(desk, "AccountSaved"), 1);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    assert_true(says(desk_do(desk, "account-get", json), "Kim & Sons"));
    assert_true(says(desk_do(desk, "account-list", "{\"page\":0,\"size\":9}"), "\"total\":1"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"name\":\"Kims\",\"state\":\"disabled\"}",
             id);
    assert_true(says(desk_do(desk, "account-update", json), "Kims"));
    assert_int_equal(told(desk, "AccountSaved"), 2);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"erased\"}", id);
    assert_true(says(desk_ask(desk, "account-update", json), "/state"));
    assert_true(says(desk_ask(desk, "account-get", "{\"id\":999}"), "not-found"));
}

static void test_numbers_do_not_fall_behind_the_clock(void **state)
{
    struct desk *desk = *state;
    const int64_t first = desk_account(desk), second = desk_account(desk);

    assert_int_equal(second, first + 1);
    fake_world_advance(desk->world, 100000);
    assert_int_equal(desk_account(desk), first + 100);
}

static void test_invited_person_is_told_as_a_number(void **state)
{
    struct desk *desk = *state;
    char row[2000];
    const int64_t account = desk_account(desk);
    const int64_t id = desk_invite(desk, "Mina@Example.org", "customer", account);

    assert_int_equal(fake_sql_int(&desk->account, "SELECT state FROM person"),
                     ACCESS_STATE_INVITED);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT login = 'mina@example.org' FROM person"),
                     1);
    assert_true(fake_log_row(&desk->account, 2, row, sizeof(row)));
    assert_true(says(row, "\"type\":\"PersonSaved\""));
    assert_int_equal(number_of(strstr(row, "\"data\""), "id"), id);
    assert_int_equal(number_of(row, "account"), account);
    assert_null(strstr(row, "ina"));
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM rpc_response WHERE response"
                                                  " LIKE '%mina%' OR key = 'k2'"),
                     0);
}

static void test_same_invitation_twice_is_one_person(void **state)
{
    struct desk *desk = *state;
    const int64_t id = desk_invite(desk, "ada", "operator", 0);

    assert_int_equal(desk_invite(desk, "ADA", "operator", 0), id);
    assert_true(says(desk_ask(desk, "person-create",
                              "{\"login\":\"ada\",\"name\":\"A\",\"role\":\"picker\","
                              "\"linkHash\":\"" LINK_2 "\"}"),
                     "login-taken"));
    assert_int_equal(told(desk, "PersonSaved"), 1);
}

static void test_role_and_account_go_together(void **state)
{
    struct desk *desk = *state;
    const int64_t account = desk_account(desk);
    char json[300];

    assert_true(says(desk_ask(desk, "person-create",
                              "{\"login\":\"a\",\"name\":\"A\",\"role\":\"customer\","
                              "\"linkHash\":\"" LINK_1 "\"}"),
                     "belongs to an account"));
    assert_true(says(desk_ask(desk, "person-create",
                              "{\"login\":\"a\",\"name\":\"A\",\"role\":\"customer\","
                              "\"account\":999,\"linkHash\":\"" LINK_1 "\"}"),
                     "/account"));
    assert_true(says(desk_ask(desk, "person-create",
                              "{\"login\":\"a\",\"name\":\"A\",\"role\":\"service\","
                              "\"linkHash\":\"" LINK_1 "\"}"),
                     "/role"));
    snprintf(json, sizeof(json),
             "{\"login\":\"a\",\"name\":\"A\",\"role\":\"picker\",\"account\":%" PRId64
             ",\"linkHash\":\"" LINK_1 "\"}",
             account);
    assert_true(says(desk_ask(desk, "person-create", json), "Staff belong to no account"));
    assert_int_equal(told(desk, "PersonSaved"), 0);
}

static void test_disabled_person_is_out_at_once(void **state)
{
    struct desk *desk = *state;
    const int64_t id = desk_person(desk, "ada", "picker", 0);
    char json[120];

    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "\"until\""));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"disabled\"}", id);
    assert_true(says(desk_do(desk, "person-update", json), "disabled"));
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM session WHERE state = 1"),
                     0);
    assert_int_equal(told(desk, "SessionSaved"), 2);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_2), "unauthenticated"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"active\"}", id);
    (void)desk_do(desk, "person-update", json);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_2), "\"until\""));
}

static void test_last_operator_can_let_others_in(void **state)
{
    struct desk *desk = *state;
    const int64_t id = desk_person(desk, "ada", "operator", 0);
    char json[120];

    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"role\":\"auditor\"}", id);
    assert_true(says(desk_ask(desk, "person-update", json), "last-operator"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    assert_true(says(desk_ask(desk, "person-erase", json), "last-operator"));
    (void)desk_person(desk, "bob", "operator", 0);
    (void)desk_do(desk, "person-erase", json);
}

static void test_nothing_says_who_an_erased_person_was(void **state)
{
    struct desk *desk = *state;
    const int64_t account = desk_account(desk);
    const int64_t id = desk_person(desk, "mina@example.org", "customer", account);
    char json[300];

    (void)desk_sign_in(desk, "mina@example.org", PASSWORD, TOKEN_1);
    snprintf(json, sizeof(json),
             "{\"person\":%" PRId64
             ",\"name\":\"mina's shop\",\"scopes\":\"read\",\"until\":\"" DAY_AHEAD
             "\",\"tokenHash\":\"" TOKEN_2 "\"}",
             id);
    (void)desk_do(desk, "token-create", json);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    const char *answer = desk_do(desk, "person-erase", json);
    assert_true(says(answer, "\"state\":\"erased\""));
    assert_null(strstr(answer, "login"));
    assert_true(says(desk_do(desk, "person-erase", json), "erased")); /* twice is once */
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM person WHERE login IS NOT"
                                                  " NULL OR name IS NOT NULL OR password IS NOT"
                                                  " NULL OR link_hash IS NOT NULL"),
                     0);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM session WHERE name IS NOT"
                                                  " NULL OR state = 1"),
                     0);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM event_log WHERE envelope"
                                                  " LIKE '%mina%'"),
                     0);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM rpc_response WHERE response"
                                                  " LIKE '%mina%'"),
                     0);
    assert_true(says(desk_sign_in(desk, "mina@example.org", PASSWORD, LINK_2), "unauthenticated"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"active\"}", id);
    assert_true(says(desk_ask(desk, "person-update", json), "was erased"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"linkHash\":\"" LINK_2 "\"}", id);
    assert_true(says(desk_ask(desk, "password-reset", json), "was erased"));
}

static void test_people_are_listed(void **state)
{
    struct desk *desk = *state;
    char json[60];
    const int64_t id = desk_person(desk, "ada", "operator", 0);

    (void)desk_person(desk, "bob", "picker", 0);
    const char *answer = desk_do(desk, "person-list", "{\"page\":0,\"size\":1}");
    assert_true(says(answer, "\"total\":2"));
    assert_true(says(answer, "\"login\":\"ada\""));
    assert_null(strstr(answer, "bob"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    assert_true(says(desk_do(desk, "person-get", json), "Name of ada"));
    assert_true(says(desk_ask(desk, "person-get", "{\"id\":99999}"), "not-found"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_account_is_made_shown_and_changed),
        DESK_TEST(test_numbers_do_not_fall_behind_the_clock),
        DESK_TEST(test_invited_person_is_told_as_a_number),
        DESK_TEST(test_same_invitation_twice_is_one_person),
        DESK_TEST(test_role_and_account_go_together),
        DESK_TEST(test_disabled_person_is_out_at_once),
        DESK_TEST(test_last_operator_can_let_others_in),
        DESK_TEST(test_nothing_says_who_an_erased_person_was),
        DESK_TEST(test_people_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
