/* Before the first step and after the last: the system, the folder, the observer, the devices. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "play/run_parts.h"
#include "report/folder.h"

#define CONNECT_MS 5000
#define ADD_DEVICE_MS 30000
#define ADD_DEVICE_LOG "%.300s/add-device.log"
#define ONLINE_MS 20000
#define TAG_CHARS 6
#define TAG_TRIES_MAX 5

/* ---- the folder of the report ---- */

static int make_report_dir(struct sim_run *run, struct kit_error *err)
{
    char parent[SIM_FILE_SIZE], when[32];
    time_t now = (time_t)(sim_wall_ms() / 1000);
    struct tm parts;

    if (run->options->report_dir != NULL) {
        (void)snprintf(run->dir, sizeof(run->dir), "%s", run->options->report_dir);
        return sim_make_folders(run->dir, err);
    }
    (void)snprintf(parent, sizeof(parent), "%s/sim", run->system.data);
    CHECK(gmtime_r(&now, &parts) != NULL);
    (void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &parts);
    (void)snprintf(run->dir, sizeof(run->dir), "%.250s/%s-%s-%s", parent, run->scenario->name, when,
                   run->tag);
    return sim_make_folders(run->dir, err);
}

/* True: a device of another run, or what such a one has left, has the name that ours would get. */
static bool is_taken(const struct sim_run *run)
{
    char id[SIM_DEVICE_ID_SIZE], key[SIM_FILE_SIZE], password[SIM_FILE_SIZE];
    const cJSON *spec = NULL;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        (void)snprintf(id, sizeof(id), "%s-%s", sim_json_text(spec, "id"), run->tag);
        if (sim_system_device_files(&run->system, id, key, password))
            return true;
    }
    return false;
}

/* Letters and digits, not of the seed: labels of units are theirs for good, so that two runs on one
 * system, however many there are in a year, should not draw the same. */
static int make_tag(struct sim_run *run, struct kit_error *err)
{
    static const char chars[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    CHECK(sodium_init() >= 0);
    for (int i = 0; i < TAG_TRIES_MAX; i++) {
        for (int at = 0; at < TAG_CHARS; at++)
            run->tag[at] = chars[randombytes_uniform(sizeof(chars) - 1)];
        run->tag[TAG_CHARS] = '\0';
        if (!is_taken(run))
            return KIT_OK;
    }
    return kit_error_set(err, KIT_E_UNAVAILABLE, "%d tags in a row are taken in %.200s/devices",
                         TAG_TRIES_MAX, run->system.data);
}

/* ---- variables that are there from the beginning ---- */

static void set_variables(struct sim_run *run)
{
    char label[SIM_TAG_SIZE];

    for (size_t i = 0; i < sizeof(label); i++)
        label[i] = run->tag[i] >= 'a' && run->tag[i] <= 'z' ? (char)(run->tag[i] - 'a' + 'A')
                                                            : run->tag[i];
    cJSON *about = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(about, "tag", run->tag);
    (void)cJSON_AddStringToObject(about, "label", label);
    (void)cJSON_AddNumberToObject(about, "seed", (double)run->seed);
    sim_vars_set_take(&run->vars, "run", about);
    for (size_t i = 0; i < run->device_count; i++) {
        cJSON *device = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(device, "id", run->devices[i]->id);
        (void)cJSON_AddStringToObject(device, "label", run->devices[i]->label);
        sim_vars_set_take(&run->vars, run->devices[i]->name, device);
    }
}

/* ---- the system ---- */

static int test_observer(struct sim_run *run, void *arg, struct kit_error *err)
{
    (void)arg;
    (void)kit_error_set(err, KIT_E_UNAVAILABLE, "the broker on port %d %s", run->system.mqtt_port,
                        run->observer.is_refused ? "refuses our user or password"
                                                 : "does not answer");
    return run->observer.is_ready ? 1 : run->observer.is_refused ? -1 : 0;
}

static int reach(struct sim_run *run, struct kit_error *err)
{
    cJSON *body = NULL;
    long status = 0;

    struct sim_part http = sim_http_part(&run->http);
    struct sim_part observer = sim_observer_part(&run->observer);
    int rc = sim_http_init(&run->http, run->system.base_port, err);
    const struct sim_observer_setup setup = { .port = run->system.mqtt_port,
                                              .user = run->system.operator.user,
                                              .password = run->system.password,
                                              .on_message = sim_run_on_message,
                                              .on_sight = sim_run_on_sight,
                                              .owner = run };
    if (rc == KIT_OK)
        rc = sim_observer_open(&run->observer, &setup, err);
    if (rc != KIT_OK)
        return rc;
    sim_loop_add(&run->loop, &http);
    sim_loop_add(&run->loop, &observer);
    run->is_quiet_http = true;
    rc = sim_run_http(run, "GET", "/products?size=1", NULL, &status, &body, err);
    run->is_quiet_http = false;
    cJSON_Delete(body);
    if (rc == KIT_OK && status != 200)
        rc = kit_error_set(err, KIT_E_UNAVAILABLE, "it answers with %ld", status);
    if (rc == KIT_OK)
        rc = sim_run_wait(run, CONNECT_MS, test_observer, NULL, err);
    if (rc == KIT_OK)
        return KIT_OK;
    char why[KIT_ERROR_TEXT_SIZE];
    kit_text_copy(why, sizeof(why), err->text);
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "Lockstock does not run at %s (%.100s): start it with deploy/up --data "
                         "%.100s",
                         run->http.base, why, run->system.data);
}

/* ---- devices ---- */

static int test_ended(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_child *child = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_TIMEOUT, "it still runs");
    return child->has_ended;
}

/* remove: "--remove", or NULL to add it. */
static int start_add_device(struct sim_run *run, const struct sim_device *device,
                            const char *remove, struct sim_child *child, struct kit_error *err)
{
    char program[SIM_FILE_SIZE], log[SIM_FILE_SIZE + 32];
    const char *argv[] = { program,
                           device->is_locker ? "locker" : "scanner",
                           device->id,
                           "--data",
                           run->system.data,
                           remove,
                           NULL };

    *child = (struct sim_child){ .out_fd = -1 };
    (void)snprintf(program, sizeof(program), "%s/add-device", run->system.deploy);
    (void)snprintf(log, sizeof(log), ADD_DEVICE_LOG, run->dir);
    return sim_child_start(child, argv, log, err);
}

static int add_device(struct sim_run *run, struct sim_device *device, struct kit_error *err)
{
    struct sim_child child;

    struct sim_part part = sim_child_part(&child);
    if (run->system.deploy[0] == '\0')
        return kit_error_set(
            err, KIT_E_UNAVAILABLE,
            "device %s is to be added, but there is no folder deploy/ here, beside "
            "this program, or above one of them: name it with --deploy DIR",
            device->id);
    int rc = start_add_device(run, device, NULL, &child, err);
    if (rc != KIT_OK)
        return rc;
    device->is_added = true; /* perhaps in part, when it is interrupted */
    sim_loop_add(&run->loop, &part);
    rc = sim_run_wait(run, ADD_DEVICE_MS, test_ended, &child, err);
    sim_loop_remove(&run->loop, &child);
    sim_child_kill(&child);
    if (rc == KIT_OK && !(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0))
        rc = kit_error_set(err, KIT_E_UNAVAILABLE, "it says no; see " ADD_DEVICE_LOG, run->dir);
    return rc == KIT_OK ? KIT_OK : kit_error_wrap(err, rc, "deploy/add-device %s", device->id);
}

/* Its name carries the tag of this run: nobody will use it again. Also after Ctrl-C. */
static void remove_device(struct sim_run *run, struct sim_device *device)
{
    const int64_t until_ms = sim_now_ms() + ADD_DEVICE_MS;
    struct sim_child child;
    struct kit_error err = { 0 };

    struct sim_part part = sim_child_part(&child);
    if (start_add_device(run, device, "--remove", &child, &err) == KIT_OK) {
        sim_loop_add(&run->loop, &part);
        while (!child.has_ended && sim_now_ms() < until_ms)
            sim_loop_turn(&run->loop, until_ms);
        sim_loop_remove(&run->loop, &child);
        sim_child_kill(&child);
    }
    if (sim_system_device_files(&run->system, device->id, device->key, device->password))
        (void)fprintf(stderr, "lockstock-sim: %s stays: deploy/add-device %s %s --remove failed\n",
                      device->id, device->is_locker ? "locker" : "scanner", device->id);
}

static const char *real_port(const struct sim_options *options, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < options->port_count; i++) {
        if (strncmp(options->ports[i], name, size) == 0 && options->ports[i][size] == '=')
            return options->ports[i] + size + 1;
    }
    return NULL;
}

/* A real port that is not there would only show as a person who waits in vain. */
static int check_port(const char *name, const char *port, struct kit_error *err)
{
    struct stat about;

    if (stat(port, &about) != 0 || access(port, R_OK | W_OK) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the serial port of %s, '%.200s': %s", name,
                             port, strerror(errno));
    if (!S_ISCHR(about.st_mode))
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the serial port of %s, '%.200s', is none",
                             name, port);
    return KIT_OK;
}

static int check_ports(const struct sim_run *run, struct kit_error *err)
{
    const cJSON *spec = NULL;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        const char *name = sim_json_text(spec, "id"), *port = real_port(run->options, name);
        port = port != NULL ? port : sim_json_text(spec, "port");
        int rc = port != NULL ? check_port(name, port, err) : KIT_OK;
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int open_device(struct sim_run *run, const cJSON *spec, struct kit_error *err)
{
    struct sim_device_setup setup = { .spec = spec,
                                      .port = real_port(run->options, sim_json_text(spec, "id")),
                                      .tag = run->options->keep_names ? "" : run->tag,
                                      .dir = run->dir,
                                      .seed = run->seed,
                                      .system = &run->system,
                                      .loop = &run->loop,
                                      .listener = sim_run_device_listener(run) };
    struct sim_device *device = calloc(1, sizeof(*device));

    CHECK(device != NULL && run->device_count < SIM_DEVICES_MAX);
    run->devices[run->device_count++] = device;
    int rc = sim_device_open(device, &setup, err);
    if (rc == KIT_OK &&
        !sim_system_device_files(&run->system, device->id, device->key, device->password))
        rc = add_device(run, device, err);
    return rc == KIT_OK ? sim_device_start(device, err) : rc;
}

static int test_online(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_UNAVAILABLE, "nothing has come from it; see %.200s",
                        device->log);
    return device->traffic.epoch[0] != '\0';
}

static int open_devices(struct sim_run *run, struct kit_error *err)
{
    const cJSON *spec = NULL;
    int rc = KIT_OK;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        if (rc == KIT_OK)
            rc = open_device(run, spec, err);
    }
    for (size_t i = 0; i < run->device_count && rc == KIT_OK; i++) {
        rc = sim_run_wait(run, ONLINE_MS, test_online, run->devices[i], err);
        if (rc != KIT_OK)
            rc = kit_error_wrap(err, rc, "device %s is not connected", run->devices[i]->name);
    }
    return rc;
}

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
static int check_options(const struct sim_scenario *scenario, const struct sim_options *options,
                         struct kit_error *err)
{
    if (options->until != NULL && !has_step(scenario->steps, options->until))
        return kit_error_set(err, KIT_E_INVALID, "no step is named \"%.100s\": see --until",
                             options->until);
    for (size_t i = 0; i < options->port_count; i++) {
        char id[SIM_DEVICE_ID_SIZE];
        (void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(options->ports[i], "="),
                       options->ports[i]);
        if (sim_scenario_find_device(scenario, id) == NULL)
            return kit_error_set(err, KIT_E_INVALID, "no device is named \"%s\": see --device", id);
    }
    return KIT_OK;
}

int sim_run_open(struct sim_run *run, enum sim_exit *ret_exit, struct kit_error *err)
{
    const struct sim_options *options = run->options;

    *ret_exit = SIM_EXIT_UNREACHABLE;
    run->seed = options->seed >= 0 ? options->seed : run->scenario->seed;
    run->deadline_ms = sim_now_ms() + run->scenario->time_limit_ms;
    sim_report_init(&run->report, sim_now_ms(), sim_wall_ms());
    sim_vars_init(&run->vars);
    int rc = check_options(run->scenario, options, err);
    if (rc == KIT_OK)
        rc = check_ports(run, err);
    if (rc == KIT_OK)
        rc = sim_system_open(&run->system, options->data, options->bin, options->deploy, err);
    if (rc == KIT_OK)
        rc = make_tag(run, err);
    if (rc == KIT_OK)
        rc = reach(run, err);
    if (rc == KIT_OK)
        rc = sim_run_check_system(run, err);
    if (rc == KIT_OK)
        rc = make_report_dir(run, err);
    if (rc == KIT_OK)
        rc = open_devices(run, err);
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
    for (size_t i = 0; i < run->device_count; i++) {
        sim_device_close(run->devices[i]);
        if (run->devices[i]->is_added && !run->options->keep_names)
            remove_device(run, run->devices[i]);
    }
    sim_observer_close(&run->observer); /* it tells of devices */
    for (size_t i = 0; i < run->device_count; i++)
        free(run->devices[i]);
    run->device_count = 0;
    if (run->http.multi != NULL)
        sim_http_done(&run->http);
    sim_report_done(&run->report);
    sim_vars_done(&run->vars);
    sim_system_close(&run->system); /* who comes next may have our name now */
}
