/* What one run is played in: the running system, the connections to it, and the devices that the
 * scenario has. One thread. */
#ifndef SIM_WORLD_WORLD_H
#define SIM_WORLD_WORLD_H

#include "wire/http.h"
#include "wire/loop.h"
#include "wire/observer.h"
#include "world/device.h"
#include "world/system.h"

#define SIM_DEVICES_MAX 32
#define SIM_TAG_SIZE 8
#define SIM_FAILURE_SIZE 400

struct sim_world {
    struct sim_system system;
    struct sim_loop loop; /* turns everything below, and the models of the devices */
    struct sim_http http;
    struct sim_observer observer;
    char tag[SIM_TAG_SIZE];  /* of this run, in the ids of its devices */
    char dir[SIM_FILE_SIZE]; /* of the report, of flash and logs of devices; "": not made yet */
    struct sim_device *devices[SIM_DEVICES_MAX]; /* owned */
    size_t device_count;
    char failure[SIM_FAILURE_SIZE]; /* firmware that has ended by itself, or "" */
};

/* The device that the scenario calls so; NULL: there is none, or name is NULL. */
struct sim_device *sim_world_find_device(const struct sim_world *world, const char *name);

/* The device with that id at the broker; NULL: there is none. */
struct sim_device *sim_world_find_id(const struct sim_world *world, const char *id);

/* The locker that member "locker" of an expanded step or condition means: a name where it stands
 * in the scenario, an id at the broker where a variable has given it. Another system's locker may
 * have an id that is a name here. Errors: KIT_E_REFUSED (it is not one of this run). */
int sim_world_find_locker(const struct sim_world *world, const cJSON *owner,
                          struct sim_device **ret_locker, struct kit_error *err) KIT_MUST_CHECK;

/* The compartment that members "locker" and "compartment" mean; *ret_locker as above. Errors:
 * KIT_E_REFUSED (no such locker, or it has fewer compartments). */
int sim_world_find_compartment(const struct sim_world *world, const cJSON *owner,
                               struct sim_compartment **ret, struct sim_device **ret_locker,
                               struct kit_error *err) KIT_MUST_CHECK;

#endif
