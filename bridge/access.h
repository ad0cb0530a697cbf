/* Who somebody is, in a closed Lockstock: the bridge follows account's stream (follow.h), keeps
 * what it needs of it in a copy of its own (access_store.h), and looks a token up there. So whoever
 * is signed in goes on while account is down, and whoever was thrown out is out as soon as its
 * stream says so. In an open Lockstock nobody is asked.
 *
 * Stories, each a test:
 *  1. A token is nobody's before its session is told; then it lets its person in; behind its end,
 *     or that of its person or account, it is nobody's again.
 *  2. The bridge is restarted while account is down: who was signed in still is.
 *  3. Account has another history: the copy is made anew. Until it is level nobody can say that a
 *     token is unknown, so who comes is told to come again (503), and not that he is out (401).
 *  4. The answer to a sign-in may be here before its event: the session counts from the answer on.
 *  5. A copy that is damaged is made anew.
 *
 * Loop thread. */
#ifndef BRIDGE_ACCESS_H
#define BRIDGE_ACCESS_H

#include "bridge/access_store.h"
#include "bridge/access_token.h"
#include "bridge/follow.h"

#define ACCESS_SOURCE "account"

struct access {
    bool is_closed;
    bool is_filled; /* the copy has been level with this history */
    uint64_t news;  /* grows when somebody may be out who was in */
    struct access_store store;
    struct follow follow;
};

/* Opens the copy, and follows from where it is. Closed from then on. As access_store_open(). */
int access_open(struct access *access, const char *path, const struct follow_ports *ports,
                struct kit_error *err) KIT_MUST_CHECK;
/* One that is not open is fine. */
void access_close(struct access *access);

/* The broker came or went. Of an open Lockstock: nothing, as with the two below. */
void access_on_link(struct access *access, bool is_up);

/* Takes a message of account's stream or head; false: it is on another topic. */
bool access_on_message(struct access *access, const struct kit_message *message);

/* Asks account when that is due. Returns when to run again; INT64_MAX: never. */
int64_t access_tick(struct access *access, int64_t now_mono_ms);

/* Who has this token. Without a session ret->id is 0: KIT_OK when it is nobody's, KIT_E_UNAVAILABLE
 * when that cannot be said yet (story 3), else what the copy's disk says. */
int access_find(struct access *access, const char *token, struct access_session *ret,
                struct kit_error *err) KIT_MUST_CHECK;

/* Account has answered that this session is open (story 4). What it says is as of a version below
 * any event's. A copy that cannot be written hears it by the event. */
void access_note_opened(struct access *access, const struct msg_event_session *session,
                        const struct kit_actor *actor);

/* Whether a session still lets somebody in, for who stays connected. */
bool access_is_live(struct access *access, int64_t session);

#endif
