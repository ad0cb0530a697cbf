/* What scanners publish: records of their logs, each answered with its verdict, and whether they
 * are connected. Runs on the loop inside the open transaction; the acknowledgement leaves after the
 * commit. Source: schemas/rules/devices.md 1, schemas/rules/stock.md 7. */
#ifndef STOCK_HANDLERS_SCANNER_H
#define STOCK_HANDLERS_SCANNER_H

#include "msg/device_state.gen.h"
#include "msg/device_up.gen.h"
#include "stock/app.h"

#define STOCK_TIMER_MS 30000

/* Handles each record that is not stored yet, and answers with one acknowledgement that holds a
 * verdict for each scan. KIT_E_INVALID for records that are not in the order of the log. */
int stock_on_scanner_up(struct stock_app *app, const char *device, const struct msg_device_up *up,
                        struct kit_error *err);

/* Notes whether the scanner is connected (devices 1.8). */
int stock_on_scanner_state(struct stock_app *app, const char *device,
                           const struct msg_device_state *state, struct kit_error *err);

/* Notes that scanners which have been silent for too long are not connected any more (rules 7.12),
 * and forgets a station that nobody uses. */
int stock_on_timer(void *app, struct kit_error *err);

#endif
