/* Who sees what: schemas/rules/account.md 1.6 and 5. Two accounts, and staff. */
#include "desk.h"

static struct desk *desk; /* one process a file, so that statics serve */
static int64_t kims, parks, mina, jin, ada, pia;

static int setup(void **state)
{
    if (desk_setup(state) != 0)
        return 1;
    desk = *state;
    kims = desk_account(desk);
    parks = desk_account(desk);
    mina = desk_person(desk, "mina", "customer", kims);
    jin = desk_person(desk, "jin", "customer", parks);
    ada = desk_person(desk, "ada", "operator", 0);
    pia = desk_person(desk, "pia", "picker", 0);
    return 0;
}

static void be(int64_t person, int64_t account, enum kit_role role)
{
    desk->world->actor = (struct kit_actor){ person, account, role };
}

static const char *about(const char *method, const char *member, int64_t id)
{
    char json[80];
    snprintf(json, sizeof(json), "{\"%s\":%" PRId64 "}", member, id);
    return desk_ask(desk, method, json);
}

static const char *list(const char *method)
{
    return desk_ask(desk, method, "{\"page\":0,\"size\":9}");
}

static const char *make_token(const char *hash, int64_t person)
{
    char json[300], member[40] = "";
    if (person != 0)
        snprintf(member, sizeof(member), "\"person\":%" PRId64 ",", person);
    snprintf(json, sizeof(json),
             "{%s\"name\":\"Shop\",\"until\":\"" DAY_AHEAD "\",\"tokenHash\":\"%s\"}", member,
             hash);
    return desk_ask(desk, "token-create", json);
}

static void test_customer_sees_their_own_account(void **state)
{
    (void)state;
    be(mina, kims, KIT_ROLE_CUSTOMER);
    assert_int_equal(number_of(about("account-get", "id", kims), "id"), kims);
    assert_true(says(about("account-get", "id", parks), "not-found"));
    assert_true(says(list("account-list"), "\"total\":1"));
    assert_int_equal(number_of(about("person-get", "id", mina), "id"), mina);
    assert_true(says(about("person-get", "id", jin), "not-found"));
    assert_true(says(about("person-get", "id", ada), "not-found"));
    assert_true(says(list("person-list"), "\"total\":1"));
}

static void test_foreign_is_told_as_what_never_was(void **state)
{
    char foreign[400], never[400], wanted[60];

    (void)state;
    be(mina, kims, KIT_ROLE_CUSTOMER);
    kit_text_copy(foreign, sizeof(foreign), about("person-get", "id", jin));
    be(ada, 0, KIT_ROLE_OPERATOR);
    kit_text_copy(never, sizeof(never), desk_ask(desk, "person-get", "{\"id\":999999}"));
    snprintf(wanted, sizeof(wanted), "There is no person %" PRId64 ".", jin);
    assert_true(says(foreign, wanted));
    assert_true(says(never, "There is no person 999999."));
}

static void test_staff_and_nobody_see_no_account(void **state)
{
    (void)state;
    be(0, 0, KIT_ROLE_CUSTOMER);
    assert_true(says(list("account-list"), "\"total\":0"));
    assert_true(says(list("person-list"), "\"total\":0"));
    be(ada, 0, KIT_ROLE_OPERATOR);
    assert_true(says(list("account-list"), "\"total\":2"));
    assert_true(says(list("person-list"), "\"total\":4"));
    (void)pia;
}

static void test_sessions_of_others_are_not_there(void **state)
{
    (void)state;
    const int64_t session = number_of(desk_sign_in(desk, "jin", PASSWORD, TOKEN_1), "id");

    be(mina, kims, KIT_ROLE_CUSTOMER);
    assert_true(says(list("session-list"), "\"total\":0"));
    assert_true(says(about("session-end", "id", session), "not-found"));
    assert_true(says(about("session-end", "person", jin), "not-found"));
    be(pia, 0, KIT_ROLE_PICKER);
    assert_true(says(about("session-end", "id", session), "not-found"));
    be(jin, parks, KIT_ROLE_CUSTOMER);
    assert_true(says(list("session-list"), "\"total\":1"));
    assert_true(says(about("session-end", "id", session), "\"ended\":1"));
    (void)desk_sign_in(desk, "jin", PASSWORD, TOKEN_2);
    be(ada, 0, KIT_ROLE_OPERATOR);
    assert_true(says(about("session-end", "person", jin), "\"ended\":1"));
}

static void test_tokens_are_of_the_account(void **state)
{
    (void)state;
    be(mina, kims, KIT_ROLE_CUSTOMER);
    const char *answer = make_token(TOKEN_1, jin); /* a wish that is none of hers */
    assert_int_equal(number_of(answer, "person"), mina);
    const int64_t token = number_of(answer, "id");
    be(jin, parks, KIT_ROLE_CUSTOMER);
    assert_true(says(make_token(TOKEN_1, 0), "token-known"));
    assert_true(says(list("token-list"), "\"total\":0"));
    assert_true(says(about("token-end", "id", token), "not-found"));
    be(mina, kims, KIT_ROLE_CUSTOMER);
    assert_true(says(list("token-list"), "\"total\":1"));
    assert_true(says(about("token-end", "id", token), "\"ended\":1"));
    be(ada, 0, KIT_ROLE_OPERATOR);
    assert_int_equal(number_of(make_token(TOKEN_2, jin), "person"), jin);
    be(pia, 0, KIT_ROLE_PICKER);
    assert_true(says(list("token-list"), "forbidden"));
}

static void test_person_is_told_who_they_are(void **state)
{
    char json[60];

    (void)state;
    const int64_t session = number_of(desk_sign_in(desk, "mina", PASSWORD, TOKEN_1), "id");
    be(mina, kims, KIT_ROLE_CUSTOMER);
    snprintf(json, sizeof(json), "{\"session\":%" PRId64 "}", session);
    const char *answer = desk_ask(desk, "me", json);
    assert_true(says(answer, "\"login\":\"mina\""));
    assert_true(says(answer, "\"until\""));
    assert_int_equal(number_of(answer, "account"), kims);
    be(jin, parks, KIT_ROLE_CUSTOMER);
    assert_null(strstr(desk_ask(desk, "me", json), "until")); /* the session of somebody else */
    assert_true(says(desk_ask(desk, "me", "{}"), "\"login\":\"jin\""));
}

static void test_password_is_changed_with_the_one_of_before(void **state)
{
    char json[300];

    (void)state;
    const int64_t stays = number_of(desk_sign_in(desk, "mina", PASSWORD, TOKEN_1), "id");
    (void)desk_sign_in(desk, "mina", PASSWORD, TOKEN_2);
    be(mina, kims, KIT_ROLE_CUSTOMER);
    assert_true(says(desk_ask(desk, "password-change",
                              "{\"password\":\"not it at all\",\"newPassword\":\"another one!\"}"),
                     "unauthenticated"));
    assert_true(says(desk_ask(desk, "password-change",
                              "{\"password\":\"" PASSWORD "\",\"newPassword\":\"short\"}"),
                     "/password"));
    snprintf(json, sizeof(json),
             "{\"password\":\"" PASSWORD "\",\"newPassword\":\"another one!\",\"session\":%" PRId64
             "}",
             stays);
    assert_true(says(desk_ask(desk, "password-change", json), "active"));
    assert_true(says(list("session-list"), "\"total\":1"));
    assert_true(says(desk_sign_in(desk, "mina", PASSWORD, LINK_1), "unauthenticated"));
    assert_true(says(desk_sign_in(desk, "mina", "another one!", LINK_2), "until"));
}

#define OWN_TEST(function) cmocka_unit_test_setup_teardown(function, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OWN_TEST(test_customer_sees_their_own_account),
        OWN_TEST(test_foreign_is_told_as_what_never_was),
        OWN_TEST(test_staff_and_nobody_see_no_account),
        OWN_TEST(test_sessions_of_others_are_not_there),
        OWN_TEST(test_tokens_are_of_the_account),
        OWN_TEST(test_person_is_told_who_they_are),
        OWN_TEST(test_password_is_changed_with_the_one_of_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
