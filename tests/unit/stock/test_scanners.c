/* What a scanner and stock owe each other (schemas/rules/devices.md 1): every record once, each
 * with its verdict, whatever is lost or comes again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "stock/store/scanner.h"
#include "unit/stock/wand.h"

#define ACK_TOPIC "lockstock/v1/device/main/scanner/scanner-1/ack"
#define EPOCH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static int setup(void **state)
{
    struct site *site = site_new(1);
    site_item(site, 1, 10, "bulk", "");
    *state = site;
    return 0;
}

static int64_t pieces(struct site *site)
{
    return site_number(site, "SELECT pieces FROM scanner WHERE name = 'scanner-1'");
}

/* Devices 3.5: what the scanner dropped is no scan, but it is seen. */
static void test_dropped_reads_are_in_the_metrics(void **state)
{
    struct site *site = *state;
    fake_device(&site->stock, "scanner", "scanner-1/up",
                "{\"epoch\":\"" WAND_EPOCH "\",\"boot\":1,\"firstSeq\":1,\"configRevision\":0,"
                "\"bounced\":4,\"unreadable\":3,\"overflowed\":2,\"records\":[]}");
    assert_int_equal(site_metric(site, "device_reads_dropped{reason=\"bounced\"}"), 4);
    assert_int_equal(site_metric(site, "device_reads_dropped{reason=\"unreadable\"}"), 3);
    assert_int_equal(site_metric(site, "device_reads_dropped{reason=\"overflowed\"}"), 2);
}

static const struct fake_message *ask_device(struct site *site, const char *name)
{
    char json[96];
    snprintf(json, sizeof(json), "{\"device\":\"%s\"}", name);
    return fake_request(&site->stock, "bridge", "device-get", "", json);
}

static void is_told(struct site *site, const char *name, const char *part)
{
    const struct fake_message *reply = ask_device(site, name);
    if (strstr(reply->payload, part) == NULL)
        fail_msg("no %s in %s", part, reply->payload);
}

/* Rules 10.1. */
static void test_how_a_scanner_is(void **state)
{
    struct site *site = *state;
    assert_string_equal(ask_device(site, "scanner-1")->status, "not_found");
    fake_device(&site->stock, "scanner", "scanner-1/state",
                "{\"status\":\"online\",\"kind\":\"scanner\",\"epoch\":\"" WAND_EPOCH
                "\",\"boot\":3,\"firmware\":\"0.3.0\"}");
    is_told(site, "scanner-1",
            "{\"device\":\"scanner-1\",\"kind\":\"scanner\",\"status\":\"online\","
            "\"since\":\"2026-01-01T00:00:00.000Z\",\"heardAt\":\"2026-01-01T00:00:00.000Z\","
            "\"firmware\":\"0.3.0\",\"starts\":3,\"missing\":0,\"scans\":0,\"refused\":0,"
            "\"failed\":0}");
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE product:1");
    wand_is_refused(&wand, "bin:NO SUCH", SCAN_RESULT_UNKNOWN_LABEL);
    is_told(site, "scanner-1",
            "\"missing\":0,\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"scans\":3,"
            "\"refused\":1,\"failed\":0,\"doing\":\"receive\",");
    is_told(site, "scanner-1", "\"result\":\"unknown_label\",\"signal\":\"error\",\"prompt\":");
    wand.seq = 40; /* 37 records never came */
    wand.first = 41;
    wand_do(&wand, SCAN_SIGNAL_OK, "product:1");
    fake_service_crash(&site->stock);
    is_told(site, "scanner-1", "\"missing\":37,");
    site->world->wall_ms += 1000;
    fake_device(&site->stock, "scanner", "scanner-1/state",
                "{\"status\":\"offline\",\"kind\":\"scanner\",\"epoch\":\"" WAND_EPOCH
                "\",\"boot\":3,\"firmware\":\"0.3.0\"}");
    char since[96];
    snprintf(since, sizeof(since), "SELECT since_ms = %" PRId64 " FROM scanner",
             site->world->wall_ms);
    assert_int_equal(site_number(site, "%s", since), 1);
    is_told(site, "scanner-1", "\"status\":\"offline\",");
}

static void test_station_is_told_with_its_prompt_and_no_status(void **state)
{
    struct site *site = *state;
    assert_non_null(fake_request(&site->stock, "bridge", "scan", "key-1",
                                 "{\"station\":\"desk-1\",\"label\":\"LS:X:PICK:R\"}"));
    const struct fake_message *reply = fake_request(&site->stock, "bridge", "device-list", "",
                                                    "{\"page\":0,\"size\":5}");
    assert_string_equal(reply->status, "ok");
    assert_non_null(
        strstr(reply->payload, "\"device\":\"desk-1\",\"kind\":\"station\",\"heardAt\":"));
    assert_non_null(strstr(reply->payload, "\"prompt\":\""));
    assert_non_null(strstr(reply->payload, "\"total\":1"));
}

static void test_hello_is_answered(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_send(&wand);
    assert_true(wand.is_acked);
    assert_int_equal(wand.ack.seq, 0);
    assert_int_equal(wand.ack.verdicts_count, 0);
    assert_int_equal(wand.ack.now, wand.site->world->wall_ms);
}

static void test_eight_records_have_eight_verdicts_in_order(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_read(&wand, "command:RECEIVE");
    wand_read(&wand, "product:1");
    for (int i = 0; i < 5; i++)
        wand_read(&wand, "product:1");
    wand_read(&wand, "text:nonsense");
    wand_send(&wand);
    assert_int_equal(wand.ack.seq, 8);
    assert_int_equal(wand.ack.verdicts_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(wand.ack.verdicts[i].seq, i + 1);
        assert_int_equal(wand.ack.verdicts[i].result,
                         i < 7 ? SCAN_RESULT_ACCEPTED : SCAN_RESULT_UNKNOWN_LABEL);
    }
    assert_int_equal(pieces(*state), 5);
    assert_int_equal(site_metric(*state, "stock_scans_total{result=\"accepted\"}"), 7);
    assert_int_equal(site_metric(*state, "stock_scans_total{result=\"unknown_label\"}"), 1);
}

/* The acknowledgement is lost; then the service is restarted; then it comes with one record more.
 */
static void test_redelivered_record_has_the_same_verdict_and_no_second_effect(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_read(&wand, "command:RECEIVE");
    wand_read(&wand, "product:1");
    wand_read(&wand, "product:1");
    wand_send(&wand);
    const struct msg_device_ack first = wand.ack;
    for (int i = 0; i < 2; i++) {
        wand_send(&wand);
        assert_memory_equal(&wand.ack, &first, sizeof(first));
        assert_int_equal(pieces(site), 1);
        fake_service_crash(&site->stock);
    }
    wand_read(&wand, "product:1");
    wand_send(&wand);
    assert_int_equal(wand.ack.verdicts_count, 4);
    assert_memory_equal(&wand.ack.verdicts[2], &first.verdicts[2], sizeof(first.verdicts[2]));
    assert_int_equal(pieces(site), 2);
    assert_int_equal(site_metric(site, "device_records_redelivered_total"),
                     3); /* of this process */
}

/* Of two that are stored the first is freed: the second is told again, as often as it comes. */
static void test_verdict_of_the_oldest_record_held_is_kept(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_read(&wand, "command:RECEIVE");
    wand_read(&wand, "text:nonsense");
    wand_send(&wand);
    assert_int_equal(wand.ack.verdicts_count, 2);
    const struct msg_device_verdict second = wand.ack.verdicts[1];
    wand.first = 2;
    wand.held = 0;
    wand.seq = 1;
    wand_read(&wand, "text:nonsense");
    for (int time = 0; time < 3; time++) {
        wand_send(&wand);
        assert_int_equal(wand.ack.verdicts_count, 1);
        assert_memory_equal(&wand.ack.verdicts[0], &second, sizeof(second));
    }
}

static void test_verdicts_are_forgotten_when_the_scanner_has_them(void **state)
{
    struct wand wand = wand_new(*state, "scanner-1");
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1");
    assert_int_equal(site_number(*state, "SELECT count(*) FROM verdict"), 1);
    wand_send(&wand); /* hello: it holds none */
    assert_int_equal(wand.ack.seq, 3);
    assert_int_equal(site_number(*state, "SELECT count(*) FROM verdict"), 0);
}

static void test_gap_is_counted_and_passed_over(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE product:1");
    wand.seq = 40; /* stock is a copy from before 38 records */
    wand.first = 41;
    wand_do(&wand, SCAN_SIGNAL_OK, "product:1");
    assert_int_equal(wand.ack.seq, 41);
    assert_int_equal(site_metric(site, "device_records_missing_total"), 38);
    assert_int_equal(pieces(site), 1);
    wand_read(&wand, "product:1"); /* 42 */
    wand.seq = 49;                 /* flash lost some in between */
    wand_read(&wand, "product:1");
    wand_send(&wand);
    assert_int_equal(wand.ack.verdicts_count, 2);
    assert_int_equal(site_metric(site, "device_records_missing_total"), 45);
}

static void test_new_epoch_begins_anew_and_the_old_one_is_ignored(void **state)
{
    struct site *site = *state;
    struct wand old = wand_new(site, "scanner-1"), fresh = wand_new(site, "scanner-1");
    fresh.epoch = EPOCH_B;
    wand_do(&old, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1");
    wand_scan(&fresh, "text:x"); /* seq 1, another log */
    assert_int_equal(wand_verdict(&fresh)->result, SCAN_RESULT_UNKNOWN_LABEL);
    assert_int_equal(pieces(site), 0);
    wand_do(&fresh, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1 product:1");

    const int64_t before = wand_fingerprint(&fresh);
    wand_read(&old, "product:1");
    wand_send(&old); /* it was under way for long */
    assert_false(old.is_acked);
    assert_int_equal(wand_fingerprint(&fresh), before);
    assert_int_equal(site_metric(site, "device_epochs_stale_total"), 1);
    wand_do(&fresh, SCAN_SIGNAL_DONE, "bin:A-01");
}

static void say(struct site *site, const char *status, const char *epoch, int boot)
{
    char json[256];
    snprintf(json, sizeof(json),
             "{\"status\":\"%s\",\"kind\":\"scanner\",\"epoch\":\"%s\",\"boot\":%d,"
             "\"firmware\":\"1.0.0\"}",
             status, epoch, boot);
    fake_device(&site->stock, "scanner", "scanner-1/state", json);
}

/* A spare device stood in for a while: the first one is back, with its own log. */
static void test_log_of_before_that_comes_online_is_heard_again(void **state)
{
    struct site *site = *state;
    struct wand first = wand_new(site, "scanner-1"), spare = wand_new(site, "scanner-1");
    spare.epoch = EPOCH_B;
    say(site, "online", WAND_EPOCH, 3);
    wand_do(&first, SCAN_SIGNAL_OK, "command:RECEIVE product:1");
    wand_read(&first, "product:1");
    wand_send(&first); /* stored, but its acknowledgement is lost: it is held still */
    say(site, "online", EPOCH_B, 1);
    wand_do(&spare, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1 product:1");
    wand_send(&first);
    assert_false(first.is_acked); /* under way since before */
    assert_int_equal(pieces(site), 2);

    say(site, "online", WAND_EPOCH, 4);
    wand_send(&first);
    assert_true(first.is_acked);
    assert_int_equal(first.ack.seq, 3);
    assert_int_equal(first.ack.verdicts_count, 0); /* forgotten; but it has no second effect */
    assert_int_equal(pieces(site), 0);             /* a new session */
    wand_free_acked(&first);
    wand_do(&first, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1");
    assert_int_equal(pieces(site), 1);
    wand_read(&spare, "product:1");
    wand_send(&spare);
    assert_false(spare.is_acked);
    assert_int_equal(pieces(site), 1);
    assert_int_equal(site_metric(site, "device_epochs_stale_total"), 2);
}

/* Its flash was restored from an image (rules/devices.md 1.9): a hello tells it how far we are, so
 * that it goes on under another epoch. */
static void test_restored_scanner_is_told_how_far_we_are_and_loses_nothing(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE product:1");
    const struct wand image = wand;
    wand_do(&wand, SCAN_SIGNAL_OK, "product:1 product:1");
    wand = image;
    wand_send(&wand); /* hello */
    assert_true(wand.ack.has_stored);
    assert_int_equal(wand.ack.stored, 4);
    assert_int_equal(wand.ack.seq, image.first - 1); /* frees nothing */
    wand.epoch = EPOCH_B;
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE product:1 product:1");
    assert_false(wand.ack.has_stored);
    assert_int_equal(wand.ack.seq, 5);
    assert_int_equal(pieces(site), 1); /* of its new session */
    assert_int_equal(site_metric(site, "device_records_redelivered_total"), 0);
}

static void test_records_that_are_no_scans_are_acknowledged(void **state)
{
    struct site *site = *state;
    fake_device(&site->stock, "scanner", "scanner-1/up",
                "{\"epoch\":\"" WAND_EPOCH "\",\"boot\":1,\"firstSeq\":1,\"configRevision\":0,"
                "\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"records\":["
                "{\"seq\":1,\"at\":0,\"kind\":\"start\"},"
                "{\"seq\":2,\"at\":0,\"kind\":\"door\",\"compartment\":1,\"door\":\"open\"},"
                "{\"seq\":3,\"at\":0,\"kind\":\"scan\"}]}");
    const struct fake_message *ack = fake_last(site->world, ACK_TOPIC);
    assert_non_null(ack);
    assert_non_null(strstr(ack->payload, "\"seq\":3,"));
    assert_non_null(strstr(ack->payload, "\"verdicts\":[{\"seq\":3,\"result\":\"unknown_label\""));
}

static void test_bad_messages_are_counted_and_change_nothing(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
#define UP(first, records)                                                                         \
    "{\"epoch\":\"" WAND_EPOCH "\",\"boot\":1,\"firstSeq\":" first ",\"configRevision\":0,"        \
    "\"bounced\":0,\"unreadable\":0,\"overflowed\":0,\"records\":[" records "]}"
#define SCAN(seq) "{\"seq\":" seq ",\"at\":0,\"kind\":\"scan\",\"label\":\"text\",\"value\":\"x\"}"
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        UP("0", ""),
        UP("1", SCAN("0")),
        UP("5", SCAN("4")),
        UP("1", SCAN("2") "," SCAN("1")),
        UP("1", SCAN("1") "," SCAN("1")),
        UP("1", "{\"seq\":1,\"at\":0,\"kind\":\"dance\"}"),
        UP("1", SCAN("1") "," SCAN("2") "," SCAN("3") "," SCAN("4") "," SCAN("5") "," SCAN(
                    "6") "," SCAN("7") "," SCAN("8") "," SCAN("9")),
    };
    wand_do(&wand, SCAN_SIGNAL_OK, "command:RECEIVE");
    const int64_t before = wand_fingerprint(&wand);
    const size_t acks = fake_count(site->world, ACK_TOPIC);
    for (size_t i = 0; i < KIT_COUNT(bad); i++)
        fake_device(&site->stock, "scanner", "scanner-1/up", bad[i]);
    assert_int_equal(wand_fingerprint(&wand), before);
    assert_int_equal(fake_count(site->world, ACK_TOPIC), acks);
    wand_do(&wand, SCAN_SIGNAL_OK, "product:1"); /* and nothing is stuck */
}

static void test_state_counts_who_is_there(void **state)
{
    struct site *site = *state;
    say(site, "offline", WAND_EPOCH, 1); /* the will of nobody */
    assert_int_equal(site_metric(site, "devices_online"), 0);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner"), 0);
    say(site, "online", WAND_EPOCH, 1);
    say(site, "online", WAND_EPOCH, 2);
    assert_int_equal(site_metric(site, "devices_online"), 1);
    say(site, "offline", WAND_EPOCH, 1); /* of the connection before */
    say(site, "offline", EPOCH_B, 2);
    assert_int_equal(site_metric(site, "devices_online"), 1);
    fake_service_reopen(&site->stock);
    assert_int_equal(site_metric(site, "devices_online"), 1);
    const int64_t heard_ms = site->world->wall_ms;
    site->world->wall_ms += 1000;
    say(site, "offline", WAND_EPOCH, 2);
    assert_int_equal(site_metric(site, "devices_online"), 0);
    assert_int_equal(site_number(site, "SELECT heard_ms FROM scanner") - heard_ms, 0);
    fake_device(&site->stock, "scanner", "scanner-1/state",
                "{\"status\":\"online\",\"kind\":\"locker\",\"epoch\":\"" WAND_EPOCH
                "\",\"boot\":3,\"firmware\":\"1\"}");
    assert_int_equal(site_metric(site, "devices_online"), 0);
}

static void hello(struct site *site, const char *epoch)
{
    char json[256];
    snprintf(json, sizeof(json),
             "{\"epoch\":\"%s\",\"boot\":1,\"firstSeq\":1,\"configRevision\":0,\"bounced\":0,"
             "\"unreadable\":0,\"overflowed\":0,\"records\":[]}",
             epoch);
    fake_device(&site->stock, "scanner", "scanner-1/up", json);
}

static void pass(struct site *site, int64_t ms)
{
    fake_world_advance(site->world, ms);
    fake_settle(&site->stock);
}

/* It lost power together with the broker: nobody said its will. */
static void test_silent_scanner_is_offline_until_it_is_heard(void **state)
{
    struct site *site = *state;
    say(site, "online", WAND_EPOCH, 1);
    for (int i = 0; i < 4; i++) {
        pass(site, SCANNER_SILENT_MS / 2);
        hello(site, WAND_EPOCH);
        assert_int_equal(site_metric(site, "devices_online"), 1);
    }
    pass(site, 2 * SCANNER_SILENT_MS);
    assert_int_equal(site_metric(site, "devices_online"), 0);
    fake_service_reopen(&site->stock);
    assert_int_equal(site_metric(site, "devices_online"), 0);
    hello(site, WAND_EPOCH);
    assert_int_equal(site_metric(site, "devices_online"), 1);
    say(site, "offline", WAND_EPOCH, 1);
    assert_int_equal(site_metric(site, "devices_online"), 0);
    hello(site, EPOCH_B); /* it has not said that it is there */
    assert_int_equal(site_metric(site, "devices_online"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hello_is_answered),
        TEST(test_how_a_scanner_is),
        TEST(test_station_is_told_with_its_prompt_and_no_status),
        TEST(test_dropped_reads_are_in_the_metrics),
        TEST(test_eight_records_have_eight_verdicts_in_order),
        TEST(test_redelivered_record_has_the_same_verdict_and_no_second_effect),
        TEST(test_verdict_of_the_oldest_record_held_is_kept),
        TEST(test_verdicts_are_forgotten_when_the_scanner_has_them),
        TEST(test_gap_is_counted_and_passed_over),
        TEST(test_new_epoch_begins_anew_and_the_old_one_is_ignored),
        TEST(test_log_of_before_that_comes_online_is_heard_again),
        TEST(test_restored_scanner_is_told_how_far_we_are_and_loses_nothing),
        TEST(test_records_that_are_no_scans_are_acknowledged),
        TEST(test_bad_messages_are_counted_and_change_nothing),
        TEST(test_state_counts_who_is_there),
        TEST(test_silent_scanner_is_offline_until_it_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
