/* Where lockers are kept: SQL and nothing else. One store, one file for each table: compartments,
 * grants and commands of lockers, and what was told of them, have headers of their own
 * (locker_compartment.h, locker_grant.h, locker_command.h, locker_told.h). Every call runs inside
 * the loop's transaction; nothing here begins or commits one. Loop thread. */
#ifndef DELIVERY_STORE_LOCKER_H
#define DELIVERY_STORE_LOCKER_H

#include "delivery/domain/locker.h"
#include "kit/store/db.h"
#include "kit/store/table.h"

struct locker_store {
    struct kit_statements lockers;
    struct kit_statements compartments;
    struct kit_statements grants;
    struct kit_statements commands;
    struct kit_statements told;
};

/* Prepares the statements of all five tables. KIT_E_CORRUPT when the tables have other columns. */
int locker_store_open(struct locker_store *store, struct kit_db *db,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void locker_store_close(struct locker_store *store);

/* KIT_OK with *ret_found false when there is none; then *ret is untouched. So for all finds. */
int locker_store_find(struct locker_store *store, const char *name, struct locker *ret,
                      bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Adds it, or changes all that is kept of it but its log, and revision_wanted, which has a call of
 * its own: these change while somebody holds a copy of the rest. */
int locker_store_save(struct locker_store *store, const struct locker *locker,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Notes the revision of the configuration that was published last. */
int locker_store_set_wanted(struct locker_store *store, const char *name, int64_t revision,
                            struct kit_error *err) KIT_MUST_CHECK;

/* Reads a page by name, and counts all. ret_lockers has room for page->size. */
int locker_store_list(struct locker_store *store, struct kit_page *page, struct locker *ret_lockers,
                      struct kit_error *err) KIT_MUST_CHECK;

/* The first locker whose name is above `after`; for a walk that one work item does not finish. */
int locker_store_next(struct locker_store *store, const char *after, struct locker *ret,
                      bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Reads whether anything keeps us from forgetting the locker (rules 7.6). An order does that has
 * one of its compartments, as it has while a code or a command is out; and a code that was taken
 * away but has not expired, while the configuration that the locker has stored may still hold it.
 */
int locker_store_find_ties(struct locker_store *store, const char *name, int64_t now_ms,
                           bool *ret_has_ties, struct kit_error *err) KIT_MUST_CHECK;
/* Deletes the locker and its compartments; no delivery may have one of them. */
int locker_store_forget(struct locker_store *store, const char *name,
                        struct kit_error *err) KIT_MUST_CHECK;

#endif
