/* The grants of codes to lockers: SQL of the locker store, which locker.h describes. Loop thread.
 */
#ifndef DELIVERY_STORE_LOCKER_GRANT_H
#define DELIVERY_STORE_LOCKER_GRANT_H

#include "delivery/domain/grant.h"
#include "delivery/store/locker.h"

/* A part of locker_store_open(), for it alone: prepares the statements of this file. */
int locker_store_open_grants(struct locker_store *store, struct kit_db *db,
                             struct kit_error *err) KIT_MUST_CHECK;

/* Stores a code's grant. KIT_E_CONFLICT when the compartment has a live one. */
int locker_store_add_grant(struct locker_store *store, const struct grant *grant,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Reads a grant by its number. */
int locker_store_grant(struct locker_store *store, int64_t id, struct grant *ret, bool *ret_found,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Changes the state of a grant: used or revoked. */
int locker_store_set_grant(struct locker_store *store, int64_t id, enum grant_state state,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Reads the live grants of a locker by compartment, which is the order of its configuration. */
int locker_store_live_grants(struct locker_store *store, const char *locker,
                             struct grant ret[GRANTS_MAX], size_t *ret_count,
                             struct kit_error *err) KIT_MUST_CHECK;
/* Finds a live grant of the first locker behind `locker`, by name ("": of the first one). */
int locker_store_next_live(struct locker_store *store, const char *locker, struct grant *ret,
                           bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* The highest number that any grant ever had; 0: there was none. */
int locker_store_last_grant_id(struct locker_store *store, int64_t *ret_id,
                               struct kit_error *err) KIT_MUST_CHECK;

#endif
