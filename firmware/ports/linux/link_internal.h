/* Inside the link to the broker: link.c moves it on the loop's thread, link_inbox.c is what paho's
 * threads may do. paho calls back while it holds its own mutex, so a callback only notes things
 * under inbox.lock, and calls no function of paho but those that free. The loop never calls paho
 * while it holds inbox.lock. */
#ifndef FW_PORTS_LINUX_LINK_INTERNAL_H
#define FW_PORTS_LINUX_LINK_INTERNAL_H

#include <MQTTAsync.h>
#include <pthread.h>

#include "ports/linux/link.h"

#define LINK_TOPIC_SIZE 160
#define LINK_INBOX_MAX 64 /* messages that wait for the loop */

enum link_state {
    LINK_WAITING = 0,     /* for due_mono_ms: a pause of 0.1 to 5 s */
    LINK_CONNECTING = 1,  /* for the CONNACK, until due_mono_ms */
    LINK_SUBSCRIBING = 2, /* for the SUBACK, until the same time */
    LINK_UP = 3,          /* on_link has told so; until it is lost */
};

enum link_event {
    LINK_CONNECTED = 1,
    LINK_SUBSCRIBED = 2,
    LINK_LOST = 4,
    LINK_GONE = 8, /* our DISCONNECT has left */
};

struct link_message {
    struct link_message *next;
    enum fw_leaf leaf;
    size_t size;
    char payload[];
};

/* Shared with paho's threads. */
struct link_inbox {
    pthread_mutex_t lock; /* guards the whole struct */
    pthread_cond_t changed;
    struct link_message *first, **end;
    int count;
    unsigned events; /* enum link_event, or'ed */
    int in_flight;   /* publishes that the broker has not acknowledged */
    int64_t dropped;
    char reason[FW_LINUX_REASON_SIZE];
    char tls_error[FW_LINUX_TLS_ERROR_SIZE]; /* what OpenSSL said of this connection; "": nothing */
};

struct fw_linux_link {
    MQTTAsync handle;
    enum link_state state;
    int64_t due_mono_ms;
    int64_t up_since_mono_ms;
    int64_t backoff_ms;
    bool is_will_old; /* the next tick connects again */
    int wake_fd;
    struct fw_linux_link_events events;
    struct link_inbox inbox;
    char uri[FW_LINUX_HOST_SIZE + 16];
    char device[FW_DEVICE_SIZE];
    char password[FW_LINUX_SECRET_SIZE];
    bool has_password;
    bool has_tls;
    char ca[FW_LINUX_PATH_SIZE], certificate[FW_LINUX_PATH_SIZE];
    char certificate_key[FW_LINUX_PATH_SIZE];
    bool takes_commands;
    char prefix[LINK_TOPIC_SIZE]; /* lockstock/v1/device/<site>/<kind>/<device>/ */
    char will_topic[LINK_TOPIC_SIZE];
};

/* ---- callbacks for paho: `context` is the link; paho's threads ---- */

/* One line of OpenSSL's: its reason is kept for link_on_connect_failed(). Returns 0. */
int link_on_tls_error(const char *line, size_t length, void *context);
/* CONNACK: notes LINK_CONNECTED. */
void link_on_connected(void *context, MQTTAsync_successData5 *data);
/* The broker refused, or nobody answered: notes LINK_LOST, and why. */
void link_on_connect_failed(void *context, MQTTAsync_failureData5 *data);
/* SUBACK: notes LINK_SUBSCRIBED. */
void link_on_subscribed(void *context, MQTTAsync_successData5 *data);
/* The broker refused a subscription: notes LINK_LOST, and why. */
void link_on_subscribe_failed(void *context, MQTTAsync_failureData5 *data);
/* The connection broke: notes LINK_LOST, and why. */
void link_on_lost(void *context, char *cause);
/* DISCONNECT of the broker: notes LINK_LOST, and why. */
void link_on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes code);
/* PUBACK: one publish less is in flight. */
void link_on_sent(void *context, MQTTAsync_successData5 *data);
/* The broker refused a publish: one less is in flight. */
void link_on_send_failed(void *context, MQTTAsync_failureData5 *data);
/* Our DISCONNECT has left: notes LINK_GONE. */
void link_on_gone(void *context, MQTTAsync_successData5 *data);
/* Our DISCONNECT did not leave: notes LINK_GONE too, there is nothing more to wait for. */
void link_on_gone_badly(void *context, MQTTAsync_failureData5 *data);
/* A message: copied into the inbox, or counted as dropped; paho's copy is freed. Returns 1. */
int link_on_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *from);

/* ---- loop's thread ---- */

/* Makes lock and wake_fd. FW_E_IO: too many open files. */
int link_inbox_open(struct fw_linux_link *link);
/* Frees lock and wake_fd. */
void link_inbox_close(struct fw_linux_link *link);
/* Drops the messages and events that a destroyed handle left. */
void link_inbox_clear(struct fw_linux_link *link);
/* Returns the events since the last call, or'ed, with the latest reason. */
unsigned link_inbox_take_events(struct fw_linux_link *link, char reason[FW_LINUX_REASON_SIZE]);
/* Returns the messages in their order, the caller's to free; NULL: none. */
struct link_message *link_inbox_take_messages(struct fw_linux_link *link);
/* Frees a list of messages; NULL is fine. */
void link_free_messages(struct link_message *first);
/* Blocks until is_over, at most that long. */
void link_inbox_wait(struct fw_linux_link *link, bool (*is_over)(const struct link_inbox *inbox),
                     int seconds_max);
/* Has our DISCONNECT left, or was the connection lost? With the lock held. */
bool link_inbox_is_gone(const struct link_inbox *inbox);
/* Are all publishes acknowledged, or can no acknowledgement come any more? With the lock held. */
bool link_inbox_is_idle(const struct link_inbox *inbox);
/* Counts one publish in flight; false: as many are already. */
bool link_reserve_flight(struct fw_linux_link *link, int in_flight_max);
/* Counts one publish less in flight. Any thread. */
void link_release_flight(struct fw_linux_link *link);

#endif
