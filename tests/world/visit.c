/* See visit.h. */
#include "world/visit.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define LOOK_US 900000
#define DOOR_US 4000000 /* that somebody waits for a door */
#define DOOR_LOOK_US 100000
#define TEXT_SIZE 200

static void look(void *self, struct world_message *message, uint64_t number);

void world_object_name(int64_t order_id, char ret_name[WORLD_OBJECT_SIZE])
{
    (void)snprintf(ret_name, WORLD_OBJECT_SIZE, "order-%" PRId64, order_id);
}

struct world_device *world_locker_find(const struct world_lockers *lockers, const char *name)
{
    for (uint32_t i = 0; i < lockers->count; i++) {
        if (strcmp(lockers->devices[i].id, name) == 0)
            return &lockers->devices[i];
    }
    return NULL;
}

static void later(struct world_visit *visit, int64_t in_us, world_event_cb run)
{
    world_clock_in(visit->clock, in_us + sim_rng_below(visit->rng, 1 + (uint32_t)in_us), run, visit,
                   0);
}

static void ask(struct world_visit *visit, const char *suffix, world_answer_cb on_answer)
{
    char target[TEXT_SIZE];
    (void)snprintf(target, sizeof(target), "/deliveries/%" PRId64 "%s", visit->order_id, suffix);
    const struct world_ask question = { .method = "GET", .target = target };
    world_web_ask(visit->web, &question, on_answer, visit);
}

/* ---- at the door ---- */

static void at_door(void *self, struct world_message *message, uint64_t waited_us)
{
    struct world_visit *visit = self;
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    struct sim_compartment *door = world_device_door(locker, (uint32_t)visit->compartment);
    char name[WORLD_OBJECT_SIZE], object[SIM_OBJECT_SIZE];
    const int64_t now_ms = world_clock_mono_ms(visit->clock);
    (void)message;
    sim_compartment_advance(door, now_ms);
    if (door->door.place != SIM_DOOR_OPEN) {
        if (waited_us < DOOR_US)
            world_clock_in(visit->clock, DOOR_LOOK_US, at_door, visit, waited_us + DOOR_LOOK_US);
        else
            later(visit, LOOK_US, look);
        return;
    }
    world_object_name(visit->order_id, name);
    if (sim_compartment_take(door, name, object, now_ms) == SIM_HAND_DONE) {
        visit->has_taken = true;
        world_clock_trace(visit->clock, "customer", "takes %s", name);
    }
    world_device_shut(locker, (uint32_t)visit->compartment);
    later(visit, LOOK_US, look);
}

/* A code that was right for this order once is right for one opening. */
static void type_code(struct world_visit *visit, const char *code)
{
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    bool is_new = true;
    if (locker == NULL || visit->compartment < 1 || visit->compartment > WORLD_COMPARTMENTS) {
        later(visit, LOOK_US, look);
        return;
    }
    for (uint32_t i = 0; i < visit->code_count; i++)
        is_new = is_new && strcmp(visit->codes[i], code) != 0;
    if (is_new && visit->code_count < WORLD_CODES_MAX) {
        kit_text_copy(visit->codes[visit->code_count++], sizeof(visit->codes[0]), code);
        world_device_allow(locker, (uint32_t)visit->compartment);
    }
    if (!world_device_read(locker, code)) {
        later(visit, LOOK_US, look);
        return;
    }
    world_clock_in(visit->clock, DOOR_LOOK_US, at_door, visit, 0);
}

/* ---- at home ---- */

static void on_code(void *self, const struct world_answer *answer)
{
    struct world_visit *visit = self;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *code = cJSON_GetObjectItem(json, "code");
    const cJSON *locker = cJSON_GetObjectItem(json, "locker");
    const cJSON *compartment = cJSON_GetObjectItem(json, "compartment");
    if (cJSON_IsString(code) && cJSON_IsString(locker) && cJSON_IsNumber(compartment)) {
        kit_text_copy(visit->locker, sizeof(visit->locker), locker->valuestring);
        visit->compartment = compartment->valueint;
        type_code(visit, code->valuestring);
    } else {
        later(visit, LOOK_US, look);
    }
    cJSON_Delete(json);
}

static bool is_end(const char *status)
{
    return strncmp(status, "CANCELED", 8) == 0 || strcmp(status, "DELIVERED") == 0 ||
           strcmp(status, "EXPIRED") == 0;
}

static void on_look(void *self, const struct world_answer *answer)
{
    struct world_visit *visit = self;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const cJSON *status = cJSON_GetObjectItem(json, "status");
    const char *text = cJSON_IsString(status) ? status->valuestring : "";
    if (strcmp(text, "DELIVERED") == 0 && !visit->has_taken && visit->wrong[0] == '\0')
        (void)snprintf(visit->wrong, sizeof(visit->wrong),
                       "order %" PRId64 " counts as collected, and nobody has taken it",
                       visit->order_id);
    if (strcmp(text, "READY") == 0)
        ask(visit, "/pickup-code", on_code);
    else if (!is_end(text))
        later(visit, LOOK_US, look);
    cJSON_Delete(json);
}

static void look(void *self, struct world_message *message, uint64_t number)
{
    struct world_visit *visit = self;
    (void)message;
    (void)number;
    ask(visit, "", on_look);
}

void world_visit_begin(struct world_visit *visit, int64_t order_id)
{
    visit->order_id = order_id;
    later(visit, LOOK_US, look);
}
