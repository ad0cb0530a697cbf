/* MQTT bytes, and the proxy between two real sockets: passing, cutting, holding, repeating,
 * forging. The test plays device and broker. Also programs that are started and ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "wire/proxy.h"
#include "world/child.h"

#define WAIT_MS 5000
#define TOPIC "lockstock/v1/device/main/locker/l-1/cmd"

/* ---- packets ---- */

static const uint8_t connect_5[] = { 0x10, 15, 0,  4, 'M', 'Q', 'T', 'T', 5,
                                     2,    0,  60, 0, 0,   2,   'l', '1' };

static size_t publish(const char *payload, uint8_t ret_packet[256])
{
    const struct sim_publish publish = { .topic = TOPIC,
                                         .payload = (const uint8_t *)payload,
                                         .payload_size = strlen(payload) };
    return sim_packet_compose(5, &publish, ret_packet, 256);
}

static void test_packet_size_needs_all_bytes(void **state)
{
    uint8_t packet[256];
    size_t size = publish("hello", packet);

    (void)state;
    assert_int_equal(sim_packet_size(packet, size), size);
    assert_int_equal(sim_packet_size(packet, size + 5), size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(sim_packet_size(packet, i), 0);
    static const uint8_t endless[] = { 0x30, 0xff, 0xff, 0xff, 0xff, 0x01 };
    static const uint8_t huge[] = { 0x30, 0xff, 0xff, 0xff, 0x7f };
    static const uint8_t no_type[] = { 0x00, 0x00 };
    assert_int_equal(sim_packet_size(endless, sizeof(endless)), SIZE_MAX);
    assert_int_equal(sim_packet_size(huge, sizeof(huge)), SIZE_MAX);
    assert_int_equal(sim_packet_size(no_type, sizeof(no_type)), SIZE_MAX);
}

static void test_packet_publish_reads_both_levels(void **state)
{
    /* QoS 1, packet id 7, MQTT 5 with one property of 5 bytes */
    static const uint8_t five[] = { 0x33, 14, 0, 1, 't', 0, 7, 5, 2, 0, 0, 0, 9, 'a', 'b', 'c' };
    static const uint8_t old[] = { 0x30, 6, 0, 1, 't', 'a', 'b', 'c' };
    struct sim_publish publish_read;

    (void)state;
    assert_true(sim_packet_publish(five, sizeof(five), 5, &publish_read));
    assert_string_equal(publish_read.topic, "t");
    assert_int_equal(publish_read.qos, 1);
    assert_true(publish_read.is_retained);
    assert_int_equal(publish_read.payload_size, 3);
    assert_memory_equal(publish_read.payload, "abc", 3);
    assert_true(sim_packet_publish(old, sizeof(old), 4, &publish_read));
    assert_int_equal(publish_read.payload_size, 3);
    assert_int_equal(sim_packet_level(connect_5, sizeof(connect_5)), 5);
    assert_false(sim_packet_publish(connect_5, sizeof(connect_5), 5, &publish_read));
    for (size_t i = 2; i < sizeof(five) - 4; i++) {
        uint8_t cut[sizeof(five)];
        memcpy(cut, five, i);
        cut[1] = (uint8_t)(i - 2);
        assert_false(sim_packet_publish(cut, i, 5, &publish_read));
    }
}

/* ---- the world of the proxy ---- */

struct world {
    struct sim_loop loop;
    struct sim_proxy proxy;
    int listen_fd;
    int broker_fd; /* the broker's end */
    int device_fd; /* the device's end */
    int up, down, from_device, to_device, held;
};

static void on_proxy(void *self, enum sim_proxy_event event, const struct sim_publish *message)
{
    struct world *world = self;

    assert_true((message == NULL) == (event == SIM_PROXY_UP || event == SIM_PROXY_DOWN));
    world->up += event == SIM_PROXY_UP;
    world->down += event == SIM_PROXY_DOWN;
    world->from_device += event == SIM_PROXY_FROM_DEVICE;
    world->to_device += event == SIM_PROXY_TO_DEVICE;
    world->held += event == SIM_PROXY_HELD;
}

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void turn(struct world *world)
{
    sim_loop_turn(&world->loop, sim_now_ms() + 10);
}

static void connect_device(struct world *world)
{
    struct sockaddr_in address = loopback(world->proxy.port);

    world->device_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(world->device_fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static int accept_onward(struct world *world)
{
    int64_t until_ms = sim_now_ms() + WAIT_MS;
    int fd = -1;
    while (fd < 0 && sim_now_ms() < until_ms) {
        turn(world);
        fd = accept4(world->listen_fd, NULL, NULL, SOCK_NONBLOCK);
    }
    assert_true(fd >= 0);
    return fd;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct kit_error err;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);

    assert_non_null(world);
    world->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(world->listen_fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(world->listen_fd, 4), 0);
    assert_int_equal(getsockname(world->listen_fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(sim_proxy_open(&world->proxy, ntohs(address.sin_port), on_proxy, world, &err),
                     KIT_OK);
    struct sim_part part = sim_proxy_part(&world->proxy);
    sim_loop_add(&world->loop, &part);
    connect_device(world);
    world->broker_fd = accept_onward(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sim_proxy_close(&world->proxy);
    (void)close(world->listen_fd);
    (void)close(world->broker_fd);
    (void)close(world->device_fd);
    free(world);
    return 0;
}

/* What arrives at one end until so many bytes are there, or the time is up. */
static size_t receive(struct world *world, int fd, uint8_t *bytes, size_t wanted)
{
    int64_t until_ms = sim_now_ms() + WAIT_MS;
    size_t size = 0;

    while (size < wanted && sim_now_ms() < until_ms) {
        turn(world);
        ssize_t got = recv(fd, bytes + size, wanted - size, MSG_DONTWAIT);
        if (got == 0)
            break;
        size += got > 0 ? (size_t)got : 0;
    }
    return size;
}

static void say(int fd, const uint8_t *bytes, size_t size)
{
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void log_in(struct world *world)
{
    uint8_t bytes[64];
    say(world->device_fd, connect_5, sizeof(connect_5));
    assert_int_equal(receive(world, world->broker_fd, bytes, sizeof(connect_5)), sizeof(connect_5));
    assert_true(sim_proxy_is_up(&world->proxy));
}

static void test_proxy_passes_packets_both_ways(void **state)
{
    struct world *world = *state;
    uint8_t packet[256], bytes[256];
    size_t size = publish("open", packet);

    log_in(world);
    /* In two pieces: nothing goes on before the packet is whole. */
    say(world->broker_fd, packet, 5);
    turn(world);
    turn(world);
    assert_int_equal(world->to_device, 0);
    say(world->broker_fd, packet + 5, size - 5);
    assert_int_equal(receive(world, world->device_fd, bytes, size), size);
    assert_memory_equal(bytes, packet, size);
    say(world->device_fd, packet, size);
    assert_int_equal(receive(world, world->broker_fd, bytes, size), size);
    assert_int_equal(world->up, 1);
    assert_int_equal(world->to_device, 1);
    assert_int_equal(world->from_device, 1);
}

static void test_proxy_cut_ends_link_until_restored(void **state)
{
    struct world *world = *state;
    uint8_t bytes[8];

    log_in(world);
    sim_proxy_cut(&world->proxy);
    assert_int_equal(receive(world, world->device_fd, bytes, 1), 0);
    assert_int_equal(world->down, 1);
    (void)close(world->device_fd);
    connect_device(world);
    assert_int_equal(receive(world, world->device_fd, bytes, 1), 0);
    assert_false(sim_proxy_is_up(&world->proxy));
    (void)close(world->device_fd);
    (void)close(world->broker_fd);
    sim_proxy_restore(&world->proxy);
    connect_device(world);
    world->broker_fd = accept_onward(world);
    log_in(world);
    assert_int_equal(world->up, 2);
}

static void test_proxy_hold_keeps_messages_until_release(void **state)
{
    struct world *world = *state;
    static const uint8_t pingresp[] = { 0xD0, 0x00 };
    uint8_t packet[256], bytes[256];
    size_t size = publish("late", packet);

    log_in(world);
    sim_proxy_hold(&world->proxy);
    say(world->broker_fd, packet, size);
    say(world->broker_fd, pingresp, sizeof(pingresp)); /* is no message: passes */
    assert_int_equal(receive(world, world->device_fd, bytes, sizeof(pingresp)), sizeof(pingresp));
    assert_memory_equal(bytes, pingresp, sizeof(pingresp));
    assert_int_equal(world->held, 1);
    assert_int_equal(world->to_device, 0);
    sim_proxy_release(&world->proxy);
    assert_int_equal(receive(world, world->device_fd, bytes, size), size);
    assert_memory_equal(bytes, packet, size);
    assert_int_equal(world->to_device, 1);
}

static void test_proxy_release_without_device_loses_messages(void **state)
{
    struct world *world = *state;
    uint8_t packet[256], bytes[256];
    size_t size = publish("lost", packet), after_size;

    log_in(world);
    sim_proxy_hold(&world->proxy);
    say(world->broker_fd, packet, size);
    for (int64_t until_ms = sim_now_ms() + WAIT_MS; world->held == 0 && sim_now_ms() < until_ms;)
        turn(world);
    assert_int_equal(world->held, 1);
    sim_proxy_cut(&world->proxy);
    sim_proxy_release(&world->proxy);
    assert_int_equal(world->to_device, 0);
    (void)close(world->device_fd);
    (void)close(world->broker_fd);
    sim_proxy_restore(&world->proxy);
    connect_device(world);
    world->broker_fd = accept_onward(world);
    log_in(world);
    after_size = publish("after", packet);
    say(world->broker_fd, packet, after_size);
    assert_int_equal(receive(world, world->device_fd, bytes, after_size), after_size);
    assert_memory_equal(bytes, packet, after_size);
    assert_int_equal(world->to_device, 1);
}

static void test_proxy_replay_and_forge_send_once_more(void **state)
{
    struct world *world = *state;
    uint8_t packet[256], other[256], bytes[256];
    size_t size = publish("first", packet), other_size = publish("other", other);

    assert_false(sim_proxy_replay(&world->proxy, SIM_LEAF_CMD));
    assert_false(sim_proxy_forge(&world->proxy, TOPIC, "x", 1)); /* nobody has logged in */
    log_in(world);
    assert_false(sim_proxy_record(&world->proxy, SIM_LEAF_CMD));
    say(world->broker_fd, packet, size);
    assert_int_equal(receive(world, world->device_fd, bytes, size), size);
    assert_true(sim_proxy_record(&world->proxy, SIM_LEAF_CMD));
    say(world->broker_fd, other, other_size);
    assert_int_equal(receive(world, world->device_fd, bytes, other_size), other_size);
    assert_true(sim_proxy_replay(&world->proxy, SIM_LEAF_CMD));
    assert_int_equal(receive(world, world->device_fd, bytes, size), size);
    assert_memory_equal(bytes, packet, size);
    assert_false(sim_proxy_replay(&world->proxy, SIM_LEAF_CONFIG));
    assert_true(sim_proxy_forge(&world->proxy, TOPIC, "other", 5));
    assert_int_equal(receive(world, world->device_fd, bytes, other_size), other_size);
    assert_memory_equal(bytes, other, other_size);
}

static void test_proxy_garbage_ends_the_connection(void **state)
{
    struct world *world = *state;
    static const uint8_t garbage[] = { 0x30, 0xff, 0xff, 0xff, 0xff, 0xff };
    uint8_t bytes[8];

    say(world->device_fd, garbage, sizeof(garbage));
    assert_int_equal(receive(world, world->device_fd, bytes, 1), 0);
    assert_int_equal(world->down, 1);
}

/* ---- programs ---- */

struct lines {
    int count;
    char last[64];
};

static void on_line(void *owner, const char *line)
{
    struct lines *lines = owner;
    lines->count++;
    kit_text_copy(lines->last, sizeof(lines->last), line);
}

static void test_child_lines_are_read_and_end_is_noticed(void **state)
{
    const char *const argv[] = { "/bin/sh", "-c", "echo one; echo two; exit 3", NULL };
    struct lines lines = { 0 };
    struct sim_child child = { .out_fd = -1, .on_line = on_line, .owner = &lines };
    struct sim_loop *loop = calloc(1, sizeof(*loop));
    struct kit_error err;

    (void)state;
    assert_int_equal(sim_child_start(&child, argv, "/dev/null", &err), KIT_OK);
    struct sim_part part = sim_child_part(&child);
    sim_loop_add(loop, &part);
    for (int64_t until_ms = sim_now_ms() + WAIT_MS; !child.has_ended && sim_now_ms() < until_ms;)
        sim_loop_turn(loop, sim_now_ms() + 10);
    assert_true(child.has_ended);
    assert_int_equal(lines.count, 2);
    assert_string_equal(lines.last, "two");
    free(loop);
}

static void test_child_stop_ends_one_that_ignores_term(void **state)
{
    const char *const argv[] = { "/bin/sh", "-c",
                                 "trap '' TERM; echo up; while :; do sleep 1; done", NULL };
    struct lines lines = { 0 };
    struct sim_child child = { .out_fd = -1, .on_line = on_line, .owner = &lines };
    struct kit_error err;

    (void)state;
    struct sim_loop *loop = calloc(1, sizeof(*loop));
    assert_int_equal(sim_child_start(&child, argv, "/dev/null", &err), KIT_OK);
    struct sim_part part = sim_child_part(&child);
    sim_loop_add(loop, &part);
    for (int64_t until_ms = sim_now_ms() + WAIT_MS; lines.count == 0 && sim_now_ms() < until_ms;)
        sim_loop_turn(loop, sim_now_ms() + 10);
    free(loop);
    sim_child_stop(&child);
    assert_int_equal(child.pid, 0);
    assert_true(child.has_ended);
    const char *const absent[] = { "/nonexistent/program", NULL };
    assert_int_equal(sim_child_start(&child, absent, "/dev/null", &err), KIT_E_UNAVAILABLE);
    assert_non_null(strstr(err.text, "'/nonexistent/program' cannot be started"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packet_size_needs_all_bytes),
        cmocka_unit_test(test_packet_publish_reads_both_levels),
        cmocka_unit_test_setup_teardown(test_proxy_passes_packets_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(test_proxy_cut_ends_link_until_restored, setup, teardown),
        cmocka_unit_test_setup_teardown(test_proxy_release_without_device_loses_messages, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_proxy_hold_keeps_messages_until_release, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_proxy_replay_and_forge_send_once_more, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_proxy_garbage_ends_the_connection, setup, teardown),
        cmocka_unit_test(test_child_lines_are_read_and_end_is_noticed),
        cmocka_unit_test(test_child_stop_ends_one_that_ignores_term),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
