/* Stock's tables: quantities, their ledger, and reservations. SQL of this service only. Every
 * function runs inside the transaction that the runtime has open; none begins or commits. Loop
 * thread. */
#ifndef STOCK_STORE_H
#define STOCK_STORE_H

#include "kit/store/db.h"
#include "stock/domain/balance.h"
#include "stock/domain/scan.h"

#define STOCK_MIGRATION_COUNT 5
extern const struct kit_migration stock_migrations[STOCK_MIGRATION_COUNT];

struct stock_store {
    struct kit_db *db; /* borrowed */
    struct kit_statements statements;
};

int stock_store_open(struct stock_store *store, struct kit_db *db,
                     struct kit_error *err) KIT_MUST_CHECK;
void stock_store_close(struct stock_store *store);

int stock_store_find(struct stock_store *store, struct product_id product, struct stock *ret_stock,
                     bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
int stock_store_find_item(struct stock_store *store, struct product_id product,
                          struct scan_item *ret_item, bool *ret_found,
                          struct kit_error *err) KIT_MUST_CHECK;
int stock_store_find_gtin(struct stock_store *store, const char *gtin, struct scan_item *ret_item,
                          bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* What ProductSaved says beside quantities, of a product that is known. gtin "": none. */
int stock_store_describe(struct stock_store *store, const struct scan_item *item, const char *gtin,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Writes the balance after a change and its movement. `cause` is the reservation that moved the
 * goods, which must be stored already, or NULL. KIT_E_CONFLICT when the stored row is not one
 * version below, or a CHECK says that the numbers cannot be. */
int stock_store_apply(struct stock_store *store, const struct stock_change *change,
                      const struct rental_id *cause, int64_t now_ms,
                      struct kit_error *err) KIT_MUST_CHECK;

/* The next product, lowest id first, whose last change has not been told to the world. */
int stock_store_find_untold(struct stock_store *store, struct stock *ret_stock, bool *ret_found,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Notes that these quantities have been told. */
int stock_store_told(struct stock_store *store, const struct stock *stock,
                     struct kit_error *err) KIT_MUST_CHECK;

int reservation_store_find(struct stock_store *store, struct rental_id id,
                           struct reservation *ret_reservation, bool *ret_found,
                           struct kit_error *err) KIT_MUST_CHECK;

/**
 * reservation_store_move() - The one way in which a reservation gets a state.
 *
 * NEW adds the row; any other state updates it if it is still in that state and version. Adds the
 * history row either way, and brings *reservation up to date: state, version, ask.
 *
 * @ask: for WAITING, the number of the question; else 0.
 *
 * The decision's progress is stored with it. Whoever has left the tote, or ends, gives it up; who
 * ends also gives up a compartment that holds nothing.
 *
 * Errors:  KIT_E_CONFLICT: the stored row is another one, or moves have no such move.
 * Source:  schemas/rules/stock.md 3.1.
 */
int reservation_store_move(struct stock_store *store, struct reservation *reservation,
                           const struct reservation_decision *decision, int64_t ask, int64_t now_ms,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Stores progress and tote, in the state that it has. */
int reservation_store_go_on(struct stock_store *store, struct reservation *reservation,
                            const struct reservation_decision *decision,
                            struct kit_error *err) KIT_MUST_CHECK;
/* Stores what delivery says about its compartment; a load has ended by that. */
int reservation_store_set_spot(struct stock_store *store, struct reservation *reservation,
                               const struct reservation_spot *spot,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Its compartment is opened for a load now (rules 7.7). */
int reservation_store_set_load(struct stock_store *store, struct rental_id id, int64_t now_ms,
                               struct kit_error *err) KIT_MUST_CHECK;

/* The order whose picked goods are in the tote. */
int reservation_store_find_tote(struct stock_store *store, const char *tote,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err) KIT_MUST_CHECK;
/* The order whose goods are in the compartment; one that takes goods back comes first, one that has
 * ended last. */
int reservation_store_find_spot(struct stock_store *store, const struct reservation_spot *spot,
                                struct reservation *ret_reservation, bool *ret_found,
                                struct kit_error *err) KIT_MUST_CHECK;
/* Reserved pieces of a product that are off the shelf. */
int reservation_store_count_picked(struct stock_store *store, struct product_id product,
                                   int64_t *ret_pieces, struct kit_error *err) KIT_MUST_CHECK;

/* The next WAITING reservation of a product, lowest id first. */
int reservation_store_find_waiting(struct stock_store *store, struct product_id product,
                                   struct reservation *ret_reservation, bool *ret_found,
                                   struct kit_error *err) KIT_MUST_CHECK;

/* The next WAITING reservation whose question is `ask` or earlier, lowest question and id first. */
int reservation_store_find_asked(struct stock_store *store, int64_t ask,
                                 struct reservation *ret_reservation, bool *ret_found,
                                 struct kit_error *err) KIT_MUST_CHECK;

/* Questions are numbered per process: those of an earlier one become 0, before all of ours. */
int reservation_store_forget_asks(struct stock_store *store, struct kit_error *err) KIT_MUST_CHECK;
int reservation_store_count_waiting(struct stock_store *store, int64_t *ret_count,
                                    struct kit_error *err) KIT_MUST_CHECK;

#endif
