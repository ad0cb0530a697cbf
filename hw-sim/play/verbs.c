/* The table of verbs, and the small ones. */
#include "play/verbs.h"

#include <stdio.h>
#include <string.h>

#include "play/condition.h"

static int do_wait(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    return sim_run_wait(run, sim_json_int(step, "withinMs", SIM_WITHIN_MS_DEFAULT),
                        sim_condition_test, cJSON_GetObjectItemCaseSensitive(step, "condition"),
                        err);
}

static int do_expect(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    if (sim_condition_test(run, cJSON_GetObjectItemCaseSensitive(step, "condition"), err) == 1)
        return KIT_OK;
    return KIT_E_REFUSED;
}

static int do_pause(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    return sim_run_pause(run, sim_json_int(step, "ms", 0), err);
}

static int do_note(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    (void)err;
    sim_run_report(run, SIM_ENTRY_NOTE, NULL, sim_json_text(step, "text"));
    return KIT_OK;
}

static int do_set(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    (void)err;
    sim_vars_set_take(&run->vars, sim_json_text(step, "as"),
                      cJSON_Duplicate(sim_json_get(step, "value"), true));
    return KIT_OK;
}

sim_verb_fn sim_verb_find(const char *name)
{
    static const struct {
        const char *name;
        sim_verb_fn verb;
    } verbs[] = {
        { "http", sim_verb_http },
        { "order", sim_verb_order },
        { "cancel", sim_verb_cancel },
        { "scan", sim_verb_scan },
        { "expect-verdict", sim_verb_expect_verdict },
        { "type-code", sim_verb_type_code },
        { "open", sim_verb_open },
        { "shut", sim_verb_shut },
        { "put", sim_verb_put },
        { "take", sim_verb_take },
        { "fault", sim_verb_fault },
        { "wait", do_wait },
        { "expect", do_expect },
        { "pause", do_pause },
        { "note", do_note },
        { "set", do_set },
    };
    for (size_t i = 0; i < KIT_COUNT(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return verbs[i].verb;
    }
    return NULL;
}

int sim_verb_think(struct sim_run *run, const cJSON *step, struct kit_error *err)
{
    struct sim_person *person = sim_run_find_person(run, sim_json_text(step, "actor"));

    if (person == NULL || run->options->speed_percent == 0)
        return KIT_OK;
    int64_t think_ms = sim_person_think_ms(person) * 100 / run->options->speed_percent;
    return sim_run_pause(run, think_ms, err);
}

void sim_verb_mistake(struct sim_run *run, const char *what)
{
    char text[SIM_NAME_SIZE + 80];

    (void)snprintf(text, sizeof(text), "mistake: %s %s", run->step.actor, what);
    sim_run_report(run, SIM_ENTRY_NOTE, NULL, text);
    if (run->options->is_verbose)
        (void)printf("    %s\n", text);
}
