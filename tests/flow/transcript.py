#!/usr/bin/env python3
"""The commands that users of the system before Lockstock know, typed as they type them (HTTPie), on the
ports they know: product on B+1, rental on B+2, delivery on B+3, orders on B+4, all on B."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase

PRODUCT, RENTAL, DELIVERY, INFORMATION = 1, 2, 3, 4


class Transcript(SystemCase):
    def http(self, method, port_offset, path, *items, host="localhost"):
        """Runs `http METHOD URL ITEM...`; returns (status, headers, JSON body or None)."""
        url = f"http://{host}:{self.system.base_port + port_offset}{path}"
        done = subprocess.run(["http", "--ignore-stdin", "--timeout=10", "--print=hb", "--pretty=none",
                               method, url, *items], capture_output=True, text=True, timeout=20, check=False)
        head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
        lines = head.splitlines()
        self.assertTrue(lines, f"{method} {url} gave no answer: {done.stderr}")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, json.loads(body) if body.strip() else None

    def shows(self, port_offset, path, **expected):
        """GET eventually shows these members: events travel on their own time."""
        self.eventually(lambda: {name: (self.http("GET", port_offset, path)[2] or {}).get(name)
                                 for name in expected}, expected, f"GET {path} on B+{port_offset}")

    def test_commands_of_the_old_system_work_word_for_word(self):
        self.register_products()
        self.order_three_times()
        self.cancel_the_third()
        self.read_all_on_one_port()

    def register_products(self):
        for product_id, name in ((1, "computer"), (2, "monitor")):
            status, headers, body = self.http("POST", PRODUCT, "/products", f"name={name}", "qty=9")
            self.assertEqual((status, body["id"], body["name"], body["qty"]), (201, product_id, name, 9))
            self.assertEqual(headers["location"], body["_links"]["self"]["href"])
        for port in (PRODUCT, RENTAL, DELIVERY):
            self.shows(port, "/products/1", name="computer", qty=9)

    def order_three_times(self):
        for rental_id, product_id, qty in ((1, 1, 12), (2, 22, 12), (3, 1, 3)):
            status, headers, body = self.http("POST", RENTAL, "/rentals", f"productId={product_id}",
                                              f"qty={qty}", "status=ORDERED", "productName=computer")
            self.assertEqual((status, body["id"], body["status"]), (201, rental_id, "ORDERED"))
            self.assertTrue(headers["location"].endswith(f"/rentals/{rental_id}"), headers)
        self.shows(RENTAL, "/rentals/1", status="CANCELED_OutOfStock")
        self.shows(RENTAL, "/rentals/2", status="CANCELED_UnregisteredProduct")
        self.shows(RENTAL, "/rentals/3", status="DELIVERED", qty=3, productId=1)
        self.shows(DELIVERY, "/deliveries/3", status="DELIVERED", rentalId=3, qty=3)
        for port in (DELIVERY, PRODUCT, RENTAL):
            self.shows(port, "/products/1", qty=6)
        self.shows(INFORMATION, "/myOrders/3", rentalStatus="DELIVERED", deliveryStatus="DELIVERED",
                   rentalQty=3, rentalId=3)
        self.shows(INFORMATION, "/myOrders/1", rentalStatus="CANCELED_OutOfStock")
        self.shows(INFORMATION, "/myOrders/2", rentalStatus="CANCELED_UnregisteredProduct")

    def cancel_the_third(self):
        status, _, body = self.http("DELETE", RENTAL, "/rentals/3")
        self.assertEqual((status, body), (204, None))
        # Synchronous: no eventually here.
        self.assertEqual(self.http("GET", RENTAL, "/rentals/3")[2]["status"], "CANCELED")
        self.assertEqual(self.http("GET", DELIVERY, "/deliveries/3")[2]["status"], "CANCELED")
        self.shows(INFORMATION, "/myOrders/3", rentalStatus="CANCELED", deliveryStatus="CANCELED")
        for port in (DELIVERY, PRODUCT, RENTAL):
            self.shows(port, "/products/1", qty=9)
        self.assertEqual(self.http("DELETE", RENTAL, "/rentals/3")[0], 204)

    def read_all_on_one_port(self):
        base = self.system.base_port
        self.assertEqual(self.http("GET", 0, "/products/1")[2]["name"], "computer")
        self.assertEqual(self.http("GET", 0, "/deliveries/3")[2]["status"], "CANCELED")
        self.assertEqual(len(self.http("GET", 0, "/myOrders")[2]["_embedded"]["myOrders"]), 3)
        rental = self.http("GET", 0, "/rentals/3")[2]
        self.assertEqual(rental["status"], "CANCELED")
        self.assertEqual(rental["_links"]["self"]["href"], f"http://localhost:{base}/rentals/3")


if __name__ == "__main__":
    unittest.main(verbosity=2)
