#!/usr/bin/env python3
"""A worker without a scanner: labels go to POST /scans, from a station. Beside it the real firmware with
the same labels, which must be told the same."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.desk import Scanner
from harness.labels import own_label
from harness.wait import wait_until

GTIN = "04006381333931"


class StationCase(SystemCase):
    def scan_text(self, text, station="desk-1", key=None):
        headers = {"Idempotency-Key": key} if key else {}
        return self.web.post("/scans", {"station": station, "label": text}, headers=headers)

    def scan(self, kind, value, station="desk-1"):
        """One label of ours; the verdict."""
        answer = self.scan_text(own_label(kind, value), station)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def scans(self, *labels, station="desk-1"):
        """One after the other; all are accepted, the last one ends its flow."""
        verdicts = [self.scan(kind, value, station) for kind, value in labels]
        self.assertEqual([verdict["result"] for verdict in verdicts], ["accepted"] * len(labels), verdicts)
        self.assertEqual(verdicts[-1]["signal"], "done", verdicts)

    def known(self, product_id):
        """Stock knows it when a station does, who then has nothing under way."""
        wait_until(lambda: [self.scan("command", "RECEIVE"), self.scan("product", product_id)]
                   [1]["result"] == "accepted", "stock to know the product")
        self.scan("command", "CANCEL")

    def product(self, **members):
        answer = self.web.post("/products", {"tracking": "serialised", "size": "S", **members})
        self.assertEqual(answer.status, 201, answer)
        self.known(answer.json["id"])
        for copy in ("rentals", "deliveries"):
            self.eventually(lambda: self.web.get(f"/{copy}/products/{answer.json['id']}").status, 200, copy)
        return answer.json["id"]

    def shelved(self, name, *units, bin_name="A1"):
        product_id = self.product(name=name)
        self.scans(("command", "RECEIVE"), ("product", product_id), *[("asset", unit) for unit in units],
                   ("bin", bin_name))
        self.eventually(lambda: self.web.get(f"/products/{product_id}").json["qty"], len(units), "the quantity")
        return product_id

    def ordered(self, product_id, qty):
        answer = self.web.post("/rentals", {"productId": product_id, "qty": qty, "fulfilment": "locker"})
        self.assertEqual(answer.status, 201, answer)
        self.wait_status(answer.json["id"], "RESERVED")
        return answer.json["id"]


class Picking(StationCase):
    def setUp(self):
        super().setUp()
        self.ear = self.system.mqtt()
        self.addCleanup(self.ear.close)
        self.ear.subscribe("lockstock/v1/stream/stock")

    def told(self, order):
        """Types of the events about an order that stock has said."""
        events = [event for message in list(self.ear.messages) for event in json.loads(message.payload)]
        return [event["type"] for event in events if event["subject"] == f"reservation/{order}"]

    def test_order_is_picked_and_handed_over_by_a_page_alone(self):
        product_id = self.shelved("laptop", "LT-1", "LT-2")
        order = self.ordered(product_id, 2)
        verdicts = [self.scan(*label) for label in (
            ("command", "PICK"), ("order", order), ("tote", "T1"), ("asset", "LT-1"), ("asset", "LT-1"),
            ("asset", "LT-2"))]
        self.assertEqual([verdict["result"] for verdict in verdicts],
                         ["accepted"] * 4 + ["already_done", "accepted"], verdicts)
        self.assertEqual(verdicts[-1], {"result": "accepted", "signal": "done",
                                        "prompt": f"Order {order} is picked: tote T1"})
        self.wait_status(order, "PICKED")
        self.eventually(lambda: self.web.get(f"/deliveries/{order}").json["status"], "PICKED", "the delivery")
        told = ["StockReserved", "StockPicked", "StockScanned"]
        self.eventually(lambda: self.told(order), told, "the events")
        self.scans(("command", "HANDOVER"), ("tote", "T1"))
        self.wait_status(order, "DELIVERED")
        self.eventually(lambda: self.told(order), [*told, "StockHandedOver", "StockScanned"], "the events")

    def test_scan_with_a_key_happens_once(self):
        product_id = self.web.post("/products", {"name": "cable", "qty": 1}).json["id"]
        self.known(product_id)
        self.scan("command", "RECEIVE")
        self.scan("product", product_id)
        label = own_label("product", product_id)
        first, again = (self.scan_text(label, key="once") for _ in range(2))
        self.assertEqual([first.status, again.status], [200, 200], first)
        self.assertEqual(first.json, again.json)
        self.assertEqual(first.json["prompt"][:4], "1 x ")
        self.assertEqual(self.scan("product", product_id)["prompt"][:4], "2 x ")
        self.assert_problem(self.scan_text("x", key="once"), 422, "idempotency-key-reused")
        self.scans(("bin", "C1"))
        self.eventually(lambda: self.web.get(f"/products/{product_id}").json["qty"], 3, "one, and two more")


class Picks(StationCase):
    def picks(self, query=""):
        answer = self.web.get(f"/picks{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_list_says_what_where_and_who_until_it_is_picked(self):
        self.assertEqual(self.picks()["_embedded"], {"picks": []})
        laptops = self.shelved("laptop", "LT-1", "LT-2", bin_name="B-10")
        drills = self.shelved("drill", "DR-1", bin_name="B-9")
        paper = self.web.post("/products", {"name": "paper", "qty": 5, "size": "M"}).json["id"]
        self.known(paper)
        orders = [self.ordered(paper, 3), self.ordered(laptops, 2), self.ordered(drills, 1)]
        listed = self.picks()
        self.assertEqual([item["rentalId"] for item in listed["_embedded"]["picks"]], orders)
        self.assertEqual(listed["page"], {"size": 20, "totalElements": 3, "totalPages": 1, "number": 0})
        first, second, _ = listed["_embedded"]["picks"]
        self.assertRegex(first.pop("reservedAt"), r"Z$")
        self.assertEqual(first, {"rentalId": orders[0], "productId": paper, "name": "paper", "tracking": "bulk",
                                 "size": "M", "qty": 3, "picked": 0, "units": []})
        self.assertEqual([(unit["label"], unit["bin"]) for unit in second["units"]],
                         [("asset:LT-1", "B-10"), ("asset:LT-2", "B-10")])
        tour = self.picks("?sort=tour")["_embedded"]["picks"]
        self.assertEqual([item["rentalId"] for item in tour], [orders[2], orders[1], orders[0]])

        page = self.picks("?size=1&page=1&sort=tour")
        self.assertEqual(page["_embedded"]["picks"][0]["rentalId"], orders[1])
        self.assertIn("/picks?page=2&size=1&sort=tour", page["_links"]["next"]["href"])
        self.scan("command", "PICK")
        self.scan("order", orders[1])
        self.scan("tote", "T1")
        self.scan("asset", "LT-2")
        going_on = self.picks()["_embedded"]["picks"][1]
        self.assertEqual((going_on["picked"], going_on["tote"], going_on["with"]), (1, "T1", "desk-1"))
        self.assertEqual([unit["label"] for unit in going_on["units"]], ["asset:LT-1"])
        self.scan("asset", "LT-1")
        self.assertEqual([item["rentalId"] for item in self.picks()["_embedded"]["picks"]], [orders[0], orders[2]])

    def test_other_queries_are_refused(self):
        for query in ("?sort=", "?sort=name", "?sort=tour&sort=tour", "?label=asset:LT-1", "?size=101"):
            with self.subTest(query):
                self.assert_problem(self.web.get(f"/picks{query}"), 400, "invalid-query")
        self.assert_problem(self.web.get("/assets?sort=tour"), 400, "invalid-query")


class Likeness(StationCase):
    """The firmware of a scanner, and a page: two products alike, an order of each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system.add_device("scanner", "scanner-1")
        cls.scanner = Scanner(cls.system, "scanner-1").start_online()

    @classmethod
    def tearDownClass(cls):
        cls.scanner.close()
        super().tearDownClass()

    def test_page_and_device_are_told_the_same(self):
        ids = [self.product(name="twin") for _ in range(2)]
        self.compare(ids, [("command", "RECEIVE"), ("product", "ID"), ("asset", "UNIT-1"), ("asset", "UNIT-1"),
                           ("asset", "UNIT-2"), ("bin", "A1")])
        orders = [self.ordered(product_id, 2) for product_id in ids]
        self.compare(orders, [("command", "PICK"), ("tote", "T"), ("order", "ID"), ("tote", "T"),
                              ("asset", "UNIT-1"), ("asset", "UNIT-1"), ("asset", "NOBODYS"), ("asset", "UNIT-2"),
                              ("command", "HANDOVER"), ("order", 999), ("tote", "T")])
        for order in orders:
            self.wait_status(order, "DELIVERED")

    def compare(self, ids, labels):
        """A scan at the scanner and one at the station, of labels that are alike but for whose they are."""
        for kind, value in labels:
            text, told = [], []
            for at, number in zip("SP", ids):
                own = {"ID": number, "T": f"T-{at}", "UNIT-1": f"{at}-1", "UNIT-2": f"{at}-2"}.get(value, value)
                verdict = self.scan(kind, own) if at == "P" else None
                said = (verdict["signal"], verdict["prompt"]) if verdict else self.scanner.scan(kind, own)
                told.append(said[0])
                text.append(said[1].replace(f"T-{at}", "T").replace(f"rder {number}", "rder N"))
            self.assertEqual((told[0], text[0]), (told[1], text[1]), (kind, value))

    def test_foreign_labels_are_told_the_same(self):
        for line in ("hello", "LS:A:LT-7:X", "(01)04006381333930", f"(01){GTIN}", "(01)10614141123459(21)400",
                     "]C18004NOBODY", "]d2\x1d01" + GTIN + "10L\x1d21X/7", "]E04006381333931", "ls:a:x", "ä€"):
            with self.subTest(line):
                mark = self.scanner.mark()
                self.scanner.head.send(line.encode() + b"\r")
                answer = self.scan_text(line)
                self.assertEqual(answer.status, 200, answer)
                self.assertEqual(self.scanner.verdicts(mark, 1)[0], (answer.json["signal"], answer.json["prompt"]))

    def test_office_reads_how_both_are(self):
        self.scan("command", "PICK", station="desk-7")
        self.scanner.scan("command", "PICK")
        devices = {one["device"]: one for one in self.web.all_items("/devices/stock", "devices")}
        scanner, station = devices["scanner-1"], devices["desk-7"]
        self.assertEqual((scanner["kind"], scanner["status"], station["kind"]), ("scanner", "online", "station"))
        self.assertTrue(scanner["firmware"] and scanner["since"] <= scanner["heardAt"], scanner)
        self.assertNotIn("status", station)
        for one in (scanner, station):
            self.assertEqual((one["doing"], one["result"], one["missing"]), ("pick", "accepted", 0))
        self.assertEqual(scanner["prompt"], station["prompt"])
        self.assertEqual(self.web.get("/devices/stock/desk-7").json, station)
        self.assert_problem(self.web.get("/devices/stock/desk-8"), 404, "not-found")
        self.assert_problem(self.web.get("/devices/stock/DESK"), 404, "not-found")
        for path in ("/devices", "/devices/rental", "/devices/stock/desk-7/x"):
            self.assert_problem(self.web.get(path), 404, "unknown-path")
        self.scan("command", "CANCEL", station="desk-7")
        self.scanner.scan("command", "CANCEL")

    def test_name_of_a_scanner_is_no_station(self):
        self.scanner.scan("command", "CANCEL")
        self.assert_problem(self.scan_text("x", "scanner-1"), 409, "not-a-station")


class Refusals(StationCase):
    def test_bad_input_is_a_problem(self):
        rows = [({"station": "Desk 1", "label": "x"}, "/station"), ({"station": "desk-1"}, "/label"),
                ({"station": "desk-1", "label": ""}, "/label"), ({"station": "desk-1", "label": 7}, "/label"),
                ({"station": "desk-1", "label": "x" * 129}, "/label"), ({"label": "x"}, "/station"),
                ({"station": "desk-1", "label": "x", "more": 1}, "/more")]
        for body, pointer in rows:
            with self.subTest(body=body):
                answer = self.web.post("/scans", body)
                self.assert_problem(answer, 422, "invalid-body")
                self.assertEqual(answer.json["pointer"], pointer)
        self.assert_problem(self.web.get("/scans"), 405, "method-not-allowed")
        self.assert_problem(self.web.post("/scans?x=1", {"station": "desk-1", "label": "x"}), 400, "invalid-query")
        self.assertEqual(self.scan_text("x" * 128).json["result"], "unknown_label")

    def test_stock_away_is_said_and_the_key_makes_it_safe(self):
        label = own_label("command", "RECEIVE")
        with self.system.down("lockstock-stock"):
            self.assertEqual(self.scan_text(label, key="later").status, 503)
        self.eventually(lambda: self.scan_text(label, key="later").status, 200, "stock to come back", 30)


if __name__ == "__main__":
    unittest.main()
