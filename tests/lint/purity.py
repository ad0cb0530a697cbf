#!/usr/bin/env python3
"""Files that call themselves pure are: a .c/.h pair whose opening comment has the word includes only
bare C headers, kit/base, value types of messages and other pure files; and its object asks for nothing
but what those give and text functions. (Pure: equal inputs give equal results, and nothing changes but
what the caller hands over. No I/O, clock, randomness, heap or globals.)

Usage: purity.py --build DIR [--self-test]"""
import argparse
import json
import pathlib
import re
import tempfile

import common
import symbols

FILES = r"^(services|bridge|firmware|hw-sim|deploy)/.*\.[ch]$"
TOPS = ("", "services/", "firmware/", "hw-sim/")
BARE = r"(std(bool|def|int|align|arg|noreturn|io)|limits|float|strings?|inttypes|ctype|math)\.h"
GIVEN = r"kit/base/.*|msg/common\.gen\.h|fw/.*\.gen\.h|port/check\.h"
ADAPTED = {  # where the word bears on one more thing
    r"^bridge/": (r"msg/(http_\w+|paging)\.gen\.h", r"strn?casecmp|strcasestr"),
    r"^hw-sim/scenario/json$": (r"cjson/cJSON\.h", r"cJSON_(Is|Get)\w+"),  # reads a value
    r"^services/kit/rpc/topic$": (r"kit/port/ports\.h", r"(?!)"),  # sizes of topics
    r"^services/kit/base/mac$": (r"sodium\.h", symbols.MAC),
    r"^services/kit/base/time$": (r"time\.h", r"gmtime_r|timegm"),
}
SYMBOLS = "|".join((symbols.COMPILER, symbols.TEXT, symbols.BARE, r"kit_check_failed|fw_panic"))
GIVEN_OBJECTS = r"services/kit/base/|gen/msg/"
RULES = ("pure-include", "pure-symbol", "not-built")


def rooms(root):
    """{path without suffix: [paths]} of the pairs that call themselves pure."""
    promised, pairs = set(), {}
    for path in common.files(root, FILES):
        room = path.with_suffix("").as_posix()
        pairs.setdefault(room, []).append(path)
        opening = re.match(r"/\*.*?\*/", common.read(root, path), re.S)
        if opening and re.search(r"\bpure\b", opening.group(), re.I):
            promised.add(room)
    return {room: paths for room, paths in pairs.items() if room in promised}


def adapted(room, which):
    return "|".join([pair[which] for where, pair in ADAPTED.items() if re.search(where, room)]
                    or ["(?!)"])


def check_includes(root, pure):
    for room, paths in pure.items():
        allowed = f"{BARE}|{GIVEN}|{adapted(room, 0)}"
        for path in paths:
            for number, line in enumerate(common.read(root, path).splitlines(), 1):
                match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
                if not match or re.fullmatch(allowed, match.group(1)):
                    continue
                target = re.sub(r"\.[ch]$", "", match.group(1))
                if not any(top + target in pure for top in TOPS):
                    yield common.Finding("pure-include", path, number, "calls itself pure and "
                                         f"includes {match.group(1)}, which does not",
                                         match.group(1))


def objects(root, build):
    """{source relative to root or build: its Object}, as the build says."""
    found = {}
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        output = re.search(r" -o (\S+)", entry["command"]).group(1)
        path = pathlib.Path(entry["directory"], output).resolve()
        source = pathlib.Path(entry["file"]).resolve().as_posix()
        for top in (build, root):
            source = source.removeprefix(pathlib.Path(top).resolve().as_posix() + "/")
        if path.exists() and source not in found:
            found[source] = symbols.Object("", path)
    symbols.read_tables(list(found.values()))
    return found


def check_symbols(root, build, pure):
    found = objects(root, build)
    given = set()
    for source, one in found.items():
        if source.removesuffix(".c") in pure or re.match(GIVEN_OBJECTS, source):
            given |= one.given
    for room, paths in pure.items():
        if pathlib.Path(f"{room}.c") not in paths:
            continue  # a header alone
        if f"{room}.c" not in found:
            yield common.Finding("not-built", f"{room}.c", 0, "calls itself pure and has no object: "
                                 "build everything first, or name it in a CMakeLists.txt")
            continue
        allowed = f"{SYMBOLS}|{adapted(room, 1)}"
        one = found[f"{room}.c"]
        for symbol in sorted(one.wanted - given):
            if not re.fullmatch(allowed, symbol):
                yield common.Finding("pure-symbol", f"{room}.c", 0, "calls itself pure and uses "
                                     f"{symbol}", symbol)
        for symbol in one.mutable:
            yield common.Finding("pure-symbol", f"{room}.c", 0, f"calls itself pure, and '{symbol}' "
                                 "can change", symbol)


def check(root, build):
    pure = rooms(root)
    return [*check_includes(root, pure), *check_symbols(root, build, pure)]


def sample_findings(samples):
    """Rules that {path: C text} breaks, with objects as CMake would have made them; of gone.c none."""
    with tempfile.TemporaryDirectory(prefix="lint-") as folder:
        build = pathlib.Path(folder, "build")
        build.mkdir()
        common.write_sample(folder, samples)
        sources = [name for name in samples if name.endswith(".c") and not name.endswith("/gone.c")]
        for number, name in enumerate(sources):
            symbols.run("cc", "-I", folder, "-I", f"{folder}/services", "-c", f"{folder}/{name}",
                        "-o", f"{build}/{number}.o")
        (build / "compile_commands.json").write_text(json.dumps(
            [{"directory": f"{build}", "file": f"{folder}/{name}", "command": f"cc -o {number}.o"}
             for number, name in enumerate(sources)]))
        return {finding.rule for finding in check(pathlib.Path(folder), build)}


GOOD = {
    "services/kit/base/a.h": "int a(int x);\n",
    "services/kit/base/a.c": "#include <stdlib.h>\nint a(int x)\n{\n    return abs(x) + rand();\n}\n",
    "services/stock/domain/one.h": "/* Decides. Pure. */\nint one(int x);\n",
    "services/stock/domain/one.c": '#include "stock/domain/one.h"\n#include "kit/base/a.h"\n'
                                   "int one(int x) { return a(x); }\n",
    "services/stock/work/two.c": '/* Impure. */\n#include "stock/domain/one.h"\n#include <stdlib.h>\n'
                                 "int two(void) { return one(rand()); }\n",
    "services/stock/work/two.h": "int two(void);\n",
    "services/stock/work/three.c": '/* What pure code may ask: pure code. */\n#include <string.h>\n'
                                   '#include "stock/domain/one.h"\n'
                                   "int three(const char *s) { return one((int)strlen(s)); }\n",
}
BAD = {
    "pure-include": {"services/stock/work/four.h": '/* Pure. */\n#include "stock/work/two.h"\n'},
    "pure-include system": {"services/stock/work/four.h": "/* It\n * is pure. */\n#include <time.h>\n"},
    "pure-symbol": {"services/stock/work/four.c": "/* Pure. */\nint two(void);\nint four(void);\n"
                                                  "int four(void) { return two(); }\n"},
    "pure-symbol system": {"services/stock/work/four.c": "/* Pure. */\nint rand(void);\n"
                                                         "int four(void) { return rand(); }\n"},
    "pure-symbol global": {"services/stock/work/four.c": "/* Pure. */\nstatic int n;\n"
                                                         "int four(void) { return ++n; }\n"},
    "not-built": {"services/stock/work/gone.c": "/* Pure. */\nint rand(void);\n"
                                                "int four(void) { return rand(); }\n"},
}


def self_test():
    errors = []
    for rule, sample in {"": {}, **BAD}.items():
        wanted, found = set(rule.split()[:1]), sample_findings({**GOOD, **sample})
        if found != wanted:
            errors.append(f"sample '{rule or 'good'}': expected {wanted}, found {found}")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", help="the build folder")
    parser.add_argument("--self-test", action="store_true", help="show that each rule can fail")
    args = parser.parse_args()
    if args.self_test:
        common.finish("purity", self_test(), f"{len(RULES)} rules can fail")
    findings = check(common.ROOT, args.build)
    common.finish("purity", common.judge(findings, set(RULES), common.load_exceptions()), "clean")


if __name__ == "__main__":
    main()
