/* See clock.h. Pure but for the port's clock. */
#include "core/clock.h"

void fw_clock_init(struct fw_clock_state *clock, const struct fw_clock *port)
{
    *clock = (struct fw_clock_state){ .port = port };
}

void fw_clock_set_floor(struct fw_clock_state *clock, int64_t floor_ms)
{
    if (floor_ms > clock->floor_ms)
        clock->floor_ms = floor_ms;
}

int64_t fw_clock_mono_ms(const struct fw_clock_state *clock)
{
    return clock->port->mono_ms(clock->port->self);
}

/* rules/devices.md 1.7: a service whose clock was set back does not take us behind what we know. */
void fw_clock_on_server(struct fw_clock_state *clock, int64_t server_ms)
{
    if (server_ms <= 0)
        return;
    fw_clock_set_floor(clock, server_ms);
    clock->server_ms = clock->floor_ms;
    clock->server_mono_ms = fw_clock_mono_ms(clock);
}

int64_t fw_clock_now_ms(const struct fw_clock_state *clock)
{
    int64_t now_ms = clock->server_ms == 0
                         ? clock->port->wall_ms(clock->port->self)
                         : clock->server_ms + (fw_clock_mono_ms(clock) - clock->server_mono_ms);
    if (now_ms <= 0)
        return 0;
    return now_ms < clock->floor_ms ? clock->floor_ms : now_ms;
}

bool fw_clock_is_over(const struct fw_clock_state *clock, int64_t at_ms)
{
    int64_t now_ms = fw_clock_now_ms(clock);
    return at_ms < (now_ms == 0 ? clock->floor_ms : now_ms);
}
