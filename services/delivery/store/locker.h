/* Where lockers, their compartments, the grants and the commands to them are kept: SQL and nothing
 * else. Every call runs inside the loop's transaction; nothing here begins or commits one. Loop
 * thread. */
#ifndef DELIVERY_STORE_LOCKER_H
#define DELIVERY_STORE_LOCKER_H

#include "delivery/domain/grant.h"
#include "delivery/domain/locker.h"
#include "kit/store/db.h"
#include "kit/store/table.h"

#define LOCKER_LOGS_MIGRATION                                                                      \
    "ALTER TABLE locker ADD COLUMN epoch_before TEXT NOT NULL DEFAULT '';"                         \
    "ALTER TABLE locker ADD COLUMN seq_before INTEGER NOT NULL DEFAULT 0;"

/* Numbers that no clock can have given are a liar's, and lead to none above them: forget them. */
#define LOCKER_CARE_MIGRATION                                                                      \
    "ALTER TABLE locker ADD COLUMN is_silent INTEGER NOT NULL DEFAULT 0"                           \
    "  CHECK (is_silent BETWEEN 0 AND 1);"                                                         \
    "ALTER TABLE locker ADD COLUMN last_heard_ms INTEGER NOT NULL DEFAULT 0;"                      \
    "ALTER TABLE locker ADD COLUMN compartment_count INTEGER NOT NULL DEFAULT 0"                   \
    "  CHECK (compartment_count BETWEEN 0 AND 16);"                                                \
    "UPDATE locker SET compartment_count ="                                                        \
    "  (SELECT coalesce(max(number), 0) FROM compartment WHERE locker = name);"                    \
    "ALTER TABLE compartment ADD COLUMN is_dead INTEGER NOT NULL DEFAULT 0"                        \
    "  CHECK (is_dead BETWEEN 0 AND 1);"                                                           \
    "ALTER TABLE access_grant ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"                     \
    "CREATE INDEX compartment_free ON compartment (size, locker, number)"                          \
    "  WHERE delivery_id IS NULL AND door = 1 AND story = 0;"                                      \
    "UPDATE locker SET revision_wanted = 0 WHERE revision_wanted > 4503599627370496;"              \
    "UPDATE locker SET revision_known = 0 WHERE revision_known > 4503599627370496;"                \
    "UPDATE compartment SET clean_revision = 1 WHERE clean_revision > 4503599627370496;"

/* Enums as in locker.h and grant.h. Released: never change it; append another migration. */
#define LOCKER_STORE_MIGRATION                                                                     \
    "CREATE TABLE locker ("                                                                        \
    "  name TEXT PRIMARY KEY CHECK (name <> ''),"                                                  \
    "  is_online INTEGER NOT NULL CHECK (is_online BETWEEN 0 AND 1),"                              \
    "  state_epoch TEXT NOT NULL,"                                                                 \
    "  state_boot INTEGER NOT NULL,"                                                               \
    "  epoch TEXT NOT NULL,"                                                                       \
    "  seq INTEGER NOT NULL CHECK (seq >= 0),"                                                     \
    "  revision_wanted INTEGER NOT NULL CHECK (revision_wanted >= 0),"                             \
    "  revision_known INTEGER NOT NULL CHECK (revision_known >= 0),"                               \
    "  wrong_codes INTEGER NOT NULL CHECK (wrong_codes >= 0)"                                      \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE compartment ("                                                                   \
    "  locker TEXT NOT NULL REFERENCES locker (name),"                                             \
    "  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 16),"                                   \
    "  size INTEGER NOT NULL CHECK (size BETWEEN 1 AND 3),"                                        \
    "  door INTEGER NOT NULL CHECK (door BETWEEN 1 AND 6),"                                        \
    "  presence INTEGER NOT NULL CHECK (presence BETWEEN 1 AND 3),"                                \
    "  is_doubtful INTEGER NOT NULL CHECK (is_doubtful BETWEEN 0 AND 1),"                          \
    "  delivery_id INTEGER UNIQUE REFERENCES delivery (id),"                                       \
    "  story INTEGER NOT NULL CHECK (story BETWEEN 0 AND 4),"                                      \
    "  empty_count INTEGER NOT NULL CHECK (empty_count >= 0),"                                     \
    "  pending_until_ms INTEGER NOT NULL CHECK (pending_until_ms >= 0),"                           \
    "  clean_revision INTEGER NOT NULL CHECK (clean_revision >= 0),"                               \
    "  PRIMARY KEY (locker, number)"                                                               \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX compartment_pending ON compartment (pending_until_ms)"                           \
    "  WHERE pending_until_ms > 0;"                                                                \
    "CREATE TABLE access_grant ("                                                                  \
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                          \
    "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"                                     \
    "  issue INTEGER NOT NULL CHECK (issue >= 1),"                                                 \
    "  locker TEXT NOT NULL,"                                                                      \
    "  compartment INTEGER NOT NULL CHECK (compartment BETWEEN 1 AND 16),"                         \
    "  purpose INTEGER NOT NULL CHECK (purpose BETWEEN 1 AND 2),"                                  \
    "  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"                                      \
    "  not_before_ms INTEGER NOT NULL,"                                                            \
    "  expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms > not_before_ms),"                      \
    "  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),"                                    \
    "  UNIQUE (delivery_id, issue)"                                                                \
    ") STRICT;"                                                                                    \
    "CREATE UNIQUE INDEX access_grant_live ON access_grant (locker, compartment)"                  \
    "  WHERE state = 1;"                                                                           \
    "CREATE TABLE locker_command ("                                                                \
    "  id TEXT PRIMARY KEY CHECK (length(id) = 32),"                                               \
    "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"                                     \
    "  locker TEXT NOT NULL,"                                                                      \
    "  compartment INTEGER NOT NULL,"                                                              \
    "  story INTEGER NOT NULL CHECK (story IN (1, 4)),"                                            \
    "  expires_at_ms INTEGER NOT NULL,"                                                            \
    "  effect INTEGER" /* as in device.record, from 1; NULL: not told yet */                       \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX locker_command_age ON locker_command (expires_at_ms);"

/* Codes that may still be alive in a locker, though it was told to forget them. */
#define LOCKER_REMOVED_MIGRATION                                                                   \
    "CREATE INDEX access_grant_unused ON access_grant (locker, expires_at_ms) WHERE state <> 2;"

struct locker_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int locker_store_open(struct locker_store *store, struct kit_db *db,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void locker_store_close(struct locker_store *store);

/* KIT_OK with *ret_found false when there is none; then *ret is untouched. So for all finds. */
int locker_store_find(struct locker_store *store, const char *name, struct locker *ret,
                      bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Adds it, or changes all that is kept of it but revision_wanted, which has a call of its own: it
 * changes while somebody holds a copy of the rest. */
int locker_store_save(struct locker_store *store, const struct locker *locker,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Notes the revision of the configuration that was published last. */
int locker_store_set_wanted(struct locker_store *store, const char *name, int64_t revision,
                            struct kit_error *err) KIT_MUST_CHECK;

/* Reads a page by name, and counts all. ret_lockers has room for page->size. */
int locker_store_list(struct locker_store *store, struct kit_page *page, struct locker *ret_lockers,
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
/* Of one locker by number. ret has room for max. */
struct locker_compartments {
    struct locker_compartment *items;
    size_t count;
    size_t max;
};
int locker_store_compartments(struct locker_store *store, const char *locker,
                              struct locker_compartments *ret,
                              struct kit_error *err) KIT_MUST_CHECK;
/* What an order needs. */
struct compartment_need {
    enum product_size size;    /* at least */
    const char *wished_locker; /* "": any */
};
/* Chooses the best free compartment for it: in the wished locker if it has one, else the smallest,
 * by name and number (rules 7.1, 7.2). Free is what locker_is_free() says. */
int locker_store_choose(struct locker_store *store, const struct compartment_need *need,
                        struct locker_compartment *ret, bool *ret_found,
                        struct kit_error *err) KIT_MUST_CHECK;
/* The size of the largest that is free, and of the largest of all: 0 if there is none. */
int locker_store_largest_free(struct locker_store *store, int64_t *ret_size,
                              struct kit_error *err) KIT_MUST_CHECK;
/* The largest of all compartments, free or not; 0 when there is none. */
int locker_store_largest(struct locker_store *store, int64_t *ret_size,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Those that are connected and of which nothing was heard since `since_ms` are silent from now on.
 */
int locker_store_mark_silent(struct locker_store *store, int64_t since_ms,
                             struct kit_error *err) KIT_MUST_CHECK;
/* Notes one locker as silent: it gets no orders. */
int locker_store_set_silent(struct locker_store *store, const char *name,
                            struct kit_error *err) KIT_MUST_CHECK;
/* The first one after `after` by name. */
int locker_store_next(struct locker_store *store, const char *after, struct locker *ret,
                      bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Does anything keep us from forgetting it: an order (while a code or a command is out, a
 * compartment has one), or a code taken away that has not expired and may be in a configuration
 * that it has stored? */
int locker_store_has_ties(struct locker_store *store, const char *name, int64_t now_ms,
                          bool *ret_has, struct kit_error *err) KIT_MUST_CHECK;
/* With its compartments, which no delivery has. */
int locker_store_forget(struct locker_store *store, const char *name,
                        struct kit_error *err) KIT_MUST_CHECK;

/* In its compartments whose delivery should have ended by now_ms, nothing is open any more.
 */
int locker_store_end_stories(struct locker_store *store, const char *locker, int64_t now_ms,
                             struct kit_error *err) KIT_MUST_CHECK;

/* One whose command has expired without a word of the locker. */
int locker_store_lapsed(struct locker_store *store, int64_t now_ms, struct locker_compartment *ret,
                        bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Stores a code's grant. KIT_E_CONFLICT when the compartment has a live one. */
int locker_store_add_grant(struct locker_store *store, const struct grant *grant,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Reads a grant by its number. */
int locker_store_grant(struct locker_store *store, int64_t id, struct grant *ret, bool *ret_found,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Changes the state of a grant: used or revoked. */
int locker_store_set_grant(struct locker_store *store, int64_t id, enum grant_state state,
                           struct kit_error *err) KIT_MUST_CHECK;
/* The live ones of a locker, by compartment. */
int locker_store_live_grants(struct locker_store *store, const char *locker,
                             struct grant ret[GRANTS_MAX], size_t *ret_count,
                             struct kit_error *err) KIT_MUST_CHECK;
/* The highest number of a grant. */
int locker_store_last_grant_id(struct locker_store *store, int64_t *ret_id,
                               struct kit_error *err) KIT_MUST_CHECK; /* 0: none */

/* A command to open a compartment, for that it is known when its effect comes. */
struct locker_command {
    char id[GRANT_COMMAND_ID_SIZE];
    struct rental_id delivery;
    char locker[DELIVERY_LOCKER_SIZE];
    int compartment;
    enum locker_story story;
    int64_t expires_at_ms;
    int64_t effect; /* 0: not told yet */
};
/* Stores a command that goes out with this commit. */
int locker_store_add_command(struct locker_store *store, const struct locker_command *command,
                             struct kit_error *err) KIT_MUST_CHECK;
/* Reads what went out under that id, for the record that tells its effect. */
int locker_store_command(struct locker_store *store, const char *id, struct locker_command *ret,
                         bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Notes the first effect of a command. */
int locker_store_set_effect(struct locker_store *store, const char *id, int64_t effect,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Forgets some that expired before that. */
int locker_store_forget_commands(struct locker_store *store, int64_t before_ms,
                                 struct kit_error *err) KIT_MUST_CHECK;

#endif
