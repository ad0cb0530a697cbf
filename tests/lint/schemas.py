#!/usr/bin/env python3
"""Every schema that topics.md names is there and in asyncapi.yaml, and every one that is there is used."""
import re

import common

RULES = ("schema-absent", "schema-unused", "schema-untold")
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
    return findings


GOOD = {"schemas/asyncapi.yaml": "wire.head.schema.json rpc.problem.schema.json\n",
        "schemas/topics.md": "`wire.head` `rpc.problem`\n", "schemas/wire.head.schema.json": "{}",
        "schemas/rpc.problem.schema.json": '{"$ref": "common.schema.json#/x"}',
        "schemas/common.schema.json": "{}", "schemas/http.order.schema.json": "{}",
        "bridge/a.c": '#include "msg/http_order.gen.h"\n'}
BAD = {"schema-absent": {"schemas/topics.md": "`wire.head` `rpc.problem` `event.none`\n"},
       "schema-untold": {"schemas/asyncapi.yaml": "rpc.problem.schema.json\n"},
       "schema-unused": {"schemas/event.lost.schema.json": "{}"}}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
