/* The commands to lockers: SQL of the locker store, which locker.h describes. Loop thread. */
#ifndef DELIVERY_STORE_LOCKER_COMMAND_H
#define DELIVERY_STORE_LOCKER_COMMAND_H

#include "delivery/domain/grant.h"
#include "delivery/store/locker.h"

/* A command to open a compartment. It is kept so that its story is known when its effect comes. */
struct locker_command {
    char id[GRANT_COMMAND_ID_SIZE];
    struct rental_id delivery; /* that had the compartment then; v 0: none */
    char locker[DELIVERY_LOCKER_SIZE];
    int compartment;
    enum locker_story story;
    int64_t expires_at_ms;
    int64_t effect; /* 0: not told yet */
};

/* A part of locker_store_open(), for it alone: prepares the statements of this file. */
int locker_store_open_commands(struct locker_store *store, struct kit_db *db,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Stores a command that goes out with this commit. */
int locker_store_add_command(struct locker_store *store, const struct locker_command *command,
                             struct kit_error *err) KIT_MUST_CHECK;
/* Reads what went out under that id, for the record that tells its effect. */
int locker_store_command(struct locker_store *store, const char *id, struct locker_command *ret,
                         bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Notes the first effect of a command. */
int locker_store_set_effect(struct locker_store *store, const char *id, int64_t effect,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Deletes some of the commands that expired before before_ms, as many as one work item may. */
int locker_store_forget_commands(struct locker_store *store, int64_t before_ms,
                                 struct kit_error *err) KIT_MUST_CHECK;

#endif
