"""Customers who order one piece after the other, and remember what they were answered."""

import http.client
import threading

WORKERS = 6
PAUSE_S = 0.03  # of each between two orders
ANSWER_TIMEOUT_S = 10


class Orders:
    """Use as a context manager: they order until its end."""

    def __init__(self, web, product_id, workers=WORKERS):
        self.web, self.product_id = web, product_id
        self.accepted = []  # ids, in the order of their answers
        self.refused = []   # what else came: an answer, or the error of a connection
        self.lock, self.is_over = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]

    def _work(self):
        while not self.is_over.wait(PAUSE_S):
            try:
                answer = self.web.post("/rentals", {"productId": self.product_id, "qty": 1}, timeout_s=ANSWER_TIMEOUT_S)
            except (OSError, http.client.HTTPException) as error:
                answer = error
            with self.lock:
                if getattr(answer, "status", 0) == 201:
                    self.accepted.append(answer.json["id"])
                else:
                    self.refused.append(answer)

    def so_far(self):
        with self.lock:
            return list(self.accepted)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
