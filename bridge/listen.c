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

static int refuse(const char *address, int port, int reason, struct kit_error *err)
{
    if (reason == EADDRINUSE)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "port %d on %s is in use; stop what uses it, or choose another range "
                             "with --base-port",
                             port, address);
    return kit_error_set(err, KIT_E_UNAVAILABLE, "cannot listen on %s port %d: %s", address, port,
                         strerror(reason));
}

/* Returns the socket, or -1 with errno. */
static int open_socket(const struct addrinfo *info)
{
    const int yes = 1;

    const int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

int bridge_listen(const char *address, int port, int *ret_fd, struct kit_error *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *info = NULL;
    char service[12];

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address, service, &hints, &info) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "'%s' is not an address to listen on; give an IPv4 or IPv6 address, "
                             "as in --listen 127.0.0.1",
                             address);
    const int fd = open_socket(info);
    const int reason = errno;
    freeaddrinfo(info);
    if (fd < 0)
        return refuse(address, port, reason, err);
    *ret_fd = fd;
    return KIT_OK;
}

int bridge_raise_fd_limit(int least, int wanted, int *ret_given, struct kit_error *err)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return kit_error_set(err, KIT_E_LIMIT, "cannot read the limit on open files: %s",
                             strerror(errno));
    if (limit.rlim_cur < (rlim_t)wanted) {
        limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* what came of it is looked at below */
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < (rlim_t)least)
        return kit_error_set(err, KIT_E_LIMIT,
                             "%d open files are allowed and %d needed; raise the hard limit "
                             "(ulimit -Hn)",
                             (int)limit.rlim_cur, least);
    *ret_given = limit.rlim_cur < (rlim_t)wanted ? (int)limit.rlim_cur : wanted;
    return KIT_OK;
}
