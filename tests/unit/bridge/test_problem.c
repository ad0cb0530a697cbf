/* Every code has its status and type; a lost answer is told for what it is. */
#include <stdio.h>
#include <string.h>

#include "bridge/metrics.h"
#include "bridge/problem.h"
#include "fakes/cmocka_all.h"
#include "kit/json/gate.h"
#include "msg/http_problem.gen.h"

static void test_problem_from_error_every_code(void **state)
{
    static const struct {
        int code;
        int status;
        const char *slug;
    } rows[] = {
        { KIT_E_MALFORMED, 400, "malformed-json" },
        { KIT_E_INVALID, 422, "invalid-body" },
        { KIT_E_NOT_FOUND, 404, "not-found" },
        { KIT_E_REFUSED, 409, "refused" },
        { KIT_E_KEY_REUSED, 422, "idempotency-key-reused" },
        { KIT_E_CONFLICT, 409, "conflict" },
        { KIT_E_TOO_LARGE, 413, "too-large" },
        { KIT_E_UNAUTHENTICATED, 401, "unauthenticated" },
        { KIT_E_FORBIDDEN, 403, "forbidden" },
        { KIT_E_LIMIT, 503, "overloaded" },
        { KIT_E_UNAVAILABLE, 503, "service-unavailable" },
        { KIT_E_TIMEOUT, 503, "no-answer" },
        { KIT_E_FULL, 503, "storage-full" },
        { KIT_E_IO, 503, "storage-failed" },
        { KIT_E_CORRUPT, 500, "storage-corrupt" },
    };

    (void)state;
    assert_int_equal(KIT_COUNT(rows), KIT_E_CORRUPT - KIT_PENDING); /* none is forgotten */
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        struct kit_error err;
        struct problem problem;

        kit_error_set(&err, rows[i].code, "a sentence");
        problem_from_error(&err, &problem);
        assert_int_equal(problem.status, rows[i].status);
        assert_string_equal(problem.slug, rows[i].slug);
        assert_string_equal(problem.detail, "a sentence");
        assert_int_equal(problem.retry_after_s, rows[i].status == 503 ? 1 : 0);
        assert_non_null(problem_kind_find(problem.slug));
        assert_int_equal(problem_kind_find(problem.slug)->status, rows[i].status);
    }
}

static void test_problem_from_error_typed_by_service_keeps_its_type(void **state)
{
    struct kit_error err;
    struct problem problem;

    (void)state;
    kit_error_typed(&err, KIT_E_REFUSED, "below-committed", "5 are committed");
    problem_from_error(&err, &problem);
    assert_string_equal(problem.slug, "below-committed");
    assert_int_equal(problem.status, 409);

    kit_error_typed(&err, KIT_E_REFUSED, "cancel-refused", "delivery keeps another order");
    problem_from_error(&err, &problem);
    assert_string_equal(problem.slug, "cancel-refused");
    assert_int_equal(problem.status, 409);
    assert_string_equal(problem.title, "Delivery does not agree to the cancel");

    kit_error_typed(&err, KIT_E_UNAVAILABLE, "brand-new-type", "later");
    err.retry_after_ms = 4001;
    problem_from_error(&err, &problem);
    assert_string_equal(problem.slug, "brand-new-type");
    assert_int_equal(problem.status, 503);
    assert_int_equal(problem.retry_after_s, 5);
    assert_string_equal(problem.title, kit_code_text(KIT_E_UNAVAILABLE));
}

static void test_problem_from_call_unanswered_effect_is_outcome_unknown(void **state)
{
    static const int codes[] = { KIT_E_TIMEOUT, KIT_E_UNAVAILABLE };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(codes); i++) {
        struct kit_error err, out;
        struct problem problem;

        kit_error_set(&err, codes[i], "no word from it");
        problem_from_call(&err, "do it again", &out);
        problem_from_error(&out, &problem);
        assert_string_equal(problem.slug, "outcome-unknown");
        assert_int_equal(problem.status, 503);
        assert_non_null(strstr(problem.detail, "do it again"));
    }
}

static void test_problem_from_call_unanswered_read_keeps_its_kind(void **state)
{
    struct kit_error err, out;

    (void)state;
    kit_error_set(&err, KIT_E_TIMEOUT, "no word from it");
    problem_from_call(&err, NULL, &out);
    assert_int_equal(out.code, KIT_E_TIMEOUT);
    assert_string_equal(out.type, "");
    kit_error_set(&err, KIT_E_UNAVAILABLE, "gone");
    problem_from_call(&err, NULL, &out);
    assert_int_equal(out.code, KIT_E_UNAVAILABLE);
}

/* What the service itself said is passed on, also when it is a timeout of its own. */
static void test_problem_from_call_executors_words_pass(void **state)
{
    struct kit_error err, out;
    struct problem problem;

    (void)state;
    kit_error_typed(&err, KIT_E_TIMEOUT, "cancel-unavailable", "delivery is silent");
    err.retry_after_ms = 2500;
    problem_from_call(&err, "do it again", &out);
    problem_from_error(&out, &problem);
    assert_string_equal(problem.slug, "cancel-unavailable");
    assert_string_equal(problem.detail, "delivery is silent");
    assert_int_equal(problem.retry_after_s, 3);
}

static void test_problem_from_call_unreadable_answer_is_502(void **state)
{
    struct kit_error err, out;
    struct problem problem;

    (void)state;
    kit_error_set(&err, KIT_E_MALFORMED, "not JSON at byte 3");
    problem_from_call(&err, NULL, &out);
    problem_from_error(&out, &problem);
    assert_string_equal(problem.slug, "bad-answer");
    assert_int_equal(problem.status, 502);
}

static void test_problem_retry_after_rounds_up_and_is_at_least_one(void **state)
{
    (void)state;
    assert_int_equal(problem_retry_after_s(0), 1);
    assert_int_equal(problem_retry_after_s(-5), 1);
    assert_int_equal(problem_retry_after_s(1), 1);
    assert_int_equal(problem_retry_after_s(1000), 1);
    assert_int_equal(problem_retry_after_s(1001), 2);
    assert_int_equal(problem_retry_after_s(2000), 2);
    assert_int_equal(problem_retry_after_s(3600000), 3600);
}

static void test_problem_encode_is_valid_by_its_schema(void **state)
{
    struct kit_error err;
    struct problem problem;
    struct kit_buf out;
    struct msg_http_problem wire;
    cJSON *root = NULL;

    (void)state;
    kit_error_at(&err, KIT_E_INVALID, "/qty",
                 "qty must be \"positive\", not <b>-1</b> \xf0\x9f\x93\xa6");
    problem_from_error(&err, &problem);
    kit_buf_init(&out, 4096);
    problem_encode(&problem, "/rentals", &out);
    assert_int_equal(kit_json_parse(out.data, out.size_bytes, 4096, &root, &err), KIT_OK);
    assert_int_equal(msg_http_problem_decode(root, &wire, &err), KIT_OK);
    assert_string_equal(wire.type, "/problems/invalid-body");
    assert_int_equal(wire.status, 422);
    assert_string_equal(wire.pointer, "/qty");
    assert_string_equal(wire.instance, "/rentals");
    assert_non_null(strstr(wire.detail, "<b>-1</b> \xf0\x9f\x93\xa6"));
    cJSON_Delete(root);
    kit_buf_done(&out);
}

static void test_problem_kinds_are_unique_and_explained(void **state)
{
    (void)state;
    for (size_t i = 0; problem_kind_at(i) != NULL; i++) {
        const struct problem_kind *kind = problem_kind_at(i);
        assert_ptr_equal(problem_kind_find(kind->slug), kind);
        assert_true(kind->status >= 400 && kind->status <= 599);
        assert_true(strlen(kind->title) > 0 && strlen(kind->help) > 10);
    }
    assert_null(problem_kind_find("nothing-of-the-kind"));
}

static void test_problem_kinds_statuses_are_counted_by_their_own_names(void **state)
{
    struct bridge_metrics metrics = { 0 };
    struct kit_buf out;
    char label[20];

    (void)state;
    for (size_t i = 0; problem_kind_at(i) != NULL; i++)
        metrics_add_answer(&metrics, NULL, problem_kind_at(i)->status, 1);
    kit_buf_init(&out, 65536);
    metrics_write(&metrics, 0, &out);
    for (size_t i = 0; problem_kind_at(i) != NULL; i++) {
        snprintf(label, sizeof(label), "status=\"%d\"", problem_kind_at(i)->status);
        assert_non_null(strstr(out.data, label));
    }
    assert_null(strstr(out.data, "status=\"other\""));
    kit_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_problem_from_error_every_code),
        cmocka_unit_test(test_problem_from_error_typed_by_service_keeps_its_type),
        cmocka_unit_test(test_problem_from_call_unanswered_effect_is_outcome_unknown),
        cmocka_unit_test(test_problem_from_call_unanswered_read_keeps_its_kind),
        cmocka_unit_test(test_problem_from_call_executors_words_pass),
        cmocka_unit_test(test_problem_from_call_unreadable_answer_is_502),
        cmocka_unit_test(test_problem_retry_after_rounds_up_and_is_at_least_one),
        cmocka_unit_test(test_problem_encode_is_valid_by_its_schema),
        cmocka_unit_test(test_problem_kinds_are_unique_and_explained),
        cmocka_unit_test(test_problem_kinds_statuses_are_counted_by_their_own_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
