/* The state of one running delivery service, for its own files only. The kit allocates it
 * (service.c gives the size); there are no globals, so many instances live in one process. Loop
 * thread. */
#ifndef DELIVERY_APP_H
#define DELIVERY_APP_H

#include "delivery/store.h"
#include "kit/products/products.h"
#include "kit/service/service.h"

/* What the service has done since its start. */
struct delivery_totals {
    int64_t requested;  /* deliveries made from orders */
    int64_t tombstones; /* cancels that overtook their order */
    int64_t delivered;
    int64_t canceled; /* by customers, tombstones not counted */
    int64_t rejected; /* by stock */
    int64_t ignored;  /* answers, orders and cancels that changed nothing */
};

struct delivery_app {
    struct kit_service *service; /* borrowed */
    struct delivery_store store;
    struct kit_products products; /* own copy (rules/products.md) */
    struct delivery_totals totals;
};

#endif
