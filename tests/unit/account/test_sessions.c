/* Sessions and tokens: schemas/rules/account.md 5. */
#include "desk.h"

static void test_sessions_end_one_by_one_and_together(void **state)
{
    struct desk *desk = *state;
    char json[100];
    const int64_t id = desk_person(desk, "ada", "operator", 0);
    const int64_t first = number_of(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "id");

    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_2);
    assert_true(says(desk_do(desk, "session-list", "{\"page\":0,\"size\":9}"), "\"total\":2"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", first);
    assert_true(says(desk_do(desk, "session-end", json), "\"ended\":1"));
    assert_true(says(desk_do(desk, "session-end", json), "\"ended\":0"));
    assert_true(says(desk_do(desk, "session-list", "{\"page\":0,\"size\":9}"), "\"total\":1"));
    (void)desk_sign_in(desk, "ada", PASSWORD, LINK_2);
    snprintf(json, sizeof(json), "{\"person\":%" PRId64 "}", id);
    assert_true(says(desk_do(desk, "session-end", json), "\"ended\":2"));
    assert_true(says(desk_ask(desk, "session-end", "{\"id\":999}"), "not-found"));
    assert_true(says(desk_ask(desk, "session-end", "{}"), "/person"));
    assert_int_equal(told(desk, "SessionSaved"), 6);
}

static void test_token_that_has_ended_opens_nothing(void **state)
{
    struct desk *desk = *state;
    char json[100];

    (void)desk_person(desk, "ada", "operator", 0);
    const int64_t id = number_of(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "id");
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    (void)desk_do(desk, "session-end", json);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "unauthenticated"));
}

static void test_oldest_of_too_many_sessions_ends(void **state)
{
    struct desk *desk = *state;
    const int64_t id = desk_person(desk, "ada", "operator", 0);
    char sql[300];

    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO session SELECT i, %" PRId64 ", 1, printf('%%064d', i), NULL, NULL, 1,"
             " 253402300799999, 0 FROM n RETURNING 1",
             ACCOUNT_SESSIONS_MAX, id);
    (void)fake_sql_int(&desk->account, sql);
    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_1);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM session WHERE state = 1"),
                     ACCOUNT_SESSIONS_MAX);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT state FROM session WHERE id = 1"),
                     SESSION_STATE_ENDED);
}

static void token_json(char json[400], int64_t person, const char *hash, const char *until)
{
    snprintf(json, 400,
             "{\"person\":%" PRId64 ",\"name\":\"Web shop\",\"scopes\":\"read order\","
             "\"until\":\"%s\",\"tokenHash\":\"%s\"}",
             person, until, hash);
}

static void test_tokens_are_made_listed_and_ended(void **state)
{
    struct desk *desk = *state;
    char json[400];
    const int64_t person = desk_person(desk, "mina", "customer", desk_account(desk));

    token_json(json, person, TOKEN_1, DAY_AHEAD);
    const int64_t id = number_of(desk_do(desk, "token-create", json), "id");
    assert_int_equal(number_of(desk_do(desk, "token-create", json), "id"), id); /* twice is once */
    assert_true(says(desk_do(desk, "token-list", "{\"page\":0,\"size\":9}"), "Web shop"));
    assert_true(says(desk_do(desk, "session-list", "{\"page\":0,\"size\":9}"), "\"total\":0"));
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 "}", id);
    assert_true(says(desk_ask(desk, "session-end", json), "not-found")); /* it is no session */
    assert_true(says(desk_do(desk, "token-end", json), "\"ended\":1"));
    assert_true(says(desk_do(desk, "token-end", json), "\"ended\":0"));
    token_json(json, person, TOKEN_1, DAY_AHEAD);
    assert_true(says(desk_ask(desk, "token-create", json), "token-known"));
    assert_int_equal(told(desk, "SessionSaved"), 2);
}

static void test_token_is_refused_with_a_reason(void **state)
{
    struct desk *desk = *state;
    char json[400];
    const int64_t staff = desk_person(desk, "ada", "operator", 0);
    const int64_t person = desk_person(desk, "mina", "customer", desk_account(desk));

    token_json(json, staff, TOKEN_1, DAY_AHEAD);
    assert_true(says(desk_ask(desk, "token-create", json), "active customer"));
    token_json(json, person, TOKEN_1, "2025-12-31T00:00:00.000Z");
    assert_true(says(desk_ask(desk, "token-create", json), "/until"));
    token_json(json, person, TOKEN_1, "2027-12-31T00:00:00.000Z");
    assert_true(says(desk_ask(desk, "token-create", json), "/until"));
    snprintf(json, sizeof(json),
             "{\"person\":%" PRId64 ",\"name\":\"x\",\"scopes\":\"write\",\"until\":\"" DAY_AHEAD
             "\",\"tokenHash\":\"" TOKEN_1 "\"}",
             person);
    assert_true(says(desk_ask(desk, "token-create", json), "/scopes"));
    assert_true(says(desk_ask(desk, "token-end", "{\"id\":999}"), "not-found"));
}

static void test_sessions_that_are_over_go(void **state)
{
    struct desk *desk = *state;

    (void)desk_person(desk, "ada", "operator", 0);
    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_1);
    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_2);
    for (int day = 0; day < 32; day++) {
        fake_world_advance(desk->world, 86400000);
        fake_settle(&desk->account);
    }
    /* The last one stays: its number is given to nobody else. */
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM session"), 1);
}

static void test_nobody_is_told_so(void **state)
{
    struct desk *desk = *state;

    assert_true(says(desk_ask(desk, "me", "{}"), "unauthenticated"));
    assert_true(says(desk_ask(desk, "password-change",
                              "{\"password\":\"" PASSWORD "\",\"newPassword\":\"" PASSWORD "\"}"),
                     "unauthenticated"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_sessions_end_one_by_one_and_together),
        DESK_TEST(test_token_that_has_ended_opens_nothing),
        DESK_TEST(test_oldest_of_too_many_sessions_ends),
        DESK_TEST(test_tokens_are_made_listed_and_ended),
        DESK_TEST(test_token_is_refused_with_a_reason),
        DESK_TEST(test_sessions_that_are_over_go),
        DESK_TEST(test_nobody_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
