/* MQTT part of wire.h: CONNECT, SUBSCRIBE, PUBLISH in, PUBACK out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "wire.h"

enum {
    PACKET_CONNECT = 0x10,
    PACKET_CONNACK = 0x20,
    PACKET_PUBLISH = 0x30,
    PACKET_PUBACK = 0x40,
    PACKET_SUBSCRIBE = 0x82,
    PACKET_SUBACK = 0x90,
};

#define BUFFER_START (64 << 10)
#define BUFFER_MAX (8 << 20)
#define OUT_MAX 1024
#define KEEPALIVE_S 300

struct packet {
    unsigned char bytes[OUT_MAX];
    size_t size;
};

static void put_text(struct packet *packet, const char *text)
{
    size_t size = strlen(text);
    if (packet->size + 2 + size > sizeof(packet->bytes))
        bench_die("an MQTT packet is too long");
    packet->bytes[packet->size++] = (unsigned char)(size >> 8);
    packet->bytes[packet->size++] = (unsigned char)size;
    memcpy(packet->bytes + packet->size, text, size);
    packet->size += size;
}

/* Puts the fixed header in front and sends. */
static void send_packet(int fd, int type, const struct packet *packet)
{
    unsigned char out[OUT_MAX + 3] = { (unsigned char)type };
    size_t head = 1;
    if (packet->size < 128) {
        out[head++] = (unsigned char)packet->size;
    } else {
        out[head++] = (unsigned char)(packet->size | 0x80);
        out[head++] = (unsigned char)(packet->size >> 7);
    }
    memcpy(out + head, packet->bytes, packet->size);
    if (send(fd, out, head + packet->size, MSG_NOSIGNAL) != (ssize_t)(head + packet->size))
        bench_die("the broker closed the connection");
}

static void expect_packet(int fd, int type, size_t size, const char *what)
{
    unsigned char in[32];
    if (recv(fd, in, 2 + size, MSG_WAITALL) != (ssize_t)(2 + size) || in[0] != type)
        bench_die("the broker refused to %s", what);
    if (type == PACKET_CONNACK && in[3] != 0)
        bench_die("the broker refused to %s: code %d", what, in[3]);
}

void bench_mqtt_open(struct bench_mqtt *mqtt, const struct bench_login *login,
                     const char *const *filters, size_t filter_count)
{
    *mqtt = (struct bench_mqtt){ .fd = bench_connect(login->port), .capacity = BUFFER_START };
    mqtt->buffer = malloc(mqtt->capacity);
    if (mqtt->buffer == NULL)
        bench_die("no memory");

    struct packet connect = { .size = 0 };
    put_text(&connect, "MQTT");
    connect.bytes[connect.size++] = 4;    /* 3.1.1 */
    connect.bytes[connect.size++] = 0xc2; /* user, password, clean session */
    connect.bytes[connect.size++] = KEEPALIVE_S >> 8;
    connect.bytes[connect.size++] = KEEPALIVE_S & 0xff;
    put_text(&connect, login->user); /* client id */
    put_text(&connect, login->user);
    put_text(&connect, login->password);
    send_packet(mqtt->fd, PACKET_CONNECT, &connect);
    expect_packet(mqtt->fd, PACKET_CONNACK, 2, "let us in");

    struct packet subscribe = { .bytes = { 0, 1 }, .size = 2 }; /* packet id 1 */
    for (size_t i = 0; i < filter_count; i++) {
        put_text(&subscribe, filters[i]);
        subscribe.bytes[subscribe.size++] = 1; /* QoS */
    }
    send_packet(mqtt->fd, PACKET_SUBSCRIBE, &subscribe);
    expect_packet(mqtt->fd, PACKET_SUBACK, 2 + filter_count, "subscribe");
}

/* Size of the first packet with its header, 0 while its length is not known; *ret_head is the
 * header's. */
static size_t packet_size(const unsigned char *bytes, size_t used, size_t *ret_head)
{
    size_t value = 0;
    for (size_t i = 1; i < used && i <= 4; i++) {
        value |= (size_t)(bytes[i] & 0x7f) << (7 * (i - 1));
        if ((bytes[i] & 0x80) == 0) {
            *ret_head = i + 1;
            return i + 1 + value;
        }
    }
    return 0;
}

/* Acknowledges a message and returns where its payload begins. */
static size_t take_publish(struct bench_mqtt *mqtt, const unsigned char *packet, size_t head)
{
    size_t topic_size = (size_t)packet[head] << 8 | packet[head + 1];
    size_t at = head + 2 + topic_size;
    if ((packet[0] & 0x06) != 0) { /* QoS 1 */
        struct packet puback = { .bytes = { packet[at], packet[at + 1] }, .size = 2 };
        send_packet(mqtt->fd, PACKET_PUBACK, &puback);
        at += 2;
    }
    return at;
}

static void make_room(struct bench_mqtt *mqtt)
{
    if (mqtt->used < mqtt->capacity)
        return;
    mqtt->capacity *= 2;
    mqtt->buffer = mqtt->capacity > BUFFER_MAX ? NULL : realloc(mqtt->buffer, mqtt->capacity);
    if (mqtt->buffer == NULL)
        bench_die("a message is larger than %d bytes", BUFFER_MAX);
}

void bench_mqtt_read(struct bench_mqtt *mqtt, bench_message_cb on_message, void *context)
{
    make_room(mqtt);
    ssize_t got = recv(mqtt->fd, mqtt->buffer + mqtt->used, mqtt->capacity - mqtt->used,
                       MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        bench_die("the broker closed the connection");
    if (got > 0)
        mqtt->used += (size_t)got;

    size_t at = 0;
    for (;;) {
        size_t head = 0;
        size_t size = packet_size(mqtt->buffer + at, mqtt->used - at, &head);
        if (size == 0 || size > mqtt->used - at)
            break;
        const unsigned char *packet = mqtt->buffer + at;
        if ((packet[0] & 0xf0) == PACKET_PUBLISH) {
            size_t payload = take_publish(mqtt, packet, head);
            on_message(context, (const char *)packet + payload, size - payload);
        }
        at += size;
    }
    mqtt->used -= at;
    memmove(mqtt->buffer, mqtt->buffer + at, mqtt->used);
}

void bench_mqtt_close(struct bench_mqtt *mqtt)
{
    close(mqtt->fd);
    free(mqtt->buffer);
}
