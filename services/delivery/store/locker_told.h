/* What was told of lockers to the world: their numbers on the stream, and which of them show
 * something that was not told yet. Triggers note that (store/schema.c), so it goes with the change:
 * an item that is undone leaves nothing to tell. A row outlives its locker: a name keeps its
 * number. Never begins or commits. Loop thread. */
#ifndef DELIVERY_STORE_LOCKER_TOLD_H
#define DELIVERY_STORE_LOCKER_TOLD_H

#include "delivery/store/locker.h"

/* The numbers are stored. */
enum locker_told {
    LOCKER_TOLD_NOT = 0, /* it shows something else now */
    LOCKER_TOLD = 1,
    LOCKER_TOLD_KEYLESS = 2, /* as one without a key, which no table knows */
};

/* Prepares the statements; locker_store_open() does that. */
int locker_store_open_told(struct locker_store *store, struct kit_db *db,
                           struct kit_error *err) KIT_MUST_CHECK;

/* The first locker, by its number, of which something is to be told. */
int locker_store_find_untold(struct locker_store *store, char ret_name[DELIVERY_LOCKER_SIZE],
                             bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Notes what was told last. */
int locker_store_set_told(struct locker_store *store, const char *name, enum locker_told told,
                          struct kit_error *err) KIT_MUST_CHECK;
/* Notes that it is to be told, unless it was told with, or without, its key as it is now. */
int locker_store_note_key(struct locker_store *store, const char *name, bool has_key,
                          struct kit_error *err) KIT_MUST_CHECK;

struct locker_event {
    int64_t number;  /* the locker's, in the subject */
    int64_t version; /* from 1 */
};
/* Counts one event of a locker. KIT_E_CORRUPT for one that was never known. */
int locker_store_count_event(struct locker_store *store, const char *name,
                             struct locker_event *ret_event, struct kit_error *err) KIT_MUST_CHECK;

#endif
