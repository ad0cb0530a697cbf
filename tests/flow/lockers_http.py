#!/usr/bin/env python3
"""Lockers, codes, returns and assets over HTTP; the test plays scanner and locker over
MQTT. Each problem type of these paths is seen once; a code is in no file of the system."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SKIPPED
from harness.locker_case import LockerCase
from harness.player import Player
from harness.wait import wait_until

MODULE_PIXELS = 8
NO_SUCH_ID = 999999
FLOOD_MESSAGES = 3000
ORDERS_IN_FLOOD = 20


def decoded(image, suffix):
    """What a QR reader sees in an image file."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(image)
        file.flush()
        done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.name],
                              capture_output=True, text=True, check=False)
    return done.stdout.strip()


def drawn(svg):
    """The modules of the SVG as a picture (PGM), as a browser would draw them."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)}
    pixels = bytes(0 if (x // MODULE_PIXELS, y // MODULE_PIXELS) in dark else 255
                   for y in range(side * MODULE_PIXELS) for x in range(side * MODULE_PIXELS))
    return f"P5 {side * MODULE_PIXELS} {side * MODULE_PIXELS} 255\n".encode() + pixels


class PickupCode(LockerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.shelved("laptop", 2)
        cls.order = case.ready(cls.product_id, "LAPTOP-1")
        cls.path = f"/deliveries/{cls.order}/pickup-code"

    def test_json_says_where_and_until_when(self):
        answer = self.web.get(self.path)
        body, delivery = self.code(self.order), self.delivery(self.order)
        self.assertEqual((answer.media_type, answer.headers["Cache-Control"]), ("application/hal+json", "no-store"))
        self.assertRegex(body["code"], r"^[0-9]{8}$")
        self.assertEqual({name: body[name] for name in ("deliveryId", "purpose", "locker", "compartment")},
                         {"deliveryId": self.order, "purpose": "collect", "locker": "locker-1",
                          "compartment": delivery["compartment"]})
        self.assertEqual(body["expiresAt"], delivery["collectBy"])
        self.assertEqual(delivery["_links"]["pickupCode"]["href"],
                         f"http://127.0.0.1:{self.system.base_port}{self.path}")

    def test_png_and_svg_are_read_by_a_qr_reader(self):
        code = self.code(self.order)["code"]
        png = self.web.get(self.path, headers={"Accept": "image/png"})
        svg = self.web.get(self.path, headers={"Accept": "image/svg+xml"})
        self.assertEqual((png.status, png.media_type, svg.status, svg.media_type),
                         (200, "image/png", 200, "image/svg+xml"))
        self.assertEqual(png.body[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual((png.headers["Cache-Control"], svg.headers["Cache-Control"]), ("no-store", "no-store"))
        self.assertEqual(decoded(png.body, ".png"), code)
        self.assertTrue(xml.etree.ElementTree.fromstring(svg.body).tag.endswith("svg"))
        self.assertEqual(decoded(drawn(svg.body.decode()), ".pgm"), code)

    def test_accept_and_format_choose_the_form(self):
        rows = [(None, "", "application/hal+json"), ("*/*", "", "application/hal+json"),
                ("application/json", "", "application/hal+json"), ("image/*", "", "image/svg+xml"),
                ("image/png, image/svg+xml;q=0.5", "", "image/png"),
                ("image/png;q=0.2, application/json;q=0.1", "", "image/png"),
                ("text/html, */*;q=0.1", "", "application/hal+json"),
                ("image/png;q=0, image/svg+xml", "", "image/svg+xml"),
                ("application/json", "?format=png", "image/png"), ("text/html", "?format=svg", "image/svg+xml"),
                ("image/png", "?format=json", "application/hal+json")]
        for accept, query, media_type in rows:
            with self.subTest(accept=accept, query=query):
                answer = self.web.get(self.path + query, headers={"Accept": accept})
                self.assertEqual((answer.status, answer.media_type), (200, media_type))

    def test_form_that_there_is_not(self):
        for accept in ("text/html", "image/gif", "image/png;q=0", "x", ",", "application/xml, text/*"):
            with self.subTest(accept):
                self.assert_problem(self.web.get(self.path, headers={"Accept": accept}), 406, "not-acceptable")
        for query in ("?format=gif", "?format=", "?format=png&format=svg", "?page=1", "?x"):
            with self.subTest(query):
                self.assert_problem(self.web.get(self.path + query), 400, "invalid-query")

    def test_other_paths_do_not_look_at_accept(self):
        for path in (f"/deliveries/{self.order}", "/lockers", "/assets"):
            self.assertEqual(self.web.get(path, headers={"Accept": "text/html"}).status, 200, path)

    def test_head_is_get_without_a_body(self):
        for accept in ("application/json", "image/png", "image/svg+xml"):
            with self.subTest(accept):
                get, head = (self.web.request(method, self.path, headers={"Accept": accept})
                             for method in ("GET", "HEAD"))
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual((head.headers["Content-Type"], head.headers["Content-Length"]),
                                 (get.headers["Content-Type"], str(len(get.body))))
        self.assertEqual(self.web.request("HEAD", self.path, headers={"Accept": "text/html"}).status, 406)

    def test_delivery_without_a_code(self):
        order = self.ordered(self.product_id)
        for accept in ("application/json", "image/png"):  # a problem is told in JSON, whatever was wanted
            self.assert_problem(self.web.get(f"/deliveries/{order}/pickup-code", headers={"Accept": accept}),
                                404, "no-code")
        self.assertNotIn("pickupCode", self.delivery(order)["_links"])
        self.assert_problem(self.web.get(f"/deliveries/{NO_SUCH_ID}/pickup-code"), 404, "not-found")
        self.assert_problem(self.web.get("/deliveries/0/pickup-code"), 400, "invalid-id")
        self.assert_problem(self.web.get("/deliveries/1/pickup-codes"), 404, "unknown-path")
        self.assert_problem(self.web.get("/deliveries/1/pickup-code/2"), 404, "unknown-path")
        self.assertEqual(self.web.delete(f"/rentals/{order}").status, 204)

    def test_methods(self):
        for method in ("POST", "PATCH", "DELETE"):
            answer = self.web.request(method, self.path, {} if method != "DELETE" else None)
            self.assert_problem(answer, 405, "method-not-allowed")
        answer = self.web.request("OPTIONS", f"/deliveries/{self.order}/return")
        self.assertEqual(sorted(answer.headers["Allow"].split(", ")), ["OPTIONS", "POST"])


class Troubles(LockerCase):
    """Lockers that flood, and that share a name; on a system of their own, as they would serve orders."""

    def owed(self):
        return [one["reason"] for one in self.system.admin("lockstock-delivery").get("/readyz").json["degraded"]]

    def test_locker_that_floods_costs_nobody_else_a_cancel(self):
        product_id = self.register("flood", ORDERS_IN_FLOOD)
        orders = [self.order_to_the_end(product_id) for _ in range(ORDERS_IN_FLOOD)]
        player = Player(self.system, "locker", "locker-9", compartments="S")
        self.players.append(player)
        player.come_online()
        hello = json.dumps(player.up_body()).encode()

        def flood():
            for _ in range(FLOOD_MESSAGES):
                player.mqtt.publish_unheard(player.topic("up"), hello)

        flooding = threading.Thread(target=flood)
        flooding.start()
        for order in orders:  # on a busy machine one may be told to come again
            self.eventually(lambda order=order: self.web.delete(f"/rentals/{order}").status, 204, "a cancel")
        flooding.join()
        path = "/devices/delivery/locker-9"
        self.eventually(self.owed, ["flood"], "delivery to say so", 30)
        # What it says now is taken, if not at once: it says it again.
        player.say("door", compartment=1, door="closed", presence="absent")
        self.assertEqual(self.system.metrics("lockstock-delivery")["lockstock_device_messages_dropped_total"],
                         self.web.get(path).json["dropped"])
        self.assertIn("device_flood", (self.system.dir / "log" / "lockstock-delivery.log").read_text())
        self.assertNotIn("dropped", self.web.get("/devices/delivery/locker-1").json)

    def test_two_lockers_of_one_name_are_told(self):
        player = Player(self.system, "locker", "locker-8", compartments="S")
        self.players.append(player)
        epochs = [player.epoch, player.renew()]
        for epoch in epochs * 2:  # each throws the other one out
            player.epoch = epoch
            player.connect()
            player.come_online()
        self.eventually(lambda: "twinsAt" in self.web.get("/devices/delivery/locker-8").json, True, "the twin")
        self.assertIn("device_twins", (self.system.dir / "log" / "lockstock-delivery.log").read_text())
        self.eventually(lambda: "twins" in self.owed(), True, "delivery to say so")


class Life(LockerCase):
    """An order through the locker and back; the problems that each of its states has."""

    compartments = "SM"

    def return_path(self, order):
        return f"/deliveries/{order}/return"

    def test_order_through_the_locker_and_back(self):
        product_id = self.shelved("camera", 2)
        order = self.picked(product_id, "CAMERA-1")  # canceled, and put back
        self.assert_problem(self.web.post(self.return_path(order), None), 409, "refused")
        self.assertEqual(self.asset("asset:CAMERA-1")["place"], f"tote:T{order}")
        self.assertEqual(self.web.delete(f"/rentals/{order}").status, 204)
        self.delivery_is(order, "CANCELED")
        self.scans(("command", "PUTAWAY"), ("asset", "CAMERA-1"), ("bin", "A1"))

        order = self.ready(product_id, "CAMERA-1")
        self.assertEqual(self.asset("asset:CAMERA-1")["state"], "in_locker")
        code = self.code(order)
        self.collected(order)
        self.assert_problem(self.web.get(f"/deliveries/{order}/pickup-code"), 404, "no-code")
        self.assert_problem(self.web.delete(f"/rentals/{order}"), 409, "already-collected")
        self.assertEqual(self.asset("asset:CAMERA-1")["place"], f"customer:{order}")

        mark = self.locker.mark()
        self.asked_to_return_twice(order)
        grant = self.grant(order, mark)
        self.assertNotEqual(self.code(order)["code"], code["code"])
        self.assertEqual(self.code(order)["purpose"], "return")
        self.locker.opened_by_code(grant, "present")
        self.eventually(lambda: self.delivery(order).get("compartmentUse"), "loaded", "the goods to be sensed")
        self.assert_problem(self.web.get(f"/deliveries/{order}/pickup-code"), 404, "no-code")
        self.fetched(order, "CAMERA-1")
        self.delivery_is(order, "RETURNED")
        self.assertEqual(self.asset("asset:CAMERA-1")["place"], "bin:A1")
        again = self.web.post(self.return_path(order), None)
        self.assertEqual((again.status, again.json["status"]), (200, "RETURNED"))

    def asked_to_return_twice(self, order):
        """Under one key and under another: one compartment, one change."""
        key = {"Idempotency-Key": f"back-{order}"}
        first, again, other = (self.web.post(self.return_path(order), None, headers=headers)
                               for headers in (key, key, {"Idempotency-Key": "other"}))
        self.assertEqual([answer.status for answer in (first, again, other)], [200, 200, 200])
        self.assertEqual(first.json["status"], "RETURNING")
        self.assertEqual(first.json, again.json)
        self.assertEqual(first.json, other.json)
        self.assertEqual(first.json["locker"], "locker-1")
        self.assertEqual(sum(part.get("deliveryId") == order for part in self.lockers()["locker-1"]["compartments"]), 1)

    def fetched(self, order, asset):
        spot, mark = self.delivery(order), self.locker.mark()
        label = f"LOCKER-1-{spot['compartment']:02}"
        wait_until(lambda: self.scanner.scan("command", "RETURN")
                   and self.scanner.scan("compartment", label)["result"] == "accepted", "stock to know of the goods")
        self.locker.opened_by_command(mark, "absent")
        self.assertEqual(self.scanner.scan("asset", asset)["result"], "accepted")
        self.scans(("command", "OK"), ("bin", "A1"))

    def test_story_tells_what_the_door_did(self):
        order = self.collected(self.ready(self.shelved("sextant", 1), "SEXTANT-1"))

        def doors():
            steps = self.web.get(f"/myOrders/{order}/story").json["_embedded"]["steps"]
            self.assertEqual(steps, sorted(steps, key=lambda step: step["at"]))
            return {(step["status"], step.get("by"), step["locker"]) for step in steps
                    if step["type"] == "DoorReported"}

        self.eventually(lambda: ("opened", "code", "locker-1") in doors() and
                        ("closed", None, "locker-1") in doors(), True, "the door's part of the story")
        steps = self.web.get(f"/myOrders/{order}/story").json["_embedded"]["steps"]
        self.assertEqual([step.get("actor") for step in steps if step["type"] == "StockPicked"], ["scanner-1"])

    def test_return_that_is_none(self):
        self.assert_problem(self.web.post(self.return_path(NO_SUCH_ID), None), 404, "not-found")
        self.assert_problem(self.web.post("/deliveries/x/return", None), 400, "invalid-id")
        answer = self.web.post(self.return_path(NO_SUCH_ID), {"x": 1})
        self.assert_problem(answer, 422, "invalid-body")
        self.assertEqual(answer.json["pointer"], "/x")
        order = self.order_to_the_end(self.register("paper", 5))  # direct
        self.assert_problem(self.web.post(self.return_path(order), None), 409, "refused")
        bad_key = {"Idempotency-Key": "two words"}
        self.assert_problem(self.web.post(self.return_path(order), None, headers=bad_key), 400,
                            "invalid-idempotency-key")
        self.assert_problem(self.web.get(self.return_path(order)), 405, "method-not-allowed")

    def test_return_without_a_free_compartment(self):
        product_id = self.shelved("tripod", 1)
        order = self.collected(self.ready(product_id, "TRIPOD-1"))
        for number in (1, 2):
            self.locker.door(number, "open")
        self.assert_problem(self.web.post(self.return_path(order), None), 409, "no-free-compartment")
        self.assertEqual(self.delivery(order)["status"], "DELIVERED")
        for number in (1, 2):
            self.locker.door(number, "closed")
        mark = self.locker.mark()
        self.assertEqual(self.web.post(self.return_path(order), None).json["status"], "RETURNING")
        self.locker.opened_by_code(self.grant(order, mark), "present")
        self.eventually(lambda: self.delivery(order).get("compartmentUse"), "loaded", "the goods to be sensed")
        self.fetched(order, "TRIPOD-1")

    def test_ready_order_whose_goods_are_gone_is_loaded_again(self):
        product_id = self.shelved("tent", 1)
        order = self.ready(product_id, "TENT-1")
        number, mark = self.delivery(order)["compartment"], self.locker.mark()
        for door, presence in (("open", "present"), ("open", "absent"), ("closed", "absent")):
            self.locker.door(number, door, presence)  # nobody typed a code
        self.eventually(lambda: self.delivery(order)["compartmentUse"], "assigned", "the empty compartment")
        self.locker.take_config(lambda config: all(item["compartment"] != number for item in config["grants"]), mark)
        delivery = self.delivery(order)
        self.assertEqual(delivery["status"], "READY")
        self.assertIn("is empty, but nobody has collected", delivery["reason"])
        self.assertNotIn("pickupCode", delivery["_links"])
        self.assert_problem(self.web.get(f"/deliveries/{order}/pickup-code"), 404, "no-code")
        self.loaded(order)
        self.assertIn("pickupCode", self.delivery(order)["_links"])
        self.collected(order)

    def test_ready_order_whose_goods_are_gone_is_canceled_at_once(self):
        order = self.ready(self.shelved("canoe", 1), "CANOE-1")
        number, mark = self.delivery(order)["compartment"], self.locker.mark()
        for door, presence in (("open", "present"), ("open", "absent"), ("closed", "absent")):
            self.locker.door(number, door, presence)
        self.locker.take_config(lambda config: all(item["compartment"] != number for item in config["grants"]), mark)
        mark = self.locker.mark()
        # The locker says nothing more: a cancel that waited for its word would be refused.
        self.assertEqual(self.web.delete(f"/rentals/{order}").status, 204)
        self.delivery_is(order, "CANCELED")
        self.assertNotEqual(self.scanner.scan("compartment", f"LOCKER-1-{number:02}")["result"], "accepted")
        self.assertEqual(self.locker.heard("cmd", mark), [])
        self.scans(("command", "RETURN"), ("order", order), ("asset", "CANOE-1"), ("command", "OK"), ("bin", "A1"))

    def test_ready_order_cannot_be_canceled_while_its_locker_is_away(self):
        product_id = self.shelved("drone", 1)
        order = self.ready(product_id, "DRONE-1")
        self.locker.send("state", self.locker.state_body("offline"))
        self.eventually(lambda: self.lockers()["locker-1"]["status"], "offline", "the locker")
        answer = self.web.delete(f"/rentals/{order}")
        self.assert_problem(answer, 503, "cancel-unavailable")
        self.assertIn("locker-1 is not connected", answer.json["detail"])
        self.assertNotIn("breaker", answer.json["detail"])
        self.code(order)
        self.locker.come_online()
        self.collected(order)

    def test_locker_order_that_cannot_be(self):
        product_id = self.shelved("wardrobe", 3, size="L")
        rows = [({"fulfilment": "drone"}, "/fulfilment"), ({"locker": "Locker 1"}, "/locker"),
                ({"locker": 1}, "/locker"), ({"locker": ""}, "/locker")]
        for change, pointer in rows:
            with self.subTest(change):
                body = {"productId": product_id, "qty": 1, "fulfilment": "locker", **change}
                answer = self.web.post("/rentals", body)
                self.assert_problem(answer, 422, "invalid-body")
                self.assertEqual(answer.json["pointer"], pointer)
        order = self.picked(product_id, "WARDROBE-1", "WARDROBE-2", "WARDROBE-3")
        self.eventually(lambda: "larger than every compartment" in self.delivery(order).get("reason", ""), True,
                        "the reason")
        self.scans(("command", "HANDOVER"), ("order", order))
        self.delivery_is(order, "DELIVERED")
        self.assert_problem(self.web.post(self.return_path(order), None), 409, "refused")

    def test_wish_for_a_locker_that_nobody_knows_is_served_elsewhere(self):
        product_id = self.shelved("lamp", 1)
        order = self.ordered(product_id, 1, locker="locker-of-nobody")
        self.scans(("command", "PICK"), ("order", order), ("tote", f"T{order}"), ("asset", "LAMP-1"))
        self.eventually(lambda: self.delivery(order).get("locker"), "locker-1", "the other locker")
        self.assertIn("locker-of-nobody", self.delivery(order)["reason"])
        self.assertEqual(self.web.delete(f"/rentals/{order}").status, 204)

    def test_office_reads_how_lockers_are(self):
        devices = {one["device"]: one for one in self.web.all_items("/devices/delivery", "devices")}
        locker = devices["locker-1"]
        self.assertEqual((locker["kind"], locker["status"], locker["missing"]), ("locker", "online", 0))
        self.assertTrue(locker["firmware"] and locker["starts"] and locker["heardAt"], locker)
        self.assertEqual(self.web.get("/devices/delivery/locker-1").json["since"], locker["since"])
        self.assert_problem(self.web.get("/devices/delivery/scanner-1"), 404, "not-found")

    def test_compartment_is_taken_out_of_service_and_back(self):
        free = [part["number"] for part in self.lockers()["locker-1"]["compartments"] if part["use"] == "free"]
        number, path = free[-1], "/lockers/locker-1"

        def use(answer):
            self.assertEqual(answer.status, 200, answer)
            return [part["use"] for part in answer.json["compartments"] if part["number"] == number][0]

        for _ in range(2):
            answer = self.web.post(f"{path}/out-of-service", {"compartment": number})
            self.assertEqual(use(answer), "out_of_order")
        (out,) = self.web.get("/devices/delivery/locker-1").json["outOfService"]
        self.assertEqual(out["compartment"], number)
        self.assert_problem(self.web.post(f"{path}/out-of-service", {"compartment": 15}), 404, "not-found")
        self.assert_problem(self.web.post(f"{path}/out-of-service", {}), 422, "invalid-body")
        self.assert_problem(self.web.post("/lockers/X/out-of-service", {"compartment": 1}), 404, "not-found")
        self.assert_problem(self.web.get(f"{path}/out-of-service"), 405, "method-not-allowed")
        self.assertEqual(use(self.web.post(f"{path}/in-service", {"compartment": number})), "free")
        self.assertEqual(self.web.get("/devices/delivery/locker-1").json["outOfService"], [])

    def test_compartment_is_opened_without_an_order_while_it_is_out_of_service(self):
        path, mark = "/lockers/locker-1/acts", self.locker.mark()
        free = [part["number"] for part in self.lockers()["locker-1"]["compartments"] if part["use"] == "free"]
        clean = {"compartment": free[-1], "by": "Mina", "reason": "cleaning"}
        self.assert_problem(self.web.post(path, {"act": "open", **clean}), 409, "refused")
        for body, status in (({"act": "open"}, 422), ({"act": "burn", **clean}, 422),
                             ({"act": "out", "by": "Mina"}, 422), ({"act": "out", "reason": "x"}, 422)):
            with self.subTest(body):
                self.assert_problem(self.web.post(path, body), status, "invalid-body")
        self.assert_problem(self.web.post("/lockers/X/acts", {"act": "in", "by": "Mina"}), 404, "not-found")
        self.assertEqual(self.web.post(path, {"act": "out", **clean}).status, 200)
        self.assertEqual(self.locker.heard("cmd", mark), [])
        self.assertEqual(self.web.post(path, {"act": "open", **clean}).status, 200)
        self.assertEqual(self.locker.opened_by_command(mark, "absent"), free[-1])
        for opened in (0, free[-1]):
            answer = self.web.post(path, {"act": "walk", "compartment": free[-1], "opened": opened, "by": "Mina"})
            self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.web.post(path, {"act": "in", "compartment": free[-1], "by": "Omar"}).status, 200)
        history = self.web.get(path).json["_embedded"]["acts"][:5]
        self.assertEqual([(act["act"], act["by"], act.get("reason"), act.get("opened")) for act in history],
                         [("in", "Omar", None, None), ("walk", "Mina", None, free[-1]), ("walk", "Mina", None, 0),
                          ("open", "Mina", "cleaning", None), ("out", "Mina", "cleaning", None)])

    def test_lockers_are_listed_with_what_they_hold(self):
        locker = self.lockers()["locker-1"]
        self.assertEqual((locker["site"], locker["status"], [part["size"] for part in locker["compartments"]]),
                         ("main", "online", list(self.compartments)))
        second = Player(self.system, "locker", "locker-2", compartments="L")
        self.players.append(second)
        second.come_online()
        names = [item["device"] for page in (0, 1)
                 for item in self.web.get(f"/lockers?page={page}&size=1").json["_embedded"]["lockers"]]
        self.assertEqual(names, ["locker-1", "locker-2"])
        second.send("state", second.state_body("offline"), retain=True)
        self.eventually(lambda: self.lockers()["locker-2"]["status"], "offline", "the second locker")
        self.assert_problem(self.web.get("/lockers?size=0"), 400, "invalid-query")
        one = self.web.get("/lockers/locker-1")
        self.assertEqual((one.status, one.json), (200, self.lockers()["locker-1"]))
        for name in ("locker-9", "Locker-1", "1", "locker%2D1", "l" * 60):
            self.assert_problem(self.web.get(f"/lockers/{name}"), 404, "not-found")
        self.assert_problem(self.web.get("/lockers/locker-1/doors"), 404, "unknown-path")
        self.assert_problem(self.web.get("/lockers/locker-1?page=0"), 400, "invalid-query")
        self.assert_problem(self.web.delete("/lockers/locker-1"), 405, "method-not-allowed")

    def test_zz_no_code_can_be_read_in_any_file(self):
        """Runs last: every code that the tests of this class have seen."""
        self.assertGreaterEqual(len(self.codes), 3)
        self.system.stop()
        self.addCleanup(self.system.start)
        files = {path: path.read_bytes() for folder in ("db", "log", "mosquitto")
                 for path in (self.system.dir / folder).rglob("*") if path.is_file()}
        self.assertTrue(any(b"locker-1" in data for path, data in files.items() if path.name == "delivery.db"))
        self.assertTrue(any(path.suffix == ".log" for path in files))
        for code in self.codes:
            found = [str(path) for path, data in files.items() if code.encode() in data]
            self.assertEqual(found, [], f"the code {code} can be read")
        rows = self.system.query("delivery", "SELECT code_hash FROM access_grant")
        self.assertGreaterEqual(len(rows), len(self.codes))
        numbers = {int(code) for code in self.codes}
        for table, in self.system.query("delivery", "SELECT name FROM sqlite_schema WHERE type = 'table'"):
            for row in self.system.query("delivery", f'SELECT * FROM "{table}"'):
                self.assertFalse(numbers & {value for value in row if isinstance(value, int)}, table)


class RemovedLocker(LockerCase):
    """A locker in which goods wait loses its key: a damaged file, then deploy/add-device --remove."""

    compartments = "S"
    extra_args = ("--set", "delivery.hold-ms=6000")

    def test_removed_locker_stops_nobody_else(self):
        product_id = self.shelved("printer", 3)
        stranded = self.ready(product_id, "PRINTER-1")
        other = Player(self.system, "locker", "locker-2", compartments="S")
        self.players.append(other)
        other.come_online()
        other.door(1, "closed")
        other.take_config(lambda config: True)
        order = self.picked(product_id, "PRINTER-2")
        self.eventually(lambda: self.delivery(order).get("locker"), "locker-2", "the other locker")
        mark = other.mark()
        wait_until(lambda: self.scanner.scan("command", "LOAD")
                   and self.scanner.scan("order", order)["result"] == "accepted", "stock to know the compartment")
        self.scans(("compartment", "LOCKER-2-01"))
        other.opened_by_command(mark, "present")
        self.delivery_is(order, "READY")
        other.take_config(lambda config: config["grants"], mark)

        (self.system.dir / "devices" / "locker-1.key").write_text("damaged")
        answer = self.web.delete(f"/rentals/{stranded}")
        self.assertIn(answer.status, (204, 503))  # 204: its hold time has ended already
        self.assertNotIn(b"key", answer.body, "customers are told about our files")
        other.take_config(lambda config: not config["grants"], mark)  # its hold time has ended
        self.delivery_is(order, "EXPIRED")
        self.delivery_is(stranded, "EXPIRED")
        self.system.add_device("locker", "locker-1", "--remove")
        self.assertEqual(self.lockers()["locker-1"]["status"], "no_key")
        self.assertEqual(self.lockers()["locker-1"]["compartments"][0]["deliveryId"], stranded)
        wait_until(lambda: self.scanner.scan("command", "RETURN") and
                   self.scanner.scan("compartment", "LOCKER-1-01")["result"] == "accepted", "stock to know of the end")
        self.scans(("asset", "PRINTER-1"), ("command", "OK"), ("bin", "A1"))  # taken out by hand
        self.eventually(lambda: list(self.lockers()), ["locker-2"], "the list without the first")
        self.assert_problem(self.web.get("/lockers/locker-1"), 404, "not-found")
        wait_until(self.system.streams_are_level, "every event to be read")
        self.assertEqual(self.system.admin("lockstock-delivery").get("/dead-letters").json, [])
        self.assertEqual(self.lockers()["locker-2"]["status"], "online")


class Assets(LockerCase):
    def move(self, asset, state, **more):
        return self.web.patch(f"/assets/{asset['id']}", {"state": state, **more})

    def test_asset_is_read_and_listed(self):
        self.shelved("drill", 2)
        asset = self.asset("asset:DRILL-1")
        answer = self.web.get(f"/assets/{asset['id']}")
        self.assertEqual((answer.status, answer.json), (200, asset))
        href = f"http://127.0.0.1:{self.system.base_port}/assets/{asset['id']}"
        self.assertEqual(asset["_links"], {"self": {"href": href}, "asset": {"href": href}})
        self.assertEqual((asset["state"], asset["place"]), ("on_shelf", "bin:A1"))
        self.assertEqual(self.web.request("HEAD", f"/assets/{asset['id']}").body, b"")
        self.assert_problem(self.web.get(f"/assets/{NO_SUCH_ID}"), 404, "not-found")
        self.assert_problem(self.web.get("/assets/x"), 400, "invalid-id")
        self.assert_problem(self.web.post("/assets", {}), 405, "method-not-allowed")

    def test_asset_is_found_by_its_label(self):
        self.shelved("hammer", 2)
        asset = self.asset("asset:HAMMER-2")
        for label in ("asset:HAMMER-2", "asset%3AHAMMER-2"):
            answer = self.web.get(f"/assets?label={label}")
            self.assertEqual((answer.status, answer.json["_embedded"]["assets"]), (200, [asset]))
            self.assertEqual(answer.json["page"]["totalElements"], 1)
            href = f"http://127.0.0.1:{self.system.base_port}/assets?label={label}"
            self.assertEqual(answer.json["_links"], {"self": {"href": href}})
        self.assertEqual(self.web.get("/assets?label=asset:NONE").json["_embedded"]["assets"], [])
        for query in ("label=HAMMER-2", "label=", "label=asset:A&page=0", "page=0&label=asset:A", "label=asset:%0A"):
            self.assert_problem(self.web.get(f"/assets?{query}"), 400, "invalid-query")

    def found(self, query):
        answer = self.web.get(f"/assets?{query}").json
        return [asset["label"] for asset in answer["_embedded"]["assets"]], "next" in answer["_links"]

    def test_assets_are_looked_for(self):
        product = self.shelved("plane", 2)
        order = self.picked(product, "PLANE-1")
        self.assertEqual(self.found(f"product={product}"), (["asset:PLANE-1", "asset:PLANE-2"], False))
        self.assertEqual(self.found(f"product={product}&size=1"), (["asset:PLANE-1"], True))
        self.assertEqual(self.found(f"order={order}"), (["asset:PLANE-1"], False))
        place = self.asset("asset:PLANE-1")["place"]
        self.assertIn("asset:PLANE-1", self.found(f"place={place}")[0])
        self.assertEqual(self.found("place=bin:NONE"), ([], False))
        for query in ("order=0", f"order={order}&product={product}", "place=A1", "order=1&page=0", "product=1,2"):
            self.assert_problem(self.web.get(f"/assets?{query}"), 400, "invalid-query")

    def test_every_move_that_a_desk_may_not_make(self):
        product_id = self.shelved("saw", 1)
        asset = self.asset("asset:SAW-1")
        for state in ("received", "picked", "in_locker", "on_hire", "returned", "checked"):
            with self.subTest(state):
                self.assert_problem(self.move(asset, state), 409, "illegal-move")
        self.assertEqual(self.asset("asset:SAW-1"), asset)
        self.assertEqual(self.web.get(f"/products/{product_id}").json["qty"], 1)

    def test_quarantine_and_back(self):
        product_id = self.shelved("axe", 2)
        asset = self.asset("asset:AXE-1")
        aside = self.move(asset, "quarantine")
        self.assertEqual((aside.status, aside.json["state"]), (200, "quarantine"))
        self.assertTrue(aside.json["place"].startswith("quarantine:"), aside)
        self.eventually(lambda: self.web.get(f"/products/{product_id}").json["registeredQty"], 1, "one less")
        self.assert_problem(self.move(asset, "on_shelf", bin="A1"), 409, "illegal-move")
        self.assertEqual(self.move(asset, "checked").json["state"], "checked")
        self.assert_problem(self.move(asset, "on_shelf"), 422, "invalid-body")
        self.assertEqual(self.move(asset, "on_shelf", bin="B2").json["place"], "bin:B2")
        self.eventually(lambda: self.web.get(f"/products/{product_id}").json["registeredQty"], 2, "two again")

    def test_asset_of_an_order_moves_with_its_order(self):
        product_id = self.shelved("ladder", 1)
        order = self.picked(product_id, "LADDER-1")
        asset = self.asset("asset:LADDER-1")
        self.assertEqual(asset["rentalId"], order)
        for state in ("on_shelf", "quarantine", "on_hire", "picked"):
            self.assert_problem(self.move(asset, state, bin="A1"), 409, "asset-in-use")
        self.assertEqual(self.asset("asset:LADDER-1"), asset)

    def test_asset_that_an_order_was_promised_stays(self):
        product_id = self.shelved("pump", 1)
        order = self.ordered(product_id)
        self.assert_problem(self.move(self.asset("asset:PUMP-1"), "quarantine"), 409, "below-committed")
        self.assertEqual(self.web.delete(f"/rentals/{order}").status, 204)

    def test_body_that_is_no_move(self):
        self.shelved("rope", 1)
        path = f"/assets/{self.asset('asset:ROPE-1')['id']}"
        rows = [({}, None), ({"state": "lost"}, "/state"), ({"state": 1}, "/state"),
                ({"state": "on_shelf", "bin": ""}, "/bin"), ({"state": "on_shelf", "bin": "a 1"}, "/bin"),
                ({"state": "on_shelf", "bin": "B" * 25}, "/bin"),
                ({"state": "on_shelf", "place": "customer:1"}, None)]
        for body, pointer in rows:
            with self.subTest(body):
                answer = self.web.patch(path, body)
                self.assert_problem(answer, 422, "invalid-body")
                if pointer:
                    self.assertEqual(answer.json["pointer"], pointer)
        self.assert_problem(self.web.patch(f"/assets/{NO_SUCH_ID}", {"state": "quarantine"}), 404, "not-found")

    def test_same_key_moves_once(self):
        self.shelved("vice", 1)
        asset, key = self.asset("asset:VICE-1"), {"Idempotency-Key": "vice-1"}
        answers = [self.web.patch(f"/assets/{asset['id']}", {"state": "quarantine"}, headers=key) for _ in range(2)]
        self.assertEqual([answer.status for answer in answers], [200, 200])
        self.assertEqual(answers[0].json, answers[1].json)
        answer = self.web.patch(f"/assets/{asset['id']}", {"state": "checked"}, headers=key)
        self.assert_problem(answer, 422, "idempotency-key-reused")


if __name__ == "__main__":
    if shutil.which("zbarimg") is None:
        print("skipped: there is no zbarimg; deploy/bootstrap --tests installs zbar-tools")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
