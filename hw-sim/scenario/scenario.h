/* A scenario file: read, held to scenario.schema.json, and checked for what a schema cannot say:
 * names of devices and actors that do not exist, variables that nothing has set. Steps stay JSON
 * (their shape is the schema's); who needs a member asks for it. One thread. */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/error.h"
#include "scenario/json.h"

#define SIM_SCENARIO_BYTES_MAX 262144
#define SIM_TIME_LIMIT_MS_DEFAULT 120000
#define SIM_MESSAGE_SIZE 640

struct sim_scenario {
    char name[64]; /* of the file, without folder and .json */
    char *text;    /* as read; for places of errors */
    size_t size_bytes;
    cJSON *root;
    const char *title;
    int64_t seed;
    int64_t time_limit_ms;
    const cJSON *devices; /* lists; NULL when absent */
    const cJSON *actors;
    const cJSON *steps;
};

/**
 * sim_scenario_load() - Read and check one file.
 *
 * @ret_message: on failure what is wrong: "FILE:LINE:COLUMN: /pointer: sentence". SIM_MESSAGE_SIZE.
 *
 * Returns false on failure; else the caller ends with sim_scenario_done().
 */
bool sim_scenario_load(const char *path, struct sim_scenario *ret, char *ret_message);

/* The same from memory; name is for messages. */
bool sim_scenario_parse(const char *name, const char *text, size_t size_bytes,
                        struct sim_scenario *ret, char *ret_message);

/* Frees what load or parse gave. */
void sim_scenario_done(struct sim_scenario *scenario);

/* Line in the file at which a value of the scenario stands, for reports: pointer like "/steps/3".
 */
int sim_scenario_line(const struct sim_scenario *scenario, const char *pointer);

/* The device of that id; NULL: there is none, or id is NULL. */
const cJSON *sim_scenario_find_device(const struct sim_scenario *scenario, const char *id);

/* The actor of that name, likewise. */
const cJSON *sim_scenario_find_actor(const struct sim_scenario *scenario, const char *name);

/* The schema's text, put into the program when it is built. */
extern const unsigned char sim_scenario_schema[];
extern const size_t sim_scenario_schema_size_bytes;

#endif
