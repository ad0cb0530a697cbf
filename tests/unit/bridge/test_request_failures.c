/* What a request comes to when its service fails, or its client goes away. */
#include "request_world.h"

/* ---- when a service fails ---- */

static void test_request_service_refuses_problem_passes(void **state)
{
    (void)state;
    struct request *request = start("PATCH", "/products/1", &json, "{\"qty\":1}");
    reply("refused",
          "{\"type\":\"below-committed\",\"detail\":\"3 are rented\",\"pointer\":\"/qty\"}");
    assert_problem(request, 409, "below-committed");
    assert_non_null(strstr(request->answer.body.data, "3 are rented"));
    request_free(request);
}

static void test_request_retry_after_of_the_service_is_told(void **state)
{
    (void)state;
    struct request *request = start("DELETE", "/rentals/3", &plain, NULL);
    reply("unavailable",
          "{\"type\":\"cancel-unavailable\",\"detail\":\"later\",\"retryAfterMs\":4200}");
    assert_problem(request, 503, "cancel-unavailable");
    assert_int_equal(request->answer.retry_after_s, 5);
    request_free(request);
}

static void test_request_no_answer_to_an_effect_is_outcome_unknown(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    world.now_ms += 1999;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_int_equal(request->state, REQUEST_WAITING);
    world.now_ms += 1;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_problem(request, 503, "outcome-unknown");
    assert_int_equal(world.sent_answers, 1);
    request_free(request);
}

static void test_request_no_answer_to_a_read_is_no_answer(void **state)
{
    (void)state;
    struct request *request = start("GET", "/rentals/3", &plain, NULL);
    world.now_ms += 2000;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
    assert_problem(request, 503, "no-answer");
    request_free(request);
}

static void test_request_broker_away_is_service_unavailable_at_once(void **state)
{
    (void)state;
    world.publish_code = KIT_E_UNAVAILABLE;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    assert_problem(request, 503, "service-unavailable");
    assert_int_equal(world.sent_answers, 0);
    request_free(request);
}

/* Its time is over before the broker is back. */
static void lose_broker(void)
{
    kit_rpc_client_on_link(bridge.rpc, false);
    world.now_ms += 2000;
    kit_rpc_client_tick(bridge.rpc, world.now_ms);
}

static void test_request_broker_lost_meanwhile_waits_for_it(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    kit_rpc_client_on_link(bridge.rpc, false);
    assert_int_equal(request->state, REQUEST_WAITING);
    kit_rpc_client_on_link(bridge.rpc, true);
    reply("ok", RENTAL);
    assert_int_equal(request->answer.status, 201);
    request_free(request);
}

static void test_request_broker_lost_for_good_is_outcome_unknown(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    lose_broker();
    assert_problem(request, 503, "outcome-unknown");
    request_free(request);
}

static void test_request_unreadable_answers_are_502(void **state)
{
    static const char *const answers[] = { "not json", "{\"id\":1}", "[]" };

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(answers); i++) {
        struct request *request = start("GET", "/rentals/3", &plain, NULL);
        reply("ok", answers[i]);
        assert_problem(request, 502, "bad-answer");
        request_free(request);
    }
}

static void test_request_too_many_waiting_is_overloaded(void **state)
{
    static struct request *requests[BRIDGE_CALLS_MAX];

    (void)state;
    for (size_t i = 0; i < BRIDGE_CALLS_MAX; i++) {
        requests[i] = start("GET", "/rentals/3", &plain, NULL);
        assert_int_equal(requests[i]->state, REQUEST_WAITING);
    }
    struct request *more = start("GET", "/rentals/3", &plain, NULL);
    assert_problem(more, 503, "overloaded");
    request_free(more);
    lose_broker();
    for (size_t i = 0; i < BRIDGE_CALLS_MAX; i++) {
        assert_problem(requests[i], 503, "service-unavailable");
        request_free(requests[i]);
    }
    assert_true(bridge.pool_count <= REQUEST_POOL_MAX);
}

/* ---- when the client goes ---- */

static void test_request_client_gone_while_waiting_is_kept_until_the_call_ends(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    request_free(request);
    assert_int_equal(bridge.request_count, 1);
    reply("ok", RENTAL);
    assert_int_equal(world.sent_answers, 0);
    assert_int_equal(bridge.request_count, 0);
    assert_int_equal(bridge.metrics.requests_cut, 1);
}

static void test_request_client_gone_while_reading_is_cut(void **state)
{
    (void)state;
    request_free(request_new(&bridge, "/rentals"));
    assert_int_equal(bridge.metrics.requests_cut, 1);
}

static void test_request_abort_answers_what_waits(void **state)
{
    (void)state;
    struct request *request = start("POST", "/rentals", &json, ORDER);
    kit_rpc_client_free(bridge.rpc);
    bridge.rpc = NULL;
    request_abort(request);
    assert_problem(request, 503, "outcome-unknown");
    assert_int_equal(world.sent_answers, 1);
    request_free(request);
}

static void test_request_reused_object_is_clean(void **state)
{
    (void)state;
    struct request *request = start("DELETE", "/products", &plain, NULL);
    assert_problem(request, 405, "method-not-allowed");
    request_free(request);
    struct request *again = start("GET", "/rentals/3", &plain, NULL);
    assert_ptr_equal(again, request);
    reply("ok", RENTAL);
    assert_int_equal(again->answer.status, 200);
    assert_string_equal(again->answer.allow, "");
    assert_string_equal(again->answer.location, "");
    assert_int_equal(again->answer.retry_after_s, 0);
    request_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request_service_refuses_problem_passes),
        TEST(test_request_retry_after_of_the_service_is_told),
        TEST(test_request_no_answer_to_an_effect_is_outcome_unknown),
        TEST(test_request_no_answer_to_a_read_is_no_answer),
        TEST(test_request_broker_away_is_service_unavailable_at_once),
        TEST(test_request_broker_lost_meanwhile_waits_for_it),
        TEST(test_request_broker_lost_for_good_is_outcome_unknown),
        TEST(test_request_unreadable_answers_are_502),
        TEST(test_request_too_many_waiting_is_overloaded),
        TEST(test_request_client_gone_while_waiting_is_kept_until_the_call_ends),
        TEST(test_request_client_gone_while_reading_is_cut),
        TEST(test_request_abort_answers_what_waits),
        TEST(test_request_reused_object_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
