/* Carries out what a scan was decided to do. Runs on the loop inside the open transaction; what was
 * found is as it was when it was decided. */
#ifndef STOCK_WORK_SCAN_CARRY_OUT_H
#define STOCK_WORK_SCAN_CARRY_OUT_H

#include "stock/app.h"

/* Moves the goods of one accepted scan, tells delivery, keeps the session's list. The verdict's
 * prompt may become more exact. The session itself is saved by the caller. */
int scan_carry_out(struct stock_app *app, const struct scanner *scanner, struct scan_found *found,
                   struct scan_decision *decision, struct kit_error *err) KIT_MUST_CHECK;

#endif
