/* libmosquitto's callbacks and its own loop, taken apart; see mqtt.h. */
#include "wire/mqtt.h"

#include <fcntl.h>
#include <mqtt_protocol.h>
#include <sys/resource.h>
#include <unistd.h>

static void on_connect(struct mosquitto *client, void *self, int reason)
{
    const struct sim_mqtt *mqtt = self;
    (void)client;
    mqtt->handler->on_connack(mqtt->owner, reason);
}

static void on_subscribe(struct mosquitto *client, void *self, int id, int count, const int *qos)
{
    const struct sim_mqtt *mqtt = self;
    (void)client;
    (void)id;
    (void)count;
    (void)qos;
    mqtt->handler->on_suback(mqtt->owner);
}

static void on_message(struct mosquitto *client, void *self,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    const struct sim_mqtt *mqtt = self;
    const struct sim_mqtt_message copy = { .topic = message->topic,
                                           .payload = message->payload != NULL ? message->payload
                                                                               : "",
                                           .size = (size_t)message->payloadlen,
                                           .is_retained = message->retain,
                                           .properties = properties };
    (void)client;
    mqtt->handler->on_message(mqtt->owner, &copy);
}

/* libmosquitto opens a pair of sockets for each client, to wake a thread that we do not have.
 * Without room for more files it does without the pair. */
static struct mosquitto *new_client(const char *user, struct sim_mqtt *mqtt)
{
    struct rlimit limit;
    const int next_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (next_fd < 0)
        return NULL;
    (void)close(next_fd);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return NULL;
    const struct rlimit no_more = { .rlim_cur = (rlim_t)next_fd, .rlim_max = limit.rlim_max };
    (void)setrlimit(RLIMIT_NOFILE, &no_more);
    struct mosquitto *client = mosquitto_new(user, true, mqtt);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return client;
}

static bool set_login(struct mosquitto *client, const struct sim_mqtt_login *login)
{
    if (mosquitto_username_pw_set(client, login->user, login->password) != MOSQ_ERR_SUCCESS)
        return false;
    return login->ca == NULL || mosquitto_tls_set(client, login->ca, NULL, login->certificate,
                                                  login->key, NULL) == MOSQ_ERR_SUCCESS;
}

bool sim_mqtt_open(struct sim_mqtt *mqtt, const struct sim_mqtt_login *login,
                   const struct sim_mqtt_handler *handler, void *owner)
{
    *mqtt = (struct sim_mqtt){ .handler = handler, .owner = owner };
    (void)mosquitto_lib_init(); /* counted, as the cleanup */
    struct mosquitto *client = new_client(login->user, mqtt);
    if (client == NULL ||
        mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != 0 ||
        mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1) != 0 || !set_login(client, login)) {
        mosquitto_destroy(client);
        (void)mosquitto_lib_cleanup();
        return false;
    }
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_subscribe_callback_set(client, on_subscribe);
    mosquitto_message_v5_callback_set(client, on_message);
    mqtt->client = client;
    return true;
}

void sim_mqtt_close(struct sim_mqtt *mqtt)
{
    if (mqtt->client == NULL)
        return;
    (void)mosquitto_disconnect_v5(mqtt->client, MQTT_RC_DISCONNECT_WITH_WILL_MSG, NULL);
    (void)mosquitto_loop_write(mqtt->client, 1);
    mosquitto_destroy(mqtt->client);
    (void)mosquitto_lib_cleanup();
    *mqtt = (struct sim_mqtt){ .client = NULL };
}

bool sim_mqtt_set_will(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size)
{
    return mosquitto_will_set(mqtt->client, topic, size, payload, 1, true) == MOSQ_ERR_SUCCESS;
}

bool sim_mqtt_connect(struct sim_mqtt *mqtt, int port, int keepalive_s)
{
    return mosquitto_connect(mqtt->client, "127.0.0.1", port, keepalive_s) == MOSQ_ERR_SUCCESS &&
           sim_mqtt_fd(mqtt) >= 0;
}

void sim_mqtt_disconnect(struct sim_mqtt *mqtt)
{
    (void)mosquitto_disconnect(mqtt->client);
}

bool sim_mqtt_subscribe(struct sim_mqtt *mqtt, char *const *filters, int count, int qos)
{
    return mosquitto_subscribe_multiple(mqtt->client, NULL, count, filters, qos, 0, NULL) ==
           MOSQ_ERR_SUCCESS;
}

bool sim_mqtt_publish(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size,
                      bool is_retained)
{
    return mosquitto_publish(mqtt->client, NULL, topic, size, payload, 1, is_retained) ==
           MOSQ_ERR_SUCCESS;
}

bool sim_mqtt_reply(struct sim_mqtt *mqtt, const char *topic, const void *payload, int size,
                    const mosquitto_property *properties)
{
    return mosquitto_publish_v5(mqtt->client, NULL, topic, size, payload, 0, false, properties) ==
           MOSQ_ERR_SUCCESS;
}

int sim_mqtt_fd(const struct sim_mqtt *mqtt)
{
    return mosquitto_socket(mqtt->client);
}

bool sim_mqtt_wants_write(const struct sim_mqtt *mqtt)
{
    return mosquitto_want_write(mqtt->client);
}

bool sim_mqtt_serve(struct sim_mqtt *mqtt, bool is_readable, bool is_writable, int packets_max)
{
    if (is_readable && mosquitto_loop_read(mqtt->client, packets_max) != MOSQ_ERR_SUCCESS)
        return false;
    if (is_writable && mosquitto_loop_write(mqtt->client, packets_max) != MOSQ_ERR_SUCCESS)
        return false;
    return sim_mqtt_fd(mqtt) >= 0; /* a DISCONNECT of the broker is no error */
}

bool sim_mqtt_keep_alive(struct sim_mqtt *mqtt)
{
    return mosquitto_loop_misc(mqtt->client) == MOSQ_ERR_SUCCESS && sim_mqtt_fd(mqtt) >= 0;
}

size_t sim_mqtt_add_fds(const struct sim_mqtt *mqtt, struct pollfd *fds, size_t max)
{
    const int fd = sim_mqtt_fd(mqtt);

    if (fd < 0 || max == 0)
        return 0;
    const short events = (short)(POLLIN | (sim_mqtt_wants_write(mqtt) ? POLLOUT : 0));
    fds[0] = (struct pollfd){ .fd = fd, .events = events };
    return 1;
}

bool sim_mqtt_on_poll(struct sim_mqtt *mqtt, const struct pollfd *fd, int packets_max)
{
    const bool is_readable = (fd->revents & (POLLIN | POLLHUP | POLLERR)) != 0;

    return sim_mqtt_serve(mqtt, is_readable, sim_mqtt_wants_write(mqtt), packets_max) &&
           sim_mqtt_keep_alive(mqtt);
}
