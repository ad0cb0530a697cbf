/* What a received PUBLISH may carry: properties within their limits, everything else refused. */
#include "fakes/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "kit/bus/internal.h"

#define PROPERTIES_MAX 6

static MQTTProperty array[PROPERTIES_MAX];
static MQTTAsync_message message;
static char payload[KIT_PAYLOAD_BYTES_MAX + 1];
static char long_text[400];

static int reset(void **state)
{
    (void)state;
    MQTTAsync_message empty = MQTTAsync_message_initializer;
    message = empty;
    memset(array, 0, sizeof(array));
    memset(long_text, 'a', sizeof(long_text));
    message.payload = payload;
    message.properties.array = array;
    return 0;
}

static MQTTLenString text_of(const char *text, size_t length)
{
    return (MQTTLenString){ .len = (int)length, .data = (char *)(uintptr_t)text };
}

static void add(enum MQTTPropertyCodes code, const char *text, size_t length)
{
    MQTTProperty *property = &array[message.properties.count++];
    property->identifier = code;
    property->value.data = text_of(text, length);
}

static void add_user(const char *name, const char *text, size_t length)
{
    add(MQTTPROPERTY_CODE_USER_PROPERTY, name, strlen(name));
    array[message.properties.count - 1].value.value = text_of(text, length);
}

static struct bus_inbound *copy(void)
{
    return bus_message_copy("t", 1, &message);
}

static void check_refused(void)
{
    struct bus_inbound *item = copy();
    bool is_refused = item == NULL;
    free(item);
    assert_true(is_refused);
    reset(NULL);
}

static void test_copy_text_properties_up_to_their_limit(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t length_max;
    } limits[] = { { "idempotency-key", KIT_KEY_SIZE - 1 },
                   { "traceparent", KIT_TRACEPARENT_SIZE - 1 },
                   { "status", 31 } };
    for (size_t i = 0; i < KIT_COUNT(limits); i++) {
        add_user(limits[i].name, long_text, limits[i].length_max);
        struct bus_inbound *item = copy();
        assert_non_null(item);
        assert_int_equal(strlen(item->message.key) + strlen(item->message.traceparent) +
                             strlen(item->message.status),
                         limits[i].length_max);
        free(item);
        reset(NULL);
        add_user(limits[i].name, long_text, limits[i].length_max + 1);
        check_refused();
        add_user(limits[i].name, "a", 1);
        add_user(limits[i].name, "a", 1);
        check_refused();
        add_user(limits[i].name, "", 0); /* twice, though the first was empty */
        add_user(limits[i].name, "", 0);
        check_refused();
        add_user(limits[i].name, "a\0b", 3);
        check_refused();
    }
}

static void test_copy_deadline_and_left_are_plain_numbers(void **state)
{
    (void)state;
    const char *const wrong[] = { "", "-1", "+1", "1.5", "1e3", " 1", "12345678901234567", "soon" };
    const char *const names[] = { "deadline", "left" };
    for (size_t i = 0; i < KIT_COUNT(wrong) * KIT_COUNT(names); i++) {
        const char *text = wrong[i / KIT_COUNT(names)];
        add_user(names[i % KIT_COUNT(names)], text, strlen(text));
        check_refused();
    }
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        add_user(names[i], "1", 1);
        add_user(names[i], "2", 1);
        check_refused();
    }
    add_user("deadline", "1767225600123", 13);
    add_user("left", "610", 3);
    struct bus_inbound *item = copy();
    assert_non_null(item);
    assert_int_equal(item->message.deadline_ms, 1767225600123);
    assert_int_equal(item->message.left_ms, 610);
    free(item);
}

static void test_copy_who_asks_is_numbers_and_a_role(void **state)
{
    (void)state;
    const char *const wrong[][2] = { { "actor", "-1" },   { "actor", "" },
                                     { "account", "x" },  { "role", "" },
                                     { "role", "king" },  { "role", "operators" },
                                     { "role", "Picker" } };
    for (size_t i = 0; i < KIT_COUNT(wrong); i++) {
        add_user(wrong[i][0], wrong[i][1], strlen(wrong[i][1]));
        check_refused();
    }
    add_user("role", long_text, sizeof(long_text));
    check_refused();
    add_user("role", "operator\0x", 10);
    check_refused();
    const char *const names[][2] = { { "role", "picker" }, { "account", "1" }, { "actor", "1" } };
    for (size_t i = 0; i < 2 * KIT_COUNT(names); i++) {
        const char *const *given = names[i / 2];
        add_user(given[0], given[1], strlen(given[1]));
        if (i % 2 == 1)
            check_refused(); /* twice */
    }
    add_user("actor", "17", 2);
    add_user("account", "3", 1);
    add_user("role", "customer", 8);
    struct bus_inbound *item = copy();
    assert_non_null(item);
    assert_int_equal(item->message.actor.person, 17);
    assert_int_equal(item->message.actor.account, 3);
    assert_int_equal(item->message.actor.role, KIT_ROLE_CUSTOMER);
    free(item);
}

static void test_copy_sent_is_a_life_and_a_number(void **state)
{
    (void)state;
    const char *const wrong[] = { "",           "-1",          "0123456-1",   "012345678-1",
                                  "0123456g-1", "0123456A-1",  "01234567",    "01234567-",
                                  "01234567--", "01234567-1x", "01234567 12", "1-01234567" };
    for (size_t i = 0; i < KIT_COUNT(wrong); i++) {
        add_user("sent", wrong[i], strlen(wrong[i]));
        check_refused();
    }
    add_user("sent", "0123\000567-1", 10);
    check_refused();
    add_user("sent", "00000001-1", 10);
    add_user("sent", "00000001-1", 10);
    check_refused();
    add_user("sent", "89abcdef-1234567890123456", 25);
    struct bus_inbound *item = copy();
    assert_non_null(item);
    assert_int_equal(item->message.sender_life, 0x89abcdef);
    assert_int_equal(item->message.sent_mono_ms, 1234567890123456);
    free(item);
}

static void test_copy_correlation_of_another_size_is_none(void **state)
{
    (void)state;
    for (size_t length = 0; length <= KIT_CORRELATION_SIZE + 1; length++) {
        reset(NULL);
        add(MQTTPROPERTY_CODE_CORRELATION_DATA, long_text, length);
        struct bus_inbound *item = copy();
        assert_non_null(item);
        assert_int_equal(item->message.has_correlation, length == KIT_CORRELATION_SIZE);
        free(item);
    }
}

static void test_copy_topics_up_to_their_limit(void **state)
{
    (void)state;
    add(MQTTPROPERTY_CODE_RESPONSE_TOPIC, long_text, KIT_TOPIC_SIZE - 1);
    struct bus_inbound *item = bus_message_copy(long_text, KIT_TOPIC_SIZE - 1, &message);
    assert_non_null(item);
    assert_int_equal(strlen(item->message.topic), KIT_TOPIC_SIZE - 1);
    assert_int_equal(strlen(item->message.response_topic), KIT_TOPIC_SIZE - 1);
    free(item);
    reset(NULL);
    add(MQTTPROPERTY_CODE_RESPONSE_TOPIC, long_text, KIT_TOPIC_SIZE);
    check_refused();
    assert_null(bus_message_copy(long_text, KIT_TOPIC_SIZE, &message));
    assert_null(bus_message_copy("a\0b", 3, &message));
}

static void test_copy_payload_up_to_its_limit(void **state)
{
    (void)state;
    memset(payload, 'p', sizeof(payload));
    message.payloadlen = KIT_PAYLOAD_BYTES_MAX;
    struct bus_inbound *item = copy();
    assert_non_null(item);
    assert_int_equal(item->message.payload_size_bytes, KIT_PAYLOAD_BYTES_MAX);
    assert_memory_equal(item->message.payload, payload, KIT_PAYLOAD_BYTES_MAX);
    free(item);
    message.payloadlen = KIT_PAYLOAD_BYTES_MAX + 1;
    check_refused();
}

static void test_copy_passes_over_what_is_not_ours(void **state)
{
    (void)state;
    add_user("colour", long_text, sizeof(long_text));
    add(MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain", 10);
    add_user("Status", "x", 1);
    struct bus_inbound *item = copy();
    assert_non_null(item);
    assert_string_equal(item->message.status, "");
    free(item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_copy_text_properties_up_to_their_limit, reset),
        cmocka_unit_test_setup(test_copy_deadline_and_left_are_plain_numbers, reset),
        cmocka_unit_test_setup(test_copy_who_asks_is_numbers_and_a_role, reset),
        cmocka_unit_test_setup(test_copy_sent_is_a_life_and_a_number, reset),
        cmocka_unit_test_setup(test_copy_correlation_of_another_size_is_none, reset),
        cmocka_unit_test_setup(test_copy_topics_up_to_their_limit, reset),
        cmocka_unit_test_setup(test_copy_payload_up_to_its_limit, reset),
        cmocka_unit_test_setup(test_copy_passes_over_what_is_not_ours, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
