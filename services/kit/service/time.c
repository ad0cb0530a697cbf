/* What clocks say to a service. Loop thread. */
#include "kit/service/internal.h"

static int64_t wall_ms(const struct kit_service *service)
{
    return service->ports.clock.wall_ms(service->ports.clock.self);
}

int64_t time_left_ms(struct kit_service *service, const struct kit_message *message,
                     const char *caller)
{
    const int64_t late_ms = kit_passage_take(&service->passage, caller, message,
                                             service_mono_ms(service));
    if (message->left_ms > 0)
        return message->left_ms - late_ms;
    return message->deadline_ms - wall_ms(service);
}
