/* See blunders.h. */
#include "world/blunders.h"

#include "bridge/pages.h"
#include "kit/base/check.h"

/* The one that product 0 of a world has. */
#define TAKEN "{\"name\":\"other\",\"qty\":1,\"gtin\":\"" WORLD_GTIN "\"}"
#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define GET .method = "GET"
#define TO_PRODUCTS .method = "POST", .target = "/products"
#define FINE .body = "{\"name\":\"x\",\"qty\":1}"

static const struct world_blunder BLUNDERS[] = {
    { "malformed-json", { TO_PRODUCTS, .body = "{\"name\":" } },
    { "empty-body", { TO_PRODUCTS } },
    { "invalid-id", { GET, .target = "/rentals/x" } },
    { "invalid-query", { GET, .target = "/products?limit=all" } },
    { "invalid-host", { TO_PRODUCTS, FINE, .host = "not a host" } },
    { "invalid-idempotency-key", { TO_PRODUCTS, FINE, .key = "two words" } },
    { "invalid-header", { TO_PRODUCTS, FINE, .repeated = "Host" } },
    { "unknown-path", { GET, .target = "/nothing" } },
    { "no-pages", { GET, .target = PAGES_ROOT } },
    { "no-simulator", { GET, .target = "/simulator" } },
    { "not-found", { GET, .target = "/rentals/900001" } },
    { "not-found", { GET, .target = "/deliveries/900001" } },
    { "not-found", { GET, .target = "/products/900001" } },
    { "method-not-allowed", { .method = "DELETE", .target = "/products" } },
    { "not-acceptable",
      { GET, .target = "/deliveries/1/pickup-code", .accept = "application/pdf" } },
    { "gtin-taken", { TO_PRODUCTS, .body = TAKEN, .key = "taken" } },
    { "too-large", { TO_PRODUCTS, FINE, .content_length = "70000" } },
    { "uri-too-long", { GET, .target = "/" LONG } },
    { "unsupported-media-type", { TO_PRODUCTS, FINE, .content_type = "text/plain" } },
    { "invalid-body", { TO_PRODUCTS, .body = "{\"name\":\"x\",\"qty\":-1}" } },
};

uint32_t world_blunder_count(void)
{
    return KIT_COUNT(BLUNDERS);
}

const struct world_blunder *world_blunder_at(uint32_t index)
{
    PRE(index < KIT_COUNT(BLUNDERS));
    return &BLUNDERS[index];
}
