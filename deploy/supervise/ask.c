/* A question by HTTP: see ask.h. */
#include "deploy/supervise/ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/process/unix_socket.h"

#define QUESTION "GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n"
#define VERSION "HTTP/1."
#define STATUS_AT 9 /* behind "HTTP/1.x " */

void ask_end(struct ask *ask)
{
    if (ask->fd >= 0)
        close(ask->fd);
    ask->fd = -1;
}

static enum ask_result end_with(struct ask *ask, enum ask_result result)
{
    ask_end(ask);
    return result;
}

int ask_connect(int port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
        errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static enum ask_result begin(struct ask *ask, int fd, const char *wanted)
{
    ask_end(ask);
    *ask = (struct ask){ .fd = fd, .wanted = wanted };
    return fd < 0 ? ASK_WRONG : ASK_PENDING;
}

enum ask_result ask_begin(struct ask *ask, const char *path)
{
    return begin(ask, kit_unix_socket_connect(path, SOCK_NONBLOCK), "200");
}

enum ask_result ask_begin_port(struct ask *ask, int port)
{
    return begin(ask, ask_connect(port), "");
}

short ask_events(const struct ask *ask)
{
    return ask->is_sent ? POLLIN : POLLOUT;
}

enum ask_result ask_on_ready(struct ask *ask)
{
    if (!ask->is_sent) {
        const ssize_t sent = send(ask->fd, QUESTION, strlen(QUESTION), MSG_NOSIGNAL);
        ask->is_sent = sent == (ssize_t)strlen(QUESTION);
        return ask->is_sent ? ASK_PENDING : end_with(ask, ASK_WRONG);
    }
    const ssize_t got = recv(ask->fd, ask->head + ask->head_size,
                             sizeof(ask->head) - ask->head_size, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return ASK_PENDING;
    if (got <= 0)
        return end_with(ask, ASK_WRONG);
    ask->head_size += (size_t)got;
    if (ask->head_size < STATUS_AT + strlen(ask->wanted))
        return ASK_PENDING;
    const bool is_right = memcmp(ask->head, VERSION, strlen(VERSION)) == 0 &&
                          memcmp(ask->head + STATUS_AT, ask->wanted, strlen(ask->wanted)) == 0;
    return end_with(ask, is_right ? ASK_RIGHT : ASK_WRONG);
}
