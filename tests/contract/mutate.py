#!/usr/bin/env python3
"""Derives vectors from each schema and its ok-full.json: what it allows at its edges, and each way
of breaking one of its rules, named as in schemas/vectors. Python 3 standard library only.

Usage: mutate.py SCHEMA_DIR OUT_DIR

Writes OUT_DIR/<schema>.vectors: a line with name and size in bytes, so many bytes, a line feed, and so
on. The expected verdict is in the name; the codecs of services and firmware and ajv are all held to it,
so that two of them never differ.
"""

import copy
import json
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True

from shapes import Bad, Schemas, WIDE  # noqa: E402

GONE = object()
RAW = "@raw@"  # stands for text that is not JSON
INT_MAX = 2**53 - 1
HUGE = 99999999999999999999
# One of each type of JSON, by name.
TYPES = {"null": None, "boolean": True, "number": 1, "text": "x", "object": {}, "array": [1]}
OWN_TYPES = {"integer": ["number"], "decimal": ["number", "text"], "object": ["object"],
             "raw-object": ["object"], "array": ["array"], "raw-array": ["array"]}
# Not numbers for the gate, whatever the schema says.
NO_NUMBERS = {"plus": "+1", "minus": "-", "nan": "NaN", "infinity": "Infinity", "leading-zero": "01",
              "fraction-zero": "1.0", "exponent": "1e0", "point": "1.", "hex": "0x1"}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def put(document, path, value):
    """The document with another value at that place."""
    if not path:
        return value
    copied = copy.copy(document)
    if value is GONE and len(path) == 1:
        del copied[path[0]]
    else:
        copied[path[0]] = put(document.get(path[0]) if isinstance(document, dict)
                              else document[path[0]], path[1:], value)
    return copied


def places(shape, value, path=()):
    """Every value within, with its shape; nothing within raw ones. Of items behind the first only
    the item as a whole: that the pointer counts on."""
    yield path, shape, value
    if shape.kind == "object":
        for key, member in shape.members.items():
            if key in value:
                yield from places(member, value[key], (*path, key))
    elif shape.kind == "array":
        yield from places(shape.items, value[0], (*path, 0))
        yield from (((*path, i), shape.items, item) for i, item in enumerate(value) if i > 0)


def swapped(key):
    """qty -> Qty, _links -> _Links"""
    at = next(i for i, char in enumerate(key) if char.isalpha())
    return key[:at] + key[at].swapcase() + key[at + 1:]


def bad_numbers(shape, value):
    low, high = shape.range
    yield "fraction", 1.5
    yield "huge", HUGE
    yield "low", low - 1
    yield "negative", -1 if low >= 0 else low - 2
    yield "beyond-2-53", INT_MAX + 1
    if high < INT_MAX:
        yield "high", high + 1
    if high < 2**31:
        yield "beyond-2-31", 2**31
    if shape.kind == "integer":
        yield "text", str(value)


def bad_decimals(shape):
    for what, text in (("zero", "0"), ("space", " 9"), ("space-after", "9 "), ("sign", "+9"), ("minus", "-9"),
                       ("leading-zero", "09"), ("junk", "9x"), ("fraction", "1.0"), ("exponent", "1e1"),
                       ("empty", ""), ("newline", "9\n"), ("hex", "0x9"), ("comma", "1,000"),
                       ("long", "9" * (len(shape.text(True)) + 1))):
        if not shape.takes(text):
            yield f"text-{what}", text


def bad_texts(shape, value):
    """Candidates; those that a pattern happens to allow are left out."""
    limit = shape.get("maxLength")
    candidates = [("empty", ""), ("long", "n" * (limit + 1)), ("long-wide", WIDE * (limit + 1))]
    if shape.regex is not None:
        longest = shape.text(True)
        candidates += [("pattern", "\u00e9?"), ("pattern-empty", ""), ("pattern-char", "\u00e9" + value[1:]),
                       ("pattern-last", value[:-1] + "\u00e9"), ("pattern-newline", value[:-1] + "\n"),
                       ("pattern-newline-after", value + "\n"), ("pattern-space", " " + value),
                       ("pattern-short", shape.text(False)[:-1]), ("pattern-case", value.swapcase()),
                       ("pattern-long", longest + longest[-1:]), ("pattern-nul", value[:-1] + "\u007f")]
    for what, text in candidates:
        if not shape.takes(text):
            yield what, text


def bad_words(shape, value):
    """Of enums and constants."""
    allowed = shape.get("enum") or [shape.get("const")]
    for what, text in (("", "other"), ("-case", value.swapcase()), ("-longer", value + "x"),
                       ("-shorter", value[:-1]), ("-empty", ""), ("-space", value + " ")):
        if text not in allowed:
            yield shape.kind + what, text


def bad_times(value):
    day, clock = value.split("T")
    for what, text in (
            ("zone", f"{day}T12:00:00.000+09:00"), ("offset-zero", f"{day}T12:00:00.000+00:00"),
            ("no-zone", f"{day}T12:00:00.000"), ("date", "2026-02-30T12:00:00.000Z"),
            ("leap-day", "2025-02-29T12:00:00.000Z"), ("century", "2100-02-29T12:00:00.000Z"),
            ("day-zero", "2026-01-00T12:00:00.000Z"), ("month", "2026-13-01T12:00:00.000Z"),
            ("month-zero", "2026-00-01T12:00:00.000Z"), ("hour", f"{day}T24:00:00.000Z"),
            ("minute", f"{day}T12:60:00.000Z"), ("second", f"{day}T12:00:61.000Z"),
            ("seconds", f"{day}T12:00:00Z"), ("micros", f"{day}T12:00:00.000000Z"),
            ("date-only", day), ("space", f"{day} {clock}"), ("case", value.lower()),
            ("newline", value + "\n"), ("empty", ""), ("year", "02026-01-31T12:00:00.000Z")):
        yield f"time-{what}", text


def bad_values(shape, value):
    """What this place does not take: name and value."""
    for what, other in TYPES.items():
        if what not in OWN_TYPES.get(shape.kind, ["text"]):
            if (shape.kind, what) != ("integer", "text"):
                yield what, other
    if shape.kind in ("integer", "decimal"):
        yield from bad_numbers(shape, value)
    if shape.kind == "decimal":
        yield from bad_decimals(shape)
    elif shape.kind == "text":
        yield from bad_texts(shape, value)
    elif shape.kind in ("enum", "const"):
        yield from bad_words(shape, value)
    elif shape.kind == "time":
        yield from bad_times(value)
    elif shape.kind in ("array", "raw-array"):
        least = {} if shape.kind == "raw-array" else shape.items.least(value[0])
        yield "too-many", [least] * (shape.get("maxItems") + 1)


def bad_members(shape, value):
    """What an object does not take: name, member, and its value."""
    for key in shape.required:
        yield "missing", key, GONE
    yield "unknown", "colour", "red"
    for key in value:
        if swapped(key) not in shape.members:
            yield "unknown-case", swapped(key), value[key]


def derive_bad(shape, full):
    """(what, path, document)"""
    for path, place, value in places(shape, full):
        for what, other in bad_values(place, value):
            yield what if path else f"body-{what}", path, put(full, path, other)
        if place.kind == "object":
            for what, key, other in bad_members(place, value):
                yield what, (*path, key), put(full, (*path, key), other)
            least = place.least(value)
            if place.get("minProperties", 0) > 0:
                least.popitem()
                yield "too-few", path, put(full, path, least)
        if place.kind == "raw-array":
            for what in ("null", "boolean", "number", "text", "array"):
                yield f"item-{what}", (*path, 0), put(full, path, [TYPES[what]])
    yield "body-list", (), [full]


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


def derive_enums(shape, full):
    """Together, every value of every enum."""
    found = [(path, place.get("enum")) for path, place, _ in places(shape, full) if place.kind == "enum"]
    for i in range(max((len(values) for _, values in found), default=0)):
        document = full
        for path, values in found:
            document = put(document, path, values[i % len(values)])
        yield f"enums-{i}", document


def derive_decimals(shape, full):
    for path, place, _ in places(shape, full):
        if place.kind == "decimal":
            low, high = map(str, place.range)
            shortest, longest = place.text(False), place.text(True)
            for what, text in (("lowest", shortest), ("low", low), ("highest", longest), ("high", high),
                               ("longest", "9" * len(longest))):
                if place.takes(text):
                    yield ".".join((f"decimal-{what}", *path)), put(full, path, text)


def derive_ok(shape, full):
    """(what, document)"""
    yield "min", shape.least(full)
    yield "lowest", shape.value(full, False)
    yield "highest", shape.value(full, True)
    yield "any-order", reordered(full)
    yield from derive_enums(shape, full)
    yield from derive_decimals(shape, full)
    for path, place, value in places(shape, full):
        at = tuple(map(str, path))
        if place.kind == "object" and len(value) > place.get("minProperties", 0):
            for key in value:
                if key not in place.required:
                    yield ".".join(("without", *at, key)), put(full, (*path, key), GONE)
        if place.kind in ("array", "raw-array"):
            least = {} if place.kind == "raw-array" else place.items.least(value[0])
            yield ".".join(("none", *at)), put(full, path, [])
            yield ".".join(("most", *at)), put(full, path, [least] * place.get("maxItems"))


def escaped(text):
    """As JSON, every character as \\uXXXX, in upper case."""
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[i]:02X}{units[i + 1]:02X}" for i in range(0, len(units), 2)) + '"'


def all_escaped(value, is_key_only):
    if isinstance(value, dict):
        return "{" + ",".join(f"{escaped(key)}:{all_escaped(item, is_key_only)}"
                              for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(all_escaped(item, is_key_only) for item in value) + "]"
    return escaped(value) if isinstance(value, str) and not is_key_only else compact(value)


def derive_texts(shape, full):
    """The same document in other words, and what is no JSON at all: (name, text)."""
    text = compact(full)
    first = next(iter(full))
    yield "ok-space", " \t\r\n" + json.dumps(full, ensure_ascii=False, indent="\t").replace("\n", "\r\n") + " \n"
    yield "ok-escaped-names", all_escaped(full, True)
    yield "ok-escaped", all_escaped(full, False)
    yield "bad-gate-empty", ""
    yield "bad-gate-truncated", text[:-1]
    yield "bad-gate-trailing", text + "x"
    yield "bad-gate-trailing-object", text + "{}"
    yield "bad-gate-comma", text[:-1] + ",}"
    yield "bad-gate-comment", text[:-1] + "/* */}"
    yield "bad-gate-single-quotes", text.replace('"', "'")
    yield "bad-gate-bom", "\ufeff" + text
    yield "bad-gate-nul", text + "\0"
    yield "bad-gate-duplicate", f"{{{compact(first)}:{compact(full[first])},{text[1:]}"
    number = next((path for path, place, _ in places(shape, full) if place.kind in ("integer", "decimal")), (first,))
    for what, token in NO_NUMBERS.items():
        yield f"bad-gate-{what}", compact(put(full, number, RAW)).replace(f'"{RAW}"', token)
    for path, place, value in places(shape, full):
        if place.kind == "array":
            item = compact(value[0])
            twice = "{" + item[1:-1] + "," + item[1:]
            for what, token in (("item-comma", f"[{item},]"), ("item-duplicate", f"[{twice}]")):
                name = ".".join((f"bad-gate-{what}", *map(str, path)))
                yield name, compact(put(full, path, RAW)).replace(f'"{RAW}"', token)


def derive(shape, full):
    """File name -> text."""
    texts = {}

    def add(name, text):
        if f"{name}.json" in texts:
            raise Bad(f"two vectors are called {name}")
        texts[f"{name}.json"] = text

    for what, path, document in derive_bad(shape, full):
        add(".".join((f"bad-{what}", *map(str, path))), compact(document))
    for what, document in derive_ok(shape, full):
        add(f"ok-{what}", compact(document))
    for name, text in derive_texts(shape, full):
        add(name, text)
    return texts


def main(arguments):
    if len(arguments) != 2:
        sys.stderr.write(__doc__)
        return 64
    schema_dir, out_dir = map(pathlib.Path, arguments)
    schemas = Schemas(schema_dir)
    shutil.rmtree(out_dir, ignore_errors=True)
    out_dir.mkdir(parents=True)
    try:
        for name in schemas.names():
            path = schema_dir / "vectors" / name / "ok-full.json"
            full = json.loads(path.read_text(encoding="utf-8"))
            shape = schemas.shape(name)
            shape.check_full(full, f"{name}/ok-full.json#")
            parts = [(file.encode(), text.encode()) for file, text in derive(shape, full).items()]
            (out_dir / f"{name}.vectors").write_bytes(
                b"".join(b"%s %d\n%s\n" % (file, len(text), text) for file, text in parts))
    except (Bad, OSError) as error:
        sys.stderr.write(f"mutate.py: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
