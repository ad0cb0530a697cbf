/* What time it is for a device (schemas/rules/devices.md 1.7): the service's time of the latest
 * acknowledgement plus the monotonic clock; before the first acknowledgement of a start, the
 * battery clock; without a battery clock, unknown. The time is never behind the latest service time
 * that flash has. Times are ms since 1970 UTC.
 *
 * Acknowledgements of protocol 1 are not signed, and a service's clock may be wrong once. So an
 * acknowledgement that comes late moves the time back by a drift at most, and one that is more than
 * a day ahead needs a second one that agrees. */
#ifndef FW_CORE_CLOCK_H
#define FW_CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"

#define FW_CLOCK_MAX_MS INT64_C(4102444800000) /* 2100: no time beyond it is believed, or told */
#define FW_CLOCK_JUMP_MS 86400000              /* further ahead, a second ack must agree, */
#define FW_CLOCK_CONFIRM_MS 10000              /* which comes so long after the first at least */
#define FW_CLOCK_SETTLE_MS 10000               /* between two corrections back */
#define FW_CLOCK_DRIFT_SHIFT 10        /* back by elapsed / 1024 at most: no crystal drifts more */
#define FW_CLOCK_ROUND_MS 10000        /* a question to the service and its answer take no longer */
#define FW_CLOCK_SIGNED_BACK_MS 600000 /* a signed time so far back disproves the floor */
#define FW_CLOCK_PROVED_BACK_MS                                                                    \
    2000 /* further ahead of a proved time, ours is given up at once                               \
          */

struct fw_clock_state {
    const struct fw_clock *port;
    int64_t server_ms; /* of the latest acknowledgement; 0: none since the start */
    int64_t server_mono_ms;
    int64_t floor_ms; /* the latest service time ever heard; the session saves it */
    int64_t jump_ms;  /* a time far ahead that waits for a second ack; 0: none */
    int64_t jump_mono_ms;
    bool is_proved; /* the service has proved a time since the start */
};

/**
 * fw_clock_init() - The state at a start: no acknowledgement, no floor. @port: borrowed for life.
 */
void fw_clock_init(struct fw_clock_state *clock, const struct fw_clock *port);

/**
 * fw_clock_set_floor() - Raise the floor to what flash has; a lower or implausible one is ignored.
 */
void fw_clock_set_floor(struct fw_clock_state *clock, int64_t floor_ms);

/**
 * fw_clock_on_server() - An acknowledgement said what time it is for the service.
 *
 * Ignored: 0 (the service does not know), a time beyond FW_CLOCK_MAX_MS, and one that was said
 * before.
 */
void fw_clock_on_server(struct fw_clock_state *clock, int64_t server_ms);

/**
 * fw_clock_on_proved() - An acknowledgement with a right MAC answered a question of this start.
 *
 * The service read its clock between the question and now, so @server_ms and all that has passed
 * since is taken: the clock is never behind the service's. An answer that took longer than
 * FW_CLOCK_ROUND_MS says nothing. A clock or a floor that is more than FW_CLOCK_PROVED_BACK_MS
 * ahead of it is given up at once: the service told a wrong time before, or the battery clock did.
 *
 * @asked_mono_ms: monotonic, when the question left.
 */
void fw_clock_on_proved(struct fw_clock_state *clock, int64_t server_ms, int64_t asked_mono_ms);

/**
 * fw_clock_on_signed() - A new configuration, signed by the service, said what time it is.
 *
 * When the floor is more than FW_CLOCK_SIGNED_BACK_MS ahead of that time, the service's time is
 * forgotten until the next acknowledgement, and the floor becomes the signed time. Otherwise, and
 * when the signed time is implausible, nothing changes.
 */
void fw_clock_on_signed(struct fw_clock_state *clock, int64_t signed_ms);

/** fw_clock_now_ms() - The time: 1 to FW_CLOCK_MAX_MS, or 0 when it is not known. */
int64_t fw_clock_now_ms(const struct fw_clock_state *clock);

/** fw_clock_mono_ms() - The port's monotonic clock, for durations. */
int64_t fw_clock_mono_ms(const struct fw_clock_state *clock);

/**
 * fw_clock_is_over() - Is that instant over for certain? While the time is unknown: is it before
 * the floor?
 */
bool fw_clock_is_over(const struct fw_clock_state *clock, int64_t at_ms);

#endif
