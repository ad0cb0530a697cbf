/* A stock service in a fake world, with product and delivery played by the test. */
#ifndef TESTS_UNIT_STOCK_SITE_H
#define TESTS_UNIT_STOCK_SITE_H

#include "fakes/fakes.h"

struct site {
    struct fake_world *world;
    struct fake_service stock;
    int64_t product_seq, delivery_seq; /* of the events told so far */
};

struct site *site_new(uint64_t seed);
void site_free(struct site *site);

/* product's log says that a product was saved */
void site_product_saved(struct site *site, int64_t id, int64_t qty, int64_t registration);

/* delivery's log says something; the type follows from the status */
void site_delivery(struct site *site, int64_t id, int64_t product, int64_t qty, const char *status);

/* product asks for a registered quantity; the reply, or NULL */
const struct fake_message *site_registered_set(struct site *site, const char *key, int64_t id,
                                               int64_t qty, int64_t registration);

/* Product answers the question how far its log reaches: as far as it was told here. Waits for the
 * question if need be; false if none is asked. */
bool site_confirm(struct site *site);

/* Events of that type about the delivery in the log. */
int64_t site_events(struct site *site, const char *type, int64_t delivery);
/* Whether the log says of the last event of that type, right behind it and with its version, that
 * this scanner scanned it. */
bool site_is_scanned(struct site *site, const char *type, const char *scanner);
int64_t site_number(struct site *site, const char *format, ...) KIT_FORMAT(2, 3); /* by SQL */

int64_t site_available(struct site *site, int64_t product);
int64_t site_registered(struct site *site, int64_t product);
int64_t site_order_state(struct site *site, int64_t order);
int64_t site_assets_in(struct site *site, const char *place);

/* The number behind "lockstock_<line> " in the metrics; -1 if there is none. */
int64_t site_metric(struct site *site, const char *line);

/* NULL when the books are right: every balance is the sum of its movements and of its reservations,
 * every change was told, every delivery was answered at most once. Else what is wrong. */
const char *site_audit(struct site *site);

/* For cmocka, *state is the site: the books must be right. */
int site_teardown(void **state);

#endif
