/* Verbs at serial lines: scan, expect-verdict, type-code. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/label.h"
#include "engine/verbs.h"

#define LINE_SIZE (SIM_LABEL_BYTES_MAX + 1)
#define QUEUE_WAIT_MS 30000
#define BY_HAND_MS 60000
/* Below the trigger's dead time: the same line again right after it is still a bounce. */
#define GLANCE_MS 400

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
    struct sim_device *locker = sim_run_find_device(run, sim_json_text(box, "locker"));
    int64_t number = sim_json_int(box, "compartment", 0);
    char value[SIM_LABEL_SIZE];

    if (locker == NULL)
        return kit_error_set(err, KIT_E_REFUSED, "there is no locker %s",
                             sim_json_text(box, "locker"));
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

static int send_line(struct sim_run *run, struct sim_device *device, const char *line,
                     struct kit_error *err)
{
    int rc = sim_run_wait(run, QUEUE_WAIT_MS, test_listening, device, err);
    if (rc == KIT_OK)
        rc = sim_run_wait(run, QUEUE_WAIT_MS, test_idle, &device->reader, err);
    if (rc != KIT_OK)
        return rc;
    if (!sim_scanner_scan(&device->reader, (const uint8_t *)line, strlen(line), sim_now_ms()))
        return kit_error_set(err, KIT_E_REFUSED, "a line of %zu bytes does not fit", strlen(line));
    int64_t shown_count = device->panel_count;
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
    return wait->device->news.record_count > wait->record_count;
}

/* A real scanner: a real person must do it. */
static int ask_for_scan(struct sim_run *run, struct sim_device *device, const char *line,
                        struct kit_error *err)
{
    struct by_hand wait = { .device = device, .record_count = device->news.record_count };

    (void)printf("    please scan  %s  with the scanner at %s\n", line, device->port);
    (void)fflush(stdout);
    return sim_run_wait(run, BY_HAND_MS, test_scanned, &wait, err);
}

int sim_verb_scan(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_device *device = scanner_of(run, step);
    int64_t times = sim_json_int(step, "times", 1);
    const cJSON *expect = sim_json_get(step, "expect");
    char line[LINE_SIZE];

    int rc = sim_verb_think(run, step, err);
    for (int64_t i = 0; i < times && rc == KIT_OK; i++) {
        if (i > 0)
            rc = sim_run_pause(run, sim_json_int(step, "gapMs", 0), err);
        if (rc == KIT_OK)
            rc = line_of(run, step, i, line, err);
        if (rc == KIT_OK)
            rc = device->port != NULL ? ask_for_scan(run, device, line, err)
                                      : send_line(run, device, line, err);
    }
    if (rc != KIT_OK || expect == NULL)
        return rc;
    cJSON *verdict = cJSON_Duplicate(expect, true);
    (void)cJSON_AddStringToObject(verdict, "device", device->name);
    rc = sim_verb_expect_verdict(run, verdict, err);
    cJSON_Delete(verdict);
    return rc;
}

/* ---- verdicts ---- */

static int test_verdict(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_device *device = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "%s has no verdict for it (%zu so far)", device->name,
                        device->news.verdict_count);
    return device->news.verdict_next < device->news.verdict_count;
}

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
    const struct sim_verdict *verdict = &device->news.verdicts[device->news.verdict_next++];
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
    struct sim_device *locker = sim_run_find_device(run, sim_json_text(step, "locker"));
    struct sim_person *person = sim_run_find_person(run, sim_json_text(step, "actor"));
    const cJSON *code = sim_json_get(step, "code");
    char digits[LINE_SIZE], typed[LINE_SIZE];

    if (locker == NULL)
        return kit_error_set(err, KIT_E_REFUSED, "there is no locker %s",
                             sim_json_text(step, "locker"));
    if (cJSON_IsNumber(code))
        (void)snprintf(digits, sizeof(digits), "%08.0f", code->valuedouble);
    else
        (void)snprintf(digits, sizeof(digits), "%s", code->valuestring);
    int rc = sim_verb_think(run, step, err);
    /* A mistaken customer sees the error on the display, and types again. */
    for (int i = 0; i <= SIM_MISTAKES_MAX && rc == KIT_OK; i++) {
        bool is_wrong = person != NULL &&
                        sim_person_type_code(person, digits, typed, sizeof(typed));
        rc = send_line(run, locker, is_wrong ? typed : digits, err);
        if (!is_wrong)
            return rc;
        if (rc == KIT_OK)
            rc = sim_run_pause(run, sim_person_think_ms(person), err);
    }
    return rc;
}
