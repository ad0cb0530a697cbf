/* The compartments of lockers: SQL of the locker store, which locker.h describes. Loop thread. */
#ifndef DELIVERY_STORE_LOCKER_COMPARTMENT_H
#define DELIVERY_STORE_LOCKER_COMPARTMENT_H

#include "delivery/store/locker.h"

/* A part of locker_store_open(), for it alone: prepares the statements of this file. */
int locker_store_open_compartments(struct locker_store *store, struct kit_db *db,
                                   struct kit_error *err) KIT_MUST_CHECK;

struct compartment_id {
    const char *locker;
    int number;
};
/* Reads what is stored of it, with what its locker's row says of revision and link. */
int locker_store_compartment(struct locker_store *store, const struct compartment_id *id,
                             struct locker_compartment *ret, bool *ret_found,
                             struct kit_error *err) KIT_MUST_CHECK;
/* Adds it, or changes what is stored of it. */
int locker_store_save_compartment(struct locker_store *store,
                                  const struct locker_compartment *compartment,
                                  struct kit_error *err) KIT_MUST_CHECK;
/* Forgets those above `number` that no delivery has. */
int locker_store_cut(struct locker_store *store, const char *locker, int number,
                     struct kit_error *err) KIT_MUST_CHECK;
struct locker_compartments {
    struct locker_compartment *items; /* room for max */
    size_t count;
    size_t max;
};
/* Reads the compartments of one locker by number, max of them at most. */
int locker_store_compartments(struct locker_store *store, const char *locker,
                              struct locker_compartments *ret,
                              struct kit_error *err) KIT_MUST_CHECK;

/* Finds the compartment that the order gets, by the rule of domain/locker.h (rules 7.1, 7.2): one
 * that locker_suits(), and of those the one that locker_is_better() than each other one. */
int locker_store_choose(struct locker_store *store, const struct compartment_need *need,
                        struct locker_compartment *ret, bool *ret_found,
                        struct kit_error *err) KIT_MUST_CHECK;
/* The size of the largest one that locker_is_free(), as in enum product_size; 0: none is. */
int locker_store_largest_free(struct locker_store *store, int64_t *ret_size,
                              struct kit_error *err) KIT_MUST_CHECK;
/* The size of the largest of all compartments, free or not; 0 when there is none. */
int locker_store_largest(struct locker_store *store, int64_t *ret_size,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Sets the story to NONE in the locker's compartments whose delivery has a deadline that has passed
 * at now_ms; for a locker that is to be forgotten, whose records will not come to end them. */
int locker_store_end_stories(struct locker_store *store, const char *locker, int64_t now_ms,
                             struct kit_error *err) KIT_MUST_CHECK;

/* Finds one whose command has expired by now_ms without a word of the locker about its effect. */
int locker_store_lapsed(struct locker_store *store, int64_t now_ms, struct locker_compartment *ret,
                        bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

#endif
