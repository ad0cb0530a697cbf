/* HTTP by libcurl, add-device as a child. One thread. */
#include "load/setup.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "kit/base/buf.h"
#include "kit/json/gate.h"

#define BODY_BYTES_MAX 65536
#define CALL_TIMEOUT_S 10L
#define CALLS_MAX                                                                                  \
    5 /* while the system answers 503: after add-device the broker reads its files                 \
       */
#define HTTP_UNAVAILABLE 503

extern char **environ;

int load_add_devices(const struct sim_system *system, const char *kind, const char *prefix,
                     int64_t count, struct kit_error *err)
{
    char path[SIM_FILE_SIZE + 16], number[24];
    pid_t child;
    int status = 0;

    if (count == 0)
        return KIT_OK;
    if (system->deploy[0] == '\0')
        return kit_error_set(
            err, KIT_E_IO,
            "deploy/add-device is not found from here: start in the repository, or "
            "give --deploy DIR");
    (void)snprintf(path, sizeof(path), "%s/add-device", system->deploy);
    (void)snprintf(number, sizeof(number), "%" PRId64, count);
    const char *words[] = { path,     kind,         prefix,    "--count", number,
                            "--data", system->data, "--quiet", NULL };
    int rc = posix_spawn(&child, path, NULL, NULL, (char *const *)(uintptr_t)words, environ);
    if (rc != 0)
        return kit_error_set(err, KIT_E_IO, "cannot run %s: %s", path, strerror(rc));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return kit_error_set(err, KIT_E_IO, "%s %s %s failed", path, kind, prefix);
    return KIT_OK;
}

static size_t on_bytes(char *bytes, size_t one, size_t count, void *self)
{
    struct kit_buf *body = self;
    kit_buf_add(body, bytes, one * count);
    return body->overflow ? 0 : one * count;
}

/* The number `member` of the answer to a call. */
static int call(const struct sim_system *system, const char *path, const char *sent,
                const char *member, int64_t *ret_value, struct kit_error *err)
{
    char url[128], text[CURL_ERROR_SIZE] = "";
    struct kit_buf body;
    cJSON *root = NULL;
    long http_status = 0;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

    CHECK(curl != NULL && headers != NULL);
    kit_buf_init(&body, BODY_BYTES_MAX);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", system->base_port, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, CALL_TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    if (sent != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent);
    }
    CURLcode code = CURLE_OK;
    for (int i = 0; i < CALLS_MAX && (i == 0 || http_status == HTTP_UNAVAILABLE); i++) {
        kit_buf_reset(&body);
        code = curl_easy_perform(curl);
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
    }
    int rc = KIT_OK;
    if (code != CURLE_OK)
        rc = kit_error_set(err, KIT_E_UNAVAILABLE, "%s: %s: run deploy/up first", url,
                           text[0] != '\0' ? text : curl_easy_strerror(code));
    else if (http_status < 200 || http_status > 299)
        rc = kit_error_set(err, KIT_E_UNAVAILABLE, "%s: HTTP status %ld: %.*s", url, http_status,
                           (int)body.size_bytes, body.size_bytes > 0 ? body.data : "");
    if (rc == KIT_OK)
        rc = kit_json_parse(body.data, body.size_bytes, BODY_BYTES_MAX, &root, err);
    if (rc == KIT_OK) {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive(root, member);
        if (cJSON_IsNumber(node))
            *ret_value = (int64_t)node->valuedouble;
        else
            rc = kit_error_set(err, KIT_E_UNAVAILABLE, "%s: the answer has no %s", url, member);
    }
    cJSON_Delete(root);
    kit_buf_done(&body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return rc;
}

int load_add_product(const struct sim_system *system, int64_t *ret_id, struct kit_error *err)
{
    return call(system, "/products", "{\"name\":\"received by a load run\",\"qty\":1}", "id",
                ret_id, err);
}

int load_count_registered(const struct sim_system *system, int64_t id, int64_t *ret_qty,
                          struct kit_error *err)
{
    char path[48];
    (void)snprintf(path, sizeof(path), "/products/%" PRId64, id);
    return call(system, path, NULL, "registeredQty", ret_qty, err);
}
