/* The product of a load run is made once, when the system answers. A thread plays the bridge: it
 * gives the answers of a list, a connection each, and notes what it was asked. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "load/setup.h"

#define ANSWERS_MAX 8
#define REQUEST_SIZE 1024

struct bridge {
    int fd, port;
    const char *const *answers; /* "503 {}"; ends with NULL */
    char requests[ANSWERS_MAX][40];
    pthread_t thread;
};

/* Reads head and body; a body here ends with a brace. */
static void read_request(int fd, char request[REQUEST_SIZE])
{
    size_t size = 0;

    request[0] = '\0';
    while (strstr(request, "\r\n\r\n") == NULL ||
           (strncmp(request, "POST", 4) == 0 && request[size - 1] != '}')) {
        const ssize_t got = recv(fd, request + size, REQUEST_SIZE - 1 - size, 0);
        if (got <= 0)
            return;
        size += (size_t)got;
        request[size] = '\0';
    }
}

static void *serve(void *self)
{
    struct bridge *bridge = self;
    char request[REQUEST_SIZE], answer[REQUEST_SIZE];

    for (size_t i = 0; bridge->answers[i] != NULL; i++) {
        const char *body = strchr(bridge->answers[i], '{');
        const int fd = accept(bridge->fd, NULL, NULL);
        if (fd < 0) /* nobody asks any more */
            break;
        read_request(fd, request);
        snprintf(bridge->requests[i], sizeof(bridge->requests[i]), "%.*s",
                 (int)(strstr(request, " HTTP") - request), request);
        const int size = snprintf(answer, sizeof(answer),
                                  "HTTP/1.1 %.3s x\r\nContent-Length: %zu\r\n"
                                  "Connection: close\r\n\r\n%s",
                                  bridge->answers[i], strlen(body), body);
        (void)send(fd, answer, (size_t)size, MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

static void open_bridge(struct bridge *bridge, const char *const answers[])
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    *bridge = (struct bridge){ .fd = socket(AF_INET, SOCK_STREAM, 0), .answers = answers };
    assert_int_equal(bind(bridge->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(bridge->fd, ANSWERS_MAX), 0);
    assert_int_equal(getsockname(bridge->fd, (struct sockaddr *)&address, &size), 0);
    bridge->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&bridge->thread, NULL, serve, bridge), 0);
}

static void close_bridge(struct bridge *bridge)
{
    (void)shutdown(bridge->fd, SHUT_RDWR);
    assert_int_equal(pthread_join(bridge->thread, NULL), 0);
    close(bridge->fd);
}

/* Makes a product at a bridge that gives these answers. */
static int add_product(struct bridge *bridge, const char *const answers[], int64_t *ret_id,
                       struct kit_error *err)
{
    struct sim_http http;

    open_bridge(bridge, answers);
    assert_int_equal(sim_http_init(&http, bridge->port, err), KIT_OK);
    int rc = load_add_product(&http, ret_id, err);
    close_bridge(bridge);
    sim_http_done(&http);
    return rc;
}

static void test_load_add_product_waits_until_products_are_served(void **state)
{
    static const char *const answers[] = { "503 {}", "503 {}", "200 {}", "201 {\"id\":7}", NULL };
    struct bridge bridge;
    struct kit_error err = { 0 };
    int64_t id = 0;

    (void)state;
    assert_int_equal(add_product(&bridge, answers, &id, &err), KIT_OK);
    assert_int_equal(id, 7);
    for (int i = 0; i < 3; i++)
        assert_string_equal(bridge.requests[i], "GET /products?size=1");
    assert_string_equal(bridge.requests[3], "POST /products");
}

static void test_load_add_product_unknown_outcome_is_not_repeated(void **state)
{
    static const char *const answers[] = { "200 {}", "503 {\"status\":503}", "201 {\"id\":7}",
                                           NULL };
    struct bridge bridge;
    struct kit_error err = { 0 };
    int64_t id = 0;

    (void)state;
    assert_int_equal(add_product(&bridge, answers, &id, &err), KIT_E_UNAVAILABLE);
    assert_string_equal(bridge.requests[1], "POST /products");
    assert_string_equal(bridge.requests[2], "");
    assert_non_null(strstr(err.text, "HTTP status 503"));
}

static void test_load_add_product_without_a_bridge_says_what_to_do(void **state)
{
    static const char *const answers[] = { NULL };
    struct bridge bridge;
    struct kit_error err = { 0 };
    int64_t id = 0;

    (void)state;
    open_bridge(&bridge, answers);
    close_bridge(&bridge);
    struct sim_http http;
    assert_int_equal(sim_http_init(&http, bridge.port, &err), KIT_OK);
    assert_int_equal(load_add_product(&http, &id, &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "run deploy/up first"));
    sim_http_done(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_add_product_waits_until_products_are_served),
        cmocka_unit_test(test_load_add_product_unknown_outcome_is_not_repeated),
        cmocka_unit_test(test_load_add_product_without_a_bridge_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
