/* An HTTP client of the bridge, one call at a time: on the runner's loop, where devices go on
 * working while the answer is awaited, or blocking. One thread. */
#ifndef SIM_WIRE_HTTP_H
#define SIM_WIRE_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>

#include "kit/base/buf.h"
#include "kit/base/error.h"
#include "wire/loop.h"

#define SIM_HTTP_BODY_MAX 1048576
#define SIM_HTTP_TIMEOUT_MS 10000
#define SIM_HTTP_URL_SIZE 512

struct sim_http {
    char base[64]; /* "http://127.0.0.1:8080" */
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct kit_buf sent;
    struct kit_buf body;
    bool is_busy;
    long status; /* of the last answer; 0: there was none */
    char error[CURL_ERROR_SIZE];
};

/* port: of the bridge, on loopback. Errors: KIT_E_LIMIT; then sim_http_done() frees what there is.
 */
int sim_http_init(struct sim_http *http, int port, struct kit_error *err) KIT_MUST_CHECK;

/* Gives up a call under way, and frees. Fine for a client that is all zero. */
void sim_http_done(struct sim_http *http);

/* For sim_loop_add(): turns of the loop bring a call to its end. */
struct sim_part sim_http_part(struct sim_http *http);

/* Begins a call; body NULL: none. is_busy is false when it has ended: then status and body, or
 * error, tell how. A call under way is given up. */
void sim_http_start(struct sim_http *http, const char *method, const char *path, const char *body);

/* The same, and returns when it has ended, within SIM_HTTP_TIMEOUT_MS. */
void sim_http_call(struct sim_http *http, const char *method, const char *path, const char *body);

#endif
