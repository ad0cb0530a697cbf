#!/usr/bin/env python3
"""Ready and degraded are two words: who owes work answers all the same, and says what it owes, in /readyz, a
metric, GET /processes, its log and deploy/status."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.poison import log_poison
from harness.system import BROKER, ROOT
from harness.wait import wait_until

RENTAL, PRODUCT = "lockstock-rental", "lockstock-product"


class Degraded(SystemCase):
    # Stock has a disk that is too small for it.
    extra_args = ("--set", "stock.disk-free-mib=1000000000")

    def readyz(self, process):
        answer = self.system.admin(process).get("/readyz")
        self.assertEqual(answer.status == 200, answer.json["ready"])
        return answer.json

    def reasons(self, process):
        return [one["reason"] for one in self.readyz(process)["degraded"]]

    def listed(self, instance):
        processes = self.web.get("/processes").json["_embedded"]["processes"]
        (found,) = [one for one in processes if one["instance"] == instance]
        return found["state"], [one["reason"] for one in found.get("degraded", [])]

    def status(self):
        done = subprocess.run([str(ROOT / "deploy" / "status"), "--data", str(self.system.dir)],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def logged(self, process, event):
        lines = (self.system.dir / "log" / f"{process}.log").read_text().splitlines()
        return [line for line in lines if f'"{event}"' in line]

    def test_1_little_disk_is_said_everywhere_and_nobody_else_says_so(self):
        self.eventually(lambda: self.reasons("lockstock-stock"), ["disk"], "stock to be degraded")
        self.assertTrue(self.readyz("lockstock-stock")["ready"])
        self.assertEqual(self.reasons(RENTAL), [])
        metrics = self.system.metrics("lockstock-stock")
        self.assertEqual(metrics['lockstock_degraded{reason="disk"}'], 1)
        self.assertEqual(metrics['lockstock_degraded{reason="lag"}'], 0)
        self.eventually(lambda: self.listed("stock"), ("ready", ["disk"]), "the bridge to hear of it")
        code, shown = self.status()
        self.assertEqual(code, 3)
        self.assertRegex(shown, r"(?m)^lockstock-stock +\d+ +degraded ")
        self.assertRegex(shown, r"(?m)^lockstock-stock is degraded \(disk, since 20\S+\): \d+ MiB are free")
        self.assertRegex(shown, rf"(?m)^{RENTAL} +\d+ +ready ")
        self.assertEqual(len(self.logged("lockstock-stock", "degraded")), 1)

    def test_2_rental_takes_orders_with_everybody_else_poisoned_or_down(self):
        product_id = self.register("good", 10)
        with self.system.down(PRODUCT):
            log_poison(self.system, f"product/{product_id}")
        self.system.wait_ready()
        self.eventually(lambda: self.reasons(RENTAL), ["letters"], "rental to park the event")
        self.assertTrue(self.readyz(RENTAL)["ready"])
        with self.system.down(PRODUCT, "lockstock-delivery", "lockstock-stock", "lockstock-information"):
            self.assertTrue(self.readyz(RENTAL)["ready"])
            self.order(product_id)
        self.system.wait_ready()
        (letter,) = self.web.all_items("/dead-letters/rental", "letters")
        self.assertEqual(self.web.post(f"/dead-letters/rental/{letter['id']}/skip", None).status, 200)
        self.eventually(lambda: self.reasons(RENTAL), [], "rental to owe nothing")
        self.eventually(lambda: self.listed("rental"), ("ready", []), "the bridge to hear of it")
        self.assertEqual(len(self.logged(RENTAL, "degraded_over")), 1)

    def test_3_a_cursor_that_stands_is_stuck_until_it_is_level(self):
        metrics = self.system.metrics(PRODUCT)
        epoch = self.web.get("/processes").json["_embedded"]["processes"][1]["status"]["epoch"]
        with self.system.down(PRODUCT), self.system.mqtt("product") as client:
            head = {"source": "product", "epoch": epoch, "seq": int(metrics["lockstock_log_head"]) + 3}
            client.publish("lockstock/v1/stream/product/head", json.dumps(head).encode())
            wait_until(lambda: self.reasons(RENTAL) == ["stuck"], "rental to be stuck", 40)
            (owed,) = self.readyz(RENTAL)["degraded"]
            self.assertIn("of product", owed["text"])
            self.assertTrue(self.readyz(RENTAL)["ready"])
        self.system.wait_ready()
        wait_until(lambda: self.reasons(RENTAL) == [], "rental to be level", 40)

    def test_4_without_the_broker_nobody_is_ready_and_that_is_why(self):
        with self.system.down(BROKER):
            wait_until(lambda: self.reasons(RENTAL) == ["broker"], "rental to say so", 20)
            self.assertFalse(self.readyz(RENTAL)["ready"])
            self.assertIn("broker", self.readyz(RENTAL)["why"])
            wait_until(lambda: self.listed("bridge") == ("not_ready", ["broker"]), "the bridge to say so", 20)
        self.system.wait_ready()
        self.assertEqual(self.reasons(RENTAL), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
