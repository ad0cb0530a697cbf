/* libmosquitto without a thread of its own; see observer.h. */
#include "wire/observer.h"

#define KEEPALIVE_S 20
#define PACKETS_PER_TURN 200
#define MISC_MS 1000
#define REFUSED_FROM 4 /* CONNACK of MQTT 3.1.1: bad user name or password, not authorised */

static void on_connect(struct mosquitto *client, void *self, int code)
{
    struct sim_observer *observer = self;

    if (code != 0) {
        observer->is_refused = code >= REFUSED_FROM;
        return;
    }
    observer->connects++;
    observer->connected_at_ms = sim_now_ms();
    (void)mosquitto_subscribe(client, NULL, "lockstock/#", 0);
}

static void on_subscribe(struct mosquitto *client, void *self, int id, int count, const int *qos)
{
    struct sim_observer *observer = self;
    (void)client;
    (void)id;
    (void)count;
    (void)qos;
    observer->is_ready = true;
    if (observer->is_away) {
        observer->is_away = false;
        observer->on_sight(observer->owner, true);
    }
}

static void on_disconnect(struct mosquitto *client, void *self, int code)
{
    struct sim_observer *observer = self;
    bool is_short = sim_now_ms() - observer->connected_at_ms < SIM_OBSERVER_SHORT_MS;

    (void)client;
    (void)code;
    if (!observer->is_ready)
        return;
    observer->short_count = is_short ? observer->short_count + 1 : 0;
    observer->is_ready = false;
    observer->is_away = true;
    observer->on_sight(observer->owner, false);
}

bool sim_observer_is_evicted(const struct sim_observer *observer)
{
    return observer->short_count >= SIM_OBSERVER_SHORT_MAX;
}

static void on_message(struct mosquitto *client, void *self,
                       const struct mosquitto_message *message)
{
    struct sim_observer *observer = self;
    (void)client;
    observer->on_message(observer->owner, message->topic,
                         message->payload != NULL ? message->payload : "",
                         (size_t)message->payloadlen, message->retain);
}

int sim_observer_open(struct sim_observer *observer, const struct sim_observer_setup *setup,
                      struct kit_error *err)
{
    *observer = (struct sim_observer){ .on_message = setup->on_message,
                                       .on_sight = setup->on_sight,
                                       .owner = setup->owner };
    (void)mosquitto_lib_init();
    observer->client = mosquitto_new(setup->user, true, observer);
    if (observer->client == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "libmosquitto cannot start: not enough memory");
    mosquitto_connect_callback_set(observer->client, on_connect);
    mosquitto_subscribe_callback_set(observer->client, on_subscribe);
    mosquitto_disconnect_callback_set(observer->client, on_disconnect);
    mosquitto_message_callback_set(observer->client, on_message);
    (void)mosquitto_int_option(observer->client, MOSQ_OPT_TCP_NODELAY, 1);
    if (mosquitto_username_pw_set(observer->client, setup->user, setup->password) != 0)
        return kit_error_set(err, KIT_E_LIMIT, "libmosquitto does not take the password");
    /* A failure shows in mosquitto_socket(), and is tried again. */
    (void)mosquitto_connect_async(observer->client, "127.0.0.1", setup->port, KEEPALIVE_S);
    return KIT_OK;
}

void sim_observer_close(struct sim_observer *observer)
{
    if (observer->client == NULL)
        return;
    (void)mosquitto_disconnect(observer->client);
    mosquitto_destroy(observer->client);
    (void)mosquitto_lib_cleanup();
    *observer = (struct sim_observer){ 0 };
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    struct sim_observer *observer = self;
    int fd = mosquitto_socket(observer->client);

    if (fd < 0 || max == 0)
        return 0;
    short events = (short)(POLLIN | (mosquitto_want_write(observer->client) ? POLLOUT : 0));
    fds[0] = (struct pollfd){ .fd = fd, .events = events };
    return 1;
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct sim_observer *observer = self;

    if (count == 0) {
        if (now_ms >= observer->retry_at_ms) {
            observer->retry_at_ms = now_ms + SIM_OBSERVER_RETRY_MS;
            (void)mosquitto_reconnect_async(observer->client);
        }
        return;
    }
    if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        (void)mosquitto_loop_read(observer->client, PACKETS_PER_TURN);
    if (mosquitto_want_write(observer->client))
        (void)mosquitto_loop_write(observer->client, PACKETS_PER_TURN);
    (void)mosquitto_loop_misc(observer->client);
}

static int64_t next_due_ms(void *self)
{
    struct sim_observer *observer = self;
    if (mosquitto_socket(observer->client) < 0)
        return observer->retry_at_ms;
    return sim_now_ms() + MISC_MS;
}

struct sim_part sim_observer_part(struct sim_observer *observer)
{
    return (struct sim_part){
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = observer
    };
}
