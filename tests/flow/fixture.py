#!/usr/bin/env python3
"""The DIR that an earlier release has left (tests/fixtures), with the programs of today: it shows what
it showed, old flash images reconnect, and life goes on. The release is the first argument."""

import datetime
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.desk import Locker, Scanner
from harness.fixture import FIXTURES, KeptSystem, notes_of, views_of
from harness.system import free_ports
from harness.views import dead_letters, shown, without_later_times
from harness.wait import TimeUp, wait_until

PRODUCT_IS_FOLLOWED_SINCE = "0.3.0"  # by information
DAY_MS = 24 * 3600 * 1000
RELEASE = sys.argv.pop(1) if len(sys.argv) > 1 and sys.argv[1][:1].isdigit() else "0.1.0"


class KeptCase(SystemCase):
    """Runs on the archive; its tests go in the order of their numbers, each from where the last ended."""

    archive = None

    @classmethod
    def make_system(cls):
        cls.notes = notes_of(RELEASE)
        return KeptSystem(FIXTURES / RELEASE / f"{cls.archive}.tar.xz", cls.notes["atMs"])

    def assert_shows_what_it_showed(self):
        wait_until(self.system.streams_are_level, "every event to be read", 30)
        expected = views_of(RELEASE)
        self.maxDiff = 4000

        def now():
            return without_later_times(shown(self.system), self.notes["atMs"])

        try:
            wait_until(lambda: now() == expected, "all of it to be shown", 30)
        except TimeUp:  # tell what is missing, and then the first answer that differs
            views = now()
            self.assertEqual(sorted(views), sorted(expected))
            for path, answer in expected.items():
                self.assertEqual(views[path], answer, path)
            raise

    def assert_has_its_dead_letters(self):
        letters, kept = dead_letters(self.system), self.notes["deadLetters"]
        if RELEASE < PRODUCT_IS_FOLLOWED_SINCE:  # read now, and parked as the others had parked it then
            self.assertEqual([letter["event"] for letter in letters["information"]],
                             [letter["event"] for letter in kept["rental"]])
            letters["information"] = kept["information"]
        self.assertEqual(letters, kept)


class Killed(KeptCase):
    """Left by kill -9, with what was committed in files -wal."""

    archive = "killed"

    def test_it_shows_what_it_showed(self):
        self.assertTrue(self.notes["orders"])
        self.assert_shows_what_it_showed()
        self.assert_has_its_dead_letters()


class Stopped(KeptCase):
    """Left by deploy/down."""

    archive = "stopped"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scanners = {}
        cls.locker = Locker(cls.system, cls.notes["locker"], cls.notes["sizes"], cls.notes["present"])

    @classmethod
    def tearDownClass(cls):
        for device in (*cls.scanners.values(), cls.locker):
            device.close()
        super().tearDownClass()

    def delivery(self, name):
        return self.web.get(f"/deliveries/{self.notes['orders'][name]}").json

    def delivery_is(self, name, status):
        self.eventually(lambda: self.delivery(name)["status"], status, f"order '{name}'", 20)

    def asset(self, label):
        return self.web.get(f"/assets?label=asset:{label}").json["_embedded"]["assets"][0]

    def scanner(self, name):
        """On its old flash; it has told what it had to tell when it held that before."""
        if name not in self.scanners:
            with self.system.its_day():
                self.scanners[name] = Scanner(self.system, name).start()
            expected = [tuple(said) for said in self.notes["scanners"][name]]
            self.assertEqual(self.scanners[name].verdicts(0, len(expected)), expected)
        return self.scanners[name]

    def start_locker(self, port):
        self.locker.use_broker(port)
        with self.system.its_day():
            self.locker.start()

    # ---- the tests ----

    def test_1_it_shows_what_it_showed(self):
        self.assert_shows_what_it_showed()
        self.assert_has_its_dead_letters()

    def test_1_the_broker_has_its_retained_messages(self):
        """Those of devices that are not there: nobody has said them since."""
        with self.system.mqtt("operator") as operator:
            operator.subscribe("lockstock/v1/device/#")
            config = operator.wait(lambda m: m.topic.endswith(f"/{self.notes['locker']}/config"), "its codes")
            state = operator.wait(lambda m: m.topic.endswith("/scanner-1/state"), "its state")
        self.assertTrue(config.retain and state.retain)
        self.assertLess(json.loads(config.payload)["revision"], self.notes["atMs"])
        self.assertEqual(json.loads(state.payload)["status"], "offline")

    def test_2_a_kept_answer_is_given_again(self):
        before = self.web.all_items("/rentals", "rentals")
        body = {"productId": self.notes["products"]["computer"], "qty": 1}
        answer = self.web.post("/rentals", body, headers={"Idempotency-Key": "kept-key"})
        self.assertEqual((answer.status, answer.json["id"]),
                         (201, self.notes["orders"]["direct with a key"]))
        self.assertEqual(self.web.all_items("/rentals", "rentals"), before)

    def test_3_dead_letters_are_retried_and_skipped(self):
        product_id = self.notes["products"]["poisoned"]
        for service, letters in dead_letters(self.system).items():
            if not letters:
                continue
            admin, (first, second) = self.system.admin(f"lockstock-{service}"), letters
            self.assertGreaterEqual(admin.post(f"/dead-letters/{first['id']}/retry", b"").status, 400)
            self.assertEqual(admin.get("/dead-letters").json, letters)
            self.assertLess(admin.post(f"/dead-letters/{first['id']}/skip", b"").status, 300)
            self.eventually(lambda admin=admin: admin.get("/dead-letters").json, [], f"{service}'s letters")
            self.assertEqual(second["event"]["data"]["name"], "renamed")
        for copy in ("rentals", "deliveries"):
            self.assertEqual(self.web.get(f"/{copy}/products/{product_id}").json["name"], "renamed")

    def test_4_scans_made_without_network_arrive(self):
        qty, unsent = self.cameras(), len(self.notes["unsent"])
        told = self.scanner("scanner-1").verdicts(0, unsent)
        self.assertEqual([signal_name for signal_name, _ in told[-unsent:]], ["ok", "done", "ok", "error"])
        for label in ("CAM-6", "CAM-7"):
            self.assertEqual((self.asset(label)["state"], self.asset(label)["place"]), ("on_shelf", "bin:A2"))
        self.eventually(self.cameras, qty + 2, "the cameras")

    def cameras(self):
        return self.web.get(f"/products/{self.notes['products']['camera']}").json["qty"]

    def test_5_a_locker_without_network_opens_for_a_live_code_alone(self):
        used, live = "collected without network", "ready"
        self.start_locker(free_ports(1))
        mark = self.locker.mark()
        self.locker.type_code(self.notes["codes"][used])
        self.locker.wait_panel("error this code was used already", mark)
        self.assertEqual(self.locker.board.pulses, [])
        compartment = self.delivery(live)["compartment"]
        self.opened_by_code(live, compartment)
        self.assertEqual(self.delivery(live)["status"], "READY")
        self.locker.kill()

    def opened_by_code(self, name, compartment):
        mark = self.locker.mark()
        self.locker.type_code(self.notes["codes"][name])
        self.locker.wait_open(compartment, mark)
        self.locker.shut(compartment, goods=False)
        self.assertEqual(self.locker.board.pulses[-1], compartment - 1)

    def test_6_a_locker_that_reconnects_tells_what_happened(self):
        self.start_locker(self.system.mqtt_port)
        for name in ("collected without network", "ready"):
            self.delivery_is(name, "DELIVERED")
        self.delivery_is("ready, cancel under way", "CANCELED")
        pulses = len(self.locker.board.pulses)
        for name in ("ready", "collected without network"):
            mark = self.locker.mark()
            self.locker.type_code(self.notes["codes"][name])
            self.locker.wait_panel("error ", mark)
        self.assertEqual(len(self.locker.board.pulses), pulses)
        order = "ready, for later"
        self.opened_by_code(order, self.delivery(order)["compartment"])
        self.delivery_is(order, "DELIVERED")

    def test_7_what_was_in_the_middle_is_finished(self):
        orders = self.notes["orders"]
        pick, check = self.scanner("scanner-3"), self.scanner("scanner-2")
        self.assertEqual(pick.scan("product", self.notes["products"]["monitor"])[0], "done")
        self.delivery_is("half picked", "PICKED")
        check.scan_all(("command", "DAMAGED"), ("bin", "A1"))
        self.delivery_is("with two at the counter", "RETURNED")
        self.assertEqual([self.asset(label)["state"] for label in ("LT-10", "LT-11")], ["on_shelf", "quarantine"])
        check.scan_all(("command", "PUTAWAY"), ("order", orders["canceled when picked"]), ("bin", "A1"))
        self.assertEqual(self.asset("LT-2")["state"], "on_shelf")
        check.scan_all(("command", "HANDOVER"), ("order", orders["picked, too large"]))
        self.delivery_is("picked, too large", "DELIVERED")

    def test_8_life_goes_on(self):
        product_id = self.register("lamp", 9)
        ordered = self.web.get(f"/rentals/{self.order_to_the_end(product_id, 2)}").json["orderedAt"]
        ordered_ms = datetime.datetime.fromisoformat(ordered.replace("Z", "+00:00")).timestamp() * 1000
        self.assertLess(abs(ordered_ms - self.system.now_ms()), DAY_MS, "it is not that day's clock")
        rental_id = self.order_to_the_end(self.notes["products"]["computer"])
        self.assertEqual(self.web.delete(f"/rentals/{rental_id}").status, 204)
        self.assertEqual(self.web.delete(f"/rentals/{self.notes['orders']['reserved']}").status, 204)
        self.delivery_is("reserved", "CANCELED")
        self.order_to_the_end(product_id, 99, "CANCELED_OutOfStock")
        wait_until(self.system.streams_are_level, "every event to be read")
        self.assertEqual(sum(dead_letters(self.system).values(), []), [])

    def test_9_the_view_of_orders_comes_back_from_the_logs(self):
        before = shown(self.system)
        self.system.stop()
        for service in ("product", "rental", "delivery", "stock"):
            with self.subTest(service):
                self.assertEqual(self.system.query(service, "PRAGMA integrity_check"), [("ok",)])
                self.assertEqual(self.system.query(service, "PRAGMA foreign_key_check"), [])
        for path in self.system.db_path("information").parent.glob("information.db*"):
            path.unlink()
        self.system.start()
        self.eventually(lambda: shown(self.system), before, "what it showed", 30)


if __name__ == "__main__":
    print(f"fixture {RELEASE}: {json.dumps(sorted(notes_of(RELEASE)['orders']))}", file=sys.stderr)
    unittest.main(verbosity=2)
