/* MQTT packets as bytes, as far as the proxy and the attacks need them: where one ends, what a
 * PUBLISH says, and how one is written. MQTT 3.1.1 and 5. Pure; any thread. */
#ifndef SIM_WIRE_PACKET_H
#define SIM_WIRE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_PACKET_BYTES_MAX 65536 /* devices take at most 4096 bytes of payload */
#define SIM_TOPIC_SIZE 200

enum sim_packet_type {
    SIM_PACKET_CONNECT = 1,
    SIM_PACKET_PUBLISH = 3,
};

struct sim_publish {
    char topic[SIM_TOPIC_SIZE];
    const uint8_t *payload; /* inside the packet */
    size_t payload_size;
    int qos;
    bool is_retained;
};

/* Size of the packet that bytes begin with: 0 when more bytes are needed to know or to have it,
 * SIZE_MAX when it is no MQTT or larger than SIM_PACKET_BYTES_MAX. */
size_t sim_packet_size(const uint8_t *bytes, size_t size);

/* The type of a whole packet: enum sim_packet_type, or another number. */
int sim_packet_type(const uint8_t *packet);

/* Protocol level of a CONNECT: 4, 5; 0 when it is not one. */
int sim_packet_level(const uint8_t *packet, size_t size);

/* False: not a PUBLISH, or one that breaks the protocol. */
bool sim_packet_publish(const uint8_t *packet, size_t size, int level,
                        struct sim_publish *ret_publish);

/* Writes topic and payload as a QoS 0 PUBLISH without properties; returns its size, 0 when it does
 * not fit. */
size_t sim_packet_compose(int level, const struct sim_publish *publish, uint8_t *ret_packet,
                          size_t size_max);

#endif
