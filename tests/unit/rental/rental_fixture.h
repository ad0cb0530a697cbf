/* A real rental service on simulated ports, and how its tests talk to it. One test process, one
 * thread. */
#ifndef TESTS_UNIT_RENTAL_RENTAL_FIXTURE_H
#define TESTS_UNIT_RENTAL_RENTAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fakes.h"
#include "rental/service.h"

#define CANCEL_TIMEOUT_MS 610
#define BREAKER_FAILURES 5
#define BREAKER_OPEN_MS 2000
#define CANCEL_TOPIC "lockstock/v1/rpc/delivery/cancel/rental"

struct fixture {
    struct fake_world *world;
    struct fake_service rental;
    int64_t delivery_seq; /* events fed so far */
    int64_t product_seq;
    int64_t stock_seq;
    int key_count;
};

static const struct kit_setting FIXTURE_SETTINGS[] = {
    { "cancel-timeout-ms", CANCEL_TIMEOUT_MS },
    { "breaker-failures", BREAKER_FAILURES },
    { "breaker-open-ms", BREAKER_OPEN_MS },
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .world = fake_world_new(7) };
    fixture.rental = fake_service_open(fixture.world, &rental_service, FIXTURE_SETTINGS,
                                       KIT_COUNT(FIXTURE_SETTINGS));
    fake_presence(&fixture.rental, "delivery", true, 1);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_service_close(&fixture->rental);
    fake_world_free(fixture->world);
    return 0;
}

/* Under a key of its own. NULL: no reply yet. */
static inline const struct fake_message *request(struct fixture *fixture, const char *method,
                                                 const char *json)
{
    char key[32];
    (void)snprintf(key, sizeof(key), "test-%d", ++fixture->key_count);
    return fake_request(&fixture->rental, "bridge", method, key, json);
}

static inline void assert_reply(const struct fake_message *reply, const char *status,
                                const char *part)
{
    assert_non_null(reply);
    if (strcmp(reply->status, status) != 0 || strstr(reply->payload, part) == NULL)
        fail_msg("%s %s; expected %s with %s", reply->status, reply->payload, status, part);
}

/* An order of 3 pieces of product 7. */
static inline void order(struct fixture *fixture)
{
    assert_reply(
        request(fixture, "create", "{\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\"}"), "ok",
        "\"status\":\"ORDERED\"");
}

static inline int64_t status_of(struct fixture *fixture, int id)
{
    char sql[96];
    (void)snprintf(sql, sizeof(sql), "SELECT status FROM rental WHERE id = %d", id);
    return fake_sql_int(&fixture->rental, sql);
}

static inline int64_t log_size(struct fixture *fixture)
{
    return fake_sql_int(&fixture->rental, "SELECT count(*) FROM event_log");
}

static inline void assert_log(struct fixture *fixture, int64_t seq, const char *type,
                              const char *part)
{
    char row[4096];
    assert_true(fake_log_row(&fixture->rental, seq, row, sizeof(row)));
    if (strstr(row, type) == NULL || strstr(row, part) == NULL)
        fail_msg("%s; expected %s with %s", row, type, part);
}

/* What delivery says: its snapshot of the order above. */
struct delivery_told {
    int id;
    const char *status;
    int version;
    const char *reason; /* "": none */
};

static inline void delivery_json(char *ret_json, size_t size_bytes, struct delivery_told told)
{
    (void)snprintf(ret_json, size_bytes,
                   "{\"id\":%d,\"rentalId\":%d,\"productId\":7,\"qty\":3,\"fulfilment\":\"direct\","
                   "\"status\":\"%s\"%s%s%s,\"version\":%d",
                   told.id, told.id, told.status, told.reason[0] != '\0' ? ",\"reason\":\"" : "",
                   told.reason, told.reason[0] != '\0' ? "\"" : "", told.version);
}

static inline void feed_delivery(struct fixture *fixture, int id, const char *status, int version,
                                 const char *reason)
{
    char json[1200], subject[32];
    delivery_json(json, sizeof(json) - 2, (struct delivery_told){ id, status, version, reason });
    strncat(json, "}", 2);
    (void)snprintf(subject, sizeof(subject), "delivery/%d", id);
    struct fake_event event = {
        .source = "delivery",
        .seq = ++fixture->delivery_seq,
        .type = strcmp(status, "REQUESTED") == 0 ? "DeliveryRequested" : "DeliveryUpdated",
        .subject = subject,
        .version = version,
        .data = json,
    };
    fake_event(&fixture->rental, &event);
}

/* Delivery answers the newest cancel. */
static inline void answer_cancel(struct fixture *fixture, int id, const char *status, int version,
                                 const char *reason)
{
    char json[1200];
    delivery_json(json, sizeof(json) - 64, (struct delivery_told){ id, status, version, reason });
    strncat(json, ",\"updatedAt\":\"2026-01-01T00:00:00.000Z\"}", 64);
    assert_true(fake_answer(&fixture->rental, "delivery", "cancel", NULL, json));
}

/* The newest reply to the bridge. */
static inline const struct fake_message *last_reply(struct fixture *fixture)
{
    return fake_last(fixture->world, "lockstock/v1/reply/bridge/rental");
}

static inline void assert_metric(struct fixture *fixture, const char *line)
{
    struct kit_buf out;
    kit_buf_init(&out, 1 << 20);
    kit_service_metrics(fixture->rental.service, &out);
    if (strstr(out.data, line) == NULL)
        fail_msg("no %s in the metrics:\n%s", line, out.data);
    kit_buf_done(&out);
}

#endif
