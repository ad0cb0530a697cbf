#!/usr/bin/env python3
"""The documents against the running system: what README.md tells a reader to type shows what
ARCHITECTURE.md says, message by message; and the table of METRICS.md is complete."""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, ROOT, SERVICES
from harness.wait import wait_until

EITHER_ORDER = " *"  # ends a line that has no order among its neighbours that end so too


def block(page, marker):
    """Lines of the block that follows <!-- marker --> in a page: indented, or fenced."""
    text = (ROOT / page).read_text().split(f"<!-- {marker} -->\n", 1)[1].lstrip("\n")
    if text.startswith("```"):
        return text.split("\n", 1)[1].split("\n```", 1)[0].splitlines()
    return [line[4:] for line in text.split("\n\n", 1)[0].splitlines()]


def ordered(lines):
    """Lines with those in order, and sorted where any order is right; without marks and alignment."""
    result, group = [], []
    for line in (*lines, ""):
        plain = re.sub(r" {2,}", "  ", line.removesuffix(EITHER_ORDER).rstrip())
        if line.endswith(EITHER_ORDER):
            group.append(plain)
            continue
        result += sorted(group)
        group = []
        if plain:
            result.append(plain)
    return result


class Walk(SystemCase):
    command = "\n".join(block("README.md", "walk: watch"))

    def shortened(self, messages):
        """The messages through the jq program of the README."""
        program = re.search(r"jq [^']*'([^']+)'", self.command).group(1)
        lines = "".join(json.dumps({"topic": message.topic, "payload": json.loads(message.payload)}) + "\n"
                        for message in messages)
        done = subprocess.run(["jq", "-r", program], input=lines, capture_output=True, text=True,
                              timeout=20, check=True)
        return done.stdout.splitlines()

    def assert_shows(self, page, marker, messages):
        expected = block(page, marker)
        seen = self.shortened(messages)
        for i, line in enumerate(expected[:len(seen)]):
            if line.endswith(EITHER_ORDER):
                seen[i] += EITHER_ORDER
        self.assertEqual(ordered(expected), ordered(seen), f"{page}, {marker}")

    def watch_until(self, watcher, end, act):
        """What the watcher sees of act() until the streams rest and it has seen `end`."""
        first = len(watcher.messages)
        act()
        for part in end:
            watcher.wait(lambda m, part=part: m in watcher.messages[first:] and part in m.payload, part)
        wait_until(self.system.streams_are_level, "every event to be read")
        return watcher.messages[first:]

    def test_the_documents_show_what_a_watcher_sees(self):
        filters = re.findall(r"-t '([^']+)'", self.command)
        self.assertTrue(filters)
        self.assertEqual(self.register("projector", 9), 1)
        wait_until(self.system.streams_are_level, "every event to be read")
        with self.system.mqtt("operator") as watcher:
            for topic in filters:
                watcher.subscribe(topic)
            messages = self.watch_until(watcher, (b"RentalUpdated", b'"rentedQty":3'),
                                        lambda: self.assertEqual(self.order(1, 3), 1))
            for page in ("README.md", "ARCHITECTURE.md"):
                self.assert_shows(page, "walk: order", messages)
            messages = self.watch_until(watcher, (b"RentalCanceled", b"StockReleased"),
                                        lambda: self.assertEqual(self.web.delete("/rentals/1").status, 204))
            self.assert_shows("ARCHITECTURE.md", "walk: cancel", messages)

    def documented_metrics(self):
        """[(processes, names)] of the table in METRICS.md"""
        for line in (ROOT / "METRICS.md").read_text().splitlines():
            if not line.startswith("| ") or line.startswith("| process"):
                continue
            who, names = line.strip("|").split("|")
            services = [f"lockstock-{service}" for service in SERVICES if service in who]
            if "every" in who:
                services = [f"lockstock-{service}" for service in SERVICES]
            bridge = [BRIDGE] if "bridge" in who or who.strip().startswith("every one") else []
            yield {*services, *bridge}, set(re.findall(r"`([a-z_]+)", names))

    def test_the_table_of_metrics_names_what_each_process_has(self):
        for process in (*(f"lockstock-{service}" for service in SERVICES), BRIDGE):
            text = self.system.admin(process).get("/metrics").body.decode()
            exported = set(re.findall(r"^# TYPE lockstock_(\w+)", text, re.M))
            listed = set().union(*(names for who, names in self.documented_metrics() if process in who))
            self.assertEqual(listed, exported, f"{process}, METRICS.md")


if __name__ == "__main__":
    unittest.main(verbosity=2)
