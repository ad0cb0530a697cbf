/* What scanners publish: records of their logs, each answered with its verdict, and whether they
 * are there. Runs on the loop inside the open transaction; the acknowledgement leaves after the
 * commit. Source: schemas/rules/devices.md 1. */
#ifndef STOCK_SCANNERS_H
#define STOCK_SCANNERS_H

#include "stock/app.h"

int stock_on_scanner_up(void *app, const struct kit_device_message *message, struct kit_error *err);
/* Who has been silent for too long is not online any more (rules 7.12). */
#define STOCK_TIMER_MS 30000
int stock_on_timer(void *app, struct kit_error *err);

int stock_on_scanner_state(void *app, const struct kit_device_message *message,
                           struct kit_error *err);

#endif
