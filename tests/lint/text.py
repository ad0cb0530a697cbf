#!/usr/bin/env python3
"""Lengths, white space, file headers, include guards, unfinished work and machine paths, in every text of ours."""
import re

import common

COLUMNS_MAX = 100
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
PYTHON_COLUMNS_MAX = 120
CODE = r"\.(c|h|py|sh)$|^deploy/([a-z]+|lib/[^/]+)$|^tests/(.*/)?run$|^\.ci/run$" \
    r"|^schemas/codegen/|^tests/lint/[a-z]+$"
TEXTS = CODE + r"|CMakeLists\.txt$|\.(md|cmake|in|txt|html|css|js|yaml|yml)$"
PROSE = r"\.(md|json|txt|html|yaml|yml)$"
RULES = ("columns", "file-length", "function-length", "white-space", "header", "guard", "unfinished",
         "machine-path")
SHORT_FOLDERS = {"services/": "", "firmware/": "fw/", "hw-sim/": "sim/"}  # in an include guard


def function_lengths(lines):
    """(name, first line, length) of C and shell functions; clang-format puts both braces of a C
    function into column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        shell = re.match(r"(\w+)\(\) [{(]$", line)
        if line == "{" or shell:
            above = " ".join(lines[max(0, number - 4):number - 1])
            names = [shell.group(1)] if shell else re.findall(r"(\w+)\(", above)
            start = (names[-1] if names else "?", number)
        elif line in ("}", ")") and start:
            yield start[0], start[1], number - start[1] + 1
            start = None


def machine_paths(root):
    """Absolute paths that exist on somebody's machine only. The folder above this checkout counts
    when its name is not one that every machine has."""
    homes = ["home/[a-z]", "root/[a-z.]", "Users/[A-Za-z]", "workspace/", "tmp/build"]
    pattern = "|".join(f"/{home}" for home in homes)
    above = root.parent.as_posix()
    if above not in ("/", "/tmp", "/var/tmp", "/opt", "/srv", "/usr/src", "/home", "/root"):
        pattern += "|" + re.escape(above) + r"\b"
    return re.compile(r"(?<![\w.$}/:-])(" + pattern + ")")


def guard_of(path):
    """services/kit/process/main.h -> KIT_PROCESS_MAIN_H"""
    name = path.as_posix()
    for folder, short in SHORT_FOLDERS.items():
        if name.startswith(folder):
            name = short + name.removeprefix(folder)
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def check_lines(path, lines, paths):
    is_python = path.suffix == ".py" or lines and lines[0].endswith("python3")
    columns_max = PYTHON_COLUMNS_MAX if is_python else COLUMNS_MAX
    for number, line in enumerate(lines, 1):
        if len(line) > columns_max and not re.search(PROSE, path.as_posix()):
            yield common.Finding("columns", path, number, f"{len(line)} columns", number)
        if re.search(r"[ \t]+$", line) or "\t" in line and not path.name.endswith(".md"):
            yield common.Finding("white-space", path, number, "tab or space at the end", number)
        word = re.search(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b", line)
        if word:
            yield common.Finding("unfinished", path, number, f"'{word.group(1)}': finish it or "
                                 "write an issue", number)
        if paths.search(line):
            yield common.Finding("machine-path", path, number, "a path of one machine: "
                                 + paths.search(line).group(1), number)


def check(root):
    findings, paths = [], machine_paths(root)
    for path in common.files(root, TEXTS):
        text = common.read(root, path)
        lines = text.splitlines()
        findings += check_lines(path, lines, paths)
        if not re.search(CODE, path.as_posix()):
            continue
        if len(lines) > FILE_LINES_MAX:
            findings.append(common.Finding("file-length", path, 0, f"{len(lines)} lines"))
        if path.suffix in (".c", ".h") and not text.startswith(("/*", "//")):
            findings.append(common.Finding("header", path, 1, "does not say what it is for"))
        guard = guard_of(path)
        if path.suffix == ".h" and f"\n#ifndef {guard}\n#define {guard}\n" not in text:
            findings.append(common.Finding("guard", path, 1, f"is not guarded by {guard}"))
        for name, number, length in function_lengths(lines):
            if length > FUNCTION_LINES_MAX:
                findings.append(common.Finding("function-length", path, number,
                                               f"{name}() has {length} lines", name))
    return findings


GOOD = {"services/a.c": "/* What for. */\nint f(void)\n{\n    return 1;\n}\n",
        "README.md": "See `/etc/passwd` and https://example.org/home/page.\n" + "x" * 200 + "\n"}
LONG = "int f(void)\n{\n" + "    g();\n" * FUNCTION_LINES_MAX + "}\n"
BAD = {
    "columns": {"services/b.c": "/* " + "x" * COLUMNS_MAX + " */\n"},
    "file-length": {"services/b.c": "/* a */\n" + "int x;\n" * FILE_LINES_MAX},
    "function-length": {"services/b.c": "/* a */\n" + LONG},
    "white-space": {"services/b.c": "/* a */ \n"},
    "header": {"services/b.c": "int x;\n"},
    "guard": {"services/b.h": "/* a */\n#ifndef A_H\n#define A_H\n#endif\n"},
    "unfinished": {"services/b.c": "/* a: TO" "DO later */\n"},
    "machine-path": {"README.md": "run /ho" "me/anna/x\n"},
}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
