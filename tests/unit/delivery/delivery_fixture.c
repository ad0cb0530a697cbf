/* See delivery_fixture.h. */
#include "delivery_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int set_up(void **state)
{
    return set_up_with_oldest(state, 1);
}

int set_up_with_oldest(void **state, int protocol)
{
    static struct fixture fixture;
    static struct kit_setting settings[] = { { "hold-ms", HOLD_MS },
                                             { "silent-ms", 90000 },
                                             { "oldest-protocol", 1 } };
    settings[2].value = protocol;
    fixture = (struct fixture){ .world = fake_world_new(7) };
    fixture.delivery = fake_service_open(fixture.world, &delivery_service, settings,
                                         KIT_COUNT(settings));
    *state = &fixture;
    return 0;
}

int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_service_close(&fixture->delivery);
    fake_world_free(fixture->world);
    return 0;
}

const struct fake_message *request(struct fixture *fixture, const char *caller, const char *method,
                                   const char *json)
{
    char key[32];
    (void)snprintf(key, sizeof(key), "test-%d", ++fixture->key_count);
    return fake_request(&fixture->delivery, caller, method, key, json);
}

void assert_reply(const struct fake_message *reply, const char *status, const char *part)
{
    assert_non_null(reply);
    if (strcmp(reply->status, status) != 0 || strstr(reply->payload, part) == NULL)
        fail_msg("%s %s; expected %s with %s", reply->status, reply->payload, status, part);
}

void feed_rental(struct fixture *fixture, int id, const char *type, int version)
{
    char json[512], subject[32];
    (void)snprintf(json, sizeof(json),
                   "{\"id\":%d,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\","
                   "\"status\":\"%s\",\"version\":%d,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}",
                   id, strcmp(type, "RentalOrdered") == 0 ? "ORDERED" : "CANCELED", version);
    (void)snprintf(subject, sizeof(subject), "rental/%d", id);
    struct fake_event event = { "rental", ++fixture->rental_seq, type, subject, version, json };
    fake_event(&fixture->delivery, &event);
}

void feed_reserved(struct fixture *fixture, int id)
{
    char json[128], subject[32];
    (void)snprintf(json, sizeof(json), "{\"deliveryId\":%d,\"productId\":7,\"qty\":3}", id);
    (void)snprintf(subject, sizeof(subject), "reservation/%d", id);
    struct fake_event event = { "stock", ++fixture->stock_seq, "StockReserved", subject, 1, json };
    fake_event(&fixture->delivery, &event);
}

void feed_rejected(struct fixture *fixture, int id, const char *reason)
{
    char json[256], subject[32];
    (void)snprintf(json, sizeof(json),
                   "{\"deliveryId\":%d,\"productId\":7,\"qty\":3,\"reason\":\"%s\","
                   "\"availableQty\":1}",
                   id, reason);
    (void)snprintf(subject, sizeof(subject), "reservation/%d", id);
    struct fake_event event = { "stock", ++fixture->stock_seq, "StockRejected", subject, 1, json };
    fake_event(&fixture->delivery, &event);
}

const struct fake_message *cancel(struct fixture *fixture, int id)
{
    char json[128];
    (void)snprintf(json, sizeof(json),
                   "{\"rentalId\":%d,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}", id);
    return request(fixture, "rental", "cancel", json);
}

int64_t sql_int(struct fixture *fixture, const char *sql)
{
    return fake_sql_int(&fixture->delivery, sql);
}

int64_t status_of(struct fixture *fixture, int id)
{
    char sql[96];
    (void)snprintf(sql, sizeof(sql), "SELECT status FROM delivery WHERE id = %d", id);
    return sql_int(fixture, sql);
}

#define OF_DELIVERIES " FROM event_log WHERE instr(envelope, '\"subject\":\"delivery/') > 0"

int64_t log_size(struct fixture *fixture)
{
    return sql_int(fixture, "SELECT count(*)" OF_DELIVERIES);
}

void assert_log(struct fixture *fixture, int64_t number, const char *type, const char *part)
{
    char row[4096], sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT seq" OF_DELIVERIES " ORDER BY seq LIMIT 1 OFFSET %" PRId64, number - 1);
    assert_true(fake_log_row(&fixture->delivery, sql_int(fixture, sql), row, sizeof(row)));
    if (strstr(row, type) == NULL || strstr(row, part) == NULL)
        fail_msg("%s; expected %s with %s", row, type, part);
}

void assert_metric(struct fixture *fixture, const char *line)
{
    struct kit_buf out;
    kit_buf_init(&out, 1 << 20);
    kit_service_metrics(fixture->delivery.service, &out);
    if (strstr(out.data, line) == NULL)
        fail_msg("no %s in the metrics:\n%s", line, out.data);
    kit_buf_done(&out);
}

void sql_run(struct fixture *fixture, const char *sql)
{
    sqlite3 *db = kit_db_handle(kit_service_db(fixture->delivery.service));
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

void freeze(struct fixture *fixture, int id)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "CREATE TRIGGER frozen BEFORE UPDATE ON delivery WHEN OLD.id = %d"
                   " BEGIN SELECT RAISE(ABORT, 'frozen'); END",
                   id);
    sql_run(fixture, sql);
}
