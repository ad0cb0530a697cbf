/* A service's own copy of the products, filled from the streams `product` and `stock`, so that it
 * can show them while product is down. Each service that wants one has a table of its own in its
 * own database, and one struct catalogue in its app: nothing is shared but this code.
 *
 *   - add CATALOGUE_MIGRATION, and later CATALOGUE_KINDS_MIGRATION, to its migrations;
 *   - name the two on_ functions in the rows of ProductSaved and StockChanged, and the two requests
 *     in those of product-get and product-list, each with the member of the app behind it.
 *
 * Runs on the loop inside the open transaction. Rules: schemas/rules/products.md. */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H

#include "kit/store/db.h"
#include "msg/event_product.gen.h"
#include "msg/event_stock_changed.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
#include "msg/rpc_product_list_response.gen.h"
#include "msg/rpc_product_response.gen.h"

/* product_version 0: only stock has spoken of it, and it does not show yet. stock_version 0: only
 * product has. Released: never change it; append another migration. */
#define CATALOGUE_MIGRATION                                                                        \
    "CREATE TABLE product ("                                                                       \
    "  id INTEGER PRIMARY KEY CHECK (id >= 1),"                                                    \
    "  name TEXT CHECK (name <> ''),"                                                              \
    "  registered_qty INTEGER CHECK (registered_qty BETWEEN 1 AND 1000000),"                       \
    "  available_qty INTEGER CHECK (available_qty BETWEEN 0 AND 1000000),"                         \
    "  product_version INTEGER NOT NULL CHECK (product_version >= 0),"                             \
    "  stock_version INTEGER NOT NULL CHECK (stock_version >= 0),"                                 \
    "  CHECK ((product_version = 0) = (name IS NULL)),"                                            \
    "  CHECK ((product_version = 0) = (registered_qty IS NULL)),"                                  \
    "  CHECK ((stock_version = 0) = (available_qty IS NULL)),"                                     \
    "  CHECK (product_version > 0 OR stock_version > 0)"                                           \
    ") STRICT;"

/* Adds what a product is. What was registered before is bulk (1) of size S (1), as product itself
 * has it. */
#define CATALOGUE_KINDS_MIGRATION                                                                  \
    "ALTER TABLE product RENAME TO product_before;"                                                \
    "CREATE TABLE product ("                                                                       \
    "  id INTEGER PRIMARY KEY CHECK (id >= 1),"                                                    \
    "  name TEXT CHECK (name <> ''),"                                                              \
    "  registered_qty INTEGER CHECK (registered_qty BETWEEN 0 AND 1000000),"                       \
    "  available_qty INTEGER CHECK (available_qty BETWEEN 0 AND 1000000),"                         \
    "  product_version INTEGER NOT NULL CHECK (product_version >= 0),"                             \
    "  stock_version INTEGER NOT NULL CHECK (stock_version >= 0),"                                 \
    "  tracking INTEGER CHECK (tracking BETWEEN 1 AND 2),"                                         \
    "  size INTEGER CHECK (size BETWEEN 1 AND 3),"                                                 \
    "  gtin TEXT CHECK (length(gtin) = 14),"                                                       \
    "  CHECK ((product_version = 0) = (name IS NULL)),"                                            \
    "  CHECK ((product_version = 0) = (registered_qty IS NULL)),"                                  \
    "  CHECK ((product_version = 0) = (tracking IS NULL)),"                                        \
    "  CHECK ((product_version = 0) = (size IS NULL)),"                                            \
    "  CHECK ((stock_version = 0) = (available_qty IS NULL)),"                                     \
    "  CHECK (product_version > 0 OR stock_version > 0)"                                           \
    ") STRICT;"                                                                                    \
    "INSERT INTO product SELECT id, name, registered_qty, available_qty, product_version,"         \
    "  stock_version, iif(product_version > 0, 1, NULL), iif(product_version > 0, 1, NULL), NULL"  \
    "  FROM product_before;"                                                                       \
    "DROP TABLE product_before;"

struct catalogue {
    struct kit_statements statements;
};

/* Inside a transaction, as a service's open is. KIT_E_CORRUPT: the table is not as we know it. */
int catalogue_open(struct catalogue *catalogue, struct kit_db *db,
                   struct kit_error *err) KIT_MUST_CHECK;
/* Also after a failed open, and a second time. */
void catalogue_close(struct catalogue *catalogue);

/* Copies the name; "" when the product or its name is not known here. size_bytes: 801 keeps any. */
int catalogue_find_name(struct catalogue *catalogue, struct product_id id, char *ret_name,
                        size_t size_bytes, struct kit_error *err) KIT_MUST_CHECK;

/* *ret_found false while product's word of it has not arrived; then *ret_size is untouched. */
int catalogue_find_size(struct catalogue *catalogue, struct product_id id,
                        enum product_size *ret_size, bool *ret_found,
                        struct kit_error *err) KIT_MUST_CHECK;

/* Event ProductSaved: changes what product says. Versions of each source count apart; one that is
 * not higher changes nothing, and either source may be first (rules/products.md 2.1, 2.2). */
int catalogue_on_saved(struct catalogue *catalogue, const struct msg_event_product *event,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Event StockChanged: changes the available quantity, by the same rules. */
int catalogue_on_stock_changed(struct catalogue *catalogue,
                               const struct msg_event_stock_changed *event,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Request product-get. KIT_E_NOT_FOUND: product has not told of it yet. */
int catalogue_get(struct catalogue *catalogue, const struct msg_rpc_get_request *in,
                  struct msg_rpc_product_response *out, struct kit_error *err) KIT_MUST_CHECK;
/* Request product-list: those that product has told of, by id. */
int catalogue_list(struct catalogue *catalogue, const struct msg_rpc_list_request *in,
                   struct msg_rpc_product_list_response *out, struct kit_error *err) KIT_MUST_CHECK;

#endif
