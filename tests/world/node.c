/* See node.h. */
#include "world/node.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/stream/publisher.h"
#include "world/keys.h"

#define IMAGES_MAX 8
#define RESTART_US 500000 /* of the supervisor */
#define AGAIN_US 100
#define FILE_LOOK_US 500000
#define FINISH_MIN_US 50000 /* of kit/process/main.c, as the other */
#define FINISH_MAX_US 800000
#define FINISH_LOOK_US 5000
#define TEXT_SIZE 128

const struct world_watch *world_watch;

/* ---- images ---- */

static struct image {
    const struct kit_service_desc *desc;
    void *bytes;
    size_t size_bytes;
} images[IMAGES_MAX];

static void file_name(const struct kit_service_desc *desc, char ret[64])
{
    (void)snprintf(ret, 64, "%s.db", desc->name);
}

/* There was a start before: who has no other time believes its clock (rules time 1.8). */
static void keep_begin(struct kit_db *db)
{
    char sql[128];
    struct kit_error err;
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO confirmed_time(id, at_ms, claim_ms) VALUES(1, %" PRId64 ", 0)",
                   WORLD_WALL_MS);
    CHECK(kit_db_begin(db, &err) == KIT_OK);
    CHECK(sqlite3_exec(kit_db_handle(db), sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(kit_db_commit(db, &err) == KIT_OK);
}

/* The database of a service after its migrations, made once in a process. */
static const struct image *image_of(const struct kit_service_desc *desc)
{
    char file[64], path[128];
    struct image *image = images;
    struct kit_error err;
    struct kit_db *db = NULL;

    while (image->desc != NULL && image->desc != desc)
        image++;
    CHECK(image < images + IMAGES_MAX);
    if (image->desc == desc)
        return image;
    struct sim_disk *disk = sim_disk_new("image", 1);
    file_name(desc, file);
    (void)snprintf(path, sizeof(path), "image/%s", file);
    const struct kit_store_port port = { .path = path, .vfs = SIM_DISK_VFS };
    CHECK(kit_db_open(&db, &port, desc->migrations, desc->migration_count, &err) == KIT_OK);
    keep_begin(db);
    kit_db_close(db);
    const void *bytes = sim_disk_get(disk, file, &image->size_bytes);
    image->bytes = malloc(image->size_bytes);
    CHECK(image->bytes != NULL);
    memcpy(image->bytes, bytes, image->size_bytes);
    image->desc = desc;
    sim_disk_free(disk);
    return image;
}

void world_node_prepare(const struct world_service_row *row)
{
    (void)image_of(row->desc);
}

/* ---- ports ---- */

static int64_t wall_ms(void *self)
{
    const struct world_node *node = self;
    return WORLD_WALL_MS + (node->clock->now_us - WORLD_MONO_US) / 1000 + node->skew_ms;
}

static int64_t mono_ms(void *self)
{
    return world_clock_mono_ms(((struct world_node *)self)->clock);
}

static void fill(void *self, void *ret_bytes, size_t size_bytes)
{
    uint8_t *bytes = ret_bytes;
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)sim_rng_next(&((struct world_node *)self)->rng);
}

static void write_log(void *self, enum kit_level level, const char *event, const char *text)
{
    const struct world_node *node = self;
    (void)level;
    if (strcmp(event, "commit_failed") == 0)
        world_fact(&node->clock->facts, "disk", "at-commit");
    world_clock_trace(node->clock, node->row->desc->name, "%s: %s", event, text);
}

/* Of the log as much leaves as may be under way, in messages that are not too large. */
static void note_sent(struct world_node *node, const struct kit_message *message)
{
    const size_t own = node->limits.messages_in_flight;
    const size_t most = own > 0 ? own : KIT_PUBLISHER_IN_FLIGHT_MAX;
    if (++node->in_flight > most && node->wrong[0] == '\0')
        (void)snprintf(node->wrong, sizeof(node->wrong), "has more than %zu messages under way",
                       most);
    if (message->payload_size_bytes > KIT_STREAM_BYTES_MAX && node->wrong[0] == '\0')
        (void)snprintf(node->wrong, sizeof(node->wrong), "has sent a message of %zu bytes",
                       message->payload_size_bytes);
}

static int publish(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    struct world_node *node = self;
    world_facts_said(&node->clock->facts, message);
    if (node->said != NULL)
        world_said_add(node->said, node->row->desc->name, message, node->clock->now_us);
    const int rc = world_client_publish(node->client, message, cookie, err);
    if (rc == KIT_OK && cookie != 0) /* of the log alone somebody waits for an answer */
        note_sent(node, message);
    if (rc == KIT_OK && world_watch != NULL)
        world_watch->on_publish(node, message);
    return rc;
}

/* ---- turns ---- */

static void go(struct world_node *node, enum sim_disk_death death, int64_t down_us);

/* It says that its database is damaged when it is, and else not. */
static void note_end(struct world_node *node, const struct kit_error *err)
{
    if (err->code != KIT_E_CORRUPT)
        return;
    world_fact(&node->clock->facts, "disk", "bit-told");
    if (!node->bit.is_wrong && node->wrong[0] == '\0')
        (void)snprintf(node->wrong, sizeof(node->wrong), "calls a whole database damaged: %.150s",
                       err->text);
}

/* A store that failed ends the process, as in kit/process/main.c. */
static bool has_failed(struct world_node *node)
{
    struct kit_error err;
    if (kit_service_failure(node->service, &err) == KIT_OK)
        return false;
    world_clock_trace(node->clock, node->row->desc->name, "ends: %s", err.text);
    note_end(node, &err);
    go(node, SIM_DISK_KILL, RESTART_US);
    return true;
}

static int64_t run(void *self, int64_t now_ms)
{
    struct world_node *node = self;
    const int64_t next_ms = kit_service_tick(node->service, now_ms);
    (void)has_failed(node);
    return next_ms;
}

static void on_message(void *self, const struct kit_message *message)
{
    struct world_node *node = self;
    world_facts_heard(&node->clock->facts, message);
    if (world_watch != NULL)
        world_watch->on_message(node, message);
    kit_service_on_message(node->service, message);
    if (!has_failed(node))
        world_turns_wake(&node->turns);
}

static void on_published(void *self, uint64_t cookie, int code)
{
    struct world_node *node = self;
    node->in_flight--;
    kit_service_on_published(node->service, cookie, code);
    world_turns_wake(&node->turns);
}

/* ---- presence ---- */

static void presence(const struct world_node *node, const char *status,
                     char ret_topic[KIT_TOPIC_SIZE], char ret_text[TEXT_SIZE])
{
    (void)snprintf(ret_topic, KIT_TOPIC_SIZE, "lockstock/v1/service/%s/state",
                   node->row->desc->name);
    const char *until = strcmp(status, "restarting") == 0 ? ",\"forMs\":2000" : "";
    (void)snprintf(ret_text, TEXT_SIZE, "{\"status\":\"%s\",\"epoch\":%" PRId64 "%s}", status,
                   node->connects, until);
}

static void write_will(void *self, char ret_topic[KIT_TOPIC_SIZE], char *ret_payload,
                       size_t size_max)
{
    struct world_node *node = self;
    PRE(size_max >= TEXT_SIZE);
    node->connects++;
    presence(node, "offline", ret_topic, ret_payload);
}

static void say_state(struct world_node *node, const char *status)
{
    char topic[KIT_TOPIC_SIZE], text[TEXT_SIZE];
    struct kit_error err;
    presence(node, status, topic, text);
    const struct kit_message message = {
        .topic = topic,
        .payload = text,
        .payload_size_bytes = strlen(text),
        .qos = 1,
        .retain = true,
    };
    (void)publish(node, &message, 0, &err);
}

static void on_link(void *self, bool is_up)
{
    struct world_node *node = self;
    if (is_up)
        say_state(node, "online");
    kit_service_on_link(node->service, is_up);
    world_turns_wake(&node->turns);
}

/* ---- life ---- */

static void connect_bus(struct world_node *node)
{
    node->in_flight = 0;
    struct kit_service_filter filters[WORLD_FILTERS_MAX];
    struct world_filter wanted[WORLD_FILTERS_MAX];
    const struct world_client_events events = { .on_link = on_link,
                                                .on_message = on_message,
                                                .on_published = on_published,
                                                .will = write_will,
                                                .self = node };
    const size_t count = kit_service_filters(node->service, filters, WORLD_FILTERS_MAX);
    for (size_t i = 0; i < count; i++) {
        memcpy(wanted[i].filter, filters[i].filter, sizeof(wanted[i].filter));
        wanted[i].qos = filters[i].qos;
    }
    node->client = world_client_new(node->broker, node->row->desc->name, wanted, count, &events);
}

static void on_start(void *self, struct world_message *message, uint64_t life)
{
    struct world_node *node = self;
    struct kit_error err = { 0 };
    (void)message;
    if (life != node->turns.life)
        return;
    const struct kit_service_ports ports = {
        .clock = { wall_ms, mono_ms, node },
        .rng = { fill, node },
        .log = { write_log, node },
        .bus = { publish, node },
        .store = { .path = node->path,
                   .vfs = SIM_DISK_VFS,
                   .was_restored = node->is_restored,
                   .existed = node->is_lost },
        .keys = { world_find_key, NULL },
    };
    const struct kit_service_setup setup = { .instance = node->row->desc->name,
                                             .ports = &ports,
                                             .settings = node->row->settings,
                                             .setting_count = node->row->setting_count,
                                             .limits = node->limits };
    world_clock_trace(node->clock, node->row->desc->name, "starts");
    if (kit_service_new(&node->service, node->row->desc, &setup, &err) != KIT_OK) {
        world_clock_trace(node->clock, node->row->desc->name, "does not start: %s", err.text);
        note_end(node, &err);
        node->service = NULL;
        go(node, SIM_DISK_KILL, RESTART_US);
        return;
    }
    node->is_restored = false;
    if (world_watch != NULL)
        world_watch->on_started(node);
    connect_bus(node);
    world_turns_wake(&node->turns);
}

/* What ends a process, seen from outside: its connection breaks, its disk keeps what it has. */
static void go(struct world_node *node, enum sim_disk_death death, int64_t down_us)
{
    node->is_stopping = false;
    world_client_free(node->client, false);
    node->client = NULL;
    world_turns_end(&node->turns);
    if (!sim_disk_is_dead(node->disk))
        sim_disk_die(node->disk, death);
    kit_service_free(node->service);
    node->service = NULL;
    sim_disk_restart(node->disk);
    world_clock_in(node->clock, down_us, on_start, node, node->turns.life);
}

void world_node_init(struct world_node *node, struct world_clock *clock,
                     struct world_broker *broker, const struct world_service_row *row,
                     uint64_t seed)
{
    const struct image *image = image_of(row->desc);
    memset(node, 0, sizeof(*node));
    node->clock = clock;
    node->broker = broker;
    node->row = row;
    node->turns = (struct world_turns){
        .clock = clock, .run = run, .self = node, .again_us = AGAIN_US, .at_us = INT64_MAX
    };
    sim_rng_init(&node->rng, seed, row->desc->name);
    node->disk = sim_disk_new(row->desc->name, sim_rng_next(&node->rng));
    file_name(row->desc, node->file);
    sim_disk_put(node->disk, node->file, image->bytes, image->size_bytes);
    (void)snprintf(node->path, sizeof(node->path), "%.24s/%.30s", row->desc->name, node->file);
}

void world_node_start(struct world_node *node)
{
    world_clock_in(node->clock, 0, on_start, node, node->turns.life);
}

bool world_node_kill(struct world_node *node, enum sim_disk_death death, int64_t down_us)
{
    if (node->service == NULL)
        return false;
    world_clock_trace(node->clock, node->row->desc->name,
                      death == SIM_DISK_KILL ? "is killed" : "loses its power");
    go(node, death, down_us);
    return true;
}

void world_node_put_right(struct world_node *node)
{
    if (!node->bit.is_wrong)
        return;
    (void)world_node_kill(node, SIM_DISK_KILL, RESTART_US);
    world_bit_put_right(&node->bit, node->disk, node->file);
    world_clock_trace(node->clock, node->row->desc->name, "its disk is put right");
}

static void on_good_copy(void *self, struct world_message *message, uint64_t number)
{
    (void)message;
    (void)number;
    world_node_put_right(self);
}

bool world_node_flip(struct world_node *node, struct sim_rng *rng, int64_t down_us, int64_t for_us)
{
    if (node->bit.is_wrong || !world_node_kill(node, SIM_DISK_KILL, down_us) ||
        !world_bit_flip(&node->bit, node->disk, node->file, rng))
        return false;
    world_clock_trace(node->clock, node->row->desc->name, "bit %u of byte %zu of its disk flips",
                      node->bit.number, node->bit.offset_bytes);
    world_clock_in(node->clock, for_us, on_good_copy, node, 0);
    return true;
}

/* As kit/process/main.c looks twice a second (kit/process/db_file.h). */
static void on_file_look(void *self, struct world_message *message, uint64_t life)
{
    struct world_node *node = self;
    (void)message;
    if (life != node->turns.life || node->service == NULL)
        return;
    world_clock_trace(node->clock, node->row->desc->name, "ends: its database is not there");
    go(node, SIM_DISK_KILL, RESTART_US);
}

bool world_node_remove(struct world_node *node, struct sim_rng *rng)
{
    char log[sizeof(node->file) + 4];
    const bool is_replaced = sim_rng_below(rng, 2) == 0;
    const struct image *image = image_of(node->row->desc);
    if (node->service == NULL || node->bit.is_wrong)
        return false;
    world_clock_trace(node->clock, node->row->desc->name, "its database is %s",
                      is_replaced ? "replaced" : "removed");
    (void)snprintf(log, sizeof(log), "%s-wal", node->file);
    sim_disk_remove(node->disk, node->file);
    sim_disk_remove(node->disk, log);
    if (is_replaced)
        sim_disk_put(node->disk, node->file, image->bytes, image->size_bytes);
    node->is_lost = true;
    world_clock_in(node->clock, sim_rng_between(rng, 1, FILE_LOOK_US), on_file_look, node,
                   node->turns.life);
    return true;
}

/* As kit/process/main.c drains; what it publishes last still leaves. */
static void drain(struct world_node *node)
{
    kit_service_flush(node->service);
    say_state(node, "offline");
    kit_service_drain(node->service);
    world_client_free(node->client, true);
    node->client = NULL;
    world_turns_end(&node->turns);
    kit_service_free(node->service);
    node->service = NULL;
}

/* As kit/process/main.c finishes: what was taken is answered, and what is on its way. */
static void on_finish(void *self, struct world_message *message, uint64_t life)
{
    struct world_node *node = self;
    (void)message;
    if (life != node->turns.life || !node->is_stopping)
        return;
    const int64_t gone_us = node->clock->now_us - node->stopped_us;
    if (gone_us < FINISH_MIN_US ||
        (gone_us < FINISH_MAX_US && !kit_service_is_idle(node->service))) {
        world_clock_in(node->clock, FINISH_LOOK_US, on_finish, node, life);
        return;
    }
    drain(node);
    node->is_stopping = false;
    world_clock_in(node->clock, node->down_us, on_start, node, node->turns.life);
}

bool world_node_stop(struct world_node *node, int64_t down_us)
{
    if (node->service == NULL || node->is_stopping)
        return false;
    world_clock_trace(node->clock, node->row->desc->name, "is stopped");
    node->is_stopping = true;
    node->stopped_us = node->clock->now_us;
    node->down_us = down_us;
    say_state(node, "restarting");
    world_clock_in(node->clock, FINISH_LOOK_US, on_finish, node, node->turns.life);
    return true;
}

void world_node_end(struct world_node *node)
{
    if (node->service != NULL)
        go(node, SIM_DISK_KILL, 0);
    world_turns_end(&node->turns);
}

void world_node_done(struct world_node *node)
{
    world_client_free(node->client, false);
    kit_service_free(node->service);
    sim_disk_free(node->disk);
    memset(node, 0, sizeof(*node));
}
