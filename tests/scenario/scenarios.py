#!/usr/bin/env python3
"""Every scenario of hw-sim/scenarios passes against one real system. Name some to run only those:
tests/scenario/scenarios.py wrong-item"""
import json
import re
import sys
import unittest

from simulator import SCENARIOS, play  # first: it finds the harness

from harness.cases import SystemCase

TEXT_TAIL = 6000


class Scenarios(SystemCase):
    """One test for each file, in the order of their names; they share the system, as days do."""

    def check(self, path):
        folder = self.system.dir / "sim-report" / path.stem
        folder.mkdir(parents=True)
        done = play(self.system, path, "--report", folder)
        if done.status != 0:
            report = folder / "report.txt"
            text = report.read_text(errors="replace") if report.exists() else "no report"
            self.fail(f"{path.name}: {done}\n...{text[-TEXT_TAIL:]}")
        report = json.loads((folder / "report.json").read_text())
        self.assertEqual(report["outcome"], "passed")
        self.assertGreater(len(report["entries"]), 0)
        self.assertIn("sequenceDiagram", (folder / "diagram.md").read_text())


def add_tests(wanted):
    for path in sorted(SCENARIOS.glob("*.json")):
        if not wanted or path.stem in wanted:
            name = "test_" + re.sub(r"\W", "_", path.stem)
            setattr(Scenarios, name, lambda self, path=path: self.check(path))


if __name__ == "__main__":
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    add_tests(names)
    unittest.main(argv=[sys.argv[0], *[word for word in sys.argv[1:] if word.startswith("-")]])
