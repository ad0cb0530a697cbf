/* Sockets and the descriptor limit. */
#include "bridge/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define INHERITED_FIRST_FD 3
#define INHERITED_MAX 64 /* that are looked at */

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

bool bridge_is_for_others(const char *address)
{
    struct in_addr in;
    struct in6_addr in6;

    if (inet_pton(AF_INET, address, &in) == 1)
        return ntohl(in.s_addr) >> IN_CLASSA_NSHIFT != IN_LOOPBACKNET;
    return inet_pton(AF_INET6, address, &in6) == 1 && !IN6_IS_ADDR_LOOPBACK(&in6);
}

/* A number of the environment; -1 if there is none that is one. */
static long number_of(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;

    if (text == NULL || text[0] == '\0')
        return -1;
    const long number = strtol(text, &end, 10);
    return *end == '\0' ? number : -1;
}

static bool listens_at(int fd, int port)
{
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    socklen_t size = sizeof(address);
    int is_listening = 0;
    socklen_t flag_size = sizeof(is_listening);

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &flag_size) != 0 ||
        !is_listening || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return false;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)&address)->sin_port) == port;
    return address.ss_family == AF_INET6 &&
           ntohs(((struct sockaddr_in6 *)&address)->sin6_port) == port;
}

int bridge_inherited(int port)
{
    const long count = number_of("LISTEN_FDS");

    if (number_of("LISTEN_PID") != (long)getpid() || count < 1 || count > INHERITED_MAX)
        return -1;
    for (int fd = INHERITED_FIRST_FD; fd < INHERITED_FIRST_FD + (int)count; fd++) {
        if (listens_at(fd, port) && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
            return fd;
    }
    return -1;
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

bool bridge_own_host(int fd, char ret_host[BRIDGE_OWN_HOST_SIZE])
{
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    socklen_t size = sizeof(address);
    char host[INET6_ADDRSTRLEN], port[sizeof("65535")];

    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    snprintf(ret_host, BRIDGE_OWN_HOST_SIZE, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
             host, port);
    return true;
}
