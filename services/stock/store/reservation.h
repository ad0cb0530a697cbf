/* Reservations and their history. SQL of this service only. Every function runs inside the
 * transaction that the runtime has open; none begins or commits. Loop thread. */
#ifndef STOCK_STORE_RESERVATION_H
#define STOCK_STORE_RESERVATION_H

#include "kit/store/table.h"
#include "stock/domain/reservation.h"

struct reservation_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int reservation_store_open(struct reservation_store *store, struct kit_db *db,
                           struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void reservation_store_close(struct reservation_store *store);

/* The reservation of a delivery. *ret_found is false while it has not asked for goods. */
int reservation_store_find(struct reservation_store *store, struct rental_id id,
                           struct reservation *ret_reservation, bool *ret_found,
                           struct kit_error *err) KIT_MUST_CHECK;

/* What reservation_store_move() stores beside the reservation itself. */
struct reservation_move {
    const struct reservation_decision *decision;
    int64_t ask; /* for WAITING, the number of the question; else 0 */
    int64_t now_ms;
};

/**
 * reservation_store_move() - The one way in which a reservation gets a state.
 *
 * NEW adds the row; any other state updates it if it is still in that state and version. Adds the
 * history row either way, and brings *reservation up to date: state, version, ask.
 *
 * The decision's progress is stored with it. LOADED, RENTED and the ends give up the tote; the ends
 * also give up a compartment that holds nothing.
 *
 * Errors:  KIT_E_CONFLICT: the stored row is another one, or there is no such move.
 * Source:  schemas/rules/stock.md 3.1.
 */
int reservation_store_move(struct reservation_store *store, struct reservation *reservation,
                           const struct reservation_move *move,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Stores progress and tote; the state stays. KIT_E_CONFLICT when the stored row is another one. */
int reservation_store_go_on(struct reservation_store *store, struct reservation *reservation,
                            const struct reservation_decision *decision,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Stores what delivery says about its compartment; a load that was under way has ended. */
int reservation_store_set_spot(struct reservation_store *store, struct reservation *reservation,
                               const struct reservation_spot *spot,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Notes that its compartment is opened for a load now (rules 7.7). */
int reservation_store_set_load(struct reservation_store *store, struct rental_id id, int64_t now_ms,
                               struct kit_error *err) KIT_MUST_CHECK;

/* The order whose picked goods are in the tote. */
int reservation_store_find_tote(struct reservation_store *store, const char *tote,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err) KIT_MUST_CHECK;
/* The order whose goods are in the compartment; one that takes goods back comes first, one that has
 * ended last. */
int reservation_store_find_spot(struct reservation_store *store,
                                const struct reservation_spot *spot,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err) KIT_MUST_CHECK;
/* Counts the reserved pieces of a product that are off the shelf. */
int reservation_store_count_picked(struct reservation_store *store, struct product_id product,
                                   int64_t *ret_pieces, struct kit_error *err) KIT_MUST_CHECK;

/* Reads a page of the locker orders that are RESERVED, the oldest first, and counts all of them.
 * ret_reservations has room for page->size. */
int reservation_store_list_to_pick(struct reservation_store *store, struct kit_page *page,
                                   struct reservation *ret_reservations,
                                   struct kit_error *err) KIT_MUST_CHECK;
/* Counts the pieces of the product that older orders of that list still lack. */
int reservation_store_count_to_pick(struct reservation_store *store,
                                    const struct reservation *reservation, int64_t *ret_pieces,
                                    struct kit_error *err) KIT_MUST_CHECK;
/* Reads from its history since when its goods are set aside; 0 for one that never got any. */
int reservation_store_find_reserved_ms(struct reservation_store *store, struct rental_id id,
                                       int64_t *ret_ms, struct kit_error *err) KIT_MUST_CHECK;

/* The next WAITING reservation of a product, lowest id first. */
int reservation_store_find_waiting(struct reservation_store *store, struct product_id product,
                                   struct reservation *ret_reservation, bool *ret_found,
                                   struct kit_error *err) KIT_MUST_CHECK;

/* The next WAITING reservation whose question is `ask` or earlier, lowest question and id first. */
int reservation_store_find_asked(struct reservation_store *store, int64_t ask,
                                 struct reservation *ret_reservation, bool *ret_found,
                                 struct kit_error *err) KIT_MUST_CHECK;

/* Makes the questions of an earlier process 0, before all of ours: they are numbered per process.
 */
int reservation_store_forget_asks(struct reservation_store *store,
                                  struct kit_error *err) KIT_MUST_CHECK;
/* Counts those that wait for product's log. */
int reservation_store_count_waiting(struct reservation_store *store, int64_t *ret_count,
                                    struct kit_error *err) KIT_MUST_CHECK;

#endif
