/* The tables of accounts, people and sessions: SQL of this service only. Every function runs inside
 * the transaction that the runtime has open; none begins or commits. Loop thread. */
#ifndef ACCOUNT_STORE_H
#define ACCOUNT_STORE_H

#include "account/domain/person.h"
#include "kit/store/db.h"
#include "kit/store/table.h"

#define ACCOUNT_MIGRATION_COUNT 1
extern const struct kit_migration account_migrations[ACCOUNT_MIGRATION_COUNT];

struct account_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int account_store_open(struct account_store *store, struct kit_db *db,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void account_store_close(struct account_store *store);

/* The least id that may be given at a time (rules 1.5): ids never fall behind the clock, so that a
 * database which was lost, or came from a backup, gives none that was given before. */
int64_t account_store_floor(int64_t now_ms);

/* ---- accounts ---- */

/* Adds one and writes its id into *account, not below account_store_floor(made_at_ms). */
int account_store_add(struct account_store *store, struct account *account,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Absent is KIT_E_NOT_FOUND with a sentence for the client. */
int account_store_get(struct account_store *store, int64_t id, struct account *ret_account,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Writes name, state and version. KIT_E_CONFLICT: the stored version is not the one before. */
int account_store_save(struct account_store *store, const struct account *account,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Whom a page shows; 0: whoever it is. */
struct account_filter {
    int64_t account;
    int64_t person;
};
/* Reads a page in id order of what the filter takes, and counts all of that. */
int account_store_list(struct account_store *store, const struct account_filter *filter,
                       struct kit_page *page, struct account *ret_accounts,
                       struct kit_error *err) KIT_MUST_CHECK;

/* ---- people ---- */

/* Adds one and writes its id into *person, as account_store_add(). */
int account_store_add_person(struct account_store *store, struct account_person *person,
                             struct kit_error *err) KIT_MUST_CHECK;
/* As account_store_get(), of people. */
int account_store_get_person(struct account_store *store, int64_t id,
                             struct account_person *ret_person,
                             struct kit_error *err) KIT_MUST_CHECK;
/* By the folded login. *ret_found is false when there is none. */
int account_store_find_login(struct account_store *store, const char *login,
                             struct account_person *ret_person, bool *ret_found,
                             struct kit_error *err) KIT_MUST_CHECK;
/* By the hash of the link for a new password. */
int account_store_find_link(struct account_store *store, const char *link_hash,
                            struct account_person *ret_person, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Writes all but id and made_at_ms. KIT_E_CONFLICT: the stored version is not the one before. */
int account_store_save_person(struct account_store *store, const struct account_person *person,
                              struct kit_error *err) KIT_MUST_CHECK;
/* As account_store_list(), of people. */
int account_store_list_people(struct account_store *store, const struct account_filter *filter,
                              struct kit_page *page, struct account_person *ret_people,
                              struct kit_error *err) KIT_MUST_CHECK;
/* How many active operators there are besides that person. */
int account_store_other_operators(struct account_store *store, int64_t person, int64_t *ret_count,
                                  struct kit_error *err) KIT_MUST_CHECK;

/* ---- sessions and tokens ---- */

/* Adds one and writes its id into *session, as account_store_add(). */
int account_store_add_session(struct account_store *store, struct account_session *session,
                              struct kit_error *err) KIT_MUST_CHECK;
/* *ret_found is false when there is none. */
int account_store_find_session(struct account_store *store, int64_t id,
                               struct account_session *ret_session, bool *ret_found,
                               struct kit_error *err) KIT_MUST_CHECK;
/* By the hash of its token. */
int account_store_find_hash(struct account_store *store, const char *hash,
                            struct account_session *ret_session, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Writes that it has ended; its name goes. */
int account_store_end_session(struct account_store *store, int64_t id,
                              struct kit_error *err) KIT_MUST_CHECK;
/* Live ones of a person at a time, sessions and tokens, the oldest first. */
struct account_live {
    int64_t person, now_ms;
    size_t max; /* room in sessions */
    size_t count;
    struct account_session *sessions;
};
/* Reads live->max of them at most. */
int account_store_live_sessions(struct account_store *store, struct account_live *live,
                                struct kit_error *err) KIT_MUST_CHECK;

/* Which live ones a page shows. */
struct account_session_filter {
    enum session_kind kind;
    int64_t person;  /* 0: of everybody */
    int64_t account; /* 0: of all accounts */
    int64_t now_ms;
};
/* As account_store_list(), of those that the filter takes. */
int account_store_list_sessions(struct account_store *store,
                                const struct account_session_filter *filter, struct kit_page *page,
                                struct account_session *ret_sessions,
                                struct kit_error *err) KIT_MUST_CHECK;
/* Deletes up to `max` that nobody comes in with any more since before_ms, the last one never. */
int account_store_sweep(struct account_store *store, int64_t before_ms, int64_t max,
                        struct kit_error *err) KIT_MUST_CHECK;

#endif
