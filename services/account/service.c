/* lockstock-account: who may come in. Owns accounts, people, their passwords, sessions and tokens.
 * Its stream tells numbers, roles, states and hashes, and never who somebody is.
 * Rules: schemas/rules/account.md. Topics and schemas: schemas/topics.md. */
#include "account/service.h"

#include "account/handlers/handlers.h"
#include "kit/base/metric.h"
#include "kit/service/routes.h"

#define REQUESTS(X)                                                                                \
    /* Appends AccountSaved, as update does. */                                                    \
    X("account-create", KIT_RPC_EFFECT, rpc_account_create_request, rpc_account_response,          \
      account_on_create)                                                                           \
    X("account-get", KIT_RPC_READ, rpc_get_request, rpc_account_response, account_on_get)          \
    X("account-list", KIT_RPC_READ, rpc_list_request, rpc_account_list_response, account_on_list)  \
    X("account-update", KIT_RPC_EFFECT, rpc_account_update_request, rpc_account_response,          \
      account_on_update)                                                                           \
    /* Appends PersonSaved, as the others that change one. */                                      \
    X("person-create", KIT_RPC_SECRET, rpc_person_create_request, rpc_person_response,             \
      account_on_person_create)                                                                    \
    X("person-get", KIT_RPC_READ, rpc_get_request, rpc_person_response, account_on_person_get)     \
    X("person-list", KIT_RPC_READ, rpc_list_request, rpc_person_list_response,                     \
      account_on_person_list)                                                                      \
    X("person-update", KIT_RPC_SECRET, rpc_person_update_request, rpc_person_response,             \
      account_on_person_update)                                                                    \
    X("person-erase", KIT_RPC_SECRET, rpc_get_request, rpc_person_response,                        \
      account_on_person_erase)                                                                     \
    X("password-reset", KIT_RPC_SECRET, rpc_password_reset_request, rpc_person_response,           \
      account_on_password_reset)                                                                   \
    X("password-set", KIT_RPC_SECRET, rpc_password_set_request, rpc_person_response,               \
      account_on_password_set)                                                                     \
    X("password-change", KIT_RPC_SECRET, rpc_password_change_request, rpc_person_response,         \
      account_on_password_change)                                                                  \
    /* Appends SessionSaved, as all below that change one. */                                      \
    X("session-open", KIT_RPC_SECRET, rpc_session_open_request, rpc_session_open_response,         \
      account_on_session_open)                                                                     \
    X("session-end", KIT_RPC_EFFECT, rpc_session_end_request, rpc_session_end_response,            \
      account_on_session_end)                                                                      \
    X("session-list", KIT_RPC_READ, rpc_list_request, rpc_session_list_response,                   \
      account_on_session_list)                                                                     \
    X("token-create", KIT_RPC_SECRET, rpc_token_create_request, rpc_session_response,              \
      account_on_token_create)                                                                     \
    X("token-list", KIT_RPC_READ, rpc_list_request, rpc_session_list_response,                     \
      account_on_token_list)                                                                       \
    X("token-end", KIT_RPC_EFFECT, rpc_get_request, rpc_session_end_response,                      \
      account_on_token_end)                                                                        \
    X("me", KIT_RPC_READ, rpc_me_request, rpc_me_response, account_on_me)
KIT_RPC_TABLE(account_requests, struct account_app, REQUESTS);

/* One person, one name to sign in with (rules 1.4). */
static void account_complete(const struct kit_shape *shape, void *in)
{
    if (shape == &msg_rpc_person_create_request_shape)
        account_login_fold(((struct msg_rpc_person_create_request *)in)->login);
    else if (shape == &msg_rpc_session_open_request_shape)
        account_login_fold(((struct msg_rpc_session_open_request *)in)->login);
}

static int account_open(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct account_app *app = app_pointer;
    app->service = service;
    app->session_ms = kit_service_setting(service, ACCOUNT_SETTING_SESSION);
    app->link_ms = kit_service_setting(service, ACCOUNT_SETTING_LINK);
    app->login_pauses.free_tries = ACCOUNT_LOGIN_TRIES;
    app->login_pauses.longest_ms = ACCOUNT_LOGIN_PAUSE_MS;
    app->address_pauses.free_tries = ACCOUNT_ADDRESS_TRIES;
    app->address_pauses.longest_ms = ACCOUNT_ADDRESS_PAUSE_MS;
    kit_service_random(service, app->key, sizeof(app->key));
    return account_store_open(&app->store, kit_service_db(service), err);
}

static void account_close(void *app_pointer)
{
    struct account_app *app = app_pointer;
    account_store_close(&app->store);
}

static int account_timer(void *app_pointer, struct kit_error *err)
{
    return account_on_timer(app_pointer, err);
}

static void account_metrics(void *app_pointer, struct kit_buf *out)
{
    const struct account_app *app = app_pointer;

    kit_metric_counter(out, "account_sessions_opened_total", "People who have signed in.",
                       app->opened_total);
    kit_metric_counter(out, "account_sign_ins_wrong_total",
                       "Tries to sign in with something wrong.", app->wrong_total);
    kit_metric_counter(out, "account_sign_ins_paused_total",
                       "Tries to sign in that came too soon after wrong ones.", app->paused_total);
}

const struct kit_service_desc account_service = {
    .name = "account",
    .app_size_bytes = sizeof(struct account_app),
    .migrations = account_migrations,
    .migration_count = ACCOUNT_MIGRATION_COUNT,
    .requests = &account_requests,
    .complete = account_complete,
    .publishes = true,
    .on_timer = account_timer,
    .timer_period_ms = ACCOUNT_SWEEP_PERIOD_MS,
    .open = account_open,
    .close = account_close,
    .metrics = account_metrics,
};
