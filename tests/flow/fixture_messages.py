#!/usr/bin/env python3
"""Every message of an earlier release (tests/fixtures) is read by the decoders of today: those of its day
on record, and the events in its databases, which whoever asks for a `replay` is sent again. The release is
the first argument."""

import contextlib
import json
import pathlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "lint")]
import topics  # noqa: E402
from harness import recording, rows  # noqa: E402
from harness.fixture import FIXTURES  # noqa: E402
from harness.system import ROOT, SERVICES, default_build_dir  # noqa: E402

RELEASE = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1][:1].isdigit() else "0.1.0"
# What no day says by itself: a page that is asked for only when an event was missed may come, or not; and on
# none of them is there a dead letter or a simulator.
BY_CHANCE = {"rpc.replay.request", "rpc.replay.response", "rpc.letter-outcome.response", "rpc.simulator-get.request",
             "rpc.simulator-act.request", "rpc.simulator.response"}


class Pages:
    """Which schema a message has, by the tables of schemas/topics.md."""

    def __init__(self):
        self.data, self.events, self.methods = {}, {}, {}
        for header, rows in topics.tables((ROOT / "schemas" / "topics.md").read_text()):
            for row in rows:
                if header[:2] == ["source", "type"]:
                    self.data |= {event: topics.quoted(row[3])[0] for event in topics.quoted(row[1])}
                    self.events |= {(topics.quoted(row[0])[0], event): topics.quoted(row[3])
                                    for event in topics.quoted(row[1])}
                elif header[:2] == ["instance", "method"]:
                    self.add_methods(*[topics.quoted(cell) for cell in (row[0], row[1], row[3], row[4])])

    def add_methods(self, instances, methods, requests, responses):
        for i, method in enumerate(methods):
            for instance in instances:
                self.methods[(instance, method)] = (requests[min(i, len(requests) - 1)],
                                                    responses[min(i, len(responses) - 1)])

    def schemas_after(self, release):
        """Those of events and requests that came after a release."""
        later, known = set(), set()
        for key, schemas in [*self.events.items(), *self.methods.items()]:
            (later if key in recording.came_after(release) else known).update(schemas)
        return later - known

    def event(self, text):
        """The envelope, and what is in it."""
        event = json.loads(text)
        data = json.dumps(event["data"], separators=(",", ":"), ensure_ascii=False)
        return [("wire.event", text), (self.data[event["type"]], data)]

    def message(self, message):
        """[(schema, text)] of a message as it is on record."""
        words, text = message["topic"].split("/")[2:], message["payload"]
        if words[0] == "stream":
            if words[-1] == "head":
                return [("wire.head", text)]
            return [pair for event in recording.elements(text, 0)[0] for pair in self.event(event)]
        if words[0] == "service":
            return [(f"wire.service-{words[-1]}", text)]
        if words[0] == "device":
            return [(f"device.{words[-1]}", text)]
        if words[0] == "rpc":
            return [(self.methods[(words[1], words[2])][0], text)]
        if message["user"]["status"] != "ok":
            return [("rpc.problem", text)]
        return [(self.methods[(words[2], message["method"])][1], text)]


class Messages(unittest.TestCase):
    pages = Pages()

    def read_by_today(self, pairs):
        """What the program says that does it."""
        lines = "".join(f"{schema}\t{text}\n" for schema, text in dict.fromkeys(pairs))
        done = subprocess.run([default_build_dir() / "bin" / "kept_messages"], input=lines, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def assert_read(self, pairs):
        status, said = self.read_by_today(pairs)
        self.assertEqual(status, 0, said[-4000:])

    def on_record(self):
        return [pair for entry in recording.read(FIXTURES / RELEASE / "day.jsonl")
                if entry.get("heard") == "mqtt" for pair in self.pages.message(entry)]

    def test_messages_on_record_are_read(self):
        pairs = self.on_record()
        self.assert_read(pairs)
        known = {schema for methods in self.pages.methods.values() for schema in methods}
        known |= set(self.pages.data.values()) | {"wire.event", "wire.head", "wire.service-state", "rpc.problem"}
        known |= {f"device.{leaf}" for leaf in ("up", "ack", "state", "cmd", "config")}
        known -= self.pages.schemas_after(RELEASE)
        self.assertEqual(known - {schema for schema, _ in pairs} - BY_CHANCE, set(), "the day says none of these")

    def test_events_in_databases_are_read(self):
        pairs, impossible = [], set()
        with tempfile.TemporaryDirectory(prefix="lockstock-kept-") as folder:
            with tarfile.open(FIXTURES / RELEASE / "stopped.tar.xz", "r:xz") as tar:
                tar.extractall(folder)
            for text in self.envelopes(pathlib.Path(folder)):
                is_possible = json.loads(text)["data"].get("registeredQty", 0) >= 0
                pairs += self.pages.event(text) if is_possible else []
                impossible |= set() if is_possible else {self.pages.event(text)[1]}
        self.assertGreater(len(pairs), 200)
        self.assert_read(pairs)
        self.assertEqual([self.read_by_today([pair])[0] for pair in impossible], [1], "the story has one such event")

    def envelopes(self, folder):
        """Of logs, and of parked events."""
        for service in SERVICES:
            with contextlib.closing(sqlite3.connect(folder / "db" / f"{service}.db")) as db:
                yield from rows.envelopes(db)
                yield from (text for text, in db.execute("SELECT envelope FROM dead_letter ORDER BY rowid"))

    def test_a_member_more_is_noticed(self):
        for schema, text in dict(self.on_record()).items():
            status, said = self.read_by_today([(schema, text[:-1] + ',"more":1}')])
            self.assertEqual(status, 1, f"{schema}: {said}")

    def test_a_schema_that_there_is_not_is_no_message_read_otherwise(self):
        self.assertEqual(self.read_by_today([("wire.nothing", "{}")])[0], 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
