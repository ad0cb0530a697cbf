/* What time it is for a device (schemas/rules/devices.md 1.7): the service's time of the latest
 * acknowledgement plus the monotonic clock; without one since the start, the battery clock; without
 * that, unknown. Never behind the latest service time that was stored. Times are ms since 1970 UTC.
 */
#ifndef FW_CORE_CLOCK_H
#define FW_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

struct fw_clock_state {
    const struct fw_clock *port;
    int64_t server_ms; /* of the latest acknowledgement; 0: none since the start */
    int64_t server_mono_ms;
    int64_t floor_ms; /* the latest service time ever heard; the session stores it */
};

/* The session gives the floor that it has stored by fw_clock_set_floor(). */
void fw_clock_init(struct fw_clock_state *clock, const struct fw_clock *port);
void fw_clock_set_floor(struct fw_clock_state *clock, int64_t floor_ms);

/* The service said what time it is. 0 means that it does not know: ignored. */
void fw_clock_on_server(struct fw_clock_state *clock, int64_t server_ms);

/* Now, or 0 when it is not known. */
int64_t fw_clock_now_ms(const struct fw_clock_state *clock);
int64_t fw_clock_mono_ms(const struct fw_clock_state *clock);

/* Is that instant surely over? Also known from the floor alone. */
bool fw_clock_is_over(const struct fw_clock_state *clock, int64_t at_ms);

#endif
