#!/usr/bin/env python3
"""Which layer may include what (ARCHITECTURE.md). Looks at #include lines only."""
import re

import common

OURS = r"^(kit|msg|bridge|catalogue|product|rental|delivery|stock|information|account|firmware|hw-sim)/"
FIRMWARE = r"^(core|drivers|port|ports|fw)/"
SIMULATOR = r"^(models|scenario|wire|world|report|play|load)/"
FREESTANDING = r"^(stdbool|stddef|stdint|stdalign|limits|float|stdarg|stdnoreturn|string)\.h$"
SERVICES = ("product", "rental", "delivery", "stock", "information", "account")
CORE = r"^services/(kit/(store|stream|rpc|service|device|port)|catalogue)/"

# rule, files it holds for, files it does not hold for, includes it forbids, includes still allowed
RULES = [
    ("base-alone", r"^services/kit/base/", None, OURS, r"^kit/base/"),
    ("json-on-base", r"^services/kit/json/", None, OURS, r"^kit/(base|json)/"),
    ("port-on-base", r"^services/kit/port/", None, OURS, r"^kit/(base|port)/"),
    ("core-on-ports", CORE, r"^services/kit/store/lock\.",
     r"^kit/(loop|process|bus|config|log)/|^(pthread|time|sys/time|sys/random|sys/socket|netinet/.*"
     r"|arpa/.*|netdb|poll|sys/epoll)\.h$", None),
    ("kit-knows-no-service", r"^services/kit/", None,
     r"^(bridge|catalogue|product|rental|delivery|stock|information|account)/", None),
    ("catalogue-alone", r"^services/catalogue/", None, OURS, r"^(kit|msg|catalogue)/"),
    ("domain-pure", r"^services/(?!kit/)[^/]+/domain(/|[^/]*\.[ch]$)", None,
     OURS + r"|^(sqlite3|cjson/.*|MQTT.*|microhttpd|pthread|unistd|stdlib|time|sys/.*)\.h$", None),
    ("service-on-core", r"^services/(?!kit/)[^/]+/(?!main\.c)", None,
     r"^kit/(bus|log|loop)/|^kit/process/(?!main\.h)", None),
    ("sqlite-in-stores", r"^(services|bridge)/", r"^services/(kit/store/|[^/]+/store(/|[^/]*\.[ch]$))",
     r"^sqlite3\.h$", None),
    ("mqtt-in-bus", r"^(services|bridge)/", r"^services/kit/bus/", r"^MQTT.*\.h$", None),
    ("http-in-adapters", r"^services/", r"^services/kit/process/admin\.", r"^microhttpd\.h$", None),
    ("threads-in-adapters", r"^(services|bridge)/", r"^(services/kit/(bus/|log/|process/(admin|worker)\.)|bridge/)",
     r"^pthread\.h$", None),
    # A window of the feed in memory, a copy of who may come in, and nothing that would be missed (D-050, D-093).
    ("bridge-stores-nothing", r"^bridge/", r"^bridge/access_store\.[ch]$",
     r"^kit/(store|stream|service)/|^(catalogue|product|rental|delivery|stock|information|account)/",
     r"^kit/stream/(follower|debts)\.h$"),
    ("services-know-no-device", r"^(services|bridge)/", None, FIRMWARE + "|" + SIMULATOR, None),
    ("firmware-portable", r"^firmware/(core|drivers|port)/", None, r".*",
     r"^(core|drivers|port|fw)/|" + FREESTANDING),
    ("drivers-below-core", r"^firmware/(drivers|port)/", None, r"^core/", None),
    ("firmware-alone", r"^firmware/", None, OURS + "|" + SIMULATOR, None),
    ("models-apart", r"^hw-sim/models/", None, "|".join((FIRMWARE, SIMULATOR, OURS)),
     r"^(kit/base|models)/"),
    ("sim-is-outside", r"^hw-sim/", None,
     r"^(catalogue|product|rental|delivery|stock|information|account|bridge)/|^kit/(?!base/|json/)", None),
    ("sim-core-in-load", r"^hw-sim/", r"^hw-sim/(load|models)/", FIRMWARE, None),
    # The rooms of the simulator, from the lowest: models scenario wire world report play; load
    # stands on world, beside report and play.
    ("sim-scenario-lowest", r"^hw-sim/scenario/", None,
     r"^(models|wire|world|report|play|load)/", None),
    ("sim-wire-below-world", r"^hw-sim/wire/", None, r"^(scenario|world|report|play|load)/", None),
    ("sim-world-below-report", r"^hw-sim/world/", None, r"^(report|play|load)/", None),
    ("sim-report-below-play", r"^hw-sim/report/", None, r"^(play|load)/", None),
    ("sim-load-beside-play", r"^hw-sim/load/", None, r"^(report|play)/", None),
    ("sim-play-beside-load", r"^hw-sim/play/", None, r"^load/", None),
    ("supervisor-alone", r"^deploy/", None, OURS, r"^kit/(base/|process/(notify|unix_socket)\.h$)"),
]
OWN = ("services-apart", "services never include each other")


def includes(root, path):
    for number, line in enumerate(common.read(root, path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1)


def breaks(rule, path, target):
    _, holds, but_not, forbidden, allowed = rule
    if not re.search(holds, path) or (but_not and re.search(but_not, path)):
        return False
    if rule[0] == "domain-pure":
        service = path.split("/")[1]
        # Value types for ids and the enums of states, and what is pure itself: no codec, no I/O.
        allowed = (r"^kit/base/|^kit/device/log_follower\.h$|^msg/common\.gen\.h$"
                   rf"|^{service}/domain(/|[^/]*\.h$)")
    return bool(re.search(forbidden, target)) and not (allowed and re.search(allowed, target))


def foreign_service(path, target):
    parts, first = path.split("/"), target.split("/")[0]
    return parts[0] == "services" and parts[1] in SERVICES and first in SERVICES \
        and first != parts[1]


def check(root):
    findings = []
    for path in common.files(root, r"^(services|bridge|firmware|hw-sim|deploy)/.*\.[ch]$"):
        for number, target in includes(root, path):
            for rule in RULES:
                if breaks(rule, path.as_posix(), target):
                    findings.append(common.Finding(rule[0], path, number,
                                                   f"may not include {target}", target))
            if foreign_service(path.as_posix(), target):
                findings.append(common.Finding(OWN[0], path, number,
                                               f"{OWN[1]}: {target}", target))
    return findings


GOOD = {
    "services/kit/base/a.c": '#include "kit/base/a.h"\n#include <stdio.h>\n',
    "services/kit/store/db.c": '#include "kit/json/gate.h"\n#include <sqlite3.h>\n',
    "services/kit/bus/paho.c": "#include <MQTTAsync.h>\n#include <pthread.h>\n",
    "services/kit/process/admin.c": "#include <microhttpd.h>\n",
    "services/rental/domain.c": '#include "rental/domain.h"\n#include "kit/base/time.h"\n'
                                '#include "kit/device/log_follower.h"\n',
    "services/rental/store.c": "#include <sqlite3.h>\n",
    "services/rental/main.c": '#include "kit/process/main.h"\n',
    "bridge/http.c": "#include <microhttpd.h>\n",
    "bridge/feed.c": '#include "kit/stream/follower.h"\n',
    "firmware/core/a.c": '#include "drivers/board.h"\n#include "fw/a.gen.h"\n#include <string.h>\n',
    "firmware/drivers/a.c": '#include "port/check.h"\n#include "port/port.h"\n',
    "firmware/ports/linux/a.c": '#include "core/scanner.h"\n#include <unistd.h>\n',
    "hw-sim/models/a.c": '#include "kit/base/error.h"\n#include <poll.h>\n',
    "hw-sim/scenario/a.c": '#include "scenario/vars.h"\n#include "kit/json/gate.h"\n',
    "hw-sim/wire/a.c": '#include "models/model.h"\n#include "wire/loop.h"\n',
    "hw-sim/world/a.c": '#include "scenario/scenario.h"\n#include "wire/proxy.h"\n',
    "hw-sim/report/a.c": '#include "world/device.h"\n#include "report/report.h"\n',
    "hw-sim/play/a.c": '#include "report/report.h"\n#include "world/device.h"\n',
    "hw-sim/load/a.c": '#include "core/scanner.h"\n#include "world/system.h"\n',
    "deploy/supervise/a.c": '#include "deploy/supervise/b.h"\n#include "kit/base/check.h"\n',
}
BAD = {
    "base-alone": {"services/kit/base/b.c": '#include "kit/json/gate.h"\n'},
    "json-on-base": {"services/kit/json/b.c": '#include "kit/store/db.h"\n'},
    "port-on-base": {"services/kit/port/b.c": '#include "kit/rpc/client.h"\n'},
    "core-on-ports": {"services/kit/rpc/b.c": '# include "kit/loop/loop.h"\n'},
    "kit-knows-no-service": {"services/kit/loop/b.c": '#include "catalogue/catalogue.h"\n'},
    "catalogue-alone": {"services/catalogue/b.c": '#include "product/store.h"\n'},
    "domain-pure": {"services/rental/domain.h": '#include "msg/event_rental.gen.h"\n'},
    "service-on-core": {"services/rental/handlers.c": '#include "kit/bus/bus.h"\n'},
    "sqlite-in-stores": {"services/rental/handlers.c": "#include <sqlite3.h>\n"},
    "mqtt-in-bus": {"bridge/b.c": "#include <MQTTAsync.h>\n"},
    "http-in-adapters": {"services/rental/b.c": "#include <microhttpd.h>\n"},
    "threads-in-adapters": {"services/rental/b.c": "#include <pthread.h>\n"},
    "bridge-stores-nothing": {"bridge/b.c": '#include "kit/store/db.h"\n'},
    "services-know-no-device": {"services/stock/b.c": '#include "core/label.h"\n'},
    "firmware-portable": {"firmware/core/b.c": "#include <stdio.h>\n"},
    "drivers-below-core": {"firmware/drivers/b.c": '#include "core/bank.h"\n'},
    "firmware-alone": {"firmware/ports/linux/b.c": '#include "kit/base/error.h"\n'},
    "models-apart": {"hw-sim/models/b.c": '#include "drivers/cu16.h"\n'},
    "sim-is-outside": {"hw-sim/play/b.c": '#include "kit/service/service.h"\n'},
    "sim-core-in-load": {"hw-sim/play/b.c": '#include "core/label.h"\n'},
    "sim-scenario-lowest": {"hw-sim/scenario/b.c": '#include "wire/loop.h"\n'},
    "sim-wire-below-world": {"hw-sim/wire/b.c": '#include "world/system.h"\n'},
    "sim-world-below-report": {"hw-sim/world/b.c": '#include "report/report.h"\n'},
    "sim-report-below-play": {"hw-sim/report/b.c": '#include "play/run.h"\n'},
    "sim-load-beside-play": {"hw-sim/load/b.c": '#include "play/run.h"\n'},
    "sim-play-beside-load": {"hw-sim/play/b.c": '#include "load/load.h"\n'},
    "supervisor-alone": {"deploy/supervise/c.c": '#include "kit/loop/loop.h"\n'},
    "services-apart": {"services/rental/b.c": '#include "stock/store/balance.h"\n'},
}

if __name__ == "__main__":
    common.main(check, [rule[0] for rule in RULES] + [OWN[0]], GOOD, BAD)
