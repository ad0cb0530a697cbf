#!/usr/bin/env python3
"""What deploy/up leaves open: nothing of the folder to others, whatever the umask; nothing of the network to
other machines; nothing of the broker to those without a password."""

import contextlib
import os
import pathlib
import re
import socket
import stat
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.mqtt import CONNECT, NOT_AUTHORIZED, text, varint
from harness.system import BROKER, PROCESSES

ELSEWHERE = "127.0.0.2"  # an address of this machine where nobody was told to listen
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def can_connect(address, port):
    with contextlib.suppress(ConnectionRefusedError), socket.create_connection((address, port), timeout=5):
        return True
    return False


class Deployed(SystemCase):
    @classmethod
    def setUpClass(cls):
        umask = os.umask(0)
        try:
            super().setUpClass()
            cls.system.add_device("locker", "locker-1")
        finally:
            os.umask(umask)

    def found(self):
        """Everything in the folder that the system has made; the harness' own log is not its."""
        for path in self.system.dir.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # a file that is about to be renamed
                if path.name != "up.log" and not path.is_symlink():
                    yield path, path.stat()

    def test_nothing_in_the_folder_is_for_others(self):
        self.order_to_the_end(self.register("drill", 3))
        seen = {path.relative_to(self.system.dir): stat.filemode(status.st_mode) for path, status in self.found()}
        for wanted in ("db/rental.db", "secrets/rental", "devices/locker-1.key", "mosquitto/passwd", "etc", "run"):
            self.assertIn(pathlib.Path(wanted), seen)
        # A folder that is closed closes what is in it.
        open_ones = [path for path, status in self.found() if status.st_mode & FOR_OTHERS
                     and not any(parent.stat().st_mode & FOR_OTHERS == 0 for parent in path.parents
                                 if self.system.dir in parent.parents)]
        self.assertEqual([(str(path), seen[path.relative_to(self.system.dir)]) for path in open_ones], [])

    def test_no_process_leaves_memory_in_a_core(self):
        for process in PROCESSES:
            with self.subTest(process):
                folder = pathlib.Path(f"/proc/{self.system.pid(process)}")
                self.assertRegex((folder / "limits").read_text(), r"Max core file size +0 +0 ")
                if process != BROKER:
                    self.assertEqual(int((folder / "coredump_filter").read_text(), 16), 0)

    def listening(self):
        """Ports at which processes of this system listen: {port: its addresses}."""
        inodes = set()
        for path in (self.system.dir / "run").glob("*.pid"):
            with contextlib.suppress(OSError, ValueError):
                for link in pathlib.Path(f"/proc/{int(path.read_text())}/fd").iterdir():
                    with contextlib.suppress(OSError):
                        inodes |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
        found = {}
        for name, size in (("tcp", 8), ("tcp6", 32)):
            for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                _, local, _, state, *_, = line.split()
                if state == "0A" and line.split()[9] in inodes:  # it listens
                    address, port = local.split(":")
                    found.setdefault(int(port, 16), set()).add(address if size == 8 else f"v6 {address}")
        return found

    def test_everything_listens_on_the_loopback_alone(self):
        loopback = f"{struct.unpack('=I', socket.inet_aton('127.0.0.1'))[0]:08X}"
        found = self.listening()
        ports = {self.system.mqtt_port, *range(self.system.base_port, self.system.base_port + 5)}
        self.assertLessEqual(ports, found.keys())
        self.assertEqual({port: addresses for port, addresses in found.items() if addresses != {loopback}}, {})
        for port in sorted(found):
            with self.subTest(port=port):
                self.assertTrue(can_connect("127.0.0.1", port))
                self.assertFalse(can_connect(ELSEWHERE, port))

    def connack(self, flags, *credentials):
        """The reason code with which the broker answers a CONNECT."""
        with socket.create_connection(("127.0.0.1", self.system.mqtt_port), timeout=10) as sock:
            body = text("MQTT") + bytes([5, flags]) + struct.pack(">H", 60) + b"\0"
            body += b"".join(map(text, ("nobody", *credentials)))
            sock.sendall(bytes([CONNECT << 4]) + varint(len(body)) + body)
            return sock.recv(64)[3]

    def test_broker_takes_nobody_without_a_right_password(self):
        self.assertEqual(self.connack(0x02), NOT_AUTHORIZED)
        self.assertEqual(self.connack(0x82, "operator"), NOT_AUTHORIZED)
        self.assertEqual(self.connack(0xC2, "operator", ""), NOT_AUTHORIZED)
        self.assertEqual(self.connack(0xC2, "operator", self.system.secret("rental")), NOT_AUTHORIZED)
        self.assertEqual(self.connack(0xC2, "operator", self.system.secret("operator")), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
