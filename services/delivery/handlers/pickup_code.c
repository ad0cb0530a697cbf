/* Who may see a code. See pickup_code.h. */
#include "delivery/handlers/pickup_code.h"

#include <inttypes.h>

#include "delivery/work/change.h"
#include "delivery/work/codes.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"

static int refuse_no_code(const struct delivery *delivery, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_NOT_FOUND, "no-code",
                           "Delivery %" PRId64 " has no code now: there is one while its goods wait"
                           " in a locker, or while it is to be returned to one.",
                           delivery->order.id.v);
}

/* It is in a configuration that its locker has not stored yet, so it would count as a wrong one. */
static int refuse_not_yet(const struct locker *locker, struct kit_error *err)
{
    return kit_error_typed(err, KIT_E_NOT_FOUND, "no-code",
                           "Locker %s does not have the code yet; %s.", locker->name,
                           kit_log_is_there(&locker->log) ? "try again in a moment"
                                                          : "it is not connected: try again later");
}

static void fill_code(const struct grant *grant, const uint8_t secret[KIT_KEY_BYTES],
                      struct msg_pickup_code *ret_code)
{
    *ret_code = (struct msg_pickup_code){
        .delivery_id = grant->delivery,
        .purpose = grant->purpose == GRANT_RETURN ? CODE_PURPOSE_RETURN : CODE_PURPOSE_COLLECT,
        .compartment = grant->compartment,
        .expires_at_ms = grant->expires_at_ms,
    };
    grant_code(secret, grant->delivery, grant->issue, ret_code->code);
    kit_text_copy(ret_code->locker, sizeof(ret_code->locker), grant->locker);
}

int delivery_on_pickup_code(struct delivery_app *app, const struct msg_rpc_get_request *in,
                            struct msg_rpc_pickup_code_response *out, struct kit_error *err)
{
    struct delivery delivery;
    struct locker locker;
    struct grant grant;
    uint8_t secret[KIT_KEY_BYTES];
    bool is_live = false;

    int rc = delivery_get_asked(app, (struct rental_id){ in->id }, &delivery, err);
    if (rc != KIT_OK)
        return rc;
    if (!delivery_may_have_code(&delivery))
        return refuse_no_code(&delivery, err);
    rc = codes_find_live(app, &delivery.spot, &grant, &is_live, err);
    if (rc != KIT_OK)
        return rc;
    if (!is_live)
        return refuse_no_code(&delivery, err); /* just used: the door is open */
    rc = codes_get_locker(app, grant.locker, &locker, err);
    if (rc != KIT_OK)
        return rc;
    if (locker.revision_known < grant.revision)
        return refuse_not_yet(&locker, err);
    rc = kit_service_key(app->service, DELIVERY_CODES_KEY, secret, err);
    if (rc != KIT_OK)
        return rc;
    fill_code(&grant, secret, &out->pickup_code);
    kit_wipe(secret, sizeof(secret));
    return KIT_OK;
}
