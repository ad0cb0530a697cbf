/* The client's end (broker.h): what our adapters around paho do.
 *
 *      waiting --due--> connecting --granted--> up
 *         ^________________|___________lost______|
 */
#include "world/broker_internal.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define CONNECT_US 5000000 /* our patience with a broker that does not answer */
#define BACKOFF_MIN_US 100000
#define BACKOFF_MAX_US 2000000
#define TAKE_OVER_PERMILLE 500       /* of the connections that a silence has broken */
#define CLIENT_KEEPALIVE_US 10000000 /* after that the client gives a silent connection up */
#define BROKER_KEEPALIVE_US 15000000 /* and the broker after one and a half of it */

static void try_to_connect(void *self, struct world_message *message, uint64_t life);

static void wait_and_try(struct world_client *client)
{
    client->state = CLIENT_WAITING;
    client->life++;
    const int64_t pause = sim_rng_between(&client->rng, client->backoff_us / 2, client->backoff_us);
    client->backoff_us = client->backoff_us * 2 > BACKOFF_MAX_US ? BACKOFF_MAX_US
                                                                 : client->backoff_us * 2;
    world_clock_in(client->broker->clock, pause, try_to_connect, client, client->life);
}

void client_go_down(struct world_client *client)
{
    const bool was_up = client->state == CLIENT_UP;
    const size_t count = client->in_flight_count;
    if (!client->is_running)
        return;
    wait_and_try(client);
    if (!was_up)
        return;
    client->in_flight_count = 0;
    for (size_t i = 0; i < count && client->events.on_published != NULL; i++)
        client->events.on_published(client->events.self, client->in_flight[i], KIT_E_UNAVAILABLE);
    client->events.on_link(client->events.self, false);
}

/* ---- connecting ---- */

static bool is_silent(const struct world_client *client)
{
    return client->silent_until_us > client->broker->clock->now_us;
}

static struct world_message *make_will(struct world_client *client)
{
    char topic[KIT_TOPIC_SIZE], payload[WILL_SIZE];
    if (client->events.will == NULL)
        return NULL;
    client->events.will(client->events.self, topic, payload, sizeof(payload));
    const struct kit_message will = {
        .topic = topic,
        .payload = payload,
        .payload_size_bytes = strlen(payload),
        .qos = 1,
        .retain = true,
    };
    return world_message_copy(&will);
}

static void on_granted(void *self, struct world_message *will, uint64_t life)
{
    struct world_client *client = self;
    if (life != client->life || !client->is_running) {
        world_message_release(will);
        return;
    }
    if (!client->broker->is_up || is_silent(client)) {
        world_message_release(will);
        wait_and_try(client);
        return;
    }
    broker_attach(client, will);
    client->state = CLIENT_UP;
    client->backoff_us = BACKOFF_MIN_US;
    memset(&client->up, 0, sizeof(client->up));
    world_clock_trace(client->broker->clock, client->name, "connected");
    client->events.on_link(client->events.self, true);
}

static void try_to_connect(void *self, struct world_message *message, uint64_t life)
{
    struct world_client *client = self;
    (void)message;
    if (life != client->life || !client->is_running)
        return;
    client->state = CLIENT_CONNECTING;
    const bool answers = client->broker->is_up && !is_silent(client);
    const struct world_event event = {
        .at_us = client->broker->clock->now_us + (answers ? sim_rng_between(&client->rng, 200, 4000)
                                                  : is_silent(client) ? CONNECT_US
                                                                      : 100),
        .run = on_granted,
        .self = client,
        .message = make_will(client),
        .number = client->life,
    };
    world_clock_at(client->broker->clock, &event);
}

struct world_client *world_client_new(struct world_broker *broker, const char *name,
                                      const struct world_filter *filters, size_t filter_count,
                                      const struct world_client_events *events)
{
    struct world_client *client = NULL;
    CHECK(filter_count <= WORLD_FILTERS_MAX && strlen(name) < NAME_SIZE);
    for (size_t i = 0; i < WORLD_CLIENTS_MAX && client == NULL; i++) {
        struct world_client *one = &broker->clients[i];
        if (one->name[0] == '\0' || strcmp(one->name, name) == 0)
            client = one;
    }
    CHECK(client != NULL && !client->is_running);
    client->broker = broker;
    if (client->name[0] == '\0')
        sim_rng_init(&client->rng, broker->seed, name);
    kit_text_copy(client->name, sizeof(client->name), name);
    if (filter_count > 0)
        memcpy(client->filters, filters, filter_count * sizeof(filters[0]));
    client->filter_count = filter_count;
    client->events = *events;
    client->is_running = true;
    client->state = CLIENT_WAITING;
    client->backoff_us = BACKOFF_MIN_US;
    client->life++;
    world_clock_in(broker->clock, 0, try_to_connect, client, client->life);
    return client;
}

void world_client_keep_session(struct world_client *client, bool is_kept)
{
    client->is_kept = is_kept;
}

/* After a goodbye, what was sent before it has arrived. */
static void on_goodbye(void *self, struct world_message *message, uint64_t link)
{
    struct world_client *client = self;
    (void)message;
    if (client->link == link)
        broker_detach(client, BROKER_END_GOODBYE);
}

static void on_late_end(void *self, struct world_message *message, uint64_t link)
{
    struct world_client *client = self;
    (void)message;
    if (client->link == link)
        broker_detach(client, BROKER_END_CUT);
}

static void say_goodbye(struct world_client *client)
{
    int64_t last_us = client->broker->clock->now_us;
    for (size_t i = 0; i < LANES; i++)
        last_us = client->up.last_us[i] > last_us ? client->up.last_us[i] : last_us;
    const struct world_event event = {
        .at_us = last_us + 1, .run = on_goodbye, .self = client, .number = client->link
    };
    world_clock_at(client->broker->clock, &event);
}

void world_client_free(struct world_client *client, bool is_goodbye)
{
    if (client == NULL || !client->is_running)
        return;
    client->is_running = false;
    client->state = CLIENT_WAITING;
    client->life++;
    client->in_flight_count = 0;
    if (!is_silent(client) && is_goodbye && client->link != 0)
        say_goodbye(client);
    else if (!is_silent(client))
        broker_detach(client, BROKER_END_CUT);
    else if (client->link != 0)
        world_clock_in(client->broker->clock, BROKER_KEEPALIVE_US, on_late_end, client,
                       client->link);
}

/* ---- publishing ---- */

static void on_puback(void *self, struct world_message *message, uint64_t life)
{
    struct world_client *client = self;
    const uint64_t cookie = message->cookie;
    world_message_release(message);
    if (life != client->life || client->state != CLIENT_UP || is_silent(client))
        return;
    for (size_t i = 0; i < client->in_flight_count; i++) {
        if (client->in_flight[i] != cookie)
            continue;
        client->in_flight_count--;
        memmove(&client->in_flight[i], &client->in_flight[i + 1],
                (client->in_flight_count - i) * sizeof(client->in_flight[0]));
        client->events.on_published(client->events.self, cookie, KIT_OK);
        return;
    }
}

static void on_arrival(void *self, struct world_message *message, uint64_t link)
{
    struct world_client *client = self;
    if (link == 0 || link != client->link || is_silent(client) || !client->broker->is_up) {
        world_message_release(message);
        return;
    }
    if (message->cookie != 0) {
        const struct way way = { client->name, &client->down_fates, &client->down, 1 };
        const struct world_event event = {
            .at_us = broker_arrival(client->broker, &way, ""),
            .run = on_puback,
            .self = client,
            .message = world_message_share(message),
            .number = client->life,
        };
        world_clock_at(client->broker->clock, &event);
    }
    broker_route(client->broker, message);
}

int world_client_publish(struct world_client *client, const struct kit_message *message,
                         uint64_t cookie, struct kit_error *err)
{
    if (client == NULL || client->state != CLIENT_UP)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "there is no connection to the broker now");
    if (message->payload_size_bytes > KIT_PAYLOAD_BYTES_MAX)
        return kit_error_set(err, KIT_E_TOO_LARGE, "the message is too large");
    if (client->in_flight_count >= IN_FLIGHT_MAX)
        return kit_error_set(err, KIT_E_LIMIT, "too many messages wait for the broker");
    struct world_message *copy = world_message_copy(message);
    copy->cookie = cookie;
    if (cookie != 0)
        client->in_flight[client->in_flight_count++] = cookie;
    const struct way way = { client->name, &client->up_fates, &client->up, 0 };
    const struct world_event event = {
        .at_us = broker_arrival(client->broker, &way, message->topic),
        .run = on_arrival,
        .self = client,
        .message = copy,
        .number = client->link,
    };
    world_clock_at(client->broker->clock, &event);
    return KIT_OK;
}

void client_deliver(void *self, struct world_message *message, uint64_t link)
{
    struct world_client *client = self;
    /* What does not arrive is not acknowledged: the broker has it on its hands until it notices. */
    if (link != client->link || link == 0 || !client->is_running || client->state != CLIENT_UP ||
        is_silent(client)) {
        world_message_release(message);
        return;
    }
    if (broker_session_remove(broker_session_of(client), message))
        broker_fill_window(client);
    client->broker->delivered++;
    world_clock_trace(client->broker->clock, client->name, "< %s %.*s", message->view.topic, 200,
                      (const char *)message->view.payload);
    client->events.on_message(client->events.self, &message->view);
    world_message_release(message);
}

/* ---- troubles of one client ---- */

bool world_client_reset(struct world_client *client)
{
    if (!client->is_running || client->state != CLIENT_UP)
        return false;
    world_clock_trace(client->broker->clock, client->name, "its connection is reset");
    if (!is_silent(client))
        broker_detach(client, BROKER_END_CUT);
    client_go_down(client);
    return true;
}

void world_client_take_over(struct world_client *client)
{
    if (!client->is_running || client->state != CLIENT_UP)
        return;
    world_clock_trace(client->broker->clock, client->name, "it alone notices a dead connection");
    client_go_down(client);
}

static void on_keepalive(void *self, struct world_message *message, uint64_t life)
{
    struct world_client *client = self;
    (void)message;
    if (life == client->life && client->state == CLIENT_UP)
        client_go_down(client);
}

/* A silence that is shorter than both keepalives ends as TCP ends it: what was sent meanwhile would
 * come after all. We let it be lost, as when a middle box has forgotten the connection, and reset
 * it at the end: both ends notice, or the client alone. */
static void on_silence_over(void *self, struct world_message *message, uint64_t link)
{
    struct world_client *client = self;
    (void)message;
    if (client->link != link || is_silent(client))
        return;
    if (sim_rng_chance(&client->rng, TAKE_OVER_PERMILLE))
        world_client_take_over(client);
    else
        (void)world_client_reset(client);
}

bool world_client_silence(struct world_client *client, int64_t for_us)
{
    if (!client->is_running || is_silent(client))
        return false;
    world_clock_trace(client->broker->clock, client->name, "its network is silent for %lld ms",
                      (long long)(for_us / 1000));
    client->silent_until_us = client->broker->clock->now_us + for_us;
    world_clock_in(client->broker->clock, CLIENT_KEEPALIVE_US, on_keepalive, client, client->life);
    if (client->link == 0)
        return true;
    if (for_us < BROKER_KEEPALIVE_US)
        world_clock_in(client->broker->clock, for_us, on_silence_over, client, client->link);
    else
        world_clock_in(client->broker->clock, BROKER_KEEPALIVE_US, on_late_end, client,
                       client->link);
    return true;
}
