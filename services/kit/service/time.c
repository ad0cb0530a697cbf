/* What clocks say to a service: how much is left of a request, and the confirmed time, from its
 * database, its clocks and the heads of others (schemas/rules/time.md). Loop thread. */
#include "kit/service/internal.h"

#define KEEP_PERIOD_MS 10000

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

/* One that the next process goes on with. After an absence it finds out by itself. */
static int64_t claim_of(const struct kit_service *service)
{
    return service->time.is_after_absence ? 0 : service->time.claim_ms;
}

int time_open(struct kit_service *service, int64_t quarantine_ms, struct kit_error *err)
{
    struct kit_time_memory memory = { 0 };
    bool is_found = false;
    struct kit_query q = kit_query_start(&service->statements, Q_TIME_GET);
    int rc = kit_query_row(&q, &is_found, err);
    if (rc == KIT_OK && is_found) {
        memory.sure_ms = kit_query_next_int(&q);
        memory.claim_ms = kit_query_next_int(&q);
    }
    kit_query_end(&q);
    if (rc != KIT_OK)
        return rc;
    kit_timekeeper_start(&service->time, &memory, wall_ms(service), service_mono_ms(service),
                         quarantine_ms);
    service->now_ms = kit_timekeeper_now_ms(&service->time);
    service->time_kept_mono_ms = service_mono_ms(service);
    service->kept_claim_ms = memory.claim_ms;
    return is_found ? KIT_OK : time_keep(service, err);
}

void time_look(struct kit_service *service)
{
    kit_timekeeper_look(&service->time, wall_ms(service), service_mono_ms(service));
    service->publisher.now_ms = kit_timekeeper_may_tell(&service->time)
                                    ? kit_timekeeper_sure_ms(&service->time)
                                    : 0;
    if ((claim_of(service) != 0) != (service->kept_claim_ms != 0))
        service->next_expiry_mono_ms = 0; /* whose item keeps it */
}

int time_keep(struct kit_service *service, struct kit_error *err)
{
    service->time_kept_mono_ms = service_mono_ms(service);
    service->kept_claim_ms = claim_of(service);
    struct kit_query q = kit_query_start(&service->statements, Q_TIME_SET);
    kit_query_int(&q, kit_timekeeper_sure_ms(&service->time));
    kit_query_int(&q, service->kept_claim_ms);
    return kit_query_run(&q, NULL, err);
}

int time_keep_if_due(struct kit_service *service, struct kit_error *err)
{
    const bool is_news = (claim_of(service) != 0) != (service->kept_claim_ms != 0);
    if (!is_news && service_mono_ms(service) < service->time_kept_mono_ms + KEEP_PERIOD_MS)
        return KIT_OK;
    service->is_loud = service->is_loud || is_news; /* who dies now must not have forgotten it */
    return time_keep(service, err);
}

void time_on_head(struct kit_service *service, const struct kit_message *message)
{
    if (message->now_ms <= 0 || message->retain)
        return;
    time_look(service);
    kit_timekeeper_hear(&service->time, message->now_ms);
}

int64_t kit_service_sure_ms(const struct kit_service *service)
{
    return kit_timekeeper_sure_ms(&service->time);
}

int64_t kit_service_moved_mono_ms(const struct kit_service *service)
{
    return service->time.moved_mono_ms;
}

int64_t kit_service_clock_apart_ms(const struct kit_service *service)
{
    return kit_timekeeper_apart_ms(&service->time);
}
