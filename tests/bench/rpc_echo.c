/* Raw ceiling: request/response through the broker with two bare paho clients in two processes,
 * MQTT 5, QoS 1 both ways, response topic and correlation data, the answer being the request's
 * bytes. Flags: --port N --outstanding N --bytes N --seconds N. Prints
 * {"calls_per_s","p50_ms","p99_ms"}.
 *
 * Everything runs in paho's callbacks: a reply starts the next call, so never more than
 * --outstanding requests are in flight, far below the broker's receive maximum (else paho sleeps up
 * to a second). */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "peer.h"

#define OUTSTANDING_MAX 128
#define PAYLOAD_MAX 4096
#define SAMPLES_MAX 2000000
#define REQUEST_TOPIC "bench/echo/request"
#define REPLY_TOPIC "bench/echo/reply"

struct peer {
    struct bench_peer link;
    /* Caller only; touched by paho's receive thread alone while `running`. */
    int64_t sent_at_ns[OUTSTANDING_MAX];
    struct bench_samples samples;
    int payload_size;
    atomic_bool running;
    char payload[PAYLOAD_MAX];
};

static void add_property(MQTTProperties *properties, enum MQTTPropertyCodes code, const void *bytes,
                         size_t size)
{
    MQTTProperty property = { .identifier = code };
    property.value.data.data = (char *)(uintptr_t)bytes;
    property.value.data.len = (int)size;
    if (MQTTProperties_add(properties, &property) != 0)
        bench_die("cannot add an MQTT property");
}

/* ---- the server ---- */

static int on_request(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
    struct peer *peer = context;
    MQTTProperty *to = MQTTProperties_getProperty(&message->properties,
                                                  MQTTPROPERTY_CODE_RESPONSE_TOPIC);
    MQTTProperty *id = MQTTProperties_getProperty(&message->properties,
                                                  MQTTPROPERTY_CODE_CORRELATION_DATA);
    (void)topic_size;
    if (to == NULL || id == NULL)
        bench_die("a request without response topic or correlation data");

    char reply_topic[100];
    snprintf(reply_topic, sizeof(reply_topic), "%.*s", to->value.data.len, to->value.data.data);
    MQTTAsync_message reply = MQTTAsync_message_initializer;
    reply.payload = message->payload;
    reply.payloadlen = message->payloadlen;
    reply.qos = 1;
    add_property(&reply.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, id->value.data.data,
                 (size_t)id->value.data.len);
    /* paho passes the properties on through these options, and drops them without. */
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    if (MQTTAsync_sendMessage(peer->link.client, reply_topic, &reply, &options) !=
        MQTTASYNC_SUCCESS)
        bench_die("cannot send a reply");
    MQTTProperties_free(&reply.properties);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void serve_until_killed(int port, int ready_fd)
{
    static struct peer server;
    const struct bench_peer_setup setup = { port, "bench-server", REQUEST_TOPIC, on_request,
                                            &server };
    bench_peer_open(&server.link, &setup);
    if (write(ready_fd, "r", 1) != 1)
        bench_die("cannot report that the server is ready");
    for (;;)
        pause();
}

/* ---- the caller ---- */

static void call_send(struct peer *peer, int slot)
{
    unsigned char correlation[16] = { (unsigned char)slot };
    MQTTAsync_message message = MQTTAsync_message_initializer;
    message.payload = peer->payload;
    message.payloadlen = peer->payload_size;
    message.qos = 1;
    add_property(&message.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, REPLY_TOPIC,
                 strlen(REPLY_TOPIC));
    add_property(&message.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, correlation,
                 sizeof(correlation));
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    peer->sent_at_ns[slot] = bench_now_ns();
    if (MQTTAsync_sendMessage(peer->link.client, REQUEST_TOPIC, &message, &options) !=
        MQTTASYNC_SUCCESS)
        bench_die("cannot send a request");
    MQTTProperties_free(&message.properties);
}

static int on_reply(void *context, char *topic, int topic_size, MQTTAsync_message *message)
{
    struct peer *peer = context;
    MQTTProperty *id = MQTTProperties_getProperty(&message->properties,
                                                  MQTTPROPERTY_CODE_CORRELATION_DATA);
    (void)topic_size;
    if (id == NULL || message->payloadlen != peer->payload_size)
        bench_die("the echo is not what was sent");

    int slot = (unsigned char)id->value.data.data[0];
    if (atomic_load(&peer->running)) {
        bench_samples_add(&peer->samples, bench_now_ns() - peer->sent_at_ns[slot]);
        call_send(peer, slot);
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void call_for(struct peer *caller, int outstanding, int64_t seconds)
{
    bench_samples_init(&caller->samples, SAMPLES_MAX);
    memset(caller->payload, 'x', sizeof(caller->payload));
    atomic_store(&caller->running, true);
    int64_t start_ns = bench_now_ns();
    for (int slot = 0; slot < outstanding; slot++)
        call_send(caller, slot);
    struct timespec rest = { .tv_sec = (time_t)seconds };
    nanosleep(&rest, NULL); /* the measured time itself; callbacks do the work */
    atomic_store(&caller->running, false);
    double took_s = (double)(bench_now_ns() - start_ns) / 1e9;
    /* Disconnect waits for paho's threads: after it nobody else touches the samples. */
    MQTTAsync_destroy(&caller->link.client);

    size_t calls = caller->samples.count + caller->samples.dropped;
    printf("{\"calls_per_s\":%.0f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", (double)calls / took_s,
           bench_samples_percentile_ms(&caller->samples, 50),
           bench_samples_percentile_ms(&caller->samples, 99));
}

int main(int argc, char **argv)
{
    static struct peer caller;
    int port = (int)bench_flag_int(argc, argv, "--port", 1883, 65535);
    int outstanding = (int)bench_flag_int(argc, argv, "--outstanding", 1, OUTSTANDING_MAX);
    int64_t seconds = bench_flag_int(argc, argv, "--seconds", 2, 3600);
    caller.payload_size = (int)bench_flag_int(argc, argv, "--bytes", 200, PAYLOAD_MAX);

    int ready[2];
    if (pipe(ready) != 0)
        bench_die("cannot make a pipe");
    pid_t server = fork(); /* before paho starts its threads */
    if (server < 0)
        bench_die("cannot fork");
    if (server == 0)
        serve_until_killed(port, ready[1]);

    char byte;
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        bench_die("the server did not start");
    const struct bench_peer_setup setup = { port, "bench-caller", REPLY_TOPIC, on_reply, &caller };
    bench_peer_open(&caller.link, &setup);
    call_for(&caller, outstanding, seconds);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}
