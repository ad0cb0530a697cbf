/* What `wait` and `expect` look at; see condition.h. */
#include "play/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/match.h"

#define SEEN_SIZE 160
#define PATH_SIZE 256
#define ASSET_PAGES_MAX 200

static int not_yet(struct kit_error *err, const char *what, const char *seen)
{
    (void)kit_error_set(err, KIT_E_REFUSED, "%s is %s", what, seen);
    return 0;
}

/* ---- HTTP ---- */

static int get(struct sim_run *run, const char *path, long *ret_status, cJSON **ret_body,
               struct kit_error *err)
{
    /* A question at each turn of the loop would make more work than the system that is watched. */
    int rc = sim_run_pause(run, run->next_question_ms - sim_now_ms(), err);
    if (rc != KIT_OK)
        return rc;
    run->next_question_ms = sim_now_ms() + SIM_POLL_HTTP_MS;
    run->is_quiet_http = true;
    rc = sim_run_http(run, "GET", path, NULL, ret_status, ret_body, err);
    run->is_quiet_http = false;
    return rc;
}

/* -1 only when the run cannot go on; a system that is away for a while may come back. */
static int test_http(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const char *pointer = sim_json_text(what, "pointer");
    int64_t wanted = sim_json_int(what, "status", 200);
    char seen[SEEN_SIZE], name[SEEN_SIZE];
    long status = 0;
    cJSON *body = NULL;

    int rc = get(run, sim_json_text(what, "path"), &status, &body, err);
    if (rc != KIT_OK)
        return rc == KIT_E_UNAVAILABLE ? 0 : -1;
    if (status != wanted) {
        (void)snprintf(seen, sizeof(seen), "answered with %ld, not %" PRId64, status, wanted);
        cJSON_Delete(body);
        return not_yet(err, sim_json_text(what, "path"), seen);
    }
    bool holds = sim_json_match(body, pointer != NULL ? pointer : "", what, seen, sizeof(seen));
    cJSON_Delete(body);
    if (holds)
        return 1;
    (void)snprintf(name, sizeof(name), "%.80s of %.70s", pointer != NULL ? pointer : "the answer",
                   sim_json_text(what, "path"));
    return not_yet(err, name, seen);
}

/* {path, pointer, in} made from {id, is}. */
static int test_status(struct sim_run *run, const cJSON *what, const char *folder,
                       struct kit_error *err)
{
    char path[PATH_SIZE];
    const cJSON *id = sim_json_get(what, "id");

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

static int test_order(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    return test_status(run, what, "rentals", err);
}

static int test_delivery(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    return test_status(run, what, "deliveries", err);
}

static int found_asset(const cJSON *asset, const cJSON *what, struct kit_error *err)
{
    static const char *const members[] = { "place", "state" };

    for (size_t i = 0; i < KIT_COUNT(members); i++) {
        const char *wanted = sim_json_text(what, members[i]);
        const char *is = sim_json_text(asset, members[i]);
        if (wanted != NULL && (is == NULL || strcmp(is, wanted) != 0))
            return not_yet(err, sim_json_text(what, "label"), is != NULL ? is : "nowhere");
    }
    return 1;
}

/* Assets are listed by id: pages until the label is found. */
static int test_asset(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const char *label = sim_json_text(what, "label");

    for (int page = 0; page < ASSET_PAGES_MAX; page++) {
        char path[PATH_SIZE];
        long status = 0;
        cJSON *body = NULL;
        const cJSON *asset = NULL;
        (void)snprintf(path, sizeof(path), "/assets?page=%d&size=100", page);
        int rc = get(run, path, &status, &body, err);
        if (rc != KIT_OK)
            return rc == KIT_E_UNAVAILABLE ? 0 : -1;
        const cJSON *list = sim_json_get(sim_json_get(body, "_embedded"), "assets");
        bool is_last = cJSON_GetArraySize(list) < 100;
        cJSON_ArrayForEach(asset, list)
        {
            const char *is = sim_json_text(asset, "label");
            if (is == NULL || strcmp(is, label) != 0)
                continue;
            int holds = found_asset(asset, what, err);
            cJSON_Delete(body);
            return holds;
        }
        cJSON_Delete(body);
        if (is_last)
            break;
    }
    return not_yet(err, label, "not known");
}

/* ---- the physical world ---- */

static struct sim_compartment *box_of(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    struct sim_device *locker = NULL;
    int64_t number = sim_json_int(what, "compartment", 0);

    if (sim_run_find_locker(run, what, &locker, err) != KIT_OK)
        return NULL;
    struct sim_compartment *box = sim_device_compartment(locker, number);
    if (box == NULL)
        (void)kit_error_set(err, KIT_E_REFUSED, "there is no compartment %" PRId64 " at %s", number,
                            locker->name);
    return box;
}

static int test_door(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = box_of(run, what, err);
    if (box == NULL)
        return -1;
    const char *is = box->door.place == SIM_DOOR_SHUT   ? "shut"
                     : box->door.place == SIM_DOOR_OPEN ? "open"
                                                        : "ajar";
    return strcmp(is, sim_json_text(what, "is")) == 0 ? 1 : not_yet(err, box->name, is);
}

static int test_object(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = box_of(run, what, err);
    if (box == NULL)
        return -1;
    bool wanted = cJSON_IsTrue(sim_json_get(what, "present"));
    return (box->object_count > 0) == wanted
               ? 1
               : not_yet(err, box->name, box->object_count > 0 ? "not empty" : "empty");
}

/* The lock's own count, of a coil or a door: nothing that firmware or service believe. */
static int test_lock(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_compartment *box = box_of(run, what, err);
    char seen[SEEN_SIZE];

    if (box == NULL)
        return -1;
    int64_t pulses = (int64_t)box->pulse_count, openings = (int64_t)box->open_count;
    if (pulses == sim_json_int(what, "pulses", pulses) &&
        openings == sim_json_int(what, "openings", openings))
        return 1;
    (void)snprintf(seen, sizeof(seen), "a lock with %" PRId64 " pulses and %" PRId64 " openings",
                   pulses, openings);
    return not_yet(err, box->name, seen);
}

static int test_counter(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    struct sim_device *device = sim_run_find_device(run, sim_json_text(what, "device"));
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
    return not_yet(err, label, seen);
}

/* ---- what was said ---- */

static bool panel_matches(const struct sim_entry *entry, const struct sim_device *device,
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
    bool ok = document != NULL;

    cJSON_ArrayForEach(member, members)
    {
        cJSON *match = cJSON_CreateObject();
        (void)cJSON_AddItemToObject(match, "equals", cJSON_Duplicate(member, true));
        ok = ok && sim_json_match(document, member->string, match, seen, sizeof(seen));
        cJSON_Delete(match);
    }
    return ok;
}

static bool message_matches(const struct sim_entry *entry, const cJSON *what)
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
static int64_t new_records(struct log_view *view, const char *payload, const cJSON *members)
{
    cJSON *up = cJSON_Parse(payload);
    const char *epoch = sim_json_text(up, "epoch");
    const cJSON *record = NULL;
    int64_t count = 0;

    if (epoch != NULL && strcmp(epoch, view->epoch) != 0) {
        (void)snprintf(view->epoch, sizeof(view->epoch), "%s", epoch);
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

/* What passes the device's own proxy: it is there when the broker is not. */
static int test_record(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    const struct sim_device *device = sim_run_find_device(run, sim_json_text(what, "device"));
    const cJSON *members = sim_json_get(what, "members");
    size_t from = sim_run_since(run, sim_json_text(what, "since"));
    struct log_view view = { .epoch = "" };
    char label[SEEN_SIZE], seen[64];
    int64_t count = 0;

    for (size_t i = 0; i < device->traffic.up_count; i++) {
        const struct sim_up *up = &device->traffic.ups[i];
        int64_t added = new_records(&view, up->payload, members);
        count += up->entry >= from ? added : 0;
    }
    int64_t wanted = sim_json_int(what, "equals", sim_json_int(what, "atLeast", 1));
    if (sim_json_get(what, "equals") != NULL ? count == wanted : count >= wanted)
        return 1;
    char *text = cJSON_PrintUnformatted(members);
    (void)snprintf(label, sizeof(label), "the record %.110s of %s", text, device->name);
    free(text);
    (void)snprintf(seen, sizeof(seen), "there %" PRId64 " times, not %" PRId64, count, wanted);
    return not_yet(err, label, seen);
}

static int test_entries(struct sim_run *run, const cJSON *what, bool is_panel,
                        struct kit_error *err)
{
    const struct sim_device *device = is_panel
                                          ? sim_run_find_device(run, sim_json_text(what, "device"))
                                          : NULL;
    size_t from = sim_run_since(run, sim_json_text(what, "since"));
    int64_t wanted = sim_json_int(what, "count", 1);
    int64_t count = 0;
    char label[SEEN_SIZE], seen[96];

    for (size_t i = from; i < run->report.count && count < wanted; i++) {
        const struct sim_entry *entry = &run->report.entries[i];
        count += is_panel ? panel_matches(entry, device, what) : message_matches(entry, what);
    }
    if (count >= wanted)
        return 1;
    const bool is_unsure = !is_panel && sim_run_is_blind(run, from);
    run->is_absence_unsure = run->is_absence_unsure || is_unsure;
    if (is_panel)
        (void)snprintf(label, sizeof(label), "the panel of %s with \"%.60s\"", device->name,
                       sim_json_text(what, "text") != NULL ? sim_json_text(what, "text") : "");
    else
        (void)snprintf(label, sizeof(label), "the message on %.120s", sim_json_text(what, "topic"));
    (void)snprintf(seen, sizeof(seen), "seen %" PRId64 " times, not %" PRId64 "%s", count, wanted,
                   is_unsure ? ", but the observer was away meanwhile" : "");
    return not_yet(err, label, seen);
}

static int test_panel(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    return test_entries(run, what, true, err);
}

static int test_message(struct sim_run *run, const cJSON *what, struct kit_error *err)
{
    return test_entries(run, what, false, err);
}

/* ---- all, any, not ---- */

static int test_list(struct sim_run *run, const cJSON *list, bool is_all, struct kit_error *err)
{
    cJSON *item = NULL;

    cJSON_ArrayForEach(item, list)
    {
        int holds = sim_condition_test(run, item, err);
        if (holds < 0 || (holds == 1) != is_all)
            return holds;
    }
    return is_all ? 1 : 0;
}

/* That a blind observer has seen nothing proves nothing. */
static int test_not(struct sim_run *run, cJSON *condition, struct kit_error *err)
{
    run->is_absence_unsure = false;
    int holds = sim_condition_test(run, condition, err);
    if (holds == 0 && run->is_absence_unsure) {
        (void)kit_error_set(err, KIT_E_REFUSED,
                            "nobody can tell that no message came: the observer has lost the "
                            "broker since; name a later step in \"since\"");
        return -1;
    }
    if (holds != 1)
        return holds == 0 ? 1 : -1;
    char *text = cJSON_PrintUnformatted(condition);
    (void)kit_error_set(err, KIT_E_REFUSED, "this should not be so: %.200s", text);
    free(text);
    return 0;
}

typedef int (*condition_fn)(struct sim_run *run, const cJSON *what, struct kit_error *err);

static condition_fn find_condition(const char *kind)
{
    static const struct {
        const char *kind;
        condition_fn test;
    } rows[] = {
        { "http", test_http },     { "order", test_order },     { "delivery", test_delivery },
        { "asset", test_asset },   { "door", test_door },       { "object", test_object },
        { "lock", test_lock },     { "panel", test_panel },     { "message", test_message },
        { "record", test_record }, { "counter", test_counter },
    };
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        if (strcmp(rows[i].kind, kind) == 0)
            return rows[i].test;
    }
    return NULL;
}

int sim_condition_test(struct sim_run *run, void *arg, struct kit_error *err)
{
    cJSON *what = ((cJSON *)arg)->child;

    if (strcmp(what->string, "not") == 0)
        return test_not(run, what, err);
    if (strcmp(what->string, "all") == 0 || strcmp(what->string, "any") == 0)
        return test_list(run, what, strcmp(what->string, "all") == 0, err);
    condition_fn test = find_condition(what->string);
    CHECK(test != NULL); /* the schema lists them */
    return test(run, what, err);
}
