/* What devices, models and the broker tell, as entries of the report. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "play/run_parts.h"
#include "scenario/match.h"

#define VERBOSE_BYTES_MAX 200 /* of a payload that --verbose shows */

/* The person who reads the panel: the last user of the device, or else the actor whose scanner it
 * is. */
static const char *find_reader(const struct sim_run *run, const struct sim_device *device)
{
    const cJSON *actor = NULL;

    if (device->shown_to != NULL)
        return device->shown_to;
    cJSON_ArrayForEach(actor, run->scenario->actors)
    {
        const char *scanner = sim_json_text(actor, "scanner");
        if (scanner != NULL && strcmp(scanner, device->name) == 0)
            return sim_json_text(actor, "name");
    }
    return NULL;
}

static void on_panel(void *self, struct sim_device *device, const char *signal, const char *text)
{
    struct sim_run *run = self;
    const char *quote = text[0] != '\0' ? "\"" : "";

    device->panel_count++;
    sim_entry_say(sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_PANEL, device->id,
                                 find_reader(run, device)),
                  signal, text, strlen(text));
    if (device == run->step.device)
        (void)snprintf(run->step.answer, sizeof(run->step.answer), "%s%s%s%.250s%s", signal,
                       text[0] != '\0' ? " " : "", quote, text, quote);
    if (run->options->is_verbose)
        (void)printf("    %s shows %s: %s\n", device->name, signal, text);
}

/* Messages are reported when the observer sees them at the broker; here only what it cannot see. */
static void on_proxy(void *self, struct sim_device *device, enum sim_proxy_event event,
                     const struct sim_publish *publish)
{
    struct sim_run *run = self;

    switch (event) {
    case SIM_PROXY_UP:
        sim_run_report(run, SIM_ENTRY_LINK, device->id, "connects");
        break;
    case SIM_PROXY_DOWN:
        sim_run_report(run, SIM_ENTRY_LINK, device->id, "connection ended");
        break;
    case SIM_PROXY_HELD:
        sim_entry_say(sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_LINK, device->id, NULL),
                      "kept back", publish->topic, strlen(publish->topic));
        break;
    case SIM_PROXY_FROM_DEVICE:
        if (sim_topic_matches("lockstock/v1/device/+/+/+/up", publish->topic))
            sim_traffic_keep_up(&device->traffic, run->report.count, publish->payload,
                                publish->payload_size);
        break;
    case SIM_PROXY_TO_DEVICE:
        break;
    }
}

/* Polls of lock boards come ten times a second and tell nothing that the doors do not: they are
 * left out. The actor of the step sends the line. Events of a scan head or keypad go under the id
 * of the device; doors and boards keep names of their own. */
static void on_physics(void *self, struct sim_device *device, const struct sim_event *event)
{
    struct sim_run *run = self;
    const char *detail = event->detail[0] != '\0' ? event->detail : NULL;
    const char *from = event->model, *to = NULL;

    if (event->kind == SIM_EVENT_POLL)
        return;
    if (event->kind == SIM_EVENT_LINE_SENT && run->step.actor != NULL) {
        from = run->step.actor;
        to = device->id;
    } else if (strcmp(event->model, device->reader.name) == 0) {
        from = device->id;
    }
    sim_entry_say(sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_PHYSICS, from, to),
                  sim_event_kind_name(event->kind), detail, strlen(event->detail));
}

static void on_start(void *self, struct sim_device *device)
{
    sim_run_report(self, SIM_ENTRY_PROCESS, device->id, "firmware starts");
}

/* No step of a scenario ends firmware in this way: the run fails for this reason. */
static void on_end(void *self, struct sim_device *device, int status)
{
    struct sim_run *run = self;
    char *failure = run->world.failure;

    (void)snprintf(failure, SIM_FAILURE_SIZE,
                   "the firmware of %s has ended by itself, with %s %d; see %.250s", device->name,
                   WIFSIGNALED(status) ? "signal" : "exit status",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), device->log);
    sim_run_report(run, SIM_ENTRY_PROCESS, device->id, failure);
}

struct sim_device_listener sim_run_device_listener(struct sim_run *run)
{
    return (struct sim_device_listener){ .on_panel = on_panel,
                                         .on_proxy = on_proxy,
                                         .on_physics = on_physics,
                                         .on_start = on_start,
                                         .on_end = on_end,
                                         .self = run };
}

/* Heads come up to twice a second from each source. */
static bool is_heartbeat(const char *topic)
{
    size_t size = strlen(topic);
    return size > 5 && strcmp(topic + size - 5, "/head") == 0;
}

/* lockstock/v1/device/<site>/<kind>/<device>/<leaf>: *ret_device is NULL for one that is not of
 * this run. False: another topic. */
static bool find_device(struct sim_run *run, const char *topic, struct sim_device **ret_device)
{
    char id[SIM_DEVICE_ID_SIZE];

    *ret_device = NULL;
    if (!sim_topic_matches("lockstock/v1/device/+/+/+/+", topic))
        return false;
    const char *end = strrchr(topic, '/');
    const char *start = end;
    while (start[-1] != '/')
        start--;
    if ((size_t)(end - start) >= sizeof(id))
        return true;
    (void)snprintf(id, sizeof(id), "%.*s", (int)(end - start), start);
    *ret_device = sim_world_find_id(&run->world, id);
    return true;
}

/* While the observer was away messages have passed that are in no report: their absence proves
 * nothing. */
void sim_run_on_sight(void *self, bool is_back)
{
    struct sim_run *run = self;

    sim_run_report(run, SIM_ENTRY_LINK, "observer",
                   is_back ? "sees the broker again"
                           : "has lost the broker: what passes now is not in this report");
    run->report.complete_from = run->report.count;
}

void sim_run_on_message(void *self, const struct sim_mqtt_message *message)
{
    struct sim_run *run = self;
    const char *topic = message->topic;
    struct sim_device *device = NULL;

    if (is_heartbeat(topic))
        return;
    bool is_of_device = find_device(run, topic, &device);
    if (device != NULL && sim_topic_matches("lockstock/v1/device/+/locker/+/config", topic))
        sim_traffic_on_config(&device->traffic, message->payload, message->size);
    if (message->is_retained || (is_of_device && device == NULL))
        return; /* from before, or of a device of somebody else */
    sim_entry_say(sim_report_add(&run->report, sim_now_ms(), SIM_ENTRY_MQTT, NULL, NULL), topic,
                  message->payload, message->size);
    if (run->options->is_verbose)
        (void)printf("    %s %.*s\n", topic,
                     message->size > VERBOSE_BYTES_MAX ? VERBOSE_BYTES_MAX : (int)message->size,
                     (const char *)message->payload);
}
