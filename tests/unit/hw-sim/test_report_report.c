/* The report as text, JSON and diagram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/diagram.h"
#include "report/report.h"
#include "scenario/json.h"

#define TEXT_SIZE 16384

static const struct sim_summary summary = { .scenario = "s",
                                            .title = "A title",
                                            .outcome = "failed",
                                            .reason = "why \"not\"",
                                            .seed = 7,
                                            .took_ms = 1234,
                                            .step_count = 2 };

static void add(struct sim_report *report, enum sim_entry_kind kind, const char *from,
                const char *text, const char *detail)
{
    sim_entry_say(sim_report_add(report, 1005, kind, from, NULL), text, detail,
                  detail != NULL ? strlen(detail) : 0);
}

static void fill(struct sim_report *report)
{
    sim_report_init(report, 1000, 1700000000000);
    add(report, SIM_ENTRY_STEP, NULL, "mina scan asset LT-1; # of", NULL);
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/device/main/scanner/scanner-1/up",
        "{\"records\":[{\"kind\":\"scan\",\"value\":\"LT-1\"}]}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/device/main/scanner/scanner-1/ack",
        "{\"verdicts\":[{\"result\":\"wrong_item\",\"prompt\":\"Put it back\"}]}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/rpc/rental/get/bridge", "{}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/reply/bridge/rental", "{\"status\":\"X\"}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/rpc/rental/cancel/bridge", "{}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/reply/bridge/rental",
        "{\"status\":\"CANCELED\"}");
    add(report, SIM_ENTRY_MQTT, NULL, "lockstock/v1/stream/rental",
        "[{\"type\":\"RentalCanceled\"}]");
    add(report, SIM_ENTRY_PANEL, "scanner-1", "error", "caf\xc3\xa9 \x01");
    sim_entry_say(sim_report_add(report, 1005, SIM_ENTRY_HTTP, "mina", "bridge"), "POST /x",
                  "{\"a\":1}", 7);
    add(report, SIM_ENTRY_RESULT, NULL, "ok", NULL);
}

typedef bool (*write_fn)(const struct sim_report *, const struct sim_summary *, FILE *);

static void write_all(write_fn write, char ret_text[TEXT_SIZE])
{
    struct sim_report report;
    FILE *file = tmpfile();

    assert_non_null(file);
    fill(&report);
    assert_true(write(&report, &summary, file));
    rewind(file);
    size_t size = fread(ret_text, 1, TEXT_SIZE - 1, file);
    ret_text[size] = '\0';
    (void)fclose(file);
    sim_report_done(&report);
}

static void test_report_write_json_is_json_with_all_entries(void **state)
{
    char text[TEXT_SIZE];

    (void)state;
    write_all(sim_report_write_json, text);
    cJSON *root = cJSON_ParseWithOpts(text, NULL, true);
    assert_non_null(root);
    const cJSON *entries = cJSON_GetObjectItem(root, "entries");
    assert_int_equal(cJSON_GetArraySize(entries), 11);
    assert_string_equal(sim_json_text(root, "reason"), "why \"not\"");
    const cJSON *up = cJSON_GetArrayItem(entries, 1);
    assert_string_equal(sim_json_text(up, "topic"),
                        "lockstock/v1/device/main/scanner/scanner-1/up");
    assert_true(cJSON_IsObject(cJSON_GetObjectItem(up, "payload")));
    const cJSON *panel = cJSON_GetArrayItem(entries, 8);
    assert_string_equal(sim_json_text(panel, "payload"), "caf?? ?");
    cJSON_Delete(root);
}

static void test_report_write_text_has_head_and_entries(void **state)
{
    char text[TEXT_SIZE];

    (void)state;
    write_all(sim_report_write_text, text);
    assert_non_null(strstr(text, "s: A title\nfailed after 1234 ms and 2 steps, seed 7, "));
    assert_non_null(strstr(text, "\nwhy \"not\"\n"));
    assert_non_null(strstr(text, "     0.005  panel    scanner-1  error"));
}

static void test_diagram_write_leaves_questions_out(void **state)
{
    char text[TEXT_SIZE];

    (void)state;
    write_all(sim_diagram_write, text);
    assert_non_null(strstr(text, "```mermaid\nsequenceDiagram\n    participant p0 as scanner-1\n"));
    assert_non_null(strstr(text, "p0-)p1: up scan LT-1\n"));
    assert_non_null(strstr(text, "p1-)p0: ack wrong_item Put it back\n"));
    assert_non_null(strstr(text, "p2-)p3: cancel\n"));
    assert_non_null(strstr(text, "p3-)p2: reply CANCELED\n"));
    assert_non_null(strstr(text, "p5->>p2: POST /x\n")); /* the body is for report.json */
    assert_null(strstr(text, "reply X"));
    assert_non_null(strstr(text, "participant p4 as streams\n"));
    assert_non_null(strstr(text, "p3-)p4: RentalCanceled\n"));
    assert_non_null(strstr(text, "Note over p0,p5: mina scan asset LT-1#59; #35; of\n"));
}

static void test_report_add_beyond_maximum_is_counted(void **state)
{
    struct sim_report report;

    (void)state;
    sim_report_init(&report, 0, 0);
    report.max = 2;
    for (int i = 0; i < 5; i++)
        add(&report, SIM_ENTRY_NOTE, NULL, "x", NULL);
    assert_int_equal(report.count, 2);
    assert_int_equal(report.dropped, 3);
    sim_report_done(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_write_json_is_json_with_all_entries),
        cmocka_unit_test(test_report_write_text_has_head_and_entries),
        cmocka_unit_test(test_diagram_write_leaves_questions_out),
        cmocka_unit_test(test_report_add_beyond_maximum_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
