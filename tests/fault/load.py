"""A steady load of orders and cancels that remembers every answer. Each order has an idempotency key,
so an order whose fate is unknown is asked again after the faults and must exist exactly once."""

import http.client
import random
import threading

from harness.wait import TimeUp, hold, wait_until

WORKERS = 6
CANCEL_SHARE = 0.25
RECENT = 40          # cancels go to one of the latest orders: the races are there
PAUSE_S = 0.12       # of a worker between two requests
REQUEST_TIMEOUT_S = 8
UNREGISTERED_PRODUCT = 999999
# name, qty: plenty, scarce (cancels make room again), one piece
PRODUCTS = (("plenty", 1000000), ("scarce", 60), ("single", 1))


class Load:
    def __init__(self, web, seed):
        self.web = web
        self.seed = seed
        self.products = []
        self.orders = {}         # rental id -> (product id, qty)
        self.unknown = {}        # key -> body, of orders without a clear answer
        self.canceled = set()    # ids whose DELETE was answered 204
        self.counts = {"accepted": 0, "unknown": 0, "cancel 204": 0, "cancel 503": 0, "cancel lost": 0}
        self.faults = []         # answers that must never come
        self._lock = threading.Lock()
        self._gate = threading.Condition()
        self._running = False
        self._stop = False
        self._busy = 0
        self._threads = []

    def register_products(self):
        for name, qty in PRODUCTS:
            answer = self.web.post("/products", {"name": name, "qty": qty})
            if answer.status != 201:
                raise RuntimeError(f"cannot register {name}: {answer}")
            self.products.append(answer.json["id"])

    def idle_sentences(self):
        """What never happened: a run in which all is refused has shown nothing."""
        return [f"not one was counted as \"{name}\"" for name in ("accepted", "cancel 204") if not self.counts[name]]

    # ---- workers ----

    def start(self):
        for number in range(WORKERS):
            thread = threading.Thread(target=self._work, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()
        self.resume()

    def resume(self):
        with self._gate:
            self._running = True
            self._gate.notify_all()

    def pause(self):
        """Returns when no request is under way."""
        with self._gate:
            self._running = False
            if not self._gate.wait_for(lambda: self._busy == 0, REQUEST_TIMEOUT_S * 3):
                raise TimeUp("the load does not pause: a request is still under way")

    def finish(self):
        with self._gate:
            self._stop = True
            self._gate.notify_all()
        for thread in self._threads:
            thread.join(REQUEST_TIMEOUT_S * 3)

    def _enter(self):
        """Waits while the load is paused; False when it is over."""
        with self._gate:
            self._gate.wait_for(lambda: self._running or self._stop)
            self._busy += not self._stop
            return not self._stop

    def _leave(self):
        with self._gate:
            self._busy -= 1
            self._gate.notify_all()

    def _work(self, number):
        rng = random.Random(f"{self.seed}/{number}")
        serial = 0
        while self._enter():
            serial += 1
            try:
                if rng.random() < CANCEL_SHARE:
                    self._cancel(rng)
                else:
                    self._order(rng, f"{self.seed}-{number}-{serial}")
            except Exception as error:  # a fault of the load itself must not pass silently
                self.faults.append(f"worker {number}: {type(error).__name__}: {error}")
            finally:
                self._leave()
            hold(PAUSE_S * rng.uniform(0.5, 1.5))

    def _request(self, method, path, body=None, headers=None):
        """The answer, or None if none came."""
        try:
            return self.web.request(method, path, body, headers=headers, timeout_s=REQUEST_TIMEOUT_S)
        except (OSError, http.client.HTTPException):
            return None

    def _count(self, name):
        with self._lock:
            self.counts[name] += 1

    # ---- orders ----

    def _order(self, rng, key):
        product = rng.choice(self.products * 4 + [UNREGISTERED_PRODUCT])
        body = {"productId": product, "qty": rng.randint(1, 3) if product != self.products[2] else 1}
        answer = self._request("POST", "/rentals", body, {"Idempotency-Key": key})
        if answer is not None and answer.status == 201:
            self._accepted(answer.json["id"], body)
        elif answer is None or answer.status == 503:
            with self._lock:
                self.unknown[key] = body
            self._count("unknown")
        else:
            self.faults.append(f"POST /rentals {body}: {answer}")

    def _accepted(self, rental_id, body):
        with self._lock:
            if rental_id in self.orders:
                self.faults.append(f"rental {rental_id} was given to two orders")
            self.orders[rental_id] = (body["productId"], body["qty"])
        self._count("accepted")

    def settle_unknown(self):
        """Asks again, with the same keys, for every order whose fate is unknown."""
        for key, body in list(self.unknown.items()):
            last = []

            def ask(key=key, body=body, last=last):
                last[:] = [self._request("POST", "/rentals", body, {"Idempotency-Key": key})]
                return last[0] is not None and last[0].status != 503

            wait_until(ask, f"an answer to the repeated order {key}", 60)
            if last[0].status != 201:
                self.faults.append(f"repeated order {key}: {last[0]}")
            else:
                self._accepted(last[0].json["id"], body)
            del self.unknown[key]

    # ---- cancels ----

    def _cancel(self, rng):
        with self._lock:
            recent = list(self.orders)[-RECENT:]
        if not recent:
            return
        rental_id = rng.choice(recent)
        answer = self._request("DELETE", f"/rentals/{rental_id}")
        if answer is None:
            self._count("cancel lost")
        elif answer.status in (204, 503):  # nobody collects these orders: delivery always agrees
            if answer.status == 204:
                self.canceled.add(rental_id)
            self._count(f"cancel {answer.status}")
        else:
            self.faults.append(f"DELETE /rentals/{rental_id}: {answer}")
