/* Packets on their way through the proxy: told about, held, released, repeated, forged. */
#include "wire/proxy_pass.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"

void sim_buf_drop(struct kit_buf *buf, size_t size_bytes)
{
    CHECK(size_bytes <= buf->size_bytes);
    if (size_bytes == 0)
        return;
    memmove(buf->data, buf->data + size_bytes, buf->size_bytes - size_bytes);
    buf->size_bytes -= size_bytes;
    buf->data[buf->size_bytes] = '\0';
}

enum sim_leaf sim_leaf_of(const char *topic_or_leaf)
{
    const char *slash = strrchr(topic_or_leaf, '/');
    const char *leaf = slash != NULL ? slash + 1 : topic_or_leaf;

    return strcmp(leaf, "ack") == 0      ? SIM_LEAF_ACK
           : strcmp(leaf, "cmd") == 0    ? SIM_LEAF_CMD
           : strcmp(leaf, "config") == 0 ? SIM_LEAF_CONFIG
                                         : SIM_LEAF_OTHER;
}

static void keep(struct sim_proxy_message *message, const char *topic, const void *payload,
                 size_t size)
{
    if (message->payload.max_bytes == 0)
        kit_buf_init(&message->payload, SIM_PACKET_BYTES_MAX);
    kit_buf_reset(&message->payload);
    kit_buf_add(&message->payload, payload, size);
    kit_text_copy(message->topic, sizeof(message->topic), topic);
}

static bool take_from_device(struct sim_proxy *proxy, const uint8_t *packet, size_t size)
{
    struct sim_publish publish;

    if (sim_packet_type(packet) == SIM_PACKET_CONNECT) {
        proxy->level = sim_packet_level(packet, size);
        proxy->on_event(proxy->owner, SIM_PROXY_UP, NULL);
    } else if (sim_packet_publish(packet, size, proxy->level, &publish)) {
        proxy->on_event(proxy->owner, SIM_PROXY_FROM_DEVICE, &publish);
    }
    kit_buf_add(&proxy->to_broker, packet, size);
    return true;
}

static bool hold(struct sim_proxy *proxy, const uint8_t *packet, size_t size)
{
    if (proxy->held_count == SIM_PROXY_HELD_MAX)
        return false;
    struct sim_proxy_held *held = &proxy->held[proxy->held_count++];
    held->packet = malloc(size);
    CHECK(held->packet != NULL);
    memcpy(held->packet, packet, size);
    held->size = size;
    held->connection = proxy->connection;
    return true;
}

static void deliver(struct sim_proxy *proxy, const struct sim_publish *publish)
{
    keep(&proxy->last[sim_leaf_of(publish->topic)], publish->topic, publish->payload,
         publish->payload_size);
    proxy->on_event(proxy->owner, SIM_PROXY_TO_DEVICE, publish);
}

static bool take_from_broker(struct sim_proxy *proxy, const uint8_t *packet, size_t size)
{
    struct sim_publish publish;

    if (sim_packet_publish(packet, size, proxy->level, &publish)) {
        if (proxy->is_holding) {
            proxy->on_event(proxy->owner, SIM_PROXY_HELD, &publish);
            return hold(proxy, packet, size);
        }
        deliver(proxy, &publish);
    }
    kit_buf_add(&proxy->to_device, packet, size);
    return true;
}

static bool pass_one_way(struct sim_proxy *proxy, struct kit_buf *in,
                         bool (*take)(struct sim_proxy *, const uint8_t *, size_t))
{
    size_t at = 0;

    while (at < in->size_bytes) {
        const uint8_t *packet = (const uint8_t *)in->data + at;
        size_t size = sim_packet_size(packet, in->size_bytes - at);
        if (size == SIZE_MAX || (size != 0 && !take(proxy, packet, size)))
            return false;
        if (size == 0)
            break;
        at += size;
    }
    sim_buf_drop(in, at);
    return true;
}

bool sim_proxy_pass(struct sim_proxy *proxy)
{
    return pass_one_way(proxy, &proxy->from_device, take_from_device) &&
           pass_one_way(proxy, &proxy->from_broker, take_from_broker);
}

void sim_proxy_hold(struct sim_proxy *proxy)
{
    proxy->is_holding = true;
}

/* A packet of the present connection goes out as it came, so that its PUBACK finds its way. One of
 * an older connection carries a packet id that means nothing any more: QoS 0. Without a device, it
 * is lost. */
static void let_go(struct sim_proxy *proxy, const struct sim_proxy_held *held)
{
    struct sim_publish publish;

    if (!sim_packet_publish(held->packet, held->size, proxy->level, &publish))
        return;
    if (held->connection == proxy->connection && sim_proxy_is_up(proxy)) {
        deliver(proxy, &publish);
        kit_buf_add(&proxy->to_device, held->packet, held->size);
    } else {
        (void)sim_proxy_forge(proxy, publish.topic, publish.payload, publish.payload_size);
    }
}

void sim_proxy_release(struct sim_proxy *proxy)
{
    proxy->is_holding = false;
    for (size_t i = 0; i < proxy->held_count; i++) {
        let_go(proxy, &proxy->held[i]);
        free(proxy->held[i].packet);
    }
    proxy->held_count = 0;
}

void sim_proxy_forget(struct sim_proxy *proxy)
{
    for (size_t i = 0; i < proxy->held_count; i++)
        free(proxy->held[i].packet);
    proxy->held_count = 0;
    for (size_t i = 0; i < SIM_PROXY_LEAVES; i++) {
        kit_buf_done(&proxy->last[i].payload);
        kit_buf_done(&proxy->recorded[i].payload);
    }
}

bool sim_proxy_record(struct sim_proxy *proxy, enum sim_leaf leaf)
{
    const struct sim_proxy_message *last = &proxy->last[leaf];
    if (last->payload.max_bytes == 0)
        return false;
    keep(&proxy->recorded[leaf], last->topic, last->payload.data, last->payload.size_bytes);
    return true;
}

bool sim_proxy_replay(struct sim_proxy *proxy, enum sim_leaf leaf)
{
    const struct sim_proxy_message *message = &proxy->recorded[leaf];

    if (message->payload.max_bytes == 0)
        message = &proxy->last[leaf];
    return message->payload.max_bytes != 0 &&
           sim_proxy_forge(proxy, message->topic, message->payload.data,
                           message->payload.size_bytes);
}

bool sim_proxy_forge(struct sim_proxy *proxy, const char *topic, const void *payload, size_t size)
{
    uint8_t packet[SIM_PACKET_BYTES_MAX];
    struct sim_publish publish = { .payload = payload, .payload_size = size };

    if (!sim_proxy_is_up(proxy))
        return false;
    kit_text_copy(publish.topic, sizeof(publish.topic), topic);
    size_t whole = sim_packet_compose(proxy->level, &publish, packet, sizeof(packet));
    if (whole == 0)
        return false;
    proxy->on_event(proxy->owner, SIM_PROXY_TO_DEVICE, &publish);
    kit_buf_add(&proxy->to_device, packet, whole);
    return true;
}
