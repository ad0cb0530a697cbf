/* Topics are built as schemas/topics.md says, and nothing else is taken for one. */
#include "fakes/cmocka_all.h"
#include "kit/rpc/topic.h"

static void test_topics_are_those_of_the_page(void **state)
{
    char topic[KIT_TOPIC_SIZE];
    (void)state;
    kit_topic_rpc(topic, "rental", "create", "bridge");
    assert_string_equal(topic, "lockstock/v1/rpc/rental/create/bridge");
    kit_topic_reply(topic, "bridge", "rental");
    assert_string_equal(topic, "lockstock/v1/reply/bridge/rental");
    kit_topic_stream(topic, "stock-busan");
    assert_string_equal(topic, "lockstock/v1/stream/stock-busan");
    kit_topic_head(topic, "rental");
    assert_string_equal(topic, "lockstock/v1/stream/rental/head");
    kit_topic_status(topic, "rental");
    assert_string_equal(topic, "lockstock/v1/service/rental/status");
    kit_topic_degraded(topic, "rental");
    assert_string_equal(topic, "lockstock/v1/service/rental/degraded");
}

static void test_parse_rpc_takes_what_was_built(void **state)
{
    struct kit_rpc_topic parsed;
    (void)state;
    assert_true(kit_topic_parse_rpc("lockstock/v1/rpc/rental/create/bridge", &parsed));
    assert_string_equal(parsed.instance, "rental");
    assert_string_equal(parsed.method, "create");
    assert_string_equal(parsed.caller, "bridge");
}

static void test_parse_rpc_foreign_forms_are_refused(void **state)
{
    static const char *const BAD[] = {
        "",
        "lockstock/v1/rpc/rental/create",
        "lockstock/v1/rpc/rental/create/bridge/more",
        "lockstock/v1/rpc//create/bridge",
        "lockstock/v1/rpc/rental//bridge",
        "lockstock/v1/rpc/rental/create/",
        "lockstock/v2/rpc/rental/create/bridge",
        "/lockstock/v1/rpc/rental/create/bridge",
        "lockstock/v1/rpc/rental/create/a-name-that-is-longer-than-any-instance-name-may-be",
    };
    struct kit_rpc_topic parsed;
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(BAD); i++)
        assert_false(kit_topic_parse_rpc(BAD[i], &parsed));
}

static void test_parse_kinds_do_not_mix(void **state)
{
    char name[KIT_INSTANCE_SIZE];
    (void)state;
    assert_true(kit_topic_parse("lockstock/v1/stream/rental", "stream", NULL, name));
    assert_string_equal(name, "rental");
    assert_false(kit_topic_parse("lockstock/v1/stream/rental/head", "stream", NULL, name));
    assert_true(kit_topic_parse("lockstock/v1/stream/rental/head", "stream", "head", name));
    assert_false(kit_topic_parse("lockstock/v1/stream/rental/header", "stream", "head", name));
    assert_true(kit_topic_parse("lockstock/v1/service/stock/state", "service", "state", name));
    assert_string_equal(name, "stock");
}

static void test_parse_reply_only_ours(void **state)
{
    char name[KIT_INSTANCE_SIZE];
    (void)state;
    assert_true(kit_topic_parse_reply("lockstock/v1/reply/bridge/rental", "bridge", name));
    assert_string_equal(name, "rental");
    assert_false(kit_topic_parse_reply("lockstock/v1/reply/bridge2/rental", "bridge", name));
    assert_false(kit_topic_parse_reply("lockstock/v1/reply/bridge/rental/x", "bridge", name));
    assert_false(kit_topic_parse_reply("lockstock/v1/reply/bridge", "bridge", name));
}

static void test_urgent_is_what_somebody_waits_for(void **state)
{
    (void)state;
    assert_true(kit_topic_is_urgent("lockstock/v1/rpc/delivery/cancel/rental"));
    assert_true(kit_topic_is_urgent("lockstock/v1/reply/rental/delivery"));
    assert_true(kit_topic_is_urgent("lockstock/v1/service/delivery/state"));
    assert_false(kit_topic_is_urgent("lockstock/v1/rpc/delivery/seen/rental"));
    assert_false(kit_topic_is_urgent("lockstock/v1/service/delivery/status"));
    assert_false(kit_topic_is_urgent("lockstock/v1/stream/rental"));
    assert_false(kit_topic_is_urgent("lockstock/v1/stream/rental/head"));
    assert_false(kit_topic_is_urgent("lockstock/v1/device/main/locker/locker-1/up"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics_are_those_of_the_page),
        cmocka_unit_test(test_urgent_is_what_somebody_waits_for),
        cmocka_unit_test(test_parse_rpc_takes_what_was_built),
        cmocka_unit_test(test_parse_rpc_foreign_forms_are_refused),
        cmocka_unit_test(test_parse_kinds_do_not_mix),
        cmocka_unit_test(test_parse_reply_only_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
