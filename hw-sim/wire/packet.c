/* MQTT bytes; see packet.h. */
#include "wire/packet.h"

#include <string.h>

#define LENGTH_BYTES_MAX 4
#define LEVEL_5 5

/* A variable byte integer: bytes used, 0: more are needed, -1: broken. */
static int read_length(const uint8_t *bytes, size_t size, size_t *ret_value)
{
    size_t value = 0;

    for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
        if ((size_t)i >= size)
            return 0;
        value |= (size_t)(bytes[i] & 0x7F) << (7 * i);
        if ((bytes[i] & 0x80) == 0) {
            *ret_value = value;
            return i + 1;
        }
    }
    return -1;
}

size_t sim_packet_size(const uint8_t *bytes, size_t size)
{
    size_t length = 0;

    if (size < 2)
        return 0;
    int used = read_length(bytes + 1, size - 1, &length);
    if (used == 0)
        return 0;
    size_t whole = 1 + (size_t)used + length;
    if (used < 0 || whole > SIM_PACKET_BYTES_MAX || bytes[0] >> 4 == 0)
        return SIZE_MAX;
    return whole <= size ? whole : 0;
}

int sim_packet_type(const uint8_t *packet)
{
    return packet[0] >> 4;
}

/* Where the variable header begins; the packet is whole. */
static size_t skip_header(const uint8_t *packet, size_t size)
{
    size_t length = 0;
    int used = read_length(packet + 1, size - 1, &length);
    return used <= 0 ? size : 1 + (size_t)used;
}

int sim_packet_level(const uint8_t *packet, size_t size)
{
    static const uint8_t name[] = { 0, 4, 'M', 'Q', 'T', 'T' };
    size_t at = skip_header(packet, size);

    if (sim_packet_type(packet) != SIM_PACKET_CONNECT || size < at + sizeof(name) + 1 ||
        memcmp(packet + at, name, sizeof(name)) != 0)
        return 0;
    return packet[at + sizeof(name)];
}

bool sim_packet_publish(const uint8_t *packet, size_t size, int level,
                        struct sim_publish *ret_publish)
{
    size_t at = skip_header(packet, size);
    struct sim_publish publish = { .qos = packet[0] >> 1 & 3, .is_retained = packet[0] & 1 };

    if (sim_packet_type(packet) != SIM_PACKET_PUBLISH || size < at + 2)
        return false;
    size_t topic_size = (size_t)packet[at] << 8 | packet[at + 1];
    at += 2;
    if (topic_size >= SIM_TOPIC_SIZE || size < at + topic_size)
        return false;
    memcpy(publish.topic, packet + at, topic_size);
    at += topic_size + (publish.qos > 0 ? 2 : 0);
    if (level >= LEVEL_5) {
        size_t properties = 0;
        int used = at < size ? read_length(packet + at, size - at, &properties) : 0;
        if (used <= 0)
            return false;
        at += (size_t)used + properties;
    }
    if (at > size)
        return false;
    publish.payload = packet + at;
    publish.payload_size = size - at;
    *ret_publish = publish;
    return true;
}

size_t sim_packet_compose(int level, const struct sim_publish *publish, uint8_t *ret_packet,
                          size_t size_max)
{
    size_t topic_size = strlen(publish->topic);
    size_t length = 2 + topic_size + (level >= LEVEL_5 ? 1 : 0) + publish->payload_size;
    size_t at = 0;

    if (length + 1 + LENGTH_BYTES_MAX > size_max || length > SIM_PACKET_BYTES_MAX)
        return 0;
    ret_packet[at++] = SIM_PACKET_PUBLISH << 4;
    size_t rest = length;
    do {
        uint8_t byte = rest & 0x7F;
        rest >>= 7;
        ret_packet[at++] = (uint8_t)(byte | (rest > 0 ? 0x80 : 0));
    } while (rest > 0);
    ret_packet[at++] = (uint8_t)(topic_size >> 8);
    ret_packet[at++] = (uint8_t)topic_size;
    memcpy(ret_packet + at, publish->topic, topic_size);
    at += topic_size;
    if (level >= LEVEL_5)
        ret_packet[at++] = 0; /* no properties */
    if (publish->payload_size > 0)
        memcpy(ret_packet + at, publish->payload, publish->payload_size);
    return at + publish->payload_size;
}
