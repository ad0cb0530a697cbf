/* Inside the link to the broker: link.c moves it on the loop's thread, link_inbox.c is what paho's
 * threads may do. Callbacks run with paho's mutex held, so they only note things under inbox.lock
 * and call nothing of paho but its free functions; the loop never calls paho while it holds
 * inbox.lock. */
#ifndef FW_LINUX_LINK_INTERNAL_H
#define FW_LINUX_LINK_INTERNAL_H

#include <MQTTAsync.h>
#include <pthread.h>

#include "ports/linux/link.h"

#define LINK_TOPIC_SIZE 160
#define LINK_INBOX_MAX 64 /* messages that wait for the loop */

enum link_state {
    LINK_WAITING = 0,
    LINK_CONNECTING = 1,
    LINK_SUBSCRIBING = 2,
    LINK_UP = 3,
};

enum link_event {
    LINK_CONNECTED = 1,
    LINK_SUBSCRIBED = 2,
    LINK_LOST = 4,
    LINK_GONE = 8, /* our DISCONNECT is out */
};

struct link_message {
    struct link_message *next;
    enum fw_leaf leaf;
    size_t size;
    char payload[];
};

/* Shared with paho's threads. */
struct link_inbox {
    pthread_mutex_t lock; /* guards all of it */
    pthread_cond_t changed;
    struct link_message *first, **end;
    int count;
    unsigned events; /* enum link_event, or'ed */
    int in_flight;
    int64_t dropped;
    char reason[FW_LINUX_REASON_SIZE];
};

struct fw_linux_link {
    MQTTAsync handle;
    enum link_state state;
    int64_t due_mono_ms;
    int64_t up_since_mono_ms;
    int64_t backoff_ms;
    bool was_announced;
    bool is_will_old; /* connects again at the next tick */
    int wake_fd;
    struct fw_linux_link_events events;
    struct link_inbox inbox;
    char uri[FW_LINUX_HOST_SIZE + 16];
    char device[FW_DEVICE_SIZE];
    char password[FW_LINUX_SECRET_SIZE];
    bool has_password;
    bool takes_commands;
    char prefix[LINK_TOPIC_SIZE]; /* lockstock/v1/device/<site>/<kind>/<device>/ */
    char will_topic[LINK_TOPIC_SIZE];
};

/* Callbacks for paho; `context` is the link. Paho's threads. */
void link_on_connected(void *context, MQTTAsync_successData5 *data);
void link_on_connect_failed(void *context, MQTTAsync_failureData5 *data);
void link_on_subscribed(void *context, MQTTAsync_successData5 *data);
void link_on_subscribe_failed(void *context, MQTTAsync_failureData5 *data);
void link_on_lost(void *context, char *cause);
void link_on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes code);
void link_on_sent(void *context, MQTTAsync_successData5 *data);
void link_on_send_failed(void *context, MQTTAsync_failureData5 *data);
void link_on_gone(void *context, MQTTAsync_successData5 *data);
void link_on_gone_badly(void *context, MQTTAsync_failureData5 *data);
int link_on_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *from);

/* Loop's thread. */
int link_inbox_open(struct fw_linux_link *link); /* FW_OK, or FW_E_IO: too many open files */
void link_inbox_close(struct fw_linux_link *link);
void link_inbox_clear(struct fw_linux_link *link); /* of what a dead handle left */
unsigned link_inbox_take_events(struct fw_linux_link *link, char reason[FW_LINUX_REASON_SIZE]);
struct link_message *link_inbox_take_messages(struct fw_linux_link *link);
void link_free_messages(struct link_message *first);
void link_inbox_wait(struct fw_linux_link *link, bool (*is_over)(const struct link_inbox *inbox),
                     int seconds_max);
bool link_inbox_is_gone(const struct link_inbox *inbox);
bool link_inbox_is_idle(const struct link_inbox *inbox); /* all publishes are acknowledged */
bool link_reserve_flight(struct fw_linux_link *link, int in_flight_max);
void link_release_flight(struct fw_linux_link *link);

#endif
