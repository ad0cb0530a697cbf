#!/usr/bin/env python3
"""The HTTP interface while everything runs: shapes, links, pages, methods, keys, changes of products."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.web import Web

LISTS = ("products", "rentals", "deliveries", "myOrders")


class Shapes(SystemCase):
    extra_args = ("--set", "bridge.hosts=shop.example")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register("computer", 50)
        cls.rentals = [case.order_to_the_end(cls.product_id, 1) for _ in range(5)]
        for rental_id in cls.rentals:
            case.eventually(lambda i=rental_id: case.web.get(f"/myOrders/{i}").json.get("deliveryStatus"),
                            "DELIVERED", "my order")

    def test_items_link_to_themselves_with_the_host_of_the_request(self):
        for host in (f"127.0.0.1:{self.system.base_port}", "shop.example", "shop.example:81", "[::1]:8080"):
            for path, singular in (("products", "product"), ("rentals", "rental"),
                                   ("deliveries", "delivery"), ("myOrders", "myOrder")):
                with self.subTest(host, path=path):
                    item_id = self.product_id if path == "products" else self.rentals[0]
                    answer = self.web.get(f"/{path}/{item_id}", headers={"Host": host})
                    self.assertEqual(answer.status, 200)
                    href = f"http://{host}/{path}/{item_id}"
                    self.assertEqual(answer.json["_links"], {"self": {"href": href}, singular: {"href": href}})

    def test_host_that_cannot_be_a_host_is_400(self):
        for host in ('x"y', "a b", "<script>", "x:99999", "x" * 300, "x/y"):
            with self.subTest(host[:10]):
                self.assert_problem(self.web.raw(f"GET /products HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()),
                                    400, "invalid-host")

    def test_host_that_leads_here_without_being_ours_is_421(self):
        for path in ("/products", "/ui", "/events"):
            with self.subTest(path):
                self.assert_problem(self.web.get(path, headers={"Host": "evil.example"}), 421, "unknown-host")

    def test_page_of_another_site_changes_nothing(self):
        path = f"/rentals/{self.rentals[0]}"
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            with self.subTest(headers):
                self.assert_problem(self.web.delete(path, headers=headers), 403, "cross-site")
                self.assertEqual(self.web.get(path, headers=headers).status, 200)

    def test_create_answers_201_with_location(self):
        for path, body in (("/products", {"name": "x"}), ("/rentals", {"productId": self.product_id, "qty": 1})):
            answer = self.web.post(path, body)
            self.assertEqual(answer.status, 201)
            self.assertEqual(answer.headers["Location"], answer.json["_links"]["self"]["href"])
            self.assertEqual(self.web.get(f"{path}/{answer.json['id']}").status, 200)

    def test_decimal_strings_are_numbers(self):
        answer = self.web.post("/rentals", {"productId": str(self.product_id), "qty": "2", "status": "ORDERED",
                                            "productName": "computer"})
        self.assertEqual((answer.status, answer.json["qty"], answer.json["productId"]), (201, 2, self.product_id))
        self.wait_status(answer.json["id"], "DELIVERED")

    def test_pages_cover_every_item_once_and_link_to_each_other(self):
        for name in LISTS:
            with self.subTest(name):
                whole = self.web.all_items(f"/{name}", name)
                seen, path = [], f"/{name}?page=0&size=2"
                for _ in range(len(whole)):
                    answer = self.web.get(path).json
                    seen += answer["_embedded"][name]
                    self.assertEqual(answer["page"]["totalElements"], len(whole))
                    self.assertEqual(answer["page"]["totalPages"], (len(whole) + 1) // 2)
                    if "next" not in answer["_links"]:
                        break
                    self.assertTrue(answer["_links"]["next"]["href"].startswith("http://"))
                    path = "/" + answer["_links"]["next"]["href"].split("/", 3)[3]
                self.assertEqual([item["id"] for item in seen], [item["id"] for item in whole])

    def found(self, path, name):
        """The items of a list that is looked through, by following `next`."""
        items = []
        for _ in range(100):
            answer = self.web.get(path).json
            self.assertNotIn("page", answer)
            items += answer["_embedded"][name]
            if "next" not in answer["_links"]:
                return items
            path = "/" + answer["_links"]["next"]["href"].split("/", 3)[3]
        raise AssertionError(f"{path} goes on and on")

    def test_orders_are_looked_for(self):
        other = self.register("chair", 1)
        canceled = self.order(other, 2)
        out_of_stock = "/myOrders?status=CANCELED_OutOfStock"
        self.eventually(lambda: [order["id"] for order in self.found(out_of_stock, "myOrders")],
                        [canceled], "the order that was canceled")
        whole = self.web.all_items("/myOrders", "myOrders")
        ids = [order["id"] for order in whole]
        for query, wanted in (
                ("sort=newest&size=2", ids[::-1]),
                ("sort=oldest&size=3", ids),
                (f"after={ids[1]}&size=2", ids[2:]),
                (f"ids={ids[3]},{ids[0]},999999,{ids[3]}", [ids[0], ids[3]]),
                (f"ids={ids[3]},{ids[0]}&size=1&sort=newest", [ids[3], ids[0]]),
                (f"product={other}", [canceled]),
                (f"product={other},{self.product_id}&size=2&sort=newest", ids[::-1]),
                (f"product={self.product_id}&status=CANCELED_OutOfStock", []),
                ("locker=locker-1", [])):
            with self.subTest(query):
                found = self.found("/myOrders?" + query, "myOrders")
                self.assertEqual([order["id"] for order in found], wanted)
                self.assertTrue(all(order in whole for order in found))
        on_own_port = Web(self.system.base_port + 4).get("/myOrders?sort=newest&size=1").json
        self.assertEqual(on_own_port["_embedded"]["myOrders"][0]["id"], ids[-1])

    def test_what_cannot_be_looked_for_is_said(self):
        for query in ("status=ready", "status=READY&page=0", "sort=name", "ids=", "ids=1,x", "product=0", "locker=L",
                      "after=x", "size=0&sort=newest", "product=1&locker=locker-1"):
            with self.subTest(query):
                self.assert_problem(self.web.get("/myOrders?" + query), 400, "invalid-query")

    def test_products_are_looked_for(self):
        desk = self.web.post("/products", {"name": "Standing Desk 120", "gtin": "4006381333931"}).json["id"]
        lamp = self.web.post("/products", {"name": "Stehleuchte ÄÖ"}).json["id"]
        for query, wanted in (("q=desk", [desk]), ("q=120%20stand", [desk]), ("q=4006381333931", [desk]),
                              ("q=%C3%A4%C3%B6", [lamp]), ("q=no%20such%20thing", [])):
            with self.subTest(query):
                found = self.found("/products?" + query, "products")
                self.assertEqual([product["id"] for product in found], wanted)
        whole = self.web.all_items("/products", "products")
        self.assertEqual(self.found("/products?after=1&size=2", "products"), whole[1:])
        for query in ("q=", "q=%FF", "q=a&page=0", "q=" + "a" * 65, "q=a&q=b"):
            with self.subTest(query):
                self.assert_problem(self.web.get("/products?" + query), 400, "invalid-query")
        self.assert_problem(self.web.get("/rentals/products?q=desk"), 400, "invalid-query")

    def test_links_of_a_page(self):
        first = self.web.get("/rentals?page=0&size=2").json["_links"]
        second = self.web.get("/rentals?page=1&size=2").json["_links"]
        self.assertNotIn("prev", first)
        self.assertIn("page=0", second["prev"]["href"])
        self.assertIn("page=0", second["first"]["href"])
        self.assertEqual(first["last"], second["last"])

    def test_page_beyond_the_end_is_empty(self):
        answer = self.web.get("/rentals?page=1000000&size=100")
        self.assertEqual((answer.status, answer.json["_embedded"]["rentals"]), (200, []))

    def test_default_page_holds_twenty(self):
        self.assertEqual(self.web.get("/rentals").json["page"]["size"], 20)

    def test_story_tells_what_happened_to_an_order(self):
        rental_id = self.order_to_the_end(self.product_id)
        path = f"/myOrders/{rental_id}/story"

        def types():
            answer = self.web.get(path)
            steps = answer.json["_embedded"]["steps"] if answer.status == 200 else []
            return [step["type"] for step in steps]

        self.eventually(lambda: sorted(types()), ["DeliveryRequested", "DeliveryUpdated", "RentalOrdered",
                                                  "RentalUpdated", "StockReserved"], "the story")
        self.assertEqual(types()[0], "RentalOrdered")
        for web in (self.web, Web(self.system.base_port + 4)):
            answer = web.get(path)
            first = answer.json["_embedded"]["steps"][0]
            self.assertEqual((first["source"], first["status"]), ("rental", "ORDERED"))
            self.assertEqual(answer.json["_links"], {"self": {"href": f"http://{web.host}:{web.port}{path}"}})
        self.assert_problem(self.web.get("/myOrders/999999/story"), 404, "not-found")
        self.assert_problem(self.web.get("/myOrders/0/story"), 400, "invalid-id")
        self.assert_problem(self.web.get("/myOrders/1/stories"), 404, "unknown-path")

    def test_log_of_information_tells_an_order_as_it_is_shown(self):
        with self.system.mqtt() as operator:
            operator.subscribe("lockstock/v1/stream/information")
            rental_id = self.order_to_the_end(self.product_id)

            def said():
                events = [event for message in list(operator.messages) for event in json.loads(message.payload)
                          if event["subject"] == f"order/{rental_id}"]
                return events[-1]["data"].get("deliveryStatus") if events else None

            self.eventually(said, "DELIVERED", "the order's last event")
            events = [event for message in operator.messages for event in json.loads(message.payload)]
            self.assertEqual({event["source"] for event in events}, {"information"})
            self.assertLessEqual({"OrderChanged", "StockChanged"}, {event["type"] for event in events})
            last = [event for event in events if event["subject"] == f"order/{rental_id}"][-1]
            shown = self.web.get(f"/myOrders/{rental_id}").json
            del shown["_links"]
            self.assertEqual(last["data"], shown)

    def test_head_is_get_without_a_body(self):
        for path in ("/products", f"/products/{self.product_id}", f"/rentals/{self.rentals[0]}", "/"):
            with self.subTest(path):
                get, head = self.web.get(path), self.web.request("HEAD", path)
                self.assertEqual((head.status, head.body), (get.status, b""))
                self.assertEqual(head.headers["Content-Length"], str(len(get.body)))
        self.assertEqual(self.web.request("HEAD", "/rentals/999999").status, 404)

    def test_options_names_the_methods(self):
        rows = [("/products", "GET, HEAD, POST, OPTIONS"), ("/products/1", "GET, HEAD, PATCH, OPTIONS"),
                ("/rentals", "GET, HEAD, POST, OPTIONS"), ("/rentals/1", "GET, HEAD, DELETE, OPTIONS"),
                ("/deliveries/1", "GET, HEAD, OPTIONS"), ("/myOrders", "GET, HEAD, OPTIONS")]
        for path, allow in rows:
            with self.subTest(path):
                answer = self.web.request("OPTIONS", path)
                self.assertEqual((answer.status, answer.body), (204, b""))
                self.assertEqual(sorted(answer.headers["Allow"].split(", ")), sorted(allow.split(", ")))

    def test_index_and_problem_pages_can_be_read(self):
        self.assertEqual(self.web.get("/").status, 200)
        problem = self.web.get("/rentals/999999").json["type"]
        self.assertEqual(self.web.get("/" + problem.split("/", 1)[1]).status, 200)

    def test_each_port_serves_its_own(self):
        served = {1: {"products"}, 2: {"products", "rentals"}, 3: {"products", "deliveries"}, 4: {"myOrders"}}
        for offset, paths in served.items():
            web = Web(self.system.base_port + offset)
            for path in LISTS:
                with self.subTest(path, port=f"B+{offset}"):
                    self.assertEqual(web.get(f"/{path}").status, 200 if path in paths else 404)


class Keys(SystemCase):
    def key(self, name):
        return {"Idempotency-Key": name}

    def test_same_key_and_body_same_answer_also_after_a_restart(self):
        product_id = self.register("keyed", 10)
        body = {"productId": product_id, "qty": 2}
        first = self.web.post("/rentals", body, headers=self.key("order-1"))
        again = self.web.post("/rentals", body, headers=self.key("order-1"))
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(first.json, again.json)
        self.assertEqual(first.headers["Location"], again.headers["Location"])

        self.system.kill("lockstock-rental")
        self.system.wait_ready("lockstock-rental")
        self.eventually(lambda: self.web.post("/rentals", body, headers=self.key("order-1")).status, 201,
                        "rental to be back")
        later = self.web.post("/rentals", body, headers=self.key("order-1"))
        self.assertEqual(later.json, first.json)
        self.assertEqual(len(self.web.all_items("/rentals", "rentals")), 1)

    def test_same_key_with_another_body_is_422(self):
        self.assertEqual(self.web.post("/products", {"name": "a"}, headers=self.key("p-1")).status, 201)
        answer = self.web.post("/products", {"name": "b"}, headers=self.key("p-1"))
        self.assert_problem(answer, 422, "idempotency-key-reused")

    def test_different_keys_are_different_requests(self):
        ids = {self.web.post("/products", {"name": "same"}, headers=self.key(f"k-{i}")).json["id"]
               for i in range(3)}
        self.assertEqual(len(ids), 3)


class Products(SystemCase):
    def qty_everywhere(self, product_id, expected):
        for path in ("/products", "/rentals/products", "/deliveries/products"):
            self.eventually(lambda path=path: self.web.get(f"{path}/{product_id}").json["qty"], expected, path)

    def test_name_changes_everywhere(self):
        product_id = self.register("old", 5)
        answer = self.web.patch(f"/products/{product_id}", {"name": "new"})
        self.assertEqual((answer.status, answer.json["name"], answer.json["qty"]), (200, "new", 5))
        for path in ("/rentals/products", "/deliveries/products"):
            self.eventually(lambda path=path: self.web.get(f"{path}/{product_id}").json["name"], "new", path)

    def test_qty_goes_up_and_down_but_not_below_what_is_committed(self):
        product_id = self.register("counted", 10)
        self.order_to_the_end(product_id, 4)
        self.qty_everywhere(product_id, 6)
        path = f"/products/{product_id}"
        self.assertEqual(self.web.patch(path, {"qty": 20}).json["registeredQty"], 20)
        self.qty_everywhere(product_id, 16)
        self.assertEqual(self.web.patch(path, {"qty": 4}).status, 200)
        self.qty_everywhere(product_id, 0)
        self.assert_problem(self.web.patch(path, {"qty": 3}), 409, "below-committed")
        self.qty_everywhere(product_id, 0)
        self.assertEqual(self.web.get(path).json["registeredQty"], 4)
        self.order_to_the_end(product_id, 1, "CANCELED_OutOfStock")

    def test_refused_change_of_qty_changes_no_name_either(self):
        product_id = self.register("whole", 5)
        self.order_to_the_end(product_id, 5)
        answer = self.web.patch(f"/products/{product_id}", {"qty": 1, "name": "half"})
        self.assert_problem(answer, 409, "below-committed")
        self.assertEqual(self.web.get(f"/products/{product_id}").json["name"], "whole")

    def test_canceled_goods_come_back_once(self):
        product_id = self.register("returned", 3)
        rental_id = self.order_to_the_end(product_id, 3)
        self.qty_everywhere(product_id, 0)
        for _ in range(3):
            self.assertEqual(self.web.delete(f"/rentals/{rental_id}").status, 204)
        self.assertEqual(self.status_of(rental_id), "CANCELED")
        self.qty_everywhere(product_id, 3)
        self.order_to_the_end(product_id, 3)

    def test_cancel_of_a_refused_order_keeps_what_it_was(self):
        rental_id = self.order_to_the_end(self.register("scarce", 1), 2, "CANCELED_OutOfStock")
        self.assertIn(self.web.delete(f"/rentals/{rental_id}").status, (204, 409))
        self.assertEqual(self.status_of(rental_id), "CANCELED_OutOfStock")


if __name__ == "__main__":
    unittest.main(verbosity=2)
