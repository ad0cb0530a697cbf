/* Proves that the socket() in front of the real one reaches the sockets that paho makes. */
#include "bus_client.h"
#include "fakes/cmocka_all.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FDS_MAX 256

static const char nodelay_marker; /* lies in this program */

/* The descriptor of ours that is connected to this port, -1 if none. */
static int find_connected_to(int port)
{
    for (int fd = 3; fd < FDS_MAX; fd++) {
        struct sockaddr_in peer;
        socklen_t size = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == port)
            return fd;
    }
    return -1;
}

static int nodelay_of(int fd)
{
    int value = -1;
    socklen_t size = sizeof(value);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    return value;
}

static void test_socket_of_paho_has_nodelay(void **state)
{
    (void)state;
    struct broker broker = { 0 };
    struct client client;
    broker_start(&broker, "allow_anonymous true\n");
    client_start(&client, &broker, "nodelay", NULL);
    client_until_up(&client);
    int fd = find_connected_to(broker.port);
    assert_true(fd >= 0);
    assert_int_not_equal(nodelay_of(fd), 0);
    client_stop(&client, 1000);
    assert_int_equal(find_connected_to(broker.port), -1);
    broker_done(&broker);
}

/* The name that libpaho calls leads into this program, as in the processes. */
static void test_sleep_of_paho_is_ours(void **state)
{
    (void)state;
    Dl_info ours, found;
    void *symbol = dlsym(RTLD_DEFAULT, "usleep");
    assert_non_null(symbol);
    assert_int_not_equal(dladdr(symbol, &found), 0);
    assert_int_not_equal(dladdr(&nodelay_marker, &ours), 0);
    assert_ptr_equal(found.dli_fbase, ours.dli_fbase);
}

static void test_socket_of_other_kinds_still_opens(void **state)
{
    (void)state;
    const struct {
        int domain, type;
    } kinds[] = { { AF_UNIX, SOCK_STREAM }, { AF_INET, SOCK_DGRAM }, { AF_UNIX, SOCK_DGRAM } };
    for (size_t i = 0; i < KIT_COUNT(kinds); i++) {
        int fd = socket(kinds[i].domain, kinds[i].type | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        close(fd);
    }
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) { /* a machine may have no IPv6 */
        assert_int_not_equal(nodelay_of(fd), 0);
        close(fd);
    }
    assert_int_equal(socket(-1, SOCK_STREAM, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_of_paho_has_nodelay),
        cmocka_unit_test(test_sleep_of_paho_is_ours),
        cmocka_unit_test(test_socket_of_other_kinds_still_opens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
