/* What time it is for a device (schemas/rules/devices.md 1.7): the service's time of the latest
 * acknowledgement plus the monotonic clock; without one since the start, the battery clock; without
 * that, unknown. Never behind the latest service time that was stored. Times are ms since 1970 UTC.
 *
 * Acknowledgements are not signed, and a service's clock may be wrong once: what comes late moves
 * nothing back but a drift, and a jump of more than a day ahead needs a second witness. */
#ifndef FW_CORE_CLOCK_H
#define FW_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

#define FW_CLOCK_MAX_MS INT64_C(4102444800000) /* 2100: no time beyond it is believed, or told */
#define FW_CLOCK_JUMP_MS 86400000              /* further ahead than that needs a second witness */
#define FW_CLOCK_CONFIRM_MS 10000              /* which comes that much later, or later still */
#define FW_CLOCK_SETTLE_MS                                                                         \
    10000                       /* a drift back is not looked at before that, since the last one   \
                                 */
#define FW_CLOCK_DRIFT_SHIFT 10 /* back by elapsed / 1024 at most: no crystal drifts more */
#define FW_CLOCK_SIGNED_BACK_MS 600000 /* a signed time so far behind ours says: ours is wrong */

struct fw_clock_state {
    const struct fw_clock *port;
    int64_t server_ms; /* of the latest acknowledgement; 0: none since the start */
    int64_t server_mono_ms;
    int64_t floor_ms; /* the latest service time ever heard; the session stores it */
    int64_t jump_ms;  /* a time far ahead that waits for its second witness; 0: none */
    int64_t jump_mono_ms;
};

void fw_clock_init(struct fw_clock_state *clock, const struct fw_clock *port);

/* The session gives the floor that it has stored. It only rises; an implausible one is ignored. */
void fw_clock_set_floor(struct fw_clock_state *clock, int64_t floor_ms);

/* The service said in an acknowledgement what time it is. Ignored: 0 (it does not know), beyond
 * FW_CLOCK_MAX_MS, and what was said before. */
void fw_clock_on_server(struct fw_clock_state *clock, int64_t server_ms);

/* The service said so under its key, with something newer than all before: when ours is far ahead
 * of it, ours is forgotten, floor and all, until the next acknowledgement. Implausible: ignored. */
void fw_clock_on_signed(struct fw_clock_state *clock, int64_t signed_ms);

/* Now, 1 to FW_CLOCK_MAX_MS, or 0 when it is not known. */
int64_t fw_clock_now_ms(const struct fw_clock_state *clock);
int64_t fw_clock_mono_ms(const struct fw_clock_state *clock);

/* Is that instant surely over? Also known from the floor alone. */
bool fw_clock_is_over(const struct fw_clock_state *clock, int64_t at_ms);

#endif
