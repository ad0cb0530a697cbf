/* An account service in a fake world, with the bridge played by the test. Hashes are made on the
 * spot: the answer is there when the request returns. */
#ifndef TESTS_UNIT_ACCOUNT_DESK_H
#define TESTS_UNIT_ACCOUNT_DESK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/handlers/handlers.h"
#include "account/service.h"
#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/base/text.h"

#define SESSION_MS 28800000
#define LINK_MS 259200000
#define PASSWORD "correct horse battery"
#define LINK_1 "1111111111111111111111111111111111111111111111111111111111111111"
#define LINK_2 "2222222222222222222222222222222222222222222222222222222222222222"
#define TOKEN_1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TOKEN_2 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DAY_AHEAD "2026-01-02T00:00:00.000Z" /* of the fake world's clock */

static const struct kit_setting DESK_SETTINGS[] = {
    { ACCOUNT_SETTING_SESSION, SESSION_MS },
    { ACCOUNT_SETTING_LINK, LINK_MS },
};

struct desk {
    struct fake_world *world;
    struct fake_service account;
    int asked_count;
};

static inline int desk_setup(void **state)
{
    struct desk *desk = calloc(1, sizeof(*desk));
    assert_non_null(desk);
    desk->world = fake_world_new(1);
    desk->account = fake_service_open(desk->world, &account_service, DESK_SETTINGS,
                                      KIT_COUNT(DESK_SETTINGS));
    *state = desk;
    return 0;
}

static inline int desk_teardown(void **state)
{
    struct desk *desk = *state;
    fake_service_close(&desk->account);
    fake_world_free(desk->world);
    free(desk);
    return 0;
}

/* The answer, whatever it is. */
static inline const char *desk_ask(struct desk *desk, const char *method, const char *json)
{
    char key[32];
    snprintf(key, sizeof(key), "k%d", ++desk->asked_count);
    const struct fake_message *reply = fake_request(&desk->account, "bridge", method, key, json);
    assert_non_null(reply);
    return reply->payload;
}

/* The answer to something that is done. */
static inline const char *desk_do(struct desk *desk, const char *method, const char *json)
{
    const char *answer = desk_ask(desk, method, json);
    const char *status = fake_last(desk->world, "lockstock/v1/reply/bridge/account")->status;
    if (strcmp(status, "ok") != 0)
        fail_msg("%s %s: %s", method, json, answer);
    return answer;
}

static inline bool says(const char *answer, const char *text)
{
    if (strstr(answer, text) == NULL)
        fprintf(stderr, "no %s in %s\n", text, answer);
    return strstr(answer, text) != NULL;
}

/* A member that is a number; -1: there is none. */
static inline int64_t number_of(const char *answer, const char *member)
{
    char quoted[64];
    snprintf(quoted, sizeof(quoted), "\"%s\":", member);
    const char *found = strstr(answer, quoted);
    return found == NULL ? -1 : strtoll(found + strlen(quoted), NULL, 10);
}

/* Invites a person with LINK_1 and returns the number. account 0: staff. */
static inline int64_t desk_invite(struct desk *desk, const char *login, const char *role,
                                  int64_t account)
{
    char json[400], member[40] = "";
    if (account != 0)
        snprintf(member, sizeof(member), ",\"account\":%" PRId64, account);
    snprintf(json, sizeof(json),
             "{\"login\":\"%s\",\"name\":\"Name of %s\",\"role\":\"%s\"%s,\"linkHash\":\"" LINK_1
             "\"}",
             login, login, role, member);
    return number_of(desk_do(desk, "person-create", json), "id");
}

/* The same with the password set. */
static inline int64_t desk_person(struct desk *desk, const char *login, const char *role,
                                  int64_t account)
{
    const int64_t id = desk_invite(desk, login, role, account);
    desk_do(desk, "password-set", "{\"linkHash\":\"" LINK_1 "\",\"password\":\"" PASSWORD "\"}");
    return id;
}

static inline int64_t desk_account(struct desk *desk)
{
    return number_of(desk_do(desk, "account-create", "{\"name\":\"Kim & Sons\"}"), "id");
}

/* Tries to sign in; the answer, whatever it is. */
static inline const char *desk_sign_in(struct desk *desk, const char *login, const char *password,
                                       const char *token_hash)
{
    char json[500];
    snprintf(json, sizeof(json),
             "{\"login\":\"%s\",\"password\":\"%s\",\"tokenHash\":\"%s\","
             "\"address\":\"192.0.2.7\"}",
             login, password, token_hash);
    return desk_ask(desk, "session-open", json);
}

/* How many events of that type have been told. */
static inline int64_t told(struct desk *desk, const char *type)
{
    char sql[160];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM event_log WHERE envelope ->> '$.type' = '%s'",
             type);
    return fake_sql_int(&desk->account, sql);
}

#define DESK_TEST(function) cmocka_unit_test_setup_teardown(function, desk_setup, desk_teardown)

#endif
