/* The state of one running stock service, for its own files only. The kit allocates it (service.c
 * gives the size); there are no globals, so many instances live in one process. Loop thread. */
#ifndef STOCK_APP_H
#define STOCK_APP_H

#include "kit/device/device_logs.h"
#include "stock/store/asset.h"
#include "stock/store/balance.h"
#include "stock/store/reservation.h"
#include "stock/store/scanner.h"

/* WAITING reservations decided by one message; the rest follow after the next confirmation. */
#define STOCK_DECIDE_MAX 256

/* For metrics, from the start on. A commit that fails may leave them one too high. */
struct stock_totals {
    int64_t waiting;                        /* reservations that wait now */
    int64_t moved[RESERVATION_STATE_COUNT]; /* by the state that a reservation came to */
    int64_t rejected_out_of_stock;
    int64_t rejected_unregistered;
    int64_t registrations_refused;
};

/* What scanners have said since the start. */
struct stock_scanner_totals {
    int64_t scans[SCAN_RESULT_MAX + 1];
    int64_t scans_failed; /* answered with "ask the office": a bug of ours */
};

struct stock_app {
    struct kit_service *service; /* borrowed */
    struct stock_store store;
    struct reservation_store reservations;
    struct asset_store assets;
    struct scanner_store scanners;
    struct kit_device_logs logs; /* of scanners */
    struct stock_totals totals;
    struct stock_scanner_totals scanner_totals;
    const char *scanned_by; /* whose scan is carried out; NULL: nobody's. Borrowed */
};

#endif
