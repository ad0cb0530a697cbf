/* The tables of delivery, as they became. Released migrations never change: append another. */
#include "catalogue/catalogue.h"
#include "delivery/store/delivery.h"
#include "kit/device/losses.h"

/* READY_USE: what a compartment of a delivery that is READY may be used for. */
#define DELIVERY_TABLE(READY_USE)                                                                  \
    "CREATE TABLE delivery ("                                                                      \
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                          \
    "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"                                       \
    "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"                                    \
    "  fulfilment INTEGER NOT NULL CHECK (fulfilment BETWEEN 1 AND 2),"                            \
    "  wished_locker TEXT CHECK (wished_locker <> ''),"                                            \
    "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 11),"                                   \
    "  reason TEXT CHECK (reason <> ''),"                                                          \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"                                 \
    "  locker TEXT CHECK (locker <> ''),"                                                          \
    "  compartment INTEGER CHECK (compartment BETWEEN 1 AND 16),"                                  \
    "  compartment_use INTEGER CHECK (compartment_use BETWEEN 1 AND 2),"                           \
    "  deadline_ms INTEGER CHECK (deadline_ms > 0),"                                               \
    "  wish INTEGER NOT NULL CHECK (wish BETWEEN 0 AND 3),"                                        \
    "  issue_count INTEGER NOT NULL CHECK (issue_count >= 0),"                                     \
    "  stock_has_goods INTEGER NOT NULL CHECK (stock_has_goods BETWEEN 0 AND 1),"                  \
    "  CHECK (status <> 1 OR version = 1),"                                                        \
    "  CHECK (fulfilment = 2 OR status <> 2 OR version = 2),"                                      \
    "  CHECK (fulfilment = 2 OR status NOT IN (6, 7, 8, 9, 11)),"                                  \
    "  CHECK (status NOT IN (4, 5) OR (version = 2 AND reason IS NOT NULL)),"                      \
    "  CHECK ((locker IS NULL) = (compartment IS NULL)),"                                          \
    "  CHECK ((locker IS NULL) = (compartment_use IS NULL)),"                                      \
    "  CHECK (status <> 8 OR (" READY_USE " AND deadline_ms IS NOT NULL)),"                        \
    "  CHECK (wish = 0 OR (wish < 3 AND status = 8) OR (wish = 3 AND status = 9))"                 \
    ") STRICT;"
#define DELIVERY_INDEXES                                                                           \
    "CREATE INDEX delivery_waiting ON delivery (id)"                                               \
    "  WHERE status IN (7, 9) AND compartment IS NULL;"                                            \
    "CREATE INDEX delivery_deadline ON delivery (deadline_ms)"                                     \
    "  WHERE deadline_ms IS NOT NULL AND wish = 0;"                                                \
    "CREATE INDEX delivery_wish ON delivery (locker, id) WHERE wish <> 0;"

/* History refers to delivery, so it steps aside while delivery is built again. */
/* clang-format off */
#define LOCKER_ORDERS_MIGRATION                                                                    \
    "CREATE TABLE history_before AS SELECT * FROM delivery_history;"                               \
    "DROP TABLE delivery_history;"                                                                 \
    "ALTER TABLE delivery RENAME TO delivery_before;"                                              \
    DELIVERY_TABLE("compartment_use IS 2")                                                         \
    "INSERT INTO delivery SELECT id, product_id, qty, fulfilment, NULL, status, reason, version,"  \
    "  updated_at_ms, NULL, NULL, NULL, NULL, 0, 0, 0 FROM delivery_before;"                       \
    "DROP TABLE delivery_before;"                                                                  \
    DELIVERY_INDEXES                                                                               \
    "CREATE TABLE delivery_history ("                                                              \
    "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"                                     \
    "  version INTEGER NOT NULL CHECK (version >= 1),"                                             \
    "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 11),"                                  \
    "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 11),"                             \
    "  reason TEXT,"                                                                               \
    "  at_ms INTEGER NOT NULL,"                                                                    \
    "  locker TEXT,"                                                                               \
    "  compartment INTEGER,"                                                                       \
    "  compartment_use INTEGER,"                                                                   \
    "  PRIMARY KEY (delivery_id, version),"                                                        \
    "  CHECK ((from_status IS NULL) = (version = 1))"                                              \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "INSERT INTO delivery_history SELECT *, NULL, NULL, NULL FROM history_before;"                 \
    "DROP TABLE history_before;"
/* clang-format on */

/* Enums as in domain/locker.h and domain/grant.h. */
#define LOCKER_STORE_MIGRATION                                                                     \
    "CREATE TABLE locker ("                                                                        \
    "  name TEXT PRIMARY KEY CHECK (name <> ''),"                                                  \
    "  is_online INTEGER NOT NULL CHECK (is_online BETWEEN 0 AND 1),"                              \
    "  state_epoch TEXT NOT NULL,"                                                                 \
    "  state_boot INTEGER NOT NULL,"                                                               \
    "  epoch TEXT NOT NULL,"                                                                       \
    "  seq INTEGER NOT NULL CHECK (seq >= 0),"                                                     \
    "  revision_wanted INTEGER NOT NULL CHECK (revision_wanted >= 0),"                             \
    "  revision_known INTEGER NOT NULL CHECK (revision_known >= 0),"                               \
    "  wrong_codes INTEGER NOT NULL CHECK (wrong_codes >= 0)"                                      \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE compartment ("                                                                   \
    "  locker TEXT NOT NULL REFERENCES locker (name),"                                             \
    "  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 16),"                                   \
    "  size INTEGER NOT NULL CHECK (size BETWEEN 1 AND 3),"                                        \
    "  door INTEGER NOT NULL CHECK (door BETWEEN 1 AND 6),"                                        \
    "  presence INTEGER NOT NULL CHECK (presence BETWEEN 1 AND 3),"                                \
    "  is_doubtful INTEGER NOT NULL CHECK (is_doubtful BETWEEN 0 AND 1),"                          \
    "  delivery_id INTEGER UNIQUE REFERENCES delivery (id),"                                       \
    "  story INTEGER NOT NULL CHECK (story BETWEEN 0 AND 4),"                                      \
    "  empty_count INTEGER NOT NULL CHECK (empty_count >= 0),"                                     \
    "  pending_until_ms INTEGER NOT NULL CHECK (pending_until_ms >= 0),"                           \
    "  clean_revision INTEGER NOT NULL CHECK (clean_revision >= 0),"                               \
    "  PRIMARY KEY (locker, number)"                                                               \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX compartment_pending ON compartment (pending_until_ms)"                           \
    "  WHERE pending_until_ms > 0;"                                                                \
    "CREATE TABLE access_grant ("                                                                  \
    "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),"                          \
    "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"                                     \
    "  issue INTEGER NOT NULL CHECK (issue >= 1),"                                                 \
    "  locker TEXT NOT NULL,"                                                                      \
    "  compartment INTEGER NOT NULL CHECK (compartment BETWEEN 1 AND 16),"                         \
    "  purpose INTEGER NOT NULL CHECK (purpose BETWEEN 1 AND 2),"                                  \
    "  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"                                      \
    "  not_before_ms INTEGER NOT NULL,"                                                            \
    "  expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms > not_before_ms),"                      \
    "  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),"                                    \
    "  UNIQUE (delivery_id, issue)"                                                                \
    ") STRICT;"                                                                                    \
    "CREATE UNIQUE INDEX access_grant_live ON access_grant (locker, compartment)"                  \
    "  WHERE state = 1;"                                                                           \
    "CREATE TABLE locker_command ("                                                                \
    "  id TEXT PRIMARY KEY CHECK (length(id) = 32),"                                               \
    "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"                                     \
    "  locker TEXT NOT NULL,"                                                                      \
    "  compartment INTEGER NOT NULL,"                                                              \
    "  story INTEGER NOT NULL CHECK (story IN (1, 4)),"                                            \
    "  expires_at_ms INTEGER NOT NULL,"                                                            \
    "  effect INTEGER" /* as in device.record, from 1; NULL: not told yet */                       \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX locker_command_age ON locker_command (expires_at_ms);"

/* Which log a locker had before, so that its late messages are known. */
#define LOCKER_LOGS_MIGRATION                                                                      \
    "ALTER TABLE locker ADD COLUMN epoch_before TEXT NOT NULL DEFAULT '';"                         \
    "ALTER TABLE locker ADD COLUMN seq_before INTEGER NOT NULL DEFAULT 0;"

/* A revision begins at the clock's ms (domain/grant.h), so one above 2^52 was made up by a device;
 * counting on from it would use up the numbers. Such revisions are forgotten. */
#define LOCKER_CARE_MIGRATION                                                                      \
    "ALTER TABLE locker ADD COLUMN is_silent INTEGER NOT NULL DEFAULT 0"                           \
    "  CHECK (is_silent BETWEEN 0 AND 1);"                                                         \
    "ALTER TABLE locker ADD COLUMN last_heard_ms INTEGER NOT NULL DEFAULT 0;"                      \
    "ALTER TABLE locker ADD COLUMN compartment_count INTEGER NOT NULL DEFAULT 0"                   \
    "  CHECK (compartment_count BETWEEN 0 AND 16);"                                                \
    "UPDATE locker SET compartment_count ="                                                        \
    "  (SELECT coalesce(max(number), 0) FROM compartment WHERE locker = name);"                    \
    "ALTER TABLE compartment ADD COLUMN is_dead INTEGER NOT NULL DEFAULT 0"                        \
    "  CHECK (is_dead BETWEEN 0 AND 1);"                                                           \
    "ALTER TABLE access_grant ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"                     \
    "CREATE INDEX compartment_free ON compartment (size, locker, number)"                          \
    "  WHERE delivery_id IS NULL AND door = 1 AND story = 0;"                                      \
    "UPDATE locker SET revision_wanted = 0 WHERE revision_wanted > 4503599627370496;"              \
    "UPDATE locker SET revision_known = 0 WHERE revision_known > 4503599627370496;"                \
    "UPDATE compartment SET clean_revision = 1 WHERE clean_revision > 4503599627370496;"

/* READY with a compartment that turned out to be empty (rules 8.7). Other tables refer to delivery:
 * until every row is back, at the end of the transaction, they may refer to nothing. */
/* clang-format off */
#define EMPTY_READY_MIGRATION                                                                      \
    "PRAGMA defer_foreign_keys = ON;"                                                              \
    "CREATE TABLE delivery_before AS SELECT * FROM delivery;"                                      \
    "DROP TABLE delivery;"                                                                         \
    DELIVERY_TABLE("compartment_use IS NOT NULL")                                                  \
    "INSERT INTO delivery SELECT * FROM delivery_before;"                                          \
    "DROP TABLE delivery_before;"                                                                  \
    DELIVERY_INDEXES
/* clang-format on */

/* Codes that may still be alive in a locker, though it was told to forget them. */
#define LOCKER_REMOVED_MIGRATION                                                                   \
    "CREATE INDEX access_grant_unused ON access_grant (locker, expires_at_ms) WHERE state <> 2;"

/* Lockers of which the world does not know yet what they show (store/locker_told.h). Triggers note
 * it, in the transaction of the change, whichever statement made it; what a locker shows is the
 * status (online and not silent), wrongCodes, and of its compartments what LockerChanged says.
 * Whoever builds one of these tables anew makes its triggers anew: unit.delivery_locker_random
 * compares what was told with what is shown. */
#define LOCKER_TOLD_MIGRATION                                                                      \
    "CREATE TABLE locker_told ("                                                                   \
    "  number INTEGER PRIMARY KEY CHECK (number >= 1),"                                            \
    "  name TEXT NOT NULL UNIQUE CHECK (name <> ''),"                                              \
    "  version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),"                                   \
    "  told INTEGER NOT NULL DEFAULT 0 CHECK (told BETWEEN 0 AND 2)"                               \
    " ) STRICT;"                                                                                   \
    "CREATE INDEX locker_untold ON locker_told (number) WHERE told = 0;"                           \
    "INSERT INTO locker_told (name) SELECT name FROM locker ORDER BY name;"                        \
    "CREATE TRIGGER locker_is_new AFTER INSERT ON locker BEGIN"                                    \
    "  INSERT INTO locker_told (name) VALUES (NEW.name)"                                           \
    "    ON CONFLICT (name) DO UPDATE SET told = 0;"                                               \
    "END;"                                                                                         \
    "CREATE TRIGGER locker_is_gone AFTER DELETE ON locker BEGIN"                                   \
    "  UPDATE locker_told SET told = 0 WHERE name = OLD.name;"                                     \
    "END;"                                                                                         \
    "CREATE TRIGGER locker_changed AFTER UPDATE OF is_online, is_silent, wrong_codes ON locker"    \
    "  WHEN (OLD.is_online > OLD.is_silent) <> (NEW.is_online > NEW.is_silent)"                    \
    "    OR OLD.wrong_codes <> NEW.wrong_codes BEGIN"                                              \
    "  UPDATE locker_told SET told = 0 WHERE name = NEW.name;"                                     \
    "END;"                                                                                         \
    "CREATE TRIGGER compartment_is_new AFTER INSERT ON compartment BEGIN"                          \
    "  UPDATE locker_told SET told = 0 WHERE name = NEW.locker;"                                   \
    "END;"                                                                                         \
    "CREATE TRIGGER compartment_is_gone AFTER DELETE ON compartment BEGIN"                         \
    "  UPDATE locker_told SET told = 0 WHERE name = OLD.locker;"                                   \
    "END;"                                                                                         \
    "CREATE TRIGGER compartment_changed AFTER UPDATE OF size, door, presence, delivery_id"         \
    "  ON compartment WHEN OLD.size <> NEW.size OR OLD.door <> NEW.door"                           \
    "    OR OLD.presence <> NEW.presence OR OLD.delivery_id IS NOT NEW.delivery_id BEGIN"          \
    "  UPDATE locker_told SET told = 0 WHERE name = NEW.locker;"                                   \
    "END;"                                                                                         \
    "CREATE TRIGGER compartment_use_changed AFTER UPDATE OF compartment_use ON delivery"           \
    "  WHEN OLD.compartment_use IS NOT NEW.compartment_use AND NEW.locker IS NOT NULL BEGIN"       \
    "  UPDATE locker_told SET told = 0 WHERE name = NEW.locker;"                                   \
    "END;"

/* A command needs no order any more; what staff do without one has a history. */
#define STAFF_ACTS_MIGRATION                                                                       \
    "CREATE TABLE locker_command_before AS SELECT * FROM locker_command;"                          \
    "DROP TABLE locker_command;"                                                                   \
    "CREATE TABLE locker_command ("                                                                \
    "  id TEXT PRIMARY KEY CHECK (length(id) = 32),"                                               \
    "  delivery_id INTEGER REFERENCES delivery (id),"                                              \
    "  locker TEXT NOT NULL,"                                                                      \
    "  compartment INTEGER NOT NULL,"                                                              \
    "  story INTEGER NOT NULL CHECK (story IN (1, 4, 5)),"                                         \
    "  expires_at_ms INTEGER NOT NULL,"                                                            \
    "  effect INTEGER,"                                                                            \
    "  CHECK (delivery_id IS NOT NULL OR story = 5)"                                               \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE INDEX locker_command_age ON locker_command (expires_at_ms);"                           \
    "INSERT INTO locker_command SELECT * FROM locker_command_before;"                              \
    "DROP TABLE locker_command_before;"                                                            \
    "CREATE TABLE staff_act ("                                                                     \
    "  id INTEGER PRIMARY KEY,"                                                                    \
    "  locker TEXT NOT NULL CHECK (locker <> ''),"                                                 \
    "  compartment INTEGER NOT NULL CHECK (compartment BETWEEN 1 AND 16),"                         \
    "  at_ms INTEGER NOT NULL,"                                                                    \
    "  act INTEGER NOT NULL CHECK (act BETWEEN 1 AND 4),"                                          \
    "  reason TEXT CHECK (reason <> ''),"                                                          \
    "  by_whom TEXT CHECK (by_whom <> ''),"                                                        \
    "  with_goods INTEGER NOT NULL CHECK (with_goods BETWEEN 0 AND 1),"                            \
    "  opened INTEGER CHECK (opened BETWEEN 0 AND 16)," /* NULL: not said */                       \
    "  CHECK ((opened IS NOT NULL) = (act = 4))"                                                   \
    ") STRICT;"                                                                                    \
    "CREATE INDEX staff_act_locker ON staff_act (locker, id);"                                     \
    "CREATE INDEX staff_act_walk ON staff_act (locker, compartment, id) WHERE act = 4;"

/* Status 1: REQUESTED, 2: DELIVERED, 3: CANCELED, 4: out of stock, 5: unregistered product;
 * 6: RESERVED, 7: PICKED, 8: READY, 9: RETURNING, 10: RETURNED, 11: EXPIRED. */
const struct kit_migration delivery_migrations[DELIVERY_MIGRATION_COUNT] = {
    { "deliveries",
      "CREATE TABLE delivery ("
      "  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991)," /* the rental's */
      "  product_id INTEGER NOT NULL CHECK (product_id >= 1),"
      "  qty INTEGER NOT NULL CHECK (qty BETWEEN 1 AND 1000000),"
      "  fulfilment INTEGER NOT NULL CHECK (fulfilment = 1),"
      "  status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),"
      "  reason TEXT CHECK (reason <> ''),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms >= 0),"
      "  CHECK (status <> 1 OR version = 1),"             /* nothing leads back to REQUESTED */
      "  CHECK (status NOT IN (2, 4, 5) OR version = 2)," /* stock answers what was requested */
      "  CHECK (status NOT IN (4, 5) OR reason IS NOT NULL)"
      ") STRICT;"
      "CREATE TABLE delivery_history ("
      "  delivery_id INTEGER NOT NULL REFERENCES delivery (id),"
      "  version INTEGER NOT NULL CHECK (version >= 1),"
      "  from_status INTEGER CHECK (from_status BETWEEN 1 AND 5)," /* NULL: it is new */
      "  to_status INTEGER NOT NULL CHECK (to_status BETWEEN 1 AND 5),"
      "  reason TEXT,"
      "  at_ms INTEGER NOT NULL,"
      "  PRIMARY KEY (delivery_id, version),"
      "  CHECK ((from_status IS NULL) = (version = 1))"
      ") STRICT, WITHOUT ROWID;" },
    { "products", CATALOGUE_MIGRATION },
    { "locker orders", LOCKER_ORDERS_MIGRATION },
    { "lockers", LOCKER_STORE_MIGRATION },
    { "product kinds", CATALOGUE_KINDS_MIGRATION },
    { "locker logs", LOCKER_LOGS_MIGRATION },
    { "locker care", LOCKER_CARE_MIGRATION },
    { "empty while ready", EMPTY_READY_MIGRATION },
    { "losses", KIT_LOSSES_MIGRATION },
    { "lockers removed", LOCKER_REMOVED_MIGRATION },
    { "lockers told", LOCKER_TOLD_MIGRATION },
    { "how lockers are",
      "ALTER TABLE locker ADD COLUMN firmware TEXT NOT NULL DEFAULT '';"
      "ALTER TABLE locker ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE locker ADD COLUMN missing INTEGER NOT NULL DEFAULT 0 CHECK (missing >= 0);"
      "ALTER TABLE locker ADD COLUMN pause_until_ms INTEGER NOT NULL DEFAULT 0;" },
    { "out of service",
      "ALTER TABLE compartment ADD COLUMN out_since_ms INTEGER NOT NULL DEFAULT 0"
      " CHECK (out_since_ms >= 0);"
      "CREATE TRIGGER compartment_is_out AFTER UPDATE OF out_since_ms ON compartment"
      " WHEN (OLD.out_since_ms = 0) <> (NEW.out_since_ms = 0) BEGIN"
      "  UPDATE locker_told SET told = 0 WHERE name = NEW.locker;"
      "END;" },
    /* A log is stored as those of all devices are (kit/device). */
    { "logs of devices", "ALTER TABLE locker RENAME COLUMN last_heard_ms TO heard_ms;" },
    { "when it was ordered",
      "ALTER TABLE delivery ADD COLUMN ordered_at_ms INTEGER CHECK (ordered_at_ms > 0);" },
    { "protocols of lockers",
      "ALTER TABLE locker ADD COLUMN protocol INTEGER NOT NULL DEFAULT 1"
      " CHECK (protocol BETWEEN 1 AND 2);"
      "ALTER TABLE locker ADD COLUMN boot INTEGER NOT NULL DEFAULT 0 CHECK (boot >= 0);" },
    { "acts of staff", STAFF_ACTS_MIGRATION },
    { "looks after a restore",
      "ALTER TABLE compartment ADD COLUMN is_unseen INTEGER NOT NULL DEFAULT 0"
      " CHECK (is_unseen BETWEEN 0 AND 1);" },
    { "accounts",
      "ALTER TABLE delivery ADD COLUMN account INTEGER CHECK (account >= 1);"
      "CREATE INDEX delivery_account ON delivery (account, id) WHERE account IS NOT NULL;" },
};
