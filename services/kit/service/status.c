/* What a service says of itself: a small message for the map of the system, with
 * counts of the time since the last one. Whoever misses it waits for the next. Loop thread. */
#include "kit/rpc/status.h"
#include "kit/base/text.h"
#include "kit/service/internal.h"

_Static_assert(SUBSCRIPTIONS_MAX <= KIT_COUNT(((struct msg_wire_service_status *)NULL)->follows),
               "every stream has a place");

static struct status_totals count_totals(const struct kit_service *service)
{
    struct status_totals now = {
        .device_messages = service->device_messages_total,
        .events_out = service->desc->publishes ? service->publisher.events_total : 0,
        .commits = service->commits_total,
        .commit_ms = service->commit_ms_total,
    };
    for (size_t i = 0; i < service->method_count; i++) {
        const struct service_method *method = &service->methods[i];
        now.requests += method->ok_total + method->refused_total + method->failed_total;
    }
    for (size_t i = 0; i < service->desc->subscription_count; i++)
        now.applied[i] = service->followers[i].applied_total;
    return now;
}

static void fill_commits(const struct kit_service *service, const struct status_totals *now,
                         struct msg_wire_service_status *ret)
{
    const struct status_totals *then = &service->status.told;

    ret->has_commits = ret->has_commit_mean_us = ret->has_commit_max_ms = true;
    ret->commits = now->commits - then->commits;
    ret->commit_max_ms = service->status.commit_max_ms;
    if (ret->commits > 0)
        ret->commit_mean_us = 1000 * (now->commit_ms - then->commit_ms) / ret->commits;
}

static void fill_follows(const struct kit_service *service, const struct status_totals *now,
                         struct msg_wire_service_status *ret)
{
    for (size_t i = 0; i < service->desc->subscription_count; i++) {
        const struct kit_follower *follower = &service->followers[i];
        const int64_t lag = follower->head_seq - follower->seq;
        struct msg_wire_service_status_follows *stream = &ret->follows[ret->follows_count++];
        kit_text_copy(stream->source, sizeof(stream->source), follower->source);
        stream->lag = lag > 0 ? lag : 0;
        stream->events = now->applied[i] - service->status.told.applied[i];
        ret->lag_events += stream->lag;
    }
}

static void fill(const struct kit_service *service, const struct status_totals *now,
                 int64_t now_mono_ms, struct msg_wire_service_status *ret)
{
    const struct status_totals *then = &service->status.told;
    const char *why = kit_service_not_ready(service);
    const int64_t period_ms = now_mono_ms - service->status.told_mono_ms;

    ret->has_epoch = service->desc->publishes;
    if (ret->has_epoch)
        kit_text_copy(ret->epoch, sizeof(ret->epoch), service->log.epoch);
    kit_text_copy(ret->version, sizeof(ret->version), LOCKSTOCK_VERSION);
    ret->ready = why == NULL ? SERVICE_READY_YES : SERVICE_READY_NO;
    ret->has_why = why != NULL;
    if (ret->has_why)
        kit_text_copy(ret->why, KIT_ERROR_TEXT_SIZE, why);
    ret->uptime_s = (now_mono_ms - service->status.opened_mono_ms) / 1000;
    ret->period_ms = period_ms > 0 ? period_ms : 1;
    ret->requests = now->requests - then->requests;
    ret->requests_open = (int64_t)service->ticket_count;
    ret->calls_open = (int64_t)kit_rpc_client_open_count(service->client);
    ret->has_device_messages = service->desc->devices != NULL;
    ret->device_messages = now->device_messages - then->device_messages;
    ret->events_out = now->events_out - then->events_out;
    ret->dead_letters = service->parked_count;
    fill_commits(service, now, ret);
    fill_follows(service, now, ret);
}

static void tell(struct kit_service *service, int64_t now_mono_ms)
{
    struct msg_wire_service_status status = { 0 };
    const struct status_totals now = count_totals(service);

    fill(service, &now, now_mono_ms, &status);
    (void)kit_status_publish(&service->ports.bus, service->instance, &status);
    kit_degraded_tell(&service->degraded, &service->ports.bus, service->instance);
    service->status.told = now;
    service->status.told_mono_ms = now_mono_ms;
    service->status.commit_max_ms = 0;
}

void status_open(struct kit_service *service)
{
    service->status.opened_mono_ms = service->status.told_mono_ms = service_mono_ms(service);
}

void status_on_commit(struct kit_service *service, int64_t duration_ms)
{
    service->commit_ms_total += duration_ms;
    if (duration_ms > service->status.commit_max_ms)
        service->status.commit_max_ms = duration_ms;
}

int64_t status_tick(struct kit_service *service, int64_t now_mono_ms)
{
    if (now_mono_ms >= service->status.due_mono_ms) {
        (void)kit_service_degraded(service);
        if (service->is_up)
            tell(service, now_mono_ms);
        service->status.due_mono_ms = now_mono_ms + KIT_STATUS_PERIOD_MS;
    }
    return service->status.due_mono_ms;
}
