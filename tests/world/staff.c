/* See staff.h: the worker's hands. */
#include "world/staff.h"

#include <inttypes.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define PAUSE_US 400000
#define NEXT_US 600000     /* between two labels: no bounce */
#define VERDICT_US 8000000 /* without a verdict, the worker begins anew */
#define DOOR_US 4000000
#define DOOR_LOOK_US 100000
#define OVERTIME_US 20000000 /* at most, for what is still to be picked when the site closes */

static void scan(struct world_staff *staff);

void world_staff_rest(struct world_staff *staff)
{
    staff->task = TASK_NONE;
    staff->step_count = staff->at = 0;
    staff->turn++;
    if (staff->clock->now_us < staff->lockers->closes_us + OVERTIME_US)
        world_clock_in(staff->clock, PAUSE_US + sim_rng_below(&staff->rng, PAUSE_US),
                       world_staff_look, staff, 0);
}

bool world_staff_is_late(const struct world_staff *staff)
{
    return staff->clock->now_us >= staff->lockers->closes_us;
}

static void scan_next(void *self, struct world_message *message, uint64_t turn)
{
    struct world_staff *staff = self;
    (void)message;
    if (turn == staff->turn)
        scan(staff);
}

static void go_on(struct world_staff *staff)
{
    staff->turn++;
    world_clock_in(staff->clock, NEXT_US, scan_next, staff, staff->turn);
}

/* ---- doors ---- */

/* Goods are laid in once, and taken out once: whoever comes second shuts the door over what lies
 * there. */
static void serve_door(struct world_staff *staff, struct sim_compartment *door, int64_t now_ms)
{
    struct world_goods *goods = world_goods_of(staff->lockers, staff->order_id);
    char object[SIM_OBJECT_SIZE];
    if (staff->task == TASK_LOAD && goods->place == WORLD_TOTE && door->object_count == 0 &&
        sim_compartment_put(door, goods->name, now_ms) == SIM_HAND_DONE)
        goods->place = WORLD_COMPARTMENT;
    else if (staff->task == TASK_FETCH &&
             sim_compartment_take(door, goods->name, object, now_ms) == SIM_HAND_DONE)
        goods->place = WORLD_DESK;
    else
        return;
    world_clock_trace(staff->clock, staff->scanner->id, "its worker moves %s at %s/%" PRIu32,
                      goods->name, staff->locker->id, staff->compartment);
}

/* What was not in the compartment cannot be checked. */
static void leave_door(struct world_staff *staff)
{
    const bool has_goods = world_goods_of(staff->lockers, staff->order_id)->place == WORLD_DESK;
    if (staff->at == staff->step_count || (staff->task == TASK_FETCH && !has_goods))
        world_staff_rest(staff);
    else
        go_on(staff);
}

static void at_door(void *self, struct world_message *message, uint64_t waited_us)
{
    struct world_staff *staff = self;
    struct sim_compartment *door = world_device_door(staff->locker, staff->compartment);
    const int64_t now_ms = world_clock_mono_ms(staff->clock);
    (void)message;
    sim_compartment_advance(door, now_ms);
    if (door->door.place == SIM_DOOR_OPEN) {
        serve_door(staff, door, now_ms);
        world_device_shut(staff->locker, staff->compartment);
    } else if (waited_us < DOOR_US) {
        world_clock_in(staff->clock, DOOR_LOOK_US, at_door, staff, waited_us + DOOR_LOOK_US);
        return;
    }
    leave_door(staff);
}

/* ---- scanning ---- */

static void on_no_verdict(void *self, struct world_message *message, uint64_t turn)
{
    struct world_staff *staff = self;
    (void)message;
    if (turn != staff->turn)
        return;
    staff->is_waiting = false;
    staff->is_stuck = true;
    world_staff_rest(staff);
}

/* What is laid into the tote is what is to be checked when it comes back. */
static void note_unit(struct world_goods *goods, const char *label)
{
    if (strncmp(label, "LS:A:", 5) != 0)
        return;
    for (uint32_t i = 0; i < goods->unit_count; i++) {
        if (strcmp(goods->units[i], label) == 0)
            return;
    }
    if (goods->unit_count < WORLD_UNITS_MAX)
        kit_text_copy(goods->units[goods->unit_count++], SIM_LABEL_SIZE, label);
}

/* Goods leave the counter with the label: what stock says of it comes later, or never. */
static void before_scan(struct world_staff *staff, const struct world_step *step)
{
    struct world_goods *goods = world_goods_of(staff->lockers, staff->order_id);
    const bool is_last = staff->at + 1 == staff->step_count;
    if (staff->task == TASK_HAND_OVER && is_last && goods->place == WORLD_TOTE) {
        goods->place = WORLD_CUSTOMER;
        goods->was_with_customer = true;
    } else if (staff->task == TASK_PUT_AWAY && is_last && goods->place == WORLD_TOTE) {
        goods->place = WORLD_DESK;
    }
    if (step->received != NULL)
        step->received->received_most++;
    if (step->damaged != NULL)
        step->damaged->damaged_most++;
    if (staff->task == TASK_PICK)
        note_unit(goods, step->label);
}

/* Somebody else was faster: there is nothing to hand over. */
static bool has_lost_goods(const struct world_staff *staff)
{
    return staff->task == TASK_HAND_OVER &&
           world_goods_of(staff->lockers, staff->order_id)->place != WORLD_TOTE;
}

static void scan(struct world_staff *staff)
{
    if (staff->at == staff->step_count) {
        world_staff_rest(staff);
        return;
    }
    if (has_lost_goods(staff)) {
        world_staff_rest(staff);
        return;
    }
    staff->turn++;
    before_scan(staff, &staff->steps[staff->at]);
    staff->is_waiting = true;
    (void)world_device_read(staff->scanner, staff->steps[staff->at].label);
    world_clock_in(staff->clock, VERDICT_US, on_no_verdict, staff, staff->turn);
}

/* A scanner that was restarted may have told the verdict of one label twice, so that the worker has
 * passed over the next: then nothing is sure. */
static bool is_sure(const struct world_staff *staff)
{
    return staff->life == staff->scanner->turns.life;
}

/* The bin has taken what was received. */
static void on_put_away(struct world_staff *staff)
{
    for (uint32_t i = 0; is_sure(staff) && i < staff->step_count; i++) {
        if (staff->steps[i].is_piece)
            staff->steps[i].received->received_least++;
    }
    staff->loose_count = 0;
}

static void on_end(struct world_staff *staff)
{
    if (staff->task == TASK_RECEIVE || staff->task == TASK_SHELVE)
        on_put_away(staff);
    else if (is_sure(staff) && (staff->task == TASK_FETCH || staff->task == TASK_CHECK ||
                                staff->task == TASK_PUT_AWAY))
        world_goods_of(staff->lockers, staff->order_id)->is_settled = true;
}

static void on_accepted(struct world_staff *staff, enum fw_signal signal)
{
    const struct world_step *step = &staff->steps[staff->at++];
    staff->is_stuck = false;
    if (step->damaged != NULL && is_sure(staff))
        step->damaged->damaged_least++;
    if (staff->at == staff->step_count && signal == FW_SIGNAL_DONE)
        on_end(staff);
    if (step->locker != NULL) {
        staff->locker = step->locker;
        staff->compartment = step->compartment;
        staff->turn++;
        world_clock_in(staff->clock, DOOR_LOOK_US, at_door, staff, 0);
    } else {
        go_on(staff);
    }
}

static void on_refused(struct world_staff *staff)
{
    const uint32_t next = staff->steps[staff->at].on_error;
    staff->is_stuck = staff->at == 0;
    if (next == 0) {
        if (staff->task == TASK_SHELVE && staff->at + 1 == staff->step_count)
            staff->loose_count = 0; /* they are home, or were never received */
        world_staff_rest(staff);
        return;
    }
    staff->at = next;
    go_on(staff);
}

/* A verdict is told by a sound of its own; what is only stored ticks. */
static void on_panel(void *self, enum fw_signal signal, const char *text)
{
    struct world_staff *staff = self;
    (void)text;
    if (!staff->is_waiting || signal == FW_SIGNAL_STORED || signal == FW_SIGNAL_NONE)
        return;
    staff->is_waiting = false;
    if (signal == FW_SIGNAL_ERROR)
        on_refused(staff);
    else
        on_accepted(staff, signal);
}

void world_staff_begin(struct world_staff *staff, enum world_task task)
{
    staff->task = task;
    staff->at = 0;
    staff->life = staff->scanner->turns.life;
    scan(staff);
}

void world_staff_init(struct world_staff *staff, struct world_people *people,
                      struct world_device *scanner, struct world_lockers *lockers, uint64_t seed)
{
    static const char *const NAMES[] = { "worker-0", "worker-1", "worker-2" };
    memset(staff, 0, sizeof(*staff));
    staff->clock = scanner->clock;
    staff->web = people->web;
    staff->people = people;
    staff->scanner = scanner;
    staff->lockers = lockers;
    staff->index = (uint32_t)(scanner->id[strlen(scanner->id) - 1] - '0');
    sim_rng_init(&staff->rng, seed, NAMES[staff->index % KIT_COUNT(NAMES)]);
    scanner->events.on_panel = on_panel;
    scanner->events.self = staff;
    world_staff_rest(staff);
}
