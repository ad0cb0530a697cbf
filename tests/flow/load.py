#!/usr/bin/env python3
"""lockstock-sim load: what it needs, what it says, and that it counts what stock counts."""

import json
import pathlib
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import ROOT

DEVICES = 60
LIMIT_S = 120


class Load(SystemCase):
    def load(self, *words, data=None, files=None):
        def limit_files():
            if files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        command = [self.system.build / "bin" / "lockstock-sim", "load", "--data", data or self.system.dir, *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              preexec_fn=limit_files)

    def test_each_device_takes_one_open_file(self):
        done = self.load("--scanners", str(DEVICES - 2), "--lockers", "2", "--rate", "100", "--for", "1", "--json",
                         files=DEVICES + 64)
        self.assertEqual(done.returncode, 0, done.stderr)
        numbers = json.loads(done.stdout)
        self.assertFalse(numbers["loss"])
        self.assertEqual(numbers["scansAcked"], numbers["piecesCounted"])
        self.assertGreater(numbers["scansAcked"], 0)

    def test_scanners_that_never_scan_put_nothing_away(self):
        done = self.load("--scanners", str(DEVICES), "--lockers", "0", "--rate", "10", "--for", "1", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        numbers = json.loads(done.stdout)
        self.assertLess(numbers["scans"], DEVICES)
        self.assertEqual(numbers["refused"], 0)

    def test_all_come_back_when_the_broker_is_killed(self):
        done = self.load("--scanners", str(DEVICES), "--lockers", "2", "--for", "2", "--restart-broker")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"broker restart +all connected again after [0-9.]+ s")
        self.assertRegex(done.stdout, r"loss +0: ")

    def test_too_few_open_files_says_how_many_are_needed(self):
        done = self.load("--scanners", str(DEVICES), "--lockers", "0", files=DEVICES)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{DEVICES} devices need {DEVICES + 64} open files", done.stderr)
        self.assertIn("ulimit -Hn", done.stderr)

    def test_no_system_is_exit_3(self):
        done = self.load("--scanners", "1", data=self.system.dir / "nowhere")
        self.assertEqual(done.returncode, 3)
        self.assertIn("deploy/up", done.stderr)

    def test_wrong_options_are_exit_2(self):
        for words in (["--scanners", "many"], ["--scanners", "0", "--lockers", "0"], ["--window", "0"], ["x"]):
            done = self.load(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("lockstock-sim load --help", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
