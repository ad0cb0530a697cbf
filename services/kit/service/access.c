/* Who may ask for what. Only the bridge speaks for people, and says in which role they come; other
 * services ask for themselves, and pass on for whom. Loop thread. */
#include <string.h>

#include "kit/service/internal.h"

#define BRIDGE "bridge"

/* "bridge", or one of several: "bridge-2". The broker's ACL proves the caller. */
static bool is_bridge(const char *caller)
{
    const size_t length = strlen(BRIDGE);
    return strncmp(caller, BRIDGE, length) == 0 &&
           (caller[length] == '\0' || caller[length] == '-');
}

int access_check(const struct kit_service *service, struct ticket *ticket, struct kit_error *err)
{
    ticket->is_own = false;
    if (!is_bridge(ticket->caller))
        return KIT_OK;
    if (ticket->actor.role == KIT_ROLE_NONE && service->is_closed)
        return kit_error_set(err, KIT_E_FORBIDDEN,
                             "the request names no role; start every process of this system with "
                             "the same --access");
    if (ticket->actor.role == KIT_ROLE_NONE)
        ticket->actor.role = KIT_ROLE_OPERATOR;
    return KIT_OK;
}
