#!/usr/bin/env python3
"""The scanner's binary on a real pseudo-terminal with a real broker, and no services: this file plays
the service and the hands. kill -9 at any moment loses no scan that the panel reported."""

import fcntl
import os
import pathlib
import random
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.desk_case import OPERATIONS_MAX, OPERATIONS_MIN, SCANNER, DeskCase
from harness.devices import command, now_ms
from harness.wait import wait_until


KILLS = 12
OFFLINE_SCANS = 500
UNREAD_SCANS = 500  # with traces, more than a pipe and the panel's buffer hold


class ScannerCase(DeskCase):
    extra = ()

    def setUp(self):
        super().setUp()
        self.head = self.plug("head")
        self.scanner = self.device("scanner", SCANNER, "--port", self.head.path, *self.extra).start()

    def scans(self):
        return [record["value"] for record in self.service.of_kind(SCANNER, "scan")]


class Scanning(ScannerCase):
    def test_scan_is_stored_sent_and_answered(self):
        self.scanner.wait_panel("none online")
        self.head.send("]C10100012345678905\r\n")
        self.scanner.wait_panel("stored 00012345678905")
        self.scanner.wait_panel("ok took 00012345678905")
        (record,) = self.service.of_kind(SCANNER, "scan")
        self.assertEqual((record["label"], record["symbology"]), ("gtin", "]C1"))
        self.assertGreater(record["at"], 0)
        state = self.service.states[SCANNER]
        self.assertEqual((state["status"], state["kind"], state["boot"]), ("online", "scanner", 1))
        (start,) = self.service.of_kind(SCANNER, "start")
        self.assertEqual(start["seq"], 1)

    def test_each_verdict_has_its_signal(self):
        verdicts = {"one": ("accepted", "ok", "next"), "two": ("accepted", "done", "all there"),
                    "three": ("wrong_item", "error", "not that one")}
        self.service.verdict = lambda record: verdicts[record["value"]]
        for text in verdicts:
            self.head.send(text + "\r")
        for shown in ("ok next", "done all there", "error not that one"):
            self.scanner.wait_panel(shown)

    def test_bounce_is_dropped_and_counted(self):
        self.head.send("LS-TEXT\rLS-TEXT\r\nLS-TEXT\n")
        self.scanner.wait_panel("ok took LS-TEXT")
        self.head.send("other\r")
        self.scanner.wait_panel("ok took other")
        self.assertEqual(self.scans(), ["LS-TEXT", "other"])
        self.assertEqual(self.service.ups[SCANNER][-1]["bounced"], 2)

    def test_too_long_line_is_an_error_and_the_next_one_is_read(self):
        self.head.send("x" * 300 + "\rfine\r")
        self.scanner.wait_panel("error label not readable: scan again")
        self.scanner.wait_panel("ok took fine")
        self.assertEqual(self.service.ups[SCANNER][-1]["unreadable"], 1)
        self.assertEqual(self.scans(), ["fine"])

    def test_any_bytes_on_the_line_do_no_harm(self):
        self.head.send(bytes(range(256)) * 40 + b"\r\n\0\r")
        self.head.send("after\r")
        self.scanner.wait_panel("ok took after")

    def test_bad_acks_are_ignored(self):
        wait_until(lambda: self.service.of_kind(SCANNER, "start"), "its first records")
        self.service.is_mute = True
        self.head.send("held\r")
        wait_until(lambda: any(r["kind"] == "scan" for up in self.service.ups.get(SCANNER, [])
                               for r in up["records"]), "an up")
        up = next(up for up in self.service.ups[SCANNER] if any(r["kind"] == "scan" for r in up["records"]))
        good = {"epoch": up["epoch"], "seq": 2, "now": now_ms(), "verdicts": []}
        for bad in (b"", b"{", b"\xff\xfe", b"[]", "{" * 4000, {**good, "epoch": "0" * 32},
                    {**good, "seq": 99}, {**good, "seq": -1}, {**good, "more": 1}):
            self.service.send("scanner", SCANNER, "ack", bad)
        self.service.is_mute = False
        self.scanner.wait_panel("ok took held")  # was still held, and sent again
        self.assertEqual(self.scanner.panel("ok"), ["took held"])

    def test_messages_that_are_too_large_are_dropped_and_said(self):
        self.scanner.wait_panel("none online")
        self.service.send("scanner", SCANNER, "ack", b"x" * 5000)
        log = self.folder / f"{SCANNER}.log"
        wait_until(lambda: "messages dropped: 1," in log.read_text(), "the reason")
        self.head.send("after\r")
        self.scanner.wait_panel("ok took after")

    def test_half_a_line_and_a_later_line_are_two(self):
        self.head.send("half a la")
        self.scanner.wait_panel("error label not readable: scan again")
        self.head.send("whole\r")
        self.scanner.wait_panel("ok took whole")
        self.assertEqual(self.service.ups[SCANNER][-1]["unreadable"], 1)

    def test_unplugged_head_is_found_again(self):
        self.head.unplug()
        self.scanner.wait_panel("error scan head not there")
        self.head.plug()
        self.scanner.wait_panel("none scan head connected")
        self.head.send("again\r")
        self.scanner.wait_panel("ok took again")

    def test_sigterm_ends_cleanly_and_the_state_says_offline(self):
        wait_until(lambda: self.service.states.get(SCANNER, {}).get("status") == "online", "online")
        self.assertEqual(self.scanner.stop(), 0)
        wait_until(lambda: self.service.states[SCANNER]["status"] == "offline", "offline")
        self.assertEqual(self.service.states[SCANNER]["boot"], 1)

    def test_death_is_told_by_the_will(self):
        wait_until(lambda: self.service.states.get(SCANNER, {}).get("status") == "online", "online")
        self.scanner.kill()
        wait_until(lambda: self.service.states[SCANNER]["status"] == "offline", "the will")
        self.scanner.start()
        wait_until(lambda: self.service.states[SCANNER] == {
            **self.service.states[SCANNER], "status": "online", "boot": 2}, "the next boot")


class Offline(ScannerCase):
    extra = ("--dead-time-ms", "0", "--trace")

    def test_offline_is_said_once_however_often_it_tries(self):
        self.scanner.wait_panel("none online")
        self.broker.stop()
        wait_until(lambda: sum('"name":"down"' in line for line in self.scanner.lines) >= 4,
                   "four attempts")
        self.assertEqual(self.scanner.panel("none").count("offline"), 1)
        log = self.folder / f"{SCANNER}.log"
        wait_until(lambda: "nobody answers at the broker's address" in log.read_text(), "the reason")

    def test_panel_that_nobody_reads_stops_nothing(self):
        self.scanner.stop()
        out, end = os.pipe()
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
        with open(self.folder / "unread.log", "wb") as log:
            scanner = subprocess.Popen(self.scanner.command, stdout=end, stderr=log,
                                       stdin=subprocess.DEVNULL)
        self.stack.callback(lambda: scanner.poll() is None and scanner.kill())
        os.close(end)
        self.stack.callback(os.close, out)
        wanted = [f"UNREAD-{i:04d}" for i in range(UNREAD_SCANS)]
        for first in range(0, UNREAD_SCANS, 50):
            self.head.send("".join(text + "\r" for text in wanted[first:first + 50]))
        wait_until(lambda: self.scans() == wanted, "all scans", 60)
        wait_until(lambda: "not read" in (self.folder / "unread.log").read_text(), "the reason")
        scanner.terminate()
        self.assertEqual(scanner.wait(20), 0)
        text = os.read(out, 100000).decode()
        self.assertTrue(all(line.startswith(("panel ", '{"ms":')) for line in text.splitlines()))

    def test_scans_without_network_are_all_there_afterwards(self):
        self.scanner.wait_panel("none online")
        mark = self.scanner.mark()
        self.broker.stop()
        self.scanner.wait_panel("none offline", since=mark)
        wanted = [f"OFF-{i:04d}" for i in range(OFFLINE_SCANS)]
        for first in range(0, OFFLINE_SCANS, 50):
            self.head.send("".join(text + "\r" for text in wanted[first:first + 50]))
            self.scanner.wait_panel("stored OFF-", count=first + 50)
        self.assertEqual(self.scans(), [])
        self.restart_broker()
        self.scanner.wait_panel("ok took OFF-", count=OFFLINE_SCANS, timeout_s=60)
        self.assertEqual(self.scans(), wanted)
        self.assertEqual(self.scanner.panel("ok"), [f"took {text}" for text in wanted])

    def test_full_memory_refuses_and_loses_nothing(self):
        self.scanner.stop()
        self.scanner.flash.unlink()
        self.scanner.command += ["--flash-blocks", "8"]
        self.broker.stop()
        self.scanner.start()
        fed = 0
        while not self.scanner.panel("error") and fed < 2000:
            self.head.send("".join(f"FULL-{fed + i:05d}\r" for i in range(20)))
            fed += 20
            wait_until(lambda fed=fed: len(self.scanner.panel("stored"))
                       + len(self.scanner.panel("error")) >= fed, f"{fed} scans to be shown")
        stored = self.scanner.panel("stored")
        refused = self.scanner.panel("error")
        self.assertEqual(set(refused), {"memory full, nothing taken: wait for the network"})
        self.restart_broker()
        self.scanner.wait_panel("ok took FULL-", count=len(stored), timeout_s=60)
        self.assertEqual(self.scans(), stored)
        self.head.send("room again\r")
        self.scanner.wait_panel("ok took room again")
        self.assertEqual(self.service.ups[SCANNER][-1]["overflowed"], len(refused))


class Kills(ScannerCase):
    extra = ("--dead-time-ms", "0")

    def kill_while_scanning(self, seed):
        """Kills at random places; returns all that was fed."""
        chance = random.Random(seed)
        fed = []
        for round_number in range(KILLS):
            self.service.is_mute = chance.random() < 0.4
            count = chance.randrange(1, 60)
            texts = [f"K-{round_number:02d}-{i:03d}" for i in range(count)]
            fed += texts
            enough = len(self.scanner.panel("stored")) + chance.randrange(0, count)
            self.head.send("".join(text + "\r" for text in texts))
            wait_until(lambda enough=enough: len(self.scanner.panel("stored")) >= enough,
                       f"{enough} scans")
            self.scanner.kill()
            self.head.unplug()  # what the dead device did not read is gone, as on a real line
            self.head.plug()
            self.scanner.start()
        self.service.is_mute = False
        return fed

    def test_kill_loses_no_stored_scan(self):
        seed = int(os.environ.get("LOCKSTOCK_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}", file=sys.stderr)
        fed = self.kill_while_scanning(seed)
        self.head.send("the last\r")
        self.scanner.wait_panel("ok took the last", timeout_s=60)
        scans, stored = self.scans(), self.scanner.panel("stored")
        self.assertEqual(set(stored) - set(scans), set(), "stored, and lost")
        self.assertEqual(set(scans) - set(fed) - {"the last"}, set(), "invented")
        self.assertEqual(len(scans), len(set(scans)), "doubled")
        self.assertEqual([text for text in scans if text in set(stored)], stored, "out of order")
        self.assertEqual(set(scans) - {text[5:] for text in self.scanner.panel("ok")}, set(),
                         "a verdict was not told")
        records = sorted(self.service.records[SCANNER])
        self.assertEqual(len({epoch for epoch, _ in records}), 1, "a new epoch")
        self.assertEqual([seq for _, seq in records], list(range(1, len(records) + 1)), "a gap")
        self.assertEqual(self.service.states[SCANNER]["boot"], KILLS + 1)

    def dies_in(self, operation):
        """Starts it and scans; is it dead before all verdicts were told?"""
        texts = [f"OP-{operation:03d}-{i:02d}" for i in range(10)]
        self.scanner.start_to_die(operation)
        self.head.send("".join(text + "\r" for text in texts))
        wait_until(lambda: self.scanner.is_dead() or not
                   {f"took {text}" for text in texts} - set(self.scanner.panel("ok")),
                   f"operation {operation}")
        return self.scanner.is_dead()

    def test_kill_inside_each_flash_operation_loses_no_stored_scan(self):
        self.scanner.stop()
        operation, died = 1, True
        while died and operation < OPERATIONS_MAX:
            died = self.dies_in(operation)
            self.scanner.kill()
            self.head.unplug()
            self.head.plug()
            operation += 1
        print(f"{operation - 1} operations", file=sys.stderr)
        self.assertGreater(operation, OPERATIONS_MIN, "the shim did not kill")
        self.scanner.start()
        self.head.send("the last\r")
        self.scanner.wait_panel("ok took the last", timeout_s=60)
        scans, stored = self.scans(), self.scanner.panel("stored")
        self.assertEqual(set(stored) - set(scans), set(), "stored, and lost")
        self.assertEqual(len(scans), len(set(scans)), "doubled")
        records = sorted(self.service.records[SCANNER])
        self.assertEqual(len({epoch for epoch, _ in records}), 1, "a new epoch")
        self.assertEqual([seq for _, seq in records], list(range(1, len(records) + 1)), "a gap")


class CommandLine(DeskCase):
    def run_binary(self, device, *arguments):
        done = subprocess.run([device.command[0], *arguments], capture_output=True, timeout=20,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_help_and_version_of_both(self):
        for kind in ("scanner", "locker"):
            device = self.device(kind, f"{kind}-1")
            for option, text in (("--help", "Examples:"), ("--version", f"lockstock-{kind} ")):
                status, out, _ = self.run_binary(device, option)
                self.assertEqual(status, 0)
                self.assertIn(text, out)

    def test_bad_options_are_refused_with_a_sentence(self):
        scanner = self.device("scanner", SCANNER)
        for arguments, text in ((["--id", "Scanner"], "begin with a letter"),
                                (["--nonsense"], "--nonsense is not known"),
                                (["--id", "a", "--flash", "f"], "--port TTY is missing"),
                                (["--board", "cu16:/dev/ttyS9"], "for lockers only")):
            status, out, error = self.run_binary(scanner, *arguments)
            self.assertEqual((status, out), (64, ""), arguments)
            self.assertIn(text, error)

    def test_files_that_are_wrong_are_named(self):
        head = self.plug("head")
        scanner = self.device("scanner", SCANNER, "--port", head.path).start()
        for change, text in ((lambda: None, "is in use by another device"),
                             (lambda: scanner.stop() or scanner.flash.write_bytes(b"x"), "blocks"),
                             (lambda: scanner.flash.unlink() or scanner.password.unlink(),
                              "cannot be read")):
            change()
            status, _, error = self.run_binary(scanner, *scanner.command[1:])
            self.assertEqual(status, 1, error)
            self.assertIn(text, error)

    def test_wrong_password_is_said_and_scans_are_kept(self):
        head = self.plug("head")
        scanner = self.device("scanner", SCANNER, "--port", head.path)
        scanner.password.write_text("wrong\n")
        scanner.start()
        head.send("kept\r")
        scanner.wait_panel("stored kept")
        log = self.folder / f"{SCANNER}.log"
        wait_until(lambda: "refuses this id or its password" in log.read_text(), "the reason")
        scanner.stop()
        scanner.password.write_text("secret-of-all\n")
        scanner.start()
        scanner.wait_panel("ok took kept")


if __name__ == "__main__":
    unittest.main()
