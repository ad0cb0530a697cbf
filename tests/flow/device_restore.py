#!/usr/bin/env python3
"""A scanner whose flash file is an older copy (schemas/rules/devices.md 1.9): no new scan is taken for
one that the service has under its number, even when the scanner is killed before it is connected."""

import unittest

from devices import SCANNER, ScannerCase


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
        self.assertEqual(len({epoch for epoch, _ in self.service.records[SCANNER]}), 2)


if __name__ == "__main__":
    unittest.main()
