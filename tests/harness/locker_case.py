"""A whole system with a scanner and a locker that the test plays over MQTT: what staff and customers do."""

from .cases import SystemCase
from .player import Player
from .wait import wait_until


class LockerCase(SystemCase):
    """A scanner, and a locker whose compartments are all closed and empty."""

    compartments = "SSML"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scanner = Player(cls.system, "scanner", "scanner-1")
        cls.locker = Player(cls.system, "locker", "locker-1", compartments=cls.compartments)
        cls.players = [cls.scanner, cls.locker]
        cls.codes = set()
        for player in cls.players:
            player.come_online()
        for number in range(1, len(cls.compartments) + 1):
            cls.locker.door(number, "closed")
        cls.locker.take_config(lambda config: True)

    @classmethod
    def tearDownClass(cls):
        for player in cls.players:
            player.close()
        super().tearDownClass()

    # ---- what staff do ----

    def scans(self, *labels):
        """Scans one after the other; all are accepted, the last one ends its flow."""
        verdicts = [self.scanner.scan(kind, value) for kind, value in labels]
        self.assertEqual([verdict["result"] for verdict in verdicts], ["accepted"] * len(labels), verdicts)
        self.assertEqual(verdicts[-1]["signal"], "done", verdicts)

    def shelved(self, name, count=1, size="S"):
        """A serialised product with this many units, asset:<NAME>-1 and on, on the shelf."""
        answer = self.web.post("/products", {"name": name, "tracking": "serialised", "size": size})
        self.assertEqual(answer.status, 201, answer)
        product_id = answer.json["id"]
        self.known(product_id)
        self.scans(("command", "RECEIVE"), ("product", product_id),
                   *[("asset", f"{name}-{i}".upper()) for i in range(1, count + 1)], ("bin", "A1"))
        self.eventually(lambda: self.web.get(f"/products/{product_id}").json["qty"], count, "the quantity")
        return product_id

    def known(self, product_id):
        for copy in ("rentals", "deliveries"):
            self.eventually(lambda copy=copy: self.web.get(f"/{copy}/products/{product_id}").status, 200, copy)
        # Stock knows it when a scanner does.
        wait_until(lambda: [self.scanner.scan("command", "RECEIVE"), self.scanner.scan("product", product_id)]
                   [1]["result"] == "accepted", "stock to know the product")

    def ordered(self, product_id, qty=1, locker="locker-1"):
        answer = self.web.post("/rentals", {"productId": product_id, "qty": qty, "fulfilment": "locker",
                                            "locker": locker})
        self.assertEqual(answer.status, 201, answer)
        order = answer.json["id"]
        self.delivery_is(order, "RESERVED")
        return order

    def picked(self, product_id, *assets):
        return self.picks(self.ordered(product_id, len(assets)), *assets)

    def picks(self, order, *assets):
        self.scans(("command", "PICK"), ("order", order), ("tote", f"T{order}"), *[("asset", name) for name in assets])
        self.delivery_is(order, "PICKED")
        return order

    def ready(self, product_id, *assets):
        """An order whose goods wait in the locker; its locker has stored the code."""
        order = self.picked(product_id, *assets)
        wait_until(lambda: self.delivery(order).get("compartment"), "a compartment")
        return self.loaded(order)

    def loaded(self, order):
        spot, mark = self.delivery(order), self.locker.mark()
        wait_until(lambda: self.scanner.scan("command", "LOAD")
                   and self.scanner.scan("order", order)["result"] == "accepted", "stock to know the compartment")
        self.scans(("compartment", f"LOCKER-1-{spot['compartment']:02}"))
        self.assertEqual(self.locker.opened_by_command(mark, "present"), spot["compartment"])
        self.delivery_is(order, "READY")
        self.eventually(lambda: self.delivery(order)["compartmentUse"], "loaded", "the goods to be sensed")
        self.grant(order, mark)
        return order

    # ---- what customers do ----

    def grant(self, order, since=0):
        """Its locker stores the configuration with the grant of this order."""
        spot = self.delivery(order)
        config = self.locker.take_config(lambda body: any(item["compartment"] == spot["compartment"]
                                                          for item in body["grants"]), since)
        return next(item for item in config["grants"] if item["compartment"] == spot["compartment"])

    def code(self, order):
        answer = self.web.get(f"/deliveries/{order}/pickup-code")
        self.assertEqual(answer.status, 200, answer)
        self.codes.add(answer.json["code"])
        return answer.json

    def collected(self, order):
        self.locker.opened_by_code(self.grant(order), "absent")
        self.delivery_is(order, "DELIVERED")
        return order

    def delivery(self, order):
        return self.web.get(f"/deliveries/{order}").json

    def delivery_is(self, order, status):
        self.eventually(lambda: self.delivery(order).get("status"), status, f"delivery {order}")

    def asset(self, label):
        return next(item for item in self.web.all_items("/assets", "assets") if item["label"] == label)

    def lockers(self):
        return {item["device"]: item for item in self.web.all_items("/lockers", "lockers")}
