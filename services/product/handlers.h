/* One function per message of the catalogue: decode, load, decide, save, append events. They run on
 * the loop inside the open transaction. The table that names them is service.c. */
#ifndef PRODUCT_HANDLERS_H
#define PRODUCT_HANDLERS_H

#include "kit/service/service.h"
#include "msg/event_product.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_product_create_request.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"
#include "msg/rpc_product_search_request.gen.h"
#include "msg/rpc_product_search_response.gen.h"
#include "msg/rpc_product_update_request.gen.h"
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

/* Fills in what nobody said (rules 1.7), and writes a GTIN with 14 digits (1.6); a wrong one is
 * left for the handler to refuse. */
void product_complete_create(struct msg_rpc_product_create_request *msg);
/* Writes a GTIN with 14 digits, as product_complete_create() does. */
void product_complete_update(struct msg_rpc_product_update_request *msg);

/* Registers a product: rules 1. KIT_E_INVALID for a wrong GTIN or quantity; KIT_E_REFUSED for a
 * GTIN that is taken, and a quantity of what scans count. Appends ProductSaved. */
int product_on_create(struct product_app *app, const struct msg_rpc_product_create_request *in,
                      struct msg_rpc_product_response *out, struct kit_error *err);

/* Changes a product. KIT_PENDING for a new quantity, which is agreed with stock first (rules 3).
 * Appends ProductSaved. */
int product_on_update(struct product_app *app, const struct msg_rpc_product_update_request *in,
                      struct msg_rpc_product_response *out, struct kit_error *err);

/* KIT_E_NOT_FOUND for one that was never registered. */
int product_on_get(struct product_app *app, const struct msg_rpc_get_request *in,
                   struct msg_rpc_product_response *out, struct kit_error *err);

/* Fills a page in the order of the ids. */
int product_on_list(struct product_app *app, const struct msg_rpc_list_request *in,
                    struct msg_rpc_product_list_response *out, struct kit_error *err);

/* Those that fit a text, in the order of the ids, behind a place of the list. At most
 * PRODUCT_SEARCH_LOOKED_AT_MAX are looked at: then it is for the next page (rules 1.8). */
int product_on_search(struct product_app *app, const struct msg_rpc_product_search_request *in,
                      struct msg_rpc_product_search_response *out, struct kit_error *err);

/* Takes over availability, and a registration that we missed (rules 4). */
int product_on_stock_changed(struct product_app *app, const struct msg_event_stock_changed *event,
                             struct kit_error *err);

#endif
