"""A test of devices on a desk: harness.devices, brought up and down for each test."""

import contextlib
import os
import pathlib
import unittest

from .devices import Broker, Device, Service, Tty, desk
from .system import free_ports

SCANNER, LOCKER = "scanner-1", "locker-1"
OPERATIONS_MIN = 12  # on flash, of a start and what the test does then
OPERATIONS_MAX = 200


class DeskCase(unittest.TestCase):
    """One broker and one service for each test, on a port of its own."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(desk()))
        self.port = int(os.environ.get("LOCKSTOCK_DESK_PORT", "0")) or free_ports(1)
        self.broker = Broker(self.folder, self.port, (SCANNER, LOCKER)).start()
        self.stack.callback(self.broker.stop)
        self.service = Service(self.port)
        self.stack.callback(self.service.close)

    def plug(self, name):
        line = Tty(self.folder, name)
        self.stack.callback(line.unplug)
        return line

    def device(self, kind, name, *arguments):
        device = Device(self.folder, kind, name, self.port, *arguments)
        self.stack.callback(device.close)
        return device

    def restart_broker(self):
        self.broker.start()
        self.service.connect()
