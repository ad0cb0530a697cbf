#!/usr/bin/env python3
"""A scanner whose flash file is an older copy (schemas/rules/devices.md 1.9): no new scan is taken for
one that the service has under its number, even when the scanner is killed before it is connected; and
it is known to be gone when it dies then. One whose answers come late misses no verdict (1.3)."""

import unittest

from device_scanners import SCANNER, ScannerCase
from harness.wait import wait_until


class Restore(ScannerCase):
    extra = ("--dead-time-ms", "0")

    def test_flash_restored_from_an_image_loses_no_new_scan(self):
        self.head.send("".join(f"BEFORE-{i}\r" for i in range(3)))
        self.scanner.wait_panel("ok took BEFORE-", count=3)
        self.scanner.kill()
        image = self.scanner.flash.read_bytes()
        self.scanner.start()
        self.head.send("".join(f"LATER-{i}\r" for i in range(5)))
        self.scanner.wait_panel("ok took LATER-", count=5)
        self.scanner.kill()
        self.scanner.flash.write_bytes(image)
        self.broker.stop()
        for run in range(2):
            self.scanner.start()
            self.head.send("".join(f"NEW-{run}{i}\r" for i in range(3)))
            self.scanner.wait_panel("stored NEW-", count=3 * run + 3)
            self.scanner.kill()
        self.restart_broker()
        self.scanner.start()
        self.scanner.wait_panel("ok took NEW-", count=6)
        self.head.send("the last\r")
        self.scanner.wait_panel("ok took the last")
        wanted = [f"BEFORE-{i}" for i in range(3)] + [f"LATER-{i}" for i in range(5)]
        wanted += [f"NEW-{run}{i}" for run in range(2) for i in range(3)] + ["the last"]
        self.assertEqual(sorted(self.scans()), sorted(wanted))
        epochs = [up["epoch"] for up in self.service.ups[SCANNER] if up["records"]]
        self.assertEqual(len(set(epochs)), 2)
        self.wait_state("online", epochs[-1])
        self.scanner.kill()
        self.wait_state("offline", epochs[-1])

    def wait_state(self, status, epoch):
        states = self.service.states
        wait_until(lambda: (states[SCANNER]["status"], states[SCANNER]["epoch"]) == (status, epoch),
                   f"{status} of epoch {epoch}")

    def test_second_hello_that_is_answered_late_costs_no_verdict(self):
        self.head.send("FIRST\r")
        self.scanner.wait_panel("ok took FIRST")
        self.service.is_mute = True
        self.head.send("LATE\r")
        ups = self.service.ups[SCANNER]
        wait_until(lambda: any(record.get("value") == "LATE" for record in ups[-1]["records"]), "it")
        self.scanner.kill()
        stored, held = len(ups), self.service.records[SCANNER]
        held |= {(ups[-1]["epoch"], record["seq"]): record for record in ups[-1]["records"]}
        self.scanner.start()

        def hellos():
            return [up for up in ups[stored:] if not up["records"]]

        wait_until(lambda: len(hellos()) >= 2, "two hellos")
        self.service.is_mute = False
        for hello in hellos()[:2]:
            self.service.acknowledge("scanner", SCANNER, hello)
        self.scanner.wait_panel("ok took LATE")


if __name__ == "__main__":
    unittest.main()
