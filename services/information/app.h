/* The state of one running information service, for its own files only. The kit allocates it
 * (service.c gives the size); there are no globals. Loop thread. */
#ifndef INFORMATION_APP_H
#define INFORMATION_APP_H

#include "information/store.h"
#include "kit/service/service.h"

struct information_app {
    struct kit_service *service; /* borrowed */
    struct information_store store;
    /* Since the start. */
    int64_t merged_total; /* events that changed a row */
    int64_t stale_total;  /* events that did not (rules 1.2) */
};

#endif
