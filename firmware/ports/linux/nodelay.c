/* Sets TCP_NODELAY on every TCP socket of the process, by standing in front of socket().
 *
 * Why: paho.mqtt.c 1.3.12 never sets it and offers no option; its PUBACK and PUBLISH leave as two
 * small segments, and Nagle holds the second until the broker's delayed ACK, 40 ms later.
 * How: the dynamic linker prefers the executable's symbol, also for calls from libpaho, so this
 * object is linked into executables and never into a library. The services' kit has a copy of its
 * own: the firmware uses nothing of the services.
 * When it can go: with the first paho that sets it by itself. Any thread. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SOCKET_TYPE_MASK 0xf /* without SOCK_NONBLOCK and SOCK_CLOEXEC */

typedef int (*socket_fn)(int domain, int type, int protocol);

static socket_fn find_socket(void)
{
    static _Atomic(socket_fn) cached;

    socket_fn found = atomic_load(&cached);
    if (found == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "socket");
        if (symbol == NULL)
            abort();                            /* a C library without socket() */
        memcpy(&found, &symbol, sizeof(found)); /* ISO C has no cast from void * to function */
        atomic_store(&cached, found);
    }
    return found;
}

int socket(int domain, int type, int protocol)
{
    int fd = find_socket()(domain, type, protocol);
    int is_tcp = (domain == AF_INET || domain == AF_INET6) &&
                 (type & SOCKET_TYPE_MASK) == SOCK_STREAM;
    if (fd >= 0 && is_tcp) {
        int on = 1;
        /* Without the option the link is slower, but not wrong: no reason to refuse the socket. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return fd;
}
