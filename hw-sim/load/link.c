/* A unit's MQTT connection: libmosquitto without threads, on the shared epoll. Comes back by itself
 * with jittered pauses, and subscribes again each time. One thread. */
#include <errno.h>
#include <fcntl.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load/unit.h"

static void topic_of(const struct load_unit *unit, const char *leaf, char ret[LOAD_TOPIC_SIZE])
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

/* Not while down. Full jitter, but never at once: a broker that has just started has enough to do.
 */
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

static void on_connect(struct mosquitto *mosq, void *self, int rc, int flags,
                       const mosquitto_property *properties)
{
    struct load_unit *unit = self;
    static const char *const LEAVES[] = { "ack", "cmd", "config" };
    char filters[3][LOAD_TOPIC_SIZE];
    char *list[3];
    const int count = unit->is_locker ? 3 : 1;

    (void)flags;
    (void)properties;
    if (rc != 0)
        return; /* the broker closes, and go_down() follows */
    for (int i = 0; i < count; i++) {
        topic_of(unit, LEAVES[i], filters[i]);
        list[i] = filters[i];
    }
    if (mosquitto_subscribe_multiple(mosq, NULL, count, list, 1, 0, NULL) != MOSQ_ERR_SUCCESS)
        (void)mosquitto_disconnect(mosq);
}

static void on_subscribe(struct mosquitto *mosq, void *self, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    struct load_unit *unit = self;

    (void)mosq;
    (void)mid;
    (void)count;
    (void)granted;
    (void)properties;
    if (unit->link == LOAD_LINK_UP)
        return;
    unit->link = LOAD_LINK_UP;
    unit->backoff_ms = LOAD_BACKOFF_MIN_MS;
    unit->fleet->connecting_count--;
    unit->fleet->up_count++;
    tell_link(unit, true);
}

static void on_message(struct mosquitto *mosq, void *self, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    static const struct {
        const char *name;
        enum fw_leaf leaf;
    } LEAVES[] = { { "ack", FW_LEAF_ACK }, { "cmd", FW_LEAF_CMD }, { "config", FW_LEAF_CONFIG } };
    struct load_unit *unit = self;
    const char *slash = strrchr(message->topic, '/');

    (void)mosq;
    (void)properties;
    for (size_t i = 0; slash != NULL && i < sizeof(LEAVES) / sizeof(LEAVES[0]); i++) {
        if (strcmp(slash + 1, LEAVES[i].name) != 0)
            continue;
        unit->fleet->acks += LEAVES[i].leaf == FW_LEAF_ACK;
        if (unit->is_locker)
            fw_locker_on_message(&unit->fw.locker, LEAVES[i].leaf, message->payload,
                                 (size_t)message->payloadlen);
        else
            fw_scanner_on_message(&unit->fw.scanner, LEAVES[i].leaf, message->payload,
                                  (size_t)message->payloadlen);
    }
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct load_unit *unit = self;
    char topic[LOAD_TOPIC_SIZE];

    if (unit->link != LOAD_LINK_UP)
        return FW_E_AWAY;
    topic_of(unit, leaf == FW_LEAF_STATE ? "state" : "up", topic);
    unit->fleet->ups += leaf == FW_LEAF_UP;
    return mosquitto_publish(unit->mosq, NULL, topic, (int)size, payload, 1,
                             leaf == FW_LEAF_STATE) == MOSQ_ERR_SUCCESS
               ? FW_OK
               : FW_E_AWAY;
}

static void reconnect(void *self)
{
    struct load_unit *unit = self;
    unit->is_will_old = true;
}

/* libmosquitto opens a pair of sockets for each client, to wake a thread of its own. There is none
 * here, and without room for more files it does without: so a device takes one file, not three. */
static struct mosquitto *new_client(struct load_unit *unit)
{
    struct rlimit limit;
    const int next_fd = fcntl(unit->fleet->epoll_fd, F_DUPFD_CLOEXEC, 0);

    if (next_fd < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return NULL;
    (void)close(next_fd);
    const struct rlimit no_more = { .rlim_cur = (rlim_t)next_fd, .rlim_max = limit.rlim_max };
    (void)setrlimit(RLIMIT_NOFILE, &no_more);
    struct mosquitto *mosq = mosquitto_new(unit->id, true, unit);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return mosq;
}

int load_link_init(struct load_unit *unit, struct kit_error *err)
{
    unit->fd = -1;
    unit->link = LOAD_LINK_DOWN;
    unit->backoff_ms = LOAD_BACKOFF_MIN_MS;
    unit->net = (struct fw_net){ .publish = publish, .reconnect = reconnect, .self = unit };
    unit->mosq = new_client(unit);
    if (unit->mosq == NULL)
        return kit_error_set(err, KIT_E_IO, "libmosquitto: %s", strerror(errno));
    mosquitto_connect_v5_callback_set(unit->mosq, on_connect);
    mosquitto_subscribe_v5_callback_set(unit->mosq, on_subscribe);
    mosquitto_message_v5_callback_set(unit->mosq, on_message);
    int rc = mosquitto_int_option(unit->mosq, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_int_option(unit->mosq, MOSQ_OPT_TCP_NODELAY, 1);
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_username_pw_set(unit->mosq, unit->id, unit->password);
    return rc == MOSQ_ERR_SUCCESS
               ? KIT_OK
               : kit_error_set(err, KIT_E_IO, "libmosquitto: %s", mosquitto_strerror(rc));
}

void load_link_done(struct load_unit *unit)
{
    if (unit->link == LOAD_LINK_UP) {
        /* With its will: the owner shall not take us for online. */
        (void)mosquitto_disconnect_v5(unit->mosq, MQTT_RC_DISCONNECT_WITH_WILL_MSG, NULL);
        (void)mosquitto_loop_write(unit->mosq, 1);
        unit->fleet->up_count--;
    }
    mosquitto_destroy(unit->mosq);
    unit->mosq = NULL;
}

/* The will names this start of the device and its epoch, so it is set before each connect. */
static int set_will(struct load_unit *unit)
{
    char topic[LOAD_TOPIC_SIZE], will[FW_SESSION_STATE_BYTES_MAX];

    topic_of(unit, "state", topic);
    const int size = unit->is_locker ? fw_locker_will(&unit->fw.locker, will, sizeof(will))
                                     : fw_scanner_will(&unit->fw.scanner, will, sizeof(will));
    unit->is_will_old = false;
    return size > 0 ? mosquitto_will_set(unit->mosq, topic, size, will, 1, true) : MOSQ_ERR_INVAL;
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
    unit->misc_at_ms = now_ms + LOAD_MISC_MS;
    fleet->connecting_count++;
    fleet->connects++;
    if (set_will(unit) != MOSQ_ERR_SUCCESS ||
        mosquitto_connect(unit->mosq, fleet->host, fleet->mqtt_port, LOAD_KEEPALIVE_S) !=
            MOSQ_ERR_SUCCESS) {
        go_down(unit);
        return;
    }
    unit->fd = mosquitto_socket(unit->mosq);
    if (unit->fd < 0 || epoll_ctl(fleet->epoll_fd, EPOLL_CTL_ADD, unit->fd, &event) != 0) {
        go_down(unit);
        return;
    }
    load_link_after(unit);
}

void load_link_after(struct load_unit *unit)
{
    if (unit->fd < 0)
        return;
    const bool wants_write = mosquitto_want_write(unit->mosq);
    if (wants_write == unit->wants_write)
        return;
    struct epoll_event event = { .events = EPOLLIN | (wants_write ? EPOLLOUT : 0U),
                                 .data = { .ptr = unit } };
    unit->wants_write = wants_write;
    (void)epoll_ctl(unit->fleet->epoll_fd, EPOLL_CTL_MOD, unit->fd, &event);
}

void load_unit_on_events(struct load_unit *unit, uint32_t events)
{
    int rc = MOSQ_ERR_SUCCESS;

    if (unit->fd < 0)
        return; /* went down earlier in this turn */
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        rc = mosquitto_loop_read(unit->mosq, 1);
    if (rc == MOSQ_ERR_SUCCESS && (events & EPOLLOUT) != 0)
        rc = mosquitto_loop_write(unit->mosq, 1);
    if (rc != MOSQ_ERR_SUCCESS)
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
        (void)mosquitto_disconnect(unit->mosq);
        go_down(unit);
        return;
    }
    if (now_ms < unit->misc_at_ms)
        return;
    /* A CONNACK or SUBACK that has not come by now is not going to. */
    const bool is_stuck = unit->link == LOAD_LINK_CONNECTING;
    unit->misc_at_ms = now_ms + LOAD_MISC_MS;
    if (mosquitto_loop_misc(unit->mosq) != MOSQ_ERR_SUCCESS || is_stuck)
        go_down(unit);
}

int64_t load_link_next_ms(const struct load_unit *unit)
{
    if (unit->is_will_old && unit->link == LOAD_LINK_UP)
        return 0;
    return unit->link == LOAD_LINK_DOWN ? unit->reconnect_at_ms : unit->misc_at_ms;
}
