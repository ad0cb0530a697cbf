/* See request_access.h. */
#include "bridge/request_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/rpc/access.h"
#include "msg/http_identity.gen.h"
#include "msg/rpc_session_open_response.gen.h"

#define WHAT_SIZE 120
#define COOKIE_END "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
#define MS_PER_S 1000

/* ---- may they? ---- */

/* As access.md names it: what account or another service is asked, or what is answered here. */
static void write_what(const struct route *route, char ret_what[WHAT_SIZE])
{
    if (route->service != NULL)
        snprintf(ret_what, WHAT_SIZE, "%s.%s", route->service, route->rpc);
    else
        snprintf(ret_what, WHAT_SIZE, "%s %s", http_method_text(route->method), route->path);
}

static bool is_for(const struct route *route, enum kit_role role)
{
    char what[WHAT_SIZE];

    write_what(route, what);
    return kit_access_reach(what, role) != KIT_REACH_NONE;
}

/* Scopes are words with a space between. */
static bool has_scope(const struct access_session *session, const char *word)
{
    const size_t length = strlen(word);
    const char *at = session->scopes;

    while (at != NULL && *at != '\0') {
        const size_t here = strcspn(at, " ");
        if (here == length && strncmp(at, word, length) == 0)
            return true;
        at += here;
        at += strspn(at, " ");
    }
    return false;
}

static int check_scopes(const struct request *request, struct kit_error *err)
{
    const char *needed = request->match.route->method == HTTP_GET ? "read" : "order";

    if (!request->session.has_scopes || has_scope(&request->session, needed))
        return KIT_OK;
    return kit_error_set(err, KIT_E_FORBIDDEN,
                         "the scopes of this token do not have \"%s\"; use one that has it",
                         needed);
}

/* A browser sends its cookie whoever made it ask; what is under it is known to our pages alone. */
static int check_csrf(const struct request *request, struct kit_error *err)
{
    const char *given = request->headers.csrf_token;
    char told[KIT_MAC_HEX_SIZE];

    if (request->proof.way != ACCESS_BY_COOKIE || request->match.route->method == HTTP_GET)
        return KIT_OK;
    access_token_csrf(request->proof.token, told);
    if (given != NULL && strlen(given) == sizeof(told) - 1 && kit_mac_hex_is_same(told, given))
        return KIT_OK;
    return kit_error_typed(err, KIT_E_FORBIDDEN, "csrf-token",
                           "send the header X-CSRF-Token along with the cookie; GET /me tells it");
}

static int judge(struct request *request, struct kit_error *err)
{
    const struct route *route = request->match.route;

    if (is_for(route, KIT_ROLE_ANONYMOUS))
        return KIT_OK;
    if (request->session.id == 0)
        return kit_error_set(err, KIT_E_UNAUTHENTICATED,
                             "nobody is signed in; send Authorization: Bearer with the token that "
                             "POST /sessions gives");
    if (!is_for(route, request->actor.role))
        return kit_error_set(err, KIT_E_FORBIDDEN, "who is signed in may not do this (%s)",
                             kit_role_name(request->actor.role));
    int rc = check_scopes(request, err);
    if (rc != KIT_OK)
        return rc;
    return check_csrf(request, err);
}

static int find_actor(struct request *request, struct kit_error *err)
{
    struct access_session *session = &request->session;

    access_proof_read(request->headers.authorization, request->headers.cookie, &request->proof);
    request->actor = (struct kit_actor){ .role = KIT_ROLE_ANONYMOUS };
    if (request->proof.token[0] == '\0')
        return KIT_OK;
    int rc = access_find(&request->bridge->access, request->proof.token, session, err);
    if (rc != KIT_OK)
        return rc;
    if (session->id == 0)
        return KIT_OK;
    request->actor = session->actor;
    if (session->is_token)
        request->actor.role = KIT_ROLE_SERVICE;
    return KIT_OK;
}

int request_access_check(struct request *request, struct kit_error *err)
{
    const struct route *route = request->match.route;
    uint8_t bytes[ACCESS_TOKEN_BYTES];

    if (!request->bridge->access.is_closed) {
        if (route->service == NULL || strcmp(route->service, ACCESS_SOURCE) != 0)
            return KIT_OK;
        return kit_error_typed(err, KIT_E_NOT_FOUND, "open-system",
                               "nobody signs in here: this Lockstock is open; deploy/up "
                               "--accounts makes one that is closed");
    }
    int rc = find_actor(request, err);
    if (rc != KIT_OK && !is_for(route, KIT_ROLE_ANONYMOUS))
        return rc;
    request->exchange.session = request->session.id;
    request->exchange.sign_in = &request->sign_in;
    if (route->kind == ROUTE_SIGN_IN) { /* never one that came with the request */
        entropy_take(&request->bridge->entropy, request->bridge->rng, bytes, sizeof(bytes));
        access_token_write(ACCESS_SESSION_PREFIX, bytes, request->sign_in.token);
        kit_wipe(bytes, sizeof(bytes));
    }
    return judge(request, err);
}

/* ---- account has answered ---- */

static void write_cookie(struct request *request, const char *token, int64_t age_s)
{
    snprintf(request->answer.cookie, sizeof(request->answer.cookie),
             ACCESS_COOKIE "=%s" COOKIE_END "%" PRId64, token, age_s);
}

static void note_opened(struct request *request, const cJSON *result)
{
    struct bridge *bridge = request->bridge;
    struct msg_rpc_session_open_response said;
    struct msg_event_session session = { .kind = SESSION_KIND_SESSION,
                                         .state = SESSION_STATE_LIVE };

    if (msg_rpc_session_open_response_decode(result, &said, NULL) != KIT_OK)
        return; /* the client was told so */
    const struct kit_actor actor = { .person = said.me.person,
                                     .account = said.me.has_account ? said.me.account : 0,
                                     .role = (enum kit_role)said.me.role };
    session.id = said.id;
    session.person = said.me.person;
    session.until_ms = said.me.until_ms;
    access_token_hash(request->sign_in.token, session.hash);
    access_note_opened(&bridge->access, &session, &actor);
    if (request->sign_in.wants_cookie)
        write_cookie(request, request->sign_in.token,
                     (session.until_ms - bridge->clock->wall_ms(bridge->clock->self)) / MS_PER_S);
}

void request_access_settle(struct request *request, const cJSON *result)
{
    const struct route *route = request->match.route;

    if (route->kind == ROUTE_SIGN_IN)
        note_opened(request, result);
    else if (request->proof.way == ACCESS_BY_COOKIE && strcmp(route->rpc, "session-end") == 0)
        write_cookie(request, "", 0);
}

/* ---- who am I? ---- */

void request_access_write_me(const struct request *request, struct kit_buf *out)
{
    const struct access_session *session = &request->session;
    struct msg_http_identity me = { .access = ACCESS_MODE_OPEN, .role = ROLE_OPERATOR };

    if (request->bridge->access.is_closed) {
        me.access = ACCESS_MODE_CLOSED;
        me.role = (enum role)request->actor.role;
        me.has_person = true;
        me.person = session->actor.person;
        me.has_account = session->actor.account != 0;
        me.account = session->actor.account;
        me.has_until = true;
        me.until_ms = session->until_ms;
        me.has_csrf = request->proof.way == ACCESS_BY_COOKIE;
        if (me.has_csrf)
            access_token_csrf(request->proof.token, me.csrf);
    }
    msg_http_identity_encode(&me, out);
}

/* ---- what a reader of the feed may see ---- */

void request_access_filter(const struct request *request, struct feed_filter *filter)
{
    if (!request->bridge->access.is_closed)
        return;
    filter->account = request->actor.account;
    for (int i = 0; i < FEED_KIND_COUNT; i++) {
        char what[WHAT_SIZE];
        snprintf(what, sizeof(what), "feed %s", feed_kind_type((enum feed_kind)i));
        const enum kit_reach reach = kit_access_reach(what, request->actor.role);
        if (reach == KIT_REACH_NONE)
            filter->kinds &= ~(1U << (unsigned)i);
        if (reach == KIT_REACH_OWN)
            filter->own |= 1U << (unsigned)i;
    }
}
