/* Who asks: a person, the account for which they act, and the role in which they come. The bridge
 * says it with each request, and it goes on with what follows: events, and calls of others. What a
 * role may do is one table, schemas/rules/access.md. Pure; any thread. */
#ifndef KIT_BASE_ACTOR_H
#define KIT_BASE_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of the columns of access.md. Only their names travel. */
enum kit_role {
    KIT_ROLE_NONE = 0, /* nobody has said: a service by itself, or the bridge of an open system */
    KIT_ROLE_ANONYMOUS,
    KIT_ROLE_CUSTOMER,
    KIT_ROLE_SERVICE, /* a program, with an API token of an account */
    KIT_ROLE_PICKER,
    KIT_ROLE_COUNTER,
    KIT_ROLE_SUPERVISOR,
    KIT_ROLE_OPERATOR,
    KIT_ROLE_AUDITOR,
};
/* How far a role reaches in one thing that may be done. */
enum kit_reach {
    KIT_REACH_NONE = 0,
    KIT_REACH_OWN, /* what belongs to the actor's account */
    KIT_REACH_ALL,
};

#define KIT_ROLE_COUNT 9
#define KIT_ROLE_SIZE 16 /* a name, and NUL */

struct kit_actor {
    int64_t person;  /* 0: nobody, or a service by itself */
    int64_t account; /* 0: none; staff belong to none */
    enum kit_role role;
};

/* "customer"; "" for KIT_ROLE_NONE. A number that is none of them is a bug. */
const char *kit_role_name(enum kit_role role);
/* false: no role has that name. */
bool kit_role_from_name(const char *name, enum kit_role *ret_role);

#endif
