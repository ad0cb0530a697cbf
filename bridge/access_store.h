/* The bridge's copy of who may come in, out of account's stream: accounts, people and sessions, as
 * numbers, states and hashes. It can be deleted and comes back. Several bridges may have it open
 * (one that starts beside one that ends): what is written twice is written alike, as versions only
 * grow. Loop thread. */
#ifndef BRIDGE_ACCESS_STORE_H
#define BRIDGE_ACCESS_STORE_H

#include "kit/base/actor.h"
#include "kit/base/mac.h"
#include "kit/port/ports.h"
#include "kit/store/db.h"
#include "kit/stream/follower.h"
#include "msg/event_account.gen.h"
#include "msg/event_person.gen.h"
#include "msg/event_session.gen.h"

#define ACCESS_ENDED_KEPT_MS 86400000 /* a session that is over is forgotten a day later */

struct access_store {
    struct kit_db *db; /* NULL: not open */
    struct kit_statements statements;
};

/* How far the copy is. */
struct access_position {
    char epoch[KIT_EPOCH_SIZE]; /* "": nothing was read yet */
    int64_t seq;
    bool is_filled; /* it was level with this history once: who is not in it is unknown */
};

/* One session that was found, with its person. */
struct access_session {
    int64_t id;
    struct kit_actor actor;
    bool is_token; /* of a program */
    bool has_scopes;
    char scopes[41];
    int64_t until_ms;
};

/* Opens the file, or makes it; one that is damaged is made anew. As kit_db_open(). */
int access_store_open(struct access_store *store, const char *path,
                      struct kit_error *err) KIT_MUST_CHECK;
/* A store that is not open is fine. */
void access_store_close(struct access_store *store);

/* Reads how far the copy is. */
int access_store_position(struct access_store *store, struct access_position *ret,
                          struct kit_error *err) KIT_MUST_CHECK;
/* A history begins. One of another epoch, or one that ends before where we are: forgets everything,
 * and is before its first event. *ret_seq is where to read on: not 0 when another bridge was first.
 */
int access_store_begin(struct access_store *store, const char *epoch, int64_t head_seq,
                       int64_t *ret_seq, struct kit_error *err) KIT_MUST_CHECK;
/* The copy has all that there was when it asked. */
int access_store_fill(struct access_store *store, struct kit_error *err) KIT_MUST_CHECK;

/* An event: at most one of the three is not NULL. */
struct access_change {
    int64_t seq; /* 0: no event, but an answer that told us first: the position stays */
    int64_t version;
    int64_t now_ms; /* of the wall clock */
    const struct msg_event_account *account;
    const struct msg_event_person *person;
    const struct msg_event_session *session;
};
/* Writes it, and the position behind it, in one transaction. One whose version is not higher than
 * the row's changes nothing. */
int access_store_apply(struct access_store *store, const struct access_change *change,
                       struct kit_error *err) KIT_MUST_CHECK;

/* Finds the session of a token by its hash: live, not over, of an active person of an active
 * account. Without one ret->id is 0. */
int access_store_find(struct access_store *store, const char *hash, int64_t now_ms,
                      struct access_session *ret, struct kit_error *err) KIT_MUST_CHECK;
/* Whether the session still lets somebody in. */
int access_store_is_live(struct access_store *store, int64_t session, int64_t now_ms,
                         bool *ret_is_live, struct kit_error *err) KIT_MUST_CHECK;

#endif
