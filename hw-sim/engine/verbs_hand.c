/* Verbs of hands at a compartment: open, shut, put, take. */
#include <inttypes.h>
#include <stdio.h>

#include "engine/verbs.h"

#define OBJECT_NAME "goods"
#define SPRING_WAIT_MS 5000
#define ARM_MS 600 /* an arm is not faster, whatever --speed says */
#define PUSHES_MAX 5

static int find_box(struct sim_run *run, const cJSON *step, struct sim_compartment **ret_box,
                    struct kit_error *err)
{
    struct sim_device *locker = sim_run_find_device(run, sim_json_text(step, "locker"));
    int64_t number = sim_json_int(step, "compartment", 0);

    *ret_box = locker != NULL ? sim_device_compartment(locker, number) : NULL;
    if (*ret_box == NULL)
        return kit_error_set(err, KIT_E_REFUSED, "there is no compartment %" PRId64 " at %s",
                             number, sim_json_text(step, "locker"));
    return sim_verb_think(run, step, err);
}

static int judge(const struct sim_compartment *box, enum sim_hand hand, struct kit_error *err)
{
    if (hand == SIM_HAND_DONE)
        return KIT_OK;
    return kit_error_set(err, KIT_E_REFUSED, "at compartment %s: %s", box->name,
                         sim_hand_text(hand));
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

    int rc = find_box(run, step, &box, err);
    if (rc == KIT_OK)
        rc = sim_run_wait(run, SPRING_WAIT_MS, test_loose, box, err);
    if (rc != KIT_OK)
        return rc;
    enum sim_hand hand = sim_compartment_pull(box, sim_now_ms());
    return hand == SIM_HAND_ALREADY ? KIT_OK : judge(box, hand, err);
}

/* Nobody shuts a door while it still springs open, but for hasty people. Whoever feels that the
 * lock did not catch pushes again. */
int sim_verb_shut(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    const struct sim_person *person = sim_run_find_person(run, sim_json_text(step, "actor"));
    bool is_hasty = person != NULL && person->profile == SIM_PROFILE_HASTY;
    struct sim_compartment *box = NULL;

    int rc = find_box(run, step, &box, err);
    if (rc == KIT_OK && !is_hasty)
        rc = sim_run_pause(run, ARM_MS, err);
    for (int i = 0; i < PUSHES_MAX && rc == KIT_OK; i++) {
        enum sim_hand hand = sim_compartment_push(box, sim_now_ms());
        if (hand != SIM_HAND_NOT_CAUGHT || i + 1 == PUSHES_MAX)
            return judge(box, hand, err);
        rc = sim_run_pause(run, ARM_MS, err);
    }
    return rc;
}

int sim_verb_put(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;

    int rc = find_box(run, step, &box, err);
    return rc != KIT_OK ? rc : judge(box, sim_compartment_put(box, OBJECT_NAME, sim_now_ms()), err);
}

int sim_verb_take(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_compartment *box = NULL;
    char object[SIM_OBJECT_SIZE];

    int rc = find_box(run, step, &box, err);
    return rc != KIT_OK ? rc : judge(box, sim_compartment_take(box, "", object, sim_now_ms()), err);
}
