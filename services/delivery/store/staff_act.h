/* What staff did with compartments without an order (rules/delivery.md 7.10): SQL and nothing else.
 * Every call runs inside the loop's transaction. Loop thread. */
#ifndef DELIVERY_STORE_STAFF_ACT_H
#define DELIVERY_STORE_STAFF_ACT_H

#include "delivery/domain/delivery.h"
#include "kit/store/db.h"
#include "kit/store/table.h"

#define STAFF_ACTS_MAX 100000 /* that are kept; the oldest go */
#define STAFF_ACT_BY_SIZE 161 /* 40 code points of at most 4 bytes, and NUL */

struct staff_act_row {
    char locker[DELIVERY_LOCKER_SIZE];
    int compartment;
    int64_t at_ms;
    enum staff_act kind;
    char reason[DELIVERY_REASON_SIZE]; /* "": none was given */
    char by[STAFF_ACT_BY_SIZE];        /* "": an older client did not say */
    bool with_goods;
    bool has_opened;
    int64_t opened; /* walk: the number on the door that opened; 0: none did */
};

struct staff_act_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the table has other columns. */
int staff_act_store_open(struct staff_act_store *store, struct kit_db *db,
                         struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void staff_act_store_close(struct staff_act_store *store);

/* Adds one to the history. */
int staff_act_store_add(struct staff_act_store *store, const struct staff_act_row *act,
                        struct kit_error *err) KIT_MUST_CHECK;

struct staff_act_rows {
    struct staff_act_row *items; /* room for max */
    size_t count;
    size_t max;
};
/* Reads the newest of one locker, the newest first, max of them at most. */
int staff_act_store_newest(struct staff_act_store *store, const char *locker,
                           struct staff_act_rows *ret, struct kit_error *err) KIT_MUST_CHECK;
/* Reads what somebody said who walked to the compartment last; *ret_found false: nobody has. Asked
 * for are locker and compartment of *in_out. */
int staff_act_store_last_walk(struct staff_act_store *store, struct staff_act_row *in_out,
                              bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

#endif
