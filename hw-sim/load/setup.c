/* add-device as a child, and calls of the bridge; see setup.h. */
#include "load/setup.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "kit/json/gate.h"
#include "scenario/json.h"

#define SERVED_WAIT_MS 10000 /* while the answer is 503 */
#define LOOK_AGAIN_MS 50
#define HTTP_UNAVAILABLE 503

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

/* Takes what a call brought. On KIT_OK the caller deletes *ret_answer. */
static int take_answer(struct sim_http *http, const char *path, cJSON **ret_answer,
                       struct kit_error *err)
{
    if (http->status == 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "%s%s: %s: run deploy/up first", http->base,
                             path, http->error);
    if (http->status / 100 != 2)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "%s%s: HTTP status %ld: %s", http->base, path,
                             http->status, http->body.data);
    return kit_json_parse(http->body.data, http->body.size_bytes, SIM_HTTP_BODY_MAX, ret_answer,
                          err);
}

/* GET, again and again while it is not served: a service or the broker is about to come back. On
 * KIT_OK the caller deletes *ret_answer. */
static int get_when_served(struct sim_http *http, const char *path, cJSON **ret_answer,
                           struct kit_error *err)
{
    const int64_t end_ms = sim_now_ms() + SERVED_WAIT_MS;

    sim_http_call(http, "GET", path, NULL);
    while (http->status == HTTP_UNAVAILABLE && sim_now_ms() < end_ms) {
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
        sim_http_call(http, "GET", path, NULL);
    }
    return take_answer(http, path, ret_answer, err);
}

/* Takes the answer; path is for the error. */
static int take_number(cJSON *answer, const char *member, const char *path, int64_t *ret_value,
                       struct kit_error *err)
{
    const int64_t value = sim_json_int(answer, member, -1);

    cJSON_Delete(answer);
    if (value < 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "%s: the answer has no %s", path, member);
    *ret_value = value;
    return KIT_OK;
}

int load_add_product(struct sim_http *http, int64_t *ret_id, struct kit_error *err)
{
    cJSON *answer = NULL;

    int rc = get_when_served(http, "/products?size=1", &answer, err);
    if (rc != KIT_OK)
        return rc;
    cJSON_Delete(answer);
    /* Once: an answer that is lost may stand for a product that was made. */
    sim_http_call(http, "POST", "/products", "{\"name\":\"received by a load run\",\"qty\":1}");
    rc = take_answer(http, "/products", &answer, err);
    if (rc != KIT_OK)
        return rc;
    return take_number(answer, "id", "/products", ret_id, err);
}

int load_count_registered(struct sim_http *http, int64_t id, int64_t *ret_qty,
                          struct kit_error *err)
{
    char path[48];
    cJSON *answer = NULL;

    (void)snprintf(path, sizeof(path), "/products/%" PRId64, id);
    int rc = get_when_served(http, path, &answer, err);
    if (rc != KIT_OK)
        return rc;
    return take_number(answer, "registeredQty", path, ret_qty, err);
}
