"""Reads the schema files and follows references. Knows JSON, nothing about C."""

import json

SUFFIX = ".schema.json"
ANNOTATIONS = {"title", "description", "$comment"}


class SchemaError(Exception):
    """What is wrong, with the file and the JSON pointer."""


class Node:
    """A piece of a schema that knows where it stands."""

    def __init__(self, files, file, pointer, value):
        self.files = files
        self.file = file
        self.pointer = pointer
        self.value = value

    def fail(self, text):
        raise SchemaError(f"{self.file}{SUFFIX}#{self.pointer or '/'}: {text}")

    def child(self, *keys):
        node = self
        for key in keys:
            step = str(key).replace("~", "~0").replace("/", "~1")
            node = Node(self.files, self.file, f"{node.pointer}/{step}", node.value[key])
        return node

    def get(self, key, default=None):
        return self.value.get(key, default)

    def has(self, key):
        return key in self.value

    def only(self, *allowed):
        """Refuses keywords that whoever asks does not handle."""
        for key in self.value:
            if key not in ANNOTATIONS and key not in allowed:
                self.fail(f'keyword "{key}" is not understood here (known: {", ".join(allowed)}); '
                          "teach schemas/codegen, or leave it out")

    def resolve(self):
        """Follows $ref. Returns the node itself when it is none."""
        if not isinstance(self.value, dict):
            self.fail("must be an object")
        if not self.has("$ref"):
            return self
        self.only("$ref")
        file, _, fragment = self.get("$ref").partition("#")
        name = file[: -len(SUFFIX)] if file.endswith(SUFFIX) else file
        if name not in self.files:
            self.fail(f"there is no file {file}")
        node = self.files[name]
        for step in [s for s in fragment.split("/") if s]:
            if not isinstance(node.value, dict) or step not in node.value:
                self.fail(f'"{self.get("$ref")}" leads nowhere')
            node = node.child(step)
        return node.resolve()

    def integer(self, key):
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail(f'"{key}" must be there, as a whole number')
        return value


def refuse_twice(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f'"{key}" is there twice')
    return dict(pairs)


def load(schema_dir):
    """All schemas of a folder, by name without the suffix."""
    files = {}
    for path in sorted(schema_dir.glob("*" + SUFFIX)):
        name = path.name[: -len(SUFFIX)]
        try:
            value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=refuse_twice)
        except ValueError as error:
            raise SchemaError(f"{path.name}: {error}") from error
        node = Node(files, name, "", value)
        if value.get("$id") != path.name:
            node.fail(f'"$id" must be the file\'s name, {path.name}')
        files[name] = node
    if not files:
        raise SchemaError(f"no *{SUFFIX} in {schema_dir}")
    return files
