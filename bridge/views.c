/* One function a kind of object fills its HTTP form; decoding, pages and encoding are alike. */
#include "bridge/views.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/older.h"
#include "bridge/search.h"
#include "kit/json/shape.h"
#include "msg/http_asset_list.gen.h"
#include "msg/http_asset_search.gen.h"
#include "msg/http_delivery_list.gen.h"
#include "msg/http_device_list.gen.h"
#include "msg/http_letter_list.gen.h"
#include "msg/http_letter_outcome.gen.h"
#include "msg/http_locker_acts.gen.h"
#include "msg/http_locker_list.gen.h"
#include "msg/http_order_list.gen.h"
#include "msg/http_order_search.gen.h"
#include "msg/http_pick_list.gen.h"
#include "msg/http_product_list.gen.h"
#include "msg/http_product_search.gen.h"
#include "msg/http_rental_list.gen.h"
#include "msg/http_simulator.gen.h"
#include "msg/http_story.gen.h"
#include "msg/http_verdict.gen.h"
#include "msg/rpc_asset_list_response.gen.h"
#include "msg/rpc_asset_search_response.gen.h"
#include "msg/rpc_delivery_list_response.gen.h"
#include "msg/rpc_device_list_response.gen.h"
#include "msg/rpc_letter_list_response.gen.h"
#include "msg/rpc_letter_outcome_response.gen.h"
#include "msg/rpc_locker_acts_response.gen.h"
#include "msg/rpc_locker_list_response.gen.h"
#include "msg/rpc_order_list_response.gen.h"
#include "msg/rpc_order_search_response.gen.h"
#include "msg/rpc_pick_list_response.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_search_response.gen.h"
#include "msg/rpc_rental_list_response.gen.h"
#include "msg/rpc_simulator_response.gen.h"
#include "msg/rpc_story_response.gen.h"
#include "msg/rpc_verdict_response.gen.h"

/* ---- one object; each returns its id, 0 without one. *ret is all zero before ---- */

/* `self`, and the same once more under the name of the kind. */
static void link_item(const struct exchange *exchange, int64_t id, struct msg_http_link *ret_self,
                      struct msg_http_link *ret_item)
{
    hal_write_item(&exchange->place, id, "", ret_self->href);
    hal_write_item(&exchange->place, id, "", ret_item->href);
}

static int64_t fill_product(const struct exchange *exchange,
                            const struct msg_rpc_product_response *answer,
                            struct msg_http_product *ret)
{
    const int64_t id = answer->product.id.v;

    ret->product = answer->product;
    ret->qty = answer->qty;
    link_item(exchange, id, &ret->links.self, &ret->links.product);
    return id;
}

static int64_t fill_rental(const struct exchange *exchange,
                           const struct msg_rpc_rental_response *answer,
                           struct msg_http_rental *ret)
{
    const int64_t id = answer->rental.id.v;

    ret->rental = answer->rental;
    ret->updated_at_ms = answer->updated_at_ms;
    link_item(exchange, id, &ret->links.self, &ret->links.rental);
    return id;
}

static int64_t fill_delivery(const struct exchange *exchange,
                             const struct msg_rpc_delivery_response *answer,
                             struct msg_http_delivery *ret)
{
    const int64_t id = answer->delivery.id.v;

    ret->delivery = answer->delivery;
    ret->updated_at_ms = answer->updated_at_ms;
    link_item(exchange, id, &ret->links.self, &ret->links.delivery);
    ret->links.has_pickup_code = older_has_code(answer);
    if (ret->links.has_pickup_code)
        hal_write_item(&exchange->place, id, "/pickup-code", ret->links.pickup_code.href);
    return id;
}

static int64_t fill_order(const struct exchange *exchange,
                          const struct msg_rpc_order_response *answer, struct msg_http_order *ret)
{
    const int64_t id = answer->order.id.v;

    ret->order = answer->order;
    link_item(exchange, id, &ret->links.self, &ret->links.my_order);
    return id;
}

static int64_t fill_asset(const struct exchange *exchange,
                          const struct msg_rpc_asset_response *answer, struct msg_http_asset *ret)
{
    const int64_t id = answer->asset.id.v;

    ret->asset = answer->asset;
    link_item(exchange, id, &ret->links.self, &ret->links.asset);
    return id;
}

static int64_t fill_locker(const struct exchange *exchange,
                           const struct msg_rpc_locker_response *answer,
                           struct msg_http_locker *ret)
{
    (void)exchange;
    ret->locker = answer->locker;
    return 0;
}

/* Delivery says the protocol behind the firmware, as in "0.3.0+protocol.1", until every bridge
 * reads the member (topics.md, Releases beside each other). */
static void split_protocol(struct msg_device_health *health)
{
    static const char MARK[] = "+protocol.";
    char *mark = strstr(health->firmware, MARK);
    if (health->has_protocol || !health->has_firmware || mark == NULL || mark == health->firmware)
        return;
    const char *digit = mark + strlen(MARK);
    if (digit[0] < '1' || digit[0] > '9' || digit[1] != '\0')
        return;
    health->has_protocol = true;
    health->protocol = digit[0] - '0';
    *mark = '\0';
}

static int64_t fill_device(const struct exchange *exchange,
                           const struct msg_rpc_device_response *answer,
                           struct msg_http_device *ret)
{
    (void)exchange;
    ret->device_health = answer->device_health;
    split_protocol(&ret->device_health);
    return 0;
}

static int64_t fill_pick(const struct exchange *exchange,
                         const struct msg_rpc_pick_response *answer, struct msg_http_pick *ret)
{
    (void)exchange;
    ret->pick = answer->pick;
    return 0;
}

static int64_t fill_verdict(const struct exchange *exchange,
                            const struct msg_rpc_verdict_response *answer,
                            struct msg_http_verdict *ret)
{
    (void)exchange;
    ret->verdict = answer->verdict;
    return 0;
}

static int64_t fill_simulator(const struct exchange *exchange,
                              const struct msg_rpc_simulator_response *answer,
                              struct msg_http_simulator *ret)
{
    (void)exchange;
    ret->simulator = answer->simulator;
    return 0;
}

static int64_t fill_letter(const struct exchange *exchange,
                           const struct msg_rpc_letter_response *answer,
                           struct msg_http_letter *ret)
{
    (void)exchange;
    ret->letter = answer->letter;
    return 0;
}

static int64_t fill_letter_outcome(const struct exchange *exchange,
                                   const struct msg_rpc_letter_outcome_response *answer,
                                   struct msg_http_letter_outcome *ret)
{
    (void)exchange;
    ret->letter_outcome = answer->letter_outcome;
    return 0;
}

/* ---- as routes name them ---- */

int story_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
               int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_story_response said;
        struct msg_http_story shown;
    } *story = calloc(1, sizeof(*story)); /* too large for the stack */

    (void)ret_id;
    CHECK(story != NULL);
    int rc = kit_shape_decode(&msg_rpc_story_response_shape, answer, &story->said, err);
    if (rc == KIT_OK) {
        for (size_t i = 0; i < story->said.items_count; i++)
            story->shown.embedded.steps[i] = story->said.items[i];
        story->shown.embedded.steps_count = story->said.items_count;
        hal_write_item(&exchange->place, exchange->id, "/story", story->shown.links.self.href);
        msg_http_story_encode(&story->shown, out);
    }
    free(story);
    return rc;
}

int locker_show_acts(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                     int64_t *ret_id, struct kit_error *err)
{
    struct {
        struct msg_rpc_locker_acts_response said;
        struct msg_http_locker_acts shown;
    } *acts = calloc(1, sizeof(*acts)); /* too large for the stack */

    (void)exchange;
    (void)ret_id;
    CHECK(acts != NULL);
    int rc = kit_shape_decode(&msg_rpc_locker_acts_response_shape, answer, &acts->said, err);
    if (rc == KIT_OK) {
        memcpy(acts->shown.embedded.acts, acts->said.items, sizeof(acts->said.items));
        acts->shown.embedded.acts_count = acts->said.items_count;
        msg_http_locker_acts_encode(&acts->shown, out);
    }
    free(acts);
    return rc;
}

/* A list and its HTTP form, of up to 100 objects each, are too large for the stack. */
#define DEFINE_SHOW(name)                                                                          \
    int name##_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,     \
                    int64_t *ret_id, struct kit_error *err)                                        \
    {                                                                                              \
        struct msg_rpc_##name##_response said;                                                     \
        struct msg_http_##name shown = { 0 };                                                      \
                                                                                                   \
        int rc = msg_rpc_##name##_response_decode(answer, &said, err);                             \
        if (rc != KIT_OK)                                                                          \
            return rc;                                                                             \
        *ret_id = fill_##name(exchange, &said, &shown);                                            \
        msg_http_##name##_encode(&shown, out);                                                     \
        return KIT_OK;                                                                             \
    }

#define DEFINE_SHOW_ITEMS(name, form, collection, END)                                             \
    int name##_show_##form(const struct exchange *exchange, const cJSON *answer,                   \
                           struct kit_buf *out, int64_t *ret_id, struct kit_error *err)            \
    {                                                                                              \
        struct {                                                                                   \
            struct msg_rpc_##name##_##form##_response said;                                        \
            struct msg_http_##name##_##form shown;                                                 \
        } *list = calloc(1, sizeof(*list));                                                        \
                                                                                                   \
        (void)ret_id;                                                                              \
        CHECK(list != NULL);                                                                       \
        int rc = kit_shape_decode(&msg_rpc_##name##_##form##_response_shape, answer, &list->said,  \
                                  err);                                                            \
        if (rc == KIT_OK) {                                                                        \
            for (size_t i = 0; i < list->said.items_count; i++)                                    \
                fill_##name(exchange, &list->said.items[i], &list->shown.embedded.collection[i]);  \
            list->shown.embedded.collection##_count = list->said.items_count;                      \
            END(exchange, &list->said, &list->shown);                                              \
            msg_http_##name##_##form##_encode(&list->shown, out);                                  \
        }                                                                                          \
        free(list);                                                                                \
        return rc;                                                                                 \
    }

#define END_OF_PAGE(exchange, said, shown)                                                         \
    hal_fill_paging(&(exchange)->place, &(exchange)->page, (said)->total, &(shown)->paging)
#define END_OF_SEARCH(exchange, said, shown)                                                       \
    search_link(&(exchange)->place, (said)->has_next ? (said)->next : 0, &(shown)->links)

#define DEFINE_SHOW_LIST(name, collection) DEFINE_SHOW_ITEMS(name, list, collection, END_OF_PAGE)
#define DEFINE_SHOW_SEARCH(name, collection)                                                       \
    DEFINE_SHOW_ITEMS(name, search, collection, END_OF_SEARCH)

#define DEFINE_VIEW(name, collection)                                                              \
    DEFINE_SHOW(name)                                                                              \
    DEFINE_SHOW_LIST(name, collection)

DEFINE_VIEW(product, products)
DEFINE_VIEW(rental, rentals)
DEFINE_VIEW(delivery, deliveries)
DEFINE_VIEW(order, my_orders)
DEFINE_SHOW_SEARCH(order, my_orders)
DEFINE_SHOW_SEARCH(asset, assets)
DEFINE_SHOW_SEARCH(product, products)
DEFINE_VIEW(asset, assets)
DEFINE_VIEW(locker, lockers)
DEFINE_VIEW(device, devices)
DEFINE_SHOW_LIST(pick, picks)
DEFINE_SHOW(verdict)
DEFINE_SHOW(simulator)
DEFINE_SHOW_LIST(letter, letters)
DEFINE_SHOW(letter_outcome)
