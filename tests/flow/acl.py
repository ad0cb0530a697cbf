#!/usr/bin/env python3
"""Who may publish and read what: every user on every kind of topic, judged by what is delivered, for
the broker grants a denied SUBSCRIBE and then stays silent.

Only the broker runs the test's traffic: all other processes are down, so that users are free."""

import contextlib
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.mqtt import NOT_AUTHORIZED, Mqtt
from harness.system import BRIDGE, ROOT, SERVICES, System

INSTANCES = (*SERVICES, "account", "simulator")  # who answers requests
CALLERS = (*SERVICES, "bridge")  # who asks
USERS = (*INSTANCES, "bridge")
SOURCES = ("product", "rental", "delivery", "stock", "information", "account")
SECRET = re.compile(r"lockstock/v1/(rpc/account/|reply/[^/]+/account$)")  # no operator reads that


def table_rows(title):
    """Cells of the table under a heading of schemas/topics.md, without their backticks."""
    page = (ROOT / "schemas" / "topics.md").read_text()
    section = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.replace("`", "").strip() for cell in row] for row in rows[2:]]


def names(cell):
    return [name for name in re.split(r"[,\s]+", cell) if name.strip("–")]


def followers():
    """{source: users that follow its stream}"""
    result = {source: set() for source in SOURCES}
    for source, _, _, _, followed_by in table_rows("Streams"):
        result[source] |= set(names(followed_by))
    return result


def callers():
    """{(instance, method): users that may ask}."""
    result = {}
    for instances, methods, _, _, _, who in table_rows("Requests"):
        for instance in names(instances):
            for method in names(methods):
                allowed = result.setdefault((instance, method), set())
                allowed |= followers()[instance] if who == "its followers" else set(names(who))
    return result


def topics():
    """(topic, who may publish, who may read) of everything that topics.md allows anybody."""
    follow = followers()
    for source in SOURCES:
        yield f"lockstock/v1/stream/{source}", {source}, follow[source]
        yield f"lockstock/v1/stream/{source}/head", {source}, follow[source]
    for (instance, method), allowed in callers().items():
        for caller in USERS:
            yield (f"lockstock/v1/rpc/{instance}/{method}/{caller}", {caller} & allowed, {instance})
    for instance in INSTANCES:
        for caller in USERS:
            yield (f"lockstock/v1/reply/{caller}/{instance}", {instance}, {caller} & set(CALLERS))
    for user in USERS:
        yield f"lockstock/v1/service/{user}/state", {user}, set(USERS)
        yield f"lockstock/v1/service/{user}/status", {user}, {"bridge"}
        yield f"lockstock/v1/service/{user}/degraded", {user}, {"bridge"}


FOREIGN = ["lockstock/v1/device/main/x/up", "lockstock/v2/stream/product", "other/topic",
           "lockstock/v1/stream/other", "lockstock/v1/rpc/rental/delete/bridge",
           "lockstock/v1/rpc/rental/create/rental", "lockstock/v1/stream/rental/x",
           "lockstock/v1/service/other/state", "$SYS/fake"]


class Acl(SystemCase):
    @classmethod
    def make_system(cls):
        return System(with_accounts=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack = contextlib.ExitStack()
        processes = [f"lockstock-{service}" for service in (*SERVICES, "account")] + [BRIDGE]
        cls.stack.enter_context(cls.system.down(*processes))
        # `operator` reads everything: what it does not see was not delivered to anybody.
        cls.watcher = cls.stack.enter_context(cls.system.mqtt("operator"))
        cls.watcher.subscribe("#")
        cls.users = {user: cls.stack.enter_context(cls.system.mqtt(user)) for user in USERS}
        for client in cls.users.values():
            client.subscribe("#")

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()
        super().tearDownClass()

    def barrier(self):
        """When every user has seen this, it has seen all that was sent before (one broker thread)."""
        Acl.serial = getattr(Acl, "serial", 0) + 1
        payload = f"barrier {Acl.serial}".encode()
        for user, client in self.users.items():
            # Everybody reads presence; each user publishes its own.
            self.assertEqual(client.publish(f"lockstock/v1/service/{user}/state", payload), 0)
        for client in (*self.users.values(), self.watcher):
            for user in USERS:
                topic = f"lockstock/v1/service/{user}/state"
                client.wait(lambda m, t=topic: m.topic == t and m.payload == payload, f"the barrier of {user}")

    def readers_of(self, payload):
        return {user for user, client in self.users.items()
                if any(message.payload == payload for message in client.messages)}

    def test_every_user_may_publish_exactly_what_the_page_says(self):
        for topic, publishers, _ in topics():
            for user, client in self.users.items():
                with self.subTest(topic, user=user):
                    code = client.publish(topic, b"may I?")
                    self.assertEqual(code == NOT_AUTHORIZED, user not in publishers, hex(code))

    def test_every_user_reads_exactly_what_the_page_says(self):
        sent = []
        for index, (topic, publishers, readers) in enumerate(topics()):
            for user in publishers:
                payload = f"read {index}".encode()
                self.users[user].publish(topic, payload)
                sent.append((topic, payload, readers))
        self.barrier()
        self.assertGreater(len(sent), 60)
        for topic, payload, readers in sent:
            with self.subTest(topic):
                self.assertEqual(self.readers_of(payload), readers)
                self.assertEqual(any(m.payload == payload for m in self.watcher.messages),
                                 not SECRET.match(topic), "operator")

    def test_nobody_publishes_elsewhere(self):
        for topic in FOREIGN:
            for user, client in (*self.users.items(), ("operator", self.watcher)):
                with self.subTest(topic, user=user):
                    payload = f"{user} on {topic}".encode()
                    self.assertEqual(client.publish(topic, payload), NOT_AUTHORIZED)
        self.barrier()
        for client in (*self.users.values(), self.watcher):
            for message in client.messages:
                self.assertNotIn(message.topic, FOREIGN)

    def test_operator_publishes_nothing(self):
        for topic, _, _ in topics():
            with self.subTest(topic):
                self.assertEqual(self.watcher.publish(topic, b"from the operator"), NOT_AUTHORIZED)
        self.barrier()
        self.assertEqual(self.readers_of(b"from the operator"), set())

    def test_strangers_and_wrong_passwords_stay_outside(self):
        port, secret = self.system.mqtt_port, self.system.secret("bridge")
        for user, password in (("bridge", "wrong"), ("rental", secret), ("", ""), ("root", secret)):
            with self.subTest(user):
                with self.assertRaises(ConnectionError):
                    Mqtt(port, user, password)


if __name__ == "__main__":
    unittest.main(verbosity=2)
