/* The table of routes, and finding the row of a request. */
#include "bridge/routes.h"

#include <stdio.h>
#include <string.h>

#include "bridge/code_view.h"
#include "bridge/handlers.h"
#include "bridge/views.h"

#define ON(port) (1U << BRIDGE_PORT_##port)
#define ON_EVERY ((1U << BRIDGE_PORT_COUNT) - 1U)
#define BIT(method) (1U << (unsigned)(method))

/* Literal paths stand before patterns that they would match as well. */
/* clang-format off */
const struct route bridge_routes[] = {
    /* the catalogue */
    { HTTP_POST, "/products", ON(ALL) | ON(PRODUCT), ROUTE_EFFECT, "product", "create", 201,
      product_ask_create, product_show, "products" },
    { HTTP_GET, "/products", ON(ALL) | ON(PRODUCT), ROUTE_READ, "product", "list", 200,
      any_ask_list, product_show_list, "products" },
    { HTTP_GET, "/products/{id}", ON(ALL) | ON(PRODUCT), ROUTE_READ, "product", "get", 200,
      any_ask_get, product_show, NULL },
    { HTTP_PATCH, "/products/{id}", ON(ALL) | ON(PRODUCT), ROUTE_EFFECT, "product", "update", 200,
      product_ask_update, product_show, NULL },

    /* rental's copy of the catalogue */
    { HTTP_GET, "/rentals/products", ON(ALL), ROUTE_READ, "rental", "product-list", 200,
      any_ask_list, product_show_list, "rentalProducts" },
    { HTTP_GET, "/rentals/products/{id}", ON(ALL), ROUTE_READ, "rental", "product-get", 200,
      any_ask_get, product_show, NULL },
    { HTTP_GET, "/products", ON(RENTAL), ROUTE_READ, "rental", "product-list", 200,
      any_ask_list, product_show_list, "products" },
    { HTTP_GET, "/products/{id}", ON(RENTAL), ROUTE_READ, "rental", "product-get", 200,
      any_ask_get, product_show, NULL },

    /* orders */
    { HTTP_POST, "/rentals", ON(ALL) | ON(RENTAL), ROUTE_EFFECT, "rental", "create", 201,
      rental_ask_create, rental_show, "rentals" },
    { HTTP_GET, "/rentals", ON(ALL) | ON(RENTAL), ROUTE_READ, "rental", "list", 200,
      any_ask_list, rental_show_list, "rentals" },
    { HTTP_GET, "/rentals/{id}", ON(ALL) | ON(RENTAL), ROUTE_READ, "rental", "get", 200,
      any_ask_get, rental_show, NULL },
    { HTTP_DELETE, "/rentals/{id}", ON(ALL) | ON(RENTAL), ROUTE_EFFECT, "rental", "cancel", 204,
      any_ask_get, NULL, NULL },

    /* delivery's copy of the catalogue */
    { HTTP_GET, "/deliveries/products", ON(ALL), ROUTE_READ, "delivery", "product-list", 200,
      any_ask_list, product_show_list, "deliveryProducts" },
    { HTTP_GET, "/deliveries/products/{id}", ON(ALL), ROUTE_READ, "delivery", "product-get", 200,
      any_ask_get, product_show, NULL },
    { HTTP_GET, "/products", ON(DELIVERY), ROUTE_READ, "delivery", "product-list", 200,
      any_ask_list, product_show_list, "products" },
    { HTTP_GET, "/products/{id}", ON(DELIVERY), ROUTE_READ, "delivery", "product-get", 200,
      any_ask_get, product_show, NULL },

    /* fulfilment */
    { HTTP_GET, "/deliveries", ON(ALL) | ON(DELIVERY), ROUTE_READ, "delivery", "list", 200,
      any_ask_list, delivery_show_list, "deliveries" },
    { HTTP_GET, "/deliveries/{id}", ON(ALL) | ON(DELIVERY), ROUTE_READ, "delivery", "get", 200,
      any_ask_get, delivery_show, NULL },

    { HTTP_GET, "/deliveries/{id}/pickup-code", ON(ALL) | ON(DELIVERY), ROUTE_READ, "delivery",
      "pickup-code", 200, any_ask_get, code_show, NULL },
    { HTTP_POST, "/deliveries/{id}/return", ON(ALL) | ON(DELIVERY), ROUTE_EFFECT, "delivery",
      "return", 200, delivery_ask_return, delivery_show, NULL },
    { HTTP_GET, "/lockers", ON(ALL) | ON(DELIVERY), ROUTE_READ, "delivery", "locker-list", 200,
      any_ask_list, locker_show_list, "lockers" },
    { HTTP_GET, "/lockers/{device}", ON(ALL) | ON(DELIVERY), ROUTE_READ, "delivery", "locker-get",
      200, locker_ask_get, locker_show, NULL },

    /* units with a label of their own */
    { HTTP_GET, "/assets", ON(ALL), ROUTE_READ, "stock", "asset-list", 200,
      asset_ask_list, asset_show_list, "assets" },
    { HTTP_GET, "/assets/{id}", ON(ALL), ROUTE_READ, "stock", "asset-get", 200, any_ask_get,
      asset_show, NULL },
    { HTTP_PATCH, "/assets/{id}", ON(ALL), ROUTE_EFFECT, "stock", "asset-move", 200,
      asset_ask_move, asset_show, NULL },

    /* the customer's view */
    { HTTP_GET, "/myOrders", ON(ALL) | ON(INFORMATION), ROUTE_READ, "information", "list", 200,
      any_ask_list, order_show_list, "myOrders" },
    { HTTP_GET, "/myOrders/{id}", ON(ALL) | ON(INFORMATION), ROUTE_READ, "information", "get", 200,
      any_ask_get, order_show, NULL },

    /* about the API itself */
    { HTTP_GET, "/", ON_EVERY, ROUTE_INDEX, NULL, NULL, 200, NULL, NULL, NULL },
    { HTTP_GET, "/problems/{slug}", ON_EVERY, ROUTE_HELP, NULL, NULL, 200, NULL, NULL, NULL },
};
/* clang-format on */
const size_t bridge_route_count = KIT_COUNT(bridge_routes);

static const char *const method_texts[] = {
    [HTTP_GET] = "GET",       [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
    [HTTP_PATCH] = "PATCH",   [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
    [HTTP_OTHER] = "(other)",
};

enum http_method http_method_from_text(const char *text)
{
    for (int method = HTTP_GET; method < HTTP_OTHER; method++) {
        if (strcmp(method_texts[method], text) == 0)
            return (enum http_method)method;
    }
    return HTTP_OTHER;
}

void http_allow_text(unsigned allow, char ret[HTTP_ALLOW_SIZE])
{
    size_t length = 0;

    ret[0] = '\0';
    for (int method = HTTP_GET; method < HTTP_OTHER; method++) {
        if ((allow & BIT(method)) == 0)
            continue;
        const int more = snprintf(ret + length, HTTP_ALLOW_SIZE - length, "%s%s",
                                  length == 0 ? "" : ", ", method_texts[method]);
        CHECK(more > 0 && (size_t)more < HTTP_ALLOW_SIZE - length);
        length += (size_t)more;
    }
}

bool route_takes_body(const struct route *route)
{
    return route->method == HTTP_POST || route->method == HTTP_PATCH;
}

bool route_needs_body(const struct route *route)
{
    return route_takes_body(route) && route->ask != delivery_ask_return;
}

bool route_has_images(const struct route *route)
{
    return route->show == code_show;
}

/* Length of the pattern before "/{...}"; the whole length if it is literal. */
static size_t literal_length(const char *pattern)
{
    const char *brace = strchr(pattern, '{');
    return brace == NULL ? strlen(pattern) : (size_t)(brace - pattern) - 1;
}

/* NULL: no match. Else what stands for the placeholder, "" if there is none. */
static const char *match_path(const char *pattern, const char *path, size_t *ret_length)
{
    const size_t length = literal_length(pattern);

    if (strncmp(pattern, path, length) != 0)
        return NULL;
    *ret_length = 0;
    if (pattern[length] == '\0')
        return path[length] == '\0' ? path + length : NULL;
    if (path[length] != '/' || path[length + 1] == '\0')
        return NULL;
    const char *rest = path + length + 1;
    *ret_length = strcspn(rest, "/");
    return strcmp(rest + *ret_length, strchr(pattern, '}') + 1) == 0 ? rest : NULL;
}

static bool has_id(const struct route *route)
{
    return strstr(route->path, "{id}") != NULL;
}

void route_find(enum bridge_port port, enum http_method method, const char *path,
                struct route_match *ret)
{
    const enum http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    const struct route *known = NULL;

    *ret = (struct route_match){ .outcome = ROUTE_UNKNOWN_PATH, .rest = "" };
    for (size_t i = 0; i < bridge_route_count; i++) {
        const struct route *row = &bridge_routes[i];
        if ((row->ports & BIT(port)) == 0 || (known != NULL && strcmp(known->path, row->path) != 0))
            continue;
        size_t rest_length = 0;
        const char *rest = match_path(row->path, path, &rest_length);
        if (rest == NULL)
            continue;
        known = row;
        ret->rest = rest;
        ret->rest_length = rest_length;
        ret->allow |= BIT(row->method) | BIT(HTTP_OPTIONS);
        ret->allow |= row->method == HTTP_GET ? BIT(HTTP_HEAD) : 0U;
        if (row->method == wanted)
            ret->route = row;
    }
    if (known == NULL)
        return;
    ret->collection_length = literal_length(known->path);
    if (ret->route == NULL) {
        ret->outcome = method == HTTP_OPTIONS ? ROUTE_OPTIONS : ROUTE_WRONG_METHOD;
        return;
    }
    ret->outcome = ROUTE_FOUND;
    if (has_id(known) && !input_decimal(ret->rest, ret->rest_length, 1, BRIDGE_ID_MAX, &ret->id))
        ret->outcome = ROUTE_BAD_ID;
}
