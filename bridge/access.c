/* See access.h. */
#include "bridge/access.h"

#include <string.h>

#include "kit/rpc/topic.h"

/* Room for any of them. */
union access_event {
    struct msg_event_account account;
    struct msg_event_person person;
    struct msg_event_session session;
};

static int64_t now_ms(const struct access *access)
{
    return access->follow.clock->wall_ms(access->follow.clock->self);
}

/* ---- the stream ---- */

static int64_t begin(void *self, const char *epoch, int64_t head_seq)
{
    struct access *access = self;
    struct kit_error err;
    int64_t seq = 0;

    if (access_store_begin(&access->store, epoch, head_seq, &seq, &err) != KIT_OK) {
        kit_log_write(access->follow.log, KIT_ERROR, "access_failed", "%s", err.text);
        return -1;
    }
    access->is_filled = access->is_filled && seq > 0;
    access->news++;
    return seq;
}

static void skip(void *self, int64_t seq)
{
    (void)self; /* account's log is kept whole; what is not there changes nothing */
    (void)seq;
}

/* Fills what the event says. false: it is of a type that is nothing to us, or cannot be read. */
static bool read_event(const struct msg_wire_event *event, struct access_change *change,
                       union access_event *ret)
{
    if (strcmp(event->type, "AccountSaved") == 0) {
        change->account = &ret->account;
        return msg_event_account_decode(event->data.node, &ret->account, NULL) == KIT_OK;
    }
    if (strcmp(event->type, "PersonSaved") == 0) {
        change->person = &ret->person;
        return msg_event_person_decode(event->data.node, &ret->person, NULL) == KIT_OK;
    }
    if (strcmp(event->type, "SessionSaved") == 0) {
        change->session = &ret->session;
        return msg_event_session_decode(event->data.node, &ret->session, NULL) == KIT_OK;
    }
    return false;
}

static bool take(void *self, const struct msg_wire_event *event, int64_t seq)
{
    struct access *access = self;
    struct access_change change = { .seq = seq,
                                    .version = event->version,
                                    .now_ms = now_ms(access) };
    union access_event data;
    struct kit_error err;

    if (!read_event(event, &change, &data)) {
        if (strcmp(event->type, KIT_EVENT_DAMAGED) == 0)
            kit_log_write(access->follow.log, KIT_ERROR, "access_event_damaged",
                          "account has lost an event; end the sessions that must not be");
        change = (struct access_change){ .seq = seq };
    }
    if (access_store_apply(&access->store, &change, &err) != KIT_OK) {
        kit_log_write(access->follow.log, KIT_ERROR, "access_failed", "%s", err.text);
        return false;
    }
    access->news++;
    return true;
}

static const struct follow_owner OWNER = {
    .begin = begin, .skip = skip, .take = take, .lag_max = INT64_MAX
};

/* ---- life ---- */

int access_open(struct access *access, const char *path, const struct follow_ports *ports,
                struct kit_error *err)
{
    struct access_position position;

    follow_init(&access->follow, ACCESS_SOURCE, ports, &OWNER, access);
    int rc = access_store_open(&access->store, path, err);
    if (rc != KIT_OK)
        return rc;
    rc = access_store_position(&access->store, &position, err);
    if (rc != KIT_OK)
        return rc;
    if (position.epoch[0] != '\0')
        follow_resume(&access->follow, position.epoch, position.seq);
    access->is_filled = position.is_filled;
    access->is_closed = true;
    return KIT_OK;
}

void access_close(struct access *access)
{
    access_store_close(&access->store);
}

void access_on_link(struct access *access, bool is_up)
{
    if (access->is_closed)
        follow_on_link(&access->follow, is_up);
}

bool access_on_message(struct access *access, const struct kit_message *message)
{
    return access->is_closed && follow_on_message(&access->follow, message);
}

/* Level for the first time in this history. */
static void note_filled(struct access *access)
{
    struct kit_error err;

    access->is_filled = true;
    if (access_store_fill(&access->store, &err) != KIT_OK)
        kit_log_write(access->follow.log, KIT_ERROR, "access_failed", "%s", err.text);
}

int64_t access_tick(struct access *access, int64_t now_mono_ms)
{
    if (!access->is_closed)
        return INT64_MAX;
    const int64_t due = follow_tick(&access->follow, now_mono_ms);
    if (access->follow.is_level && !access->is_filled)
        note_filled(access);
    return due;
}

/* ---- looking up ---- */

int access_find(struct access *access, const char *token, struct access_session *ret,
                struct kit_error *err)
{
    char hash[KIT_MAC_HEX_SIZE];

    access_token_hash(token, hash);
    int rc = access_store_find(&access->store, hash, now_ms(access), ret, err);
    if (rc != KIT_OK || ret->id != 0 || access->is_filled)
        return rc;
    return kit_error_set(err, KIT_E_UNAVAILABLE,
                         "this server does not know yet who is signed in; try again in a second");
}

void access_note_opened(struct access *access, const struct msg_event_session *session,
                        const struct kit_actor *actor)
{
    const struct msg_event_person person = {
        .id = actor->person,
        .has_account = actor->account != 0,
        .account = actor->account,
        .role = (enum role)actor->role,
        .state = ACCESS_STATE_ACTIVE,
    };
    const struct msg_event_account account = { .id = actor->account, .state = ACCESS_STATE_ACTIVE };
    const struct access_change changes[] = {
        { .account = actor->account == 0 ? NULL : &account },
        { .person = &person },
        { .session = session, .now_ms = now_ms(access) },
    };

    for (size_t i = 0; i < KIT_COUNT(changes); i++) {
        if (access_store_apply(&access->store, &changes[i], NULL) != KIT_OK)
            return;
    }
}

bool access_is_live(struct access *access, int64_t session)
{
    bool is_live = false;
    int rc = access_store_is_live(&access->store, session, now_ms(access), &is_live, NULL);
    return rc != KIT_OK || is_live; /* a disk that cannot be read cuts nobody off */
}
