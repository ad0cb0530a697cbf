/* Passwords and signing in; see handlers.h. Hashes are made and compared off the loop: a handler
 * starts that and waits, and what comes back is judged by the rows of then. */
#include <inttypes.h>
#include <string.h>

#include "account/handlers/handlers.h"
#include "kit/base/mac.h"
#include "kit/base/password.h"
#include "kit/base/text.h"

#define RETRY_AFTER_MS 1000

_Static_assert(ACCOUNT_STORED_SIZE == KIT_PASSWORD_SIZE, "a hash fits");

/* Of no password: who does not exist costs as much as who does (rules 4.2). */
static const char NOBODY[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
                             "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int account_refuse_sign_in(struct kit_error *err)
{
    return kit_error_set(err, KIT_E_UNAUTHENTICATED,
                         "The name or the password is wrong. Try again, or ask for a new link.");
}

/* ---- passwords ---- */

/* What goes to another thread and comes back. */
struct password_job {
    uint64_t ticket;
    int64_t person;
    int64_t session;                   /* that stays */
    char link_hash[ACCOUNT_HASH_SIZE]; /* "": without a link */
    char old[sizeof(((struct msg_rpc_password_change_request *)NULL)->password)];
    char password[sizeof(((struct msg_rpc_password_set_request *)NULL)->password)];
    char stored[ACCOUNT_STORED_SIZE]; /* of the old one; then of the new one */
    uint8_t salt[KIT_PASSWORD_SALT_BYTES];
    bool is_old_right, is_made;
};

static void make_password(void *data)
{
    struct password_job *job = data;

    job->is_old_right = job->link_hash[0] != '\0' || kit_password_fits(job->old, job->stored);
    job->is_made = job->is_old_right && kit_password_make(job->password, job->salt, job->stored);
}

/* By the link, or by the number. */
static int load_person(struct account_app *app, const struct password_job *job,
                       struct account_person *ret_person, struct kit_error *err)
{
    bool is_found = false;

    if (job->link_hash[0] == '\0')
        return account_store_get_person(&app->store, job->person, ret_person, err);
    int rc = account_store_find_link(&app->store, job->link_hash, ret_person, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found && ret_person->link_until_ms > kit_service_now_ms(app->service))
        return KIT_OK;
    return kit_error_typed(err, KIT_E_NOT_FOUND, "link-unknown",
                           "This link was used, or is too old. Ask for a new one.");
}

static int on_password_made(void *app_pointer, void *data, struct kit_error *err)
{
    struct account_app *app = app_pointer;
    const struct password_job *job = data;
    struct msg_rpc_person_response answer = { 0 };
    struct account_person person;
    int64_t ended = 0;

    if (!job->is_old_right)
        return account_refuse_sign_in(err);
    if (!job->is_made) {
        kit_error_set(err, KIT_E_LIMIT, "There is no memory for it now. Try again in a second.");
        err->retry_after_ms = RETRY_AFTER_MS;
        return err->code;
    }
    int rc = load_person(app, job, &person, err);
    if (rc != KIT_OK)
        return rc;
    if (person.state == ACCESS_STATE_ERASED)
        return account_refuse(ACCOUNT_REFUSED_ERASED, err);
    account_take_password(&person, job->stored);
    rc = account_store_save_person(&app->store, &person, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_end_all(app, person.id, job->session, &ended, err);
    if (rc != KIT_OK)
        return rc;
    rc = account_append_person(app, &person, err);
    if (rc != KIT_OK)
        return rc;
    account_fill_person(&person, &answer);
    return kit_service_reply(app->service, job->ticket, KIT_BODY(rpc_person_response, &answer),
                             err);
}

static int send_password(struct account_app *app, struct password_job *job, const char *login,
                         struct kit_error *err)
{
    const struct kit_service_work work = {
        .run = make_password,
        .on_done = on_password_made,
        .data = job,
        .size_bytes = sizeof(*job),
    };
    int rc = account_refuse(account_judge_password(job->password, login), err);
    if (rc != KIT_OK)
        return rc;
    job->ticket = kit_service_request(app->service)->ticket;
    kit_service_random(app->service, job->salt, sizeof(job->salt));
    rc = kit_service_work(app->service, &work, err);
    if (rc != KIT_OK)
        return rc;
    return KIT_PENDING;
}

/* Judges the new password and sends it on its way. The job is overwritten. */
static int start_password(struct account_app *app, struct password_job *job, const char *login,
                          struct kit_error *err)
{
    int rc = send_password(app, job, login, err);
    kit_wipe(job, sizeof(*job));
    return rc;
}

int account_on_password_set(struct account_app *app, const struct msg_rpc_password_set_request *in,
                            struct msg_rpc_person_response *out, struct kit_error *err)
{
    struct password_job job = { 0 };
    struct account_person person;

    (void)out;
    memcpy(job.link_hash, in->link_hash, sizeof(job.link_hash));
    memcpy(job.password, in->password, sizeof(job.password));
    int rc = load_person(app, &job, &person, err);
    if (rc != KIT_OK)
        return rc;
    return start_password(app, &job, person.login, err);
}

/* ---- pauses (rules 4.3) ---- */

static uint64_t key_of(const struct account_app *app, const char *text)
{
    uint8_t mac[KIT_MAC_BYTES];
    uint64_t key;

    kit_mac(app->key, text, strlen(text), mac);
    memcpy(&key, mac, sizeof(key));
    return key | 1; /* 0 is no key */
}

/* Counts a try, unless it comes too soon. */
static int try_once(struct account_app *app, const char *login, const char *address,
                    struct kit_error *err)
{
    const int64_t now_mono_ms = kit_service_mono_ms(app->service);
    const uint64_t by_login = key_of(app, login), by_address = key_of(app, address);
    int64_t left_ms = account_pauses_left(&app->login_pauses, by_login, now_mono_ms);
    const int64_t other_ms =
        address[0] != '\0' ? account_pauses_left(&app->address_pauses, by_address, now_mono_ms) : 0;

    if (other_ms > left_ms)
        left_ms = other_ms;
    if (left_ms > 0) {
        app->paused_total++;
        kit_error_typed(err, KIT_E_LIMIT, "too-many-attempts",
                        "There were too many tries. Wait %" PRId64 " s before the next one.",
                        (left_ms + 999) / 1000);
        err->retry_after_ms = left_ms;
        return err->code;
    }
    account_pauses_try(&app->login_pauses, by_login, now_mono_ms);
    if (address[0] != '\0')
        account_pauses_try(&app->address_pauses, by_address, now_mono_ms);
    return KIT_OK;
}

static void note_right(struct account_app *app, const char *login, const char *address)
{
    account_pauses_forget(&app->login_pauses, key_of(app, login));
    if (address[0] != '\0')
        account_pauses_take_back(&app->address_pauses, key_of(app, address));
}

int account_on_password_change(struct account_app *app,
                               const struct msg_rpc_password_change_request *in,
                               struct msg_rpc_person_response *out, struct kit_error *err)
{
    struct password_job job = { .person = account_asker(app).person,
                                .session = in->has_session ? in->session : 0 };
    struct account_person person;

    (void)out;
    if (job.person == 0)
        return account_refuse_sign_in(err);
    int rc = account_store_get_person(&app->store, job.person, &person, err);
    if (rc != KIT_OK)
        return rc;
    rc = try_once(app, person.login, "", err);
    if (rc != KIT_OK)
        return rc;
    memcpy(job.old, in->password, sizeof(job.old));
    memcpy(job.password, in->new_password, sizeof(job.password));
    kit_text_copy(job.stored, sizeof(job.stored),
                  person.password[0] != '\0' ? person.password : NOBODY);
    return start_password(app, &job, person.login, err);
}

/* ---- signing in (rules 4) ---- */

struct sign_in {
    uint64_t ticket;
    int64_t person; /* 0: there is nobody of that name */
    int64_t until_ms;
    char login[ACCOUNT_LOGIN_SIZE];
    char address[sizeof(((struct msg_rpc_session_open_request *)NULL)->address)];
    char token_hash[ACCOUNT_HASH_SIZE];
    char password[sizeof(((struct msg_rpc_session_open_request *)NULL)->password)];
    char stored[ACCOUNT_STORED_SIZE];
    bool is_right;
};

static void compare_password(void *data)
{
    struct sign_in *job = data;
    job->is_right = kit_password_fits(job->password, job->stored);
}

/* Whether they may come in now, by the rows of now. */
static int judge_sign_in(struct account_app *app, const struct sign_in *job,
                         struct account_person *ret_person, bool *ret_may, struct kit_error *err)
{
    struct account account = { .state = ACCESS_STATE_ACTIVE };

    *ret_may = false;
    if (!job->is_right || job->person == 0)
        return KIT_OK;
    int rc = account_store_get_person(&app->store, job->person, ret_person, err);
    if (rc != KIT_OK)
        return rc;
    if (ret_person->account != 0) {
        rc = account_store_get(&app->store, ret_person->account, &account, err);
        if (rc != KIT_OK)
            return rc;
    }
    *ret_may = ret_person->state == ACCESS_STATE_ACTIVE && account.state == ACCESS_STATE_ACTIVE &&
               strcmp(ret_person->password, job->stored) == 0;
    return KIT_OK;
}

static int on_password_compared(void *app_pointer, void *data, struct kit_error *err)
{
    struct account_app *app = app_pointer;
    const struct sign_in *job = data;
    struct msg_rpc_session_open_response answer = { 0 };
    struct account_session wish = { .person = job->person, .until_ms = job->until_ms };
    struct account_session session;
    struct account_person person;
    bool may = false;

    int rc = judge_sign_in(app, job, &person, &may, err);
    if (rc != KIT_OK)
        return rc;
    if (!may) {
        app->wrong_total++;
        return account_refuse_sign_in(err);
    }
    memcpy(wish.hash, job->token_hash, sizeof(wish.hash));
    rc = account_open_session(app, &wish, &session, err);
    if (rc != KIT_OK)
        return rc;
    answer.id = session.id;
    account_fill_me(&person, session.until_ms, &answer.me);
    rc = kit_service_reply(app->service, job->ticket, KIT_BODY(rpc_session_open_response, &answer),
                           err);
    if (rc != KIT_OK)
        return rc;
    app->opened_total++;
    note_right(app, job->login, job->address);
    return KIT_OK;
}

int account_on_session_open(struct account_app *app, const struct msg_rpc_session_open_request *in,
                            struct msg_rpc_session_open_response *out, struct kit_error *err)
{
    struct sign_in job = { .until_ms = in->has_until ? in->until_ms : 0 };
    struct account_person person = { 0 };
    bool is_found = false;

    (void)out;
    int rc = try_once(app, in->login, in->has_address ? in->address : "", err);
    if (rc != KIT_OK)
        return rc;
    rc = account_store_find_login(&app->store, in->login, &person, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    job.ticket = kit_service_request(app->service)->ticket;
    job.person = is_found ? person.id : 0;
    memcpy(job.login, in->login, sizeof(job.login));
    memcpy(job.address, in->address, sizeof(job.address));
    memcpy(job.token_hash, in->token_hash, sizeof(job.token_hash));
    memcpy(job.password, in->password, sizeof(job.password));
    kit_text_copy(job.stored, sizeof(job.stored),
                  person.password[0] != '\0' ? person.password : NOBODY);
    rc = kit_service_work(app->service,
                          &(struct kit_service_work){ .run = compare_password,
                                                      .on_done = on_password_compared,
                                                      .data = &job,
                                                      .size_bytes = sizeof(job) },
                          err);
    kit_wipe(&job, sizeof(job));
    if (rc != KIT_OK)
        return rc;
    return KIT_PENDING;
}
