/* A scanner in a test's hand: its log, what it sends, what it is told. */
#ifndef TESTS_UNIT_STOCK_WAND_H
#define TESTS_UNIT_STOCK_WAND_H

#include "msg/device_ack.gen.h"
#include "unit/stock/site.h"

#define WAND_EPOCH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define WAND_GAVE_UP "Not possible: ask the office" /* a bug of ours (rules 7.11) */
#define WAND_RECORDS_MAX 8
#define WAND_RECORD_SIZE 160

struct wand {
    struct site *site;
    const char *name;
    const char *epoch;
    int64_t seq;   /* of the last record made */
    int64_t first; /* of the oldest record held */
    char records[WAND_RECORDS_MAX][WAND_RECORD_SIZE];
    size_t held;
    struct msg_device_ack ack; /* the last one */
    bool is_acked;             /* for the last `up` */
};

struct wand wand_new(struct site *site, const char *name);

/* A read goes into the log. "bin:A-01" is the label kind and the value. */
void wand_read(struct wand *wand, const char *label);
/* Sends what it holds; reads the acknowledgement, and keeps the records all the same. */
void wand_send(struct wand *wand);
/* Frees what was acknowledged. */
void wand_free_acked(struct wand *wand);

/* Read, send, free: the result of the verdict. */
enum scan_result wand_scan(struct wand *wand, const char *label);
/* The verdict of the last scan. */
const struct msg_device_verdict *wand_verdict(const struct wand *wand);

/* Scans each of "a:1 b:2 ..." and fails the test unless all are accepted and the last signals
 * `signal`. */
void wand_do(struct wand *wand, enum scan_signal signal, const char *labels);
/* A number that changes with whatever may move: quantities, assets, orders, sessions, events. */
int64_t wand_fingerprint(const struct wand *wand);
/* The next scan is refused like this, and nothing moves: neither quantity nor asset nor order nor
 * session. */
void wand_is_refused(struct wand *wand, const char *label, enum scan_result result);

/* ---- the world around it ---- */

void site_item(struct site *site, int64_t id, int64_t qty, const char *tracking, const char *gtin);

/* So many of a product. */
struct pieces {
    int64_t product, qty;
};
#define PIECES(product_id, count) ((struct pieces){ product_id, count })

/* delivery's log about an order with fulfilment locker; more: further members, or "" */
void site_locker_order(struct site *site, int64_t id, struct pieces pieces, const char *status,
                       const char *more);

/* For cmocka: a site with 10 chairs and a serialised product, and the first contact with delivery.
 */
#define BULK 1
#define SERIALISED 2
#define BULK_GTIN "00012345678905"
#define GTIN "04006381333931" /* of the serialised one */
int shelf_setup(void **state);

#define OK_ SCAN_SIGNAL_OK
#define DONE_ SCAN_SIGNAL_DONE

/* Order `id` of `qty` chairs for compartment 3 of locker-1, from REQUESTED to PICKED into tote T1.
 */
void wand_picks_for_locker(struct wand *wand, int64_t id, int qty);

#define IN_LOCKER(use) "\"locker\":\"locker-1\",\"compartment\":3,\"compartmentUse\":\"" use "\","

#endif
