/* The HTTP adapter: libmicrohttpd, real sockets, and a clock that stands still until a test moves
 * it. What a service would say, the test says. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/http_parts.h"
#include "request_world.h"
#include "unit/host/http_get.h"

#define TRIES_MAX 50
#define TURNS_MAX 100 /* each waits for at most 20 ms when nothing happens */
#define EARLY_MS 2000
#define SLOW_MS 10000 /* the rule's number: 10 s to bring a request or to take an answer */
#define POST_RENTAL                                                                                \
    "POST /rentals HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"                   \
    "Content-Length: 23\r\n\r\n" ORDER
#define NOT_THERE "\"status\":404"
#define GET_NOTHING "GET /nothing HTTP/1.1\r\nHost: shop\r\n\r\n"

static struct kit_loop *loop;
static struct http *http;
static int base_port;

/* A client's end, and what it was told so far. */
struct client {
    int fd;
    bool is_closed;
    size_t size_bytes;
    char said[HTTP_RESPONSE_SIZE];
};

static int open_all(void **state)
{
    struct kit_error err;
    assert_int_equal(sizeof(ORDER) - 1, 23);
    (void)set_up(state);
    bridge.streams_max = 4;
    assert_int_equal(kit_loop_new(&loop, &fake_clock, &err), KIT_OK);
    int rc = KIT_E_UNAVAILABLE;
    for (int i = 0; i < TRIES_MAX && rc == KIT_E_UNAVAILABLE; i++) {
        base_port = 10000 + (getpid() * 7 + i * 97) % 20000;
        rc = http_new(&http, &bridge, loop,
                      &(struct http_address){ .host = "127.0.0.1", .base_port = base_port }, &err);
    }
    assert_int_equal(rc, KIT_OK);
    http_begin(http);
    return 0;
}

static int close_all(void **state)
{
    http_free(http);
    kit_loop_free(loop);
    return tear_down(state);
}

static void turn(void)
{
    struct kit_error err;
    (void)http_tick(http, world.now_ms);
    assert_int_equal(kit_loop_turn(loop, http->needs_run ? 0 : 20, &err), KIT_OK);
    (void)http_tick(http, world.now_ms);
}

static struct client *connect_client(void)
{
    struct client *client = test_calloc(1, sizeof(*client));
    const size_t before = http->connection_count;
    client->fd = http_open(base_port);
    for (int i = 0; http->connection_count == before && i < TURNS_MAX; i++)
        turn();
    return client;
}

static void leave(struct client *client)
{
    const size_t before = http->connection_count;
    close(client->fd);
    for (int i = 0; !client->is_closed && http->connection_count == before && i < TURNS_MAX; i++)
        turn();
    test_free(client);
}

/* Until it was told this, or that the connection is over; NULL: that alone. */
static void until(struct client *client, const char *text)
{
    for (int i = 0; i < TURNS_MAX; i++) {
        turn();
        client->is_closed = http_read(client->fd, client->said, &client->size_bytes);
        client->said[client->size_bytes] = '\0';
        if (client->is_closed || (text != NULL && strstr(client->said, text) != NULL))
            return;
    }
    fail_msg("waited in vain for %s; it was told: %s", text != NULL ? text : "the end",
             client->said);
}

static void say(struct client *client, const char *text)
{
    client->size_bytes = 0;
    http_send(client->fd, text, strlen(text));
}

static void ask(struct client *client, const char *text, const char *answer)
{
    say(client, text);
    until(client, answer);
    assert_false(client->is_closed);
}

/* Its request waits for the service. */
static void ask_service(struct client *client)
{
    const size_t before = world.published;
    say(client, POST_RENTAL);
    for (int i = 0; world.published == before && i < TURNS_MAX; i++)
        turn();
    assert_int_equal(world.published, before + 1);
    assert_int_equal(bridge.waiting_count, 1);
}

static void advance(int64_t ms)
{
    world.now_ms += ms;
    turn();
}

static bool is_hung_up(struct client *client)
{
    for (int i = 0; i < 3 && !client->is_closed; i++) {
        turn();
        client->is_closed = http_read(client->fd, client->said, &client->size_bytes);
    }
    return client->is_closed;
}

/* ---- requests ---- */

static void test_connection_carries_one_request_after_another(void **state)
{
    (void)state;
    struct client *client = connect_client();
    for (int time = 0; time < 3; time++) {
        ask_service(client);
        reply("ok", RENTAL);
        until(client, "\"ORDERED\"");
        assert_non_null(strstr(client->said, "HTTP/1.1 201 "));
        assert_null(strstr(client->said, "Connection: close"));
        ask(client, GET_NOTHING, NOT_THERE);
    }
    assert_int_equal(http_connection_count(http), 1);
    leave(client);
    assert_int_equal(http_connection_count(http), 0);
}

static void test_client_that_leaves_while_its_request_waits_is_forgotten(void **state)
{
    (void)state;
    for (int time = 0; time < 2; time++) {
        struct client *client = connect_client(), *other = connect_client();
        ask_service(client);
        leave(client);
        reply("ok", RENTAL); /* nobody is there to hear it */
        for (int i = 0; bridge.request_count > 0 && i < TURNS_MAX; i++)
            turn();
        assert_int_equal(bridge.request_count, 0);
        ask(other, GET_NOTHING, NOT_THERE);
        leave(other);
    }
}

/* ---- the slow ---- */

static void test_silent_client_is_hung_up_on_after_ten_seconds(void **state)
{
    (void)state;
    struct client *silent = connect_client(), *half = connect_client();
    say(half, "POST /rentals HTTP/1.1\r\nHost:");
    turn();
    advance(SLOW_MS - 1);
    assert_false(is_hung_up(silent));
    assert_false(is_hung_up(half));
    assert_int_equal(bridge.metrics.connections_timed_out, 0);
    advance(1000); /* they are looked at once a second */
    assert_true(is_hung_up(silent));
    assert_true(is_hung_up(half));
    assert_int_equal(bridge.metrics.connections_timed_out, 2);
    leave(silent);
    leave(half);
    assert_int_equal(http_connection_count(http), 0);
}

static void test_client_that_goes_on_has_ten_seconds_again(void **state)
{
    (void)state;
    struct client *client = connect_client();
    for (int time = 0; time < 3; time++) {
        advance(SLOW_MS - 1);
        ask(client, GET_NOTHING, NOT_THERE);
    }
    advance(SLOW_MS + 1000);
    assert_true(is_hung_up(client));
    assert_int_equal(bridge.metrics.connections_timed_out, 1);
    leave(client);
}

/* It does nothing wrong: we are the slow ones. */
static void test_client_that_waits_for_a_service_is_not_hung_up_on(void **state)
{
    (void)state;
    struct client *client = connect_client();
    ask_service(client);
    for (int i = 0; i < 4; i++) {
        advance(SLOW_MS);
        assert_false(is_hung_up(client));
    }
    reply("ok", RENTAL);
    until(client, "\"ORDERED\"");
    assert_false(client->is_closed);
    assert_int_equal(bridge.metrics.connections_timed_out, 0);
    leave(client);
}

/* ---- too many ---- */

static void test_connection_beyond_the_limit_is_told_so_and_the_next_is_served(void **state)
{
    (void)state;
    struct client *first = connect_client();
    for (int time = 1; time <= 2; time++) {
        http->connection_count += 2000 - 1; /* so many others */
        struct client *second = test_calloc(1, sizeof(*second));
        second->fd = http_open(base_port);
        until(second, NULL);
        assert_non_null(strstr(second->said, "HTTP/1.1 503 "));
        assert_non_null(strstr(second->said, "all connections are taken"));
        assert_int_equal(bridge.metrics.connections_refused, time);
        http->connection_count -= 2000 - 1;
        ask(first, GET_NOTHING, NOT_THERE);
        leave(second);
    }
    struct client *third = connect_client();
    ask(third, GET_NOTHING, NOT_THERE);
    leave(third);
    leave(first);
}

/* Somebody who comes now and is turned away, with these words. */
static void assert_turned_away(const char *why)
{
    const int64_t before = bridge.metrics.connections_refused;
    struct client *client = test_calloc(1, sizeof(*client));
    client->fd = http_open(base_port);
    until(client, NULL);
    assert_non_null(strstr(client->said, "HTTP/1.1 503 "));
    assert_non_null(strstr(client->said, why));
    assert_int_equal(bridge.metrics.connections_refused, before + 1);
    leave(client);
}

/* Strangers do not get the last ones: who was served a moment ago comes back. */
static void test_last_connections_are_for_those_who_have_spoken(void **state)
{
    (void)state;
    struct client *first = connect_client();
    http->connection_count += 2000 - 200;
    assert_turned_away("all connections are taken");
    ask(first, GET_NOTHING, NOT_THERE);
    struct client *again = connect_client();
    ask(again, GET_NOTHING, NOT_THERE);
    leave(again);
    http->connection_count += 200 - 1;
    assert_turned_away("all connections are taken");
    http->connection_count -= 2000 - 1;
    leave(first);
}

/* Readers of the feed count as well: one client may not have all of them. */
static void test_address_has_so_many_connections_and_no_more(void **state)
{
    struct kit_error err;
    (void)state;
    bridge.clients.per_address_max = 2;
    struct client *reader = connect_client(), *other = connect_client();
    say(reader, "GET /events HTTP/1.1\r\nHost: shop\r\n\r\n");
    until(reader, "text/event-stream");
    assert_turned_away("your address has as many connections as it may");
    assert_int_equal(bridge.metrics.connections_crowded, 1);
    leave(other);
    other = connect_client();
    ask(other, GET_NOTHING, NOT_THERE);
    assert_int_equal(clients_set_proxies(&bridge.clients, "::1,127.0.0.1", &err), KIT_OK);
    struct client *third = connect_client();
    ask(third, GET_NOTHING, NOT_THERE);
    assert_int_equal(bridge.metrics.connections_crowded, 1);
    leave(third);
    leave(other);
    leave(reader);
}

/* In a crowd, a head that does not come makes room early; who has brought one has its time. */
static void test_slow_heads_are_cut_early_in_a_crowd_alone(void **state)
{
    (void)state;
    struct client *silent = connect_client(), *half = connect_client();
    struct client *served = connect_client(), *body = connect_client();
    ask(served, GET_NOTHING, NOT_THERE);
    say(half, "GET /nothing HTTP/1.1\r\nHost:");
    say(body, "POST /rentals HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
              "Content-Length: 23\r\n\r\n{");
    turn();
    advance(EARLY_MS);
    assert_false(is_hung_up(silent) || is_hung_up(half));
    http->connection_count += 1000;
    advance(1000);
    assert_true(is_hung_up(silent) && is_hung_up(half));
    assert_false(is_hung_up(served) || is_hung_up(body));
    assert_int_equal(bridge.metrics.connections_timed_out, 2);
    http->connection_count -= 1000;
    leave(body);
    leave(served);
    leave(half);
    leave(silent);
}

/* ---- the end ---- */

static void test_draining_answers_what_waits_and_closes(void **state)
{
    (void)state;
    struct client *client = connect_client(), *idle = connect_client();
    ask_service(client);
    bridge.is_draining = true;
    http_stop_listening(http);
    const int late = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    assert_int_equal(getpeername(client->fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(late, (struct sockaddr *)&address, size), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(late);
    reply("ok", RENTAL);
    until(client, "\"ORDERED\"");
    assert_non_null(strstr(client->said, "HTTP/1.1 201 "));
    assert_non_null(strstr(client->said, "Connection: close"));
    until(client, NULL);
    leave(client);
    say(idle, GET_NOTHING); /* one that is there already is served, and told to leave */
    until(idle, NULL);
    assert_non_null(strstr(idle->said, "Connection: close"));
    leave(idle);
}

static void test_aborted_request_is_answered_with_503(void **state)
{
    (void)state;
    struct client *client = connect_client();
    ask_service(client);
    kit_rpc_client_free(bridge.rpc);
    bridge.rpc = NULL;
    bridge.is_draining = true;
    http_abort_waiting(http);
    until(client, NULL);
    assert_non_null(strstr(client->said, "HTTP/1.1 503 "));
    assert_int_equal(bridge.waiting_count, 0);
    leave(client);
}

int main(void)
{
#define HTTP(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
    const struct CMUnitTest tests[] = {
        HTTP(test_connection_carries_one_request_after_another),
        HTTP(test_client_that_leaves_while_its_request_waits_is_forgotten),
        HTTP(test_silent_client_is_hung_up_on_after_ten_seconds),
        HTTP(test_client_that_goes_on_has_ten_seconds_again),
        HTTP(test_client_that_waits_for_a_service_is_not_hung_up_on),
        HTTP(test_connection_beyond_the_limit_is_told_so_and_the_next_is_served),
        HTTP(test_last_connections_are_for_those_who_have_spoken),
        HTTP(test_address_has_so_many_connections_and_no_more),
        HTTP(test_slow_heads_are_cut_early_in_a_crowd_alone),
        HTTP(test_draining_answers_what_waits_and_closes),
        HTTP(test_aborted_request_is_answered_with_503),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
