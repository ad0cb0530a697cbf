/* The state of one running rental service, for its own files only. The kit allocates it (service.c
 * gives the size); there are no globals, so many instances live in one process. Loop thread. */
#ifndef RENTAL_APP_H
#define RENTAL_APP_H

#include "catalogue/catalogue.h"
#include "kit/service/service.h"
#include "rental/cancel.h"
#include "rental/store.h"

struct rental_app {
    struct kit_service *service; /* borrowed */
    struct rental_store store;
    struct catalogue catalogue; /* own copy (rules 5.1) */
    struct rental_cancels cancels;
    int64_t orders_total;       /* taken since the start */
    int64_t news_unknown_total; /* about rentals that we do not have (rules 3.6) */
};

#endif
