#!/usr/bin/env python3
"""Numbers that databases hold keep their meaning: those of the last release (stored-VERSION.json) are
still there, under the same names. Looks at "x-stored" in the schemas, and at enums of services whose
comment says that the numbers are stored. New ones may be added. (0.1.0 kept some as places in a list;
its file has the numbers to which the first migration after it moves them.)

Usage: stored.py [--self-test | --write VERSION]   --write: at a release, keep today's numbers"""
import json
import re
import sys

import common

FOLDER = "tests/lint"
RULES = ("stored-changed", "stored-gone", "stored-twice")
ENUM = r"The numbers[\s*]+are stored(?:(?!\*/).)*\*/\s*enum (\w+) \{(.*?)\n\};"


def schema_enums(node):
    """(name, {value: number}) of every enum below a schema's node that a database holds."""
    if isinstance(node, dict):
        if isinstance(node.get("x-stored"), list):
            yield node["x-enum"], dict(zip(node["enum"], node["x-stored"]))
        for value in node.values():
            yield from schema_enums(value)


def code_enums(text):
    """The same out of C text."""
    for name, body in re.findall(ENUM, text, re.S):
        values = re.findall(r"^\s*(\w+)\s*=\s*(\d+)", re.sub(r"/\*.*?\*/", "", body, flags=re.S), re.M)
        yield name, {value: int(number) for value, number in values}


def today(root):
    """{"schema NAME" or "code NAME": ({value: number}, path)}"""
    found = {}
    for path in common.files(root, r"^schemas/[^/]*\.schema\.json$"):
        for name, values in schema_enums(json.loads(common.read(root, path))):
            found[f"schema {name}"] = values, path
    for path in common.files(root, r"^services/.*\.h$"):
        for name, values in code_enums(common.read(root, path)):
            found[f"code {name}"] = values, path
    return found


def last_release(root):
    """(path, its content) of the file with the highest version."""
    def version(path):
        return [int(number) for number in re.findall(r"\d+", path.name)]

    path = max(common.files(root, rf"^{FOLDER}/stored-[0-9.]+\.json$"), key=version)
    return path, json.loads(common.read(root, path))


def check(root):
    kept, released = last_release(root)
    found, findings = today(root), []
    for enum, (values, path) in found.items():
        for number in sorted({n for n in values.values() if list(values.values()).count(n) > 1}):
            findings.append(common.Finding("stored-twice", path, 0, f"{enum}: {number} has two "
                                           "meanings", f"{enum} {number}"))
    for enum, values in released.items():
        has, path = found.get(enum, ({}, kept))
        for value, number in values.items():
            if value not in has:
                findings.append(common.Finding("stored-gone", path, 0, f"{enum}: databases hold "
                                               f"{number} for {value}, which is no more",
                                               f"{enum} {value}"))
            elif has[value] != number:
                findings.append(common.Finding("stored-changed", path, 0, f"{enum}: {value} is "
                                               f"{number} in databases, not {has[value]}",
                                               f"{enum} {value}"))
        for value, number in has.items():
            if value not in values and number in values.values():
                findings.append(common.Finding("stored-changed", path, 0, f"{enum}: {number} means "
                                               f"something else than {value}", f"{enum} {value}"))
    return findings


def write(version):
    path = common.ROOT / FOLDER / f"stored-{version}.json"
    numbers = {enum: values for enum, (values, _) in sorted(today(common.ROOT).items())}
    path.write_text(json.dumps(numbers, indent=1) + "\n")
    print(f"wrote {path.relative_to(common.ROOT)}")


def schema(*numbers, third=""):
    values = json.dumps(["S", "M", *third])
    return '{"$defs": {"size": {"x-enum": "size", "enum": %s, "x-stored": %s}}}' % (
        values, json.dumps(numbers))


CODE = """/* Why it moved. The numbers
 * are stored: only add. */
enum stock_kind {
    STOCK_IN = %d, /* 7 = never */
    STOCK_OUT = 2,
};
"""
GOOD = {f"{FOLDER}/stored-0.9.0.json": '{"schema size": {"XL": 9}}',
        f"{FOLDER}/stored-0.10.0.json":
        '{"schema size": {"S": 1, "M": 2}, "code stock_kind": {"STOCK_IN": 1, "STOCK_OUT": 2}}',
        "schemas/common.schema.json": schema(1, 2, 3, third="L"),
        "services/stock/a.h": CODE % 1}
BAD = {
    "stored-changed schema": {"schemas/common.schema.json": schema(2, 1)},
    "stored-changed code": {"services/stock/a.h": CODE % 3},
    "stored-gone schema": {"schemas/common.schema.json": '{"x-enum": "size", "x-stored": false}'},
    "stored-gone code": {"services/stock/a.h": (CODE % 1).replace("The numbers", "They")},
    "stored-twice": {"schemas/common.schema.json": schema(1, 2, 3, 3, third=["L", "XL"])},
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2])
    else:
        common.main(check, RULES, GOOD, BAD)
