/* The verb `fault`: what breaks, who attacks, and what is mended. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/verbs.h"

#define BROKER_BACK_MS 20000
#define HUNG_UP_MS 5000

struct fault {
    struct sim_run *run;
    const cJSON *step;
    struct sim_device *device; /* NULL: the broker */
    const struct fault_row *row;
};

struct fault_row {
    const char *what;
    int (*run)(const struct fault *fault, struct kit_error *err);
    int kind;                        /* of the board's, lock's or sensor's fault */
    void (*act)(struct sim_proxy *); /* what the link does */
};

/* ---- lock boards ---- */

static struct sim_board *find_board(const struct fault *fault, struct kit_error *err)
{
    int64_t index = sim_json_int(fault->step, "board", 0);
    if (index < (int64_t)fault->device->board_count)
        return &fault->device->boards[index];
    (void)kit_error_set(err, KIT_E_REFUSED, "locker %s has no such board", fault->device->name);
    return NULL;
}

static int add_board_fault(const struct fault *fault, struct kit_error *err)
{
    struct sim_board *board = find_board(fault, err);
    struct sim_fault add = { .kind = (enum sim_fault_kind)fault->row->kind,
                             .every_nth = (uint32_t)sim_json_int(fault->step, "every", 1),
                             .delay_ms = sim_json_int(fault->step, "delayMs", 500) };
    if (board == NULL)
        return KIT_E_REFUSED;
    if (!sim_board_add_fault(board, &add))
        return kit_error_set(err, KIT_E_REFUSED, "board of %s has too many faults: board-well",
                             fault->device->name);
    return KIT_OK;
}

/* A board that never answers has no power; when every n-th answer is missing, a contact is loose.
 */
static int silence_board(const struct fault *fault, struct kit_error *err)
{
    struct sim_board *board = find_board(fault, err);

    if (board == NULL)
        return KIT_E_REFUSED;
    if (sim_json_int(fault->step, "every", 1) > 1)
        return add_board_fault(fault, err);
    sim_board_set_dead(board, true);
    return KIT_OK;
}

static int mend_board(const struct fault *fault, struct kit_error *err)
{
    struct sim_board *board = find_board(fault, err);

    if (board == NULL)
        return KIT_E_REFUSED;
    sim_board_set_dead(board, false);
    sim_board_clear_faults(board);
    return KIT_OK;
}

/* ---- locks and sensors ---- */

static struct sim_compartment *find_box(const struct fault *fault, struct kit_error *err)
{
    struct sim_compartment *box = sim_device_compartment(
        fault->device, sim_json_int(fault->step, "compartment", 0));
    if (box == NULL)
        (void)kit_error_set(err, KIT_E_REFUSED, "locker %s has no such compartment",
                            fault->device->name);
    return box;
}

static int set_latch(const struct fault *fault, struct kit_error *err)
{
    struct sim_compartment *box = find_box(fault, err);
    if (box == NULL)
        return KIT_E_REFUSED;
    sim_compartment_set_latch_fault(box, (enum sim_latch_fault)fault->row->kind);
    return KIT_OK;
}

static int set_sensor(const struct fault *fault, struct kit_error *err)
{
    struct sim_compartment *box = find_box(fault, err);
    if (box == NULL)
        return KIT_E_REFUSED;
    sim_compartment_set_sensor_fault(box, (enum sim_sensor_fault)fault->row->kind);
    return KIT_OK;
}

/* ---- the link ---- */

static int act_on_link(const struct fault *fault, struct kit_error *err)
{
    (void)err;
    fault->row->act(&fault->device->proxy);
    return KIT_OK;
}

static int do_record(const struct fault *fault, struct kit_error *err)
{
    const char *leaf = sim_json_text(fault->step, "leaf");
    const char *variable = sim_json_text(fault->step, "save");
    struct sim_proxy *proxy = &fault->device->proxy;

    if (!sim_proxy_record(proxy, sim_leaf_of(leaf)))
        return kit_error_set(err, KIT_E_REFUSED, "%s has had no message on %s yet",
                             fault->device->name, leaf);
    const struct kit_buf *payload = &proxy->recorded[sim_leaf_of(leaf)].payload;
    cJSON *message = variable != NULL ? cJSON_ParseWithLength(payload->data, payload->size_bytes)
                                      : NULL;
    if (message != NULL)
        sim_vars_set_take(&fault->run->vars, variable, message);
    return KIT_OK;
}

static void print_topic(const struct sim_device *device, const char *leaf,
                        char ret_topic[SIM_TOPIC_SIZE])
{
    (void)snprintf(ret_topic, SIM_TOPIC_SIZE, "lockstock/v1/device/main/%s/%s/%s",
                   sim_device_kind(device), device->id, leaf);
}

/* What was said to one device is said to another, under the other's topic. */
static int replay_to(const struct fault *fault, const char *name, struct kit_error *err)
{
    const char *leaf = sim_json_text(fault->step, "leaf");
    struct sim_device *other = sim_world_find_device(&fault->run->world, name);
    struct sim_proxy *proxy = &fault->device->proxy;
    const struct kit_buf *payload = &proxy->recorded[sim_leaf_of(leaf)].payload;
    char topic[SIM_TOPIC_SIZE];

    print_topic(other, leaf, topic);
    if ((payload->max_bytes != 0 || sim_proxy_record(proxy, sim_leaf_of(leaf))) &&
        sim_proxy_forge(&other->proxy, topic, payload->data, payload->size_bytes))
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "%s has had no message on %s yet, or %s is away",
                         fault->device->name, leaf, name);
}

static int do_replay(const struct fault *fault, struct kit_error *err)
{
    const char *leaf = sim_json_text(fault->step, "leaf");
    const char *to = sim_json_text(fault->step, "to");

    if (to != NULL)
        return replay_to(fault, to, err);
    if (sim_proxy_replay(&fault->device->proxy, sim_leaf_of(leaf)))
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "%s has had no message on %s yet, or is not connected",
                         fault->device->name, leaf);
}

static int do_forge(const struct fault *fault, struct kit_error *err)
{
    const cJSON *payload = sim_json_get(fault->step, "payload");
    char topic[SIM_TOPIC_SIZE];

    print_topic(fault->device, sim_json_text(fault->step, "leaf"), topic);
    char *text = cJSON_IsString(payload) ? strdup(payload->valuestring)
                                         : cJSON_PrintUnformatted(payload);
    CHECK(text != NULL);
    bool ok = sim_proxy_forge(&fault->device->proxy, topic, text, strlen(text));
    free(text);
    if (!ok)
        return kit_error_set(err, KIT_E_REFUSED, "%s is not connected, or it does not fit",
                             fault->device->name);
    return KIT_OK;
}

/* ---- processes ---- */

/* The models have noticed that nobody holds their lines: what is typed from now on is lost. */
static int test_hung_up(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    bool is_there = device->reader.pty.has_peer;

    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "a serial line of %s is still open", device->name);
    for (size_t i = 0; i < device->board_count; i++)
        is_there = is_there || device->branches[i].pty.has_peer;
    return !is_there;
}

static int end_firmware(const struct fault *fault, struct kit_error *err)
{
    sim_child_kill(&fault->device->firmware);
    return sim_run_wait(fault->run, HUNG_UP_MS, test_hung_up, fault->device, err);
}

static int kill_firmware(const struct fault *fault, struct kit_error *err)
{
    if (fault->device->firmware.pid == 0)
        return kit_error_set(err, KIT_E_REFUSED, "the firmware of %s does not run",
                             fault->device->name);
    return end_firmware(fault, err);
}

static int start_firmware(const struct fault *fault, struct kit_error *err)
{
    if (fault->device->firmware.pid != 0)
        return kit_error_set(err, KIT_E_REFUSED, "the firmware of %s runs already",
                             fault->device->name);
    return sim_device_start(fault->device, err);
}

static int restart_firmware(const struct fault *fault, struct kit_error *err)
{
    int rc = end_firmware(fault, err);
    if (rc != KIT_OK)
        return rc;
    return sim_device_start(fault->device, err);
}

static int test_broker_back(struct sim_run *run, void *arg, struct kit_error *err)
{
    const int64_t *connects = arg;
    (void)kit_error_set(err, KIT_E_REFUSED, "the broker has not come back");
    return run->world.observer.is_ready && run->world.observer.connects > *connects;
}

/* Its supervisor starts it again. */
static int restart_broker(const struct fault *fault, struct kit_error *err)
{
    struct sim_run *run = fault->run;
    int64_t connects = run->world.observer.connects;
    pid_t pid = sim_system_broker_pid(&run->world.system);

    if (pid == 0 || kill(pid, SIGKILL) != 0)
        return kit_error_set(err, KIT_E_REFUSED, "the broker cannot be ended: %s",
                             pid == 0 ? "it does not run" : strerror(errno));
    int rc = sim_run_wait(run, BROKER_BACK_MS, test_broker_back, &connects, err);
    run->world.observer.short_count =
        0; /* our connection ended with the broker, not by another client */
    return rc;
}

static const struct fault_row rows[] = {
    { "board-silent", silence_board, SIM_FAULT_DROP, NULL },
    { "board-late", add_board_fault, SIM_FAULT_DELAY, NULL },
    { "board-garbled", add_board_fault, SIM_FAULT_GARBLE, NULL },
    { "board-truncated", add_board_fault, SIM_FAULT_TRUNCATE, NULL },
    { "board-noisy", add_board_fault, SIM_FAULT_NOISE, NULL },
    { "board-deaf", add_board_fault, SIM_FAULT_DEAF, NULL },
    { "board-refuses", add_board_fault, SIM_FAULT_REFUSE, NULL },
    { "board-well", mend_board, 0, NULL },
    { "lock-jammed", set_latch, SIM_LATCH_JAMMED, NULL },
    { "lock-well", set_latch, SIM_LATCH_OK, NULL },
    { "sensor-absent", set_sensor, SIM_SENSOR_STUCK_ABSENT, NULL },
    { "sensor-present", set_sensor, SIM_SENSOR_STUCK_PRESENT, NULL },
    { "sensor-well", set_sensor, SIM_SENSOR_OK, NULL },
    { "link-cut", act_on_link, 0, sim_proxy_cut },
    { "link-restore", act_on_link, 0, sim_proxy_restore },
    { "link-hold", act_on_link, 0, sim_proxy_hold },
    { "link-release", act_on_link, 0, sim_proxy_release },
    { "record", do_record, 0, NULL },
    { "replay", do_replay, 0, NULL },
    { "forge", do_forge, 0, NULL },
    { "firmware-kill", kill_firmware, 0, NULL },
    { "firmware-start", start_firmware, 0, NULL },
    { "firmware-restart", restart_firmware, 0, NULL },
    { "broker-restart", restart_broker, 0, NULL },
};

static const struct fault_row *find_row(const char *what)
{
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        if (strcmp(rows[i].what, what) == 0)
            return &rows[i];
    }
    return NULL;
}

int sim_verb_fault(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    const char *what = sim_json_text(step, "what"), *name = sim_json_text(step, "device");
    const struct fault_row *row = find_row(what);

    CHECK(row != NULL); /* the schema lists them */
    const struct fault fault = {
        .run = run, .step = step, .device = sim_world_find_device(&run->world, name), .row = row
    };
    if (fault.device == NULL && row->run != restart_broker)
        return kit_error_set(err, KIT_E_REFUSED, "there is no device %s", name);
    sim_run_report(run, SIM_ENTRY_LINK, fault.device != NULL ? fault.device->id : "mqtt", what);
    return row->run(&fault, err);
}
