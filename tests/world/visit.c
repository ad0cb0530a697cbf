/* See visit.h. */
#include "world/visit.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "kit/base/time.h"

#define LOOK_US 900000
#define DOOR_US 4000000 /* that somebody waits for a door */
#define DOOR_LOOK_US 100000
#define TEXT_SIZE 200
#define WALK_US 9000000 /* of who comes late; up to twice that */
#define AGAIN_US 1000000
#define LATE_PERMILLE 600
#define WRONG_LOCKER_PERMILLE 60
#define NEIGHBOUR_PERMILLE 120
#define AGAIN_PERMILLE 500
#define AGAIN_MAX 6
/* Of an order that has ended: wrong codes lock all of a locker's customers out. */
#define AFTER_MAX 2
#define CANCELED_PERMILLE 800
#define FORGETS_PERMILLE 80 /* somebody opens the door, and lets things lie */
#define BACK_PERMILLE 700
#define COUNTER_PERMILLE 250 /* of those who bring something back */

static void look(void *self, struct world_message *message, uint64_t number);

struct world_goods *world_goods_of(struct world_lockers *lockers, int64_t order_id)
{
    for (uint32_t i = 0; i < lockers->goods_count; i++) {
        if (lockers->goods[i].order_id == order_id)
            return &lockers->goods[i];
    }
    CHECK(lockers->goods_count < WORLD_GOODS_MAX);
    struct world_goods *goods = &lockers->goods[lockers->goods_count++];
    *goods = (struct world_goods){ .order_id = order_id };
    (void)snprintf(goods->name, sizeof(goods->name), "order-%" PRId64, order_id);
    return goods;
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
    if (visit->clock->now_us + 2 * in_us >= visit->lockers->closes_us)
        return;
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

static void blame(struct world_visit *visit, const char *wrong)
{
    if (visit->wrong[0] == '\0')
        (void)snprintf(visit->wrong, sizeof(visit->wrong), "order %" PRId64 " %s", visit->order_id,
                       wrong);
}

/* ---- at the door ---- */

/* Shuts it, and goods lie where they lay. Not where a board was silent: a sensor that delivery has
 * not seen to change is not believed, so goods that are left behind it count as taken (delivery.md
 * 8.3, 8.6). */
static bool forgets(struct world_visit *visit)
{
    return sim_rng_chance(visit->rng, FORGETS_PERMILLE) &&
           !world_locker_find(visit->lockers, visit->locker)->wear.was_quiet;
}

static void serve_door(struct world_visit *visit, struct sim_compartment *door, int64_t now_ms)
{
    struct world_goods *goods = world_goods_of(visit->lockers, visit->order_id);
    char object[SIM_OBJECT_SIZE];
    if (forgets(visit))
        return;
    if (!visit->is_returning &&
        sim_compartment_take(door, goods->name, object, now_ms) == SIM_HAND_DONE) {
        goods->place = WORLD_CUSTOMER;
        goods->was_with_customer = true;
        world_clock_trace(visit->clock, "customer", "takes %s", goods->name);
    } else if (visit->is_returning && goods->place == WORLD_CUSTOMER && door->object_count == 0 &&
               sim_compartment_put(door, goods->name, now_ms) == SIM_HAND_DONE) {
        goods->place = WORLD_COMPARTMENT;
        world_clock_trace(visit->clock, "customer", "brings %s back", goods->name);
    }
}

static void at_door(void *self, struct world_message *message, uint64_t waited_us)
{
    struct world_visit *visit = self;
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    struct sim_compartment *door = world_device_door(locker, (uint32_t)visit->compartment);
    const int64_t now_ms = world_clock_mono_ms(visit->clock);
    (void)message;
    sim_compartment_advance(door, now_ms);
    if (door->door.place == SIM_DOOR_OPEN) {
        serve_door(visit, door, now_ms);
        world_device_shut(locker, (uint32_t)visit->compartment);
    } else if (waited_us < DOOR_US) {
        world_clock_in(visit->clock, DOOR_LOOK_US, at_door, visit, waited_us + DOOR_LOOK_US);
        return;
    } else {
        visit->is_there = true;
    }
    later(visit, LOOK_US, look);
}

/* Whatever opens. */
static void shut_all(struct world_device *locker)
{
    for (uint32_t n = 1; n <= locker->doors; n++)
        world_device_shut(locker, n);
}

/* The same code once more, whatever became of it. */
static void type_again(void *self, struct world_message *message, uint64_t number)
{
    struct world_visit *visit = self;
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    (void)message;
    (void)number;
    (void)world_device_read(locker, visit->code);
    shut_all(locker);
    if (visit->again_count-- > 1)
        later(visit, AGAIN_US, type_again);
}

/* Up to so often. */
static void begin_again(struct world_visit *visit, uint32_t times_max)
{
    if (visit->again_count > 0 || !sim_rng_chance(visit->rng, AGAIN_PERMILLE))
        return;
    visit->again_count = 1 + sim_rng_below(visit->rng, times_max);
    later(visit, AGAIN_US, type_again);
}

/* What people type by mistake. */
static void mistype(struct world_visit *visit, struct world_device *locker)
{
    struct world_device *other =
        &visit->lockers->devices[sim_rng_below(visit->rng, visit->lockers->count)];
    const char *code = sim_rng_chance(visit->rng, NEIGHBOUR_PERMILLE)
                           ? world_openings_any_code(&locker->openings, visit->rng)
                           : NULL;
    if (other != locker && sim_rng_chance(visit->rng, WRONG_LOCKER_PERMILLE))
        (void)world_device_read(other, visit->code);
    if (code == NULL)
        return;
    (void)world_device_read(locker, code);
    shut_all(locker);
}

static void type_code(void *self, struct world_message *message, uint64_t number)
{
    struct world_visit *visit = self;
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    (void)message;
    (void)number;
    mistype(visit, locker);
    if (!world_device_read(locker, visit->code)) {
        later(visit, LOOK_US, look);
        return;
    }
    begin_again(visit, AGAIN_MAX);
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
    const cJSON *until = cJSON_GetObjectItem(json, "expiresAt");
    int64_t expires_ms = 0;
    if (cJSON_IsString(code) && cJSON_IsString(locker) && cJSON_IsNumber(compartment) &&
        cJSON_IsString(until) && kit_time_from_text(until->valuestring, &expires_ms) &&
        world_locker_find(visit->lockers, locker->valuestring) != NULL) {
        kit_text_copy(visit->locker, sizeof(visit->locker), locker->valuestring);
        kit_text_copy(visit->code, sizeof(visit->code), code->valuestring);
        visit->compartment = compartment->valueint;
        world_openings_know(&world_locker_find(visit->lockers, visit->locker)->openings,
                            visit->code, (uint32_t)visit->compartment, expires_ms);
        if (visit->waits_for_cancel)
            later(visit, LOOK_US, look);
        else if (!visit->is_there && sim_rng_chance(visit->rng, LATE_PERMILLE))
            later(visit, WALK_US, type_code);
        else
            type_code(visit, NULL, 0);
    } else {
        later(visit, LOOK_US, look);
    }
    cJSON_Delete(json);
}

/* ---- bringing back ---- */

static void ask_return(void *self, struct world_message *message, uint64_t number);

/* A no is believed: the goods stay with the customer. */
static void on_return(void *self, const struct world_answer *answer)
{
    struct world_visit *visit = self;
    if (!world_answer_is_clear(answer)) {
        later(visit, LOOK_US, ask_return);
        return;
    }
    visit->is_returning = answer->status == 200;
    if (visit->is_returning)
        later(visit, LOOK_US, look);
}

static void ask_return(void *self, struct world_message *message, uint64_t number)
{
    struct world_visit *visit = self;
    char target[TEXT_SIZE], key[TEXT_SIZE];
    (void)message;
    (void)number;
    (void)snprintf(target, sizeof(target), "/deliveries/%" PRId64 "/return", visit->order_id);
    (void)snprintf(key, sizeof(key), "return-%" PRId64, visit->order_id);
    const struct world_ask question = { .method = "POST", .target = target, .key = key };
    world_web_ask(visit->web, &question, on_return, visit);
}

static void bring_back(struct world_visit *visit)
{
    struct world_goods *goods = world_goods_of(visit->lockers, visit->order_id);
    if (goods->place != WORLD_CUSTOMER || !sim_rng_chance(visit->rng, BACK_PERMILLE))
        return;
    goods->tries = 0;
    if (sim_rng_chance(visit->rng, COUNTER_PERMILLE))
        goods->place = WORLD_DESK;
    else
        later(visit, AGAIN_US, ask_return);
}

/* ---- how it goes ---- */

/* NULL: the customer has no code. */
static struct world_device *withdraw(struct world_visit *visit)
{
    struct world_device *locker = world_locker_find(visit->lockers, visit->locker);
    if (locker != NULL)
        world_openings_withdraw(&locker->openings, visit->code);
    return locker;
}

void world_visit_on_cancel(struct world_visit *visit, bool is_canceled)
{
    visit->waits_for_cancel = false;
    struct world_device *locker = is_canceled ? withdraw(visit) : NULL;
    if (locker == NULL || !sim_rng_chance(visit->rng, CANCELED_PERMILLE))
        return;
    (void)world_device_read(locker, visit->code);
    shut_all(locker);
}

/* Its code is typed all the same, now and then. */
static void on_end(struct world_visit *visit, const char *status)
{
    const struct world_goods *goods = world_goods_of(visit->lockers, visit->order_id);
    if (strcmp(status, "DELIVERED") == 0 && !goods->was_with_customer)
        blame(visit, "counts as collected, and nobody has taken it");
    if (strcmp(status, "RETURNED") == 0 && goods->place == WORLD_CUSTOMER)
        blame(visit, "counts as returned, and its customer has it");
    if (visit->code[0] != '\0')
        begin_again(visit, AFTER_MAX);
    if (strcmp(status, "DELIVERED") == 0)
        bring_back(visit);
    else
        (void)withdraw(visit);
}

static void on_look(void *self, const struct world_answer *answer)
{
    static const char *const ON_THE_WAY[] = { "REQUESTED", "RESERVED", "PICKED" };
    struct world_visit *visit = self;
    cJSON *json = answer->status == 200 ? cJSON_Parse(answer->body) : NULL;
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItem(json, "status"));
    bool is_under_way = status == NULL || (visit->is_returning && strcmp(status, "DELIVERED") == 0);
    for (size_t i = 0; !is_under_way && i < KIT_COUNT(ON_THE_WAY); i++)
        is_under_way = strcmp(status, ON_THE_WAY[i]) == 0;
    if (is_under_way)
        later(visit, LOOK_US, look);
    else if (strcmp(status, "READY") == 0 || strcmp(status, "RETURNING") == 0)
        ask(visit, "/pickup-code", on_code);
    else
        on_end(visit, status);
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
