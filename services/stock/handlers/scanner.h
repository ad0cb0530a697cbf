/* What scanners publish: each record of a scan is answered with its verdict. kit/device follows
 * their logs. Runs on the loop inside the open transaction; the acknowledgement leaves after the
 * commit. Source: schemas/rules/devices.md 1, schemas/rules/stock.md 7. */
#ifndef STOCK_HANDLERS_SCANNER_H
#define STOCK_HANDLERS_SCANNER_H

#include "stock/app.h"

#define STOCK_TIMER_MS 30000

extern const struct kit_device_owner stock_scanners;

/* Notes that scanners which have been silent for too long are not connected any more (rules 7.12),
 * and forgets a station that nobody uses. */
int stock_on_timer(void *app, struct kit_error *err);

#endif
