/* The crew, and the loop that lets each of them act in turn; see demo.h and crew.h. */
#include "demo/demo.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "demo/acting.h"
#include "demo/crew.h"
#include "play/cli.h"
#include "play/run_parts.h"

#define TURN_MS 50
#define ENTRIES_KEPT 5000 /* of the report: it is only the memory of verbs here */
#define UPS_KEPT 1000
#define ARGS_MAX 32
#define FOLDER "hw-sim/demo"
#define FILE_NAME "warehouse.json"

static const char help[] =
    "lockstock-sim demo [options]: a warehouse at work until Ctrl-C: workers, lockers and "
    "customers,\n"
    "as hw-sim/demo/warehouse.json lists them. Its devices keep their names and their state in\n"
    "DATA/sim/demo, so that the next demo goes on where this one stops. Orders that you place for\n"
    "its goods are picked, loaded, and collected after a while.\n"
    "  --data DIR        of deploy/up (default: .lockstock)\n"
    "  --child           ends with the process that has started it\n"
    "  --seed N, --speed X, --bin DIR, --deploy DIR, --verbose: as lockstock-sim run\n"
    "deploy/up --demo plays it.\n"
    "Exit status: 0 you ended it, 1 it could not go on, 2 an option is wrong, 3 the system or its\n"
    "firmware was not there.\n";

/* Friendly names, at most 20 characters: scanners show them whole. */
static const struct crew_product catalogue[] = {
    { .name = "Laptop", .prefix = "LAPTOP", .bin = "A1", .size = "S", .units = 5 },
    { .name = "Docking station", .prefix = "DOCK", .bin = "A2", .size = "S", .units = 4 },
    { .name = "Camera", .prefix = "CAMERA", .bin = "A3", .size = "S", .units = 4 },
    { .name = "Projector", .prefix = "PROJECTOR", .bin = "B1", .size = "M", .units = 3 },
    { .name = "Monitor", .prefix = "MONITOR", .bin = "B2", .size = "L", .units = 3 },
};

static const struct {
    const char *name; /* of the actor in the file; NULL: no device sees them */
    void (*life)(struct crew_person *self);
    bool is_tireless;
} cast[] = {
    { NULL, crew_live_as_clerk, true },        { NULL, crew_live_as_caretaker, true },
    { "mina", crew_live_as_worker, false },    { "jun", crew_live_as_worker, false },
    { "carla", crew_live_as_customer, false }, { "ben", crew_live_as_customer, false },
    { "dana", crew_live_as_customer, false },  { "visitor", crew_live_as_visitor, false },
    { NULL, crew_live_as_shoppers, false },
};

/* ---- tasks ---- */

static void live(void *arg)
{
    struct crew_person *self = arg;
    self->life(self);
}

/* Whoever waits gives way; outside of all tasks the loop turns. */
static void give_way(void *owner, int64_t until_ms)
{
    struct crew *crew = owner;
    struct crew_person *self = crew->current;
    struct sim_step step = crew->run.step;

    if (self == NULL) {
        sim_loop_turn(&crew->run.world.loop, until_ms);
        return;
    }
    sim_task_give_way(&self->task);
    crew->run.step = step;
}

/* False: nobody is left. */
static bool let_act(struct crew *crew)
{
    bool is_anybody_left = false;

    for (size_t i = 0; i < crew->person_count; i++) {
        crew->current = &crew->people[i];
        if (crew->is_paused && !crew->current->is_tireless && !crew_is_over(crew)) {
            is_anybody_left = true;
            continue;
        }
        is_anybody_left = sim_task_resume(&crew->current->task) || is_anybody_left;
    }
    crew->current = NULL;
    return is_anybody_left;
}

static void cast_people(struct crew *crew)
{
    for (size_t i = 0; i < KIT_COUNT(cast); i++) {
        struct crew_person *person = &crew->people[crew->person_count++];
        *person = (struct crew_person){ .crew = crew,
                                        .name = cast[i].name,
                                        .life = cast[i].life,
                                        .is_tireless = cast[i].is_tireless };
        sim_rng_init(&person->rng, (uint64_t)crew->run.seed,
                     person->name != NULL ? person->name : "office");
        sim_task_start(&person->task, live, person);
    }
}

/* What nobody will ask for again. */
static void forget(struct crew *crew)
{
    if (crew->run.report.count > ENTRIES_KEPT)
        sim_report_forget(&crew->run.report);
    for (size_t i = 0; i < crew->run.world.device_count; i++) {
        struct sim_traffic *traffic = &crew->run.world.devices[i]->traffic;
        if (traffic->up_count > UPS_KEPT || traffic->verdict_count > UPS_KEPT)
            sim_traffic_forget(traffic);
    }
    crew->run.order_count = 0;
}

static void play(struct crew *crew)
{
    cast_people(crew);
    while (let_act(crew)) { /* until all have seen that it is over */
        sim_loop_turn(&crew->run.world.loop, sim_now_ms() + TURN_MS);
        forget(crew);
    }
}

/* ---- one demo ---- */

static const char *why_over(const struct crew *crew)
{
    if (crew->run.world.failure[0] != '\0')
        return crew->run.world.failure;
    return sim_loop_interrupted ? NULL : "another simulator took our place at the broker";
}

static enum sim_exit run_demo(struct crew *crew)
{
    enum sim_exit outcome = SIM_EXIT_UNREACHABLE;
    struct kit_error err = { 0 };

    (void)printf("demo: %s\n", crew->run.scenario->title);
    (void)fflush(stdout);
    if (sim_run_open(&crew->run, &outcome, &err) != KIT_OK) {
        (void)printf("demo: %s\n", err.text);
        return sim_loop_interrupted ? SIM_EXIT_PASSED : outcome;
    }
    crew->run.deadline_ms = INT64_MAX;
    crew->run.turn = give_way;
    crew->run.turn_owner = crew;
    const struct crew_control_setup setup = { .system = &crew->run.world.system,
                                              .loop = &crew->run.world.loop,
                                              .make_happen = crew_make_happen,
                                              .tell_world = crew_tell_world,
                                              .owner = crew };
    if (crew_control_open(&crew->control, &setup, &err) != KIT_OK) {
        (void)printf("demo: %s\n", err.text);
        return SIM_EXIT_UNREACHABLE;
    }
    (void)printf("demo: the doors are open\n");
    (void)fflush(stdout);
    play(crew);
    const char *why = why_over(crew);
    (void)printf("demo: %s\n", why != NULL ? why : "ended");
    return why != NULL ? SIM_EXIT_FAILED : SIM_EXIT_PASSED;
}

static enum sim_exit open_and_run(const struct sim_cli *cli)
{
    char message[SIM_MESSAGE_SIZE], folder[SIM_FILE_SIZE];
    const char *data = cli->options.data != NULL ? cli->options.data : ".lockstock";
    struct crew *crew = calloc(1, sizeof(*crew));
    struct sim_scenario scenario;

    CHECK(crew != NULL);
    if (!sim_scenario_load(cli->files[0], &scenario, message)) {
        (void)fprintf(stderr, "lockstock-sim: %s\n", message);
        free(crew);
        return SIM_EXIT_BAD;
    }
    (void)snprintf(folder, sizeof(folder), "%.246s/sim/demo", data);
    crew->options = cli->options;
    crew->options.keep_names = crew->options.keep_state = true;
    crew->options.report_dir = folder;
    crew->run.options = &crew->options;
    crew->run.scenario = &scenario;
    memcpy(crew->products, catalogue, sizeof(catalogue));
    crew->product_count = KIT_COUNT(catalogue);
    sim_loop_catch_signals();
    enum sim_exit outcome = run_demo(crew);
    crew_control_close(&crew->control);
    sim_run_close(&crew->run);
    sim_scenario_done(&scenario);
    free(crew);
    return outcome;
}

int sim_demo_main(int argc, char **argv)
{
    char folder[SIM_DIR_SIZE], path[SIM_FILE_SIZE] = "", message[SIM_MESSAGE_SIZE];
    static char program[] = "lockstock-sim", command[] = "run";
    char *args[ARGS_MAX] = { program, command, path };
    int count = 3;
    struct sim_cli cli;

    if (sim_find_above(FOLDER, folder))
        (void)snprintf(path, sizeof(path), "%s/" FILE_NAME, folder);
    for (int i = 1; i < argc && count < ARGS_MAX; i++) {
        if (strcmp(argv[i], "--child") == 0)
            (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        else
            args[count++] = argv[i];
    }
    if (!sim_cli_parse(count, args, &cli, message)) {
        (void)fprintf(stderr, "lockstock-sim: %s\n", message);
        return SIM_EXIT_BAD;
    }
    if (cli.wants_help) {
        (void)fputs(help, stdout);
        return SIM_EXIT_PASSED;
    }
    if (cli.file_count != 1 || cli.options.speed_percent == 0) {
        (void)fprintf(stderr, "lockstock-sim: demo takes options only, and a speed above 0; see "
                              "lockstock-sim demo --help\n");
        return SIM_EXIT_BAD;
    }
    return (int)open_and_run(&cli);
}
