#!/usr/bin/env python3
"""What lockstock-sim says and how it exits when something is wrong, and what a report holds."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from simulator import ROOT, play, simulator  # first: it finds the harness

from harness.cases import SystemCase
from harness.system import default_build_dir
from harness.wait import wait_until

PRODUCT = {"do": "http", "method": "POST", "path": "/products", "body": {"name": "cable ${run.tag}"},
           "save": "product"}


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-sim-"))
        self.addCleanup(lambda: subprocess.run(["rm", "-rf", self.folder], check=True))

    def scenario(self, *steps, name="s.json", **members):
        path = self.folder / name
        path.write_text(json.dumps({"title": "A test", **members, "steps": list(steps)}, indent=1))
        return path


class WithoutSystem(Folder):
    def test_no_words_say_what_to_do(self):
        done = simulator()
        self.assertEqual(done.status, 2, done)
        self.assertIn("say what to do: run, check or list", done.out)

    def test_help_has_examples(self):
        done = simulator("--help")
        self.assertEqual(done.status, 0, done)
        for word in ("Examples:", "--seed", "--until", "deploy/up", "hw-sim/scenarios/"):
            self.assertIn(word, done.out)

    def test_bad_scenario_names_line_and_pointer(self):
        path = self.scenario({"do": "pause", "ms": 0})
        for command in ("check", "run"):
            done = simulator(command, path)
            self.assertEqual(done.status, 2, done)
            self.assertRegex(done.out, r"s\.json:\d+:\d+: /steps/0/ms: 0 is out of range")

    def test_no_system_names_deploy_up(self):
        path = self.scenario({"do": "pause", "ms": 1})
        done = simulator("run", path, "--data", self.folder / "nothing")
        self.assertEqual(done.status, 3, done)
        self.assertIn("deploy/up --data", done.out)
        (self.folder / "etc").mkdir()
        (self.folder / "secrets").mkdir()
        (self.folder / "etc" / "ports").write_text("1 2\n")
        (self.folder / "secrets" / "operator-3").write_text("x\n")
        done = simulator("run", path, "--data", self.folder)
        self.assertEqual(done.status, 3, done)
        self.assertIn("Lockstock does not run at http://127.0.0.1:1", done.out)

    def test_list_shows_titles(self):
        done = simulator("list")
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, r"(?m)^wrong-item +The wrong thing")
        self.assertEqual(simulator("list", "/nonexistent").status, 2)

    def test_shipped_scenarios_are_fine(self):
        done = simulator("check", *sorted((ROOT / "hw-sim" / "scenarios").glob("*.json")))
        self.assertEqual(done.status, 0, done)


class WithSystem(Folder, SystemCase):
    def test_pass_exits_0_with_reports(self):
        report = self.folder / "report"
        path = self.scenario(PRODUCT, {"name": "last", "do": "wait", "condition": {
            "message": {"topic": "lockstock/v1/stream/product",
                        "members": {"/*/type": "ProductSaved"}}}},
            {"do": "expect", "condition": {"http": {"path": "/", "status": 404}}})
        done = play(self.system, path, "--report", report, "--until", "last")
        self.assertEqual(done.status, 0, done)
        entries = json.loads((report / "report.json").read_text())["entries"]
        self.assertEqual(sum(entry["kind"] == "step" for entry in entries), 2)
        self.assertTrue(any(entry.get("topic") == "lockstock/v1/stream/product" for entry in entries))
        self.assertIn("->>", (report / "diagram.md").read_text())

    def test_failed_expectation_exits_1_and_says_what_was(self):
        path = self.scenario(PRODUCT, {"do": "expect", "condition": {"http": {
            "path": "/products/${product.id}", "pointer": "/qty", "equals": 11}}})
        done = play(self.system, path)
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, r"line \d+, step /steps/1: /qty of /products/\d+ is 10")

    def test_wait_ends_after_its_limit(self):
        path = self.scenario({"do": "wait", "withinMs": 50, "condition": {"order": {
            "id": 999999, "is": "DELIVERED"}}})
        done = play(self.system, path)
        self.assertEqual(done.status, 1, done)
        self.assertIn("after 50 ms: /rentals/999999 is answered with 404", done.out)

    def test_time_limit_of_the_scenario_ends_it(self):
        path = self.scenario({"do": "pause", "ms": 60000}, timeLimitMs=1000)
        done = play(self.system, path)
        self.assertEqual(done.status, 1, done)
        self.assertIn("the time limit of the scenario, 1000 ms", done.out)

    def test_unknown_until_exits_2(self):
        done = play(self.system, self.scenario({"do": "pause", "ms": 1}), "--until", "nothing")
        self.assertEqual(done.status, 2, done)

    def test_missing_firmware_exits_3(self):
        path = self.scenario({"do": "pause", "ms": 1}, devices=[{"id": "s-1", "kind": "scanner"}])
        done = simulator("run", path, "--data", self.system.dir, "--bin", self.folder,
                         "--deploy", ROOT / "deploy")
        self.assertEqual(done.status, 3, done)
        self.assertIn("lockstock-scanner' cannot be started", done.out)

    def test_broker_restart_is_survived(self):
        path = self.scenario({"do": "fault", "what": "broker-restart"},
                             {"do": "wait", "condition": {"http": {"path": "/products"}}}, PRODUCT,
                             {"do": "wait", "condition": {"message": {
                                 "topic": "lockstock/v1/stream/product"}}}, timeLimitMs=60000)
        done = play(self.system, path)
        self.system.wait_ready()
        self.assertEqual(done.status, 0, done)

    def test_interrupt_ends_firmware_too(self):
        report = self.folder / "report"
        path = self.scenario({"do": "pause", "ms": 60000}, devices=[{"id": "s-1", "kind": "scanner"}])
        words = [default_build_dir() / "bin" / "lockstock-sim", "run", path, "--data", self.system.dir,
                 "--deploy", ROOT / "deploy", "--report", report]
        process = subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)

        def firmware():
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            return [int(pid) for pid in children.split() if
                    "lockstock-scanner" in pathlib.Path(f"/proc/{pid}/cmdline").read_text()]

        try:
            pids = wait_until(firmware, "the firmware to run", 20)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=20), 1)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.assertFalse(any(os.path.exists(f"/proc/{pid}") for pid in pids))
        self.assertIn("interrupted", (report / "report.txt").read_text())


if __name__ == "__main__":
    unittest.main()
