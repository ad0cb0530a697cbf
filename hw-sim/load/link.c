/* A unit's MQTT connection on the shared epoll. It comes back by itself with jittered pauses, and
 * subscribes again each time. One thread. */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "load/unit.h"

static void print_topic(const struct load_unit *unit, const char *leaf, char ret[LOAD_TOPIC_SIZE])
{
    (void)snprintf(ret, LOAD_TOPIC_SIZE, "lockstock/v1/device/%s/%s/%s/%s", unit->fleet->site,
                   unit->is_locker ? "locker" : "scanner", unit->id, leaf);
}

static void tell_link(struct load_unit *unit, bool is_up)
{
    if (unit->is_locker)
        fw_locker_on_link(&unit->fw.locker, is_up);
    else
        fw_scanner_on_link(&unit->fw.scanner, is_up);
}

/* The connection has ended, or did not come about. The next try has full jitter, but never comes
 * at once: a broker that has just started has enough to do. */
static void go_down(struct load_unit *unit)
{
    struct load_fleet *fleet = unit->fleet;

    if (unit->fd >= 0)
        (void)epoll_ctl(fleet->epoll_fd, EPOLL_CTL_DEL, unit->fd, NULL);
    unit->fd = -1;
    unit->wants_write = false;
    if (unit->link == LOAD_LINK_UP) {
        fleet->up_count--;
        unit->backoff_ms = LOAD_BACKOFF_MIN_MS;
        tell_link(unit, false);
    } else {
        fleet->connecting_count--;
        if (unit->backoff_ms < LOAD_BACKOFF_MAX_MS)
            unit->backoff_ms *= 2;
    }
    unit->link = LOAD_LINK_DOWN;
    unit->reconnect_at_ms = load_now_ms() + LOAD_BACKOFF_MIN_MS / 2 +
                            load_random(fleet, (uint32_t)unit->backoff_ms);
}

/* What a device is sent; a scanner only the first. */
static const struct {
    const char *name;
    enum fw_leaf leaf;
} LEAVES[] = { { "ack", FW_LEAF_ACK }, { "cmd", FW_LEAF_CMD }, { "config", FW_LEAF_CONFIG } };

static void on_connack(void *self, int reason)
{
    struct load_unit *unit = self;
    char topics[KIT_COUNT(LEAVES)][LOAD_TOPIC_SIZE];
    char *filters[KIT_COUNT(LEAVES)];
    const int count = unit->is_locker ? (int)KIT_COUNT(LEAVES) : 1;

    if (reason != 0)
        return; /* the broker closes, and go_down() follows */
    for (int i = 0; i < count; i++) {
        print_topic(unit, LEAVES[i].name, topics[i]);
        filters[i] = topics[i];
    }
    if (!sim_mqtt_subscribe(&unit->mqtt, filters, count, 1))
        sim_mqtt_disconnect(&unit->mqtt);
}

static void on_suback(void *self)
{
    struct load_unit *unit = self;

    if (unit->link == LOAD_LINK_UP)
        return;
    unit->link = LOAD_LINK_UP;
    unit->backoff_ms = LOAD_BACKOFF_MIN_MS;
    unit->fleet->connecting_count--;
    unit->fleet->up_count++;
    tell_link(unit, true);
}

static void on_message(void *self, const struct sim_mqtt_message *message)
{
    struct load_unit *unit = self;
    const char *slash = strrchr(message->topic, '/');

    for (size_t i = 0; slash != NULL && i < KIT_COUNT(LEAVES); i++) {
        const enum fw_leaf leaf = LEAVES[i].leaf;
        if (strcmp(slash + 1, LEAVES[i].name) != 0)
            continue;
        unit->fleet->acks += leaf == FW_LEAF_ACK;
        if (unit->is_locker)
            fw_locker_on_message(&unit->fw.locker, leaf, message->payload, message->size);
        else
            fw_scanner_on_message(&unit->fw.scanner, leaf, message->payload, message->size);
    }
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct load_unit *unit = self;
    char topic[LOAD_TOPIC_SIZE];

    if (unit->link != LOAD_LINK_UP)
        return FW_E_AWAY;
    print_topic(unit, leaf == FW_LEAF_STATE ? "state" : "up", topic);
    unit->fleet->ups += leaf == FW_LEAF_UP;
    if (!sim_mqtt_publish(&unit->mqtt, topic, payload, (int)size, leaf == FW_LEAF_STATE))
        return FW_E_AWAY;
    return FW_OK;
}

static void reconnect(void *self)
{
    struct load_unit *unit = self;
    unit->is_will_old = true;
}

int load_link_init(struct load_unit *unit, const struct sim_mqtt_login *login,
                   struct kit_error *err)
{
    static const struct sim_mqtt_handler HANDLER = { on_connack, on_suback, on_message };

    unit->fd = -1;
    unit->link = LOAD_LINK_DOWN;
    unit->backoff_ms = LOAD_BACKOFF_MIN_MS;
    unit->net = (struct fw_net){ .publish = publish, .reconnect = reconnect, .self = unit };
    if (!sim_mqtt_open(&unit->mqtt, login, &HANDLER, unit))
        return kit_error_set(err, KIT_E_IO, "libmosquitto cannot start: not enough memory");
    return KIT_OK;
}

void load_link_done(struct load_unit *unit)
{
    if (unit->link == LOAD_LINK_UP)
        unit->fleet->up_count--;
    sim_mqtt_close(&unit->mqtt); /* with its will: the owner shall not take us for online */
}

/* The will names this start of the device and its epoch, so it is set before each connect. */
static bool set_will(struct load_unit *unit)
{
    char topic[LOAD_TOPIC_SIZE], will[FW_SESSION_STATE_BYTES_MAX];

    print_topic(unit, "state", topic);
    const int size = unit->is_locker ? fw_locker_will(&unit->fw.locker, will, sizeof(will))
                                     : fw_scanner_will(&unit->fw.scanner, will, sizeof(will));
    unit->is_will_old = false;
    return size > 0 && sim_mqtt_set_will(&unit->mqtt, topic, will, size);
}

static void begin_connect(struct load_unit *unit, int64_t now_ms)
{
    struct load_fleet *fleet = unit->fleet;
    struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = unit } };

    if (fleet->connecting_count >= LOAD_CONNECTING_MAX) {
        unit->reconnect_at_ms = now_ms + LOAD_CONNECT_AGAIN_MS +
                                load_random(fleet,
                                            (uint32_t)((fleet->heap.count - fleet->up_count) / 8));
        return;
    }
    unit->link = LOAD_LINK_CONNECTING;
    unit->keep_alive_at_ms = now_ms + LOAD_KEEP_ALIVE_MS;
    fleet->connecting_count++;
    fleet->connects++;
    if (!set_will(unit) || !sim_mqtt_connect(&unit->mqtt, fleet->mqtt_port, LOAD_KEEPALIVE_S)) {
        go_down(unit);
        return;
    }
    unit->fd = sim_mqtt_fd(&unit->mqtt);
    if (epoll_ctl(fleet->epoll_fd, EPOLL_CTL_ADD, unit->fd, &event) != 0) {
        go_down(unit);
        return;
    }
    load_link_watch(unit);
}

void load_link_watch(struct load_unit *unit)
{
    if (unit->fd < 0)
        return;
    const bool wants_write = sim_mqtt_wants_write(&unit->mqtt);
    if (wants_write == unit->wants_write)
        return;
    struct epoll_event event = { .events = EPOLLIN | (wants_write ? EPOLLOUT : 0U),
                                 .data = { .ptr = unit } };
    unit->wants_write = wants_write;
    (void)epoll_ctl(unit->fleet->epoll_fd, EPOLL_CTL_MOD, unit->fd, &event);
}

void load_unit_on_events(struct load_unit *unit, uint32_t events)
{
    const bool is_readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;

    if (unit->fd < 0)
        return; /* it went down earlier in this turn */
    if (!sim_mqtt_serve(&unit->mqtt, is_readable, (events & EPOLLOUT) != 0, 1))
        go_down(unit);
    load_unit_step(unit);
}

void load_link_tick(struct load_unit *unit, int64_t now_ms)
{
    if (unit->link == LOAD_LINK_DOWN) {
        if (now_ms >= unit->reconnect_at_ms)
            begin_connect(unit, now_ms);
        return;
    }
    if (unit->is_will_old && unit->link == LOAD_LINK_UP) {
        sim_mqtt_disconnect(&unit->mqtt);
        go_down(unit);
        return;
    }
    if (now_ms < unit->keep_alive_at_ms)
        return;
    /* The broker owes CONNACK or SUBACK for so long that it will not send it any more. */
    const bool is_stuck = unit->link == LOAD_LINK_CONNECTING;
    unit->keep_alive_at_ms = now_ms + LOAD_KEEP_ALIVE_MS;
    if (!sim_mqtt_keep_alive(&unit->mqtt) || is_stuck)
        go_down(unit);
}

int64_t load_link_next_ms(const struct load_unit *unit)
{
    if (unit->is_will_old && unit->link == LOAD_LINK_UP)
        return 0;
    return unit->link == LOAD_LINK_DOWN ? unit->reconnect_at_ms : unit->keep_alive_at_ms;
}
