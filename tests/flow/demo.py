#!/usr/bin/env python3
"""deploy/up --demo on an empty folder: the working day plays and passes, deploy/down ends all of it, and
a new start plays on, wherever the day was broken off."""

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

DAY_S = 120
# Steps of the day after which an order has a compartment: with nothing in it, and with goods.
PICKED, READY = "is PICKED", "is READY"


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
        wait_until(lambda: words in self.words()[begin:], f"the demo to say '{words}'", DAY_S)

    def demo_pid(self):
        return int((self.system.dir / "run" / "demo.pid").read_text())

    def status(self):
        done = subprocess.run([ROOT / "deploy" / "status", "--data", self.system.dir],
                              stdout=subprocess.PIPE, text=True, check=False)
        return done.stdout

    def devices(self):
        listed = (self.system.dir / "devices" / "list").read_text()
        return re.findall(r"(?m)^(?:scanner|locker) (\S+)", listed)

    def locker(self):
        return re.search(r"with scanner-\d+ and (locker-\d+)", self.status()).group(1)

    def test_1_a_day_passes_and_down_ends_it(self):
        self.assertIn("the demo plays day 1 with scanner-", self.status())
        done = subprocess.run([self.system.build / "bin" / "lockstock-sim", "run", "locker-full", "--data",
                               self.system.dir], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn("wants to be alone, but the demo plays here", done.stdout)
        self.wait_words("passed after", 0)
        self.assertNotIn("FAILED", self.words())
        report = self.system.dir / "sim" / "demo-1"
        for name in ("report.txt", "report.json", "diagram.md"):
            self.assertGreater((report / name).stat().st_size, 0, name)
        demo = self.demo_pid()
        self.system.stop()
        wait_until(lambda: not is_alive(demo), "the demo to end")
        self.assertFalse((self.system.dir / "run" / "demo.pid").exists())
        self.assertNotIn("the demo", self.status())
        self.assertEqual(self.devices(), [])

    def test_2_broken_off_days_are_in_nobodys_way(self):
        begin = len(self.words())
        self.system.start()
        self.wait_words(PICKED, begin)
        self.system.stop()
        self.assertIn("interrupted after", self.words()[begin:])
        self.assertEqual(self.devices(), [], "the run that was interrupted has cleaned up")
        begin = len(self.words())
        self.system.start()
        self.wait_words(READY, begin)
        locker = self.locker()
        os.kill(self.demo_pid(), signal.SIGKILL)
        wait_until(lambda: "the demo was killed; its last word was that it plays day 1" in self.status(),
                   "the demo to be dead")
        self.system.stop()
        begin = len(self.words())
        self.system.start()
        self.assertNotEqual(self.locker(), locker)
        self.wait_words(READY, begin)
        self.assertNotIn("FAILED", self.words()[begin:])

    def test_3_a_demo_that_gave_up_is_told(self):
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
        self.assertIn("the day failed 5 times in a row", self.words()[begin:])
        self.assertRegex(self.status(), r"(?m)^the demo has ended after day 5: the day failed 5 times in a row")
        self.system.restart()
        self.assertTrue(says.exists())
        self.assertNotIn("the demo", self.status(), "it is of an earlier start")


if __name__ == "__main__":
    unittest.main(verbosity=2)
