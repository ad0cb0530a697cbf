#!/usr/bin/env python3
"""A really full disk: new work is refused with a clear answer, reads go on, no process ends, and when
there is room again everything recovers by itself. Needs to mount a tmpfs; skipped where it may not."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SKIPPED, SystemCase
from harness.feed import Reader
from harness.system import PROCESSES, System
from harness.wait import wait_until

DISK_BYTES = 48 << 20
ORDERS_MAX = 20000  # far more than fit


def mount(folder):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)],
                          capture_output=True, check=False).returncode == 0


def fill(folder):
    """Leaves no byte free."""
    with open(folder / "filler", "wb", buffering=0) as filler:
        piece = b"\0" * 65536
        while piece:
            try:
                filler.write(piece)
            except OSError:
                piece = piece[: len(piece) // 2]


class FullDisk(SystemCase):
    @classmethod
    def setUpClass(cls):
        cls.system = System()
        cls.folder = cls.system.dir / "db"  # the databases alone: logs and secrets have room
        cls.folder.mkdir(mode=0o700)
        if not mount(cls.folder):
            cls.system.close()
            print("may not mount a tmpfs: skipped")
            sys.exit(SKIPPED)
        cls.system.start()

    @classmethod
    def tearDownClass(cls):
        try:
            cls.system.stop()
        finally:
            subprocess.run(["umount", str(cls.folder)], check=True)
            cls.system.close()

    def order_until_refused(self, product):
        accepted = 0
        for _ in range(ORDERS_MAX):
            answer = self.web.post("/rentals", {"productId": product, "qty": 1})
            if answer.status != 201:
                return accepted, answer
            accepted += 1
        self.fail("the disk never got full")

    def test_full_disk_refuses_and_recovers(self):
        product = self.register(qty=1000000)
        reader = Reader(self.system.base_port)
        self.addCleanup(reader.close)
        reader.wait_hello()
        first = self.web.post("/rentals", {"productId": product, "qty": 1})
        self.assertEqual(first.status, 201)
        pids = {process: self.system.pid(process) for process in PROCESSES}
        before = self.web.get("/rentals").json["page"]["totalElements"]
        for path in ("/deliveries/1", "/myOrders/1"):  # a moment behind the answer
            wait_until(lambda path=path: self.web.get(path).status == 200, path)
        reader.wait(lambda r: r.of("order"), "the order to be told, which is after its commit")

        fill(self.folder)
        accepted, refused = self.order_until_refused(product)
        self.assertEqual(refused.status, 503)
        self.assertEqual(refused.json["type"], "/problems/storage-full")
        self.assertIn("Retry-After", refused.headers)
        # Reads go on, and what was accepted is there.
        for path in ("/rentals/1", "/deliveries/1", "/myOrders/1", f"/products/{product}"):
            self.assertEqual(self.web.get(path).status, 200, path)
        self.assertEqual(self.web.get("/rentals").json["page"]["totalElements"], before + accepted)

        os.unlink(self.folder / "filler")
        wait_until(lambda: self.web.post("/rentals", {"productId": product, "qty": 1}).status == 201,
                   "orders to be accepted again")
        total = self.web.get("/rentals").json["page"]["totalElements"]
        self.eventually(lambda: self.web.get(f"/rentals/{total}").json["status"], "DELIVERED",
                        "the last order")
        self.eventually(lambda: self.web.get(f"/products/{product}").json["qty"], 1000000 - total,
                        "the stock of all accepted orders", 30)
        self.assertEqual({process: self.system.pid(process) for process in PROCESSES}, pids,
                         "a process ended")


class StartOnFullDisk(unittest.TestCase):
    def test_start_says_why_it_cannot_and_the_next_one_with_room_goes_on(self):
        system = System()
        self.addCleanup(system.close)
        if not mount(system.dir):
            self.skipTest("may not mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", str(system.dir)], check=True)
        self.addCleanup(system.stop)
        system.dir.chmod(0o700)
        system.start()
        self.assertEqual(system.web.post("/products", {"name": "computer", "qty": 1}).status, 201)
        system.stop()
        fill(system.dir)
        with self.assertRaises(RuntimeError) as raised:
            system.start()
        self.assertIn("ended with 1", str(raised.exception))
        self.assertEqual([process for process in PROCESSES if system.pid(process)], [], "something was left running")
        os.unlink(system.dir / "filler")
        system.start()
        self.assertEqual(system.web.get("/products/1").json["name"], "computer")


if __name__ == "__main__":
    unittest.main(verbosity=2)
