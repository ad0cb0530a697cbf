/* The broker connection against a real mosquitto: what is sent arrives as it was, within the
 * window, and every publish has exactly one end. */
#include "bus_client.h"
#include "fakes/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "kit/bus/internal.h"

#define BURST 5000

static struct broker broker;
static struct client sender;
static struct client receiver;
static struct client *both[] = { &sender, &receiver };

struct burst {
    int64_t sent, total;
    int qos;
};

static int setup(void **state)
{
    (void)state;
    broker = (struct broker){ 0 };
    broker_start(&broker, "allow_anonymous true\nmax_inflight_messages 1000\n");
    client_start(&receiver, &broker, "receiver", "test/#");
    client_until_up(&receiver);
    client_start(&sender, &broker, "sender", NULL);
    client_until_up(&sender);
    return 0;
}

/* Tests share one broker and its two clients: connecting costs up to a second (see paho.c). Each
 * leaves nothing under way. */
static int reset(void **state)
{
    (void)state;
    client_reset(&sender);
    client_reset(&receiver);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    client_stop(&sender, 1000);
    client_stop(&receiver, 1000);
    broker_done(&broker);
    return 0;
}

static void test_publish_all_properties_arrive(void **state)
{
    (void)state;
    struct kit_message message = { .topic = "test/one",
                                   .payload = "{\"a\":1}",
                                   .payload_size_bytes = 7,
                                   .qos = 1,
                                   .response_topic = "lockstock/v1/reply/sender/receiver",
                                   .has_correlation = true,
                                   .deadline_ms = 1767225600123,
                                   .left_ms = 610,
                                   .sender_life = 0xfa0000c3,
                                   .sent_mono_ms = 12345678,
                                   .status = "not_found",
                                   .key = "k-1",
                                   .traceparent = "00-0af7651916cd43dd8448eb211c80319c-"
                                                  "b7ad6b7169203331-01",
                                   .actor = { 17, 3, KIT_ROLE_SUPERVISOR } };
    for (uint8_t i = 0; i < KIT_CORRELATION_SIZE; i++)
        message.correlation[i] = (uint8_t)(i * 17); /* with zero and bytes above 0x7f */
    assert_int_equal(client_try_publish(&sender, &message, 1, NULL), KIT_OK);
    client_until_published(&sender, 1);
    client_until_messages(&receiver, 1);

    const struct client_message *got = &receiver.last;
    assert_string_equal(got->topic, "test/one");
    assert_string_equal(got->payload, "{\"a\":1}");
    assert_int_equal(got->qos, 1);
    assert_false(got->retain);
    assert_string_equal(got->response_topic, message.response_topic);
    assert_true(got->has_correlation);
    assert_memory_equal(got->correlation, message.correlation, KIT_CORRELATION_SIZE);
    assert_int_equal(got->deadline_ms, message.deadline_ms);
    assert_int_equal(got->left_ms, message.left_ms);
    assert_int_equal(got->sender_life, message.sender_life);
    assert_int_equal(got->sent_mono_ms, message.sent_mono_ms);
    assert_string_equal(got->status, "not_found");
    assert_string_equal(got->key, "k-1");
    assert_string_equal(got->traceparent, message.traceparent);
    assert_int_equal(got->actor.person, 17);
    assert_int_equal(got->actor.account, 3);
    assert_int_equal(got->actor.role, KIT_ROLE_SUPERVISOR);
    assert_int_equal(sender.codes[1], KIT_OK);
}

static void test_publish_without_properties_arrives_with_empty_ones(void **state)
{
    (void)state;
    client_publish(&sender, "test/bare", "", 0, 1);
    client_until_published(&sender, 1);
    client_until_messages(&receiver, 1);
    const struct client_message *got = &receiver.last;
    assert_int_equal(got->payload_size_bytes, 0);
    assert_int_equal(got->qos, 0);
    assert_false(got->has_correlation);
    assert_int_equal(got->deadline_ms, 0);
    assert_int_equal(got->left_ms, 0);
    assert_int_equal(got->sender_life, 0);
    assert_string_equal(got->response_topic, "");
    assert_string_equal(got->status, "");
    assert_string_equal(got->key, "");
    assert_string_equal(got->traceparent, "");
    assert_int_equal(got->actor.person, 0);
    assert_int_equal(got->actor.account, 0);
    assert_int_equal(got->actor.role, KIT_ROLE_NONE);
}

static void test_new_client_hears_of_the_link_first_and_not_of_itself(void **state)
{
    (void)state;
    struct client late;
    broker_publish(&broker, "-t", "test/retained", "-r", "-m", "kept", NULL);
    client_start(&late, &broker, "late", "test/#");
    client_until_messages(&late, 1);
    assert_int_equal(late.messages_before_up, 0);
    assert_string_equal(late.kept[0].payload, "kept");
    assert_true(late.kept[0].retain);
    client_publish(&late, "test/retained", "again", 1, 1);
    client_until_messages(&late, 2);
    assert_string_equal(late.kept[1].payload, "again"); /* its own state came before: not shown */
    client_stop(&late, 1000);
    broker_publish(&broker, "-t", "test/retained", "-r", "-n", NULL);
    client_until_messages(&receiver, 3);
}

/* Publishes as the queue allows, and is done when all have arrived and ended. */
static bool burst_is_over(void *context)
{
    struct burst *burst = context;
    char text[32];
    while (burst->sent < burst->total) {
        struct kit_message message = { .topic = "test/burst", .payload = text, .qos = burst->qos };
        message.payload_size_bytes = (size_t)snprintf(text, sizeof(text), "%lld",
                                                      (long long)burst->sent);
        int rc = client_try_publish(&sender, &message, (uint64_t)burst->sent + 1, NULL);
        if (rc == KIT_E_LIMIT)
            break;
        assert_int_equal(rc, KIT_OK);
        burst->sent++;
    }
    return sender.published_count == burst->total && receiver.message_count == burst->total;
}

static void check_each_ended_once(int64_t total)
{
    struct kit_bus_stats stats;
    for (int64_t i = 1; i <= total; i++) {
        assert_int_equal(sender.published[i], 1);
        assert_int_equal(sender.codes[i], KIT_OK);
    }
    kit_bus_paho_stats(sender.bus, &stats);
    assert_int_equal(stats.in_flight, 0);
    assert_int_equal(stats.outbound_waiting, 0);
    assert_int_equal(stats.publish_failed, 0);
    for (int i = 0; i < CLIENT_KEPT_MAX; i++) { /* in order */
        char expected[32];
        snprintf(expected, sizeof(expected), "%d", i);
        assert_string_equal(receiver.kept[i].payload, expected);
    }
}

static void test_publish_burst_of_qos1_arrives_within_the_window(void **state)
{
    (void)state;
    struct burst burst = { .total = BURST, .qos = 1 };
    clients_until(both, 2, burst_is_over, &burst);
    check_each_ended_once(BURST);
    assert_true(sender.in_flight_max <= BUS_WINDOW_MAX);
    assert_true(sender.in_flight_max > 1); /* the window was used */
}

static void test_publish_burst_of_qos0_arrives_within_its_bound(void **state)
{
    (void)state;
    struct burst burst = { .total = BURST, .qos = 0 };
    clients_until(both, 2, burst_is_over, &burst);
    check_each_ended_once(BURST);
    assert_true(sender.in_flight_max <= BUS_QOS0_MAX);
}

static void test_publish_beyond_the_queue_is_refused_for_now(void **state)
{
    (void)state;
    struct kit_error err;
    struct kit_message message = {
        .topic = "other/x", .payload = "x", .payload_size_bytes = 1, .qos = 1
    };
    int64_t taken = 0;
    int rc;
    broker_signal(&broker, SIGSTOP); /* nothing completes */
    while ((rc = client_try_publish(&sender, &message, (uint64_t)taken + 1, &err)) == KIT_OK)
        taken++;
    broker_signal(&broker, SIGCONT);
    assert_int_equal(rc, KIT_E_LIMIT);
    assert_int_equal(taken, KIT_BUS_OUTBOUND_MAX + BUS_WINDOW_MAX);
    client_until_published(&sender, taken);
    assert_int_equal(client_try_publish(&sender, &message, 1, &err), KIT_OK);
}

static void test_publish_too_large_is_refused_and_the_link_stays(void **state)
{
    (void)state;
    static char payload[KIT_PAYLOAD_BYTES_MAX + 1];
    struct kit_error err;
    struct kit_message message = { .topic = "test/large", .payload = payload, .qos = 1 };
    memset(payload, 'x', sizeof(payload));
    message.payload_size_bytes = KIT_PAYLOAD_BYTES_MAX + 1;
    assert_int_equal(client_try_publish(&sender, &message, 1, &err), KIT_E_TOO_LARGE);
    assert_non_null(strstr(err.text, "262145"));

    message.payload_size_bytes = KIT_PAYLOAD_BYTES_MAX - 1024;
    assert_int_equal(client_try_publish(&sender, &message, 2, &err), KIT_OK);
    client_until_messages(&receiver, 1);
    assert_int_equal(receiver.last.payload_size_bytes, KIT_PAYLOAD_BYTES_MAX - 1024);
    assert_int_equal(sender.downs, 0);
    assert_int_equal(sender.published[1], 0); /* refused at once: no callback */
}

static bool is_overflowed(void *context)
{
    const int64_t *wanted = context;
    pthread_mutex_lock(&receiver.bus->inbox->lock);
    bool is_done = receiver.bus->inbox->dropped == *wanted;
    pthread_mutex_unlock(&receiver.bus->inbox->lock);
    return is_done;
}

static void test_inbound_overflow_drops_the_newest_and_counts(void **state)
{
    (void)state;
    int64_t extra = 500;
    struct kit_bus_stats stats;
    struct client *only_sender = &sender;
    client_publish(&sender, "test/first", "the receiver's own state came before", 1, 0);
    client_until_messages(&receiver, 1);
    client_turn(&receiver); /* its inbox is empty now */
    for (int i = 0; i < KIT_BUS_INBOUND_MAX + extra; i++) {
        client_publish(&sender, "test/flood", i < KIT_BUS_INBOUND_MAX ? "kept" : "late", 1, 0);
        if (i == KIT_BUS_OUTBOUND_MAX / 2) /* makes room in its own queue */
            client_until_idle(&sender);
    }
    clients_until(&only_sender, 1, is_overflowed, &extra); /* the receiver's loop stands still */

    client_until_messages(&receiver, KIT_BUS_INBOUND_MAX + 1);
    kit_bus_paho_stats(receiver.bus, &stats);
    assert_int_equal(stats.inbound_dropped, extra);
    assert_string_equal(receiver.last.payload, "kept");
    client_until_idle(&sender);
    client_publish(&sender, "test/again", "there is room again", 1, 0);
    client_until_messages(&receiver, KIT_BUS_INBOUND_MAX + 2);
}

static bool is_arrived(void *context)
{
    const size_t *wanted = context;
    pthread_mutex_lock(&receiver.bus->inbox->lock);
    bool is_done = receiver.bus->inbox->message_count == *wanted;
    pthread_mutex_unlock(&receiver.bus->inbox->lock);
    return is_done;
}

static void test_inbound_urgent_ones_come_first_and_do_not_starve_the_others(void **state)
{
    (void)state;
    const int patient = 40, urgent = KIT_BUS_DRAIN_MAX + 10;
    size_t all = (size_t)(patient + urgent);
    struct client *only_sender = &sender;
    client_turn(&receiver);
    for (int i = 0; i < patient; i++)
        client_publish(&sender, "test/patient", "first sent", 1, 0);
    for (int i = 0; i < urgent; i++)
        client_publish(&sender, CLIENT_URGENT_TOPIC, i == 0 ? "first" : "later", 1, 0);
    clients_until(&only_sender, 1, is_arrived, &all); /* the receiver's loop stands still */

    client_turn(&receiver);
    assert_string_equal(receiver.kept[0].topic, CLIENT_URGENT_TOPIC);
    assert_string_equal(receiver.kept[0].payload, "first");
    assert_string_equal(receiver.kept[1].payload, "later");
    assert_string_equal(receiver.last.topic, "test/patient"); /* one, in the same turn */
    assert_int_equal(receiver.message_count, KIT_BUS_DRAIN_MAX + 1);
    client_until_messages(&receiver, (int64_t)all);
}

static void test_inbound_bad_properties_are_refused_and_counted(void **state)
{
    (void)state;
    struct kit_bus_stats stats;
    char long_key[KIT_KEY_SIZE + 1];
    memset(long_key, 'k', KIT_KEY_SIZE);
    long_key[KIT_KEY_SIZE] = '\0';
    broker_publish(&broker, "-t", "test/p", "-m", "long", "-D", "publish", "user-property",
                   "idempotency-key", long_key, NULL);
    broker_publish(&broker, "-t", "test/p", "-m", "twice", "-D", "publish", "user-property",
                   "status", "ok", "-D", "publish", "user-property", "status", "full", NULL);
    broker_publish(&broker, "-t", "test/p", "-m", "late", "-D", "publish", "user-property",
                   "deadline", "soon", NULL);
    broker_publish(&broker, "-t", "test/p", "-m", "good", "-D", "publish", "user-property",
                   "idempotency-key", long_key + 1, "-D", "publish", "user-property", "other",
                   long_key, "-D", "publish", "correlation-data", "short", NULL);
    client_until_messages(&receiver, 1);
    client_turn(&receiver);
    kit_bus_paho_stats(receiver.bus, &stats);
    assert_string_equal(receiver.kept[0].payload, "good");
    assert_int_equal(strlen(receiver.kept[0].key), KIT_KEY_SIZE - 1);
    assert_false(receiver.kept[0].has_correlation);
    assert_int_equal(receiver.message_count, 1);
    assert_int_equal(stats.inbound_refused, 3);
}

static void test_close_sends_what_waits_first(void **state)
{
    (void)state;
    struct client closing;
    client_start(&closing, &broker, "closing", NULL);
    client_until_up(&closing);
    for (uint64_t i = 1; i <= 1000; i++)
        client_publish(&closing, "test/closing", "x", 1, i);
    client_stop(&closing, 10000);
    assert_int_equal(closing.published_count, 1000);
    for (int i = 1; i <= 1000; i++)
        assert_int_equal(closing.codes[i], KIT_OK);
    client_until_messages(&receiver, 1000);
}

static void test_window_follows_the_brokers_receive_maximum(void **state)
{
    (void)state;
    struct broker narrow = { 0 };
    struct client client;
    broker_start(&narrow, "allow_anonymous true\nmax_inflight_messages 20\n");
    client_start(&client, &narrow, "narrow", "test/#");
    client_until_up(&client);
    for (uint64_t i = 1; i <= 1000; i++)
        client_publish(&client, "test/narrow", "x", 1, i);
    client_until_published(&client, 1000);
    client_until_messages(&client, 1000);
    assert_true(client.in_flight_max <= 20 - BUS_WINDOW_RESERVE);
    client_stop(&client, 1000);
    broker_done(&narrow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_publish_all_properties_arrive, reset),
        cmocka_unit_test_setup(test_publish_without_properties_arrives_with_empty_ones, reset),
        cmocka_unit_test_setup(test_new_client_hears_of_the_link_first_and_not_of_itself, reset),
        cmocka_unit_test_setup(test_publish_burst_of_qos1_arrives_within_the_window, reset),
        cmocka_unit_test_setup(test_publish_burst_of_qos0_arrives_within_its_bound, reset),
        cmocka_unit_test_setup(test_publish_beyond_the_queue_is_refused_for_now, reset),
        cmocka_unit_test_setup(test_publish_too_large_is_refused_and_the_link_stays, reset),
        cmocka_unit_test_setup(test_inbound_overflow_drops_the_newest_and_counts, reset),
        cmocka_unit_test_setup(test_inbound_urgent_ones_come_first_and_do_not_starve_the_others,
                               reset),
        cmocka_unit_test_setup(test_inbound_bad_properties_are_refused_and_counted, reset),
        cmocka_unit_test_setup(test_close_sends_what_waits_first, reset),
        cmocka_unit_test(test_window_follows_the_brokers_receive_maximum),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
