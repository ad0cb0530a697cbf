/* Issues, revocations and configurations. A code is never stored, only its hash; whoever may see it
 * gets it derived again. Runs on the loop inside the open transaction. */
#include "delivery/work/codes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "msg/device_config.gen.h"

_Static_assert(KIT_KEY_BYTES == KIT_MAC_BYTES, "a key is used as it is");

struct live {
    struct grant grants[GRANTS_MAX];
    size_t count;
};

/* NULL: none. */
static const struct grant *find_live(const struct live *live, int compartment)
{
    for (size_t i = 0; i < live->count; i++) {
        if (live->grants[i].compartment == compartment)
            return &live->grants[i];
    }
    return NULL;
}

int codes_key(struct delivery_app *app, const char *locker, uint8_t ret_key[KIT_KEY_BYTES],
              bool *ret_found, struct kit_error *err)
{
    int rc = kit_service_key(app->service, locker, ret_key, err);
    *ret_found = rc == KIT_OK;
    if (rc != KIT_E_NOT_FOUND && rc != KIT_E_INVALID && rc != KIT_E_UNAVAILABLE)
        return rc; /* KIT_OK too */
    *err = (struct kit_error){ 0 };
    return kit_device_logs_set_silent(&app->logs, locker, err);
}

int codes_check_key(struct delivery_app *app, const char *device, struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    const int rc = kit_service_key(app->service, device, key, err);
    kit_wipe(key, sizeof(key));
    return rc;
}

int codes_has_key(struct delivery_app *app, const char *locker, bool *ret_found,
                  struct kit_error *err)
{
    uint8_t key[KIT_KEY_BYTES];
    const int rc = codes_key(app, locker, key, ret_found, err);
    kit_wipe(key, sizeof(key));
    return rc;
}

bool codes_is_ended(const struct delivery_app *app, const struct locker *locker)
{
    return locker->protocol < kit_service_setting(app->service, "oldest-protocol");
}

int codes_find_link(struct delivery_app *app, const char *name, struct codes_link *ret_link,
                    struct kit_error *err)
{
    struct locker locker;
    bool is_found = false, has_key = false;

    int rc = locker_store_find(&app->lockers, name, &locker, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found) {
        rc = codes_has_key(app, name, &has_key, err);
        if (rc != KIT_OK)
            return rc;
    }
    *ret_link = (struct codes_link){
        .has_key = has_key,
        .is_reachable = has_key && kit_log_is_there(&locker.log),
    };
    return KIT_OK;
}

/* ---- configurations ---- */

static void fill_grants(const struct live *live, struct msg_device_config *ret_msg)
{
    for (size_t i = 0; i < live->count; i++) { /* at most GRANTS_MAX */
        const struct grant *grant = &live->grants[i];
        struct msg_device_grant *told = &ret_msg->grants[ret_msg->grants_count++];
        *told = (struct msg_device_grant){
            .id = grant->id,
            .compartment = grant->compartment,
            .not_before = grant->not_before_ms,
            .expires_at = grant->expires_at_ms,
        };
        kit_text_copy(told->code_hash, sizeof(told->code_hash), grant->code_hash);
    }
}

static int send_config(struct delivery_app *app, const struct locker *to, int64_t revision,
                       struct kit_error *err)
{
    const char *locker = to->name;
    struct msg_device_config msg = { .revision = revision,
                                     .now = kit_service_now_ms(app->service) };
    uint8_t key[KIT_KEY_BYTES];
    struct live live;
    bool has_key = false;

    if (codes_is_ended(app, to))
        return KIT_OK;
    int rc = locker_store_live_grants(&app->lockers, locker, live.grants, &live.count, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "configuration of %s", locker);
    rc = codes_key(app, locker, key, &has_key, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "configuration of %s", locker);
    if (!has_key)
        return KIT_OK; /* it could not check it; should it come back, it says hello */

    fill_grants(&live, &msg);
    const struct grant_device device = { kit_service_site(app->service), locker, key,
                                         to->protocol };
    msg.has_key_no = to->protocol >= GRANT_PROTOCOL_2;
    msg.key_no = GRANT_KEY_NO;
    const struct grant_config config = { revision, msg.now, live.grants, live.count };
    grant_config_mac(&device, &config, msg.mac);
    kit_wipe(key, sizeof(key));
    app->locker_totals.configs_sent++;
    return kit_service_send(app->service,
                            &(struct kit_device_send){ .kind = "locker",
                                                       .device = locker,
                                                       .leaf = "config",
                                                       .is_retained = true,
                                                       .body = KIT_BODY(device_config, &msg) },
                            err);
}

int codes_get_locker(struct delivery_app *app, const char *name, struct locker *ret,
                     struct kit_error *err)
{
    bool is_found = false;
    int rc = locker_store_find(&app->lockers, name, ret, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_found)
        return kit_error_set(err, KIT_E_CORRUPT, "locker %s is not there", name);
    return rc;
}

/* Its next configuration has a number above all before it, and above `floor`. */
static int renew(struct delivery_app *app, struct locker *locker, int64_t floor,
                 struct kit_error *err)
{
    int64_t last = locker->revision_wanted > floor ? locker->revision_wanted : floor;
    int rc = grant_next_number(last, kit_service_now_ms(app->service), &locker->revision_wanted,
                               err);
    if (rc != KIT_OK)
        return rc;
    return locker_store_set_wanted(&app->lockers, locker->name, locker->revision_wanted, err);
}

int codes_renew(struct delivery_app *app, const char *name, struct kit_error *err)
{
    struct locker locker;
    int rc = codes_get_locker(app, name, &locker, err);
    if (rc != KIT_OK)
        return rc;
    return renew(app, &locker, 0, err);
}

int codes_publish(struct delivery_app *app, const char *name, int64_t floor, struct kit_error *err)
{
    struct locker locker;
    int rc = codes_get_locker(app, name, &locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = renew(app, &locker, floor, err);
    if (rc != KIT_OK)
        return rc;
    return send_config(app, &locker, locker.revision_wanted, err);
}

int codes_send(struct delivery_app *app, const char *name, struct kit_error *err)
{
    struct locker locker;
    int rc = codes_get_locker(app, name, &locker, err);
    if (rc != KIT_OK)
        return rc;
    if (locker.revision_wanted == 0)
        return codes_publish(app, name, 0, err);
    return send_config(app, &locker, locker.revision_wanted, err);
}

/* ---- issue and revoke ---- */

int codes_take_out(struct delivery_app *app, const struct grant *grant, struct kit_error *err)
{
    struct locker locker;
    struct locker_compartment compartment;
    bool is_found = false;

    int rc = locker_store_set_grant(&app->lockers, grant->id, GRANT_REVOKED, err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_get_locker(app, grant->locker, &locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_compartment(&app->lockers,
                                  &(struct compartment_id){ grant->locker, grant->compartment },
                                  &compartment, &is_found, err);
    if (rc != KIT_OK || !is_found)
        return rc;
    /* Every later revision is without it, and a later one follows at once. */
    compartment.clean_revision = locker.revision_wanted + 1;
    return locker_store_save_compartment(&app->lockers, &compartment, err);
}

/* The next number n whose code no other compartment of the locker has now (rules 9.1). */
static int64_t next_issue(const uint8_t secret[KIT_KEY_BYTES], const struct delivery *delivery,
                          const struct live *live, char ret_code[GRANT_CODE_SIZE])
{
    int64_t issue = delivery->issue_count;
    for (int i = 0; i <= GRANTS_MAX; i++) { /* so many codes cannot all be taken */
        char other[GRANT_CODE_SIZE];
        bool is_taken = false;
        grant_code(secret, delivery->order.id, ++issue, ret_code);
        for (size_t j = 0; j < live->count && !is_taken; j++) {
            grant_code(secret, live->grants[j].delivery, live->grants[j].issue, other);
            is_taken = strcmp(other, ret_code) == 0;
        }
        if (!is_taken)
            break;
    }
    return issue;
}

static int add_grant(struct delivery_app *app, const struct delivery *delivery,
                     const struct live *live, int64_t *ret_issue, struct kit_error *err)
{
    uint8_t secret[KIT_KEY_BYTES], key[KIT_KEY_BYTES];
    char code[GRANT_CODE_SIZE];
    struct locker locker;
    bool has_key = false;
    int64_t last_id = 0, id = 0, now_ms = kit_service_now_ms(app->service);

    int rc = kit_service_key(app->service, DELIVERY_CODES_KEY, secret, err);
    if (rc != KIT_OK)
        return rc;
    rc = codes_key(app, delivery->spot.locker, key, &has_key, err);
    if (rc != KIT_OK)
        return rc;
    if (!has_key)
        return kit_error_typed(err, KIT_E_UNAVAILABLE, "locker-unavailable",
                               "Locker %s is out of service; try again later.",
                               delivery->spot.locker);
    rc = codes_get_locker(app, delivery->spot.locker, &locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = locker_store_last_grant_id(&app->lockers, &last_id, err);
    if (rc != KIT_OK)
        return rc;
    rc = grant_next_number(last_id, now_ms, &id, err);
    if (rc != KIT_OK)
        return rc;

    *ret_issue = next_issue(secret, delivery, live, code);
    kit_wipe(secret, sizeof(secret));
    struct grant grant = {
        .id = id,
        .revision = locker.revision_wanted + 1, /* a later one follows at once */
        .delivery = delivery->order.id,
        .issue = *ret_issue,
        .compartment = delivery->spot.compartment,
        .purpose = delivery->status == DELIVERY_STATUS_RETURNING ? GRANT_RETURN : GRANT_COLLECT,
        .state = GRANT_LIVE,
        .not_before_ms = kit_service_sure_ms(app->service),
        .expires_at_ms = delivery->deadline_ms,
    };
    kit_text_copy(grant.locker, sizeof(grant.locker), delivery->spot.locker);
    const struct grant_device device = { kit_service_site(app->service), grant.locker, key,
                                         GRANT_PROTOCOL_1 };
    grant_code_hash(&device, grant.id, code, grant.code_hash);
    kit_wipe(key, sizeof(key));
    return locker_store_add_grant(&app->lockers, &grant, err);
}

/* In place of the code that is live for the compartment, if there is one. */
static int replace_grant(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct live live;
    int rc = locker_store_live_grants(&app->lockers, delivery->spot.locker, live.grants,
                                      &live.count, err);
    if (rc != KIT_OK)
        return rc;
    const struct grant *old = find_live(&live, delivery->spot.compartment);
    if (old != NULL) {
        rc = codes_take_out(app, old, err);
        if (rc != KIT_OK)
            return rc;
    }
    rc = add_grant(app, delivery, &live, &delivery->issue_count, err);
    if (rc != KIT_OK)
        return rc;
    rc = delivery_store_note(&app->store, delivery, err);
    if (rc != KIT_OK)
        return rc;
    return codes_publish(app, delivery->spot.locker, 0, err);
}

int codes_issue(struct delivery_app *app, struct delivery *delivery, struct kit_error *err)
{
    struct locker_compartment compartment;
    bool is_found = false;

    PRE(delivery_may_have_code(delivery));
    if (delivery->deadline_ms <= kit_service_sure_ms(app->service))
        return KIT_OK; /* it ends within a moment anyway (rules 6.3) */
    int rc = locker_store_compartment(
        &app->lockers,
        &(struct compartment_id){ delivery->spot.locker, delivery->spot.compartment }, &compartment,
        &is_found, err);
    if (rc != KIT_OK)
        return rc;
    if (is_found && compartment.is_unseen)
        return KIT_OK; /* staff look first (rules 7.11) */
    rc = replace_grant(app, delivery, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "a code for delivery %" PRId64, delivery->order.id.v);
    app->locker_totals.grants_issued++;
    return KIT_OK;
}

int codes_find_live(struct delivery_app *app, const struct delivery_spot *spot,
                    struct grant *ret_grant, bool *ret_found, struct kit_error *err)
{
    struct live live;
    *ret_found = false;
    int rc = locker_store_live_grants(&app->lockers, spot->locker, live.grants, &live.count, err);
    if (rc != KIT_OK)
        return rc;
    const struct grant *grant = find_live(&live, spot->compartment);
    if (grant == NULL)
        return KIT_OK;
    if (ret_grant != NULL)
        *ret_grant = *grant;
    *ret_found = true;
    return KIT_OK;
}

int codes_revoke(struct delivery_app *app, const struct delivery_spot *spot, struct kit_error *err)
{
    struct grant grant;
    bool is_live = false;
    int rc = codes_find_live(app, spot, &grant, &is_live, err);
    if (rc != KIT_OK || !is_live)
        return rc;
    rc = codes_take_out(app, &grant, err);
    if (rc != KIT_OK)
        return rc;
    return codes_publish(app, spot->locker, 0, err);
}
