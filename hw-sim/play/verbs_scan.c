/* Verbs at serial lines: scan, expect-verdict, type-code. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "play/verbs.h"
#include "scenario/label.h"

#define LINE_SIZE (SIM_LABEL_BYTES_MAX + 1)
#define QUEUE_WAIT_MS 30000
#define BY_HAND_MS 60000
/* Below the trigger's dead time: the same line again right after it is still a bounce. */
#define GLANCE_MS 400
#define READ_MS 2000 /* from the verdict at the device until it shows */

/* ---- which scanner, which bytes ---- */

static struct sim_device *scanner_of(struct sim_run *run, const cJSON *step)
{
    const char *device = sim_json_text(step, "device");
    const cJSON *actor = sim_scenario_find_actor(run->scenario, sim_json_text(step, "actor"));
    return sim_run_find_device(run, device != NULL ? device : sim_json_text(actor, "scanner"));
}

static int print_compartment(struct sim_run *run, const cJSON *box, char *ret_line,
                             struct kit_error *err)
{
    struct sim_device *locker = NULL;
    int64_t number = sim_json_int(box, "compartment", 0);
    char value[SIM_LABEL_SIZE];

    int rc = sim_run_find_locker(run, box, &locker, err);
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
    if (is_gtin ? sim_label_gtin(value, ret_line) : sim_label_print(what->string, value, ret_line))
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "\"%.40s\" cannot be printed on a label: %s", value,
                         is_gtin ? "a GTIN has 14 digits" : "it has 1 to 24 of 0-9, A-Z and -");
}

/* The bytes of the step's n-th scan, from 0; ret_line has LINE_SIZE. */
static int line_of(struct sim_run *run, const cJSON *step, int64_t n, char *ret_line,
                   struct kit_error *err)
{
    const char *raw = sim_json_text(step, "raw");
    const char *numbered = sim_json_text(step, "numbered");
    const cJSON *label = sim_json_get(step, "label");

    if (raw != NULL) {
        (void)snprintf(ret_line, LINE_SIZE, "%s", raw);
        return KIT_OK;
    }
    if (numbered == NULL)
        return print_label(run, label, ret_line, err);
    char value[SIM_LABEL_SIZE];
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

struct glance {
    const struct sim_device *device;
    int64_t shown_count;
};

static int test_shown(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct glance *glance = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "nothing is shown");
    return glance->device->firmware.pid == 0 || glance->device->panel_count > glance->shown_count;
}

/* People look whether it was taken, and go on when nothing shows: a bounce shows nothing. */
static int watch_panel(struct sim_run *run, struct sim_device *device, int64_t shown_count,
                       struct kit_error *err)
{
    struct glance glance = { .device = device, .shown_count = shown_count };
    int rc = sim_run_wait(run, GLANCE_MS, test_shown, &glance, err);
    return rc == KIT_E_TIMEOUT ? KIT_OK : rc;
}

/* count 2: the trigger is pulled twice, before anything could show. */
static int send_line(struct sim_run *run, struct sim_device *device, const char *line, int count,
                     struct kit_error *err)
{
    int64_t shown_count = device->panel_count;
    int rc = sim_run_wait(run, QUEUE_WAIT_MS, test_listening, device, err);
    if (rc == KIT_OK)
        rc = sim_run_wait(run, QUEUE_WAIT_MS, test_idle, &device->reader, err);
    if (rc != KIT_OK)
        return rc;
    for (int i = 0; i < count; i++) {
        if (!sim_scanner_scan(&device->reader, (const uint8_t *)line, strlen(line), sim_now_ms()))
            return kit_error_set(err, KIT_E_REFUSED, "a line of %zu bytes does not fit",
                                 strlen(line));
    }
    rc = sim_run_wait(run, QUEUE_WAIT_MS, test_idle, &device->reader, err);
    return rc != KIT_OK ? rc : watch_panel(run, device, shown_count, err);
}

struct by_hand {
    const struct sim_device *device;
    int64_t record_count;
};

static int test_scanned(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct by_hand *wait = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "nobody has scanned it at %s", wait->device->port);
    return wait->device->traffic.record_count > wait->record_count;
}

/* A real scanner: a real person must do it. */
static int ask_for_scan(struct sim_run *run, struct sim_device *device, const char *line,
                        struct kit_error *err)
{
    struct by_hand wait = { .device = device, .record_count = device->traffic.record_count };

    (void)printf("    please scan  %s  with the scanner at %s\n", line, device->port);
    (void)fflush(stdout);
    return sim_run_wait(run, BY_HAND_MS, test_scanned, &wait, err);
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

struct reading {
    const struct sim_device *device;
    const struct sim_verdict *verdict;
    size_t first; /* entry of the report from which on it may be shown */
};

static int test_read(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct reading *reading = arg;

    (void)kit_error_set(err, KIT_E_REFUSED, "the verdict is not shown");
    if (reading->device->firmware.pid == 0)
        return 1; /* switched off: nothing shows */
    for (size_t i = reading->first; i < run->report.count; i++) {
        const struct sim_entry *entry = &run->report.entries[i];
        if (entry->kind == SIM_ENTRY_PANEL && strcmp(entry->from, reading->device->id) == 0 &&
            strcmp(entry->text, reading->verdict->signal) == 0 && entry->detail != NULL &&
            strcmp(entry->detail, reading->verdict->prompt) == 0)
            return 1;
    }
    return 0;
}

/* A scan is over when its verdict stands on the panel. When a link fails in between it may never
 * stand there; that is for conditions to find. */
static int read_verdict(struct sim_run *run, const struct sim_device *device, size_t first,
                        struct kit_error *err)
{
    struct reading reading = { .device = device,
                               .verdict =
                                   &device->traffic.verdicts[device->traffic.verdict_next - 1],
                               .first = first };
    int rc = sim_run_wait(run, READ_MS, test_read, &reading, err);
    return rc == KIT_E_TIMEOUT ? KIT_OK : rc;
}

/* ---- mistakes ---- */

/* The label beside the right one; he reads what the panel says to it, and aims again. Once: the
 * same label again would be taken for a bounce. */
static int scan_neighbour(struct sim_run *run, struct sim_device *device, const cJSON *step,
                          struct kit_error *err)
{
    struct sim_person *person = sim_run_find_person(run, run->step_from);
    const cJSON *beside = sim_json_get(step, "beside");
    size_t first = run->report.count;
    char line[LINE_SIZE];

    if (beside == NULL || person == NULL || device->port != NULL ||
        sim_person_choose_label(person, 0, 2) == 0)
        return KIT_OK;
    sim_verb_mistake(run, "scans the label beside");
    int rc = print_label(run, beside, line, err);
    if (rc == KIT_OK)
        rc = send_line(run, device, line, 1, err);
    if (rc == KIT_OK)
        rc = sim_run_wait(run, SIM_WITHIN_MS_DEFAULT, test_verdict, device, err);
    if (rc != KIT_OK)
        return rc;
    device->traffic.verdict_next++;
    rc = read_verdict(run, device, first, err);
    return rc == KIT_OK ? sim_verb_think(run, step, err) : rc;
}

static int scan_one(struct sim_run *run, struct sim_device *device, const char *line,
                    struct kit_error *err)
{
    struct sim_person *person = sim_run_find_person(run, run->step_from);
    bool twice = false;

    if (device->port != NULL)
        return ask_for_scan(run, device, line, err);
    if (person != NULL && sim_person_errs(person, SIM_MISTAKE_DOUBLE_SCAN)) {
        sim_verb_mistake(run, "pulls the trigger twice");
        twice = true;
    }
    return send_line(run, device, line, twice ? 2 : 1, err);
}

int sim_verb_scan(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *device = scanner_of(run, step);
    int64_t times = sim_json_int(step, "times", 1);
    const cJSON *expect = sim_json_get(step, "expect");
    char line[LINE_SIZE];

    sim_run_face(run, device);
    run->step_device = device;
    int rc = sim_verb_think(run, step, err);
    if (rc == KIT_OK)
        rc = scan_neighbour(run, device, step, err);
    size_t first = run->report.count;
    for (int64_t i = 0; i < times && rc == KIT_OK; i++) {
        if (i > 0)
            rc = sim_run_pause(run, sim_json_int(step, "gapMs", 0), err);
        if (rc == KIT_OK)
            rc = line_of(run, step, i, line, err);
        if (rc == KIT_OK)
            rc = scan_one(run, device, line, err);
    }
    if (rc != KIT_OK || expect == NULL)
        return rc;
    cJSON *verdict = cJSON_Duplicate(expect, true);
    (void)cJSON_AddStringToObject(verdict, "device", device->name);
    rc = sim_verb_expect_verdict(run, verdict, err);
    cJSON_Delete(verdict);
    return rc == KIT_OK ? read_verdict(run, device, first, err) : rc;
}

/* ---- verdicts ---- */

int sim_verb_expect_verdict(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *device = scanner_of(run, step);
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

int sim_verb_type_code(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *locker = NULL;
    struct sim_person *person = sim_run_find_person(run, sim_json_text(step, "actor"));
    const cJSON *code = sim_json_get(step, "code");
    char digits[LINE_SIZE], typed[LINE_SIZE];

    int rc = sim_run_find_locker(run, step, &locker, err);
    if (rc != KIT_OK)
        return rc;
    if (cJSON_IsNumber(code))
        (void)snprintf(digits, sizeof(digits), "%08.0f", code->valuedouble);
    else
        (void)snprintf(digits, sizeof(digits), "%s", code->valuestring);
    sim_run_face(run, locker);
    run->step_device = locker;
    rc = sim_verb_think(run, step, err);
    /* A mistaken customer sees the error on the display, and types again. */
    for (int i = 0; i <= SIM_MISTAKES_MAX && rc == KIT_OK; i++) {
        bool is_wrong = person != NULL &&
                        sim_person_type_code(person, digits, typed, sizeof(typed));
        if (is_wrong)
            sim_verb_mistake(run, "types a wrong digit");
        rc = send_line(run, locker, is_wrong ? typed : digits, 1, err);
        if (!is_wrong)
            return rc;
        if (rc == KIT_OK)
            rc = sim_run_pause(run, sim_person_think_ms(person), err);
    }
    return rc;
}
