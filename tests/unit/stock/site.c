/* A site: the stock service in a simulated world, and what must hold in its database. */
#include "unit/stock/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/stock_checks.h"
#include "stock/service.h"

#define QUESTION_WAIT_MS 60000 /* longer than any pause between two tries */

struct site *site_new(uint64_t seed)
{
    struct site *site = calloc(1, sizeof(*site));
    assert_non_null(site);
    site->world = fake_world_new(seed);
    site->stock = fake_service_open(site->world, &stock_service, NULL, 0);
    return site;
}

void site_free(struct site *site)
{
    fake_service_close(&site->stock);
    fake_world_free(site->world);
    free(site);
}

void site_product_saved(struct site *site, int64_t id, int64_t qty, int64_t registration)
{
    char subject[64], data[256];
    snprintf(subject, sizeof(subject), "product/%" PRId64, id);
    snprintf(data, sizeof(data),
             "{\"id\":%" PRId64 ",\"name\":\"chair\",\"registeredQty\":%" PRId64
             ",\"registration\":%" PRId64 ",\"version\":%" PRId64
             ",\"tracking\":\"bulk\",\"size\":\"S\"}",
             id, qty, registration, registration);
    const struct fake_event event = { .source = "product",
                                      .seq = ++site->product_seq,
                                      .type = "ProductSaved",
                                      .subject = subject,
                                      .version = registration,
                                      .data = data };
    fake_event(&site->stock, &event);
}

void site_delivery(struct site *site, int64_t id, int64_t product, int64_t qty, const char *status)
{
    char subject[64], data[320];
    bool is_request = strcmp(status, "REQUESTED") == 0;
    int64_t version = is_request ? 1 : 2;
    snprintf(subject, sizeof(subject), "delivery/%" PRId64, id);
    snprintf(data, sizeof(data),
             "{\"id\":%" PRId64 ",\"rentalId\":%" PRId64 ",\"productId\":%" PRId64
             ",\"qty\":%" PRId64 ",\"fulfilment\":\"direct\",\"status\":\"%s\",\"version\":%" PRId64
             "}",
             id, id, product, qty, status, version);
    const struct fake_event event = { .source = "delivery",
                                      .seq = ++site->delivery_seq,
                                      .type = is_request ? "DeliveryRequested" : "DeliveryUpdated",
                                      .subject = subject,
                                      .version = version,
                                      .data = data };
    fake_event(&site->stock, &event);
}

const struct fake_message *site_registered_set(struct site *site, const char *key, int64_t id,
                                               int64_t qty, int64_t registration)
{
    char json[200];
    snprintf(json, sizeof(json),
             "{\"productId\":%" PRId64 ",\"registeredQty\":%" PRId64 ",\"registration\":%" PRId64
             "}",
             id, qty, registration);
    return fake_request(&site->stock, "product", "registered-set", key, json);
}

bool site_confirm(struct site *site)
{
    char json[160];
    snprintf(json, sizeof(json), "{\"epoch\":\"%s\",\"head\":%" PRId64 ",\"events\":[]}",
             FAKE_EPOCH, site->product_seq);
    /* The second time ends a question whose answer was lost, the third one the pause after it. */
    for (int i = 0; i < 3; i++) {
        if (fake_answer(&site->stock, "product", "replay", NULL, json))
            return true;
        fake_world_advance(site->world, QUESTION_WAIT_MS);
        fake_settle(&site->stock);
    }
    return false;
}

int64_t site_number(struct site *site, const char *format, ...)
{
    char sql[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    return fake_sql_int(&site->stock, sql);
}

int64_t site_events(struct site *site, const char *type, int64_t delivery)
{
    return site_number(site,
                       "SELECT count(*) FROM event_log WHERE envelope ->> '$.type' = '%s'"
                       " AND envelope ->> '$.data.deliveryId' = %" PRId64,
                       type, delivery);
}

bool site_is_scanned(struct site *site, const char *type, const char *scanner)
{
    return site_number(site,
                       "SELECT count(*) FROM event_log a JOIN event_log b ON b.seq = a.seq + 1"
                       " WHERE a.seq = (SELECT max(seq) FROM event_log"
                       " WHERE envelope ->> '$.type' = '%s')"
                       " AND b.envelope ->> '$.type' = 'StockScanned'"
                       " AND b.envelope ->> '$.subject' = a.envelope ->> '$.subject'"
                       " AND b.envelope ->> '$.version' = a.envelope ->> '$.version'"
                       " AND b.envelope ->> '$.data.step' = a.envelope ->> '$.type'"
                       " AND b.envelope ->> '$.data.scanner' = '%s'",
                       type, scanner) == 1;
}

const char *site_audit(struct site *site)
{
    for (size_t i = 0; i < KIT_COUNT(stock_checks); i++) {
        if (fake_sql_int(&site->stock, stock_checks[i].sql) != 0)
            return stock_checks[i].wrong;
    }
    return NULL;
}

/* ---- what tests look at ---- */

int64_t site_available(struct site *site, int64_t product)
{
    return site_number(site, "SELECT available FROM stock WHERE product_id = %" PRId64, product);
}

int64_t site_registered(struct site *site, int64_t product)
{
    return site_number(site, "SELECT registered FROM stock WHERE product_id = %" PRId64, product);
}

int64_t site_order_state(struct site *site, int64_t order)
{
    return site_number(site, "SELECT state FROM reservation WHERE id = %" PRId64, order);
}

int64_t site_assets_in(struct site *site, const char *place)
{
    return site_number(site, "SELECT count(*) FROM asset WHERE place = '%s'", place);
}

int64_t site_metric(struct site *site, const char *line)
{
    struct kit_buf out;
    int64_t value = -1;
    char wanted[96];
    snprintf(wanted, sizeof(wanted), "\nlockstock_%s ", line);
    kit_buf_init(&out, 65536);
    kit_service_metrics(site->stock.service, &out);
    const char *at = strstr(out.data, wanted);
    if (at != NULL)
        value = strtoll(at + strlen(wanted), NULL, 10);
    kit_buf_done(&out);
    return value;
}

int site_teardown(void **state)
{
    struct site *site = *state;
    const char *wrong = site_audit(site);
    if (wrong != NULL)
        print_error("%s\n", wrong);
    assert_null(wrong);
    site_free(site);
    return 0;
}
