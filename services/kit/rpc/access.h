/* The table of schemas/rules/access.md: how far a role reaches in what may be done. Any thread. */
#ifndef KIT_RPC_ACCESS_H
#define KIT_RPC_ACCESS_H

#include "kit/base/actor.h"

/* what: as the table names it ("rental.create", "GET /events", "scan PICK", "feed OrderChanged").
 * What it does not name is for nobody. KIT_ROLE_NONE reaches what is not for people. Rules access
 * 2.1 to 2.4. */
enum kit_reach kit_access_reach(const char *what, enum kit_role role);

#endif
