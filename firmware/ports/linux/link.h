/* One MQTT 5 connection of a device to the broker, by paho. A lost connection is made again, with
 * pauses that grow and are jittered, and the subscriptions with it.
 *
 * paho's threads put the messages that arrive into a bounded inbox, and wake the loop; everything
 * else runs on the loop's thread. QoS 1, no persistence: the flash log is the queue, and a message
 * that is lost here is sent again by the side that waits for its answer. */
#ifndef FW_PORTS_LINUX_LINK_H
#define FW_PORTS_LINUX_LINK_H

#include "ports/linux/world.h"

#define FW_LINUX_HOST_SIZE 201
#define FW_LINUX_WILL_SIZE 512
#define FW_LINUX_REASON_SIZE 160
#define FW_LINUX_TLS_ERROR_SIZE 64

struct fw_linux_link;

struct fw_linux_link_config {
    const char *host; /* name or address of the broker */
    int port;
    const char *site;
    const char *kind;     /* scanner or locker */
    const char *device;   /* also broker user and client id */
    const char *password; /* NULL: none */
    const char *ca;       /* file: TLS, with a broker that it vouches for; NULL: plain */
    const char *certificate, *certificate_key; /* of TLS: files, read at each connect */
    bool takes_commands;                       /* subscribes to cmd and config, not only to ack */
};

/* Called from fw_linux_link_tick(). */
struct fw_linux_link_events {
    void (*on_link)(void *self, bool is_up, const char *reason); /* reason: of is_up = false */
    void (*on_message)(void *self, enum fw_leaf leaf, const char *payload, size_t size);
    /* Writes the payload that the broker publishes on `state` when the connection breaks. Called
     * before each connect. Returns its size, below size_max; negative: no connect this time. */
    int (*will)(void *self, char *buf, size_t size_max);
    void *self;
};

/**
 * fw_linux_link_new() - Prepare the connection; the first tick begins it.
 *
 * @config: copied.
 * @events: copied.
 *
 * Errors:  FW_E_INVALID: a name that does not fit a topic. FW_E_IO: paho or the system refuses.
 */
int fw_linux_link_new(struct fw_linux_link **ret_link, const struct fw_linux_link_config *config,
                      const struct fw_linux_link_events *events, char error[FW_LINUX_ERROR_SIZE]);

/**
 * fw_linux_link_free() - Disconnect so that the broker publishes the will now, and free.
 *
 * Waits at most 2 s. NULL is fine.
 */
void fw_linux_link_free(struct fw_linux_link *link);

/**
 * fw_linux_link_tick() - Move the link, and hand over the messages that have arrived.
 *
 * Returns the monotonic ms at which it must be called again; earlier when fw_linux_link_fd() can be
 * read. INT64_MAX: not before.
 */
int64_t fw_linux_link_tick(struct fw_linux_link *link, int64_t now_mono_ms);

/** fw_linux_link_fd() - The descriptor to poll for reading. */
int fw_linux_link_fd(const struct fw_linux_link *link);

/**
 * fw_linux_link_port() - The port of the link, which is borrowed for the port's life.
 *
 * reconnect takes effect at the next tick. publish returns FW_E_AWAY also while too many publishes
 * wait for the broker, FW_E_TOO_LARGE, and FW_E_INVALID for a leaf that is not the device's to
 * send.
 */
struct fw_net fw_linux_link_port(struct fw_linux_link *link);

/**
 * fw_linux_link_dropped() - How many messages were dropped since the start: larger than
 * FW_PAYLOAD_MAX, on a topic that is not the device's, or more than the inbox holds.
 */
int64_t fw_linux_link_dropped(struct fw_linux_link *link);

#endif
