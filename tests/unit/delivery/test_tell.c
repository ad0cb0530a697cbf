/* What the world is told of lockers and doors (rules/delivery.md 10). */
#include "locker_fixture.h"

#define ROW_SIZE 8192

static int64_t count_of(struct fixture *fixture, const char *type)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM event_log WHERE instr(envelope, '\"type\":\"%s\"') > 0",
                   type);
    return sql_int(fixture, sql);
}

static int64_t changes(struct fixture *fixture)
{
    return count_of(fixture, "LockerChanged");
}

static int64_t reports(struct fixture *fixture)
{
    return count_of(fixture, "DoorReported");
}

/* The last event of a type that contains `part`. */
static void last_told(struct fixture *fixture, const char *type, const char *part,
                      char ret_row[ROW_SIZE])
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce(max(seq), 0) FROM event_log WHERE instr(envelope,"
                   " '\"type\":\"%s\"') > 0 AND instr(envelope, '%s') > 0",
                   type, part);
    const int64_t seq = sql_int(fixture, sql);
    if (seq == 0)
        fail_msg("no %s with %s", type, part);
    assert_true(fake_log_row(&fixture->delivery, seq, ret_row, ROW_SIZE));
}

static void assert_told(struct fixture *fixture, const char *type, const char *part)
{
    char row[ROW_SIZE];
    last_told(fixture, type, "", row);
    if (strstr(row, part) == NULL)
        fail_msg("%s; expected %s", row, part);
}

/* The last LockerChanged of a locker says what staff read. */
static void assert_told_as_shown(struct fixture *fixture, const char *locker)
{
    char row[ROW_SIZE], json[64], device[64];
    (void)snprintf(json, sizeof(json), "{\"device\":\"%s\"}", locker);
    (void)snprintf(device, sizeof(device), "\"device\":\"%s\"", locker);
    const struct fake_message *shown = request(fixture, "bridge", "locker-get", json);
    assert_non_null(shown);
    assert_string_equal(shown->status, "ok");
    last_told(fixture, "LockerChanged", device, row);
    if (strstr(row, shown->payload) == NULL)
        fail_msg("%s; shown is %s", row, shown->payload);
}

/* ---- LockerChanged ---- */

static void test_locker_changed_says_what_is_shown_under_one_number(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_named("locker-1");

    box_state(fixture, &box, "online", "SM");
    assert_int_equal(changes(fixture), 1);
    assert_told(fixture, "LockerChanged", "\"subject\":\"locker/1\"");
    assert_told(fixture, "LockerChanged", "\"version\":1,");
    assert_told_as_shown(fixture, "locker-1");
    struct box other = box_named("an-other");
    box_state(fixture, &other, "online", "L");
    assert_told(fixture, "LockerChanged", "\"subject\":\"locker/2\"");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_told(fixture, "LockerChanged", "\"subject\":\"locker/1\"");
    assert_told(fixture, "LockerChanged", "\"version\":2,");
    assert_told_as_shown(fixture, "locker-1");
    box_state(fixture, &box, "offline", "SM");
    pass_time(fixture, KIT_SERVICE_QUIET_MS);
    assert_told(fixture, "LockerChanged", "\"status\":\"offline\"");
    assert_told_as_shown(fixture, "locker-1");
    box_state(fixture, &box, "online", "S");
    assert_told_as_shown(fixture, "locker-1"); /* it has one compartment less */
}

static void test_locker_changed_follows_an_order_through_its_compartment(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    pick(fixture, 1, 1, "");
    assert_told(fixture, "LockerChanged", "\"use\":\"assigned\",\"deliveryId\":1");
    load(fixture, &box, 1, 1);
    assert_told(fixture, "LockerChanged", "\"use\":\"loaded\",\"deliveryId\":1");
    assert_told_as_shown(fixture, "locker-1");
    box_code(fixture, &box, 1, 1);
    assert_told(fixture, "LockerChanged", "\"door\":\"open\"");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_told_as_shown(fixture, "locker-1");
    char row[ROW_SIZE];
    last_told(fixture, "LockerChanged", "", row);
    assert_null(strstr(row, "deliveryId"));
}

/* Rules 8.7: only what it is used for changes, and with no word of the locker. */
static void test_locker_changed_tells_of_a_use_alone(void **state)
{
    struct fixture *fixture = *state;
    (void)shop_with_ready(fixture, "S");
    int64_t before = changes(fixture);
    sql_run(fixture, "UPDATE delivery SET compartment_use = 1 WHERE id = 1");
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, KIT_SERVICE_QUIET_MS);
    assert_int_equal(changes(fixture), before + 1);
    assert_told(fixture, "LockerChanged", "\"use\":\"assigned\"");
}

static void test_nothing_is_told_when_nothing_shown_has_changed(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "SS");
    int64_t before = changes(fixture);

    box_hello(fixture, &box);
    box_door(fixture, &box, 1, "closed", "absent");
    box_up_from(fixture, &box, 1, ""); /* asks how far we are */
    box_state(fixture, &box, "online", "SS");
    pass_time(fixture, TIMER_MS);
    fake_service_reopen(&fixture->delivery);
    box_hello(fixture, &box);
    assert_int_equal(changes(fixture), before);
    box_record(fixture, &box, "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":1");
    assert_int_equal(changes(fixture), before + 1);
    assert_told(fixture, "LockerChanged", "\"wrongCodes\":1");
}

/* Two messages and four records, and one commit. */
static void test_locker_changed_is_said_once_for_a_commit(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "SS");
    int64_t before = changes(fixture);
    char json[2][1024];

    for (int i = 0; i < 2; i++) {
        (void)snprintf(json[i], sizeof(json[i]),
                       "{\"epoch\":\"%s\",\"boot\":1,\"firstSeq\":%d,\"configRevision\":%" PRId64
                       ",\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"records\":["
                       "{\"seq\":%d,\"at\":0,\"kind\":\"door\",\"compartment\":%d,"
                       "\"door\":\"opening\",\"presence\":\"absent\"},"
                       "{\"seq\":%d,\"at\":0,\"kind\":\"door\",\"compartment\":%d,"
                       "\"door\":\"open\",\"presence\":\"absent\"}]}",
                       box.epoch, (int)box.next_seq + 2 * i, box.revision,
                       (int)box.next_seq + 2 * i, i + 1, (int)box.next_seq + 2 * i + 1, i + 1);
        const struct kit_message message = {
            .topic = DEVICE_TOPIC "locker-1/up",
            .payload = json[i],
            .payload_size_bytes = strlen(json[i]),
            .qos = 1,
            .response_topic = "",
            .status = "",
            .key = "",
            .traceparent = "",
        };
        kit_service_on_message(fixture->delivery.service, &message);
    }
    fake_settle(&fixture->delivery);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE door = 3"), 2);
    assert_int_equal(changes(fixture), before + 1);
    assert_told_as_shown(fixture, "locker-1");
}

/* The door closes, but its order cannot change: all of that message is undone. */
static void test_nothing_is_told_of_an_item_that_was_undone(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_code(fixture, &box, 1, 1);
    int64_t told = changes(fixture), reported = reports(fixture);

    freeze(fixture, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    box.next_seq--;
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(changes(fixture), told);
    assert_int_equal(reports(fixture), reported);

    sql_run(fixture, "DROP TRIGGER frozen");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(reports(fixture), reported + 1);
    assert_told_as_shown(fixture, "locker-1");
}

/* What no commit holds was not told either. */
static void test_what_a_crash_took_is_told_when_it_comes_again(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");
    int64_t before = changes(fixture);

    box_state(fixture, &box, "offline", "S"); /* quiet: it waits for a commit */
    fake_service_crash(&fixture->delivery);
    assert_int_equal(changes(fixture), before);
    box_state(fixture, &box, "offline", "S");
    pass_time(fixture, KIT_SERVICE_QUIET_MS);
    assert_int_equal(changes(fixture), before + 1);
    assert_told_as_shown(fixture, "locker-1");
}

static void test_locker_that_falls_silent_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");
    pass_time(fixture, 91000);
    pass_time(fixture, TIMER_MS);
    assert_told(fixture, "LockerChanged", "\"status\":\"offline\"");
    box_hello(fixture, &box);
    assert_told(fixture, "LockerChanged", "\"status\":\"online\"");
}

/* No table knows of a key: it is told when the locker is looked after next. */
static void test_locker_without_a_key_is_told_forgotten_and_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_state(fixture, &box, "offline", "S");

    fixture->world->lost_key = "locker-1";
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_told(fixture, "LockerChanged", "\"status\":\"no_key\"");
    assert_told_as_shown(fixture, "locker-1");
    int64_t before = changes(fixture);
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_int_equal(changes(fixture), before);

    fixture->world->lost_key = NULL;
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, TIMER_MS);
    assert_told(fixture, "LockerChanged", "\"status\":\"offline\"");

    fixture->world->lost_key = "locker-1";
    feed_released(fixture, 1);
    pass_time(fixture, HOLD_MS);
    for (int i = 0; i < 4; i++)
        pass_time(fixture, TIMER_MS);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM locker"), 0);
    assert_told(fixture, "LockerChanged", "\"compartments\":[],\"forgottenAt\":\"2026-01-");
    assert_told(fixture, "LockerChanged", "\"subject\":\"locker/1\"");

    fixture->world->lost_key = NULL;
    int64_t version = sql_int(fixture, "SELECT version FROM locker_told");
    box_state(fixture, &box, "online", "S");
    assert_told(fixture, "LockerChanged", "\"subject\":\"locker/1\"");
    assert_true(sql_int(fixture, "SELECT version FROM locker_told") > version);
    assert_told_as_shown(fixture, "locker-1");
}

/* One that cannot be told stops neither the others nor the commit, and is not tried for ever. */
static void test_locker_that_cannot_be_told_stops_no_commit(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");
    struct box other = box_ready(fixture, "locker-2", "S");
    sql_run(fixture, "CREATE TRIGGER broken BEFORE UPDATE OF version ON locker_told"
                     " WHEN OLD.name = 'locker-1' BEGIN SELECT RAISE(ABORT, 'broken'); END");
    int64_t before = changes(fixture);

    box_door(fixture, &box, 1, "open", "absent");
    assert_int_equal(acked(fixture, &box), 2);
    box_door(fixture, &other, 1, "open", "absent");
    assert_int_equal(changes(fixture), before + 1);
    assert_told_as_shown(fixture, "locker-2");
    int failures = fixture->world->log_count[KIT_WARN];
    pass_time(fixture, TIMER_MS);
    assert_int_equal(fixture->world->log_count[KIT_WARN], failures);
    sql_run(fixture, "DROP TRIGGER broken");
    box_door(fixture, &box, 1, "ajar", "absent");
    assert_told_as_shown(fixture, "locker-1");
}

/* More than one commit tells: the others follow. */
static void test_many_lockers_are_told_by_more_than_one_commit(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 1; i <= 100; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "locker-%d", i);
        struct box box = box_named(name);
        box_state(fixture, &box, "online", "S");
    }
    int64_t before = changes(fixture);
    sql_run(fixture, "UPDATE locker_told SET told = 0");
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, KIT_SERVICE_QUIET_MS);
    assert_int_equal(changes(fixture), before + 64);
    pass_time(fixture, TIMER_MS);
    pass_time(fixture, KIT_SERVICE_QUIET_MS);
    assert_int_equal(changes(fixture), before + 100);
}

/* ---- DoorReported ---- */

static void test_door_report_of_a_day(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    assert_int_equal(reports(fixture), 0); /* doors that become known are no news */
    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "opened");
    assert_told(fixture, "DoorReported", "\"subject\":\"locker/1\"");
    assert_told(fixture, "DoorReported",
                "\"what\":\"opened\",\"by\":\"command\",\"compartment\":1,\"deliveryId\":1}");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "open", "present");
    assert_int_equal(reports(fixture), 1);
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(reports(fixture), 2);
    assert_told(fixture, "DoorReported",
                "\"what\":\"closed\",\"compartment\":1,\"deliveryId\":1,\"presence\":\"present\"}");
    box_code(fixture, &box, 1, 1);
    assert_told(fixture, "DoorReported",
                "\"what\":\"opened\",\"by\":\"code\",\"compartment\":1,\"deliveryId\":1}");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_told(fixture, "DoorReported",
                "\"what\":\"closed\",\"compartment\":1,\"deliveryId\":1,\"presence\":\"absent\"}");
    assert_int_equal(reports(fixture), 4);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(reports(fixture), 4);
}

/* A door's report stands before what came of it. */
static void test_door_report_stands_before_the_delivery_that_follows(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(
        sql_int(fixture,
                "SELECT (SELECT max(seq) FROM event_log WHERE instr(envelope, 'DoorReported') > 0)"
                " < (SELECT max(seq) FROM event_log WHERE instr(envelope, 'DeliveryUpdated') > 0)"),
        1);
}

struct report_row {
    const char *record; /* members of a record */
    const char *told;   /* NULL: nothing */
};

static void test_door_report_of_each_record(void **state)
{
    static const struct report_row ROWS[] = {
        { "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":3,\"pauseMs\":30000",
          "\"what\":\"wrong_code\",\"by\":\"code\",\"refusal\":\"wrong_code\","
          "\"pauseUntil\":\"2026-01-01T00:00:30" },
        { "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":1,\"pauseMs\":0",
          "\"what\":\"wrong_code\",\"by\":\"code\",\"refusal\":\"wrong_code\"}" },
        { "\"kind\":\"code\",\"refusal\":\"already_used\"",
          "\"what\":\"refused\",\"by\":\"code\",\"refusal\":\"already_used\"}" },
        { "\"kind\":\"code\"", NULL },
        { "\"kind\":\"alarm\",\"compartment\":1,\"alarm\":\"remind\"",
          "\"what\":\"still_open\",\"compartment\":1,\"deliveryId\":1}" },
        { "\"kind\":\"alarm\",\"compartment\":1,\"alarm\":\"escalate\"",
          "\"what\":\"open_too_long\",\"compartment\":1,\"deliveryId\":1}" },
        { "\"kind\":\"alarm\",\"compartment\":1,\"alarm\":\"alarm\"",
          "\"what\":\"open_alarm\",\"compartment\":1,\"deliveryId\":1}" },
        { "\"kind\":\"alarm\",\"compartment\":2,\"alarm\":\"forced\"",
          "\"what\":\"forced\",\"compartment\":2}" },
        { "\"kind\":\"alarm\",\"compartment\":2,\"alarm\":\"cleared\"",
          "\"what\":\"shut_again\",\"compartment\":2}" },
        { "\"kind\":\"alarm\",\"compartment\":16,\"alarm\":\"forced\"", NULL },
        { "\"kind\":\"alarm\",\"compartment\":1", NULL },
        { "\"kind\":\"board\",\"board\":2,\"boardState\":\"silent\"",
          "\"what\":\"board_silent\",\"board\":2}" },
        { "\"kind\":\"board\",\"board\":0,\"boardState\":\"answering\"",
          "\"what\":\"board_answers\",\"board\":0}" },
        { "\"kind\":\"board\",\"board\":0", NULL },
        { "\"kind\":\"start\"", "\"what\":\"started\"}" },
        { "\"kind\":\"scan\",\"label\":\"text\",\"value\":\"X\"", NULL },
        { "\"kind\":\"door\",\"compartment\":2,\"door\":\"jammed\"",
          "\"what\":\"jammed\",\"compartment\":2,\"presence\":\"absent\"}" },
        { "\"kind\":\"door\",\"compartment\":2,\"door\":\"jammed\"", NULL },
        { "\"kind\":\"door\",\"compartment\":2,\"door\":\"closed\"",
          "\"what\":\"closed\",\"compartment\":2,\"presence\":\"absent\"}" },
        { "\"kind\":\"door\",\"compartment\":2,\"door\":\"unknown\"", NULL },
        { "\"kind\":\"door\",\"compartment\":2,\"door\":\"closed\"", NULL },
        /* A command that is none of ours: somebody tries. */
        { "\"kind\":\"command\",\"commandId\":\"0123456789abcdef0123456789abcdef\","
          "\"compartment\":2,\"effect\":\"refused\",\"refusal\":\"bad_mac\"",
          "\"what\":\"refused\",\"by\":\"command\",\"compartment\":2,\"refusal\":\"bad_mac\"}" },
        { "\"kind\":\"command\",\"commandId\":\"0123456789abcdef0123456789abcdef\","
          "\"compartment\":2,\"effect\":\"opened\"",
          NULL },
        { "\"kind\":\"grant\",\"grantId\":9,\"compartment\":2,\"effect\":\"opened\"", NULL },
    };
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "SS");

    for (size_t i = 0; i < KIT_COUNT(ROWS); i++) {
        const int64_t before = reports(fixture);
        box_record(fixture, &box, ROWS[i].record);
        assert_int_equal(acked(fixture, &box), box.next_seq - 1);
        if (reports(fixture) - before != (ROWS[i].told != NULL))
            fail_msg("%s: told %d times", ROWS[i].record, (int)(reports(fixture) - before));
        if (ROWS[i].told != NULL)
            assert_told(fixture, "DoorReported", ROWS[i].told);
    }
}

static void test_door_report_of_each_end_of_a_command_and_a_code(void **state)
{
    static const char *const ENDS[] = { "already_open", "jammed", "no_answer", "interrupted" };
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    char part[128];

    for (size_t i = 0; i < KIT_COUNT(ENDS); i++) {
        char code[GRANT_CODE_SIZE];
        box_confirm(fixture, &box);
        code_of(fixture, 1, code);
        box_use(fixture, &box, grant_of_code(fixture, &box, code), 1, ENDS[i]);
        (void)snprintf(part, sizeof(part),
                       "\"what\":\"%s\",\"by\":\"code\",\"compartment\":1,\"deliveryId\":1}",
                       ENDS[i]);
        assert_told(fixture, "DoorReported", part);
        box_door(fixture, &box, 1, "closed", "present");
    }
    const int64_t before = reports(fixture);
    box_confirm(fixture, &box);
    char code[GRANT_CODE_SIZE];
    code_of(fixture, 1, code);
    const int64_t grant = grant_of_code(fixture, &box, code);
    box_use(fixture, &box, grant, 1, "expired"); /* uses nothing up */
    assert_told(fixture, "DoorReported", "\"what\":\"expired\",\"by\":\"code\"");
    box_use(fixture, &box, grant, 1, "repeated");
    assert_int_equal(reports(fixture), before + 1);
}

static void test_door_report_of_a_command_of_which_nothing_is_heard(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    pass_time(fixture, 41000);
    assert_int_equal(reports(fixture), 1);
    assert_told(fixture, "DoorReported",
                "\"what\":\"unanswered\",\"by\":\"command\",\"compartment\":1,\"deliveryId\":1}");
    box_effect(fixture, &box, "opened"); /* it comes late */
    assert_told(fixture, "DoorReported", "\"what\":\"opened\",\"by\":\"command\"");
    box_effect(fixture, &box, "opened"); /* and again, as another record */
    assert_int_equal(reports(fixture), 2);
}

/* A device's clock is data: without one, or ahead of ours, ours is told. */
static void test_door_report_has_a_time_that_can_be_believed(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    box_up_from(fixture, &box, 2, "{\"seq\":2,\"at\":1767139200000,\"kind\":\"start\"}");
    assert_told(fixture, "DoorReported", "\"at\":\"2025-12-31T00:00:00.000Z\"");
    box_up_from(fixture, &box, 3, "{\"seq\":3,\"at\":9007199254740991,\"kind\":\"start\"}");
    assert_told(fixture, "DoorReported", "\"at\":\"2026-01-01T00:00:0");
    box_up_from(fixture, &box, 4, "{\"seq\":4,\"at\":1767312000000,\"kind\":\"start\"}");
    assert_told(fixture, "DoorReported", "\"at\":\"2026-01-01T00:00:0");
    box_up_from(fixture, &box, 5, "{\"seq\":5,\"at\":0,\"kind\":\"start\"}");
    assert_told(fixture, "DoorReported", "\"at\":\"2026-01-01T00:00:0");
    box_up_from(fixture, &box, 5, "{\"seq\":5,\"at\":0,\"kind\":\"start\"}"); /* its ack was lost */
    assert_int_equal(reports(fixture), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_locker_changed_says_what_is_shown_under_one_number),
        TEST(test_locker_changed_follows_an_order_through_its_compartment),
        TEST(test_locker_changed_tells_of_a_use_alone),
        TEST(test_nothing_is_told_when_nothing_shown_has_changed),
        TEST(test_locker_changed_is_said_once_for_a_commit),
        TEST(test_nothing_is_told_of_an_item_that_was_undone),
        TEST(test_what_a_crash_took_is_told_when_it_comes_again),
        TEST(test_locker_that_falls_silent_is_told),
        TEST(test_locker_without_a_key_is_told_forgotten_and_comes_back),
        TEST(test_locker_that_cannot_be_told_stops_no_commit),
        TEST(test_many_lockers_are_told_by_more_than_one_commit),
        TEST(test_door_report_of_a_day),
        TEST(test_door_report_stands_before_the_delivery_that_follows),
        TEST(test_door_report_of_each_record),
        TEST(test_door_report_of_each_end_of_a_command_and_a_code),
        TEST(test_door_report_of_a_command_of_which_nothing_is_heard),
        TEST(test_door_report_has_a_time_that_can_be_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
