"""The generator refuses what it would not check, and says where. Usage: test_codegen.py SCHEMAS"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCHEMAS = pathlib.Path(sys.argv.pop(1))
GENERATE = SCHEMAS / "codegen" / "generate"
sys.path.insert(0, str(GENERATE.parent))

import emit  # noqa: E402
import emit_fw  # noqa: E402
import model  # noqa: E402
import source  # noqa: E402

COMMON = {"$id": "common.schema.json", "$defs": {"qty": {"type": "integer", "minimum": 1, "maximum": 5}}}
INTEGER = {"type": "integer", "minimum": 0, "maximum": 9}
BASE = {"$id": "thing.schema.json", "type": "object", "required": ["a"], "properties": {
    "a": INTEGER, "b": {"type": "array", "maxItems": 2, "items": {
        "type": "object", "properties": {"c": INTEGER}, "additionalProperties": False}}}}


def message(properties, **more):
    return {"$id": "t.m.schema.json", "type": "object", "properties": properties,
            "additionalProperties": False, **more}


def enum(values, stored):
    return {"type": "string", "x-enum": "e", "x-stored": stored, "enum": values}


def form(**more):
    """Of the base above."""
    return {"$id": "t.m.schema.json", "type": "object", "allOf": [{"$ref": "thing.schema.json"}],
            "unevaluatedProperties": False, **more}


class Codegen(unittest.TestCase):
    def generate(self, schema, base=None):
        """The generated files, or the error."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "common.schema.json").write_text(json.dumps(COMMON))
            (root / "thing.schema.json").write_text(json.dumps(base or BASE))
            text = schema if isinstance(schema, str) else json.dumps(schema)
            (root / "t.m.schema.json").write_text(text)
            try:
                return emit.render(model.build(source.load(root))), ""
            except source.SchemaError as error:
                return None, str(error)

    def refused(self, schema, *words, base=None):
        files, text = self.generate(schema, base)
        self.assertIsNone(files)
        for word in words:
            self.assertIn(word, text)

    def generate_fw(self, properties, **more):
        """The firmware's files for a schema device.m, or the error."""
        schema = {**message(properties, **more), "$id": "device.m.schema.json"}
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "common.schema.json").write_text(json.dumps(COMMON))
            (root / "device.m.schema.json").write_text(json.dumps(schema))
            (root / "t.n.schema.json").write_text(json.dumps({**message({"a": INTEGER}), "$id": "t.n.schema.json"}))
            try:
                return emit_fw.render(model.build(source.load(root))), ""
            except source.SchemaError as error:
                return None, str(error)

    def test_firmware_gets_device_schemas_alone(self):
        files, text = self.generate_fw({"a": INTEGER, "b": {**INTEGER, "maximum": 2**53 - 1}}, required=["a"])
        self.assertEqual(text, "")
        self.assertEqual(sorted(files), ["common.gen.c", "common.gen.h", "device_m.gen.c", "device_m.gen.h"])
        self.assertIn("int32_t a;", files["device_m.gen.h"])
        self.assertIn("bool has_b;\n    int64_t b;", files["device_m.gen.h"])

    def test_firmware_refuses_what_its_codec_does_not_do(self):
        with self.assertRaisesRegex(source.SchemaError, "forms of a base"):
            device = {**form(), "$id": "device.m.schema.json"}
            files = {}
            for schema in (BASE, COMMON, device):
                name = schema["$id"][: -len(source.SUFFIX)]
                files[name] = source.Node(files, name, "", schema)
            emit_fw.render(model.build(files))
        inner = message({"a": INTEGER})
        del inner["$id"]
        for properties, word in (
                ({"a": {"type": "string", "const": "x"}}, "CONST"),
                ({"a": inner}, "OBJECT"), ({"a": {"type": "array", "maxItems": 2, "items": inner}}, "in place"),
                ({"a" * 24: INTEGER}, "23"), ({"a_b": INTEGER}, "letters"),
                ({"a": enum(["x" * 24], False)}, "23"),
                ({"a": {"type": "string", "maxLength": 2, "pattern": "^(a|b)$"}}, "alternation"),
                ({f"a{i}": INTEGER for i in range(33)}, "too many")):
            files, text = self.generate_fw(properties)
            self.assertIsNone(files, properties)
            self.assertIn(word, text)

    def test_accepts_what_it_understands(self):
        files, text = self.generate(message({"a": INTEGER, "b": {
            "$ref": "common.schema.json#/$defs/qty"}}, required=["a"]))
        self.assertEqual(text, "")
        self.assertIn("bool has_b;", files["t_m.gen.h"])
        self.assertNotIn("has_a", files["t_m.gen.h"])

    def test_refuses_unknown_keywords_by_name_and_place(self):
        for keyword in ("multipleOf", "exclusiveMinimum", "default", "enum", "x-other"):
            self.refused(message({"a": {**INTEGER, keyword: 1}}), f'"{keyword}"',
                         "t.m.schema.json#/properties/a:")
        self.refused(message({"a": INTEGER}, patternProperties={}), '"patternProperties"')
        self.refused(message({"a": INTEGER}, maxProperties=3), '"maxProperties"')
        self.refused(message({"a": {"type": "string", "maxLength": 3, "format": "email"}}), '"format"')
        self.refused(message({"a": {"$ref": "common.schema.json#/$defs/qty", "minimum": 2}}), "minimum")

    def keys(self, schema):
        """In the order in which they are written."""
        files, text = self.generate(schema)
        self.assertEqual(text, "")
        table = files["t_m.gen.c"].split("kit_member msg_t_m_members[]")[1]
        return re.findall(r'\.key = "(\w+)"', table)

    def test_a_form_holds_its_base_and_adds_members(self):
        files, text = self.generate(form(properties={"z": INTEGER}, required=["z"]))
        self.assertEqual(text, "")
        self.assertIn("struct msg_thing {\n    int64_t a;", files["thing.gen.h"])
        self.assertNotIn("_decode", files["thing.gen.h"])
        self.assertNotIn("thing.gen.c", files)
        self.assertIn("struct msg_t_m {\n    struct msg_thing thing;\n    int64_t z;\n};", files["t_m.gen.h"])
        for place in ("thing.a", "thing.b", "z"):
            self.assertIn(f".offset = offsetof(struct msg_t_m, {place})", files["t_m.gen.c"])
        self.assertIn(".has_offset = offsetof(struct msg_t_m, thing.has_b)", files["t_m.gen.c"])
        self.assertIn(".count_offset = offsetof(struct msg_t_m, thing.b_count)", files["t_m.gen.c"])
        self.assertIn(".required = UINT64_C(5)", files["t_m.gen.c"])
        self.assertNotIn("thing", files["codecs.gen.c"])

    def test_members_of_the_base_come_first_or_where_they_are_named(self):
        self.assertEqual(self.keys(form()), ["a", "b"])
        self.assertEqual(self.keys(form(properties={"z": INTEGER})), ["a", "b", "z"])
        self.assertEqual(self.keys(form(properties={"z": INTEGER, "b": True})), ["a", "z", "b"])
        self.assertEqual(self.keys(form(properties={"b": True, "a": True})), ["b", "a"])

    def test_refuses_forms_that_change_their_base(self):
        self.refused(form(properties={"a": INTEGER}), '"a" is the base\'s')
        self.refused(form(properties={"a": False}), '"a" is the base\'s')
        self.refused(form(required=["b"]), "not among the properties here")
        self.refused(form(properties={"b": True}, required=["b"]), "not among the properties here")
        self.refused(form(properties={"z": True}), "only a member of the base")
        self.refused(form(properties={"thing": INTEGER}), 'two members are called "thing"')

    def test_refuses_forms_with_other_than_one_base(self):
        for bases in ([], [{"$ref": "thing.schema.json"}] * 2, [{"required": ["a"]}],
                      [{"$ref": "thing.schema.json", "required": ["a"]}]):
            self.refused(form(allOf=bases), "t.m.schema.json#")
        self.refused(form(allOf=[{"$ref": "common.schema.json#/$defs/qty"}]), "is no base")
        self.refused(form(allOf=[{"$ref": "t.m.schema.json"}]), "is no base")
        self.refused(form(allOf=[{"$ref": "common.schema.json"}]), "is no base")

    def test_refuses_forms_that_are_open_and_bases_that_are_closed(self):
        for value in (None, True, {}):
            self.refused(form(unevaluatedProperties=value), '"unevaluatedProperties": false')
        self.refused({**form(), "additionalProperties": False}, '"additionalProperties"')
        self.refused(message({"a": INTEGER}, unevaluatedProperties=False), '"unevaluatedProperties"')
        for keyword in ("additionalProperties", "unevaluatedProperties", "allOf", "minProperties"):
            self.refused(form(), f'"{keyword}"', "thing.schema.json#", base={**BASE, keyword: False})

    def test_refuses_a_base_where_an_object_is_due(self):
        self.refused(message({"a": {"$ref": "thing.schema.json"}}), "refer to one of its forms")

    def test_refuses_objects_that_are_open(self):
        for value in (None, True, {}):
            schema = message({"a": INTEGER})
            schema["additionalProperties"] = value
            self.refused(schema, '"additionalProperties": false')

    def test_refuses_integers_and_texts_without_limits(self):
        self.refused(message({"a": {"type": "integer", "minimum": 1}}), '"maximum"')
        self.refused(message({"a": {"type": "integer", "minimum": 1, "maximum": 2**53}}), "2^53")
        self.refused(message({"a": {"type": "string"}}), '"maxLength"')
        self.refused(message({"a": {"type": "array", "items": {"type": "object"}}}), '"maxItems"')
        self.refused(message({"a": {"type": "number"}}), "not understood")

    def test_refuses_patterns_that_it_cannot_match_exactly(self):
        for regex in ("[a-z]{1,3}", "^[a-z]+$", "^[a-z]*$", "^.{1,3}$", "^a(b|c)$", "^(a|b)c$",
                      "^[^a]{2}$", "^\\d{3}$", "^[a-z]{0,3}[a-c]$", "^a?a$", "^[z-a]{1}$", "^[\u00e9]$",
                      "^[a-z]{1,}$"):
            self.refused(message({"a": {"type": "string", "maxLength": 9, "pattern": regex}}), "pattern")
        self.refused(message({"a": {"type": "string", "maxLength": 2, "pattern": "^[a-z]{3}$"}}),
                     "maxLength")

    def test_refuses_references_that_lead_nowhere_or_in_circles(self):
        self.refused(message({"a": {"$ref": "common.schema.json#/$defs/none"}}), "leads nowhere")
        self.refused(message({"a": {"$ref": "other.schema.json"}}), "no file")
        self.refused(message({"a": {"$ref": "t.m.schema.json"}}), "refers to itself")

    def test_refuses_names_that_collide_in_c(self):
        self.refused(message({"ab": INTEGER, "_ab": INTEGER}), "two members")
        self.refused(message({"a": INTEGER, "hasA": INTEGER}), "two members")
        self.refused(message({"struct": INTEGER}), "C member")
        self.refused(message({"a": enum(["A_b", "aB"], False)}), "differ")

    def test_refuses_enums_without_the_numbers_that_databases_hold(self):
        for stored in (None, True, [], [1], [0, 1], [1, 1], [1, 128], ["1", "2"], [1, 2, 3]):
            self.refused(message({"a": enum(["x", "y"], stored)}), '"x-stored"')
        self.refused(message({"a": enum(["x", "y"], [1, 2]), "b": enum(["x", "y"], [2, 1])}),
                     "other values elsewhere")

    def test_enums_have_their_stored_numbers(self):
        files, text = self.generate(message({"a": enum(["x", "y"], [3, 1])}))
        self.assertEqual(text, "")
        self.assertIn("E_X = 3,\n    E_Y = 1,\n};\n#define E_MAX 3\n", files["common.gen.h"])
        self.assertIn('[E_X] = "x",', files["common.gen.c"])

    def test_refuses_broken_files(self):
        self.refused("{", "t.m.schema.json")
        self.refused('{"$id": "t.m.schema.json", "$id": "t.m.schema.json"}', "twice")
        self.refused({**message({"a": INTEGER}), "$id": "n.schema.json"}, '"$id"')
        self.refused(message({"a": INTEGER}, required=["b"]), "not among the properties")

    def run_generate(self, *arguments):
        return subprocess.run([sys.executable, "-B", GENERATE, *arguments], capture_output=True,
                              text=True, check=False, timeout=30)

    def test_command_says_how_to_call_it(self):
        done = self.run_generate()
        self.assertEqual(done.returncode, 64)
        self.assertIn("Usage", done.stderr)

    def test_command_fails_and_writes_nothing_when_a_schema_is_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "out"
            done = self.run_generate(folder, out)
            self.assertEqual((done.returncode, out.exists()), (1, False))
            self.assertIn("no *.schema.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
