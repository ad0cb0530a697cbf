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

    const struct kit_buf *payload = send->payload != NULL ? send->payload
                                                          : service_encode(service, send->body);
    PRE(!payload->overflow);
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

/* A row of the table, or of the former form. */
struct device_handler {
    const char *kind, *leaf;
    const struct kit_device_leaf *row; /* NULL: the former form */
    size_t index;
    const struct kit_device_route *former;
};

static size_t count_handlers(const struct kit_service *service)
{
    const struct kit_device_table *table = service->desc->devices;
    return table != NULL ? table->count : service->desc->device_route_count;
}

static struct device_handler get_handler(const struct kit_service *service, size_t index)
{
    const struct kit_device_table *table = service->desc->devices;
    if (table != NULL) {
        const struct kit_device_leaf *row = &table->leaves[index];
        return (struct device_handler){ row->kind, row->name, row, index, NULL };
    }
    const struct kit_device_route *former = &service->desc->device_routes[index];
    return (struct device_handler){ former->kind, former->leaf, NULL, index, former };
}

struct device_work {
    struct kit_service *service;
    const struct device_handler *handler;
    const struct kit_device_message *message;
};

static int run_handler(void *context, struct kit_error *err)
{
    const struct device_work *work = context;
    struct kit_service *service = work->service;
    const struct device_handler *handler = work->handler;

    if (handler->former != NULL)
        return handler->former->handle(service->app, work->message, err);
    void *body = kit_arena_take(&service->item_arena, handler->row->body->size_bytes);
    int rc = kit_shape_decode(handler->row->body, work->message->body, body, err);
    if (rc != KIT_OK)
        return rc;
    return service->desc->devices->run(service->app, handler->index, work->message->device, body,
                                       err);
}

static void handle(struct kit_service *service, const struct device_handler *handler,
                   const char *device, const struct kit_message *message)
{
    struct kit_error err = { 0 };
    cJSON *body = NULL;

    int rc = kit_json_parse(message->payload, message->payload_size_bytes, DEVICE_BYTES_MAX, &body,
                            &err);
    if (rc != KIT_OK) {
        service_refuse(service, REFUSED_MALFORMED, message->topic, &err);
        return;
    }
    const struct kit_device_message given = { .device = device, .body = body };
    struct device_work work = { service, handler, &given };
    service_end_lost_batch(service);
    rc = service_run_item(service, "", run_handler, &work, &err);
    cJSON_Delete(body);
    if (rc == KIT_OK)
        return;
    service_refuse(service, rc == KIT_E_INVALID ? REFUSED_SCHEMA : REFUSED_DEVICE, message->topic,
                   &err);
}

bool devices_on_message(struct kit_service *service, const struct kit_message *message)
{
    char device[KIT_INSTANCE_SIZE];

    for (size_t i = 0; i < count_handlers(service); i++) {
        const struct device_handler handler = get_handler(service, i);
        const struct kit_device_topic wanted = { kit_service_site(service), handler.kind, device,
                                                 handler.leaf };
        if (!kit_topic_parse_device(message->topic, &wanted, device))
            continue;
        if (message->retain && strcmp(handler.leaf, "state") != 0)
            service_refuse(service, REFUSED_RETAINED, message->topic, NULL);
        else
            handle(service, &handler, device, message);
        return true;
    }
    return false;
}

size_t devices_filters(const struct kit_service *service, struct kit_service_filter *ret_filters)
{
    const size_t count = count_handlers(service);
    PRE(count <= DEVICE_ROUTES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct device_handler handler = get_handler(service, i);
        const struct kit_device_topic topic = { kit_service_site(service), handler.kind, "+",
                                                handler.leaf };
        kit_topic_device(ret_filters[i].filter, &topic);
    }
    return count;
}

int64_t devices_tick(struct kit_service *service, int64_t now_mono_ms)
{
    struct kit_error err = { 0 };

    if (service->desc->on_timer == NULL)
        return INT64_MAX;
    if (now_mono_ms < service->timer_due_mono_ms)
        return service->timer_due_mono_ms;
    service->timer_due_mono_ms = now_mono_ms + service->desc->timer_period_ms;
    if (service_run_item(service, "", service->desc->on_timer, service->app, &err) != KIT_OK)
        kit_log_write(&service->ports.log, KIT_WARN, "timer_failed", "%s", err.text);
    return service->timer_due_mono_ms;
}
