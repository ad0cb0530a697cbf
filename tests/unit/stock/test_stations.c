/* Pages that scan (schemas/rules/stock.md 8): the flows, sessions and verdicts of scanners, under
 * the name of a station. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/label.h"
#include "fakes/cmocka_all.h"
#include "kit/base/text.h"
#include "msg/rpc_verdict_response.gen.h"
#include "stock/store/scanner.h"
#include "unit/stock/wand.h"

#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)

static int key_number;

/* "asset:LT-7" as it is printed: LS:A:LT-7:S; what is no label of ours as it is. */
static void print_label(const char *label, char *ret_text, size_t size)
{
    static const char *const kinds[] = { "product", "asset",       "bin",    "tote",
                                         "order",   "compartment", "command" };
    const char *colon = strchr(label, ':');
    assert_non_null(colon);
    for (size_t i = 0; i < KIT_COUNT(kinds); i++) {
        const char letter = FW_LABEL_OWN_LETTERS[i];
        if (strlen(kinds[i]) != (size_t)(colon - label) ||
            memcmp(kinds[i], label, strlen(kinds[i])) != 0)
            continue;
        (void)snprintf(ret_text, size, "LS:%c:%s:%c", letter, colon + 1,
                       fw_label_check_char(letter, colon + 1, strlen(colon + 1)));
        return;
    }
    kit_text_copy(ret_text, size, colon + 1);
}

static const struct fake_message *ask(struct site *site, const char *station, const char *text)
{
    char json[256], key[32];
    (void)snprintf(json, sizeof(json), "{\"station\":\"%s\",\"label\":\"%s\"}", station, text);
    (void)snprintf(key, sizeof(key), "scan-%d", ++key_number);
    const struct fake_message *reply = fake_request(&site->stock, "bridge", "scan", key, json);
    assert_non_null(reply);
    return reply;
}

static struct msg_verdict verdict_of(const struct fake_message *reply)
{
    struct msg_rpc_verdict_response said;
    struct kit_error err;
    if (strcmp(reply->status, "ok") != 0)
        print_error("%s: %s\n", reply->status, reply->payload);
    assert_string_equal(reply->status, "ok");
    cJSON *body = cJSON_Parse(reply->payload);
    assert_int_equal(msg_rpc_verdict_response_decode(body, &said, &err), KIT_OK);
    cJSON_Delete(body);
    return said.verdict;
}

static struct msg_verdict scan_at(struct site *site, const char *station, const char *label)
{
    char text[128];
    print_label(label, text, sizeof(text));
    return verdict_of(ask(site, station, text));
}

static void do_at(struct site *site, const char *station, enum scan_signal signal,
                  const char *labels)
{
    char all[256];
    struct msg_verdict verdict = { .signal = SCAN_SIGNAL_ERROR };
    kit_text_copy(all, sizeof(all), labels);
    for (char *rest = all, *label; (label = strtok_r(rest, " ", &rest)) != NULL;) {
        verdict = scan_at(site, station, label);
        if (verdict.result != SCAN_RESULT_ACCEPTED)
            print_error("%s: %s\n", label, verdict.prompt);
        assert_int_equal(verdict.result, SCAN_RESULT_ACCEPTED);
    }
    assert_int_equal(verdict.signal, signal);
}

static void assert_refused(const struct fake_message *reply, const char *type)
{
    assert_string_equal(reply->status, "refused");
    if (strstr(reply->payload, type) == NULL)
        print_error("%s\n", reply->payload);
    assert_non_null(strstr(reply->payload, type));
}

/* ---- the same as a scanner's ---- */

/* Every flow, with what goes wrong in it. "=": delivery says where the order's compartment is. */
static const char *const DAY[] = {
    "text:hello",
    "asset:D9",
    "command:RECEIVE",
    "product:77",
    "product:1",
    "product:2",
    "asset:D1",
    "asset:D1",
    "asset:D2",
    "asset:D3",
    "bin:A-01",
    "command:COUNT",
    "bin:A-01",
    "asset:D1",
    "asset:D2",
    "command:DONE",
    "command:RECEIVE",
    "product:1",
    "command:QTY-5",
    "bin:A-02",
    "product:1",
    "bin:A-02",
    "command:PICK",
    "tote:T1",
    "order:9",
    "order:8",
    "bin:A-01",
    "tote:T1",
    "product:1",
    "asset:D1",
    "asset:D1",
    "product:2",
    "order:8",
    "asset:D2",
    "command:LOAD",
    "order:8",
    "=",
    "command:LOAD",
    "tote:T1",
    "compartment:LOCKER-1-04",
    "command:CANCEL",
    "command:LOAD",
    "order:8",
    "compartment:LOCKER-1-03",
    "command:PICK",
    "order:8",
    "command:DONE",
    "command:OK",
    "command:DAMAGED",
    "command:NONSENSE",
    "x:LS:A:D1:0",
    "x:LS:A:D1:?",
    "x:(01)" GTIN,
    "x:]E0400638133393",
    "x:]C18004x1",
    "command:COUNT",
    "x:]d201" BULK_GTIN,
    "command:DONE",
};

static void open_order(struct site *site)
{
    site_locker_order(site, 8, PIECES(SERIALISED, 2), "REQUESTED", "");
}

static void tell_compartment(struct site *site)
{
    site_locker_order(site, 8, PIECES(SERIALISED, 2), "PICKED", IN_LOCKER("assigned"));
}

/* What the scanner's firmware would make of the text. */
static void read_on_device(struct wand *wand, const char *label)
{
    char text[128], read[96];
    struct fw_label known;
    print_label(label, text, sizeof(text));
    fw_label_parse((const uint8_t *)text, strlen(text), &known);
    (void)snprintf(read, sizeof(read), "%s:%s", label_kind_text((enum label_kind)known.kind),
                   known.value);
    (void)wand_scan(wand, read);
}

static void test_station_has_the_same_verdicts_as_a_scanner(void **state)
{
    struct site *site = *state, *twin = NULL;
    void *other = NULL;
    assert_int_equal(shelf_setup(&other), 0);
    twin = other;
    struct wand wand = wand_new(twin, "reader-1");
    size_t refused = 0, received = 0;
    for (size_t i = 0; i < KIT_COUNT(DAY); i++) {
        if (strcmp(DAY[i], "=") == 0) {
            tell_compartment(site);
            tell_compartment(twin);
            continue;
        }
        if (strcmp(DAY[i], "command:PICK") == 0 && received++ == 0) {
            open_order(site);
            open_order(twin);
        }
        const struct msg_verdict verdict = scan_at(site, "reader-1", DAY[i]);
        read_on_device(&wand, DAY[i]);
        const struct msg_device_verdict *told = wand_verdict(&wand);
        assert_string_equal(verdict.prompt, told->prompt);
        assert_int_equal(verdict.result, told->result);
        assert_int_equal(verdict.signal, told->signal);
        refused += verdict.result != SCAN_RESULT_ACCEPTED ? 1 : 0;
    }
    assert_true(refused > 15 && KIT_COUNT(DAY) - refused > 25);
    assert_int_equal(site_order_state(site, 8), RESERVATION_PICKED);
    assert_int_equal(site_order_state(twin, 8), RESERVATION_PICKED);
    struct wand here = wand_new(site, "reader-1");
    assert_int_equal(wand_fingerprint(&here), wand_fingerprint(&wand));
    assert_int_equal(site_teardown(&other), 0);
}

static void test_station_picks_an_order_and_opens_its_compartment(void **state)
{
    struct site *site = *state;
    do_at(site, "desk-1", DONE_, "command:RECEIVE product:2 asset:D1 asset:D2 bin:A-01");
    assert_int_equal(site_assets_in(site, "bin:A-01"), 2);
    open_order(site);
    do_at(site, "desk-1", DONE_, "command:PICK order:8 tote:T1 asset:D1 asset:D2");
    assert_int_equal(site_events(site, "StockPicked", 8), 1);
    assert_true(site_is_scanned(site, "StockPicked", "desk-1"));
    tell_compartment(site);
    do_at(site, "desk-1", DONE_, "command:LOAD order:8 compartment:LOCKER-1-03");
    assert_int_equal(site_number(site, "SELECT count(*) FROM event_log WHERE"
                                       " envelope ->> '$.type' = 'CompartmentRequested' AND"
                                       " envelope ->> '$.data.scanner' = 'desk-1'"),
                     1);
    assert_int_equal(site_number(site, "SELECT count(*) FROM verdict"), 0);
}

/* Rules 7.6: an order is with one of them at a time. */
static void test_station_and_scanner_keep_each_other_off_an_order(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    site_locker_order(site, 8, PIECES(BULK, 2), "REQUESTED", "");
    do_at(site, "desk-1", OK_, "command:PICK order:8 tote:T1");
    wand_do(&wand, OK_, "command:PICK");
    wand_is_refused(&wand, "order:8", SCAN_RESULT_WRONG_ORDER);
    assert_non_null(strstr(wand_verdict(&wand)->prompt, "desk-1"));
    do_at(site, "desk-2", OK_, "command:PICK");
    assert_int_equal(scan_at(site, "desk-2", "order:8").result, SCAN_RESULT_WRONG_ORDER);
    do_at(site, "desk-1", OK_, "command:CANCEL");
    wand_do(&wand, DONE_, "order:8 tote:T1 product:1 product:1");
}

static void test_scan_with_the_same_key_happens_once(void **state)
{
    struct site *site = *state;
    char text[64], json[128];
    do_at(site, "desk-1", OK_, "command:RECEIVE product:1");
    print_label("product:1", text, sizeof(text));
    (void)snprintf(json, sizeof(json), "{\"station\":\"desk-1\",\"label\":\"%s\"}", text);
    const struct fake_message *first = fake_request(&site->stock, "bridge", "scan", "once", json);
    char said[256];
    kit_text_copy(said, sizeof(said), first->payload);
    fake_service_crash(&site->stock);
    const struct fake_message *again = fake_request(&site->stock, "bridge", "scan", "once", json);
    assert_string_equal(again->payload, said);
    assert_int_equal(site_number(site, "SELECT pieces FROM scanner WHERE name = 'desk-1'"), 1);
}

/* The trigger stands for a bug of ours: it strikes after goods have been moved already. */
static void test_scan_that_cannot_be_handled_is_answered_and_undone(void **state)
{
    struct site *site = *state;
    site_locker_order(site, 8, PIECES(BULK, 1), "REQUESTED", "");
    do_at(site, "desk-1", OK_, "command:PICK order:8 tote:T1");
    sqlite3 *handle = kit_db_handle(kit_service_db(site->stock.service));
    assert_int_equal(sqlite3_exec(handle,
                                  "CREATE TRIGGER broken BEFORE INSERT ON event_log"
                                  " WHEN new.envelope ->> '$.type' = 'StockPicked'"
                                  " BEGIN SELECT RAISE(ABORT, 'a bug'); END",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    const struct msg_verdict verdict = scan_at(site, "desk-1", "product:1");
    assert_int_equal(verdict.result, SCAN_RESULT_NOT_ALLOWED);
    assert_string_equal(verdict.prompt, WAND_GAVE_UP);
    assert_int_equal(site_order_state(site, 8), RESERVATION_RESERVED);
    assert_int_equal(site_metric(site, "stock_scans_failed_total"), 1);
    assert_int_equal(sqlite3_exec(handle, "DROP TRIGGER broken", NULL, NULL, NULL), SQLITE_OK);
    do_at(site, "desk-1", DONE_, "product:1");
}

/* ---- names (rules 8.2) ---- */

static void test_station_with_the_name_of_a_scanner_is_refused(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE product:1");
    const int64_t before = wand_fingerprint(&wand);
    assert_refused(ask(site, "scanner-1", "LS:X:CANCEL:O"), "not-a-station");
    assert_int_equal(wand_fingerprint(&wand), before);
    assert_refused(ask(site, "scanner-1", "x"), "scanner-1 is a scanner");
}

static void test_scanner_takes_the_name_of_a_station_over(void **state)
{
    struct site *site = *state;
    do_at(site, "desk-1", OK_, "command:RECEIVE product:2 asset:D1");
    struct wand wand = wand_new(site, "desk-1");
    wand_send(&wand);
    assert_true(wand.is_acked);
    assert_int_equal(site_number(site, "SELECT flow FROM scanner WHERE name = 'desk-1'"),
                     SCAN_IDLE);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scan_unit"), 0);
    assert_refused(ask(site, "desk-1", "x"), "not-a-station");
}

static void test_station_number_1001_is_refused_until_one_is_forgotten(void **state)
{
    struct site *site = *state;
    char name[32];
    for (int i = 1; i <= STATIONS_MAX; i++) {
        (void)snprintf(name, sizeof(name), "desk-%d", i);
        (void)scan_at(site, name, "command:RECEIVE");
    }
    do_at(site, "desk-7", OK_, "product:2 asset:D1");
    assert_refused(ask(site, "desk-1001", "x"), "too-many-stations");
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner"), STATIONS_MAX);
    do_at(site, "desk-8", OK_, "product:1"); /* those that are there go on */
    assert_int_equal(site_metric(site, "devices_online"), 0);
}

static void test_station_idle_for_a_week_is_forgotten_with_its_session(void **state)
{
    struct site *site = *state;
    struct wand wand = wand_new(site, "scanner-1");
    wand_do(&wand, OK_, "command:RECEIVE");
    do_at(site, "desk-1", OK_, "command:RECEIVE product:2 asset:D1");
    fake_world_advance(site->world, WEEK_MS - 60000);
    do_at(site, "desk-2", OK_, "command:RECEIVE");
    fake_settle(&site->stock);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner"), 3);
    fake_world_advance(site->world, 90000);
    fake_settle(&site->stock);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner"), 2);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scanner WHERE name = 'desk-1'"), 0);
    assert_int_equal(site_number(site, "SELECT count(*) FROM scan_unit"), 0);
    assert_int_equal(site_assets_in(site, "dock:desk-1"), 1); /* the unit itself is not forgotten */
    do_at(site, "desk-1", DONE_, "command:PUTAWAY asset:D1 bin:A-01");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_setup, site_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_station_has_the_same_verdicts_as_a_scanner),
        TEST(test_station_picks_an_order_and_opens_its_compartment),
        TEST(test_station_and_scanner_keep_each_other_off_an_order),
        TEST(test_scan_with_the_same_key_happens_once),
        TEST(test_scan_that_cannot_be_handled_is_answered_and_undone),
        TEST(test_station_with_the_name_of_a_scanner_is_refused),
        TEST(test_scanner_takes_the_name_of_a_station_over),
        TEST(test_station_number_1001_is_refused_until_one_is_forgotten),
        TEST(test_station_idle_for_a_week_is_forgotten_with_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
