/* Lockers as devices: each record once, whatever the network does; nothing suspicious has an
 * effect; configurations reach them (rules/devices.md 1, 5; rules/delivery.md 5.6, 8.1). */
#include "locker_fixture.h"

static void test_up_is_acknowledged_and_hello_too(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_named("locker-1");

    box_state(fixture, &box, "online", "SM");
    box_hello(fixture, &box);
    assert_int_equal(acked(fixture, &box), 0);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(acked(fixture, &box), 1);
    cJSON *ack = told(fixture, &box, "ack");
    assert_int_equal(number_of(ack, "now"), fixture->world->wall_ms);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(ack, "verdicts")), 0);
    cJSON_Delete(ack);
    const struct fake_message *sent = fake_last(fixture->world, DEVICE_TOPIC "locker-1/ack");
    assert_false(sent->retain);
    assert_int_equal(sent->qos, 1);
}

/* A locker that we have never seen says its state first; until then it keeps its records. */
static void test_up_before_the_state_is_not_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_named("locker-1");

    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(told_count(fixture, &box, "ack"), 0);
    box_state(fixture, &box, "online", "S");
    box_up_from(fixture, &box, 1,
                "{\"seq\":1,\"at\":0,\"kind\":\"door\",\"compartment\":1,\"door\":\"closed\"}");
    assert_int_equal(acked(fixture, &box), 1);
    assert_int_equal(sql_int(fixture, "SELECT door FROM compartment"), DOOR_STATE_CLOSED);
}

/* Devices 1.5: a record has its effect once, also over a restart of ours. */
static void test_redelivered_records_have_no_second_effect(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE], records[512];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    code_of(fixture, 1, code);
    int64_t first = box.next_seq;
    (void)snprintf(records, sizeof(records),
                   "{\"seq\":%" PRId64 ",\"at\":0,\"kind\":\"grant\",\"grantId\":%" PRId64
                   ",\"compartment\":1,\"effect\":\"opened\"},"
                   "{\"seq\":%" PRId64 ",\"at\":0,\"kind\":\"door\",\"compartment\":1,"
                   "\"door\":\"closed\",\"presence\":\"present\"}",
                   first, grant_of_code(fixture, &box, code), first + 1);
    for (int i = 0; i < 3; i++) {
        box_up_from(fixture, &box, first, records);
        assert_int_equal(acked(fixture, &box), first + 1);
        assert_int_equal(sql_of(fixture, 1, "issue_count"), 2); /* one new code, not three */
        if (i == 1)
            fake_service_reopen(&fixture->delivery);
    }
    assert_metric(fixture, "lockstock_device_records_redelivered_total 2\n");
}

/* Devices 1.5: our database was restored; the records between are lost, and counted. */
static void test_gap_is_counted_and_passed_over(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S"); /* 1 record */

    box.next_seq = 10;
    box_door(fixture, &box, 1, "open", "absent");
    assert_int_equal(acked(fixture, &box), 10);
    assert_metric(fixture, "lockstock_device_records_missing_total 8\n");
    box.next_seq = 21;
    box_hello(fixture, &box);
    assert_int_equal(acked(fixture, &box), 20);
    assert_metric(fixture, "lockstock_device_records_missing_total 18\n");
}

/* Devices 7.6: nothing of it is taken, and the ack would go no further than the last one. */
static void test_records_out_of_order_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S"); /* 1 record */
    const size_t acks = told_count(fixture, &box, "ack");

    box_up_from(fixture, &box, 2,
                "{\"seq\":4,\"at\":0,\"kind\":\"start\"},"
                "{\"seq\":3,\"at\":0,\"kind\":\"start\"}");
    box_up_from(fixture, &box, 2, "{\"seq\":1,\"at\":0,\"kind\":\"start\"}");
    assert_int_equal(told_count(fixture, &box, "ack"), acks);
    assert_int_equal(sql_int(fixture, "SELECT seq FROM locker"), 1);
    assert_metric(fixture, "lockstock_device_records_redelivered_total 0\n");
}

/* Devices 1.5: its flash is new. */
static void test_new_epoch_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "SS");

    box.epoch = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    box.next_seq = 1;
    box_door(fixture, &box, 1, "open", "absent");
    assert_int_equal(acked(fixture, &box), 1);
    assert_int_equal(sql_int(fixture, "SELECT door FROM compartment WHERE number = 1"),
                     DOOR_STATE_OPEN);
    assert_metric(fixture, "lockstock_device_records_missing_total 0\n");
}

/* Devices 1.5: a message of the log before was under way while the flash was replaced. */
static void test_up_of_the_log_before_is_counted_and_not_answered(void **state)
{
    struct fixture *fixture = *state;
    struct box before = box_ready(fixture, "locker-1", "S");
    struct box box = before;

    box.epoch = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    box.next_seq = 1;
    box_state(fixture, &box, "online", "S");
    box_door(fixture, &box, 1, "open", "absent");
    for (int i = 0; i < 2; i++) {
        before.next_seq = 1;
        box_door(fixture, &before, 1, "closed", "absent");
        assert_int_equal(acked(fixture, &box), 1); /* the last ack is the new log's */
        assert_int_equal(sql_int(fixture, "SELECT door FROM compartment"), DOOR_STATE_OPEN);
        if (i == 0) {
            assert_metric(fixture, "lockstock_device_epochs_stale_total 1\n");
            fake_service_reopen(&fixture->delivery);
        }
    }
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(acked(fixture, &box), 2);
}

/* Devices 1.5: a spare stood in, and the locker is back with its own flash. */
static void test_log_that_is_in_use_again_goes_on_where_it_was_left(void **state)
{
    struct fixture *fixture = *state;
    struct box own = box_ready(fixture, "locker-1", "S");
    struct box spare = own;
    const char *wrong =
        "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":1,\"pauseMs\":0";

    box_record(fixture, &own, wrong);
    spare.epoch = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    spare.next_seq = 1;
    box_state(fixture, &spare, "online", "S");
    for (int i = 0; i < 5; i++)
        box_record(fixture, &spare, wrong);
    fake_service_reopen(&fixture->delivery);
    box_state(fixture, &own, "online", "S");
    own.next_seq--; /* it has lost the ack of that one */
    box_record(fixture, &own, wrong);
    assert_int_equal(acked(fixture, &own), own.next_seq - 1);
    assert_int_equal(sql_int(fixture, "SELECT wrong_codes FROM locker"), 6);
    assert_metric(fixture, "lockstock_device_records_redelivered_total 1\n");
    box_record(fixture, &own, wrong);
    assert_int_equal(sql_int(fixture, "SELECT wrong_codes FROM locker"), 7);
    assert_metric(fixture, "lockstock_device_records_missing_total 0\n");
}

/* Devices 1.3: an ack beyond the end of its log is ignored by a locker, which would never stop; but
 * a hello is told how far we are (1.9). */
static void test_ack_goes_no_further_than_the_message(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    for (int i = 0; i < 2; i++) { /* no number overflows, however often */
        box.next_seq = INT64_C(9007199254740991);
        box_door(fixture, &box, 1, "open", "absent");
        assert_int_equal(acked(fixture, &box), INT64_C(9007199254740991));
        box.next_seq = 5;
        box_door(fixture, &box, 1, "open", "absent");
        assert_int_equal(acked(fixture, &box), 5);
        box_hello(fixture, &box);
        assert_int_equal(acked(fixture, &box), 5);
        cJSON *ack = told(fixture, &box, "ack");
        assert_true(number_of(ack, "stored") == INT64_C(9007199254740991));
        cJSON_Delete(ack);
    }
}

/* Devices 1.8. */
static void test_state_will_of_an_earlier_connection_is_ignored(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    box_says(fixture, &box, "state",
             "{\"status\":\"offline\",\"kind\":\"locker\",\"epoch\":\"" LOCKER_EPOCH
             "\",\"boot\":7,\"firmware\":\"1.0\"}");
    assert_int_equal(sql_int(fixture, "SELECT is_online FROM locker"), 1);
    box_state(fixture, &box, "offline", "S");
    assert_int_equal(sql_int(fixture, "SELECT is_online FROM locker"), 0);
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"device\":\"locker-1\",\"site\":\"main\",\"status\":\"offline\"");
    struct box scanner = box_named("locker-2");
    box_says(fixture, &scanner, "state",
             "{\"status\":\"online\",\"kind\":\"scanner\",\"epoch\":\"" LOCKER_EPOCH
             "\",\"boot\":1,\"firmware\":\"1.0\"}");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM locker"), 1);
}

/* Rules devices.md 7.10: two lockers with one name and password, each thrown out by the other. */
static void test_two_lockers_of_one_name_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");
    struct box twin = box;

    twin.epoch = "cccccccccccccccccccccccccccccccc";
    for (int i = 0; i < 2; i++) {
        box_state(fixture, &twin, "online", "S");
        box_state(fixture, &box, "online", "S");
    }
    assert_reply(request(fixture, "bridge", "device-get", "{\"device\":\"locker-1\"}"), "ok",
                 "\"twinsAt\":\"2026-");
    assert_metric(fixture, "lockstock_device_twins_total 2\n");
    const struct fake_message *other = request(fixture, "bridge", "device-list",
                                               "{\"page\":0,\"size\":20}");
    assert_reply(other, "ok", "\"twinsAt\":");
}

/* Rules 10.4. */
static void test_how_a_locker_is(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    assert_reply(request(fixture, "bridge", "device-get", "{\"device\":\"locker-2\"}"), "not_found",
                 "There is no locker locker-2");
    box_says(fixture, &box, "state",
             "{\"status\":\"online\",\"kind\":\"locker\",\"epoch\":\"" LOCKER_EPOCH
             "\",\"boot\":8,\"firmware\":\"1.0-rc.1\",\"compartments\":\"S\"}");
    box_record(fixture, &box,
               "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":3,\"pauseMs\":30000");
    box.next_seq += 4; /* that never come */
    box_record(fixture, &box, "\"kind\":\"start\"");
    assert_reply(request(fixture, "bridge", "device-get", "{\"device\":\"locker-1\"}"), "ok",
                 "\"firmware\":\"1.0-rc.1+protocol.1\",\"starts\":8,\"missing\":4,\"bounced\":0,"
                 "\"unreadable\":0,\"overflowed\":0,\"wrongCodes\":1,\"pausedUntil\":");
    fake_world_advance(fixture->world, 30001);
    const int64_t away_ms = fixture->world->wall_ms;
    box_says(fixture, &box, "state",
             "{\"status\":\"offline\",\"kind\":\"locker\",\"epoch\":\"" LOCKER_EPOCH
             "\",\"boot\":8,\"firmware\":\"1.0-rc.1\"}");
    const struct fake_message *reply = request(fixture, "bridge", "device-list",
                                               "{\"page\":0,\"size\":5}");
    assert_reply(reply, "ok", "\"kind\":\"locker\",\"status\":\"offline\",\"since\":");
    assert_null(strstr(reply->payload, "pausedUntil"));
    assert_int_equal(sql_int(fixture, "SELECT since_ms FROM locker"), away_ms);
}

static void test_state_with_fewer_compartments_keeps_those_in_use(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "L", "SSL");

    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 3);
    box_state(fixture, &box, "online", "M");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment"), 2); /* 1 and 3 */
    assert_int_equal(sql_int(fixture, "SELECT size FROM compartment WHERE number = 1"), 2);
}

/* ---- what must have no effect ---- */

#define STRANGE_COMMAND                                                                            \
    "\"kind\":\"command\",\"commandId\":\"00000000000000000000000000000000\","                     \
    "\"compartment\":1,\"effect\":\"opened\""

static void test_suspicious_records_are_counted_acknowledged_and_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const members[] = {
        "\"kind\":\"door\",\"compartment\":9,\"door\":\"closed\"",
        "\"kind\":\"door\",\"door\":\"closed\"",
        "\"kind\":\"grant\",\"grantId\":424242,\"compartment\":1,\"effect\":\"opened\"",
        "\"kind\":\"grant\",\"compartment\":1,\"effect\":\"opened\"",
        STRANGE_COMMAND,
        "\"kind\":\"command\",\"compartment\":1,\"effect\":\"opened\"",
        "\"kind\":\"scan\",\"label\":\"order\",\"value\":\"1\"",
    };
    struct box box = shop(fixture, "S", "S");
    struct box other = box_ready(fixture, "locker-2", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "locker-1");
    load(fixture, &box, 1, 1);
    int64_t size = log_size(fixture);
    for (size_t i = 0; i < KIT_COUNT(members); i++) {
        box_record(fixture, &box, members[i]);
        assert_int_equal(acked(fixture, &box), box.next_seq - 1);
    }
    code_of(fixture, 1, code); /* a locker that tells of another's grant */
    box_use(fixture, &other, grant_of_code(fixture, &box, code), 1, "opened");
    box_door(fixture, &other, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(log_size(fixture), size);
    assert_metric(fixture, "lockstock_locker_records_suspicious_total 8\n");
    assert_int_equal(sql_int(fixture, "SELECT sum(story) FROM compartment"), 0);
}

/* Devices 5.3: a grant that is told as used a second time is nothing. */
static void test_used_grant_told_again_is_suspicious(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE];

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    code_of(fixture, 1, code);
    int64_t grant = grant_of_code(fixture, &box, code);
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "present"); /* not taken: a new code */
    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_metric(fixture, "lockstock_locker_records_suspicious_total 1\n");
}

static void test_wrong_codes_are_counted(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    for (int i = 0; i < 3; i++)
        box_record(fixture, &box,
                   "\"kind\":\"code\",\"refusal\":\"wrong_code\",\"wrongCount\":1,\"pauseMs\":0");
    box_record(fixture, &box,
               "\"kind\":\"code\",\"refusal\":\"locked_out\",\"wrongCount\":3,\"pauseMs\":30000");
    assert_reply(request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}"), "ok",
                 "\"wrongCodes\":3");
    assert_metric(fixture, "lockstock_locker_wrong_codes_total 3\n");
}

/* Rules 8.1. */
static void test_requests_for_other_compartments_are_ignored(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");
    struct box other = box_named("locker-2");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 2, "load");
    feed_requested(fixture, 1, &other, 1, "load");
    feed_requested(fixture, 1, &box, 1, "fetch"); /* nothing in it */
    assert_int_equal(told_count(fixture, &box, "cmd"), 0);
    load(fixture, &box, 1, 1);
    feed_requested(fixture, 1, &box, 1, "load");
    feed_requested(fixture, 1, &box, 1, "fetch"); /* it waits for its customer */
    assert_int_equal(told_count(fixture, &box, "cmd"), 1);
    assert_metric(fixture, "lockstock_locker_requests_ignored_total 5\n");
    feed_requested(fixture, 9, &box, 1, "load");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 1);
}

/* We were down, and read of the request an hour later: nobody stands there any more. */
static void test_request_that_comes_late_opens_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    const struct request_for asked = { 1, 1, "load", fixture->world->wall_ms };
    fake_world_advance(fixture->world, 31000);
    feed_request(fixture, &box, &asked);
    assert_int_equal(told_count(fixture, &box, "cmd"), 0);
    assert_metric(fixture, "lockstock_locker_requests_ignored_total 1\n");
}

static void test_command_expires_after_30_s_and_is_not_retained(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    cJSON *cmd = told(fixture, &box, "cmd");
    assert_int_equal(number_of(cmd, "expiresAt"), fixture->world->wall_ms + 30000);
    assert_string_equal(text_of(cmd, "action"), "unlock");
    cJSON_Delete(cmd);
    assert_false(fake_last(fixture->world, DEVICE_TOPIC "locker-1/cmd")->retain);
    box_effect(fixture, &box, "expired"); /* it came too late there */
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_PICKED);
    box_effect(fixture, &box, "repeated");
    assert_metric(fixture, "lockstock_locker_commands_total{effect=\"expired\"} 1\n");
    assert_metric(fixture, "lockstock_locker_commands_total{effect=\"repeated\"} 1\n");
}

/* Rules time 1.10: a locker whose clock is ahead is told the time under a signature, at once. */
static void test_command_that_expires_too_early_brings_a_configuration(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    const int64_t revision = box.revision;

    pick(fixture, 1, 1, "");
    feed_requested(fixture, 1, &box, 1, "load");
    pass_time(fixture, 30000); /* it may be executed in that millisecond still */
    box_effect(fixture, &box, "expired");
    box_take_config(fixture, &box);
    assert_true(box.revision > revision);
    cJSON *config = told(fixture, &box, "config");
    assert_int_equal(number_of(config, "now"), fixture->world->wall_ms);
    cJSON_Delete(config);
    box_hello(fixture, &box);
    pass_time(fixture, 41000);
    box_hello(fixture, &box);
    feed_requested(fixture, 1, &box, 1, "load");
    pass_time(fixture, 30001);
    const size_t count = told_count(fixture, &box, "config");
    box_effect(fixture, &box, "expired"); /* it came too late */
    assert_int_equal(told_count(fixture, &box, "config"), count);
}

/* ---- configurations ---- */

/* Rules 5.6. */
static void test_config_lost_is_sent_again_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    int64_t old = box.revision;

    pick(fixture, 1, 1, "");
    load(fixture, &box, 1, 1);
    int64_t wanted = box.revision;
    assert_true(wanted > old);
    assert_true(fake_last(fixture->world, DEVICE_TOPIC "locker-1/config")->retain);
    box.revision = old; /* it never got it */
    fake_world_forget(fixture->world);
    fake_world_advance(fixture->world, 5000);
    box_hello(fixture, &box);
    box_take_config(fixture, &box);
    assert_int_equal(box.revision, wanted);
    fake_world_forget(fixture->world);
    box_hello(fixture, &box); /* it has it: silence */
    assert_int_equal(told_count(fixture, &box, "config"), 0);
    box_state(fixture, &box, "online", "S"); /* a new connection: again, to be sure */
    box_take_config(fixture, &box);
    assert_int_equal(box.revision, wanted);
}

/* Our database was restored: the locker knows a later revision than we do. */
static void test_config_revision_above_ours_is_passed(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");

    box.revision += 1000000;
    int64_t old = box.revision;
    box_hello(fixture, &box);
    box_take_config(fixture, &box);
    assert_true(box.revision > old);
}

static void test_locker_without_a_key_is_no_locker(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_named("keyless-1");

    box_state(fixture, &box, "online", "S");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM locker"), 0);
    assert_metric(fixture, "lockstock_messages_refused_total{reason=\"device\"} 1\n");
}

/* Rules 9.1: these two would get the same code, and their goods lie in one locker. */
static void test_pickup_code_that_another_compartment_has_is_not_issued(void **state)
{
    enum { ONE = 768, OTHER = 10663 };
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");
    uint8_t secret[KIT_KEY_BYTES];
    char codes[2][GRANT_CODE_SIZE];

    fake_key("delivery-codes", secret);
    grant_code(secret, (struct rental_id){ ONE }, 1, codes[0]);
    grant_code(secret, (struct rental_id){ OTHER }, 1, codes[1]);
    assert_string_equal(codes[0], codes[1]); /* found by trying */
    pick(fixture, ONE, 1, "");
    load(fixture, &box, ONE, 1);
    pick(fixture, OTHER, 1, "");
    load(fixture, &box, OTHER, 2);
    code_of(fixture, ONE, codes[0]);
    code_of(fixture, OTHER, codes[1]);
    assert_string_not_equal(codes[0], codes[1]);
    assert_true(grant_of_code(fixture, &box, codes[0]) != grant_of_code(fixture, &box, codes[1]));
}

static void test_pickup_code_is_not_stored_anywhere(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");
    char code[GRANT_CODE_SIZE], sql[256];

    pick(fixture, 1, 1, "");
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    load(fixture, &box, 1, 1);
    code_of(fixture, 1, code);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT (SELECT count(*) FROM event_log WHERE instr(envelope, '%s') > 0)"
                   " + (SELECT count(*) FROM access_grant WHERE instr(code_hash, '%s') > 0)",
                   code, code);
    assert_int_equal(sql_int(fixture, sql), 0);
    fake_service_reopen(&fixture->delivery);
    char again[GRANT_CODE_SIZE];
    code_of(fixture, 1, again);
    assert_string_equal(code, again);
}

static void test_get_is_one_locker_by_its_name(void **state)
{
    struct fixture *fixture = *state;
    (void)box_ready(fixture, "locker-1", "S");
    (void)box_ready(fixture, "locker-2", "ML");
    const struct fake_message *reply = request(fixture, "bridge", "locker-get",
                                               "{\"device\":\"locker-2\"}");
    assert_reply(reply, "ok", "{\"device\":\"locker-2\",\"site\":\"main\",\"status\":\"online\"");
    assert_reply(reply, "ok", "{\"number\":2,\"size\":\"L\",\"door\":\"closed\"");
    assert_reply(request(fixture, "bridge", "locker-get", "{\"device\":\"locker-9\"}"), "not_found",
                 "no locker locker-9");
    assert_reply(request(fixture, "bridge", "locker-get", "{\"device\":\"9\"}"), "invalid",
                 "/device");
}

/* Devices 3.1: a code typed too slowly, a full log: seen, though they are no records. */
static void test_dropped_reads_are_in_the_metrics(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_ready(fixture, "locker-1", "S");
    box_says(fixture, &box, "up",
             "{\"epoch\":\"" LOCKER_EPOCH "\",\"boot\":1,\"firstSeq\":2,\"configRevision\":0,"
             "\"bounced\":0,\"unreadable\":3,\"overflowed\":2,\"records\":[]}");
    assert_metric(fixture, "lockstock_device_reads_dropped{reason=\"unreadable\"} 3\n");
    assert_metric(fixture, "lockstock_device_reads_dropped{reason=\"overflowed\"} 2\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_up_is_acknowledged_and_hello_too),
        TEST(test_up_before_the_state_is_not_acknowledged),
        TEST(test_redelivered_records_have_no_second_effect),
        TEST(test_up_of_the_log_before_is_counted_and_not_answered),
        TEST(test_log_that_is_in_use_again_goes_on_where_it_was_left),
        TEST(test_ack_goes_no_further_than_the_message),
        TEST(test_gap_is_counted_and_passed_over),
        TEST(test_records_out_of_order_are_refused),
        TEST(test_new_epoch_begins_anew),
        TEST(test_state_will_of_an_earlier_connection_is_ignored),
        TEST(test_two_lockers_of_one_name_are_told),
        TEST(test_how_a_locker_is),
        TEST(test_state_with_fewer_compartments_keeps_those_in_use),
        TEST(test_suspicious_records_are_counted_acknowledged_and_change_nothing),
        TEST(test_used_grant_told_again_is_suspicious),
        TEST(test_wrong_codes_are_counted),
        TEST(test_requests_for_other_compartments_are_ignored),
        TEST(test_request_that_comes_late_opens_nothing),
        TEST(test_command_expires_after_30_s_and_is_not_retained),
        TEST(test_command_that_expires_too_early_brings_a_configuration),
        TEST(test_config_lost_is_sent_again_as_it_was),
        TEST(test_config_revision_above_ours_is_passed),
        TEST(test_locker_without_a_key_is_no_locker),
        TEST(test_pickup_code_that_another_compartment_has_is_not_issued),
        TEST(test_pickup_code_is_not_stored_anywhere),
        TEST(test_get_is_one_locker_by_its_name),
        TEST(test_dropped_reads_are_in_the_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
