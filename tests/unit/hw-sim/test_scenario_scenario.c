/* Scenario files: what is wrong with one is told with line, column, pointer and a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/locate.h"
#include "scenario/scenario.h"

#define HEAD                                                                                       \
    "{\"title\":\"t\",\n\"devices\":[{\"id\":\"scanner-1\",\"kind\":\"scanner\"},"                 \
    "{\"id\":\"locker-1\",\"kind\":\"locker\",\"compartments\":\"SM\","                            \
    "\"boards\":[{\"type\":\"cu16\"}]}],\n"                                                        \
    "\"actors\":[{\"name\":\"mina\",\"kind\":\"worker\",\"scanner\":\"scanner-1\"},"               \
    "{\"name\":\"carla\",\"kind\":\"customer\"}],\n\"steps\":[\n"
#define STEPS(text) HEAD text "]}"

struct row {
    const char *text;
    const char *message; /* a part of it; NULL: the scenario is fine */
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sim_scenario scenario;
        char message[SIM_MESSAGE_SIZE] = "";
        bool ok = sim_scenario_parse("s.json", rows[i].text, strlen(rows[i].text), &scenario,
                                     message);
        if (ok)
            sim_scenario_done(&scenario);
        if (ok != (rows[i].message == NULL) ||
            (rows[i].message != NULL && strstr(message, rows[i].message) == NULL))
            fail_msg("row %zu: got \"%s\", wanted \"%s\"", i, message,
                     rows[i].message != NULL ? rows[i].message : "no error");
    }
}

static void test_scenario_parse_good_is_taken(void **state)
{
    static const struct row rows[] = {
        { STEPS("{\"do\":\"pause\",\"ms\":1}"), NULL },
        { STEPS("{\"do\":\"http\",\"method\":\"GET\",\"path\":\"/products\",\"save\":\"p\"},"
                "{\"do\":\"note\",\"text\":\"${p.page} ${run.tag} ${scanner-1.id}\"}"),
          NULL },
        { STEPS("{\"actor\":\"mina\",\"do\":\"scan\",\"label\":{\"compartment\":"
                "{\"locker\":\"locker-1\",\"compartment\":2}}}"),
          NULL },
        { STEPS("{\"do\":\"scan\",\"device\":\"scanner-1\",\"label\":{\"asset\":\"LT-${run.label}"
                "\"}}"),
          NULL },
        { STEPS("{\"do\":\"repeat\",\"count\":2,\"as\":\"n\",\"steps\":[{\"do\":\"note\",\"text\":"
                "\"${n}\"}]}"),
          NULL },
        { STEPS("{\"name\":\"a\",\"do\":\"pause\",\"ms\":1},{\"do\":\"wait\",\"condition\":"
                "{\"all\":[{\"panel\":{\"device\":\"scanner-1\",\"since\":\"a\"}},{\"not\":"
                "{\"door\":{\"locker\":\"locker-1\",\"compartment\":1,\"is\":\"open\"}}}]}}"),
          NULL },
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_scenario_parse_bad_json_names_line_and_column(void **state)
{
    static const struct row rows[] = {
        { "", "s.json:1:1: " },
        { "{\n  \"title\": \"t\",\n  \"steps\": [,]\n}", "s.json:3:13: " },
        { "{\"title\":\"t\",\n\"title\":\"t\"}", "s.json:2:" },
        { "{\"title\":\"ä\", x}", "s.json:1:15: " },
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_scenario_parse_against_schema_names_pointer_and_words(void **state)
{
    static const struct row rows[] = {
        { "[]", "s.json:1:1: expected an object {...}, found a list [...]" },
        { "{\"title\":\"t\"}", "\"steps\" is missing" },
        { "{\"title\":\"t\",\"steps\":[],\n \"stepps\":1}", "s.json:1:22: /steps: the list has 0" },
        { "{\"title\":\"t\",\n \"stepps\":1}",
          "s.json:2:11: /stepps: \"stepps\" is not known here" },
        { "{\"title\":7,\"steps\":[]}", "/title: expected a text, found a whole number" },
        { "{\"title\":\"\",\"steps\":[]}", "/title: the text has 0 characters" },
        { STEPS("{\"do\":\"pause\",\"ms\":0}"), "s.json:5:20: /steps/0/ms: 0 is out of range" },
        { STEPS("{\"do\":\"jump\"}"), "/steps/0: \"jump\" is no verb" },
        { STEPS("{\"ms\":1}"), "/steps/0: \"do\" is missing" },
        { STEPS("7"), "/steps/0: a step is an object" },
        { STEPS("{\"do\":\"pause\",\"ms\":1,\"actr\":\"mina\"}"), "known are name, do or ms" },
        { STEPS("{\"do\":\"wait\",\"condition\":{}}"), "exactly one is wanted: http, order" },
        { STEPS("{\"do\":\"expect-verdict\",\"device\":\"scanner-1\",\"result\":\"fine\"}"),
          "/steps/0/result: \"fine\" is not one of accepted" },
        { STEPS("{\"do\":\"http\",\"method\":\"GET\",\"path\":\"products\"}"),
          "/steps/0/path: \"products\" does not look like ^(/|[$][{])" },
        { STEPS("{\"do\":\"order\",\"product\":[]}"),
          "/steps/0/product: a list [...] cannot stand here" },
        { STEPS("{\"do\":\"wait\",\"condition\":{\"order\":{\"id\":1,\"is\":\"RAEDY\"}}}"),
          "/order/is: \"RAEDY\" is not one of ORDERED, DELIVERED" },
        { STEPS("{\"do\":\"wait\",\"condition\":{\"delivery\":{\"id\":1,\"is\":[\"READY\","
                "\"ORDERED\"]}}}"),
          "/delivery/is/1: \"ORDERED\" is not one of REQUESTED" },
        { STEPS("{\"do\":\"wait\",\"condition\":{\"asset\":{\"label\":\"asset:A\",\"state\":"
                "\"lost\"}}}"),
          "/asset/state: \"lost\" is not one of received" },
        { STEPS(
              "{\"do\":\"expect\",\"condition\":{\"record\":{\"device\":\"locker-1\",\"members\":{"
              "\"kind\":\"door\"},\"equals\":0}}}"),
          "/record/members/kind: the name \"kind\" does not look like ^/" },
        { STEPS(
              "{\"do\":\"expect\",\"condition\":{\"http\":{\"path\":\"/a\",\"pointer\":\"qty\"}}}"),
          "/http/pointer: \"qty\" does not look like ^(/|$)" },
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_scenario_parse_unknown_names_are_told(void **state)
{
    static const struct row rows[] = {
        { STEPS("{\"do\":\"note\",\"text\":\"${order.id}\"}"), "/text: ${order.id} is not set" },
        { STEPS("{\"do\":\"note\",\"text\":\"${order.id\"}"), "is not closed" },
        { STEPS("{\"actor\":\"nina\",\"do\":\"pause\",\"ms\":1}"), "\"actor\" is not known" },
        { STEPS("{\"actor\":\"nina\",\"do\":\"cancel\",\"order\":1}"),
          "/steps/0/actor: there is no actor \"nina\"" },
        { STEPS("{\"actor\":\"carla\",\"do\":\"scan\",\"raw\":\"x\"}"),
          "\"carla\" has no scanner" },
        { STEPS("{\"do\":\"scan\",\"raw\":\"x\"}"), "neither \"actor\" nor \"device\"" },
        { STEPS("{\"actor\":\"mina\",\"do\":\"scan\"}"), "either \"label\" or \"raw\"" },
        { STEPS("{\"do\":\"scan\",\"device\":\"locker-1\",\"raw\":\"x\"}"), "is not a scanner" },
        { STEPS("{\"actor\":\"mina\",\"do\":\"scan\",\"label\":{\"order\":1},\"beside\":{\"order\":"
                "2}}"),
          "/steps/0/beside: wants \"expect\" too" },
        { STEPS(
              "{\"actor\":\"mina\",\"do\":\"scan\",\"label\":{\"order\":1},\"beside\":{"
              "\"compartment\":{\"locker\":\"locker-1\",\"compartment\":3}},\"expect\":{\"signal\":"
              "\"ok\"}}"),
          "/steps/0/beside/compartment/compartment: locker \"locker-1\" does not have so many" },
        { STEPS("{\"do\":\"repeat\",\"count\":2,\"steps\":[{\"do\":\"pause\",\"ms\":1}],\"until\":{"
                "\"door\":{\"locker\":\"locker-9\",\"compartment\":1,\"is\":\"shut\"}}}"),
          "/steps/0/until/door/locker: there is no device \"locker-9\"" },
        { STEPS("{\"do\":\"open\",\"locker\":\"scanner-1\",\"compartment\":1}"),
          "is not a locker" },
        { STEPS("{\"do\":\"open\",\"locker\":\"locker-1\",\"compartment\":3}"),
          "/steps/0/compartment: locker \"locker-1\" does not have so many" },
        { STEPS("{\"do\":\"fault\",\"what\":\"link-cut\"}"), "\"device\" is missing" },
        { STEPS("{\"do\":\"fault\",\"what\":\"lock-jammed\",\"device\":\"locker-1\"}"),
          "\"compartment\" is missing" },
        { STEPS("{\"do\":\"fault\",\"what\":\"forge\",\"device\":\"locker-1\",\"leaf\":\"cmd\"}"),
          "\"payload\" is missing" },
        { STEPS("{\"do\":\"fault\",\"what\":\"replay\",\"device\":\"locker-1\",\"leaf\":\"cmd\","
                "\"to\":\"locker-9\"}"),
          "/steps/0/to: there is no device \"locker-9\"" },
        { STEPS("{\"name\":\"a\",\"do\":\"pause\",\"ms\":1},{\"name\":\"a\",\"do\":\"pause\","
                "\"ms\":1}"),
          "/steps/1/name: two steps are named \"a\"" },
        { STEPS("{\"do\":\"wait\",\"condition\":{\"panel\":{\"device\":\"scanner-1\",\"since\":"
                "\"z\"}}}"),
          "no step before is named \"z\"" },
        { STEPS("{\"do\":\"scan\",\"device\":\"scanner-1\",\"label\":{\"asset\":\"abc def\"}}"),
          "/steps/0/label/asset: \"abc def\" cannot be on a label: it has 1 to 24 of" },
        { STEPS("{\"do\":\"scan\",\"device\":\"scanner-1\",\"label\":{\"asset\":\"lt${run.label}\"}"
                "}"),
          "/steps/0/label/asset: \"lt${run.label}\" cannot be on a label" },
        { STEPS("{\"do\":\"scan\",\"device\":\"scanner-1\",\"label\":{\"gtin\":\"123\"}}"),
          "/steps/0/label/gtin: \"123\" is not a GTIN of 14 digits" },
        { STEPS("{\"do\":\"set\",\"as\":\"run\",\"value\":1}"), "is taken by the runner" },
        { "{\"title\":\"t\",\"devices\":[{\"id\":\"a\",\"kind\":\"locker\"}],\"steps\":"
          "[{\"do\":\"pause\",\"ms\":1}]}",
          "/devices/0: a locker needs" },
        { "{\"title\":\"t\",\"devices\":[{\"id\":\"a\",\"kind\":\"scanner\"},{\"id\":\"a\","
          "\"kind\":"
          "\"scanner\"}],\"steps\":[{\"do\":\"pause\",\"ms\":1}]}",
          "/devices/1/id: \"a\" is there twice" },
    };
    (void)state;
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_scenario_load_absent_file_says_so(void **state)
{
    struct sim_scenario scenario;
    char message[SIM_MESSAGE_SIZE] = "";

    (void)state;
    assert_false(sim_scenario_load("/nonexistent/s.json", &scenario, message));
    assert_non_null(strstr(message, "/nonexistent/s.json: cannot be read: No such file"));
}

static void test_locate_pointers_are_found_in_text(void **state)
{
    static const char text[] =
        "{ \"a\\\\\": 1,\n \"b\": [ \"]}\", {\"c\": true} ],\n \"d/e\": {} }";
    struct sim_place place = { 0, 0 };

    (void)state;
    assert_true(sim_locate(text, strlen(text), "", &place));
    assert_int_equal(place.line, 1);
    assert_true(sim_locate(text, strlen(text), "/b/1/c", &place));
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 21);
    assert_true(sim_locate(text, strlen(text), "/d~1e", &place));
    assert_int_equal(place.line, 3);
    assert_false(sim_locate(text, strlen(text), "/b/2", &place));
    assert_false(sim_locate(text, strlen(text), "/b/x", &place));
    assert_false(sim_locate(text, strlen(text), "/z", &place));
    assert_false(sim_locate(text, strlen(text), "/b/0/c", &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenario_parse_good_is_taken),
        cmocka_unit_test(test_scenario_parse_bad_json_names_line_and_column),
        cmocka_unit_test(test_scenario_parse_against_schema_names_pointer_and_words),
        cmocka_unit_test(test_scenario_parse_unknown_names_are_told),
        cmocka_unit_test(test_scenario_load_absent_file_says_so),
        cmocka_unit_test(test_locate_pointers_are_found_in_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
