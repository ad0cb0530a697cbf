#!/usr/bin/env python3
"""What the documents name is there: every path in backticks that begins with a folder of ours, with
{a,b} and * as in a shell. services/, firmware/ and hw-sim/ may be left out in front."""
import glob
import pathlib
import re

import common

RULES = ("path-unknown",)
PAGES = r"^[A-Z]+\.md$|^(schemas|deploy|firmware|hw-sim)/(.*/)?[\w-]+\.md$"
TOPS = ("", "services/", "firmware/", "hw-sim/")
FIRST = r"(services|bridge|firmware|hw-sim|schemas|tests|deploy|kit|catalogue|core|drivers|ports?|" \
    r"models|product|rental|delivery|stock|information|account)/"


def expand(pattern):
    """a/{b,c}.h -> a/b.h, a/c.h"""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if not match:
        return [pattern]
    return [one for part in match.group(1).split(",")
            for one in expand(pattern[:match.start()] + part + pattern[match.end():])]


def is_there(root, name):
    return any(glob.glob((pathlib.Path(root) / (top + name)).as_posix()) for top in TOPS)


def check(root):
    findings = []
    for path in common.files(root, PAGES):
        text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group()),
                      common.read(root, path), flags=re.M | re.S)
        for match in re.finditer(r"`([\w./*{},-]+)`", text):
            named = match.group(1)
            if not re.match(FIRST, named):
                continue
            for one in expand(named):
                if not is_there(root, one):
                    line = text.count("\n", 0, match.start()) + 1
                    findings.append(common.Finding("path-unknown", path, line,
                                                   f"names {one}, which is not there", one))
    return findings


GOOD = {"README.md": "Open `stock/{a,b}.c`, `deploy/*`; `stream/rental`, `product/<id>`.\n```\n`stock/z.c`\n```\n",
        "services/stock/a.c": "", "services/stock/b.c": "", "deploy/up": ""}
BAD = {"path-unknown": {"README.md": "Open\n`services/stock/c.c`.\n"},
       "path-unknown brace": {"README.md": "Open `stock/{a,c}.c`.\n"},
       "path-unknown star": {"schemas/rules/stock.md": "Open `tests/*.c`.\n"}}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
