/* The devices of a run: rights at the broker, the firmware, and their end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "play/run_parts.h"

#define ADD_DEVICE_MS 30000
#define ADD_DEVICE_LOG "%.300s/add-device.log"
#define ONLINE_MS 20000

/* ---- rights: deploy/add-device ---- */

static int test_ended(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_child *child = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_TIMEOUT, "it still runs");
    return child->has_ended;
}

/* option: "--remove", or NULL to add the device. */
static int start_add_device(struct sim_run *run, const struct sim_device *device,
                            const char *option, struct sim_child *child, struct kit_error *err)
{
    const struct sim_system *system = &run->world.system;
    char program[SIM_FILE_SIZE], log[SIM_FILE_SIZE + 32];
    const char *argv[] = {
        program, sim_device_kind(device), device->id, "--data", system->data, option, NULL
    };

    *child = (struct sim_child){ .out_fd = -1 };
    (void)snprintf(program, sizeof(program), "%s/add-device", system->deploy);
    (void)snprintf(log, sizeof(log), ADD_DEVICE_LOG, run->world.dir);
    int rc = sim_child_start(child, argv, log, err);
    if (rc != KIT_OK)
        return rc;
    struct sim_part part = sim_child_part(child);
    sim_loop_add(&run->world.loop, &part);
    return KIT_OK;
}

static void end_add_device(struct sim_run *run, struct sim_child *child)
{
    sim_loop_remove(&run->world.loop, child);
    sim_child_kill(child);
}

static int add_device(struct sim_run *run, struct sim_device *device, struct kit_error *err)
{
    struct sim_child child;

    if (run->world.system.deploy[0] == '\0')
        return kit_error_set(
            err, KIT_E_UNAVAILABLE,
            "device %s is to be added, but there is no folder deploy/ here, beside "
            "this program, or above one of them: name it with --deploy DIR",
            device->id);
    int rc = start_add_device(run, device, NULL, &child, err);
    if (rc != KIT_OK)
        return rc;
    device->is_added = true; /* perhaps in part, when it is interrupted */
    rc = sim_run_wait(run, ADD_DEVICE_MS, test_ended, &child, err);
    end_add_device(run, &child);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "deploy/add-device %s", device->id);
    if (!WIFEXITED(child.status) || WEXITSTATUS(child.status) != 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "deploy/add-device %s: it says no; see " ADD_DEVICE_LOG, device->id,
                             run->world.dir);
    return KIT_OK;
}

/* Also after Ctrl-C. The id carries the tag of this run: nobody will use it again. */
static void remove_device(struct sim_run *run, struct sim_device *device)
{
    const int64_t until_ms = sim_now_ms() + ADD_DEVICE_MS;
    struct sim_child child;
    struct kit_error err = { 0 };

    if (start_add_device(run, device, "--remove", &child, &err) == KIT_OK) {
        while (!child.has_ended && sim_now_ms() < until_ms)
            sim_loop_turn(&run->world.loop, until_ms);
        end_add_device(run, &child);
    }
    if (sim_system_device_files(&run->world.system, device->id, device->key, device->password))
        (void)fprintf(stderr, "lockstock-sim: %s stays: deploy/add-device %s %s --remove failed\n",
                      device->id, sim_device_kind(device), device->id);
}

/* ---- real serial ports ---- */

/* The port that --device gives, or the scenario; NULL: the device is simulated. */
static const char *find_port(const struct sim_run *run, const cJSON *spec)
{
    const struct sim_options *options = run->options;
    const char *name = sim_json_text(spec, "id");
    size_t size = strlen(name);

    for (size_t i = 0; i < options->port_count; i++) {
        if (strncmp(options->ports[i], name, size) == 0 && options->ports[i][size] == '=')
            return options->ports[i] + size + 1;
    }
    return sim_json_text(spec, "port");
}

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

int sim_run_check_ports(struct sim_run *run, struct kit_error *err)
{
    const cJSON *spec = NULL;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        const char *port = find_port(run, spec);
        if (port == NULL)
            continue;
        int rc = check_port(sim_json_text(spec, "id"), port, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

/* ---- all of them ---- */

static int open_device(struct sim_run *run, const cJSON *spec, struct kit_error *err)
{
    struct sim_world *world = &run->world;
    struct sim_device_setup setup = { .spec = spec,
                                      .port = find_port(run, spec),
                                      .tag = run->options->keep_names ? "" : world->tag,
                                      .dir = world->dir,
                                      .keeps_state = run->options->keep_state,
                                      .seed = run->seed,
                                      .system = &world->system,
                                      .loop = &world->loop,
                                      .listener = sim_run_device_listener(run) };
    struct sim_device *device = calloc(1, sizeof(*device));

    CHECK(device != NULL && world->device_count < SIM_DEVICES_MAX);
    world->devices[world->device_count++] = device;
    int rc = sim_device_open(device, &setup, err);
    if (rc != KIT_OK)
        return rc;
    if (!sim_system_device_files(&world->system, device->id, device->key, device->password)) {
        rc = add_device(run, device, err);
        if (rc != KIT_OK)
            return rc;
    }
    return sim_device_start(device, err);
}

static int test_online(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_UNAVAILABLE, "nothing has come from it; see %.200s",
                        device->log);
    return device->traffic.epoch[0] != '\0';
}

int sim_run_open_devices(struct sim_run *run, struct kit_error *err)
{
    const cJSON *spec = NULL;

    cJSON_ArrayForEach(spec, run->scenario->devices)
    {
        int rc = open_device(run, spec, err);
        if (rc != KIT_OK)
            return rc;
    }
    for (size_t i = 0; i < run->world.device_count; i++) {
        struct sim_device *device = run->world.devices[i];
        int rc = sim_run_wait(run, ONLINE_MS, test_online, device, err);
        if (rc != KIT_OK)
            return kit_error_wrap(err, rc, "device %s is not connected", device->name);
    }
    return KIT_OK;
}

void sim_run_close_devices(struct sim_run *run)
{
    for (size_t i = 0; i < run->world.device_count; i++) {
        struct sim_device *device = run->world.devices[i];
        sim_device_close(device);
        if (device->is_added && !run->options->keep_names)
            remove_device(run, device);
    }
}
