/* A product service in a fake world, with the bridge and stock played by the test. */
#ifndef TESTS_UNIT_PRODUCT_OFFICE_H
#define TESTS_UNIT_PRODUCT_OFFICE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "product/handlers.h"
#include "product/service.h"

#define STOCK_TIMEOUT_MS 610
#define REPLY_TOPIC "lockstock/v1/reply/bridge/product"
#define QUESTION_TOPIC "lockstock/v1/rpc/stock/registered-set/product"

static const struct kit_setting OFFICE_SETTINGS[] = {
    { PRODUCT_SETTING_STOCK_TIMEOUT, STOCK_TIMEOUT_MS },
};

struct office {
    struct fake_world *world;
    struct fake_service product;
    int64_t stock_seq;
};

static inline int office_setup(void **state)
{
    struct office *office = calloc(1, sizeof(*office));
    assert_non_null(office);
    office->world = fake_world_new(1);
    office->product = fake_service_open(office->world, &product_service, OFFICE_SETTINGS,
                                        KIT_COUNT(OFFICE_SETTINGS));
    *state = office;
    return 0;
}

static inline int office_teardown(void **state)
{
    struct office *office = *state;
    fake_service_close(&office->product);
    fake_world_free(office->world);
    free(office);
    return 0;
}

static inline const struct fake_message *office_ask(struct office *office, const char *method,
                                                    const char *key, const char *json)
{
    return fake_request(&office->product, "bridge", method, key, json);
}

static inline void office_register(struct office *office, const char *key, const char *name,
                                   int64_t qty)
{
    char json[1200];
    snprintf(json, sizeof(json),
             "{\"name\":\"%s\",\"qty\":%" PRId64 ",\"tracking\":\"bulk\",\"size\":\"S\"}", name,
             qty);
    const struct fake_message *reply = office_ask(office, "create", key, json);
    assert_non_null(reply);
    assert_string_equal(reply->status, "ok");
}

/* A member of a reply: an integer, or -1. */
static inline int64_t reply_int(const struct fake_message *reply, const char *member)
{
    assert_non_null(reply);
    cJSON *root = cJSON_Parse(reply->payload);
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(root, member);
    int64_t value = cJSON_IsNumber(node) ? (int64_t)node->valuedouble : -1;
    cJSON_Delete(root);
    return value;
}

static inline bool reply_says(const struct fake_message *reply, const char *text)
{
    assert_non_null(reply);
    return strstr(reply->payload, text) != NULL;
}

/* What stock says of a product. */
struct stock_told {
    int64_t registered, registration, available, version;
};

static inline void stock_changed(struct office *office, int64_t id, struct stock_told told)
{
    char subject[64], data[320];
    snprintf(subject, sizeof(subject), "stock/%" PRId64, id);
    snprintf(data, sizeof(data),
             "{\"productId\":%" PRId64 ",\"registeredQty\":%" PRId64 ",\"registration\":%" PRId64
             ",\"availableQty\":%" PRId64 ",\"reservedQty\":%" PRId64
             ",\"rentedQty\":0,\"version\":%" PRId64 "}",
             id, told.registered, told.registration, told.available,
             told.registered - told.available, told.version);
    const struct fake_event event = { .source = "stock",
                                      .seq = ++office->stock_seq,
                                      .type = "StockChanged",
                                      .subject = subject,
                                      .version = told.version,
                                      .data = data };
    fake_event(&office->product, &event);
}

/* Stock agrees, with these numbers. */
static inline void stock_agrees(struct office *office, int64_t registered, int64_t registration,
                                int64_t available, int64_t version)
{
    char json[320];
    snprintf(json, sizeof(json),
             "{\"productId\":1,\"registeredQty\":%" PRId64 ",\"registration\":%" PRId64
             ",\"availableQty\":%" PRId64 ",\"reservedQty\":%" PRId64
             ",\"rentedQty\":0,\"version\":%" PRId64 "}",
             registered, registration, available, registered - available, version);
    assert_true(fake_answer(&office->product, "stock", "registered-set", NULL, json));
}

static inline int64_t saved_count(struct office *office)
{
    return fake_sql_int(&office->product, "SELECT count(*) FROM event_log WHERE"
                                          " envelope ->> '$.type' = 'ProductSaved'");
}

#define OFFICE_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, office_setup, office_teardown)

#endif
