/* See bus_client.h. */
#include "bus_client.h"

#include "fakes/cmocka_all.h"
#include "kit/base/text.h"
#include "kit/process/system.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 30000
#define TURN_MS 20

static int64_t mono_ms(void *self)
{
    (void)self;
    return kit_system_clock()->mono_ms(NULL);
}

static int64_t shifted_ms(void *self)
{
    return kit_system_clock()->wall_ms(NULL) + ((struct client *)self)->wall_shift_ms;
}

static int64_t now_ms(void)
{
    return mono_ms(NULL);
}

static void copy_message(struct client_message *to, const struct kit_message *from)
{
    *to = (struct client_message){ .qos = from->qos,
                                   .retain = from->retain,
                                   .has_correlation = from->has_correlation,
                                   .deadline_ms = from->deadline_ms,
                                   .left_ms = from->left_ms,
                                   .sent_mono_ms = from->sent_mono_ms,
                                   .sender_life = from->sender_life,
                                   .actor = from->actor,
                                   .payload_size_bytes = from->payload_size_bytes };
    kit_text_copy(to->topic, sizeof(to->topic), from->topic);
    snprintf(to->payload, sizeof(to->payload), "%.*s", (int)from->payload_size_bytes,
             (const char *)from->payload);
    kit_text_copy(to->response_topic, sizeof(to->response_topic), from->response_topic);
    kit_text_copy(to->status, sizeof(to->status), from->status);
    kit_text_copy(to->key, sizeof(to->key), from->key);
    kit_text_copy(to->traceparent, sizeof(to->traceparent), from->traceparent);
    memcpy(to->correlation, from->correlation, sizeof(to->correlation));
}

static void on_message(void *context, const struct kit_message *message)
{
    struct client *client = context;
    if (client->only[0] != '\0' && strcmp(client->only, message->topic) != 0)
        return;
    if (client->ups == 0)
        client->messages_before_up++;
    copy_message(&client->last, message);
    if (client->message_count < CLIENT_KEPT_MAX)
        client->kept[client->message_count] = client->last;
    client->message_count++;
}

static void on_link(void *context, bool is_up)
{
    struct client *client = context;
    if (is_up)
        client->ups++;
    else
        client->downs++;
}

static void on_published(void *context, uint64_t cookie, int code)
{
    struct client *client = context;
    assert_true(cookie > 0 && cookie < CLIENT_COOKIES_MAX);
    client->published[cookie]++;
    client->codes[cookie] = code;
    client->published_count++;
}

static void on_log(void *self, enum kit_level level, const char *event, const char *text)
{
    struct client *client = self;
    size_t used = strlen(client->log);
    snprintf(client->log + used, sizeof(client->log) - used, "%d %s %s\n", (int)level, event, text);
}

void client_start_with(struct client *client, const struct kit_bus_config *config)
{
    struct kit_error err;
    memset(client, 0, sizeof(*client));
    const struct kit_bus_events events = { .on_message = on_message,
                                           .on_link = on_link,
                                           .on_published = on_published,
                                           .context = client };
    const struct kit_log log = { .write = on_log, .self = client };
    assert_int_equal(kit_loop_new(&client->loop, kit_system_clock(), &err), KIT_OK);
    client->clock = (struct kit_clock){ shifted_ms, mono_ms, client };
    const struct kit_bus_paho_ports ports = { client->loop, &client->clock, kit_system_rng(),
                                              &log };
    assert_int_equal(kit_bus_paho_new(&client->bus, config, &ports, &events, &err), KIT_OK);
    kit_loop_add_ticker(client->loop, kit_bus_paho_tick, client->bus);
}

static bool is_urgent(const char *topic)
{
    return strcmp(topic, CLIENT_URGENT_TOPIC) == 0;
}

void client_start(struct client *client, const struct broker *broker, const char *instance,
                  const char *filter)
{
    struct kit_bus_config config = {
        .host = "127.0.0.1", .port = broker->port, .instance = instance, .is_urgent = is_urgent
    };
    if (filter != NULL) {
        config.subscription_count = 1;
        config.subscriptions[0].qos = 1;
        kit_text_copy(config.subscriptions[0].filter, sizeof(config.subscriptions[0].filter),
                      filter);
    }
    client_start_with(client, &config);
}

void client_stop(struct client *client, int64_t timeout_ms)
{
    kit_bus_paho_close(client->bus, timeout_ms);
    kit_bus_paho_free(client->bus);
    kit_loop_free(client->loop);
    client->bus = NULL;
    client->loop = NULL;
}

void client_turn(struct client *client)
{
    struct kit_error err;
    struct kit_bus_stats stats;
    assert_int_equal(kit_loop_turn(client->loop, TURN_MS, &err), KIT_OK);
    kit_bus_paho_stats(client->bus, &stats);
    if (stats.in_flight > client->in_flight_max)
        client->in_flight_max = stats.in_flight;
}

void clients_until(struct client **clients, size_t count, bool (*done)(void *context),
                   void *context)
{
    int64_t deadline = now_ms() + DEADLINE_MS;
    while (!done(context)) {
        if (now_ms() >= deadline)
            fail_msg("waited for 30 s in vain; log of the first client:\n%s", clients[0]->log);
        for (size_t i = 0; i < count; i++)
            client_turn(clients[i]);
    }
}

static bool is_idle(void *context)
{
    struct kit_bus_stats stats;
    kit_bus_paho_stats(((struct client *)context)->bus, &stats);
    return stats.in_flight == 0 && stats.outbound_waiting == 0;
}

void client_until_idle(struct client *client)
{
    clients_until(&client, 1, is_idle, client);
}

void client_reset(struct client *client)
{
    client_until_idle(client);
    struct kit_loop *loop = client->loop;
    struct kit_bus_paho *bus = client->bus;
    int ups = client->ups;
    *client = (struct client){ .loop = loop, .bus = bus, .ups = ups, .clock = client->clock };
}

struct wanted {
    const struct client *client;
    int64_t count;
};

static bool is_up_again(void *context)
{
    const struct wanted *wanted = context;
    return wanted->client->ups > wanted->count && kit_bus_paho_is_up(wanted->client->bus);
}

static bool is_down_again(void *context)
{
    const struct wanted *wanted = context;
    return wanted->client->downs > wanted->count;
}

static bool has_messages(void *context)
{
    const struct wanted *wanted = context;
    return wanted->client->message_count >= wanted->count;
}

static bool has_published(void *context)
{
    const struct wanted *wanted = context;
    return wanted->client->published_count >= wanted->count;
}

void client_until_up(struct client *client)
{
    struct wanted wanted = { client, client->ups };
    clients_until(&client, 1, is_up_again, &wanted);
}

void client_until_down(struct client *client)
{
    struct wanted wanted = { client, client->downs };
    clients_until(&client, 1, is_down_again, &wanted);
}

void client_until_messages(struct client *client, int64_t count)
{
    struct wanted wanted = { client, count };
    clients_until(&client, 1, has_messages, &wanted);
}

void client_until_published(struct client *client, int64_t count)
{
    struct wanted wanted = { client, count };
    clients_until(&client, 1, has_published, &wanted);
}

int client_try_publish(struct client *client, const struct kit_message *message, uint64_t cookie,
                       struct kit_error *err)
{
    const struct kit_bus *port = kit_bus_paho_port(client->bus);
    return port->publish(port->self, message, cookie, err);
}

void client_publish(struct client *client, const char *topic, const char *text, int qos,
                    uint64_t cookie)
{
    struct kit_error err = { .text = "" };
    const struct kit_message message = {
        .topic = topic, .payload = text, .payload_size_bytes = strlen(text), .qos = qos
    };
    if (client_try_publish(client, &message, cookie, &err) != KIT_OK)
        fail_msg("publish: %s", err.text);
}
