#!/usr/bin/env python3
"""What a device may do: nothing but its own topics, judged by what is delivered. Devices are added and
removed while the broker runs. All services are down, so that the owners' users are free."""

import contextlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.mqtt import NOT_AUTHORIZED, Mqtt
from harness.system import BRIDGE, SERVICES
from harness.wait import wait_until

KINDS = {"scanner-1": "scanner", "scanner-2": "scanner", "locker-1": "locker", "locker-2": "locker"}
OWNERS = {"scanner": "stock", "locker": "delivery"}
SAYS = ("up", "state")
HEARS = {"scanner": ("ack",), "locker": ("ack", "cmd", "config")}


def topic(device, leaf, kind=None, site="main"):
    return f"lockstock/v1/device/{site}/{kind or KINDS[device]}/{device}/{leaf}"


class DeviceAcl(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stack = contextlib.ExitStack()
        cls.stack.enter_context(cls.system.down(*[f"lockstock-{service}" for service in SERVICES], BRIDGE))
        for device, kind in KINDS.items():
            cls.system.add_device(kind, device)
        cls.watcher = cls.stack.enter_context(cls.system.mqtt("operator"))
        cls.owners = {user: cls.stack.enter_context(cls.system.mqtt(user)) for user in OWNERS.values()}
        cls.devices = {device: cls.stack.enter_context(cls.connect(device)) for device in KINDS}
        for client in (cls.watcher, *cls.owners.values(), *cls.devices.values()):
            client.subscribe("#")

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()
        super().tearDownClass()

    @classmethod
    def connect(cls, device, **options):
        """The broker reads its files a moment after add-device has asked it to."""
        def client():
            try:
                return Mqtt(cls.system.mqtt_port, device, cls.system.device_password(device), **options)
            except ConnectionError:
                return None

        return wait_until(client, f"the broker to know {device}")

    def owner(self, device):
        return self.owners[OWNERS[KINDS[device]]]

    def barrier(self):
        """Each device has seen all that was sent before; the owners and the watcher too."""
        DeviceAcl.serial = getattr(DeviceAcl, "serial", 0) + 1
        payload = f"barrier {DeviceAcl.serial}".encode()
        for device, client in self.devices.items():
            self.assertEqual(self.owner(device).publish(topic(device, "ack"), payload), 0)
            client.wait(lambda m: m.payload == payload, f"the barrier at {device}")
            self.assertEqual(client.publish(topic(device, "up"), payload), 0)
            for reader in (self.owner(device), self.watcher):
                reader.wait(lambda m, d=device: m.payload == payload and m.topic == topic(d, "up"),
                            f"the barrier of {device}")

    def test_a_device_publishes_its_own_up_and_state_and_nothing_else(self):
        leaves = ("up", "state", "ack", "cmd", "config", "other")
        for me, client in self.devices.items():
            targets = [(topic(who, leaf, kind, site), who == me and leaf in SAYS and kind == KINDS[me]
                        and site == "main")
                       for who in (*KINDS, "nobody") for leaf in leaves for kind in ("scanner", "locker")
                       for site in ("main", "busan")]
            targets += [("lockstock/v1/stream/stock", False), ("lockstock/v1/service/stock/state", False),
                        (f"lockstock/v1/rpc/rental/create/{me}", False), ("other", False)]
            for where, is_allowed in targets:
                with self.subTest(where, me=me):
                    self.assertEqual(client.publish(where, b"may I?") != NOT_AUTHORIZED, is_allowed)

    def test_a_device_hears_what_is_meant_for_it_and_nothing_else(self):
        for device in KINDS:
            for leaf in ("ack", "cmd", "config"):
                code = self.owner(device).publish(topic(device, leaf), f"{leaf} for {device}".encode())
                is_told = leaf in HEARS[KINDS[device]]
                self.assertEqual(code == NOT_AUTHORIZED, not is_told, (device, leaf))
            self.devices[device].publish(topic(device, "up"), f"up of {device}".encode())
        self.barrier()
        for device, client in self.devices.items():
            heard = {m.payload.decode() for m in client.messages if b" for " in m.payload or b" of " in m.payload}
            self.assertEqual(heard, {f"{leaf} for {device}" for leaf in HEARS[KINDS[device]]}, device)

    def test_owners_hear_their_kind_only(self):
        for device, client in self.devices.items():
            client.publish(topic(device, "state"), f"state of {device}".encode())
        self.barrier()
        for kind, user in OWNERS.items():
            heard = {m.payload.decode() for m in self.owners[user].messages if m.payload.startswith(b"state of")}
            self.assertEqual(heard, {f"state of {device}" for device in KINDS if KINDS[device] == kind})

    def test_a_device_cannot_take_over_the_client_id_of_another(self):
        with self.connect("scanner-2", client_id="scanner-1") as taker:
            taker.subscribe("#")
            self.assertTrue(self.devices["scanner-1"].is_open, "scanner-1 was cut off")
            self.assertEqual(taker.publish(topic("scanner-1", "up"), b"taken over"), NOT_AUTHORIZED)
            self.assertEqual(self.devices["scanner-1"].publish(topic("scanner-1", "up"), b"still me"), 0)
        # It was scanner-2 all the time, and has cut off its own older connection.
        wait_until(lambda: not self.devices["scanner-2"].is_open, "the older scanner-2 to be cut off")
        again = self.stack.enter_context(self.connect("scanner-2"))
        again.subscribe("#")
        self.devices["scanner-2"] = again

    def test_wrong_password_stays_outside(self):
        for device in KINDS:
            other = "scanner-1" if device != "scanner-1" else "scanner-2"
            with self.subTest(device), self.assertRaises(ConnectionError):
                Mqtt(self.system.mqtt_port, device, self.system.device_password(other))

    def test_a_removed_device_is_cut_off_and_stays_outside(self):
        self.system.add_device("scanner", "scanner-9")
        password = self.system.device_password("scanner-9")
        with self.connect("scanner-9") as client:
            self.system.add_device("scanner", "scanner-9", "--remove")
            wait_until(lambda: not client.is_open, "scanner-9 to be cut off")
        with self.assertRaises(ConnectionError):
            Mqtt(self.system.mqtt_port, "scanner-9", password)
        self.assertTrue(self.devices["locker-1"].is_open)

    def test_wrong_names_are_refused_with_what_to_do(self):
        wrong = {("scanner", "Scanner"): "a-z", ("scanner", ""): "a-z", ("scanner", "a/b"): "a-z",
                 ("scanner", "rental"): "belongs to Lockstock", ("scanner", "operator-2"): "belongs to Lockstock",
                 ("scanner", "stock-busan"): "belongs to Lockstock", ("printer", "p-1"): "neither",
                 ("locker", "scanner-1"): "to remove it", ("locker", "l" * 22): "21 characters"}
        for (kind, device), words in wrong.items():
            with self.subTest(device=device), self.assertRaisesRegex(RuntimeError, words):
                self.system.add_device(kind, device)

    def test_what_cannot_be_done_is_refused_and_changes_nothing(self):
        def refused(*words):
            try:
                self.system.add_device(*words)
            except RuntimeError as error:
                return str(error)
            return self.fail(f"{words} was taken")

        known = (self.system.dir / "devices" / "list").read_text()
        self.assertIn("there is no device 'nobody'", refused("scanner", "nobody", "--remove"))
        self.assertIn("there is no device 'nobody-1'", refused("scanner", "nobody", "--count", "3", "--remove"))
        self.assertIn("--count '0'", refused("scanner", "nobody", "--count", "0"))
        self.assertIn("there is no folder", refused("scanner", "nobody", "--data", str(self.system.dir / "nowhere")))
        self.assertIn("is a scanner", refused("locker", "scanner-1", "--remove"))
        self.assertEqual((self.system.dir / "devices" / "list").read_text(), known)
        self.assertFalse((self.system.dir / "nowhere").exists())

    def test_a_removal_that_was_cut_is_finished_by_the_next(self):
        self.system.add_device("scanner", "gone", "--count", "3")
        listed = self.system.dir / "devices" / "list"
        kept = [line for line in listed.read_text().splitlines(True) if " gone-" not in line]
        listed.write_text("".join(kept))  # as far as a cut removal came
        self.system.add_device("scanner", "gone", "--count", "3", "--remove")
        self.assertNotIn("gone-", (self.system.dir / "mosquitto" / "acl").read_text())
        self.assertNotIn("gone-", (self.system.dir / "mosquitto" / "passwd").read_text())
        self.assertEqual(list((self.system.dir / "devices").glob("gone-*")), [])

    def test_counts_are_decimal_and_ids_fit(self):
        self.assertIn("added 8 devices", self.system.add_device("scanner", "eight", "--count", "08"))
        self.system.add_device("scanner", "eight", "--count", "8", "--remove")
        with self.assertRaisesRegex(RuntimeError, "21 characters"):
            self.system.add_device("locker", "l" * 20, "--count", "12")

    def test_many_are_added_and_removed_at_once(self):
        folder = self.system.dir / "devices"
        self.assertIn("added 30 devices", self.system.add_device("scanner", "many", "--count", "30"))
        before = (folder / "many-7.key").read_text()
        self.system.add_device("scanner", "many", "--count", "40")
        self.assertEqual((folder / "many-7.key").read_text(), before)
        self.assertEqual(len({path.read_text() for path in folder.glob("many-*.password")}), 40)
        self.assertEqual({path.stat().st_mode & 0o777 for path in folder.glob("many-*")}, {0o600})
        self.assertIn("removed 40 ", self.system.add_device("scanner", "many", "--count", "50", "--remove"))
        self.assertEqual(list(folder.glob("many-*")), [])
        self.assertFalse((folder / "new").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
