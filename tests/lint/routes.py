#!/usr/bin/env python3
"""The tables of each service (services/NAME/service.c) say what schemas/topics.md says: the same
requests of the same kind and with the same schemas, events that the service follows, leaves of the
devices that it owns.

Tables are lists of rows: X("create", KIT_RPC_EFFECT, rpc_rental_create_request, rpc_rental_response,
handler), X("RentalOrdered", event_rental, handler), X("locker", "up", device_up, handler)."""
import re

import common
import topics

DOCUMENT = "schemas/topics.md"
RULES = ("route-missing", "route-untold", "route-schema")
# Answered by the kit, for every service that publishes, and for every one that follows a stream.
OF_THE_KIT = {"replay", "seen", "letter-list", "letter-retry", "letter-skip"}
# Parked by the kit, for every service that follows a stream.
PARKED_BY_THE_KIT = {"EventDamaged"}


def named(schema):
    """rpc.rental-create.request -> rpc_rental_create_request"""
    return re.sub(r"[.-]", "_", schema)


class Service:
    """What a service's tables have: {method: (kind, request, response)}, {type: schema},
    {(kind, leaf): schema}, and the streams that it subscribes to."""

    def __init__(self, text):
        self.requests, self.events, self.devices, self.sources = {}, {}, {}, set()
        text = re.sub(r"/\*.*?\*/|\\\n", " ", text, flags=re.S)
        self.sources |= set(re.findall(r'\.source = "([^"]+)"', text))
        for row in re.findall(r"\bX\(([^()]*)\)", text):
            self.add([cell.strip() for cell in row.split(",")])

    def add(self, cells):
        words = [cell.strip('"') for cell in cells]
        if len(cells) >= 5 and cells[1].startswith("KIT_RPC_"):
            self.requests[words[0]] = (cells[1].removeprefix("KIT_RPC_").lower(), *cells[2:4])
        elif len(cells) >= 4 and cells[1].startswith('"'):
            self.devices[words[0], words[1]] = cells[2]
        elif len(cells) >= 3:
            self.events[words[0]] = cells[1]


class Document:
    """The same out of topics.md, for all services."""

    def __init__(self, text):
        self.requests, self.rows, self.leaves, self.owned = {}, [], {}, {}
        for header, rows in topics.tables(text):
            for row in rows:
                if header[:2] == ["instance", "method"]:
                    self.add_requests(row)
                elif header[:2] == ["source", "type"]:
                    self.rows.append((topics.quoted(row[0])[0], topics.quoted(row[1]),
                                      named(topics.quoted(row[3])[0]), re.split(r",\s*", row[4])))
                elif header[0] == "topic" and (leaf := re.search(r"<device>/(\w+)`", row[0])):
                    self.leaves[leaf.group(1)] = named(topics.quoted(row[-1])[0])
        for kind, (owner, _, heard) in topics.owners(text).items():
            self.owned.setdefault(owner, set()).update((kind, leaf) for leaf in heard)

    def add_requests(self, row):
        methods, asked, said = (topics.quoted(row[column]) for column in (1, 3, 4))
        for instance in topics.quoted(row[0]):
            for number, method in enumerate(methods):
                schemas = [named(names[min(number, len(names) - 1)]) for names in (asked, said)]
                self.requests.setdefault(instance, {})[method] = (row[2], *schemas)


def judge_requests(name, service, document):
    told = {method: row for method, row in document.requests.get(name, {}).items()
            if method not in OF_THE_KIT}
    for method in sorted(set(told) - set(service.requests)):
        yield "route-missing", method, f"request {method} is in {DOCUMENT}"
    for method, (kind, *schemas) in service.requests.items():
        if method not in told or told[method][0] != kind:
            yield "route-untold", method, f"{kind} {method} is not in {DOCUMENT}"
            continue
        for have, want in zip(schemas, told[method][1:]):
            if have != want:
                yield "route-schema", method, f"{method} has {have}, and {DOCUMENT} {want}"


def judge_events(name, service, document):
    rows = [row for row in document.rows if name in row[3]]
    schemas = {kind: row[2] for row in rows for kind in row[1]}
    for source in sorted({row[0] for row in rows} ^ service.sources):
        rule = "route-untold" if source in service.sources else "route-missing"
        yield rule, source, f"subscription to {source}: not the same in {DOCUMENT}"
    for _, kinds, _, _ in rows:  # a service may pass over one type of a row, not over all
        if not set(kinds) & (set(service.events) | PARKED_BY_THE_KIT):
            yield "route-missing", kinds[0], f"{name} follows {kinds[0]} in {DOCUMENT}"
    for kind, schema in service.events.items():
        if kind not in schemas:
            yield "route-untold", kind, f"{name} does not follow {kind} in {DOCUMENT}"
        elif schema != schemas[kind]:
            yield "route-schema", kind, f"{kind} has {schema}, and {DOCUMENT} {schemas[kind]}"


def judge_devices(name, service, document):
    told = document.owned.get(name, set())
    for kind, leaf in sorted(told ^ set(service.devices)):
        rule = "route-missing" if (kind, leaf) in told else "route-untold"
        yield rule, f"{kind}/{leaf}", f"leaf {leaf} of {kind}: not the same in {DOCUMENT}"
    for (kind, leaf), schema in service.devices.items():
        if (kind, leaf) in told and schema != document.leaves[leaf]:
            yield "route-schema", f"{kind}/{leaf}", f"{leaf} of {kind} has {schema}, and " \
                f"{DOCUMENT} {document.leaves[leaf]}"


def check(root):
    document, findings = Document(common.read(root, DOCUMENT)), []
    for path in common.files(root, r"^services/[^/]+/service\.c$"):
        service = Service(common.read(root, path))
        for judge in (judge_requests, judge_events, judge_devices):
            findings += [common.Finding(rule, path, 0, said, key)
                         for rule, key, said in judge(path.parts[1], service, document)]
    return findings


GOOD = {
    DOCUMENT: "| topic | publisher | schema |\n|---|---|---|\n"
              "| `lockstock/v1/device/<site>/<kind>/<device>/up` | that device | `device.up` |\n"
              "| `lockstock/v1/device/<site>/<kind>/<device>/ack` | owner of the kind | `device.ack` |\n\n"
              "| kind | owner | leaves |\n|---|---|---|\n| `scanner` | stock | `up`, `ack` |\n\n"
              "| source | type | subject | data | followed by |\n|---|---|---|---|---|\n"
              "| `rental` | `RentalOrdered`, `RentalUpdated` | `x` | `event.rental` | stock, bridge |\n"
              "| `rental` | `EventDamaged` | `x` | `event.damaged` | stock, bridge |\n\n"
              "| instance | method | kind | request | response | callers |\n|---|---|---|---|---|---|\n"
              "| `stock` | `get`, `list` | read | `rpc.get`, `rpc.list` | `rpc.asset` | bridge |\n"
              "| `stock` | `replay` | read | `rpc.replay` | `rpc.replay` | its followers |\n",
    "services/stock/service.c": """
#define REQUESTS(X) \\
    /* One of them. */ \\
    X("get", KIT_RPC_READ, rpc_get, rpc_asset, stock_on_get) \\
    X("list", KIT_RPC_READ, rpc_list, rpc_asset, stock_on_list)
#define EVENTS(X) X("RentalOrdered", event_rental, stock_on_ordered)
#define DEVICES(X) X("scanner", "up", device_up, stock_on_up)
static const struct kit_subscription SUBSCRIPTIONS[] = { { .source = "rental", .events = &e } };
"""}


def changed(*pairs):
    text = GOOD["services/stock/service.c"]
    for old, new in pairs:
        text = text.replace(old, new)
    return {"services/stock/service.c": text}


BAD = {
    "route-missing request": changed(('X("list", KIT_RPC_READ, rpc_list, rpc_asset, stock_on_list)', "")),
    "route-missing event": changed(('X("RentalOrdered", event_rental, stock_on_ordered)', "")),
    "route-missing source": changed(('.source = "rental"', ".source = NULL")),
    "route-missing leaf": changed(('X("scanner", "up", device_up, stock_on_up)', "")),
    "route-untold request": changed(('X("list",', 'X("move", KIT_RPC_READ, a, b, f) X("list",')),
    "route-untold kind": changed(('"list", KIT_RPC_READ', '"list", KIT_RPC_EFFECT')),
    "route-untold event": changed(('X("RentalOrdered"', 'X("StockReserved", e, f) X("RentalOrdered"')),
    "route-untold source": changed(('{ .source', '{ .source = "delivery" }, { .source')),
    "route-untold leaf": changed(('X("scanner"', 'X("scanner", "state", device_state, f) X("scanner"')),
    "route-schema request": changed(("rpc_get, rpc_asset", "rpc_get, rpc_order")),
    "route-schema event": changed(("event_rental", "event_stock")),
    "route-schema leaf": changed(("device_up", "device_ack")),
}

if __name__ == "__main__":
    common.main(check, RULES, GOOD, BAD)
