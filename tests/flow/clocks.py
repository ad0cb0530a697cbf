#!/usr/bin/env python3
"""Real processes whose wall clocks are wrong, alone and all together, and step while they run (rules/time.md)."""

import os
import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.fixture import CLOCK_SHIM
from harness.system import SERVICES, System

DAY_MS = 86400000
STEPS_MS = (2000, -2000, 3 * DAY_MS, -3 * DAY_MS)


class ClockSystem(System):
    """Each program's clock is as wrong as a file of its name says."""

    def start(self):
        folder = self.dir / "clocks"
        folder.mkdir(exist_ok=True)
        change = {"LD_PRELOAD": str(CLOCK_SHIM), "TEST_CLOCK_SHIFT_DIR": str(folder),
                  "ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"}
        with mock.patch.dict(os.environ, change):
            return super().start()

    def step(self, process, wrong_ms):
        path = self.dir / "clocks" / process
        path.with_suffix(".new").write_text(str(wrong_ms))
        path.with_suffix(".new").rename(path)


class Clocks(SystemCase):
    @classmethod
    def make_system(cls):
        return ClockSystem()

    def tearDown(self):
        for process in self.processes():
            self.system.step(process, 0)

    @staticmethod
    def processes():
        return [f"lockstock-{name}" for name in (*SERVICES, "bridge")]

    def apart_ms(self, process):
        return self.system.metrics(process)["lockstock_clock_apart_ms"]

    def work(self, product_id):
        """A whole order and its cancel, which three services and their deadlines carry."""
        rental_id = self.order_to_the_end(product_id)
        self.assertEqual(self.web.delete(f"/rentals/{rental_id}").status, 204)
        self.wait_status(rental_id, "CANCELED")

    def test_one_clock_that_is_wrong_stops_nothing(self):
        product_id = self.register("clock", 50)
        for process in self.processes():
            for wrong_ms in STEPS_MS:
                with self.subTest(process=process, wrong_ms=wrong_ms):
                    self.system.step(process, wrong_ms)
                    if process != "lockstock-bridge" and abs(wrong_ms) >= DAY_MS:
                        self.eventually(lambda p=process: self.apart_ms(p) > 1000, True,
                                        "the step to be seen")
                    self.work(product_id)
            self.system.step(process, 0)

    def test_a_key_makes_one_order_when_all_clocks_jump_and_processes_die(self):
        product_id = self.register("key", 50)

        def order():
            answer = self.web.post("/rentals", {"productId": product_id, "qty": 1},
                                   headers={"Idempotency-Key": "step"})
            return answer.json["id"] if answer.status == 201 else answer.status

        first = order()
        for wrong_ms in (3 * DAY_MS, 0):
            for process in self.processes():
                self.system.step(process, wrong_ms)
            self.eventually(lambda: self.apart_ms("lockstock-rental") > DAY_MS, wrong_ms > 0,
                            "the step to be seen")
            self.assertEqual(order(), first)
            self.system.kill("lockstock-rental")  # at its start it deletes what is old
            self.system.wait_ready("lockstock-rental")
            self.eventually(order, first, "the answer to be given again")


if __name__ == "__main__":
    unittest.main(verbosity=2)
