/* See locker_fixture.h. */
#include "locker_fixture.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/base/time.h"

#define RECORD_SIZE 256

struct box box_named(const char *name)
{
    return (struct box){ .name = name, .epoch = LOCKER_EPOCH, .next_seq = 1 };
}

void box_says(struct fixture *fixture, const struct box *box, const char *leaf, const char *json)
{
    char device[64];
    (void)snprintf(device, sizeof(device), "%s/%s", box->name, leaf);
    fake_device(&fixture->delivery, "locker", device, json);
}

void box_state(struct fixture *fixture, const struct box *box, const char *status,
               const char *sizes)
{
    char json[256];
    (void)snprintf(json, sizeof(json),
                   "{\"status\":\"%s\",\"kind\":\"locker\",\"epoch\":\"%s\",\"boot\":%d,"
                   "\"firmware\":\"1.0\",\"compartments\":\"%s\"}",
                   status, box->epoch, box->boot > 0 ? box->boot : 1, sizes);
    box_says(fixture, box, "state", json);
}

int protocol_of(const cJSON *message)
{
    const cJSON *key_no = cJSON_GetObjectItemCaseSensitive(message, "keyNo");
    if (key_no == NULL)
        return GRANT_PROTOCOL_1;
    assert_int_equal(key_no->valuedouble, GRANT_KEY_NO);
    return GRANT_PROTOCOL_2;
}

void box_up_from(struct fixture *fixture, const struct box *box, int64_t first_seq,
                 const char *records)
{
    char json[4096], question[96] = "";
    if (box->boot > 0)
        (void)snprintf(question, sizeof(question), ",\"protocol\":2,\"nonce\":\"%s\"", BOX_NONCE);
    (void)snprintf(
        json, sizeof(json),
        "{\"epoch\":\"%s\",\"boot\":%d%s,\"firstSeq\":%" PRId64 ",\"configRevision\":%" PRId64
        ",\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"records\":[%s]}",
        box->epoch, box->boot > 0 ? box->boot : 1, question, first_seq, box->revision, records);
    box_says(fixture, box, "up", json);
}

void box_hello(struct fixture *fixture, const struct box *box)
{
    box_up_from(fixture, box, box->next_seq, "");
}

void box_record(struct fixture *fixture, struct box *box, const char *members)
{
    char record[RECORD_SIZE];
    int64_t seq = box->next_seq++;
    (void)snprintf(record, sizeof(record), "{\"seq\":%" PRId64 ",\"at\":0,%s}", seq, members);
    box_up_from(fixture, box, seq, record);
}

void box_door(struct fixture *fixture, struct box *box, int number, const char *door,
              const char *presence)
{
    char members[RECORD_SIZE - 64];
    (void)snprintf(members, sizeof(members),
                   "\"kind\":\"door\",\"compartment\":%d,\"door\":\"%s\",\"presence\":\"%s\"",
                   number, door, presence);
    box_record(fixture, box, members);
}

cJSON *told(struct fixture *fixture, const struct box *box, const char *leaf)
{
    char topic[KIT_TOPIC_SIZE];
    (void)snprintf(topic, sizeof(topic), DEVICE_TOPIC "%s/%s", box->name, leaf);
    const struct fake_message *message = fake_last(fixture->world, topic);
    if (message == NULL)
        fail_msg("nothing on %s", topic);
    cJSON *json = cJSON_Parse(message->payload);
    assert_non_null(json);
    return json;
}

size_t told_count(struct fixture *fixture, const struct box *box, const char *leaf)
{
    char topic[KIT_TOPIC_SIZE];
    (void)snprintf(topic, sizeof(topic), DEVICE_TOPIC "%s/%s", box->name, leaf);
    return fake_count(fixture->world, topic);
}

int64_t number_of(const cJSON *json, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, member);
    assert_non_null(item);
    return (int64_t)item->valuedouble;
}

const char *text_of(const cJSON *json, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, member);
    assert_non_null(item);
    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

int64_t acked(struct fixture *fixture, const struct box *box)
{
    cJSON *ack = told(fixture, box, "ack");
    assert_string_equal(text_of(ack, "epoch"), box->epoch);
    int64_t seq = number_of(ack, "seq");
    cJSON_Delete(ack);
    return seq;
}

void box_take_config(struct fixture *fixture, struct box *box)
{
    cJSON *config = told(fixture, box, "config");
    struct grant grants[GRANTS_MAX];
    const cJSON *item;
    size_t count = 0;
    uint8_t key[KIT_KEY_BYTES];
    char mac[KIT_MAC_HEX_SIZE];

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(config, "grants"))
    {
        struct grant *grant = &grants[count++];
        grant->id = number_of(item, "id");
        grant->compartment = (int)number_of(item, "compartment");
        grant->not_before_ms = number_of(item, "notBefore");
        grant->expires_at_ms = number_of(item, "expiresAt");
        kit_text_copy(grant->code_hash, sizeof(grant->code_hash), text_of(item, "codeHash"));
    }
    fake_key(box->name, key);
    const struct grant_device device = { "main", box->name, key, protocol_of(config) };
    const struct grant_config told_config = { number_of(config, "revision"),
                                              number_of(config, "now"), grants, count };
    grant_config_mac(&device, &told_config, mac);
    assert_string_equal(text_of(config, "mac"), mac);
    assert_true(number_of(config, "revision") >= box->revision);
    box->revision = number_of(config, "revision");
    cJSON_Delete(config);
}

int64_t grant_of_code(struct fixture *fixture, const struct box *box, const char *code)
{
    cJSON *config = told(fixture, box, "config");
    const cJSON *item;
    int64_t found = 0;
    uint8_t key[KIT_KEY_BYTES];
    char hash[KIT_MAC_HEX_SIZE];

    fake_key(box->name, key);
    const struct grant_device device = { "main", box->name, key, GRANT_PROTOCOL_1 };
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(config, "grants"))
    {
        grant_code_hash(&device, number_of(item, "id"), code, hash);
        if (strcmp(hash, text_of(item, "codeHash")) == 0)
            found = number_of(item, "id");
    }
    cJSON_Delete(config);
    return found;
}

size_t grants_told(struct fixture *fixture, const struct box *box)
{
    cJSON *config = told(fixture, box, "config");
    size_t count = (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(config, "grants"));
    cJSON_Delete(config);
    return count;
}

void feed_product(struct fixture *fixture, int id, const char *size)
{
    char json[256], subject[32];
    (void)snprintf(json, sizeof(json),
                   "{\"id\":%d,\"name\":\"Desk\",\"registeredQty\":10,\"registration\":1,"
                   "\"version\":1,\"tracking\":\"bulk\",\"size\":\"%s\"}",
                   id, size);
    (void)snprintf(subject, sizeof(subject), "product/%d", id);
    struct fake_event event = {
        "product", ++fixture->product_seq, "ProductSaved", subject, 1, json
    };
    fake_event(&fixture->delivery, &event);
}

void feed_locker_order(struct fixture *fixture, int id, int qty, const char *wished)
{
    char json[512], subject[32], wish[64] = "";
    if (wished[0] != '\0')
        (void)snprintf(wish, sizeof(wish), ",\"locker\":\"%s\"", wished);
    (void)snprintf(
        json, sizeof(json),
        "{\"id\":%d,\"productId\":7,\"qty\":%d,\"fulfilment\":\"locker\"%s,"
        "\"status\":\"ORDERED\",\"version\":1,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}",
        id, qty, wish);
    (void)snprintf(subject, sizeof(subject), "rental/%d", id);
    struct fake_event event = {
        "rental", ++fixture->rental_seq, "RentalOrdered", subject, 1, json
    };
    fake_event(&fixture->delivery, &event);
}

void feed_step(struct fixture *fixture, int id, const char *type)
{
    char json[160], subject[32];
    (void)snprintf(json, sizeof(json),
                   "{\"deliveryId\":%d,\"productId\":7,\"qty\":1,\"version\":2}", id);
    (void)snprintf(subject, sizeof(subject), "reservation/%d", id);
    struct fake_event event = { "stock", ++fixture->stock_seq, type, subject, 2, json };
    fake_event(&fixture->delivery, &event);
}

void feed_released(struct fixture *fixture, int id)
{
    char json[160], subject[32];
    (void)snprintf(json, sizeof(json), "{\"deliveryId\":%d,\"productId\":7,\"qty\":1}", id);
    (void)snprintf(subject, sizeof(subject), "reservation/%d", id);
    struct fake_event event = { "stock", ++fixture->stock_seq, "StockReleased", subject, 3, json };
    fake_event(&fixture->delivery, &event);
}

void feed_request(struct fixture *fixture, const struct box *box, const struct request_for *asked)
{
    char text[2048], time[KIT_TIME_TEXT_SIZE];
    int64_t seq = ++fixture->stock_seq;

    kit_time_to_text(asked->time_ms, time);
    (void)fake_answer(&fixture->delivery, "stock", "replay", NULL, /* a first contact */
                      "{\"epoch\":\"" FAKE_EPOCH "\",\"head\":0,\"events\":[]}");
    (void)snprintf(text, sizeof(text),
                   "[{\"specversion\":\"1.0\",\"id\":\"stock:%s:%" PRId64
                   "\",\"source\":\"stock\",\"type\":\"CompartmentRequested\","
                   "\"subject\":\"reservation/%d\",\"time\":\"%s\",\"epoch\":\"%s\","
                   "\"sequence\":\"%" PRId64 "\",\"version\":3,"
                   "\"datacontenttype\":\"application/json\",\"data\":{\"deliveryId\":%d,"
                   "\"locker\":\"%s\",\"compartment\":%d,\"purpose\":\"%s\","
                   "\"scanner\":\"scanner-1\"}}]",
                   FAKE_EPOCH, seq, asked->id, time, FAKE_EPOCH, seq, asked->id, box->name,
                   asked->compartment, asked->purpose);
    const struct kit_message message = {
        .topic = "lockstock/v1/stream/stock",
        .payload = text,
        .payload_size_bytes = strlen(text),
        .qos = 1,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(fixture->delivery.service, &message);
    fake_settle(&fixture->delivery);
}

void feed_requested(struct fixture *fixture, int id, const struct box *box, int compartment,
                    const char *purpose)
{
    const struct request_for asked = { id, compartment, purpose, fixture->world->wall_ms };
    feed_request(fixture, box, &asked);
}

void pick(struct fixture *fixture, int id, int qty, const char *wished)
{
    feed_locker_order(fixture, id, qty, wished);
    feed_reserved(fixture, id);
    feed_step(fixture, id, "StockPicked");
}

void box_effect(struct fixture *fixture, struct box *box, const char *effect)
{
    cJSON *cmd = told(fixture, box, "cmd");
    uint8_t key[KIT_KEY_BYTES];
    char mac[KIT_MAC_HEX_SIZE], members[RECORD_SIZE - 64];

    fake_key(box->name, key);
    const struct grant_device device = { "main", box->name, key, protocol_of(cmd) };
    const struct grant_command command = { .id = text_of(cmd, "id"),
                                           .action = text_of(cmd, "action"),
                                           .compartment = (int)number_of(cmd, "compartment"),
                                           .expires_at_ms = number_of(cmd, "expiresAt"),
                                           .boot = box->boot };
    grant_command_mac(&device, &command, mac);
    assert_string_equal(text_of(cmd, "mac"), mac);
    (void)snprintf(members, sizeof(members),
                   "\"kind\":\"command\",\"commandId\":\"%s\",\"compartment\":%d,\"effect\":\"%s\"",
                   text_of(cmd, "id"), command.compartment, effect);
    cJSON_Delete(cmd);
    box_record(fixture, box, members);
}

void box_use(struct fixture *fixture, struct box *box, int64_t grant, int number,
             const char *effect)
{
    char members[RECORD_SIZE - 64];
    (void)snprintf(members, sizeof(members),
                   "\"kind\":\"grant\",\"grantId\":%" PRId64
                   ",\"compartment\":%d,\"effect\":\"%s\"",
                   grant, number, effect);
    box_record(fixture, box, members);
}

void code_of(struct fixture *fixture, int id, char ret_code[GRANT_CODE_SIZE])
{
    char json[32];
    (void)snprintf(json, sizeof(json), "{\"id\":%d}", id);
    const struct fake_message *reply = request(fixture, "bridge", "pickup-code", json);
    assert_reply(reply, "ok", "\"code\":\"");
    cJSON *answer = cJSON_Parse(reply->payload);
    kit_text_copy(ret_code, GRANT_CODE_SIZE, text_of(answer, "code"));
    cJSON_Delete(answer);
}

void box_confirm(struct fixture *fixture, struct box *box)
{
    box_take_config(fixture, box);
    box_hello(fixture, box);
}

void box_code(struct fixture *fixture, struct box *box, int id, int number)
{
    char code[GRANT_CODE_SIZE];
    box_confirm(fixture, box);
    code_of(fixture, id, code);
    int64_t grant = grant_of_code(fixture, box, code);
    assert_true(grant > 0);
    box_use(fixture, box, grant, number, "opened");
    box_door(fixture, box, number, "open", "present");
}

const struct fake_message *cancel_locker(struct fixture *fixture, int id, int qty)
{
    char json[128];
    (void)snprintf(json, sizeof(json),
                   "{\"rentalId\":%d,\"productId\":7,\"qty\":%d,\"fulfilment\":\"locker\"}", id,
                   qty);
    return request(fixture, "rental", "cancel", json);
}

struct box box_ready(struct fixture *fixture, const char *name, const char *sizes)
{
    struct box box = box_named(name);
    box_state(fixture, &box, "online", sizes);
    for (int number = 1; number <= (int)strlen(sizes); number++)
        box_door(fixture, &box, number, "closed", "absent");
    box_take_config(fixture, &box);
    box_hello(fixture, &box);
    return box;
}

void load(struct fixture *fixture, struct box *box, int id, int number)
{
    feed_requested(fixture, id, box, number, "load");
    box_effect(fixture, box, "opened");
    box_door(fixture, box, number, "open", "absent");
    box_door(fixture, box, number, "open", "present");
    box_door(fixture, box, number, "closed", "present");
    box_take_config(fixture, box);
    box_hello(fixture, box);
    assert_int_equal(status_of(fixture, id), DELIVERY_STATUS_READY);
}

struct box shop(struct fixture *fixture, const char *size, const char *sizes)
{
    feed_product(fixture, 7, size);
    return box_ready(fixture, "locker-1", sizes);
}

struct box shop_with_ready(struct fixture *fixture, const char *sizes)
{
    struct box box = shop(fixture, "S", sizes);
    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    return box;
}

void open_and_close(struct fixture *fixture, struct box *box, int id, int number,
                    const char *sensed)
{
    feed_requested(fixture, id, box, number, "load");
    box_effect(fixture, box, "opened");
    box_door(fixture, box, number, "open", "absent");
    box_door(fixture, box, number, "closed", sensed);
}

int64_t sql_of(struct fixture *fixture, int id, const char *column)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "SELECT %s FROM delivery WHERE id = %d", column, id);
    return sql_int(fixture, sql);
}

void pass_time(struct fixture *fixture, int64_t ms)
{
    fake_world_advance(fixture->world, ms);
    fake_settle(&fixture->delivery);
}

void assert_reason(struct fixture *fixture, int id, const char *part)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT instr(coalesce(reason, ''), '%s') > 0 FROM delivery WHERE id = %d", part,
                   id);
    if (sql_int(fixture, sql) != 1)
        fail_msg("the reason of %d does not say: %s", id, part);
}
