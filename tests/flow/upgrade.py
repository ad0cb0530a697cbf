#!/usr/bin/env python3
"""deploy/restart and deploy/upgrade while people order: each process is another one, nothing that was answered is
lost, and from a build that does not work there is a way back."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.orders import Orders
from harness.system import BRIDGE, BROKER, PROCESSES, ROOT, SERVICES, SUPERVISOR, default_build_dir
from harness.wait import wait_until

PLENTY = 1000000
ORDERS_BETWEEN = 20
PARTS = {**{service: f"lockstock-{service}" for service in SERVICES}, "bridge": BRIDGE, "broker": BROKER}
# A program that does what it is told to, and then does not get ready.
BROKEN = """#!/bin/sh
{first}
exit 1
"""
MIGRATE = """python3 -c '
import sqlite3
db = sqlite3.connect("{path}")
db.execute("UPDATE kit_migration SET done = done + 1 WHERE owner = \\"service\\"")
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")'"""


class RestartCase(SystemCase):
    def setUp(self):
        self.system.wait_ready()

    def deploy(self, command, *words, expect=0):
        done = subprocess.run([str(word) for word in (ROOT / "deploy" / command, *words, "--data", self.system.dir)],
                              capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def pids(self):
        return {process: self.system.pid(process) for process in (*PROCESSES, SUPERVISOR)}

    def programs(self):
        """{process: where the program lies that it runs}."""
        return {process: str(pathlib.Path(os.readlink(f"/proc/{self.system.pid(process)}/exe")).parent)
                for process in (*PROCESSES[1:], SUPERVISOR)}

    def while_ordered(self, product_id, work):
        """work() under load; returns the orders that were answered."""
        with Orders(self.web, product_id) as orders:
            wait_until(lambda: len(orders.so_far()) >= ORDERS_BETWEEN, "orders before", 60)
            work()
            count = len(orders.so_far())
            wait_until(lambda: len(orders.so_far()) >= count + ORDERS_BETWEEN, "orders behind", 60)
        return orders.accepted

    def assert_all_there(self, product_id, accepted):
        self.system.wait_ready()
        wait_until(self.system.streams_are_level, "every event to be read", 60)
        orders = {order["id"]: order["status"] for order in self.web.all_items("/rentals", "rentals")
                  if order["productId"] == product_id}
        self.assertEqual({order: orders.get(order) for order in accepted}, {order: "DELIVERED" for order in accepted})
        self.assertEqual(set(orders.values()), {"DELIVERED"})
        self.assertEqual(self.web.get(f"/products/{product_id}").json["qty"], PLENTY - len(orders))


class Restart(RestartCase):
    def test_all_are_restarted_while_people_order(self):
        product_id, before = self.register("projector", PLENTY), self.pids()
        accepted = self.while_ordered(product_id, lambda: self.deploy("restart", "all"))
        after = self.pids()
        self.assertEqual({process for process in PROCESSES if after[process] in (0, before[process])}, set())
        self.assertEqual(after[SUPERVISOR], before[SUPERVISOR])
        self.assert_all_there(product_id, accepted)

    def test_parts_that_are_named_are_restarted_alone(self):
        before = self.pids()
        self.deploy("restart", "rental", "broker")
        after = self.pids()
        self.assertEqual({process for process in after if after[process] != before[process]},
                         {PARTS["rental"], BROKER})

    def test_supervisor_is_replaced_and_takes_the_others_over(self):
        before = self.pids()
        self.deploy("restart", "supervisor")
        after = self.pids()
        self.assertEqual({process for process in after if after[process] != before[process]}, {SUPERVISOR})
        killed = self.system.kill(PARTS["product"])
        wait_until(lambda: self.system.pid(PARTS["product"]) not in (0, killed), "product to be started again")

    def test_wrong_words_are_told(self):
        self.assertIn("'all rental' is no part", self.deploy("restart", "all rental", expect=1))
        self.assertIn("see deploy/restart --help", self.deploy("restart", "--wrong", expect=1))
        with tempfile.TemporaryDirectory() as nothing:
            done = subprocess.run([ROOT / "deploy" / "restart", "--data", nothing], capture_output=True, text=True,
                                  check=False)
            self.assertIn("nothing runs in", done.stderr)


class Upgrade(RestartCase):
    """To a build that is a copy of this one, but for what a test breaks in it."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.other = self.folder / "build"
        self.copy(self.other)

    def copy(self, to):
        """The programs, by links: they are the same files."""
        (to / "bin").mkdir(parents=True)
        for program in (*PROCESSES[1:], f"lockstock-{SUPERVISOR}"):
            shutil.copyfile(default_build_dir() / "bin" / program, to / "bin" / program)
            (to / "bin" / program).chmod(0o755)
        pages = default_build_dir() / "pages"
        if pages.exists():
            (to / "pages").symlink_to(pages)

    def tearDown(self):
        """Back to the programs of this build, for the next test."""
        self.system.restart()

    def break_service(self, service, first=""):
        path = self.other / "bin" / f"lockstock-{service}"
        path.unlink()
        path.write_text(BROKEN.format(first=first))
        path.chmod(0o755)

    def test_each_process_runs_the_other_build_and_nothing_is_lost(self):
        product_id, before = self.register("projector", PLENTY), self.programs()
        accepted = self.while_ordered(product_id, lambda: self.deploy("upgrade", self.other))
        after = self.programs()
        self.assertEqual(set(after.values()), {str(self.other / "bin")})
        self.assertNotEqual(set(before.values()), set(after.values()))
        self.assert_all_there(product_id, accepted)
        self.assertTrue(list(self.system.dir.glob("before-upgrade-*.tar.gz")))
        self.assertIn("run already", self.deploy("upgrade", self.other, expect=1))

    def test_build_that_does_not_get_ready_is_left_again(self):
        self.break_service("delivery")
        product_id, before = self.register("projector", PLENTY), self.programs()
        accepted = self.while_ordered(product_id, lambda: self.assertIn(
            "the new lockstock-delivery did not get ready", self.deploy("upgrade", self.other, expect=1)))
        self.assertEqual(self.programs(), before)
        self.assert_all_there(product_id, accepted)

    def test_way_back_from_a_migration_is_the_backup(self):
        product_id = self.register("projector", PLENTY)
        orders = [self.order_to_the_end(product_id) for _ in range(3)]
        wait_until(self.system.streams_are_level, "every event to be read")
        before = self.programs()
        self.break_service("rental", MIGRATE.format(path=self.system.db_path("rental")))
        said = self.deploy("upgrade", self.other, expect=1)
        self.assertIn("the backup of before the upgrade is brought back", said)
        self.assertEqual(self.programs(), before)
        self.assert_all_there(product_id, orders)
        self.assertTrue(list(self.system.dir.glob("before-restore-*")))

    def test_wrong_words_are_told(self):
        self.assertIn("give the folder of a build", self.deploy("upgrade", expect=1))
        self.assertIn("run already", self.deploy("upgrade", default_build_dir(), expect=1))
        (self.other / "bin" / BRIDGE).unlink()
        self.assertIn("lockstock-bridge' is not there", self.deploy("upgrade", self.other, expect=1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
