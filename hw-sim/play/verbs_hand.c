/* Verbs of hands at a compartment: open, shut, put, take. */
#include <stdio.h>
#include <string.h>

#include "play/verbs.h"

#define OBJECT_NAME "goods"
#define SPRING_WAIT_MS 5000
#define ARM_MS 600 /* an arm is not faster, whatever --speed says */
#define PUSHES_MAX 5
#define REMEMBER_MS 5000
#define REMINDER "still open" /* on the panel of a locker */

/* The actor goes to the compartment of the step, and thinks. */
static int go_to_box(struct sim_run *run, const cJSON *step, struct sim_compartment **ret_box,
                     struct kit_error *err)
{
    struct sim_device *locker = NULL;

    int rc = sim_world_find_compartment(&run->world, step, ret_box, &locker, err);
    if (rc != KIT_OK)
        return rc;
    sim_run_face_device(run, locker);
    return sim_verb_think(run, step, err);
}

static int judge(const struct sim_compartment *box, enum sim_hand hand, struct kit_error *err)
{
    if (hand == SIM_HAND_DONE)
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "at compartment %s: %s", box->name,
                         sim_hand_text(hand));
}

static bool errs(struct sim_run *run, enum sim_mistake mistake)
{
    struct sim_person *person = sim_run_find_person(run, run->step.actor);
    return person != NULL && sim_person_errs(person, mistake);
}

static int test_loose(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct sim_compartment *box = arg;
    (void)run;
    (void)kit_error_set(err, KIT_E_REFUSED, "the door of %s is locked", box->name);
    return box->door.place != SIM_DOOR_SHUT || box->latch.is_bolt_back;
}

/* People pull when they hear the lock: give it a moment. A spring may have been faster. */
int sim_verb_open(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;

    int rc = go_to_box(run, step, &box, err);
    if (rc != KIT_OK)
        return rc;
    rc = sim_run_wait(run, SPRING_WAIT_MS, test_loose, box, err);
    if (rc != KIT_OK)
        return rc;
    enum sim_hand hand = sim_compartment_pull(box, sim_now_ms());
    if (hand == SIM_HAND_ALREADY)
        return KIT_OK;
    return judge(box, hand, err);
}

struct reminder {
    struct sim_device *locker;
    size_t first; /* entry of the report from which on the panel may show it */
};

static int test_reminded(struct sim_run *run, void *arg, struct kit_error *err)
{
    const struct reminder *reminder = arg;

    (void)kit_error_set(err, KIT_E_REFUSED, "nothing reminds him");
    for (size_t i = reminder->first; i < run->report.count; i++) {
        const struct sim_entry *entry = &run->report.entries[i];
        if (entry->kind == SIM_ENTRY_PANEL && strcmp(entry->from, reminder->locker->id) == 0 &&
            entry->detail != NULL && strstr(entry->detail, REMINDER) != NULL)
            return 1;
    }
    return 0;
}

/* Away from an open door; the locker calls him back, or he remembers by himself. */
static int walk_away(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct reminder reminder = { .first = run->report.count };

    sim_verb_mistake(run, "walks away from the open door");
    int rc = sim_world_find_locker(&run->world, step, &reminder.locker, err);
    if (rc != KIT_OK)
        return rc;
    rc = sim_run_wait(run, REMEMBER_MS, test_reminded, &reminder, err);
    return rc == KIT_E_TIMEOUT ? KIT_OK : rc;
}

/* Nobody shuts a door while it still springs open, but for hasty people. */
static int hesitate(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    if (errs(run, SIM_MISTAKE_LEAVE_OPEN))
        return walk_away(run, step, err);
    if (!errs(run, SIM_MISTAKE_RUSH))
        return sim_run_pause(run, ARM_MS, err);
    sim_verb_mistake(run, "slams the door at once");
    return KIT_OK;
}

/* Whoever feels that the lock did not catch pushes again. */
int sim_verb_shut(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;

    int rc = go_to_box(run, step, &box, err);
    if (rc != KIT_OK)
        return rc;
    rc = hesitate(run, step, err);
    if (rc != KIT_OK)
        return rc;
    for (int i = 1; i < PUSHES_MAX; i++) {
        enum sim_hand hand = sim_compartment_push(box, sim_now_ms());
        if (hand != SIM_HAND_NOT_CAUGHT)
            return judge(box, hand, err);
        rc = sim_run_pause(run, ARM_MS, err);
        if (rc != KIT_OK)
            return rc;
    }
    return judge(box, sim_compartment_push(box, sim_now_ms()), err);
}

int sim_verb_put(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;

    int rc = go_to_box(run, step, &box, err);
    if (rc != KIT_OK)
        return rc;
    return judge(box, sim_compartment_put(box, OBJECT_NAME, sim_now_ms()), err);
}

int sim_verb_take(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;
    char object[SIM_OBJECT_SIZE];

    int rc = go_to_box(run, step, &box, err);
    if (rc != KIT_OK)
        return rc;
    if (box->door.place != SIM_DOOR_SHUT && errs(run, SIM_MISTAKE_LEAVE_GOODS)) {
        sim_verb_mistake(run, "leaves the goods behind");
        return KIT_OK;
    }
    return judge(box, sim_compartment_take(box, "", object, sim_now_ms()), err);
}
