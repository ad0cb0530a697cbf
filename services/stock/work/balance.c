/* Balances on the move. See balance.h. */
#include "stock/work/balance.h"

#include "msg/event_stock_changed.gen.h"

struct msg_stock balance_to_message(const struct stock *stock, int64_t version_base)
{
    return (struct msg_stock){
        .product_id = stock->product,
        .registration = stock->registration,
        .available_qty = stock->available,
        .reserved_qty = stock->reserved,
        .rented_qty = stock->rented,
        .version = version_base + stock->version,
    };
}

int balance_apply(struct stock_app *app, const struct stock_change *change,
                  const struct rental_id *cause, struct kit_error *err)
{
    return stock_store_apply(&app->store, change, cause, kit_service_now_ms(app->service), err);
}

int balance_move_pieces(struct stock_app *app, const struct balance_pieces *pieces, bool *ret_done,
                        struct kit_error *err)
{
    struct stock stock;
    struct stock_change change;
    bool is_found = false;
    *ret_done = false;
    int rc = stock_store_find(&app->store, pieces->product, &stock, &is_found, err);
    if (rc != KIT_OK)
        return rc;
    CHECK(is_found); /* whatever is moved refers to its product */
    if (stock_decide_pieces(&stock, pieces->kind, pieces->pieces, &change) != STOCK_CHANGED)
        return KIT_OK;
    rc = balance_apply(app, &change, NULL, err);
    if (rc != KIT_OK)
        return rc;
    *ret_done = true;
    return KIT_OK;
}

static int append_changed(struct stock_app *app, const struct stock *stock, struct kit_error *err)
{
    const struct msg_event_stock_changed changed = {
        .stock = balance_to_message(stock, kit_service_version_base(app->service)),
        .registered_qty = stock->registered,
    };
    return kit_service_append(app->service,
                              &(struct kit_service_event){
                                  .type = "StockChanged",
                                  .aggregate = "stock",
                                  .id = stock->product.v,
                                  .version = stock->version,
                                  .data = KIT_BODY(event_stock_changed, &changed),
                              },
                              err);
}

/* A popular product changes with every order of a batch; the world wants to know where it ended. */
int balance_tell(void *app_pointer, struct kit_error *err)
{
    struct stock_app *app = app_pointer;
    for (int i = 0; i < STOCK_TELL_MAX; i++) {
        struct stock stock;
        bool is_found = false;
        int rc = stock_store_find_untold(&app->store, &stock, &is_found, err);
        if (rc != KIT_OK || !is_found)
            return rc;
        rc = append_changed(app, &stock, err);
        if (rc != KIT_OK)
            return rc;
        rc = stock_store_set_told(&app->store, &stock, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}
