/* See check.h. One connection sees all databases: stock's is its main one, whose tables go without
 * a name in front; the others are attached under the names of their services. */
#include "world/check.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "delivery/domain/grant.h"
#include "fakes/stock_checks.h"
#include "kit/base/check.h"
#include "kit/base/timekeeper.h"
#include "world/flip.h"
#include "world/world.h"

#define SQL_SIZE 1024
#define MAIN "stock"
#define ANSWERS_KEPT_MS (WORLD_DAY_MS / 24 * 26) /* a day, and what clocks may be wrong by */

static const struct sql_check CHECKS[] = {
    { "an order that was confirmed is not with rental as it was asked for",
      "SELECT count(*) FROM asked a LEFT JOIN rental.rental r ON r.id = a.id"
      " WHERE r.id IS NULL OR r.product_id <> a.product_id OR r.qty <> a.qty" },
    { "rental has orders that nobody asked for, or one of them twice",
      "SELECT (SELECT count(*) FROM rental.rental) <> (SELECT count(DISTINCT id) FROM asked)" },
    { "two customers were given the same order",
      "SELECT (SELECT count(*) FROM asked) <> (SELECT count(DISTINCT id) FROM asked)" },
    { "a cancel that was confirmed is not one",
      "SELECT count(*) FROM asked a JOIN rental.rental r ON r.id = a.id"
      " WHERE a.cancel_status = 204 AND r.status NOT IN (3, 4, 5, 10)" },
    { "an order is CANCELED though nobody wished it",
      "SELECT count(*) FROM asked a JOIN rental.rental r ON r.id = a.id"
      " WHERE a.cancel_status = 0 AND r.status = 3" },
    { "an order has not come to its end",
      "SELECT count(*) FROM rental.rental WHERE status IN (1, 6)" },
    { "an order was picked, and has neither a compartment of its own nor a reason why",
      "SELECT count(*) FROM delivery.delivery d WHERE d.status = 7 AND CASE WHEN d.locker IS NULL"
      " THEN d.reason IS NULL ELSE NOT EXISTS (SELECT 1 FROM delivery.compartment c WHERE"
      " c.delivery_id = d.id AND c.locker = d.locker AND c.number = d.compartment) END" },
    { "rental and delivery do not agree",
      "SELECT count(*) FROM rental.rental r LEFT JOIN delivery.delivery d ON d.id = r.id"
      " WHERE r.status IS NOT CASE d.status WHEN 9 THEN 2 WHEN 10 THEN 9 WHEN 11 THEN 10"
      " ELSE d.status END" },
    { "a delivery has moved as the rules do not allow",
      "SELECT count(*) FROM (SELECT *, lag(to_status) OVER (PARTITION BY delivery_id"
      " ORDER BY version) before FROM delivery.delivery_history) WHERE from_status IS NOT before"
      " OR coalesce(before, 0) <> to_status AND coalesce(before, 0) || '-' || to_status NOT IN"
      " ('0-1', '0-3', '1-2', '1-3', '1-4', '1-5', '1-6', '6-7', '6-3', '7-8', '7-2', '7-3', '8-2',"
      " '8-3', '8-11', '2-3', '2-9', '2-10', '9-10', '9-2')" },
    { "a rental has moved as the rules do not allow",
      "SELECT count(*) FROM (SELECT *, lag(to_status) OVER (PARTITION BY rental_id"
      " ORDER BY version) before FROM rental.rental_history) WHERE from_status IS NOT before"
      " OR before IN (3, 4, 5, 9, 10) OR coalesce(before, 0) || '-' || to_status IN"
      " ('2-1', '2-6', '2-7', '2-8', '6-1', '7-1', '7-6', '8-1', '8-6', '8-7')"
      " OR (to_status = 1) <> (before IS NULL) OR to_status IN (4, 5) AND before <> 1" },
    { "a reservation has moved as the rules do not allow",
      "SELECT count(*) FROM (SELECT *, lag(state) OVER (PARTITION BY reservation_id"
      " ORDER BY version) before FROM reservation_history) WHERE coalesce(before, 0) <> state"
      " AND coalesce(before, 0) || '-' || state NOT IN ('0-1', '0-2', '0-5', '1-2', '1-4', '1-5',"
      " '2-3', '2-4', '2-6', '2-9', '6-7', '6-3', '6-9', '7-3', '7-9', '3-4', '3-8', '9-4')" },
    { "the last row of a history is not what is stored, or there is a hole in it",
      "SELECT (SELECT count(*) FROM delivery.delivery d WHERE NOT EXISTS (SELECT 1 FROM"
      " delivery.delivery_history h WHERE h.delivery_id = d.id AND h.version = d.version"
      " AND h.to_status = d.status) OR d.version <> (SELECT count(*) FROM delivery.delivery_history"
      " h WHERE h.delivery_id = d.id)) + (SELECT count(*) FROM rental.rental r WHERE NOT EXISTS"
      " (SELECT 1 FROM rental.rental_history h WHERE h.rental_id = r.id AND h.version = r.version"
      " AND h.to_status = r.status) OR r.version <> (SELECT count(*) FROM rental.rental_history h"
      " WHERE h.rental_id = r.id))" },
    { "delivery has a delivery without an order",
      "SELECT count(*) FROM delivery.delivery d WHERE d.id NOT IN (SELECT id FROM rental.rental)" },
    { "information shows something else than rental and delivery",
      "SELECT count(*) FROM rental.rental r LEFT JOIN information.my_order o ON o.rental_id = r.id"
      " LEFT JOIN delivery.delivery d ON d.id = r.id WHERE o.rental_status IS NOT r.status"
      " OR o.delivery_status IS NOT d.status OR o.product_id IS NOT r.product_id"
      " OR o.rental_qty IS NOT r.qty" },
    { "information shows an order that does not exist",
      "SELECT (SELECT count(*) FROM information.my_order) <> (SELECT count(*) FROM "
      "rental.rental)" },
    { "stock has not as many pieces as were registered, received and damaged",
      "SELECT count(*) FROM registered p LEFT JOIN stock s ON s.product_id = p.id"
      " LEFT JOIN (SELECT product_id, sum(d_registered) pieces FROM movement"
      " WHERE kind IN (7, 8, 10) GROUP BY product_id) m ON m.product_id = p.id"
      " WHERE s.available + s.reserved + s.rented IS NOT s.registered"
      " OR (m.pieces IS NULL OR NOT p.is_edited) AND s.registered IS NOT"
      " p.qty + coalesce(m.pieces, 0)" },
    { "stock has not received what workers put away",
      "SELECT count(*) FROM registered p WHERE (SELECT coalesce(sum(d_registered), 0) FROM movement"
      " WHERE product_id = p.id AND kind = 7) NOT BETWEEN p.received_least AND p.received_most" },
    { "stock has not set aside what workers called damaged",
      "SELECT count(*) FROM registered p WHERE (SELECT coalesce(-sum(d_registered), 0) FROM"
      " movement WHERE product_id = p.id AND kind = 8) NOT BETWEEN p.damaged_least"
      " AND p.damaged_most" },
    { "an order is open though a worker was told that all of it is home",
      "SELECT count(*) FROM settled JOIN reservation USING (id) WHERE state NOT IN (4, 8)" },
    { "stock keeps verdicts that no scanner asks for again",
      "SELECT count(*) FROM (SELECT 1 FROM verdict GROUP BY scanner_id HAVING count(*) > 8)" },
    { "a scan could not be handled", "SELECT coalesce(sum(failed), 0) FROM scanner" },
    { "an asset is not where its order is",
      "SELECT count(*) FROM asset a JOIN reservation r ON r.id = a.order_id WHERE NOT CASE r.state"
      " WHEN 2 THEN a.state = 3 AND a.place = 'tote:' || r.tote"
      " WHEN 6 THEN a.state = 3 AND a.place = 'tote:' || r.tote"
      " WHEN 7 THEN a.state = 4 AND a.place = format('compartment:%s/%02d', r.locker,"
      " r.compartment)"
      " WHEN 3 THEN a.state = 5 AND a.place = 'customer:' || r.id OR a.state IN (6, 7)"
      " WHEN 9 THEN a.state IN (3, 4, 6, 7) ELSE 0 END" },
    { "stock and delivery do not agree on an order",
      "SELECT count(*) FROM delivery.delivery d LEFT JOIN reservation r USING (id) WHERE NOT"
      " CASE d.status WHEN 2 THEN r.state IS 3 WHEN 3 THEN r.state IS NULL OR r.state IN (4, 5, 9)"
      " OR (r.state IN (3, 8) AND EXISTS (SELECT 1 FROM event_log WHERE envelope ->> '$.type' ="
      " 'StockHandedOver' AND envelope ->> '$.data.deliveryId' = d.id))"
      " WHEN 4 THEN r.state IS 5 WHEN 5 THEN r.state IS 5 WHEN 6 THEN r.state IS 2"
      " WHEN 7 THEN r.state IS 6 WHEN 8 THEN r.state IS 7 WHEN 9 THEN r.state IS 3"
      " WHEN 10 THEN r.state IS 8 WHEN 11 THEN r.state IN (4, 9) ELSE 0 END" },
    { "an order of a product that nobody has is not refused as that",
      "SELECT count(*) FROM rental.rental WHERE (status = 5) <> (product_id NOT IN (SELECT id FROM "
      "registered)) AND status <> 3" },
    { "product calls a product something else than was confirmed",
      "SELECT count(*) FROM renamed n JOIN product.product p USING (id) WHERE p.name <> n.name" },
    { "rental or delivery shows another product than product does",
      "SELECT count(*) FROM product.product p LEFT JOIN rental.product r USING (id)"
      " LEFT JOIN delivery.product d USING (id) WHERE r.name IS NOT p.name OR d.name IS NOT p.name"
      " OR r.registered_qty IS NOT p.registered_qty OR d.registered_qty IS NOT p.registered_qty"
      " OR r.available_qty IS NOT p.available_qty OR d.available_qty IS NOT p.available_qty" },
    { "pages were not told of an order as it is shown",
      "SELECT count(*) FROM information.my_order o WHERE NOT EXISTS (SELECT 1 FROM"
      " information.event_log WHERE envelope ->> '$.subject' = 'order/' || o.rental_id"
      " AND envelope ->> '$.version' = o.rental_version + o.delivery_version)" },
    { "an order was refused though there was enough",
      "SELECT count(*) FROM rental.rental r JOIN registered p ON p.id = r.product_id"
      " WHERE r.status = 4 AND p.qty >= 1000" },
    { "product shows other quantities than stock has",
      "SELECT count(*) FROM stock s LEFT JOIN product.product p ON p.id = s.product_id"
      " WHERE p.registered_qty IS NOT s.registered OR p.available_qty IS NOT s.available" },
    { "the catalogue has products that nobody registered",
      "SELECT (SELECT count(*) FROM product.product) <> (SELECT count(DISTINCT id) FROM "
      "registered)" },
};

/* ---- looking ---- */

static void blame(struct world *world, const char *where, const char *wrong)
{
    if (world->violation[0] == '\0')
        (void)snprintf(world->violation, sizeof(world->violation), "%s%s%s", where,
                       where[0] != '\0' ? ": " : "", wrong);
}

static int64_t number(struct world *world, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_int64(stmt, 0);
    else
        blame(world, sqlite3_errmsg(db), sql);
    sqlite3_finalize(stmt);
    return value;
}

static void run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        (void)fprintf(stderr, "%s: %s\n", sql, message);
    CHECK(message == NULL);
}

static void check_all(struct world *world, sqlite3 *db, const struct sql_check *checks,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (number(world, db, checks[i].sql) != 0)
            blame(world, "", checks[i].wrong);
    }
}

/* ---- what is true of every service ---- */

static const char *schema_of(const struct kit_service_desc *desc)
{
    return strcmp(desc->name, MAIN) == 0 ? "main" : desc->name;
}

/* "'StockChanged','StockRejected'": what somebody does something about. */
static void list_types(const struct kit_event_table *table, char *ret_list, size_t size)
{
    size_t length = 0;
    ret_list[0] = '\0';
    for (size_t i = 0; i < table->count; i++) {
        const int more = snprintf(ret_list + length, size - length, "%s'%s'", i == 0 ? "" : ",",
                                  table->types[i].name);
        CHECK(more > 0 && (size_t)more < size - length);
        length += (size_t)more;
    }
}

/* Every event that a source has committed has been applied by everybody who follows it. A cursor
 * that passed over what is not for its service is saved with the next commit, which may not come.
 */
static void check_streams(struct world *world, sqlite3 *db, const struct world_node *node)
{
    const struct kit_service_desc *desc = node->row->desc;
    char sql[SQL_SIZE], types[SQL_SIZE / 2], wrong[200];
    for (size_t i = 0; i < desc->subscription_count; i++) {
        const char *source = desc->subscriptions[i].source;
        if (desc->subscriptions[i].events == NULL)
            continue;
        list_types(desc->subscriptions[i].events, types, sizeof(types));
        (void)snprintf(sql, sizeof(sql),
                       "SELECT (SELECT coalesce(max(seq), 0) FROM %s.event_log"
                       " WHERE json_extract(envelope, '$.type') IN (%s)) >"
                       " coalesce((SELECT seq FROM %s.stream_cursor WHERE source = '%s'), 0)",
                       strcmp(source, MAIN) == 0 ? "main" : source, types, schema_of(desc), source);
        (void)snprintf(wrong, sizeof(wrong), "has not read all that %s said", source);
        if (number(world, db, sql) != 0)
            blame(world, desc->name, wrong);
    }
}

static int64_t wall_ms(const struct world *world)
{
    return WORLD_WALL_MS + (world->clock.now_us - WORLD_MONO_US) / 1000;
}

static void check_service(struct world *world, sqlite3 *db, const struct world_node *node)
{
    const struct kit_service_desc *desc = node->row->desc;
    const int64_t letters = world_flip_letters(world, desc);
    char sql[SQL_SIZE];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s.dead_letter", schema_of(desc));
    if (number(world, db, sql) != letters)
        blame(world, desc->name,
              letters == 0 ? "an event is parked" : "not the damaged event alone is parked");
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM %s.dead_letter WHERE seq <> %" PRId64
                   " OR code <> 'corrupt'",
                   schema_of(desc), world->flip.seq);
    if (number(world, db, sql) != 0)
        blame(world, desc->name, "an event is parked that is not damaged");
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM %s.rpc_response WHERE made_at_ms < %" PRId64,
                   schema_of(desc), wall_ms(world) - ANSWERS_KEPT_MS);
    if (number(world, db, sql) != 0)
        blame(world, desc->name, "keeps answers for longer than a day");
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) - max(seq) - 1 + min(seq) FROM %s.event_log",
                   schema_of(desc));
    if (desc->publishes && number(world, db, sql) != 0)
        blame(world, desc->name, "there is a gap in its log");
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM said, json_each(said.payload) e WHERE said.source = '%s'"
                   " AND e.value ->> '$.epoch' = (SELECT epoch FROM %s.stream_identity)"
                   " AND NOT EXISTS (SELECT 1 FROM %s.event_log l WHERE"
                   " l.seq = CAST(e.value ->> '$.sequence' AS INTEGER) AND json(l.envelope) ="
                   " json_remove(e.value, '$.id', '$.epoch', '$.sequence'))",
                   desc->name, schema_of(desc), schema_of(desc));
    if (desc->publishes && number(world, db, sql) != 0)
        blame(world, desc->name, "has published what it did not commit");
    check_streams(world, db, node);
}

/* ---- the databases ---- */

static sqlite3 *open_all(struct world *world)
{
    char sql[SQL_SIZE], path[80];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof(path), "%s/%s.db", MAIN, MAIN);
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, SIM_DISK_VFS) ==
          SQLITE_OK);
    run(db, "PRAGMA locking_mode = EXCLUSIVE");
    run(db, "PRAGMA temp_store = MEMORY");
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        const struct world_node *node = &world->nodes[i];
        if (strcmp(node->row->desc->name, MAIN) == 0)
            continue;
        (void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS %s", node->path, node->row->desc->name);
        run(db, sql);
    }
    return db;
}

static void write_history(const struct world_people *people, const struct world_lockers *lockers,
                          sqlite3 *db)
{
    char sql[SQL_SIZE];
    run(db, "CREATE TEMP TABLE asked (id, product_id, qty, cancel_status)");
    run(db, "CREATE TEMP TABLE registered (id, qty, is_edited, received_least, received_most,"
            " damaged_least, damaged_most)");
    for (uint32_t i = 0; i < people->order_count; i++) {
        const struct world_order *order = &people->orders[i];
        if (order->is_out)
            continue;
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO asked VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ", %d)",
                       order->id, order->product_id, order->qty, order->cancel_status);
        run(db, sql);
    }
    run(db, "CREATE TEMP TABLE settled (id)");
    for (uint32_t i = 0; i < lockers->goods_count; i++) {
        if (!lockers->goods[i].is_settled)
            continue;
        (void)snprintf(sql, sizeof(sql), "INSERT INTO settled VALUES (%" PRId64 ")",
                       lockers->goods[i].order_id);
        run(db, sql);
    }
    for (uint32_t i = 0; i < people->product_count; i++) {
        const struct world_product *product = &people->products[i];
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO registered VALUES (%" PRId64 ", %" PRId64 ", %d, %" PRId64
                       ", %" PRId64 ", %" PRId64 ", %" PRId64 ")",
                       product->id, product->qty, product->is_edited, product->received_least,
                       product->received_most, product->damaged_least, product->damaged_most);
        run(db, sql);
    }
}

/* Each scan that a person heard as stored has come to stock, once. One whose person heard nothing,
 * as the power went just then, may have come as well. */
static void check_scans(struct world *world, sqlite3 *db)
{
    char sql[SQL_SIZE];
    if (world->plan.locker_orders == 0)
        return;
    for (size_t i = 0; i < WORLD_SCANNER_COUNT; i++) {
        const struct world_device *device = &world->devices[i];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT coalesce((SELECT scans NOT BETWEEN %" PRIu64 " AND %" PRIu64
                       " OR missing > 0 FROM scanner WHERE name = '%s'), %" PRIu64 " > 0)",
                       device->heard_count, device->heard_count + device->cut_count, device->id,
                       device->heard_count);
        if (number(world, db, sql) != 0)
            blame(world, device->id,
                  "told people that scans are stored that stock does not have, "
                  "or has twice");
    }
}

/* What lies in a locker at the end can be fetched: there is a code, and time left; or delivery has
 * begun a history anew, and staff look first (rules delivery 7.11). */
static void check_ready(struct world *world, sqlite3 *db)
{
    char sql[SQL_SIZE];
    int64_t now_ms = wall_ms(world);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        if (strcmp(world->nodes[i].row->desc->name, "delivery") == 0)
            now_ms += world->nodes[i].skew_ms;
    }
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM delivery.delivery d WHERE d.status = 8 AND NOT EXISTS"
                   " (SELECT 1 FROM delivery.access_grant g WHERE g.delivery_id = d.id"
                   " AND g.state = 1 AND g.locker = d.locker AND g.compartment = d.compartment"
                   " AND g.expires_at_ms > %" PRId64 ")"
                   " AND NOT EXISTS (SELECT 1 FROM delivery.compartment c WHERE c.is_unseen = 1"
                   " AND c.locker = d.locker AND c.number = d.compartment)",
                   now_ms);
    if (number(world, db, sql) != 0)
        blame(world, "delivery", "an order is ready, and no code that holds opens its compartment");
}

/* Nobody was told that an order has expired before its code had: the code holds as long as the
 * order waits (delivery.md 9.3). As it was told late, or never, more is not known. */
static void check_expired(struct world *world, sqlite3 *db)
{
    char sql[SQL_SIZE];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM said, json_each(said.payload) e"
                   " WHERE said.source = 'delivery' AND e.value ->> '$.data.status' = 'EXPIRED'"
                   " AND %" PRId64 " + (said.at_us - %" PRId64 ") / 1000 + %d <"
                   " (SELECT max(g.expires_at_ms) FROM delivery.access_grant g"
                   " WHERE g.delivery_id = e.value ->> '$.data.id' AND g.purpose = %d)",
                   WORLD_WALL_MS, WORLD_MONO_US, KIT_TIME_STEP_MS, GRANT_COLLECT);
    if (number(world, db, sql) != 0)
        blame(world, "delivery", "an order has expired before its time");
}

/* The bridge has every event of information's log since it began, and pages with it. */
static void check_feed(struct world *world, sqlite3 *db)
{
    const struct feed_ring *ring = &world->web.bridge.feed.view.ring;
    const int64_t head = number(world, db,
                                "SELECT coalesce(max(seq), 0) FROM information.event_log");
    if (!world->web.is_running)
        blame(world, "bridge", "does not run");
    else if (ring->head != head)
        blame(world, "bridge", "has not read all that information said");
    else if ((int64_t)(ring->next - ring->first) != ring->head - ring->base)
        blame(world, "bridge", "pages miss an event of information");
}

/* What became of each order, for whoever reads the trace. */
static void trace_orders(struct world *world, sqlite3 *db)
{
    static const char sql[] =
        "SELECT format('order %d: rental %d, delivery %d, information %d, reservation %d, wished to"
        " cancel %d; in %s/%d until %d: %s', r.id, r.status, d.status, o.delivery_status, s.state,"
        " a.cancel_status, d.locker, d.compartment, d.deadline_ms, d.reason)"
        " FROM rental.rental r LEFT JOIN delivery.delivery d USING (id)"
        " LEFT JOIN information.my_order o ON o.rental_id = r.id LEFT JOIN reservation s USING (id)"
        " LEFT JOIN asked a USING (id) ORDER BY r.id";
    sqlite3_stmt *stmt = NULL;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        world_clock_trace(&world->clock, "world", "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

static void look(struct world *world)
{
    sqlite3 *db = open_all(world);
    write_history(&world->people, &world->lockers, db);
    world_others_write(&world->others, db);
    world_said_write(&world->said, db);
    trace_orders(world, db);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        check_service(world, db, &world->nodes[i]);
    run(db, "DELETE FROM dead_letter WHERE code = 'corrupt'"); /* it has been counted */
    check_feed(world, db);
    check_scans(world, db);
    check_ready(world, db);
    check_expired(world, db);
    check_all(world, db, CHECKS, KIT_COUNT(CHECKS));
    check_all(world, db, stock_checks, STOCK_CHECK_COUNT);
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

/* Who asked has an answer, and nothing of the requests is kept. */
static void check_bridge(struct world *world)
{
    uint32_t busy = 0;
    for (size_t i = 0; i < WORLD_EXCHANGES_MAX; i++)
        busy += world->web.exchanges[i].is_busy;
    if (world->web.is_running && world->web.bridge.request_count != busy)
        blame(world, "bridge", "keeps requests that nobody waits for");
}

/* Doors, records and goods. */
static void check_devices(struct world *world)
{
    if (world->plan.locker_orders == 0)
        return;
    for (size_t i = 0; i < WORLD_DEVICE_COUNT; i++) {
        const struct world_device *device = &world->devices[i];
        const struct fw_flash_log *log = device->is_locker ? &device->fw.locker.device.log
                                                           : &device->fw.scanner.device.log;
        if (device->wrong[0] != '\0')
            blame(world, "device", device->wrong);
        if (device->openings.wrong[0] != '\0')
            blame(world, "device", device->openings.wrong);
        if (!device->is_running)
            blame(world, device->id, "does not run");
        else if (log->next_seq != log->first_seq)
            blame(world, device->id, "has records that nobody has acknowledged");
    }
    for (uint32_t i = 0; i < world->people.order_count; i++) {
        if (world->people.orders[i].visit.wrong[0] != '\0')
            blame(world, "customer", world->people.orders[i].visit.wrong);
    }
}

/* Ready, and nothing of what was read is gone at its source. */
static void check_process(struct world *world, struct world_node *node)
{
    char wrong[400];
    const char *name = node->row->desc->name;
    const char *reason = node->service == NULL ? "it does not run"
                                               : kit_service_not_ready(node->service);

    if (reason != NULL) {
        (void)snprintf(wrong, sizeof(wrong), "is not ready: %s", reason);
        blame(world, name, wrong);
    }
    if (node->service == NULL)
        return;
    const struct kit_degraded *owed = kit_service_degraded(node->service);
    if (owed->is_on[DEGRADED_REASON_HISTORY])
        blame(world, name, "reads a source that has less than was read of it");
}

void world_check(struct world *world)
{
    if (world->people.wrong[0] != '\0')
        blame(world, "people", world->people.wrong);
    if (!world_people_are_done(&world->people) || !world_others_are_done(&world->others))
        blame(world, "people", "somebody has no clear answer, long after the last trouble");
    check_devices(world);
    check_bridge(world);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        struct world_node *node = &world->nodes[i];
        check_process(world, node);
        if (node->wrong[0] != '\0')
            blame(world, node->row->desc->name, node->wrong);
        world_node_end(node);
    }
    world_flip_end(world);
    look(world);
    if (world->violation[0] != '\0')
        world_clock_trace(&world->clock, "world", "VIOLATION: %s", world->violation);
}
