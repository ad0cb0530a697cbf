/* Doors, networks, the impatient customer and the speed, as people at a page want them. See
 * acting.h. */
#include "demo/acting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"

#define LOOK_MS 200
#define HELD_OPEN_MS 1500 /* by the caretaker */
#define PUSHES_MAX 20
#define PUSH_MS 300

/* ---- how it is ---- */

static void tell_device(const struct sim_device *device, struct msg_simulator *ret)
{
    struct msg_simulator_devices *row = &ret->devices[ret->devices_count++];

    kit_text_copy(row->device, sizeof(row->device), device->id);
    row->kind = device->is_locker ? DEVICE_KIND_LOCKER : DEVICE_KIND_SCANNER;
    row->network = device->proxy.is_cut ? SIMULATOR_NETWORK_CUT : SIMULATOR_NETWORK_UP;
    row->has_compartments = device->is_locker;
    row->compartments = (int64_t)device->compartment_count;
}

static void tell_jams(const struct sim_device *device, struct msg_simulator *ret)
{
    for (size_t i = 0; i < device->compartment_count; i++) {
        if (device->compartments[i].latch.fault != SIM_LATCH_JAMMED ||
            ret->jammed_count == KIT_COUNT(ret->jammed))
            continue;
        struct msg_simulator_jammed *row = &ret->jammed[ret->jammed_count++];
        kit_text_copy(row->device, sizeof(row->device), device->id);
        row->compartment = (int64_t)i + 1;
    }
}

void crew_tell_world(void *owner, struct msg_simulator *ret)
{
    const struct crew *crew = owner;
    const struct sim_world *world = &crew->run.world;

    *ret = (struct msg_simulator){ .visitor = crew->is_visitor_wanted ? SIMULATOR_VISITOR_UNDER_WAY
                                                                      : SIMULATOR_VISITOR_NONE,
                                   .has_visitor_order = crew->visitor_order != 0,
                                   .visitor_order = { crew->visitor_order } };
    ret->speed_percent = crew->is_paused ? 0 : crew->options.speed_percent;
    for (size_t i = 0; i < world->device_count && i < KIT_COUNT(ret->devices); i++) {
        tell_device(world->devices[i], ret);
        tell_jams(world->devices[i], ret);
    }
}

/* ---- which device, which door ---- */

/* "lobby, canteen": of the kind that is meant. */
static void list_devices(const struct crew *crew, bool is_locker_meant, char *ret, size_t size)
{
    size_t used = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < crew->run.world.device_count; i++) {
        const struct sim_device *device = crew->run.world.devices[i];
        if ((is_locker_meant && !device->is_locker) || used >= size)
            continue;
        used += (size_t)snprintf(ret + used, size - used, "%s%s", used > 0 ? ", " : "", device->id);
    }
}

static int find_device(const struct crew *crew, const struct msg_simulator_act *request,
                       bool is_locker_meant, struct sim_device **ret, struct kit_error *err)
{
    char known[160];

    *ret = request->has_device ? sim_world_find_id(&crew->run.world, request->device) : NULL;
    if (*ret != NULL && (!is_locker_meant || (*ret)->is_locker))
        return KIT_OK;
    list_devices(crew, is_locker_meant, known, sizeof(known));
    if (!request->has_device)
        return kit_error_set(err, KIT_E_INVALID, "say which device: there are %s", known);
    return kit_error_set(err, KIT_E_NOT_FOUND, "no simulated %s is named %s: there are %s",
                         is_locker_meant ? "locker" : "device", request->device, known);
}

static int find_door(const struct crew *crew, const struct msg_simulator_act *request,
                     struct sim_compartment **ret, struct kit_error *err)
{
    struct sim_device *locker = NULL;

    int rc = find_device(crew, request, true, &locker, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(locker != NULL);
    if (!request->has_compartment)
        return kit_error_set(err, KIT_E_INVALID, "say which compartment: %s has 1 to %zu",
                             locker->id, locker->compartment_count);
    *ret = sim_device_compartment(locker, request->compartment);
    if (*ret == NULL)
        return kit_error_set(err, KIT_E_NOT_FOUND,
                             "there is no compartment %" PRId64 " at %s: it has 1 to %zu",
                             request->compartment, locker->id, locker->compartment_count);
    return KIT_OK;
}

/* ---- doors ---- */

/* The door that somebody is to open next: goods that wait for their customer first, then an empty
 * one that is to be filled. NULL: none is. */
static struct sim_compartment *find_next_door(const struct crew *crew)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < crew->stop_count; i++) {
            const struct crew_stop *stop = &crew->stops[i];
            struct sim_compartment *box = sim_device_compartment(stop->locker, stop->compartment);
            if (stop->is_loaded == (pass == 0) && box != NULL && box->is_held &&
                box->latch.fault == SIM_LATCH_OK)
                return box;
        }
    }
    return NULL;
}

/* Whoever has something in there comes at once. */
static void call_customer(struct crew *crew, const struct sim_compartment *box)
{
    for (size_t i = 0; i < crew->stop_count; i++) {
        const struct crew_stop *stop = &crew->stops[i];
        if (sim_device_compartment(stop->locker, stop->compartment) == box)
            crew_claim_of(crew, stop->order)->not_before_ms = 0;
    }
}

static int jam(struct crew *crew, const struct msg_simulator_act *request, struct kit_error *err)
{
    struct sim_compartment *box = find_next_door(crew);

    if (request->has_device || request->has_compartment) {
        int rc = find_door(crew, request, &box, err);
        if (rc != KIT_OK)
            return rc;
    }
    if (box == NULL)
        return kit_error_set(err, KIT_E_REFUSED,
                             "no door is to be opened now: name one, or wait for the next order");
    sim_compartment_set_latch_fault(box, SIM_LATCH_JAMMED);
    call_customer(crew, box);
    return KIT_OK;
}

/* The lock is mended now; the caretaker moves the door, which the locker believes to be jammed. */
static void free_door(struct crew *crew, struct sim_compartment *box)
{
    if (box->latch.fault != SIM_LATCH_JAMMED)
        return;
    sim_compartment_set_latch_fault(box, SIM_LATCH_OK);
    if (box->is_held && crew->freed_count < CREW_FREED_MAX)
        crew->freed[crew->freed_count++] = box;
}

static int free_doors(struct crew *crew, const struct msg_simulator_act *request,
                      struct kit_error *err)
{
    struct sim_world *world = &crew->run.world;
    struct sim_compartment *box = NULL;

    if (request->has_device || request->has_compartment) {
        int rc = find_door(crew, request, &box, err);
        if (rc != KIT_OK)
            return rc;
        CHECK(box != NULL);
        free_door(crew, box);
        return KIT_OK;
    }
    for (size_t i = 0; i < world->device_count; i++) {
        for (size_t n = 0; n < world->devices[i]->compartment_count; n++)
            free_door(crew, &world->devices[i]->compartments[n]);
    }
    return KIT_OK;
}

/* Opens it with a key and pushes it shut, as a technician tries what he has mended. */
static void move_door(struct crew *crew, struct sim_compartment *box)
{
    (void)sim_compartment_force(box, sim_now_ms());
    crew_nap(crew, HELD_OPEN_MS);
    for (int i = 0; i < PUSHES_MAX && !box->is_held && !crew_is_over(crew); i++) {
        (void)sim_compartment_push(box, sim_now_ms());
        crew_nap(crew, PUSH_MS);
    }
}

void crew_live_as_caretaker(struct crew_person *self)
{
    struct crew *crew = self->crew;

    while (!crew_is_over(crew)) { /* as long as the demo */
        if (crew->freed_count == 0) {
            crew_nap(crew, LOOK_MS);
            continue;
        }
        struct sim_compartment *box = crew->freed[--crew->freed_count];
        crew_say(self, "mends %s", box->name);
        move_door(crew, box);
    }
}

/* ---- networks, speed ---- */

static int restore(struct crew *crew, const struct msg_simulator_act *request,
                   struct kit_error *err)
{
    struct sim_world *world = &crew->run.world;
    struct sim_device *device = NULL;

    if (request->has_device) {
        int rc = find_device(crew, request, false, &device, err);
        if (rc != KIT_OK)
            return rc;
        CHECK(device != NULL);
        sim_proxy_restore(&device->proxy);
        return KIT_OK;
    }
    for (size_t i = 0; i < world->device_count; i++)
        sim_proxy_restore(&world->devices[i]->proxy);
    return KIT_OK;
}

static int cut(struct crew *crew, const struct msg_simulator_act *request, struct kit_error *err)
{
    struct sim_device *device = NULL;

    int rc = find_device(crew, request, false, &device, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(device != NULL);
    sim_proxy_cut(&device->proxy);
    return KIT_OK;
}

static int set_speed(struct crew *crew, const struct msg_simulator_act *request,
                     struct kit_error *err)
{
    if (!request->has_speed_percent)
        return kit_error_set(err, KIT_E_INVALID,
                             "say how fast, in speedPercent: 100 is as people are, 0 stands still");
    crew->is_paused = request->speed_percent == 0;
    if (!crew->is_paused)
        crew->options.speed_percent = request->speed_percent;
    return KIT_OK;
}

static int send_visitor(struct crew *crew, struct kit_error *err)
{
    if (!crew->is_open)
        return kit_error_set(err, KIT_E_REFUSED, "the shop is not open yet: wait a moment");
    if (crew->is_visitor_wanted)
        return kit_error_set(err, KIT_E_REFUSED,
                             "the impatient customer is under way: wait until he is gone");
    crew->is_visitor_wanted = true;
    return KIT_OK;
}

int crew_make_happen(void *owner, const struct msg_simulator_act *request, struct kit_error *err)
{
    struct crew *crew = owner;

    switch (request->action) {
    case SIMULATOR_ACT_JAM:
        return jam(crew, request, err);
    case SIMULATOR_ACT_FREE:
        return free_doors(crew, request, err);
    case SIMULATOR_ACT_CUT:
        return cut(crew, request, err);
    case SIMULATOR_ACT_RESTORE:
        return restore(crew, request, err);
    case SIMULATOR_ACT_VISITOR:
        return send_visitor(crew, err);
    case SIMULATOR_ACT_SPEED:
        return set_speed(crew, request, err);
    }
    UNREACHABLE("action");
}
