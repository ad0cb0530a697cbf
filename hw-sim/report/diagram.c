/* The Mermaid sequence diagram of a run; see diagram.h. */
#include "report/diagram.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "scenario/json.h"

#define PARTIES_MAX 64
#define LABEL_SIZE 120
#define LEVELS_MAX 8

struct diagram {
    const struct sim_report *report;
    FILE *out;
    char parties[PARTIES_MAX][SIM_PARTY_SIZE];
    size_t party_count;
    size_t arrow_count;
    bool is_open[PARTIES_MAX][PARTIES_MAX]; /* asked, not yet answered */
};

static size_t split(const char *topic, char copy[SIM_PARTY_SIZE * 4], const char **ret_levels)
{
    size_t count = 0;
    char *rest = NULL;

    kit_text_copy(copy, SIM_PARTY_SIZE * 4, topic);
    for (char *level = strtok_r(copy, "/", &rest); level != NULL && count < LEVELS_MAX;
         level = strtok_r(NULL, "/", &rest))
        ret_levels[count++] = level;
    return count;
}

static void set_arrow(struct sim_arrow *ret, const char *from, const char *to, const char *word)
{
    kit_text_copy(ret->from, sizeof(ret->from), from);
    kit_text_copy(ret->to, sizeof(ret->to), to);
    kit_text_copy(ret->word, sizeof(ret->word), word);
    ret->is_reply = false;
}

/* Methods that only read: get, list, product-get, replay, ... */
static bool is_question(const char *method)
{
    static const char *const ends[] = { "get", "list", "replay", "code" };
    size_t size = strlen(method);

    for (size_t i = 0; i < KIT_COUNT(ends); i++) {
        size_t end = strlen(ends[i]);
        if (size >= end && strcmp(method + size - end, ends[i]) == 0)
            return true;
    }
    return false;
}

/* lockstock/v1/device/<site>/<kind>/<device>/<leaf> */
static void set_device_arrow(struct sim_arrow *ret, const char *kind, const char *device,
                             const char *leaf)
{
    const char *owner = strcmp(kind, "scanner") == 0 ? "stock" : "delivery";

    if (strcmp(leaf, "up") == 0 || strcmp(leaf, "state") == 0)
        set_arrow(ret, device, owner, leaf);
    else
        set_arrow(ret, owner, device, leaf);
}

bool sim_diagram_arrow(const char *topic, struct sim_arrow *ret)
{
    char copy[SIM_PARTY_SIZE * 4];
    const char *level[LEVELS_MAX];
    size_t count = split(topic, copy, level);

    if (count < 4 || strcmp(level[0], "lockstock") != 0)
        return false;
    if (strcmp(level[2], "device") == 0 && count == 7) {
        set_device_arrow(ret, level[4], level[5], level[6]);
        return true;
    }
    if (strcmp(level[2], "rpc") == 0 && count == 6) {
        set_arrow(ret, level[5], level[3], level[4]);
        return !is_question(level[4]);
    }
    if (strcmp(level[2], "reply") == 0 && count == 5) {
        set_arrow(ret, level[4], level[3], "reply");
        ret->is_reply = true;
        return true;
    }
    if (strcmp(level[2], "stream") != 0 || count != 4)
        return false;
    set_arrow(ret, level[3], "streams", "");
    return true;
}

/* ---- what an arrow says ---- */

static void append(char label[LABEL_SIZE], const char *text)
{
    size_t used = strlen(label);
    if (text != NULL && used + 2 < LABEL_SIZE)
        (void)snprintf(label + used, LABEL_SIZE - used, "%s%s", used > 0 ? " " : "", text);
}

/* Stream messages: types of the events; up: kinds and what they are about; ack: the verdicts. */
static void describe_payload(const char *payload, char label[LABEL_SIZE])
{
    static const char *const keys[] = { "kind",   "value",  "effect", "door",   "refusal",
                                        "result", "prompt", "type",   "subject" };
    cJSON *root = payload != NULL ? cJSON_Parse(payload) : NULL;
    const cJSON *list = sim_json_get(root, "records");
    const cJSON *item = NULL;

    if (list == NULL)
        list = sim_json_get(root, "verdicts");
    if (cJSON_IsArray(root))
        list = root;
    cJSON_ArrayForEach(item, list)
    {
        for (size_t i = 0; i < KIT_COUNT(keys); i++)
            append(label, sim_json_text(item, keys[i]));
    }
    if (!cJSON_IsArray(list))
        append(label, sim_json_text(root, "status"));
    cJSON_Delete(root);
}

/* Mermaid reads ; and # and line ends as its own. */
static void print_label(FILE *out, const char *label)
{
    for (; *label != '\0'; label++) {
        if (*label == ';')
            (void)fputs("#59;", out);
        else if (*label == '#')
            (void)fputs("#35;", out);
        else
            (void)fputc(*label < ' ' && *label >= 0 ? ' ' : *label, out);
    }
    (void)fputc('\n', out);
}

/* ---- who is there ---- */

static void add_party(struct diagram *diagram, const char *name)
{
    for (size_t i = 0; i < diagram->party_count; i++) {
        if (strcmp(diagram->parties[i], name) == 0)
            return;
    }
    if (name[0] != '\0' && diagram->party_count < PARTIES_MAX)
        kit_text_copy(diagram->parties[diagram->party_count++], SIM_PARTY_SIZE, name);
}

static size_t find_party(const struct diagram *diagram, const char *name)
{
    for (size_t i = 0; i < diagram->party_count; i++) {
        if (strcmp(diagram->parties[i], name) == 0)
            return i;
    }
    return PARTIES_MAX;
}

/* Of the events at locks and lines, only those that a person would see. */
static bool is_seen(const struct sim_entry *entry)
{
    return entry->to[0] != '\0' || strncmp(entry->text, "door-", 5) == 0 ||
           strncmp(entry->text, "object-", 7) == 0 || strcmp(entry->text, "latch-stuck") == 0;
}

/* The arrow of an entry and its label; false: none is drawn. */
static bool read_arrow(const struct sim_entry *entry, struct sim_arrow *ret, char label[LABEL_SIZE])
{
    label[0] = '\0';
    if (entry->kind == SIM_ENTRY_MQTT) {
        if (!sim_diagram_arrow(entry->text, ret))
            return false;
        append(label, ret->word);
        describe_payload(entry->detail, label);
        return true;
    }
    if (entry->kind != SIM_ENTRY_HTTP && entry->kind != SIM_ENTRY_PANEL &&
        entry->kind != SIM_ENTRY_LINK && entry->kind != SIM_ENTRY_PHYSICS)
        return false;
    if (entry->from[0] == '\0' || (entry->kind == SIM_ENTRY_PHYSICS && !is_seen(entry)))
        return false;
    set_arrow(ret, entry->from, entry->to[0] != '\0' ? entry->to : entry->from, "");
    append(label, entry->text);
    if (entry->kind != SIM_ENTRY_HTTP) /* bodies are in report.json */
        append(label, entry->detail);
    return true;
}

/* False: a reply to a request that was not drawn. */
static bool is_asked(struct diagram *diagram, const struct sim_arrow *arrow)
{
    size_t from = find_party(diagram, arrow->from), to = find_party(diagram, arrow->to);

    if (from == PARTIES_MAX || to == PARTIES_MAX)
        return !arrow->is_reply;
    if (arrow->is_reply) {
        bool asked = diagram->is_open[to][from];
        diagram->is_open[to][from] = false;
        return asked;
    }
    diagram->is_open[from][to] = true;
    return true;
}

static void collect(struct diagram *diagram)
{
    struct sim_arrow arrow;
    char label[LABEL_SIZE];

    for (size_t i = 0; i < diagram->report->count; i++) {
        if (read_arrow(&diagram->report->entries[i], &arrow, label) && !arrow.is_reply) {
            add_party(diagram, arrow.from);
            add_party(diagram, arrow.to);
        }
    }
}

static void draw(struct diagram *diagram, const struct sim_entry *entry)
{
    struct sim_arrow arrow;
    char label[LABEL_SIZE];

    if (entry->kind == SIM_ENTRY_STEP && diagram->party_count > 0) {
        (void)fprintf(diagram->out, "    Note over p0");
        if (diagram->party_count > 1)
            (void)fprintf(diagram->out, ",p%zu", diagram->party_count - 1);
        (void)fputs(": ", diagram->out);
        print_label(diagram->out, entry->text);
        return;
    }
    if (!read_arrow(entry, &arrow, label) || !is_asked(diagram, &arrow))
        return;
    size_t a = find_party(diagram, arrow.from), b = find_party(diagram, arrow.to);
    if (a == PARTIES_MAX || b == PARTIES_MAX || diagram->arrow_count++ >= SIM_DIAGRAM_ARROWS_MAX)
        return;
    (void)fprintf(diagram->out, "    p%zu%sp%zu: ", a, entry->kind == SIM_ENTRY_MQTT ? "-)" : "->>",
                  b);
    print_label(diagram->out, label);
}

bool sim_diagram_write(const struct sim_report *report, const struct sim_summary *summary,
                       FILE *out)
{
    struct diagram *diagram = calloc(1, sizeof(*diagram));

    CHECK(diagram != NULL);
    diagram->report = report;
    diagram->out = out;
    collect(diagram);
    (void)fprintf(out, "# %s: %s\n\n```mermaid\nsequenceDiagram\n", summary->scenario,
                  summary->title);
    for (size_t i = 0; i < diagram->party_count; i++)
        (void)fprintf(out, "    participant p%zu as %s\n", i, diagram->parties[i]);
    for (size_t i = 0; i < report->count; i++)
        draw(diagram, &report->entries[i]);
    (void)fputs("```\n", out);
    if (diagram->arrow_count > SIM_DIAGRAM_ARROWS_MAX)
        (void)fprintf(out, "\nThe first %d of %zu messages; report.json has all.\n",
                      SIM_DIAGRAM_ARROWS_MAX, diagram->arrow_count);
    free(diagram);
    return fflush(out) == 0 && ferror(out) == 0;
}
