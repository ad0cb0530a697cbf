/* Reservations. Statements are prepared at open, so a typo fails the start. */
#include "stock/store/reservation.h"

#include <inttypes.h>

#define PROGRESS_COLUMNS(X, AND)                                                                   \
    X(INT, picked, progress.picked)                                                                \
    AND X(INT, checked, progress.checked) AND X(INT, home, progress.home) AND X(                   \
        INT, damaged, progress.damaged) AND                                                        \
    X(TEXT, tote, tote)
#define PLACE_COLUMNS(X, AND)                                                                      \
    X(TEXT, locker, spot.locker)                                                                   \
    AND X(INT, compartment, spot.compartment) AND X(INT, is_loaded, spot.is_loaded) AND X(         \
        TEXT, reason, spot.reason)
#define SPOT_COLUMNS(X, AND) PLACE_COLUMNS(X, AND) AND X(INT, load_ms, load_ms)
#define MOVED_COLUMNS(X, AND)                                                                      \
    X(INT, state, state)                                                                           \
    AND X(INT, version, version)                                                                   \
    AND X(INT, ask, ask)                                                                           \
    AND PROGRESS_COLUMNS(X, AND)                                                                   \
    AND PLACE_COLUMNS(X, AND)
#define RESERVATION_COLUMNS(X, AND)                                                                \
    X(INT, id, id.v)                                                                               \
    AND X(INT, product_id, product.v) AND X(INT, qty, qty)                                         \
    AND X(INT, fulfilment, fulfilment)                                                             \
    AND MOVED_COLUMNS(X, AND)                                                                      \
    AND X(INT, load_ms, load_ms)

struct history_row {
    const struct reservation *after;
    enum reservation_reason reason;
    int64_t at_ms;
};
#define HISTORY_COLUMNS(X, AND)                                                                    \
    X(INT, reservation_id, after->id.v)                                                            \
    AND X(INT, version, after->version) AND X(INT, state, after->state) AND X(INT, reason, reason) \
    AND X(INT, at_ms, at_ms)

KIT_ROW_FUNCTIONS(reservation, struct reservation, RESERVATION_COLUMNS);
KIT_ROW_BIND(moved, struct reservation, MOVED_COLUMNS);
KIT_ROW_BIND(progress, struct reservation, PROGRESS_COLUMNS);
KIT_ROW_BIND(spot, struct reservation, SPOT_COLUMNS);
KIT_ROW_BIND(history, struct history_row, HISTORY_COLUMNS);

static const struct kit_table TABLES[] = {
    KIT_TABLE(reservation, RESERVATION_COLUMNS),
    KIT_TABLE(reservation_history, HISTORY_COLUMNS),
};

enum query {
    Q_FIND = 0,
    Q_ADD,
    Q_MOVE,
    Q_GO_ON,
    Q_SET_SPOT,
    Q_SET_LOAD,
    Q_FIND_TOTE,
    Q_FIND_SPOT,
    Q_COUNT_PICKED,
    Q_LIST_TO_PICK,
    Q_COUNT_LIST_TO_PICK,
    Q_COUNT_TO_PICK,
    Q_FIND_RESERVED_MS,
    Q_HISTORY_ADD,
    Q_FIND_WAITING,
    Q_FIND_ASKED,
    Q_FORGET_ASKS,
    Q_COUNT_WAITING,
    QUERY_COUNT,
};

#define TO_PICK "state = 2 AND fulfilment = 2"
#define SELECT "SELECT " KIT_COLUMN_NAMES(RESERVATION_COLUMNS) " FROM reservation"

/* Fulfilment 2 is locker. State 1 is WAITING, 2 RESERVED, 3 RENTED, 4 RELEASED, 6 PICKED, 7 LOADED,
 * 8 RETURNED, 9 COMING_BACK: written out, so that the partial indexes serve. */
static const char *const QUERIES[QUERY_COUNT] = {
    [Q_FIND] = SELECT " WHERE id = ?",
    [Q_ADD] = KIT_INSERT(reservation, RESERVATION_COLUMNS),
    [Q_MOVE] = "UPDATE reservation SET " KIT_COLUMN_SETS(
        MOVED_COLUMNS) " WHERE id = ? AND state = ? AND version = ?",
    [Q_GO_ON] = "UPDATE reservation SET " KIT_COLUMN_SETS(
        PROGRESS_COLUMNS) " WHERE id = ? AND state = ? AND version = ?",
    [Q_SET_SPOT] = "UPDATE reservation SET " KIT_COLUMN_SETS(SPOT_COLUMNS) " WHERE id = ?",
    [Q_SET_LOAD] = "UPDATE reservation SET load_ms = ? WHERE id = ?",
    [Q_FIND_TOTE] = SELECT " WHERE tote <> '' AND tote = ? LIMIT 1",
    [Q_FIND_SPOT] = SELECT " WHERE locker <> '' AND locker = ? AND compartment = ?"
                           " AND is_loaded = 1 ORDER BY state IN (3, 9) DESC,"
                           " state IN (4, 8), id DESC LIMIT 1",
    [Q_COUNT_PICKED] = "SELECT coalesce(sum(picked - home - damaged), 0) FROM reservation"
                       " WHERE product_id = ? AND picked > 0 AND state IN (2, 6, 7, 9)",
    [Q_LIST_TO_PICK] = SELECT " WHERE " TO_PICK " ORDER BY id LIMIT ?2 OFFSET ?1",
    [Q_COUNT_LIST_TO_PICK] = "SELECT count(*) FROM reservation WHERE " TO_PICK,
    [Q_COUNT_TO_PICK] = "SELECT coalesce(sum(qty - picked), 0) FROM reservation WHERE " TO_PICK
                        " AND product_id = ? AND id < ?",
    [Q_FIND_RESERVED_MS] = "SELECT coalesce(max(at_ms), 0) FROM reservation_history"
                           " WHERE reservation_id = ? AND state = 2",
    [Q_HISTORY_ADD] = KIT_INSERT(reservation_history, HISTORY_COLUMNS),
    [Q_FIND_WAITING] = SELECT " WHERE state = 1 AND product_id = ? ORDER BY id LIMIT 1",
    [Q_FIND_ASKED] = SELECT " WHERE state = 1 AND ask <= ? ORDER BY ask, id LIMIT 1",
    [Q_FORGET_ASKS] = "UPDATE reservation SET ask = 0 WHERE state = 1 AND ask > 0",
    [Q_COUNT_WAITING] = "SELECT count(*) FROM reservation WHERE state = 1",
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int reservation_store_open(struct reservation_store *store, struct kit_db *db,
                           struct kit_error *err)
{
    return kit_store_open(&store->statements, db, &SPEC, err);
}

void reservation_store_close(struct reservation_store *store)
{
    kit_statements_done(&store->statements);
}

int reservation_store_find(struct reservation_store *store, struct rental_id id,
                           struct reservation *ret_reservation, bool *ret_found,
                           struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND);
    kit_query_int(&query, id.v);
    return reservation_read_one(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_waiting(struct reservation_store *store, struct product_id product,
                                   struct reservation *ret_reservation, bool *ret_found,
                                   struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_WAITING);
    kit_query_int(&query, product.v);
    return reservation_read_one(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_asked(struct reservation_store *store, int64_t ask,
                                 struct reservation *ret_reservation, bool *ret_found,
                                 struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_ASKED);
    kit_query_int(&query, ask);
    return reservation_read_one(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_tote(struct reservation_store *store, const char *tote,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_TOTE);
    kit_query_text(&query, tote);
    return reservation_read_one(&query, ret_reservation, ret_found, err);
}

int reservation_store_find_spot(struct reservation_store *store,
                                const struct reservation_spot *spot,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_SPOT);
    kit_query_text(&query, spot->locker);
    kit_query_int(&query, spot->compartment);
    return reservation_read_one(&query, ret_reservation, ret_found, err);
}

int reservation_store_count_picked(struct reservation_store *store, struct product_id product,
                                   int64_t *ret_pieces, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_COUNT_PICKED);
    kit_query_int(&query, product.v);
    return kit_query_number(&query, ret_pieces, err);
}

int reservation_store_list_to_pick(struct reservation_store *store, struct kit_page *page,
                                   struct reservation *ret_reservations, struct kit_error *err)
{
    static const struct kit_page_queries LIST = { Q_LIST_TO_PICK, Q_COUNT_LIST_TO_PICK };
    return reservation_read_page(&store->statements, &LIST, page, ret_reservations, err);
}

int reservation_store_count_to_pick(struct reservation_store *store,
                                    const struct reservation *reservation, int64_t *ret_pieces,
                                    struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_COUNT_TO_PICK);
    kit_query_int(&query, reservation->product.v);
    kit_query_int(&query, reservation->id.v);
    return kit_query_number(&query, ret_pieces, err);
}

int reservation_store_find_reserved_ms(struct reservation_store *store, struct rental_id id,
                                       int64_t *ret_ms, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FIND_RESERVED_MS);
    kit_query_int(&query, id.v);
    return kit_query_number(&query, ret_ms, err);
}

int reservation_store_forget_asks(struct reservation_store *store, struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_FORGET_ASKS);
    return kit_query_run(&query, NULL, err);
}

int reservation_store_count_waiting(struct reservation_store *store, int64_t *ret_count,
                                    struct kit_error *err)
{
    return kit_query_one_int(&store->statements, Q_COUNT_WAITING, ret_count, err);
}

/* ---- changes ---- */

/* Runs an update that is for one row in the state and version of `before`, and ends it. */
static int update_one(struct kit_query *query, const struct reservation *before,
                      struct kit_error *err)
{
    kit_query_int(query, before->id.v);
    kit_query_int(query, before->state);
    kit_query_int(query, before->version);
    return kit_query_run_one(query, "reservation", before->id.v, err);
}

int reservation_store_go_on(struct reservation_store *store, struct reservation *reservation,
                            const struct reservation_decision *decision, struct kit_error *err)
{
    PRE(decision->state == reservation->state);
    struct reservation after = *reservation;
    after.progress = decision->progress;
    struct kit_query query = kit_query_start(&store->statements, Q_GO_ON);
    progress_bind(&query, &after);
    int rc = update_one(&query, reservation, err);
    if (rc != KIT_OK)
        return rc;
    *reservation = after;
    return KIT_OK;
}

int reservation_store_set_spot(struct reservation_store *store, struct reservation *reservation,
                               const struct reservation_spot *spot, struct kit_error *err)
{
    struct reservation after = *reservation;
    after.spot = *spot;
    after.load_ms = 0;
    struct kit_query query = kit_query_start(&store->statements, Q_SET_SPOT);
    spot_bind(&query, &after);
    kit_query_int(&query, after.id.v);
    int rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    *reservation = after;
    return KIT_OK;
}

int reservation_store_set_load(struct reservation_store *store, struct rental_id id, int64_t now_ms,
                               struct kit_error *err)
{
    struct kit_query query = kit_query_start(&store->statements, Q_SET_LOAD);
    kit_query_int(&query, now_ms);
    kit_query_int(&query, id.v);
    return kit_query_run(&query, NULL, err);
}

/* In the locker, with the customer, or at the end: the tote is free again; at the end also the
 * compartment, unless goods lie in it: somebody must open it to get them (rules 7.8). */
static void give_up_places(struct reservation *reservation)
{
    bool has_ended = reservation_has_ended(reservation);
    if (has_ended || reservation->state == RESERVATION_LOADED ||
        reservation->state == RESERVATION_RENTED)
        reservation->tote[0] = '\0';
    if (has_ended && !reservation->spot.is_loaded)
        reservation->spot = (struct reservation_spot){ 0 };
}

static int save_reservation(struct reservation_store *store, const struct reservation *before,
                            const struct reservation *after, struct kit_error *err)
{
    if (before->state == RESERVATION_NEW) {
        struct kit_query query = kit_query_start(&store->statements, Q_ADD);
        reservation_bind(&query, after);
        return kit_query_run(&query, NULL, err);
    }
    struct kit_query query = kit_query_start(&store->statements, Q_MOVE);
    moved_bind(&query, after);
    return update_one(&query, before, err);
}

int reservation_store_move(struct reservation_store *store, struct reservation *reservation,
                           const struct reservation_move *move, struct kit_error *err)
{
    const struct reservation_decision *decision = move->decision;
    if (!reservation_may_move(reservation->state, decision->state))
        return kit_error_set(err, KIT_E_CONFLICT, "reservation %" PRId64 ": no move from %d to %d",
                             reservation->id.v, reservation->state, decision->state);

    struct reservation after = *reservation;
    after.state = decision->state;
    after.version++;
    after.ask = move->ask;
    after.progress = decision->progress;
    give_up_places(&after);
    int rc = save_reservation(store, reservation, &after, err);
    if (rc != KIT_OK)
        return rc;

    const struct history_row row = { &after, decision->reason, move->now_ms };
    struct kit_query query = kit_query_start(&store->statements, Q_HISTORY_ADD);
    history_bind(&query, &row);
    rc = kit_query_run(&query, NULL, err);
    if (rc != KIT_OK)
        return rc;
    *reservation = after;
    return KIT_OK;
}
