#!/usr/bin/env python3
"""Is every C file as clang-format would write it? Passes over the check where there is no
clang-format of the version that the repository was written with: versions differ in details."""
import re
import shutil
import subprocess
import sys

import common

VERSION = "14"
SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def check(root):
    paths = common.files(root, r"^(services|bridge|tests|hw-sim|firmware|deploy)/.*\.[ch]$")
    if not paths:
        return []
    # By name, not by standard input: the name decides which include is the file's own.
    done = subprocess.run(["clang-format", f"--style=file:{common.ROOT}/.clang-format",
                           "--dry-run", "--ferror-limit=1", *paths],
                          cwd=root, capture_output=True, text=True, check=False)
    findings = []
    for path, number in re.findall(r"^(\S+?):(\d+):\d+: (?:warning|error):", done.stderr, re.M):
        if not any(found.path == path for found in findings):
            findings.append(common.Finding("format", path, int(number), "run clang-format -i"))
    if done.returncode != 0 and not findings:
        raise RuntimeError(done.stderr)
    return findings


def usable():
    if not shutil.which("clang-format"):
        return False
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True,
                             check=True).stdout
    return re.search(rf"version {VERSION}\.", version) is not None


if __name__ == "__main__":
    if not usable():
        print(f"clang-format {VERSION} is not here: skipped")
        sys.exit(SKIPPED)
    common.main(check, ["format"], {"bridge/a.c": "int f(void)\n{\n    return 1;\n}\n"},
                {"format": {"bridge/b.c": "int f(void) { return  1; }\n"}})
