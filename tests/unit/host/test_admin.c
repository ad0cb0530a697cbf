/* The operator's listener over real HTTP on the loopback, driven by the loop of the test. */
#include "fakes/cmocka_all.h"
#include "http_get.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/process/admin.h"
#include "kit/process/system.h"

#define CONNECTIONS_MAX 32 /* of the listener */
#define TURN_MS 20

static struct kit_loop *loop;
static struct kit_admin *admin;
static struct kit_error err;
static const char *reason;
static char seen_path[256];
static char seen_body[64 * 1024];
static char response[HTTP_RESPONSE_SIZE];

static const char *not_ready(void *context)
{
    (void)context;
    return reason;
}

static void metrics(void *context, struct kit_buf *out)
{
    (void)context;
    kit_buf_add_text(out, "lockstock_things_total 3\n");
}

static int on_list(void *context, const char *path, const char *body, struct kit_buf *out)
{
    (void)context;
    kit_text_copy(seen_path, sizeof(seen_path), path);
    kit_text_copy(seen_body, sizeof(seen_body), body);
    kit_buf_add_text(out, "[1]");
    return 200;
}

static int on_post(void *context, const char *path, const char *body, struct kit_buf *out)
{
    on_list(context, path, body, out);
    return 409;
}

static int on_endless(void *context, const char *path, const char *body, struct kit_buf *out)
{
    on_list(context, path, body, out);
    while (!out->overflow)
        kit_buf_add_text(out, "0123456789012345678901234567890123456789012345678901234567890123");
    return 200;
}

static const struct kit_admin_route routes[] = {
    { "GET", "/things", "application/json", on_list },
    { "POST", "/things", "application/json", on_post },
    { "GET", "/endless", "text/plain", on_endless },
};

static const struct kit_admin_owner owner = {
    .not_ready = not_ready, .metrics = metrics, .routes = routes, .route_count = KIT_COUNT(routes)
};

static int setup(void **state)
{
    (void)state;
    reason = NULL;
    seen_path[0] = seen_body[0] = '\0';
    if (kit_loop_new(&loop, kit_system_clock(), &err) != KIT_OK)
        return -1;
    return kit_admin_new(&admin, loop, 0, &owner, &err);
}

static int teardown(void **state)
{
    (void)state;
    kit_admin_free(admin);
    kit_loop_free(loop);
    return 0;
}

static void turn(void *context)
{
    (void)context;
    assert_int_equal(kit_loop_turn(loop, TURN_MS, &err), KIT_OK);
}

static int ask(const char *method, const char *path, const char *body)
{
    static char request[80 * 1024];
    snprintf(request, sizeof(request),
             "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
             method, path, strlen(body), body);
    return http_request(kit_admin_port(admin), request, turn, NULL, response);
}

static void test_livez_is_ok(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/livez", ""), 200);
    assert_non_null(strstr(response, "\r\n\r\nalive\n"));
}

static void test_readyz_tells_the_reason(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/readyz", ""), 200);
    assert_non_null(strstr(response, "\r\n\r\n{\"ready\":true,\"degraded\":[]}\n"));
    reason = "no connection to the broker";
    assert_int_equal(ask("GET", "/readyz", ""), 503);
    assert_non_null(strstr(response, "\r\n\r\n{\"ready\":false,"
                                     "\"why\":\"no connection to the broker\",\"degraded\":[]}\n"));
}

static void test_metrics_are_prometheus_text(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/metrics", ""), 200);
    assert_non_null(strstr(response, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(response, "\r\n\r\nlockstock_things_total 3\n"));
}

static void test_head_has_no_body(void **state)
{
    (void)state;
    assert_int_equal(ask("HEAD", "/livez", ""), 200);
    assert_null(strstr(response, "alive"));
    assert_int_equal(ask("HEAD", "/things", ""), 200);
    assert_null(strstr(response, "[1]"));
}

static void test_owner_route_gets_path_and_body(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/things", ""), 200);
    assert_non_null(strstr(response, "Content-Type: application/json"));
    assert_non_null(strstr(response, "\r\n\r\n[1]"));
    assert_string_equal(seen_path, "/things");
    assert_string_equal(seen_body, "");
    assert_int_equal(ask("POST", "/things/7/retry", "{\"a\":1}"), 409);
    assert_string_equal(seen_path, "/things/7/retry");
    assert_string_equal(seen_body, "{\"a\":1}");
}

static void test_wrong_path_or_method_says_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/nothing", ""), 404);
    assert_non_null(strstr(response, "try /livez"));
    assert_int_equal(ask("GET", "/thingsx", ""), 404);
    assert_int_equal(ask("DELETE", "/things", ""), 405);
    assert_non_null(strstr(response, "Allow: GET, POST\r\n"));
    assert_int_equal(ask("POST", "/livez", ""), 405);
    assert_non_null(strstr(response, "Allow: GET, HEAD\r\n"));
    assert_string_equal(seen_path, "");
}

static void test_body_up_to_16_kib_is_taken(void **state)
{
    (void)state;
    static char body[16 * 1024 + 2];
    memset(body, 'b', sizeof(body) - 1);
    body[16 * 1024] = '\0';
    assert_int_equal(ask("POST", "/things", body), 409);
    assert_int_equal(strlen(seen_body), 16 * 1024);
    seen_path[0] = '\0';
    body[16 * 1024] = 'b';
    assert_int_equal(ask("POST", "/things", body), 413);
    assert_string_equal(seen_path, "");
}

static void test_headers_above_the_limit_are_refused(void **state)
{
    (void)state;
    static char request[70 * 1024];
    size_t used = (size_t)snprintf(request, sizeof(request),
                                   "GET /livez HTTP/1.1\r\nHost: x\r\nX: ");
    memset(request + used, 'h', 64 * 1024);
    snprintf(request + used + 64 * 1024, 16, "\r\n\r\n");
    int status = http_request(kit_admin_port(admin), request, turn, NULL, response);
    assert_true(status == 431 || status == 413 || status == 414);
    assert_int_equal(ask("GET", "/livez", ""), 200); /* others are still served */
}

static void test_answer_above_the_limit_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/endless", ""), 500);
}

/* Connections that send nothing hold the places; the next one is served when a place is free. */
static void test_connection_beyond_the_limit_waits_for_a_place(void **state)
{
    (void)state;
    int fds[CONNECTIONS_MAX];
    size_t size_bytes = 0;
    const char request[] = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        fds[i] = http_open(kit_admin_port(admin));
    int last = http_open(kit_admin_port(admin));
    http_send(last, request, strlen(request));
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        turn(NULL); /* all places are taken by now */
    assert_false(http_read(last, response, &size_bytes));
    assert_int_equal(size_bytes, 0);
    close(fds[0]);
    int turns = 0;
    while (!http_read(last, response, &size_bytes)) {
        assert_true(turns++ < 400); /* before the idle ones time out */
        turn(NULL);
    }
    assert_int_equal(strncmp(response, "HTTP/1.1 200", 12), 0);
    close(last);
    for (int i = 1; i < CONNECTIONS_MAX; i++)
        close(fds[i]);
}

static void test_listener_is_on_the_loopback_only(void **state)
{
    (void)state;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)kit_admin_port(admin)),
                                   .sin_addr.s_addr = htonl(0x7f000002) }; /* 127.0.0.2 */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
    close(fd);
}

static void test_new_on_a_used_port_is_refused_with_advice(void **state)
{
    (void)state;
    struct kit_admin *second = NULL;
    assert_int_equal(kit_admin_new(&second, loop, kit_admin_port(admin), &owner, &err),
                     KIT_E_UNAVAILABLE);
    assert_null(second);
    assert_non_null(strstr(err.text, "--admin-port"));
    kit_admin_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_livez_is_ok, setup, teardown),
        cmocka_unit_test_setup_teardown(test_readyz_tells_the_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(test_metrics_are_prometheus_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_head_has_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_owner_route_gets_path_and_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_path_or_method_says_what_is_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_body_up_to_16_kib_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_headers_above_the_limit_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answer_above_the_limit_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connection_beyond_the_limit_waits_for_a_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_listener_is_on_the_loopback_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_on_a_used_port_is_refused_with_advice, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
