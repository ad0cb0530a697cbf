/* Under which name a process without a database is at the broker: the bridge. While it is replaced
 * there are two for a moment: both ask as the same caller, so that a key of a customer means the
 * same through both, but the broker tells clients apart by their names. Loop thread. */
#ifndef KIT_PROCESS_BUS_NAME_H
#define KIT_PROCESS_BUS_NAME_H

#include <stdbool.h>

#include "kit/base/error.h"

#define KIT_BUS_NAME_SIZE 64

/* Takes, for the life of the process, the name of the instance by a lock in run_dir; "" there: no
 * lock. Where another process has it, and is_successor, the second one, "bridge-2": who has
 * inherited the sockets takes the other's place. All others want to be alone. Errors:
 * KIT_E_CONFLICT, says who runs already; else why the lock cannot be had. */
int kit_bus_name_take(const char *run_dir, const char *instance, bool is_successor,
                      char ret_name[KIT_BUS_NAME_SIZE], struct kit_error *err) KIT_MUST_CHECK;

#endif
