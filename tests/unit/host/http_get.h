/* A small HTTP client for tests: one request over a fresh connection to 127.0.0.1, or to a Unix
 * socket. */
#ifndef TESTS_UNIT_HOST_HTTP_GET_H
#define TESTS_UNIT_HOST_HTTP_GET_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_RESPONSE_SIZE 65536

int http_open(int port);
int http_open_at(const char *path);
void http_send(int fd, const char *bytes, size_t size_bytes);
/* Reads what is there without waiting; true when the other side has closed. */
bool http_read(int fd, char *response, size_t *size_bytes);

/* A whole request with "Connection: close" over a connection, which is closed; turn() is called
 * until the answer is complete. Returns the status code; the raw response is in response. */
int http_request(int fd, const char *request, void (*turn)(void *context), void *context,
                 char response[HTTP_RESPONSE_SIZE]);

#endif
