/* Decisions about who may come in. Pure; see person.h. */
#include "account/domain/person.h"

#include <string.h>

#include "kit/base/check.h"

void account_login_fold(char *login)
{
    for (char *c = login; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
}

enum account_refusal account_decide_role(enum role role, int64_t account)
{
    switch (role) {
    case ROLE_ANONYMOUS:
    case ROLE_SERVICE:
        return ACCOUNT_REFUSED_ROLE;
    case ROLE_CUSTOMER:
        return account != 0 ? ACCOUNT_ACCEPTED : ACCOUNT_REFUSED_NO_ACCOUNT;
    case ROLE_PICKER:
    case ROLE_COUNTER:
    case ROLE_SUPERVISOR:
    case ROLE_OPERATOR:
    case ROLE_AUDITOR:
        return account == 0 ? ACCOUNT_ACCEPTED : ACCOUNT_REFUSED_STAFF_ACCOUNT;
    }
    UNREACHABLE("a role");
}

static bool is_operator(const struct account_person *person)
{
    return person->role == ROLE_OPERATOR && person->state == ACCESS_STATE_ACTIVE;
}

enum account_refusal account_decide_update(const struct account_person *person,
                                           const struct account_wish *wish, int64_t other_operators,
                                           struct account_person *ret_person)
{
    PRE(person != ret_person);
    struct account_person after = *person;

    if (person->state == ACCESS_STATE_ERASED)
        return ACCOUNT_REFUSED_ERASED;
    if (wish->has_role)
        after.role = wish->role;
    if (wish->has_account)
        after.account = wish->account;
    else if (wish->has_role && wish->role != ROLE_CUSTOMER)
        after.account = 0;
    const enum account_refusal refusal = account_decide_role(after.role, after.account);
    if (refusal != ACCOUNT_ACCEPTED)
        return refusal;
    if (wish->has_state && wish->state != ACCESS_STATE_ACTIVE &&
        wish->state != ACCESS_STATE_DISABLED)
        return ACCOUNT_REFUSED_STATE;
    if (wish->has_state && wish->state == ACCESS_STATE_ACTIVE && person->password[0] == '\0')
        after.state = ACCESS_STATE_INVITED;
    else if (wish->has_state)
        after.state = wish->state;
    if (is_operator(person) && !is_operator(&after) && other_operators == 0)
        return ACCOUNT_REFUSED_LAST_OPERATOR;
    after.version++;
    *ret_person = after;
    return ACCOUNT_ACCEPTED;
}

enum account_refusal account_decide_erase(const struct account_person *person,
                                          int64_t other_operators,
                                          struct account_person *ret_person)
{
    PRE(person != ret_person && person->state != ACCESS_STATE_ERASED);
    if (is_operator(person) && other_operators == 0)
        return ACCOUNT_REFUSED_LAST_OPERATOR;
    *ret_person = (struct account_person){
        .id = person->id,
        .account = person->account,
        .role = person->role,
        .state = ACCESS_STATE_ERASED,
        .version = person->version + 1,
        .made_at_ms = person->made_at_ms,
    };
    return ACCOUNT_ACCEPTED;
}

void account_take_password(struct account_person *person, const char *stored)
{
    PRE(strlen(stored) < sizeof(person->password));
    memcpy(person->password, stored, strlen(stored) + 1);
    person->link_hash[0] = '\0';
    person->link_until_ms = 0;
    if (person->state == ACCESS_STATE_INVITED)
        person->state = ACCESS_STATE_ACTIVE;
    person->version++;
}

enum account_refusal account_judge_password(const char *password, const char *login)
{
    size_t length = 0, same = 0;

    for (const char *c = password; *c != '\0'; c++)
        length += ((unsigned char)*c & 0xc0) != 0x80;
    if (length < ACCOUNT_PASSWORD_LENGTH_MIN)
        return ACCOUNT_REFUSED_SHORT;
    for (; password[same] != '\0'; same++) {
        const char c = password[same];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != login[same])
            return ACCOUNT_ACCEPTED;
    }
    return login[same] == '\0' ? ACCOUNT_REFUSED_IS_LOGIN : ACCOUNT_ACCEPTED;
}

static const char *const SCOPES[] = { "read", "order" };

enum account_refusal account_judge_scopes(const char *scopes)
{
    bool is_seen[KIT_COUNT(SCOPES)] = { false };

    for (const char *word = scopes; *word != '\0';) {
        const size_t length = strcspn(word, " ");
        size_t i = 0;
        while (i < KIT_COUNT(SCOPES) &&
               (strlen(SCOPES[i]) != length || memcmp(SCOPES[i], word, length) != 0))
            i++;
        if (i == KIT_COUNT(SCOPES) || is_seen[i])
            return ACCOUNT_REFUSED_SCOPES;
        is_seen[i] = true;
        word += length;
        if (*word == ' ' && *++word == '\0')
            return ACCOUNT_REFUSED_SCOPES;
    }
    return ACCOUNT_ACCEPTED;
}

int64_t account_session_until(int64_t now_ms, int64_t wish_ms, int64_t longest_ms)
{
    const int64_t latest_ms = now_ms + longest_ms;

    return wish_ms > now_ms && wish_ms < latest_ms ? wish_ms : latest_ms;
}

bool account_session_is_live(const struct account_session *session, int64_t now_ms)
{
    return session->state == SESSION_STATE_LIVE && session->until_ms > now_ms;
}
