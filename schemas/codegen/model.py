"""Schemas as objects with members: what the C code needs to know, and nothing that it cannot check.

Every function that handles a form of schema names the keywords it handles (Node.only); all others
are refused.
"""

import collections
import copy

import names
import pattern
from source import SchemaError

INT_MAX = 2**53 - 1
MEMBERS_MAX = 64
DEPTH_MAX = 8
TEXT_CHARS_MAX = 4096
ITEMS_MAX = 1000
DECIMAL_DIGITS_MAX = 18
STORED_MAX = 127  # of an enum's numbers: its texts are a table of so many places
TIME_REGEX = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"


class Member:
    """One member of an object. kind is the end of a KIT_KIND_ name."""

    def __init__(self, kind, **facts):
        self.kind = kind
        self.key = self.name = None
        self.required = False
        self.min = self.max = 0
        self.size_bytes = 0  # TEXT
        self.pattern = None
        self.texts = None  # CONST
        self.enum = None  # ENUM: name
        self.id = None  # INT, DECIMAL: name of the id struct
        self.object = None  # OBJECT, ARRAY
        self.is_inline = False  # its object is declared in place, not by a schema of its own
        self.within = None  # the base whose struct holds it, as a C name
        self.__dict__.update(facts)


class Object:
    def __init__(self, struct):
        self.struct = struct
        self.base = None  # the Object that this one is a form of
        self.members = []  # those of the base too, in the order of the wire
        self.members_min = 0
        self.depth = 1

    @property
    def name(self):
        """Of its header, and of its member in the structs of its forms."""
        return self.struct[len("msg_"):]


# numbers: one for each value; those that a database holds never change their meaning.
Enum = collections.namedtuple("Enum", "values numbers is_stored")


class System:
    """Everything that is generated."""

    def __init__(self, files):
        self.files = files
        self.messages = {}  # schema name -> Object
        self.bases = {}  # the same, of those that only forms use
        self.enums = {}  # name -> Enum
        self.ids = set()
        self.structs = set()
        self.in_progress = []

    def message(self, node):
        """The object of a whole schema file; made once."""
        name = node.file
        if names.is_base(name):
            node.fail("is a base and open: refer to one of its forms")
        if name in self.in_progress:
            node.fail(f"refers to itself: {' -> '.join(self.in_progress + [name])}")
        if name not in self.messages:
            self.in_progress.append(name)
            self.messages[name] = self.object(node, names.message(name), is_root=True)
            self.in_progress.pop()
        return self.messages[name]

    def base(self, node):
        """The object of a base: open, so that its forms can add members and close it. Made once."""
        if node.file not in self.bases:
            node.only("$schema", "$id", "type", "properties", "required")
            self.bases[node.file] = self.members_of(node, Object(names.message(node.file)))
        return self.bases[node.file]

    def object(self, node, struct, is_root=False):
        result = Object(struct)
        root = ["$schema", "$id", "allOf"] if is_root else []
        closing = "unevaluatedProperties" if is_root and node.has("allOf") else "additionalProperties"
        node.only("type", "properties", "required", closing, "minProperties", *root)
        if node.get(closing) is not False:
            node.fail(f'must be "type": "object" with "{closing}": false')
        if closing == "unevaluatedProperties":
            result.base = self.base_of(node)
        return self.members_of(node, result)

    def base_of(self, node):
        """A form has one base, named by a reference and nothing else."""
        if len(node.get("allOf")) != 1 or not node.child("allOf", 0).has("$ref"):
            node.fail('"allOf" must hold one "$ref", to a base')
        target = node.child("allOf", 0).resolve()
        if target.pointer != "" or not names.is_base(target.file):
            node.fail(f'{node.get("allOf")[0]["$ref"]} is no base: that is a whole file without a dot '
                      "in its name")
        return self.base(target)

    def members_of(self, node, result):
        """Fills in the members: the base's first, but those named again, as true, in their place
        among the own ones."""
        if node.get("type") != "object":
            node.fail('must be "type": "object"')
        if result.struct in self.structs:
            node.fail(f"struct {result.struct} is there already")
        self.structs.add(result.struct)
        properties = node.get("properties", {})
        required = node.get("required", [])
        inherited = {m.key: m for m in result.base.members} if result.base else {}
        for key in required:
            if properties.get(key, True) is True:
                node.fail(f'"{key}" is required, but not among the properties here')
        order = [key for key in inherited if key not in properties] + list(properties)
        for key in order:
            result.members.append(self.inherited(node, result.base, inherited[key])
                                  if key in inherited else self.own(node, result.struct, key))
            result.members[-1].required |= key in required
        self.check_object(node, result)
        return result

    def inherited(self, node, base, member):
        """A member of the base, which a form may put in another place, and not change."""
        if node.get("properties", {}).get(member.key, True) is not True:
            node.fail(f'"{member.key}" is the base\'s: it can be true here, to say its place, no more')
        member = copy.copy(member)
        member.within = base.name
        return member

    def own(self, node, struct, key):
        child = node.child("properties", key)
        if child.value is True:
            child.fail("only a member of the base can be true")
        member = self.member(child, struct, key)
        member.key = key
        member.name = names.member(child, key)
        return member

    def check_object(self, node, result):
        result.members_min = node.integer("minProperties") if node.has("minProperties") else 0
        if not 1 <= len(result.members) <= MEMBERS_MAX:
            node.fail(f"must have 1 to {MEMBERS_MAX} properties")
        taken = [result.base.name] if result.base else []
        for m in [m for m in result.members if not m.within]:
            taken += [m.name] + ([] if m.required else ["has_" + m.name])
            taken += [m.name + "_count"] if m.kind == "ARRAY" else []
        for name in taken:
            if taken.count(name) > 1:
                node.fail(f'two members are called "{name}" in C')
        inner = [m.object.depth + (m.kind == "ARRAY") for m in result.members if m.object]
        result.depth = 1 + max(inner, default=0)
        if result.depth > DEPTH_MAX:
            node.fail(f"is nested deeper than {DEPTH_MAX}")

    def member(self, node, struct, key):
        target = node.resolve()
        if target.has("oneOf"):
            return self.decimal(target)
        kind = target.get("type")
        if kind == "integer":
            return self.integer(target)
        if kind == "string":
            return self.string(target)
        if kind == "object" and target.get("x-raw") is True:
            target.only("type", "x-raw")
            return Member("RAW_OBJECT")
        if kind == "object":
            return Member("OBJECT", **self.object_of(target, f"{struct}_{names.snake(key)}"))
        if kind == "array":
            return self.array(target, f"{struct}_{names.snake(key)}")
        return target.fail(f'type "{kind}" is not understood; use integer, string, object, array')

    def object_of(self, target, struct):
        if target.pointer == "":
            return {"object": self.message(target)}
        return {"object": self.object(target, struct), "is_inline": True}

    def id_of(self, node):
        name = node.get("x-id")
        if name is not None:
            self.ids.add(name)
        return name

    def range(self, node):
        low, high = node.integer("minimum"), node.integer("maximum")
        if not -INT_MAX <= low <= high <= INT_MAX:
            node.fail("the range must lie within +-(2^53-1)")
        return {"min": low, "max": high}

    def integer(self, node):
        node.only("type", "minimum", "maximum", "x-id")
        return Member("INT", id=self.id_of(node), **self.range(node))

    def decimal(self, node):
        node.only("oneOf", "x-decimal", "x-id")
        forms = [node.child("oneOf", i) for i in range(len(node.get("oneOf")))]
        if node.get("x-decimal") is not True or [f.get("type") for f in forms] != ["integer", "string"]:
            node.fail('"oneOf" is for "x-decimal" alone: an integer, then a string')
        forms[0].only("type", "minimum", "maximum")
        forms[1].only("type", "pattern")
        digits = pattern.parse(forms[1])
        facts = self.range(forms[0])
        if not digits.is_digits() or digits.length_max > DECIMAL_DIGITS_MAX or facts["min"] < 0:
            forms[1].fail(f"must be up to {DECIMAL_DIGITS_MAX} digits, and not negative")
        return Member("DECIMAL", id=self.id_of(node), pattern=digits, **facts)

    def string(self, node):
        if node.has("const"):
            return self.constant(node)
        if node.has("enum"):
            return self.enumeration(node)
        if node.get("x-time") is True:
            node.only("type", "format", "pattern", "x-time")
            if node.get("pattern") != TIME_REGEX or node.get("format") != "date-time":
                node.fail(f'"x-time" needs "format": "date-time" and the pattern {TIME_REGEX}')
            return Member("TIME")
        node.only("type", "minLength", "maxLength", "pattern")
        low = node.integer("minLength") if node.has("minLength") else 0
        high = node.integer("maxLength")
        if not 0 <= low <= high or not 1 <= high <= TEXT_CHARS_MAX:
            node.fail(f"lengths must be in order, and {TEXT_CHARS_MAX} at most")
        if not node.has("pattern"):
            return Member("TEXT", min=low, max=high, size_bytes=high * 4 + 1)
        form = pattern.parse(node)
        if form.length_max > high:
            node.fail(f"the pattern allows {form.length_max} characters, maxLength fewer")
        return Member("TEXT", min=low, max=high, size_bytes=high + 1, pattern=form)

    def plain(self, node, text):
        """Goes between quotes as it is, into C and into JSON."""
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() \
                or not text or '"' in text or "\\" in text:
            node.fail(f"{text!r} must be printable ASCII without quotes and backslashes")
        return text

    def constant(self, node):
        node.only("type", "const")
        return Member("CONST", texts=[self.plain(node, node.get("const"))])

    def enumeration(self, node):
        node.only("type", "enum", "x-enum", "x-stored")
        name = node.get("x-enum")
        values = [self.plain(node, v) for v in node.get("enum")]
        if not isinstance(name, str) or names.snake(name) != name:
            node.fail('"x-enum" must name the enum, in snake_case')
        if len({names.snake(v) for v in values}) != len(values) or not values:
            node.fail("the values must differ, also as C names")
        enum = self.numbered(node, values)
        if self.enums.setdefault(name, enum) != enum:
            node.fail(f'enum "{name}" has other values elsewhere')
        return Member("ENUM", enum=name)

    def numbered(self, node, values):
        """Stored numbers begin at 1: a member that nobody set, and NULL, are no value of the enum."""
        stored = node.get("x-stored")
        if stored is False:
            return Enum(values, list(range(len(values))), False)
        if not isinstance(stored, list) or len(stored) != len(values) \
                or any(type(n) is not int or not 1 <= n <= STORED_MAX for n in stored) \
                or len(set(stored)) != len(stored):
            node.fail('"x-stored" must give each value its number in databases, from 1 to '
                      f'{STORED_MAX} and never twice, or be false when no database holds the enum')
        return Enum(values, stored, True)

    def array(self, node, struct):
        node.only("type", "maxItems", "items", "x-raw")
        high = node.integer("maxItems")
        if not 1 <= high <= ITEMS_MAX:
            node.fail(f'"maxItems" must be 1 to {ITEMS_MAX}')
        items = node.child("items").resolve()
        if items.get("type") != "object":
            items.fail("items must be objects")
        if node.get("x-raw") is True:
            items.only("type")
            return Member("RAW_ARRAY", max=high)
        return Member("ARRAY", max=high, **self.object_of(items, struct))


def build(files):
    """All schemas but common, which holds definitions only."""
    if "common" not in files:
        raise SchemaError("common.schema.json is missing")
    files["common"].only("$schema", "$id", "$defs")
    system = System(files)
    for name, node in files.items():
        if name != "common":
            (system.base if names.is_base(name) else system.message)(node)
    return system
