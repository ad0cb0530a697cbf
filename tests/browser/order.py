#!/usr/bin/env python3
"""The office's page of one order in a real browser: who or what held it how long, from its story."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import office_world
from harness.browser_case import FakeCase, main, module
from office_world import step

LOOKS = [("light", "en"), ("dark", "ko"), ("light", "ko"), ("dark", "en")]
NOW = "2026-01-31T13:00:00.000Z"

COLLECTED = [
    *office_world.STORY,
    step("12:40:00.000", "delivery", "DoorReported", status="opened", by="code", locker="locker-b1", compartment=3),
    step("12:40:20.500", "delivery", "DoorReported", status="closed", locker="locker-b1", compartment=3),
    step("12:40:20.504", "delivery", "DeliveryUpdated", status="DELIVERED"),
    step("12:40:20.508", "rental", "RentalUpdated", status="DELIVERED")]
RETURNED = [
    *COLLECTED,
    step("12:50:00.000", "delivery", "DeliveryUpdated", status="RETURNING", locker="locker-b1", compartment=3),
    step("12:52:00.000", "delivery", "DoorReported", status="opened", by="code", locker="locker-b1", compartment=3),
    step("12:52:10.000", "delivery", "DoorReported", status="closed", locker="locker-b1", compartment=3),
    step("12:52:10.004", "delivery", "DeliveryUpdated", status="RETURNING", locker="locker-b1", compartment=3),
    step("12:55:00.000", "stock", "CompartmentRequested", actor="desk-1", locker="locker-b1", compartment=3),
    step("12:55:00.400", "delivery", "DoorReported", status="opened", by="command", locker="locker-b1", compartment=3),
    step("12:56:00.000", "stock", "StockReturned", actor="desk-1"),
    step("12:56:00.004", "delivery", "DeliveryUpdated", status="RETURNED")]
DIRECT = [*office_world.STORY[:3],
          step("12:00:02.124", "delivery", "DeliveryUpdated", status="DELIVERED"),
          step("12:00:02.126", "rental", "RentalUpdated", status="DELIVERED")]
EXPIRED = [*office_world.STORY,
           step("12:45:00.000", "delivery", "DeliveryUpdated", status="EXPIRED", reason="not collected in 48 h"),
           step("12:45:00.003", "rental", "RentalUpdated", status="EXPIRED", reason="not collected in 48 h"),
           step("12:59:00.000", "stock", "StockReleased", actor="scanner-1")]
NOTHING_LEFT = [*office_world.STORY[:2], step("12:00:02.121", "stock", "StockRejected"),
                step("12:00:02.124", "delivery", "DeliveryUpdated", status="CANCELED_OutOfStock")]

TO_READY = [("find", 10), ("pick", 663291), ("compartment", 605), ("load", 705964), ("loading", 16721)]
PHASES = [
    (office_world.STORY, [*TO_READY, ("wait", 2211295)]),
    (COLLECTED, [*TO_READY, ("wait", 1011295), ("collect", 20504), ("lent", 1179496)]),
    (RETURNED, [*TO_READY, ("wait", 1011295), ("collect", 20504), ("lent", 579496), ("bring", 120000),
                ("back", 10004), ("check", 229996)]),
    (DIRECT, [("find", 10), ("lent", 3597876)]),
    (EXPIRED, [*TO_READY, ("wait", 1311295), ("shelf", 840000)]),
    (NOTHING_LEFT, [("find", 10)]),
    ([], [])]


class Order(FakeCase):

    def setUp(self):
        super().setUp()
        office_world.fill(self.bridge)

    def told(self, story):
        self.bridge.answers["/myOrders/1042/story"] = {"_embedded": {"steps": story}}

    def test_who_held_it_how_long(self):
        tab = self.browser.person(width=1440).tab("/ui/office/orders/1042")
        tab.sees("css=.fall")
        for story, expected in PHASES:
            with self.subTest([name for name, _ in expected]):
                found = tab.run(f"import('{module('js/office/order_phases.')}').then(({{ phases }}) =>"
                                f" phases({json.dumps(story)}, Date.parse('{NOW}')))")
                self.assertEqual([(one["phase"], one["ms"]) for one in found], expected)

    def test_the_longest_stands_out_and_is_read(self):
        self.told(RETURNED)
        tab = self.browser.person(width=1440).tab("/ui/office/orders/1042")
        tab.sees("css=.fall tr[aria-current=true] >> text=Waited for its customer")
        tab.sees("role=row[name=/^Waited for its customer Longest customer, Locker B1 . 03 12:23:08.705 16 min 51 s/]")
        tab.sees("role=row[name=/^Waited to be picked scanner-1 12:00:02.124 11 min 3 s/]")
        self.assertEqual(tab.count("role=row[name=/^With its customer customer/] >> css=.wait"), 1)
        self.assertEqual(tab.count("css=.fall .slow"), 1)

    def test_what_goes_on_still_grows(self):
        tab = self.browser.person(width=1440).tab("/ui/office/orders/1042")
        tab.sees("role=row[name=/^Waited for its customer .* so far/]")

    def test_clean_in_every_look(self):
        for name, story in (("ready", office_world.STORY), ("returned", RETURNED), ("expired", EXPIRED),
                            ("direct", DIRECT)):
            self.told(story)
            for theme, lang in LOOKS if name == "returned" else LOOKS[:1]:
                with self.subTest(story=name, theme=theme, lang=lang):
                    tab = self.browser.person(theme, lang).tab("/ui/office/orders/1042")
                    tab.sees("css=.fall")
                    for width in (320, 360, 768, 1440):
                        tab.resize(width, 1000)
                        self.assertLessEqual(tab.overflow(), 0, (name, width))
                        tab.run("document.querySelector('#fall-title').scrollIntoView()")
                        tab.shot(f"order-fall-{name}-{theme}-{lang}-{width}")
                    self.assert_clean(tab, name)


if __name__ == "__main__":
    main()
