/* Entries, and the text and JSON reports; see report.h. */
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/base/time.h"
#include "report/diagram.h"

#define ENTRIES_FIRST 256
#define TEXT_DETAIL_COLUMNS 160
#define PATH_SIZE 512

const char *sim_entry_kind_name(enum sim_entry_kind kind)
{
    static const char *const names[] = {
#define SIM_ENTRY_NAME(kind, name) name,
        SIM_ENTRY_MAP(SIM_ENTRY_NAME)
#undef SIM_ENTRY_NAME
    };
    return names[kind];
}

void sim_report_init(struct sim_report *report, int64_t now_ms, int64_t wall_ms)
{
    *report =
        (struct sim_report){ .start_ms = now_ms, .wall_start_ms = wall_ms, .max = SIM_ENTRIES_MAX };
}

void sim_report_forget(struct sim_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->entries[i].text);
        free(report->entries[i].detail);
    }
    report->count = 0;
}

void sim_report_done(struct sim_report *report)
{
    sim_report_forget(report);
    free(report->entries);
    *report = (struct sim_report){ 0 };
}

static char *copy(const void *bytes, size_t size)
{
    size = size > SIM_ENTRY_TEXT_MAX ? SIM_ENTRY_TEXT_MAX : size;
    char *text = malloc(size + 1);
    CHECK(text != NULL);
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

struct sim_entry *sim_report_add(struct sim_report *report, int64_t now_ms,
                                 enum sim_entry_kind kind, const char *from, const char *to)
{
    if (report->count >= report->max) {
        report->dropped++;
        return NULL;
    }
    if (report->count == report->capacity) {
        report->capacity = report->capacity == 0 ? ENTRIES_FIRST : report->capacity * 2;
        report->entries = realloc(report->entries, report->capacity * sizeof(report->entries[0]));
        CHECK(report->entries != NULL);
    }
    struct sim_entry *entry = &report->entries[report->count++];
    *entry = (struct sim_entry){ .at_ms = now_ms - report->start_ms, .kind = kind };
    kit_text_copy(entry->from, sizeof(entry->from), from != NULL ? from : "");
    kit_text_copy(entry->to, sizeof(entry->to), to != NULL ? to : "");
    entry->text = copy("", 0);
    return entry;
}

void sim_entry_say(struct sim_entry *entry, const char *text, const void *detail, size_t size)
{
    if (entry == NULL)
        return;
    free(entry->text);
    free(entry->detail);
    entry->text = copy(text, strlen(text));
    entry->detail = detail != NULL ? copy(detail, size) : NULL;
}

void sim_report_mark(struct sim_report *report, const char *name)
{
    size_t at = 0;

    if (name == NULL)
        return;
    while (at < report->mark_count && strcmp(report->marks[at].name, name) != 0)
        at++;
    CHECK(at < SIM_MARKS_MAX); /* a scenario has no more names */
    report->marks[at] = (struct sim_mark){ .name = name, .entry = report->count };
    report->mark_count += at == report->mark_count ? 1 : 0;
}

size_t sim_report_since(const struct sim_report *report, const char *name)
{
    for (size_t i = 0; name != NULL && i < report->mark_count; i++) {
        if (strcmp(report->marks[i].name, name) == 0)
            return report->marks[i].entry;
    }
    return 0;
}

/* ---- text ---- */

static void write_one(const struct sim_entry *entry, FILE *out)
{
    const char *arrow = entry->to[0] != '\0' ? " -> " : "";
    bool is_step = entry->kind == SIM_ENTRY_STEP;

    (void)fprintf(out, "%s%6" PRId64 ".%03d  %-8s %s%s%s%s%s", is_step ? "\n" : "",
                  entry->at_ms / 1000, (int)(entry->at_ms % 1000), sim_entry_kind_name(entry->kind),
                  entry->from, arrow, entry->to, entry->from[0] != '\0' ? "  " : "", entry->text);
    if (entry->detail != NULL)
        (void)fprintf(out, "  %.*s%s", TEXT_DETAIL_COLUMNS, entry->detail,
                      strlen(entry->detail) > TEXT_DETAIL_COLUMNS ? " ..." : "");
    (void)fputc('\n', out);
}

bool sim_report_write_text(const struct sim_report *report, const struct sim_summary *summary,
                           FILE *out)
{
    char when[KIT_TIME_TEXT_SIZE];

    kit_time_to_text(report->wall_start_ms, when);
    (void)fprintf(out, "%s: %s\n%s after %" PRId64 " ms and %zu steps, seed %" PRId64 ", %s\n",
                  summary->scenario, summary->title, summary->outcome, summary->took_ms,
                  summary->step_count, summary->seed, when);
    if (summary->reason[0] != '\0')
        (void)fprintf(out, "%s\n", summary->reason);
    for (size_t i = 0; i < report->count; i++)
        write_one(&report->entries[i], out);
    if (report->dropped > 0)
        (void)fprintf(out, "\n%zu more did not fit into the report\n", report->dropped);
    return fflush(out) == 0 && ferror(out) == 0;
}

/* ---- JSON ---- */

/* A payload that is JSON stays JSON; any other bytes become a text, what is not ASCII as '?'. */
static void add_detail(cJSON *object, const char *detail)
{
    cJSON *parsed = cJSON_ParseWithOpts(detail, NULL, true);
    if (parsed != NULL) {
        CHECK(cJSON_AddItemToObject(object, "payload", parsed));
        return;
    }
    char *plain = copy(detail, strlen(detail));
    for (char *c = plain; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
    CHECK(cJSON_AddStringToObject(object, "payload", plain) != NULL);
    free(plain);
}

static cJSON *convert_entry(const struct sim_entry *entry)
{
    cJSON *object = cJSON_CreateObject();

    (void)cJSON_AddNumberToObject(object, "atMs", (double)entry->at_ms);
    (void)cJSON_AddStringToObject(object, "kind", sim_entry_kind_name(entry->kind));
    if (entry->from[0] != '\0')
        (void)cJSON_AddStringToObject(object, "from", entry->from);
    if (entry->to[0] != '\0')
        (void)cJSON_AddStringToObject(object, "to", entry->to);
    (void)cJSON_AddStringToObject(object, entry->kind == SIM_ENTRY_MQTT ? "topic" : "text",
                                  entry->text);
    if (entry->detail != NULL)
        add_detail(object, entry->detail);
    return object;
}

static void write_head(const struct sim_report *report, const struct sim_summary *summary,
                       FILE *out)
{
    char when[KIT_TIME_TEXT_SIZE];
    cJSON *head = cJSON_CreateObject();

    kit_time_to_text(report->wall_start_ms, when);
    (void)cJSON_AddStringToObject(head, "scenario", summary->scenario);
    (void)cJSON_AddStringToObject(head, "title", summary->title);
    (void)cJSON_AddStringToObject(head, "outcome", summary->outcome);
    (void)cJSON_AddStringToObject(head, "reason", summary->reason);
    (void)cJSON_AddStringToObject(head, "startedAt", when);
    (void)cJSON_AddNumberToObject(head, "seed", (double)summary->seed);
    (void)cJSON_AddNumberToObject(head, "tookMs", (double)summary->took_ms);
    (void)cJSON_AddNumberToObject(head, "steps", (double)summary->step_count);
    (void)cJSON_AddNumberToObject(head, "dropped", (double)report->dropped);
    char *text = cJSON_PrintUnformatted(head);
    CHECK(text != NULL);
    text[strlen(text) - 1] = '\0'; /* the closing brace: entries follow */
    (void)fprintf(out, "%s,\"entries\":[", text);
    free(text);
    cJSON_Delete(head);
}

/* One entry a line, so that tools for lines work on it too. */
bool sim_report_write_json(const struct sim_report *report, const struct sim_summary *summary,
                           FILE *out)
{
    write_head(report, summary, out);
    for (size_t i = 0; i < report->count; i++) {
        cJSON *object = convert_entry(&report->entries[i]);
        char *text = cJSON_PrintUnformatted(object);
        CHECK(text != NULL);
        (void)fprintf(out, "%s\n%s", i > 0 ? "," : "", text);
        free(text);
        cJSON_Delete(object);
    }
    (void)fputs("\n]}\n", out);
    return fflush(out) == 0 && ferror(out) == 0;
}

/* ---- files ---- */

typedef bool (*write_fn)(const struct sim_report *report, const struct sim_summary *summary,
                         FILE *out);

static int save(const struct sim_report *report, const struct sim_summary *summary,
                const char *path, write_fn write, struct kit_error *err)
{
    FILE *out = fopen(path, "wbe");
    bool ok = out != NULL && write(report, summary, out);
    int reason = errno;

    ok = (out == NULL || fclose(out) == 0) && ok;
    return ok ? KIT_OK
              : kit_error_set(err, KIT_E_IO, "cannot write '%s': %s", path, strerror(reason));
}

int sim_report_save(const struct sim_report *report, const struct sim_summary *summary,
                    const char *dir, struct kit_error *err)
{
    static const struct {
        const char *name;
        write_fn write;
    } files[] = { { "report.txt", sim_report_write_text },
                  { "report.json", sim_report_write_json },
                  { "diagram.md", sim_diagram_write } };

    for (size_t i = 0; i < KIT_COUNT(files); i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
        int rc = save(report, summary, path, files[i].write, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}
