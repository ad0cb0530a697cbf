/* Lockers of protocol 1 and 2 beside each other (rules/delivery.md 9.5, devices.md 8). */
#include "locker_fixture.h"

static struct fixture *at;

static int setup(void **state)
{
    int rc = set_up(state);
    at = *state;
    return rc;
}

static int setup_ended(void **state)
{
    int rc = set_up_with_oldest(state, 2);
    at = *state;
    return rc;
}

static bool has(const cJSON *message, const char *member)
{
    return cJSON_GetObjectItemCaseSensitive(message, member) != NULL;
}

static int protocol_of_last(const struct box *box, const char *leaf)
{
    cJSON *message = told(at, box, leaf);
    const int protocol = protocol_of(message);
    cJSON_Delete(message);
    return protocol;
}

/* The MAC of the last ack, as a locker checks it. */
static void check_ack(const struct box *box)
{
    char mac[KIT_MAC_HEX_SIZE];
    uint8_t key[KIT_KEY_BYTES];
    cJSON *ack = told(at, box, "ack");
    fake_key(box->name, key);
    const struct grant_device device = { "main", box->name, key, GRANT_PROTOCOL_2 };
    const struct grant_ack text = { .boot = box->boot,
                                    .nonce = BOX_NONCE,
                                    .epoch = text_of(ack, "epoch"),
                                    .seq = number_of(ack, "seq"),
                                    .stored = has(ack, "stored") ? number_of(ack, "stored") : 0,
                                    .now_ms = number_of(ack, "now") };
    assert_int_equal(protocol_of(ack), GRANT_PROTOCOL_2);
    grant_ack_mac(&device, &text, mac);
    assert_string_equal(text_of(ack, "mac"), mac);
    cJSON_Delete(ack);
}

static struct box shop_of_protocol_2(void)
{
    struct box box = shop(at, "S", "SS");
    box.boot = 4;
    box_hello(at, &box);
    box_confirm(at, &box);
    return box;
}

static void test_up_without_a_nonce_gets_an_ack_that_0_3_can_read(void **state)
{
    (void)state;
    struct box box = shop_with_ready(at, "SS");
    cJSON *ack = told(at, &box, "ack");
    assert_false(has(ack, "keyNo") || has(ack, "mac"));
    cJSON_Delete(ack);
    assert_int_equal(protocol_of_last(&box, "config"), GRANT_PROTOCOL_1);
    cJSON *cmd = told(at, &box, "cmd"); /* it was loaded */
    assert_false(has(cmd, "keyNo") || has(cmd, "boot"));
    cJSON_Delete(cmd);
}

static void test_up_of_protocol_2_gets_a_signed_ack_and_a_new_configuration(void **state)
{
    (void)state;
    struct box box = shop(at, "S", "SS");
    const int64_t revision = box.revision;
    box.boot = 4;
    box_hello(at, &box);
    check_ack(&box);
    assert_int_equal(protocol_of_last(&box, "config"), GRANT_PROTOCOL_2);
    box_take_config(at, &box);
    assert_true(box.revision > revision); /* the same one would change nothing there */
    const size_t count = told_count(at, &box, "config");
    box_hello(at, &box);
    assert_int_equal(told_count(at, &box, "config"), count);
    box_record(at, &box, "\"kind\":\"start\"");
    check_ack(&box);
}

static void test_command_to_protocol_2_names_the_start_that_was_heard_last(void **state)
{
    (void)state;
    struct box box = shop_of_protocol_2();
    pick(at, 1, 1, "");
    feed_requested(at, 1, &box, 1, "load");
    cJSON *cmd = told(at, &box, "cmd");
    assert_int_equal(protocol_of(cmd), GRANT_PROTOCOL_2);
    assert_int_equal(number_of(cmd, "boot"), 4);
    cJSON_Delete(cmd);
    box_effect(at, &box, "expired"); /* checks the MAC */
    box.boot = 5;
    box_hello(at, &box);
    feed_requested(at, 1, &box, 1, "load");
    cmd = told(at, &box, "cmd");
    assert_int_equal(number_of(cmd, "boot"), 5);
    cJSON_Delete(cmd);
    box_effect(at, &box, "opened");
}

/* Somebody on the wire takes protocol 2 out of an `up`, or the locker itself does after a loss. */
static void test_up_without_protocol_takes_nothing_back(void **state)
{
    (void)state;
    struct box box = shop_of_protocol_2();
    const int boot = box.boot;
    box.boot = 0;
    box_hello(at, &box);
    cJSON *ack = told(at, &box, "ack");
    assert_false(has(ack, "mac"));
    cJSON_Delete(ack);
    box_state(at, &box, "online", "SS");
    assert_int_equal(protocol_of_last(&box, "config"), GRANT_PROTOCOL_2);
    box.boot = boot;
    box_hello(at, &box);
    check_ack(&box);
}

/* A locker that is not of this version's making says 3: we speak 2 with it. */
static void test_up_of_a_later_protocol_is_spoken_to_in_2(void **state)
{
    (void)state;
    struct box box = shop(at, "S", "SS");
    char json[512];
    (void)snprintf(json, sizeof(json),
                   "{\"epoch\":\"%s\",\"boot\":2,\"protocol\":3,\"nonce\":\"%s\",\"firstSeq\":%d,"
                   "\"configRevision\":0,\"bounced\":0,\"unreadable\":0,\"overflowed\":0,"
                   "\"records\":[]}",
                   box.epoch, BOX_NONCE, (int)box.next_seq);
    box_says(at, &box, "up", json);
    box.boot = 2;
    check_ack(&box);
    assert_int_equal(protocol_of_last(&box, "config"), GRANT_PROTOCOL_2);
}

static void test_refusal_of_an_unknown_key_is_told_so_that_0_3_can_read_it(void **state)
{
    (void)state;
    struct box box = shop_of_protocol_2();
    pick(at, 1, 1, "");
    feed_requested(at, 1, &box, 1, "load");
    box_effect(at, &box, "refused\",\"refusal\":\"unknown_key");
    assert_int_equal(sql_int(at, "SELECT count(*) FROM event_log WHERE"
                                 " instr(envelope, 'DoorReported') > 0 AND"
                                 " instr(envelope, '\"refusal\":\"bad_mac\"') > 0"),
                     1);
}

/* ---- the end of protocol 1 ---- */

static const char *shown(void)
{
    const struct fake_message *reply = request(at, "bridge", "device-get",
                                               "{\"device\":\"locker-1\"}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    return reply->payload;
}

static void test_device_get_says_the_protocol_behind_the_firmware(void **state)
{
    (void)state;
    struct box box = shop(at, "S", "SS");
    assert_non_null(strstr(shown(), "\"firmware\":\"1.0+protocol.1\""));
    box.boot = 4;
    box_hello(at, &box);
    assert_non_null(strstr(shown(), "\"firmware\":\"1.0+protocol.2\""));
}

static void test_protocol_1_that_the_operator_has_ended_is_not_served(void **state)
{
    (void)state;
    struct box box = box_named("locker-1");
    box_state(at, &box, "online", "SS");
    box_hello(at, &box);
    assert_int_equal(told_count(at, &box, "ack"), 0);
    assert_int_equal(told_count(at, &box, "config"), 0);
    assert_non_null(strstr(shown(), "\"offline\""));
    feed_product(at, 7, "S");
    pick(at, 1, 1, "");
    assert_int_equal(sql_of(at, 1, "compartment IS NULL"), 1); /* it gets no order */
    box.boot = 2;                                              /* newer firmware */
    box_hello(at, &box);
    check_ack(&box);
    assert_int_equal(protocol_of_last(&box, "config"), GRANT_PROTOCOL_2);
    assert_non_null(strstr(shown(), "\"online\""));
}

#define ON(test) cmocka_unit_test_setup_teardown(test, setup, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_up_without_a_nonce_gets_an_ack_that_0_3_can_read),
        ON(test_up_of_protocol_2_gets_a_signed_ack_and_a_new_configuration),
        ON(test_command_to_protocol_2_names_the_start_that_was_heard_last),
        ON(test_up_without_protocol_takes_nothing_back),
        ON(test_up_of_a_later_protocol_is_spoken_to_in_2),
        ON(test_refusal_of_an_unknown_key_is_told_so_that_0_3_can_read_it),
        ON(test_device_get_says_the_protocol_behind_the_firmware),
        cmocka_unit_test_setup_teardown(test_protocol_1_that_the_operator_has_ended_is_not_served,
                                        setup_ended, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
