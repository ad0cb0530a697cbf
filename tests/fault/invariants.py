"""What must hold when all is quiet, read from the databases while nothing runs. Returns sentences, one
for each violation; an empty list is what we want."""

from collections import Counter, defaultdict

from harness.system import FOLLOWS

DELIVERED, CANCELED = 2, 3            # as stored; 4 and 5 are the other ends
TERMINAL = {2, 3, 4, 5}
RESERVED, RENTED = 2, 3               # states of a reservation
SHOWN_MAX = 5                         # of each kind of violation


class Findings:
    def __init__(self):
        self.sentences = []
        self._counts = defaultdict(int)

    def check(self, is_so, kind, detail=""):
        if is_so:
            return
        self._counts[kind] += 1
        if self._counts[kind] <= SHOWN_MAX:
            self.sentences.append(f"{kind}: {detail}" if detail else kind)

    def same(self, left, right, kind):
        """Two dicts are equal."""
        for key in sorted(set(left) | set(right), key=str):
            self.check(left.get(key) == right.get(key), kind,
                       f"{key}: {left.get(key)!r} but {right.get(key)!r}")


def check_all(system, load):
    found = Findings()
    data = Data(system)
    for fault in load.faults[:SHOWN_MAX]:
        found.check(False, "an answer that must never come", fault)
    check_orders(found, data, load)
    check_deliveries(found, data)
    check_stock(found, data)
    check_copies(found, data)
    check_streams(found, system)
    check_pages(found, system)
    return found.sentences


class Data:
    def __init__(self, system):
        def table(service, sql):
            return {row[0]: row[1:] if len(row) > 2 else row[1] for row in system.query(service, sql)}

        self.query = system.query
        self.rentals = table("rental", "SELECT id, product_id, qty, status FROM rental")
        self.deliveries = table("delivery", "SELECT id, product_id, qty, status FROM delivery")
        self.orders = table("information", "SELECT rental_id, product_id, rental_qty, rental_status,"
                                           " delivery_status FROM my_order")
        self.stock = table("stock", "SELECT product_id, registered, available, reserved, rented FROM stock")
        self.reservations = table("stock", "SELECT id, product_id, qty, state FROM reservation")
        self.products = table("product", "SELECT id, name, registered_qty, available_qty FROM product")


def check_orders(found, data, load):
    for rental_id, (product, qty) in load.orders.items():
        found.check(rental_id in data.rentals, "an order answered 201 does not exist", f"rental {rental_id}")
        found.check(data.rentals.get(rental_id, (0, 0, 0))[:2] == (product, qty),
                    "an order is not what was ordered", f"rental {rental_id}")
    for rental_id in data.rentals.keys() - load.orders.keys():
        found.check(False, "a rental that nobody ordered, or ordered once and made twice", f"{rental_id}")
    for rental_id, (_, _, status) in data.rentals.items():
        found.check(status in TERMINAL, "a rental has not ended", f"rental {rental_id}: status {status}")
        found.check(rental_id not in load.canceled or status != DELIVERED,
                    "a cancel answered 204 did not cancel", f"rental {rental_id}")
    for service in ("rental", "delivery"):
        check_history(found, data, service)


def check_history(found, data, service):
    """Each aggregate's history is one chain, never leaves an end but by a cancel, and ends where it is."""
    now = {row[0]: row[1] for row in data.query(service, f"SELECT id, status FROM {service}")}
    last = {}
    for ident, version, before, after in data.query(
            service, f"SELECT {service}_id, version, from_status, to_status FROM {service}_history"
                     f" ORDER BY {service}_id, version"):
        found.check(before == last.get(ident), f"{service}_history has a gap", f"{ident} version {version}")
        found.check(before in (None, 1) or (before, after) == (DELIVERED, CANCELED),
                    f"a {service} left its end", f"{ident}: {before} to {after}")
        last[ident] = after
    found.same(now, last, f"{service} is not where its history ends")


def check_deliveries(found, data):
    found.same(data.rentals, data.deliveries, "rental and delivery disagree")
    for ident, (product, qty, status) in data.deliveries.items():
        state = data.reservations.get(ident, (product, qty, None))
        found.check(state[:2] == (product, qty), "a reservation is not what was ordered", f"{ident}")
        found.check((status == DELIVERED) == (state[2] == RENTED), "delivery and stock disagree",
                    f"delivery {ident}: status {status}, reservation {state[2]}")


def check_stock(found, data):
    ledger = {row[0]: row[1:] for row in data.query(
        "stock", "SELECT product_id, sum(d_registered), sum(d_available), sum(d_reserved), sum(d_rented)"
                 " FROM movement GROUP BY product_id")}
    found.same(data.stock, ledger, "stock is not the sum of its movements")
    rented = defaultdict(int)
    for product, qty, status in data.rentals.values():
        if status == DELIVERED:
            rented[product] += qty
    for product, (registered, available, reserved, out) in data.stock.items():
        found.check(registered == available + reserved + out, "stock is not conserved", f"product {product}")
        found.check(reserved == 0, "goods are still reserved", f"product {product}: {reserved}")
        found.check(out == rented[product], "rented goods and delivered rentals differ",
                    f"product {product}: {out} rented, {rented[product]} delivered")
    for ident, taken, given in data.query(
            "stock", "SELECT reservation_id, sum(d_available < 0), sum(d_available > 0) FROM movement"
                     " WHERE reservation_id IS NOT NULL GROUP BY reservation_id"):
        found.check(taken <= 1 and given <= 1, "goods moved twice", f"reservation {ident}: {taken}, {given}")


def check_copies(found, data):
    found.same({ident: row[1:] for ident, row in data.products.items()},
               {ident: (row[0], row[1]) for ident, row in data.stock.items()}, "product and stock disagree")
    for service in ("rental", "delivery"):
        copy = {row[0]: row[1:] for row in data.query(
            service, "SELECT id, name, registered_qty, available_qty FROM product")}
        found.same(data.products, copy, f"{service}'s copy of the products differs")
    found.same({ident: (*row, row[2]) for ident, row in data.rentals.items()}, data.orders,
               "rental and information disagree")


def check_streams(found, system):
    heads = {}
    for source in ("product", "rental", "delivery", "stock"):
        count, last = system.query(source, "SELECT count(*), coalesce(max(seq), 0) FROM event_log")[0]
        epoch = system.query(source, "SELECT epoch FROM stream_identity")[0][0]
        found.check(count == last, "an event log has a gap", f"{source}: {count} rows, last {last}")
        heads[source] = (epoch, last)
    for service, sources in FOLLOWS.items():
        cursors = {row[0]: row[1:] for row in system.query(service, "SELECT source, epoch, seq FROM stream_cursor")}
        found.same({source: heads[source] for source in sources if heads[source][1] > 0},
                   {source: cursors.get(source) for source in sources if heads[source][1] > 0},
                   f"{service} has not read everything")
        parked = system.query(service, "SELECT source, subject, reason FROM dead_letter")
        found.check(not parked, "an event was parked", f"{service}: {parked[:2]}")


def check_pages(found, system):
    """What information tells pages: every event of an order is a step of its story, its own log has no gap,
    and the last thing that the log says of an order is how it stands."""
    said = Counter()
    for source in ("rental", "delivery", "stock"):
        for subject, order, count in system.query(
                source, "SELECT json_extract(envelope, '$.subject') AS subject,"
                        " json_extract(envelope, '$.data.deliveryId') AS goes_to, count(*) FROM event_log"
                        " WHERE json_extract(envelope, '$.type') NOT IN ('StockChanged', 'LockerChanged')"
                        " GROUP BY subject, goes_to"):
            if source != "delivery" or not subject.startswith("locker/"):
                said[int(subject.split("/")[1])] += count
            elif order is not None:
                said[order] += count
    steps = dict(system.query("information", "SELECT rental_id, count(*) FROM step GROUP BY rental_id"))
    found.same(dict(said), steps, "a story is not what was said")
    count, first, last = system.query(
        "information", "SELECT count(*), coalesce(min(seq), 1), coalesce(max(seq), 0) FROM event_log")[0]
    found.check(count == last - first + 1, "information's log has a gap", f"{count} rows, {first} to {last}")
    told = dict(system.query("information", "SELECT CAST(substr(json_extract(envelope, '$.subject'), 7) AS INTEGER),"
                             " json_extract(envelope, '$.version') FROM event_log"
                             " WHERE json_extract(envelope, '$.type') = 'OrderChanged' ORDER BY seq"))
    shown = dict(system.query("information", "SELECT rental_id, rental_version + delivery_version FROM my_order"
                                             " WHERE rental_version > 0"))
    found.same(shown if first == 1 else {key: shown.get(key) for key in told}, told, "pages were told something else")
