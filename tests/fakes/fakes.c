/* The simulated ports of fakes.h. A misuse aborts: that is a bug of the test. */
#include "fakes/fakes.h"
#include "kit/base/text.h"
#include "kit/base/time.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_TURNS_MAX 1000
#define STATEMENTS_MAX 1000 /* of a step in which each is made to fail */

/* ---- ports ---- */

static int64_t wall_ms(void *self)
{
    return ((struct fake_world *)self)->wall_ms;
}

static int64_t mono_ms(void *self)
{
    return ((struct fake_world *)self)->mono_ms;
}

/* splitmix64: small, and good enough to be unlike a counter. */
static uint64_t next_random(struct fake_world *world)
{
    uint64_t z = world->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill(void *self, void *ret_bytes, size_t size_bytes)
{
    uint8_t *bytes = ret_bytes;
    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (uint8_t)next_random(self);
}

static void write_log(void *self, enum kit_level level, const char *event, const char *text)
{
    struct fake_world *world = self;
    world->log_count[level]++;
    if (getenv("FAKE_LOG") != NULL)
        fprintf(stderr, "%d %s: %s\n", level, event, text);
}

static int publish(void *self, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    struct fake_world *world = self;
    if (world->publish_rc != KIT_OK)
        return kit_error_set(err, world->publish_rc, "the fake bus refuses");
    CHECK(message->payload_size_bytes <= KIT_PAYLOAD_BYTES_MAX);
    CHECK(world->message_count < FAKE_MESSAGES_MAX);

    struct fake_message *copy = &world->messages[world->message_count++];
    *copy = (struct fake_message){
        .payload = strndup(message->payload, message->payload_size_bytes),
        .payload_size_bytes = message->payload_size_bytes,
        .deadline_ms = message->deadline_ms,
        .left_ms = message->left_ms,
        .sent_mono_ms = message->sent_mono_ms,
        .now_ms = message->now_ms,
        .sender_life = message->sender_life,
        .actor = message->actor,
        .cookie = cookie,
        .qos = message->qos,
        .retain = message->retain,
    };
    kit_text_copy(copy->topic, sizeof(copy->topic), message->topic);
    kit_text_copy(copy->response_topic, sizeof(copy->response_topic), message->response_topic);
    kit_text_copy(copy->status, sizeof(copy->status), message->status);
    kit_text_copy(copy->key, sizeof(copy->key), message->key);
    memcpy(copy->correlation, message->correlation, sizeof(copy->correlation));
    return KIT_OK;
}

void fake_key(const char *name, uint8_t ret_key[KIT_KEY_BYTES])
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < KIT_KEY_BYTES; i++)
        ret_key[i] = (uint8_t)((uint8_t)name[i % length] + i);
}

static int find_key(void *self, const char *name, uint8_t ret_key[KIT_KEY_BYTES],
                    struct kit_error *err)
{
    const struct fake_world *world = self;
    const bool is_lost = world->lost_key != NULL &&
                         strncmp(name, world->lost_key, strlen(world->lost_key)) == 0;
    if (is_lost && world->lost_key_code != KIT_OK)
        return kit_error_set(err, world->lost_key_code, "the key for %s is of no use", name);
    if (is_lost || world->has_no_keys || strncmp(name, "keyless", strlen("keyless")) == 0)
        return kit_error_set(err, KIT_E_NOT_FOUND, "there is no key for %s", name);
    fake_key(name, ret_key);
    return KIT_OK;
}

struct fake_world *fake_world_new(uint64_t seed)
{
    struct fake_world *world = calloc(1, sizeof(*world));
    CHECK(world != NULL);
    world->wall_ms = INT64_C(1767225600000);
    world->mono_ms = 1000000;
    world->random = seed;
    snprintf(world->folder, sizeof(world->folder), "%s/lockstock-test-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    CHECK(mkdtemp(world->folder) != NULL);
    return world;
}

void fake_world_forget(struct fake_world *world)
{
    for (size_t i = 0; i < world->message_count; i++)
        free(world->messages[i].payload);
    world->message_count = 0;
}

void fake_world_free(struct fake_world *world)
{
    char path[2 * FAKE_PATH_SIZE];
    struct dirent *entry;

    fake_world_forget(world);
    DIR *folder = opendir(world->folder);
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", world->folder, entry->d_name);
        (void)unlink(path); /* "." and ".." refuse */
    }
    if (folder != NULL)
        closedir(folder);
    (void)rmdir(world->folder);
    free(world);
}

void fake_world_advance(struct fake_world *world, int64_t ms)
{
    world->wall_ms += ms;
    world->mono_ms += ms;
}

struct kit_service_ports fake_ports(struct fake_world *world, const char *name,
                                    char path[FAKE_PATH_SIZE])
{
    snprintf(path, FAKE_PATH_SIZE, "%.200s/%.40s.db", world->folder, name);
    return (struct kit_service_ports){
        .clock = { wall_ms, mono_ms, world },
        .rng = { fill, world },
        .log = { write_log, world },
        .bus = { publish, world },
        .store = { .path = path,
                   .was_restored = world->was_restored,
                   .existed = world->existed,
                   .begin_at = world->begin_at },
        .keys = { find_key, world },
    };
}

const struct fake_message *fake_last(const struct fake_world *world, const char *topic)
{
    for (size_t i = world->message_count; i > 0; i--) {
        if (strcmp(world->messages[i - 1].topic, topic) == 0)
            return &world->messages[i - 1];
    }
    return NULL;
}

size_t fake_count(const struct fake_world *world, const char *topic)
{
    size_t count = 0;
    for (size_t i = 0; i < world->message_count; i++)
        count += strcmp(world->messages[i].topic, topic) == 0;
    return count;
}

/* ---- a service ---- */

static void send(struct fake_service *fake, const char *topic, const char *payload, bool retain)
{
    const struct kit_message message = {
        .topic = topic,
        .payload = payload,
        .payload_size_bytes = strlen(payload),
        .qos = 1,
        .retain = retain,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(fake->service, &message);
    fake_settle(fake);
}

void fake_device(struct fake_service *fake, const char *kind, const char *device_and_leaf,
                 const char *json)
{
    char topic[KIT_TOPIC_SIZE];
    snprintf(topic, sizeof(topic), "lockstock/v1/device/main/%s/%s", kind, device_and_leaf);
    send(fake, topic, json, false);
}

static void open_service(struct fake_service *fake)
{
    struct kit_error err = { 0 };
    struct kit_service_ports ports = fake_ports(fake->world, fake->desc->name, fake->path);
    const struct kit_service_setup setup = {
        .instance = fake->desc->name,
        .ports = &ports,
        .settings = fake->settings,
        .setting_count = fake->setting_count,
        .is_closed = fake->world->is_closed,
    };
    int rc = kit_service_new(&fake->service, fake->desc, &setup, &err);
    if (rc != KIT_OK)
        fprintf(stderr, "%s\n", err.text);
    CHECK(rc == KIT_OK);
    kit_service_on_link(fake->service, true);
    for (size_t i = 0; i < fake->desc->subscription_count; i++)
        fake_presence(fake, fake->desc->subscriptions[i].source, true, 1);
    fake_settle(fake);
}

struct fake_service fake_service_open(struct fake_world *world, const struct kit_service_desc *desc,
                                      const struct kit_setting *settings, size_t setting_count)
{
    struct fake_service fake = {
        .world = world,
        .desc = desc,
        .settings = settings,
        .setting_count = setting_count,
    };
    open_service(&fake);
    return fake;
}

void fake_service_close(struct fake_service *fake)
{
    kit_service_free(fake->service);
    fake->service = NULL;
}

void fake_service_reopen(struct fake_service *fake)
{
    kit_service_drain(fake->service);
    fake_service_crash(fake);
}

void fake_service_crash(struct fake_service *fake)
{
    fake_service_close(fake);
    open_service(fake);
}

static int on_statement(unsigned type, void *context, void *statement, void *text)
{
    struct fake_world *world = context;
    (void)type;
    (void)statement;
    (void)text;
    world->fails_now = world->fail_in > 0 && --world->fail_in == 0;
    return 0;
}

static int on_instruction(void *context)
{
    struct fake_world *world = context;
    const bool fails = world->fails_now;
    world->fails_now = false;
    return fails; /* not 0: SQLite gives the statement up */
}

int fake_tried(struct fake_service *fake, void (*step)(void *context), void *context)
{
    for (int n = 1; n <= STATEMENTS_MAX; n++) {
        sqlite3 *handle = kit_db_handle(kit_service_db(fake->service));
        sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, on_statement, fake->world);
        sqlite3_progress_handler(handle, 1, on_instruction, fake->world);
        fake->world->fail_in = n;
        step(context);
        const bool is_over = fake->world->fail_in > 0; /* it has fewer statements than that */
        fake->world->fail_in = 0;
        if (is_over)
            return n - 1;
        fake_service_crash(fake);
    }
    UNREACHABLE("a step without end");
}

/* The broker of this world confirms at once. */
static void confirm_published(struct fake_service *fake)
{
    for (size_t i = 0; i < fake->world->message_count; i++) {
        const uint64_t cookie = fake->world->messages[i].cookie;
        fake->world->messages[i].cookie = 0;
        if (cookie != 0)
            kit_service_on_published(fake->service, cookie, KIT_OK);
    }
}

void fake_settle(struct fake_service *fake)
{
    for (int i = 0; i < SETTLE_TURNS_MAX; i++) {
        const int64_t next = kit_service_tick(fake->service, fake->world->mono_ms);
        confirm_published(fake);
        if (next > fake->world->mono_ms)
            return;
    }
    UNREACHABLE("the service never settles");
}

const struct fake_message *fake_request(struct fake_service *fake, const char *caller,
                                        const char *method, const char *key, const char *json)
{
    char topic[KIT_TOPIC_SIZE], reply_topic[KIT_TOPIC_SIZE];
    snprintf(topic, sizeof(topic), "lockstock/v1/rpc/%s/%s/%s", fake->desc->name, method, caller);
    snprintf(reply_topic, sizeof(reply_topic), "lockstock/v1/reply/%s/%s", caller,
             fake->desc->name);
    struct kit_message message = {
        .topic = topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .qos = 1,
        .response_topic = reply_topic,
        .has_correlation = true,
        .deadline_ms = fake->world->wall_ms + 2000,
        .status = "",
        .key = key,
        .traceparent = "",
        .actor = fake->world->actor,
    };
    fill(fake->world, message.correlation, sizeof(message.correlation));
    kit_service_on_message(fake->service, &message);
    fake_settle(fake);

    const struct fake_message *reply = fake_last(fake->world, reply_topic);
    if (reply == NULL || memcmp(reply->correlation, message.correlation, KIT_CORRELATION_SIZE) != 0)
        return NULL;
    return reply;
}

void fake_event(struct fake_service *fake, const struct fake_event *event)
{
    char topic[KIT_TOPIC_SIZE];
    static char text[65536];
    const struct kit_actor *actor = &fake->world->actor;
    char time[KIT_TIME_TEXT_SIZE], person[48] = "", account[48] = "";
    kit_time_to_text(fake->world->wall_ms, time);
    if (actor->person > 0)
        snprintf(person, sizeof(person), "\"actor\":%" PRId64 ",", actor->person);
    if (actor->account > 0)
        snprintf(account, sizeof(account), "\"account\":%" PRId64 ",", actor->account);
    /* A first contact learns the epoch from an answer; play that answer when it is asked for. */
    snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"head\":0,\"events\":[]}", FAKE_EPOCH);
    (void)fake_answer(fake, event->source, "replay", NULL, text);

    snprintf(topic, sizeof(topic), "lockstock/v1/stream/%s", event->source);
    snprintf(text, sizeof(text),
             "[{\"specversion\":\"1.0\",\"id\":\"%s:%s:%" PRId64 "\",\"source\":\"%s\","
             "\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%s\","
             "\"epoch\":\"%s\",\"sequence\":\"%" PRId64 "\",%s%s\"version\":%" PRId64 ","
             "\"datacontenttype\":\"application/json\",\"data\":%s}]",
             event->source, FAKE_EPOCH, event->seq, event->source, event->type, event->subject,
             time, FAKE_EPOCH, event->seq, person, account, event->version, event->data);
    send(fake, topic, text, false);
}

bool fake_answer(struct fake_service *fake, const char *instance, const char *method,
                 const char *status, const char *json)
{
    char topic[KIT_TOPIC_SIZE];
    snprintf(topic, sizeof(topic), "lockstock/v1/rpc/%s/%s/%s", instance, method, fake->desc->name);
    struct fake_message *call = (struct fake_message *)fake_last(fake->world, topic);
    if (call == NULL)
        return false;
    struct kit_message message = {
        .topic = call->response_topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .has_correlation = true,
        .response_topic = "",
        .status = status != NULL ? status : "ok",
        .key = "",
        .traceparent = "",
    };
    memcpy(message.correlation, call->correlation, sizeof(message.correlation));
    snprintf(call->topic, sizeof(call->topic), "answered"); /* each call is answered once */
    kit_service_on_message(fake->service, &message);
    fake_settle(fake);
    return true;
}

static void say_state(struct fake_service *fake, const char *instance, const char *status,
                      int64_t epoch)
{
    char topic[KIT_TOPIC_SIZE], text[128];
    snprintf(topic, sizeof(topic), "lockstock/v1/service/%s/state", instance);
    snprintf(text, sizeof(text), "{\"status\":\"%s\",\"epoch\":%" PRId64 "}", status, epoch);
    send(fake, topic, text, true);
}

void fake_presence(struct fake_service *fake, const char *instance, bool is_online, int64_t epoch)
{
    say_state(fake, instance, is_online ? "online" : "offline", epoch);
}

void fake_presence_restarting(struct fake_service *fake, const char *instance, int64_t epoch)
{
    say_state(fake, instance, "restarting", epoch);
}

int64_t fake_sql_int(struct fake_service *fake, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *handle = kit_db_handle(kit_service_db(fake->service));
    if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(handle));
    CHECK(stmt != NULL);
    CHECK(sqlite3_step(stmt) == SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

bool fake_log_row(struct fake_service *fake, int64_t seq, char *buf, size_t size_bytes)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *handle = kit_db_handle(kit_service_db(fake->service));
    CHECK(sqlite3_prepare_v2(handle, "SELECT envelope FROM event_log WHERE seq = ?", -1, &stmt,
                             NULL) == SQLITE_OK);
    sqlite3_bind_int64(stmt, 1, seq);
    const bool found = sqlite3_step(stmt) == SQLITE_ROW;
    if (found)
        kit_text_copy(buf, size_bytes, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return found;
}
