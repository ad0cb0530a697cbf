/* See stock_checks.h. */
#include "fakes/stock_checks.h"

const struct sql_check stock_checks[STOCK_CHECK_COUNT] = {
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
