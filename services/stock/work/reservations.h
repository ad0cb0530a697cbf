/* Carries out what domain.h decides about reservations: saves it, moves the balance, tells the
 * world. Runs on the loop inside the open transaction. */
#ifndef STOCK_RESERVATIONS_H
#define STOCK_RESERVATIONS_H

#include "msg/stock.gen.h"
#include "stock/app.h"

/* Products told about by one commit. */
#define STOCK_TELL_MAX 1024

/* What event and answer both say of a product's quantities. Pure. */
struct msg_stock stock_to_message(const struct stock *stock);

/* Appends one StockChanged for each product that changed in this batch (rules 1.3). */
int stock_before_commit(void *app, struct kit_error *err);

/* A change of a balance: one movement, one version. It is told before the commit. cause: the
 * reservation that moved the goods, or NULL. */
int stock_change_apply(struct stock_app *app, const struct stock_change *change,
                       const struct rental_id *cause, struct kit_error *err) KIT_MUST_CHECK;

/* Loads the product's quantities, decides what the event does, and carries it out; the assets of
 * the order follow. *reservation is brought up to date. Its tote is stored with it. */
int reservation_handle(struct stock_app *app, struct reservation *reservation,
                       enum reservation_event event, struct kit_error *err) KIT_MUST_CHECK;

/* Units of the order came back (rules 7.8); their assets have been moved. */
int reservation_bring_back(struct stock_app *app, struct reservation *reservation,
                           const struct reservation_back *back,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Asks delivery to open the order's compartment for whoever stands there with the scanner. */
int reservation_request_compartment(struct stock_app *app, const struct reservation *reservation,
                                    enum compartment_purpose purpose, const char *scanner,
                                    struct kit_error *err) KIT_MUST_CHECK;

#endif
