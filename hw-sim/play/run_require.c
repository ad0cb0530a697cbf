/* What a scenario requires of the system ("requires"), before anything is done to it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/run_parts.h"

#define PAGES_MAX 200
#define PAGE_SIZE 100
#define PATH_SIZE 64
#define GONE_MS 5000 /* lockers of the run before have just been switched off */

static int check_hold(const struct sim_run *run, int64_t hold_ms, struct kit_error *err)
{
    if (hold_ms < 0 || sim_system_setting(&run->world.system, "delivery", "hold-ms") == hold_ms)
        return KIT_OK;
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "this scenario wants a system that gives goods up after %" PRId64
                         " ms: start one with deploy/up --set delivery.hold-ms=%" PRId64
                         " --data DIR, and name it with --data DIR",
                         hold_ms, hold_ms);
}

static const cJSON *find_online(const cJSON *lockers)
{
    const cJSON *locker = NULL;

    cJSON_ArrayForEach(locker, lockers)
    {
        const char *status = sim_json_text(locker, "status");
        if (status != NULL && strcmp(status, "online") == 0)
            return locker;
    }
    return NULL;
}

/* deploy/up --demo: between two of its days its locker is off for a moment. */
static bool is_demo_playing(const struct sim_run *run)
{
    char path[SIM_FILE_SIZE], line[PATH_SIZE];

    (void)snprintf(path, sizeof(path), "%s/run/demo.pid", run->world.system.data);
    if (!sim_read_line(path, line, sizeof(line)))
        return false;
    long pid = strtol(line, NULL, 10);
    return pid > 1 && kill((pid_t)pid, 0) == 0;
}

/* As a test of sim_run_wait(), of one page of the list of lockers. */
static int test_page(struct sim_run *run, int page, bool *ret_is_last, struct kit_error *err)
{
    char path[PATH_SIZE];
    struct sim_call call = { .method = "GET", .path = path, .is_quiet = true };

    (void)snprintf(path, sizeof(path), "/lockers?page=%d&size=%d", page, PAGE_SIZE);
    if (sim_run_http(run, &call, err) != KIT_OK)
        return -1;
    const cJSON *lockers = sim_json_get(sim_json_get(call.answer, "_embedded"), "lockers");
    const cJSON *other = find_online(lockers);
    *ret_is_last = cJSON_GetArraySize(lockers) < PAGE_SIZE;
    if (other != NULL)
        (void)kit_error_set(err, KIT_E_UNAVAILABLE,
                            "this scenario wants to be alone, but %.60s is online: play it "
                            "against a system of its own",
                            sim_json_text(other, "device"));
    cJSON_Delete(call.answer);
    return other == NULL;
}

/* As a test of sim_run_wait(). Lockers of this run are not there yet. */
static int test_alone(struct sim_run *run, void *arg, struct kit_error *err)
{
    bool is_last = false;

    (void)arg;
    for (int page = 0; page < PAGES_MAX && !is_last; page++) {
        int holds = test_page(run, page, &is_last, err);
        if (holds != 1)
            return holds;
    }
    return 1;
}

int sim_run_check_system(struct sim_run *run, struct kit_error *err)
{
    const cJSON *wanted = sim_json_get(run->scenario->root, "requires");

    int rc = check_hold(run, sim_json_int(wanted, "holdMs", -1), err);
    if (rc != KIT_OK || !cJSON_IsTrue(sim_json_get(wanted, "alone")))
        return rc;
    if (is_demo_playing(run))
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "this scenario wants to be alone, but the demo plays here (deploy/up "
                             "--demo): play it against a system of its own");
    return sim_run_wait(run, GONE_MS, test_alone, NULL, err);
}
