/* See sides.h. Nothing here waits for time: a step is over when the broker has answered everybody
 * who reads, twice in a row, and nobody got a message meanwhile. It takes what comes over one
 * connection in its order, so that an answer comes behind all that it had for that client then;
 * and ends of connections that were there before the first question are seen before the second is
 * answered, as it looks at all its connections in turn. */
#include "world/against/sides.h"

#include "fakes/cmocka_all.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "unit/host/broker.h"

#define PATIENCE_MS 20000 /* with a broker that does not answer; then the test fails */
#define QUIET_ROUNDS 2
#define SESSION_S 86400
#define KEEPALIVE_S 300
#define READ_MAX 100
#define NOBODY SCRIPT_CLIENTS /* who asks, and has nothing to do with the script */
#define SENT_MAX 4096
#define SAVED "mosquitto.db"

struct real;

/* One connection. */
struct link {
    struct real *all;
    int at; /* whose */
    struct mosquitto *mosquitto;
    int waits_for; /* answers */
    bool is_over;
    uint64_t sent[SENT_MAX]; /* numbers by message id */
};

struct real {
    const struct script *script;
    struct record *record;
    struct broker broker;
    struct link *links[SCRIPT_CLIENTS + 1]; /* NULL: away */
    bool is_stalled[SCRIPT_CLIENTS + 1];
    size_t messages; /* so far */
};

/* ---- what is heard ---- */

static void on_connect(struct mosquitto *mosquitto, void *self, int code, int flags,
                       const mosquitto_property *properties)
{
    struct link *link = self;
    (void)mosquitto;
    (void)properties;
    assert_int_equal(code, 0);
    link->waits_for--;
    if (link->at != NOBODY)
        record_connected(link->all->record, link->at, (flags & 1) != 0);
}

static void on_disconnect(struct mosquitto *mosquitto, void *self, int code)
{
    struct link *link = self;
    (void)mosquitto;
    (void)code;
    link->is_over = true;
}

static void on_answer(struct link *link)
{
    link->waits_for--;
}

static void on_subscribe(struct mosquitto *mosquitto, void *self, int id, int count,
                         const int *granted)
{
    (void)mosquitto;
    (void)id;
    (void)count;
    (void)granted;
    on_answer(self);
}

static void on_unsubscribe(struct mosquitto *mosquitto, void *self, int id)
{
    (void)mosquitto;
    (void)id;
    on_answer(self);
}

static void on_publish(struct mosquitto *mosquitto, void *self, int id, int code,
                       const mosquitto_property *properties)
{
    struct link *link = self;
    (void)mosquitto;
    (void)properties;
    if (link->sent[id % SENT_MAX] == 0)
        return; /* of QoS 0 */
    on_answer(link);
    assert_in_range(code, 0, MQTT_RC_NO_MATCHING_SUBSCRIBERS);
    record_acknowledged(link->all->record, link->at, link->sent[id % SENT_MAX]);
}

static void on_message(struct mosquitto *mosquitto, void *self,
                       const struct mosquitto_message *message)
{
    struct link *link = self;
    const struct kit_message view = {
        .topic = message->topic,
        .payload = message->payload,
        .payload_size_bytes = (size_t)message->payloadlen,
        .qos = message->qos,
        .retain = message->retain,
    };
    (void)mosquitto;
    link->all->messages++;
    record_message(link->all->record, link->at, &view);
}

/* ---- connections ---- */

/* Takes what is there; false: it has ended. */
static bool turn(struct link *link, short events)
{
    int rc = MOSQ_ERR_SUCCESS;
    if ((events & (POLLIN | POLLERR | POLLHUP)) != 0)
        rc = mosquitto_loop_read(link->mosquitto, READ_MAX);
    if (rc == MOSQ_ERR_SUCCESS && mosquitto_want_write(link->mosquitto))
        rc = mosquitto_loop_write(link->mosquitto, 1);
    if (rc != MOSQ_ERR_SUCCESS)
        link->is_over = true;
    return !link->is_over;
}

/* Waits for something to read on one of them. */
static void pump(struct link *const *links, size_t count)
{
    struct pollfd fds[SCRIPT_CLIENTS + 1];
    assert_true(count <= KIT_COUNT(fds));
    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){ .fd = mosquitto_socket(links[i]->mosquitto), .events = POLLIN };
    if (poll(fds, count, PATIENCE_MS) <= 0)
        fail_msg("mosquitto did not answer in step %zu", links[0]->all->record->step);
    for (size_t i = 0; i < count; i++)
        (void)turn(links[i], fds[i].revents);
}

static void wait_for_answers(struct link *link)
{
    while (link->waits_for > 0) {
        assert_false(link->is_over);
        pump(&link, 1);
    }
}

static void hang_up(struct link *link)
{
    if (link == NULL)
        return;
    mosquitto_destroy(link->mosquitto); /* closes it without a word */
    free(link);
}

static struct link *link_new(struct real *all, int at, bool is_kept)
{
    const struct script_client *client = at == NOBODY ? NULL : &all->script->clients[at];
    struct link *link = calloc(1, sizeof(*link));
    assert_non_null(link);
    link->all = all;
    link->at = at;
    link->mosquitto = mosquitto_new(client == NULL ? "nobody" : client->name, !is_kept, link);
    assert_non_null(link->mosquitto);
    (void)mosquitto_int_option(link->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    (void)mosquitto_int_option(link->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    (void)mosquitto_int_option(link->mosquitto, MOSQ_OPT_RECEIVE_MAXIMUM,
                               (int)all->script->in_flight_max);
    mosquitto_connect_v5_callback_set(link->mosquitto, on_connect);
    mosquitto_disconnect_callback_set(link->mosquitto, on_disconnect);
    mosquitto_subscribe_callback_set(link->mosquitto, on_subscribe);
    mosquitto_unsubscribe_callback_set(link->mosquitto, on_unsubscribe);
    mosquitto_publish_v5_callback_set(link->mosquitto, on_publish);
    mosquitto_message_callback_set(link->mosquitto, on_message);
    if (client != NULL && client->will_topic[0] != '\0')
        assert_int_equal(mosquitto_will_set(link->mosquitto, client->will_topic,
                                            (int)strlen(client->name), client->name, 1, true),
                         0);
    return link;
}

/* CONNECT and, as our adapters do each time, SUBSCRIBE. */
static struct link *call(struct real *all, int at, bool is_kept)
{
    struct link *link = link_new(all, at, is_kept);
    mosquitto_property *properties = NULL;
    if (is_kept)
        (void)mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                           SESSION_S);
    assert_int_equal(mosquitto_connect_bind_v5(link->mosquitto, "127.0.0.1", all->broker.port,
                                               KEEPALIVE_S, NULL, properties),
                     0);
    mosquitto_property_free_all(&properties);
    link->waits_for = 1;
    wait_for_answers(link);
    for (size_t i = 0; at != NOBODY && i < all->script->clients[at].filter_count; i++) {
        const struct world_filter *filter = &all->script->clients[at].filters[i];
        assert_int_equal(mosquitto_subscribe(link->mosquitto, NULL, filter->filter, filter->qos),
                         0);
        link->waits_for++;
    }
    wait_for_answers(link);
    return link;
}

/* ---- when a step is over ---- */

static void ask_everybody(struct real *all)
{
    struct link *asked[SCRIPT_CLIENTS + 1];
    size_t count = 0;
    for (size_t i = 0; i <= NOBODY; i++) {
        if (all->links[i] == NULL || all->is_stalled[i])
            continue;
        asked[count++] = all->links[i];
        assert_int_equal(mosquitto_unsubscribe(all->links[i]->mosquitto, NULL, "nothing"), 0);
        all->links[i]->waits_for++;
    }
    for (size_t i = 0; i < count; i++) {
        while (asked[i]->waits_for > 0) {
            assert_false(asked[i]->is_over);
            pump(asked, count);
        }
    }
}

static void settle(struct real *all)
{
    for (int quiet = 0; quiet < QUIET_ROUNDS; quiet++) {
        const size_t before = all->messages;
        ask_everybody(all);
        if (all->messages != before)
            quiet = -1;
    }
}

/* ---- steps ---- */

static void publish(struct real *all, const struct script_step *step)
{
    struct link *link = all->links[step->client];
    for (size_t i = 0; i < step->count; i++) {
        const struct script_publication *one = &step->publications[i];
        char payload[SCRIPT_TEXT_SIZE];
        int id = 0;
        script_payload(one, payload);
        assert_int_equal(mosquitto_publish(link->mosquitto, &id, one->topic, (int)strlen(payload),
                                           payload, one->qos, one->retain),
                         0);
        link->sent[id % SENT_MAX] = one->qos > 0 ? one->number : 0;
        link->waits_for += one->qos > 0;
        if (all->script->is_tight)
            settle(all);
    }
}

static void say_goodbye(struct link *link)
{
    assert_int_equal(mosquitto_disconnect(link->mosquitto), 0);
    (void)turn(link, 0);
    hang_up(link);
}

static void take_over(struct real *all, int at, bool is_kept)
{
    struct link *first = all->links[at];
    all->links[at] = call(all, at, is_kept);
    while (!all->is_stalled[at] && !first->is_over)
        pump(&first, 1); /* it must be told */
    hang_up(first);
    all->is_stalled[at] = false;
}

static void path_of_saved(const struct real *all, char ret_path[128])
{
    (void)snprintf(ret_path, 128, "%s/" SAVED, all->broker.folder);
}

/* It writes a new file in the place of the old one. */
static void save(struct real *all)
{
    char path[128];
    struct stat before = { .st_ino = 0 }, after;
    path_of_saved(all, path);
    (void)stat(path, &before);
    broker_signal(&all->broker, SIGUSR1);
    do
        ask_everybody(all);
    while (stat(path, &after) != 0 || after.st_ino == before.st_ino);
}

/* What the broker said at last. The client's answers must not reach it any more: a reset would take
 * away what is not read yet. */
static void read_to_end(struct link *link)
{
    char bytes[4096];
    int pair[2];
    ssize_t size;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    while ((size = recv(mosquitto_socket(link->mosquitto), bytes, sizeof(bytes), 0)) > 0)
        assert_int_equal(send(pair[1], bytes, (size_t)size, 0), size);
    assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
    assert_true(dup2(pair[0], mosquitto_socket(link->mosquitto)) >= 0);
    (void)close(pair[0]);
    while (!link->is_over)
        pump(&link, 1);
    (void)close(pair[1]);
}

static void end_broker(struct real *all, const struct script_step *step, const bool *is_kept)
{
    char path[128];
    const bool is_kill = step->kind == SCRIPT_KILL;
    bool is_running[SCRIPT_CLIENTS + 1];
    path_of_saved(all, path);
    broker_end(&all->broker, is_kill ? SIGKILL : SIGTERM);
    for (int i = 0; i <= NOBODY; i++) {
        is_running[i] = all->links[i] != NULL;
        if (is_running[i] && !all->is_stalled[i])
            read_to_end(all->links[i]);
        hang_up(all->links[i]);
        all->links[i] = NULL;
        all->is_stalled[i] = false;
    }
    if (is_kill && !step->is_kept)
        (void)unlink(path);
    broker_restart(&all->broker);
    for (int i = 0; i <= NOBODY; i++) {
        if (is_running[i])
            all->links[i] = call(all, i, is_kept[i]);
    }
}

static void end_client(struct real *all, const struct script_step *step)
{
    if (step->kind == SCRIPT_GOODBYE)
        say_goodbye(all->links[step->client]);
    else
        hang_up(all->links[step->client]);
    all->links[step->client] = NULL;
    all->is_stalled[step->client] = false;
    settle(all);
}

static void perform(struct real *all, const struct script_step *step, bool *is_kept)
{
    switch (step->kind) {
    case SCRIPT_START:
        is_kept[step->client] = step->is_kept;
        all->links[step->client] = call(all, step->client, step->is_kept);
        break;
    case SCRIPT_PUBLISH:
        publish(all, step);
        break;
    case SCRIPT_GOODBYE:
    case SCRIPT_DIE:
        end_client(all, step);
        break;
    case SCRIPT_RESET:
        end_client(all, step);
        all->links[step->client] = call(all, step->client, is_kept[step->client]);
        break;
    case SCRIPT_TAKE_OVER:
        take_over(all, step->client, is_kept[step->client]);
        break;
    case SCRIPT_STALL:
    case SCRIPT_RESUME:
        all->is_stalled[step->client] = step->kind == SCRIPT_STALL;
        break;
    case SCRIPT_SAVE:
        save(all);
        break;
    case SCRIPT_KILL:
    case SCRIPT_STOP:
        end_broker(all, step, is_kept);
        break;
    case SCRIPT_KINDS:
        UNREACHABLE("a step without a kind");
    }
    settle(all);
}

/* Where it matters, as deploy/mosquitto/mosquitto.conf.in; and nothing of the broker's own. */
static void start(struct real *all)
{
    char extra[512];
    broker_folder_new(&all->broker);
    (void)snprintf(extra, sizeof(extra),
                   "allow_anonymous true\nmax_inflight_messages %lld\nmax_queued_messages %lld\n"
                   "queue_qos0_messages false\nallow_duplicate_messages true\nmax_keepalive 300\n"
                   "sys_interval 0\npersistence true\npersistence_location %s/\n"
                   "autosave_interval 0\n",
                   (long long)all->script->in_flight_max, (long long)all->script->queue_max,
                   all->broker.folder);
    broker_start(&all->broker, extra);
    all->links[NOBODY] = call(all, NOBODY, false);
}

void real_play(const struct script *script, struct record *record)
{
    struct real all = { .script = script, .record = record };
    bool is_kept[SCRIPT_CLIENTS + 1] = { false };
    (void)mosquitto_lib_init();
    start(&all);
    for (size_t i = 0; i < SCRIPT_STEPS; i++) {
        record->step = i;
        perform(&all, &script->steps[i], is_kept);
    }
    for (int i = 0; i <= NOBODY; i++)
        hang_up(all.links[i]);
    broker_done(&all.broker);
    (void)mosquitto_lib_cleanup();
}
