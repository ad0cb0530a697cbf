/* Two names, a lock for each. See bus_name.h. */
#include "kit/process/bus_name.h"

#include <stdio.h>

#include "kit/base/text.h"
#include "kit/process/process.h"
#include "kit/store/lock.h"

static int lock_name(const char *run_dir, const char *name, struct kit_error *err)
{
    char path[KIT_HOST_PATH_SIZE];

    const int size = snprintf(path, sizeof(path), "%s/%s.lock", run_dir, name);
    if (size < 0 || (size_t)size >= sizeof(path))
        return kit_error_set(err, KIT_E_INVALID, "--run-dir is too long");
    int rc = kit_host_make_parent(path, err);
    if (rc != KIT_OK)
        return rc;
    return kit_lock_take(path, err);
}

int kit_bus_name_take(const char *run_dir, const char *instance, bool is_successor,
                      char ret_name[KIT_BUS_NAME_SIZE], struct kit_error *err)
{
    char second[KIT_BUS_NAME_SIZE];

    kit_text_copy(ret_name, KIT_BUS_NAME_SIZE, instance);
    if (run_dir[0] == '\0')
        return KIT_OK;
    snprintf(second, sizeof(second), "%s-2", instance);
    int rc = lock_name(run_dir, instance, err);
    if (rc == KIT_E_CONFLICT && is_successor) {
        kit_text_copy(ret_name, KIT_BUS_NAME_SIZE, second);
        rc = lock_name(run_dir, second, err);
    } else if (rc == KIT_OK && !is_successor) {
        rc = lock_name(run_dir, second, err); /* nobody is there, under either name */
    }
    if (rc == KIT_E_CONFLICT)
        return kit_error_set(
            err, rc,
            "a process of the name \"%s\" runs already; stop it, or choose another "
            "--instance and --run-dir",
            instance);
    return rc;
}
