#!/usr/bin/env python3
"""A closed Lockstock: broker, services and devices show certificates of one CA, and whoever shows none, or a
wrong one, learns nothing and gets nothing. Certificates are renewed, and revoked, while all runs."""

import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.certificates import device_pair, openssl, pair_of, self_signed, signed
from harness.devices import Device, Tty
from harness.mqtt import CONNECT, NOT_AUTHORIZED, Mqtt, text, varint
from harness.system import BROKER, PROCESSES, ROOT, free_ports
from harness.wait import wait_until

LONG_AGO, YESTERDAY = "20200101000000Z", "20200301000000Z"
TLS_RECORD = 0x16  # handshake, the first byte of a ClientHello
KNOCKS = 8  # of services, at whoever has the broker's port
FAILED = (OSError, ssl.SSLError, ConnectionError, EOFError)


class Closed(SystemCase):
    extra_args = ("--accounts",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-tls-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)
        super().tearDownClass()

    def deploy(self, command, *words, expect=0):
        done = subprocess.run([str(ROOT / "deploy" / command), *words, "--data", str(self.system.dir)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def mqtt(self, pair, user="nobody"):
        return Mqtt(self.system.mqtt_port, user, "", tls=pair.context())

    def is_let_in(self, pair):
        try:
            with self.mqtt(pair) as client:
                client.publish("other", b"")
                return True
        except (AssertionError, *FAILED):
            return False


class Broker(Closed):
    def test_an_order_goes_all_the_way_and_all_is_well(self):
        self.order_to_the_end(self.register("drill", 3))
        self.assertIn("ready", self.deploy("status"))

    def test_it_takes_nobody_without_a_certificate_of_its_ca(self):
        ca = self.system.dir / "ca/ca.crt"
        right = pair_of(self.system, "operator")
        self.assertTrue(self.is_let_in(right))
        wrong = {"none": type(right)(ca), "self-signed": self_signed(self.folder, "delivery", ca),
                 "ended": signed(self.system, self.folder, "delivery", "clientAuth", begin=LONG_AGO, end=YESTERDAY),
                 "of a server": signed(self.system, self.folder, "stock", "serverAuth")}
        for name, pair in wrong.items():
            with self.subTest(name):
                self.assertFalse(self.is_let_in(pair))

    def test_it_speaks_nothing_old_and_nothing_plain(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
                old = pair_of(self.system, "operator-2").context()
                old.set_ciphers("ALL:@SECLEVEL=0")
                old.minimum_version = old.maximum_version = version
                with self.assertRaises(FAILED):
                    Mqtt(self.system.mqtt_port, "operator-2", "", tls=old)
        with socket.create_connection(("127.0.0.1", self.system.mqtt_port), timeout=10) as sock:
            body = text("MQTT") + bytes([5, 0xC2, 0, 60, 0]) + text("supervisor") + text("supervisor")
            body += text(self.system.secret("supervisor"))
            sock.sendall(bytes([CONNECT << 4]) + varint(len(body)) + body)
            with contextlib.suppress(ConnectionResetError):
                self.assertNotEqual(sock.recv(4)[:1], b"\x20")

    def test_a_certificate_is_its_user_whatever_the_name_that_is_said(self):
        self.system.add_device("scanner", "scanner-1")
        with self.mqtt(device_pair(self.system, "scanner-1"), user="delivery") as client:
            self.assertEqual(client.publish("lockstock/v1/device/main/scanner/scanner-1/state", b"{}"), 0)
            self.assertEqual(client.publish("lockstock/v1/stream/delivery", b"{}"), NOT_AUTHORIZED)

    def test_an_owner_of_devices_may_tell_those_of_its_own_site_alone(self):
        topic = "lockstock/v1/device/{}/locker/locker-9/cmd"
        with self.system.down("lockstock-delivery"), self.mqtt(pair_of(self.system, "delivery")) as client:
            self.assertNotEqual(client.publish(topic.format("main"), b"{}"), NOT_AUTHORIZED)
            self.assertEqual(client.publish(topic.format("busan"), b"{}"), NOT_AUTHORIZED)
        self.system.wait_ready()

    def test_operators_hear_events_and_neither_answers_nor_commands(self):
        with self.mqtt(pair_of(self.system, "operator-3")) as client:
            client.subscribe("lockstock/#")
            self.order_to_the_end(self.register("saw", 3))
            client.wait(lambda m: m.topic == "lockstock/v1/stream/rental", "an event of rental")
            client.wait(lambda m: m.topic == "lockstock/v1/rpc/rental/create/bridge", "a request")
            heard = {message.topic.split("/")[2] for message in client.messages}
        self.assertNotIn("reply", heard)

    def test_no_password_of_a_service_is_left(self):
        passwd = (self.system.dir / "mosquitto/passwd").read_text()
        self.assertEqual([line.split(":")[0] for line in passwd.splitlines()], ["supervisor"])


class Impostor(Closed):
    """Somebody who has the broker's port while the broker is away (F4)."""

    def knocks(self, pair, count=KNOCKS):
        """What those who connect say: their first bytes, and in TLS what they say once they trust us."""
        firsts, said = [], []
        with self.system.down(BROKER), socket.create_server(("127.0.0.1", self.system.mqtt_port)) as server:
            server.settimeout(20)
            for _ in range(count):
                sock, _ = server.accept()
                with contextlib.closing(sock):
                    sock.settimeout(5)
                    with contextlib.suppress(*FAILED):
                        firsts += sock.recv(1, socket.MSG_PEEK)
                        with pair.context(is_server=True).wrap_socket(sock, server_side=True) as tls:
                            said.append(tls.recv(100))
        self.system.wait_ready()
        return firsts, [words for words in said if words]

    def test_learns_nothing_with_any_certificate_but_the_brokers(self):
        ca = self.system.dir / "ca/ca.crt"
        self.system.add_device("scanner", "scanner-1")
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        pairs = {"of nobody": self_signed(self.folder, "mosquitto", ca, ("-addext", names)),
                 "of a device": device_pair(self.system, "scanner-1"),
                 "of another name": signed(self.system, self.folder, "mosquitto", "serverAuth",
                                           alternative="DNS:elsewhere,IP:127.0.0.9"),
                 "ended": signed(self.system, self.folder, "mosquitto2", "serverAuth", begin=LONG_AGO, end=YESTERDAY,
                                 alternative="DNS:localhost,IP:127.0.0.1")}
        for name, pair in pairs.items():
            with self.subTest(name):
                firsts, said = self.knocks(pair)
                self.assertEqual(set(firsts), {TLS_RECORD})
                self.assertEqual(said, [])

    def test_the_test_would_see_it(self):
        _, said = self.knocks(pair_of(self.system, "mosquitto"), count=2 * KNOCKS)
        self.assertEqual({words[0] >> 4 for words in said}, {CONNECT})


class DeviceCase(Closed):
    def device(self, name, pair, port=None):
        line = Tty(self.folder, f"{name}.tty")
        device = Device(self.folder, "scanner", name, port or self.system.mqtt_port, "--port", line.path, "--trace",
                        "--ca", pair.ca, "--certificate", pair.certificate, "--certificate-key", pair.key)
        at = device.command.index("--password-file")
        del device.command[at:at + 2]
        self.addCleanup(device.close)
        self.addCleanup(line.unplug)
        return device


class Comers:
    """In whichever way they come."""

    def test_a_device_comes_in_with_what_add_device_gave_it(self):
        said = self.system.add_device("scanner", "scanner-2")
        self.assertIn("--certificate-key", said)
        device = self.device("scanner-2", device_pair(self.system, "scanner-2")).start()
        device.wait_panel("none online")
        self.assertEqual(int(pathlib.Path(f"/proc/{device.process.pid}/coredump_filter").read_text(), 16), 0)

    def test_a_key_that_was_made_on_the_device_never_leaves_it(self):
        key, request = self.folder / "own.key", self.folder / "own.request"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=anything", "-keyout", key, "-out", request)
        self.system.add_device("scanner", "scanner-3", "--request", str(request))
        pair = device_pair(self.system, "scanner-3")
        self.assertFalse(pair.key.exists())
        pair.key = key
        self.device("scanner-3", pair).start().wait_panel("none online")


class Devices(Comers, DeviceCase):
    def log_of(self, device):
        return (self.folder / f"{device.name}.log").read_text()

    def test_a_device_trusts_no_other_broker(self):
        self.system.add_device("scanner", "scanner-4")
        pair = device_pair(self.system, "scanner-4")
        pair.ca = self_signed(self.folder, "another-ca", None).certificate
        device = self.device("scanner-4", pair).start()
        wait_until(lambda: "certificate verify failed" in self.log_of(device), "the device to say why")
        self.assertNotIn("none online", device.panel())

    def test_removed_means_gone_within_a_second_and_for_good(self):
        for name in ("scanner-5", "scanner-6"):
            self.system.add_device("scanner", name)
        pair, kept = device_pair(self.system, "scanner-5"), self.folder / "kept"
        kept.mkdir()
        for file in (pair.certificate, pair.key):  # a thief has copied them
            shutil.copy(file, kept / file.name)
        pair.certificate, pair.key = kept / pair.certificate.name, kept / pair.key.name
        with self.mqtt(pair) as thief, self.mqtt(device_pair(self.system, "scanner-6")) as other:
            self.deploy("add-device", "scanner", "scanner-5", "--remove")
            wait_until(lambda: not thief.is_open, "its session to end", 1)
            self.assertEqual(other.publish("lockstock/v1/device/main/scanner/scanner-6/state", b"{}"), 0)
        self.assertFalse(self.is_let_in(pair))
        self.system.add_device("scanner", "scanner-5")  # a new one of that name
        self.assertFalse(self.is_let_in(pair))
        self.assertTrue(self.is_let_in(device_pair(self.system, "scanner-5")))


class Keys(Closed):
    """Small controllers, by a key that both ends know."""

    port = free_ports(1)
    extra_args = ("--mqtt-psk", str(port))

    def client(self, program, device, key, *words):
        return subprocess.Popen([program, "-h", "127.0.0.1", "-p", str(self.port), "-V", "5", "--psk-identity", device,
                                 "--psk", key, "-u", "delivery", "-q", "1", *words], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def publish(self, device, key, leaf="up"):
        """What mosquitto_pub says; "" when it was let in and had the right."""
        topic = f"lockstock/v1/device/main/scanner/{device}/{leaf}"
        return self.client("mosquitto_pub", device, key, "-t", topic, "-m", "{}").communicate(timeout=20)[0]

    def test_a_controller_comes_in_by_its_key_and_by_no_other(self):
        self.assertIn("identity", self.system.add_device("scanner", "small-1", "--psk"))
        key = (self.system.dir / "devices/small-1.psk").read_text().strip()
        self.assertEqual(self.publish("small-1", key), "")
        self.assertIn("Not authorized", self.publish("small-1", key, "ack"))
        self.assertNotEqual(self.publish("small-1", key[::-1]), "")
        self.assertNotEqual(self.publish("delivery", key), "")

    def test_a_removed_one_is_gone_at_once_and_for_good(self):
        self.system.add_device("scanner", "small-2", "--psk")
        key = (self.system.dir / "devices/small-2.psk").read_text().strip()
        log = self.system.dir / "log/mosquitto.log"
        listener = self.client("mosquitto_sub", "small-2", key, "-t", "lockstock/v1/device/main/scanner/small-2/ack")
        self.addCleanup(listener.communicate)
        self.addCleanup(listener.kill)
        wait_until(lambda: "as small-2 " in log.read_text(), "it to come in")
        self.deploy("add-device", "scanner", "small-2", "--remove")
        self.assertIn("Client small-2 already connected, closing old connection.", log.read_text())
        self.assertNotEqual(self.publish("small-2", key), "")


class Elsewhere(Closed):
    """A device that comes in from the network."""

    address = "127.0.0.3"
    extra_args = ("--mqtt-listen", address)

    def test_it_comes_in_at_the_address_that_was_named_and_believes_it(self):
        said = self.system.add_device("scanner", "scanner-1")
        self.assertIn(f"--broker {self.address}:{self.system.mqtt_port}", said)
        context = device_pair(self.system, "scanner-1").context()
        with socket.create_connection((self.address, self.system.mqtt_port), timeout=10) as sock, \
                context.wrap_socket(sock, server_hostname=self.address) as tls:
            self.assertEqual(tls.getpeercert()["subject"], ((("commonName", "mosquitto"),),))
        with self.assertRaises(FAILED):
            socket.create_connection(("127.0.0.4", self.system.mqtt_port), timeout=10)


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False).returncode == 0


class AnotherMachine(Comers, DeviceCase):
    """As good as: a network of its own, to which one cable goes."""

    name = f"ls{os.getpid() % 100000}"
    here, there = (f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}.{number}" for number in (1, 2))
    extra_args = ("--mqtt-listen", here)

    @classmethod
    def setUpClass(cls):
        if not ip("netns", "add", cls.name):
            raise unittest.SkipTest("no network namespaces here")
        cls.addClassCleanup(ip, "netns", "delete", cls.name)  # the cable goes with it
        for words in (("link", "add", cls.name, "type", "veth", "peer", "name", "cable", "netns", cls.name),
                      ("address", "add", f"{cls.here}/30", "dev", cls.name), ("link", "set", cls.name, "up"),
                      ("-n", cls.name, "address", "add", f"{cls.there}/30", "dev", "cable"),
                      ("-n", cls.name, "link", "set", "cable", "up")):
            if not ip(*words):
                raise unittest.SkipTest(f"no virtual cables here: ip {' '.join(words)}")
        super().setUpClass()

    def device(self, name, pair, port=None):
        device = super().device(name, pair, port)
        device.command = ["ip", "netns", "exec", self.name, *device.command]
        at = device.command.index("--broker") + 1
        device.command[at] = f"{self.here}:{self.system.mqtt_port}"
        return device


class Renewal(Closed):
    def serial(self, name):
        return openssl("x509", "-noout", "-serial", "-in", self.system.dir / f"tls/{name}.crt")

    def shown(self):
        return ssl.get_server_certificate(("127.0.0.1", self.system.mqtt_port))

    def connects(self):
        return {process: self.system.metrics(process)["lockstock_bus_connects_total"] for process in PROCESSES[1:]}

    def test_all_are_renewed_while_orders_go_on(self):
        product = self.register("lamp", 1000)
        before, connects, pids = self.shown(), self.connects(), {name: self.system.pid(name) for name in PROCESSES}
        answers, is_over = [], threading.Event()

        def order():
            while not is_over.is_set():
                answers.append(self.web.post("/rentals", {"productId": product, "qty": 1}).status)

        orders = threading.Thread(target=order)
        orders.start()
        try:
            self.deploy("certificates", "renew", "--all")
            wait_until(lambda: all(count > connects[name] for name, count in self.connects().items()),
                       "all to show their new certificates", 20)
            wait_until(lambda: self.shown() != before, "the broker to show its new certificate")
            self.system.wait_ready()
        finally:
            is_over.set()
            orders.join()
        self.assertEqual(set(answers), {201})
        self.assertEqual({name: self.system.pid(name) for name in PROCESSES}, pids)
        self.assertTrue(self.is_let_in(pair_of(self.system, "operator")))

    def test_what_is_due_is_told_and_made_anew(self):
        self.assertIn("nothing is due", self.deploy("certificates", "renew"))
        old = signed(self.system, self.folder, "stock", "clientAuth", days=10)
        for source, suffix in ((old.key, "key"), (old.certificate, "crt")):
            shutil.copy(source, self.system.dir / f"tls/stock.{suffix}")
        before = self.serial("stock")
        self.deploy("certificates", expect=3)
        self.assertIn("deploy/certificates renew", self.deploy("status", expect=3))
        self.assertIn("renewed stock", self.deploy("certificates", "renew"))
        self.assertNotEqual(self.serial("stock"), before)

    def test_a_renewal_that_was_killed_halfway_is_found_and_done_again(self):
        other = signed(self.system, self.folder, "stock", "clientAuth")
        shutil.copy(other.key, self.system.dir / "tls/stock.key")  # its certificate was not written any more
        self.assertIn("renewed stock", self.deploy("certificates", "renew"))
        self.assertTrue(self.is_let_in(pair_of(self.system, "stock")))
        self.system.wait_ready()

    def test_a_backup_brings_it_all_back(self):
        archive = self.folder / "all.tar.gz"
        self.deploy("backup", str(archive))
        later = {"Authorization": f"Bearer {self.system.sign_in().json['token']}"}
        self.assertEqual(self.web.get("/me", headers=later).status, 200)
        self.system.stop()
        before = self.history_of_account()
        for folder in ("ca", "tls", "etc"):
            shutil.rmtree(self.system.dir / folder)
        self.deploy("restore", str(archive))
        self.system.start()
        self.order_to_the_end(self.register("pump", 3))
        self.eventually(lambda: self.web.get("/me", headers=later).status, 401, "a session that account does not know")
        self.system.stop()
        self.assertNotEqual(self.history_of_account(), before)  # or bridges would pass over what it says next
        self.system.start()

    def history_of_account(self):
        return self.system.query("account", "SELECT epoch FROM stream_identity")

    def test_without_the_key_of_the_ca_all_runs_and_renewing_says_what_to_do(self):
        key = self.system.dir / "ca/ca.key"
        aside = self.folder / "ca.key"
        shutil.move(key, aside)
        try:
            self.assertIn("bring it back", self.deploy("certificates", "renew", "rental", expect=1))
            self.system.restart()
            self.order_to_the_end(self.register("tent", 3))
        finally:
            shutil.move(aside, key)

    def test_the_list_of_revoked_ones_outlives_the_ca(self):
        in_ten_years = subprocess.run(["date", "-d", "+10 years", "+%s"], capture_output=True, text=True,
                                      check=True).stdout.strip()
        crl, ca = self.system.dir / "ca/crl.pem", self.system.dir / "ca/ca.crt"
        said = openssl("crl", "-in", crl, "-noout", "-nextupdate").split("=")[1]
        ends = subprocess.run(["date", "-d", said.strip(), "+%s"], capture_output=True, text=True,
                              check=True).stdout.strip()
        self.assertGreater(int(ends), int(in_ten_years))
        self.assertIn("will expire", subprocess.run(["openssl", "x509", "-in", str(ca), "-noout", "-checkend",
                                                     str(10 * 366 * 86400)], capture_output=True, text=True,
                                                    check=False).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
