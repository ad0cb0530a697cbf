/* Listening sockets that whoever started us has handed over. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/listen.h"
#include "fakes/cmocka_all.h"

#define FIRST_FD 3 /* as sd_listen_fds(3) says */

/* A socket on loopback, as descriptor FIRST_FD; its port. */
static int put_socket(bool is_listening)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    if (is_listening)
        assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (fd != FIRST_FD) {
        assert_int_equal(dup2(fd, FIRST_FD), FIRST_FD);
        close(fd);
    }
    return ntohs(address.sin_port);
}

static void say(int pid, const char *count)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", pid);
    assert_int_equal(setenv("LISTEN_PID", text, 1), 0);
    assert_int_equal(setenv("LISTEN_FDS", count, 1), 0);
}

static int forget(void **state)
{
    (void)state;
    close(FIRST_FD);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    return 0;
}

static void test_inherited_socket_of_the_port_is_taken(void **state)
{
    const int port = put_socket(true);
    (void)state;
    say(getpid(), "1");
    assert_int_equal(bridge_inherited(port), FIRST_FD);
    assert_true(fcntl(FIRST_FD, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(FIRST_FD, F_GETFL) & O_NONBLOCK);
    assert_int_equal(bridge_inherited(port + 1), -1);
}

static void test_inherited_nothing_without_the_words_or_for_another_process(void **state)
{
    const int port = put_socket(true);
    (void)state;
    assert_int_equal(bridge_inherited(port), -1);
    say(getpid() + 1, "1");
    assert_int_equal(bridge_inherited(port), -1);
    static const char *const counts[] = { "0", "-1", "", "many", "99999999999999999999" };
    for (size_t i = 0; i < KIT_COUNT(counts); i++) {
        say(getpid(), counts[i]);
        assert_int_equal(bridge_inherited(port), -1);
    }
}

static void test_inherited_socket_that_does_not_listen_is_passed_over(void **state)
{
    const int port = put_socket(false);
    (void)state;
    say(getpid(), "1");
    assert_int_equal(bridge_inherited(port), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_inherited_socket_of_the_port_is_taken, forget),
        cmocka_unit_test_teardown(test_inherited_nothing_without_the_words_or_for_another_process,
                                  forget),
        cmocka_unit_test_teardown(test_inherited_socket_that_does_not_listen_is_passed_over,
                                  forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
