#!/usr/bin/env python3
"""Do the checks of tests/fault/run and tests/fault/devices bite?

Breaks the databases of a quiet system in one way at a time
and expects the sentence that says so; before that, none."""

import contextlib
import importlib.machinery
import importlib.util
import pathlib
import random
import shutil
import sqlite3
import sys
import types
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness.cases import SystemCase
from harness.wait import wait_until
from invariants import check_all
from load import Load

RENTAL_COLUMNS = ("product_id, product_name, qty, fulfilment, status, reason, version, ordered_at_ms,"
                  " updated_at_ms, delivery_version")
# service, what happens to its database (checks off), the beginning of the sentence. Rental 1 is
# delivered, 2 canceled, 3 out of stock, 4 of an unregistered product; product 1 has 10 pieces.
DAMAGES = [
    ("rental", "DELETE FROM rental WHERE id = 1", "an order answered 201 does not exist"),
    ("rental", "UPDATE rental SET qty = 9 WHERE id = 1", "an order is not what was ordered"),
    ("rental", f"INSERT INTO rental (id, {RENTAL_COLUMNS}) SELECT 5, {RENTAL_COLUMNS} FROM rental WHERE id = 1",
     "a rental that nobody ordered"),
    ("rental", "UPDATE rental SET status = 1 WHERE id = 1", "a rental has not ended"),
    ("rental", "UPDATE rental SET status = 2 WHERE id = 2", "a cancel answered 204 did not cancel"),
    ("rental", "UPDATE rental_history SET from_status = 3 WHERE rental_id = 1 AND version = 2",
     "rental_history has a gap"),
    ("rental", "INSERT INTO rental_history VALUES (2, 9, 3, 2, NULL, 0)", "a rental left its end"),
    ("delivery", "DELETE FROM delivery WHERE id = 1", "rental and delivery disagree"),
    ("delivery", "UPDATE delivery SET status = 3 WHERE id = 1", "delivery and stock disagree"),
    ("delivery", "UPDATE delivery_history SET to_status = 4 WHERE delivery_id = 1 AND version = 2",
     "delivery is not where its history ends"),
    ("stock", "UPDATE reservation SET qty = 7 WHERE id = 1", "a reservation is not what was ordered"),
    ("stock", "UPDATE stock SET available = available + 1", "stock is not conserved"),
    ("stock", "UPDATE stock SET reserved = 1, available = available - 1", "goods are still reserved"),
    ("stock", "UPDATE stock SET rented = rented - 1, available = available + 1",
     "rented goods and delivered rentals differ"),
    ("stock", "DELETE FROM movement WHERE id = (SELECT max(id) FROM movement)",
     "stock is not the sum of its movements"),
    ("stock", "INSERT INTO movement SELECT NULL, product_id, version + 100, reservation_id, kind, d_registered,"
              " d_available, d_reserved, d_rented, at_ms FROM movement WHERE reservation_id = 1",
     "goods moved twice"),
    ("product", "UPDATE product SET available_qty = 1", "product and stock disagree"),
    ("rental", "UPDATE product SET available_qty = 1", "rental's copy of the products differs"),
    ("delivery", "DELETE FROM product", "delivery's copy of the products differs"),
    ("information", "UPDATE my_order SET delivery_status = 1 WHERE rental_id = 1",
     "rental and information disagree"),
    ("rental", "DELETE FROM event_log WHERE seq = 2", "an event log has a gap"),
    ("information", "UPDATE stream_cursor SET seq = seq - 1 WHERE source = 'rental'",
     "information has not read everything"),
    ("information", "DELETE FROM step WHERE rental_id = 1 AND type = 3", "a story is not what was said"),
    ("information", "DELETE FROM event_log WHERE seq = 2", "information's log has a gap"),
    ("information", "UPDATE my_order SET rental_version = rental_version + 1 WHERE rental_id = 3",
     "pages were told something else"),
    ("stock", "INSERT INTO dead_letter VALUES (1, 'product', 'e', 1, 'T', 'product/1', '{}', 'invalid', 'x', 0)",
     "an event was parked"),
]


class Teeth(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        product_id = case.register("computer", 10)
        cls.load = types.SimpleNamespace(orders={}, canceled={2}, faults=[])
        for product, qty, status in ((product_id, 4, "DELIVERED"), (product_id, 2, "DELIVERED"),
                                     (product_id, 100, "CANCELED_OutOfStock"),
                                     (999999, 1, "CANCELED_UnregisteredProduct")):
            cls.load.orders[case.order_to_the_end(product, qty, status)] = (product, qty)
        case.assertEqual(case.web.delete("/rentals/2").status, 204)
        wait_until(cls.system.streams_are_level, "the streams to be level")
        cls.system.stop()
        case.assertEqual(check_all(cls.system, cls.load), [])  # and leaves no WAL behind
        shutil.copytree(cls.system.dir / "db", cls.system.dir / "db.good")

    def test_each_damage_is_found(self):
        for service, sql, sentence in DAMAGES:
            with self.subTest(sql[:70], service=service):
                shutil.rmtree(self.system.dir / "db")
                shutil.copytree(self.system.dir / "db.good", self.system.dir / "db")
                with contextlib.closing(sqlite3.connect(self.system.db_path(service))) as db, db:
                    db.execute("PRAGMA ignore_check_constraints = ON")
                    db.execute("PRAGMA foreign_keys = OFF")
                    self.assertGreater(db.execute(sql).rowcount, 0, "nothing was damaged")
                found = check_all(self.system, self.load)
                self.assertTrue(any(line.startswith(sentence) for line in found), found)

    def test_bad_answer_is_found(self):
        load = types.SimpleNamespace(**{**vars(self.load), "faults": ["POST /rentals: 500"]})
        self.assertTrue(check_all(self.system, load))


def script(name):
    """A script of this folder, as a module."""
    path = pathlib.Path(__file__).resolve().parent / name
    loader = importlib.machinery.SourceFileLoader(f"fault_{name}", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class LoadTeeth(unittest.TestCase):
    def cancel(self, status):
        answer = types.SimpleNamespace(status=status)
        load = Load(types.SimpleNamespace(request=lambda *_, **__: answer), 1)
        load.orders[1] = (1, 1)
        load._cancel(random.Random(1))
        return load

    def test_cancel_that_is_refused_is_a_fault(self):
        for status in (200, 400, 404, 409, 500):
            with self.subTest(status):
                self.assertEqual(len(self.cancel(status).faults), 1)
        for status in (204, 503):
            self.assertEqual(self.cancel(status).faults, [])

    def test_run_in_which_nothing_works_has_shown_nothing(self):
        load = self.cancel(503)
        self.assertEqual(len(load.idle_sentences()), 2)
        load.counts.update({"accepted": 1, "cancel 204": 1})
        self.assertEqual(load.idle_sentences(), [])


class DeviceTeeth(unittest.TestCase):
    GOOD = {"loss": False, "scans": 9, "scansAcked": 9, "piecesCounted": 9, "lockerRecords": 3,
            "lockerRecordsAcked": 3, "refused": 0}

    def test_each_wrong_number_is_found(self):
        devices = script("devices")
        run = types.SimpleNamespace(options=types.SimpleNamespace(lockers=1))
        devices.Run.check_devices(run, self.GOOD)
        for wrong in ({"loss": True}, {"scansAcked": 8}, {"piecesCounted": 8}, {"piecesCounted": 10},
                      {"lockerRecordsAcked": 2}, {"refused": 1}, {"scans": 0, "scansAcked": 0, "piecesCounted": 0},
                      {"lockerRecords": 0, "lockerRecordsAcked": 0}):
            with self.subTest(wrong), self.assertRaises(devices.Broken):
                devices.Run.check_devices(run, {**self.GOOD, **wrong})


if __name__ == "__main__":
    unittest.main(verbosity=2)
