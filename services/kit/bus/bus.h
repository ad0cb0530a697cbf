/* The broker connection over paho.mqtt.c (MQTTAsync, MQTT 5). paho's threads only copy into a
 * bounded queue and wake the loop; everything declared here runs on the loop thread.
 *
 *  - clean start; every connect subscribes again; reconnect is ours, with jittered back-off
 *    (50 to 300 ms), because paho's own takes 3 to 8 s.
 *  - our own in-flight window, min(200, Receive Maximum - 4), refilled from the success callback.
 *  - presence: retained {status, epoch} on the state topic, with a will of the same epoch. Each
 *    connect takes a higher epoch; a retained epoch above ours makes us connect again above it.
 *  - what a person waits for is handed over before the events that wait, however many: a request
 *    must not take as long as a stream's backlog (D-084). In each lane the order is the broker's.
 *  - inbound overflow drops the newest message and counts it: streams fetch what they miss, callers
 *    time out. */
#ifndef KIT_BUS_BUS_H
#define KIT_BUS_BUS_H

#include "kit/loop/loop.h"
#include "kit/port/ports.h"

#define KIT_BUS_SUBSCRIPTIONS_MAX 16
#define KIT_BUS_HOSTS_MAX 4
#define KIT_BUS_INBOUND_MAX 8192 /* messages waiting for the loop */
#define KIT_BUS_INBOUND_BYTES_MAX (32 << 20)
#define KIT_BUS_OUTBOUND_MAX 8192 /* messages waiting for the window */
#define KIT_BUS_RESTART_MS 2000   /* from its announcement until we are back, at most */
#define KIT_BUS_DRAIN_MAX 256     /* messages handed over in one turn of the loop, */
#define KIT_BUS_TURN_MS 20        /* and for how long; but one that is not urgent in any case */

struct kit_bus_subscription {
    char filter[KIT_TOPIC_SIZE];
    int qos;
};

struct kit_bus_config {
    const char *host; /* "127.0.0.1"; "10.0.0.1,10.0.0.2": ways to one broker, tried in turn */
    int port;
    const char *instance; /* client id = user name = name in the state topic */
    const char *password;
    const char *ca;           /* file: TLS, with a broker that it vouches for; NULL or "": plain */
    const char *certificates; /* of TLS: folder with <instance>.crt and <instance>.key */
    struct kit_bus_subscription subscriptions[KIT_BUS_SUBSCRIPTIONS_MAX];
    size_t subscription_count;
    bool (*is_urgent)(const char *topic); /* handed over first; NULL: none is */
};

struct kit_bus_events {
    void (*on_message)(void *context, const struct kit_message *message);
    void (*on_link)(void *context, bool is_up); /* up: connected and every subscription granted */
    void (*on_published)(void *context, uint64_t cookie, int code); /* KIT_OK: the broker has it */
    void *context;
};

struct kit_bus_stats {
    int64_t messages_in, messages_out, inbound_dropped, publish_failed, connects;
    int64_t inbound_refused; /* broke a limit: a property too long or given twice, a bad deadline */
    int64_t bytes_in, bytes_out; /* payload bytes */
    size_t in_flight, outbound_waiting, inbound_waiting;
};

struct kit_bus_paho;

/* What the connection stands on. The loop is borrowed for its life, the others are copied. */
struct kit_bus_paho_ports {
    struct kit_loop *loop;
    const struct kit_clock *clock;
    const struct kit_rng *rng;
    const struct kit_log *log;
};

/* Makes a connection that is still down; the ticker connects. The configuration and the events are
 * copied. KIT_E_INVALID: a setting is unusable, and *ret_bus is untouched. */
int kit_bus_paho_new(struct kit_bus_paho **ret_bus, const struct kit_bus_config *config,
                     const struct kit_bus_paho_ports *ports, const struct kit_bus_events *events,
                     struct kit_error *err) KIT_MUST_CHECK;
/* Publishes "restarting": whoever asks us may wait KIT_BUS_RESTART_MS, until we are back. Nothing
 * without a link. */
void kit_bus_paho_announce_restart(struct kit_bus_paho *bus);
/* Publishes "offline", waits at most timeout_ms for what is in flight, disconnects. on_published is
 * called meanwhile, on_message is not. Blocks the loop thread; NULL and a second call are fine. */
void kit_bus_paho_close(struct kit_bus_paho *bus, int64_t timeout_ms);
/* Closes without waiting, if that was not done, and frees. NULL is fine. */
void kit_bus_paho_free(struct kit_bus_paho *bus);

/* The port for whoever publishes; valid until the free. */
const struct kit_bus *kit_bus_paho_port(struct kit_bus_paho *bus);
/* Whether it is connected and every subscription was granted. */
bool kit_bus_paho_is_up(const struct kit_bus_paho *bus);
/* Counters since the start, and how many messages wait or are in flight now. */
void kit_bus_paho_stats(const struct kit_bus_paho *bus, struct kit_bus_stats *ret_stats);

/* Ticker for the loop: hands over at most KIT_BUS_DRAIN_MAX inbound messages, completions and link
 * changes, urgent ones first, sends what the window allows, reconnects when due. */
int64_t kit_bus_paho_tick(void *bus, int64_t now_mono_ms);

#endif
