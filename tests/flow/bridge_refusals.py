#!/usr/bin/env python3
"""What the bridge does with messages that it cannot read: it counts them, and nothing changes."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BRIDGE

MALFORMED = 'lockstock_messages_refused_total{reason="malformed"}'


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
