/* Each kind of order asked for is a row along an index, in the order of ids; the page is their
 * merge. With ids, the page is picked out of them. See search.h. */
#include "information/search.h"

#include <string.h>

#include "kit/base/check.h"

#define EVERY_STATE ((2U << ORDER_STATE_MAX) - 2U)
#define ROWS_MAX (INFORMATION_SEARCH_PRODUCTS_MAX * ORDER_STATE_MAX)

/* Where one row stands. */
struct head {
    struct information_row row;
    struct rental_id id; /* 0: it has ended */
};

struct merge {
    size_t head_count;
    struct head heads[ROWS_MAX];
};

static unsigned states_of(const struct information_search *search)
{
    return search->states != 0 ? search->states : EVERY_STATE;
}

/* ---- rows ---- */

static void add_rows_of_states(const struct information_search *search, struct product_id product,
                               struct merge *merge)
{
    for (int state = 1; state <= ORDER_STATE_MAX; state++) {
        if ((states_of(search) & (1U << state)) == 0)
            continue;
        CHECK(merge->head_count < ROWS_MAX);
        merge->heads[merge->head_count++].row = (struct information_row){
            .state = (enum order_state)state,
            .product = product,
            .locker = search->locker[0] != '\0' ? search->locker : NULL,
            .is_newest = search->is_newest,
            .owner = search->owner,
        };
    }
}

static void add_rows(const struct information_search *search, struct merge *merge)
{
    merge->head_count = 0;
    if (search->product_count == 0 && search->locker[0] == '\0' && search->states == 0) {
        merge->heads[merge->head_count++].row = (struct information_row){
            .is_newest = search->is_newest,
            .owner = search->owner,
        };
        return;
    }
    if (search->product_count == 0)
        add_rows_of_states(search, (struct product_id){ 0 }, merge);
    for (size_t i = 0; i < search->product_count; i++)
        add_rows_of_states(search, search->products[i], merge);
}

static int start_rows(struct information_store *store, const struct information_search *search,
                      struct merge *merge, struct kit_error *err)
{
    add_rows(search, merge);
    for (size_t i = 0; i < merge->head_count; i++) {
        struct head *head = &merge->heads[i];
        int rc = information_store_next(store, &head->row, search->after, &head->id, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static bool comes_before(const struct information_search *search, int64_t a, int64_t b)
{
    return search->is_newest ? a > b : a < b;
}

/* The first of what is left; 0: nothing is. */
static struct rental_id first_of(const struct information_search *search, const struct merge *merge)
{
    struct rental_id first = { 0 };

    for (size_t i = 0; i < merge->head_count; i++) { /* at most ROWS_MAX */
        const struct rental_id id = merge->heads[i].id;
        if (id.v != 0 && (first.v == 0 || comes_before(search, id.v, first.v)))
            first = id;
    }
    return first;
}

/* Steps every row that stands there: a product that was given twice has two. */
static int step_rows(struct information_store *store, struct rental_id at, struct merge *merge,
                     struct kit_error *err)
{
    for (size_t i = 0; i < merge->head_count; i++) {
        struct head *head = &merge->heads[i];
        if (head->id.v != at.v)
            continue;
        int rc = information_store_next(store, &head->row, at, &head->id, err);
        if (rc != KIT_OK)
            return rc;
    }
    return KIT_OK;
}

static int merge_rows(struct information_store *store, const struct information_search *search,
                      struct information_found *found, struct kit_error *err)
{
    struct merge merge;
    size_t count = 0;

    int rc = start_rows(store, search, &merge, err);
    if (rc != KIT_OK)
        return rc;
    struct rental_id first = first_of(search, &merge);
    while (first.v != 0 && count < (size_t)search->size) {
        rc = information_store_load(store, first, &found->orders[count++], err);
        if (rc != KIT_OK)
            return rc;
        rc = step_rows(store, first, &merge, err);
        if (rc != KIT_OK)
            return rc;
        first = first_of(search, &merge);
    }
    found->count = count;
    found->next = first.v != 0 ? found->orders[count - 1].id : (struct rental_id){ 0 };
    return KIT_OK;
}

/* ---- ids ---- */

/* The first of the ids behind a place; 0: there is none. */
static struct rental_id next_id(const struct information_search *search, struct rental_id from)
{
    struct rental_id next = { 0 };

    for (size_t i = 0; i < search->id_count; i++) { /* at most INFORMATION_SEARCH_IDS_MAX */
        const struct rental_id id = search->ids[i];
        const bool is_behind = from.v == 0 || comes_before(search, from.v, id.v);
        if (is_behind && (next.v == 0 || comes_before(search, id.v, next.v)))
            next = id;
    }
    return next;
}

static bool is_of_products(const struct information_search *search, struct product_id product)
{
    for (size_t i = 0; i < search->product_count; i++) {
        if (search->products[i].v == product.v)
            return true;
    }
    return search->product_count == 0;
}

static bool fits(const struct information_search *search, const struct information_order *order)
{
    if (!information_is_shown(order) || (states_of(search) & (1U << order->state)) == 0)
        return false;
    if (search->owner != 0 && search->owner != order->rental.account)
        return false;
    if (search->locker[0] != '\0' && strcmp(search->locker, order->delivery.locker) != 0)
        return false;
    return is_of_products(search, order->rental.product_id);
}

static int pick_ids(struct information_store *store, const struct information_search *search,
                    struct information_found *found, struct kit_error *err)
{
    struct rental_id id = next_id(search, search->after);
    struct information_order order;
    size_t count = 0;
    bool has_more = false;

    for (; id.v != 0 && !has_more; id = next_id(search, id)) {
        int rc = information_store_load(store, id, &order, err);
        if (rc != KIT_OK)
            return rc;
        if (!fits(search, &order))
            continue;
        has_more = count == (size_t)search->size;
        if (!has_more)
            found->orders[count++] = order;
    }
    found->count = count;
    found->next = has_more ? found->orders[count - 1].id : (struct rental_id){ 0 };
    return KIT_OK;
}

int information_search(struct information_store *store, const struct information_search *search,
                       struct information_found *found, struct kit_error *err)
{
    PRE(search->size >= 1);
    return search->id_count > 0 ? pick_ids(store, search, found, err)
                                : merge_rows(store, search, found, err);
}
