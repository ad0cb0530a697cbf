/* People's decisions. The figures are habits, not measurements: each profile has times within which
 * it thinks, and permille of acts that go wrong in its own way. Pure; one thread. */
#include "models/person.h"

#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

#define PROFILE_COUNT 4

struct span {
    int64_t low_ms;
    int64_t high_ms;
};

struct habits {
    const char *name;
    struct span think;
    uint32_t errs_permille[SIM_MISTAKE_COUNT]; /* in the order of enum sim_mistake */
};

static const struct habits profiles[PROFILE_COUNT] = {
    [SIM_PROFILE_PATIENT] = { "patient", { 400, 1200 }, { 0 } },
    [SIM_PROFILE_HASTY] = { "hasty", { 50, 200 }, { 700, 400 } },
    [SIM_PROFILE_FORGETFUL] = { "forgetful", { 400, 1500 }, { 0, 50, 600, 500 } },
    [SIM_PROFILE_MISTAKEN] = { "mistaken", { 500, 2000 }, { 0, 100, 0, 0, 600, 500 } },
};

static const struct habits *get_habits(const struct sim_person *person)
{
    return &profiles[person->profile];
}

void sim_person_init(struct sim_person *person, const char *name, enum sim_profile profile,
                     uint64_t seed)
{
    memset(person, 0, sizeof(*person));
    kit_text_copy(person->name, sizeof(person->name), name);
    person->profile = profile;
    sim_rng_init(&person->rng, seed, person->name);
}

bool sim_profile_from_name(const char *name, enum sim_profile *ret_profile)
{
    for (int i = 0; i < PROFILE_COUNT; i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            *ret_profile = (enum sim_profile)i;
            return true;
        }
    }
    return false;
}

int64_t sim_person_think_ms(struct sim_person *person)
{
    const struct span *think = &get_habits(person)->think;
    return sim_rng_between(&person->rng, think->low_ms, think->high_ms);
}

bool sim_person_errs(struct sim_person *person, enum sim_mistake mistake)
{
    PRE(mistake < SIM_MISTAKE_COUNT);
    bool errs = sim_rng_chance(&person->rng, get_habits(person)->errs_permille[mistake]) &&
                person->in_a_row[mistake] < SIM_MISTAKES_MAX;
    person->in_a_row[mistake] = errs ? person->in_a_row[mistake] + 1 : 0;
    person->made[mistake] += errs ? 1 : 0;
    return errs;
}

bool sim_person_type_code(struct sim_person *person, const char *code, char *ret_typed,
                          size_t size_bytes)
{
    PRE(size_bytes > strlen(code) && code[0] != '\0');
    kit_text_copy(ret_typed, size_bytes, code);
    if (!sim_person_errs(person, SIM_MISTAKE_WRONG_DIGIT))
        return false;
    char *digit = &ret_typed[sim_rng_below(&person->rng, (uint32_t)strlen(code))];
    *digit = (char)('0' + (*digit - '0' + 1 + (int)sim_rng_below(&person->rng, 9)) % 10);
    return true;
}

size_t sim_person_choose_label(struct sim_person *person, size_t right_index, size_t count)
{
    PRE(right_index < count);
    if (count == 1 || !sim_person_errs(person, SIM_MISTAKE_WRONG_LABEL))
        return right_index;
    bool takes_next = right_index == 0 ||
                      (right_index + 1 < count && sim_rng_chance(&person->rng, SIM_PERMILLE / 2));
    return takes_next ? right_index + 1 : right_index - 1;
}
