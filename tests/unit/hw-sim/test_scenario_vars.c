/* Variables, and what conditions compare: pointers, topics, labels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenario/label.h"
#include "scenario/match.h"
#include "scenario/vars.h"

static void expand_is(const struct sim_vars *vars, const char *in, const char *expected)
{
    struct kit_error err = { 0 };
    cJSON *value = cJSON_Parse(in), *out = NULL;

    assert_non_null(value);
    assert_int_equal(sim_vars_expand(vars, value, &out, &err), KIT_OK);
    char *text = cJSON_PrintUnformatted(out);
    assert_string_equal(text, expected);
    free(text);
    cJSON_Delete(out);
    cJSON_Delete(value);
}

static void setup(struct sim_vars *vars)
{
    sim_vars_init(vars);
    sim_vars_set_take(vars, "order",
                      cJSON_Parse("{\"id\":7,\"list\":[{\"x\":\"y\"}],\"big\":9007199254740991}"));
}

static void test_expand_whole_text_keeps_its_type(void **state)
{
    struct sim_vars vars;

    (void)state;
    setup(&vars);
    expand_is(&vars, "\"${order.id}\"", "7");
    expand_is(&vars, "{\"a\":[\"${order.list.0.x}\"],\"b\":1}", "{\"a\":[\"y\"],\"b\":1}");
    expand_is(&vars, "\"/rentals/${order.id}/${order.id}!\"", "\"/rentals/7/7!\"");
    expand_is(&vars, "\"${order.id}${order.id}\"", "\"77\"");
    expand_is(&vars, "\"n${order.big}\"", "\"n9007199254740991\"");
    expand_is(&vars, "\"no $ {variable}\"", "\"no $ {variable}\"");
    sim_vars_done(&vars);
}

static void test_expand_unknown_member_names_what_there_is(void **state)
{
    struct sim_vars vars;
    struct kit_error err = { 0 };
    cJSON *value = cJSON_CreateString("x${order.nope}"), *out = NULL;

    (void)state;
    setup(&vars);
    assert_int_equal(sim_vars_expand(&vars, value, &out, &err), KIT_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "there is no ${order.nope}; order is {\"id\":7"));
    cJSON_Delete(value);
    sim_vars_done(&vars);
}

static void test_expand_too_long_is_refused(void **state)
{
    static char name[SIM_VARS_TEXT_MAX + 1];
    struct sim_vars vars;
    struct kit_error err = { 0 };
    cJSON *value = cJSON_CreateString("a ${long}"), *out = NULL;

    (void)state;
    memset(name, 'x', SIM_VARS_TEXT_MAX);
    setup(&vars);
    sim_vars_set_take(&vars, "long", cJSON_CreateString(name));
    assert_int_equal(sim_vars_expand(&vars, value, &out, &err), KIT_E_TOO_LARGE);
    cJSON_Delete(value);
    sim_vars_done(&vars);
}

static void test_topic_matches_filters_of_mqtt(void **state)
{
    (void)state;
    assert_true(sim_topic_matches("a/b/c", "a/b/c"));
    assert_true(sim_topic_matches("a/+/c", "a/b/c"));
    assert_true(sim_topic_matches("a/#", "a/b/c"));
    assert_true(sim_topic_matches("a/#", "a"));
    assert_true(sim_topic_matches("#", "a/b"));
    assert_false(sim_topic_matches("a/+", "a/b/c"));
    assert_false(sim_topic_matches("a/b", "a/bb"));
    assert_false(sim_topic_matches("a/b/c", "a/b"));
    assert_false(sim_topic_matches("a/bb", "a/b"));
}

static bool match(const char *document, const char *pointer, const char *how)
{
    char seen[80];
    cJSON *root = cJSON_Parse(document), *wanted = cJSON_Parse(how);
    bool ok = sim_json_match(root, pointer, wanted, seen, sizeof(seen));
    cJSON_Delete(root);
    cJSON_Delete(wanted);
    return ok;
}

static void test_json_match_compares_as_conditions_say(void **state)
{
    static const char doc[] = "{\"status\":\"READY\",\"n\":3,\"list\":[{\"v\":1},{\"v\":2}]}";

    (void)state;
    assert_true(match(doc, "/status", "{\"equals\":\"READY\"}"));
    assert_false(match(doc, "/status", "{\"equals\":\"ready\"}"));
    assert_true(match(doc, "/status", "{\"in\":[\"A\",\"READY\"]}"));
    assert_true(match(doc, "/status", "{\"contains\":\"EAD\"}"));
    assert_false(match(doc, "/n", "{\"contains\":\"3\"}"));
    assert_true(match(doc, "/n", "{\"equals\":\"3\"}"));
    assert_true(match(doc, "/n", "{\"atLeast\":3}"));
    assert_false(match(doc, "/n", "{\"atLeast\":4}"));
    assert_true(match(doc, "/list/*/v", "{\"equals\":2}"));
    assert_false(match(doc, "/list/*/v", "{\"equals\":3}"));
    assert_true(match(doc, "/list/1/v", "{\"equals\":2}"));
    assert_false(match(doc, "/nope", "{}"));
    assert_true(match(doc, "/nope", "{\"exists\":false}"));
    assert_false(match(doc, "/n", "{\"exists\":false}"));
    assert_true(match(doc, "", "{}"));
}

/* schemas/rules/devices.md 3.3; worked out by hand: A=10, L=21, T=29, -=36, 1. */
static void test_label_print_has_its_check_character(void **state)
{
    char label[SIM_LABEL_SIZE];

    (void)state;
    assert_true(sim_label_print("asset", "LT-1", label));
    assert_memory_equal(label, "LS:A:LT-1:", 10);
    int sum = 0;
    const int values[] = { 10, 21, 29, 36, 1 };
    for (size_t i = 0; i < 5; i++)
        sum = (sum + values[i]) * 2 % 37;
    int check = label[10] >= 'A' ? label[10] - 'A' + 10 : label[10] == '*' ? 36 : label[10] - '0';
    assert_int_equal((sum + check) % 37, 1);
    assert_true(sim_label_print("order", "7", label));
    assert_memory_equal(label, "LS:O:7:", 7);
    assert_false(sim_label_print("asset", "lower", label));
    assert_false(sim_label_print("asset", "", label));
    assert_false(sim_label_print("asset", "1234567890123456789012345", label));
    assert_false(sim_label_print("pet", "1", label));
    assert_true(sim_label_print("gtin", "04012345678901", label));
    assert_string_equal(label, "(01)04012345678901");
    assert_false(sim_label_print("gtin", "4012345678901", label));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand_whole_text_keeps_its_type),
        cmocka_unit_test(test_expand_unknown_member_names_what_there_is),
        cmocka_unit_test(test_expand_too_long_is_refused),
        cmocka_unit_test(test_topic_matches_filters_of_mqtt),
        cmocka_unit_test(test_json_match_compares_as_conditions_say),
        cmocka_unit_test(test_label_print_has_its_check_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
