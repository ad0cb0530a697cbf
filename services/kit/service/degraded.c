/* What a service sees of its own debts: its streams, its parked events, the clocks of its sources,
 * devices that somebody has to mend. When a reason comes and goes is decided by kit/rpc/degraded.h.
 * Loop thread. */
#include <inttypes.h>
#include <stdio.h>

#include "kit/service/internal.h"

#define TWINS_MS 120000 /* since they took turns; who is thrown out comes back sooner */
#define FLOOD_MS 10000  /* since something was dropped */

static void look_at_letters(struct kit_service *service, struct kit_degraded_now now)
{
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };

    if (service->parked_count > 0) {
        view.level = KIT_DEGRADED_BAD;
        snprintf(view.text, sizeof(view.text),
                 "%" PRId64 " events could not be applied and are parked: retry or skip them on "
                 "/ui/office/letters",
                 service->parked_count);
    }
    kit_degraded_look(&service->degraded, DEGRADED_REASON_LETTERS, &view, now);
}

/* Who is behind sees the other's events come from the future. The other way round nothing tells an
 * old event from a slow clock, but then it is the other who sees it. */
static void look_at_clocks(struct kit_service *service, struct kit_degraded_now now)
{
    const struct kit_follower *worst = &service->followers[0];
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };
    int64_t ahead_ms = 0;

    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        if (service->ahead_ms[i] <= ahead_ms)
            continue;
        ahead_ms = service->ahead_ms[i];
        worst = &service->followers[i];
    }
    view.level = kit_degraded_level(ahead_ms, CLOCK_APART_MS, CLOCK_FINE_MS);
    if (view.level != KIT_DEGRADED_FINE)
        snprintf(view.text, sizeof(view.text),
                 "the clock of %s is %" PRId64 " s ahead of ours: set both by NTP", worst->source,
                 ahead_ms / 1000);
    kit_degraded_look(&service->degraded, DEGRADED_REASON_CLOCK, &view, now);
}

static enum kit_degraded_level lately(const struct device_trouble *trouble, int64_t within_ms,
                                      struct kit_degraded_now now)
{
    return trouble->device[0] != '\0' && now.mono_ms - trouble->at_mono_ms < within_ms
               ? KIT_DEGRADED_BAD
               : KIT_DEGRADED_FINE;
}

/* The latest one is named; the fleet shows each. */
static void look_at_devices(struct kit_service *service, struct kit_degraded_now now)
{
    struct kit_degraded_view twins = { .level = lately(&service->twins, TWINS_MS, now) };
    struct kit_degraded_view flood = { .level = lately(&service->flood, FLOOD_MS, now) };

    if (twins.level == KIT_DEGRADED_BAD)
        snprintf(twins.text, sizeof(twins.text),
                 "two devices are %s and throw each other out: give one a name of its own "
                 "(deploy/add-device)",
                 service->twins.device);
    kit_degraded_look(&service->degraded, DEGRADED_REASON_TWINS, &twins, now);
    if (flood.level == KIT_DEGRADED_BAD)
        snprintf(flood.text, sizeof(flood.text),
                 "%s sends more than %d messages a second, and what is beyond is dropped: look at "
                 "it, or take its password away",
                 service->flood.device, DEVICE_BUDGET_PER_S);
    kit_degraded_look(&service->degraded, DEGRADED_REASON_FLOOD, &flood, now);
}

struct kit_degraded *kit_service_degraded(struct kit_service *service)
{
    const struct kit_degraded_now now = {
        .mono_ms = service_mono_ms(service),
        .wall_ms = service->ports.clock.wall_ms(service->ports.clock.self),
    };

    kit_debts_look(&service->debts, &service->degraded, service->followers,
                   service->desc->subscription_count, now);
    look_at_letters(service, now);
    look_at_clocks(service, now);
    look_at_devices(service, now);
    return &service->degraded;
}
