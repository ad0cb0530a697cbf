/* The disk gives back another row than the one that was written: the source says so, and its
 * readers park that number and go on. */
#include "thing_fixture.h"

#include "kit/rpc/topic.h"

#define STREAM "lockstock/v1/stream/thing"

/* ---- the source ---- */

static void add_three(struct fixture *f)
{
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":101}");
    (void)fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":102}");
    (void)fake_request(&f->thing, "bridge", "add", "k3", "{\"id\":103}");
}

static void change(struct fixture *f, const char *sql)
{
    assert_int_equal(fake_sql_int(&f->thing, sql), 1);
}

static const char *replay(struct fixture *f, int after, int limit)
{
    char body[48];
    snprintf(body, sizeof(body), "{\"after\":%d,\"limit\":%d}", after, limit);
    const struct fake_message *reply = fake_request(&f->thing, "rental", "replay", "", body);
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
    return reply->payload;
}

static int occurrences(const char *text, const char *of)
{
    int count = 0;
    while ((text = strstr(text, of)) != NULL) {
        count++;
        text += strlen(of);
    }
    return count;
}

/* The page has three events, and only the second is told as damaged. */
static void assert_second_is_damaged(struct fixture *f, const char *why)
{
    const char *page = replay(f, 0, 9);
    assert_int_equal(occurrences(page, "\"specversion\""), 3);
    assert_int_equal(occurrences(page, "\"type\":\"EventDamaged\",\"subject\":\"event/2\""), 1);
    assert_int_equal(occurrences(page, "\"EventDamaged\""), 1);
    assert_non_null(strstr(page, why));
    assert_non_null(strstr(page, "\"subject\":\"thing/101\""));
    assert_non_null(strstr(page, "\"sequence\":\"2\""));
    assert_non_null(strstr(page, "\"subject\":\"thing/103\""));
}

static void test_row_says_nothing_of_its_place_and_travels_whole(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    assert_int_equal(fake_sql_int(&f->thing,
                                  "SELECT count(*) FROM event_log, stream_identity WHERE"
                                  " instr(envelope, epoch) + instr(envelope, 'sequence') = 0"
                                  " AND checksum NOT NULL AND actor IS NULL AND account IS NULL"),
                     3);
    const char *page = replay(f, 1, 1);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT length(epoch) FROM stream_identity"), 32);
    assert_non_null(strstr(page, "\"events\":[{\"specversion\":\"1.0\",\"id\":\"thing:"));
    assert_non_null(strstr(page, ":2\",\"source\":\"thing\",\"type\":\"ThingAdded\",\"subject\":"
                                 "\"thing/102\",\"time\":\"2026-"));
    assert_non_null(strstr(page, "\",\"sequence\":\"2\",\"version\":1,\"datacontenttype\":"
                                 "\"application/json\",\"data\":{\"id\":102}}]"));
}

static void test_flip_that_breaks_the_json_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "UPDATE event_log SET envelope = replace(envelope, '\"data\":{', '\"data\":;')"
              " WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "its checksum does not agree");
    assert_int_equal(f->world->log_count[KIT_ERROR], 1);
    (void)replay(f, 0, 9); /* once for each row, not for each reader */
    assert_int_equal(f->world->log_count[KIT_ERROR], 1);
}

static void test_flip_that_stays_json_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "UPDATE event_log SET envelope = replace(envelope, '{\"id\":102}', '{\"id\":103}')"
              " WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "its checksum does not agree");
}

static void test_flip_in_the_checksum_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "UPDATE event_log SET checksum = (checksum | 16) - (checksum & 16)"
              " WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "its checksum does not agree");
}

static void test_checksum_that_is_gone_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "UPDATE event_log SET checksum = NULL WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "its checksum is missing");
}

static void test_flip_beside_the_envelope_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "UPDATE event_log SET account = 4 WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "its checksum does not agree");
}

static void test_row_that_is_gone_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "DELETE FROM event_log WHERE seq = 2 RETURNING 1");
    assert_second_is_damaged(f, "it is missing");
    assert_int_equal(occurrences(replay(f, 1, 1), "\"EventDamaged\""), 1);
}

static void test_first_row_that_is_gone_is_told_after_a_restart_too(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    change(f, "DELETE FROM event_log WHERE seq = 1 RETURNING 1");
    fake_service_reopen(&f->thing);
    assert_non_null(strstr(replay(f, 0, 1), "\"subject\":\"event/1\""));
}

/* The flip comes between the commit and the publish. */
static void test_damaged_row_is_told_on_the_stream_too(void **state)
{
    struct fixture *f = *state;
    f->world->publish_rc = KIT_E_UNAVAILABLE;
    add_three(f);
    change(f, "UPDATE event_log SET envelope = replace(envelope, 'thing/102', 'thing/112')"
              " WHERE seq = 2 RETURNING 1");
    f->world->publish_rc = KIT_OK;
    fake_settle(&f->thing);
    const char *told = fake_last(f->world, STREAM)->payload;
    assert_int_equal(occurrences(told, "\"specversion\""), 3);
    assert_int_equal(occurrences(told, "\"subject\":\"event/2\""), 1);
}

/* ---- rows of before 0.4 ---- */

static void make_second_old(struct fixture *f, const char *envelope)
{
    char sql[1024];
    snprintf(sql, sizeof(sql),
             "UPDATE event_log SET checksum = NULL, envelope = '%s' WHERE seq = 2 RETURNING 1",
             envelope);
    change(f, sql);
    change(f, "UPDATE stream_identity SET unchecked_until = 2 RETURNING 1");
    fake_service_reopen(&f->thing);
}

#define OLD                                                                                        \
    "{\"specversion\": \"1.0\",\"id\":\"thing:" FAKE_EPOCH ":2\",\"source\":\"thing\","            \
    "\"type\":\"ThingAdded\",\"subject\":\"thing/102\",\"time\":\"2026-01-01T00:00:00.000Z\","     \
    "\"epoch\":\"" FAKE_EPOCH "\",\"sequence\":\"2\",\"version\":1,"                               \
    "\"datacontenttype\":\"application/json\",\"data\":{\"id\":102"

static void test_old_row_is_told_with_the_epoch_of_today(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    make_second_old(f, OLD "}}");
    const char *page = replay(f, 0, 9);
    assert_int_equal(occurrences(page, "\"EventDamaged\""), 0);
    assert_int_equal(occurrences(page, FAKE_EPOCH), 0);
    assert_non_null(strstr(page, ":2\",\"source\":\"thing\",\"type\":\"ThingAdded\",\"subject\":"
                                 "\"thing/102\""));
    assert_non_null(strstr(page, "\"sequence\":\"2\",\"version\":1,"));
}

static void test_old_row_that_is_no_event_is_told(void **state)
{
    struct fixture *f = *state;
    add_three(f);
    make_second_old(f, OLD "|}"); /* a flip of "}" */
    assert_second_is_damaged(f, "it is no event");
}

/* ---- its readers ---- */

static void send_damaged(struct fixture *f, int64_t seq)
{
    char subject[32];
    snprintf(subject, sizeof(subject), "event/%" PRId64, seq);
    fake_event(&f->thing, &(struct fake_event){ "product", seq, KIT_EVENT_DAMAGED, subject, 1,
                                                "{\"reason\":\"its checksum does not agree\"}" });
}

static void test_reader_parks_that_number_and_goes_on(void **state)
{
    struct fixture *f = *state;
    struct kit_buf out;
    send_product(f, 1, "one");
    send_damaged(f, 2);
    send_product(f, 3, "three");
    assert_int_equal(things(f), 2);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter WHERE seq = 2 AND"
                                             " code = 'corrupt'"),
                     1);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 1);
    kit_buf_init(&out, 1 << 16);
    assert_int_equal(kit_service_dead_letter_list(f->thing.service, &out, NULL), KIT_OK);
    assert_non_null(strstr(out.data, "event 2 in the log of product is damaged: its checksum does"
                                     " not agree; restore the database of product"));
    kit_buf_reset(&out);
    kit_service_metrics(f->thing.service, &out);
    assert_non_null(strstr(out.data, "stream_parked_total{source=\"product\"} 1"));
    kit_buf_done(&out);
}

static void test_retry_of_a_damaged_event_is_refused_and_a_skip_is_not(void **state)
{
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    send_damaged(f, 1);
    assert_int_equal(kit_service_dead_letter_retry(f->thing.service, 1, &err), KIT_E_REFUSED);
    assert_non_null(strstr(err.text, "skip it"));
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 1);
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 1, &err), KIT_OK);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 0);
}

/* As sources of 0.5 say it: texts that are ordered as the positions are. */
static void test_position_with_zeros_in_front_is_read(void **state)
{
    static const char EVENT[] =
        "[{\"specversion\":\"1.0\",\"id\":\"product:" FAKE_EPOCH ":2\",\"source\":\"product\","
        "\"type\":\"Unknown\",\"subject\":\"product/1\",\"time\":\"2026-01-01T00:00:00.000Z\","
        "\"epoch\":\"" FAKE_EPOCH "\",\"sequence\":\"000000000000002\",\"version\":1,"
        "\"datacontenttype\":\"application/json\",\"data\":{}}]";
    struct fixture *f = *state;
    const struct kit_message message = {
        .topic = "lockstock/v1/stream/product",
        .payload = EVENT,
        .payload_size_bytes = strlen(EVENT),
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    send_product(f, 1, "one");
    kit_service_on_message(f->thing.service, &message);
    kit_service_drain(f->thing.service);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT seq FROM stream_cursor"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_row_says_nothing_of_its_place_and_travels_whole),
        TEST(test_flip_that_breaks_the_json_is_told),
        TEST(test_flip_that_stays_json_is_told),
        TEST(test_flip_in_the_checksum_is_told),
        TEST(test_checksum_that_is_gone_is_told),
        TEST(test_flip_beside_the_envelope_is_told),
        TEST(test_row_that_is_gone_is_told),
        TEST(test_first_row_that_is_gone_is_told_after_a_restart_too),
        TEST(test_damaged_row_is_told_on_the_stream_too),
        TEST(test_old_row_is_told_with_the_epoch_of_today),
        TEST(test_old_row_that_is_no_event_is_told),
        TEST(test_reader_parks_that_number_and_goes_on),
        TEST(test_retry_of_a_damaged_event_is_refused_and_a_skip_is_not),
        TEST(test_position_with_zeros_in_front_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
