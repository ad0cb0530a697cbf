/* Finding devices; see world.h. */
#include "world/world.h"

#include <inttypes.h>
#include <string.h>

#include "scenario/json.h"
#include "scenario/vars.h"

struct sim_device *sim_world_find_device(const struct sim_world *world, const char *name)
{
    for (size_t i = 0; name != NULL && i < world->device_count; i++) {
        if (strcmp(world->devices[i]->name, name) == 0)
            return world->devices[i];
    }
    return NULL;
}

struct sim_device *sim_world_find_id(const struct sim_world *world, const char *id)
{
    for (size_t i = 0; i < world->device_count; i++) {
        if (strcmp(world->devices[i]->id, id) == 0)
            return world->devices[i];
    }
    return NULL;
}

int sim_world_find_locker(const struct sim_world *world, const cJSON *owner,
                          struct sim_device **ret_locker, struct kit_error *err)
{
    const cJSON *text = sim_json_get(owner, "locker");
    const char *wanted = text->valuestring;
    struct sim_device *device = sim_vars_is_filled(text) ? sim_world_find_id(world, wanted)
                                                         : sim_world_find_device(world, wanted);

    if (device == NULL || !device->is_locker)
        return kit_error_set(err, KIT_E_REFUSED,
                             "%.60s is not a locker of this run: orders that name none, or a full "
                             "one, may get another one of the system (\"locker\": \"${...id}\")",
                             wanted);
    *ret_locker = device;
    return KIT_OK;
}

int sim_world_find_compartment(const struct sim_world *world, const cJSON *owner,
                               struct sim_compartment **ret, struct sim_device **ret_locker,
                               struct kit_error *err)
{
    const int64_t number = sim_json_int(owner, "compartment", 0);

    int rc = sim_world_find_locker(world, owner, ret_locker, err);
    if (rc != KIT_OK)
        return rc;
    *ret = sim_device_compartment(*ret_locker, number);
    if (*ret == NULL)
        return kit_error_set(err, KIT_E_REFUSED, "there is no compartment %" PRId64 " at %s",
                             number, (*ret_locker)->name);
    return KIT_OK;
}
