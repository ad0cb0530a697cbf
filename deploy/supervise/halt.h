/* The order in which everything stops: group after group, each asked first and killed when it does
 * not hear. Pure: equal inputs give equal results; time is monotonic and a parameter. Any thread.
 */
#ifndef DEPLOY_SUPERVISE_HALT_H
#define DEPLOY_SUPERVISE_HALT_H

#include <stddef.h>
#include <stdint.h>

#define HALT_ASK_MS 5000  /* from SIGTERM to SIGKILL */
#define HALT_KILL_MS 2000 /* from SIGKILL until we go on without it */

/* Nobody asks before the door is shut, and the broker hears the last word. */
enum halt_group { HALT_DEMO, HALT_BRIDGE, HALT_SERVICES, HALT_BROKER, HALT_GROUP_COUNT };

enum halt_step {
    HALT_ASK,  /* SIGTERM to those of the group that live */
    HALT_KILL, /* SIGKILL to them */
    HALT_WAIT, /* nothing to do before halt.until_mono_ms, or before one of them ended */
    HALT_NEXT, /* the group is done: ask again for the next */
    HALT_DONE, /* all groups are */
};

/* begin: { 0 }. */
struct halt {
    int group; /* enum halt_group */
    enum { HALT_FRESH, HALT_ASKED, HALT_KILLED } stage;
    int64_t until_mono_ms;
};

/* What to do now; alive_count: of halt->group. Never returns the same step but HALT_WAIT twice. */
enum halt_step halt_next(struct halt *halt, size_t alive_count, int64_t now_mono_ms);

#endif
