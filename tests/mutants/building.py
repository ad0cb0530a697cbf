"""Where the programs with planted bugs are, and how they are built."""

import os
import pathlib
import subprocess
import sys

import planting

BUILD = pathlib.Path(os.environ.get("LOCKSTOCK_BUILD") or planting.ROOT / "build" / "release").resolve()
PROGRAM = BUILD / "bin" / "world-planted"


def build(targets):
    made = subprocess.run(["cmake", "--build", str(BUILD), "-j2", "--target", *targets], capture_output=True, text=True,
                          check=False)
    if made.returncode != 0:
        print(made.stdout[-3000:], made.stderr, file=sys.stderr)
        sys.exit(2)
