/* See cut_again.h. */
#include "world/cut_again.h"

#include <string.h>

#include "kit/base/check.h"
#include "world/keys.h"

#define LEFT_MS 500 /* of the request's time, when it comes again */

/* A process of which only the answer matters. */
struct process {
    const struct kit_message *reply;
    int64_t wall_ms;
    size_t same, others; /* answers to the request that came again */
};

static int64_t wall_ms(void *self)
{
    return ((const struct process *)self)->wall_ms;
}

static int64_t mono_ms(void *self)
{
    (void)self;
    return WORLD_MONO_US / 1000;
}

static void fill(void *self, void *ret_bytes, size_t size_bytes)
{
    (void)self;
    memset(ret_bytes, 1, size_bytes);
}

static void write_nothing(void *self, enum kit_level level, const char *event, const char *text)
{
    (void)self;
    (void)level;
    (void)event;
    (void)text;
}

static int publish(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    struct process *process = self;
    const struct kit_message *reply = process->reply;
    (void)cookie;
    (void)err;
    if (strcmp(message->topic, reply->topic) != 0)
        return KIT_OK;
    if (strcmp(message->status, reply->status) == 0 &&
        message->payload_size_bytes == reply->payload_size_bytes &&
        memcmp(message->payload, reply->payload, reply->payload_size_bytes) == 0)
        process->same++;
    else
        process->others++;
    return KIT_OK;
}

const char *cut_ask_again(const struct world_service_row *row, const char *path,
                          const struct kit_message *request, const struct kit_message *reply)
{
    struct process process = { .reply = reply,
                               .wall_ms = request == NULL ? WORLD_WALL_MS
                                                          : request->deadline_ms - LEFT_MS };
    struct kit_service *service = NULL;
    struct kit_error err;
    const struct kit_service_ports ports = {
        .clock = { wall_ms, mono_ms, &process },
        .rng = { fill, &process },
        .log = { write_nothing, &process },
        .bus = { publish, &process },
        .store = { .path = path, .vfs = SIM_DISK_VFS },
        .keys = { world_find_key, NULL },
    };
    const struct kit_service_setup setup = { .instance = row->desc->name,
                                             .ports = &ports,
                                             .settings = row->settings,
                                             .setting_count = row->setting_count };
    if (kit_service_new(&service, row->desc, &setup, &err) != KIT_OK)
        return "the service does not start from it";
    if (request != NULL)
        kit_service_on_message(service, request);
    kit_service_flush(service);
    const bool has_failed = kit_service_failure(service, &err) != KIT_OK;
    kit_service_free(service);
    if (has_failed)
        return "the service ends when it goes on";
    if (request == NULL || (process.same == 1 && process.others == 0))
        return NULL;
    return "a request that was answered is not answered so again, once";
}
