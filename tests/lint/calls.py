#!/usr/bin/env python3
"""Calls that C files may not make: unsafe ones anywhere; clocks, random numbers, waiting and the
like only where the layer table puts them."""
import re

import common

CLOCK_FILES = r"^services/kit/(process/system\.c|log/)|^bridge/|^tests/|^hw-sim/|^firmware/ports/" \
    r"|^deploy/supervise/(main|files)\.c"

# rule, banned functions, why, files in which they are allowed
RULES = [
    ("unsafe-call", "sprintf vsprintf strcpy strcat stpcpy strncpy strtok gets alloca",
     "has no bound of its own: use kit_buf or snprintf", None),
    ("lax-number", "atoi atol atoll atof sscanf scanf",
     "cannot report a bad number: use strtoll with checks or kit/base", None),
    ("shared-state", "localtime gmtime ctime asctime setlocale",
     "keeps hidden state or depends on the place: use the _r form or kit/base/time.h", None),
    ("shell", "system popen", "starts a shell", None),
    ("weak-random", "rand srand random srandom drand48 rand_r", "use the rng port", None),
    ("clock", "time gettimeofday clock_gettime clock", "use the clock port", CLOCK_FILES),
    ("sleep", "sleep usleep nanosleep clock_nanosleep",
     "waits for time instead of a condition",
     r"^(tests/bench/|services/kit/bus/brief_sleep\.c$)"),
]


def check(root):
    findings = []
    for path in common.files(root, r"^(services|bridge|hw-sim|firmware|deploy|tests)/.*\.[ch]$"):
        text = common.without_comments_and_strings(common.read(root, path))
        for number, line in enumerate(text.splitlines(), 1):
            for rule, names, why, allowed in RULES:
                if allowed and re.search(allowed, path.as_posix()):
                    continue
                for match in re.finditer(r"(?<![\w.>])(\w+)\s*\(", line):
                    if match.group(1) in names.split():
                        findings.append(common.Finding(rule, path, number,
                                                       f"{match.group(1)}() {why}",
                                                       match.group(1)))
    return findings


GOOD = {"services/rental/a.c": "/* sprintf(x) */\nint f(void) { return p->time(1) + g(\"atoi()\"); }\n",
        "services/kit/process/system.c": "int f(void) { return clock_gettime(0, &t); }\n"}
BAD = {
    "unsafe-call": {"bridge/b.c": "void f(void) { sprintf(a, b); }\n"},
    "lax-number": {"bridge/b.c": "int f(void) { return atoi (a); }\n"},
    "shared-state": {"bridge/b.c": "void f(void) { localtime(a); }\n"},
    "shell": {"bridge/b.c": "void f(void) { system(a); }\n"},
    "weak-random": {"bridge/b.c": "int f(void) { return rand(); }\n"},
    "clock": {"services/rental/b.c": "long f(void) { return time(NULL); }\n"},
    "sleep": {"tests/unit/b.c": "void f(void) { usleep(5); }\n"},
}

if __name__ == "__main__":
    common.main(check, [rule[0] for rule in RULES], GOOD, BAD)
