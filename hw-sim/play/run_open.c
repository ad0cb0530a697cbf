/* Before the first step and after the last: the system, the folder, the observer, the devices. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/base/text.h"
#include "play/run_parts.h"
#include "report/folder.h"

#define CONNECT_MS 5000
#define TAG_CHARS 6
#define TAG_TRIES_MAX 5

/* ---- the folder of the report ---- */

static int make_report_dir(struct sim_run *run, struct kit_error *err)
{
    struct sim_world *world = &run->world;
    char when[32];
    time_t now = (time_t)(sim_wall_ms() / 1000);
    struct tm parts;

    if (run->options->report_dir != NULL) {
        kit_text_copy(world->dir, sizeof(world->dir), run->options->report_dir);
        return sim_make_folders(world->dir, err);
    }
    CHECK(gmtime_r(&now, &parts) != NULL);
    (void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &parts);
    (void)snprintf(world->dir, sizeof(world->dir), "%.246s/sim/%s-%s-%s", world->system.data,
                   run->scenario->name, when, world->tag);
    return sim_make_folders(world->dir, err);
}

/* True: a device of another run, or files that it has left, have an id that ours would get. */
static bool is_taken(const struct sim_run *run)
{
    char id[SIM_DEVICE_ID_SIZE], key[SIM_FILE_SIZE], password[SIM_FILE_SIZE];
    const cJSON *spec = NULL;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        (void)snprintf(id, sizeof(id), "%s-%s", sim_json_text(spec, "id"), run->world.tag);
        if (sim_system_device_files(&run->world.system, id, key, password))
            return true;
    }
    return false;
}

/* Letters and digits, not from the seed: an asset keeps its label for good, so no two runs on one
 * system should draw the same tag. */
static int make_tag(struct sim_run *run, struct kit_error *err)
{
    static const char chars[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    CHECK(sodium_init() >= 0);
    for (int i = 0; i < TAG_TRIES_MAX; i++) {
        for (int at = 0; at < TAG_CHARS; at++)
            run->world.tag[at] = chars[randombytes_uniform(sizeof(chars) - 1)];
        run->world.tag[TAG_CHARS] = '\0';
        if (!is_taken(run))
            return KIT_OK;
    }
    return kit_error_set(err, KIT_E_UNAVAILABLE, "%d tags in a row are taken in %.200s/devices",
                         TAG_TRIES_MAX, run->world.system.data);
}

/* ---- variables that are there from the beginning ---- */

static void set_variables(struct sim_run *run)
{
    const struct sim_world *world = &run->world;
    char label[SIM_TAG_SIZE];

    for (size_t i = 0; i < sizeof(label); i++)
        label[i] = world->tag[i] >= 'a' && world->tag[i] <= 'z' ? (char)(world->tag[i] - 'a' + 'A')
                                                                : world->tag[i];
    cJSON *about = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(about, "tag", world->tag);
    (void)cJSON_AddStringToObject(about, "label", label);
    (void)cJSON_AddNumberToObject(about, "seed", (double)run->seed);
    sim_vars_set_take(&run->vars, "run", about);
    for (size_t i = 0; i < world->device_count; i++) {
        cJSON *device = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(device, "id", world->devices[i]->id);
        (void)cJSON_AddStringToObject(device, "label", world->devices[i]->label);
        sim_vars_set_take(&run->vars, world->devices[i]->name, device);
    }
}

/* ---- the system ---- */

static int test_observer(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_observer *observer = &run->world.observer;

    (void)arg;
    (void)kit_error_set(err, KIT_E_UNAVAILABLE, "the broker on port %d %s",
                        run->world.system.mqtt_port,
                        observer->is_refused ? "refuses our user or password" : "does not answer");
    return observer->is_ready ? 1 : observer->is_refused ? -1 : 0;
}

/* Begins to connect: the loop goes on with it. */
static int open_connections(struct sim_run *run, struct kit_error *err)
{
    struct sim_world *world = &run->world;
    const struct sim_observer_setup setup = { .port = world->system.mqtt_port,
                                              .user = world->system.watcher.user,
                                              .password = world->system.password,
                                              .on_message = sim_run_on_message,
                                              .on_sight = sim_run_on_sight,
                                              .owner = run };
    struct sim_part http = sim_http_part(&world->http);
    struct sim_part observer = sim_observer_part(&world->observer);

    int rc = sim_http_init(&world->http, world->system.base_port, err);
    if (rc != KIT_OK)
        return rc;
    rc = sim_observer_open(&world->observer, &setup, err);
    if (rc != KIT_OK)
        return rc;
    sim_loop_add(&world->loop, &http);
    sim_loop_add(&world->loop, &observer);
    return KIT_OK;
}

/* Do bridge and broker answer? */
static int try_connections(struct sim_run *run, struct kit_error *err)
{
    struct sim_call call = { .method = "GET", .path = "/products?size=1", .is_quiet = true };

    int rc = sim_run_http(run, &call, err);
    cJSON_Delete(call.answer);
    if (rc != KIT_OK)
        return rc;
    if (call.status != 200)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "it answers with %ld", call.status);
    return sim_run_wait(run, CONNECT_MS, test_observer, NULL, err);
}

static int reach_system(struct sim_run *run, struct kit_error *err)
{
    char why[KIT_ERROR_TEXT_SIZE];

    int rc = open_connections(run, err);
    if (rc != KIT_OK)
        return rc;
    if (try_connections(run, err) == KIT_OK)
        return KIT_OK;
    kit_text_copy(why, sizeof(why), err->text);
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "Lockstock does not run at %s (%.100s): start it with deploy/up --data "
                         "%.100s",
                         run->world.http.base, why, run->world.system.data);
}

/* ---- people ---- */

static void open_persons(struct sim_run *run)
{
    const cJSON *actor = NULL;

    cJSON_ArrayForEach(actor, run->scenario->actors)
    {
        const char *profile = sim_json_text(actor, "profile");
        enum sim_profile known = SIM_PROFILE_PATIENT;
        CHECK(profile == NULL || sim_profile_from_name(profile, &known));
        CHECK(run->person_count < SIM_ACTORS_MAX);
        sim_person_init(&run->persons[run->person_count++], sim_json_text(actor, "name"), known,
                        (uint64_t)run->seed);
    }
}

/* ---- all together ---- */

static bool has_step(const cJSON *steps, const char *name)
{
    const cJSON *step = NULL;

    cJSON_ArrayForEach(step, steps) /* a repeat stands at most four times in itself */
    {
        const char *is = sim_json_text(step, "name");
        if ((is != NULL && strcmp(is, name) == 0) || has_step(sim_json_get(step, "steps"), name))
            return true;
    }
    return false;
}

/* Do the names in the options exist in this scenario? */
static int check_options(struct sim_run *run, struct kit_error *err)
{
    const struct sim_options *options = run->options;

    if (options->until != NULL && !has_step(run->scenario->steps, options->until))
        return kit_error_set(err, KIT_E_INVALID, "no step is named \"%.100s\": see --until",
                             options->until);
    for (size_t i = 0; i < options->port_count; i++) {
        char id[SIM_DEVICE_ID_SIZE];
        (void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(options->ports[i], "="),
                       options->ports[i]);
        if (sim_scenario_find_device(run->scenario, id) == NULL)
            return kit_error_set(err, KIT_E_INVALID, "no device is named \"%s\": see --device", id);
    }
    return KIT_OK;
}

static int open_system(struct sim_run *run, struct kit_error *err)
{
    const struct sim_options *options = run->options;
    int rc = sim_system_open(&run->world.system, options->data, options->bin, options->deploy, err);
    if (rc != KIT_OK || !run->world.system.is_closed)
        return rc;
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "the Lockstock in '%.150s' is closed, and simulated devices have no "
                         "certificates: play in an open one, deploy/up --data DIR",
                         run->world.system.data);
}

static int open_world(struct sim_run *run, struct kit_error *err)
{
    static int (*const stages[])(struct sim_run *, struct kit_error *) = {
        check_options, sim_run_check_ports,  open_system,     make_tag,
        reach_system,  sim_run_check_system, make_report_dir, sim_run_open_devices,
    };

    for (size_t i = 0; i < KIT_COUNT(stages); i++) {
        int rc = stages[i](run, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

int sim_run_open(struct sim_run *run, enum sim_exit *ret_exit, struct kit_error *err)
{
    *ret_exit = SIM_EXIT_UNREACHABLE;
    run->seed = run->options->seed >= 0 ? run->options->seed : run->scenario->seed;
    run->deadline_ms = sim_now_ms() + run->scenario->time_limit_ms;
    sim_report_init(&run->report, sim_now_ms(), sim_wall_ms());
    sim_vars_init(&run->vars);
    int rc = open_world(run, err);
    if (rc == KIT_E_INVALID || rc == KIT_E_IO)
        *ret_exit = SIM_EXIT_BAD;
    if (sim_loop_interrupted)
        *ret_exit = SIM_EXIT_FAILED;
    open_persons(run);
    set_variables(run);
    return rc;
}

void sim_run_close(struct sim_run *run)
{
    struct sim_world *world = &run->world;

    sim_run_close_devices(run);
    sim_observer_close(&world->observer); /* its callbacks look at devices */
    for (size_t i = 0; i < world->device_count; i++)
        free(world->devices[i]);
    world->device_count = 0;
    sim_http_done(&world->http);
    sim_report_done(&run->report);
    sim_vars_done(&run->vars);
    sim_system_close(&world->system); /* the next run may take our user from now on */
}
