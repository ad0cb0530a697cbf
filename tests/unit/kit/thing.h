/* A service of nothing but what the runtime's tests need: it adds things, asks a friend, and
 * follows the stream of `product`. */
#ifndef TESTS_UNIT_KIT_THING_H
#define TESTS_UNIT_KIT_THING_H

#include "kit/service/service.h"

/* add {id}: effect; id 12 breaks a constraint of the database, 13 is refused after a row was
 * written, 99 asks friend `help` and answers later, 97 is answered when a scanner says 17. get
 * {id}: read; `after` is how many things have the id. ProductSaved: counts a row per id; the name
 * says how the handler ends: "fine", "refuse" (parked at once), "busy" (retried), anything else is
 * fine. Scanners: up {id} adds a row and is acknowledged, id 13 is refused; 14 first tries a part
 * that writes, appends, sends, calls `help`, and fails, and holds another part that does not; 17
 * answers the last 97. The timer adds a row to `tick`. */
#define THING_TIMER_MS 60000
extern const struct kit_service_desc thing_service;

/* For hooks that a test puts into a copy of the table: add a thing, append ThingAdded. */
int thing_add_row(void *self, int64_t id, const char *origin, struct kit_error *err);
int thing_append(void *self, int64_t id, struct kit_error *err);
/* The same under a name. */
int thing_append_named(void *self, const char *name, struct kit_error *err);

#endif
