/* What a load run was asked to do, and the numbers that it ends with. */
#ifndef SIM_LOAD_PLAN_H
#define SIM_LOAD_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "load/unit.h"

#define LOAD_SCANNERS_MAX 20000
#define LOAD_LOCKERS_MAX 2000
#define LOAD_SECONDS_MAX 3600
#define LOAD_RATE_MAX 1000000
#define LOAD_PIECES_MAX 900000 /* a product holds a million */

enum load_status {
    LOAD_PASSED = 0,
    LOAD_FAILED = 1,
    LOAD_USAGE = 2,
    LOAD_UNREACHABLE = 3,
};

struct load_plan {
    int64_t scanner_count;
    int64_t locker_count;
    int64_t rate;      /* scans a second over all scanners; 0: as fast as verdicts come */
    int64_t window;    /* rate 0: scans of one scanner that may wait for their verdict */
    int64_t time_s;    /* how long scans are made */
    bool with_restart; /* kill the broker in the middle */
    bool is_json;
    const char *data;   /* NULL: .lockstock */
    const char *deploy; /* NULL: found as lockstock-sim --help says */
};

/* LOAD_PASSED, or what to end with; help and errors have been printed then. */
int load_plan_read(struct load_plan *plan, int argc, char **argv, bool *ret_is_over);

struct load_result {
    int64_t connect_ms;    /* until all were connected */
    int64_t run_ms;        /* of the scanning */
    uint64_t scans;        /* taken while scanning */
    uint64_t acked_in_run; /* acknowledged while scanning */
    uint64_t ups_in_run;   /* messages on `up` and on `ack` while scanning */
    uint64_t acks_in_run;
    uint64_t scans_acked;   /* of scans, in the end */
    int64_t pieces_counted; /* by stock; must be scans */
    uint64_t refused;
    uint64_t locker_records, locker_records_acked;
    int64_t storm_up_ms;        /* from the kill until all were connected; -1: no restart */
    int64_t storm_caught_up_ms; /* until all scans from before were acknowledged */
    uint64_t storm_connects;    /* attempts in that time */
    const struct load_meter *verdicts;
};

/* Was a scan lost, refused or not counted? */
bool load_result_has_loss(const struct load_result *result);

/* For people, or as one line of JSON. */
void load_result_print(const struct load_plan *plan, const struct load_result *result, FILE *out);

#endif
