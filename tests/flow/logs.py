#!/usr/bin/env python3
"""Logs have a limit while their process lives: the supervisor moves a large one to .1 and the
process goes on at the new end."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.wait import wait_until

LOG_BYTES_MAX = 16 << 20  # deploy/supervise/files.h
TIMEOUT_S = 60            # it looks every 10 s


class Logs(SystemCase):
    def test_a_large_log_is_moved_while_its_process_lives(self):
        log = self.system.dir / "log" / "lockstock-rental.log"
        moved = log.with_name(log.name + ".1")
        of_device = self.system.dir / "sim" / "demo" / "scanner-1.log"
        of_device.parent.mkdir(mode=0o700)
        demo = self.system.dir / "log" / "demo.log"
        small = self.system.dir / "log" / "lockstock-product.log"
        pid = self.system.pid("lockstock-rental")
        line = b'{"text":"filler of a test"}\n'
        for large in (log, of_device, demo):
            with open(large, "ab") as out:
                out.write(line * (LOG_BYTES_MAX // len(line) + 1))
        wait_until(lambda: moved.exists() and log.stat().st_size < LOG_BYTES_MAX,
                   "the log to be moved", TIMEOUT_S)
        self.assertGreaterEqual(moved.stat().st_size, LOG_BYTES_MAX)
        for large in (of_device, demo):
            wait_until(lambda large=large: large.with_name(large.name + ".1").exists() and large.stat().st_size == 0,
                       f"{large} to be moved", TIMEOUT_S)
        self.assertFalse(small.with_name(small.name + ".1").exists())
        self.assertEqual(self.system.pid("lockstock-rental"), pid)
        # What it says from now on is at the beginning of a file without holes.
        with self.system.down("mosquitto"):
            wait_until(lambda: log.read_bytes().startswith(b"{"), "rental to log that the broker is away")
        self.system.wait_ready("lockstock-rental")


if __name__ == "__main__":
    unittest.main(verbosity=2)
