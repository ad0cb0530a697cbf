/* Updates of a quantity, which are agreed with stock: answers, refusals, silence, and the races of
 * schemas/rules/product.md. */
#include "kit/base/text.h"
#include "kit/rpc/presence.h"
#include "unit/product/office.h"

#define ASK_20 "{\"id\":1,\"qty\":20}"
#define ASK_20_SOFA "{\"id\":1,\"name\":\"sofa\",\"qty\":20}"

static int setup(void **state)
{
    if (office_setup(state) != 0)
        return -1;
    office_register(*state, "create", "chair", 10);
    return 0;
}

static const struct fake_message *last_reply(struct office *office)
{
    return fake_last(office->world, REPLY_TOPIC);
}

static void assert_product(struct office *office, const char *json)
{
    const struct fake_message *reply = office_ask(office, "get", "", "{\"id\":1}");
    assert_non_null(reply);
    assert_string_equal(reply->payload, json);
}

#define UNCHANGED                                                                                  \
    "{\"id\":1,\"name\":\"chair\",\"qty\":10,\"registeredQty\":10,\"version\":1,\"tracking\":"     \
    "\"bulk\",\"size\":\"S\"}"

static void test_update_quantity_waits_for_stock_and_saves_its_answer(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20));
    assert_product(office, UNCHANGED);
    const struct fake_message *question = fake_last(office->world, QUESTION_TOPIC);
    assert_non_null(question);
    assert_string_equal(question->payload,
                        "{\"productId\":1,\"registeredQty\":20,\"registration\":1}");
    assert_string_equal(question->key, "1:1:bridge:k1");

    stock_agrees(office, 20, 2, 17, 5);
    assert_string_equal(last_reply(office)->status, "ok");
    assert_string_equal(last_reply(office)->payload,
                        "{\"id\":1,\"name\":\"chair\",\"qty\":17,\"registeredQty\":20,\"version\":"
                        "2,\"tracking\":\"bulk\",\"size\":\"S\"}");
    char row[2048];
    assert_true(fake_log_row(&office->product, 2, row, sizeof(row)));
    assert_non_null(strstr(row, "\"registeredQty\":20,\"registration\":2,\"version\":2"));
}

static void test_update_quantity_same_key_is_answered_from_memory(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20));
    stock_agrees(office, 20, 2, 20, 2);
    fake_world_forget(office->world);
    const struct fake_message *reply = office_ask(office, "update", "k1", ASK_20);
    assert_non_null(reply);
    assert_int_equal(reply_int(reply, "registeredQty"), 20);
    assert_int_equal(fake_count(office->world, QUESTION_TOPIC), 0);
}

static void test_update_quantity_with_name_saves_both_at_once(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20_SOFA));
    assert_product(office, UNCHANGED);
    stock_agrees(office, 20, 2, 20, 2);
    assert_product(office, "{\"id\":1,\"name\":\"sofa\",\"qty\":20,\"registeredQty\":20,"
                           "\"version\":2,\"tracking\":\"bulk\",\"size\":\"S\"}");
    assert_int_equal(saved_count(office), 2);
}

static void test_update_quantity_refusal_is_passed_on_and_nothing_changes(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20_SOFA));
    assert_true(fake_answer(&office->product, "stock", "registered-set", "refused",
                            "{\"type\":\"below-committed\",\"detail\":\"6 are out.\","
                            "\"pointer\":\"/registeredQty\"}"));
    assert_string_equal(last_reply(office)->status, "refused");
    assert_string_equal(last_reply(office)->payload,
                        "{\"type\":\"below-committed\",\"detail\":\"6 are out.\"}");
    assert_product(office, UNCHANGED);
    assert_int_equal(saved_count(office), 1);
}

static void assert_unavailable(struct office *office, const char *why)
{
    const struct fake_message *reply = last_reply(office);
    assert_non_null(reply);
    assert_string_equal(reply->status, "unavailable");
    assert_int_equal(reply_int(reply, "retryAfterMs"), 1000);
    assert_true(reply_says(reply, "Product 1 does not show the change"));
    assert_true(reply_says(reply, why));
    assert_product(office, UNCHANGED);
}

static void test_update_quantity_silence_ends_unavailable(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20_SOFA));
    fake_world_advance(office->world, STOCK_TIMEOUT_MS - 1);
    fake_settle(&office->product);
    assert_int_equal(fake_count(office->world, REPLY_TOPIC), 1); /* the registration's */
    fake_world_advance(office->world, 1);
    fake_settle(&office->product);
    assert_unavailable(office, "gave no answer in time");
}

static void test_update_quantity_stock_known_down_ends_at_once(void **state)
{
    struct office *office = *state;
    fake_presence(&office->product, "stock", false, 3);
    fake_world_advance(office->world, KIT_PRESENCE_DOUBT_MS);
    (void)office_ask(office, "update", "k1", ASK_20);
    assert_unavailable(office, "cannot be reached");
    assert_int_equal(fake_count(office->world, QUESTION_TOPIC), 0);
}

static void test_update_quantity_any_trouble_of_stock_is_unavailable(void **state)
{
    struct office *office = *state;
    static const char *const codes[] = { "full", "limit", "conflict", "not_found", "forbidden" };
    for (size_t i = 0; i < KIT_COUNT(codes); i++) {
        assert_null(office_ask(office, "update", "k1", ASK_20));
        assert_true(fake_answer(&office->product, "stock", "registered-set", codes[i],
                                "{\"type\":\"some-trouble\",\"detail\":\"some trouble\"}"));
        assert_false(reply_says(last_reply(office), codes[i]));
        assert_unavailable(office, "there was trouble inside");
    }
}

static void sql_run(struct office *office, const char *sql)
{
    sqlite3 *handle = kit_db_handle(kit_service_db(office->product.service));
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* While `trigger` keeps the answer of stock from being kept, the client is told so at once; stock's
 * StockChanged, or the retry, brings its yes again. */
static void assert_told_while(struct office *office, const char *trigger)
{
    assert_null(office_ask(office, "update", "k1", ASK_20));
    sql_run(office, trigger);
    stock_agrees(office, 20, 2, 20, 2);
    assert_non_null(last_reply(office));
    assert_string_equal(last_reply(office)->status, "unavailable");
    assert_product(office, UNCHANGED);
    sql_run(office, "DROP TRIGGER stuck");
    assert_null(office_ask(office, "update", "k1", ASK_20));
    stock_agrees(office, 20, 2, 20, 2);
    assert_string_equal(last_reply(office)->status, "ok");
}

static void test_update_quantity_answer_that_cannot_be_saved_is_unavailable(void **state)
{
    assert_told_while(*state, "CREATE TRIGGER stuck BEFORE UPDATE ON product"
                              " BEGIN SELECT RAISE(ABORT, 'stuck'); END");
}

static void test_update_quantity_answer_that_cannot_be_stored_is_unavailable(void **state)
{
    assert_told_while(*state, "CREATE TRIGGER stuck BEFORE INSERT ON rpc_response"
                              " BEGIN SELECT RAISE(ABORT, 'stuck'); END");
}

static int64_t refused_count(struct office *office)
{
    static const char line[] = "\nlockstock_product_updates_refused_total ";
    struct kit_buf out;
    kit_buf_init(&out, 65536);
    kit_service_metrics(office->product.service, &out);
    const char *at = strstr(out.data, line);
    assert_non_null(at);
    int64_t count = strtoll(at + strlen(line), NULL, 10);
    kit_buf_done(&out);
    return count;
}

static void test_update_quantity_gtin_taken_meanwhile_is_refused_and_counted_once(void **state)
{
    struct office *office = *state;
    assert_null(
        office_ask(office, "update", "k1", "{\"id\":1,\"qty\":20,\"gtin\":\"04006381333931\"}"));
    assert_non_null(office_ask(office, "create", "k2",
                               "{\"name\":\"sofa\",\"qty\":3,\"tracking\":\"bulk\",\"size\":\"S\","
                               "\"gtin\":\"04006381333931\"}"));
    stock_agrees(office, 20, 2, 20, 2);
    assert_string_equal(last_reply(office)->status, "refused");
    assert_true(reply_says(last_reply(office), "\"type\":\"gtin-taken\""));
    assert_true(reply_says(last_reply(office), "\"pointer\":\"/gtin\""));
    assert_int_equal(refused_count(office), 1);
    assert_product(office, UNCHANGED);
}

static void test_update_quantity_too_many_waiting_is_limit(void **state)
{
    struct office *office = *state;
    char key[16];
    for (int i = 0; i < PRODUCT_WAITS_MAX; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        assert_null(office_ask(office, "update", key, ASK_20));
    }
    const struct fake_message *reply = office_ask(office, "update", "last", ASK_20);
    assert_non_null(reply);
    assert_string_equal(reply->status, "limit");
    assert_int_equal(reply_int(reply, "retryAfterMs"), 1000);

    stock_agrees(office, 20, 2, 20, 2); /* one place is free again */
    assert_null(office_ask(office, "update", "last", ASK_20));
    fake_world_advance(office->world, STOCK_TIMEOUT_MS);
    fake_settle(&office->product);
    struct kit_buf out;
    kit_buf_init(&out, 65536);
    kit_service_metrics(office->product.service, &out);
    assert_non_null(strstr(out.data, "lockstock_product_updates_waiting 0\n"));
    assert_non_null(strstr(out.data, "lockstock_product_updates_unavailable_total 64\n"));
    assert_non_null(strstr(out.data, "lockstock_products 1\n"));
    kit_buf_done(&out);
}

static void test_update_quantity_long_keys_stay_apart(void **state)
{
    struct office *office = *state;
    char keys[2][KIT_KEY_SIZE], asked[2][KIT_KEY_SIZE];
    for (int i = 0; i < 2; i++) {
        memset(keys[i], 'k', KIT_KEY_SIZE - 1);
        keys[i][KIT_KEY_SIZE - 2] = (char)('0' + i);
        keys[i][KIT_KEY_SIZE - 1] = '\0';
        assert_null(office_ask(office, "update", keys[i], ASK_20));
        const struct fake_message *question = fake_last(office->world, QUESTION_TOPIC);
        kit_text_copy(asked[i], sizeof(asked[i]), question->key);
        assert_int_equal(strlen(asked[i]), KIT_KEY_SIZE - 1);
    }
    assert_string_not_equal(asked[0], asked[1]);
}

/* ---- races ---- */

static void test_r1_crash_after_stock_agreed_is_mended_by_the_event(void **state)
{
    struct office *office = *state;
    stock_changed(office, 1, (struct stock_told){ 10, 1, 10, 1 });
    assert_null(office_ask(office, "update", "k1", ASK_20));
    fake_service_reopen(&office->product); /* nothing of the question is left */
    fake_world_forget(office->world);
    stock_changed(office, 1, (struct stock_told){ 20, 2, 20, 2 });
    assert_product(office, "{\"id\":1,\"name\":\"chair\",\"qty\":20,\"registeredQty\":20,"
                           "\"version\":2,\"tracking\":\"bulk\",\"size\":\"S\"}");
    assert_int_equal(saved_count(office), 2);

    assert_null(office_ask(office, "update", "k1", ASK_20)); /* the client tries again */
    stock_agrees(office, 20, 2, 20, 2);
    assert_string_equal(last_reply(office)->status, "ok");
    assert_int_equal(saved_count(office), 2);
}

static void test_r2_late_yes_comes_by_event_and_the_retry_has_another_key(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20_SOFA));
    fake_world_advance(office->world, STOCK_TIMEOUT_MS);
    fake_settle(&office->product);
    assert_unavailable(office, "gave no answer in time");
    stock_changed(office, 1, (struct stock_told){ 20, 2, 20, 2 });
    assert_product(office, "{\"id\":1,\"name\":\"chair\",\"qty\":20,\"registeredQty\":20,"
                           "\"version\":2,\"tracking\":\"bulk\",\"size\":\"S\"}");

    assert_null(office_ask(office, "update", "k1", ASK_20_SOFA));
    assert_string_equal(fake_last(office->world, QUESTION_TOPIC)->key, "1:2:bridge:k1");
    stock_agrees(office, 20, 2, 20, 2);
    assert_product(office, "{\"id\":1,\"name\":\"sofa\",\"qty\":20,\"registeredQty\":20,"
                           "\"version\":3,\"tracking\":\"bulk\",\"size\":\"S\"}");
}

static void test_r3_event_overtakes_the_answer(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "k1", ASK_20));
    stock_changed(office, 1, (struct stock_told){ 20, 2, 20, 2 });
    stock_agrees(office, 20, 2, 20, 2);
    assert_int_equal(reply_int(last_reply(office), "version"), 2);
    assert_int_equal(saved_count(office), 2);
}

static void test_r4_answers_in_the_other_order_keep_the_newer(void **state)
{
    struct office *office = *state;
    assert_null(office_ask(office, "update", "a", ASK_20));
    assert_null(office_ask(office, "update", "b", "{\"id\":1,\"qty\":30}"));
    stock_agrees(office, 30, 3, 30, 3); /* the newest question's answer first */
    assert_int_equal(reply_int(last_reply(office), "registeredQty"), 30);
    stock_agrees(office, 20, 2, 20, 2);
    assert_int_equal(reply_int(last_reply(office), "registeredQty"), 30);
    assert_product(office, "{\"id\":1,\"name\":\"chair\",\"qty\":30,\"registeredQty\":30,"
                           "\"version\":2,\"tracking\":\"bulk\",\"size\":\"S\"}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, office_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_update_quantity_waits_for_stock_and_saves_its_answer),
        TEST(test_update_quantity_same_key_is_answered_from_memory),
        TEST(test_update_quantity_with_name_saves_both_at_once),
        TEST(test_update_quantity_refusal_is_passed_on_and_nothing_changes),
        TEST(test_update_quantity_silence_ends_unavailable),
        TEST(test_update_quantity_stock_known_down_ends_at_once),
        TEST(test_update_quantity_any_trouble_of_stock_is_unavailable),
        TEST(test_update_quantity_answer_that_cannot_be_saved_is_unavailable),
        TEST(test_update_quantity_answer_that_cannot_be_stored_is_unavailable),
        TEST(test_update_quantity_gtin_taken_meanwhile_is_refused_and_counted_once),
        TEST(test_update_quantity_too_many_waiting_is_limit),
        TEST(test_update_quantity_long_keys_stay_apart),
        TEST(test_r1_crash_after_stock_agreed_is_mended_by_the_event),
        TEST(test_r2_late_yes_comes_by_event_and_the_retry_has_another_key),
        TEST(test_r3_event_overtakes_the_answer),
        TEST(test_r4_answers_in_the_other_order_keep_the_newer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
