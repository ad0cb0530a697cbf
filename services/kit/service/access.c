/* Who may ask for what: schemas/rules/access.md. Only the bridge speaks for people, and says in
 * which role they come; other services ask for themselves, and pass on for whom. Loop thread. */
#include "kit/rpc/access.h"

#include <stdio.h>
#include <string.h>

#include "kit/service/internal.h"

#define BRIDGE "bridge"
#define WHAT_SIZE (KIT_INSTANCE_SIZE + KIT_METHOD_SIZE)

/* "bridge", or one of several: "bridge-2". The broker's ACL proves the caller. */
static bool is_bridge(const char *caller)
{
    const size_t length = strlen(BRIDGE);
    return strncmp(caller, BRIDGE, length) == 0 &&
           (caller[length] == '\0' || caller[length] == '-');
}

static int refuse(const struct ticket *ticket, struct kit_error *err)
{
    if (ticket->actor.role == KIT_ROLE_NONE)
        return kit_error_set(err, KIT_E_FORBIDDEN,
                             "the request names no role; start every process of this system with "
                             "the same --access");
    return kit_error_set(err, KIT_E_FORBIDDEN,
                         "a person in the role %s may not do this; somebody with another role can",
                         kit_role_name(ticket->actor.role));
}

int access_check(const struct kit_service *service, struct ticket *ticket, struct kit_error *err)
{
    char what[WHAT_SIZE];

    ticket->is_own = false;
    if (!is_bridge(ticket->caller)) /* rules access 2.5 */
        return KIT_OK;
    if (ticket->actor.role == KIT_ROLE_NONE && !service->is_closed) { /* rules access 1.3 */
        ticket->actor.role = KIT_ROLE_OPERATOR;
        return KIT_OK;
    }
    snprintf(what, sizeof(what), "%s.%s", service->desc->name, ticket->method->row->name);
    const enum kit_reach reach = kit_access_reach(what, ticket->actor.role);
    if (reach == KIT_REACH_NONE)
        return refuse(ticket, err);
    ticket->is_own = reach == KIT_REACH_OWN;
    return KIT_OK;
}

int64_t kit_service_owner(const struct kit_service *service)
{
    const struct kit_rpc_request *request = service->request;

    if (request == NULL || !request->is_own)
        return 0;
    return request->actor.account > 0 ? request->actor.account : KIT_NO_ACCOUNT;
}

bool kit_service_is_foreign(const struct kit_service *service, int64_t account)
{
    const int64_t owner = kit_service_owner(service);
    return owner != 0 && owner != account;
}

bool kit_service_is_closed(const struct kit_service *service)
{
    return service->is_closed;
}
