#!/usr/bin/env python3
"""The table of schemas/rules/access.md is whole: each request of schemas/topics.md, each route that
the bridge answers by itself, each scan flow and each event of the feed has a row, and no row is
about something else."""
import pathlib
import re
import sys

import common
import topics

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "schemas" / "codegen"))
import access  # noqa: E402

TABLE = "schemas/rules/access.md"
REQUESTS = "schemas/topics.md"
ROUTES = "bridge/routes.c"
FLOWS = "schemas/rules/stock.md"
# Rows that are there before what they are about is.
COMING = {"account.totp-begin", "account.totp-confirm", "account.totp-end"}
RULES = ("access-missing", "access-unknown", "access-people")


def feed(text):
    """Types of information's log that the bridge passes on."""
    for header, rows in topics.tables(text):
        if header[:2] != ["source", "type"]:
            continue
        for row in rows:
            if topics.quoted(row[0]) == ["information"]:
                yield from (kind for kind in topics.quoted(row[1]) if kind != "EventDamaged")


def own_routes(text):
    """Of the bridge's table, what asks no service: "GET /events"."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    row = r'\{ HTTP_(\w+), \(?"([^"]+)"[^{}]*?(?:\{[^{}]*\}[^{}]*?)*?ROUTE_\w+, NULL, NULL'
    return [f"{method} {path}" for method, path in re.findall(row, text)]


def flows(text):
    match = re.search(r"`([A-Z ]+)` start their flow", text)
    return match.group(1).split() if match else []


def there_is(root):
    callers = topics.callers(common.read(root, REQUESTS))
    names = {f"{instance}.{method}": who for (instance, method), who in callers.items()}
    others = [f"feed {kind}" for kind in feed(common.read(root, REQUESTS))]
    others += own_routes(common.read(root, ROUTES))
    others += [f"scan {flow}" for flow in flows(common.read(root, FLOWS))]
    return names | {name: {"bridge"} for name in others}


def check(root):
    rows, names, findings = access.read(common.read(root, TABLE)), there_is(root), []
    for name in sorted(set(names) - set(rows)):
        findings.append(common.Finding("access-missing", TABLE, 0, f"{name} has no row", name))
    has_accounts = any(name.startswith("account.") for name in names)
    for name in sorted(set(rows) - set(names) - COMING):
        if has_accounts or not name.startswith("account."):  # its rows were there first
            findings.append(common.Finding("access-unknown", TABLE, 0, f"{name} is nothing that "
                                           f"{REQUESTS}, {ROUTES} or {FLOWS} have", name))
    for name in sorted(set(rows) & set(names)):
        is_for_people = set(rows[name]) != {"-"}
        is_asked = "bridge" in names[name] and name.split(".")[-1] not in ("replay", "seen")
        if is_for_people != is_asked:
            findings.append(common.Finding("access-people", TABLE, 0, f"{name} is asked by "
                                           f"{', '.join(sorted(names[name]))}: a row of dashes is "
                                           "what nobody asks through the bridge", name))
    return findings


HEAD = "| what | " + " | ".join(access.ROLES) + " |\n" + "|---" * 9 + "|\n"
CELLS = " | all" * 8 + " |\n"
GOOD = {
    TABLE: HEAD + "| `rental.get`, `scan PICK`" + CELLS + "| `feed OrderChanged`" + CELLS +
    "| `GET /events`" + CELLS + "| `rental.replay`" + " | -" * 8 + " |\n",
    REQUESTS: "| source | type | subject | data | followed by |\n|---|---|---|---|---|\n"
              "| `information` | `OrderChanged` | `x` | `y` | bridge |\n"
              "| `information` | `EventDamaged` | `x` | `y` | bridge |\n"
              "| `rental` | `RentalOrdered` | `x` | `y` | delivery |\n\n"
              "| instance | method | kind | request | response | callers |\n|---|---|---|---|---|---|\n"
              "| `rental` | `get` | read | `a` | `b` | bridge |\n"
              "| `rental` | `replay` | read | `a` | `b` | its followers |\n",
    ROUTES: '{ HTTP_GET, "/rentals/{id}", NULL, A,\n ROUTE_READ, "rental", "get", 200, f, g },\n'
            '{ HTTP_GET, "/events", NULL, A, B, C,\n  ROUTE_STREAM, NULL, NULL, 200, NULL, NULL },\n',
    FLOWS: "- `PICK` start their flow.\n"}
BAD = {
    "access-missing request": {TABLE: GOOD[TABLE].replace("`rental.get`, ", "")},
    "access-missing flow": {TABLE: GOOD[TABLE].replace(", `scan PICK`", "")},
    "access-missing feed": {TABLE: GOOD[TABLE].replace("| `feed OrderChanged`" + CELLS, "")},
    "access-missing route": {TABLE: GOOD[TABLE].replace("| `GET /events`" + CELLS, "")},
    "access-unknown": {TABLE: GOOD[TABLE].replace("rental.get", "rental.get`, `rental.put")},
    "access-people": {TABLE: GOOD[TABLE].replace("`rental.get`", "`rental.get`, `rental.replay`").replace(
        "| `rental.replay`" + " | -" * 8 + " |\n", "")}}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
