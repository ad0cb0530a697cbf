/* The table of routes, and finding the row of a request. */
#include "bridge/routes.h"

#include <stdbool.h>
#include <string.h>

#include "bridge/access.h"
#include "bridge/code_view.h"
#include "bridge/handlers.h"
#include "bridge/search.h"
#include "bridge/sessions.h"
#include "bridge/token.h"
#include "bridge/views.h"

/* The ports of a row: one; the one of everything and one more; every one. */
#define ONLY(port) (1U << BRIDGE_PORT_##port)
#define ALL_AND(port) (ONLY(ALL) | ONLY(port))
#define EVERY ((1U << BRIDGE_PORT_COUNT) - 1U)

/* clang-format off */
/* Parked events of one service: the kit answers for each in the same way. */
#define LETTER_ROWS(service)                                                                       \
    { HTTP_GET, ("/dead-letters/" service), NULL, ONLY(ALL), QUERY_PAGE, BODY_NONE,                \
      ROUTE_READ, service, "letter-list", 200, any_ask_list, letter_show_list },                   \
    { HTTP_POST, ("/dead-letters/" service "/{id}/retry"), NULL, ONLY(ALL), QUERY_NONE,            \
      BODY_OPTIONAL, ROUTE_EFFECT, service, "letter-retry", 200, any_ask_act,                      \
      letter_outcome_show },                                                                       \
    { HTTP_POST, ("/dead-letters/" service "/{id}/skip"), NULL, ONLY(ALL), QUERY_NONE,             \
      BODY_OPTIONAL, ROUTE_EFFECT, service, "letter-skip", 200, any_ask_act, letter_outcome_show }

/* Devices of the service that owns them. */
#define DEVICE_ROWS(service)                                                                       \
    { HTTP_GET, ("/devices/" service), NULL, ONLY(ALL), QUERY_PAGE, BODY_NONE,                     \
      ROUTE_READ, service, "device-list", 200, any_ask_list, device_show_list },                   \
    { HTTP_GET, ("/devices/" service "/{device}"), NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,         \
      ROUTE_READ, service, "device-get", 200, locker_ask_get, device_show }

/* A row says what comes in its first line, and what is done with it in its second. Literal paths
 * stand before patterns that they would match as well. */
const struct route bridge_routes[] = {
    /* the catalogue */
    { HTTP_POST, "/products", NULL, ALL_AND(PRODUCT), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "product", "create", 201, product_ask_create, product_show },
    { HTTP_GET, "/products", "products", ALL_AND(PRODUCT), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "product", "list", 200, any_ask_list, product_show_list },
    { HTTP_GET, "/products{?search}", NULL, ALL_AND(PRODUCT), QUERY_PRODUCT_SEARCH, BODY_NONE,
      ROUTE_READ, "product", "search", 200, product_ask_search, product_show_search },
    { HTTP_GET, "/products/{id}", NULL, ALL_AND(PRODUCT), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "product", "get", 200, any_ask_get, product_show },
    { HTTP_PATCH, "/products/{id}", NULL, ALL_AND(PRODUCT), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "product", "update", 200, product_ask_update, product_show },

    /* rental's copy of the catalogue */
    { HTTP_GET, "/rentals/products", "rentalProducts", ONLY(ALL), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "rental", "product-list", 200, any_ask_list, product_show_list },
    { HTTP_GET, "/rentals/products/{id}", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "rental", "product-get", 200, any_ask_get, product_show },
    { HTTP_GET, "/products", "products", ONLY(RENTAL), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "rental", "product-list", 200, any_ask_list, product_show_list },
    { HTTP_GET, "/products/{id}", NULL, ONLY(RENTAL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "rental", "product-get", 200, any_ask_get, product_show },

    /* orders */
    { HTTP_POST, "/rentals", NULL, ALL_AND(RENTAL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "rental", "create", 201, rental_ask_create, rental_show },
    { HTTP_GET, "/rentals", "rentals", ALL_AND(RENTAL), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "rental", "list", 200, any_ask_list, rental_show_list },
    { HTTP_GET, "/rentals/{id}", NULL, ALL_AND(RENTAL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "rental", "get", 200, any_ask_get, rental_show },
    { HTTP_DELETE, "/rentals/{id}", NULL, ALL_AND(RENTAL), QUERY_NONE, BODY_NONE,
      ROUTE_EFFECT, "rental", "cancel", 204, any_ask_get, NULL },

    /* delivery's copy of the catalogue */
    { HTTP_GET, "/deliveries/products", "deliveryProducts", ONLY(ALL), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "delivery", "product-list", 200, any_ask_list, product_show_list },
    { HTTP_GET, "/deliveries/products/{id}", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "delivery", "product-get", 200, any_ask_get, product_show },
    { HTTP_GET, "/products", "products", ONLY(DELIVERY), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "delivery", "product-list", 200, any_ask_list, product_show_list },
    { HTTP_GET, "/products/{id}", NULL, ONLY(DELIVERY), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "delivery", "product-get", 200, any_ask_get, product_show },

    /* fulfilment */
    { HTTP_GET, "/deliveries", "deliveries", ALL_AND(DELIVERY), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "delivery", "list", 200, any_ask_list, delivery_show_list },
    { HTTP_GET, "/deliveries/{id}", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "delivery", "get", 200, any_ask_get, delivery_show },

    { HTTP_GET, "/deliveries/{id}/pickup-code", NULL, ALL_AND(DELIVERY), QUERY_FORMAT, BODY_NONE,
      ROUTE_READ, "delivery", "pickup-code", 200, any_ask_get, code_show },
    { HTTP_POST, "/deliveries/{id}/return", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_OPTIONAL,
      ROUTE_EFFECT, "delivery", "return", 200, any_ask_act, delivery_show },
    { HTTP_GET, "/lockers", "lockers", ALL_AND(DELIVERY), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "delivery", "locker-list", 200, any_ask_list, locker_show_list },
    { HTTP_GET, "/lockers/{device}", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "delivery", "locker-get", 200, locker_ask_get, locker_show },
    { HTTP_POST, "/lockers/{device}/out-of-service", NULL, ALL_AND(DELIVERY), QUERY_NONE,
      BODY_REQUIRED,
      ROUTE_EFFECT, "delivery", "compartment-out", 200, compartment_ask, locker_show },
    { HTTP_POST, "/lockers/{device}/in-service", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "delivery", "compartment-in", 200, compartment_ask, locker_show },
    { HTTP_POST, "/lockers/{device}/acts", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "delivery", "locker-act", 200, locker_ask_act, locker_show },
    { HTTP_GET, "/lockers/{device}/acts", NULL, ALL_AND(DELIVERY), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "delivery", "locker-acts", 200, locker_ask_get, locker_show_acts },

    /* units with a label of their own */
    { HTTP_GET, "/assets", "assets", ONLY(ALL), QUERY_PAGE_OR_LABEL, BODY_NONE,
      ROUTE_READ, "stock", "asset-list", 200, asset_ask_list, asset_show_list },
    { HTTP_GET, "/assets{?search}", NULL, ONLY(ALL), QUERY_ASSET_SEARCH, BODY_NONE,
      ROUTE_READ, "stock", "asset-search", 200, asset_ask_search, asset_show_search },
    { HTTP_GET, "/assets/{id}", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "stock", "asset-get", 200, any_ask_get, asset_show },
    { HTTP_PATCH, "/assets/{id}", NULL, ONLY(ALL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "stock", "asset-move", 200, asset_ask_move, asset_show },

    /* what staff pick, and a page that scans as a scanner does */
    { HTTP_GET, "/picks", NULL, ONLY(ALL), QUERY_SORTED_PAGE, BODY_NONE,
      ROUTE_READ, "stock", "pick-list", 200, pick_ask_list, pick_show_list },
    { HTTP_POST, "/scans", NULL, ONLY(ALL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, "stock", "scan", 200, scan_ask, verdict_show },

    /* the customer's view */
    { HTTP_GET, "/myOrders", "myOrders", ALL_AND(INFORMATION), QUERY_PAGE, BODY_NONE,
      ROUTE_READ, "information", "list", 200, any_ask_list, order_show_list },
    { HTTP_GET, "/myOrders{?search}", NULL, ALL_AND(INFORMATION), QUERY_ORDER_SEARCH, BODY_NONE,
      ROUTE_READ, "information", "search", 200, order_ask_search, order_show_search },
    { HTTP_GET, "/myOrders/{id}", NULL, ALL_AND(INFORMATION), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "information", "get", 200, any_ask_get, order_show },
    { HTTP_GET, "/myOrders/{id}/story", NULL, ALL_AND(INFORMATION), QUERY_NONE, BODY_NONE,
      ROUTE_READ, "information", "story", 200, any_ask_get, story_show },

    /* what happens, as it happens */
    { HTTP_GET, "/events", NULL, ONLY(ALL), QUERY_FEED, BODY_NONE,
      ROUTE_STREAM, NULL, NULL, 200, NULL, NULL },

    /* who somebody is, in a closed Lockstock */
    { HTTP_POST, "/sessions", NULL, ONLY(ALL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_SIGN_IN, ACCESS_SOURCE, "session-open", 201, session_ask_open, session_show_opened },
    { HTTP_DELETE, "/sessions", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_EFFECT, ACCESS_SOURCE, "session-end", 204, session_ask_end_all, NULL },
    { HTTP_DELETE, "/sessions/current", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_EFFECT, ACCESS_SOURCE, "session-end", 204, session_ask_end, NULL },
    { HTTP_POST, "/passwords", NULL, ONLY(ALL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_SECRET, ACCESS_SOURCE, "password-set", 204, password_ask_set, NULL },
    { HTTP_GET, "/me", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_ME, NULL, NULL, 200, NULL, NULL },

    /* how the system is */
    { HTTP_GET, "/processes", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_PROCESSES, NULL, NULL, 200, NULL, NULL },
    { HTTP_GET, "/processes/history", NULL, ONLY(ALL), QUERY_SINCE, BODY_NONE,
      ROUTE_HISTORY, NULL, NULL, 200, NULL, NULL },

    /* how its devices are */
    DEVICE_ROWS("stock"),
    DEVICE_ROWS("delivery"),

    /* a simulated world, where there is one */
    { HTTP_GET, "/simulator", NULL, ONLY(ALL), QUERY_NONE, BODY_NONE,
      ROUTE_READ, BRIDGE_SIMULATOR, "get", 200, simulator_ask, simulator_show },
    { HTTP_POST, "/simulator/actions", NULL, ONLY(ALL), QUERY_NONE, BODY_REQUIRED,
      ROUTE_EFFECT, BRIDGE_SIMULATOR, "act", 200, simulator_ask_act, simulator_show },

    /* events that could not be applied */
    LETTER_ROWS("product"),
    LETTER_ROWS("rental"),
    LETTER_ROWS("delivery"),
    LETTER_ROWS("stock"),
    LETTER_ROWS("information"),

    /* about the API itself */
    { HTTP_GET, "/", NULL, EVERY, QUERY_NONE, BODY_NONE,
      ROUTE_INDEX, NULL, NULL, 200, NULL, NULL },
    { HTTP_GET, "/problems/{slug}", NULL, EVERY, QUERY_NONE, BODY_NONE,
      ROUTE_HELP, NULL, NULL, 200, NULL, NULL },
    { HTTP_GET, "/ca.crt", NULL, EVERY, QUERY_NONE, BODY_NONE,
      ROUTE_CA, NULL, NULL, 200, NULL, NULL },

    /* pages for people */
    { HTTP_GET, "/ui", NULL, ONLY(ALL), QUERY_ANY, BODY_NONE,
      ROUTE_PAGE, NULL, NULL, 200, NULL, NULL },
    { HTTP_GET, "/ui/{path...}", NULL, ONLY(ALL), QUERY_ANY, BODY_NONE,
      ROUTE_PAGE, NULL, NULL, 200, NULL, NULL },
};
/* clang-format on */
const size_t bridge_route_count = KIT_COUNT(bridge_routes);

/* Length of the pattern before "/{...}"; the whole length if it is literal. */
static size_t measure_literal(const char *pattern)
{
    const char *brace = strchr(pattern, '{');
    return brace == NULL ? strlen(pattern) : (size_t)(brace - pattern) - 1;
}

/* NULL: no match. Else what stands for the placeholder, "" if there is none. */
static const char *match_path(const char *pattern, const char *path, size_t *ret_length)
{
    const size_t length = measure_literal(pattern);

    if (strncmp(pattern, path, length) != 0)
        return NULL;
    *ret_length = 0;
    if (pattern[length] == '\0')
        return path[length] == '\0' ? path + length : NULL;
    if (path[length] != '/')
        return NULL;
    const char *rest = path + length + 1;
    if (strstr(pattern, "...}") != NULL)
        return rest;
    if (*rest == '\0')
        return NULL;
    *ret_length = strcspn(rest, "/");
    return strcmp(rest + *ret_length, strchr(pattern, '}') + 1) == 0 ? rest : NULL;
}

static bool is_by_id(const struct route *route)
{
    return strstr(route->path, "{id}") != NULL;
}

static bool is_on_port(const struct route *route, enum bridge_port port)
{
    return (route->ports & (1U << (unsigned)port)) != 0;
}

void route_find(enum bridge_port port, enum http_method method, const char *path,
                struct route_match *ret)
{
    const enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    const struct token_range ids = { 1, BRIDGE_ID_MAX };
    const struct route *known = NULL; /* the first row with this path */

    *ret = (struct route_match){ .outcome = ROUTE_UNKNOWN_PATH, .rest = "" };
    for (size_t i = 0; i < bridge_route_count; i++) {
        const struct route *row = &bridge_routes[i];
        if (!is_on_port(row, port) || search_is_kind(row->query) ||
            (known != NULL && strcmp(known->path, row->path) != 0))
            continue;
        size_t rest_length = 0;
        const char *rest = match_path(row->path, path, &rest_length);
        if (rest == NULL)
            continue;
        known = row;
        ret->rest = rest;
        ret->rest_length = rest_length;
        ret->allow |= HTTP_METHOD_BIT(row->method) | HTTP_METHOD_BIT(HTTP_OPTIONS);
        ret->allow |= row->method == HTTP_GET ? HTTP_METHOD_BIT(HTTP_HEAD) : 0U;
        if (row->method == wanted)
            ret->route = row;
    }
    if (known == NULL)
        return;
    ret->collection_length = measure_literal(known->path);
    if (ret->route == NULL) {
        ret->outcome = method == HTTP_OPTIONS ? ROUTE_OPTIONS : ROUTE_WRONG_METHOD;
        return;
    }
    ret->outcome = ROUTE_FOUND;
    if (is_by_id(known) && !token_read_decimal(ret->rest, ret->rest_length, ids, &ret->id))
        ret->outcome = ROUTE_BAD_ID;
}

const struct route *route_for_query(const struct route *route, const char *query)
{
    const struct route *behind = route + 1;

    if (behind == bridge_routes + bridge_route_count || !search_is_asked(query, behind->query))
        return route;
    return behind;
}
