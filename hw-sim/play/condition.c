/* What `wait` and `expect` look at; see condition.h. */
#include "play/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "scenario/match.h"

#define SEEN_SIZE 160
#define PATH_SIZE 256
#define ASSET_PAGES_MAX 200
#define ASSET_PAGE_SIZE 100

/* Says what is seen instead, and that the condition does not hold yet. */
static int report_seen(struct kit_error *err, const char *what, const char *seen)
{
    (void)kit_error_set(err, KIT_E_REFUSED, "%s is %s", what, seen);
    return 0;
}

/* ---- HTTP ---- */

/* Asks the bridge, not more often than SIM_POLL_HTTP_MS: a question at each turn of the loop would
 * make more work than the system that is watched. 1: there is an answer, which the caller deletes;
 * 0: not yet, for a system that is away may come back; -1: the run cannot go on. */
static int ask(struct sim_run *run, struct sim_call *call, struct kit_error *err)
{
    call->method = "GET";
    call->is_quiet = true;
    if (sim_run_pause(run, run->next_question_ms - sim_now_ms(), err) != KIT_OK)
        return -1;
    run->next_question_ms = sim_now_ms() + SIM_POLL_HTTP_MS;
    int rc = sim_run_http(run, call, err);
    if (rc == KIT_OK)
        return 1;
    return rc == KIT_E_UNAVAILABLE ? 0 : -1;
}

static int judge_answer(const struct sim_call *call, const cJSON *what, struct kit_error *err)
{
    const char *pointer = sim_json_text(what, "pointer");
    const int64_t wanted = sim_json_int(what, "status", 200);
    char seen[SEEN_SIZE], name[SEEN_SIZE];

    if (call->status != wanted) {
        (void)snprintf(seen, sizeof(seen), "answered with %ld, not %" PRId64, call->status, wanted);
        return report_seen(err, call->path, seen);
    }
    if (sim_json_match(call->answer, pointer != NULL ? pointer : "", what, seen, sizeof(seen)))
        return 1;
    (void)snprintf(name, sizeof(name), "%.80s of %.70s", pointer != NULL ? pointer : "the answer",
                   call->path);
    return report_seen(err, name, seen);
}

static int test_http(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    struct sim_call call = { .path = sim_json_text(what, "path") };

    int holds = ask(run, &call, err);
    if (holds != 1)
        return holds;
    holds = judge_answer(&call, what, err);
    cJSON_Delete(call.answer);
    return holds;
}

/* "order" and "delivery": {path, pointer, in} made from {id, is}. */
static int test_status(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const char *folder = strcmp(what->string, "order") == 0 ? "rentals" : "deliveries";
    const cJSON *id = sim_json_get(what, "id");
    char path[PATH_SIZE];

    if (cJSON_IsString(id))
        (void)snprintf(path, sizeof(path), "/%s/%.200s", folder, id->valuestring);
    else
        (void)snprintf(path, sizeof(path), "/%s/%.0f", folder, id->valuedouble);
    cJSON *http = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(http, "path", path);
    (void)cJSON_AddStringToObject(http, "pointer", "/status");
    (void)cJSON_AddItemToObject(http, "in", cJSON_Duplicate(sim_json_get(what, "is"), true));
    int holds = test_http(run, http, err);
    cJSON_Delete(http);
    return holds;
}

static int judge_asset(const cJSON *asset, const cJSON *what, struct kit_error *err)
{
    static const char *const members[] = { "place", "state" };

    for (size_t i = 0; i < KIT_COUNT(members); i++) {
        const char *wanted = sim_json_text(what, members[i]);
        const char *is = sim_json_text(asset, members[i]);
        if (wanted != NULL && (is == NULL || strcmp(is, wanted) != 0))
            return report_seen(err, sim_json_text(what, "label"), is != NULL ? is : "nowhere");
    }
    return 1;
}

static const cJSON *find_asset(const cJSON *assets, const char *label)
{
    const cJSON *asset = NULL;

    cJSON_ArrayForEach(asset, assets)
    {
        const char *is = sim_json_text(asset, "label");
        if (is != NULL && strcmp(is, label) == 0)
            return asset;
    }
    return NULL;
}

/* Assets are listed by id: pages until the label is found. */
static int test_asset(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const char *label = sim_json_text(what, "label");
    bool is_last = false;

    for (int page = 0; page < ASSET_PAGES_MAX && !is_last; page++) {
        char path[PATH_SIZE];
        struct sim_call call = { .path = path };
        (void)snprintf(path, sizeof(path), "/assets?page=%d&size=%d", page, ASSET_PAGE_SIZE);
        int holds = ask(run, &call, err);
        if (holds != 1)
            return holds;
        const cJSON *assets = sim_json_get(sim_json_get(call.answer, "_embedded"), "assets");
        const cJSON *asset = find_asset(assets, label);
        is_last = cJSON_GetArraySize(assets) < ASSET_PAGE_SIZE;
        if (asset != NULL)
            holds = judge_asset(asset, what, err);
        cJSON_Delete(call.answer);
        if (asset != NULL)
            return holds;
    }
    return report_seen(err, label, "not known");
}

/* ---- the physical world ---- */

/* NULL: there is none, err says why. */
static struct sim_compartment *find_box(struct sim_run *run, const cJSON *what,
                                        struct kit_error *err)
{
    struct sim_device *locker = NULL;
    struct sim_compartment *box = NULL;

    if (sim_world_find_compartment(&run->world, what, &box, &locker, err) != KIT_OK)
        return NULL;
    return box;
}

static int test_door(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = find_box(run, what, err);
    if (box == NULL)
        return -1;
    const char *is = box->door.place == SIM_DOOR_SHUT   ? "shut"
                     : box->door.place == SIM_DOOR_OPEN ? "open"
                                                        : "ajar";
    if (strcmp(is, sim_json_text(what, "is")) == 0)
        return 1;
    return report_seen(err, box->name, is);
}

static int test_object(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = find_box(run, what, err);
    if (box == NULL)
        return -1;
    bool is_present = box->object_count > 0;
    if (is_present == cJSON_IsTrue(sim_json_get(what, "present")))
        return 1;
    return report_seen(err, box->name, is_present ? "not empty" : "empty");
}

/* The lock's own counts of its coil and its door: the firmware and the service have no part. */
static int test_lock(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = find_box(run, what, err);
    char seen[SEEN_SIZE];

    if (box == NULL)
        return -1;
    int64_t pulses = (int64_t)box->pulse_count, openings = (int64_t)box->open_count;
    if (pulses == sim_json_int(what, "pulses", pulses) &&
        openings == sim_json_int(what, "openings", openings))
        return 1;
    (void)snprintf(seen, sizeof(seen), "a lock with %" PRId64 " pulses and %" PRId64 " openings",
                   pulses, openings);
    return report_seen(err, box->name, seen);
}

static int test_counter(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    struct sim_device *device = sim_world_find_device(&run->world, sim_json_text(what, "device"));
    const char *name = sim_json_text(what, "name");
    char label[SEEN_SIZE], seen[32];
    int64_t value = 0;

    if (strcmp(name, "requests") == 0)
        value = sim_device_request_count(device);
    else if (strcmp(name, "faults") == 0)
        value = sim_device_fault_count(device);
    else if (!sim_traffic_counter(&device->traffic, name, &value))
        return -1;
    bool is_equal = value == sim_json_int(what, "equals", value);
    if (is_equal && value >= sim_json_int(what, "atLeast", value))
        return 1;
    (void)snprintf(label, sizeof(label), "%s of %s", name, device->name);
    (void)snprintf(seen, sizeof(seen), "%" PRId64, value);
    return report_seen(err, label, seen);
}

/* ---- what was said ---- */

static bool matches_panel(const struct sim_entry *entry, const struct sim_device *device,
                          const cJSON *what)
{
    const char *signal = sim_json_text(what, "signal");
    const char *text = sim_json_text(what, "text");

    return entry->kind == SIM_ENTRY_PANEL && strcmp(entry->from, device->id) == 0 &&
           (signal == NULL || strcmp(entry->text, signal) == 0) &&
           (text == NULL || (entry->detail != NULL && strstr(entry->detail, text) != NULL));
}

static bool has_members(const cJSON *document, const cJSON *members)
{
    const cJSON *member = NULL;
    char seen[SEEN_SIZE];

    cJSON_ArrayForEach(member, members)
    {
        if (!sim_json_has(document, member, seen, sizeof(seen)))
            return false;
    }
    return document != NULL;
}

static bool matches_message(const struct sim_entry *entry, const cJSON *what)
{
    if (entry->kind != SIM_ENTRY_MQTT ||
        !sim_topic_matches(sim_json_text(what, "topic"), entry->text))
        return false;
    const cJSON *members = sim_json_get(what, "members");
    if (members == NULL)
        return true;
    cJSON *payload = cJSON_Parse(entry->detail != NULL ? entry->detail : "");
    bool ok = has_members(payload, members);
    cJSON_Delete(payload);
    return ok;
}

struct log_view {
    char epoch[64];
    int64_t last_seq; /* of the log, so far */
};

/* How many records this message is the first to carry, and that have the members. */
static int64_t count_new_records(struct log_view *view, const char *payload, const cJSON *members)
{
    cJSON *up = cJSON_Parse(payload);
    const char *epoch = sim_json_text(up, "epoch");
    const cJSON *record = NULL;
    int64_t count = 0;

    if (epoch != NULL && strcmp(epoch, view->epoch) != 0) {
        kit_text_copy(view->epoch, sizeof(view->epoch), epoch);
        view->last_seq = 0;
    }
    cJSON_ArrayForEach(record, sim_json_get(up, "records"))
    {
        int64_t seq = sim_json_int(record, "seq", 0);
        if (seq <= view->last_seq)
            continue; /* it is sent again */
        view->last_seq = seq;
        count += has_members(record, members);
    }
    cJSON_Delete(up);
    return count;
}

/* Records as they pass the device's own proxy, so that the broker may be away. */
static int test_record(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_device *device = sim_world_find_device(&run->world,
                                                            sim_json_text(what, "device"));
    const cJSON *members = sim_json_get(what, "members");
    size_t from = sim_report_since(&run->report, sim_json_text(what, "since"));
    struct log_view view = { .epoch = "" };
    char label[SEEN_SIZE], seen[64];
    int64_t count = 0;

    for (size_t i = 0; i < device->traffic.up_count; i++) {
        const struct sim_up *up = &device->traffic.ups[i];
        int64_t added = count_new_records(&view, up->payload, members);
        count += up->entry >= from ? added : 0;
    }
    int64_t wanted = sim_json_int(what, "equals", sim_json_int(what, "atLeast", 1));
    if (sim_json_get(what, "equals") != NULL ? count == wanted : count >= wanted)
        return 1;
    char *text = cJSON_PrintUnformatted(members);
    (void)snprintf(label, sizeof(label), "the record %.110s of %s", text, device->name);
    free(text);
    (void)snprintf(seen, sizeof(seen), "there %" PRId64 " times, not %" PRId64, count, wanted);
    return report_seen(err, label, seen);
}

/* "panel" and "message": entries of the report. */
static int test_entries(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const bool is_panel = strcmp(what->string, "panel") == 0;
    const struct sim_device *device = sim_world_find_device(&run->world,
                                                            sim_json_text(what, "device"));
    const char *text = sim_json_text(what, "text");
    size_t from = sim_report_since(&run->report, sim_json_text(what, "since"));
    int64_t wanted = sim_json_int(what, "count", 1);
    int64_t count = 0;
    char label[SEEN_SIZE], seen[96];

    for (size_t i = from; i < run->report.count && count < wanted; i++) {
        const struct sim_entry *entry = &run->report.entries[i];
        count += is_panel ? matches_panel(entry, device, what) : matches_message(entry, what);
    }
    if (count >= wanted)
        return 1;
    const bool is_unsure = !is_panel && sim_run_is_blind(run, from);
    run->is_absence_unsure = run->is_absence_unsure || is_unsure;
    if (is_panel)
        (void)snprintf(label, sizeof(label), "the panel of %s with \"%.60s\"", device->name,
                       text != NULL ? text : "");
    else
        (void)snprintf(label, sizeof(label), "the message on %.120s", sim_json_text(what, "topic"));
    (void)snprintf(seen, sizeof(seen), "seen %" PRId64 " times, not %" PRId64 "%s", count, wanted,
                   is_unsure ? ", but the observer was away meanwhile" : "");
    return report_seen(err, label, seen);
}

/* ---- all, any, not ---- */

static int test_list(struct sim_run *run, const cJSON *list, struct kit_error *err)
{
    const bool is_all = strcmp(list->string, "all") == 0;
    cJSON *item = NULL;

    cJSON_ArrayForEach(item, list)
    {
        int holds = sim_condition_test(run, item, err);
        if (holds < 0 || (holds == 1) != is_all)
            return holds;
    }
    return is_all;
}

/* A message that nobody has seen may have passed while the observer was away. */
static int test_not(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    run->is_absence_unsure = false;
    int holds = sim_condition_test(run, (cJSON *)(uintptr_t)what, err);
    if (holds == 0 && run->is_absence_unsure) {
        (void)kit_error_set(err, KIT_E_REFUSED,
                            "nobody can tell that no message came: the observer has lost the "
                            "broker since; name a later step in \"since\"");
        return -1;
    }
    if (holds != 1)
        return holds == 0 ? 1 : -1;
    char *text = cJSON_PrintUnformatted(what);
    (void)kit_error_set(err, KIT_E_REFUSED, "this should not be so: %.200s", text);
    free(text);
    return 0;
}

int sim_condition_test(struct sim_run *run, void *arg, struct kit_error *err)
{
    static const struct {
        const char *kind;
        int (*test)(struct sim_run *run, const cJSON *what, struct kit_error *err);
    } rows[] = {
        { "http", test_http },     { "order", test_status },    { "delivery", test_status },
        { "asset", test_asset },   { "door", test_door },       { "object", test_object },
        { "lock", test_lock },     { "panel", test_entries },   { "message", test_entries },
        { "record", test_record }, { "counter", test_counter }, { "all", test_list },
        { "any", test_list },      { "not", test_not },
    };
    const cJSON *what = ((const cJSON *)arg)->child;

    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        if (strcmp(rows[i].kind, what->string) == 0)
            return rows[i].test(run, what, err);
    }
    UNREACHABLE("condition"); /* the schema lists them */
}
