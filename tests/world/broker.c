/* The broker's end (broker.h). */
#include "world/broker_internal.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define FATES_APART UINT64_C(0x9E3779B97F4A7C15) /* of their streams' seeds */
#define FATE_SLICE_US 250000

struct world_broker *world_broker_new(struct world_clock *clock, uint64_t seed)
{
    struct sim_rng rng;
    struct world_broker *broker = calloc(1, sizeof(*broker));
    CHECK(broker != NULL);
    broker->clock = clock;
    broker->is_up = true;
    sim_rng_init(&rng, seed, "broker");
    broker->seed = sim_rng_next(&rng);
    return broker;
}

void world_broker_free(struct world_broker *broker)
{
    if (broker == NULL)
        return;
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++)
        world_message_release(broker->clients[i].will);
    broker_state_clear(&broker->now);
    broker_state_clear(&broker->saved);
    free(broker);
}

struct world_clock *world_broker_clock(struct world_broker *broker)
{
    return broker->clock;
}

struct world_broker_faults *world_broker_faults(struct world_broker *broker)
{
    return &broker->faults;
}

void world_broker_lie(struct world_broker *broker, enum world_broker_lie lie)
{
    broker->lie = lie;
}

uint64_t world_broker_delivered(const struct world_broker *broker)
{
    return broker->delivered;
}

/* ---- the way ---- */

static uint32_t hash_of(const char *topic)
{
    uint32_t hash = 2166136261U;
    for (const char *at = topic; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * 16777619U;
    return hash;
}

/* The stream of the next message of that topic. */
static void draw_fate(struct world_broker *broker, const struct way *way, const char *topic,
                      struct sim_rng *ret_rng)
{
    const uint32_t hash = hash_of(topic), lane = hash % LANES;
    const uint32_t slice = (uint32_t)(broker->clock->now_us / FATE_SLICE_US);
    struct fates *fates = way->fates;
    fates->counts[lane] = fates->slices[lane] == slice ? fates->counts[lane] + 1 : 0;
    fates->slices[lane] = slice;
    const uint64_t own = (uint64_t)hash << 32 | slice << 2 | way->number;
    sim_rng_init(ret_rng, broker->seed + own * FATES_APART + fates->counts[lane], way->name);
}

static int64_t latency_us(const struct world_broker *broker)
{
    return broker->faults.latency_us_max > 0 ? broker->faults.latency_us_max : LATENCY_US;
}

int64_t broker_arrival(struct world_broker *broker, const struct way *way, const char *topic)
{
    const size_t lane = hash_of(topic) % LANES;
    const bool is_quick = (broker->faults.quick_lanes >> lane & 1) != 0;
    int64_t *last = &way->lanes->last_us[lane];
    struct sim_rng rng;
    draw_fate(broker, way, topic, &rng);
    int64_t at = broker->clock->now_us +
                 sim_rng_between(&rng, 50, is_quick ? LATENCY_US : latency_us(broker));
    if (at <= *last && broker->lie != WORLD_LIE_DISORDER)
        at = *last + 1;
    else if (at > broker->clock->now_us + LATENCY_US)
        world_fact(&broker->clock->facts, "trouble", "slow");
    *last = at;
    return at;
}

/* ---- topics ---- */

bool broker_topic_matches(const char *filter, const char *topic)
{
    if (*topic == '$' && *filter != '$')
        return false; /* no wildcard stands for what is the broker's own */
    while (*filter != '\0') {
        if (filter[0] == '#')
            return true;
        if (filter[0] == '+') {
            filter++;
            while (*topic != '\0' && *topic != '/')
                topic++;
        } else if (*filter++ != *topic++) {
            return false;
        }
        if (filter[0] == '/' && filter[1] == '#' && *topic == '\0')
            return true;
    }
    return *topic == '\0';
}

/* ---- handing over ---- */

/* On its way, over the connection that is there now. */
static void send(struct world_client *client, struct world_message *message)
{
    struct world_broker *broker = client->broker;
    const struct way way = { client->name, &client->down_fates, &client->down, 1 };
    const struct world_event event = {
        .at_us = broker_arrival(broker, &way, message->view.topic),
        .run = client_deliver,
        .self = client,
        .message = world_message_share(message),
        .number = client->link,
    };
    world_clock_at(broker->clock, &event);
}

static int64_t window(const struct world_broker *broker)
{
    return broker->faults.in_flight_max > 0 ? broker->faults.in_flight_max : WINDOW_MAX;
}

void broker_fill_window(struct world_client *client)
{
    struct broker_session *session = broker_session_of(client);
    while (client->link != 0 && session->in_flight < session->count &&
           (int64_t)session->in_flight < window(client->broker))
        send(client, session->messages[session->in_flight++]);
}

/* A full queue drops what comes last, without a word. What was in flight when the client went away
 * takes its place in the queue. */
static bool is_full(struct world_client *client, const struct world_message *message)
{
    struct world_broker *broker = client->broker;
    struct broker_session *session = broker_session_of(client);
    const int64_t room = broker->faults.queue_max > 0 ? broker->faults.queue_max : QUEUE_MAX;
    const size_t waiting = client->link != 0 ? session->count - session->in_flight : session->count;

    if (client->link != 0 && (int64_t)session->in_flight < window(broker))
        return false;
    if ((int64_t)waiting < room || broker->lie == WORLD_LIE_NO_LIMIT)
        return false;
    world_fact(&broker->clock->facts, "trouble", "small-queue");
    world_clock_trace(broker->clock, "broker", "overflow: %s to %s", message->view.topic,
                      client->name);
    if (broker->lie == WORLD_LIE_DROPS_OLDEST)
        return !broker_session_remove(session, session->messages[session->count - waiting]);
    return true;
}

static void hand_over(struct world_client *client, struct world_message *message)
{
    const bool is_queued = message->view.qos > 0 || client->broker->lie == WORLD_LIE_QUEUES_QOS0;
    if (!is_queued && client->link != 0)
        send(client, message);
    if (!is_queued || is_full(client, message))
        return;
    broker_session_add(broker_session_of(client), message);
    broker_fill_window(client);
}

/* One copy, as one filter lets it pass. */
static void offer(struct world_client *client, struct world_message *message)
{
    struct world_broker *broker = client->broker;
    const struct world_broker_faults *faults = &broker->faults;
    const struct way way = { client->name, &client->offer_fates, NULL, 2 };
    struct sim_rng rng;

    draw_fate(broker, &way, message->view.topic, &rng);
    if (sim_rng_chance(&rng, faults->swallowed_permille)) {
        world_fact(&broker->clock->facts, "trouble", "swallow");
        world_clock_trace(broker->clock, "broker", "swallows %s to %s", message->view.topic,
                          client->name);
        return;
    }
    hand_over(client, message);
    if (message->view.qos > 0 && sim_rng_chance(&rng, faults->doubled_permille)) {
        world_fact(&broker->clock->facts, "trouble", "double");
        hand_over(client, message);
    }
}

/* By each filter that lets it pass, once for each. */
static void offer_by_filters(struct world_client *client, struct world_message *message)
{
    const bool keeps_qos = client->broker->lie == WORLD_LIE_RAISES_QOS;
    for (size_t i = 0; i < client->filter_count; i++) {
        const struct world_filter *filter = &client->filters[i];
        if (!broker_topic_matches(filter->filter, message->view.topic))
            continue;
        struct kit_message view = message->view;
        view.qos = view.qos > filter->qos && !keeps_qos ? filter->qos : view.qos;
        struct world_message *copy = view.qos == message->view.qos ? world_message_share(message)
                                                                   : world_message_copy(&view);
        offer(client, copy);
        world_message_release(copy);
        if (client->broker->lie == WORLD_LIE_ONE_COPY)
            return;
    }
}

void broker_route(struct world_broker *broker, struct world_message *message)
{
    const bool is_empty = message->view.payload_size_bytes == 0;
    if (message->view.retain && !(is_empty && broker->lie == WORLD_LIE_KEEPS_EMPTIED)) {
        const struct way way = { "saves", &broker->save_fates, NULL, 3 };
        struct sim_rng rng;
        broker_state_retain(&broker->now, message);
        draw_fate(broker, &way, message->view.topic, &rng);
        if (sim_rng_chance(&rng, broker->faults.saved_permille))
            world_broker_save(broker);
    }
    if (broker->lie != WORLD_LIE_KEEPS_FLAG)
        message->view.retain = false; /* for those who are subscribed now, it is an ordinary one */
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        struct world_client *client = &broker->clients[i];
        if (broker->now.sessions[i].exists)
            offer_by_filters(client, message);
    }
    world_message_release(message);
}

/* ---- connections ---- */

void broker_detach(struct world_client *client, enum broker_end end)
{
    struct world_broker *broker = client->broker;
    struct broker_session *session = broker_session_of(client);
    struct world_message *will = client->will;
    if (client->link == 0)
        return;
    client->link = 0;
    client->will = NULL;
    if (!session->is_kept)
        broker_session_end(session);
    if (will == NULL)
        return;
    const bool is_dropped = broker->lie == WORLD_LIE_NO_WILL ||
                            (broker->lie == WORLD_LIE_LATE_WILL ? false : end != BROKER_END_CUT);
    if (is_dropped) {
        world_message_release(will);
        return;
    }
    world_clock_trace(broker->clock, "broker", "publishes the will of %s", client->name);
    broker_route(broker, will);
}

void broker_attach(struct world_client *client, struct world_message *will)
{
    struct world_broker *broker = client->broker;
    struct broker_session *session = broker_session_of(client);
    if (client->link != 0)
        world_fact(&broker->clock->facts, "broker", "takeover");
    broker_detach(client, broker->lie == WORLD_LIE_NO_TAKEOVER  ? BROKER_END_GOODBYE
                          : session->is_kept && client->is_kept ? BROKER_END_RESUMED
                                                                : BROKER_END_CUT);
    if (!client->is_kept || broker->lie == WORLD_LIE_FORGETS_SESSION)
        broker_session_end(session);
    client->is_resumed = session->exists;
    session->exists = true;
    session->is_kept = client->is_kept;
    client->link = ++broker->links;
    client->will = will;
    memset(&client->down, 0, sizeof(client->down));
    session->in_flight = 0;
    broker_fill_window(client);
    for (size_t i = 0; i < broker->now.retained_count; i++)
        offer_by_filters(client, broker->now.retained[i]);
}

/* ---- death ---- */

void world_broker_save(struct world_broker *broker)
{
    if (broker->lie == WORLD_LIE_SAVES_NOTHING)
        return;
    broker_state_copy(&broker->saved, &broker->now);
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        if (!broker->saved.sessions[i].is_kept)
            broker_session_end(&broker->saved.sessions[i]);
    }
}

static void on_start(void *self, struct world_message *message, uint64_t number)
{
    struct world_broker *broker = self;
    (void)message;
    (void)number;
    broker->is_up = true;
    world_clock_trace(broker->clock, "broker", "starts");
}

/* Connections end without wills; what was saved is there at the next start. */
static void die(struct world_broker *broker, int64_t down_us)
{
    broker->is_up = false;
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        struct world_client *client = &broker->clients[i];
        if (client->link == 0)
            continue;
        client->link = 0;
        world_message_release(client->will);
        client->will = NULL;
        if (client->silent_until_us <= broker->clock->now_us)
            client_go_down(client);
    }
    broker_state_copy(&broker->now, &broker->saved);
    world_clock_in(broker->clock, down_us, on_start, broker, 0);
}

bool world_broker_kill(struct world_broker *broker, int64_t down_us, bool keeps_saved)
{
    if (!broker->is_up)
        return false;
    world_clock_trace(broker->clock, "broker", "is killed%s",
                      keeps_saved ? "" : ", what was saved is gone");
    if (broker->lie == WORLD_LIE_SAVES_ALWAYS)
        world_broker_save(broker);
    if (!keeps_saved)
        broker_state_clear(&broker->saved);
    die(broker, down_us);
    return true;
}

static void on_stopped(void *self, struct world_message *message, uint64_t down_us)
{
    (void)message;
    die(self, (int64_t)down_us);
}

/* What it has sent arrives, the wills too; who keeps a session gets it again. It takes nothing. */
bool world_broker_stop(struct world_broker *broker, int64_t down_us)
{
    if (!broker->is_up)
        return false;
    world_fact(&broker->clock->facts, "broker", "stop");
    world_clock_trace(broker->clock, "broker", "is stopped");
    broker->is_up = false;
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        struct world_message *will = broker->clients[i].will;
        broker->clients[i].will = NULL;
        if (will != NULL)
            broker_route(broker, will);
    }
    world_broker_save(broker);
    world_clock_in(broker->clock, 2 * latency_us(broker), on_stopped, broker, (uint64_t)down_us);
    return true;
}
