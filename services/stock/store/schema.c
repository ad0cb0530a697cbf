/* The tables of stock, as they became. */
#include "kit/device/losses.h"
#include "stock/store/balance.h"

/* Until here these tables held places in the lists of messages, from 0; from here on the numbers of
 * x-stored, from 1. Other tables refer to the ones that are built again: until every row is back,
 * at the end of the transaction, they may refer to nothing. */
#define STORED_NUMBERS_MIGRATION                                                                   \
    "PRAGMA defer_foreign_keys = ON;"                                                              \
    "CREATE TABLE stock_4 AS SELECT * FROM stock;"                                                 \
    "DROP TABLE stock;"                                                                            \
    "CREATE TABLE stock ("                                                                         \
    " product_id INTEGER PRIMARY KEY CHECK (product_id BETWEEN 1 AND 9007199254740991),"           \
    " registered INTEGER NOT NULL CHECK (registered BETWEEN 0 AND 1000000),"                       \
    " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"                \
    " available INTEGER NOT NULL CHECK (available >= 0),"                                          \
    " reserved INTEGER NOT NULL CHECK (reserved >= 0),"                                            \
    " rented INTEGER NOT NULL CHECK (rented >= 0),"                                                \
    " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"                          \
    " announced INTEGER NOT NULL DEFAULT 0 CHECK (announced BETWEEN 0 AND version),"               \
    " tracking INTEGER NOT NULL DEFAULT 1 CHECK (tracking BETWEEN 1 AND 2),"                       \
    " name TEXT NOT NULL DEFAULT '',"                                                              \
    " gtin TEXT,"                                                                                  \
    " CHECK (registered = available + reserved + rented)"                                          \
    ") STRICT;"                                                                                    \
    "INSERT INTO stock SELECT product_id, registered, registration, available, reserved, rented,"  \
    " version, announced, tracking + 1, name, gtin FROM stock_4;"                                  \
    "DROP TABLE stock_4;"                                                                          \
    "CREATE INDEX stock_to_announce ON stock (product_id) WHERE announced < version;"              \
    "CREATE INDEX stock_gtin ON stock (gtin) WHERE gtin IS NOT NULL;"                              \
    "CREATE TABLE reservation_4 AS SELECT * FROM reservation;"                                     \
    "DROP TABLE reservation;"                                                                      \
    "CREATE TABLE reservation ("                                                                   \
    " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                           \
    " product_id INTEGER NOT NULL CHECK (product_id BETWEEN 1 AND 9007199254740991),"              \
    " qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"                                     \
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 9),"                                       \
    " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"                          \
    " ask INTEGER NOT NULL CHECK (ask >= 0),"                                                      \
    " fulfilment INTEGER NOT NULL CHECK (fulfilment BETWEEN 1 AND 2),"                             \
    " picked INTEGER NOT NULL CHECK (picked BETWEEN 0 AND qty),"                                   \
    " checked INTEGER NOT NULL CHECK (checked BETWEEN 0 AND picked - home - damaged),"             \
    " home INTEGER NOT NULL CHECK (home >= 0),"                                                    \
    " damaged INTEGER NOT NULL CHECK (damaged >= 0),"                                              \
    " tote TEXT NOT NULL,"                                                                         \
    " locker TEXT NOT NULL,"                                                                       \
    " compartment INTEGER NOT NULL,"                                                               \
    " is_loaded INTEGER NOT NULL CHECK (is_loaded BETWEEN 0 AND 1),"                               \
    " reason TEXT NOT NULL,"                                                                       \
    " load_ms INTEGER NOT NULL DEFAULT 0"                                                          \
    ") STRICT;"                                                                                    \
    "INSERT INTO reservation SELECT id, product_id, qty, state, version, ask, fulfilment + 1,"     \
    " picked, checked, home, damaged, tote, locker, compartment, is_loaded, reason, load_ms"       \
    " FROM reservation_4;"                                                                         \
    "DROP TABLE reservation_4;"                                                                    \
    "CREATE INDEX reservation_waiting ON reservation (product_id, id) WHERE state = 1;"            \
    "CREATE INDEX reservation_asked ON reservation (ask, id) WHERE state = 1;"                     \
    "CREATE INDEX reservation_tote ON reservation (tote) WHERE tote <> '';"                        \
    "CREATE INDEX reservation_spot ON reservation (locker, compartment) WHERE locker <> '';"       \
    "CREATE INDEX reservation_picked ON reservation (product_id)"                                  \
    " WHERE picked > 0 AND state IN (2, 6, 7, 9);"                                                 \
    "CREATE TABLE asset_4 AS SELECT * FROM asset;"                                                 \
    "DROP TABLE asset;"                                                                            \
    "CREATE TABLE asset ("                                                                         \
    " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                           \
    " label TEXT NOT NULL UNIQUE CHECK (length(label) BETWEEN 6 AND 70),"                          \
    " product_id INTEGER NOT NULL REFERENCES stock (product_id),"                                  \
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),"                                       \
    " place TEXT NOT NULL CHECK (length(place) BETWEEN 5 AND 76),"                                 \
    " bin TEXT NOT NULL,"                                                                          \
    " order_id INTEGER REFERENCES reservation (id),"                                               \
    " shelved_ms INTEGER NOT NULL,"                                                                \
    " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"                          \
    " updated_ms INTEGER NOT NULL,"                                                                \
    " CHECK (order_id IS NULL OR state IN (3, 4, 5, 6, 7))"                                        \
    ") STRICT;"                                                                                    \
    "INSERT INTO asset SELECT id, label, product_id, state + 1, place, bin, order_id, shelved_ms," \
    " version, updated_ms FROM asset_4;"                                                           \
    "DROP TABLE asset_4;"                                                                          \
    "CREATE INDEX asset_order ON asset (order_id, id) WHERE order_id IS NOT NULL;"                 \
    "CREATE INDEX asset_shelf ON asset (product_id, shelved_ms, id) WHERE state = 2;"              \
    "CREATE INDEX asset_bin ON asset (bin, id) WHERE state = 2;"                                   \
    "UPDATE asset_history SET state = state + 1;"                                                  \
    "CREATE TABLE verdict_4 AS SELECT * FROM verdict;"                                             \
    "DROP TABLE verdict;"                                                                          \
    "CREATE TABLE verdict ("                                                                       \
    " scanner_id INTEGER NOT NULL REFERENCES scanner (id),"                                        \
    " seq INTEGER NOT NULL,"                                                                       \
    " result INTEGER NOT NULL CHECK (result BETWEEN 1 AND 7),"                                     \
    " signal INTEGER NOT NULL CHECK (signal BETWEEN 1 AND 3),"                                     \
    " prompt TEXT NOT NULL CHECK (length(prompt) BETWEEN 1 AND 64),"                               \
    " PRIMARY KEY (scanner_id, seq)"                                                               \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "INSERT INTO verdict SELECT scanner_id, seq, result + 1, signal + 1, prompt FROM verdict_4;"   \
    "DROP TABLE verdict_4;"

/* Append-only: never change a migration that was released.
 * State 1 is WAITING: partial indexes, so that deciding them costs what waits, not what was. */
const struct kit_migration stock_migrations[STOCK_MIGRATION_COUNT] = {
    { "1: quantities, reservations, ledger",
      "CREATE TABLE stock ("
      " product_id INTEGER PRIMARY KEY CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " registered INTEGER NOT NULL CHECK (registered BETWEEN 1 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " available INTEGER NOT NULL CHECK (available >= 0),"
      " reserved INTEGER NOT NULL CHECK (reserved >= 0),"
      " rented INTEGER NOT NULL CHECK (rented >= 0),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " announced INTEGER NOT NULL DEFAULT 0" /* the version of the last StockChanged */
      "  CHECK (announced BETWEEN 0 AND version),"
      " CHECK (registered = available + reserved + rented)"
      ") STRICT;"
      "CREATE INDEX stock_to_announce ON stock (product_id) WHERE announced < version;"
      "CREATE TABLE reservation ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " product_id INTEGER NOT NULL CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " ask INTEGER NOT NULL CHECK (ask >= 0)"
      ") STRICT;"
      "CREATE INDEX reservation_waiting ON reservation (product_id, id) WHERE state = 1;"
      "CREATE INDEX reservation_asked ON reservation (ask, id) WHERE state = 1;"
      "CREATE TABLE reservation_history ("
      " reservation_id INTEGER NOT NULL REFERENCES reservation (id),"
      " version INTEGER NOT NULL,"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
      " reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 2),"
      " at_ms INTEGER NOT NULL,"
      " PRIMARY KEY (reservation_id, version)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE movement ("
      " id INTEGER PRIMARY KEY,"
      " product_id INTEGER NOT NULL REFERENCES stock (product_id),"
      " version INTEGER NOT NULL," /* of the stock row after it: no movement is missing or double */
      " reservation_id INTEGER REFERENCES reservation (id),"
      " kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 6),"
      " d_registered INTEGER NOT NULL,"
      " d_available INTEGER NOT NULL,"
      " d_reserved INTEGER NOT NULL,"
      " d_rented INTEGER NOT NULL,"
      " at_ms INTEGER NOT NULL,"
      " UNIQUE (product_id, version),"
      " CHECK (d_registered = d_available + d_reserved + d_rented)"
      ") STRICT;" },
    /* What refers to a table that is replaced is rebuilt with it. What was rented or released keeps
     * its pieces: an order of before is direct, so nobody brings it back by scan. */
    { "2: tracking, assets, locker orders, scanners",
      "ALTER TABLE movement RENAME TO movement_1;"
      "ALTER TABLE reservation_history RENAME TO reservation_history_1;"
      "ALTER TABLE reservation RENAME TO reservation_1;"
      "ALTER TABLE stock RENAME TO stock_1;"
      "DROP INDEX stock_to_announce;"
      "DROP INDEX reservation_waiting;"
      "DROP INDEX reservation_asked;"
      "CREATE TABLE stock ("
      " product_id INTEGER PRIMARY KEY CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " registered INTEGER NOT NULL CHECK (registered BETWEEN 0 AND 1000000),"
      " registration INTEGER NOT NULL CHECK (registration BETWEEN 1 AND 2147483647),"
      " available INTEGER NOT NULL CHECK (available >= 0),"
      " reserved INTEGER NOT NULL CHECK (reserved >= 0),"
      " rented INTEGER NOT NULL CHECK (rented >= 0),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " announced INTEGER NOT NULL DEFAULT 0 CHECK (announced BETWEEN 0 AND version),"
      " tracking INTEGER NOT NULL DEFAULT 0 CHECK (tracking BETWEEN 0 AND 1),"
      " name TEXT NOT NULL DEFAULT ''," /* for people with a scanner */
      " gtin TEXT,"
      " CHECK (registered = available + reserved + rented)"
      ") STRICT;"
      "CREATE INDEX stock_to_announce ON stock (product_id) WHERE announced < version;"
      "CREATE INDEX stock_gtin ON stock (gtin) WHERE gtin IS NOT NULL;"
      "CREATE TABLE reservation ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " product_id INTEGER NOT NULL CHECK (product_id BETWEEN 1 AND 9007199254740991),"
      " qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 9),"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " ask INTEGER NOT NULL CHECK (ask >= 0),"
      " fulfilment INTEGER NOT NULL CHECK (fulfilment BETWEEN 0 AND 1),"
      " picked INTEGER NOT NULL CHECK (picked BETWEEN 0 AND qty),"
      " checked INTEGER NOT NULL CHECK (checked BETWEEN 0 AND picked - home - damaged),"
      " home INTEGER NOT NULL CHECK (home >= 0),"
      " damaged INTEGER NOT NULL CHECK (damaged >= 0),"
      " tote TEXT NOT NULL,"
      " locker TEXT NOT NULL,"
      " compartment INTEGER NOT NULL,"
      " is_loaded INTEGER NOT NULL CHECK (is_loaded BETWEEN 0 AND 1),"
      " reason TEXT NOT NULL"
      ") STRICT;"
      "CREATE INDEX reservation_waiting ON reservation (product_id, id) WHERE state = 1;"
      "CREATE INDEX reservation_asked ON reservation (ask, id) WHERE state = 1;"
      "CREATE INDEX reservation_tote ON reservation (tote) WHERE tote <> '';"
      "CREATE INDEX reservation_spot ON reservation (locker, compartment) WHERE locker <> '';"
      "CREATE INDEX reservation_picked ON reservation (product_id)"
      " WHERE picked > 0 AND state IN (2, 6, 7, 9);"
      "CREATE TABLE reservation_history ("
      " reservation_id INTEGER NOT NULL REFERENCES reservation (id),"
      " version INTEGER NOT NULL,"
      " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 9),"
      " reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 2),"
      " at_ms INTEGER NOT NULL,"
      " PRIMARY KEY (reservation_id, version)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE movement ("
      " id INTEGER PRIMARY KEY,"
      " product_id INTEGER NOT NULL REFERENCES stock (product_id),"
      " version INTEGER NOT NULL,"
      " reservation_id INTEGER REFERENCES reservation (id),"
      " kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 11),"
      " d_registered INTEGER NOT NULL,"
      " d_available INTEGER NOT NULL,"
      " d_reserved INTEGER NOT NULL,"
      " d_rented INTEGER NOT NULL,"
      " at_ms INTEGER NOT NULL,"
      " UNIQUE (product_id, version),"
      " CHECK (d_registered = d_available + d_reserved + d_rented)"
      ") STRICT;"
      "INSERT INTO stock SELECT product_id, registered, registration, available, reserved, rented,"
      " version, announced, 0, '', NULL FROM stock_1;"
      "INSERT INTO reservation SELECT id, product_id, qty, state, version, ask, 0,"
      " CASE WHEN state IN (3, 4) THEN qty ELSE 0 END, 0,"
      " CASE WHEN state = 4 THEN qty ELSE 0 END, 0, '', '', 0, 0, '' FROM reservation_1;"
      "INSERT INTO reservation_history SELECT * FROM reservation_history_1;"
      "INSERT INTO movement SELECT * FROM movement_1;"
      "DROP TABLE movement_1;"
      "DROP TABLE reservation_history_1;"
      "DROP TABLE reservation_1;"
      "DROP TABLE stock_1;"
      "CREATE TABLE asset ("
      " id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"
      " label TEXT NOT NULL UNIQUE CHECK (length(label) BETWEEN 6 AND 70),"
      " product_id INTEGER NOT NULL REFERENCES stock (product_id),"
      " state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 7),"
      " place TEXT NOT NULL CHECK (length(place) BETWEEN 5 AND 76),"
      " bin TEXT NOT NULL,"
      " order_id INTEGER REFERENCES reservation (id),"
      " shelved_ms INTEGER NOT NULL,"
      " version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 2147483647),"
      " updated_ms INTEGER NOT NULL,"
      " CHECK (order_id IS NULL OR state IN (2, 3, 4, 5, 6))"
      ") STRICT;"
      "CREATE INDEX asset_order ON asset (order_id, id) WHERE order_id IS NOT NULL;"
      "CREATE INDEX asset_shelf ON asset (product_id, shelved_ms, id) WHERE state = 1;"
      "CREATE INDEX asset_bin ON asset (bin, id) WHERE state = 1;"
      "CREATE TABLE asset_history ("
      " asset_id INTEGER NOT NULL REFERENCES asset (id),"
      " version INTEGER NOT NULL,"
      " state INTEGER NOT NULL,"
      " place TEXT NOT NULL,"
      " order_id INTEGER,"
      " at_ms INTEGER NOT NULL,"
      " PRIMARY KEY (asset_id, version)"
      ") STRICT, WITHOUT ROWID;"
      /* A scanner, how far its log is stored, and its session: one row, one update a message. */
      "CREATE TABLE scanner ("
      " id INTEGER PRIMARY KEY,"
      " name TEXT NOT NULL UNIQUE,"
      " epoch TEXT NOT NULL,"
      " epoch_before TEXT NOT NULL,"
      " seq INTEGER NOT NULL CHECK (seq >= 0),"
      " first_seq INTEGER NOT NULL CHECK (first_seq >= 0),"
      " is_online INTEGER NOT NULL CHECK (is_online BETWEEN 0 AND 1),"
      " online_epoch TEXT NOT NULL,"
      " online_boot INTEGER NOT NULL,"
      " flow INTEGER NOT NULL CHECK (flow BETWEEN 0 AND 7),"
      " step INTEGER NOT NULL CHECK (step BETWEEN 0 AND 8),"
      " order_id INTEGER NOT NULL,"
      " product_id INTEGER NOT NULL,"
      " tote TEXT NOT NULL,"
      " bin TEXT NOT NULL,"
      " pieces INTEGER NOT NULL CHECK (pieces >= 0),"
      " units INTEGER NOT NULL CHECK (units >= 0),"
      " asset_id INTEGER NOT NULL,"
      " touched_ms INTEGER NOT NULL"
      ") STRICT;"
      "CREATE INDEX scanner_order ON scanner (order_id) WHERE order_id > 0;"
      "CREATE INDEX scanner_tote ON scanner (tote) WHERE tote <> '';"
      "CREATE TABLE verdict ("
      " scanner_id INTEGER NOT NULL REFERENCES scanner (id),"
      " seq INTEGER NOT NULL,"
      " result INTEGER NOT NULL CHECK (result BETWEEN 0 AND 6),"
      " signal INTEGER NOT NULL CHECK (signal BETWEEN 0 AND 2),"
      " prompt TEXT NOT NULL CHECK (length(prompt) BETWEEN 1 AND 64),"
      " PRIMARY KEY (scanner_id, seq)"
      ") STRICT, WITHOUT ROWID;"
      "CREATE TABLE scan_unit (" /* the assets that a session has in its list */
      " scanner_id INTEGER NOT NULL REFERENCES scanner (id),"
      " asset_id INTEGER NOT NULL REFERENCES asset (id),"
      " PRIMARY KEY (scanner_id, asset_id)"
      ") STRICT, WITHOUT ROWID;" },
    { "3: loads that go on, the log of a scanner before its own, pieces of one scan",
      "ALTER TABLE reservation ADD COLUMN load_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE scanner ADD COLUMN seq_before INTEGER NOT NULL DEFAULT 0"
      " CHECK (seq_before >= 0);"
      "ALTER TABLE scanner ADD COLUMN heard_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE scanner ADD COLUMN times INTEGER NOT NULL DEFAULT 0"
      " CHECK (times BETWEEN 0 AND 999);" },
    { "4: what scanners dropped", KIT_LOSSES_MIGRATION },
    { "5: enums by their stored numbers", STORED_NUMBERS_MIGRATION },
    /* The size of a product that is known already comes with its next ProductSaved. */
    { "6: sizes, what is to be picked",
      "ALTER TABLE stock ADD COLUMN size INTEGER CHECK (size BETWEEN 1 AND 3);"
      "CREATE INDEX reservation_to_pick ON reservation (id) WHERE state = 2 AND fulfilment = 2;"
      "CREATE INDEX reservation_to_pick_product ON reservation (product_id, id)"
      " WHERE state = 2 AND fulfilment = 2;" },
    { "7: how scanners are",
      "ALTER TABLE scanner ADD COLUMN firmware TEXT NOT NULL DEFAULT '';"
      "ALTER TABLE scanner ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE scanner ADD COLUMN missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0);"
      "ALTER TABLE scanner ADD COLUMN scans INTEGER NOT NULL DEFAULT 0 CHECK (scans >= 0);"
      "ALTER TABLE scanner ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0);"
      "ALTER TABLE scanner ADD COLUMN failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0);"
      "ALTER TABLE scanner ADD COLUMN scanned_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE scanner ADD COLUMN last_result INTEGER NOT NULL DEFAULT 0"
      " CHECK (last_result BETWEEN 0 AND 7);"
      "ALTER TABLE scanner ADD COLUMN last_signal INTEGER NOT NULL DEFAULT 0"
      " CHECK (last_signal BETWEEN 0 AND 3);"
      "ALTER TABLE scanner ADD COLUMN last_prompt TEXT NOT NULL DEFAULT '';" },
    { "8: assets by product and by place", "CREATE INDEX asset_product ON asset (product_id, id);"
                                           "CREATE INDEX asset_place ON asset (place, id);" },
    /* A log is stored as those of all devices are (kit/device). A scanner that never said its state
     * was there for good; from now on until it is silent. A station is heard of when it scans. */
    { "9: logs of devices",
      "ALTER TABLE scanner RENAME COLUMN online_epoch TO state_epoch;"
      "ALTER TABLE scanner RENAME COLUMN online_boot TO state_boot;"
      "ALTER TABLE scanner ADD COLUMN is_silent INTEGER NOT NULL DEFAULT 0"
      " CHECK (is_silent BETWEEN 0 AND 1);"
      "UPDATE scanner SET is_online = 1 WHERE state_epoch = '' AND epoch <> '';"
      "UPDATE scanner SET scanned_ms = heard_ms"
      " WHERE state_epoch = '' AND epoch = '' AND scanned_ms = 0;" },
    { "10: errands at compartments",
      "ALTER TABLE scanner ADD COLUMN errand INTEGER NOT NULL DEFAULT 0"
      " CHECK (errand BETWEEN 0 AND 3);" },
};
