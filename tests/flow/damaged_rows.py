#!/usr/bin/env python3
"""One bit of a committed event has changed on the disk: its number is parked by whoever follows, and everything
else goes on, also when a reader begins from nothing."""

import contextlib
import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.rows import flip_bit

READERS = ("delivery", "information")


class DamagedRow(SystemCase):
    """Three orders are taken while their readers are away; then the event of the second is damaged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        product_id = case.register(qty=10)
        with cls.system.down(*[f"lockstock-{reader}" for reader in READERS]):
            cls.before, cls.hit, cls.behind = [case.order(product_id) for _ in range(3)]
            cls.system.kill("lockstock-rental")
            with contextlib.closing(sqlite3.connect(cls.system.db_path("rental"))) as db, db:
                (cls.seq,) = db.execute("SELECT seq FROM event_log WHERE envelope ->> '$.subject' = ?",
                                        (f"rental/{cls.hit}",)).fetchone()
                flip_bit(db, cls.seq)
        cls.system.wait_ready()

    def letters(self, service):
        return self.web.all_items(f"/dead-letters/{service}", "letters")

    def assert_parked(self, service):
        self.eventually(lambda: [(one["source"], one["seq"], one["type"], one["code"])
                                 for one in self.letters(service)],
                        [("rental", self.seq, "EventDamaged", "corrupt")], f"{service} to park it alone")

    def test_1_that_number_is_parked_and_the_others_arrive(self):
        for order in (self.before, self.behind):
            self.wait_status(order, "DELIVERED")
        for reader in READERS:
            self.assert_parked(reader)
            (letter,) = self.letters(reader)
            self.assertIn(f"event {self.seq} in the log of rental is damaged", letter["reason"])
            self.assertEqual(self.system.metrics(f"lockstock-{reader}")["lockstock_dead_letters"], 1)
        self.assertEqual(self.status_of(self.hit), "ORDERED")
        for service in ("product", "rental", "stock"):
            self.assertEqual(self.letters(service), [])
        self.eventually(self.system.streams_are_level, True, "the streams to be level")
        self.assertGreaterEqual(self.system.metrics("lockstock-rental")["lockstock_log_damaged_total"], 2)

    def test_2_a_view_is_built_anew_over_it(self):
        with self.system.down("lockstock-information"):
            for path in self.system.dir.glob("db/information.db*"):
                path.unlink()
        self.system.wait_ready()
        for order in (self.before, self.behind):
            self.eventually(lambda order=order: self.web.get(f"/myOrders/{order}").json["rentalStatus"], "DELIVERED",
                            f"order {order} in the view")
        self.assert_parked("information")

    def test_3_it_cannot_be_retried_and_is_skipped(self):
        (letter,) = self.letters("delivery")
        path = f"/dead-letters/delivery/{letter['id']}"
        self.assert_problem(self.web.post(f"{path}/retry", None), 409, "fails-again")
        self.assertEqual(self.web.post(f"{path}/skip", None).status, 200)
        self.assertEqual(self.letters("delivery"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
