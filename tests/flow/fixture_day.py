#!/usr/bin/env python3
"""A day that an earlier release has on record (tests/fixtures), played on a fresh system of today: the
same bytes come back over HTTP, MQTT and serial lines. The release is the first argument."""

import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import recording
from harness.fixture import FIXTURES

RELEASE = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1][:1].isdigit() else "0.1.0"
SHOWN_MAX = 8
SIZES = "SSML"


def played(recorded):
    """What is heard today, and {source: how many events were left out, as they came later}."""
    with recording.DaySystem() as system:
        day = recording.Day(system, SIZES, RELEASE)
        try:
            for step in recording.steps(recorded):
                if not day.play(*step):
                    break
            day.end()
        finally:
            day.close()
        return day.log, day.left_out


def with_another_member(entry, is_last):
    """The same with one character more, in the name of its first or last member."""
    changed = copy.deepcopy(entry)
    name = "payload" if entry["heard"] == "mqtt" else "text"
    before, mark, after = changed[name].rpartition('":') if is_last else changed[name].partition('":')
    changed[name] = f"{before}~{mark}{after}" if mark else changed[name] + "~"
    return changed


class TheDay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recorded = recording.read(FIXTURES / RELEASE / "day.jsonl")
        cls.heard, cls.left_out = played(cls.recorded)

    def test_the_day_sounds_the_same(self):
        found = recording.differences(self.recorded, self.heard)
        if found:
            self.fail(f"{len(found)} channels differ:\n" + "\n".join(found[:SHOWN_MAX]))

    def test_one_character_more_is_noticed_in_each_channel(self):
        compared = {channel for channel in recording.channels(self.recorded)
                    if not recording.BY_CHANCE.search(channel)}
        self.assertGreater(len(compared), 40)
        noticed = set()
        for at, entry in self.last_of_each_channel():
            for is_last in (False, True):
                changed = [*self.heard[:at], with_another_member(entry, is_last), *self.heard[at + 1:]]
                noticed |= {text.split(",")[0] for text in recording.differences(self.recorded, changed)}
        self.assertEqual(compared - noticed, set())

    def test_what_is_missing_is_noticed(self):
        for at, entry in self.last_of_each_channel():
            if entry["heard"] != "mqtt" or not recording.UNCOUNTED.search(recording.pieces(entry)[-1][0]):
                self.assertTrue(recording.differences(self.recorded, self.heard[:at] + self.heard[at + 1:]), entry)

    def test_what_came_later_is_left_out_and_nothing_else(self):
        self.assertIn(("delivery", "LockerChanged"), recording.came_after("0.2.0"))
        self.assertNotIn(("delivery", "LockerChanged"), recording.came_after("0.3.0"))
        status = "lockstock/v1/service/stock/status"
        self.assertTrue(recording.topics_after("0.2.0").fullmatch(status))
        self.assertFalse(recording.topics_after("0.2.0").fullmatch("lockstock/v1/service/stock/state"))
        self.assertFalse(recording.topics_after("0.3.0").fullmatch(status))
        self.assertEqual(recording.properties_after("0.3.0"),
                         {"left", "sent", "now", "actor", "account", "role"})
        self.assertEqual(recording.properties_after("0.4.0"), set())
        later = {source for source, _ in recording.came_after(RELEASE)}
        self.assertLessEqual(set(self.left_out), later)
        if ("delivery", "DoorReported") in recording.came_after(RELEASE):
            self.assertGreater(self.left_out["delivery"], 10)

    def last_of_each_channel(self):
        last = {}
        for at, entry in enumerate(self.heard):
            if "heard" in entry and entry["heard"] != "mqtt":
                last[entry["heard"]] = at
            elif "heard" in entry:
                last[recording.pieces(entry)[-1][0]] = at
        return [(at, self.heard[at]) for at in last.values()]


if __name__ == "__main__":
    unittest.main(verbosity=2)
