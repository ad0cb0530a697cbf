/* A man in the middle of one device's connection to the broker: the device connects to our port, we
 * connect on to the broker, and whole MQTT packets pass. It cuts the link, holds messages to the
 * device back and lets them go late, sends one a second time, and sends what nobody has sent. One
 * connection at a time, as the broker would have it. Never blocks; one thread. */
#ifndef SIM_WIRE_PROXY_H
#define SIM_WIRE_PROXY_H

#include <stdbool.h>

#include "kit/base/buf.h"
#include "kit/base/error.h"
#include "wire/loop.h"
#include "wire/packet.h"

#define SIM_PROXY_WAITING_MAX 1048576 /* bytes that wait to be written, each way */
#define SIM_PROXY_HELD_MAX 256        /* messages; beyond, the link is cut as overloaded */
#define SIM_PROXY_LEAVES 4

enum sim_leaf {
    SIM_LEAF_ACK = 0,
    SIM_LEAF_CMD = 1,
    SIM_LEAF_CONFIG = 2,
    SIM_LEAF_OTHER = 3,
};

enum sim_proxy_event {
    SIM_PROXY_UP,          /* the device is connected through */
    SIM_PROXY_DOWN,        /* its connection ended, or was cut */
    SIM_PROXY_FROM_DEVICE, /* a message of the device went on to the broker */
    SIM_PROXY_TO_DEVICE,   /* a message went on to the device */
    SIM_PROXY_HELD,        /* a message to the device is kept back */
};

struct sim_proxy_message {
    char topic[SIM_TOPIC_SIZE];
    struct kit_buf payload; /* bytes; max_bytes 0: there is none */
};

struct sim_proxy_held {
    uint8_t *packet;
    size_t size;
    int64_t connection; /* it came by; a packet of an older one goes out as QoS 0 */
};

/* publish is borrowed for the call; NULL with UP and DOWN. */
typedef void (*sim_proxy_fn)(void *self, enum sim_proxy_event event,
                             const struct sim_publish *publish);

struct sim_proxy {
    int listen_fd;
    int port; /* the device's broker address is 127.0.0.1 and this */
    int broker_port;
    int device_fd; /* -1: none */
    int broker_fd;
    bool is_connecting; /* broker_fd */
    bool is_cut;
    bool is_holding;
    int level; /* of MQTT, as the device's CONNECT said */
    int64_t connection;
    struct kit_buf from_device; /* read, not yet a whole packet */
    struct kit_buf from_broker;
    struct kit_buf to_device; /* to be written */
    struct kit_buf to_broker;
    struct sim_proxy_held held[SIM_PROXY_HELD_MAX];
    size_t held_count;
    struct sim_proxy_message last[SIM_PROXY_LEAVES]; /* last message to the device */
    struct sim_proxy_message recorded[SIM_PROXY_LEAVES];
    sim_proxy_fn on_event;
    void *owner;
};

/* Listens for the device, on a port of its own. Errors: KIT_E_UNAVAILABLE. */
int sim_proxy_open(struct sim_proxy *proxy, int broker_port, sim_proxy_fn on_event, void *owner,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Ends the link and the listening, and frees. */
void sim_proxy_close(struct sim_proxy *proxy);

/* For sim_loop_add(). */
struct sim_part sim_proxy_part(struct sim_proxy *proxy);

/* The device is connected through to the broker. */
bool sim_proxy_is_up(const struct sim_proxy *proxy);

/* Cuts the link, now, and each new connection too. */
void sim_proxy_cut(struct sim_proxy *proxy);

/* Lets the device connect again; it finds its way back by itself. */
void sim_proxy_restore(struct sim_proxy *proxy);

/* Keeps messages to the device back, from now on. */
void sim_proxy_hold(struct sim_proxy *proxy);

/* Lets the messages that were kept back go, in their order; the next pass as usual. */
void sim_proxy_release(struct sim_proxy *proxy);

/* The last level of a topic; SIM_LEAF_OTHER: none of the device's inbox. */
enum sim_leaf sim_leaf_of(const char *topic_or_leaf);

/* Keeps the last message of the leaf for sim_proxy_replay(). False: there was none yet. */
bool sim_proxy_record(struct sim_proxy *proxy, enum sim_leaf leaf);

/* Sends the recorded message of the leaf, or the last one, again. False: none, or no link. */
bool sim_proxy_replay(struct sim_proxy *proxy, enum sim_leaf leaf);

/* Sends what nobody has sent. False: no link, or it does not fit. */
bool sim_proxy_forge(struct sim_proxy *proxy, const char *topic, const void *payload, size_t size);

#endif
