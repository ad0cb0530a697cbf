/* See http_get.h. */
#include "http_get.h"

#include "fakes/cmocka_all.h"
#include "kit/process/unix_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 2000

int http_open(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

int http_open_at(const char *path)
{
    const int fd = kit_unix_socket_connect(path, 0);
    assert_true(fd >= 0);
    return fd;
}

void http_send(int fd, const char *bytes, size_t size_bytes)
{
    assert_int_equal(send(fd, bytes, size_bytes, MSG_NOSIGNAL), (ssize_t)size_bytes);
}

bool http_read(int fd, char *response, size_t *size_bytes)
{
    ssize_t got = recv(fd, response + *size_bytes, HTTP_RESPONSE_SIZE - 1 - *size_bytes,
                       MSG_DONTWAIT);
    if (got < 0)
        return errno != EAGAIN && errno != EWOULDBLOCK;
    *size_bytes += (size_t)got;
    response[*size_bytes] = '\0';
    return got == 0;
}

int http_request(int fd, const char *request, void (*turn)(void *context), void *context,
                 char response[HTTP_RESPONSE_SIZE])
{
    size_t size_bytes = 0;
    response[0] = '\0';
    http_send(fd, request, strlen(request));
    int turns = 0;
    while (!http_read(fd, response, &size_bytes)) {
        assert_true(turns++ < TURNS_MAX);
        turn(context);
    }
    close(fd);
    assert_int_equal(strncmp(response, "HTTP/1.1 ", 9), 0);
    return (int)strtol(response + 9, NULL, 10);
}
