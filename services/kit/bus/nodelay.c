/* Sets TCP_NODELAY on every TCP socket of the process, by standing in front of socket().
 *
 * Why: paho.mqtt.c 1.3.12 never sets it and offers no option. It writes a PUBACK and a PUBLISH as
 * two small segments; Nagle holds the second until the peer's delayed ACK, 40 ms later. A QoS 1
 * request and answer takes 88 ms so, and 0.12 ms with this file (and the broker's set_tcp_nodelay).
 * How: the dynamic linker prefers the executable's symbol, also for calls from libpaho, hence this
 * object is linked into executables and never into a library.
 * When it can go: with the first paho that sets it by itself (announced for after 1.3.15); the test
 * test_nodelay.c says whether that is so. Any thread. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "kit/base/check.h"

#define SOCKET_TYPE_MASK 0xf /* without SOCK_NONBLOCK and SOCK_CLOEXEC */

typedef int (*socket_fn)(int domain, int type, int protocol);

static socket_fn find_real_socket(void)
{
    static _Atomic(socket_fn) cached;

    socket_fn found = atomic_load(&cached);
    if (found == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "socket");
        CHECK(symbol != NULL);
        memcpy(&found, &symbol, sizeof(found)); /* ISO C has no cast from void * to function */
        atomic_store(&cached, found);
    }
    return found;
}

int socket(int domain, int type, int protocol)
{
    int fd = find_real_socket()(domain, type, protocol);
    int is_tcp = (domain == AF_INET || domain == AF_INET6) &&
                 (type & SOCKET_TYPE_MASK) == SOCK_STREAM;
    if (fd >= 0 && is_tcp) {
        int on = 1;
        /* Slower without, but not wrong: a failure is no reason to refuse the socket. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return fd;
}
