/* What the handlers of stock share: the stores, and the numbers for metrics. Loop thread. */
#ifndef STOCK_APP_H
#define STOCK_APP_H

#include "kit/service/losses.h"
#include "kit/service/service.h"
#include "stock/store/asset.h"
#include "stock/store/balance.h"
#include "stock/store/scanner.h"

struct stock_app {
    struct kit_service *service; /* borrowed */
    struct stock_store store;
    struct asset_store assets;
    struct scanner_store scanners;
    struct kit_losses losses;
    /* For metrics, from the start on. A commit that fails may leave them one too high. */
    int64_t waiting_count;
    int64_t moved[RESERVATION_STATE_COUNT]; /* by the state that a reservation came to */
    int64_t rejected_out_of_stock;
    int64_t rejected_unregistered;
    int64_t registrations_refused;
    int64_t scans[SCAN_RESULT_MAX + 1];
    int64_t scans_failed; /* answered with "ask the office": a bug of ours */
    int64_t scanners_online;
    int64_t records_redelivered; /* told again, without a second effect */
    int64_t record_gaps;         /* holes in the log of a scanner that were passed over */
    int64_t epochs_stale;        /* messages of a log that its scanner has replaced */
};

#endif
