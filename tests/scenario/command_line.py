#!/usr/bin/env python3
"""What lockstock-sim says and how it exits when something is wrong, and what a report holds."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
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
        self.assertIn("say what to do: run, check, list, label or load", done.out)
        self.assertIn("run, check, list, label and load", simulator("fly").out)

    def test_help_has_examples(self):
        done = simulator("--help")
        self.assertEqual(done.status, 0, done)
        for word in ("Examples:", "--seed", "--until", "deploy/up", "hw-sim/scenarios/", "label command RECEIVE",
                     "COMMAND --help"):
            self.assertIn(word, done.out)

    def test_help_of_a_command_is_its_own(self):
        for words, begin in ((("run", "--help"), "lockstock-sim run FILE"),
                             (("check", "--help"), "lockstock-sim check FILE"),
                             (("list", "--help"), "lockstock-sim list [FOLDER"),
                             (("label", "--help"), "lockstock-sim label KIND"),
                             (("load", "--help"), "lockstock-sim load [options]")):
            done = simulator(*words)
            self.assertEqual(done.status, 0, done)
            self.assertTrue(done.out.startswith(begin), done)

    def test_mistakes_in_options_begin_with_the_program(self):
        for words, said in ((("run",), "run needs at least one scenario file"),
                            (("run", "a", "--seed", "x"), "--seed 'x' is not a number"),
                            (("load", "--for", "0"), "--for 0: give a time"),
                            (("load", "--window", "0"), "--window 0: at least one"),
                            (("load", "--scanners", "0", "--lockers", "0"), "--scanners 0 --lockers 0: give"),
                            (("load", "--fly"), "--fly: no such option"),
                            (("load", "fly"), "fly: there are options only"),
                            (("load", "--rate", "x"), "--rate 'x' is not a number")):
            done = simulator(*words)
            self.assertEqual(done.status, 2, done)
            self.assertTrue(done.out.startswith(f"lockstock-sim: {said}"), done)

    def test_states_in_the_schema_are_those_of_the_contract(self):
        known = json.loads((ROOT / "schemas" / "common.schema.json").read_text())["$defs"]
        schema = json.loads((ROOT / "hw-sim" / "scenario.schema.json").read_text())["$defs"]
        for ours, theirs in (("rentalStates", "rentalStatus"), ("deliveryStates", "deliveryStatus")):
            one, many = schema[ours]["oneOf"]
            self.assertEqual(one["enum"], known[theirs]["enum"])
            self.assertEqual(many["items"]["enum"], known[theirs]["enum"])
        state = schema["condition"]["properties"]["asset"]["properties"]["state"]
        self.assertEqual(state["enum"], known["assetState"]["enum"])

    def test_shipped_orders_name_a_locker_of_their_own(self):
        """Else they would lie in the locker of whoever plays beside them; counter's fit into none."""
        for path in sorted((ROOT / "hw-sim" / "scenarios").glob("*.json")):
            for step in json.loads(path.read_text())["steps"]:
                if step["do"] == "order" and step.get("fulfilment") == "locker" and path.stem != "counter":
                    self.assertRegex(step.get("locker", "none"), r"^\$\{locker-\d\.id\}$", path.name)

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
        self.assertIn("no Lockstock has run in", done.out)
        (self.folder / "run").mkdir()
        done = simulator("run", path, "--data", self.folder)
        self.assertEqual(done.status, 3, done)
        self.assertIn("Lockstock does not run at http://127.0.0.1:1", done.out)

    def test_label_prints_check_characters(self):
        done = simulator("label", "compartment", "LOCKER-1-01")
        self.assertEqual((done.status, done.out), (0, "LS:C:LOCKER-1-01:1\n"))
        done = simulator("label", "command", "RECEIVE", "QTY-12")
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, r"^LS:X:RECEIVE:O\nLS:X:QTY-12:[0-9A-Z*]\n$")

    def test_label_commands_are_those_of_stock(self):
        known = re.findall(r'\[SCAN_COMMAND_\w+\] = "(\w+)"',
                           (ROOT / "services" / "stock" / "domain" / "scan.c").read_text())
        folder = self.folder / "not" / "yet"
        done = simulator("label", "--commands", "--svg", folder)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(sorted(line.split(":")[2] for line in done.out.split()), sorted(known))
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         sorted(f"command-{name}.svg" for name in known))
        self.assertIn("<title>LS:X:PICK:F</title>", (folder / "command-PICK.svg").read_text())

    def test_label_bad_words_are_told(self):
        for words, said in ((("label",), "give a kind and values"),
                            (("label", "fly", "1"), "no kind of label 'fly'"),
                            (("label", "asset", "lt-7"), "'lt-7' cannot be on a label"),
                            (("label", "gtin", "1"), "not a GTIN of 14 digits"),
                            (("label", "command", "FOO"), "'FOO' is no command: RECEIVE, PUTAWAY"),
                            (("label", "command", "QTY-1000"), "or QTY-1 to QTY-999"),
                            (("label", "command", "QTY-0"), "'QTY-0' is no command"),
                            (("label", "compartment", "LOCKER-1"), "'LOCKER-1' is no compartment"),
                            (("label", "compartment", "LOCKER-1-17"), "'LOCKER-1-17' is no compartment"),
                            (("label", "order", "0"), "'0' is no number of a product or order"),
                            (("label", "product", "LT-7"), "'LT-7' is no number of a product or order"),
                            (("label", "asset", "A", "--nope"), "unknown option '--nope'"),
                            (("label", "asset", "A", "--svg"), "--svg needs a folder"),
                            (("label", "asset", "A", "--svg", "/dev/null/x"), "cannot make")):
            done = simulator(*words)
            self.assertEqual(done.status, 2, done)
            self.assertIn(said, done.out)

    def test_list_shows_titles(self):
        done = simulator("list")
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, r"(?m)^wrong-item +The wrong thing")
        self.assertRegex(done.out, r"(?m)^late-unlock .* \(slow\)$")
        self.assertRegex(done.out, r"(?m)^not-collected .*\(wants deploy/up --set delivery.hold-ms=\d+\)$")
        self.assertEqual(simulator("list", "/nonexistent").status, 2)
        done = simulator("list", self.folder)
        self.assertEqual(done.status, 2, done)
        self.assertIn("no file ends with .json", done.out)

    def test_names_of_the_list_are_found(self):
        for folder in (ROOT, ROOT / "tests"):
            self.assertEqual(simulator("check", "wrong-item", cwd=folder).status, 0)
        done = simulator("check", "right-item")
        self.assertEqual(done.status, 2, done)
        self.assertIn("there is no scenario 'right-item'; lockstock-sim list shows them", done.out)

    def test_shipped_scenarios_are_fine(self):
        done = simulator("check", *sorted((ROOT / "hw-sim" / "scenarios").glob("*.json")))
        self.assertEqual(done.status, 0, done)


class WithSystem(Folder, SystemCase):
    def test_pass_exits_0_with_reports(self):
        report = self.folder / "not" / "yet" / "report"
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
        path = self.scenario({"do": "wait", "withinMs": 2000, "condition": {"order": {
            "id": 999999, "is": "DELIVERED"}}})
        done = play(self.system, path)
        self.assertEqual(done.status, 1, done)
        self.assertIn("after 2000 ms: /rentals/999999 is answered with 404", done.out)

    def test_repeat_ends_when_until_holds(self):
        again = {"do": "repeat", "as": "n", "steps": [
            {"do": "http", "method": "POST", "path": "/products", "body": {"name": "rope ${n}"}, "save": "rope"}],
                 "until": {"http": {"path": "/products/${rope.id}", "pointer": "/name", "equals": "rope 2"}}}
        done = play(self.system, self.scenario({**again, "count": 5}))
        self.assertEqual(done.status, 0, done)
        self.assertIn("passed after", done.out)
        self.assertIn(", 2 steps", done.out)
        done = play(self.system, self.scenario({**again, "count": 1}))
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.out, r"line \d+, step /steps/0, 1 times: /name of /products/\d+ is")

    def test_time_limit_of_the_scenario_ends_it(self):
        path = self.scenario({"do": "pause", "ms": 60000}, timeLimitMs=1000)
        done = play(self.system, path)
        self.assertEqual(done.status, 1, done)
        self.assertIn("the time limit of the scenario, 1000 ms", done.out)

    def test_unknown_names_in_options_exit_2_before_anything_happens(self):
        path = self.scenario({"do": "pause", "ms": 1})
        for words, said in ((("--until", "nothing"), 'no step is named "nothing"'),
                            (("--device", "s-9=/dev/ttyS9"), 'no device is named "s-9"')):
            done = play(self.system, path, *words)
            self.assertEqual(done.status, 2, done)
            self.assertIn(said, done.out)
            self.assertIn(", 0 steps", done.out)

    def test_scenario_with_another_hold_time_exits_3(self):
        done = play(self.system, self.scenario({"do": "pause", "ms": 1}, requires={"holdMs": 6000}))
        self.assertEqual(done.status, 3, done)
        self.assertIn("start one with deploy/up --set delivery.hold-ms=6000", done.out)

    def start(self, path, *words):
        """A run that goes on; it has begun, and says its words in a file."""
        said = self.folder / (path.stem + ".said")
        words = [default_build_dir() / "bin" / "lockstock-sim", "run", path, "--data", self.system.dir,
                 "--deploy", ROOT / "deploy", *words]
        with open(said, "wb") as out:
            process = subprocess.Popen(list(map(str, words)), stdout=out, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(lambda: re.search(r"(?m)^ +\d+ ", said.read_text()), "the first step", 60)
        return process, said

    def test_two_runs_play_at_once_and_the_third_exits_3(self):
        go = self.register("starting gun", 1)
        paths = [self.scenario({"do": "note", "text": "begins"}, {"do": "wait", "withinMs": 60000, "condition": {
            "http": {"path": f"/products/{go}", "pointer": "/qty", "equals": 0}}}, PRODUCT, {
                "do": "wait", "condition": {"message": {"topic": "lockstock/v1/stream/product"}}},
                               name=f"{name}.json", timeLimitMs=90000) for name in ("first", "second")]
        runs = [self.start(path, "--report", self.folder / path.stem) for path in paths]
        third = play(self.system, self.scenario({"do": "pause", "ms": 1}))
        self.assertEqual(third.status, 3, third)
        for process, _ in runs:
            self.assertIn(str(process.pid), third.out)
        self.assertEqual(self.web.post("/rentals", {"productId": go, "qty": 1}).status, 201)
        for process, said in runs:
            self.assertEqual(process.wait(timeout=60), 0, said.read_text())
        done = play(self.system, self.scenario({"do": "pause", "ms": 1}))
        self.assertEqual(done.status, 0, done)

    def test_name_that_somebody_else_uses_exits_3(self):
        path = self.scenario({"do": "note", "text": "begins"}, {"do": "pause", "ms": 60000}, timeLimitMs=90000)
        process, said = self.start(path)
        words = ["mosquitto_sub", "-p", self.system.mqtt_port, "-u", "operator-3", "-P",
                 self.system.secret("operator-3"), "-t", "lockstock/#"]
        with subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as other:
            self.assertEqual(process.wait(timeout=60), 3, said.read_text())
            other.kill()
        self.assertIn("somebody else is at the broker as operator-3", said.read_text())

    def test_scenario_that_wants_to_be_alone_beside_another_exits_3(self):
        boards = {"compartments": "S", "boards": [{"type": "cu16"}]}
        path = self.scenario({"do": "note", "text": "begins"}, {"do": "pause", "ms": 60000}, timeLimitMs=90000,
                             devices=[{"id": "l-1", "kind": "locker", **boards}])
        alone = self.scenario({"do": "pause", "ms": 1}, requires={"alone": True}, name="alone.json")
        process, said = self.start(path)
        done = play(self.system, alone)
        self.assertEqual(done.status, 3, done)
        self.assertRegex(done.out, r"wants to be alone, but l-1-\w{6} is online")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 1, said.read_text())
        done = play(self.system, alone)
        self.assertEqual(done.status, 0, done)

    def test_firmware_that_ends_by_itself_is_told_at_once(self):
        programs = self.folder / "bin"
        programs.mkdir()
        path = self.scenario({"do": "note", "text": "begins"}, {"do": "pause", "ms": 60000}, timeLimitMs=90000,
                             devices=[{"id": "s-1", "kind": "scanner"}])
        real = self.system.build / "bin" / "lockstock-scanner"
        broken = programs / "lockstock-scanner"
        broken.write_text(f"#!/bin/sh\necho $$ >{programs}/pid\nexec {real} \"$@\"\n")
        broken.chmod(0o755)
        process, said = self.start(path, "--bin", programs, "--report", self.folder / "report")
        os.kill(int((programs / "pid").read_text()), signal.SIGABRT)
        self.assertEqual(process.wait(timeout=30), 1, said.read_text())
        self.assertRegex(said.read_text(), r"the firmware of s-1 has ended by itself, with signal 6; see \S+\.log")
        entries = json.loads((self.folder / "report" / "report.json").read_text())["entries"]
        self.assertEqual([entry["text"].split(" has ")[0] for entry in entries if entry["kind"] == "process"],
                         ["firmware starts", "the firmware of s-1"])

    def test_scanner_without_suffix_is_not_understood_and_says_so(self):
        path = self.scenario(
            {"name": "scanned", "actor": "mina", "do": "scan", "label": {"command": "RECEIVE"}},
            {"do": "wait", "condition": {"panel": {"device": "s-1", "signal": "error", "text": "not readable",
                                                   "since": "scanned"}}},
            {"do": "expect", "condition": {"counter": {"device": "s-1", "name": "verdicts", "equals": 0}}},
            devices=[{"id": "s-1", "kind": "scanner", "suffix": "none"}],
            actors=[{"name": "mina", "kind": "worker", "scanner": "s-1"}])
        done = play(self.system, path)
        self.assertEqual(done.status, 0, done)

    def test_serial_port_that_is_not_there_exits_3(self):
        path = self.scenario({"do": "pause", "ms": 1}, devices=[{"id": "s-1", "kind": "scanner"}])
        for port, said in (("/dev/nope", "the serial port of s-1, '/dev/nope': No such file"),
                           ("/etc/passwd", "the serial port of s-1, '/etc/passwd', is none")):
            done = play(self.system, path, "--device", f"s-1={port}")
            self.assertEqual(done.status, 3, done)
            self.assertIn(said, done.out)
        self.assertEqual(self.devices(), [])

    def test_run_that_is_broken_off_cancels_its_orders(self):
        """One that is picked would move to the locker of somebody else when its own is gone."""
        report = self.folder / "report"
        path = self.scenario(
            PRODUCT, {"do": "wait", "condition": {"http": {"path": "/rentals/products/${product.id}"}}},
            {"do": "order", "product": "${product.id}", "fulfilment": "locker", "save": "order"},
            {"do": "wait", "condition": {"order": {"id": "${order.id}", "is": "RESERVED"}}},
            {"do": "expect", "condition": {"http": {"path": "/rentals/${order.id}", "status": 404}}})
        done = play(self.system, path, "--report", report)
        self.assertEqual(done.status, 1, done)
        entries = json.loads((report / "report.json").read_text())["entries"]
        said = [entry["text"] for entry in entries if "cancels what is left" in entry.get("text", "")]
        self.assertEqual(len(said), 1, entries)
        order = re.search(r"DELETE /rentals/(\d+) answers 204", said[0]).group(1)
        self.assertEqual(self.web.get(f"/rentals/{order}").json["status"], "CANCELED")

    def test_order_in_a_foreign_locker_is_told(self):
        """Its id is a name in this scenario, too."""
        devices = [{"id": "l-1", "kind": "locker", "compartments": "S", "boards": [{"type": "cu16"}]}]
        foreign, _ = self.start(self.scenario({"do": "note", "text": "begins"}, {"do": "pause", "ms": 60000},
                                              devices=devices, timeLimitMs=90000, name="foreign.json"),
                                "--keep-names", "--report", self.folder / "foreign")
        path = self.scenario({"do": "http", "method": "GET", "path": "/lockers/l-1", "save": "place"},
                             {"do": "open", "locker": "${place.device}", "compartment": 1}, devices=devices)
        done = play(self.system, path)
        foreign.send_signal(signal.SIGINT)
        self.assertEqual(foreign.wait(timeout=60), 1)
        self.system.add_device("locker", "l-1", "--remove")
        self.assertEqual(done.status, 1, done)
        self.assertIn("l-1 is not a locker of this run", done.out)

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

    def test_absence_that_nobody_has_watched_is_no_proof(self):
        report = self.folder / "report"
        none = {"topic": "lockstock/v1/stream/nothing"}
        path = self.scenario({"do": "expect", "condition": {"not": {"message": none}}},
                             {"do": "fault", "what": "broker-restart"}, {"name": "later", "do": "note", "text": "back"},
                             {"do": "expect", "condition": {"not": {"message": {**none, "since": "later"}}}},
                             {"do": "expect", "condition": {"not": {"message": none}}}, timeLimitMs=60000)
        done = play(self.system, path, "--report", report)
        self.system.wait_ready()
        self.assertEqual(done.status, 1, done)
        self.assertIn("step /steps/4: nobody can tell that no message came: the observer has lost the broker", done.out)
        self.assertIn("has lost the broker: what passes now is not in this report", (report / "report.txt").read_text())

    def test_interrupt_ends_firmware_too(self):
        report = self.folder / "report"
        path = self.scenario({"do": "pause", "ms": 60000}, devices=[{"id": "s-1", "kind": "scanner"}])
        words = [default_build_dir() / "bin" / "lockstock-sim", "run", path, "--data", self.system.dir,
                 "--deploy", ROOT / "deploy", "--report", report]
        said = self.folder / "said"
        with open(said, "wb") as out:
            process = subprocess.Popen(list(map(str, words)), stdout=out, stderr=subprocess.STDOUT)

        def firmware():
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            return [int(pid) for pid in children.split() if
                    "lockstock-scanner" in pathlib.Path(f"/proc/{pid}/cmdline").read_text()]

        try:
            pids = wait_until(firmware, "the firmware to run", 60)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=60), 1)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.assertFalse(any(os.path.exists(f"/proc/{pid}") for pid in pids))
        self.assertIn("interrupted", (report / "report.txt").read_text())
        self.assertRegex(said.read_text(), r"s: interrupted after \d+\.\d s, [01] steps\n")
        self.assertNotIn("FAILED", said.read_text())
        self.assertEqual(self.devices(), [])

    def devices(self):
        """Those that are left of the runs of this class."""
        listed = (self.system.dir / "devices" / "list").read_text().split("\n")
        return [line for line in listed if re.match(r"(scanner|locker) s-\d", line)]

    def test_scan_tells_what_the_panel_answers(self):
        report = self.folder / "report"
        path = self.scenario(
            {"do": "scan", "actor": "mina", "label": {"command": "RECEIVE"}, "expect": {"signal": "ok"}},
            {"do": "pause", "ms": 1},
            devices=[{"id": "s-1", "kind": "scanner"}], actors=[
                {"name": "mina", "kind": "worker", "scanner": "s-1"}])
        done = play(self.system, path, "--report", report)
        self.assertEqual(done.status, 0, done)
        self.assertIn('mina scans command RECEIVE -> ok "Receive: scan the product"\n', done.out)
        entries = json.loads((report / "report.json").read_text())["entries"]
        steps = [at for at, entry in enumerate(entries) if entry["kind"] == "step"]
        shown = [at for at, entry in enumerate(entries)
                 if entry["kind"] == "panel" and entry.get("payload") == "Receive: scan the product"]
        self.assertEqual(len(shown), 1)
        self.assertTrue(steps[0] < shown[0] < steps[1], (steps, shown))
        self.assertEqual(entries[shown[0]]["to"], "mina")
        self.assertEqual(self.devices(), [])

    def test_report_has_only_devices_of_the_run(self):
        """Another scanner has left a state on the broker, and speaks while the run goes on."""
        report, other = self.folder / "report", self.folder / "other"
        other.mkdir()
        device = [{"id": "s-1", "kind": "scanner"}]
        kept = play(self.system, self.scenario({"do": "pause", "ms": 1}, devices=device),
                    "--keep-names", "--report", other)
        self.assertEqual(kept.status, 0, kept)
        self.assertEqual(self.devices(), ["scanner s-1 main"])
        seen = {"message": {"topic": "lockstock/v1/device/main/scanner/${s-1.id}/state"}}  # in its own time
        done = play(self.system, self.scenario({"do": "wait", "condition": seen}, devices=device),
                    "--report", report)
        subprocess.run([ROOT / "deploy" / "add-device", "scanner", "s-1", "--remove", "--data",
                        self.system.dir], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(done.status, 0, done)
        topics = {entry["topic"] for entry in
                  json.loads((report / "report.json").read_text())["entries"]
                  if entry["kind"] == "mqtt"}
        self.assertTrue(any("/scanner/s-1-" in topic for topic in topics), topics)
        self.assertFalse(any("/scanner/s-1/" in topic for topic in topics), topics)

    def test_each_run_begins_with_empty_flash(self):
        """Also where an earlier run of a device of the same name has left its report."""
        boot = {"do": "expect", "condition": {"counter": {"device": "s-1", "name": "boot", "equals": 1}}}
        path = self.scenario(boot, devices=[{"id": "s-1", "kind": "scanner"}])
        for _ in range(2):
            done = play(self.system, path, "--keep-names", "--report", self.folder / "report")
            self.assertEqual(done.status, 0, done)
        self.system.add_device("scanner", "s-1", "--remove")

    def test_real_ports_are_scanned_by_hand(self):
        """--device twice: two pseudo terminals stand for the serial ports, and we scan."""
        lines = {name: os.openpty() for name in ("s-1", "s-2")}
        for pair in lines.values():
            for end in pair:
                self.addCleanup(os.close, end)
        ports = {name: os.ttyname(pair[1]) for name, pair in lines.items()}
        masters = {ports[name]: pair[0] for name, pair in lines.items()}
        path = self.scenario(
            *({"do": "scan", "device": name, "label": {"command": command},
               "expect": {"result": "accepted"}}
              for name, command in (("s-1", "RECEIVE"), ("s-2", "PICK"))),
            devices=[{"id": name, "kind": "scanner"} for name in ports])
        words = [default_build_dir() / "bin" / "lockstock-sim", "run", path, "--data", self.system.dir,
                 "--deploy", ROOT / "deploy", "--report", self.folder / "report"]
        for name, port in ports.items():
            words += ["--device", f"{name}={port}"]
        with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT) as process:
            stop = threading.Timer(60, process.kill)
            stop.start()
            said = []
            for line in process.stdout:
                said.append(line)
                wish = re.search(r"please scan  (\S+)  with the scanner at (\S+)", line)
                if wish:
                    os.write(masters[wish.group(2)], wish.group(1).encode() + b"\r")
            stop.cancel()
        self.assertEqual(process.returncode, 0, "".join(said))
        self.assertEqual(sum("please scan" in line for line in said), 2, said)

    def test_people_make_mistakes_whatever_the_seed(self):
        seen = set()
        for seed in range(1, 6):
            report = self.folder / f"report-{seed}"
            done = play(self.system, ROOT / "hw-sim" / "scenarios" / "people-make-mistakes.json",
                        "--seed", seed, "--report", report)
            self.assertEqual(done.status, 0, done)
            seen |= set(re.findall(r"mistake: \w+ (.*)", (report / "report.txt").read_text()))
        self.assertEqual(seen, {
            "pulls the trigger twice", "slams the door at once", "scans the label beside",
            "types a wrong digit", "leaves the goods behind", "walks away from the open door"})


if __name__ == "__main__":
    unittest.main()
