/* Sockets that are handed over: see sockets.h. */
#include "deploy/supervise/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024 /* as bridge/listen.c */
#define FIRST_FD 3   /* of those that are handed over */
#define ABOVE_FD 64  /* ours are not in the way of those */
#define NUMBER_TEXT_SIZE 16

/* Returns the socket, or -1. */
static int listen_at(int port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int yes = 1;
    int kept = -1;

    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(fd, BACKLOG) == 0)
        kept = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_FD);
    close(fd);
    return kept;
}

static void keep_all_or_none(struct sockets *sockets)
{
    sockets->are_open = true;
    for (int i = 0; i < SOCKETS_COUNT; i++) {
        if (sockets->fds[i] < 0) {
            sockets_close(sockets);
            return;
        }
    }
}

void sockets_open(struct sockets *sockets, int base_port)
{
    if (sockets->are_open)
        return;
    for (int i = 0; i < SOCKETS_COUNT; i++)
        sockets->fds[i] = listen_at(base_port + i);
    keep_all_or_none(sockets);
}

/* The port on loopback at which it listens; 0: none. */
static int port_of(int fd)
{
    struct sockaddr_in address = { .sin_family = AF_UNSPEC };
    socklen_t size = sizeof(address);
    int is_listening = 0;
    socklen_t flag_size = sizeof(is_listening);

    const bool is_there = getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &flag_size) ==
                              0 &&
                          is_listening && getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    const bool is_ours = is_there && address.sin_family == AF_INET &&
                         address.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    return is_ours ? ntohs(address.sin_port) : 0;
}

void sockets_take(struct sockets *sockets, int bridge_pidfd, int base_port)
{
    if (sockets->are_open)
        return;
    for (int i = 0; i < SOCKETS_COUNT; i++)
        sockets->fds[i] = -1;
    for (int there = FIRST_FD; there < ABOVE_FD; there++) {
        const int fd = pidfd_getfd(bridge_pidfd, there, 0);
        if (fd < 0)
            continue;
        const int place = port_of(fd) - base_port;
        if (place >= 0 && place < SOCKETS_COUNT && sockets->fds[place] < 0)
            sockets->fds[place] = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_FD);
        close(fd);
    }
    keep_all_or_none(sockets);
}

void sockets_close(struct sockets *sockets)
{
    if (!sockets->are_open)
        return;
    for (int i = 0; i < SOCKETS_COUNT; i++) {
        if (sockets->fds[i] >= 0)
            close(sockets->fds[i]);
    }
    sockets->are_open = false;
}

bool sockets_is_heard(int port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct pollfd polled = { .fd = fd, .events = POLLOUT };
    int reason = 0;
    socklen_t size = sizeof(reason);
    const bool is_open = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
                         (errno == EINPROGRESS && poll(&polled, 1, SOCKETS_LOOK_MS) == 1 &&
                          getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 && reason == 0);
    close(fd);
    return is_open;
}

void sockets_hand_over(const struct sockets *sockets)
{
    char number[NUMBER_TEXT_SIZE];

    if (!sockets->are_open)
        return;
    for (int i = 0; i < SOCKETS_COUNT; i++)
        (void)dup2(sockets->fds[i], FIRST_FD + i); /* and the copy outlives exec */
    snprintf(number, sizeof(number), "%d", SOCKETS_COUNT);
    (void)setenv("LISTEN_FDS", number, 1);
    snprintf(number, sizeof(number), "%d", (int)getpid());
    (void)setenv("LISTEN_PID", number, 1);
}
