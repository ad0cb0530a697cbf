#!/usr/bin/env python3
"""A scanner and a locker of an earlier release (tests/fixtures) beside the services of today, as in the
middle of an upgrade: the messages that they have on record are sent again, byte for byte, and the day goes
on as it did. The release is the first argument."""

import concurrent.futures
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import recording
from harness.fixture import FIXTURES
from harness.mqtt import Mqtt
from harness.wait import wait_until

RELEASE = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1][:1].isdigit() else "0.1.0"
SIZES = "SSML"
SHOWN_MAX = 8
TO_DEVICE = ("ack", "cmd", "config")
# What the services chose newly: ids of commands and grants, revisions.
CHOSEN = re.compile(r"\b[12]\d{12}\b|\b[0-9a-f]{32}\b")
TIMES = re.compile(r'"(now|at|notBefore|expiresAt)":\d+|"epoch":"[0-9a-f]+"')


class OldDevices(recording.Day):
    """Has no hands and no firmware: what the devices did is in their messages."""

    def __init__(self, system):
        super().__init__(system, SIZES, RELEASE)
        self.clients, self.anew, self.read = {}, {}, {}
        self.customer, self.answer = concurrent.futures.ThreadPoolExecutor(1), None

    def close(self):
        for client in self.clients.values():
            client.close()
        self.customer.shutdown()
        super().close()

    def do_start(self, act):
        name = act["at"]
        client = Mqtt(self.system.mqtt_port, name, self.system.device_password(name))
        for leaf in TO_DEVICE:
            client.subscribe(f"lockstock/v1/device/main/+/{name}/{leaf}")
        self.clients[name] = client
        return []

    def do_http(self, act):
        """Some answers wait for what a device says: it is taken in go_along()."""
        self.answer = self.customer.submit(super().do_http, act)
        return []

    def take_answer(self):
        if self.answer is not None:
            self.log += self.answer.result()
            self.answer = None

    def do_line(self, _):
        return []

    def do_shut(self, _):
        return []

    def go_along(self, heard_then):
        is_asked = False  # the services have told a device something
        for entry in heard_then:
            words = entry.get("topic", "").split("/")
            if words[2:3] != ["device"]:
                continue
            client, leaf = self.clients[words[5]], words[6]
            if leaf in TO_DEVICE:
                self.wait_for(client, entry)
                is_asked = True
            else:
                if not is_asked:
                    self.take_answer()
                payload = CHOSEN.sub(lambda match: self.anew.get(match.group(0), match.group(0)), entry["payload"])
                client.publish(entry["topic"], payload, retain=leaf == "state")
        self.take_answer()

    def wait_for(self, client, entry):
        """The same message comes today; what the services chose in it is theirs of today from now on."""
        topic = entry["topic"]
        self.read[topic] = number = self.read.get(topic, 0) + 1
        now = wait_until(lambda: [message for message in client.messages if message.topic == topic][number - 1:],
                         f"number {number} of {topic}")[0]
        then, now = (CHOSEN.findall(TIMES.sub("", text)) for text in (entry["payload"], now.payload.decode()))
        self.anew.update(zip(then, now))


class TheDay(unittest.TestCase):
    def test_old_devices_are_served_as_they_were(self):
        recorded = recording.read(FIXTURES / RELEASE / "day.jsonl")
        services = [entry for entry in recorded if not entry.get("heard", "").startswith(("panel", "board"))]
        with recording.DaySystem() as system:
            day = OldDevices(system)
            try:
                for step in recording.steps(services):
                    if not day.play(*step):
                        break
                day.end()
            finally:
                day.close()
            found = recording.differences(services, day.log)
        self.assertTrue(day.anew)
        if found:
            self.fail(f"{len(found)} channels differ:\n" + "\n".join(found[:SHOWN_MAX]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
