/* See clock.h. Reads the port's clock, and never writes flash. */
#include "core/clock.h"

static bool is_plausible(int64_t at_ms)
{
    return at_ms > 0 && at_ms <= FW_CLOCK_MAX_MS;
}

void fw_clock_init(struct fw_clock_state *clock, const struct fw_clock *port)
{
    *clock = (struct fw_clock_state){ .port = port };
}

void fw_clock_set_floor(struct fw_clock_state *clock, int64_t floor_ms)
{
    if (is_plausible(floor_ms) && floor_ms > clock->floor_ms)
        clock->floor_ms = floor_ms;
}

int64_t fw_clock_mono_ms(const struct fw_clock_state *clock)
{
    return clock->port->mono_ms(clock->port->self);
}

/* May this time of the service be used? A single wrong one must not make every command and code of
 * a locker expire (rules 1.7). */
static bool is_believed(struct fw_clock_state *clock, int64_t server_ms)
{
    int64_t now_ms = fw_clock_now_ms(clock), mono_ms = fw_clock_mono_ms(clock);
    if (now_ms == 0 || server_ms - now_ms <= FW_CLOCK_JUMP_MS) {
        clock->jump_ms = 0;
        return true;
    }
    int64_t elapsed_ms = mono_ms - clock->jump_mono_ms;
    int64_t off_ms = server_ms - (clock->jump_ms + elapsed_ms);
    if (clock->jump_ms == 0 || off_ms > FW_CLOCK_JUMP_MS || off_ms < -FW_CLOCK_JUMP_MS) {
        clock->jump_ms = server_ms;
        clock->jump_mono_ms = mono_ms;
        return false;
    }
    if (elapsed_ms < FW_CLOCK_CONFIRM_MS)
        return false;
    clock->jump_ms = 0;
    return true;
}

/* A time behind ours may have come late, or our clock runs fast: sets *server_ms so that the clock
 * goes back by a drift at most. Returns false when the time is not to be used at all. */
static bool allow_drift(const struct fw_clock_state *clock, int64_t *server_ms)
{
    int64_t elapsed_ms = fw_clock_mono_ms(clock) - clock->server_mono_ms;
    int64_t now_ms = clock->server_ms + elapsed_ms;
    if (*server_ms >= now_ms)
        return true;
    if (elapsed_ms < FW_CLOCK_SETTLE_MS)
        return false;
    int64_t least_ms = now_ms - (elapsed_ms >> FW_CLOCK_DRIFT_SHIFT);
    if (*server_ms < least_ms)
        *server_ms = least_ms;
    return true;
}

void fw_clock_on_server(struct fw_clock_state *clock, int64_t server_ms)
{
    bool is_known = clock->server_ms != 0;
    if (!is_plausible(server_ms) || (is_known && server_ms <= clock->floor_ms) ||
        !is_believed(clock, server_ms))
        return;
    fw_clock_set_floor(clock, server_ms);
    if (is_known && !allow_drift(clock, &server_ms))
        return;
    clock->server_ms = server_ms < clock->floor_ms ? clock->floor_ms : server_ms;
    clock->server_mono_ms = fw_clock_mono_ms(clock);
}

/* Late commands stay harmless when we go back: they expire by the clock of who has just spoken. */
static void give_up_ahead(struct fw_clock_state *clock, int64_t proved_ms)
{
    const int64_t now_ms = fw_clock_now_ms(clock);
    const int64_t ours_ms = now_ms > clock->floor_ms ? now_ms : clock->floor_ms;
    if (ours_ms <= proved_ms + FW_CLOCK_PROVED_BACK_MS)
        return;
    clock->floor_ms = proved_ms;
    clock->server_ms = clock->jump_ms = 0;
}

void fw_clock_on_proved(struct fw_clock_state *clock, int64_t server_ms, int64_t asked_mono_ms)
{
    const int64_t elapsed_ms = fw_clock_mono_ms(clock) - asked_mono_ms;
    if (!is_plausible(server_ms) || elapsed_ms < 0 || elapsed_ms > FW_CLOCK_ROUND_MS)
        return;
    if (!clock->is_proved)
        clock->server_ms = 0; /* nobody has signed what was heard before */
    give_up_ahead(clock, server_ms + elapsed_ms);
    fw_clock_on_server(clock, server_ms + elapsed_ms);
    clock->is_proved = clock->server_ms != 0; /* a jump waits for a second one */
}

void fw_clock_on_signed(struct fw_clock_state *clock, int64_t signed_ms)
{
    if (!is_plausible(signed_ms) || clock->floor_ms <= signed_ms + FW_CLOCK_SIGNED_BACK_MS)
        return;
    clock->floor_ms = signed_ms;
    clock->server_ms = clock->jump_ms = 0;
    clock->is_proved = false;
}

int64_t fw_clock_now_ms(const struct fw_clock_state *clock)
{
    int64_t now_ms;
    if (clock->server_ms == 0) {
        now_ms = clock->port->wall_ms(clock->port->self);
        if (!is_plausible(now_ms))
            return 0; /* no battery clock, or a broken one */
    } else {
        now_ms = clock->server_ms + (fw_clock_mono_ms(clock) - clock->server_mono_ms);
        if (now_ms > FW_CLOCK_MAX_MS)
            now_ms = FW_CLOCK_MAX_MS;
    }
    return now_ms < clock->floor_ms ? clock->floor_ms : now_ms;
}

bool fw_clock_is_over(const struct fw_clock_state *clock, int64_t at_ms)
{
    int64_t now_ms = fw_clock_now_ms(clock);
    return at_ms < (now_ms == 0 ? clock->floor_ms : now_ms);
}
