/* Serial lines on pseudo-terminals: raw bytes both ways, and what happens when the line goes. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "ports/linux/uart.h"

#define WAIT_MS 5000

static char folder[] = "/tmp/lockstock-uart-XXXXXX";
static char path[64];
static int far_end = -1;
static struct fw_linux_uart uart;
static struct fw_uart port;
static char error[FW_LINUX_ERROR_SIZE];
static int flushed_queue;

/* Ours instead of the C library's: which queues were flushed cannot be seen on a pseudo-terminal,
 * which has handed over to its far end what was written. */
int tcflush(int fd, int queue)
{
    flushed_queue = queue;
    return ioctl(fd, TCFLSH, queue);
}

/* A new pseudo-terminal under the same name, as a USB adapter that is plugged in again. */
static void plug(void)
{
    far_end = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(far_end >= 0);
    assert_int_equal(grantpt(far_end), 0);
    assert_int_equal(unlockpt(far_end), 0);
    (void)unlink(path);
    assert_int_equal(symlink(ptsname(far_end), path), 0);
}

static void unplug(void)
{
    close(far_end);
    far_end = -1;
    (void)unlink(path);
}

static void wait_readable(int fd)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    assert_int_equal(poll(&wanted, 1, WAIT_MS), 1);
}

static int setup(void **state)
{
    (void)state;
    plug();
    assert_int_equal(fw_linux_uart_open(&uart, path, 19200, error), FW_OK);
    port = fw_linux_uart_port(&uart);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fw_linux_uart_close(&uart);
    if (far_end >= 0)
        unplug();
    return 0;
}

static void test_uart_read_gives_the_bytes_as_they_are(void **state)
{
    (void)state;
    static const uint8_t sent[] = { 0x02, 0x0d, 0x0a, 0x03, 0x00, 0x11, 0x13, 0x7f, 0x04, 0xff };
    uint8_t seen[32];
    assert_int_equal(port.read(port.self, seen, sizeof(seen)), 0); /* none now, no waiting */
    assert_int_equal(write(far_end, sent, sizeof(sent)), sizeof(sent));
    size_t size = 0;
    while (size < sizeof(sent)) {
        wait_readable(uart.fd);
        int got = port.read(port.self, seen + size, sizeof(seen) - size);
        assert_true(got > 0);
        size += (size_t)got;
    }
    assert_memory_equal(seen, sent, sizeof(sent));
}

static void test_uart_write_sends_all(void **state)
{
    (void)state;
    static const uint8_t frame[] = { 0x02, 0x00, 0x31, 0x03, 0x36 };
    uint8_t seen[sizeof(frame)];
    assert_int_equal(port.write(port.self, frame, sizeof(frame)), FW_OK);
    wait_readable(far_end);
    assert_int_equal(read(far_end, seen, sizeof(seen)), sizeof(seen));
    assert_memory_equal(seen, frame, sizeof(frame));
}

static void test_uart_write_with_too_much_or_nobody_reading_is_refused(void **state)
{
    (void)state;
    uint8_t much[FW_LINUX_UART_WRITE_MAX + 1] = { 0 };
    assert_int_equal(port.write(port.self, much, sizeof(much)), FW_E_IO);
    int rc = FW_OK;
    for (int i = 0; i < 10000 && rc == FW_OK; i++)
        rc = port.write(port.self, much, FW_LINUX_UART_WRITE_MAX);
    assert_int_equal(rc, FW_E_IO);
    assert_true(uart.fd >= 0); /* the line is still there */
}

static void test_uart_flush_drops_what_came(void **state)
{
    (void)state;
    uint8_t byte;
    assert_int_equal(write(far_end, "old", 3), 3);
    wait_readable(uart.fd);
    assert_int_equal(port.flush(port.self), FW_OK);
    assert_int_equal(port.read(port.self, &byte, 1), 0);
}

static void test_uart_flush_takes_back_what_has_not_left(void **state)
{
    (void)state;
    flushed_queue = -1;
    assert_int_equal(port.flush(port.self), FW_OK);
    assert_int_equal(flushed_queue, TCIOFLUSH);
}

static void test_uart_calls_on_a_lost_line_fail_until_reopen(void **state)
{
    (void)state;
    uint8_t byte = 0;
    unplug();
    wait_readable(uart.fd); /* the hang-up */
    assert_int_equal(port.read(port.self, &byte, 1), FW_E_IO);
    assert_int_equal(uart.fd, -1);
    assert_int_equal(port.read(port.self, &byte, 1), FW_E_IO);
    assert_int_equal(port.write(port.self, &byte, 1), FW_E_IO);
    assert_int_equal(port.flush(port.self), FW_E_IO);
    assert_int_equal(port.reopen(port.self), FW_E_IO);
    plug();
    assert_int_equal(port.reopen(port.self), FW_OK);
    assert_int_equal(port.write(port.self, &byte, 1), FW_OK);
}

static void test_uart_open_of_what_is_no_line_says_why_and_can_be_reopened(void **state)
{
    (void)state;
    struct fw_linux_uart other;
    static const char *const paths[] = { "/dev/ttyNOT-THERE", "/dev/null", "/etc/passwd" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        error[0] = '\0';
        assert_int_equal(fw_linux_uart_open(&other, paths[i], 9600, error), FW_E_IO);
        assert_non_null(strstr(error, paths[i]));
        struct fw_uart again = fw_linux_uart_port(&other);
        assert_int_equal(again.reopen(again.self), FW_E_IO);
        fw_linux_uart_close(&other);
    }
}

static int setup_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/line", folder);
    return 0;
}

static int teardown_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_uart_read_gives_the_bytes_as_they_are, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_uart_write_sends_all, setup, teardown),
        cmocka_unit_test_setup_teardown(test_uart_write_with_too_much_or_nobody_reading_is_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_uart_flush_drops_what_came, setup, teardown),
        cmocka_unit_test_setup_teardown(test_uart_flush_takes_back_what_has_not_left, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_uart_calls_on_a_lost_line_fail_until_reopen, setup,
                                        teardown),
        cmocka_unit_test(test_uart_open_of_what_is_no_line_says_why_and_can_be_reopened),
    };
    return cmocka_run_group_tests(tests, setup_folder, teardown_folder);
}
