#!/usr/bin/env python3
"""Every schema that topics.md names is there and in asyncapi.yaml, and every one that is there is used.
What several schemas say is said in a base, and no vector is kept that tests/contract/mutate.py derives."""
import itertools
import json
import pathlib
import re
import sys

import common

sys.path.insert(0, str(common.ROOT / "tests" / "contract"))
import mutate  # noqa: E402
import shapes  # noqa: E402

RULES = ("schema-absent", "schema-unused", "schema-untold", "schema-restated", "schema-lone-base", "vector-derived",
         "vector-incomplete")
SHARED_MAX = 4  # members that two schemas may say alike without a base
FORMS_MIN = 2  # of a base
NAME = r"(?:wire|event|rpc|http|device)\.[a-z][a-z0-9.-]*[a-z]"


def used_names(root, schemas):
    """Named in a document, referred to by a schema, or compiled into a program."""
    used = set()
    for path in common.files(root, r"^schemas/(topics\.md|.*api\.yaml|.*\.schema\.json)$"):
        text = common.read(root, path)
        if path.suffix == ".json":
            used |= {re.sub(r"\.schema\.json.*", "", ref)
                     for ref in re.findall(r'"\$ref":\s*"([^"#]+)', text)}
        else:
            used |= {name.removesuffix(".schema.json") for name in re.findall(NAME, text)}
    by_header = {re.sub(r"[.-]", "_", name): name for name in schemas}
    for path in common.files(root, r"^(services|bridge|firmware|hw-sim)/.*\.[ch]$"):
        for header in re.findall(r'#include "msg/(\w+)\.gen\.h"', common.read(root, path)):
            used.add(by_header.get(header, header))
    return used


def base_of(schema):
    """Name of its base, or None."""
    for part in schema.get("allOf", []):
        return part["$ref"].removesuffix(".schema.json")
    return None


def members(schema):
    """Own members, as they are checked: without the words that explain them."""
    return {key: json.dumps({k: v for k, v in value.items() if k not in ("title", "description")}, sort_keys=True)
            for key, value in schema.get("properties", {}).items() if isinstance(value, dict)}


def check_bases(texts, paths):
    """A file without a dot in its name is a base; event.x, rpc.x.response and http.x are forms of base x."""
    bases = {name for name in texts if "." not in name and name != "common"}
    forms = [base_of(schema) for schema in texts.values()]
    for base in sorted(bases):
        if forms.count(base) < FORMS_MIN:
            yield common.Finding("schema-lone-base", paths[base], 0,
                                 f"has fewer than {FORMS_MIN} forms: say it in the one that uses it")
        for name in (f"event.{base}", f"rpc.{base}.response", f"http.{base}"):
            if name in texts and base_of(texts[name]) != base:
                yield common.Finding("schema-restated", paths[name], 0, f"is no form of {base}")
    for one, other in itertools.combinations(sorted(texts), 2):
        if {one, other} <= bases:
            continue  # two things that happen to have members in common
        shared = members(texts[one]).items() & members(texts[other]).items()
        if len(shared) > SHARED_MAX:
            yield common.Finding("schema-restated", paths[other], 0,
                                 f"says {len(shared)} members as {one} does: give them a base", one)


def check_vectors(root, texts):
    """By name: what is derived needs no file."""
    schemas = shapes.Schemas(pathlib.Path(root, "schemas"))
    kept = common.files(root, r"^schemas/vectors/.*\.json$")
    for name in sorted(texts):
        full = pathlib.Path("schemas/vectors", name, "ok-full.json")
        if full not in kept:
            continue
        example = json.loads(common.read(root, full))
        try:
            shape = schemas.shape(name)
            shape.check_full(example, f"{name}#")
            derived = mutate.derive(shape, example)
        except shapes.Bad as fault:
            yield common.Finding("vector-incomplete", full, 0, str(fault))
            continue
        for path in kept:
            if path.parent == full.parent and path.name in derived:
                yield common.Finding("vector-derived", path, 0, "tests/contract/mutate.py derives it: leave it out")


def check(root):
    schemas = {path.name.removesuffix(".schema.json"): path
               for path in common.files(root, r"^schemas/[^/]*\.schema\.json$")}
    findings = []
    named = set(re.findall(rf"`({NAME})`", common.read(root, "schemas/topics.md")))
    for name in sorted(named - set(schemas)):
        findings.append(common.Finding("schema-absent", "schemas/topics.md", 0,
                                       f"names {name}, but there is no such schema", name))
    told = set(re.findall(NAME, common.read(root, "schemas/asyncapi.yaml")))
    for name in sorted(named & set(schemas)):
        if name in told or f"{name}.schema.json" in told:
            continue
        findings.append(common.Finding("schema-untold", "schemas/asyncapi.yaml", 0,
                                       f"says nothing of {name}, which topics.md names", name))
    for name in sorted(set(schemas) - used_names(root, schemas)):
        findings.append(common.Finding("schema-unused", schemas[name], 0, "nothing uses it"))
    texts = {name: json.loads(common.read(root, path)) for name, path in schemas.items()}
    findings += check_bases(texts, schemas)
    findings += check_vectors(root, texts)
    return findings


def schema(properties, **more):
    numbers = {key: {"type": "integer", "minimum": 0, "maximum": 9} for key in properties}
    return json.dumps({"type": "object", "properties": numbers, "additionalProperties": False, **more})


def form(base):
    return schema("", allOf=[{"$ref": f"{base}.schema.json"}], unevaluatedProperties=False)


GOOD = {"schemas/asyncapi.yaml": "wire.head.schema.json rpc.problem.schema.json\n",
        "schemas/topics.md": "`wire.head` `rpc.problem`\n", "schemas/wire.head.schema.json": schema("a"),
        "schemas/common.schema.json": "{}",
        "schemas/rpc.problem.schema.json": '{"properties": {"b": {"$ref": "common.schema.json#/$defs/b"}}}',
        "schemas/order.schema.json": schema("abcdefg"), "schemas/rental.schema.json": schema("abcdefg"),
        "schemas/http.order.schema.json": form("order"), "schemas/rpc.order.response.schema.json": form("order"),
        "schemas/event.order.schema.json": form("order"),
        "schemas/http.rental.schema.json": form("rental"), "schemas/event.rental.schema.json": form("rental"),
        "schemas/vectors/wire.head/ok-full.json": '{"a": 1}',
        "schemas/vectors/wire.head/ok-minus-zero.json": '{"a": -0}',
        "bridge/a.c": '#include "msg/http_order.gen.h"\n#include "msg/rpc_order_response.gen.h"\n'
                      '#include "msg/http_rental.gen.h"\n#include "msg/event_rental.gen.h"\n'
                      '#include "msg/event_order.gen.h"\n'}
BAD = {"schema-absent": {"schemas/topics.md": "`wire.head` `rpc.problem` `event.none`\n"},
       "schema-untold": {"schemas/asyncapi.yaml": "rpc.problem.schema.json\n"},
       "schema-unused": {"schemas/event.lost.schema.json": "{}"},
       "schema-restated form": {"schemas/http.order.schema.json": schema("ab")},
       "schema-restated alike": {"schemas/wire.head.schema.json": schema("abcde"),
                                 "schemas/vectors/wire.head/ok-full.json": json.dumps(dict.fromkeys("abcde", 1))},
       "schema-lone-base": {"schemas/thing.schema.json": schema("a"), "schemas/http.thing.schema.json": form("thing"),
                            "bridge/b.c": '#include "msg/http_thing.gen.h"\n'},
       "vector-incomplete": {"schemas/wire.head.schema.json": schema("ab")},
       "vector-derived": {"schemas/vectors/wire.head/bad-high.a.json": '{"a": 10}'}}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
