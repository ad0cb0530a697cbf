/* Carries out what domain/reservation.h decides: stores it, moves the balance and the assets, tells
 * the world. Runs on the loop inside the open transaction. */
#ifndef STOCK_WORK_RESERVATIONS_H
#define STOCK_WORK_RESERVATIONS_H

#include "stock/app.h"

/* Decides what the event does to the reservation, and carries it out; the assets of the order
 * follow. *reservation is brought up to date; its tote is stored with it. KIT_E_CONFLICT when the
 * stored row is another one. */
int reservation_handle(struct stock_app *app, struct reservation *reservation,
                       enum reservation_event event, struct kit_error *err) KIT_MUST_CHECK;

/* Takes units of the order off the shelf, whose assets have been moved already (rules 7.6).
 * KIT_E_CONFLICT when it does not lack so many. *reservation is brought up to date; its tote is
 * stored with it. */
int reservation_pick(struct stock_app *app, struct reservation *reservation, int64_t pieces,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Takes back units of the order whose assets have been moved already (rules 7.8). KIT_E_CONFLICT
 * when it has not so many out. */
int reservation_bring_back(struct stock_app *app, struct reservation *reservation,
                           const struct reservation_back *back,
                           struct kit_error *err) KIT_MUST_CHECK;

/* Asks delivery to open the order's compartment for the person with the scanner: appends
 * CompartmentRequested. */
int reservation_request_compartment(struct stock_app *app, const struct reservation *reservation,
                                    enum compartment_purpose purpose, const char *scanner,
                                    struct kit_error *err) KIT_MUST_CHECK;

#endif
