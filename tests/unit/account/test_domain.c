/* Decisions about who may come in (schemas/rules/account.md), without any service around them. */
#include <string.h>

#include "account/domain/pauses.h"
#include "account/domain/person.h"
#include "fakes/cmocka_all.h"
#include "kit/base/check.h"

static struct account_person operator_of(enum access_state state)
{
    return (struct account_person){
        .id = 3,
        .login = "ada",
        .name = "Ada",
        .role = ROLE_OPERATOR,
        .state = state,
        .password = "$argon2id$",
        .link_hash = "aa",
        .link_until_ms = 9,
        .version = 4,
        .made_at_ms = 5,
    };
}

static void test_login_is_the_same_in_capitals(void **state)
{
    char login[] = "Mina.KIM@Example.org";
    (void)state;
    account_login_fold(login);
    assert_string_equal(login, "mina.kim@example.org");
}

static void test_customers_have_an_account_and_staff_have_none(void **state)
{
    (void)state;
    assert_int_equal(account_decide_role(ROLE_CUSTOMER, 7), ACCOUNT_ACCEPTED);
    assert_int_equal(account_decide_role(ROLE_CUSTOMER, 0), ACCOUNT_REFUSED_NO_ACCOUNT);
    for (int role = ROLE_PICKER; role <= ROLE_AUDITOR; role++) {
        assert_int_equal(account_decide_role((enum role)role, 0), ACCOUNT_ACCEPTED);
        assert_int_equal(account_decide_role((enum role)role, 7), ACCOUNT_REFUSED_STAFF_ACCOUNT);
    }
    assert_int_equal(account_decide_role(ROLE_ANONYMOUS, 0), ACCOUNT_REFUSED_ROLE);
    assert_int_equal(account_decide_role(ROLE_SERVICE, 7), ACCOUNT_REFUSED_ROLE);
}

static void test_wish_changes_what_it_names(void **state)
{
    const struct account_person person = operator_of(ACCESS_STATE_ACTIVE);
    const struct account_wish wish = { .has_role = true, .role = ROLE_PICKER };
    struct account_person after;

    (void)state;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_ACCEPTED);
    assert_int_equal(after.role, ROLE_PICKER);
    assert_int_equal(after.state, ACCESS_STATE_ACTIVE);
    assert_int_equal(after.version, 5);
    assert_string_equal(after.password, person.password);
}

static void test_customer_who_becomes_staff_leaves_the_account(void **state)
{
    struct account_person person = operator_of(ACCESS_STATE_ACTIVE), after;
    const struct account_wish wish = { .has_role = true, .role = ROLE_COUNTER };

    (void)state;
    person.role = ROLE_CUSTOMER;
    person.account = 7;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_ACCEPTED);
    assert_int_equal(after.account, 0);
}

static void test_last_operator_stays(void **state)
{
    static const struct account_wish wishes[] = {
        { .has_role = true, .role = ROLE_AUDITOR },
        { .has_state = true, .state = ACCESS_STATE_DISABLED },
    };
    const struct account_person person = operator_of(ACCESS_STATE_ACTIVE);
    const struct account_person disabled = operator_of(ACCESS_STATE_DISABLED);
    struct account_person after;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(wishes); i++) {
        assert_int_equal(account_decide_update(&person, &wishes[i], 0, &after),
                         ACCOUNT_REFUSED_LAST_OPERATOR);
        assert_int_equal(account_decide_update(&person, &wishes[i], 1, &after), ACCOUNT_ACCEPTED);
        assert_int_equal(account_decide_update(&disabled, &wishes[i], 0, &after), ACCOUNT_ACCEPTED);
    }
    assert_int_equal(account_decide_erase(&person, 0, &after), ACCOUNT_REFUSED_LAST_OPERATOR);
}

static void test_state_is_active_or_disabled_or_refused(void **state)
{
    struct account_person person = operator_of(ACCESS_STATE_DISABLED), after;
    struct account_wish wish = { .has_state = true, .state = ACCESS_STATE_ERASED };

    (void)state;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_REFUSED_STATE);
    wish.state = ACCESS_STATE_INVITED;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_REFUSED_STATE);
    wish.state = ACCESS_STATE_ACTIVE;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_ACCEPTED);
    assert_int_equal(after.state, ACCESS_STATE_ACTIVE);
    person.password[0] = '\0'; /* never had one: there is nothing to come in with */
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_ACCEPTED);
    assert_int_equal(after.state, ACCESS_STATE_INVITED);
    person.state = ACCESS_STATE_ERASED;
    assert_int_equal(account_decide_update(&person, &wish, 1, &after), ACCOUNT_REFUSED_ERASED);
}

static void test_erased_person_is_a_number(void **state)
{
    const struct account_person person = operator_of(ACCESS_STATE_ACTIVE);
    const struct account_person nobody = {
        .id = 3, .role = ROLE_OPERATOR, .state = ACCESS_STATE_ERASED, .version = 5, .made_at_ms = 5
    };
    struct account_person after;

    (void)state;
    memset(&after, 0xff, sizeof(after));
    assert_int_equal(account_decide_erase(&person, 1, &after), ACCOUNT_ACCEPTED);
    assert_string_equal(after.login, "");
    assert_string_equal(after.name, "");
    assert_string_equal(after.password, "");
    assert_string_equal(after.link_hash, "");
    assert_int_equal(after.state, nobody.state);
    assert_int_equal(after.version, nobody.version);
    assert_int_equal(after.id, 3);
}

static void test_password_uses_the_link_up(void **state)
{
    struct account_person person = operator_of(ACCESS_STATE_INVITED);

    (void)state;
    account_take_password(&person, "$new");
    assert_string_equal(person.password, "$new");
    assert_string_equal(person.link_hash, "");
    assert_int_equal(person.state, ACCESS_STATE_ACTIVE);
    assert_int_equal(person.version, 5);
    person.state = ACCESS_STATE_DISABLED; /* a new password lets nobody in who is not to */
    account_take_password(&person, "$newer");
    assert_int_equal(person.state, ACCESS_STATE_DISABLED);
}

static void test_password_is_long_enough_and_not_the_login(void **state)
{
    (void)state;
    assert_int_equal(account_judge_password("123456789", "ada"), ACCOUNT_REFUSED_SHORT);
    assert_int_equal(account_judge_password("1234567890", "ada"), ACCOUNT_ACCEPTED);
    /* nine characters, of two bytes each */
    assert_int_equal(account_judge_password("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3"
                                            "\xa4\xc3\xa4\xc3\xa4",
                                            "ada"),
                     ACCOUNT_REFUSED_SHORT);
    assert_int_equal(account_judge_password("Mina@Example.org", "mina@example.org"),
                     ACCOUNT_REFUSED_IS_LOGIN);
    assert_int_equal(account_judge_password("mina@example.org!", "mina@example.org"),
                     ACCOUNT_ACCEPTED);
    assert_int_equal(account_judge_password("mina@example.or", "mina@example.org"),
                     ACCOUNT_ACCEPTED);
}

static void test_scopes_are_words_that_there_are(void **state)
{
    static const char *const good[] = { "", "read", "order", "read order", "order read" };
    static const char *const bad[] = { "write", "read read", "read ", "read  order",
                                       "rea",   "reader",    " read" };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(good); i++)
        assert_int_equal(account_judge_scopes(good[i]), ACCOUNT_ACCEPTED);
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        assert_int_equal(account_judge_scopes(bad[i]), ACCOUNT_REFUSED_SCOPES);
}

static void test_session_ends_when_wished_and_in_time(void **state)
{
    (void)state;
    assert_int_equal(account_session_until(1000, 0, 500), 1500);
    assert_int_equal(account_session_until(1000, 1200, 500), 1200);
    assert_int_equal(account_session_until(1000, 2000, 500), 1500);
    assert_int_equal(account_session_until(1000, 900, 500), 1500);
    const struct account_session session = { .state = SESSION_STATE_LIVE, .until_ms = 1500 };
    assert_true(account_session_is_live(&session, 1499));
    assert_false(account_session_is_live(&session, 1500));
}

static struct account_pauses *new_pauses(void)
{
    static struct account_pauses pauses;
    pauses = (struct account_pauses){ .free_tries = 2, .longest_ms = 4000 };
    return &pauses;
}

static void test_pauses_grow_with_wrong_tries(void **state)
{
    static const int64_t expected[] = { 0, 0, 1000, 2000, 4000, 4000 };
    struct account_pauses *pauses = new_pauses();
    int64_t now = 100;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(expected); i++) {
        account_pauses_try(pauses, 5, now);
        assert_int_equal(account_pauses_left(pauses, 5, now), expected[i]);
        assert_int_equal(account_pauses_left(pauses, 6, now), 0); /* of nobody else */
        now += expected[i];
        assert_int_equal(account_pauses_left(pauses, 5, now), 0);
    }
    account_pauses_forget(pauses, 5);
    assert_int_equal(account_pauses_left(pauses, 5, now), 0);
    account_pauses_try(pauses, 5, now);
    assert_int_equal(account_pauses_left(pauses, 5, now), 0);
}

static void test_pauses_are_forgotten_after_an_hour(void **state)
{
    struct account_pauses *pauses = new_pauses();

    (void)state;
    for (int i = 0; i < 9; i++)
        account_pauses_try(pauses, 5, 100);
    account_pauses_try(pauses, 5, 101 + ACCOUNT_PAUSE_FORGET_MS);
    assert_int_equal(account_pauses_left(pauses, 5, 101 + ACCOUNT_PAUSE_FORGET_MS), 0);
}

static void test_right_try_is_taken_back(void **state)
{
    struct account_pauses *pauses = new_pauses();

    (void)state;
    for (int i = 0; i < 9; i++) {
        account_pauses_try(pauses, 5, 100);
        account_pauses_take_back(pauses, 5);
        assert_int_equal(account_pauses_left(pauses, 5, 100), 0);
    }
    account_pauses_take_back(pauses, 77); /* of which nothing is known */
}

static void test_full_table_gives_the_oldest_place_away(void **state)
{
    struct account_pauses *pauses = new_pauses();

    (void)state;
    for (int i = 0; i < 3; i++)
        account_pauses_try(pauses, 1, 100);
    for (int i = 0; i < 3; i++)
        account_pauses_try(pauses, 2, 101);
    for (uint64_t key = 3; key <= ACCOUNT_PAUSES_MAX + 1; key++)
        account_pauses_try(pauses, key, 102);
    assert_int_equal(account_pauses_left(pauses, 1, 102), 0); /* gone */
    assert_int_equal(account_pauses_left(pauses, 2, 102), 999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_is_the_same_in_capitals),
        cmocka_unit_test(test_customers_have_an_account_and_staff_have_none),
        cmocka_unit_test(test_wish_changes_what_it_names),
        cmocka_unit_test(test_customer_who_becomes_staff_leaves_the_account),
        cmocka_unit_test(test_last_operator_stays),
        cmocka_unit_test(test_state_is_active_or_disabled_or_refused),
        cmocka_unit_test(test_erased_person_is_a_number),
        cmocka_unit_test(test_password_uses_the_link_up),
        cmocka_unit_test(test_password_is_long_enough_and_not_the_login),
        cmocka_unit_test(test_scopes_are_words_that_there_are),
        cmocka_unit_test(test_session_ends_when_wished_and_in_time),
        cmocka_unit_test(test_pauses_grow_with_wrong_tries),
        cmocka_unit_test(test_pauses_are_forgotten_after_an_hour),
        cmocka_unit_test(test_right_try_is_taken_back),
        cmocka_unit_test(test_full_table_gives_the_oldest_place_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
