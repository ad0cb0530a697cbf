/* Builds and takes apart topics; nobody else writes their text. Pure; any thread. */
#include "kit/rpc/topic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOT "lockstock/v1/"

__attribute__((format(printf, 2, 3))) static void build(char ret[KIT_TOPIC_SIZE],
                                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(ret, KIT_TOPIC_SIZE, format, args);
    va_end(args);
    CHECK(size > 0 && size < KIT_TOPIC_SIZE); /* instance and method names have maxima */
}

void kit_topic_rpc(char ret[KIT_TOPIC_SIZE], const char *instance, const char *method,
                   const char *caller)
{
    build(ret, ROOT "rpc/%s/%s/%s", instance, method, caller);
}

void kit_topic_reply(char ret[KIT_TOPIC_SIZE], const char *caller, const char *instance)
{
    build(ret, ROOT "reply/%s/%s", caller, instance);
}

void kit_topic_stream(char ret[KIT_TOPIC_SIZE], const char *source)
{
    build(ret, ROOT "stream/%s", source);
}

void kit_topic_head(char ret[KIT_TOPIC_SIZE], const char *source)
{
    build(ret, ROOT "stream/%s/head", source);
}

void kit_topic_status(char ret[KIT_TOPIC_SIZE], const char *instance)
{
    build(ret, ROOT "service/%s/status", instance);
}

void kit_topic_degraded(char ret[KIT_TOPIC_SIZE], const char *instance)
{
    build(ret, ROOT "service/%s/degraded", instance);
}

void kit_topic_device(char ret[KIT_TOPIC_SIZE], const struct kit_device_topic *parts)
{
    build(ret, ROOT "device/%s/%s/%s/%s", parts->site, parts->kind, parts->device, parts->leaf);
}

static bool skip(const char **cursor, const char *text)
{
    size_t length = strlen(text);
    if (strncmp(*cursor, text, length) != 0)
        return false;
    *cursor += length;
    return true;
}

/* Copies one level, up to a slash or the end. */
static bool take_level(const char **cursor, char *ret, size_t size_bytes)
{
    size_t length = strcspn(*cursor, "/");
    if (length == 0 || length >= size_bytes)
        return false;
    memcpy(ret, *cursor, length);
    ret[length] = '\0';
    *cursor += length;
    return true;
}

bool kit_topic_parse_rpc(const char *topic, struct kit_rpc_topic *ret)
{
    return skip(&topic, ROOT "rpc/") && take_level(&topic, ret->instance, sizeof(ret->instance)) &&
           skip(&topic, "/") && take_level(&topic, ret->method, sizeof(ret->method)) &&
           skip(&topic, "/") && take_level(&topic, ret->caller, sizeof(ret->caller)) &&
           *topic == '\0';
}

bool kit_topic_is_urgent(const char *topic)
{
    struct kit_rpc_topic request;
    char instance[KIT_INSTANCE_SIZE];

    if (kit_topic_parse_rpc(topic, &request))
        return strcmp(request.method, "seen") != 0;
    return strncmp(topic, ROOT "reply/", strlen(ROOT "reply/")) == 0 ||
           kit_topic_parse(topic, "service", "state", instance);
}

bool kit_topic_parse(const char *topic, const char *kind, const char *last,
                     char ret_name[KIT_INSTANCE_SIZE])
{
    if (!skip(&topic, ROOT) || !skip(&topic, kind) || !skip(&topic, "/") ||
        !take_level(&topic, ret_name, KIT_INSTANCE_SIZE))
        return false;
    if (last != NULL && (!skip(&topic, "/") || !skip(&topic, last)))
        return false;
    return *topic == '\0';
}

bool kit_topic_parse_reply(const char *topic, const char *caller,
                           char ret_instance[KIT_INSTANCE_SIZE])
{
    return skip(&topic, ROOT "reply/") && skip(&topic, caller) && skip(&topic, "/") &&
           take_level(&topic, ret_instance, KIT_INSTANCE_SIZE) && *topic == '\0';
}

bool kit_topic_parse_device(const char *topic, const struct kit_device_topic *wanted,
                            char ret_device[KIT_INSTANCE_SIZE])
{
    return skip(&topic, ROOT "device/") && skip(&topic, wanted->site) && skip(&topic, "/") &&
           skip(&topic, wanted->kind) && skip(&topic, "/") &&
           take_level(&topic, ret_device, KIT_INSTANCE_SIZE) && skip(&topic, "/") &&
           skip(&topic, wanted->leaf) && *topic == '\0';
}
