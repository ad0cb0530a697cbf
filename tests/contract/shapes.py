"""Schemas as the mutations need them: read from the files once more, apart from schemas/codegen, so that
what the generator misreads shows as a difference. Only the split of a pattern into its parts is
the generator's: what is made of it is held against the whole regular expression here."""

import json
import pathlib
import re
import sys

CODEGEN = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "codegen"
SUFFIX = ".schema.json"
TIME_LOWEST, TIME_HIGHEST = "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"
WIDE = "\U0001F600"  # four bytes in UTF-8, two units in UTF-16
ITEMS_OF_HIGHEST = 2


sys.path.insert(0, str(CODEGEN))
import pattern  # noqa: E402


class Bad(Exception):
    """Schema and example do not fit together; says where."""


class Schemas:
    def __init__(self, folder):
        self.files = {path.name: json.loads(path.read_text(encoding="utf-8"))
                      for path in sorted(pathlib.Path(folder).glob("*" + SUFFIX))}

    def names(self):
        """Of the messages: bases and common have no dot."""
        return [name.removesuffix(SUFFIX) for name in self.files if "." in name.removesuffix(SUFFIX)]

    def shape(self, name):
        return self.resolve({"$ref": name + SUFFIX}, None)

    def resolve(self, schema, file):
        while "$ref" in schema:
            target, _, fragment = schema["$ref"].partition("#")
            file = target or file
            schema = self.files[file]
            for step in fragment.split("/")[1:]:
                schema = schema[step]
        return Shape(self, schema, file)


class Shape:
    """One piece of a schema, references followed."""

    def __init__(self, schemas, schema, file):
        self.schemas = schemas
        self.schema = schema
        self.file = file
        self.kind = self.kind_of()
        if self.kind == "object":
            self.members, self.required = self.members_of()

    def get(self, keyword, default=None):
        return self.schema.get(keyword, default)

    def fail(self, text):
        raise Bad(f"{self.file}: {text}")

    def kind_of(self):
        if self.get("oneOf"):
            return "decimal"
        if self.get("type") in ("object", "array"):
            return ("raw-" if self.get("x-raw") else "") + self.get("type")
        for keyword in ("const", "enum", "x-time"):
            if keyword in self.schema:
                return keyword.removeprefix("x-")
        return {"integer": "integer", "string": "text"}[self.get("type")]

    def members_of(self):
        members, required = {}, []
        for base in self.get("allOf", []):
            shape = self.schemas.resolve(base, self.file)
            members |= shape.members
            required += shape.required
        for key, schema in self.get("properties", {}).items():
            if schema is not True:
                members[key] = self.schemas.resolve(schema, self.file)
        return members, required + self.get("required", [])

    @property
    def items(self):
        return self.schemas.resolve(self.get("items"), self.file)

    @property
    def range(self):
        of = self.get("oneOf")[0] if self.kind == "decimal" else self.schema
        return of["minimum"], of["maximum"]

    @property
    def regex(self):
        return self.get("oneOf")[1]["pattern"] if self.kind == "decimal" else self.get("pattern")

    def takes(self, text):
        """Whether a text, or a decimal as text, is valid."""
        if self.kind == "text" and not self.get("minLength", 0) <= len(text) <= self.get("maxLength"):
            return False
        # The last $ of Python lets a line feed follow; that of JSON Schema does not.
        return self.regex is None or re.fullmatch(self.regex[1:-1], text) is not None

    def text(self, is_highest):
        if self.regex is None:
            return WIDE * self.get("maxLength") if is_highest else '"' * self.get("minLength", 0)
        found = []
        holder = Shape(self.schemas, self.get("oneOf")[1], self.file) if self.kind == "decimal" else self
        for atoms in pattern.parse(holder).alternatives:
            parts = [some(atom.chars, atom.max if is_highest else atom.min) for atom in atoms]
            found.append("".join(parts))
        text = max(found, key=len) if is_highest else min(found, key=len)
        return text if self.takes(text) else self.fail(f"{text!r} does not match {self.regex}")

    def value(self, example, is_highest):
        """The greatest or smallest of each number, the longest or shortest of each text, the last
        or first of each enum. Of what can be anything, the example."""
        end = -1 if is_highest else 0
        if self.kind == "object":
            return {key: shape.value(example[key], is_highest) for key, shape in self.members.items()}
        if self.kind == "array":
            count = min(self.get("maxItems"), ITEMS_OF_HIGHEST) if is_highest else 1
            return [self.items.value(example[0], is_highest)] * count
        if self.kind in ("integer", "decimal"):
            return self.range[end]
        if self.kind == "time":
            return (TIME_LOWEST, TIME_HIGHEST)[end]
        if self.kind == "enum":
            return self.get("enum")[end]
        return self.text(is_highest) if self.kind == "text" else example

    def least(self, example):
        """Required members only, as few as minProperties allows; no items."""
        if self.kind == "object":
            keys = [key for key in self.members if key in self.required]
            spare = [key for key in self.members if key not in self.required]
            keys += spare[: max(0, self.get("minProperties", 0) - len(keys))]
            return {key: self.members[key].least(example[key]) for key in keys}
        return [] if self.kind in ("array", "raw-array") else example

    def check_full(self, example, where):
        """An example must have every member, or the mutations would pass some by."""
        if self.kind == "object":
            for key, shape in self.members.items():
                if key not in example:
                    raise Bad(f"{where} must have {key}: ok-full has every member, also the optional")
                shape.check_full(example[key], f"{where}/{key}")
        elif self.kind in ("array", "raw-array"):
            if not example:
                raise Bad(f"{where} must have an item")
            if self.kind == "array":
                self.items.check_full(example[0], f"{where}/0")


def some(chars, count):
    """So many of a class, the awkward ones of JSON first."""
    row = [c for c in '"\\/ ' if c in chars] + [min(chars), max(chars)]
    return "".join(row[i % len(row)] for i in range(count))
