#!/usr/bin/env python3
"""Tracking, size and GTIN of products over HTTP."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase


class ProductKinds(SystemCase):
    GTIN, OTHER_GTIN = "04012345678901", "00000012345670"

    def create(self, **members):
        return self.web.post("/products", {"name": "thing", **members})

    def test_defaults_and_all_members(self):
        plain = self.create(qty=2).json
        self.assertEqual((plain["tracking"], plain["size"], plain["qty"], "gtin" in plain), ("bulk", "S", 2, False))
        full = self.create(tracking="serialised", size="L", gtin="4006381333931").json
        self.assertEqual((full["tracking"], full["size"], full["gtin"], full["qty"], full["registeredQty"]),
                         ("serialised", "L", "04006381333931", 0, 0))
        for copy in ("rentals", "deliveries"):
            self.eventually(lambda copy=copy: self.web.get(f"/{copy}/products/{full['id']}").status, 200, copy)

    def test_quantity_of_a_serialised_product_is_counted_by_scans(self):
        self.assert_problem(self.create(tracking="serialised", qty=5), 409, "counted-by-scans")
        product_id = self.create(tracking="serialised").json["id"]
        self.assert_problem(self.web.patch(f"/products/{product_id}", {"qty": 5}), 409, "counted-by-scans")
        answer = self.web.patch(f"/products/{product_id}", {"qty": 5, "size": "M"})
        self.assert_problem(answer, 409, "counted-by-scans")
        self.assertEqual(self.web.get(f"/products/{product_id}").json["size"], "S")

    def test_size_and_gtin_change_and_tracking_does_not(self):
        product_id = self.create(qty=1).json["id"]
        path = f"/products/{product_id}"
        answer = self.web.patch(path, {"size": "M", "gtin": "5901234123457"})
        self.assertEqual((answer.status, answer.json["size"], answer.json["gtin"]), (200, "M", "05901234123457"))
        self.assert_problem(self.web.patch(path, {"tracking": "serialised"}), 422, "invalid-body")

    def test_gtin_belongs_to_one_product(self):
        first = self.create(gtin="4012345678901").json
        self.assertEqual(first["gtin"], self.GTIN)
        for same in ("4012345678901", self.GTIN, "04012345678901"):
            self.assert_problem(self.create(gtin=same), 409, "gtin-taken")
        second = self.create(gtin="12345670").json
        self.assertEqual(second["gtin"], self.OTHER_GTIN)
        self.assert_problem(self.web.patch(f"/products/{second['id']}", {"gtin": self.GTIN}), 409, "gtin-taken")
        self.assertEqual(self.web.patch(f"/products/{first['id']}", {"gtin": self.GTIN}).status, 200)

    def test_members_that_are_not_valid(self):
        rows = [({"tracking": "both"}, "/tracking"), ({"tracking": 1}, "/tracking"), ({"size": "XL"}, "/size"),
                ({"size": "s"}, "/size"), ({"size": None}, "/size"), ({"gtin": "4012345678902"}, "/gtin"),
                ({"gtin": "1234567"}, "/gtin"), ({"gtin": "1" * 15}, "/gtin"), ({"gtin": "40123456789O1"}, "/gtin"),
                ({"gtin": 4012345678901}, "/gtin"), ({"gtin": ""}, "/gtin")]
        before = self.everything()
        for members, pointer in rows:
            with self.subTest(members):
                answer = self.create(**members)
                self.assert_problem(answer, 422, "invalid-body")
                self.assertEqual(answer.json["pointer"], pointer)
        self.assertEqual(self.everything(), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
