/* The state of one running information service, for its own files only. The kit allocates it
 * (service.c gives the size); there are no globals. Loop thread. */
#ifndef INFORMATION_APP_H
#define INFORMATION_APP_H

#include "information/store.h"
#include "kit/service/service.h"

/* Pages that were away for longer load everything again (rules 2.5). */
#define INFORMATION_LOG_ROWS_MAX 200000
/* More than a batch has of them, but for one that a long replay fills. */
#define INFORMATION_CHANGED_MAX 1024

struct information_app {
    struct kit_service *service; /* borrowed */
    struct information_store store;
    /* Orders that the open batch has changed, to be told before its commit; each once. */
    struct rental_id changed[INFORMATION_CHANGED_MAX];
    size_t changed_count;
    /* Since the start. */
    int64_t merged_total; /* events that changed a row */
    int64_t stale_total;  /* events that did not (rules 1.2) */
    int64_t told_total;   /* events of our own about orders (rules 2.2) */
};

#endif
