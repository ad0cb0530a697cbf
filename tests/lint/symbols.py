#!/usr/bin/env python3
"""What the compiled objects of the core ask of the outside world. The kit's core, the services and
above all their domains may use only what is listed here: no clock, randomness, socket, thread, file
or MQTT; and they hold no variable outside a struct, so that many instances live in one process.

Usage: symbols.py --build DIR [--self-test]"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

import common

COMPILER = r"__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|tsan|sanitizer|sancov|gcov)_\w+"
# bcmp: what clang makes of memcmp() == 0.
TEXT = r"mem(cmp|cpy|move|set|chr|mem)|bcmp|str(chr|rchr|cmp|cspn|len|ncmp|nlen|spn|str|pbrk|tol|toll" \
    r"|toul|toull)|__isoc\d+_strto\w+|v?snprintf|__\w+_chk|__ctype_b_loc|__errno_location"
HEAP = r"malloc|calloc|realloc|free|strn?dup|qsort|bsearch"
# abort and what a failed CHECK prints; calendar arithmetic without a clock or a time zone.
BASE = r"abort|f?printf|fputs|fputc|fwrite|fflush|stderr|gmtime_r|timegm"
JSON = r"cJSON_\w+"
STORE = r"sqlite3_(?!randomness|sleep|vfs|config)\w+"
# Hashes only: libsodium's random numbers are not the rng port's.
HASH = r"crypto_generichash\w*|sodium_(memcmp|memzero|bin2hex)"
MAC = r"crypto_(auth_hmacsha256|hash_sha256)|sodium_(bin2hex|memzero|memcmp)"
# argon2id; its salt comes from the rng port.
PASSWORD = r"crypto_pwhash(_str_verify)?|sodium_bin2base64"
# What a freestanding compiler may call (with sizes checked where there is an OS), and the port's end of the road.
BARE = r"mem(cmp|cpy|move|set|chr)|__mem(cpy|move|set)_chk|bcmp|str(chr|cmp|len|ncmp|nlen)|fw_panic"

# rule, targets whose objects it holds for, source names it holds for, outside symbols allowed
RULES = [
    ("domain-symbols", r"\w+_service", r"domain", (TEXT,)),
    ("base-symbols", r"kit_base", r"", (TEXT, HEAP, BASE, JSON, MAC, PASSWORD)),
    ("firmware-symbols", r"fw_core", r"", (BARE,)),
    ("msg-symbols", r"lockstock_msg", r"", (TEXT, HEAP, JSON)),
    ("core-symbols", r"kit_core|catalogue", r"", (TEXT, HEAP, JSON, STORE, HASH)),
    ("service-symbols", r"\w+_service", r"", (TEXT, HEAP, JSON, STORE)),
]
GLOBALS = ("mutable-global", r"kit_base|lockstock_msg|kit_core|catalogue|fw_core|\w+_service")
TARGETS = ("kit_base", "kit_core", "fw_core", "lockstock_msg", "catalogue", "product_service", "rental_service",
           "delivery_service", "stock_service", "information_service", "account_service")
ALL_RULES = [rule[0] for rule in RULES] + [GLOBALS[0], "not-built"]


class Object:
    """One compiled source: what it asks of others, what it gives, and its variables."""

    def __init__(self, target, path):
        self.target, self.path = target, path.as_posix()
        # .../rental_service.dir/domain.c.o -> rental_service/domain.c
        self.source = re.sub(r"^.*/CMakeFiles/([^/]+)\.dir/(.*)\.o$", r"\1/\2", self.path)
        self.wanted, self.given, self.mutable = set(), set(), []


def paths_of_build(build):
    """The objects that the build makes today; None where it does not say so. Older ones stay in the
    folder when a source has gone or moved."""
    commands = pathlib.Path(build, "compile_commands.json")
    if not commands.exists():
        return None
    return {pathlib.Path(entry["directory"], re.search(r" -o (\S+)", entry["command"]).group(1))
            .resolve() for entry in json.loads(commands.read_text())}


def objects(build):
    """Every compiled source of our targets."""
    of_build, found = paths_of_build(build), []
    for path in sorted(pathlib.Path(build).resolve().glob("**/CMakeFiles/*.dir/**/*.o")):
        target = re.search(r"/CMakeFiles/([^/]+)\.dir/", path.as_posix()).group(1)
        if target in TARGETS and (of_build is None or path in of_build):
            found.append(Object(target, path))
    return read_tables(found)


def read_tables(found):
    """Fills in what a list of objects has; one run of nm and objdump for all."""
    by_path = {one.path: one for one in found}
    if not found:
        return []
    for path, symbol, kind in re.findall(r"^(.*): (\w+) (\w)\b", run("nm", "-AP", *by_path), re.M):
        if kind == "U":
            by_path[path].wanted.add(symbol)
        elif kind.isupper():
            by_path[path].given.add(symbol)
    for part in re.split(r"\n(?=\S+: +file format )", run("objdump", "-t", *by_path)):
        path = part.partition(":")[0].strip()
        if path in by_path:
            by_path[path].mutable += mutable(part)
    return found


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=True).stdout


def mutable(table):
    """Variables in writable sections; .data.rel.ro is constant after loading."""
    for line in table.splitlines():
        match = re.search(r"\bO (\S+)\s+[0-9a-f]+\s+(?:\.\w+ )?(\S+)$", line)
        if not match or not re.match(r"\.(data|bss|tdata|tbss)|\*COM\*", match.group(1)):
            continue
        if not match.group(1).startswith(".data.rel.ro") and not re.match("__|_ZL?", match.group(2)):
            yield match.group(2)


def check(build):
    found = objects(build)
    findings = [common.Finding("not-built", target, 0, "no objects: build everything first")
                for target in sorted(set(TARGETS) - {one.target for one in found})]
    ours = set().union(*(one.given for one in found))
    for one in found:
        for rule, targets, name, lists in RULES:
            if not re.fullmatch(targets, one.target) or \
                    not re.search(name, one.source.split("/", 1)[1]):
                continue
            allowed = "|".join((COMPILER, *lists))
            for symbol in sorted(s for s in one.wanted - ours if not re.fullmatch(allowed, s)):
                findings.append(common.Finding(rule, one.source, 0, f"may not use {symbol}", symbol))
        if re.fullmatch(GLOBALS[1], one.target):
            for symbol in one.mutable:
                findings.append(common.Finding(GLOBALS[0], one.source, 0, f"'{symbol}' can change: "
                                               "put it into a struct", symbol))
    return findings


def compile_text(text, made):
    """The object of a C text; made: those that there are, as a compiler takes its time."""
    if text not in made:
        with tempfile.TemporaryDirectory(prefix="lint-") as folder:
            source = pathlib.Path(folder, "a.c")
            source.write_text(text)
            run("cc", "-c", source, "-o", f"{source}.o")
            made[text] = pathlib.Path(f"{source}.o").read_bytes()
    return made[text]


def sample_findings(samples, made):
    """Compiles {object path: C text} as CMake would have, and checks that."""
    good = {f"CMakeFiles/{target}.dir/a.c": "const int a = 1;\n" for target in TARGETS}
    with tempfile.TemporaryDirectory(prefix="lint-") as folder:
        for name, text in {**good, **samples}.items():
            thing = pathlib.Path(folder, f"{name}.o")
            thing.parent.mkdir(parents=True, exist_ok=True)
            if text:
                thing.write_bytes(compile_text(text, made))
        pathlib.Path(folder, "compile_commands.json").write_text(json.dumps(
            [{"directory": folder, "command": f"cc -o {name}.o"} for name in {**good, **samples}
             if not name.endswith("gone.c")]))
        return {finding.rule for finding in check(folder)}


def self_test():
    clock = "#include <time.h>\nlong f(void) { return time(0); }\n"
    heap = "#include <stdlib.h>\nvoid *f(void) { return malloc(1); }\n"
    table = "static const char *const t[] = {\"a\"}; const char *f(int i) { return t[i]; }\n"
    samples = {
        None: {"CMakeFiles/rental_service.dir/b.c": heap,
               "CMakeFiles/rental_service.dir/domain.c": table,
               "CMakeFiles/rental_service.dir/gone.c": clock},
        "domain-symbols": {"CMakeFiles/rental_service.dir/domain.c": heap},
        "base-symbols": {"CMakeFiles/kit_base.dir/base/b.c": clock},
        "firmware-symbols": {"CMakeFiles/fw_core.dir/b.c": heap},
        "msg-symbols": {"CMakeFiles/lockstock_msg.dir/b.c": clock},
        "core-symbols": {"CMakeFiles/kit_core.dir/rpc/b.c": clock},
        "service-symbols": {"CMakeFiles/stock_service.dir/b.c": clock},
        "mutable-global": {"CMakeFiles/kit_core.dir/b.c":
                           "static int n; int f(void) { return ++n; }\n"},
        "not-built": {"CMakeFiles/kit_core.dir/a.c": ""},
    }
    errors, made = [], {}
    for rule, sample in samples.items():
        wanted, found = {rule} - {None}, sample_findings(sample, made)
        if found != wanted:
            errors.append(f"sample '{rule or 'good'}': expected {wanted}, found {found}")
    return errors + [f"no bad sample shows that '{rule}' can fail"
                     for rule in ALL_RULES if rule not in samples]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", help="the build folder")
    parser.add_argument("--self-test", action="store_true", help="show that each rule can fail")
    args = parser.parse_args()
    if args.self_test:
        common.finish("symbols", self_test(), f"{len(ALL_RULES)} rules can fail")
    errors = common.judge(check(args.build), set(ALL_RULES), common.load_exceptions())
    common.finish("symbols", errors, "clean")


if __name__ == "__main__":
    main()
