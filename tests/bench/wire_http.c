/* HTTP part of wire.h. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "wire.h"

int bench_connect(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        bench_die("cannot connect to 127.0.0.1:%d", port);

    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

void bench_http_open(struct bench_http *http, int port)
{
    *http = (struct bench_http){ .fd = bench_connect(port), .port = port };
}

void bench_http_post(struct bench_http *http, const char *path, const char *body)
{
    char request[1024];
    int size = snprintf(
        request, sizeof(request),
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        path, http->port, strlen(body), body);
    if (size < 0 || (size_t)size >= sizeof(request))
        bench_die("the request is too long");

    http->is_busy = true;
    http->used = 0;
    http->sent_at_ns = bench_now_ns();
    /* A failed send shows as a closed connection in the next read. */
    (void)!send(http->fd, request, (size_t)size, MSG_NOSIGNAL);
}

/* The answer if it is whole: header, blank line, Content-Length bytes. */
static bool parse_answer(struct bench_http *http, struct bench_answer *ret_answer)
{
    http->buffer[http->used] = '\0';
    char *blank = strstr(http->buffer, "\r\n\r\n");
    if (blank == NULL)
        return false;

    size_t body_size = 0;
    for (char *line = http->buffer; line < blank; line = strstr(line, "\r\n") + 2)
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            body_size = strtoul(line + 15, NULL, 10);
    char *body = blank + 4;
    if ((size_t)(http->buffer + http->used - body) < body_size)
        return false;

    ret_answer->status = (int)strtol(http->buffer + sizeof("HTTP/1.1 ") - 1, NULL, 10);
    ret_answer->body = body;
    return true;
}

bool bench_http_read(struct bench_http *http, struct bench_answer *ret_answer)
{
    size_t space = sizeof(http->buffer) - 1 - http->used;
    ssize_t got = space == 0 ? 0 : recv(http->fd, http->buffer + http->used, space, 0);
    if (got <= 0) {
        bool was_busy = http->is_busy;
        close(http->fd);
        bench_http_open(http, http->port);
        *ret_answer = (struct bench_answer){ .status = 0, .body = "" };
        return was_busy;
    }
    http->used += (size_t)got;
    if (!parse_answer(http, ret_answer))
        return false;
    http->is_busy = false;
    return true;
}
