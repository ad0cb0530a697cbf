/* See staff.h. */
#include "world/staff.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define PAUSE_US 400000
#define VERDICT_US 8000000 /* without a verdict, the worker begins anew */
#define DOOR_US 4000000
#define DOOR_LOOK_US 100000

static void look(void *self, struct world_message *message, uint64_t number);
static void scan(struct world_staff *staff);

static void rest(struct world_staff *staff)
{
    staff->label_count = 0;
    staff->turn++;
    world_clock_in(staff->clock, PAUSE_US + sim_rng_below(&staff->rng, PAUSE_US), look, staff, 0);
}

/* ---- labels ---- */

static void KIT_FORMAT(3, 4)
    add_label(struct world_staff *staff, const char *kind, const char *format, ...)
{
    char value[40];
    va_list arguments;
    CHECK(staff->label_count < WORLD_STEPS_MAX);
    va_start(arguments, format);
    (void)vsnprintf(value, sizeof(value), format, arguments);
    va_end(arguments);
    CHECK(sim_label_print(kind, value, staff->labels[staff->label_count++]));
}

/* ---- loading ---- */

/* A tote is emptied once: whoever comes second shuts the door over what lies there. */
static bool is_laid(const struct world_lockers *lockers, int64_t order_id)
{
    for (uint32_t i = 0; i < lockers->laid_count; i++) {
        if (lockers->laid[i] == order_id)
            return true;
    }
    return false;
}

static void at_door(void *self, struct world_message *message, uint64_t waited_us)
{
    struct world_staff *staff = self;
    struct world_device *locker = world_locker_find(staff->lockers, staff->locker);
    struct sim_compartment *door = world_device_door(locker, (uint32_t)staff->compartment);
    const int64_t now_ms = world_clock_mono_ms(staff->clock);
    char name[WORLD_OBJECT_SIZE];
    (void)message;
    sim_compartment_advance(door, now_ms);
    if (door->door.place != SIM_DOOR_OPEN) {
        if (waited_us < DOOR_US) {
            world_clock_in(staff->clock, DOOR_LOOK_US, at_door, staff, waited_us + DOOR_LOOK_US);
            return;
        }
        rest(staff);
        return;
    }
    world_object_name(staff->order_id, name);
    if (door->object_count == 0 && !is_laid(staff->lockers, staff->order_id) &&
        sim_compartment_put(door, name, now_ms) == SIM_HAND_DONE) {
        CHECK(staff->lockers->laid_count < WORLD_LAID_MAX);
        staff->lockers->laid[staff->lockers->laid_count++] = staff->order_id;
        world_clock_trace(staff->clock, staff->scanner->id, "its worker lays %s into %s/%" PRId64,
                          name, staff->locker, staff->compartment);
    }
    world_device_shut(locker, (uint32_t)staff->compartment);
    rest(staff);
}

/* ---- scanning ---- */

static void on_no_verdict(void *self, struct world_message *message, uint64_t turn)
{
    struct world_staff *staff = self;
    (void)message;
    if (turn != staff->turn)
        return;
    rest(staff);
}

static void scan_next(void *self, struct world_message *message, uint64_t turn)
{
    struct world_staff *staff = self;
    (void)message;
    if (turn == staff->turn)
        scan(staff);
}

static void scan(struct world_staff *staff)
{
    if (staff->at == staff->label_count) {
        if (staff->is_loading)
            world_clock_in(staff->clock, DOOR_LOOK_US, at_door, staff, 0);
        else
            rest(staff);
        return;
    }
    staff->turn++;
    (void)world_device_read(staff->scanner, staff->labels[staff->at]);
    world_clock_in(staff->clock, VERDICT_US, on_no_verdict, staff, staff->turn);
}

/* A verdict is told by a sound of its own; what is only stored ticks. */
static void on_panel(void *self, enum fw_signal signal, const char *text)
{
    struct world_staff *staff = self;
    (void)text;
    if (staff->at >= staff->label_count)
        return;
    if (signal == FW_SIGNAL_ERROR) {
        rest(staff);
    } else if (signal == FW_SIGNAL_OK || signal == FW_SIGNAL_DONE) {
        staff->at++;
        staff->turn++;
        world_clock_in(staff->clock, 600000, scan_next, staff, staff->turn); /* no bounce */
    }
}

/* ---- what is to be done ---- */

static void plan_load(struct world_staff *staff, const cJSON *pick)
{
    char place[FW_DEVICE_SIZE];
    const cJSON *locker = cJSON_GetObjectItem(pick, "locker");
    const cJSON *compartment = cJSON_GetObjectItem(pick, "compartment");
    kit_text_copy(staff->locker, sizeof(staff->locker), locker->valuestring);
    kit_text_copy(place, sizeof(place), locker->valuestring);
    for (char *at = place; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    staff->compartment = compartment->valueint;
    add_label(staff, "command", "LOAD");
    add_label(staff, "order", "%" PRId64, staff->order_id);
    add_label(staff, "compartment", "%s-%02" PRId64, place, staff->compartment);
}

static bool is_to_be_loaded(const struct world_staff *staff, const cJSON *delivery)
{
    const cJSON *status = cJSON_GetObjectItem(delivery, "status");
    const cJSON *locker = cJSON_GetObjectItem(delivery, "locker");
    return cJSON_IsString(status) && strcmp(status->valuestring, "PICKED") == 0 &&
           cJSON_IsString(locker) && cJSON_IsNumber(cJSON_GetObjectItem(delivery, "compartment")) &&
           world_locker_find(staff->lockers, locker->valuestring) != NULL;
}

/* One of the orders that lie in totes. */
static void on_deliveries(void *self, const struct world_answer *answer)
{
    struct world_staff *staff = self;
    const cJSON *chosen = NULL, *one = NULL;
    uint32_t count = 0;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "_embedded"), "deliveries");
    cJSON_ArrayForEach(one, list)
    {
        if (is_to_be_loaded(staff, one) && sim_rng_below(&staff->rng, ++count) == 0)
            chosen = one;
    }
    if (chosen == NULL) {
        rest(staff);
    } else {
        staff->order_id = cJSON_GetObjectItem(chosen, "id")->valueint;
        staff->at = staff->label_count = 0;
        staff->is_loading = true;
        plan_load(staff, chosen);
        scan(staff);
    }
    cJSON_Delete(json);
}

/* A bulk product's label once for each piece that is missing in the tote. */
static void plan_pick(struct world_staff *staff, const cJSON *pick)
{
    const cJSON *product = cJSON_GetObjectItem(pick, "productId");
    const int missing = cJSON_GetObjectItem(pick, "qty")->valueint -
                        cJSON_GetObjectItem(pick, "picked")->valueint;
    const cJSON *tote = cJSON_GetObjectItem(pick, "tote");
    staff->is_loading = false;
    add_label(staff, "command", "PICK");
    add_label(staff, "order", "%" PRId64, staff->order_id);
    if (cJSON_IsString(tote))
        add_label(staff, "tote", "%s", tote->valuestring);
    else
        add_label(staff, "tote", "T%" PRIu32 "-%" PRId64, staff->index, staff->order_id);
    for (int i = 0; i < missing; i++)
        add_label(staff, "product", "%d", product->valueint);
    scan(staff);
}

static void on_picks(void *self, const struct world_answer *answer)
{
    struct world_staff *staff = self;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "_embedded"), "picks");
    const int count = cJSON_GetArraySize(list);
    if (count == 0) {
        rest(staff);
        cJSON_Delete(json);
        return;
    }
    const cJSON *pick = cJSON_GetArrayItem(list, (int)sim_rng_below(&staff->rng, (uint32_t)count));
    staff->order_id = cJSON_GetObjectItem(pick, "rentalId")->valueint;
    staff->at = staff->label_count = 0;
    plan_pick(staff, pick);
    cJSON_Delete(json);
}

static void look(void *self, struct world_message *message, uint64_t number)
{
    struct world_staff *staff = self;
    const bool loads = sim_rng_chance(&staff->rng, 500);
    const struct world_ask ask = { .method = "GET",
                                   .target = loads ? "/deliveries?size=100" : "/picks" };
    (void)message;
    (void)number;
    world_web_ask(staff->web, &ask, loads ? on_deliveries : on_picks, staff);
}

void world_staff_init(struct world_staff *staff, struct world_web *web,
                      struct world_device *scanner, struct world_lockers *lockers, uint64_t seed)
{
    static const char *const NAMES[] = { "worker-0", "worker-1", "worker-2" };
    memset(staff, 0, sizeof(*staff));
    staff->clock = scanner->clock;
    staff->web = web;
    staff->scanner = scanner;
    staff->lockers = lockers;
    staff->index = (uint32_t)(scanner->id[strlen(scanner->id) - 1] - '0');
    sim_rng_init(&staff->rng, seed, NAMES[staff->index % KIT_COUNT(NAMES)]);
    scanner->events.on_panel = on_panel;
    scanner->events.self = staff;
    rest(staff);
}
