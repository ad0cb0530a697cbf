/* One run of one scenario: what is there, and how steps wait for it. Steps run one after the other
 * on one thread; while one waits, everything simulated goes on. */
#ifndef SIM_PLAY_RUN_H
#define SIM_PLAY_RUN_H

#include "models/person.h"
#include "report/report.h"
#include "scenario/scenario.h"
#include "scenario/vars.h"
#include "wire/http.h"
#include "wire/observer.h"
#include "world/device.h"
#include "world/system.h"

#define SIM_DEVICES_MAX 32
#define SIM_ACTORS_MAX 32
#define SIM_MARKS_MAX 1000
#define SIM_TAG_SIZE 8
#define SIM_ORDERS_MAX 64 /* that are canceled when a run is broken off */
#define SIM_ANSWER_SIZE 300
#define SIM_FALLEN_SIZE 400
#define SIM_WITHIN_MS_DEFAULT 15000
#define SIM_POLL_HTTP_MS 50 /* between two questions while a condition over HTTP does not hold */

/* Exit status of the program. */
enum sim_exit {
    SIM_EXIT_PASSED = 0,
    SIM_EXIT_FAILED = 1,      /* something expected did not happen, or it was interrupted */
    SIM_EXIT_BAD = 2,         /* the scenario, or the command line */
    SIM_EXIT_UNREACHABLE = 3, /* no system, no firmware, or no place to watch it from */
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
    bool is_verbose;
};

/* Where in the report a named step began. */
struct sim_mark {
    const char *name;
    size_t entry;
};

struct sim_run {
    const struct sim_options *options;
    const struct sim_scenario *scenario;
    struct sim_system system;
    struct sim_loop loop;
    struct sim_http http;
    struct sim_observer observer;
    struct sim_report report;
    struct sim_vars vars;
    char tag[SIM_TAG_SIZE];
    char dir[SIM_FILE_SIZE]; /* of the report */
    int64_t seed;
    int64_t deadline_ms; /* of the whole scenario */
    struct sim_device *devices[SIM_DEVICES_MAX];
    size_t device_count;
    struct sim_person persons[SIM_ACTORS_MAX]; /* in the order of the actors */
    size_t person_count;
    struct sim_mark marks[SIM_MARKS_MAX];
    size_t mark_count;
    int64_t orders[SIM_ORDERS_MAX];
    size_t order_count;
    size_t step_count;
    size_t blind_until; /* first entry since which the observer has seen all; 0: it always has */
    bool is_over;       /* --until has been reached */
    bool is_quiet_http; /* calls of conditions are not reported each time */
    int64_t next_question_ms;             /* of a condition over HTTP */
    const char *step_from;                /* who acts in the present step */
    const struct sim_device *step_device; /* whose answer the step is about, or NULL */
    bool is_absence_unsure; /* a message that a condition has not found may have passed unseen */
    char answer[SIM_ANSWER_SIZE]; /* what it has shown last in this step, or "" */
    char fallen[SIM_FALLEN_SIZE]; /* firmware that has ended by itself, or "" */
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

/* One HTTP call. On KIT_OK *ret_status is set, and *ret_body is the answer as JSON or NULL; the
 * caller deletes it. Errors: KIT_E_UNAVAILABLE, KIT_E_REFUSED. */
int sim_run_http(struct sim_run *run, const char *method, const char *path, const char *body,
                 long *ret_status, cJSON **ret_body, struct kit_error *err) KIT_MUST_CHECK;

/* By the name that the scenario gives it. */
struct sim_device *sim_run_find_device(struct sim_run *run, const char *name);

/* The locker that member "locker" of an expanded step or condition means: a name where it stands
 * in the scenario, an id at the broker where a variable has given it. Another system's locker may
 * have an id that is a name here. Errors: KIT_E_REFUSED (it is not one of this run). */
int sim_run_find_locker(const struct sim_run *run, const cJSON *owner, struct sim_device **ret,
                        struct kit_error *err) KIT_MUST_CHECK;
struct sim_person *sim_run_find_person(struct sim_run *run, const char *name);

/* The actor of the step stands before this device: what it shows from now on is for him. */
void sim_run_face(struct sim_run *run, struct sim_device *device);

/* Whether messages may have passed unseen since that entry of the report: the observer was away. */
bool sim_run_is_blind(const struct sim_run *run, size_t from);

/* First entry of the report to look at for "since"; 0 without one. */
size_t sim_run_since(const struct sim_run *run, const char *step_name);

#endif
