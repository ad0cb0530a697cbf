/* The broker connection when things break: the broker dies, stops, refuses; settings are wrong. */
#include "bus_client.h"
#include "fakes/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "kit/bus/internal.h"
#include "kit/process/system.h"

#define CUT_OFF 300 /* more than the window: some are in flight, some wait */

static struct broker broker;
static struct client client;
static struct client *one[] = { &client };

static int setup(void **state)
{
    (void)state;
    broker = (struct broker){ 0 };
    broker_start(&broker, "allow_anonymous true\nmax_inflight_messages 1000\n");
    client_start(&client, &broker, "faulty", "test/#");
    client_until_up(&client);
    return 0;
}

static int reset(void **state)
{
    (void)state;
    client_reset(&client);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    client_stop(&client, 1000);
    broker_done(&broker);
    return 0;
}

static void check_works(const char *text)
{
    int64_t before = client.message_count;
    client_publish(&client, "test/works", text, 1, 0);
    client_until_messages(&client, before + 1);
    assert_string_equal(client.last.payload, text);
}

static void test_broker_killed_then_back_subscribes_again(void **state)
{
    (void)state;
    struct kit_error err;
    const struct kit_message message = {
        .topic = "test/x", .payload = "x", .payload_size_bytes = 1, .qos = 1
    };
    check_works("before");
    for (int round = 1; round <= 2; round++) {
        broker_end(&broker, SIGKILL);
        client_until_down(&client);
        assert_false(kit_bus_paho_is_up(client.bus));
        assert_int_equal(client_try_publish(&client, &message, 1, &err), KIT_E_UNAVAILABLE);
        assert_non_null(strstr(err.text, "no connection"));
        broker_restart(&broker);
        client_until_up(&client);
        check_works("after"); /* arrives only if it subscribed again */
        assert_int_equal(client.downs, round);
    }
    assert_int_equal(client.published[1], 0);
}

static bool is_log_about(void *context)
{
    return strstr(client.log, context) != NULL;
}

/* The broker says goodbye: paho then calls another callback than for a broken connection. */
static void test_broker_stopped_in_order_is_noticed(void **state)
{
    (void)state;
    broker_end(&broker, SIGTERM);
    client_until_down(&client);
    assert_non_null(strstr(client.log, "broker_down"));
    broker_restart(&broker);
    client_until_up(&client);
    check_works("after");
}

static void test_publish_cut_off_ends_once_each_as_unavailable(void **state)
{
    (void)state;
    struct kit_bus_stats stats;
    broker_signal(&broker, SIGSTOP); /* takes nothing more */
    for (uint64_t i = 1; i <= CUT_OFF; i++)
        client_publish(&client, "test/cut", "x", 1, i);
    for (uint64_t i = CUT_OFF + 1; i <= CUT_OFF + 10; i++)
        client_publish(&client, "test/cut", "x", 0, i);
    broker_end(&broker, SIGKILL);
    client_until_down(&client);
    assert_int_equal(client.published_count, CUT_OFF + 10);
    for (int i = 1; i <= CUT_OFF; i++) {
        assert_int_equal(client.published[i], 1);
        assert_int_equal(client.codes[i], KIT_E_UNAVAILABLE);
    }
    for (int i = CUT_OFF + 1; i <= CUT_OFF + 10; i++) /* QoS 0 ends when the socket has it */
        assert_int_equal(client.published[i], 1);
    kit_bus_paho_stats(client.bus, &stats);
    assert_int_equal(stats.in_flight, 0);
    assert_int_equal(stats.outbound_waiting, 0);
    assert_true(stats.publish_failed >= CUT_OFF);

    broker_restart(&broker);
    client_until_up(&client);
    check_works("after");
    assert_int_equal(client.published_count, CUT_OFF + 10);
}

static void test_close_without_an_answering_broker_ends_every_publish(void **state)
{
    (void)state;
    struct client closing;
    client_start(&closing, &broker, "closing", NULL);
    client_until_up(&closing);
    broker_signal(&broker, SIGSTOP);
    for (uint64_t i = 1; i <= 10; i++)
        client_publish(&closing, "test/x", "x", 1, i);
    client_stop(&closing, 50);
    broker_signal(&broker, SIGCONT);
    assert_int_equal(closing.published_count, 10);
    for (int i = 1; i <= 10; i++)
        assert_int_equal(closing.codes[i], KIT_E_UNAVAILABLE);
}

static void test_second_client_of_the_same_name_evicts_and_both_say_so(void **state)
{
    (void)state;
    struct client other;
    client_start(&other, &broker, "faulty", NULL);
    client_until_up(&other);
    client_until_down(&client);
    assert_non_null(strstr(client.log, "broker_down"));
    client_stop(&other, 1000);
    client_until_up(&client);
}

static void test_broker_absent_is_logged_once_and_tried_again(void **state)
{
    (void)state;
    struct kit_bus_stats stats;
    broker_end(&broker, SIGKILL);
    struct client early;
    client_start(&early, &broker, "early", "test/#");
    do {
        client_turn(&early);
        kit_bus_paho_stats(early.bus, &stats);
    } while (stats.connects < 4);
    const char *first = strstr(early.log, "broker_down");
    assert_non_null(first);
    assert_null(strstr(first + 1, "broker_down")); /* the same reason, not a line each time */
    assert_int_equal(early.ups, 0);
    assert_int_equal(early.downs, 0);
    broker_restart(&broker);
    client_until_up(&early);
    assert_int_equal(early.ups, 1);
    client_stop(&early, 1000);
    client_until_down(&client);
    client_until_up(&client);
}

static void test_connect_with_a_wrong_password_says_what_to_check(void **state)
{
    (void)state;
    struct broker strict = { 0 };
    broker_start(&strict, "allow_anonymous false\n");
    const struct kit_bus_config config = {
        .host = "127.0.0.1", .port = strict.port, .instance = "stranger", .password = "wrong"
    };
    char advice[] = "--mqtt-password-file";
    struct client before = client; /* is_log_about looks at `client` */
    client_start_with(&client, &config);
    clients_until(one, 1, is_log_about, advice);
    assert_int_equal(client.ups, 0);
    client_stop(&client, 100);
    client = before;
    broker_done(&strict);
}

/* mosquitto grants every subscription, so the broker's refusal is told to the callback directly. */
static void test_subscription_refused_is_a_lost_link(void **state)
{
    (void)state;
    enum MQTTReasonCodes codes[] = { MQTTREASONCODE_GRANTED_QOS_1, MQTTREASONCODE_NOT_AUTHORIZED };
    MQTTAsync_successData5 data = MQTTAsync_successData5_initializer;
    data.alt.sub.reasonCodeCount = 2;
    data.alt.sub.reasonCodes = codes;
    bus_on_subscribed(client.bus, &data);
    client_until_down(&client);
    assert_non_null(strstr(client.log, "subscription 2 of 2 was refused (0x87)"));
    client_until_up(&client);

    data.alt.sub.reasonCodeCount = 1; /* paho leaves the list empty for one */
    data.alt.sub.reasonCodes = NULL;
    data.reasonCode = MQTTREASONCODE_QUOTA_EXCEEDED;
    bus_on_subscribed(client.bus, &data);
    client_until_down(&client);
    assert_non_null(strstr(client.log, "subscription 1 of 1 was refused (0x97)"));

    MQTTAsync_failureData5 failure = MQTTAsync_failureData5_initializer;
    failure.reasonCode = MQTTREASONCODE_TOPIC_FILTER_INVALID;
    client_until_up(&client);
    bus_on_subscribe_failed(client.bus, &failure);
    client_until_down(&client);
    assert_non_null(strstr(client.log, "(0x8f)"));
    client_until_up(&client);
}

static void test_connect_tries_the_addresses_in_turn(void **state)
{
    (void)state;
    struct client second;
    const struct kit_bus_config config = { .host = "127.0.0.9,127.0.0.8,127.0.0.1",
                                           .port = broker.port,
                                           .instance = "wanderer" };
    client_start_with(&second, &config); /* the broker listens at the last one */
    client_until_up(&second);
    client_stop(&second, 1000);
}

static void test_new_with_unusable_settings_is_refused(void **state)
{
    (void)state;
    const struct kit_bus_config wrong[] = {
        { .host = "", .port = 1883, .instance = "a" },
        { .host = "a b", .port = 1883, .instance = "a" },
        { .host = "a,,b", .port = 1883, .instance = "a" },
        { .host = "a,", .port = 1883, .instance = "a" },
        { .host = "a,b,c,d,e", .port = 1883, .instance = "a" },
        { .host = "127.0.0.1", .port = 0, .instance = "a" },
        { .host = "127.0.0.1", .port = 65536, .instance = "a" },
        { .host = "127.0.0.1", .port = 1883, .instance = "" },
    };
    const struct kit_bus_events events = { .context = NULL };
    const struct kit_log log = { .self = NULL };
    const struct kit_bus_paho_ports ports = { NULL, kit_system_clock(), kit_system_rng(), &log };
    for (size_t i = 0; i < KIT_COUNT(wrong); i++) {
        struct kit_bus_paho *bus = NULL;
        struct kit_error err = { .text = "" };
        assert_int_equal(kit_bus_paho_new(&bus, &wrong[i], &ports, &events, &err), KIT_E_INVALID);
        assert_null(bus);
        assert_true(strlen(err.text) > 10);
    }
    kit_bus_paho_free(NULL);
    kit_bus_paho_close(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_broker_killed_then_back_subscribes_again, reset),
        cmocka_unit_test_setup(test_broker_stopped_in_order_is_noticed, reset),
        cmocka_unit_test_setup(test_publish_cut_off_ends_once_each_as_unavailable, reset),
        cmocka_unit_test_setup(test_close_without_an_answering_broker_ends_every_publish, reset),
        cmocka_unit_test_setup(test_second_client_of_the_same_name_evicts_and_both_say_so, reset),
        cmocka_unit_test_setup(test_broker_absent_is_logged_once_and_tried_again, reset),
        cmocka_unit_test_setup(test_connect_with_a_wrong_password_says_what_to_check, reset),
        cmocka_unit_test_setup(test_subscription_refused_is_a_lost_link, reset),
        cmocka_unit_test(test_connect_tries_the_addresses_in_turn),
        cmocka_unit_test(test_new_with_unusable_settings_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
