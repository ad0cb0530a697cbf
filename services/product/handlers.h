/* One function per message of the catalogue: decode, load, decide, save, append events. They run on
 * the loop inside the open transaction. The table that names them is service.c. */
#ifndef PRODUCT_HANDLERS_H
#define PRODUCT_HANDLERS_H

#include "kit/service/service.h"
#include "product/store.h"

#define PRODUCT_WAITS_MAX 64 /* updates that wait for stock's answer; one more gets KIT_E_LIMIT */
#define PRODUCT_WAIT_GRACE_MS 10000 /* after stock's time is over */
#define PRODUCT_RETRY_AFTER_MS 1000

/* An update whose quantity stock has been asked for. Lives in memory only: when the process dies,
 * the caller's deadline ends the request (rules 3.5). */
struct product_wait {
    uint64_t number;         /* which question of this process; 0: free */
    int64_t expires_mono_ms; /* free again by then: a question that was rolled back has no end */
    uint64_t ticket;
    struct product_id id;
    struct product_wish wish; /* saved together with the quantity (rules 3.2) */
};

struct product_app {
    struct kit_service *service; /* borrowed */
    struct product_store store;
    struct product_wait waits[PRODUCT_WAITS_MAX];
    uint64_t question_count;
    int64_t stock_timeout_ms;
    /* For metrics. A commit that fails may leave them one too high until the next change. */
    int64_t product_count;       /* is the last id: rules 1.2 */
    int64_t updates_refused;     /* by stock's rules, or by ours about tracking and GTIN */
    int64_t updates_unavailable; /* stock did not answer */
};

int product_on_create(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                      struct kit_error *err);
int product_on_update(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                      struct kit_error *err);
int product_on_get(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                   struct kit_error *err);
int product_on_list(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                    struct kit_error *err);
int product_on_stock_changed(void *app, const struct kit_event *event, struct kit_error *err);

#endif
