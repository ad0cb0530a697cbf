/* A scanner in a test's hand. */
#include "unit/stock/wand.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"

#define UP_SIZE 2048

struct wand wand_new(struct site *site, const char *name)
{
    return (struct wand){ .site = site, .name = name, .epoch = WAND_EPOCH, .first = 1 };
}

void wand_read(struct wand *wand, const char *label)
{
    const char *colon = strchr(label, ':');
    assert_non_null(colon);
    assert_true(wand->held < WAND_RECORDS_MAX);
    snprintf(wand->records[wand->held++], WAND_RECORD_SIZE,
             "{\"seq\":%" PRId64 ",\"at\":0,\"kind\":\"scan\",\"label\":\"%.*s\",\"value\":\"%s\"}",
             ++wand->seq, (int)(colon - label), label, colon + 1);
}

static void ack_read(struct wand *wand, const char *topic)
{
    struct kit_error err;
    const struct fake_message *message = fake_last(wand->site->world, topic);
    assert_int_equal(message->qos, 1);
    assert_false(message->retain);
    cJSON *body = cJSON_Parse(message->payload);
    assert_int_equal(msg_device_ack_decode(body, &wand->ack, &err), KIT_OK);
    cJSON_Delete(body);
}

void wand_send(struct wand *wand)
{
    char json[UP_SIZE], leaf[80], topic[KIT_TOPIC_SIZE];
    int size = snprintf(json, sizeof(json),
                        "{\"epoch\":\"%s\",\"boot\":1,\"firstSeq\":%" PRId64
                        ",\"configRevision\":0,\"bounced\":0,\"unreadable\":0,\"overflowed\":0,"
                        "\"records\":[",
                        wand->epoch, wand->first);
    for (size_t i = 0; i < wand->held; i++)
        size += snprintf(json + size, sizeof(json) - (size_t)size, "%s%s", i > 0 ? "," : "",
                         wand->records[i]);
    snprintf(json + size, sizeof(json) - (size_t)size, "]}");
    snprintf(leaf, sizeof(leaf), "%s/up", wand->name);
    snprintf(topic, sizeof(topic), "lockstock/v1/device/main/scanner/%s/ack", wand->name);
    const size_t before = fake_count(wand->site->world, topic);
    fake_device(&wand->site->stock, "scanner", leaf, json);
    wand->is_acked = fake_count(wand->site->world, topic) > before;
    if (wand->is_acked)
        ack_read(wand, topic);
}

void wand_free_acked(struct wand *wand)
{
    assert_true(wand->is_acked);
    assert_string_equal(wand->ack.epoch, wand->epoch);
    assert_int_equal(wand->ack.seq, wand->seq);
    wand->first = wand->ack.seq + 1;
    wand->held = 0;
}

const struct msg_device_verdict *wand_verdict(const struct wand *wand)
{
    assert_true(wand->ack.verdicts_count > 0);
    return &wand->ack.verdicts[wand->ack.verdicts_count - 1];
}

enum scan_result wand_scan(struct wand *wand, const char *label)
{
    wand_read(wand, label);
    wand_send(wand);
    wand_free_acked(wand);
    const struct msg_device_verdict *verdict = wand_verdict(wand);
    assert_int_equal(verdict->seq, wand->seq);
    assert_string_not_equal(verdict->prompt, WAND_GAVE_UP);
    assert_int_equal(verdict->signal == SCAN_SIGNAL_ERROR, verdict->result != SCAN_RESULT_ACCEPTED);
    return verdict->result;
}

void wand_do(struct wand *wand, enum scan_signal signal, const char *labels)
{
    char label[96];
    size_t size = 0;
    for (const char *at = labels; *at != '\0'; at += size + strspn(at + size, " ")) {
        size = strcspn(at, " ");
        assert_true(size < sizeof(label));
        memcpy(label, at, size);
        label[size] = '\0';
        if (wand_scan(wand, label) == SCAN_RESULT_ACCEPTED)
            continue;
        print_error("%s: %s: %s\n", label, scan_result_text(wand_verdict(wand)->result),
                    wand_verdict(wand)->prompt);
        fail();
    }
    if (wand_verdict(wand)->signal != signal)
        print_error("%s: %s\n", labels, wand_verdict(wand)->prompt);
    assert_int_equal(wand_verdict(wand)->signal, signal);
}

int64_t wand_fingerprint(const struct wand *wand)
{
    return site_number(wand->site,
                       "SELECT (SELECT count(*) FROM movement) * 1000003"
                       " + (SELECT count(*) FROM reservation_history) * 10007"
                       " + (SELECT coalesce(sum(picked * 7 + checked * 5 + home * 3), 0)"
                       "    FROM reservation) * 31"
                       " + (SELECT count(*) FROM asset_history) * 101"
                       " + (SELECT coalesce(sum(flow * 64 + step + pieces * 512 + units * 8192"
                       "    + times * 29"
                       "    + order_id * 3 + product_id), 0) FROM scanner) * 17"
                       " + (SELECT count(*) FROM event_log)");
}

void wand_is_refused(struct wand *wand, const char *label, enum scan_result result)
{
    const int64_t before = wand_fingerprint(wand);
    enum scan_result got = wand_scan(wand, label);
    if (got != result)
        print_error("%s: %s: %s\n", label, scan_result_text(got), wand_verdict(wand)->prompt);
    assert_int_equal(got, result);
    assert_int_equal(wand_fingerprint(wand), before);
}

void site_item(struct site *site, int64_t id, int64_t qty, const char *tracking, const char *gtin)
{
    char subject[64], data[320];
    snprintf(subject, sizeof(subject), "product/%" PRId64, id);
    snprintf(data, sizeof(data),
             "{\"id\":%" PRId64 ",\"name\":\"item %" PRId64 "\",\"registeredQty\":%" PRId64
             ",\"registration\":1,\"version\":1,\"tracking\":\"%s\",\"size\":\"S\"%s%s%s}",
             id, id, qty, tracking, gtin[0] != '\0' ? ",\"gtin\":\"" : "", gtin,
             gtin[0] != '\0' ? "\"" : "");
    const struct fake_event event = { .source = "product",
                                      .seq = ++site->product_seq,
                                      .type = "ProductSaved",
                                      .subject = subject,
                                      .version = 1,
                                      .data = data };
    fake_event(&site->stock, &event);
}

void site_locker_order(struct site *site, int64_t id, struct pieces pieces, const char *status,
                       const char *more)
{
    char subject[64], data[480];
    bool is_request = strcmp(status, "REQUESTED") == 0;
    snprintf(subject, sizeof(subject), "delivery/%" PRId64, id);
    snprintf(data, sizeof(data),
             "{\"id\":%" PRId64 ",\"rentalId\":%" PRId64 ",\"productId\":%" PRId64
             ",\"qty\":%" PRId64 ",\"fulfilment\":\"locker\",%s\"status\":\"%s\",\"version\":1}",
             id, id, pieces.product, pieces.qty, more, status);
    const struct fake_event event = { .source = "delivery",
                                      .seq = ++site->delivery_seq,
                                      .type = is_request ? "DeliveryRequested" : "DeliveryUpdated",
                                      .subject = subject,
                                      .version = 1,
                                      .data = data };
    fake_event(&site->stock, &event);
}

int shelf_setup(void **state)
{
    struct site *site = site_new(1);
    site_item(site, BULK, 10, "bulk", BULK_GTIN);
    site_item(site, SERIALISED, 0, "serialised", GTIN);
    site_delivery(site, 999, BULK, 1, "CANCELED"); /* nothing, but the first contact */
    *state = site;
    return 0;
}

void wand_picks_for_locker(struct wand *wand, int64_t id, int qty)
{
    char label[64];
    site_locker_order(wand->site, id, PIECES(BULK, qty), "REQUESTED", "");
    (void)snprintf(label, sizeof(label), "command:PICK order:%" PRId64 " tote:T1", id);
    wand_do(wand, OK_, label);
    for (int i = 1; i <= qty; i++)
        wand_do(wand, i < qty ? OK_ : DONE_, "product:1");
    site_locker_order(wand->site, id, PIECES(BULK, qty), "PICKED", IN_LOCKER("assigned"));
}
