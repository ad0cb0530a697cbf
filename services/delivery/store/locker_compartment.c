/* The SQL of compartments. Never begins or commits. Loop thread. */
#include "delivery/store/locker_compartment.h"

#include "kit/base/check.h"

enum compartment_query {
    Q_COMPARTMENT = 0,
    Q_SAVE_COMPARTMENT,
    Q_CUT,
    Q_OF_LOCKER,
    Q_CHOOSE,
    Q_LARGEST_FREE,
    Q_LARGEST,
    Q_END_STORIES,
    Q_LAPSED,
    QUERY_COUNT,
};

#define CHANGING_COLUMNS(X, AND)                                                                   \
    X(INT, size, size)                                                                             \
    AND X(INT, door, door)                                                                         \
    AND X(INT, presence, presence)                                                                 \
    AND X(INT, is_doubtful, is_doubtful)                                                           \
    AND X(INT0, delivery_id, delivery.v) AND X(INT, story, story)                                  \
    AND X(INT, empty_count, empty_count)                                                           \
    AND X(INT, pending_until_ms, pending_until_ms)                                                 \
    AND X(INT, clean_revision, clean_revision)                                                     \
    AND X(INT, is_dead, is_dead)                                                                   \
    AND X(INT, out_since_ms, out_since_ms)                                                         \
    AND X(INT, is_unseen, is_unseen)
#define COMPARTMENT_COLUMNS(X, AND)                                                                \
    X(TEXT, locker, locker) AND X(INT, number, number)                                             \
    AND CHANGING_COLUMNS(X, AND)
/* With what its locker's row says. */
#define JOINED_COLUMNS(X, AND)                                                                     \
    COMPARTMENT_COLUMNS(X, AND)                                                                    \
    AND X(INT, is_online and not is_silent, is_locker_online)                                      \
    AND X(INT, revision_known, locker_revision_known)                                              \
    AND X(INT, number > compartment_count, is_gone)

static const struct kit_table TABLES[] = { KIT_TABLE(compartment, COMPARTMENT_COLUMNS) };

KIT_ROW_BIND(compartment, struct locker_compartment, COMPARTMENT_COLUMNS);
KIT_ROW_READ(compartment, struct locker_compartment, JOINED_COLUMNS);

#define COMPARTMENTS                                                                               \
    "SELECT " KIT_COLUMN_NAMES(JOINED_COLUMNS) " FROM compartment JOIN locker ON name = locker"
#define SAVE_COMPARTMENT                                                                           \
    KIT_INSERT(compartment, COMPARTMENT_COLUMNS)                                                   \
    KIT_ON_CONFLICT("locker, number", CHANGING_COLUMNS)

/* Rules 7.1 and 7.2, as domain/locker.h states them; unit.delivery_choice compares the two.
 * IS_FREE is locker_is_free(), term for term. */
#define IS_FREE                                                                                    \
    " is_online = 1 AND is_silent = 0"      /* is_locker_online */                                 \
    " AND number <= compartment_count"      /* not is_gone */                                      \
    " AND delivery_id IS NULL"              /* nobody's */                                         \
    " AND door = 1"                         /* DOOR_STATE_CLOSED */                                \
    " AND presence <> 2"                    /* OBJECT_PRESENCE_PRESENT */                          \
    " AND story = 0"                        /* LOCKER_STORY_NONE */                                \
    " AND out_since_ms = 0"                 /* in service */                                       \
    " AND revision_known >= clean_revision" /* no code of an earlier order */
/* SUITS is locker_suits(); its parameter is the size that is needed. */
#define SUITS IS_FREE " AND size >= ?"
/* BEST_FIRST is the order of locker_is_better(); its parameter is the wished locker. */
#define BEST_FIRST " ORDER BY locker <> ?, size, locker, number"

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_COMPARTMENT] = COMPARTMENTS " WHERE locker = ? AND number = ?",
    [Q_SAVE_COMPARTMENT] = SAVE_COMPARTMENT,
    [Q_CUT] = "DELETE FROM compartment WHERE locker = ? AND number > ? AND delivery_id IS NULL",
    [Q_OF_LOCKER] = COMPARTMENTS " WHERE locker = ? ORDER BY number LIMIT ?",
    [Q_CHOOSE] = COMPARTMENTS " WHERE" SUITS BEST_FIRST " LIMIT 1",
    [Q_LARGEST_FREE] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                       " WHERE" IS_FREE,
    [Q_LARGEST] = "SELECT coalesce(max(size), 0) FROM compartment JOIN locker ON name = locker"
                  " WHERE number <= compartment_count",
    [Q_END_STORIES] = "UPDATE compartment SET story = 0 WHERE locker = ? AND story <> 0"
                      " AND delivery_id IN (SELECT id FROM delivery WHERE deadline_ms <= ?)",
    [Q_LAPSED] = COMPARTMENTS " WHERE pending_until_ms > 0 AND pending_until_ms <= ? LIMIT 1",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int locker_store_open_compartments(struct locker_store *store, struct kit_db *db,
                                   struct kit_error *err)
{
    return kit_store_open(&store->compartments, db, &SPEC, err);
}

int locker_store_compartment(struct locker_store *store, const struct compartment_id *id,
                             struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_COMPARTMENT);
    kit_query_text(&q, id->locker);
    kit_query_int(&q, id->number);
    return compartment_read_one(&q, ret, ret_found, err);
}

int locker_store_save_compartment(struct locker_store *store,
                                  const struct locker_compartment *compartment,
                                  struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_SAVE_COMPARTMENT);
    compartment_bind(&q, compartment);
    return kit_query_run(&q, NULL, err);
}

int locker_store_cut(struct locker_store *store, const char *locker, int number,
                     struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_CUT);
    kit_query_text(&q, locker);
    kit_query_int(&q, number);
    return kit_query_run(&q, NULL, err);
}

int locker_store_compartments(struct locker_store *store, const char *locker,
                              struct locker_compartments *ret, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_OF_LOCKER);
    kit_query_text(&q, locker);
    kit_query_int(&q, (int64_t)ret->max);
    ret->count = 0;
    return compartment_read_all(&q, ret->items, ret->max, &ret->count, err);
}

int locker_store_choose(struct locker_store *store, const struct compartment_need *need,
                        struct locker_compartment *ret, bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_CHOOSE);
    kit_query_int(&q, need->size);
    kit_query_text(&q, need->wished_locker);
    int rc = compartment_read_one(&q, ret, ret_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(!*ret_found || locker_suits(ret, need));
    return KIT_OK;
}

int locker_store_largest_free(struct locker_store *store, int64_t *ret_size, struct kit_error *err)
{
    return kit_query_one_int(&store->compartments, Q_LARGEST_FREE, ret_size, err);
}

int locker_store_largest(struct locker_store *store, int64_t *ret_size, struct kit_error *err)
{
    return kit_query_one_int(&store->compartments, Q_LARGEST, ret_size, err);
}

int locker_store_end_stories(struct locker_store *store, const char *locker, int64_t now_ms,
                             struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_END_STORIES);
    kit_query_text(&q, locker);
    kit_query_int(&q, now_ms);
    return kit_query_run(&q, NULL, err);
}

int locker_store_lapsed(struct locker_store *store, int64_t now_ms, struct locker_compartment *ret,
                        bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->compartments, Q_LAPSED);
    kit_query_int(&q, now_ms);
    return compartment_read_one(&q, ret, ret_found, err);
}
