/* See sides.h. A step is over when nothing more happens in virtual time. */
#include "world/against/sides.h"
#include "world/broker_internal.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define QUIET_US INT64_C(60000000) /* longer than any client waits for anything */
#define STALL_US (1000 * QUIET_US) /* what a stalled client gets comes so late */
#define DOWN_US 1000

struct simulated;

struct simulated_client {
    struct simulated *all;
    int at;
    struct world_client *client;
};

struct simulated {
    const struct script *script;
    struct record *record;
    struct world_clock clock;
    struct world_broker *broker;
    struct simulated_client clients[SCRIPT_CLIENTS];
};

static void on_link(void *self, bool is_up)
{
    const struct simulated_client *client = self;
    if (is_up)
        record_connected(client->all->record, client->at, client->client->is_resumed);
}

static void on_message(void *self, const struct kit_message *message)
{
    const struct simulated_client *client = self;
    record_message(client->all->record, client->at, message);
}

static void on_published(void *self, uint64_t cookie, int code)
{
    const struct simulated_client *client = self;
    if (code == KIT_OK)
        record_acknowledged(client->all->record, client->at, cookie);
}

static void write_will(void *self, char ret_topic[KIT_TOPIC_SIZE], char *ret_payload,
                       size_t size_max)
{
    const struct simulated_client *client = self;
    const struct script_client *one = &client->all->script->clients[client->at];
    kit_text_copy(ret_topic, KIT_TOPIC_SIZE, one->will_topic);
    kit_text_copy(ret_payload, size_max, one->name);
}

static void start(struct simulated_client *self, bool is_kept)
{
    const struct script_client *one = &self->all->script->clients[self->at];
    const struct world_client_events events = {
        .on_link = on_link,
        .on_message = on_message,
        .on_published = on_published,
        .will = one->will_topic[0] != '\0' ? write_will : NULL,
        .self = self,
    };
    self->client = world_client_new(self->all->broker, one->name, one->filters, one->filter_count,
                                    &events);
    world_client_keep_session(self->client, is_kept);
}

/* Everything happens that is not further away than a stall, and what is due until then. */
static void settle(struct simulated *all, int64_t until_us)
{
    do {
        if (until_us < all->clock.now_us + QUIET_US)
            until_us = all->clock.now_us + QUIET_US;
    } while (world_clock_step(&all->clock, until_us));
}

static void publish(struct simulated_client *self, const struct script_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        const struct script_publication *one = &step->publications[i];
        char payload[SCRIPT_TEXT_SIZE];
        struct kit_error err;
        script_payload(one, payload);
        const struct kit_message message = {
            .topic = one->topic,
            .payload = payload,
            .payload_size_bytes = strlen(payload),
            .qos = one->qos,
            .retain = one->retain,
        };
        CHECK(world_client_publish(self->client, &message, one->qos > 0 ? one->number : 0, &err) ==
              KIT_OK);
        if (self->all->script->is_tight)
            settle(self->all, 0);
    }
}

/* It holds its connection and takes nothing out of it. */
static void stall(struct simulated_client *self)
{
    for (size_t i = 0; i < LANES; i++)
        self->client->down.last_us[i] = self->all->clock.now_us + STALL_US;
}

static void perform(struct simulated *all, const struct script_step *step)
{
    struct simulated_client *self = &all->clients[step->client];
    int64_t until_us = 0;
    switch (step->kind) {
    case SCRIPT_START:
        start(self, step->is_kept);
        break;
    case SCRIPT_PUBLISH:
        publish(self, step);
        break;
    case SCRIPT_GOODBYE:
    case SCRIPT_DIE:
        world_client_free(self->client, step->kind == SCRIPT_GOODBYE);
        break;
    case SCRIPT_RESET:
        (void)world_client_reset(self->client);
        break;
    case SCRIPT_TAKE_OVER:
        world_client_take_over(self->client);
        break;
    case SCRIPT_STALL:
        stall(self);
        break;
    case SCRIPT_RESUME:
        until_us = all->clock.now_us + STALL_US;
        break;
    case SCRIPT_SAVE:
        world_broker_save(all->broker);
        break;
    case SCRIPT_KILL:
        (void)world_broker_kill(all->broker, DOWN_US, step->is_kept);
        break;
    case SCRIPT_STOP:
        (void)world_broker_stop(all->broker, DOWN_US);
        break;
    case SCRIPT_KINDS:
        UNREACHABLE("a step without a kind");
    }
    settle(all, until_us);
    if (step->kind == SCRIPT_RESUME)
        memset(&self->client->down, 0, sizeof(self->client->down));
}

void simulated_play(const struct script *script, enum world_broker_lie lie, struct record *record)
{
    struct simulated all = { .script = script, .record = record };
    world_clock_init(&all.clock, script->seed, false);
    all.broker = world_broker_new(&all.clock, script->seed);
    world_broker_faults(all.broker)->in_flight_max = script->in_flight_max;
    world_broker_faults(all.broker)->queue_max = script->queue_max;
    world_broker_lie(all.broker, lie);
    for (int i = 0; i < SCRIPT_CLIENTS; i++)
        all.clients[i] = (struct simulated_client){ .all = &all, .at = i };
    for (size_t i = 0; i < SCRIPT_STEPS; i++) {
        record->step = i;
        perform(&all, &script->steps[i]);
    }
    world_clock_done(&all.clock);
    world_broker_free(all.broker);
}
