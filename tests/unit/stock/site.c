/* A site: the stock service in a simulated world, and what must hold in its database. */
#include "unit/stock/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/cmocka_all.h"
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

/* what is wrong, and a query that counts it */
static const struct {
    const char *wrong, *sql;
} CHECKS[] = {
    { "a balance is not the sum of its movements",
      "SELECT count(*) FROM stock s JOIN (SELECT product_id, sum(d_registered) g,"
      " sum(d_available) a, sum(d_reserved) r, sum(d_rented) t FROM movement"
      " GROUP BY product_id) m ON m.product_id = s.product_id"
      " WHERE s.registered <> g OR s.available <> a OR s.reserved <> r OR s.rented <> t" },
    { "a version without a movement, or the other way round",
      "SELECT (SELECT coalesce(sum(version), 0) FROM stock) <> (SELECT count(*) FROM "
      "movement)" },
    { "reserved or rented pieces that no reservation holds",
      "SELECT count(*) FROM stock s WHERE reserved <> (SELECT coalesce(sum(qty - home - "
      "damaged), 0)"
      " FROM reservation r WHERE r.product_id = s.product_id AND state IN (2, 6, 7, 9))"
      " OR rented <> (SELECT coalesce(sum(qty - home - damaged), 0) FROM reservation r"
      " WHERE r.product_id = s.product_id AND state = 3)" },
    { "a serialised product with another quantity than its assets",
      "SELECT count(*) FROM stock s WHERE tracking = 2 AND registered <> (SELECT count(*) FROM"
      " asset a WHERE a.product_id = s.product_id AND (state IN (2, 3, 4, 5, 6)"
      " OR (state = 7 AND order_id IS NOT NULL)))" },
    { "a shelf that does not hold what is available or still to be picked",
      "SELECT count(*) FROM stock s WHERE tracking = 2 AND (SELECT count(*) FROM asset a"
      " WHERE a.product_id = s.product_id AND state = 2) <> available + (SELECT"
      " coalesce(sum(qty - picked), 0) FROM reservation r WHERE r.product_id = s.product_id"
      " AND state = 2)" },
    { "an order whose assets are not those that are out",
      "SELECT count(*) FROM reservation r JOIN stock s USING (product_id) WHERE tracking = 2"
      " AND (SELECT count(*) FROM asset a WHERE a.order_id = r.id) <>"
      " CASE WHEN r.state IN (2, 6, 7, 9, 3) THEN picked - home - damaged ELSE 0 END" },
    { "an asset whose last history row is another one, or a hole in its history",
      "SELECT count(*) FROM asset a WHERE (SELECT count(*) FROM asset_history h WHERE"
      " h.asset_id = a.id) <> a.version OR NOT EXISTS (SELECT 1 FROM asset_history h WHERE"
      " h.asset_id = a.id AND h.version = a.version AND h.state = a.state AND h.place ="
      " a.place)" },
    { "a session that lists assets that it does not count",
      "SELECT count(*) FROM scanner s WHERE units <> (SELECT count(*) FROM scan_unit u WHERE"
      " u.scanner_id = s.id)" },
    { "a state without history, or the other way round",
      "SELECT (SELECT coalesce(sum(version), 0) FROM reservation) <>"
      " (SELECT count(*) FROM reservation_history)" },
    { "a change that was not told as it is",
      "SELECT count(*) FROM stock s WHERE NOT EXISTS (SELECT 1 FROM event_log WHERE"
      " envelope ->> '$.type' = 'StockChanged'"
      " AND envelope ->> '$.data.productId' = s.product_id"
      " AND envelope ->> '$.data.version' = s.version AND envelope ->> '$.version' = s.version"
      " AND envelope ->> '$.data.registeredQty' = registered"
      " AND envelope ->> '$.data.registration' = registration"
      " AND envelope ->> '$.data.availableQty' = available"
      " AND envelope ->> '$.data.reservedQty' = reserved"
      " AND envelope ->> '$.data.rentedQty' = rented)" },
    { "a change that was told twice",
      "SELECT count(*) FROM (SELECT 1 FROM event_log WHERE envelope ->> '$.type' = "
      "'StockChanged'"
      " GROUP BY envelope ->> '$.subject', envelope ->> '$.version' HAVING count(*) > 1)" },
    { "a change that was not told", "SELECT count(*) FROM stock WHERE announced <> version" },
    { "a delivery with two answers",
      "SELECT count(*) FROM (SELECT 1 FROM event_log WHERE envelope ->> '$.type' IN"
      " ('StockReserved', 'StockRejected') GROUP BY envelope ->> '$.data.deliveryId'"
      " HAVING count(*) > 1)" },
    { "a decided reservation without an answer",
      "SELECT count(*) FROM reservation r WHERE state IN (2, 3, 5, 6, 7, 8, 9) AND NOT EXISTS "
      "(SELECT 1"
      " FROM event_log WHERE envelope ->> '$.type' IN ('StockReserved', 'StockRejected')"
      " AND envelope ->> '$.data.deliveryId' = r.id)" },
    { "goods that came back without having been reserved, or twice",
      "SELECT count(*) FROM (SELECT sum(envelope ->> '$.type' = 'StockReleased') released,"
      " sum(envelope ->> '$.type' = 'StockReserved') reserved FROM event_log"
      " GROUP BY envelope ->> '$.data.deliveryId') WHERE released > reserved" },
    { "a dead letter", "SELECT count(*) FROM dead_letter" },
};

const char *site_audit(struct site *site)
{
    for (size_t i = 0; i < KIT_COUNT(CHECKS); i++) {
        if (fake_sql_int(&site->stock, CHECKS[i].sql) != 0)
            return CHECKS[i].wrong;
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
