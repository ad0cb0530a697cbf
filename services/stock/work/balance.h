/* Changes balances, and tells the world where they ended. Runs on the loop inside the open
 * transaction. Source: schemas/rules/stock.md 1. */
#ifndef STOCK_WORK_BALANCE_H
#define STOCK_WORK_BALANCE_H

#include "msg/stock.gen.h"
#include "stock/app.h"

/* Products told about by one commit; the others follow with the next one. */
#define STOCK_TELL_MAX 1024

/* What event and answer both say of a product's quantities. Pure. */
struct msg_stock balance_to_message(const struct stock *stock, int64_t version_base);

/* Stores a change of a balance: one movement, one version. It is told before the commit. cause: the
 * reservation that moved the goods, or NULL. KIT_E_CONFLICT when the balance is another one now. */
int balance_apply(struct stock_app *app, const struct stock_change *change,
                  const struct rental_id *cause, struct kit_error *err) KIT_MUST_CHECK;

/* Pieces that a scan takes into the balance, or out of it. */
struct balance_pieces {
    struct product_id product; /* known here */
    enum stock_movement_kind kind;
    int64_t pieces;
};
/* Carries out what stock_decide_pieces() decides. *ret_done is false when it refuses: nothing
 * changed. */
int balance_move_pieces(struct stock_app *app, const struct balance_pieces *pieces, bool *ret_done,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Appends one StockChanged for each product that changed in this batch (rules 1.3). */
int balance_tell(void *app, struct kit_error *err);

#endif
