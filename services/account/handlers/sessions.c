/* Sessions and tokens; see handlers.h. */
#include <inttypes.h>
#include <string.h>

#include "account/handlers/handlers.h"
#include "msg/event_session.gen.h"

/* ---- what several handlers do ---- */

static int append_session(struct account_app *app, const struct account_session *session,
                          struct kit_error *err)
{
    struct msg_event_session event = {
        .id = session->id,
        .person = session->person,
        .kind = session->kind,
        .has_scopes = session->scopes[0] != '\0',
        .until_ms = session->until_ms,
        .state = session->state,
    };
    memcpy(event.hash, session->hash, sizeof(event.hash));
    memcpy(event.scopes, session->scopes, sizeof(event.scopes));
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "SessionSaved",
                                  .aggregate = "session",
                                  .id = session->id,
                                  .version = session->state, /* live is 1, ended is 2 */
                                  .data = KIT_BODY(event_session, &event),
                              },
                              err);
}

int account_end_session(struct account_app *app, struct account_session *session,
                        struct kit_error *err)
{
    int rc = account_store_end_session(&app->store, session->id, err);
    if (rc != KIT_OK)
        return rc;
    session->state = SESSION_STATE_ENDED;
    return append_session(app, session, err);
}

static int read_live(struct account_app *app, int64_t person, struct account_live *ret_live,
                     struct kit_error *err)
{
    const size_t max = ACCOUNT_SESSIONS_MAX + ACCOUNT_TOKENS_MAX;

    *ret_live = (struct account_live){
        .person = person,
        .now_ms = kit_service_now_ms(app->service),
        .max = max,
        .sessions = kit_arena_take(kit_service_arena(app->service),
                                   max * sizeof(*ret_live->sessions)),
    };
    return account_store_live_sessions(&app->store, ret_live, err);
}

int account_end_all(struct account_app *app, int64_t person, int64_t but, int64_t *ret_count,
                    struct kit_error *err)
{
    struct account_live live;
    int rc = read_live(app, person, &live, err);

    *ret_count = 0;
    for (size_t i = 0; rc == KIT_OK && i < live.count; i++) {
        if (live.sessions[i].id == but)
            continue;
        rc = account_end_session(app, &live.sessions[i], err);
        *ret_count += 1;
    }
    return rc;
}

/* How many of a kind are live. */
static size_t count_live(const struct account_live *live, enum session_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < live->count; i++)
        count += live->sessions[i].kind == kind;
    return count;
}

/* The oldest session goes where there are too many. */
static int make_room(struct account_app *app, int64_t person, struct kit_error *err)
{
    struct account_live live;
    int rc = read_live(app, person, &live, err);
    if (rc != KIT_OK || count_live(&live, SESSION_KIND_SESSION) < ACCOUNT_SESSIONS_MAX)
        return rc;
    for (size_t i = 0; i < live.count; i++) {
        if (live.sessions[i].kind == SESSION_KIND_SESSION)
            return account_end_session(app, &live.sessions[i], err);
    }
    UNREACHABLE("one of those that were counted");
}

static void fill_session(const struct account_session *session,
                         struct msg_rpc_session_response *ret)
{
    *ret = (struct msg_rpc_session_response){
        .id = session->id,
        .person = session->person,
        .has_name = session->name[0] != '\0',
        .has_scopes = session->scopes[0] != '\0',
        .made_at_ms = session->made_at_ms,
        .until_ms = session->until_ms,
    };
    memcpy(ret->name, session->name, sizeof(ret->name));
    memcpy(ret->scopes, session->scopes, sizeof(ret->scopes));
}

/* An operator, and whoever asks on this machine, may do it for others. */
static bool is_clerk(const struct account_app *app)
{
    const enum kit_role role = account_asker(app).role;
    return !account_is_own(app) && (role == KIT_ROLE_OPERATOR || role == KIT_ROLE_NONE);
}

/* Adds one, and tells. */
static int add_session(struct account_app *app, struct account_session *session,
                       struct kit_error *err)
{
    int rc = account_store_add_session(&app->store, session, err);
    if (rc != KIT_OK)
        return rc;
    return append_session(app, session, err);
}

int account_open_session(struct account_app *app, const struct account_session *wish,
                         struct account_session *ret_session, struct kit_error *err)
{
    const int64_t now_ms = kit_service_now_ms(app->service);
    bool is_found = false;
    int rc = account_store_find_hash(&app->store, wish->hash, ret_session, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found && ret_session->person == wish->person &&
        account_session_is_live(ret_session, now_ms))
        return KIT_OK;
    if (is_found)
        return account_refuse_sign_in(err);
    rc = make_room(app, wish->person, err);
    if (rc != KIT_OK)
        return rc;
    *ret_session = *wish;
    ret_session->kind = SESSION_KIND_SESSION;
    ret_session->state = SESSION_STATE_LIVE;
    ret_session->until_ms = account_session_until(now_ms, wish->until_ms, app->session_ms);
    ret_session->made_at_ms = now_ms;
    return add_session(app, ret_session, err);
}

void account_fill_me(const struct account_person *person, int64_t until_ms, struct msg_me *ret)
{
    *ret = (struct msg_me){
        .person = person->id,
        .has_account = person->account != 0,
        .account = person->account,
        .role = person->role,
        .has_until = until_ms != 0,
        .until_ms = until_ms,
    };
    memcpy(ret->name, person->name, sizeof(ret->name));
}

/* ---- sessions ---- */

static int not_found(const char *what, int64_t id, struct kit_error *err)
{
    return kit_error_set(err, KIT_E_NOT_FOUND, "There is no %s %" PRId64 " that is live.", what,
                         id);
}

static int end_one(struct account_app *app, const struct msg_rpc_session_end_request *in,
                   struct msg_rpc_session_end_response *out, struct kit_error *err)
{
    struct account_session session = { 0 };
    bool is_found = false;
    int rc = account_store_find_session(&app->store, in->id, &session, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found || session.kind != SESSION_KIND_SESSION ||
        (!is_clerk(app) && session.person != account_asker(app).person))
        return not_found("session", in->id, err);
    if (!account_session_is_live(&session, kit_service_now_ms(app->service)))
        return KIT_OK; /* It is over: what was wished is so. */
    out->ended = 1;
    return account_end_session(app, &session, err);
}

int account_on_session_end(struct account_app *app, const struct msg_rpc_session_end_request *in,
                           struct msg_rpc_session_end_response *out, struct kit_error *err)
{
    int64_t person = account_asker(app).person;

    if (in->has_id)
        return end_one(app, in, out, err);
    if (in->has_person && !is_clerk(app) && in->person != person)
        return not_found("session of person", in->person, err);
    if (in->has_person)
        person = in->person;
    if (person == 0)
        return kit_error_at(err, KIT_E_INVALID, "/person", "Say whose sessions are to end.");
    return account_end_all(app, person, 0, &out->ended, err);
}

static int list_sessions(struct account_app *app, const struct account_session_filter *filter,
                         const struct msg_rpc_list_request *in,
                         struct msg_rpc_session_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct account_session *sessions = kit_arena_take(kit_service_arena(app->service),
                                                      (size_t)in->size * sizeof(*sessions));
    int rc = account_store_list_sessions(&app->store, filter, &page, sessions, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        fill_session(&sessions[i], &out->items[i]);
    return KIT_OK;
}

int account_on_session_list(struct account_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_session_list_response *out, struct kit_error *err)
{
    const struct account_session_filter filter = {
        .kind = SESSION_KIND_SESSION,
        .person = account_asker(app).person,
        .now_ms = kit_service_now_ms(app->service),
    };
    if (filter.person == 0 && !is_clerk(app))
        return account_refuse_sign_in(err);
    return list_sessions(app, &filter, in, out, err);
}

/* ---- tokens (rules 5.2) ---- */

/* A customer, who may have one more. */
static int check_token_owner(struct account_app *app, int64_t id, struct kit_error *err)
{
    struct account_person person;
    struct account_live live;
    int rc = account_store_get_person(&app->store, id, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (person.account == 0 || person.state != ACCESS_STATE_ACTIVE)
        return kit_error_at(
            err, KIT_E_INVALID, "/person",
            "A token belongs to an active customer, and person %" PRId64 " is none.", id);
    rc = read_live(app, id, &live, err);
    if (rc != KIT_OK || count_live(&live, SESSION_KIND_TOKEN) < ACCOUNT_TOKENS_MAX)
        return rc;
    return kit_error_typed(err, KIT_E_REFUSED, "too-many-tokens",
                           "Person %" PRId64 " has %d tokens. End one first.", id,
                           ACCOUNT_TOKENS_MAX);
}

static int make_token(struct account_app *app, const struct msg_rpc_token_create_request *in,
                      int64_t person, struct account_session *ret_token, struct kit_error *err)
{
    const int64_t now_ms = kit_service_now_ms(app->service);

    int rc = account_refuse(account_judge_scopes(in->has_scopes ? in->scopes : ""), err);
    if (rc != KIT_OK)
        return rc;
    if (in->until_ms <= now_ms || in->until_ms > now_ms + ACCOUNT_TOKEN_LONGEST_MS)
        return kit_error_at(err, KIT_E_INVALID, "/until",
                            "A token ends within a year from now. Name such a time.");
    rc = check_token_owner(app, person, err);
    if (rc != KIT_OK)
        return rc;
    *ret_token = (struct account_session){
        .person = person,
        .kind = SESSION_KIND_TOKEN,
        .state = SESSION_STATE_LIVE,
        .until_ms = in->until_ms,
        .made_at_ms = now_ms,
    };
    memcpy(ret_token->hash, in->token_hash, sizeof(ret_token->hash));
    memcpy(ret_token->name, in->name, sizeof(ret_token->name));
    memcpy(ret_token->scopes, in->scopes, sizeof(ret_token->scopes));
    return add_session(app, ret_token, err);
}

int account_on_token_create(struct account_app *app, const struct msg_rpc_token_create_request *in,
                            struct msg_rpc_session_response *out, struct kit_error *err)
{
    const int64_t person = in->has_person && is_clerk(app) ? in->person : account_asker(app).person;
    struct account_session token;
    bool is_found = false;
    int rc = account_store_find_hash(&app->store, in->token_hash, &token, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found && (token.person != person || token.state != SESSION_STATE_LIVE))
        return kit_error_typed(err, KIT_E_REFUSED, "token-known",
                               "This token is known already. Draw another one.");
    if (!is_found) {
        rc = make_token(app, in, person, &token, err);
        if (rc != KIT_OK)
            return rc;
    }
    fill_session(&token, out);
    return KIT_OK;
}

int account_on_token_list(struct account_app *app, const struct msg_rpc_list_request *in,
                          struct msg_rpc_session_list_response *out, struct kit_error *err)
{
    const struct kit_actor asker = account_asker(app);
    const struct account_session_filter filter = {
        .kind = SESSION_KIND_TOKEN,
        .account = asker.account,
        .now_ms = kit_service_now_ms(app->service),
    };
    if (asker.account == 0 && !is_clerk(app))
        return account_refuse_sign_in(err);
    return list_sessions(app, &filter, in, out, err);
}

int account_on_token_end(struct account_app *app, const struct msg_rpc_get_request *in,
                         struct msg_rpc_session_end_response *out, struct kit_error *err)
{
    struct account_session token = { 0 };
    struct account_person person = { 0 };
    bool is_found = false;
    int rc = account_store_find_session(&app->store, in->id, &token, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found || token.kind != SESSION_KIND_TOKEN)
        return not_found("token", in->id, err);
    rc = account_store_get_person(&app->store, token.person, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_clerk(app) && (person.account == 0 || person.account != account_asker(app).account))
        return not_found("token", in->id, err);
    if (!account_session_is_live(&token, kit_service_now_ms(app->service)))
        return KIT_OK; /* It is over: what was wished is so. */
    out->ended = 1;
    return account_end_session(app, &token, err);
}

/* ---- who one is ---- */

int account_on_me(struct account_app *app, const struct msg_rpc_me_request *in,
                  struct msg_rpc_me_response *out, struct kit_error *err)
{
    const int64_t id = account_asker(app).person;
    struct account_session session = { 0 };
    struct account_person person;
    bool is_found = false;

    if (id == 0)
        return account_refuse_sign_in(err);
    int rc = account_store_get_person(&app->store, id, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (in->has_session) {
        rc = account_store_find_session(&app->store, in->session, &session, &is_found, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (person.state != ACCESS_STATE_ACTIVE)
        return account_refuse_sign_in(err);
    memcpy(out->login, person.login, sizeof(out->login));
    account_fill_me(&person, is_found && session.person == id ? session.until_ms : 0, &out->me);
    return KIT_OK;
}

int account_on_timer(struct account_app *app, struct kit_error *err)
{
    return account_store_sweep(&app->store,
                               kit_service_sure_ms(app->service) - ACCOUNT_KEEP_OVER_MS,
                               ACCOUNT_SWEEP_ROWS, err);
}
