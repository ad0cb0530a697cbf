/* Sockets and the descriptor limit. */
#include "bridge/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static int refuse(struct kit_error *err, const char *address, int port)
{
    const int reason = errno;

    if (reason == EADDRINUSE)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "port %d on %s is in use; stop what uses it, or choose another range "
                             "with --base-port",
                             port, address);
    return kit_error_set(err, KIT_E_UNAVAILABLE, "cannot listen on %s port %d: %s", address, port,
                         strerror(reason));
}

int bridge_listen(const char *address, int port, int *ret_fd, struct kit_error *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *info = NULL;
    const int yes = 1;
    char service[12];

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address, service, &hints, &info) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "'%s' is not an address to listen on; give an IPv4 or IPv6 address, "
                             "as in --listen 127.0.0.1",
                             address);
    int rc = KIT_OK;
    const int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        rc = refuse(err, address, port);
    freeaddrinfo(info);
    if (rc == KIT_OK)
        *ret_fd = fd;
    else if (fd >= 0)
        close(fd);
    return rc;
}

int bridge_raise_fd_limit(int wanted, struct kit_error *err)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return kit_error_set(err, KIT_E_LIMIT, "cannot read the limit on open files: %s",
                             strerror(errno));
    if (limit.rlim_cur >= (rlim_t)wanted)
        return KIT_OK;
    limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < (rlim_t)wanted)
        return kit_error_set(err, KIT_E_LIMIT,
                             "%d open files are allowed and %d wanted; raise the hard limit "
                             "(ulimit -Hn)",
                             (int)limit.rlim_cur, wanted);
    return KIT_OK;
}
