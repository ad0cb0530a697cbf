/* Devices: what they publish becomes an item, what they are told leaves after the commit. A message
 * that no handler took is not acknowledged, so the device says it again. Loop thread. */
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/json/shape.h"
#include "kit/service/internal.h"

#define DEVICE_BYTES_MAX 16384 /* a device's own largest message is 4096 */

const char *kit_service_site(const struct kit_service *service)
{
    return service->ports.site != NULL ? service->ports.site : KIT_SITE_DEFAULT;
}

int kit_service_key(struct kit_service *service, const char *name, uint8_t ret_key[KIT_KEY_BYTES],
                    struct kit_error *err)
{
    if (service->ports.keys.find == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND, "this process was given no keys");
    return service->ports.keys.find(service->ports.keys.self, name, ret_key, err);
}

void kit_service_random(struct kit_service *service, void *ret_bytes, size_t size_bytes)
{
    service->ports.rng.fill(service->ports.rng.self, ret_bytes, size_bytes);
}

int kit_service_send(struct kit_service *service, const struct kit_device_send *send,
                     struct kit_error *err)
{
    PRE(service->item_is_open);
    if (service->outbox_count >= OUTBOX_MAX - 2 * KIT_SERVICE_BATCH_MAX)
        return kit_error_set(err, KIT_E_LIMIT, "too many messages to devices in one batch");

    const struct kit_buf *payload = service_encode(service, send->body);
    struct staged_message *message = &service->outbox[service->outbox_count++];
    *message = (struct staged_message){
        .payload_size_bytes = payload->size_bytes,
        .is_for_device = true,
        .is_retained = send->is_retained,
    };
    char *copy = kit_arena_take(&service->batch_arena, payload->size_bytes + 1);
    memcpy(copy, payload->data, payload->size_bytes);
    message->payload = copy;
    const struct kit_device_topic topic = { kit_service_site(service), send->kind, send->device,
                                            send->leaf };
    kit_topic_device(message->topic, &topic);
    service->is_loud = true;
    return KIT_OK;
}

struct device_work {
    struct kit_service *service;
    size_t index; /* in the table of devices */
    const char *device;
    const cJSON *body;
};

static int run_handler(void *context, struct kit_error *err)
{
    const struct device_work *work = context;
    struct kit_service *service = work->service;
    const struct kit_device_table *table = service->desc->devices;
    const struct kit_shape *shape = table->leaves[work->index].body;

    void *body = kit_arena_take(&service->item_arena, shape->size_bytes);
    int rc = kit_shape_decode(shape, work->body, body, err);
    if (rc != KIT_OK)
        return rc;
    return table->run(service->app, work->index, work->device, body, err);
}

const struct kit_log *kit_service_log(const struct kit_service *service)
{
    return &service->ports.log;
}

int64_t kit_service_device_dropped(const struct kit_service *service, const char *device)
{
    return device_budget_dropped(&service->budget, device);
}

static void note(struct kit_service *service, struct device_trouble *trouble, const char *device)
{
    kit_text_copy(trouble->device, sizeof(trouble->device), device);
    trouble->at_mono_ms = service_mono_ms(service);
}

void kit_service_saw_twins(struct kit_service *service, const char *device)
{
    note(service, &service->twins, device);
}

/* Has the device sent more than it may? Then the message is not looked at: a device that means it
 * says it again. */
static bool is_too_much(struct kit_service *service, const char *device)
{
    switch (device_budget_take(&service->budget, device, service_mono_ms(service))) {
    case DEVICE_BUDGET_TAKE:
        return false;
    case DEVICE_BUDGET_DROP_AND_SAY:
        kit_log_write(&service->ports.log, KIT_WARN, "device_flood",
                      "%s sends more than %d messages a second: what is beyond is dropped; look at"
                      " the device, or take its password away",
                      device, DEVICE_BUDGET_PER_S);
        note(service, &service->flood, device);
        return true;
    case DEVICE_BUDGET_DROP:
        note(service, &service->flood, device);
        return true;
    }
    UNREACHABLE("what a budget says");
}

static void handle(struct kit_service *service, size_t index, const char *device,
                   const struct kit_message *message)
{
    struct kit_error err = { 0 };
    cJSON *body = service_parse(service, message, DEVICE_BYTES_MAX);
    if (body == NULL)
        return;
    struct device_work work = {
        .service = service,
        .index = index,
        .device = device,
        .body = body,
    };
    service_end_lost_batch(service);
    int rc = service_run_item(service, "", run_handler, &work, &err);
    cJSON_Delete(body);
    if (rc == KIT_OK) {
        service->device_messages_total++;
        return;
    }
    /* A handler's KIT_E_INVALID is a rule that the schema cannot say, as the order of records. */
    service_refuse(service, rc == KIT_E_INVALID ? REFUSED_SCHEMA : REFUSED_DEVICE, message->topic,
                   &err);
}

bool devices_on_message(struct kit_service *service, const struct kit_message *message)
{
    const struct kit_device_table *table = service->desc->devices;
    char device[KIT_INSTANCE_SIZE];

    for (size_t i = 0; table != NULL && i < table->count; i++) {
        const struct kit_device_leaf *leaf = &table->leaves[i];
        const struct kit_device_topic wanted = { kit_service_site(service), leaf->kind, device,
                                                 leaf->name };
        if (!kit_topic_parse_device(message->topic, &wanted, device))
            continue;
        if (is_too_much(service, device))
            return true;
        if (message->retain && strcmp(leaf->name, "state") != 0)
            service_refuse(service, REFUSED_RETAINED, message->topic, NULL);
        else if (recovery_not_ready(service) == NULL || strcmp(leaf->name, "state") == 0)
            /* What is said but once is heard; all else is not acknowledged, and said again. */
            handle(service, i, device, message);
        return true;
    }
    return false;
}

size_t devices_filters(const struct kit_service *service, struct kit_service_filter *ret_filters)
{
    const struct kit_device_table *table = service->desc->devices;
    if (table == NULL)
        return 0;
    PRE(table->count <= DEVICE_ROUTES_MAX);
    for (size_t i = 0; i < table->count; i++) {
        const struct kit_device_leaf *leaf = &table->leaves[i];
        const struct kit_device_topic topic = { kit_service_site(service), leaf->kind, "+",
                                                leaf->name };
        kit_topic_device(ret_filters[i].filter, &topic);
    }
    return table->count;
}

void kit_service_timer_within(struct kit_service *service, int64_t ms)
{
    const int64_t at_mono_ms = service_mono_ms(service) + ms;

    if (at_mono_ms < service->timer_due_mono_ms)
        service->timer_due_mono_ms = at_mono_ms;
}

int64_t devices_tick(struct kit_service *service, int64_t now_mono_ms)
{
    struct kit_error err = { 0 };

    if (service->desc->on_timer == NULL)
        return INT64_MAX;
    if (now_mono_ms < service->timer_due_mono_ms)
        return service->timer_due_mono_ms;
    service->timer_due_mono_ms = now_mono_ms + service->desc->timer_period_ms;
    if (recovery_not_ready(service) != NULL)
        return service->timer_due_mono_ms;
    if (service_run_item(service, "", service->desc->on_timer, service->app, &err) != KIT_OK)
        kit_log_write(&service->ports.log, KIT_WARN, "timer_failed", "%s", err.text);
    return service->timer_due_mono_ms;
}
