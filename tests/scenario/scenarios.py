#!/usr/bin/env python3
"""Every scenario of hw-sim/scenarios passes against a real system. Name some to run only those:
tests/scenario/scenarios.py wrong-item. Those that say "slow" are left out, or with --slow the others."""
import json
import re
import sys
import unittest

from simulator import SCENARIOS, play  # first: it finds the harness

from harness.cases import SystemCase

TEXT_TAIL = 6000
# What a scenario may require of the system, and the setting that gives it.
SETTINGS = {"holdMs": "delivery.hold-ms"}


class Scenarios(SystemCase):
    """One test for each file, in the order of their names. Those that require the same settings
    share a system, as days do."""

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


def settings_of(path):
    """("delivery.hold-ms=4000",), or () for a scenario that any system can play."""
    requires = json.loads(path.read_text()).get("requires", {})
    return tuple(f"{name}={requires[key]}" for key, name in SETTINGS.items() if key in requires)


def is_slow(path):
    return json.loads(path.read_text()).get("slow", False)


def make_cases(wanted, slow):
    """A class for each choice of settings, a test for each scenario."""
    unknown = set(wanted) - {path.stem for path in SCENARIOS.glob("*.json")}
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}; see lockstock-sim list")
    cases = {}
    for path in sorted(SCENARIOS.glob("*.json")):
        if path.stem not in wanted if wanted else is_slow(path) != slow:
            continue
        settings = settings_of(path)
        if settings not in cases:
            name = re.sub(r"\W", "_", "_".join(("Scenarios", *settings)))
            args = [word for setting in settings for word in ("--set", setting)]
            cases[settings] = type(name, (Scenarios,), {"extra_args": args})
        test = "test_" + re.sub(r"\W", "_", path.stem)
        setattr(cases[settings], test, lambda self, path=path: self.check(path))
    return list(cases.values())


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for case in CASES:
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    SLOW = "--slow"
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    CASES = make_cases(names, SLOW in sys.argv)
    options = [word for word in sys.argv[1:] if word.startswith("-") and word != SLOW]
    unittest.main(argv=[sys.argv[0], *options])
