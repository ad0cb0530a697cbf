/* A delivery service with a locker of this test's own: it says what a locker would say, and checks
 * what a locker would check. On top of delivery_fixture.h. One test process, one thread. */
#ifndef TESTS_UNIT_DELIVERY_LOCKER_FIXTURE_H
#define TESTS_UNIT_DELIVERY_LOCKER_FIXTURE_H

#include <cjson/cJSON.h>
#include <inttypes.h>

#include "delivery/domain/grant.h"
#include "delivery/domain/locker.h"
#include "delivery_fixture.h"

#define LOCKER_EPOCH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DEVICE_TOPIC "lockstock/v1/device/main/locker/"
#define TIMER_MS 1100 /* more than the period of the sweep */

/* What a locker remembers. */
struct box {
    const char *name;
    const char *epoch;
    int64_t next_seq; /* of the next record */
    int64_t revision; /* of the configuration that it has stored */
    int boot;         /* its start, with protocol 2; 0: it speaks protocol 1 */
};

#define BOX_NONCE "00112233445566778899aabbccddeeff" /* of each `up`, with protocol 2 */

struct box box_named(const char *name);

/* It publishes JSON on a leaf of its own. */
void box_says(struct fixture *fixture, const struct box *box, const char *leaf, const char *json);

/* It tells its state: status "online" or "offline", sizes as "SML". */
void box_state(struct fixture *fixture, const struct box *box, const char *status,
               const char *sizes);

/* An `up` of records that begin at first_seq; records: JSON objects with a comma between. */
void box_up_from(struct fixture *fixture, const struct box *box, int64_t first_seq,
                 const char *records);

/* An `up` without records. */
void box_hello(struct fixture *fixture, const struct box *box);

/* One record in an `up` of its own. members: without seq and at. */
void box_record(struct fixture *fixture, struct box *box, const char *members);

/* One record of a door. */
void box_door(struct fixture *fixture, struct box *box, int number, const char *door,
              const char *presence);

/* The last message to a locker on a leaf, as JSON; cJSON_Delete it. And how many there were. */
cJSON *told(struct fixture *fixture, const struct box *box, const char *leaf);
size_t told_count(struct fixture *fixture, const struct box *box, const char *leaf);

/* A member that must be there. */
int64_t number_of(const cJSON *json, const char *member);
const char *text_of(const cJSON *json, const char *member);

/* The protocol that a message to the locker is signed for: by its keyNo, which must be 1. */
int protocol_of(const cJSON *message);

/* Up to which record it was acknowledged last. */
int64_t acked(struct fixture *fixture, const struct box *box);

/* Takes the last configuration if its MAC and revision are right, as a locker would (devices 5.2).
 */
void box_take_config(struct fixture *fixture, struct box *box);

/* The grant that a code opens, as a locker finds it; 0: none (devices 5.3). */
int64_t grant_of_code(struct fixture *fixture, const struct box *box, const char *code);

/* How many grants its last configuration has. */
size_t grants_told(struct fixture *fixture, const struct box *box);

/* ---- orders ---- */

/* Product tells of a product of that size. */
void feed_product(struct fixture *fixture, int id, const char *size);

/* An order of qty pieces of product 7 for a locker; wished "": any. */
void feed_locker_order(struct fixture *fixture, int id, int qty, const char *wished);

/* Stock tells StockPicked, StockHandedOver or StockReturned; or StockReleased. */
void feed_step(struct fixture *fixture, int id, const char *type);
void feed_released(struct fixture *fixture, int id);

/* Staff stood before a compartment at that time. purpose: "load" or "fetch". */
struct request_for {
    int id;
    int compartment;
    const char *purpose;
    int64_t time_ms;
};
void feed_request(struct fixture *fixture, const struct box *box, const struct request_for *asked);

/* Staff stand before a compartment now. */
void feed_requested(struct fixture *fixture, int id, const struct box *box, int compartment,
                    const char *purpose);

/* Feeds a locker order, and takes it to RESERVED and PICKED. */
void pick(struct fixture *fixture, int id, int qty, const char *wished);

/* The effect of the last command, whose MAC is checked as a locker would. */
void box_effect(struct fixture *fixture, struct box *box, const char *effect);

/* Somebody used a grant. */
void box_use(struct fixture *fixture, struct box *box, int64_t grant, int number,
             const char *effect);

/* The code that the customer may see. */
void code_of(struct fixture *fixture, int id, char ret_code[GRANT_CODE_SIZE]);

/* It stores the last configuration, and says so. */
void box_confirm(struct fixture *fixture, struct box *box);

/* Types the code of a delivery; the door opens. */
void box_code(struct fixture *fixture, struct box *box, int id, int number);

/* Rental asks to cancel the order of feed_locker_order(). */
const struct fake_message *cancel_locker(struct fixture *fixture, int id, int qty);

/* A locker of those sizes, all closed and empty, that has stored its first configuration. */
struct box box_ready(struct fixture *fixture, const char *name, const char *sizes);

/* Loads what is PICKED into compartment `number`: READY. */
void load(struct fixture *fixture, struct box *box, int id, int number);

/* Product 7 of that size, and locker-1 of those sizes, ready. */
struct box shop(struct fixture *fixture, const char *size, const char *sizes);

/* And order 1, READY in its compartment 1. */
struct box shop_with_ready(struct fixture *fixture, const char *sizes);

/* Staff open compartment `number` for an order to lay its goods in, and close it: what is sensed.
 */
void open_and_close(struct fixture *fixture, struct box *box, int id, int number,
                    const char *sensed);

/* A column of a delivery, as a number. */
int64_t sql_of(struct fixture *fixture, int id, const char *column);

/* Time passes, and the timer runs. */
void pass_time(struct fixture *fixture, int64_t ms);

/* The reason of a delivery contains `part`. */
void assert_reason(struct fixture *fixture, int id, const char *part);

#endif
