/* libcurl's multi interface on poll(); see http.h. */
#include "wire/http.h"

#include <stdio.h>
#include <sys/select.h>

#include "kit/base/text.h"

#define LOOK_AGAIN_MS 20 /* right after the start libcurl may have no file to poll yet */

static size_t on_body(char *bytes, size_t size, size_t count, void *self)
{
    struct sim_http *http = self;
    kit_buf_add(&http->body, bytes, size * count);
    return http->body.overflow ? 0 : size * count;
}

int sim_http_init(struct sim_http *http, int port, struct kit_error *err)
{
    *http = (struct sim_http){ 0 };
    (void)snprintf(http->base, sizeof(http->base), "http://127.0.0.1:%d", port);
    kit_buf_init(&http->body, SIM_HTTP_BODY_MAX);
    kit_buf_init(&http->sent, SIM_HTTP_BODY_MAX);
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    http->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (http->multi == NULL || http->easy == NULL || http->headers == NULL)
        return kit_error_set(err, KIT_E_LIMIT, "libcurl cannot start: not enough memory");
    return KIT_OK;
}

void sim_http_done(struct sim_http *http)
{
    if (http->is_busy)
        (void)curl_multi_remove_handle(http->multi, http->easy);
    curl_easy_cleanup(http->easy);
    (void)curl_multi_cleanup(http->multi);
    curl_slist_free_all(http->headers);
    kit_buf_done(&http->body);
    kit_buf_done(&http->sent);
    *http = (struct sim_http){ 0 };
}

void sim_http_start(struct sim_http *http, const char *method, const char *path, const char *body)
{
    char url[SIM_HTTP_URL_SIZE];

    if (http->is_busy)
        (void)curl_multi_remove_handle(http->multi, http->easy);
    (void)snprintf(url, sizeof(url), "%s%s", http->base, path);
    kit_buf_reset(&http->body);
    kit_buf_reset(&http->sent);
    http->status = 0;
    http->error[0] = '\0';
    curl_easy_reset(http->easy);
    curl_easy_setopt(http->easy, CURLOPT_URL, url);
    curl_easy_setopt(http->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(http->easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)SIM_HTTP_TIMEOUT_MS);
    curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, http);
    curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->error);
    if (body != NULL) {
        kit_buf_add_text(&http->sent, body);
        curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, http->headers);
        curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, http->sent.data);
        curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE, (long)http->sent.size_bytes);
    }
    http->is_busy = curl_multi_add_handle(http->multi, http->easy) == CURLM_OK;
    if (!http->is_busy)
        kit_text_copy(http->error, sizeof(http->error), "libcurl does not take the call");
}

static short events_of(int fd, const fd_set *readable, const fd_set *writable)
{
    const int reads = FD_ISSET(fd, readable) ? POLLIN : 0;
    return (short)(reads | (FD_ISSET(fd, writable) ? POLLOUT : 0));
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    struct sim_http *http = self;
    fd_set readable, writable, excepted;
    int highest = -1;
    size_t count = 0;

    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&excepted);
    if (!http->is_busy ||
        curl_multi_fdset(http->multi, &readable, &writable, &excepted, &highest) != CURLM_OK)
        return 0;
    for (int fd = 0; fd <= highest && count < max; fd++) {
        const short events = events_of(fd, &readable, &writable);
        if (events != 0)
            fds[count++] = (struct pollfd){ .fd = fd, .events = events };
    }
    return count;
}

static void finish(struct sim_http *http, CURLcode result)
{
    if (result == CURLE_OK)
        (void)curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &http->status);
    else if (http->error[0] == '\0')
        kit_text_copy(http->error, sizeof(http->error), curl_easy_strerror(result));
    (void)curl_multi_remove_handle(http->multi, http->easy);
    http->is_busy = false;
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct sim_http *http = self;
    int left = 0;

    (void)fds;
    (void)count;
    (void)now_ms;
    if (!http->is_busy)
        return;
    (void)curl_multi_perform(http->multi, &left);
    CURLMsg *message = curl_multi_info_read(http->multi, &left);
    if (message != NULL && message->msg == CURLMSG_DONE)
        finish(http, message->data.result);
}

static int64_t next_due_ms(void *self)
{
    struct sim_http *http = self;
    long wait_ms = -1;

    if (!http->is_busy)
        return SIM_NEVER;
    (void)curl_multi_timeout(http->multi, &wait_ms);
    return sim_now_ms() + (wait_ms < 0 || wait_ms > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : wait_ms);
}

struct sim_part sim_http_part(struct sim_http *http)
{
    return (struct sim_part){
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = http
    };
}

void sim_http_call(struct sim_http *http, const char *method, const char *path, const char *body)
{
    sim_http_start(http, method, path, body);
    while (http->is_busy) { /* ends by the client's time limit */
        (void)curl_multi_poll(http->multi, NULL, 0, LOOK_AGAIN_MS, NULL);
        on_turn(http, NULL, 0, 0);
    }
}
