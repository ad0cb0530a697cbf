/* Scans of pages: a station is a session like a scanner's, under a name of its own. Runs on the
 * loop inside the open transaction. Source: schemas/rules/stock.md 8. */
#ifndef STOCK_HANDLERS_STATION_H
#define STOCK_HANDLERS_STATION_H

#include "msg/rpc_scan_request.gen.h"
#include "msg/rpc_verdict_response.gen.h"
#include "stock/app.h"

/* Reads the label and does what a scanner's record does; a refusal of the flow is a verdict.
 * KIT_E_REFUSED: the name is a scanner's, or there are too many stations. */
int stock_on_scan(struct stock_app *app, const struct msg_rpc_scan_request *in,
                  struct msg_rpc_verdict_response *out, struct kit_error *err);

/* Forgets the session of one station that has not scanned for a week (rules 8.5). */
int station_forget_idle(struct stock_app *app, struct kit_error *err) KIT_MUST_CHECK;

#endif
