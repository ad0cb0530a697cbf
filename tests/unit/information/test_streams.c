/* The two streams become one table: what customers see on the way, and that every interleaving of
 * the same streams, with repetitions and restarts, gives the same table (rules 1.5, 1.6). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/fakes.h"
#include "information/service.h"
#include "kit/base/text.h"
#include "kit/base/time.h"

#define ROUNDS 20
#define ORDERS 12
#define EVENTS_MAX (3 * ORDERS)
#define DUMP_SIZE 16384
#define SPOT                                                                                       \
    ",\"locker\":\"locker-1\",\"compartment\":3,\"compartmentUse\":\"loaded\","                    \
    "\"collectBy\":\"2026-01-03T00:00:00.000Z\""
#define START_MS INT64_C(1767225600000)

/* One event of a stream, as its source's log has it. */
struct happening {
    const char *source;
    int64_t seq;
    int id;
    int version;
    const char *type;
    const char *status;
    const char *reason; /* "" if none */
    int64_t time_ms;
};

struct stream {
    struct happening items[EVENTS_MAX];
    size_t count;
};

static uint64_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

static void data_of(const struct happening *event, char *ret_json, size_t size_bytes)
{
    char ordered_at[KIT_TIME_TEXT_SIZE];
    const char *quote = event->reason[0] != '\0' ? "\"" : "";
    const char *member = event->reason[0] != '\0' ? ",\"reason\":\"" : "";

    kit_time_to_text(START_MS + event->id, ordered_at);
    if (strcmp(event->source, "rental") == 0)
        (void)snprintf(ret_json, size_bytes,
                       "{\"id\":%d,\"productId\":7,\"productName\":\"Desk\",\"qty\":3,"
                       "\"fulfilment\":\"direct\",\"status\":\"%s\"%s%s%s,\"version\":%d,"
                       "\"orderedAt\":\"%s\"}",
                       event->id, event->status, member, event->reason, quote, event->version,
                       ordered_at);
    else
        (void)snprintf(ret_json, size_bytes,
                       "{\"id\":%d,\"rentalId\":%d,\"productId\":7,\"qty\":3,"
                       "\"fulfilment\":\"direct\",\"status\":\"%s\"%s%s%s,\"version\":%d%s}",
                       event->id, event->id, event->status, member, event->reason, quote,
                       event->version, strcmp(event->status, "READY") == 0 ? SPOT : "");
}

static void feed(struct fake_service *fake, const struct happening *event)
{
    char text[2048], data[1024], time[KIT_TIME_TEXT_SIZE], topic[KIT_TOPIC_SIZE];

    /* A first contact asks for what is missing: nothing is. */
    (void)snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"head\":%" PRId64 ",\"events\":[]}",
                   FAKE_EPOCH, event->seq - 1);
    (void)fake_answer(fake, event->source, "replay", NULL, text);

    data_of(event, data, sizeof(data));
    kit_time_to_text(event->time_ms, time);
    (void)snprintf(topic, sizeof(topic), "lockstock/v1/stream/%s", event->source);
    (void)snprintf(text, sizeof(text),
                   "[{\"specversion\":\"1.0\",\"id\":\"%s:%s:%" PRId64 "\",\"source\":\"%s\","
                   "\"type\":\"%s\",\"subject\":\"%s/%d\",\"time\":\"%s\",\"epoch\":\"%s\","
                   "\"sequence\":\"%" PRId64 "\",\"version\":%d,"
                   "\"datacontenttype\":\"application/json\",\"data\":%s}]",
                   event->source, FAKE_EPOCH, event->seq, event->source, event->type, event->source,
                   event->id, time, FAKE_EPOCH, event->seq, event->version, data);
    struct kit_message message = {
        .topic = topic,
        .payload = text,
        .payload_size_bytes = strlen(text),
        .qos = 1,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    kit_service_on_message(fake->service, &message);
    fake_settle(fake);
}

static void add(struct stream *stream, struct happening event)
{
    event.seq = (int64_t)stream->count + 1;
    stream->items[stream->count++] = event;
}

/* Every kind of life that an order can have, one after the other; times deliberately jump about. */
static void live(struct stream *rental, struct stream *delivery)
{
    static const char *const ends[] = { "DELIVERED", "CANCELED", "CANCELED_OutOfStock",
                                        "CANCELED_UnregisteredProduct", "READY" };
    *rental = *delivery = (struct stream){ 0 };
    for (int id = 1; id <= ORDERS; id++) {
        const char *end = ends[id % 5];
        const char *why = id % 5 >= 2 ? "for a reason" : "";
        int64_t time_ms = START_MS + (id * 7919) % 100;

        add(rental,
            (struct happening){ "rental", 0, id, 1, "RentalOrdered", "ORDERED", "", time_ms });
        add(delivery, (struct happening){ "delivery", 0, id, 1, "DeliveryRequested", "REQUESTED",
                                          "", time_ms + 5 });
        add(delivery, (struct happening){ "delivery", 0, id, 2, "DeliveryUpdated", end, why,
                                          time_ms + 30 - id });
        add(rental,
            (struct happening){ "rental", 0, id, 2,
                                strcmp(end, "CANCELED") == 0 ? "RentalCanceled" : "RentalUpdated",
                                end, why, time_ms + 20 });
    }
}

/* Both tables as text. */
static void dump(struct fake_service *fake, char *ret_text, size_t size_bytes)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(
            kit_db_handle(kit_service_db(fake->service)),
            "SELECT group_concat(concat, char(10)) FROM (SELECT quote(rental_id) ||"
            " quote(product_id) || quote(product_name) || quote(rental_qty) ||"
            " quote(rental_status) || quote(rental_reason) || quote(rental_version) ||"
            " quote(ordered_at_ms) || quote(delivery_status) || quote(delivery_reason) ||"
            " quote(delivery_version) || quote(updated_at_ms) || quote(locker) ||"
            " quote(compartment) || quote(collect_by_ms) AS concat FROM my_order"
            " UNION ALL SELECT quote(rental_id) || quote(at_ms) || quote(type) || quote(version) ||"
            " quote(status) || quote(reason) || quote(locker) || quote(compartment) || quote(actor)"
            " FROM step ORDER BY 1)",
            -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    kit_text_copy(ret_text, size_bytes, (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* Mixes the two streams at random; now and then repeats an event that is through, or restarts. */
static void run(const struct stream *rental, const struct stream *delivery, uint64_t seed,
                char *ret_dump)
{
    struct fake_world *world = fake_world_new(seed);
    struct fake_service fake = fake_service_open(world, &information_service, NULL, 0);
    uint64_t random = seed;
    size_t r = 0, d = 0;

    while (r < rental->count || d < delivery->count) {
        bool takes_rental = d == delivery->count ||
                            (r < rental->count && next_random(&random) % 2 == 0);
        feed(&fake, takes_rental ? &rental->items[r++] : &delivery->items[d++]);
        if (r > 0 && next_random(&random) % 4 == 0)
            feed(&fake, &rental->items[next_random(&random) % r]);
        if (d > 0 && next_random(&random) % 4 == 0)
            feed(&fake, &delivery->items[next_random(&random) % d]);
        if (next_random(&random) % 32 == 0)
            fake_service_reopen(&fake);
    }
    dump(&fake, ret_dump, DUMP_SIZE);
    assert_int_equal(fake_sql_int(&fake, "SELECT count(*) FROM dead_letter"), 0);
    fake_service_close(&fake);
    fake_world_free(world);
}

static void test_every_interleaving_gives_the_same_table(void **state)
{
    (void)state;
    static struct stream rental, delivery;
    static char expected[DUMP_SIZE], got[DUMP_SIZE];

    live(&rental, &delivery);
    run(&rental, &delivery, 1, expected);
    assert_non_null(strstr(expected, "'for a reason'"));
    for (uint64_t seed = 2; seed <= ROUNDS; seed++) { /* each a rebuild from an empty database */
        run(&rental, &delivery, seed, got);
        if (strcmp(expected, got) != 0)
            fail_msg("seed %" PRIu64 " gives\n%s\ninstead of\n%s", seed, got, expected);
    }
}

struct fixture {
    struct fake_world *world;
    struct fake_service fake;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.world = fake_world_new(7);
    fixture.fake = fake_service_open(fixture.world, &information_service, NULL, 0);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_service_close(&fixture->fake);
    fake_world_free(fixture->world);
    return 0;
}

static void assert_answer(struct fixture *fixture, const char *method, const char *json,
                          const char *status, const char *part)
{
    const struct fake_message *reply = fake_request(&fixture->fake, "bridge", method, "", json);
    assert_non_null(reply);
    if (strcmp(reply->status, status) != 0 || strstr(reply->payload, part) == NULL)
        fail_msg("%s %s; expected %s with %s", reply->status, reply->payload, status, part);
}

/* A customer can follow: where the goods wait, and until when; and nothing of it afterwards. */
static void test_order_ready_shows_locker_and_time_until_it_is_collected(void **state)
{
    struct fixture *fixture = *state;
    static const struct happening events[] = {
        { "rental", 1, 1, 1, "RentalOrdered", "ORDERED", "", START_MS + 10 },
        { "delivery", 1, 1, 4, "DeliveryUpdated", "READY", "", START_MS + 20 },
        { "rental", 2, 1, 2, "RentalUpdated", "READY", "", START_MS + 25 },
        { "delivery", 2, 1, 5, "DeliveryUpdated", "DELIVERED", "", START_MS + 30 },
    };

    for (size_t i = 0; i < 3; i++)
        feed(&fixture->fake, &events[i]);
    assert_answer(fixture, "get", "{\"id\":1}", "ok",
                  "\"rentalStatus\":\"READY\",\"deliveryStatus\":\"READY\"");
    assert_answer(fixture, "get", "{\"id\":1}", "ok",
                  "\"locker\":\"locker-1\",\"compartment\":3,"
                  "\"collectBy\":\"2026-01-03T00:00:00.000Z\"}");
    feed(&fixture->fake, &events[3]);
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"deliveryStatus\":\"DELIVERED\"");
    assert_int_equal(fake_sql_int(&fixture->fake, "SELECT count(*) FROM my_order"
                                                  " WHERE locker IS NULL AND compartment IS NULL"
                                                  " AND collect_by_ms IS NULL"),
                     1);
}

static void test_order_is_shown_step_by_step(void **state)
{
    struct fixture *fixture = *state;
    static const struct happening events[] = {
        { "rental", 1, 1, 1, "RentalOrdered", "ORDERED", "", START_MS + 10 },
        { "delivery", 1, 1, 1, "DeliveryRequested", "REQUESTED", "", START_MS + 20 },
        { "delivery", 2, 1, 2, "DeliveryUpdated", "CANCELED_OutOfStock", "3 ordered, 1 available",
          START_MS + 30 },
        { "rental", 2, 1, 2, "RentalUpdated", "CANCELED_OutOfStock", "3 ordered, 1 available",
          START_MS + 25 },
    };

    feed(&fixture->fake, &events[0]);
    assert_answer(fixture, "get", "{\"id\":1}", "ok",
                  "{\"id\":1,\"rentalId\":1,\"productId\":7,\"productName\":\"Desk\","
                  "\"rentalQty\":3,\"rentalStatus\":\"ORDERED\","
                  "\"orderedAt\":\"2026-01-01T00:00:00.001Z\","
                  "\"updatedAt\":\"2026-01-01T00:00:00.010Z\"}");
    feed(&fixture->fake, &events[1]);
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"deliveryStatus\":\"REQUESTED\"");
    feed(&fixture->fake, &events[2]);
    feed(&fixture->fake, &events[3]);
    assert_answer(fixture, "get", "{\"id\":1}", "ok",
                  "\"rentalStatus\":\"CANCELED_OutOfStock\","
                  "\"deliveryStatus\":\"CANCELED_OutOfStock\","
                  "\"reason\":\"3 ordered, 1 available\"");
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"updatedAt\":\"2026-01-01T00:00:00.030Z\"");
}

/* Rules 1.5. */
static void test_delivery_first_is_kept_and_not_shown(void **state)
{
    struct fixture *fixture = *state;
    static const struct happening delivery = { "delivery",        1,           1,  2,
                                               "DeliveryUpdated", "DELIVERED", "", START_MS };
    static const struct happening rental = { "rental",        1,         1,  1,
                                             "RentalOrdered", "ORDERED", "", START_MS };

    feed(&fixture->fake, &delivery);
    assert_answer(fixture, "get", "{\"id\":1}", "not_found", "There is no order 1");
    assert_answer(fixture, "list", "{\"page\":0,\"size\":5}", "ok", "{\"items\":[],\"total\":0}");
    feed(&fixture->fake, &rental);
    assert_answer(fixture, "get", "{\"id\":1}", "ok",
                  "\"rentalStatus\":\"ORDERED\",\"deliveryStatus\":\"DELIVERED\"");
    assert_answer(fixture, "list", "{\"page\":0,\"size\":5}", "ok", "\"total\":1");
}

/* Rules 1.2: an old version under a new sequence number, as after a restored backup. */
static void test_older_version_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct happening newer = { "rental",         1,          1,  2,
                                            "RentalCanceled", "CANCELED", "", START_MS };
    static const struct happening older = { "rental",        2,         1,  1,
                                            "RentalOrdered", "ORDERED", "", START_MS + 99 };

    feed(&fixture->fake, &newer);
    feed(&fixture->fake, &older);
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"rentalStatus\":\"CANCELED\"");
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"updatedAt\":\"2026-01-01T00:00:00.000Z\"");
}

/* Rules 1.9: rental has lost its database. The other order would never be shown. */
static void test_another_order_of_a_known_number_is_parked(void **state)
{
    struct fixture *fixture = *state;
    static const struct happening one = { "rental",        1,         1,  1,
                                          "RentalOrdered", "ORDERED", "", START_MS };
    struct fake_event other = {
        .source = "rental",
        .seq = 2,
        .type = "RentalOrdered",
        .subject = "rental/1",
        .version = 1,
        .data = "{\"id\":1,\"productId\":7,\"qty\":4,\"fulfilment\":\"direct\","
                "\"status\":\"ORDERED\",\"version\":1,\"orderedAt\":\"2026-01-01T00:00:00.009Z\"}",
    };

    feed(&fixture->fake, &one);
    fake_event(&fixture->fake, &other);
    assert_int_equal(fake_sql_int(&fixture->fake, "SELECT count(*) FROM dead_letter"), 1);
    assert_answer(fixture, "get", "{\"id\":1}", "ok", "\"rentalQty\":3");
}

static void test_bad_requests_are_invalid(void **state)
{
    struct fixture *fixture = *state;
    assert_answer(fixture, "get", "{\"id\":0}", "invalid", "/id");
    assert_answer(fixture, "get", "{}", "invalid", "/id");
    assert_answer(fixture, "list", "{\"page\":0,\"size\":0}", "invalid", "/size");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_interleaving_gives_the_same_table),
        TEST(test_order_ready_shows_locker_and_time_until_it_is_collected),
        TEST(test_order_is_shown_step_by_step),
        TEST(test_delivery_first_is_kept_and_not_shown),
        TEST(test_older_version_changes_nothing),
        TEST(test_another_order_of_a_known_number_is_parked),
        TEST(test_bad_requests_are_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
