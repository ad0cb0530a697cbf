/* Sockets, and how many files may be open. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/listen.h"
#include "fakes/cmocka_all.h"

static struct kit_error err;

static int port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

static void test_listen_takes_connections_and_waits_for_none(void **state)
{
    (void)state;
    int fd = -1;
    assert_int_equal(bridge_listen("127.0.0.1", 0, &fd, &err), KIT_OK);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC); /* no child keeps the port */
    assert_int_equal(accept(fd, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
    close(fd);
}

/* At once, though connections of before are not yet forgotten by the kernel: a restart waits for
 * nobody. */
static void test_listen_again_on_the_same_port_works(void **state)
{
    (void)state;
    int fd = -1, port = 0;
    for (int time = 0; time < 3; time++) {
        assert_int_equal(bridge_listen("127.0.0.1", port, &fd, &err), KIT_OK);
        port = port_of(fd);
        struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons((uint16_t)port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const int client = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
        const int taken = accept(fd, NULL, NULL);
        assert_true(taken >= 0);
        close(taken); /* our side ends it, and so the port has to wait */
        close(client);
        close(fd);
    }
}

static void test_addresses_for_others_are_told_from_loopback(void **state)
{
    static const char *const ours[] = { "127.0.0.1", "127.9.9.9", "::1", "shop", "" };
    static const char *const theirs[] = { "0.0.0.0", "::", "128.0.0.1", "192.0.2.10", "fe80::1" };
    (void)state;
    for (size_t i = 0; i < KIT_COUNT(ours); i++) {
        assert_false(bridge_is_for_others(ours[i]));
        assert_true(bridge_is_for_others(theirs[i]));
    }
}

static void test_listen_on_a_port_in_use_says_what_to_do(void **state)
{
    (void)state;
    int fd = -1, second = -1;
    char wanted[64];
    assert_int_equal(bridge_listen("127.0.0.1", 0, &fd, &err), KIT_OK);
    assert_int_equal(bridge_listen("127.0.0.1", port_of(fd), &second, &err), KIT_E_UNAVAILABLE);
    snprintf(wanted, sizeof(wanted), "port %d on 127.0.0.1 is in use", port_of(fd));
    assert_non_null(strstr(err.text, wanted));
    assert_non_null(strstr(err.text, "--base-port"));
    assert_int_equal(second, -1);
    close(fd);
}

static void test_listen_on_what_is_no_address_of_ours_is_refused(void **state)
{
    (void)state;
    static const char *const addresses[] = { "localhost", "127.0.0.1:80", "256.0.0.1", "192.0.2.1",
                                             "2001:db8::1" };
    for (size_t i = 0; i < KIT_COUNT(addresses); i++) {
        int fd = -1;
        assert_int_equal(bridge_listen(addresses[i], 0, &fd, &err), KIT_E_UNAVAILABLE);
        assert_int_equal(fd, -1);
        assert_non_null(strstr(err.text, addresses[i]));
    }
}

/* In a process of its own, for a limit does not go up again. Its exit status is what it found. */
static int with_limits(rlim_t soft, rlim_t hard, int least, int wanted)
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit limit = { soft, hard };
        int given = 0;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            _exit(255);
        if (bridge_raise_fd_limit(least, wanted, &given, &err) != KIT_OK)
            _exit(strstr(err.text, "ulimit -Hn") != NULL ? 254 : 253);
        (void)getrlimit(RLIMIT_NOFILE, (struct rlimit *)&limit);
        _exit(limit.rlim_cur < (rlim_t)given ? 252 : given);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_fd_limit_is_raised_as_far_as_it_goes(void **state)
{
    (void)state;
    assert_int_equal(with_limits(50, 200, 60, 100), 100);
    assert_int_equal(with_limits(50, 80, 60, 100), 80);
    assert_int_equal(with_limits(50, 60, 60, 100), 60);
    assert_int_equal(with_limits(50, 59, 60, 100), 254); /* too few, and what to do */
    assert_int_equal(with_limits(200, 200, 60, 100), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listen_takes_connections_and_waits_for_none),
        cmocka_unit_test(test_addresses_for_others_are_told_from_loopback),
        cmocka_unit_test(test_listen_again_on_the_same_port_works),
        cmocka_unit_test(test_listen_on_a_port_in_use_says_what_to_do),
        cmocka_unit_test(test_listen_on_what_is_no_address_of_ours_is_refused),
        cmocka_unit_test(test_fd_limit_is_raised_as_far_as_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
