/* The story of an order: a step for every event of it, in the order in which they were said, once
 * (rules 3); and an old database reads what was said before for it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "information/store.h"
#include "information_fixture.h"

#define RENTAL                                                                                     \
    "{\"id\":1,\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\",\"status\":\"%s\",\"version\":" \
    "%d,\"orderedAt\":\"2026-01-01T00:00:00.000Z\"}"
#define DELIVERY                                                                                   \
    "{\"id\":1,\"rentalId\":1,\"productId\":7,\"qty\":3,\"fulfilment\":\"locker\",\"status\":\"%s" \
    "\",\"version\":%d%s}"
#define SPOT                                                                                       \
    ",\"locker\":\"locker-1\",\"compartment\":3,\"compartmentUse\":\"loaded\","                    \
    "\"collectBy\":\"2026-01-03T00:00:00.000Z\""

/* An event of order 1, now; the wall clock then moves on by a second. */
static void say(struct fixture *f, struct fake_event event)
{
    char subject[32];
    (void)snprintf(subject, sizeof(subject), "%s/1",
                   strcmp(event.source, "stock") == 0 ? "reservation" : event.source);
    event.subject = subject;
    fake_event(&f->fake, &event);
    f->world->wall_ms += 1000;
}

/* About its goods; data NULL: what most say. */
static void say_stock(struct fixture *f, int64_t seq, const char *type, const char *data)
{
    say(f, (struct fake_event){ "stock", seq, type, NULL, seq,
                                data != NULL ? data
                                             : "{\"deliveryId\":1,\"productId\":7,\"qty\":3}" });
}

static void say_rental(struct fixture *f, int64_t seq, const char *type, const char *status,
                       int version)
{
    char data[512];
    (void)snprintf(data, sizeof(data), RENTAL, status, version);
    say(f, (struct fake_event){ "rental", seq, type, NULL, version, data });
}

static void say_delivery(struct fixture *f, int64_t seq, const char *type, const char *status,
                         int version)
{
    char data[512];
    (void)snprintf(data, sizeof(data), DELIVERY, status, version,
                   strcmp(status, "READY") == 0 ? SPOT : "");
    say(f, (struct fake_event){ "delivery", seq, type, NULL, version, data });
}

static const struct fake_message *ask(struct fixture *f)
{
    const struct fake_message *reply = fake_request(&f->fake, "bridge", "story", "", "{\"id\":1}");
    assert_non_null(reply);
    return reply;
}

/* Rules 3.1, 3.3. */
static void test_story_tells_every_event_of_the_order(void **state)
{
    static const char STORY[] =
        "{\"items\":["
        "{\"at\":\"2026-01-01T00:00:00.000Z\",\"source\":\"rental\",\"type\":\"RentalOrdered\","
        "\"status\":\"ORDERED\"},"
        "{\"at\":\"2026-01-01T00:00:01.000Z\",\"source\":\"delivery\","
        "\"type\":\"DeliveryRequested\",\"status\":\"REQUESTED\"},"
        "{\"at\":\"2026-01-01T00:00:02.000Z\",\"source\":\"stock\",\"type\":\"StockReserved\"},"
        "{\"at\":\"2026-01-01T00:00:03.000Z\",\"source\":\"stock\",\"type\":\"StockPicked\","
        "\"actor\":\"scanner-2\"},"
        "{\"at\":\"2026-01-01T00:00:04.000Z\",\"source\":\"stock\","
        "\"type\":\"CompartmentRequested\",\"locker\":\"locker-1\",\"compartment\":3,"
        "\"actor\":\"scanner-1\"},"
        "{\"at\":\"2026-01-01T00:00:05.000Z\",\"source\":\"delivery\","
        "\"type\":\"DeliveryUpdated\",\"status\":\"READY\",\"locker\":\"locker-1\","
        "\"compartment\":3},"
        "{\"at\":\"2026-01-01T00:00:06.000Z\",\"source\":\"rental\",\"type\":\"RentalCanceled\","
        "\"status\":\"CANCELED\"},"
        "{\"at\":\"2026-01-01T00:00:07.000Z\",\"source\":\"stock\",\"type\":\"StockReleased\"}"
        "]}";
    struct fixture *f = *state;

    say_rental(f, 1, "RentalOrdered", "ORDERED", 1);
    say_delivery(f, 1, "DeliveryRequested", "REQUESTED", 1);
    say_stock(f, 1, "StockReserved", NULL);
    say_stock(f, 2, "StockPicked",
              "{\"deliveryId\":1,\"productId\":7,\"qty\":3,\"version\":2,\"tote\":\"T1\"}");
    fake_event(&f->fake, &(struct fake_event){ "stock", 3, "StockScanned", "reservation/1", 2,
                                               "{\"deliveryId\":1,\"step\":\"StockPicked\","
                                               "\"scanner\":\"scanner-2\"}" });
    say_stock(f, 4, "CompartmentRequested",
              "{\"deliveryId\":1,\"locker\":\"locker-1\",\"compartment\":3,\"purpose\":\"load\","
              "\"scanner\":\"scanner-1\"}");
    say_delivery(f, 2, "DeliveryUpdated", "READY", 4);
    say_rental(f, 2, "RentalCanceled", "CANCELED", 3);
    say_stock(f, 5, "StockReleased", NULL);
    const struct fake_message *reply = ask(f);
    assert_string_equal(reply->status, "ok");
    assert_string_equal(reply->payload, STORY);
}

static void test_rejection_says_its_reason(void **state)
{
    struct fixture *f = *state;
    say_rental(f, 1, "RentalOrdered", "ORDERED", 1);
    say_stock(f, 1, "StockRejected",
              "{\"deliveryId\":1,\"productId\":7,\"qty\":3,\"reason\":\"out_of_stock\","
              "\"availableQty\":1}");
    assert_non_null(
        strstr(ask(f)->payload, "\"type\":\"StockRejected\",\"reason\":\"out_of_stock\"}]"));
}

/* Rules 3.1: the time is the device's, and a report without an order is no step. */
static void test_doors_of_the_order_are_steps_of_its_story(void **state)
{
    struct fixture *f = *state;
    say_rental(f, 1, "RentalOrdered", "ORDERED", 1);
    say(f, (struct fake_event){ "delivery", 1, "DoorReported", NULL, 8,
                                "{\"locker\":\"locker-1\",\"at\":\"2026-01-01T00:00:09.000Z\","
                                "\"what\":\"refused\",\"by\":\"code\",\"compartment\":3,"
                                "\"deliveryId\":1,\"refusal\":\"already_used\"}" });
    say(f, (struct fake_event){ "delivery", 2, "DoorReported", NULL, 9,
                                "{\"locker\":\"locker-1\",\"at\":\"2026-01-01T00:00:09.000Z\","
                                "\"what\":\"closed\",\"compartment\":3,\"deliveryId\":1}" });
    say(f, (struct fake_event){ "delivery", 3, "DoorReported", NULL, 10,
                                "{\"locker\":\"locker-1\",\"at\":\"2026-01-01T00:00:09.000Z\","
                                "\"what\":\"started\"}" });
    const char *payload = ask(f)->payload;
    static const char DOORS[] =
        "{\"at\":\"2026-01-01T00:00:09.000Z\",\"source\":\"delivery\",\"type\":\"DoorReported\","
        "\"status\":\"refused\",\"reason\":\"already_used\",\"locker\":\"locker-1\","
        "\"compartment\":3,"
        "\"by\":\"code\"},"
        "{\"at\":\"2026-01-01T00:00:09.000Z\",\"source\":\"delivery\",\"type\":\"DoorReported\","
        "\"status\":\"closed\",\"locker\":\"locker-1\",\"compartment\":3}]}";
    if (strstr(payload, DOORS) == NULL)
        fail_msg("%s", payload);
}

static void test_scan_of_a_step_that_is_not_there_is_passed_over(void **state)
{
    struct fixture *f = *state;
    say_rental(f, 1, "RentalOrdered", "ORDERED", 1);
    say_stock(f, 1, "StockScanned",
              "{\"deliveryId\":1,\"step\":\"StockPicked\",\"scanner\":\"scanner-2\"}");
    assert_null(strstr(ask(f)->payload, "scanner-2"));
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(*) FROM dead_letter"), 0);
}

/* Rules 3.2: stale for the view, and a step all the same; said again, it is no other. */
static void test_stale_event_is_a_step_and_a_repeated_one_is_none(void **state)
{
    struct fixture *f = *state;
    say_rental(f, 1, "RentalUpdated", "DELIVERED", 2);
    say_rental(f, 2, "RentalOrdered", "ORDERED", 1);
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(*) FROM step"), 2);
    f->world->wall_ms -= 1000; /* the event of before, under another number */
    say_rental(f, 3, "RentalOrdered", "ORDERED", 1);
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(*) FROM step"), 2);
    assert_int_equal(fake_sql_int(&f->fake, "SELECT rental_status FROM my_order"), 2);
    say_rental(f, 4, "RentalUpdated", "RETURNED", 3); /* and nothing waits behind it */
    assert_int_equal(fake_sql_int(&f->fake, "SELECT rental_status FROM my_order"), 9);
}

static void test_story_of_an_order_that_is_not_shown_is_not_found(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(ask(f)->status, "not_found");
    say_stock(f, 1, "StockReserved", NULL);
    say_delivery(f, 1, "DeliveryRequested", "REQUESTED", 1);
    assert_string_equal(ask(f)->status, "not_found");
    say_rental(f, 1, "RentalOrdered", "ORDERED", 1);
    assert_string_equal(ask(f)->status, "ok");
    assert_int_equal(fake_sql_int(&f->fake, "SELECT count(*) FROM step"), 3);
}

/* Rules 3.3. */
static void test_long_story_is_its_newest_steps(void **state)
{
    struct fixture *f = *state;
    const int count = INFORMATION_STEPS_MAX + 2;
    for (int version = 1; version <= count; version++)
        say_rental(f, version, "RentalUpdated", "READY", version);
    const char *payload = ask(f)->payload;
    assert_null(strstr(payload, "00:00:01.000Z"));
    assert_non_null(strstr(payload, "{\"items\":[{\"at\":\"2026-01-01T00:00:02.000Z\""));
    assert_non_null(strstr(payload, "00:03:21.000Z\",\"source\":\"rental\",\"type\":\"RentalUpdated"
                                    "\",\"status\":\"READY\"}]}"));
}

/* Rules 3.4: a database of 0.2 keeps its orders, and asks for the streams from their start. */
static void test_old_database_reads_the_streams_once_more(void **state)
{
    (void)state;
    struct fake_world *world = fake_world_new(2);
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    char path[FAKE_PATH_SIZE];
    struct kit_service_ports ports = fake_ports(world, "information", path);
    struct fixture f = { .world = world };

    assert_int_equal(kit_db_open(&db, &ports.store, information_migrations, 2, &err), KIT_OK);
    assert_int_equal(
        sqlite3_exec(kit_db_handle(db),
                     "INSERT INTO my_order VALUES (1, 7, NULL, 3, 2, NULL, 2, 10, 2, NULL, 2, 20,"
                     " NULL, NULL, NULL);"
                     "INSERT INTO stream_cursor(source, epoch, seq) VALUES ('rental', '" FAKE_EPOCH
                     "', 2),"
                     " ('delivery', '" FAKE_EPOCH "', 2);",
                     NULL, NULL, NULL),
        SQLITE_OK);
    kit_db_close(db);
    f.fake = fake_service_open(world, &information_service, NULL, 0);
    assert_int_equal(fake_sql_int(&f.fake, "SELECT count(*) FROM stream_cursor"), 0);
    assert_string_equal(ask(&f)->payload, "{\"items\":[]}");
    say_rental(&f, 1, "RentalOrdered", "ORDERED", 1);
    say_rental(&f, 2, "RentalUpdated", "DELIVERED", 2);
    assert_int_equal(fake_sql_int(&f.fake, "SELECT rental_status FROM my_order"), 2);
    assert_non_null(strstr(ask(&f)->payload, "\"status\":\"DELIVERED\"}]}"));
    assert_int_equal(fake_sql_int(&f.fake, "SELECT count(*) FROM event_log"), 0);
    assert_int_equal(fake_sql_int(&f.fake, "SELECT count(*) FROM stream_identity"), 1);
    fake_service_close(&f.fake);
    fake_world_free(world);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_story_tells_every_event_of_the_order),
        TEST(test_rejection_says_its_reason),
        TEST(test_doors_of_the_order_are_steps_of_its_story),
        TEST(test_scan_of_a_step_that_is_not_there_is_passed_over),
        TEST(test_stale_event_is_a_step_and_a_repeated_one_is_none),
        TEST(test_story_of_an_order_that_is_not_shown_is_not_found),
        TEST(test_long_story_is_its_newest_steps),
        cmocka_unit_test(test_old_database_reads_the_streams_once_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
