/* The link to the broker: connect, subscribe, announce, lose, connect again. Runs on the loop
 * thread; what paho's threads have to say comes through the inbox (see internal.h for the rules).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/bus/internal.h"

atomic_bool bus_is_connecting;

/* ---- handles ---- */

/* When its last handle goes, paho stops its two threads and waits for them, up to a second, on the
 * thread that destroys it: our loop. One handle that is never connected keeps them for the life of
 * the process. Loop thread. */
static int keep_paho_threads(void)
{
    static MQTTAsync keeper;
    if (keeper != NULL)
        return MQTTASYNC_SUCCESS;
    return MQTTAsync_create(&keeper, "tcp://127.0.0.1:1", "keeper", MQTTCLIENT_PERSISTENCE_NONE,
                            NULL);
}

static int make_handle(struct kit_bus_paho *bus)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.maxBufferedMessages = BUS_SLOTS + KIT_BUS_SUBSCRIPTIONS_MAX;
    int rc = keep_paho_threads();
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    rc = MQTTAsync_createWithOptions(&bus->handle, bus->uris[bus->uri_at], bus->instance,
                                     MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    rc = MQTTAsync_setCallbacks(bus->handle, bus, bus_on_lost, bus_on_arrived, NULL);
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    return MQTTAsync_setDisconnected(bus->handle, bus, bus_on_disconnected);
}

static int start_connect(struct kit_bus_paho *bus)
{
    struct kit_buf will_text;
    kit_buf_init(&will_text, BUS_STATE_SIZE);
    bus_presence_text(bus, SERVICE_PRESENCE_OFFLINE, &will_text);

    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.struct_version = 1; /* payload as bytes */
    will.topicName = bus->state_topic;
    will.payload.data = will_text.data;
    will.payload.len = (int)will_text.size_bytes;
    will.qos = 1;
    will.retained = 1;

    MQTTAsync_SSLOptions tls;
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    if (bus->tls.is_on) {
        bus_tls_begin(bus, &tls);
        options.ssl = &tls;
    }
    options.keepAliveInterval = BUS_KEEPALIVE_S;
    options.connectTimeout = BUS_CONNECT_MS / 1000;
    options.will = &will;
    options.username = bus->instance;
    options.password = bus->password;
    options.onSuccess5 = bus_on_connected;
    options.onFailure5 = bus_on_connect_failed;
    options.context = bus;
    int rc = MQTTAsync_connect(bus->handle, &options); /* copies all of it */
    kit_buf_done(&will_text);
    return rc;
}

static int start_subscribe(struct kit_bus_paho *bus)
{
    char *filters[KIT_BUS_SUBSCRIPTIONS_MAX + 1];
    int qos[KIT_BUS_SUBSCRIPTIONS_MAX + 1];
    for (size_t i = 0; i < bus->subscription_count; i++) {
        filters[i] = bus->subscriptions[i].filter;
        qos[i] = bus->subscriptions[i].qos;
    }
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess5 = bus_on_subscribed;
    options.onFailure5 = bus_on_subscribe_failed;
    options.context = bus;
    return MQTTAsync_subscribeMany(bus->handle, (int)bus->subscription_count, filters, qos,
                                   &options);
}

/* ---- the link ---- */

/* Somewhere in the upper half of the current step, so that many clients do not come at once. */
static int64_t draw_backoff_ms(struct kit_bus_paho *bus)
{
    uint32_t random;
    bus->rng.fill(bus->rng.self, &random, sizeof(random));
    int64_t half = bus->backoff_ms / 2;
    int64_t delay = half + (int64_t)(random % (uint32_t)(half + 1));
    bus->backoff_ms = bus->backoff_ms * 2 > BUS_BACKOFF_MAX_MS ? BUS_BACKOFF_MAX_MS
                                                               : bus->backoff_ms * 2;
    return delay;
}

static void destroy_handle(struct kit_bus_paho *bus)
{
    bus_outbox_shut(bus);
    if (bus->handle != NULL)
        MQTTAsync_destroy(&bus->handle); /* sends DISCONNECT if it can; no callback after it */
    bus->handle = NULL;
    bus_inbox_take(bus);
    (void)bus_presence_is_stale(bus, &bus->taken.own_states);
    bus_outbox_complete(bus, bus->taken.completions, bus->taken.completion_count);
    bus_outbox_fail_all(bus);
    bus_inbox_next_connection(bus);
}

static void drop_link(struct kit_bus_paho *bus, int64_t now_mono_ms, const char *reason)
{
    bool was_up = bus->state == BUS_UP;
    if (was_up && now_mono_ms - bus->up_since_mono_ms >= BUS_STABLE_MS)
        bus->backoff_ms = BUS_BACKOFF_MIN_MS;
    bus->state = BUS_WAITING;
    bus->due_mono_ms = now_mono_ms + draw_backoff_ms(bus);
    if (was_up || strcmp(bus->last_reason, reason) != 0)
        kit_log_write(&bus->log, KIT_WARN, "broker_down", "no connection to %s: %s; trying again",
                      bus->uris[bus->uri_at], reason);
    kit_text_copy(bus->last_reason, sizeof(bus->last_reason), reason);
    if (!was_up)
        bus->uri_at = (bus->uri_at + 1) % bus->uri_count;
    destroy_handle(bus);
    if (bus->was_announced) {
        bus->was_announced = false;
        bus->events.on_link(bus->events.context, false);
    }
}

static void begin_connect(struct kit_bus_paho *bus, int64_t now_mono_ms)
{
    atomic_store(&bus_is_connecting, true);
    bus_presence_next_epoch(bus);
    bus->state = BUS_CONNECTING;
    bus->due_mono_ms = now_mono_ms + BUS_CONNECT_MS;
    bus->stats.connects++;
    int rc = make_handle(bus);
    if (rc == MQTTASYNC_SUCCESS)
        rc = start_connect(bus);
    if (rc != MQTTASYNC_SUCCESS) {
        char reason[BUS_REASON_SIZE];
        snprintf(reason, sizeof(reason), "the MQTT library refused to connect (%d)", rc);
        drop_link(bus, now_mono_ms, reason);
    }
}

static int tell_state(struct kit_bus_paho *bus, enum service_presence status)
{
    struct kit_buf text;
    kit_buf_init(&text, BUS_STATE_SIZE);
    bus_presence_text(bus, status, &text);
    const struct kit_message state = { .topic = bus->state_topic,
                                       .payload = text.data,
                                       .payload_size_bytes = text.size_bytes,
                                       .qos = 1,
                                       .retain = true };
    const int rc = bus_outbox_publish(bus, &state, 0, NULL);
    kit_buf_done(&text);
    return rc;
}

static void announce(struct kit_bus_paho *bus, int64_t now_mono_ms)
{
    bus->state = BUS_UP;
    bus->up_since_mono_ms = now_mono_ms;
    bus_outbox_open(bus, bus->taken.link.receive_maximum);
    if (tell_state(bus, SERVICE_PRESENCE_ONLINE) != KIT_OK) {
        drop_link(bus, now_mono_ms, "the broker did not take our state");
        return;
    }
    kit_log_write(&bus->log, KIT_INFO, "broker_up", "connected to %s as %s", bus->uris[bus->uri_at],
                  bus->instance);
    atomic_store(&bus_is_connecting, false);
    bus->last_reason[0] = '\0';
    bus->announced_connection = bus->connection;
    bus->was_announced = true;
    bus->events.on_link(bus->events.context, true);
}

/* Works off completions until nothing is in flight; messages are not handed over any more. */
static void drain(struct kit_bus_paho *bus, int64_t until_mono_ms)
{
    while (!bus_outbox_is_idle(bus) && bus->clock.mono_ms(bus->clock.self) < until_mono_ms) {
        bus_inbox_wait(bus, until_mono_ms);
        bus_inbox_take(bus);
        bus_list_append(&bus->patient, &bus->taken.own_states);
        bus_outbox_complete(bus, bus->taken.completions, bus->taken.completion_count);
        if ((bus->taken.link.events & BUS_EVENT_LOST) != 0)
            return;
        bus_outbox_pump(bus);
    }
}

/* Whoever asks us waits meanwhile, as when we are restarted. */
static void show_new_certificate(struct kit_bus_paho *bus, int64_t now_mono_ms)
{
    kit_bus_paho_announce_restart(bus);
    drain(bus, now_mono_ms + BUS_TLS_DRAIN_MS);
    drop_link(bus, now_mono_ms, "our certificate was renewed");
}

/* Works on what the inbox said about the link; at most one move of the state. */
static void step_link(struct kit_bus_paho *bus, int64_t now_mono_ms, bool is_stale)
{
    const struct bus_link_events *link = &bus->taken.link;
    if ((link->events & BUS_EVENT_LOST) != 0) {
        char reason[BUS_REASON_SIZE];
        kit_text_copy(reason, sizeof(reason), link->reason);
        drop_link(bus, now_mono_ms, reason);
        return;
    }
    if (is_stale) {
        drop_link(bus, now_mono_ms, "another epoch of ours is retained");
        return;
    }
    if ((link->events & BUS_EVENT_CONNECTED) != 0 && bus->state == BUS_CONNECTING) {
        bus->state = BUS_SUBSCRIBING;
        if (start_subscribe(bus) != MQTTASYNC_SUCCESS)
            drop_link(bus, now_mono_ms, "the subscriptions could not be sent");
        return;
    }
    if ((link->events & BUS_EVENT_SUBSCRIBED) != 0 && bus->state == BUS_SUBSCRIBING) {
        announce(bus, now_mono_ms);
        return;
    }
    if (bus->state == BUS_UP && bus_tls_is_renewed(&bus->tls, now_mono_ms)) {
        show_new_certificate(bus, now_mono_ms);
        return;
    }
    bool is_due = now_mono_ms >= bus->due_mono_ms;
    if (bus->state == BUS_WAITING && is_due)
        begin_connect(bus, now_mono_ms);
    else if ((bus->state == BUS_CONNECTING || bus->state == BUS_SUBSCRIBING) && is_due)
        drop_link(bus, now_mono_ms, "no answer within 5 s");
}

/* ---- messages ---- */

/* Messages of a connection wait until it was announced, so that their owner hears of the link
 * first. */
static bool may_hand_over(const struct kit_bus_paho *bus, const struct bus_list *list)
{
    return list->first != NULL &&
           (int32_t)(list->first->connection - bus->announced_connection) <= 0;
}

static void hand_over_one(struct kit_bus_paho *bus, struct bus_list *list)
{
    struct bus_inbound *item = bus_list_pop(list);
    bus->stats.messages_in++;
    bus->stats.bytes_in += (int64_t)item->message.payload_size_bytes;
    bus->events.on_message(bus->events.context, &item->message);
    bus->handed_count++;
    bus->handed_bytes += item->size_bytes;
    free(item);
}

static void hand_over(struct kit_bus_paho *bus, int64_t now_mono_ms)
{
    const int64_t until_mono_ms = now_mono_ms + KIT_BUS_TURN_MS;
    int count = 0;

    for (; count < KIT_BUS_DRAIN_MAX && may_hand_over(bus, &bus->urgent); count++)
        hand_over_one(bus, &bus->urgent);
    for (bool is_first = true; may_hand_over(bus, &bus->patient); is_first = false, count++) {
        if (!is_first &&
            (count >= KIT_BUS_DRAIN_MAX || bus->clock.mono_ms(bus->clock.self) >= until_mono_ms))
            return;
        hand_over_one(bus, &bus->patient);
    }
}

int64_t kit_bus_paho_tick(void *self, int64_t now_mono_ms)
{
    struct kit_bus_paho *bus = self;
    if (bus->state == BUS_CLOSED)
        return INT64_MAX;

    bus_inbox_take(bus);
    bus_outbox_complete(bus, bus->taken.completions, bus->taken.completion_count);
    bool is_stale = bus_presence_is_stale(bus, &bus->taken.own_states);
    step_link(bus, now_mono_ms, is_stale);
    hand_over(bus, now_mono_ms);
    bus_outbox_pump(bus);
    if (may_hand_over(bus, &bus->urgent) || may_hand_over(bus, &bus->patient))
        return now_mono_ms;
    if (bus->state != BUS_UP)
        return bus->due_mono_ms;
    return bus->tls.is_on ? bus->tls.due_mono_ms : INT64_MAX;
}

/* ---- public ---- */

/* One address or several. */
static bool are_hosts(const char *hosts)
{
    size_t count = 0;

    if (strpbrk(hosts, " /\t\r\n") != NULL)
        return false;
    for (const char *host = hosts;; host++) {
        const size_t length = strcspn(host, ",");
        if (length == 0 || length > BUS_HOST_LENGTH_MAX || ++count > KIT_BUS_HOSTS_MAX)
            return false;
        host += length;
        if (*host == '\0')
            return true;
    }
}

static int check_config(const struct kit_bus_config *config, struct kit_error *err)
{
    size_t instance_length = strlen(config->instance);
    if (instance_length == 0 || instance_length >= BUS_INSTANCE_SIZE)
        return kit_error_set(err, KIT_E_INVALID, "the instance name must have 1 to %d characters",
                             BUS_INSTANCE_SIZE - 1);
    if (!are_hosts(config->host))
        return kit_error_set(err, KIT_E_INVALID,
                             "\"%.80s\" is not an address of a broker; give a "
                             "name or an IP address, e.g. 127.0.0.1, or %d at most with commas "
                             "between",
                             config->host, KIT_BUS_HOSTS_MAX);
    if (config->port < 1 || config->port > 65535)
        return kit_error_set(err, KIT_E_INVALID, "the broker's port must be 1 to 65535, not %d",
                             config->port);
    return KIT_OK;
}

/* They were checked. */
static void copy_hosts(struct kit_bus_paho *bus, const char *hosts, int port)
{
    const char *scheme = bus->tls.is_on ? "ssl" : "tcp";
    for (const char *host = hosts; bus->uri_count < KIT_BUS_HOSTS_MAX; host++) {
        const int length = (int)strcspn(host, ",");
        const bool is_ipv6 = memchr(host, ':', (size_t)length) != NULL;
        snprintf(bus->uris[bus->uri_count++], BUS_URI_SIZE,
                 is_ipv6 ? "%s://[%.*s]:%d" : "%s://%.*s:%d", scheme, length, host, port);
        host += length;
        if (*host == '\0')
            return;
    }
}

static void copy_config(struct kit_bus_paho *bus, const struct kit_bus_config *config)
{
    copy_hosts(bus, config->host, config->port);
    kit_text_copy(bus->instance, sizeof(bus->instance), config->instance);
    snprintf(bus->state_topic, sizeof(bus->state_topic), "lockstock/v1/service/%s/state",
             config->instance);
    bus->is_urgent = config->is_urgent;
    if (config->password != NULL && config->password[0] != '\0') {
        bus->password = strdup(config->password);
        CHECK(bus->password != NULL);
    }
    PRE(config->subscription_count <= KIT_BUS_SUBSCRIPTIONS_MAX);
    memcpy(bus->subscriptions, config->subscriptions,
           config->subscription_count * sizeof(config->subscriptions[0]));
    struct kit_bus_subscription *own = &bus->subscriptions[config->subscription_count];
    kit_text_copy(own->filter, sizeof(own->filter), bus->state_topic);
    own->qos = 1;
    bus->subscription_count = config->subscription_count + 1;
}

int kit_bus_paho_new(struct kit_bus_paho **ret_bus, const struct kit_bus_config *config,
                     const struct kit_bus_paho_ports *ports, const struct kit_bus_events *events,
                     struct kit_error *err)
{
    struct bus_tls tls;
    int rc = check_config(config, err);
    if (rc != KIT_OK)
        return rc;
    rc = bus_tls_init(&tls, config, err);
    if (rc != KIT_OK)
        return rc;
    struct kit_bus_paho *bus = calloc(1, sizeof(*bus));
    CHECK(bus != NULL);
    bus->port = (struct kit_bus){ .publish = bus_outbox_publish, .self = bus };
    bus->loop = ports->loop;
    bus->clock = *ports->clock;
    bus->rng = *ports->rng;
    bus->log = *ports->log;
    bus->events = *events;
    bus->backoff_ms = BUS_BACKOFF_MIN_MS;
    bus->tls = tls;
    copy_config(bus, config);
    bus->inbox = bus_inbox_new();
    bus_outbox_init(bus);
    bus_inbox_next_connection(bus);
    *ret_bus = bus;
    return KIT_OK;
}

void kit_bus_paho_announce_restart(struct kit_bus_paho *bus)
{
    if (bus->state == BUS_UP)
        (void)tell_state(bus, SERVICE_PRESENCE_RESTARTING); /* lost: a restart as by a crash */
}

void kit_bus_paho_close(struct kit_bus_paho *bus, int64_t timeout_ms)
{
    if (bus == NULL || bus->state == BUS_CLOSED)
        return;
    if (bus->state == BUS_UP) {
        (void)tell_state(bus, SERVICE_PRESENCE_OFFLINE); /* no link: the will says it */
        drain(bus, bus->clock.mono_ms(bus->clock.self) + timeout_ms);
    }
    bus->state = BUS_CLOSED;
    atomic_store(&bus_is_connecting, false);
    destroy_handle(bus);
}

void kit_bus_paho_free(struct kit_bus_paho *bus)
{
    if (bus == NULL)
        return;
    kit_bus_paho_close(bus, 0);
    bus_list_free(&bus->urgent);
    bus_list_free(&bus->patient);
    bus_inbox_free(bus->inbox);
    free(bus->password);
    free(bus);
}

const struct kit_bus *kit_bus_paho_port(struct kit_bus_paho *bus)
{
    return &bus->port;
}

bool kit_bus_paho_is_up(const struct kit_bus_paho *bus)
{
    return bus->state == BUS_UP;
}

void kit_bus_paho_stats(const struct kit_bus_paho *bus, struct kit_bus_stats *ret_stats)
{
    *ret_stats = bus->stats;
    ret_stats->in_flight = bus->out.lanes[BUS_LANE_QOS0].in_flight +
                           bus->out.lanes[BUS_LANE_QOS1].in_flight;
    ret_stats->outbound_waiting = bus->out.waiting_count;
}
