#!/usr/bin/env python3
"""Bad messages on every kind of topic that a process reads, sent by users whom the broker lets do it.
Each is refused (and counted with its reason) or answered with a problem; nothing else stops.

A user has one connection, so a test that speaks as `bridge` keeps the real bridge down meanwhile."""

import contextlib
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.poison import log_poison
from harness.system import BRIDGE, SERVICES
from harness.wait import settle, wait_until

REFUSED = "lockstock_messages_refused_total"
REFUSED_BY_BUS = "lockstock_bus_inbound_refused_total"
# Who may ask a service what, where that is not `get` by the bridge.
ASKED = {"stock": ("product", "registered-set")}
TOO_MANY_EVENTS = 65
PAYLOAD_MAX = 262144
# Who follows whose stream (schemas/topics.md).
FOLLOWERS = {"product": ("rental", "delivery", "stock", "information"), "rental": ("delivery", "information"),
             "delivery": ("rental", "stock", "information"),
             "stock": ("product", "rental", "delivery", "information")}


class BadMessages(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register("computer", 1000)
        case.order_to_the_end(cls.product_id)

    def tearDown(self):
        """Whatever came in: nobody died, and an order afterwards still flows."""
        self.system.wait_ready()
        rental_id = self.order_to_the_end(self.product_id)
        self.eventually(lambda: self.web.get(f"/myOrders/{rental_id}").json.get("deliveryStatus"),
                        "DELIVERED", "my order")

    def refused(self, service, reason):
        if reason == "bus":  # not even well-formed properties: refused before the service sees it
            return self.system.metrics(f"lockstock-{service}")[REFUSED_BY_BUS]
        return self.system.metrics(f"lockstock-{service}").get(f'{REFUSED}{{reason="{reason}"}}', 0)

    def refused_total(self, process):
        return self.system.metric_sum(process, REFUSED) + self.system.metric_sum(process, REFUSED_BY_BUS)

    @contextlib.contextmanager
    def speaking_as(self, user):
        """A connection as `user` while its real process is down."""
        process = BRIDGE if user == "bridge" else f"lockstock-{user}"
        with self.system.down(process):
            with self.system.mqtt(user) as mqtt:
                yield mqtt
        self.system.wait_ready(process)

    # ---- requests ----

    def test_request_without_what_it_needs_is_refused_once_with_its_reason(self):
        now_ms = int(time.time() * 1000)
        deadline = {"deadline": str(now_ms + 600000)}
        rows = [("reply_to", {"response_topic": None}), ("reply_to", {"correlation": None}),
                ("reply_to", {"response_topic": "lockstock/v1/reply/information/{service}"}),
                ("reply_to", {"response_topic": "lockstock/v1/stream/{service}"}),
                ("reply_to", {"response_topic": "lockstock/v1/reply/{caller}/{service}/x"}),
                ("reply_to", {"correlation": b"short"}), ("reply_to", {"correlation": b"l" * 17}),
                ("deadline", {"user": {}}), ("bus", {"user": {"deadline": "soon"}}),
                ("bus", {"user": {"deadline": "-5"}}), ("expired", {"user": {"deadline": "1"}}),
                ("expired", {"user": {"deadline": str(now_ms - 60000)}}),
                ("key", {"user": {**deadline, "idempotency-key": "two words"}}),
                ("bus", {"user": {**deadline, "idempotency-key": "k" * 97}})]
        for service in SERVICES:
            caller, method = ASKED.get(service, ("bridge", "get"))
            with self.speaking_as(caller) as mqtt:
                mqtt.subscribe(f"lockstock/v1/reply/{caller}/+")
                for reason, change in rows:
                    options = {"response_topic": "lockstock/v1/reply/{caller}/{service}",
                               "correlation": b"c" * 16, "user": deadline, **change}
                    if options["response_topic"]:
                        options["response_topic"] = options["response_topic"].format(
                            caller=caller, service=service)
                    with self.subTest(service=service, reason=reason, change=str(change)):
                        self.one_refusal(mqtt, service, f"lockstock/v1/rpc/{service}/{method}/{caller}",
                                         reason, options)

    def one_refusal(self, mqtt, service, topic, reason, options):
        before, before_all = self.refused(service, reason), self.refused_total(f"lockstock-{service}")
        answers = len(mqtt.messages)
        self.assertEqual(mqtt.publish(topic, b'{"id":1}', **options), 0)
        wait_until(lambda: self.refused(service, reason) == before + 1, f"a refusal with {reason}")
        self.assertEqual(self.refused_total(f"lockstock-{service}"), before_all + 1)
        self.assertEqual(len(mqtt.messages), answers, "it was answered")

    def test_request_that_the_broker_stored_is_refused_when_it_comes_again(self):
        topic = "lockstock/v1/rpc/rental/create/bridge"
        order = json.dumps({"productId": self.product_id, "qty": 1, "fulfilment": "direct"})
        with self.speaking_as("bridge") as bridge:
            bridge.subscribe("lockstock/v1/reply/bridge/+")
            reply = bridge.call("bridge", "rental", "create", order, key="stored", retain=True,
                                deadline_ms=int(time.time() * 1000) + 600000)
            self.assertEqual(reply.user["status"], "ok")  # live, it is a request like any other
            self.system.kill("lockstock-rental")
            wait_until(lambda: self.system.pid("lockstock-rental") == 0, "rental to be gone")
        self.system.wait_ready()
        self.eventually(lambda: self.refused("rental", "retained"), 1, "the stored request to be refused")
        with self.speaking_as("bridge") as bridge:
            bridge.publish(topic, b"", retain=True)  # forgotten by the broker; itself one more bad request

    def test_request_with_a_bad_body_is_answered_with_a_problem(self):
        rows = [(b"", "malformed"), (b"hello", "malformed"), (b'{"id":1}x', "malformed"),
                (b'{"id":1,"id":2}', "malformed"), (b'{"id":"\xff"}', "malformed"),
                (b"[" * 100, "malformed"), (b"[]", "invalid"), (b"{}", "invalid"),
                (b'{"id":0}', "invalid"), (b'{"id":0.5}', "invalid"), (b'{"id":"1"}', "invalid"),
                (b'{"id":1,"more":1}', "invalid"), (b'{"id":99999999999999999999}', "invalid"),
                (b'{"id":123456789}', "not_found"), (b" " * 200000 + b'{"id":123456789}', "not_found")]
        with self.speaking_as("bridge") as bridge:
            bridge.subscribe("lockstock/v1/reply/bridge/+")
            for service in ("product", "rental", "delivery", "information"):
                for body, status in rows:
                    with self.subTest(body[:30], service=service):
                        reply = bridge.call("bridge", service, "get", body)
                        self.assertEqual(reply.user["status"], status, reply)
                        self.assertTrue(json.loads(reply.payload)["detail"])

    def test_effect_needs_a_key_and_happens_once_for_each(self):
        order = json.dumps({"productId": self.product_id, "qty": 1, "fulfilment": "direct"})
        with self.speaking_as("bridge") as bridge:
            bridge.subscribe("lockstock/v1/reply/bridge/+")
            self.assertEqual(bridge.call("bridge", "rental", "create", order).user["status"], "invalid")
            first = bridge.call("bridge", "rental", "create", order, key="same")
            again = bridge.call("bridge", "rental", "create", order, key="same")
            other = bridge.call("bridge", "rental", "create", order.replace("1", "2"), key="same")
            self.assertEqual((first.user["status"], first.payload), ("ok", again.payload))
            self.assertEqual(other.user["status"], "key_reused")

    def test_payload_above_the_limit_reaches_nobody(self):
        with self.speaking_as("bridge") as bridge:
            before = {service: self.refused_total(f"lockstock-{service}") for service in SERVICES}
            with contextlib.suppress(ConnectionError, OSError):  # the broker may answer or close
                bridge.publish("lockstock/v1/rpc/rental/get/bridge", b" " * (PAYLOAD_MAX + 1))
            self.assertEqual({service: self.refused_total(f"lockstock-{service}")
                              for service in SERVICES}, before)

    # ---- streams and heads ----

    def envelope(self, stream, **change):
        event = {"specversion": "1.0", "id": f"{stream}:{'0' * 32}:1", "source": stream,
                 "type": "ProductSaved", "subject": "product/1", "time": "2026-01-31T12:00:00.000Z",
                 "epoch": "0" * 32, "sequence": "1", "version": 1,
                 "datacontenttype": "application/json", "data": {}}
        event.update(change)
        return {name: value for name, value in event.items() if value is not None}

    def bad_stream_payloads(self, source):
        good, other = self.envelope(source), "stock" if source != "stock" else "product"
        return [b"", b"\0\xff", b"hello", b"null", b"{}", b"[]", b"[1]", b"[[]]", json.dumps(good),
                [good] * TOO_MANY_EVENTS, [{**good, "data": {"pad": "x" * 70000}}], [1, good],
                [self.envelope(source, source=other, id=f"{other}:{'0' * 32}:1")],
                [self.envelope(source, specversion="0.3")], [self.envelope(source, data=None)],
                [self.envelope(source, sequence=1)], [self.envelope(source, sequence="0")],
                [self.envelope(source, epoch="xyz")], [self.envelope(source, extra=1)],
                [self.envelope(source, subject="../../etc")], [self.envelope(source, version=0)]]

    def test_bad_stream_message_is_refused_by_every_follower(self):
        for source, followers in FOLLOWERS.items():
            with self.speaking_as(source) as mqtt:
                for payload in self.bad_stream_payloads(source):
                    raw = json.dumps(payload).encode() if isinstance(payload, list) else payload
                    with self.subTest(raw[:60] if isinstance(raw, bytes) else raw[:60], source=source):
                        self.every_follower_refuses(mqtt, f"lockstock/v1/stream/{source}", raw, followers)

    def test_bad_head_is_refused_by_every_follower(self):
        head = {"source": "product", "epoch": "0" * 32, "seq": 5}
        rows = [b"", b"1", b"[]", b"{}", {**head, "seq": -1}, {**head, "seq": "5"}, {**head, "epoch": ""},
                {**head, "source": "rental"}, {**head, "more": 1}]
        with self.speaking_as("product") as mqtt:
            for payload in rows:
                raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
                with self.subTest(raw):
                    self.every_follower_refuses(mqtt, "lockstock/v1/stream/product/head", raw,
                                                FOLLOWERS["product"])

    def every_follower_refuses(self, mqtt, topic, raw, followers):
        before = {name: self.refused_total(f"lockstock-{name}") for name in followers}
        self.assertIn(mqtt.publish(topic, raw), (0, 0x10))
        for name in followers:
            wait_until(lambda name=name: self.refused_total(f"lockstock-{name}") == before[name] + 1,
                       f"{name} to count one refusal")

    # ---- presence and replies ----

    def test_bad_presence_is_refused_and_changes_nothing(self):
        with self.speaking_as("stock") as mqtt:
            for raw in (b"online", b"{}", b'{"status":"gone","epoch":9}', b'{"status":"online","epoch":"9"}',
                        b'{"status":"online","epoch":0}', b"x" * 1000):
                with self.subTest(raw):
                    before = self.refused_total("lockstock-product")
                    mqtt.publish("lockstock/v1/service/stock/state", raw)
                    wait_until(lambda before=before: self.refused_total("lockstock-product") > before,
                               "product to count it")
            mqtt.publish("lockstock/v1/service/stock/state", b'{"status":"offline","epoch":1}')
        self.eventually(lambda: self.web.patch(f"/products/{self.product_id}", {"qty": 1000}).status, 200,
                        "product to see stock again")

    def test_reply_that_nobody_waits_for_changes_nothing(self):
        before = self.everything()
        with self.speaking_as("information") as mqtt:
            for raw in (b"", b"hello", b'{"id":1}', b"[" * 1000):
                for correlation in (None, b"short", b"c" * 16):
                    mqtt.publish("lockstock/v1/reply/bridge/information", raw, correlation=correlation,
                                 user={"status": "ok"})
        self.eventually(lambda: self.web.get("/myOrders").status, 200, "information to be asked again")
        self.assertEqual(self.everything(), before)


class PoisonEvent(SystemCase):
    """A source logs an event that its followers cannot apply: parked once with its reason, later events
    of the same subject wait behind it, everything else flows, an operator can skip it."""

    def letters(self, service):
        return self.system.admin(f"lockstock-{service}").get("/dead-letters").json

    def test_poison_is_parked_once_and_the_rest_flows(self):
        first = self.register("poisoned", 10)
        with self.system.down("lockstock-product"):
            log_poison(self.system, f"product/{first}")
        self.system.wait_ready()
        for service in FOLLOWERS["product"]:
            self.eventually(lambda service=service: len(self.letters(service)), 1, f"{service} to park it")
            letter = self.letters(service)[0]
            self.assertEqual((letter["source"], letter["subject"]), ("product", f"product/{first}"))
            self.assertIn("registeredQty", letter["reason"])

        second = self.register("healthy", 10)  # another subject flows
        self.order_to_the_end(second)
        self.order_to_the_end(first)
        self.eventually(lambda: self.web.patch(f"/products/{first}", {"name": "renamed"}).status, 200, "PATCH")
        for service in FOLLOWERS["product"]:  # the same subject waits behind it
            self.eventually(lambda service=service: len(self.letters(service)), 2, f"{service} to hold it")
        self.assertEqual(self.web.get(f"/rentals/products/{first}").json["name"], "poisoned")

        for service in FOLLOWERS["product"]:
            self.operator_settles(service)
        for copy in ("rentals", "deliveries"):
            self.eventually(lambda copy=copy: self.web.get(f"/{copy}/products/{first}").json["name"],
                            "renamed", f"{copy}' copy")

    def operator_settles(self, service):
        admin = self.system.admin(f"lockstock-{service}")
        poison = min(letter["id"] for letter in self.letters(service))
        self.assertGreaterEqual(admin.post(f"/dead-letters/{poison}/retry", b"").status, 400)
        self.assertEqual(len(self.letters(service)), 2, "a retry that fails again keeps it")
        self.assertGreaterEqual(admin.post("/dead-letters/999999/skip", b"").status, 400)
        self.assertLess(admin.post(f"/dead-letters/{poison}/skip", b"").status, 300)
        self.assertEqual(settle(lambda: self.letters(service), "dead letters", same_for_s=0.2), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
