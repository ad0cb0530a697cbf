/* What a load run needs of the system: rights for its devices, and a product whose pieces stock
 * counts. Blocking calls, outside the measured time. One thread. */
#ifndef SIM_LOAD_SETUP_H
#define SIM_LOAD_SETUP_H

#include "wire/http.h"
#include "world/system.h"

/* Runs deploy/add-device; doing it again changes nothing. Errors: KIT_E_IO. */
int load_add_devices(const struct sim_system *system, const char *kind, const char *prefix,
                     int64_t count, struct kit_error *err) KIT_MUST_CHECK;

/* Makes a product of one piece, as soon as products are served. Errors: KIT_E_UNAVAILABLE: nobody
 * answers, or not as expected. */
int load_add_product(struct sim_http *http, int64_t *ret_id, struct kit_error *err) KIT_MUST_CHECK;

/* How many pieces of it the system has registered. Errors: KIT_E_UNAVAILABLE. */
int load_count_registered(struct sim_http *http, int64_t id, int64_t *ret_qty,
                          struct kit_error *err) KIT_MUST_CHECK;

#endif
