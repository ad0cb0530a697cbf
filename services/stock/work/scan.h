/* One scan, from whomever it comes: a record of a scanner's log, or a page at a station. Runs on
 * the loop inside the open transaction. Source: schemas/rules/stock.md 7. */
#ifndef STOCK_WORK_SCAN_H
#define STOCK_WORK_SCAN_H

#include "stock/app.h"
#include "stock/work/scan_look_up.h"

struct scan_read {
    struct scan_label label;
    int64_t seq; /* of the record, whose verdict is stored for when it comes again; 0: of none */
};

/* Decides the scan in the scanner's session and carries it out. The session goes on; the caller
 * saves the scanner. A scan that cannot be handled for a reason that would be the same at the next
 * try is undone and has a verdict that says so (rules 7.11); for any other reason the code is not
 * KIT_OK, and the item is to fail. */
int scan_run(struct stock_app *app, struct scanner *scanner, const struct scan_read *read,
             struct scan_verdict *ret_verdict, struct kit_error *err) KIT_MUST_CHECK;

#endif
