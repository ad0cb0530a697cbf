#!/usr/bin/env python3
"""The DIR that an earlier release has left (tests/fixtures) runs with that release's own programs, its locker too, and
is taken to the programs of today while people order: after each step one more service is new among old neighbours.
The release is the first argument; its programs are made by tests/fixtures/build."""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SKIPPED, SystemCase
from harness.desk import Locker
from harness.fixture import FIXTURES, KeptSystem, notes_of
from harness.orders import Orders
from harness.system import PROCESSES, ROOT, START_TIMEOUT_S, default_build_dir
from harness.wait import wait_until

RELEASE = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1][:1].isdigit() else "0.1.0"
OLD = ROOT / "build" / "releases" / RELEASE
ORDERS_BETWEEN = 30
QTY = 100000


class OldSystem(KeptSystem):
    """Is started by the deploy/up of its own release."""

    def __init__(self):
        super().__init__(FIXTURES / RELEASE / "stopped.tar.xz", notes_of(RELEASE)["atMs"], OLD / "build" / "release")

    def start(self):
        if self._caretaker is None:
            self._call_caretaker()
        command = [OLD / "deploy" / "up", "--data", self.dir, "--base-port", self.base_port, "--mqtt-port",
                   self.mqtt_port, "--build", self.build, "--no-build", "--detach"]
        with self.its_day(), open(self.dir / "up.log", "w+b") as out:
            subprocess.run([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT,
                           stdin=subprocess.DEVNULL, timeout=START_TIMEOUT_S, check=True)
        return self


class UpgradeFrom(SystemCase):
    @classmethod
    def make_system(cls):
        return OldSystem()

    def test_nothing_is_lost_while_one_service_after_the_other_is_new(self):
        system, notes = self.system, notes_of(RELEASE)
        locker = Locker(system, notes["locker"], notes["sizes"], notes["present"])
        self.addCleanup(locker.close)
        with system.its_day():
            locker.start_online()
        answer = self.web.post("/products", {"name": "projector", "qty": QTY})
        self.assertEqual(answer.status, 201, answer)
        product_id = answer.json["id"]
        with Orders(self.web, product_id) as orders:
            wait_until(lambda: len(orders.so_far()) >= ORDERS_BETWEEN, "orders before", 60)
            with system.its_day():
                done = subprocess.run([ROOT / "deploy" / "upgrade", default_build_dir(), "--data", system.dir],
                                      capture_output=True, text=True, timeout=200, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            count = len(orders.so_far())
            wait_until(lambda: len(orders.so_far()) >= count + ORDERS_BETWEEN, "orders behind", 60)
        for process in PROCESSES[1:]:
            self.assertEqual(pathlib.Path(f"/proc/{system.pid(process)}/exe").resolve().parent,
                             (default_build_dir() / "bin").resolve(), process)
        wait_until(system.streams_are_level, "every event to be read", 60)
        status = {order["id"]: order["status"] for order in self.web.all_items("/rentals", "rentals")}
        self.assertEqual({order: status.get(order) for order in orders.accepted},
                         {order: "DELIVERED" for order in orders.accepted})
        mine = [order for order in self.web.all_items("/rentals", "rentals") if order["productId"] == product_id]
        self.assertEqual(self.web.get(f"/products/{product_id}").json["qty"], QTY - len(mine))
        self.eventually(lambda: [one["status"] for one in self.web.get("/lockers").json["_embedded"]["lockers"]
                                 if one["device"] == notes["locker"]], ["online"], "the old locker to be there", 40)
        print(f"{len(orders.accepted)} orders were taken, {len(orders.refused)} refused", file=sys.stderr)


if __name__ == "__main__":
    if not (OLD / "build" / "release" / "bin" / "lockstock-bridge").exists():
        print(f"the programs of {RELEASE} are not there: tests/fixtures/build {RELEASE} makes them")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
