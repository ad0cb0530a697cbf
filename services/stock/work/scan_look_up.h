/* Looks up what a label means in the session of a scanner. Reads only. Runs on the loop inside the
 * open transaction. */
#ifndef STOCK_WORK_SCAN_LOOK_UP_H
#define STOCK_WORK_SCAN_LOOK_UP_H

#include "stock/app.h"

/* A label as the device read it. */
struct scan_label {
    enum label_kind kind;
    const char *value;
};

/* Writes what the label means, and what the session is about, for scan_decide(). Changes nothing. A
 * label that means nothing here is SCAN_THING_UNKNOWN. */
int scan_look_up(struct stock_app *app, const struct scanner *scanner,
                 const struct scan_label *label, struct scan_found *ret_found,
                 struct kit_error *err) KIT_MUST_CHECK;

#endif
