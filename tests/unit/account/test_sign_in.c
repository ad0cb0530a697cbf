/* Passwords and signing in: schemas/rules/account.md 3 and 4. */
#include "desk.h"
#include "kit/base/password.h"

static const struct fake_message *last_reply(const struct desk *desk)
{
    return fake_last(desk->world, "lockstock/v1/reply/bridge/account");
}

static void test_password_is_stored_as_argon2id(void **state)
{
    struct desk *desk = *state;

    (void)desk_person(desk, "ada", "operator", 0);
    assert_int_equal(fake_sql_int(&desk->account, "SELECT password LIKE '$argon2id$v=19$m=19456,"
                                                  "t=2,p=1$%' AND state = 1 FROM person"),
                     1);
    assert_true(kit_password_fits(PASSWORD,
                                  "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
                                  "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") == false);
}

static void test_link_serves_once_and_for_three_days(void **state)
{
    struct desk *desk = *state;
    static const char SET[] = "{\"linkHash\":\"" LINK_1 "\",\"password\":\"" PASSWORD "\"}";

    (void)desk_invite(desk, "ada", "operator", 0);
    assert_true(says(desk_ask(desk, "password-set",
                              "{\"linkHash\":\"" LINK_2 "\",\"password\":\"" PASSWORD "\"}"),
                     "link-unknown"));
    assert_true(
        says(desk_ask(desk, "password-set", "{\"linkHash\":\"" LINK_1 "\",\"password\":\"short\"}"),
             "/password"));
    (void)desk_do(desk, "password-set", SET);
    assert_true(says(desk_ask(desk, "password-set", SET), "link-unknown"));
    (void)desk_invite(desk, "bob", "operator", 0);
    fake_world_advance(desk->world, LINK_MS);
    assert_true(says(desk_ask(desk, "password-set", SET), "link-unknown"));
}

static void test_whoever_knows_the_password_comes_in(void **state)
{
    struct desk *desk = *state;
    const int64_t account = desk_account(desk);
    const int64_t id = desk_person(desk, "mina@example.org", "customer", account);
    const char *answer = desk_sign_in(desk, "MINA@example.org", PASSWORD, TOKEN_1);

    assert_int_equal(number_of(answer, "person"), id);
    assert_int_equal(number_of(answer, "account"), account);
    assert_true(says(answer, "\"role\":\"customer\""));
    assert_true(says(answer, "\"until\":\"2026-01-01T08:00:00.000Z\""));
    const int64_t session = number_of(answer, "id");
    answer = desk_sign_in(desk, "mina@example.org", PASSWORD, TOKEN_1); /* the same, twice */
    assert_int_equal(number_of(answer, "id"), session);
    assert_int_equal(told(desk, "SessionSaved"), 1);
}

static void test_whatever_is_wrong_the_words_are_the_same(void **state)
{
    struct desk *desk = *state;
    const int64_t account = desk_account(desk);
    char json[100], words[400];

    (void)desk_person(desk, "ada", "operator", 0);
    (void)desk_person(desk, "mina", "customer", account);
    (void)desk_person(desk, "bob", "operator", 0);
    (void)desk_invite(desk, "ben", "operator", 0);
    kit_text_copy(words, sizeof(words), desk_sign_in(desk, "ada", "wrong password", TOKEN_1));
    assert_true(says(words, "\"type\":\"unauthenticated\""));
    assert_string_equal(last_reply(desk)->status, "unauthenticated");
    assert_string_equal(desk_sign_in(desk, "nobody", PASSWORD, TOKEN_1), words);
    assert_string_equal(desk_sign_in(desk, "ben", PASSWORD, TOKEN_1), words);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"state\":\"disabled\"}", account);
    (void)desk_do(desk, "account-update", json);
    assert_string_equal(desk_sign_in(desk, "mina", PASSWORD, TOKEN_1), words);
    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_1);
    assert_string_equal(desk_sign_in(desk, "bob", PASSWORD, TOKEN_1), words); /* ada's token */
    assert_int_equal(told(desk, "SessionSaved"), 1);
}

static void test_guessing_makes_everybody_of_that_name_wait(void **state)
{
    static const char *const logins[] = { "ada", "nobody" };
    struct desk *desk = *state;
    char words[2][400];

    (void)desk_person(desk, "ada", "operator", 0);
    for (size_t i = 0; i < KIT_COUNT(logins); i++) {
        for (int n = 0; n <= ACCOUNT_LOGIN_TRIES; n++)
            assert_true(
                says(desk_sign_in(desk, logins[i], "wrong password", TOKEN_1), "unauthenticated"));
        kit_text_copy(words[i], sizeof(words[i]), desk_sign_in(desk, logins[i], PASSWORD, TOKEN_1));
        assert_true(says(words[i], "too-many-attempts"));
        assert_true(says(words[i], "\"retryAfterMs\":1000"));
    }
    assert_string_equal(words[0], words[1]);
    fake_world_advance(desk->world, 1000);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "\"until\""));
    assert_true(says(desk_sign_in(desk, "ada", "wrong password", TOKEN_1), "unauthenticated"));
}

static void test_address_that_guesses_many_names_waits(void **state)
{
    struct desk *desk = *state;
    char login[20];

    (void)desk_person(desk, "ada", "operator", 0);
    for (int n = 0; n <= ACCOUNT_ADDRESS_TRIES; n++) {
        snprintf(login, sizeof(login), "guess%d", n);
        assert_true(says(desk_sign_in(desk, login, PASSWORD, TOKEN_1), "unauthenticated"));
    }
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "too-many-attempts"));
    fake_world_advance(desk->world, 1000);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "\"until\""));
}

static void test_reset_ends_what_was_before(void **state)
{
    struct desk *desk = *state;
    char json[200];
    const int64_t id = desk_person(desk, "ada", "operator", 0);

    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_1);
    snprintf(json, sizeof(json), "{\"id\":%" PRId64 ",\"linkHash\":\"" LINK_2 "\"}", id);
    (void)desk_do(desk, "password-reset", json);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_1), "\"until\"")); /* not used yet */
    (void)desk_do(desk, "password-set",
                  "{\"linkHash\":\"" LINK_2 "\",\"password\":\"another sentence\"}");
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM session WHERE state = 1"),
                     0);
    assert_true(says(desk_sign_in(desk, "ada", PASSWORD, TOKEN_2), "unauthenticated"));
    assert_true(says(desk_sign_in(desk, "ada", "another sentence", TOKEN_2), "\"until\""));
}

/* Planted words are nowhere but where they must be. */
static void test_secrets_are_nowhere(void **state)
{
    static const char *const TABLES[] = { "event_log", "rpc_response", "person", "session" };
    struct desk *desk = *state;
    char sql[300];

    (void)desk_person(desk, "ada", "operator", 0);
    (void)desk_sign_in(desk, "ada", PASSWORD, TOKEN_1);
    (void)desk_sign_in(desk, "ada", "marker-of-a-wrong-password", TOKEN_2);
    for (size_t i = 0; i < desk->world->message_count; i++) {
        assert_null(strstr(desk->world->messages[i].payload, "horse"));
        assert_null(strstr(desk->world->messages[i].payload, "marker"));
    }
    for (size_t i = 0; i < KIT_COUNT(TABLES); i++) {
        const char *column = i == 0   ? "envelope"
                             : i == 1 ? "response"
                             : i == 2 ? "password"
                                      : "hash";
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM %s WHERE %s LIKE '%%horse%%' OR %s LIKE '%%marker%%'",
                 TABLES[i], column, column);
        assert_int_equal(fake_sql_int(&desk->account, sql), 0);
    }
    assert_int_equal(fake_sql_int(&desk->account, "SELECT count(*) FROM rpc_response"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(test_password_is_stored_as_argon2id),
        DESK_TEST(test_link_serves_once_and_for_three_days),
        DESK_TEST(test_whoever_knows_the_password_comes_in),
        DESK_TEST(test_whatever_is_wrong_the_words_are_the_same),
        DESK_TEST(test_guessing_makes_everybody_of_that_name_wait),
        DESK_TEST(test_address_that_guesses_many_names_waits),
        DESK_TEST(test_reset_ends_what_was_before),
        DESK_TEST(test_secrets_are_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
