/* Decisions about accounts, people, passwords and sessions. Pure: no I/O, no clock, no allocation.
 * Any thread. Source: schemas/rules/account.md. */
#ifndef ACCOUNT_DOMAIN_PERSON_H
#define ACCOUNT_DOMAIN_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "msg/common.gen.h"

#define ACCOUNT_NAME_SIZE 801 /* 200 code points of at most 4 bytes, and NUL */
#define ACCOUNT_LOGIN_SIZE 101
#define ACCOUNT_HASH_SIZE 65 /* 64 hexadecimal digits, and NUL */
#define ACCOUNT_SCOPES_SIZE 41
#define ACCOUNT_STORED_SIZE 128        /* a password's hash as text (kit/base/password.h) */
#define ACCOUNT_PASSWORD_LENGTH_MIN 10 /* code points (rules 3.2) */

/* Who rents and owes. */
struct account {
    int64_t id;
    char name[ACCOUNT_NAME_SIZE];
    enum access_state state;
    int64_t version;
    int64_t made_at_ms;
};

/* Who signs in. Everything that names a person is in this one row (rules 2.5). */
struct account_person {
    int64_t id;
    int64_t account;                /* 0: none */
    char login[ACCOUNT_LOGIN_SIZE]; /* "": erased */
    char name[ACCOUNT_NAME_SIZE];   /* "": erased */
    enum role role;
    enum access_state state;
    char password[ACCOUNT_STORED_SIZE]; /* "": none yet */
    char link_hash[ACCOUNT_HASH_SIZE];  /* of the link for a new password; "": none */
    int64_t link_until_ms;
    int64_t version;
    int64_t made_at_ms;
};

/* With what somebody comes: a session of a person, or an API token. */
struct account_session {
    int64_t id;
    int64_t person;
    enum session_kind kind;
    char hash[ACCOUNT_HASH_SIZE];
    char name[ACCOUNT_NAME_SIZE];     /* of a token, "" for a session */
    char scopes[ACCOUNT_SCOPES_SIZE]; /* "": all that the role may */
    enum session_state state;
    int64_t until_ms;
    int64_t made_at_ms;
};

/* Why the rules say no. */
enum account_refusal {
    ACCOUNT_ACCEPTED = 0,
    ACCOUNT_REFUSED_ROLE,          /* people are neither anonymous nor programs */
    ACCOUNT_REFUSED_NO_ACCOUNT,    /* a customer without one */
    ACCOUNT_REFUSED_STAFF_ACCOUNT, /* staff with one */
    ACCOUNT_REFUSED_STATE,         /* a state that nobody can be given */
    ACCOUNT_REFUSED_ERASED,        /* there is nobody any more */
    ACCOUNT_REFUSED_LAST_OPERATOR, /* then nobody could let anybody in */
    ACCOUNT_REFUSED_SHORT,         /* a password of too few characters */
    ACCOUNT_REFUSED_IS_LOGIN,      /* a password that is the name to sign in with */
    ACCOUNT_REFUSED_SCOPES,        /* a word that no token may have, or twice */
};

/* What somebody wishes of a person; what has_ does not name stays. */
struct account_wish {
    bool has_role, has_state, has_account;
    enum role role;
    enum access_state state;
    int64_t account;
};

/* Small letters for capitals, ASCII only: one person, one name to sign in with (rules 1.4). */
void account_login_fold(char *login);

/* Whether a role and an account go together: customers have one, staff have none (rules 1.3). */
enum account_refusal account_decide_role(enum role role, int64_t account);

/**
 * account_decide_update() - Decide what a person becomes by a wish.
 *
 * Pure: equal inputs give equal results.
 *
 * @person:          as stored; borrowed.
 * @wish:            what is to be different.
 * @other_operators: how many active operators there are besides this person.
 * @ret_person:      written when ACCOUNT_ACCEPTED is returned; may not be @person.
 *
 * A person who was invited and has no password yet stays invited when made active.
 *
 * Errors:  ACCOUNT_REFUSED_ROLE, _NO_ACCOUNT, _STAFF_ACCOUNT, _STATE, _ERASED, _LAST_OPERATOR.
 * Thread:  any.
 * Source:  schemas/rules/account.md 2.1 to 2.4.
 */
enum account_refusal account_decide_update(const struct account_person *person,
                                           const struct account_wish *wish, int64_t other_operators,
                                           struct account_person *ret_person);

/* The person without anything that names them, and with nothing to come in with (rules 2.5).
 * Refuses the last operator. One that is erased already is a bug. */
enum account_refusal account_decide_erase(const struct account_person *person,
                                          int64_t other_operators,
                                          struct account_person *ret_person);

/* Takes a password, whose stored form is given, by a link: the link is used up, and whoever was
 * invited is active (rules 3.1). */
void account_take_password(struct account_person *person, const char *stored);

/* Whether a password may be taken by a person of that login (rules 3.2). */
enum account_refusal account_judge_password(const char *password, const char *login);

/* Whether each word is a scope, and none is there twice (rules 5.2). */
enum account_refusal account_judge_scopes(const char *scopes);

/* When a session ends that begins now: when it wishes to, and after longest_ms at the latest. A
 * wish that is over is none. wish_ms 0: none. */
int64_t account_session_until(int64_t now_ms, int64_t wish_ms, int64_t longest_ms);

/* Whether somebody comes in with it: live, and not over. */
bool account_session_is_live(const struct account_session *session, int64_t now_ms);

#endif
