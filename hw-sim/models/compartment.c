/* Latch, door and contents together: who moves whom. One thread. */
#include "models/compartment.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define STEPS_MAX 16 /* release, spring, pulse over: a few for each call */

struct sim_compartment_options sim_compartment_options_default(void)
{
    return (struct sim_compartment_options){
        .release_ms = SIM_RELEASE_MS,
        .pulse_ms = SIM_PULSE_MS,
        .spring_ms = SIM_SPRING_MS,
        .latch_fault = SIM_LATCH_OK,
        .sensor_fault = SIM_SENSOR_OK,
    };
}

void sim_compartment_init(struct sim_compartment *compartment, const char *name,
                          const struct sim_compartment_options *options,
                          const struct sim_listener *listener)
{
    memset(compartment, 0, sizeof(*compartment));
    kit_text_copy(compartment->name, sizeof(compartment->name), name);
    sim_latch_init(&compartment->latch, options->release_ms, options->pulse_ms);
    compartment->latch.fault = options->latch_fault;
    sim_door_init(&compartment->door, options->spring_ms);
    compartment->is_held = true;
    compartment->sensor_fault = options->sensor_fault;
    if (listener != NULL)
        compartment->listener = *listener;
}

static void tell(const struct sim_compartment *compartment, enum sim_event_kind kind, int64_t at_ms,
                 const char *detail)
{
    sim_tell(&compartment->listener, compartment->name, kind, at_ms, detail);
}

void sim_compartment_pulse(struct sim_compartment *compartment, int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    compartment->pulse_count++;
    sim_latch_pulse(&compartment->latch, now_ms);
    tell(compartment, SIM_EVENT_COIL_ON, now_ms, NULL);
}

bool sim_compartment_is_hooked(const struct sim_compartment *compartment)
{
    return compartment->is_held;
}

bool sim_compartment_sees_object(const struct sim_compartment *compartment)
{
    if (compartment->sensor_fault == SIM_SENSOR_OK)
        return compartment->object_count > 0;
    return compartment->sensor_fault == SIM_SENSOR_STUCK_PRESENT;
}

static void catch_door(struct sim_compartment *compartment, int64_t at_ms)
{
    compartment->is_held = true;
    tell(compartment, SIM_EVENT_LATCH_CAUGHT, at_ms, NULL);
}

static void let_go(struct sim_compartment *compartment, int64_t at_ms)
{
    if (compartment->is_held)
        compartment->open_count++;
    compartment->is_held = false;
    if (sim_door_let_go(&compartment->door, at_ms))
        tell(compartment, SIM_EVENT_DOOR_AJAR, at_ms, NULL);
}

static bool step_latch(struct sim_compartment *compartment, int64_t now_ms)
{
    int64_t at_ms;
    switch (sim_latch_step(&compartment->latch, now_ms, &at_ms)) {
    case SIM_LATCH_SAME:
        return false;
    case SIM_LATCH_RELEASED:
        tell(compartment, SIM_EVENT_LATCH_RELEASED, at_ms, NULL);
        let_go(compartment, at_ms);
        return true;
    case SIM_LATCH_STUCK:
        tell(compartment, SIM_EVENT_LATCH_STUCK, at_ms, NULL);
        return true;
    case SIM_LATCH_COIL_OFF:
        tell(compartment, SIM_EVENT_COIL_OFF, at_ms, NULL);
        /* A door without a spring that nobody pulled meanwhile is caught again. */
        if (compartment->door.place == SIM_DOOR_SHUT && !compartment->is_held &&
            sim_latch_can_catch(&compartment->latch))
            catch_door(compartment, at_ms);
        return true;
    }
    UNREACHABLE("latch change");
}

void sim_compartment_advance(struct sim_compartment *compartment, int64_t now_ms)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        int64_t at_ms;
        bool is_door_first = sim_door_next_due_ms(&compartment->door) <
                             sim_latch_next_due_ms(&compartment->latch);
        if (is_door_first && sim_door_step(&compartment->door, now_ms, &at_ms))
            tell(compartment, SIM_EVENT_DOOR_OPEN, at_ms, NULL);
        else if (is_door_first || !step_latch(compartment, now_ms))
            return;
    }
}

int64_t sim_compartment_next_due_ms(const struct sim_compartment *compartment)
{
    return sim_earlier(sim_latch_next_due_ms(&compartment->latch),
                       sim_door_next_due_ms(&compartment->door));
}

static enum sim_hand open_by_hand(struct sim_compartment *compartment, enum sim_event_kind kind,
                                  int64_t now_ms)
{
    if (compartment->is_held)
        compartment->open_count++;
    compartment->is_held = false;
    sim_door_pull(&compartment->door);
    tell(compartment, kind, now_ms, NULL);
    return SIM_HAND_DONE;
}

enum sim_hand sim_compartment_pull(struct sim_compartment *compartment, int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    if (compartment->door.place == SIM_DOOR_OPEN)
        return SIM_HAND_ALREADY;
    if (compartment->is_held)
        return SIM_HAND_LOCKED;
    return open_by_hand(compartment, SIM_EVENT_DOOR_OPEN, now_ms);
}

enum sim_hand sim_compartment_force(struct sim_compartment *compartment, int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    if (compartment->door.place == SIM_DOOR_OPEN)
        return SIM_HAND_ALREADY;
    return open_by_hand(compartment, SIM_EVENT_DOOR_FORCED, now_ms);
}

enum sim_hand sim_compartment_push(struct sim_compartment *compartment, int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    if (compartment->door.place == SIM_DOOR_SHUT)
        return SIM_HAND_ALREADY;
    sim_door_push(&compartment->door);
    tell(compartment, SIM_EVENT_DOOR_SHUT, now_ms, NULL);
    if (sim_latch_can_catch(&compartment->latch)) {
        catch_door(compartment, now_ms);
        return SIM_HAND_DONE;
    }
    let_go(compartment, now_ms);
    return SIM_HAND_NOT_CAUGHT;
}

enum sim_hand sim_compartment_put(struct sim_compartment *compartment, const char *object,
                                  int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    if (compartment->door.place != SIM_DOOR_OPEN)
        return SIM_HAND_DOOR_SHUT;
    if (compartment->object_count == SIM_OBJECTS_MAX)
        return SIM_HAND_NO_ROOM;
    kit_text_copy(compartment->objects[compartment->object_count++], SIM_OBJECT_SIZE, object);
    tell(compartment, SIM_EVENT_OBJECT_PUT, now_ms, object);
    return SIM_HAND_DONE;
}

/* Index of the object; object_count: not there. The one put last lies in front. */
static size_t find_object(const struct sim_compartment *compartment, const char *object)
{
    size_t count = compartment->object_count;
    if (object[0] == '\0')
        return count > 0 ? count - 1 : count;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(compartment->objects[i], object, SIM_OBJECT_SIZE) == 0)
            return i;
    }
    return count;
}

enum sim_hand sim_compartment_take(struct sim_compartment *compartment, const char *object,
                                   char ret_object[SIM_OBJECT_SIZE], int64_t now_ms)
{
    sim_compartment_advance(compartment, now_ms);
    if (compartment->door.place != SIM_DOOR_OPEN)
        return SIM_HAND_DOOR_SHUT;
    size_t index = find_object(compartment, object);
    if (index == compartment->object_count)
        return SIM_HAND_NOT_THERE;
    memcpy(ret_object, compartment->objects[index], SIM_OBJECT_SIZE);
    compartment->object_count--;
    memmove(compartment->objects[index], compartment->objects[index + 1],
            (compartment->object_count - index) * SIM_OBJECT_SIZE);
    tell(compartment, SIM_EVENT_OBJECT_TAKEN, now_ms, ret_object);
    return SIM_HAND_DONE;
}

const char *sim_hand_text(enum sim_hand hand)
{
    static const char *const texts[] = {
        [SIM_HAND_DONE] = "done",
        [SIM_HAND_ALREADY] = "the door was there already",
        [SIM_HAND_LOCKED] = "the door is locked",
        [SIM_HAND_NOT_CAUGHT] = "the lock did not hold the door",
        [SIM_HAND_DOOR_SHUT] = "the door is not open",
        [SIM_HAND_NOT_THERE] = "it is not in the compartment",
        [SIM_HAND_NO_ROOM] = "the compartment is full",
    };
    return texts[hand];
}

void sim_compartment_set_latch_fault(struct sim_compartment *compartment,
                                     enum sim_latch_fault fault)
{
    compartment->latch.fault = fault;
}

void sim_compartment_set_sensor_fault(struct sim_compartment *compartment,
                                      enum sim_sensor_fault fault)
{
    compartment->sensor_fault = fault;
}
