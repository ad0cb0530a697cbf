/* A real delivery service on simulated ports, and how its tests talk to it. One test process, one
 * thread. */
#ifndef TESTS_UNIT_DELIVERY_DELIVERY_FIXTURE_H
#define TESTS_UNIT_DELIVERY_DELIVERY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/domain/delivery.h"
#include "delivery/service.h"
#include "fakes/fakes.h"

#define HOLD_MS (INT64_C(48) * 3600 * 1000)

struct fixture {
    struct fake_world *world;
    struct fake_service delivery;
    int64_t rental_seq; /* events fed so far */
    int64_t stock_seq;
    int64_t product_seq;
    int key_count;
};

/* For cmocka: *state is the fixture, of which there is one in a process. */
int set_up(void **state);
/* The same where lockers of an older protocol are not served (rules 9.6). */
int set_up_with_oldest(void **state, int protocol);
int tear_down(void **state);

/* Sends a request under a key of its own. The reply; NULL if there is none yet. */
const struct fake_message *request(struct fixture *fixture, const char *caller, const char *method,
                                   const char *json);

/* The reply has that status, and contains `part`. */
void assert_reply(const struct fake_message *reply, const char *status, const char *part);

/* Rental tells of rental `id`, a direct order of 3 pieces of product 7. */
void feed_rental(struct fixture *fixture, int id, const char *type, int version);

/* Stock tells StockReserved, or StockRejected with that reason. */
void feed_reserved(struct fixture *fixture, int id);
void feed_rejected(struct fixture *fixture, int id, const char *reason);

/* Rental asks to cancel the order of feed_rental(). The reply; NULL if there is none yet. */
const struct fake_message *cancel(struct fixture *fixture, int id);

/* A number from the database; the status of a delivery; how many events of deliveries were
 * appended.
 */
int64_t sql_int(struct fixture *fixture, const char *sql);
int64_t status_of(struct fixture *fixture, int id);
int64_t log_size(struct fixture *fixture);

/* Runs SQL on the service's database. */
void sql_run(struct fixture *fixture, const char *sql);

/* Whatever the reason may be, delivery `id` cannot change from now on. */
void freeze(struct fixture *fixture, int id);

/* Of the events of deliveries, the one with that number has that type, and contains `part`. */
void assert_log(struct fixture *fixture, int64_t number, const char *type, const char *part);

/* The metrics contain that line. */
void assert_metric(struct fixture *fixture, const char *line);

#endif
