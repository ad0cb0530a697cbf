/* The report as text, JSON and diagram; what devices and services say; words of the command line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "play/cli.h"
#include "report/diagram.h"
#include "report/report.h"
#include "world/news.h"

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

/* ---- news ---- */

#define EPOCH "0123456789abcdef0123456789abcdef"

static void up(struct sim_news *news, const char *records)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "{\"epoch\":\"" EPOCH "\",\"boot\":2,\"firstSeq\":1,\"configRevision\":0,"
                   "\"bounced\":4,\"unreadable\":0,\"overflowed\":0,\"records\":[%s]}",
                   records);
    sim_news_on_up(news, text, strlen(text));
}

static void ack(struct sim_news *news, const char *epoch, int seq, const char *verdicts)
{
    char text[400];
    (void)snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"seq\":%d,\"now\":1,\"verdicts\":[%s]}",
                   epoch, seq, verdicts);
    sim_news_on_ack(news, text, strlen(text));
}

static int64_t counter(const struct sim_news *news, const char *name)
{
    int64_t value = -1;
    assert_true(sim_news_counter(news, name, &value));
    return value;
}

static void test_news_config_unstored_until_device_says(void **state)
{
    static const char config[] = "{\"revision\":7,\"now\":1,\"grants\":[]}";
    static const char said[] = "{\"epoch\":\"" EPOCH "\",\"configRevision\":7,\"records\":[]}";
    struct sim_news news = { 0 };

    (void)state;
    up(&news, "");
    assert_int_equal(counter(&news, "configUnstored"), 0);
    sim_news_on_config(&news, config, strlen(config));
    assert_int_equal(counter(&news, "configUnstored"), 1);
    up(&news, "{\"seq\":1}"); /* of before */
    assert_int_equal(counter(&news, "configUnstored"), 1);
    sim_news_on_config(&news, "?", 1);
    sim_news_on_up(&news, said, strlen(said));
    assert_int_equal(counter(&news, "configUnstored"), 0);
    sim_news_done(&news);
}

static void test_news_counts_records_and_verdicts_once(void **state)
{
    static const char verdict[] =
        "{\"seq\":1,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"p\"}";
    struct sim_news news = { 0 };
    int64_t value = 0;

    (void)state;
    up(&news, "{\"seq\":1},{\"seq\":2}");
    up(&news, "{\"seq\":1},{\"seq\":2}"); /* sent again */
    assert_int_equal(counter(&news, "records"), 2);
    assert_int_equal(counter(&news, "unacked"), 2);
    assert_int_equal(counter(&news, "bounced"), 4);
    ack(&news, "ffffffffffffffffffffffffffffffff", 2, verdict); /* another epoch */
    ack(&news, EPOCH, 9, "");                                   /* beyond what was sent */
    assert_int_equal(counter(&news, "acked"), 0);
    ack(&news, EPOCH, 1, verdict);
    ack(&news, EPOCH, 1, verdict); /* told again */
    assert_int_equal(counter(&news, "acked"), 1);
    assert_int_equal(counter(&news, "verdicts"), 1);
    up(&news, "{\"seq\":4}");
    assert_int_equal(counter(&news, "gaps"), 1);
    assert_false(sim_news_counter(&news, "nope", &value));
    sim_news_on_up(&news, "{garbage", 8);
    sim_news_on_ack(&news, "[]", 2);
    assert_int_equal(counter(&news, "records"), 3);
    sim_news_done(&news);
}

static void test_news_verdict_after_the_ack_of_a_hello_is_counted(void **state)
{
    static const char verdict[] =
        "{\"seq\":2,\"result\":\"accepted\",\"signal\":\"ok\",\"prompt\":\"p\"}";
    struct sim_news news = { 0 };

    (void)state;
    up(&news, "{\"seq\":1},{\"seq\":2}"); /* its ack gets lost, and the device restarts */
    up(&news, "");
    ack(&news, EPOCH, 2, "");
    assert_int_equal(counter(&news, "unacked"), 0);
    assert_int_equal(counter(&news, "verdicts"), 0);
    up(&news, "{\"seq\":1},{\"seq\":2},{\"seq\":3}");
    ack(&news, EPOCH, 3, verdict);
    assert_int_equal(counter(&news, "verdicts"), 1);
    sim_news_done(&news);
}

/* ---- command line ---- */

static bool parse(struct sim_cli *cli, char *message, const char *const *words)
{
    char *copies[32];
    int count = 0;
    for (; words[count] != NULL && count < 31; count++)
        copies[count] = (char *)(uintptr_t)words[count]; /* main() has no const either */
    return sim_cli_parse(count, copies, cli, message);
}

static void test_cli_parse_reads_options(void **state)
{
    const char *const words[] = { "lockstock-sim", "run",       "a.json",  "--seed", "9",
                                  "--speed",       "2.5",       "--until", "x",      "--device",
                                  "s=/dev/ttyS0",  "--verbose", "b.json",  NULL };
    struct sim_cli cli;
    char message[SIM_MESSAGE_SIZE];

    (void)state;
    assert_true(parse(&cli, message, words));
    assert_int_equal(cli.command, SIM_COMMAND_RUN);
    assert_int_equal(cli.file_count, 2);
    assert_int_equal(cli.options.seed, 9);
    assert_int_equal(cli.options.speed_percent, 250);
    assert_string_equal(cli.options.until, "x");
    assert_string_equal(cli.options.ports[0], "s=/dev/ttyS0");
    assert_true(cli.options.is_verbose);
    assert_false(cli.options.keep_names);
}

static void test_cli_parse_bad_words_are_told(void **state)
{
    static const char *const rows[][6] = {
        { "sim", NULL },
        { "sim", "fly", NULL },
        { "sim", "run", NULL },
        { "sim", "run", "a", "--seed", "x", NULL },
        { "sim", "run", "a", "--seed", "-1", NULL },
        { "sim", "run", "a", "--speed", "nan", NULL },
        { "sim", "run", "a", "--until", NULL },
        { "sim", "run", "a", "--device", "s", NULL },
        { "sim", "run", "a", "--nope", NULL },
    };
    static const char *const said[] = {
        "say what to do",
        "'fly' is not a command",
        "needs at least one scenario",
        "--seed 'x' is not a number",
        "--seed '-1' is not",
        "--speed 'nan' is not",
        "--until needs a value",
        "--device 's' is not ID=PORT",
        "unknown option '--nope'",
    };
    struct sim_cli cli;
    char message[SIM_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(parse(&cli, message, rows[i]));
        if (strstr(message, said[i]) == NULL)
            fail_msg("row %zu: \"%s\"", i, message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_write_json_is_json_with_all_entries),
        cmocka_unit_test(test_report_write_text_has_head_and_entries),
        cmocka_unit_test(test_diagram_write_leaves_questions_out),
        cmocka_unit_test(test_report_add_beyond_maximum_is_counted),
        cmocka_unit_test(test_news_config_unstored_until_device_says),
        cmocka_unit_test(test_news_counts_records_and_verdicts_once),
        cmocka_unit_test(test_news_verdict_after_the_ack_of_a_hello_is_counted),
        cmocka_unit_test(test_cli_parse_reads_options),
        cmocka_unit_test(test_cli_parse_bad_words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
