/* The names of roles. Pure; any thread. */
#include "kit/base/actor.h"

#include <string.h>

#include "kit/base/check.h"

static const char *const NAMES[KIT_ROLE_COUNT] = {
    [KIT_ROLE_NONE] = "",
    [KIT_ROLE_ANONYMOUS] = "anonymous",
    [KIT_ROLE_CUSTOMER] = "customer",
    [KIT_ROLE_SERVICE] = "service",
    [KIT_ROLE_PICKER] = "picker",
    [KIT_ROLE_COUNTER] = "counter",
    [KIT_ROLE_SUPERVISOR] = "supervisor",
    [KIT_ROLE_OPERATOR] = "operator",
    [KIT_ROLE_AUDITOR] = "auditor",
};

const char *kit_role_name(enum kit_role role)
{
    PRE(role < KIT_ROLE_COUNT);
    return NAMES[role];
}

bool kit_role_from_name(const char *name, enum kit_role *ret_role)
{
    for (int i = KIT_ROLE_ANONYMOUS; i < KIT_ROLE_COUNT; i++) {
        if (strcmp(NAMES[i], name) == 0) {
            *ret_role = (enum kit_role)i;
            return true;
        }
    }
    return false;
}
