/* The broker's end (broker.h). */
#include "world/broker_internal.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

struct world_broker *world_broker_new(struct world_clock *clock, uint64_t seed)
{
    struct world_broker *broker = calloc(1, sizeof(*broker));
    CHECK(broker != NULL);
    broker->clock = clock;
    broker->is_up = true;
    sim_rng_init(&broker->rng, seed, "broker");
    return broker;
}

static void forget_retained(struct world_broker *broker)
{
    for (size_t i = 0; i < broker->retained_count; i++)
        world_message_release(broker->retained[i]);
    broker->retained_count = 0;
}

void world_broker_free(struct world_broker *broker)
{
    if (broker == NULL)
        return;
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++)
        world_message_release(broker->clients[i].will);
    forget_retained(broker);
    free(broker);
}

struct world_clock *world_broker_clock(struct world_broker *broker)
{
    return broker->clock;
}

struct world_broker_faults *world_broker_faults(struct world_broker *broker)
{
    return &broker->faults;
}

uint64_t world_broker_delivered(const struct world_broker *broker)
{
    return broker->delivered;
}

/* ---- the way ---- */

static size_t lane_of(const char *topic)
{
    uint32_t hash = 2166136261U;
    for (const char *at = topic; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    return hash % LANES;
}

int64_t broker_arrival(struct world_broker *broker, struct lanes *lanes, const char *topic)
{
    const int64_t most = broker->faults.latency_us_max > 0 ? broker->faults.latency_us_max
                                                           : LATENCY_US;
    int64_t *last = &lanes->last_us[lane_of(topic)];
    int64_t at = broker->clock->now_us + sim_rng_between(&broker->rng, 50, most);
    if (at <= *last)
        at = *last + 1;
    else if (at > broker->clock->now_us + LATENCY_US)
        world_fact(&broker->clock->facts, "trouble", "slow");
    *last = at;
    return at;
}

/* ---- topics ---- */

/* Whether the filter lets the topic pass: MQTT's "+" and "#". */
static bool matches(const char *filter, const char *topic)
{
    while (*filter != '\0') {
        if (filter[0] == '#')
            return true;
        if (filter[0] == '+') {
            filter++;
            while (*topic != '\0' && *topic != '/')
                topic++;
        } else if (*filter++ != *topic++) {
            return false;
        }
        if (filter[0] == '/' && filter[1] == '#' && *topic == '\0')
            return true;
    }
    return *topic == '\0';
}

/* The best quality of service that the client's filters give the topic; -1: none lets it pass. */
static int granted_qos(const struct world_client *client, const char *topic)
{
    int best = -1;
    for (size_t i = 0; i < client->filter_count; i++) {
        if (client->filters[i].qos > best && matches(client->filters[i].filter, topic))
            best = client->filters[i].qos;
    }
    return best;
}

/* ---- handing over ---- */

static void hand_over(struct world_client *client, struct world_message *message)
{
    struct world_broker *broker = client->broker;
    const struct world_event event = {
        .at_us = broker_arrival(broker, &client->down, message->view.topic),
        .run = client_deliver,
        .self = client,
        .message = world_message_share(message),
        .number = client->session,
    };
    client->queued++;
    world_clock_at(broker->clock, &event);
}

static void offer(struct world_client *client, struct world_message *message)
{
    struct world_broker *broker = client->broker;
    const struct world_broker_faults *faults = &broker->faults;
    const int64_t queue_max = faults->queue_max > 0 ? faults->queue_max : QUEUE_MAX;
    const int granted = granted_qos(client, message->view.topic);

    if (granted < 0)
        return;
    if (client->queued >= queue_max) {
        world_fact(&broker->clock->facts, "trouble", "small-queue");
        world_clock_trace(broker->clock, "broker", "overflow: %s to %s", message->view.topic,
                          client->name);
        return;
    }
    if (sim_rng_chance(&broker->rng, faults->swallowed_permille)) {
        world_fact(&broker->clock->facts, "trouble", "swallow");
        world_clock_trace(broker->clock, "broker", "swallows %s to %s", message->view.topic,
                          client->name);
        return;
    }
    hand_over(client, message);
    if (granted > 0 && message->view.qos > 0 &&
        sim_rng_chance(&broker->rng, faults->doubled_permille)) {
        world_fact(&broker->clock->facts, "trouble", "double");
        hand_over(client, message);
    }
}

static void retain(struct world_broker *broker, struct world_message *message)
{
    size_t at = 0;
    while (at < broker->retained_count &&
           strcmp(broker->retained[at]->view.topic, message->view.topic) != 0)
        at++;
    if (at < broker->retained_count) {
        world_message_release(broker->retained[at]);
        broker->retained[at] = broker->retained[--broker->retained_count];
    }
    if (message->view.payload_size_bytes == 0)
        return; /* an empty one takes it away */
    CHECK(broker->retained_count < RETAINED_MAX);
    broker->retained[broker->retained_count++] = world_message_copy(&message->view);
}

void broker_route(struct world_broker *broker, struct world_message *message)
{
    if (message->view.retain)
        retain(broker, message);
    message->view.retain = false; /* for those who are subscribed now, it is an ordinary one */
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        if (broker->clients[i].session != 0)
            offer(&broker->clients[i], message);
    }
    world_message_release(message);
}

/* ---- connections ---- */

void broker_detach(struct world_client *client, bool is_goodbye)
{
    struct world_broker *broker = client->broker;
    struct world_message *will = client->will;
    if (client->session == 0)
        return;
    client->session = 0;
    client->will = NULL;
    client->queued = 0;
    if (will == NULL)
        return;
    if (is_goodbye) {
        world_message_release(will);
        return;
    }
    world_clock_trace(broker->clock, "broker", "publishes the will of %s", client->name);
    broker_route(broker, will);
}

void broker_attach(struct world_client *client, struct world_message *will)
{
    struct world_broker *broker = client->broker;
    broker_detach(client, false);
    client->session = ++broker->sessions;
    client->will = will;
    memset(&client->down, 0, sizeof(client->down));
    for (size_t i = 0; i < broker->retained_count; i++) {
        if (granted_qos(client, broker->retained[i]->view.topic) >= 0)
            hand_over(client, broker->retained[i]);
    }
}

/* ---- death ---- */

static void on_start(void *self, struct world_message *message, uint64_t number)
{
    struct world_broker *broker = self;
    (void)message;
    (void)number;
    broker->is_up = true;
    world_clock_trace(broker->clock, "broker", "starts");
}

void world_broker_kill(struct world_broker *broker, int64_t down_us, bool keeps_retained)
{
    if (!broker->is_up)
        return;
    world_clock_trace(broker->clock, "broker", "is killed%s",
                      keeps_retained ? "" : ", what was retained is gone");
    broker->is_up = false;
    if (!keeps_retained)
        forget_retained(broker);
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        struct world_client *client = &broker->clients[i];
        if (client->session == 0)
            continue;
        client->session = 0;
        client->queued = 0;
        world_message_release(client->will);
        client->will = NULL;
        if (client->silent_until_us <= broker->clock->now_us)
            client_go_down(client);
    }
    world_clock_in(broker->clock, down_us, on_start, broker, 0);
}
