/* Serial lines without hardware: somebody opens, closes, comes back, does not read. */
#include "models/pty.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "sim_world.h"

static struct sim_heard heard;
static struct sim_pty pty;

static int poll_fd(void *self)
{
    return sim_pty_poll_fd(self);
}

static uint8_t received[64];
static size_t received_size;

static void on_readable(void *self, int64_t now_ms)
{
    received_size += sim_pty_read(self, received + received_size, sizeof(received) - received_size,
                                  now_ms);
}

static int64_t next_due_ms(void *self)
{
    return sim_pty_next_due_ms(self);
}

static void advance(void *self, int64_t now_ms)
{
    sim_pty_advance(self, now_ms);
}

static const struct sim_model model = { poll_fd, on_readable, next_due_ms, advance, &pty };

static bool has_peer(void *self)
{
    (void)self;
    return pty.has_peer;
}

static bool has_no_peer(void *self)
{
    (void)self;
    return !pty.has_peer;
}

static bool has_received(void *self)
{
    return received_size >= *(size_t *)self;
}

static int fresh(void **state)
{
    (void)state;
    struct sim_listener listener = sim_heard_listener(&heard);
    received_size = 0;
    return sim_pty_open(&pty, "line-1", &listener, NULL);
}

static int done(void **state)
{
    (void)state;
    sim_pty_close(&pty);
    return 0;
}

static void test_open_gives_a_raw_line_that_nobody_has(void **state)
{
    (void)state;
    assert_int_equal(sim_pty_poll_fd(&pty), -1);
    int fd = sim_open_line(pty.path);
    struct termios settings;
    assert_int_equal(tcgetattr(fd, &settings), 0);
    assert_int_equal(settings.c_lflag & (ECHO | ICANON | ISIG), 0);
    assert_int_equal(settings.c_iflag & (ICRNL | IXON), 0);
    assert_int_equal(settings.c_oflag & OPOST, 0);
    assert_int_equal(cfgetispeed(&settings), B19200);
    assert_int_equal(close(fd), 0);
}

static void test_peer_that_comes_and_goes_twice_is_noticed(void **state)
{
    (void)state;
    for (size_t turn = 1; turn <= 2; turn++) {
        int fd = sim_open_line(pty.path);
        sim_pump(&model, has_peer, NULL);
        size_t wanted = turn * 5;
        sim_write_line(fd, "hello", 5);
        sim_pump(&model, has_received, &wanted);
        assert_int_equal(close(fd), 0);
        sim_pump(&model, has_no_peer, NULL);
    }
    assert_memory_equal(received, "hellohello", 10);
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_PEER_CAME), 2);
    assert_int_equal(sim_heard_count(&heard, SIM_EVENT_PEER_LEFT), 2);
}

static void test_last_words_of_a_peer_that_left_are_read(void **state)
{
    (void)state;
    int fd = sim_open_line(pty.path);
    sim_pump(&model, has_peer, NULL);
    sim_write_line(fd, "bye", 3);
    assert_int_equal(close(fd), 0);
    sim_pump(&model, has_no_peer, NULL);
    assert_int_equal(received_size, 3);
}

static void test_write_to_nobody_is_lost(void **state)
{
    (void)state;
    uint8_t byte;
    assert_int_equal(sim_pty_write(&pty, (const uint8_t *)"gone", 4, 0), 0);
    assert_int_equal(pty.bytes_lost, 4);
    int fd = sim_open_line(pty.path);
    assert_int_equal(read(fd, &byte, 1), -1);
    assert_int_equal(close(fd), 0);
}

static void test_what_a_peer_left_unread_is_not_for_the_next(void **state)
{
    (void)state;
    uint8_t bytes[8];
    int fd = sim_open_line(pty.path);
    sim_pump(&model, has_peer, NULL);
    assert_int_equal(sim_pty_write(&pty, (const uint8_t *)"old", 3, 0), 3);
    assert_int_equal(close(fd), 0);
    sim_pump(&model, has_no_peer, NULL);
    fd = sim_open_line(pty.path);
    sim_pump(&model, has_peer, NULL);
    assert_int_equal(sim_pty_write(&pty, (const uint8_t *)"new", 3, 0), 3);
    sim_pump_read(&model, fd, bytes, 3);
    assert_memory_equal(bytes, "new", 3);
    assert_int_equal(close(fd), 0);
}

static void test_write_to_a_peer_that_does_not_read_overruns_and_never_blocks(void **state)
{
    (void)state;
    uint8_t bytes[1000] = { 0 };
    int fd = sim_open_line(pty.path);
    for (int i = 0; i < 1000; i++)
        (void)sim_pty_write(&pty, bytes, sizeof(bytes), 0);
    assert_true(pty.bytes_out > 0 && pty.bytes_lost > 0);
    assert_int_equal(pty.bytes_out + pty.bytes_lost, 1000 * sizeof(bytes));
    assert_int_equal(close(fd), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open_gives_a_raw_line_that_nobody_has, fresh, done),
        cmocka_unit_test_setup_teardown(test_peer_that_comes_and_goes_twice_is_noticed, fresh,
                                        done),
        cmocka_unit_test_setup_teardown(test_last_words_of_a_peer_that_left_are_read, fresh, done),
        cmocka_unit_test_setup_teardown(test_write_to_nobody_is_lost, fresh, done),
        cmocka_unit_test_setup_teardown(test_what_a_peer_left_unread_is_not_for_the_next, fresh,
                                        done),
        cmocka_unit_test_setup_teardown(
            test_write_to_a_peer_that_does_not_read_overruns_and_never_blocks, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
