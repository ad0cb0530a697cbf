"""Turns the table of schemas/rules/access.md into C: one row for each thing that somebody may do."""
import re

import source

ROLES = ("anonymous", "customer", "service", "picker", "counter", "supervisor", "operator", "auditor")
REACH = {"-": "KIT_REACH_NONE", "own": "KIT_REACH_OWN", "all": "KIT_REACH_ALL"}
HEADER = """\
/* Generated from schemas/rules/access.md: who may do what. Do not edit. */
#ifndef MSG_ACCESS_GEN_H
#define MSG_ACCESS_GEN_H

#include <stddef.h>

#include "kit/base/actor.h"

struct msg_access_row {
    const char *what; /* "rental.create", "GET /events", "scan PICK", "feed OrderChanged" */
    enum kit_reach reach[KIT_ROLE_COUNT]; /* of KIT_ROLE_NONE: what is not for people */
};

/* In the order of strcmp(). */
extern const struct msg_access_row msg_access_rows[];
extern const size_t msg_access_row_count;

#endif
"""


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def read(text):
    """{what: reach of each role}, as the cells say it."""
    lines = [cells(line) for line in text.splitlines() if line.startswith("|")]
    if not lines or lines[0] != ["what", *ROLES]:
        raise source.SchemaError("rules/access.md: the table begins with: what, " + ", ".join(ROLES))
    rows = {}
    for what, *reach in lines[2:]:
        names = re.findall(r"`([^`]+)`", what)
        if not names or len(reach) != len(ROLES) or not set(reach) <= set(REACH):
            raise source.SchemaError(f"rules/access.md: {what}: names in `` and {len(ROLES)} cells of "
                                     "-, own or all")
        for name in names:
            if name in rows:
                raise source.SchemaError(f"rules/access.md: {name} is there twice")
            rows[name] = reach
    return rows


def render(text):
    """{file: its text}"""
    lines = []
    for what, reach in sorted(read(text).items()):
        nobody = "all" if set(reach) == {"-"} else "-"
        lines.append(f'    {{ "{what}", {{ {", ".join(REACH[cell] for cell in [nobody, *reach])} }} }},')
    return {"access.gen.h": HEADER,
            "access.gen.c": '#include "msg/access.gen.h"\n\n'
                            "const struct msg_access_row msg_access_rows[] = {\n"
                            + "\n".join(lines) + "\n};\n"
                            f"const size_t msg_access_row_count = {len(lines)};\n"}
