#!/usr/bin/env python3
"""deploy/up --demo on an empty folder: a warehouse is at work, deploy/down ends all of it, and a new start
goes on with the same devices, wherever the one before was broken off."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import ROOT
from harness.wait import wait_until

LONG_S = 90
PACE = 1000  # per cent
DEVICES = ["canteen", "lobby", "scanner-jun", "scanner-mina"]


def is_alive(pid):
    """A zombie, which nobody has waited for, has no command line."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


class Demo(SystemCase):
    extra_args = ("--demo",)

    def words(self):
        return (self.system.dir / "log" / "demo.log").read_text(errors="replace")

    def wait_words(self, words, begin):
        """Until the demo has said so after the first `begin` characters of its log."""
        wait_until(lambda: re.search(words, self.words()[begin:]), f"the demo to say '{words}'", LONG_S)

    def demo_pid(self):
        return int((self.system.dir / "run" / "demo.pid").read_text())

    def status(self):
        done = subprocess.run([ROOT / "deploy" / "status", "--data", self.system.dir],
                              stdout=subprocess.PIPE, text=True, check=False)
        return done.stdout

    def devices(self):
        listed = (self.system.dir / "devices" / "list").read_text()
        return sorted(re.findall(r"(?m)^(?:scanner|locker) (\S+)", listed))

    def lockers(self):
        rows = self.web.get("/lockers").json["_embedded"]["lockers"]
        return {row["device"]: row["status"] for row in rows}

    def act(self, action, key=None, **members):
        """Has something happen in the simulated world."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.web.post("/simulator/actions", {"action": action, **members}, headers=headers)

    def world(self):
        answer = self.web.get("/simulator")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def hurry(self):
        """As soon as the simulator is there its people are quick."""
        wait_until(lambda: self.act("speed", speedPercent=PACE).status == 200, "the simulator to listen", LONG_S)

    def doors(self):
        rows = self.web.get("/lockers").json["_embedded"]["lockers"]
        return {(row["device"], box["number"]): box["door"] for row in rows for box in row["compartments"]}

    def wait_lockers(self):
        self.eventually(self.lockers, {"canteen": "online", "lobby": "online"}, "all lockers to live", LONG_S)

    def orders(self, status):
        rows = self.web.get("/myOrders?size=100").json["_embedded"]["myOrders"]
        return [row["id"] for row in rows if row["deliveryStatus"] == status]

    def test_1_the_warehouse_works_and_down_ends_it(self):
        wait_until(lambda: "the demo plays" in self.status(), "deploy/status to tell of the demo")
        done = subprocess.run([self.system.build / "bin" / "lockstock-sim", "run", "locker-full", "--data",
                               self.system.dir], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("wants to be alone, but the demo plays here", done.stdout)
        self.hurry()
        wait_until(lambda: self.orders("DELIVERED"), "an order to be collected", LONG_S)
        self.assertEqual(self.devices(), DEVICES)
        demo = self.demo_pid()
        self.system.stop()
        wait_until(lambda: not is_alive(demo), "the demo to end")
        self.assertFalse((self.system.dir / "run" / "demo.pid").exists())
        self.assertNotIn("the demo", self.status())

    def test_2_visitors_play_with_the_world(self):
        self.system.start()
        self.wait_lockers()
        self.hurry()
        for members, status, words in (
                ({"action": "cut", "device": "attic"}, 404, "device is named attic: there are scanner-mina"),
                ({"action": "jam", "device": "scanner-jun", "compartment": 1}, 404, "there are lobby, canteen"),
                ({"action": "jam", "device": "lobby", "compartment": 9}, 404, "it has 1 to 8"),
                ({"action": "jam", "device": "lobby"}, 422, "say which compartment"),
                ({"action": "cut"}, 422, "say which device"), ({"action": "speed"}, 422, "say how fast")):
            answer = self.act(**members)
            self.assertEqual(answer.status, status, answer)
            self.assertIn(words, answer.json["detail"])
        self.network()
        self.jams()
        self.impatience()
        self.assertEqual(self.act("speed", speedPercent=0).json["speedPercent"], 0)

    def network(self):
        self.assertEqual(self.act("cut", device="lobby").status, 200)
        self.eventually(lambda: self.lockers()["lobby"], "offline", "the lobby to be cut off")
        self.assertEqual([row["device"] for row in self.world()["devices"] if row["network"] == "cut"], ["lobby"])
        self.assertEqual(self.act("restore").status, 200)
        self.wait_lockers()

    def jams(self):
        """A door that is to be opened jams, is out of order, and is mended."""
        wait_until(lambda: self.act("jam").status == 200, "a door that is to be opened", LONG_S)
        stuck = [(row["device"], row["compartment"]) for row in self.world()["jammed"]]
        self.assertEqual(len(stuck), 1)
        self.eventually(lambda: self.doors()[stuck[0]], "jammed", "the door to be found jammed", LONG_S)
        self.assertEqual(self.act("free").json["jammed"], [])
        wait_until(lambda: self.doors()[stuck[0]] != "jammed", "the door to be mended", LONG_S)

    def impatience(self):
        def wrong_codes():
            rows = self.web.get("/lockers").json["_embedded"]["lockers"]
            return sum(row["wrongCodes"] for row in rows)
        before = wrong_codes()
        first = self.act("visitor", key="impatient-1")
        self.assertEqual(first.json["visitor"], "under_way")
        self.assertEqual(self.act("visitor", key="impatient-1").status, 200, "the same request again")
        self.assertEqual(self.act("visitor", key="impatient-2").status, 409)
        wait_until(lambda: wrong_codes() >= before + 2, "two wrong codes", LONG_S)

    def test_3_it_goes_on_where_it_was_broken_off(self):
        self.system.stop()
        begin = len(self.words())
        self.system.start()
        self.wait_lockers()
        self.hurry()
        self.wait_words("collects order", begin)
        self.assertNotIn("receives goods", self.words()[begin:], "all goods were here already")
        os.kill(self.demo_pid(), signal.SIGKILL)
        wait_until(lambda: "the demo was killed; its last word was that it plays" in self.status(),
                   "the demo to be dead")
        self.system.stop()
        begin = len(self.words())
        self.system.start()
        self.wait_lockers()
        self.hurry()
        self.wait_words("collects order", begin)
        self.assertEqual(self.devices(), DEVICES, "no new names at a new start")

    def test_4_a_demo_that_gave_up_is_told(self):
        self.system.stop()
        self.assertNotIn("the demo", self.status())
        says = self.system.dir / "run" / "demo.says"
        begin = len(self.words())
        broken = self.system.dir / "bin"
        broken.mkdir()
        (broken / "lockstock-sim").write_text("#!/bin/sh\nexit 1\n")
        (broken / "lockstock-sim").chmod(0o755)
        self.system.extra_args = ()
        self.system.start()
        with open(self.system.dir / "log" / "demo.log", "ab") as log, \
                subprocess.Popen([ROOT / "deploy" / "lib" / "demo", self.system.dir, broken], stdout=log,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as demo:
            self.assertEqual(demo.wait(timeout=60), 0)
        self.assertIn("it failed 5 times in a row", self.words()[begin:])
        self.assertEqual(self.web.get("/simulator").json["type"], "/problems/no-simulator")
        self.assertRegex(self.status(), r"(?m)^the demo has ended: it failed 5 times in a row")
        self.system.restart()
        self.assertTrue(says.exists())
        self.assertNotIn("the demo", self.status(), "it is of an earlier start")


if __name__ == "__main__":
    unittest.main(verbosity=2)
