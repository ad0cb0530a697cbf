/* Putting a device together; see device.h. */
#include "world/device.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "scenario/match.h"

#define ARG_SIZE SIM_FILE_SIZE
#define GOODS_PATH_SIZE (SIM_FILE_SIZE + 8)
#define GOODS "goods"

static void on_proxy(void *self, enum sim_proxy_event event, const struct sim_publish *publish)
{
    struct sim_device *device = self;

    if (event == SIM_PROXY_FROM_DEVICE &&
        sim_topic_matches("lockstock/v1/device/+/+/+/up", publish->topic))
        sim_traffic_on_up(&device->traffic, publish->payload, publish->payload_size);
    if (event == SIM_PROXY_TO_DEVICE && sim_leaf_of(publish->topic) == SIM_LEAF_ACK)
        sim_traffic_on_ack(&device->traffic, publish->payload, publish->payload_size);
    device->listener.on_proxy(device->listener.self, device, event, publish);
}

/* "panel <signal> <text>"; other lines are the firmware's own affair. */
static void on_line(void *owner, const char *line)
{
    struct sim_device *device = owner;
    char signal[SIM_PANEL_SIZE];

    if (strncmp(line, "panel ", 6) != 0)
        return;
    size_t size = strcspn(line + 6, " ");
    (void)snprintf(signal, sizeof(signal), "%.*s", (int)size, line + 6);
    const char *text = line + 6 + size;
    device->listener.on_panel(device->listener.self, device, signal,
                              *text == ' ' ? text + 1 : text);
}

static void on_end(void *owner, int status)
{
    struct sim_device *device = owner;
    device->listener.on_end(device->listener.self, device, status);
}

static void on_physics(void *self, const struct sim_event *event)
{
    struct sim_device *device = self;
    device->listener.on_physics(device->listener.self, device, event);
}

static enum sim_suffix find_suffix(const char *name)
{
    static const char *const names[] = { [SIM_SUFFIX_CR] = "cr",
                                         [SIM_SUFFIX_LF] = "lf",
                                         [SIM_SUFFIX_CRLF] = "crlf",
                                         [SIM_SUFFIX_NONE] = "none" };
    for (size_t i = 0; i < KIT_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return (enum sim_suffix)i;
    }
    UNREACHABLE("suffix"); /* the schema lists them */
}

static int open_reader(struct sim_device *device, struct kit_error *err)
{
    struct sim_scanner_options options = sim_scanner_options_default();
    struct sim_listener listener = { .fn = on_physics, .self = device };
    const char *suffix = sim_json_text(device->spec, "suffix");
    const char *aim = sim_json_text(device->spec, "aim");
    char name[SIM_NAME_SIZE];

    (void)snprintf(name, sizeof(name), "%s%s", device->name, device->is_locker ? " keypad" : "");
    int rc = sim_scanner_open(&device->reader, name, &listener, err);
    if (rc != KIT_OK)
        return rc;
    if (suffix != NULL)
        options.suffix = find_suffix(suffix);
    kit_text_copy(options.symbology, sizeof(options.symbology), aim != NULL ? aim : "");
    options.byte_gap_ms = sim_json_int(device->spec, "byteGapMs", 0);
    options.bounce_count = (uint32_t)sim_json_int(device->spec, "bounce", 0);
    options.bounce_after_ms = sim_json_int(device->spec, "bounceMs", 100);
    sim_scanner_set_options(&device->reader, &options);
    struct sim_model model = sim_scanner_model(&device->reader);
    sim_loop_add_model(device->loop, &model);
    return KIT_OK;
}

static int open_board(struct sim_device *device, const cJSON *spec, int64_t seed,
                      struct kit_error *err)
{
    size_t index = device->board_count;
    struct sim_board *board = &device->boards[index];
    struct sim_listener listener = { .fn = on_physics, .self = device };
    const char *polarity = sim_json_text(device->spec, "polarity");
    bool is_cu16 = strcmp(sim_json_text(spec, "type"), "cu16") == 0;
    struct sim_board_options options = sim_board_options_default(is_cu16 ? SIM_BOARD_CU16
                                                                         : SIM_BOARD_CU12);
    char name[SIM_NAME_SIZE];

    options.address = (uint8_t)sim_json_int(spec, "address", 0);
    options.is_hook_inverted = polarity != NULL && strcmp(polarity, "hook-inverted") == 0;
    options.is_presence_inverted = polarity != NULL && strcmp(polarity, "presence-inverted") == 0;
    (void)snprintf(name, sizeof(name), "%s board %zu", device->name, index);
    int rc = sim_branch_open(&device->branches[index], name, &listener, err);
    if (rc != KIT_OK)
        return rc;
    device->board_count++;
    sim_board_init(board, name, &options, (uint64_t)seed, &listener);
    struct sim_model model = sim_branch_model(&device->branches[index]);
    sim_loop_add_model(device->loop, &model);
    return sim_branch_add(&device->branches[index], board, err);
}

static int wire_compartments(struct sim_device *device, struct kit_error *err)
{
    const char *sizes = sim_json_text(device->spec, "compartments");
    size_t wanted = strlen(sizes);
    struct sim_compartment_options options = sim_compartment_options_default();
    struct sim_listener listener = { .fn = on_physics, .self = device };

    for (size_t i = 0; i < device->board_count; i++) {
        uint32_t locks = sim_board_lock_count(device->boards[i].options.kind);
        locks = (uint32_t)sim_json_int(device->spec, "locksPerBoard", locks);
        for (uint32_t lock = 1; lock <= locks && device->compartment_count < wanted; lock++) {
            struct sim_compartment *box = &device->compartments[device->compartment_count++];
            char name[SIM_NAME_SIZE];
            (void)snprintf(name, sizeof(name), "%s/%02zu", device->name, device->compartment_count);
            sim_compartment_init(box, name, &options, &listener);
            sim_board_wire(&device->boards[i], lock, box);
        }
    }
    if (device->compartment_count < wanted)
        return kit_error_set(err, KIT_E_INVALID,
                             "locker %s has %zu compartments, but its boards have only %zu locks",
                             device->name, wanted, device->compartment_count);
    return KIT_OK;
}

static int open_boards(struct sim_device *device, int64_t seed, struct kit_error *err)
{
    const cJSON *board = NULL;

    cJSON_ArrayForEach(board, sim_json_get(device->spec, "boards"))
    {
        int rc = open_board(device, board, seed, err);
        if (rc != KIT_OK)
            return rc;
    }
    return wire_compartments(device, err);
}

static int open_hardware(struct sim_device *device, int64_t seed, struct kit_error *err)
{
    if (!device->is_locker)
        return device->port != NULL ? KIT_OK : open_reader(device, err);
    int rc = open_reader(device, err);
    if (rc != KIT_OK)
        return rc;
    return open_boards(device, seed, err);
}

static void name_files(struct sim_device *device, const struct sim_device_setup *setup)
{
    (void)snprintf(device->id, sizeof(device->id), "%s%s%s", device->name,
                   setup->tag[0] != '\0' ? "-" : "", setup->tag);
    for (size_t i = 0; i < sizeof(device->label) && device->id[i] != '\0'; i++)
        device->label[i] = (char)toupper((unsigned char)device->id[i]);
    (void)sim_system_device_files(setup->system, device->id, device->key, device->password);
    (void)snprintf(device->flash, sizeof(device->flash), "%s/%s.flash", setup->dir, device->id);
    (void)snprintf(device->log, sizeof(device->log), "%s/%s.log", setup->dir, device->id);
    if (!setup->keeps_state)
        (void)unlink(device->flash); /* from an earlier run into the same folder */
    (void)unlink(device->log);
}

/* ---- what lies in the compartments, from one run to the next ---- */

/* "0100...": how many things lie in each compartment, at most nine. */
static void name_goods(const struct sim_device *device, char ret_path[GOODS_PATH_SIZE])
{
    (void)snprintf(ret_path, GOODS_PATH_SIZE, "%s.goods", device->flash);
}

void sim_device_keep(const struct sim_device *device)
{
    char path[GOODS_PATH_SIZE], aside[GOODS_PATH_SIZE + 8];

    if (!device->keeps_state || !device->is_locker)
        return;
    name_goods(device, path);
    (void)snprintf(aside, sizeof(aside), "%s.new", path);
    FILE *file = fopen(aside, "w");
    if (file == NULL)
        return;
    for (size_t i = 0; i < device->compartment_count; i++)
        (void)fputc('0' + (int)device->compartments[i].object_count, file);
    (void)fputc('\n', file);
    if (fclose(file) == 0)
        (void)rename(aside, path);
}

/* Before the firmware starts: its sensors see it at once. */
static void recall(struct sim_device *device)
{
    char path[GOODS_PATH_SIZE], line[SIM_DEVICE_COMPARTMENTS_MAX + 2];

    if (!device->keeps_state || !device->is_locker)
        return;
    name_goods(device, path);
    if (!sim_read_line(path, line, sizeof(line)))
        return;
    for (size_t i = 0; i < device->compartment_count && line[i] >= '0' && line[i] <= '9'; i++) {
        struct sim_compartment *box = &device->compartments[i];
        for (int n = line[i] - '0'; n > 0 && box->object_count < SIM_OBJECTS_MAX; n--)
            kit_text_copy(box->objects[box->object_count++], SIM_OBJECT_SIZE, GOODS);
    }
}

int sim_device_open(struct sim_device *device, const struct sim_device_setup *setup,
                    struct kit_error *err)
{
    device->spec = setup->spec;
    device->name = sim_json_text(setup->spec, "id");
    device->port = setup->port;
    device->keeps_state = setup->keeps_state;
    device->is_locker = strcmp(sim_json_text(setup->spec, "kind"), "locker") == 0;
    device->system = setup->system;
    device->loop = setup->loop;
    device->listener = setup->listener;
    device->firmware =
        (struct sim_child){ .out_fd = -1, .on_line = on_line, .on_end = on_end, .owner = device };
    device->proxy.listen_fd = -1;
    name_files(device, setup);
    int rc = sim_proxy_open(&device->proxy, setup->system->mqtt_port, on_proxy, device, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "device %s", device->name);
    struct sim_part proxy = sim_proxy_part(&device->proxy);
    struct sim_part firmware = sim_child_part(&device->firmware);
    sim_loop_add(device->loop, &proxy);
    sim_loop_add(device->loop, &firmware);
    rc = open_hardware(device, setup->seed, err);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "device %s", device->name);
    recall(device);
    return KIT_OK;
}

void sim_device_close(struct sim_device *device)
{
    if (device->loop == NULL)
        return;
    sim_loop_remove(device->loop, &device->proxy);
    sim_loop_remove(device->loop, &device->firmware);
    sim_loop_remove(device->loop, &device->reader);
    sim_child_stop(&device->firmware);
    for (size_t i = 0; i < device->board_count; i++) {
        sim_loop_remove(device->loop, &device->branches[i]);
        sim_branch_close(&device->branches[i]);
    }
    if (device->reader.name[0] != '\0')
        sim_scanner_close(&device->reader);
    if (device->proxy.on_event != NULL)
        sim_proxy_close(&device->proxy);
    sim_traffic_done(&device->traffic);
    device->loop = NULL;
}

/* The command line of the firmware. */
struct args {
    const char *list[SIM_CHILD_ARGS_MAX];
    size_t count;
    char texts[SIM_CHILD_ARGS_MAX][ARG_SIZE]; /* what list points to */
};

KIT_FORMAT(2, 3)
static void add(struct args *args, const char *format, ...)
{
    va_list values;

    CHECK(args->count + 1 < SIM_CHILD_ARGS_MAX);
    va_start(values, format);
    (void)vsnprintf(args->texts[args->count], ARG_SIZE, format, values);
    va_end(values);
    args->list[args->count] = args->texts[args->count];
    args->count++;
}

static void add_option(struct args *args, const char *option, const char *value)
{
    add(args, "%s", option);
    add(args, "%s", value);
}

/* An option of the firmware that a member of the scenario sets. */
static void add_number(struct args *args, const cJSON *spec, const char *member, const char *option)
{
    int64_t value = sim_json_int(spec, member, -1);
    if (value < 0)
        return;
    add(args, "%s", option);
    add(args, "%lld", (long long)value);
}

static void add_locker(struct args *args, const struct sim_device *device)
{
    const cJSON *spec = device->spec;
    const char *polarity = sim_json_text(spec, "polarity");

    add_option(args, "--key", device->key);
    add_option(args, "--compartments", sim_json_text(spec, "compartments"));
    for (size_t i = 0; i < device->board_count; i++) {
        const struct sim_board_options *options = &device->boards[i].options;
        add(args, "--board");
        add(args, "%s:%s:%d", options->kind == SIM_BOARD_CU16 ? "cu16" : "cu12",
            device->port != NULL ? device->port : device->branches[i].pty.path, options->address);
    }
    if (polarity != NULL && strcmp(polarity, "normal") != 0)
        add(args, "--%s", polarity);
    add_number(args, spec, "locksPerBoard", "--locks-per-board");
    add_number(args, spec, "doorJamMs", "--door-jam-ms");
    add_number(args, spec, "doorRemindMs", "--door-remind-ms");
    add_number(args, spec, "doorEscalateMs", "--door-escalate-ms");
    add_number(args, spec, "doorAlarmMs", "--door-alarm-ms");
}

int sim_device_start(struct sim_device *device, struct kit_error *err)
{
    bool is_real = !device->is_locker && device->port != NULL;
    struct args args = { .count = 0 };

    add(&args, "%s/lockstock-%s", device->system->bin, sim_device_kind(device));
    add_option(&args, "--id", device->id);
    add_option(&args, "--site", "main");
    add_option(&args, "--flash", device->flash);
    add(&args, "--broker");
    add(&args, "127.0.0.1:%d", device->proxy.port);
    add_option(&args, "--password-file", device->password);
    add_option(&args, "--port", is_real ? device->port : device->reader.pty.path);
    add_number(&args, device->spec, "deadTimeMs", "--dead-time-ms");
    if (device->is_locker)
        add_locker(&args, device);
    int rc = sim_child_start(&device->firmware, args.list, device->log, err);
    if (rc != KIT_OK)
        return rc;
    device->listener.on_start(device->listener.self, device);
    return KIT_OK;
}

const char *sim_device_kind(const struct sim_device *device)
{
    return device->is_locker ? "locker" : "scanner";
}

struct sim_compartment *sim_device_compartment(struct sim_device *device, int64_t number)
{
    return number >= 1 && (size_t)number <= device->compartment_count
               ? &device->compartments[number - 1]
               : NULL;
}

int64_t sim_device_request_count(const struct sim_device *device)
{
    uint64_t count = 0;
    for (size_t i = 0; i < device->board_count; i++)
        count += device->boards[i].counts.status + device->boards[i].counts.unlock;
    return (int64_t)count;
}

int64_t sim_device_fault_count(const struct sim_device *device)
{
    uint64_t count = 0;
    for (size_t i = 0; i < device->board_count; i++)
        count += device->boards[i].counts.faults;
    return (int64_t)count;
}
