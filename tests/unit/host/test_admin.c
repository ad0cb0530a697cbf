/* The operator's listener over real HTTP, at a Unix socket and by TCP, driven by the loop of the
 * test. */
#include "fakes/cmocka_all.h"
#include "http_get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/process/admin.h"
#include "kit/process/system.h"

#define CONNECTIONS_MAX 32 /* of the listener */
#define TURN_MS 20

static struct kit_loop *loop;
static struct kit_admin *admin, *tcp;
static char folder[64], place[96];
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
    snprintf(folder, sizeof(folder), "/tmp/lockstock-admin-XXXXXX");
    if (mkdtemp(folder) == NULL || kit_loop_new(&loop, kit_system_clock(), &err) != KIT_OK)
        return -1;
    snprintf(place, sizeof(place), "%s/a.sock", folder);
    return kit_admin_new(&admin, loop, place, &owner, &err);
}

static int teardown(void **state)
{
    (void)state;
    kit_admin_free(admin);
    kit_admin_free(tcp);
    tcp = NULL;
    kit_loop_free(loop);
    return rmdir(folder); /* nothing is left in it */
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
    return http_request(http_open_at(place), request, turn, NULL, response);
}

/* By TCP, with header lines. */
static int ask_tcp(const char *method, const char *path, const char *lines)
{
    char request[512];
    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\n%sConnection: close\r\n\r\n", method,
             path, lines);
    return http_request(http_open(kit_admin_port(tcp)), request, turn, NULL, response);
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
    int status = http_request(http_open_at(place), request, turn, NULL, response);
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
        fds[i] = http_open_at(place);
    int last = http_open_at(place);
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

static void test_socket_is_for_its_user_alone(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(stat(place, &info), 0);
    assert_true(S_ISSOCK(info.st_mode));
    assert_int_equal(info.st_mode & 0777, 0600);
}

/* A process that takes over; the one before, when it ends, leaves the new one its socket. */
static void test_new_listener_takes_the_place_of_the_one_before(void **state)
{
    (void)state;
    static const struct kit_admin_owner other = { .not_ready = not_ready };
    struct kit_admin *before = admin;
    const int waiting = http_open_at(place);
    assert_int_equal(kit_admin_new(&admin, loop, place, &other, &err), KIT_OK);
    assert_int_equal(ask("GET", "/things", ""), 404); /* the new one has none */
    assert_int_equal(kit_admin_keep(before, &err), KIT_OK);
    assert_int_equal(ask("GET", "/things", ""), 404); /* and stays in its place */
    static const char REQUEST[] = "GET /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(http_request(waiting, REQUEST, turn, NULL, response), 200);
    kit_admin_free(before); /* from here on the loop does not turn: its ticker is in it */
    assert_int_equal(access(place, F_OK), 0);
}

static void test_socket_that_was_removed_is_made_again(void **state)
{
    (void)state;
    assert_int_equal(unlink(place), 0);
    assert_int_equal(kit_admin_keep(admin, &err), KIT_OK);
    assert_int_equal(ask("GET", "/livez", ""), 200);
    assert_int_equal(unlink(place), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(kit_admin_keep(admin, &err), KIT_E_UNAVAILABLE);
    turn(NULL);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(kit_admin_keep(admin, &err), KIT_OK);
    assert_int_equal(ask("GET", "/livez", ""), 200);
}

static void test_path_longer_than_an_address_is_listened_at(void **state)
{
    (void)state;
    char deep[200], path[240];
    kit_admin_free(admin);
    kit_loop_free(loop); /* with its ticker for that one */
    assert_int_equal(kit_loop_new(&loop, kit_system_clock(), &err), KIT_OK);
    snprintf(deep, sizeof(deep), "%s/%0120d", folder, 7);
    assert_int_equal(mkdir(deep, 0700), 0);
    snprintf(path, sizeof(path), "%s/a.sock", deep);
    assert_int_equal(kit_admin_new(&admin, loop, path, &owner, &err), KIT_OK);
    static const char REQUEST[] = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(http_request(http_open_at(path), REQUEST, turn, NULL, response), 200);
    kit_admin_free(admin);
    admin = NULL;
    assert_int_equal(rmdir(deep), 0);
}

static void test_folder_that_is_not_there_is_said(void **state)
{
    (void)state;
    struct kit_admin *second = NULL;
    assert_int_equal(kit_admin_new(&second, loop, "/nothing/here/a.sock", &owner, &err),
                     KIT_E_UNAVAILABLE);
    assert_null(second);
    assert_non_null(strstr(err.text, "check --run-dir"));
    kit_admin_free(NULL);
}

/* ---- TCP ---- */

static void test_tcp_reads_and_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(kit_admin_new_tcp(&tcp, loop, "127.0.0.1:0", &owner, &err), KIT_OK);
    assert_int_equal(ask_tcp("GET", "/livez", "Host: 127.0.0.1:9101\r\n"), 200);
    assert_int_equal(ask_tcp("GET", "/metrics", "Host: localhost\r\n"), 200);
    assert_int_equal(ask_tcp("HEAD", "/things", "Host: 10.0.0.7\r\n"), 200);
    assert_int_equal(ask_tcp("GET", "/things", "Host: 10.0.0.7\r\n"), 200);
    seen_path[0] = '\0';
    assert_int_equal(ask_tcp("POST", "/things/7/retry", "Host: localhost\r\n"), 405);
    assert_non_null(strstr(response, "Allow: GET, HEAD\r\n"));
    assert_string_equal(seen_path, "");
}

static void test_tcp_knows_no_other_host_and_no_origin(void **state)
{
    (void)state;
    assert_int_equal(kit_admin_new_tcp(&tcp, loop, "127.0.0.1:0", &owner, &err), KIT_OK);
    assert_int_equal(ask_tcp("GET", "/things", "Host: evil.example:9101\r\n"), 403);
    assert_int_equal(ask_tcp("GET", "/things", "Host: 127.0.0.1.evil.example\r\n"), 403);
    assert_int_equal(ask_tcp("GET", "/things", "Host: \r\n"), 403);
    assert_int_equal(ask_tcp("GET", "/things", "Host: localhost\r\nOrigin: http://localhost\r\n"),
                     403);
    assert_string_equal(seen_path, "");
}

static void test_tcp_at_a_used_port_or_no_place_is_refused_with_advice(void **state)
{
    (void)state;
    static const char *const WRONG[] = { "",     "9101",           "127.0.0.1:",      "127.0.0.1:x",
                                         ":901", "host.test:9101", "127.0.0.1:65536", "::1:9101" };
    struct kit_admin *second = NULL;
    char used[32];
    assert_int_equal(kit_admin_new_tcp(&tcp, loop, "localhost:0", &owner, &err), KIT_OK);
    snprintf(used, sizeof(used), "127.0.0.1:%d", kit_admin_port(tcp));
    assert_int_equal(kit_admin_new_tcp(&second, loop, used, &owner, &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "choose another --admin-listen"));
    for (size_t i = 0; i < KIT_COUNT(WRONG); i++) {
        assert_int_equal(kit_admin_new_tcp(&second, loop, WRONG[i], &owner, &err), KIT_E_INVALID);
        assert_non_null(strstr(err.text, "as in 127.0.0.1:9101"));
    }
    assert_null(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_livez_is_ok, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_listener_takes_the_place_of_the_one_before, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_socket_that_was_removed_is_made_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_path_longer_than_an_address_is_listened_at, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_tcp_reads_and_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tcp_knows_no_other_host_and_no_origin, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_tcp_at_a_used_port_or_no_place_is_refused_with_advice,
                                        setup, teardown),
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
        cmocka_unit_test_setup_teardown(test_socket_is_for_its_user_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder_that_is_not_there_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
