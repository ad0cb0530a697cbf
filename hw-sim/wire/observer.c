/* An MQTT client on the loop of the runner; see observer.h. */
#include "wire/observer.h"

#include <mqtt_protocol.h>

#define KEEPALIVE_S 20
#define PACKETS_PER_TURN 200
#define KEEP_ALIVE_MS 1000

static void on_connack(void *self, int reason)
{
    static char all[] = "lockstock/#";
    char *const filters[] = { all };
    struct sim_observer *observer = self;

    if (reason != MQTT_RC_SUCCESS) {
        observer->is_refused = reason == MQTT_RC_BAD_USERNAME_OR_PASSWORD ||
                               reason == MQTT_RC_NOT_AUTHORIZED;
        return;
    }
    observer->connects++;
    observer->connected_at_ms = sim_now_ms();
    (void)sim_mqtt_subscribe(&observer->mqtt, filters, 1, 0);
}

static void on_suback(void *self)
{
    struct sim_observer *observer = self;

    observer->is_ready = true;
    if (!observer->is_away)
        return;
    observer->is_away = false;
    observer->setup.on_sight(observer->setup.owner, true);
}

static void on_message(void *self, const struct sim_mqtt_message *message)
{
    const struct sim_observer *observer = self;
    observer->setup.on_message(observer->setup.owner, message);
}

int sim_observer_open(struct sim_observer *observer, const struct sim_observer_setup *setup,
                      struct kit_error *err)
{
    static const struct sim_mqtt_handler handler = { on_connack, on_suback, on_message };

    *observer = (struct sim_observer){ .setup = *setup };
    observer->setup.user = observer->setup.password = NULL;
    const struct sim_mqtt_login login = { .user = setup->user, .password = setup->password };
    if (!sim_mqtt_open(&observer->mqtt, &login, &handler, observer))
        return kit_error_set(err, KIT_E_LIMIT, "libmosquitto cannot start: not enough memory");
    (void)sim_mqtt_connect(&observer->mqtt, setup->port, KEEPALIVE_S); /* a turn tries again */
    return KIT_OK;
}

void sim_observer_close(struct sim_observer *observer)
{
    sim_mqtt_close(&observer->mqtt);
}

bool sim_observer_is_evicted(const struct sim_observer *observer)
{
    return observer->short_count >= SIM_OBSERVER_SHORT_MAX;
}

static void lose_broker(struct sim_observer *observer)
{
    bool is_short = sim_now_ms() - observer->connected_at_ms < SIM_OBSERVER_SHORT_MS;

    if (!observer->is_ready)
        return;
    observer->short_count = is_short ? observer->short_count + 1 : 0;
    observer->is_ready = false;
    observer->is_away = true;
    observer->setup.on_sight(observer->setup.owner, false);
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    const struct sim_observer *observer = self;
    return sim_mqtt_add_fds(&observer->mqtt, fds, max);
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct sim_observer *observer = self;

    if (count == 0) {
        if (now_ms < observer->retry_at_ms)
            return;
        observer->retry_at_ms = now_ms + SIM_OBSERVER_RETRY_MS;
        (void)sim_mqtt_connect(&observer->mqtt, observer->setup.port, KEEPALIVE_S);
        return;
    }
    if (!sim_mqtt_on_poll(&observer->mqtt, &fds[0], PACKETS_PER_TURN))
        lose_broker(observer);
}

static int64_t next_due_ms(void *self)
{
    struct sim_observer *observer = self;
    return sim_mqtt_fd(&observer->mqtt) < 0 ? observer->retry_at_ms : sim_now_ms() + KEEP_ALIVE_MS;
}

struct sim_part sim_observer_part(struct sim_observer *observer)
{
    return (struct sim_part){
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = observer
    };
}
