#!/usr/bin/env python3
"""A closed system: what belongs to one account is not there for another, in no service; and who did
what is in the events. The requests are those of the bridge, which a client of ours plays."""

import json
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, SERVICES
from harness.wait import wait_until

PROCESSES = [f"lockstock-{service}" for service in SERVICES]
CARLA, CARL = (17, 3, "customer"), (18, 3, "service")  # of one account
EVE = (19, 4, "customer")
MINA, CORA, OLGA, ARNO = (31, 0, "picker"), (32, 0, "counter"), (33, 0, "operator"), (34, 0, "auditor")
NOBODY = (0, 0, "")
NEVER_GIVEN = 987654


def close(system):
    """access = closed, by hand, for every process."""
    ini = system.dir / "etc" / "lockstock.ini"
    with system.down(*PROCESSES):
        ini.write_text(ini.read_text().replace("[lockstock]\n", "[lockstock]\naccess = closed\n", 1))
    system.wait_ready(*PROCESSES)


class Access(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register("camera", 100)
        cls.old_order = case.order_to_the_end(cls.product_id)  # of before: nobody's
        close(cls.system)
        cls.no_bridge = cls.system.down(BRIDGE)
        cls.no_bridge.__enter__()
        cls.mqtt = cls.system.mqtt("bridge")
        cls.mqtt.subscribe("lockstock/v1/reply/bridge/+")
        cls.streams = cls.system.mqtt("operator")
        cls.streams.subscribe("lockstock/v1/stream/+")
        cls.keys = 0

    @classmethod
    def tearDownClass(cls):
        cls.mqtt.close()
        cls.streams.close()
        cls.no_bridge.__exit__(None, None, None)
        super().tearDownClass()

    def ask(self, actor, instance, method, body, key=None):
        """(status, body) of a request in the name of an actor."""
        type(self).keys += 1
        user = {"deadline": str(int(time.time() * 1000) + 5000), "idempotency-key": key or f"access-{self.keys}"}
        user |= {name: str(value) for name, value in zip(("actor", "account", "role"), actor) if value}
        reply = self.mqtt.call("bridge", instance, method, json.dumps(body), user=user)
        return reply.user["status"], json.loads(reply.payload)

    def place(self, actor, key=None, **more):
        status, body = self.ask(actor, "rental", "create", {"productId": self.product_id, "qty": 1, **more}, key)
        self.assertEqual(status, "ok", body)
        return body

    def wait_everywhere(self, actor, rental_id):
        """Until delivery and information know the order, and it is delivered."""
        for instance in ("delivery", "information"):
            wait_until(lambda instance=instance: self.ask(actor, instance, "get", {"id": rental_id})[0] == "ok",
                       f"order {rental_id} to be known to {instance}")
        wait_until(lambda: self.ask(actor, "rental", "get", {"id": rental_id})[1]["status"] == "DELIVERED",
                   f"order {rental_id} to be delivered")

    def look_at_all(self, actor, rental_id):
        """What the requests about one order come to: {request: (status, sentence with # for numbers)}."""
        asked = [("rental", "get"), ("rental", "cancel"), ("delivery", "get"), ("delivery", "pickup-code"),
                 ("delivery", "return"), ("information", "get"), ("information", "story")]
        said = {}
        for instance, method in asked:
            status, body = self.ask(actor, instance, method, {"id": rental_id})
            said[instance, method] = (status, re.sub(r"\d+", "#", body.get("detail", "")))
        return said

    def listed(self, actor):
        """The ids that lists and searches have, in each service."""
        page = {"page": 0, "size": 100}
        found = [self.ask(actor, instance, "list", page) for instance in ("rental", "delivery", "information")]
        found.append(self.ask(actor, "information", "search", {"size": 100}))
        found.append(self.ask(actor, "information", "search",
                              {"size": 100, "products": [{"id": self.product_id}]}))
        self.assertEqual({status for status, _ in found}, {"ok"})
        return [{item["id"] for item in body["items"]} for _, body in found]

    def test_foreign_order_is_not_there(self):
        own, foreign = self.place(EVE)["id"], self.place(CARLA)["id"]
        for actor, rental_id in ((EVE, own), (CARLA, foreign)):
            self.wait_everywhere(actor, rental_id)
        unknown = self.look_at_all(EVE, NEVER_GIVEN)
        self.assertEqual({status for status, _ in unknown.values()}, {"not_found"})
        for rental_id in (foreign, self.old_order):
            self.assertEqual(self.look_at_all(EVE, rental_id), unknown)
        for ids in self.listed(EVE):
            self.assertIn(own, ids)
            self.assertFalse(ids & {foreign, self.old_order})
        self.assertEqual(self.ask(CARLA, "rental", "get", {"id": foreign})[1]["status"], "DELIVERED")

    def test_own_order_is_there_for_the_account_and_for_staff(self):
        mine = self.place(CARLA)
        self.assertEqual(mine["account"], 3)
        for actor in (CARLA, CARL, MINA, CORA, OLGA, ARNO):
            self.wait_everywhere(actor, mine["id"])
            for ids in self.listed(actor):
                self.assertIn(mine["id"], ids)
        self.assertEqual(self.ask(OLGA, "rental", "get", {"id": self.old_order})[0], "ok")
        status, canceled = self.ask(CARL, "rental", "cancel", {"id": mine["id"]})
        self.assertEqual((status, canceled["status"]), ("ok", "CANCELED"))

    def test_role_does_what_its_row_says(self):
        mine = self.place(CORA, account=3)["id"]
        refused = [(NOBODY, "rental", "get"), (MINA, "rental", "cancel"), (ARNO, "rental", "cancel"),
                   (CORA, "delivery", "pickup-code"), (EVE, "stock", "asset-get"),
                   (CARLA, "product", "letter-list"), (OLGA, "information", "replay")]
        for actor, instance, method in refused:
            with self.subTest(actor=actor, method=f"{instance}.{method}"):
                status, body = self.ask(actor, instance, method, {"id": mine})
                self.assertEqual((status, body["type"]), ("forbidden", "forbidden"))
        self.assertEqual(self.ask(CARLA, "rental", "get", {"id": mine})[0], "ok")
        order = {"productId": self.product_id, "qty": 1, "account": 3}
        self.assertEqual(self.ask(EVE, "rental", "create", order)[0], "forbidden")

    def test_key_belongs_to_an_account(self):
        first, second = self.place(CARLA, key="same"), self.place(EVE, key="same")
        self.assertNotEqual(first["id"], second["id"])
        self.assertEqual(self.place(CARL, key="same")["id"], first["id"])

    def test_who_caused_it_is_in_every_service_s_events(self):
        mine = self.place(CARLA)["id"]
        self.wait_everywhere(CARLA, mine)
        self.assertEqual(self.ask(CARL, "rental", "cancel", {"id": mine})[0], "ok")
        for service in ("rental", "delivery"):
            self.eventually(lambda service=service: self.told(service, f"{service}/{mine}"),
                            [(17, 3), (17, 3), (18, 3)], f"{service} to tell who caused what")

    def told(self, service, subject):
        """(actor, account) of the events of that subject, in their order."""
        events = {event["sequence"]: event for message in list(self.streams.messages)
                  if message.topic == f"lockstock/v1/stream/{service}" for event in json.loads(message.payload)
                  if event["subject"] == subject}
        return [(event.get("actor", 0), event.get("account", 0)) for _, event in
                sorted(events.items(), key=lambda one: int(one[0]))]


if __name__ == "__main__":
    unittest.main()
