#!/usr/bin/env python3
"""The databases that an earlier release has left (tests/fixtures) get the migrations of today, cut at
every change of the disk (kept_migrations.c). Arguments: the release; and "others" for migrations that
are not of today, on what was stopped cleanly."""

import pathlib
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.fixture import FIXTURES
from harness.system import SERVICES, default_build_dir


def main(release, *others):
    program, failed = default_build_dir() / "bin" / "kept_migrations", 0
    for archive in ("stopped",) if others else ("stopped", "killed"):
        with tempfile.TemporaryDirectory(prefix="lockstock-kept-") as folder:
            with tarfile.open(FIXTURES / release / f"{archive}.tar.xz", "r:xz") as tar:
                tar.extractall(folder)
            for service in SERVICES:
                print(f"{archive}, {service}.db of {release}:", flush=True)
                database = pathlib.Path(folder) / "db" / f"{service}.db"
                failed += subprocess.run([program, service, database, *others], check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
