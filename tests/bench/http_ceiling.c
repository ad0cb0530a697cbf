/* Raw ceiling: libmicrohttpd, one thread, epoll, answering every request with the same 201 the size
 * of a rental. Prints the port, then serves until its standard input ends. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

static const char body[] =
    "{\"id\":123456,\"productId\":1,\"qty\":1,\"fulfilment\":\"direct\",\"status\":\"ORDERED\","
    "\"version\":1,\"orderedAt\":\"2026-01-31T12:00:00.000Z\",\"updatedAt\":\"2026-01-31T12:00:00."
    "000Z\",\"_links\":{\"self\":{\"href\":\"http://127.0.0.1:8080/rentals/123456\"},\"rental\":{"
    "\"href\":\"http://127.0.0.1:8080/rentals/123456\"}}}";

/* libmicrohttpd calls it once with the headers, then with pieces of the body, then at its end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    static int seen;
    (void)url, (void)method, (void)version, (void)upload;

    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_CREATED, context);
}

int main(void)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        sizeof(body) - 1, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        bench_die("cannot make the response");
    MHD_add_response_header(response, "Content-Type", "application/json");

    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
                                                 &on_request, response, MHD_OPTION_SOCK_ADDR,
                                                 (struct sockaddr *)&address, MHD_OPTION_END);
    if (daemon == NULL)
        bench_die("cannot listen on loopback");

    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    printf("%d\n", info->port);
    fflush(stdout);

    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0)
        ;
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return 0;
}
