/* One end of the broker connection under test: a bus with a loop of its own, which keeps what
 * happened. Several clients live in one process and are turned by one thread. */
#ifndef TESTS_UNIT_HOST_BUS_CLIENT_H
#define TESTS_UNIT_HOST_BUS_CLIENT_H

#include "broker.h"
#include "kit/bus/bus.h"

#define CLIENT_KEPT_MAX 64
#define CLIENT_COOKIES_MAX 16384
#define CLIENT_TEXT_SIZE 512
#define CLIENT_URGENT_TOPIC "test/urgent"

struct client_message {
    char topic[KIT_TOPIC_SIZE];
    char payload[CLIENT_TEXT_SIZE]; /* cut */
    size_t payload_size_bytes;
    int qos;
    bool retain;
    char response_topic[KIT_TOPIC_SIZE];
    uint8_t correlation[KIT_CORRELATION_SIZE];
    bool has_correlation;
    int64_t deadline_ms, left_ms, sent_mono_ms;
    uint32_t sender_life;
    char status[64];
    char key[KIT_KEY_SIZE];
    char traceparent[KIT_TRACEPARENT_SIZE];
    struct kit_actor actor;
};

struct client {
    char only[KIT_TOPIC_SIZE]; /* messages on other topics are passed over; "": none are */
    struct kit_loop *loop;
    struct kit_bus_paho *bus;
    int64_t message_count;
    struct client_message kept[CLIENT_KEPT_MAX]; /* the first ones */
    struct client_message last;
    int ups, downs;
    int64_t messages_before_up;            /* messages that came while the link was not announced */
    uint8_t published[CLIENT_COOKIES_MAX]; /* times, by cookie */
    int64_t published_count;
    int codes[CLIENT_COOKIES_MAX];
    size_t in_flight_max;
    char log[4096];        /* what was logged, cut */
    int64_t wall_shift_ms; /* by which its wall clock is wrong */
    struct kit_clock clock;
};

void client_start(struct client *client, const struct broker *broker, const char *instance,
                  const char *filter);
void client_start_with(struct client *client, const struct kit_bus_config *config);
void client_stop(struct client *client, int64_t timeout_ms);

/* Waits until nothing is in flight, then forgets what happened so far (not that the link is up). */
void client_reset(struct client *client);

/* Turns the client's loop once, for at most 20 ms. */
void client_turn(struct client *client);
/* Turns all clients until done(context) is true; fails the test after 30 s. */
void clients_until(struct client **clients, size_t count, bool (*done)(void *context),
                   void *context);
void client_until_idle(struct client *client); /* nothing waits or is in flight */
void client_until_up(struct client *client);   /* one more time than before */
void client_until_down(struct client *client);
void client_until_messages(struct client *client, int64_t count);
void client_until_published(struct client *client, int64_t count);

/* Publishes text; asserts that it was taken. */
void client_publish(struct client *client, const char *topic, const char *text, int qos,
                    uint64_t cookie);
int client_try_publish(struct client *client, const struct kit_message *message, uint64_t cookie,
                       struct kit_error *err);

#endif
