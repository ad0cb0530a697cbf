/* One function per message about accounts, people and what they come in with: load, decide, save,
 * append events. They run on the loop inside the open transaction. people.c has accounts and
 * people, sign_in.c passwords and signing in, sessions.c sessions and tokens. The table that names
 * them is service.c. */
#ifndef ACCOUNT_HANDLERS_HANDLERS_H
#define ACCOUNT_HANDLERS_HANDLERS_H

#include "account/domain/pauses.h"
#include "account/store.h"
#include "kit/base/actor.h"
#include "kit/service/service.h"
#include "msg/rpc_account_create_request.gen.h"
#include "msg/rpc_account_list_response.gen.h"
#include "msg/rpc_account_response.gen.h"
#include "msg/rpc_account_update_request.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_me_request.gen.h"
#include "msg/rpc_me_response.gen.h"
#include "msg/rpc_password_change_request.gen.h"
#include "msg/rpc_password_reset_request.gen.h"
#include "msg/rpc_password_set_request.gen.h"
#include "msg/rpc_person_create_request.gen.h"
#include "msg/rpc_person_list_response.gen.h"
#include "msg/rpc_person_response.gen.h"
#include "msg/rpc_person_update_request.gen.h"
#include "msg/rpc_session_end_request.gen.h"
#include "msg/rpc_session_end_response.gen.h"
#include "msg/rpc_session_list_response.gen.h"
#include "msg/rpc_session_open_request.gen.h"
#include "msg/rpc_session_open_response.gen.h"
#include "msg/rpc_token_create_request.gen.h"

#define ACCOUNT_SESSIONS_MAX 100 /* live ones of a person; one more ends the oldest */
#define ACCOUNT_TOKENS_MAX 100   /* live ones of a person; one more is refused */
#define ACCOUNT_TOKEN_LONGEST_MS (366 * INT64_C(86400000))
#define ACCOUNT_LOGIN_TRIES 5        /* without a pause; then 1 s, doubled by each, */
#define ACCOUNT_LOGIN_PAUSE_MS 60000 /* up to this */
#define ACCOUNT_ADDRESS_TRIES 20
#define ACCOUNT_ADDRESS_PAUSE_MS 900000
#define ACCOUNT_SWEEP_PERIOD_MS 600000
#define ACCOUNT_SWEEP_ROWS 100
#define ACCOUNT_KEEP_OVER_MS (30 * INT64_C(86400000)) /* a session that is over, before it goes */
#define ACCOUNT_KEY_BYTES 32

struct account_app {
    struct kit_service *service; /* borrowed */
    struct account_store store;
    int64_t session_ms, link_ms;
    uint8_t key[ACCOUNT_KEY_BYTES]; /* of this process: nobody can choose two names that share a
                                       pause */
    struct account_pauses login_pauses, address_pauses;
    /* For metrics. */
    int64_t opened_total, wrong_total, paused_total;
};

/* For whom the item asks. */
struct kit_actor account_asker(const struct account_app *app);
/* Whether the asker sees their own alone: their person, and what is of their account (rules 1.6).
 */
bool account_is_own(const struct account_app *app);
/* A refusal of the rules as an error; ACCOUNT_ACCEPTED is KIT_OK. */
int account_refuse(enum account_refusal refusal, struct kit_error *err);

/* KIT_E_UNAUTHENTICATED, in the same words whatever was wrong (rules 4.2). */
int account_refuse_sign_in(struct kit_error *err);

/* What an answer says of a person; until_ms 0: nothing of a session. */
void account_fill_person(const struct account_person *person, struct msg_rpc_person_response *ret);
/* The same in short, for whoever it is. */
void account_fill_me(const struct account_person *person, int64_t until_ms, struct msg_me *ret);

/* Tells the world of a person: number, account, role, state. */
int account_append_person(struct account_app *app, const struct account_person *person,
                          struct kit_error *err);
/* Opens a session of wish->person with the token of wish->hash, and tells so: a new one, or that of
 * the same request, which came twice. A token that somebody else has, or that has ended, is
 * refused. The oldest session ends where there are too many. */
int account_open_session(struct account_app *app, const struct account_session *wish,
                         struct account_session *ret_session, struct kit_error *err);
/* Ends a live session, and tells so. */
int account_end_session(struct account_app *app, struct account_session *session,
                        struct kit_error *err);
/* Ends every live session and token of a person but `but` (0: all); *ret_count is how many. */
int account_end_all(struct account_app *app, int64_t person, int64_t but, int64_t *ret_count,
                    struct kit_error *err);

/* Makes an account (rules 1.2). Appends AccountSaved. */
int account_on_create(struct account_app *app, const struct msg_rpc_account_create_request *in,
                      struct msg_rpc_account_response *out, struct kit_error *err);
/* KIT_E_NOT_FOUND for one that there is not, or that is not the asker's. */
int account_on_get(struct account_app *app, const struct msg_rpc_get_request *in,
                   struct msg_rpc_account_response *out, struct kit_error *err);
/* Fills a page in the order of the ids. */
int account_on_list(struct account_app *app, const struct msg_rpc_list_request *in,
                    struct msg_rpc_account_list_response *out, struct kit_error *err);
/* Name and state (rules 1.2). Appends AccountSaved. */
int account_on_update(struct account_app *app, const struct msg_rpc_account_update_request *in,
                      struct msg_rpc_account_response *out, struct kit_error *err);

/* Invites a person (rules 2.1). KIT_E_REFUSED, of type "login-taken"; else as the rules refuse.
 * Appends PersonSaved. */
int account_on_person_create(struct account_app *app,
                             const struct msg_rpc_person_create_request *in,
                             struct msg_rpc_person_response *out, struct kit_error *err);
/* KIT_E_NOT_FOUND for one that there is not, or that is of another account than the asker. */
int account_on_person_get(struct account_app *app, const struct msg_rpc_get_request *in,
                          struct msg_rpc_person_response *out, struct kit_error *err);
/* As account_on_list(), of people. */
int account_on_person_list(struct account_app *app, const struct msg_rpc_list_request *in,
                           struct msg_rpc_person_list_response *out, struct kit_error *err);
/* Role, account, state (rules 2.2 to 2.4). Who is disabled is out at once. Appends PersonSaved. */
int account_on_person_update(struct account_app *app,
                             const struct msg_rpc_person_update_request *in,
                             struct msg_rpc_person_response *out, struct kit_error *err);
/* Forgets who it was (rules 2.5). Appends PersonSaved, and SessionSaved for each live session. */
int account_on_person_erase(struct account_app *app, const struct msg_rpc_get_request *in,
                            struct msg_rpc_person_response *out, struct kit_error *err);
/* Gives a person a new link; the password of before holds until it is used (rules 3.1). */
int account_on_password_reset(struct account_app *app,
                              const struct msg_rpc_password_reset_request *in,
                              struct msg_rpc_person_response *out, struct kit_error *err);

/* KIT_PENDING. Sets the password of whoever has the link (rules 3.1). KIT_E_NOT_FOUND, of type
 * "link-unknown"; KIT_E_INVALID for a password that the rules refuse. Appends PersonSaved, and
 * SessionSaved for each session that ends. */
int account_on_password_set(struct account_app *app, const struct msg_rpc_password_set_request *in,
                            struct msg_rpc_person_response *out, struct kit_error *err);
/* KIT_PENDING. The asker's own (rules 3.3). KIT_E_UNAUTHENTICATED: the old one is wrong. */
int account_on_password_change(struct account_app *app,
                               const struct msg_rpc_password_change_request *in,
                               struct msg_rpc_person_response *out, struct kit_error *err);

/* KIT_PENDING. Signs in (rules 4). KIT_E_UNAUTHENTICATED, the same whatever was wrong;
 * KIT_E_LIMIT, of type "too-many-attempts" or "busy". Appends SessionSaved. */
int account_on_session_open(struct account_app *app, const struct msg_rpc_session_open_request *in,
                            struct msg_rpc_session_open_response *out, struct kit_error *err);
/* One, or all of a person (rules 5.1). KIT_E_NOT_FOUND for one of somebody else. */
int account_on_session_end(struct account_app *app, const struct msg_rpc_session_end_request *in,
                           struct msg_rpc_session_end_response *out, struct kit_error *err);
/* Live sessions of the asker. */
int account_on_session_list(struct account_app *app, const struct msg_rpc_list_request *in,
                            struct msg_rpc_session_list_response *out, struct kit_error *err);
/* Makes an API token (rules 5.2). Appends SessionSaved. */
int account_on_token_create(struct account_app *app, const struct msg_rpc_token_create_request *in,
                            struct msg_rpc_session_response *out, struct kit_error *err);
/* Live tokens of the asker's account; an operator's look is at all. */
int account_on_token_list(struct account_app *app, const struct msg_rpc_list_request *in,
                          struct msg_rpc_session_list_response *out, struct kit_error *err);
/* KIT_E_NOT_FOUND for one of another account. Appends SessionSaved. */
int account_on_token_end(struct account_app *app, const struct msg_rpc_get_request *in,
                         struct msg_rpc_session_end_response *out, struct kit_error *err);
/* Who asks. KIT_E_UNAUTHENTICATED for nobody. */
int account_on_me(struct account_app *app, const struct msg_rpc_me_request *in,
                  struct msg_rpc_me_response *out, struct kit_error *err);

/* Deletes sessions that have been over for long. */
int account_on_timer(struct account_app *app, struct kit_error *err);

#endif
