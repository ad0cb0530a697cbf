/* The grammar of our topics, in one place. Building: names that do not fit into KIT_TOPIC_SIZE are
 * a bug. Parsing: false when the topic is not of that form, or when a piece is empty or too long;
 * what was to be written is worthless then. Pure; any thread. */
#ifndef KIT_RPC_TOPIC_H
#define KIT_RPC_TOPIC_H

#include <stdbool.h>

#include "kit/port/ports.h"

#define KIT_METHOD_SIZE 48
#define KIT_STATUS_PERIOD_MS 2000
/* The type of the event that a source tells in the stead of one that it cannot read any more. */
#define KIT_EVENT_DAMAGED "EventDamaged"

struct kit_rpc_topic {
    char instance[KIT_INSTANCE_SIZE];
    char method[KIT_METHOD_SIZE];
    char caller[KIT_INSTANCE_SIZE];
};

/* lockstock/v1/rpc/<instance>/<method>/<caller>: a request; "+" for a piece makes a filter. */
void kit_topic_rpc(char ret[KIT_TOPIC_SIZE], const char *instance, const char *method,
                   const char *caller);
/* lockstock/v1/reply/<caller>/<instance>: where the instance answers; "#" for all that do. */
void kit_topic_reply(char ret[KIT_TOPIC_SIZE], const char *caller, const char *instance);
/* lockstock/v1/stream/<source>: the events of a source, in arrays. */
void kit_topic_stream(char ret[KIT_TOPIC_SIZE], const char *source);
/* lockstock/v1/stream/<source>/head: how far the log of the source reaches. */
void kit_topic_head(char ret[KIT_TOPIC_SIZE], const char *source);
/* lockstock/v1/service/<instance>/status: how an instance is, every KIT_STATUS_PERIOD_MS; "+" for
 * all. */
void kit_topic_status(char ret[KIT_TOPIC_SIZE], const char *instance);
/* lockstock/v1/service/<instance>/degraded: what it owes, behind each status; "+" for all. */
void kit_topic_degraded(char ret[KIT_TOPIC_SIZE], const char *instance);

/* lockstock/v1/device/<site>/<kind>/<device>/<leaf>; device may be "+". */
struct kit_device_topic {
    const char *site, *kind, *device, *leaf;
};
/* The topic of those four pieces; for device "+" the filter of all devices of the kind. */
void kit_topic_device(char ret[KIT_TOPIC_SIZE], const struct kit_device_topic *parts);
/* Whether topic is of that site, kind and leaf; of which device. wanted->device is not read. */
bool kit_topic_parse_device(const char *topic, const struct kit_device_topic *wanted,
                            char ret_device[KIT_INSTANCE_SIZE]);

/* Whether somebody waits for what comes on this topic: a request, an answer, or the presence of an
 * instance, which tells both of their fate. But not `seen`, whose answer must know every event that
 * came before it (D-080). */
bool kit_topic_is_urgent(const char *topic);

/* Takes a request's topic apart: whom it asks for what, and who asks (which the broker's ACL
 * proves). */
bool kit_topic_parse_rpc(const char *topic, struct kit_rpc_topic *ret);
/* Whether topic is lockstock/v1/<kind>/<name>/<last>; last NULL: lockstock/v1/<kind>/<name>. */
bool kit_topic_parse(const char *topic, const char *kind, const char *last,
                     char ret_name[KIT_INSTANCE_SIZE]);
/* Whether topic is an answer to `caller`; by which instance. */
bool kit_topic_parse_reply(const char *topic, const char *caller,
                           char ret_instance[KIT_INSTANCE_SIZE]);

#endif
