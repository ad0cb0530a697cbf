/* Who was heard, how long ago, and what GET /processes says of it. */
#include "bridge/processes.h"
#include "request_world.h"

#define QUIET                                                                                      \
    "\"uptimeS\":60,\"periodMs\":2000,\"requests\":4,\"requestsOpen\":0,\"callsOpen\":0,"          \
    "\"eventsOut\":2,\"deadLetters\":0,\"lagEvents\":0,\"follows\":[]}"
#define READY "{\"version\":\"0.3.0\",\"ready\":\"yes\"," QUIET
#define NOT_READY "{\"version\":\"0.3.0\",\"ready\":\"no\",\"why\":\"the disk is full\"," QUIET

static const char *const EXPECTED[] = { "product", "rental" };
static struct processes *processes;
static struct kit_degraded degraded;

static int set_up_processes(void **state)
{
    set_up(state);
    processes = &bridge.processes;
    processes_init(processes, "bridge", world.now_ms, EXPECTED, KIT_COUNT(EXPECTED));
    kit_rpc_client_on_link(bridge.rpc, true);
    processes_on_link(processes, true);
    kit_degraded_init(&degraded, bridge.log);
    return 0;
}

static void hear_message(const char *topic, const char *payload, bool retain)
{
    const struct kit_message message = {
        .topic = topic, .payload = payload, .payload_size_bytes = strlen(payload), .retain = retain
    };
    assert_true(processes_on_message(processes, &message, world.now_ms));
}

static void hear(const char *instance, const char *payload)
{
    char topic[KIT_TOPIC_SIZE];
    snprintf(topic, sizeof(topic), "lockstock/v1/service/%s/status", instance);
    hear_message(topic, payload, false);
}

static void present(const char *instance, const char *status)
{
    char topic[KIT_TOPIC_SIZE], payload[80];
    struct kit_message message = { .topic = topic, .payload = payload };
    snprintf(topic, sizeof(topic), "lockstock/v1/service/%s/state", instance);
    snprintf(payload, sizeof(payload), "{\"status\":\"%s\",\"epoch\":1}", status);
    message.payload_size_bytes = strlen(payload);
    assert_true(kit_rpc_client_on_message(bridge.rpc, &message));
}

static void tell(const char *why, int64_t requests)
{
    const struct processes_self self = { .why = why,
                                         .source = "information",
                                         .readers = 3,
                                         .lag = 2,
                                         .totals = { .requests = requests },
                                         .degraded = &degraded };
    processes_tell(processes, &self, &fake_bus, world.now_ms);
}

static struct msg_http_process_list *show(void)
{
    static struct msg_http_process_list list;
    memset(&list, 0, sizeof(list));
    processes_fill(processes, bridge.rpc, world.now_ms, &list);
    return &list;
}

static const struct msg_http_process *find(const char *instance)
{
    const struct msg_http_process_list *list = show();
    for (size_t i = 0; i < list->embedded.processes_count; i++) {
        if (strcmp(list->embedded.processes[i].instance, instance) == 0)
            return &list->embedded.processes[i];
    }
    return NULL;
}

static void test_expected_ones_are_silent_until_they_are_heard(void **state)
{
    (void)state;
    tell(NULL, 0);
    assert_int_equal(show()->embedded.processes_count, 3);
    assert_string_equal(show()->embedded.processes[0].instance, "bridge");
    assert_int_equal(find("rental")->state, PROCESS_STATE_SILENT);
    assert_false(find("rental")->has_heard_ms);
    assert_false(find("rental")->has_status);
    hear("rental", READY);
    assert_int_equal(find("rental")->state, PROCESS_STATE_READY);
    assert_int_equal(find("rental")->status.requests, 4);
    world.now_ms += PROCESSES_SILENT_MS;
    assert_int_equal(find("rental")->state, PROCESS_STATE_READY);
    assert_int_equal(find("rental")->heard_ms, PROCESSES_SILENT_MS);
    world.now_ms++;
    assert_int_equal(find("rental")->state, PROCESS_STATE_SILENT);
    assert_true(find("rental")->has_status); /* what it said last stays, with its age */
}

static void test_process_that_is_not_ready_says_why(void **state)
{
    (void)state;
    hear("rental", NOT_READY);
    assert_int_equal(find("rental")->state, PROCESS_STATE_NOT_READY);
    assert_string_equal(find("rental")->status.why, "the disk is full");
}

#define OWES(time)                                                                                 \
    "{\"reasons\":[{\"reason\":\"lag\",\"since\":\"2026-01-31T12:00:0" time                        \
    ".000Z\",\"text\":\"much to do\"}]}"

static void test_what_a_process_owes_is_shown_until_it_says_less_or_nothing(void **state)
{
    (void)state;
    static const char TOPIC[] = "lockstock/v1/service/rental/degraded";
    hear("rental", READY);
    hear_message(TOPIC, OWES("0"), false);
    assert_int_equal(find("rental")->state, PROCESS_STATE_READY); /* two words */
    assert_true(find("rental")->has_degraded);
    assert_int_equal(find("rental")->degraded_count, 1);
    assert_int_equal(find("rental")->degraded[0].reason, DEGRADED_REASON_LAG);
    assert_string_equal(find("rental")->degraded[0].text, "much to do");
    hear_message(TOPIC, "{\"reasons\":[]}", false);
    assert_false(find("rental")->has_degraded);
    hear_message(TOPIC, OWES("1"), false);
    world.now_ms += PROCESSES_SILENT_MS;
    assert_true(find("rental")->has_degraded);
    world.now_ms++; /* that it is over was lost */
    assert_false(find("rental")->has_degraded);
    hear_message(TOPIC, OWES("2"), true);
    assert_int_equal(processes->refused_total, 1);
}

static void test_bridge_shows_and_says_what_it_owes_itself(void **state)
{
    (void)state;
    const struct kit_degraded_view view = { .level = KIT_DEGRADED_BAD, .text = "little is free" };
    kit_degraded_look(&degraded, DEGRADED_REASON_DISK, &view,
                      (struct kit_degraded_now){ .mono_ms = 1, .wall_ms = 2 });
    tell(NULL, 0);
    assert_string_equal(world.topic, "lockstock/v1/service/bridge/degraded");
    assert_string_equal(find("bridge")->degraded[0].text, "little is free");
}

static void test_process_that_said_good_bye_is_offline_and_not_silent(void **state)
{
    (void)state;
    hear("rental", READY);
    present("rental", "offline");
    assert_int_equal(find("rental")->state, PROCESS_STATE_OFFLINE);
    present("product", "online"); /* of a release that tells no status */
    assert_int_equal(find("product")->state, PROCESS_STATE_SILENT);
}

static void test_word_that_cannot_be_read_is_counted_and_the_one_before_stays(void **state)
{
    (void)state;
    hear("rental", READY);
    world.now_ms += 1000;
    hear("rental", "{");
    hear("rental", "{\"version\":\"0.3.0\"}");
    hear_message("lockstock/v1/service/rental/status", READY, true);
    assert_int_equal(processes->refused_total, 3);
    assert_int_equal(find("rental")->heard_ms, 1000);
    const struct kit_message other = { .topic = "lockstock/v1/service/rental/state" };
    assert_false(processes_on_message(processes, &other, world.now_ms));
}

static void test_one_too_many_takes_the_place_of_the_longest_silent(void **state)
{
    char name[20];
    (void)state;
    for (int i = 0; i < PROCESSES_MAX; i++) {
        snprintf(name, sizeof(name), "stock-%d", i);
        hear(name, i == 3 ? NOT_READY : READY);
        world.now_ms++;
    }
    assert_int_equal(show()->embedded.processes_count, PROCESSES_MAX + 1);
    assert_non_null(find("product"));
    assert_non_null(find("rental"));
    assert_null(find("stock-0"));
    assert_null(find("stock-1")); /* the last two have their places */
    assert_non_null(find("stock-2"));
    assert_int_equal(find("stock-3")->state, PROCESS_STATE_NOT_READY);
    assert_int_equal(find("stock-15")->state, PROCESS_STATE_READY);
}

static void test_own_word_goes_out_and_its_way_back_is_measured(void **state)
{
    (void)state;
    tell(NULL, 7);
    assert_string_equal(world.topic, "lockstock/v1/service/bridge/status");
    assert_false(show()->broker.has_round_trip_ms);
    world.now_ms += 4;
    hear("bridge", world.payload);
    assert_int_equal(show()->broker.round_trip_ms, 4);
    assert_int_equal(show()->embedded.processes_count, 3); /* not heard twice */
    world.now_ms += 1996;
    tell("no connection to the broker", 17);
    const struct msg_http_process *own = find("bridge");
    assert_int_equal(own->state, PROCESS_STATE_NOT_READY);
    assert_string_equal(own->status.why, "no connection to the broker");
    assert_int_equal(own->status.requests, 10);
    assert_int_equal(own->status.period_ms, 2000);
    assert_int_equal(own->status.readers, 3);
    assert_string_equal(own->status.follows[0].source, "information");
    assert_int_equal(own->status.lag_events, 2);
}

static void test_link_down_own_word_is_shown_and_nothing_is_measured(void **state)
{
    (void)state;
    tell(NULL, 0);
    hear("bridge", world.payload);
    assert_true(show()->broker.has_round_trip_ms);
    processes_on_link(processes, false);
    world.publish_code = KIT_E_UNAVAILABLE;
    tell("no connection to the broker", 1);
    assert_int_equal(show()->broker.link, BROKER_LINK_DOWN);
    assert_false(show()->broker.has_round_trip_ms);
    assert_int_equal(find("bridge")->status.requests, 1);
}

static void test_answer_over_http(void **state)
{
    (void)state;
    tell(NULL, 0);
    hear("rental", READY);
    struct request *request = start("GET", "/processes", &plain, NULL);
    const char *body = request->answer.body.data;
    assert_int_equal(request->answer.status, 200);
    assert_string_equal(request->answer.content_type, "application/hal+json");
    assert_non_null(strstr(body, "\"broker\":{\"link\":\"up\"}"));
    assert_non_null(strstr(body, "{\"instance\":\"rental\",\"state\":\"ready\",\"heardMs\":0,"));
    assert_non_null(strstr(body, "{\"instance\":\"product\",\"state\":\"silent\"}"));
    assert_non_null(
        strstr(body, "\"_links\":{\"self\":{\"href\":\"http://shop:8080/processes\"}}"));
    request_free(request);
    request = start("GET", "/processes?page=1", &plain, NULL);
    assert_problem(request, 400, "invalid-query");
    request_free(request);
}

int main(void)
{
#define PROCESSES(name) cmocka_unit_test_setup_teardown(name, set_up_processes, tear_down)
    const struct CMUnitTest tests[] = {
        PROCESSES(test_expected_ones_are_silent_until_they_are_heard),
        PROCESSES(test_process_that_is_not_ready_says_why),
        PROCESSES(test_what_a_process_owes_is_shown_until_it_says_less_or_nothing),
        PROCESSES(test_bridge_shows_and_says_what_it_owes_itself),
        PROCESSES(test_process_that_said_good_bye_is_offline_and_not_silent),
        PROCESSES(test_word_that_cannot_be_read_is_counted_and_the_one_before_stays),
        PROCESSES(test_one_too_many_takes_the_place_of_the_longest_silent),
        PROCESSES(test_own_word_goes_out_and_its_way_back_is_measured),
        PROCESSES(test_link_down_own_word_is_shown_and_nothing_is_measured),
        PROCESSES(test_answer_over_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
