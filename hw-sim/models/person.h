/* People: how long they think, and what they do wrong. Decisions only, from a seeded stream of
 * their own; hands and scanners are moved by the caller. Nobody errs for ever: after
 * SIM_MISTAKES_MAX mistakes of one sort in a row the next act is right, so that a scenario ends.
 * Pure but for the struct; one thread. */
#ifndef SIM_MODELS_PERSON_H
#define SIM_MODELS_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/model.h"
#include "models/rng.h"

#define SIM_MISTAKES_MAX 2

enum sim_profile {
    SIM_PROFILE_PATIENT = 0,   /* waits for the display, does it right */
    SIM_PROFILE_HASTY = 1,     /* slams the door at once, scans twice */
    SIM_PROFILE_FORGETFUL = 2, /* leaves the door open, leaves goods behind */
    SIM_PROFILE_MISTAKEN = 3,  /* types a wrong digit, scans the label beside */
};

enum sim_mistake {
    SIM_MISTAKE_RUSH = 0, /* shuts a door that still springs open */
    SIM_MISTAKE_DOUBLE_SCAN = 1,
    SIM_MISTAKE_LEAVE_OPEN = 2, /* walks away from an open door */
    SIM_MISTAKE_LEAVE_GOODS = 3,
    SIM_MISTAKE_WRONG_DIGIT = 4,
    SIM_MISTAKE_WRONG_LABEL = 5,
    SIM_MISTAKE_COUNT = 6,
};

struct sim_person {
    char name[SIM_NAME_SIZE];
    enum sim_profile profile;
    struct sim_rng rng;
    uint32_t in_a_row[SIM_MISTAKE_COUNT]; /* mistakes of a sort since the last right act */
    uint32_t made[SIM_MISTAKE_COUNT];     /* mistakes of a sort in all */
};

/* Nothing done wrong yet; decisions come from the seed's stream of that name. */
void sim_person_init(struct sim_person *person, const char *name, enum sim_profile profile,
                     uint64_t seed);

/* False leaves *ret_profile: "patient", "hasty", "forgetful", "mistaken". */
bool sim_profile_from_name(const char *name, enum sim_profile *ret_profile);

/* Before an act: walking, looking, reaching. 50 to 2000 ms. */
int64_t sim_person_think_ms(struct sim_person *person);

/* Does this person make that mistake now? Counts it. */
bool sim_person_errs(struct sim_person *person, enum sim_mistake mistake);

/* The code as typed: a copy, or with one digit changed (then true). Digits only, size with NUL. */
bool sim_person_type_code(struct sim_person *person, const char *code, char *ret_typed,
                          size_t size_bytes);

/* Which of count labels in a row is scanned when right_index is meant; count > 0. */
size_t sim_person_choose_label(struct sim_person *person, size_t right_index, size_t count);

#endif
