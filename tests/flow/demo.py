#!/usr/bin/env python3
"""deploy/up --demo on an empty folder: the working day plays and passes, and deploy/down ends all of it."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.wait import wait_until

DAY_S = 120


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

    def test_a_day_passes_and_down_ends_it(self):
        wait_until(lambda: "passed after" in self.words(), "a day of the demo to pass", DAY_S)
        self.assertNotIn("FAILED", self.words())
        report = self.system.dir / "sim" / "demo-1"
        for name in ("report.txt", "report.json", "diagram.md"):
            self.assertGreater((report / name).stat().st_size, 0, name)
        demo = int((self.system.dir / "run" / "demo.pid").read_text())
        self.system.stop()
        wait_until(lambda: not is_alive(demo), "the demo to end")
        self.assertFalse((self.system.dir / "run" / "demo.pid").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
