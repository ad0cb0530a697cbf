/* One MQTT 5 connection of a device to the broker, by paho: it comes back by itself, with pauses
 * that grow and are jittered, and subscribes again each time.
 *
 * paho's threads put what arrives into a bounded inbox and wake the loop; everything else happens
 * on the loop's thread. QoS 1, no persistence: the flash log is the queue, so a message that is
 * lost here is sent again by whoever still waits for its answer. */
#ifndef FW_LINUX_LINK_H
#define FW_LINUX_LINK_H

#include "ports/linux/world.h"

#define FW_LINUX_HOST_SIZE 201
#define FW_LINUX_WILL_SIZE 512
#define FW_LINUX_REASON_SIZE 160

struct fw_linux_link;

struct fw_linux_link_config {
    const char *host; /* name or address of the broker */
    int port;
    const char *site;
    const char *kind;     /* scanner or locker */
    const char *device;   /* also broker user and client id */
    const char *password; /* NULL: none */
    bool takes_commands;  /* subscribes to cmd and config besides ack */
};

/* All called from fw_linux_link_tick(). */
struct fw_linux_link_events {
    void (*on_link)(void *self, bool is_up, const char *reason); /* reason: of is_up = false */
    void (*on_message)(void *self, enum fw_leaf leaf, const char *payload, size_t size);
    /* Payload of `state` if the connection breaks, asked for before each connect. Its size, below
     * size_max, or negative: it does not connect then. */
    int (*will)(void *self, char *buf, size_t size_max);
    void *self;
};

/**
 * fw_linux_link_new() - Prepare the connection; the first tick begins it.
 *
 * @config: copied.
 * @events: copied.
 *
 * Errors:  FW_E_INVALID for names that do not fit a topic, FW_E_IO when paho or the system refuses.
 */
int fw_linux_link_new(struct fw_linux_link **ret_link, const struct fw_linux_link_config *config,
                      const struct fw_linux_link_events *events, char error[FW_LINUX_ERROR_SIZE]);

/* Says goodbye so that the broker publishes the will now; waits at most 2 s. NULL is fine. */
void fw_linux_link_free(struct fw_linux_link *link);

/* Moves the link and hands over what has arrived. Returns when it wants to be called again if
 * fw_linux_link_fd() does not become readable before (mono ms; INT64_MAX: never). */
int64_t fw_linux_link_tick(struct fw_linux_link *link, int64_t now_mono_ms);

/* To be polled for reading. */
int fw_linux_link_fd(const struct fw_linux_link *link);

/* reconnect: at the next tick. publish: FW_E_AWAY also while too many publishes wait for the
 * broker; FW_E_TOO_LARGE. */
struct fw_net fw_linux_link_port(struct fw_linux_link *link);

/* Messages that were dropped: larger than FW_PAYLOAD_MAX, on a topic of nobody, or beyond the
 * inbox. */
int64_t fw_linux_link_dropped(struct fw_linux_link *link);

#endif
