#!/usr/bin/env python3
"""The HTTP interface while parts are down, and what remains after restarts."""

import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.wait import settle

RENTAL, DELIVERY, STOCK = "lockstock-rental", "lockstock-delivery", "lockstock-stock"
BREAKER = 'lockstock_breaker_state{{callee="delivery",state="{}"}}'


class DeliveryDown(SystemCase):
    def breaker(self, state):
        return self.system.metrics(RENTAL)[BREAKER.format(state)] == 1

    def assert_unavailable(self, answer):
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.media_type, "application/problem+json")
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)

    def test_cancel_gets_503_orders_go_on_and_all_catches_up(self):
        product_id = self.register("computer", 20)
        rental_id = self.order_to_the_end(product_id, 2)
        self.assertTrue(self.breaker("closed"))
        with self.system.down(DELIVERY):
            for _ in range(8):
                self.assert_unavailable(self.web.delete(f"/rentals/{rental_id}"))
                self.assertEqual(self.status_of(rental_id), "DELIVERED")
            self.eventually(lambda: self.breaker("open") or self.breaker("half-open"), True, "the breaker to open")
            waiting = [self.order(product_id) for _ in range(5)]
            self.assertEqual({self.status_of(i) for i in waiting}, {"ORDERED"})
        self.eventually(lambda: self.web.delete(f"/rentals/{rental_id}").status, 204, "cancel to work again", 30)
        self.eventually(lambda: self.breaker("closed"), True, "the breaker to close")
        for waiting_id in waiting:
            self.wait_status(waiting_id, "DELIVERED", timeout_s=30)
        # The products are remembered: delivery decides by its own copy.
        self.eventually(lambda: self.web.get(f"/deliveries/products/{product_id}").json["qty"], 15, "copy")

    def test_slow_delivery_gets_503_within_the_breakers_time(self):
        rental_id = self.order_to_the_end(self.register("slow", 5))
        self.system.signal(DELIVERY, signal.SIGSTOP)
        try:
            answer = self.web.delete(f"/rentals/{rental_id}")
            self.assert_unavailable(answer)
            self.assertEqual(self.status_of(rental_id), "DELIVERED")
        finally:
            self.system.signal(DELIVERY, signal.SIGCONT)
        self.eventually(lambda: self.web.delete(f"/rentals/{rental_id}").status, 204, "cancel to work again", 30)
        self.assertEqual(self.status_of(rental_id), "CANCELED")


class PartsDown(SystemCase):
    def fails_at_once(self, method, path, body=None):
        """The problem's type tells: one that was waited for is no-answer or outcome-unknown."""
        self.assert_problem(self.web.request(method, path, body), 503, "service-unavailable")

    def test_requests_for_a_service_that_is_down_fail_at_once(self):
        rows = {"lockstock-product": [("GET", "/products"), ("GET", "/products/1"),
                                      ("POST", "/products", {"name": "x"})],
                RENTAL: [("GET", "/rentals/1"), ("DELETE", "/rentals/1"),
                         ("POST", "/rentals", {"productId": 1, "qty": 1}), ("GET", "/rentals/products")],
                DELIVERY: [("GET", "/deliveries"), ("GET", "/deliveries/products/1")],
                "lockstock-information": [("GET", "/myOrders"), ("GET", "/myOrders/1")]}
        for process, requests in rows.items():
            with self.system.down(process):
                # The broker tells of the death; until the bridge has heard it, a request may wait.
                self.eventually(lambda r=requests: self.web.request(*r[0]).status, 503, f"{process} to be missed")
                for request in requests:
                    with self.subTest(request[:2], process=process):
                        self.fails_at_once(*request)
            self.system.wait_ready(process)
            self.eventually(lambda r=requests: self.web.request(*r[0]).status != 503, True, f"{process} to be back")

    def test_qty_cannot_change_while_stock_is_down_but_orders_go_on(self):
        product_id = self.register("counted", 5)
        with self.system.down(STOCK):
            self.eventually(lambda: self.web.patch(f"/products/{product_id}", {"qty": 9}).status, 503, "PATCH", 15)
            rental_id = self.order(product_id)
            self.assertEqual(self.web.get(f"/products/{product_id}").json["registeredQty"], 5)
        self.wait_status(rental_id, "DELIVERED", timeout_s=30)
        self.eventually(lambda: self.web.patch(f"/products/{product_id}", {"qty": 9}).status, 200, "PATCH", 15)

    def test_orders_need_nothing_but_rental_bridge_and_broker(self):
        product_id = self.register("lonely", 3)
        with self.system.down("lockstock-product", DELIVERY, STOCK, "lockstock-information"):
            rentals = [self.order(product_id) for _ in range(4)]
            unknown = self.order(999999)
            self.assertEqual(self.status_of(rentals[0]), "ORDERED")
        for rental_id in rentals[:3]:
            self.wait_status(rental_id, "DELIVERED", timeout_s=40)
        self.wait_status(rentals[3], "CANCELED_OutOfStock", timeout_s=40)
        self.wait_status(unknown, "CANCELED_UnregisteredProduct", timeout_s=40)


class Restarts(SystemCase):
    def read_all(self):
        return settle(self.everything, "the lists", same_for_s=1.0)

    def some_history(self):
        product_id = self.register("kept", 10)
        delivered = self.order_to_the_end(product_id, 4)
        canceled = self.order_to_the_end(product_id, 2)
        self.order_to_the_end(product_id, 100, "CANCELED_OutOfStock")
        self.order_to_the_end(777777, 1, "CANCELED_UnregisteredProduct")
        self.assertEqual(self.web.delete(f"/rentals/{canceled}").status, 204)
        return product_id, delivered

    def test_whole_system_continues_where_it_stopped(self):
        product_id, delivered = self.some_history()
        before = self.read_all()
        self.system.restart()
        self.assertEqual(self.read_all(), before)
        self.order_to_the_end(product_id, 6)
        self.order_to_the_end(product_id, 1, "CANCELED_OutOfStock")
        self.assertEqual(self.web.delete(f"/rentals/{delivered}").status, 204)

    def test_information_comes_back_identical_from_the_streams(self):
        self.some_history()
        before = self.read_all()
        stories = self.stories(before)
        self.assertTrue(before["myOrders"])
        self.system.stop()
        for path in self.system.db_path("information").parent.glob("information.db*"):
            path.unlink()
        self.system.start()
        self.eventually(lambda: self.web.all_items("/myOrders", "myOrders"), before["myOrders"], "myOrders", 30)
        self.assertEqual(self.read_all(), before)
        self.eventually(lambda: self.stories(before), stories, "their stories", 30)

    def lose_under(self, process, name):
        """Takes a file of its database away under a process, which ends and is started again."""
        pid = self.system.pid(process)
        (self.system.dir / "db" / name).unlink()
        log = self.system.dir / "log" / f"{process}.log"
        self.eventually(lambda: f"{name} was removed while this process had it open" in log.read_text(), True,
                        "the loss to be said")
        self.eventually(lambda: self.system.pid(process) != pid, True, f"{process} to be started again")
        self.system.wait_ready(process)

    def test_a_database_removed_under_its_process_ends_it(self):
        self.some_history()
        before = self.read_all()
        self.lose_under("lockstock-information", "information.db")
        self.eventually(lambda: self.web.all_items("/myOrders", "myOrders"), before["myOrders"], "myOrders", 30)

    def test_a_log_removed_under_its_process_loses_nothing(self):
        self.some_history()
        before = self.read_all()
        self.lose_under(RENTAL, "rental.db-wal")
        self.eventually(lambda: self.web.get("/rentals").status, 200, "rental to answer")
        self.assertEqual(self.read_all(), before)

    def stories(self, shown):
        return [self.web.get(f"/myOrders/{order['id']}/story").json["_embedded"]["steps"]
                for order in shown["myOrders"]]


if __name__ == "__main__":
    unittest.main(verbosity=2)
