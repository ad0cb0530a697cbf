/* One run of one scenario: what is there, and how steps wait for it. Steps run one after the other
 * on one thread; while one waits, everything simulated goes on. In the demo several people act at
 * the same time: then waiting gives way to the others, too (see turn). */
#ifndef SIM_PLAY_RUN_H
#define SIM_PLAY_RUN_H

#include "models/person.h"
#include "report/report.h"
#include "scenario/scenario.h"
#include "scenario/vars.h"
#include "world/world.h"

#define SIM_ACTORS_MAX 32
#define SIM_ORDERS_MAX 64 /* that are canceled when a run is broken off */
#define SIM_ANSWER_SIZE 300
#define SIM_WITHIN_MS_DEFAULT 15000
#define SIM_POLL_HTTP_MS 50 /* between two questions while a condition over HTTP does not hold */

/* Exit status of the program. */
enum sim_exit {
    SIM_EXIT_PASSED = 0,
    SIM_EXIT_FAILED = 1,      /* something expected did not happen, or it was interrupted */
    SIM_EXIT_BAD = 2,         /* the scenario, or the command line */
    SIM_EXIT_UNREACHABLE = 3, /* no system, no firmware, or no user left to watch it as */
};

struct sim_options {
    const char *data;
    const char *bin;
    const char *deploy;
    const char *report_dir;
    const char *until;     /* name of a step, after which the run ends */
    const char *ports[32]; /* "<device>=<serial port>" */
    size_t port_count;
    int64_t seed;          /* -1: the scenario's */
    int64_t speed_percent; /* of people: 100 is as they are, 0: they do not think */
    bool keep_names;
    bool keep_state; /* flash of devices, and what lies in compartments, stay in the report's folder
                      */
    bool is_verbose;
};

/* The step that runs now. */
struct sim_step {
    const char *actor;               /* who acts; NULL: nobody */
    const struct sim_device *device; /* whose panel the step is about; NULL: none */
    char answer[SIM_ANSWER_SIZE];    /* what that panel has shown last, or "" */
};

struct sim_run {
    const struct sim_options *options;
    const struct sim_scenario *scenario;
    int64_t seed;
    int64_t deadline_ms; /* of the whole scenario */
    struct sim_world world;
    struct sim_report report;
    struct sim_vars vars;
    struct sim_person persons[SIM_ACTORS_MAX]; /* in the order of the actors */
    size_t person_count;
    int64_t orders[SIM_ORDERS_MAX]; /* that the run has made */
    size_t order_count;
    struct sim_step step;
    size_t step_count;
    bool is_over;             /* --until has been reached */
    int64_t next_question_ms; /* of a condition over HTTP */
    bool is_absence_unsure;   /* a message that a condition misses may have passed unseen */
    bool is_calling;          /* an HTTP call is under way, or its answer is being read */
    void (*turn)(void *owner, int64_t until_ms); /* whoever waits gives way; NULL: turns the loop */
    void *turn_owner;
};

/* Plays one scenario: prints progress, writes the report. */
enum sim_exit sim_run_scenario(const struct sim_scenario *scenario,
                               const struct sim_options *options);

/* ---- for verbs and conditions ---- */

/* 1: it holds, 0: not yet, -1: it never will; the reason of 0 and -1 is in err. */
typedef int (*sim_test_fn)(struct sim_run *run, void *arg, struct kit_error *err);

/* Turns the loop until the test holds. Errors: KIT_E_TIMEOUT with what was found last,
 * KIT_E_REFUSED (test said never; interrupted, time limit of the scenario, firmware or broker
 * lost). */
int sim_run_wait(struct sim_run *run, int64_t within_ms, sim_test_fn test, void *arg,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Lets time pass. Errors: KIT_E_REFUSED (interrupted, time limit, firmware or broker lost). */
int sim_run_pause(struct sim_run *run, int64_t ms, struct kit_error *err) KIT_MUST_CHECK;

/* One HTTP call, and its answer. */
struct sim_call {
    const char *method;
    const char *path;
    const char *body; /* NULL: none */
    bool is_quiet;    /* a condition asks the same again and again: not for the report */
    long status;      /* of the answer */
    cJSON *answer;    /* NULL: it is no JSON; the caller deletes it */
};

/* Makes the call, while the loop turns; on KIT_OK status and answer are set, else answer is NULL.
 * Errors: KIT_E_UNAVAILABLE, KIT_E_REFUSED (as sim_run_pause()). */
int sim_run_http(struct sim_run *run, struct sim_call *call, struct kit_error *err) KIT_MUST_CHECK;

/* The actor of that name; NULL: there is none, or no name. */
struct sim_person *sim_run_find_person(struct sim_run *run, const char *name);

/* The actor of the step stands before this device: what it shows from now on is for him. */
void sim_run_face_device(struct sim_run *run, struct sim_device *device);

/* Whether messages may have passed unseen since that entry of the report: the observer was away. */
bool sim_run_is_blind(const struct sim_run *run, size_t from);

/* Adds an entry to the report, at this moment; from NULL: nobody acts. */
void sim_run_report(struct sim_run *run, enum sim_entry_kind kind, const char *from,
                    const char *text);

#endif
