#!/usr/bin/env python3
"""A database is lost, or comes back from a backup, under a system that goes on: no number is given twice, and no
order that was answered 201 stays apart."""

import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.wait import eventually


class LostCase(SystemCase):
    """A system with a product of which there is enough, and orders that have ended in each way."""

    def setUp(self):
        self.product_id = self.register("kept", 500)
        self.delivered = [self.order_to_the_end(self.product_id) for _ in range(3)]
        self.canceled = self.order_to_the_end(self.product_id, 2)
        self.assertEqual(self.web.delete(f"/rentals/{self.canceled}").status, 204)
        self.rejected = self.order_to_the_end(self.product_id, 1000, "CANCELED_OutOfStock")
        self.eventually(self.system.streams_are_level, True, "the streams to be level")

    def files(self, service):
        return list(self.system.dir.glob(f"db/{service}.db*"))

    def lose(self, service):
        with self.system.down(f"lockstock-{service}"):
            for path in self.files(service):
                path.unlink()
        self.system.wait_ready()

    def keep(self, service):
        """A backup of its database."""
        folder = self.system.dir / "kept" / service
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with self.system.down(f"lockstock-{service}"):
            for path in self.files(service):
                shutil.copy(path, folder)
        self.system.wait_ready()

    def restore(self, service):
        """As README.md says it."""
        process = f"lockstock-{service}"
        with self.system.down(process):
            for path in self.files(service):
                path.unlink()
            for path in (self.system.dir / "kept" / service).iterdir():
                shutil.copy(path, self.system.dir / "db")
            with subprocess.Popen([self.system.build / "bin" / process, "--config",
                                   self.system.dir / "etc" / "lockstock.ini", "--new-epoch", "1"],
                                  stderr=subprocess.PIPE, text=True) as once:
                eventually(lambda: "its database was lost or restored" in once.stderr.readline(), True, "the word")
                once.terminate()
                once.stderr.read()
        self.system.wait_ready()

    def statuses(self, order_id):
        """What each service says of an order."""
        rental = self.web.get(f"/rentals/{order_id}")
        delivery = self.web.get(f"/deliveries/{order_id}")
        view = self.web.get(f"/myOrders/{order_id}")
        return [one.json.get(name) if one.status == 200 else one.status
                for one, name in ((rental, "status"), (delivery, "status"), (view, "rentalStatus"),
                                  (view, "deliveryStatus"))]

    def assert_together(self, orders):
        for order_id, status in orders:
            self.eventually(lambda order_id=order_id: self.statuses(order_id), [status] * 4, f"order {order_id}", 20)

    def assert_goes_on(self, *more):
        """All is as it was, and what is ordered and canceled now ends as ever."""
        self.assert_together([(one, "DELIVERED") for one in (*self.delivered, *more)] +
                             [(self.canceled, "CANCELED"), (self.rejected, "CANCELED_OutOfStock")])
        new = self.order_to_the_end(self.product_id, 3)
        self.assertNotIn(new, [*self.delivered, *more, self.canceled, self.rejected])
        for order_id in (self.delivered[0], new):
            self.eventually(lambda order_id=order_id: self.web.delete(f"/rentals/{order_id}").status, 204,
                            f"the cancel of order {order_id}")
        self.assert_together([(new, "CANCELED"), (self.delivered[0], "CANCELED")])
        self.eventually(lambda: self.web.get(f"/products/{self.product_id}").json["qty"],
                        500 - len(self.delivered) + 1 - len(more), "what is available")
        for service in ("product", "rental", "delivery", "stock", "information"):
            self.assertEqual(self.web.all_items(f"/dead-letters/{service}", "letters"), [], service)


class Rental(LostCase):
    def why_not_ready(self):
        try:
            return self.system.admin("lockstock-rental").get("/readyz").body.decode()
        except OSError:  # it has not opened its port yet
            return ""

    def test_lost_while_it_is_stopped(self):
        self.lose("rental")
        self.assert_goes_on()
        self.assertGreater(self.order(self.product_id), self.rejected + 1000)

    def test_lost_while_it_runs(self):
        pid = self.system.pid("lockstock-rental")
        (self.system.dir / "db" / "rental.db").unlink()
        self.eventually(lambda: self.system.pid("lockstock-rental") != pid, True, "rental to be started again")
        self.system.wait_ready()
        self.assert_goes_on()

    def test_restored_from_before_some_orders(self):
        self.keep("rental")
        later = [self.order_to_the_end(self.product_id) for _ in range(3)]
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.restore("rental")
        self.assert_goes_on(*later)

    def test_it_takes_nothing_before_its_followers_have_answered(self):
        self.system.signal("lockstock-information", signal.SIGSTOP)
        try:
            with self.system.down("lockstock-rental"):
                for path in self.files("rental"):
                    path.unlink()
            self.eventually(lambda: self.system.pid("lockstock-rental") > 0, True, "rental to be started")
            self.eventually(lambda: "until information says" in self.why_not_ready(), True, "rental to wait")
            self.assert_problem(self.web.post("/rentals", {"productId": self.product_id, "qty": 1}), 503, "recovering")
        finally:
            self.system.signal("lockstock-information", signal.SIGCONT)
        self.system.wait_ready()
        self.assert_goes_on()


class Delivery(LostCase):
    def test_lost_while_it_is_stopped(self):
        """Of these orders rental has told twice as much as stock: page by page, stock's answers would come first."""
        refused = [self.order(999999) for _ in range(300)]
        self.wait_status(refused[-1], "CANCELED_UnregisteredProduct")
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.lose("delivery")
        self.assert_goes_on()
        self.assert_together([(one, "CANCELED_UnregisteredProduct") for one in refused])

    def test_restored_from_before_some_orders(self):
        self.keep("delivery")
        later = [self.order_to_the_end(self.product_id) for _ in range(3)]
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.restore("delivery")
        self.assert_goes_on(*later)


class Product(LostCase):
    def test_lost_while_it_is_stopped(self):
        self.lose("product")
        new = self.register("new", 5)
        self.assertGreater(new, self.product_id + 1000)
        order_id = self.order_to_the_end(new, 2)
        old = self.order_to_the_end(self.product_id)
        self.assert_together([(order_id, "DELIVERED"), (old, "DELIVERED")])
        self.eventually(lambda: self.web.get(f"/products/{new}").json["qty"], 3, "what is available")

    def test_restored_from_before_some_products(self):
        self.keep("product")
        later = self.register("later", 5)
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.restore("product")
        self.assertGreater(self.register("new", 5), later + 1000)
        self.assert_together([(self.order_to_the_end(later), "DELIVERED")])
        self.assert_goes_on()


class Stock(LostCase):
    def test_lost_while_it_is_stopped(self):
        self.lose("stock")
        self.assert_goes_on()

    def test_restored_from_before_some_orders(self):
        self.keep("stock")
        later = [self.order_to_the_end(self.product_id) for _ in range(3)]
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.restore("stock")
        self.assert_goes_on(*later)


if __name__ == "__main__":
    unittest.main(verbosity=2)
