#!/usr/bin/env python3
"""What the bridge does with messages that it cannot read (it counts them, and nothing changes), and with
clients who want all of it."""

import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE

MALFORMED = 'lockstock_messages_refused_total{reason="malformed"}'
CONNECTIONS_MAX = 6
EVENTS = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"


class BridgeRefusals(SystemCase):
    def malformed(self):
        return self.system.metrics(BRIDGE)[MALFORMED]

    def online(self):
        return self.system.metrics(BRIDGE)['lockstock_service_online{service="stock"}']

    def test_presence_that_cannot_be_read_is_counted_and_believed_by_nobody(self):
        before, product_id = self.malformed(), self.register()
        with self.system.down("lockstock-stock"):
            self.eventually(self.online, 0, "the bridge to know that stock is away")
            bad = (b"{", b'{"status":"online"}', b'{"status":"away","epoch":"1"}', b"\xff" * 20)
            with self.system.mqtt("stock") as stock:
                for payload in bad:
                    self.assertEqual(stock.publish("lockstock/v1/service/stock/state", payload), 0)
            self.eventually(lambda: self.malformed() - before, len(bad), "each to be counted")
            self.assertEqual(self.online(), 0)
        self.system.wait_ready()
        self.order_to_the_end(product_id)

    def test_a_reply_to_nothing_is_dropped_and_not_counted(self):
        before, product_id = self.malformed(), self.register()
        with self.system.down("lockstock-stock"):
            with self.system.mqtt("stock") as stock:
                heard = self.system.metrics(BRIDGE)["lockstock_bus_messages_in_total"]
                for correlation in (b"0123456789abcdef", None, b"short"):
                    self.assertEqual(stock.publish("lockstock/v1/reply/bridge/stock", b"{",
                                                   correlation=correlation), 0)
                # Published after them on the same connection, so counted after them.
                self.assertEqual(stock.publish("lockstock/v1/service/stock/state", b"{"), 0)
            self.eventually(lambda: self.malformed() - before, 1, "the message after them to be counted")
            self.assertGreaterEqual(self.system.metrics(BRIDGE)["lockstock_bus_messages_in_total"],
                                    heard + 3)
        self.system.wait_ready()
        self.order_to_the_end(product_id)


class OneAddress(SystemCase):
    """A limit for each address: one client cannot have all connections, nor all readers of the feed."""

    extra_args = ("--set", f"bridge.connections-per-address={CONNECTIONS_MAX}")

    def hold(self, request=b""):
        """A connection that stays, with what it was told first."""
        held = socket.create_connection(("127.0.0.1", self.system.base_port), 10)
        self.addCleanup(held.close)
        held.settimeout(10)
        held.sendall(request)
        return held

    def test_connections_and_readers_of_one_address_are_so_many(self):
        first = self.hold(EVENTS).recv(4096)
        self.assertIn(b"200 OK", first)
        others = [self.hold() for _ in range(CONNECTIONS_MAX - 1)]
        turned_away = self.hold().recv(4096)
        self.assertIn(b" 503 ", turned_away)
        self.assertIn(b"Retry-After", turned_away)
        self.assertIn(b"your address has as many connections as it may", turned_away)
        elsewhere = socket.create_connection(("127.0.0.1", self.system.base_port), 10, ("127.0.0.2", 0))
        self.addCleanup(elsewhere.close)
        elsewhere.settimeout(10)
        elsewhere.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertIn(b"200 OK", elsewhere.recv(4096))
        others.pop().close()
        self.eventually(lambda: self.web.get("/").status, 200, "room for one more")
        self.assertGreaterEqual(self.system.metrics(BRIDGE)["lockstock_http_connections_crowded_total"], 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
