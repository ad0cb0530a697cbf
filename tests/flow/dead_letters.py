#!/usr/bin/env python3
"""Dead letters over HTTP: listed with the reason, retried when the cause is mended, skipped."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.poison import log_poison, mend_poison
from harness.system import SERVICES


class DeadLetters(SystemCase):
    """Rental, delivery, stock and information cannot apply two events of product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.mended, cls.given_up = case.register("mended", 10), case.register("given up", 10)
        with cls.system.down("lockstock-product"):
            log_poison(cls.system, f"product/{cls.mended}")
            log_poison(cls.system, f"product/{cls.given_up}")
        cls.system.wait_ready()

    def letters(self, service):
        return self.web.all_items(f"/dead-letters/{service}", "letters")

    def counted(self, service):
        """As the service's own word says, every 2 s."""
        processes = self.web.get("/processes").json["_embedded"]["processes"]
        return [one.get("status", {}).get("deadLetters") for one in processes if one["instance"] == service][0]

    def parked(self, service, product_id, count=1):
        """The letters of a product, once there are as many."""
        def of_it():
            return [one for one in self.letters(service) if one["subject"] == f"product/{product_id}"]

        self.eventually(lambda: len(of_it()), count, f"{service} to park {count}")
        return of_it()

    def settle(self, service, letter_id, deed, **options):
        return self.web.post(f"/dead-letters/{service}/{letter_id}/{deed}", None, **options)

    def test_1_each_service_lists_its_own_with_the_reason(self):
        for service in ("rental", "delivery", "stock", "information"):
            (letter,) = self.parked(service, self.mended)
            self.assertEqual((letter["source"], letter["type"], letter["code"]),
                             ("product", "ProductSaved", "invalid"))
            self.assertIn("registeredQty", letter["reason"])
            self.parked(service, self.given_up)
            page = self.web.get(f"/dead-letters/{service}?page=1&size=1").json
            self.assertEqual((page["page"]["totalElements"], len(page["_embedded"]["letters"])), (2, 1))
            self.assertTrue(page["_links"]["prev"]["href"].endswith(f"/dead-letters/{service}?page=0&size=1"))
            self.eventually(lambda service=service: self.counted(service), 2, f"{service} to tell how many")
        self.assertEqual(self.letters("product"), [])

    def test_2_one_that_fails_again_stays_and_holds_up_its_subject(self):
        self.assertEqual(self.web.patch(f"/products/{self.mended}", {"name": "renamed"}).status, 200)
        first, second = self.parked("rental", self.mended, 2)
        answer = self.settle("rental", first["id"], "retry")
        self.assert_problem(answer, 409, "fails-again")
        self.assertIn("registeredQty", answer.json["detail"])
        for deed in ("retry", "skip"):
            answer = self.settle("rental", second["id"], deed)
            self.assert_problem(answer, 409, "letter-waits")
            self.assertIn(f"dead letter {first['id']}", answer.json["detail"])
        self.assertEqual(self.parked("rental", self.mended, 2), [first, second])

    def test_3_what_is_mended_is_retried_and_what_waited_follows(self):
        first, _ = self.parked("rental", self.mended, 2)
        self.order(self.given_up)  # its answer leaves when all that came before is on disk
        with self.system.down("lockstock-rental"):
            mend_poison(self.system, "rental", first["id"])
        self.system.wait_ready()
        answer = self.settle("rental", first["id"], "retry")
        self.assertEqual((answer.status, answer.json), (200, {"id": first["id"], "outcome": "applied"}))
        self.parked("rental", self.mended, 0)
        self.assertEqual(self.web.get(f"/rentals/products/{self.mended}").json["name"], "renamed")
        self.parked("rental", self.given_up)
        self.parked("delivery", self.mended, 2)  # each service has its own

    def test_4_one_is_skipped_once(self):
        (letter,) = self.parked("rental", self.given_up)
        headers = {"Idempotency-Key": "skip-it"}
        for _ in range(2):
            answer = self.settle("rental", letter["id"], "skip", headers=headers)
            self.assertEqual((answer.status, answer.json), (200, {"id": letter["id"], "outcome": "skipped"}))
        self.assertEqual(self.letters("rental"), [])
        self.assert_problem(self.settle("rental", letter["id"], "skip"), 404, "not-found")
        self.order_to_the_end(self.given_up)

    def test_what_there_is_not_is_told(self):
        for path in ("/dead-letters", "/dead-letters/nobody", "/dead-letters/rental/1"):
            self.assert_problem(self.web.get(path), 404, "unknown-path")
        for service in SERVICES:
            self.assert_problem(self.settle(service, 999999, "retry"), 404, "not-found")
        self.assert_problem(self.settle("rental", "x", "skip"), 400, "invalid-id")
        self.assert_problem(self.web.get("/dead-letters/rental/1/skip"), 405, "method-not-allowed")
        self.assert_problem(self.web.post("/dead-letters/rental/1/skip", {"why": "so"}), 422, "invalid-body")
        self.assert_problem(self.web.get("/dead-letters/rental?sort=tour"), 400, "invalid-query")


if __name__ == "__main__":
    unittest.main(verbosity=2)
