/* What devices, models and the broker tell, as entries of the report. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "play/run_parts.h"
#include "scenario/match.h"

static struct sim_entry *entry(struct sim_run *run, enum sim_entry_kind kind, const char *from,
                               const char *to)
{
    return sim_report_add(&run->report, sim_now_ms(), kind, from, to);
}

/* Whoever used the device last reads what it shows; before that, whose scanner it is. */
static const char *reader_of(const struct sim_run *run, const struct sim_device *device)
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
    device->panel_count++;
    sim_entry_say(entry(run, SIM_ENTRY_PANEL, device->id, reader_of(run, device)), signal, text,
                  strlen(text));
    if (device == run->step_device)
        (void)snprintf(run->answer, sizeof(run->answer), "%s%s%.250s%s", signal,
                       text[0] != '\0' ? " \"" : "", text, text[0] != '\0' ? "\"" : "");
    if (run->options->is_verbose)
        (void)printf("    %s shows %s: %s\n", device->name, signal, text);
}

/* Messages that pass are reported as the broker carries them; here only what it does not see. */
static void on_proxy(void *self, struct sim_device *device, enum sim_proxy_event event,
                     const struct sim_publish *publish)
{
    struct sim_run *run = self;

    switch (event) {
    case SIM_PROXY_UP:
        sim_entry_say(entry(run, SIM_ENTRY_LINK, device->id, NULL), "connects", NULL, 0);
        break;
    case SIM_PROXY_DOWN:
        sim_entry_say(entry(run, SIM_ENTRY_LINK, device->id, NULL), "connection ended", NULL, 0);
        break;
    case SIM_PROXY_HELD:
        sim_entry_say(entry(run, SIM_ENTRY_LINK, device->id, NULL), "kept back", publish->topic,
                      strlen(publish->topic));
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

/* Polls of lock boards come ten times a second and tell nothing that the doors do not. A line is
 * sent by whoever acts now. A scan head or keypad is one with its device; doors and boards keep
 * their own names. */
static void on_physics(void *self, struct sim_device *device, const struct sim_event *event)
{
    struct sim_run *run = self;
    bool is_line = event->kind == SIM_EVENT_LINE_SENT && run->step_from != NULL;
    const char *detail = event->detail[0] != '\0' ? event->detail : NULL;

    if (event->kind == SIM_EVENT_POLL)
        return;
    const char *model = strcmp(event->model, device->reader.name) == 0 ? device->id : event->model;
    sim_entry_say(entry(run, SIM_ENTRY_PHYSICS, is_line ? run->step_from : model,
                        is_line ? device->id : NULL),
                  sim_event_kind_name(event->kind), detail, strlen(event->detail));
}

static void on_start(void *self, struct sim_device *device)
{
    sim_entry_say(entry(self, SIM_ENTRY_PROCESS, device->id, NULL), "firmware starts", NULL, 0);
}

/* Nothing in a scenario makes it end: whatever is expected after that, this is why it fails. */
static void on_end(void *self, struct sim_device *device, int status)
{
    struct sim_run *run = self;

    (void)snprintf(run->fallen, sizeof(run->fallen),
                   "the firmware of %s has ended by itself, with %s %d; see %.250s", device->name,
                   WIFSIGNALED(status) ? "signal" : "exit status",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), device->log);
    sim_entry_say(entry(run, SIM_ENTRY_PROCESS, device->id, NULL), run->fallen, NULL, 0);
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

/* Heads come twice a second from each source. */
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
    size_t size = (size_t)(end - start);
    if (size >= sizeof(id))
        return true;
    memcpy(id, start, size);
    id[size] = '\0';
    for (size_t i = 0; i < run->device_count; i++) {
        if (strcmp(run->devices[i]->id, id) == 0)
            *ret_device = run->devices[i];
    }
    return true;
}

/* Whatever has made it go: what passes now is in no report, and no absence can be told. */
void sim_run_on_sight(void *self, bool is_back)
{
    struct sim_run *run = self;

    sim_entry_say(entry(run, SIM_ENTRY_LINK, "observer", NULL),
                  is_back ? "sees the broker again"
                          : "has lost the broker: what passes now is not in this report",
                  NULL, 0);
    run->blind_until = run->report.count;
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
    sim_entry_say(entry(run, SIM_ENTRY_MQTT, NULL, NULL), topic, message->payload, message->size);
    if (run->options->is_verbose)
        (void)printf("    %s %.*s\n", topic, message->size > 200 ? 200 : (int)message->size,
                     (const char *)message->payload);
}
