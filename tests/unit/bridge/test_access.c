/* The stories of access.h, and what a request gets in a closed Lockstock. */
#include "bridge/request_access.h"
#include "bridge/request_stream.h"
#include <unistd.h>

#include "kit/rpc/access.h"
#include "request_world.h"

#define EPOCH "0123456789abcdef0123456789abcdef"
#define OTHER_EPOCH "fedcba9876543210fedcba9876543210"
#define D8 "01234567"
#define CARLA "lss_" D8 D8 D8 D8 D8 D8 D8 D8
#define OPERATOR "lss_" D8 D8 D8 D8 D8 D8 D8 "76543210"
#define PROGRAM "lst_" D8 D8 D8 D8 D8 D8 D8 D8
#define NOBODY "lss_" D8 D8 D8 D8 D8 D8 D8 "ffffffff"

static struct access *copy;
static char path[] = "/tmp/lockstock-access-XXXXXX";
static int seq;

static void remove_copy(void)
{
    char name[80];
    const char *const suffixes[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < KIT_COUNT(suffixes); i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        (void)remove(name);
    }
}

static void open_copy(void)
{
    const struct follow_ports ports = { &fake_clock, &fake_rng, &fake_logger };
    struct kit_error err;

    copy = &bridge.access;
    assert_int_equal(access_open(copy, path, &ports, &err), KIT_OK);
    copy->follow.rpc = bridge.rpc;
    access_on_link(copy, true);
}

static void answer(const char *epoch, int head)
{
    char text[160];

    (void)access_tick(copy, world.now_ms);
    assert_string_equal(world.topic, "lockstock/v1/rpc/account/replay/bridge");
    snprintf(text, sizeof(text), "{\"epoch\":\"%s\",\"head\":%d,\"events\":[]}", epoch, head);
    world.topic[0] = '\0';
    reply("ok", text);
    (void)access_tick(copy, world.now_ms);
}

static void present(void)
{
    const char *text = "{\"status\":\"online\",\"epoch\":1}";
    const struct kit_message message = { .topic = "lockstock/v1/service/account/state",
                                         .payload = text,
                                         .payload_size_bytes = strlen(text),
                                         .retain = true,
                                         .response_topic = "",
                                         .status = "",
                                         .key = "",
                                         .traceparent = "" };
    assert_true(kit_rpc_client_on_message(bridge.rpc, &message));
}

static int set_up_closed(void **state)
{
    set_up(state);
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    seq = 0;
    kit_rpc_client_on_link(bridge.rpc, true);
    open_copy();
    present();
    answer(EPOCH, 0);
    assert_true(copy->is_filled);
    return 0;
}

static int tear_down_closed(void **state)
{
    access_close(copy);
    remove_copy();
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    return tear_down(state);
}

static void say(const char *type, int version, const char *data)
{
    char text[1024];
    struct kit_message message = { .topic = "lockstock/v1/stream/account", .payload = text };

    seq++;
    snprintf(text, sizeof(text),
             "[{\"specversion\":\"1.0\",\"id\":\"account:" EPOCH ":%d\",\"source\":\"account\","
             "\"type\":\"%s\",\"subject\":\"session/1\",\"time\":\"2026-01-31T12:00:00.000Z\","
             "\"epoch\":\"" EPOCH "\",\"sequence\":\"%d\",\"version\":%d,"
             "\"datacontenttype\":\"application/json\",\"data\":%s}]",
             seq, type, seq, version, data);
    message.payload_size_bytes = strlen(text);
    assert_true(access_on_message(copy, &message));
    assert_int_equal(copy->follow.follower.seq, seq);
}

static void say_session(int id, int person, const char *token, const char *kind, const char *state)
{
    char hash[KIT_MAC_HEX_SIZE], data[400];

    access_token_hash(token, hash);
    snprintf(data, sizeof(data),
             "{\"id\":%d,\"person\":%d,\"kind\":\"%s\",\"hash\":\"%s\",%s"
             "\"until\":\"2026-01-31T12:00:00.000Z\",\"state\":\"%s\"}",
             id, person, kind, hash, kind[0] == 't' ? "\"scopes\":\"read\"," : "", state);
    say("SessionSaved", strcmp(state, "live") == 0 ? 1 : 2, data);
}

static void say_people(void)
{
    say("AccountSaved", 1, "{\"id\":3,\"state\":\"active\"}");
    say("PersonSaved", 1, "{\"id\":17,\"account\":3,\"role\":\"customer\",\"state\":\"active\"}");
    say("PersonSaved", 1, "{\"id\":18,\"role\":\"operator\",\"state\":\"active\"}");
    say_session(5, 17, CARLA, "session", "live");
    say_session(6, 18, OPERATOR, "session", "live");
    say_session(7, 17, PROGRAM, "token", "live");
}

static int64_t session_of(const char *token)
{
    struct access_session session;
    assert_int_equal(access_find(copy, token, &session, NULL), KIT_OK);
    return session.id;
}

static struct request *ask(const char *method, const char *target, const char *token,
                           const char *body)
{
    char header[100];

    snprintf(header, sizeof(header), "Bearer %s", token == NULL ? "" : token);
    const struct request_headers headers = { .host = "shop:8080",
                                             .content_type = "application/json",
                                             .authorization = token == NULL ? NULL : header };
    return start(method, target, &headers, body);
}

static void assert_refused(const char *method, const char *target, const char *token, int status)
{
    struct request *request = ask(method, target, token, NULL);

    if (request->state != REQUEST_ANSWERED || request->answer.status != status)
        fail_msg("%s %s: %d", method, target, request->answer.status);
    request_free(request);
}

static void test_access_token_lets_in_from_its_event_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(session_of(CARLA), 0);
    say_people();
    assert_int_equal(session_of(CARLA), 5);
    assert_int_equal(session_of(NOBODY), 0);
    say_session(5, 17, CARLA, "session", "ended");
    assert_int_equal(session_of(CARLA), 0);
    say("SessionSaved", 1,
        "{\"id\":5,\"person\":17,\"kind\":\"session\",\"hash\":\"" D8 D8 D8 D8 D8 D8 D8 D8
        "\",\"until\":\"2026-01-31T12:00:00.000Z\",\"state\":\"live\"}");
    assert_false(access_is_live(copy, 5)); /* an older version */
    assert_true(access_is_live(copy, 6));
}

static void test_access_ends_with_person_account_and_time(void **state)
{
    (void)state;
    say_people();
    say("AccountSaved", 2, "{\"id\":3,\"state\":\"disabled\"}");
    assert_int_equal(session_of(CARLA), 0);
    say("AccountSaved", 3, "{\"id\":3,\"state\":\"active\"}");
    assert_int_equal(session_of(CARLA), 5);
    say("PersonSaved", 2, "{\"id\":17,\"account\":3,\"role\":\"customer\",\"state\":\"disabled\"}");
    assert_int_equal(session_of(CARLA), 0);
    assert_int_equal(session_of(OPERATOR), 6);
    world.now_ms = INT64_C(1769860800001); /* 2026-01-31T12:00:00.001Z */
    assert_int_equal(session_of(OPERATOR), 0);
}

static void test_access_of_a_bridge_that_comes_back_is_there(void **state)
{
    (void)state;
    say_people();
    access_close(copy);
    bridge.access = (struct access){ .is_closed = false };
    open_copy(); /* account is not asked */
    assert_int_equal(session_of(CARLA), 5);
    assert_int_equal(session_of(NOBODY), 0);
    assert_int_equal(copy->follow.follower.seq, seq);
}

static void test_access_of_another_history_is_made_anew(void **state)
{
    struct access_session session;

    (void)state;
    say_people();
    access_on_link(copy, false);
    access_on_link(copy, true);
    world.now_ms += 5000;
    answer(OTHER_EPOCH, 2);
    assert_int_equal(access_find(copy, CARLA, &session, NULL), KIT_E_UNAVAILABLE);
    assert_false(copy->is_filled);
}

static void test_access_damaged_copy_is_made_anew(void **state)
{
    (void)state;
    say_people();
    access_close(copy);
    remove_copy();
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("no database", file);
    fclose(file);
    bridge.access = (struct access){ .is_closed = false };
    open_copy();
    assert_false(copy->is_filled);
}

static void test_request_in_a_closed_system_needs_somebody(void **state)
{
    const char *const bad[] = { NULL, NOBODY, "", "lss_", CARLA "0", "lst_" D8 };

    (void)state;
    say_people();
    for (size_t r = 0; r < bridge_route_count; r++) {
        const struct route *route = &bridge_routes[r];
        char what[120], target[120];
        if ((route->ports & 1U) == 0 || strchr(route->path, '?') != NULL)
            continue;
        if (route->service == NULL)
            snprintf(what, sizeof(what), "%s %s", http_method_text(route->method), route->path);
        else
            snprintf(what, sizeof(what), "%s.%s", route->service, route->rpc);
        if (kit_access_reach(what, KIT_ROLE_ANONYMOUS) != KIT_REACH_NONE)
            continue;
        size_t length = 0;
        for (const char *at = route->path; *at != '\0'; at++) {
            target[length++] = *at == '{' ? '1' : *at;
            at = *at == '{' ? strchr(at, '}') : at;
        }
        target[length] = '\0';
        if (strstr(route->path, "{device}") != NULL)
            memcpy(strchr(target, '1'), "a", 1);
        for (size_t i = 0; i < KIT_COUNT(bad); i++)
            assert_refused(http_method_text(route->method), target, bad[i], 401);
    }
    assert_string_equal(world.topic, ""); /* nobody was asked */
}

static void test_request_says_who_asks(void **state)
{
    (void)state;
    say_people();
    struct request *request = ask("POST", "/rentals", CARLA, ORDER);
    assert_int_equal(request->state, REQUEST_WAITING);
    assert_int_equal(request->actor.person, 17);
    assert_int_equal(request->actor.account, 3);
    assert_int_equal(request->actor.role, KIT_ROLE_CUSTOMER);
    reply("ok", RENTAL);
    request_free(request);
    assert_refused("POST", "/products", CARLA, 403);
    assert_refused("GET", "/processes", CARLA, 403);
    assert_refused("POST", "/rentals", PROGRAM, 403); /* its scope is read */
}

static void test_request_by_cookie_needs_the_pages_token(void **state)
{
    char csrf[KIT_MAC_HEX_SIZE];
    struct request_headers headers = { .host = "shop:8080",
                                       .content_type = "application/json",
                                       .cookie = "a=b; " ACCESS_COOKIE "=" CARLA };

    (void)state;
    say_people();
    struct request *request = start("POST", "/rentals", &headers, ORDER);
    assert_problem(request, 403, "csrf-token");
    request_free(request);
    request = start("GET", "/me", &headers, NULL);
    access_token_csrf(CARLA, csrf);
    assert_non_null(strstr(request->answer.body.data, csrf));
    request_free(request);
    headers.csrf_token = csrf;
    request = start("POST", "/rentals", &headers, ORDER);
    assert_int_equal(request->state, REQUEST_WAITING);
    reply("ok", RENTAL);
    request_free(request);
    headers.cookie = ACCESS_COOKIE "=" CARLA "; " ACCESS_COOKIE "=" OPERATOR;
    request = start("POST", "/rentals", &headers, ORDER);
    assert_problem(request, 401, "unauthenticated");
    request_free(request);
}

static void test_request_signs_in_under_a_token_of_its_own(void **state)
{
    const struct request_headers headers = { .host = "shop:8080",
                                             .content_type = "application/json",
                                             .cookie = ACCESS_COOKIE "=" NOBODY };
    char token[ACCESS_TOKEN_SIZE];

    (void)state;
    struct request *request = start("POST", "/sessions", &headers,
                                    "{\"login\":\"mina\",\"password\":\"secret words\","
                                    "\"as\":\"cookie\"}");
    assert_string_equal(world.topic, "lockstock/v1/rpc/account/session-open/bridge");
    assert_null(strstr(world.payload, "lss_"));
    reply("ok", "{\"id\":9,\"person\":18,\"role\":\"operator\",\"name\":\"Mina\","
                "\"until\":\"2026-01-31T12:00:00.000Z\"}");
    assert_int_equal(request->answer.status, 201);
    assert_null(strstr(request->answer.body.data, "lss_"));
    assert_null(strstr(request->answer.cookie, NOBODY)); /* fixation */
    const char *at = strstr(request->answer.cookie, "lss_");
    assert_non_null(at);
    memcpy(token, at, sizeof(token) - 1);
    token[sizeof(token) - 1] = '\0';
    assert_non_null(strstr(request->answer.cookie, "; Secure; HttpOnly; SameSite=Lax"));
    request_free(request);
    assert_int_equal(session_of(token), 9); /* before its event */
    assert_int_equal(session_of(NOBODY), 0);
}

static void test_feed_is_filtered_by_role_and_account(void **state)
{
    const struct {
        const char *token;
        bool sees_orders_of_3, sees_orders_of_4, sees_doors;
    } cases[] = { { CARLA, true, false, false }, { OPERATOR, true, true, true } };
    struct feed_filter filter;

    (void)state;
    say_people();
    for (size_t i = 0; i < KIT_COUNT(cases); i++) {
        struct request *request = ask("GET", "/me", cases[i].token, NULL);
        filter = (struct feed_filter){ .kinds = ~0U };
        request_access_filter(request, &filter);
        assert_int_equal(feed_filter_may_see(&filter, FEED_ORDER, 3), cases[i].sees_orders_of_3);
        assert_int_equal(feed_filter_may_see(&filter, FEED_ORDER, 4), cases[i].sees_orders_of_4);
        assert_int_equal(feed_filter_may_see(&filter, FEED_ORDER, 0), cases[i].sees_orders_of_4);
        assert_int_equal(feed_filter_takes(&filter, FEED_DOOR, "locker/a"), cases[i].sees_doors);
        request_free(request);
    }
}

static void test_request_in_an_open_system_is_told_so(void **state)
{
    (void)state;
    bridge.access.is_closed = false;
    struct request *request = ask("POST", "/sessions", NULL, "{}");
    assert_problem(request, 404, "open-system");
    request_free(request);
    request = ask("GET", "/me", NULL, NULL);
    assert_string_equal(request->answer.body.data, "{\"access\":\"open\",\"role\":\"operator\"}");
    request_free(request);
}

#define CLOSED(name) cmocka_unit_test_setup_teardown(name, set_up_closed, tear_down_closed)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLOSED(test_access_token_lets_in_from_its_event_to_its_end),
        CLOSED(test_access_ends_with_person_account_and_time),
        CLOSED(test_access_of_a_bridge_that_comes_back_is_there),
        CLOSED(test_access_of_another_history_is_made_anew),
        CLOSED(test_access_damaged_copy_is_made_anew),
        CLOSED(test_request_in_a_closed_system_needs_somebody),
        CLOSED(test_request_says_who_asks),
        CLOSED(test_request_by_cookie_needs_the_pages_token),
        CLOSED(test_request_signs_in_under_a_token_of_its_own),
        CLOSED(test_feed_is_filtered_by_role_and_account),
        CLOSED(test_request_in_an_open_system_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
