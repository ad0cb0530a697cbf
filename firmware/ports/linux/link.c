/* The link to the broker (ports/linux/link.h).
 *
 *      waiting --due--> connecting --CONNACK--> subscribing --SUBACK--> up
 *         ^________________|______________________|__________lost________|
 *
 * A handle of paho lives for one connection: after MQTTAsync_destroy() none of its callbacks can
 * run, so that news of the last connection cannot be taken for news of this one.
 * services/kit/bus/paho.c does much the same, on purpose: the firmware uses nothing of the
 * services. Loop's thread. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/linux/link_internal.h"

#define IN_FLIGHT_MAX 8 /* publishes that the broker has not acknowledged */
#define SUBSCRIPTIONS_MAX 3
#define KEEPALIVE_S 10
#define CONNECT_MS 5000 /* from the connect to the SUBACK */
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 5000
#define STABLE_MS 2000 /* a link that lasted so long sets the pauses back */
#define GOODBYE_S 1

/* ---- handles ---- */

/* With its last handle, paho stops its threads, and waits for them up to a second: on our loop. One
 * handle that is never connected keeps the threads for the life of the process. */
static int keep_paho_threads(void)
{
    static MQTTAsync keeper;
    if (keeper != NULL)
        return MQTTASYNC_SUCCESS;
    return MQTTAsync_create(&keeper, "tcp://127.0.0.1:1", "keeper", MQTTCLIENT_PERSISTENCE_NONE,
                            NULL);
}

static int new_handle(struct fw_linux_link *link)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    options.maxBufferedMessages = IN_FLIGHT_MAX + SUBSCRIPTIONS_MAX;
    int rc = keep_paho_threads();
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    rc = MQTTAsync_createWithOptions(&link->handle, link->uri, link->device,
                                     MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    rc = MQTTAsync_setCallbacks(link->handle, link, link_on_lost, link_on_arrived, NULL);
    if (rc != MQTTASYNC_SUCCESS)
        return rc;
    return MQTTAsync_setDisconnected(link->handle, link, link_on_disconnected);
}

static void destroy_handle(struct fw_linux_link *link)
{
    if (link->handle != NULL)
        MQTTAsync_destroy(&link->handle); /* its callbacks do not run after this */
    link->handle = NULL;
    link_inbox_clear(link);
}

static int start_connect(struct fw_linux_link *link)
{
    char text[FW_LINUX_WILL_SIZE];
    int size = link->events.will(link->events.self, text, sizeof(text));
    if (size < 0)
        return MQTTASYNC_FAILURE;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    will.struct_version = 1; /* payload as bytes */
    will.topicName = link->will_topic;
    will.payload.data = text;
    will.payload.len = size;
    will.qos = 1;
    will.retained = 1;

    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = link->ca;
    tls.keyStore = link->certificate;
    tls.privateKey = link->certificate_key;
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* also its name; paho does not do that unless it is told */
    tls.disableDefaultTrustStore = 1;
    tls.ssl_error_cb = link_on_tls_error;
    tls.ssl_error_context = link;

    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
    options.ssl = link->has_tls ? &tls : NULL;
    options.keepAliveInterval = KEEPALIVE_S;
    options.connectTimeout = CONNECT_MS / 1000;
    options.cleanstart = 1;
    options.will = &will;
    options.username = link->device;
    options.password = link->has_password ? link->password : NULL;
    options.onSuccess5 = link_on_connected;
    options.onFailure5 = link_on_connect_failed;
    options.context = link;
    return MQTTAsync_connect(link->handle, &options); /* copies will and options */
}

static int start_subscribe(struct fw_linux_link *link)
{
    static const char *const leaves[SUBSCRIPTIONS_MAX] = { "ack", "cmd", "config" };
    int qos[SUBSCRIPTIONS_MAX] = { 1, 1, 1 };
    char topics[SUBSCRIPTIONS_MAX][LINK_TOPIC_SIZE + 8];
    char *filters[SUBSCRIPTIONS_MAX];
    int count = link->takes_commands ? SUBSCRIPTIONS_MAX : 1;
    for (int i = 0; i < count; i++) {
        snprintf(topics[i], sizeof(topics[i]), "%s%s", link->prefix, leaves[i]);
        filters[i] = topics[i];
    }
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess5 = link_on_subscribed;
    options.onFailure5 = link_on_subscribe_failed;
    options.context = link;
    return MQTTAsync_subscribeMany(link->handle, count, filters, qos, &options);
}

/* ---- moves ---- */

/* A random pause in the upper half of the present step, so that many devices do not connect at
 * once; the next step is twice as long. */
static int64_t draw_backoff_ms(struct fw_linux_link *link)
{
    int64_t half = link->backoff_ms / 2;
    int64_t delay = half + (int64_t)randombytes_uniform((uint32_t)(half + 1));
    link->backoff_ms = link->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS
                                                             : link->backoff_ms * 2;
    return delay;
}

static void drop_link(struct fw_linux_link *link, int64_t now_mono_ms, const char *reason)
{
    if (link->state == LINK_UP && now_mono_ms - link->up_since_mono_ms >= STABLE_MS)
        link->backoff_ms = BACKOFF_MIN_MS;
    link->state = LINK_WAITING;
    link->due_mono_ms = now_mono_ms + draw_backoff_ms(link);
    link->is_will_old = false;
    destroy_handle(link);
    link->events.on_link(link->events.self, false, reason);
}

static void begin_connect(struct fw_linux_link *link, int64_t now_mono_ms)
{
    link->state = LINK_CONNECTING;
    link->due_mono_ms = now_mono_ms + CONNECT_MS;
    if (new_handle(link) != MQTTASYNC_SUCCESS || start_connect(link) != MQTTASYNC_SUCCESS)
        drop_link(link, now_mono_ms, "the MQTT library refuses to connect");
}

/* CONNACK: the subscriptions are next. */
static void begin_subscribe(struct fw_linux_link *link, int64_t now_mono_ms)
{
    link->state = LINK_SUBSCRIBING;
    if (start_subscribe(link) != MQTTASYNC_SUCCESS)
        drop_link(link, now_mono_ms, "the subscriptions could not be sent");
}

/* SUBACK. */
static void announce_link(struct fw_linux_link *link, int64_t now_mono_ms)
{
    link->state = LINK_UP;
    link->up_since_mono_ms = now_mono_ms;
    link->events.on_link(link->events.self, true, "");
}

static void step_link(struct fw_linux_link *link, int64_t now_mono_ms, unsigned events,
                      const char *reason)
{
    const bool is_due = now_mono_ms >= link->due_mono_ms;
    if ((events & LINK_LOST) != 0) {
        drop_link(link, now_mono_ms, reason);
        return;
    }
    if (link->is_will_old && link->state != LINK_WAITING) {
        drop_link(link, now_mono_ms, "its log goes on under a new epoch");
        return;
    }
    switch (link->state) {
    case LINK_WAITING:
        if (is_due)
            begin_connect(link, now_mono_ms);
        return;
    case LINK_CONNECTING:
        if ((events & LINK_CONNECTED) != 0)
            begin_subscribe(link, now_mono_ms);
        else if (is_due)
            drop_link(link, now_mono_ms, "the broker does not answer");
        return;
    case LINK_SUBSCRIBING:
        if ((events & LINK_SUBSCRIBED) != 0)
            announce_link(link, now_mono_ms);
        else if (is_due)
            drop_link(link, now_mono_ms, "the broker does not answer");
        return;
    case LINK_UP:
        return;
    }
}

int64_t fw_linux_link_tick(struct fw_linux_link *link, int64_t now_mono_ms)
{
    char reason[FW_LINUX_REASON_SIZE];
    unsigned events = link_inbox_take_events(link, reason);
    step_link(link, now_mono_ms, events, reason);

    /* Messages wait until the link is announced: its owner hears of the link first. */
    struct link_message *first = link->state == LINK_UP ? link_inbox_take_messages(link) : NULL;
    for (const struct link_message *message = first; message != NULL; message = message->next)
        link->events.on_message(link->events.self, message->leaf, message->payload, message->size);
    link_free_messages(first);
    if (link->is_will_old)
        return now_mono_ms;
    return link->state == LINK_UP ? INT64_MAX : link->due_mono_ms;
}

/* ---- the port ---- */

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct fw_linux_link *link = self;
    if (size > FW_PAYLOAD_MAX)
        return FW_E_TOO_LARGE;
    if (leaf != FW_LEAF_UP && leaf != FW_LEAF_STATE)
        return FW_E_INVALID;
    if (link->state != LINK_UP || !link_reserve_flight(link, IN_FLIGHT_MAX))
        return FW_E_AWAY;

    char topic[LINK_TOPIC_SIZE + 8];
    snprintf(topic, sizeof(topic), "%s%s", link->prefix, leaf == FW_LEAF_UP ? "up" : "state");
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.onSuccess5 = link_on_sent;
    options.onFailure5 = link_on_send_failed;
    options.context = link;
    int rc = MQTTAsync_send(link->handle, topic, (int)size, payload, 1, leaf == FW_LEAF_STATE,
                            &options);
    if (rc != MQTTASYNC_SUCCESS) {
        link_release_flight(link);
        return FW_E_AWAY;
    }
    return FW_OK;
}

static void reconnect(void *self)
{
    struct fw_linux_link *link = self;
    link->is_will_old = link->state != LINK_WAITING;
}

struct fw_net fw_linux_link_port(struct fw_linux_link *link)
{
    return (struct fw_net){ .publish = publish, .reconnect = reconnect, .self = link };
}

int fw_linux_link_fd(const struct fw_linux_link *link)
{
    return link->wake_fd;
}

int64_t fw_linux_link_dropped(struct fw_linux_link *link)
{
    pthread_mutex_lock(&link->inbox.lock);
    int64_t dropped = link->inbox.dropped;
    pthread_mutex_unlock(&link->inbox.lock);
    return dropped;
}

/* ---- life ---- */

static bool fits_a_topic_level(const char *name, size_t size_max)
{
    size_t length = strlen(name);
    return length > 0 && length < size_max && strpbrk(name, "/+#") == NULL;
}

static int check_readable(const struct fw_linux_link *link, char error[FW_LINUX_ERROR_SIZE])
{
    const char *const files[] = { link->ca, link->certificate, link->certificate_key };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (access(files[i], R_OK) == 0)
            continue;
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "%.100s cannot be read; deploy/add-device makes it, and says where", files[i]);
        return FW_E_INVALID;
    }
    return FW_OK;
}

static int copy_config(struct fw_linux_link *link, const struct fw_linux_link_config *config,
                       char error[FW_LINUX_ERROR_SIZE])
{
    if (!fits_a_topic_level(config->site, FW_SITE_SIZE) ||
        !fits_a_topic_level(config->kind, FW_DEVICE_SIZE) ||
        !fits_a_topic_level(config->device, FW_DEVICE_SIZE)) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "site and id must have 1 to %d characters without / + #", FW_DEVICE_SIZE - 1);
        return FW_E_INVALID;
    }
    if (strlen(config->host) >= FW_LINUX_HOST_SIZE) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "the broker's name is too long");
        return FW_E_INVALID;
    }
    bool is_ipv6 = strchr(config->host, ':') != NULL;
    snprintf(link->uri, sizeof(link->uri), is_ipv6 ? "%s://[%s]:%d" : "%s://%s:%d",
             config->ca != NULL ? "ssl" : "tcp", config->host, config->port);
    fw_linux_copy_text(link->device, sizeof(link->device), config->device);
    snprintf(link->prefix, sizeof(link->prefix), "lockstock/v1/device/%s/%s/%s/", config->site,
             config->kind, config->device);
    snprintf(link->will_topic, sizeof(link->will_topic), "lockstock/v1/device/%s/%s/%s/state",
             config->site, config->kind, config->device);
    link->has_password = config->password != NULL;
    if (link->has_password)
        fw_linux_copy_text(link->password, sizeof(link->password), config->password);
    link->takes_commands = config->takes_commands;
    if (config->ca == NULL)
        return FW_OK;
    link->has_tls = true;
    fw_linux_copy_text(link->ca, sizeof(link->ca), config->ca);
    fw_linux_copy_text(link->certificate, sizeof(link->certificate), config->certificate);
    fw_linux_copy_text(link->certificate_key, sizeof(link->certificate_key),
                       config->certificate_key);
    return check_readable(link, error);
}

static int prepare(struct fw_linux_link *link, const struct fw_linux_link_config *config,
                   char error[FW_LINUX_ERROR_SIZE])
{
    int rc = copy_config(link, config, error);
    if (rc != FW_OK)
        return rc;
    rc = link_inbox_open(link);
    if (rc != FW_OK)
        snprintf(error, FW_LINUX_ERROR_SIZE, "there are too many open files; raise ulimit -n");
    return rc;
}

int fw_linux_link_new(struct fw_linux_link **ret_link, const struct fw_linux_link_config *config,
                      const struct fw_linux_link_events *events, char error[FW_LINUX_ERROR_SIZE])
{
    struct fw_linux_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "there is no memory for the link");
        return FW_E_IO;
    }
    int rc = prepare(link, config, error);
    if (rc != FW_OK) {
        free(link);
        return rc;
    }
    link->events = *events;
    link->backoff_ms = BACKOFF_MIN_MS;
    *ret_link = link;
    return FW_OK;
}

/* While a publish is in flight, paho may send the DISCONNECT only long afterwards; and a handle
 * that is destroyed before sends one that cancels the will. So wait for both. */
static void say_goodbye(struct fw_linux_link *link)
{
    link_inbox_wait(link, link_inbox_is_idle, GOODBYE_S);
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = GOODBYE_S * 1000;
    options.reasonCode = MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE;
    options.onSuccess5 = link_on_gone;
    options.onFailure5 = link_on_gone_badly;
    options.context = link;
    if (MQTTAsync_disconnect(link->handle, &options) == MQTTASYNC_SUCCESS)
        link_inbox_wait(link, link_inbox_is_gone, GOODBYE_S);
}

void fw_linux_link_free(struct fw_linux_link *link)
{
    if (link == NULL)
        return;
    if (link->state == LINK_UP)
        say_goodbye(link);
    destroy_handle(link);
    link_inbox_close(link);
    sodium_memzero(link->password, sizeof(link->password));
    free(link);
}
