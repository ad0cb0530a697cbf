"""unittest on a running system: one Lockstock for each test class, logs shown when something failed."""

import sys
import unittest

from .system import System
from .wait import eventually

SKIPPED = 77  # what CTest is told to read as "skipped"


class SystemCase(unittest.TestCase):
    """self.system runs and has whatever the tests before have left in it."""

    system = None
    extra_args = ()

    @classmethod
    def make_system(cls):
        """The system of this class, which does not run yet."""
        return System(extra_args=cls.extra_args)

    @classmethod
    def setUpClass(cls):
        cls.system = cls.make_system()
        try:
            cls.system.start()
        except BaseException:
            cls.system.print_logs()
            cls.system.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.system.close()

    def run(self, result=None):
        failed_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > failed_before:
            print(f"---- {self.id()} failed", file=sys.stderr)
            self.system.print_logs()

    # ---- what tests say often ----

    @property
    def web(self):
        return self.system.web

    def eventually(self, read, expected, what, timeout_s=10):
        """read() becomes `expected`."""
        eventually(read, expected, what, timeout_s)

    def register(self, name="computer", qty=10):
        """Registers a product, waits until rental, delivery and stock know it; returns its id."""
        answer = self.web.post("/products", {"name": name, "qty": qty})
        self.assertEqual(answer.status, 201, answer)
        product_id = answer.json["id"]
        for copy in ("rentals", "deliveries"):
            self.eventually(lambda copy=copy: self.web.get(f"/{copy}/products/{product_id}").status,
                            200, f"product {product_id} to be known to {copy}")
        return product_id

    def order(self, product_id, qty=1):
        """Orders; returns the rental's id."""
        answer = self.web.post("/rentals", {"productId": product_id, "qty": qty})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["status"], "ORDERED")
        return answer.json["id"]

    def status_of(self, rental_id):
        return self.web.get(f"/rentals/{rental_id}").json["status"]

    def wait_status(self, rental_id, status, timeout_s=10):
        self.eventually(lambda: self.status_of(rental_id), status, f"rental {rental_id}", timeout_s)

    def order_to_the_end(self, product_id, qty=1, status="DELIVERED"):
        rental_id = self.order(product_id, qty)
        self.wait_status(rental_id, status)
        return rental_id

    def assert_problem(self, answer, status, problem):
        """A problem+json with this status and type, whose detail is a sentence."""
        self.assertIsNotNone(answer, "the server closed the connection without an answer")
        self.assertEqual((answer.status, answer.problem), (status, problem), answer)
        body = answer.json
        self.assertEqual(body["status"], status)
        self.assertTrue(body["title"] and len(body["detail"]) >= 10, body)
        if status == 503:
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)

    def everything(self):
        """All that can be read over HTTP, for 'nothing changed'."""
        return {path: self.web.all_items(f"/{path}", path)
                for path in ("products", "rentals", "deliveries", "myOrders")}
