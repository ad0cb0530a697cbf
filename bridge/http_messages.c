/* Requests and answers between MHD and us. See http_messages.h. */
#include "bridge/http_messages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "bridge/http_connections.h"
#include "bridge/http_streams.h"
#include "bridge/listen.h"
#include "bridge/request_page.h"

/* ---- answers ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    CHECK(MHD_add_response_header(response, name, value) == MHD_YES);
}

static void add_page_headers(struct MHD_Response *response, const struct request *request)
{
    const char *name, *value;

    for (size_t i = 0; request_page_header(request, i, &name, &value); i++)
        add_header(response, name, value);
}

void http_add_headers(struct MHD_Response *response, const struct request *request)
{
    const struct answer *answer = &request->answer;
    char seconds[24];

    if (answer->content_type != NULL)
        add_header(response, "Content-Type", answer->content_type);
    if (answer->location[0] != '\0')
        add_header(response, "Location", answer->location);
    if (answer->allow[0] != '\0')
        add_header(response, "Allow", answer->allow);
    if (answer->status == 401)
        add_header(response, "WWW-Authenticate", "Bearer realm=\"lockstock\"");
    if (answer->cookie[0] != '\0')
        add_header(response, "Set-Cookie", answer->cookie);
    if (answer->retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%" PRId64, answer->retry_after_s);
        add_header(response, "Retry-After", seconds);
    }
    if (answer->page != NULL)
        add_page_headers(response, request);
    else
        add_header(response, "Cache-Control", "no-store");
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "traceparent", request->traceparent);
    if (request->closes || request->bridge->is_draining)
        add_header(response, "Connection", "close");
}

static enum MHD_Result queue_answer(struct request *request, struct MHD_Connection *mhd)
{
    struct answer *answer = &request->answer;
    size_t size_bytes = answer->content_type == NULL ? 0 : answer->body.size_bytes;
    void *bytes = answer->body.data;

    if (answer->page != NULL) {
        size_bytes = answer->status == 304 ? 0 : answer->page_bytes->size_bytes;
        bytes = answer->page_bytes->data;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(size_bytes, bytes,
                                                                    MHD_RESPMEM_PERSISTENT);
    CHECK(response != NULL);
    http_add_headers(response, request);
    const enum MHD_Result result = MHD_queue_response(mhd, (unsigned int)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

void http_send_answer(struct request *request)
{
    struct MHD_Connection *mhd = request->connection;
    struct connection *connection = http_connection_of(mhd);
    struct http *http = request->bridge->adapter;

    connection->since_mono_ms = http_now_ms(http);
    http->needs_run = true;
    if (queue_answer(request, mhd) != MHD_YES)
        shutdown(connection->fd, SHUT_RDWR); /* MHD will notice, and end it */
    MHD_resume_connection(mhd);
}

/* ---- requests ---- */

void *http_on_target(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct http *http = context;
    struct connection *connection = http_connection_of(mhd);

    connection->target_end = target + strlen(target); /* before MHD takes it apart */
    connection->request = request_new(http->bridge, target);
    connection->since_mono_ms = http_now_ms(http);
    return connection->request;
}

void http_on_completed(void *context, struct MHD_Connection *mhd, void **request,
                       enum MHD_RequestTerminationCode code)
{
    struct connection *connection = http_connection_of(mhd);

    http_streams_end(context, connection);
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK && !connection->has_spoken) {
        struct http *http = context;
        connection->has_spoken = true;
        clients_note_spoken(&http->bridge->clients, &connection->address);
    }
    connection->request = NULL;
    connection->since_mono_ms = http_now_ms(context);
    if (*request != NULL)
        request_free(*request);
    *request = NULL;
}

/* Keeps a header that may be given once. */
static void keep_header(struct request_headers *headers, const char **ret, const char *name,
                        const char *value)
{
    if (*ret != NULL)
        headers->repeated = name;
    *ret = value;
}

/* ---- the head, byte by byte ----
 *
 * MHD 0.9.75 hands on C strings that point into the head as it came, with NULs in the places of CR
 * and LF. A NUL of the client's own would hide what follows from us, but not from whoever judged
 * the request before us: the path or the Idempotency-Key would be another one. So every piece must
 * begin where the one before it ends. */
struct head_walk {
    struct request_headers headers;
    const char *next; /* where the next line must begin */
    bool is_broken;
};

static void walk_to(struct head_walk *walk, const char *start, const char *end)
{
    walk->is_broken |= start != walk->next;
    walk->next = end + strlen(end) + 2; /* behind CR LF */
}

/* What no line of a head may have (RFC 9110, 5.5): a lone CR, which others may take for the end of
 * the line, and other characters that nobody can see. */
static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == '\x7f')
            return true;
    }
    return false;
}

static enum MHD_Result on_header(void *context, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct head_walk *walk = context;
    struct request_headers *headers = &walk->headers;

    (void)kind;
    if (value == NULL)
        value = name + strlen(name);
    walk_to(walk, name, value);
    walk->is_broken |= !header_is_name(name) || has_control(value);
    if (strcasecmp(name, "Host") == 0)
        keep_header(headers, &headers->host, "Host", value);
    else if (strcasecmp(name, "Content-Type") == 0)
        keep_header(headers, &headers->content_type, "Content-Type", value);
    else if (strcasecmp(name, "Content-Length") == 0)
        keep_header(headers, &headers->content_length, "Content-Length", value);
    else if (strcasecmp(name, "Idempotency-Key") == 0)
        keep_header(headers, &headers->idempotency_key, "Idempotency-Key", value);
    else if (strcasecmp(name, "Accept") == 0 && headers->accept == NULL)
        headers->accept = value;
    else if (strcasecmp(name, "Accept-Encoding") == 0)
        headers->accept_encoding = value;
    else if (strcasecmp(name, "If-None-Match") == 0)
        headers->if_none_match = value;
    else if (strcasecmp(name, "Last-Event-ID") == 0)
        headers->last_event_id = value;
    else if (strcasecmp(name, "Authorization") == 0)
        keep_header(headers, &headers->authorization, "Authorization", value);
    else if (strcasecmp(name, "Cookie") == 0)
        keep_header(headers, &headers->cookie, "Cookie", value);
    else if (strcasecmp(name, "X-CSRF-Token") == 0)
        keep_header(headers, &headers->csrf_token, "X-CSRF-Token", value);
    else if (strcasecmp(name, "Origin") == 0)
        keep_header(headers, &headers->origin, "Origin", value);
    else if (strcasecmp(name, "Sec-Fetch-Site") == 0)
        keep_header(headers, &headers->fetch_site, "Sec-Fetch-Site", value);
    else if (strcasecmp(name, "traceparent") == 0)
        headers->traceparent = value;
    else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        if (headers->is_chunked)
            headers->repeated = "Transfer-Encoding";
        headers->is_chunked = true;
        headers->is_framed_otherwise |= strcasecmp(value, "chunked") != 0;
    } else if (strcasecmp(name, "Content-Encoding") == 0) {
        headers->is_coded |= strcasecmp(value, "identity") != 0;
    }
    return MHD_YES;
}

static size_t head_size(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    CHECK(info != NULL);
    return info->header_size;
}

static enum MHD_Result take_headers(struct request *request, struct MHD_Connection *mhd,
                                    const char *method, const char *version)
{
    const struct connection *connection = http_connection_of(mhd);
    struct head_walk walk = { .next = connection->target_end + 1 };

    walk.is_broken = has_control(request->target) || has_control(method);
    walk_to(&walk, version, version);
    MHD_get_connection_values(mhd, MHD_HEADER_KIND, on_header, &walk);
    walk.headers.is_broken = walk.is_broken || walk.next + 2 != method + head_size(mhd);
    /* Old programs that look whether somebody is there name no host; pages of others, which might
     * have a reason to, always tell their origin. */
    if (walk.headers.host == NULL && walk.headers.origin == NULL &&
        strcmp(version, "HTTP/1.0") == 0 && bridge_own_host(connection->fd, request->own_host))
        walk.headers.host = request->own_host;
    clients_write_address(&connection->address, request->sign_in.address);
    request->connection = mhd;
    if (request_on_headers(request, connection->port, method, &walk.headers))
        return queue_answer(request, mhd);
    return MHD_YES;
}

static enum MHD_Result take_end(struct request *request, struct MHD_Connection *mhd)
{
    request_on_end(request);
    if (request->state == REQUEST_ANSWERED)
        return queue_answer(request, mhd);
    if (request->state == REQUEST_STREAMING)
        return http_streams_begin(request, mhd);
    MHD_suspend_connection(mhd);
    return MHD_YES;
}

enum MHD_Result http_on_request(void *context, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **request_pointer)
{
    struct request *request = *request_pointer;

    (void)context;
    (void)url;
    CHECK(request != NULL);
    if (!request->has_headers)
        return take_headers(request, mhd, method, version);
    if (*upload_size == 0)
        return take_end(request, mhd);
    if (!request_on_body(request, upload, *upload_size))
        return MHD_NO;
    *upload_size = 0;
    return MHD_YES;
}
