/* Accounts and people; see handlers.h. They run on the loop inside the open transaction; what they
 * append to the log leaves after the commit. */
#include "account/handlers/handlers.h"

#include <inttypes.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/event_account.gen.h"
#include "msg/event_person.gen.h"

#define NOBODY (-1) /* no person has this number */

_Static_assert(sizeof(((struct msg_rpc_person_response *)NULL)->name) == ACCOUNT_NAME_SIZE,
               "a name fits");
_Static_assert(sizeof(((struct msg_rpc_person_response *)NULL)->login) == ACCOUNT_LOGIN_SIZE,
               "a login fits");
_Static_assert(sizeof(((struct msg_rpc_person_create_request *)NULL)->link_hash) ==
                   ACCOUNT_HASH_SIZE,
               "a hash fits");
_Static_assert((int)KIT_ROLE_OPERATOR == (int)ROLE_OPERATOR, "roles have the same numbers");

/* ---- what several handlers do ---- */

struct kit_actor account_asker(const struct account_app *app)
{
    return kit_service_request(app->service)->actor;
}

bool account_is_own(const struct account_app *app)
{
    const enum kit_role role = account_asker(app).role;

    return kit_service_request(app->service)->is_own || role == KIT_ROLE_CUSTOMER ||
           role == KIT_ROLE_SERVICE;
}

int account_refuse(enum account_refusal refusal, struct kit_error *err)
{
    static const struct {
        int code;
        const char *type, *pointer, *text;
    } REFUSALS[] = {
        [ACCOUNT_ACCEPTED] = { .code = KIT_OK },
        [ACCOUNT_REFUSED_ROLE] = { KIT_E_INVALID, "", "/role",
                                   "Nobody can have this role. Take customer, picker, counter, "
                                   "supervisor, operator or auditor." },
        [ACCOUNT_REFUSED_NO_ACCOUNT] = { KIT_E_INVALID, "", "/account",
                                         "A customer belongs to an account. Name one, or make "
                                         "one first." },
        [ACCOUNT_REFUSED_STAFF_ACCOUNT] = { KIT_E_INVALID, "", "/account",
                                            "Staff belong to no account. Leave it out." },
        [ACCOUNT_REFUSED_STATE] = { KIT_E_INVALID, "", "/state",
                                    "The state can be made active or disabled." },
        [ACCOUNT_REFUSED_ERASED] = { KIT_E_REFUSED, "erased", "",
                                     "This person was erased. Invite somebody new." },
        [ACCOUNT_REFUSED_LAST_OPERATOR] = { KIT_E_REFUSED, "last-operator", "",
                                            "This is the last active operator. Make another one "
                                            "first, or nobody can let anybody in." },
        [ACCOUNT_REFUSED_SHORT] = { KIT_E_INVALID, "", "/password",
                                    "A password has at least 10 characters. A sentence is good." },
        [ACCOUNT_REFUSED_IS_LOGIN] = { KIT_E_INVALID, "", "/password",
                                       "The password is the name to sign in with. Take another "
                                       "one." },
        [ACCOUNT_REFUSED_SCOPES] = { KIT_E_INVALID, "", "/scopes",
                                     "Scopes are read and order, each once, with a blank "
                                     "between." },
    };
    if (refusal == ACCOUNT_ACCEPTED)
        return KIT_OK;
    kit_error_typed(err, REFUSALS[refusal].code, REFUSALS[refusal].type, "%s",
                    REFUSALS[refusal].text);
    kit_text_copy(err->pointer, sizeof(err->pointer), REFUSALS[refusal].pointer);
    return err->code;
}

static int append_account(struct account_app *app, const struct account *account,
                          struct kit_error *err)
{
    const struct msg_event_account event = { .id = account->id, .state = account->state };
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "AccountSaved",
                                  .aggregate = "account",
                                  .id = account->id,
                                  .version = account->version,
                                  .data = KIT_BODY(event_account, &event),
                              },
                              err);
}

int account_append_person(struct account_app *app, const struct account_person *person,
                          struct kit_error *err)
{
    const struct msg_event_person event = {
        .id = person->id,
        .has_account = person->account != 0,
        .account = person->account,
        .role = person->role,
        .state = person->state,
    };
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "PersonSaved",
                                  .aggregate = "person",
                                  .id = person->id,
                                  .version = person->version,
                                  .data = KIT_BODY(event_person, &event),
                              },
                              err);
}

static void fill_account(const struct account *account, struct msg_rpc_account_response *ret)
{
    ret->id = account->id;
    ret->state = account->state;
    memcpy(ret->name, account->name, sizeof(ret->name));
}

void account_fill_person(const struct account_person *person, struct msg_rpc_person_response *ret)
{
    *ret = (struct msg_rpc_person_response){
        .id = person->id,
        .has_login = person->login[0] != '\0',
        .has_name = person->name[0] != '\0',
        .has_account = person->account != 0,
        .account = person->account,
        .role = person->role,
        .state = person->state,
    };
    memcpy(ret->login, person->login, sizeof(ret->login));
    memcpy(ret->name, person->name, sizeof(ret->name));
}

/* What is not the asker's own is not there (rules 1.6). of->id 0: it is of the whole account. */
static int check_own(const struct account_app *app, const char *what, int64_t id,
                     const struct account_person *of, struct kit_error *err)
{
    const struct kit_actor asker = account_asker(app);

    if (!account_is_own(app) || (of->id != 0 && of->id == asker.person) ||
        (of->account != 0 && of->account == asker.account))
        return KIT_OK;
    return kit_error_set(err, KIT_E_NOT_FOUND, "There is no %s %" PRId64 ".", what, id);
}

/* What the asker's lists show. Staff, who have no account, see themselves. */
static struct account_filter whom(const struct account_app *app)
{
    const struct kit_actor asker = account_asker(app);

    if (!account_is_own(app))
        return (struct account_filter){ 0 };
    if (asker.account != 0)
        return (struct account_filter){ .account = asker.account };
    return (struct account_filter){ .person = asker.person != 0 ? asker.person : NOBODY };
}

/* ---- accounts ---- */

int account_on_create(struct account_app *app, const struct msg_rpc_account_create_request *in,
                      struct msg_rpc_account_response *out, struct kit_error *err)
{
    struct account account = {
        .state = ACCESS_STATE_ACTIVE,
        .version = 1,
        .made_at_ms = kit_service_now_ms(app->service),
    };
    memcpy(account.name, in->name, sizeof(account.name));
    int rc = account_store_add(&app->store, &account, err);
    if (rc != KIT_OK)
        return rc;
    fill_account(&account, out);
    return append_account(app, &account, err);
}

int account_on_get(struct account_app *app, const struct msg_rpc_get_request *in,
                   struct msg_rpc_account_response *out, struct kit_error *err)
{
    struct account account;
    int rc = check_own(app, "account", in->id, &(struct account_person){ .account = in->id }, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_store_get(&app->store, in->id, &account, err);
    if (rc != KIT_OK)
        return rc;
    fill_account(&account, out);
    return KIT_OK;
}

int account_on_list(struct account_app *app, const struct msg_rpc_list_request *in,
                    struct msg_rpc_account_list_response *out, struct kit_error *err)
{
    struct account_filter filter = whom(app);
    struct kit_page page = { .number = in->page, .size = in->size };
    struct account *accounts = kit_arena_take(kit_service_arena(app->service),
                                              (size_t)in->size * sizeof(*accounts));
    if (filter.person != 0) /* whoever has no account sees none */
        filter.account = NOBODY;
    int rc = account_store_list(&app->store, &filter, &page, accounts, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        fill_account(&accounts[i], &out->items[i]);
    return KIT_OK;
}

int account_on_update(struct account_app *app, const struct msg_rpc_account_update_request *in,
                      struct msg_rpc_account_response *out, struct kit_error *err)
{
    struct account account;

    if (in->has_state && in->state != ACCESS_STATE_ACTIVE && in->state != ACCESS_STATE_DISABLED)
        return account_refuse(ACCOUNT_REFUSED_STATE, err);
    int rc = account_store_get(&app->store, in->id, &account, err);
    if (rc != KIT_OK)
        return rc;
    if (in->has_name)
        memcpy(account.name, in->name, sizeof(account.name));
    if (in->has_state)
        account.state = in->state;
    account.version++;
    rc = account_store_save(&app->store, &account, err);
    if (rc != KIT_OK)
        return rc;
    fill_account(&account, out);
    return append_account(app, &account, err);
}

/* ---- people ---- */

/* *ret_same: this very invitation was taken before, and *ret_person is who was made of it. */
static int check_login(struct account_app *app, const struct msg_rpc_person_create_request *in,
                       struct account_person *ret_person, bool *ret_same, struct kit_error *err)
{
    struct account_person other;
    bool is_taken = false;
    int rc = account_store_find_login(&app->store, in->login, &other, &is_taken, err);
    if (rc != KIT_OK || !is_taken)
        return rc;
    *ret_same = strcmp(other.link_hash, in->link_hash) == 0;
    if (*ret_same) {
        *ret_person = other;
        return KIT_OK;
    }
    kit_error_typed(err, KIT_E_REFUSED, "login-taken",
                    "Person %" PRId64 " signs in with this name already. Take another one.",
                    other.id);
    kit_text_copy(err->pointer, sizeof(err->pointer), "/login");
    return err->code;
}

/* An account that people can belong to. */
static int check_account(struct account_app *app, int64_t id, struct kit_error *err)
{
    struct account account;

    if (id == 0)
        return KIT_OK;
    int rc = account_store_get(&app->store, id, &account, err);
    if (rc == KIT_E_NOT_FOUND)
        return kit_error_at(err, KIT_E_INVALID, "/account",
                            "There is no account %" PRId64 ". Make it first.", id);
    return rc;
}

int account_on_person_create(struct account_app *app,
                             const struct msg_rpc_person_create_request *in,
                             struct msg_rpc_person_response *out, struct kit_error *err)
{
    const int64_t now_ms = kit_service_now_ms(app->service);
    bool is_same = false;
    struct account_person person = {
        .account = in->has_account ? in->account : 0,
        .role = in->role,
        .state = ACCESS_STATE_INVITED,
        .link_until_ms = now_ms + app->link_ms,
        .version = 1,
        .made_at_ms = now_ms,
    };
    memcpy(person.login, in->login, sizeof(person.login));
    memcpy(person.name, in->name, sizeof(person.name));
    memcpy(person.link_hash, in->link_hash, sizeof(person.link_hash));
    int rc = account_refuse(account_decide_role(person.role, person.account), err);
    if (rc != KIT_OK)
        return rc;
    rc = check_account(app, person.account, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_login(app, in, &person, &is_same, err);
    if (rc != KIT_OK)
        return rc;
    if (is_same) {
        account_fill_person(&person, out);
        return KIT_OK;
    }
    rc = account_store_add_person(&app->store, &person, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&person, out);
    return account_append_person(app, &person, err);
}

int account_on_person_get(struct account_app *app, const struct msg_rpc_get_request *in,
                          struct msg_rpc_person_response *out, struct kit_error *err)
{
    struct account_person person;
    int rc = account_store_get_person(&app->store, in->id, &person, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_own(app, "person", in->id, &person, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&person, out);
    return KIT_OK;
}

int account_on_person_list(struct account_app *app, const struct msg_rpc_list_request *in,
                           struct msg_rpc_person_list_response *out, struct kit_error *err)
{
    struct kit_page page = { .number = in->page, .size = in->size };
    struct account_person *people = kit_arena_take(kit_service_arena(app->service),
                                                   (size_t)in->size * sizeof(*people));
    const struct account_filter filter = whom(app);
    int rc = account_store_list_people(&app->store, &filter, &page, people, err);
    if (rc != KIT_OK)
        return rc;
    out->total = page.total;
    out->items_count = page.count;
    for (size_t i = 0; i < page.count; i++) /* at most in->size, which is at most 100 */
        account_fill_person(&people[i], &out->items[i]);
    return KIT_OK;
}

/* Saves what was decided, and tells. Who may not come in any more is out at once. */
static int save_person(struct account_app *app, const struct account_person *person,
                       struct kit_error *err)
{
    int64_t ended = 0;
    int rc = account_store_save_person(&app->store, person, err);
    if (rc != KIT_OK)
        return rc;
    if (person->state == ACCESS_STATE_DISABLED || person->state == ACCESS_STATE_ERASED) {
        rc = account_end_all(app, person->id, 0, &ended, err);
        if (rc != KIT_OK)
            return rc;
    }
    return account_append_person(app, person, err);
}

int account_on_person_update(struct account_app *app,
                             const struct msg_rpc_person_update_request *in,
                             struct msg_rpc_person_response *out, struct kit_error *err)
{
    const struct account_wish wish = {
        .has_role = in->has_role,
        .has_state = in->has_state,
        .has_account = in->has_account,
        .role = in->role,
        .state = in->state,
        .account = in->account,
    };
    struct account_person person, after;
    int64_t other_operators = 0;
    int rc = account_store_get_person(&app->store, in->id, &person, err);
    if (rc != KIT_OK)
        return rc;
    rc = check_account(app, in->has_account ? in->account : 0, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_store_other_operators(&app->store, in->id, &other_operators, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_refuse(account_decide_update(&person, &wish, other_operators, &after), err);
    if (rc != KIT_OK)
        return rc;
    rc = save_person(app, &after, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&after, out);
    return KIT_OK;
}

int account_on_person_erase(struct account_app *app, const struct msg_rpc_get_request *in,
                            struct msg_rpc_person_response *out, struct kit_error *err)
{
    struct account_person person, after;
    int64_t other_operators = 0;
    int rc = account_store_get_person(&app->store, in->id, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (person.state == ACCESS_STATE_ERASED) { /* asked twice */
        account_fill_person(&person, out);
        return KIT_OK;
    }
    rc = account_store_other_operators(&app->store, in->id, &other_operators, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_refuse(account_decide_erase(&person, other_operators, &after), err);
    if (rc != KIT_OK)
        return rc;
    rc = save_person(app, &after, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&after, out);
    return KIT_OK;
}

int account_on_password_reset(struct account_app *app,
                              const struct msg_rpc_password_reset_request *in,
                              struct msg_rpc_person_response *out, struct kit_error *err)
{
    struct account_person person;
    int rc = account_store_get_person(&app->store, in->id, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (person.state == ACCESS_STATE_ERASED)
        return account_refuse(ACCOUNT_REFUSED_ERASED, err);
    memcpy(person.link_hash, in->link_hash, sizeof(person.link_hash));
    person.link_until_ms = kit_service_now_ms(app->service) + app->link_ms;
    person.version++;
    rc = account_store_save_person(&app->store, &person, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&person, out);
    return account_append_person(app, &person, err);
}
