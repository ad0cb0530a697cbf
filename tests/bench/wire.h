/* Just enough HTTP/1.1 and MQTT 3.1.1 over plain sockets for a load generator: no library's
 * threads, queues or delays get between the clock and the wire. Loopback, trusted peers. One
 * thread. */
#ifndef TESTS_BENCH_WIRE_H
#define TESTS_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int bench_connect(
    int port); /* blocking TCP to loopback with TCP_NODELAY; ends the program if refused */

/* ---- HTTP: one keep-alive connection, one request under way ---- */

struct bench_http {
    int fd;
    int port;
    bool is_busy;
    int64_t sent_at_ns;
    char buffer[8192];
    size_t used;
};

struct bench_answer {
    int status;
    const char *body; /* borrowed until the next read */
};

void bench_http_open(struct bench_http *http, int port);
void bench_http_post(struct bench_http *http, const char *path, const char *body);
/* Call when readable. true: *ret_answer is the whole answer and the connection is free again. A
 * connection that the server closed is opened again; its request counts as answered with status 0.
 */
bool bench_http_read(struct bench_http *http, struct bench_answer *ret_answer);

/* ---- MQTT: a QoS 1 subscriber ---- */

struct bench_mqtt {
    int fd;
    unsigned char *buffer;
    size_t used, capacity;
};

typedef void (*bench_message_cb)(void *context, const char *payload, size_t size_bytes);

struct bench_login {
    int port;
    const char *user, *password;
};

/* Connects, subscribes to the filters and waits until the broker has granted them. */
void bench_mqtt_open(struct bench_mqtt *mqtt, const struct bench_login *login,
                     const char *const *filters, size_t filter_count);
/* Call when readable: hands over every whole message and acknowledges it. */
void bench_mqtt_read(struct bench_mqtt *mqtt, bench_message_cb on_message, void *context);
void bench_mqtt_close(struct bench_mqtt *mqtt);

#endif
