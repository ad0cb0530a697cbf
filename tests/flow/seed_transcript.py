#!/usr/bin/env python3
"""Runs the acceptance script of the system before Lockstock against a fresh system, where that script
is present beside the repository; skipped elsewhere (transcript.py has its checks in our own words)."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SKIPPED
from harness.system import ROOT, System

SCRIPT = ROOT.parent / "shared" / "accept" / "seed-transcript"
TIMEOUT_S = 120


def main():
    if not SCRIPT.exists():
        print(f"skipped: {SCRIPT.name} is not beside the repository")
        return SKIPPED
    return run() or run("--accounts", SCHEME="https")


def run(*options, **environment):
    """Against a fresh system with these options of deploy/up; returns the script's status."""
    with System(extra_args=options) as system:
        authority = system.dir / "ca" / "ca.crt"
        if authority.exists():
            environment |= {"CACERT": str(authority), "TOKEN": system.web.token}
        done = subprocess.run([str(SCRIPT), str(system.base_port)], timeout=TIMEOUT_S, check=False,
                              env=os.environ | environment)
        if done.returncode != 0:
            system.print_logs()
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
