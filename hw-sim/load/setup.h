/* The other side of a load run: the product that is received, over HTTP, and the devices' rights.
 * Blocking calls, outside the measured time. One thread. */
#ifndef SIM_LOAD_SETUP_H
#define SIM_LOAD_SETUP_H

#include "world/system.h"

/* Runs deploy/add-device; doing it again changes nothing. Errors: KIT_E_IO. */
int load_add_devices(const struct sim_system *system, const char *kind, const char *prefix,
                     int64_t count, struct kit_error *err) KIT_MUST_CHECK;

/* Errors: KIT_E_UNAVAILABLE: nobody answers, or not as expected. */
int load_add_product(const struct sim_system *system, int64_t *ret_id,
                     struct kit_error *err) KIT_MUST_CHECK;
int load_count_registered(const struct sim_system *system, int64_t id, int64_t *ret_qty,
                          struct kit_error *err) KIT_MUST_CHECK;

#endif
