#!/usr/bin/env python3
"""GET /processes: what each process says of itself, how long ago, and who is silent."""

import json
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE, BROKER, FOLLOWS, SERVICES
from harness.wait import wait_until

PATH = "/processes"


class Processes(SystemCase):
    def listed(self):
        """{instance: what is said of it}"""
        return {process["instance"]: process for process in self.web.get(PATH).json["_embedded"]["processes"]}

    def states(self):
        return {instance: process["state"] for instance, process in self.listed().items()}

    def wait_all_ready(self):
        self.eventually(self.states, dict.fromkeys(("bridge", *SERVICES), "ready"), "all to be ready", 20)

    def wait_said(self, instance, wanted, what):
        """The first status of it that `wanted` takes."""
        def look():
            status = self.listed()[instance].get("status")
            return status if status is not None and wanted(status) else None
        return wait_until(look, what)

    def test_all_are_told_the_bridge_first(self):
        self.wait_all_ready()
        answer = self.web.get(PATH)
        self.assertEqual(answer.headers["content-type"], "application/hal+json")
        self.assertEqual([process["instance"] for process in answer.json["_embedded"]["processes"]],
                         ["bridge", *SERVICES])
        self.assertEqual(answer.json["_links"]["self"]["href"], f"http://127.0.0.1:{self.system.base_port}{PATH}")
        self.assertEqual(answer.json["broker"]["link"], "up")
        version = {process["status"]["version"] for process in answer.json["_embedded"]["processes"]}
        self.assertEqual(len(version), 1)
        for instance, process in self.listed().items():
            follows = FOLLOWS.get(instance, ("information",))
            self.assertEqual({stream["source"] for stream in process["status"]["follows"]}, set(follows), instance)
            self.assertEqual("commits" in process["status"], instance != "bridge")
            self.assertEqual("readers" in process["status"], instance == "bridge")
            self.assertEqual("deviceMessages" in process["status"], instance in ("delivery", "stock"))
        wait_until(lambda: "roundTripMs" in self.web.get(PATH).json["broker"], "the way to the broker to be measured")

    def test_work_shows_in_the_numbers_of_those_who_did_it(self):
        self.wait_all_ready()
        product_id = self.register("status", 9)
        self.order_to_the_end(product_id)

        def order_and(instance, wanted, what):
            self.order(product_id)
            self.wait_said(instance, wanted, what)

        order_and("rental", lambda s: s["requests"] > 0 and s["eventsOut"] > 0, "rental's order")
        order_and("bridge", lambda s: s["requests"] > 0, "the bridge's request")
        order_and("stock", lambda s: any(f["source"] == "delivery" and f["events"] > 0 for f in s["follows"]),
                  "stock to hear delivery")
        order_and("delivery", lambda s: s["commits"] > 0, "delivery's commit")

    def test_one_that_hangs_is_silent_and_one_that_died_is_offline(self):
        self.wait_all_ready()
        self.system.signal("lockstock-stock", signal.SIGSTOP)
        try:
            self.eventually(lambda: self.states()["stock"], "silent", "a stopped process to be silent", 20)
            told = self.listed()["stock"]
            self.assertGreater(told["heardMs"], 6000)
            self.assertEqual(told["status"]["ready"], "yes")  # its last word stays, with its age
            self.assertEqual(self.system.metrics(BRIDGE)['lockstock_process_silent{process="stock"}'], 1)
        finally:
            self.system.signal("lockstock-stock", signal.SIGCONT)
        self.wait_all_ready()
        with self.system.down("lockstock-product"):
            self.eventually(lambda: self.states()["product"], "offline", "a killed process to be offline", 20)
        self.wait_all_ready()

    def test_broker_away_is_said_and_the_answer_comes_all_the_same(self):
        self.wait_all_ready()
        with self.system.down(BROKER):
            def link():
                return self.web.get(PATH).json["broker"]
            self.eventually(link, {"link": "down"}, "the broker to be away", 20)
            self.eventually(lambda: self.states()["bridge"], "not_ready", "the bridge to say so", 20)
            self.assertIn("broker", self.listed()["bridge"]["status"]["why"])
        self.wait_all_ready()

    def test_the_last_hour_is_kept_with_every_change(self):
        self.wait_all_ready()

        def past(query=""):
            return self.web.get(PATH + "/history" + query).json

        def states_of(samples, instance):
            found = [one["state"] for sample in samples for one in sample["processes"]
                     if one["instance"] == instance]
            return [state for state, before in zip(found, [None, *found]) if state != before]

        wait_until(lambda: states_of(past()["_embedded"]["samples"], "product")[-1:] == ["ready"], "a sample")
        since = past()["_embedded"]["samples"][-1]["at"]
        with self.system.down("lockstock-product"):
            self.eventually(lambda: self.states()["product"], "offline", "a killed process to be offline", 20)
            wait_until(lambda: states_of(past()["_embedded"]["samples"], "product")[-1] == "offline", "its sample")
        self.wait_all_ready()
        wait_until(lambda: states_of(past()["_embedded"]["samples"], "product")[-1] == "ready", "the next sample")
        samples = past(f"?since={since}")["_embedded"]["samples"]
        self.assertEqual(states_of(samples, "product")[-2:], ["offline", "ready"])
        self.assertEqual([one["at"] for one in samples], sorted(one["at"] for one in samples))
        self.assertGreater(samples[0]["at"], since)
        self.assertEqual(past()["_links"]["self"]["href"],
                         f"http://127.0.0.1:{self.system.base_port}{PATH}/history")
        self.assert_problem(self.web.get(PATH + "/history?since=now"), 400, "invalid-query")

    def test_words_of_others_are_taken_and_rubbish_is_counted(self):
        with self.system.down("lockstock-product"), self.system.mqtt("product") as client:
            status = self.listed()["stock"]["status"] | {"ready": "no", "why": "it is \"tired\""}
            client.publish("lockstock/v1/service/product/status", json.dumps(status).encode())
            online = {"status": "online", "epoch": int(time.time() * 1000)}
            client.publish("lockstock/v1/service/product/state", json.dumps(online).encode(), retain=True)
            self.eventually(lambda: self.listed()["product"].get("status"), status, "the word of another")
            self.assertEqual(self.states()["product"], "not_ready")
            name = 'lockstock_messages_refused_total{reason="malformed"}'
            before = self.system.metrics(BRIDGE)[name]
            client.publish("lockstock/v1/service/product/status", b'{"ready":"maybe"}')
            self.eventually(lambda: self.system.metrics(BRIDGE)[name], before + 1, "rubbish to be counted")
            self.assertEqual(self.listed()["product"]["status"], status)


if __name__ == "__main__":
    unittest.main(verbosity=2)
