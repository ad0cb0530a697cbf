/* Verbs at serial lines: scan, expect-verdict, type-code. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "play/verbs.h"
#include "scenario/label.h"

#define LINE_SIZE (SIM_LABEL_BYTES_MAX + 1)
#define QUEUE_WAIT_MS 30000
#define BY_HAND_MS 60000
/* Below the trigger's dead time: the same line again right after it is still a bounce. */
#define GLANCE_MS 400
#define READ_MS 2000 /* from the verdict at the device until it shows */

/* ---- which scanner, which bytes ---- */

static struct sim_device *find_scanner(struct sim_run *run, const cJSON *step)
{
    const char *device = sim_json_text(step, "device");
    const cJSON *actor = sim_scenario_find_actor(run->scenario, sim_json_text(step, "actor"));
    return sim_world_find_device(&run->world,
                                 device != NULL ? device : sim_json_text(actor, "scanner"));
}

static int print_compartment(struct sim_run *run, const cJSON *box, char *ret_line,
                             struct kit_error *err)
{
    struct sim_device *locker = NULL;
    int64_t number = sim_json_int(box, "compartment", 0);
    char value[SIM_LABEL_SIZE];

    int rc = sim_world_find_locker(&run->world, box, &locker, err);
    if (rc != KIT_OK)
        return rc;
    (void)snprintf(value, sizeof(value), "%s-%02" PRId64, locker->label, number);
    if (!sim_label_print("compartment", value, ret_line))
        return kit_error_set(err, KIT_E_REFUSED,
                             "%s does not fit on a label: choose a shorter id for the locker",
                             value);
    return KIT_OK;
}

static int print_label(struct sim_run *run, const cJSON *label, char *ret_line,
                       struct kit_error *err)
{
    const cJSON *what = label->child;
    char number[32];

    if (strcmp(what->string, "compartment") == 0)
        return print_compartment(run, what, ret_line, err);
    (void)snprintf(number, sizeof(number), "%.0f", cJSON_IsNumber(what) ? what->valuedouble : 0.0);
    const char *value = cJSON_IsNumber(what) ? number : what->valuestring;
    bool is_gtin = strcmp(what->string, "gtin") == 0;
    if (sim_label_print(what->string, value, ret_line))
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "\"%.40s\" cannot be printed on a label: %s", value,
                         is_gtin ? "a GTIN has 14 digits" : "it has 1 to 24 of 0-9, A-Z and -");
}

/* The bytes of the step's n-th scan, from 0; ret_line has LINE_SIZE. */
static int print_line(struct sim_run *run, const cJSON *step, int64_t n, char *ret_line,
                      struct kit_error *err)
{
    const char *raw = sim_json_text(step, "raw");
    const char *numbered = sim_json_text(step, "numbered");
    const cJSON *label = sim_json_get(step, "label");
    char value[SIM_LABEL_SIZE];

    if (raw != NULL) {
        kit_text_copy(ret_line, LINE_SIZE, raw);
        return KIT_OK;
    }
    if (numbered == NULL)
        return print_label(run, label, ret_line, err);
    (void)snprintf(value, sizeof(value), "%s%" PRId64, numbered, n + 1);
    if (!sim_label_print(label->child->string, value, ret_line))
        return kit_error_set(err, KIT_E_REFUSED, "\"%s\" cannot be printed on a label", value);
    return KIT_OK;
}

/* ---- scan ---- */

static int test_idle(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_scanner *scanner = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "%s has not sent everything", scanner->name);
    return sim_scanner_is_idle(scanner);
}

/* Nobody scans in front of a device that is just being switched on: its line must be open. */
static int test_listening(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    (void)run;
    if (device->firmware.pid == 0)
        return 1; /* switched off: what is sent is lost, as in life */
    (void)kit_error_set(err, KIT_E_REFUSED, "the firmware of %s does not open its serial line",
                        device->name);
    return device->reader.pty.has_peer;
}

/* What is awaited is new: more than `before` panel lines, records, or entries of the report. */
struct awaited {
    const struct sim_device *device;
    int64_t before;
};

static int test_shown(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct awaited *line = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "nothing is shown");
    return line->device->firmware.pid == 0 || line->device->panel_count > line->before;
}

/* The device listens, and its scanner has sent all that came before. */
static int await_ready(struct sim_run *run, struct sim_device *device, struct kit_error *err)
{
    int rc = sim_run_wait(run, QUEUE_WAIT_MS, test_listening, device, err);
    if (rc != KIT_OK)
        return rc;
    return sim_run_wait(run, QUEUE_WAIT_MS, test_idle, &device->reader, err);
}

/* count 2: the trigger is pulled twice, before anything could show. */
static int send_line(struct sim_run *run, struct sim_device *device, const char *line, int count,
                     struct kit_error *err)
{
    struct awaited shown = { .device = device, .before = device->panel_count };

    int rc = await_ready(run, device, err);
    if (rc != KIT_OK)
        return rc;
    for (int i = 0; i < count; i++) {
        if (!sim_scanner_scan(&device->reader, (const uint8_t *)line, strlen(line), sim_now_ms()))
            return kit_error_set(err, KIT_E_REFUSED, "a line of %zu bytes does not fit",
                                 strlen(line));
    }
    rc = sim_run_wait(run, QUEUE_WAIT_MS, test_idle, &device->reader, err);
    if (rc != KIT_OK)
        return rc;
    /* People look at the panel, and go on when it shows nothing: a bounce shows nothing. */
    rc = sim_run_wait(run, GLANCE_MS, test_shown, &shown, err);
    return rc == KIT_E_TIMEOUT ? KIT_OK : rc;
}

static int test_scanned(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct awaited *record = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "nobody has scanned it at %s", record->device->port);
    return record->device->traffic.record_count > record->before;
}

/* A real scanner: a real person must do it. */
static int ask_for_scan(struct sim_run *run, struct sim_device *device, const char *line,
                        struct kit_error *err)
{
    struct awaited record = { .device = device, .before = device->traffic.record_count };

    (void)printf("    please scan  %s  with the scanner at %s\n", line, device->port);
    (void)fflush(stdout);
    return sim_run_wait(run, BY_HAND_MS, test_scanned, &record, err);
}

/* ---- what comes back ---- */

static int test_verdict(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "%s has no verdict for it (%zu so far)", device->name,
                        device->traffic.verdict_count);
    return device->traffic.verdict_next < device->traffic.verdict_count;
}

/* The verdict that a step has taken last stands on the panel. */
static int test_read(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct awaited *entries = arg;
    const struct sim_device *device = entries->device;
    const struct sim_verdict *verdict = &device->traffic.verdicts[device->traffic.verdict_next - 1];

    (void)kit_error_set(err, KIT_E_REFUSED, "the verdict is not shown");
    if (device->firmware.pid == 0)
        return 1; /* switched off: nothing shows */
    for (size_t i = (size_t)entries->before; i < run->report.count; i++) {
        const struct sim_entry *entry = &run->report.entries[i];
        if (entry->kind == SIM_ENTRY_PANEL && strcmp(entry->from, device->id) == 0 &&
            strcmp(entry->text, verdict->signal) == 0 && entry->detail != NULL &&
            strcmp(entry->detail, verdict->prompt) == 0)
            return 1;
    }
    return 0;
}

/* A scan is over when its verdict stands on the panel. When a link fails in between it may never
 * stand there; that is for conditions to find. */
static int read_verdict(struct sim_run *run, const struct sim_device *device, size_t first,
                        struct kit_error *err)
{
    struct awaited entries = { .device = device, .before = (int64_t)first };
    int rc = sim_run_wait(run, READ_MS, test_read, &entries, err);
    return rc == KIT_E_TIMEOUT ? KIT_OK : rc;
}

/* ---- mistakes ---- */

/* A scan, and the next verdict of the device: as somebody scans who reads what the panel says. */
static int scan_and_read(struct sim_run *run, struct sim_device *device, const char *line,
                         struct kit_error *err)
{
    size_t first = run->report.count;

    int rc = send_line(run, device, line, 1, err);
    if (rc != KIT_OK)
        return rc;
    rc = sim_run_wait(run, SIM_WITHIN_MS_DEFAULT, test_verdict, device, err);
    if (rc != KIT_OK)
        return rc;
    device->traffic.verdict_next++;
    return read_verdict(run, device, first, err);
}

/* The label beside the right one; he reads what the panel says to it, and aims again. Once: the
 * same label again would be taken for a bounce. */
static int scan_neighbour(struct sim_run *run, struct sim_device *device, const cJSON *step,
                          struct kit_error *err)
{
    struct sim_person *person = sim_run_find_person(run, run->step.actor);
    const cJSON *beside = sim_json_get(step, "beside");
    char line[LINE_SIZE];

    if (beside == NULL || person == NULL || device->port != NULL ||
        sim_person_choose_label(person, 0, 2) == 0)
        return KIT_OK;
    sim_verb_mistake(run, "scans the label beside");
    int rc = print_label(run, beside, line, err);
    if (rc != KIT_OK)
        return rc;
    rc = scan_and_read(run, device, line, err);
    if (rc != KIT_OK)
        return rc;
    return sim_verb_think(run, step, err);
}

static int scan_one(struct sim_run *run, struct sim_device *device, const cJSON *step, int64_t n,
                    struct kit_error *err)
{
    struct sim_person *person = sim_run_find_person(run, run->step.actor);
    char line[LINE_SIZE];

    int rc = n > 0 ? sim_run_pause(run, sim_json_int(step, "gapMs", 0), err) : KIT_OK;
    if (rc != KIT_OK)
        return rc;
    rc = print_line(run, step, n, line, err);
    if (rc != KIT_OK)
        return rc;
    if (device->port != NULL)
        return ask_for_scan(run, device, line, err);
    if (person == NULL || !sim_person_errs(person, SIM_MISTAKE_DOUBLE_SCAN))
        return send_line(run, device, line, 1, err);
    sim_verb_mistake(run, "pulls the trigger twice");
    return send_line(run, device, line, 2, err);
}

/* "expect" of a scan: first is the entry of the report from which on the verdict may be shown. */
static int expect_shown(struct sim_run *run, struct sim_device *device, const cJSON *expect,
                        size_t first, struct kit_error *err)
{
    cJSON *verdict = cJSON_Duplicate(expect, true);

    (void)cJSON_AddStringToObject(verdict, "device", device->name);
    int rc = sim_verb_expect_verdict(run, verdict, err);
    cJSON_Delete(verdict);
    if (rc != KIT_OK)
        return rc;
    return read_verdict(run, device, first, err);
}

int sim_verb_scan(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *device = find_scanner(run, step);
    const cJSON *expect = sim_json_get(step, "expect");

    sim_run_face_device(run, device);
    run->step.device = device;
    int rc = sim_verb_think(run, step, err);
    if (rc != KIT_OK)
        return rc;
    rc = scan_neighbour(run, device, step, err);
    if (rc != KIT_OK)
        return rc;
    size_t first = run->report.count;
    for (int64_t n = 0; n < sim_json_int(step, "times", 1); n++) {
        rc = scan_one(run, device, step, n, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (expect == NULL)
        return KIT_OK;
    return expect_shown(run, device, expect, first, err);
}

/* ---- verdicts ---- */

int sim_verb_expect_verdict(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *device = find_scanner(run, step);
    const char *result = sim_json_text(step, "result");
    const char *signal = sim_json_text(step, "signal");
    const char *prompt = sim_json_text(step, "prompt");

    int rc = sim_run_wait(run, sim_json_int(step, "withinMs", SIM_WITHIN_MS_DEFAULT), test_verdict,
                          device, err);
    if (rc != KIT_OK)
        return rc;
    const struct sim_verdict *verdict = &device->traffic.verdicts[device->traffic.verdict_next++];
    if ((result == NULL || strcmp(result, verdict->result) == 0) &&
        (signal == NULL || strcmp(signal, verdict->signal) == 0) &&
        (prompt == NULL || strstr(verdict->prompt, prompt) != NULL))
        return KIT_OK;
    return kit_error_set(
        err, KIT_E_REFUSED, "expected %s%s%s%s%s, but scan %" PRId64 " of %s was %s, %s: \"%s\"",
        result != NULL ? result : "", signal != NULL ? " " : "", signal != NULL ? signal : "",
        prompt != NULL ? " with " : "", prompt != NULL ? prompt : "", verdict->seq, device->name,
        verdict->result, verdict->signal, verdict->prompt);
}

/* ---- codes ---- */

static void print_code(const cJSON *code, char ret_digits[LINE_SIZE])
{
    if (cJSON_IsNumber(code))
        (void)snprintf(ret_digits, LINE_SIZE, "%08.0f", code->valuedouble);
    else
        kit_text_copy(ret_digits, LINE_SIZE, code->valuestring);
}

int sim_verb_type_code(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *locker = NULL;
    struct sim_person *person = sim_run_find_person(run, run->step.actor);
    char digits[LINE_SIZE], typed[LINE_SIZE];

    int rc = sim_world_find_locker(&run->world, step, &locker, err);
    if (rc != KIT_OK)
        return rc;
    print_code(sim_json_get(step, "code"), digits);
    sim_run_face_device(run, locker);
    run->step.device = locker;
    rc = sim_verb_think(run, step, err);
    if (rc != KIT_OK)
        return rc;
    /* A mistaken customer sees the error on the display, and types again. At most SIM_MISTAKES_MAX
     * rounds: then the person makes none. */
    while (person != NULL && sim_person_type_code(person, digits, typed, sizeof(typed))) {
        sim_verb_mistake(run, "types a wrong digit");
        rc = send_line(run, locker, typed, 1, err);
        if (rc != KIT_OK)
            return rc;
        rc = sim_run_pause(run, sim_person_think_ms(person), err);
        if (rc != KIT_OK)
            return rc;
    }
    return send_line(run, locker, digits, 1, err);
}
