#!/usr/bin/env python3
"""HTTPS as the bridge speaks it: who gets in, who is told to go, and that certificates, restarts and slow hands
cost nobody a request. Certificates come from an authority of the test's own."""

import contextlib
import http.client
import itertools
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.authority import Authority
from harness.cases import SystemCase
from harness.feed import Reader
from harness.system import BRIDGE, ROOT, System, default_build_dir, free_ports
from harness.wait import wait_until
from harness.web import Web

HANDSHAKES_MAX = 512  # of the bridge
SILENT = HANDSHAKES_MAX + 100
CLIENTS = 4
RENEWALS = 6


class HttpsCase(SystemCase):
    @classmethod
    def make_system(cls):
        cls.authority = Authority()
        return System(authority=cls.authority, extra_args=cls.extra_args)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.authority.close()

    def shake_hands(self, context, name="127.0.0.1"):
        """A connection with TLS."""
        sock = socket.create_connection(("127.0.0.1", self.web.port), timeout=10)
        try:
            return context.wrap_socket(sock, server_hostname=name)
        except BaseException:
            sock.close()
            raise

    def refuses(self, context, name="127.0.0.1"):
        with self.assertRaises((ssl.SSLError, ConnectionResetError)) as caught:
            self.shake_hands(context, name).close()
        return caught.exception

    def metric(self, name):
        return self.system.metrics(BRIDGE)[f"lockstock_{name}"]

    def log(self):
        return (self.system.dir / "log" / f"{BRIDGE}.log").read_text()


class Client(threading.Thread):
    """Asks on and on, by one connection for as long as the bridge keeps it; every second client orders. What went
    wrong is in `errors`."""

    def __init__(self, web, number, product_id):
        super().__init__()
        self.web, self.number, self.product_id = web, number, product_id
        self.over, self.count, self.connects, self.errors = threading.Event(), 0, 0, []

    def run(self):
        connection = None
        while not self.over.is_set():
            if connection is None or connection.sock is None:  # the answer before said "close"
                connection = self.web.connection()
                self.connects += 1
            try:
                self.ask(connection)
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(f"{type(error).__name__}: {error}")
                connection = None
        if connection is not None:
            connection.close()

    def ask(self, connection):
        if self.number % 2:
            connection.request("POST", "/rentals", b'{"productId":%d,"qty":1}' % self.product_id,
                               {"Content-Type": "application/json"})
        else:
            connection.request("GET", f"/products/{self.product_id}")
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 201):
            self.errors.append(answer.status)
        self.count += 1


class Talk(HttpsCase):
    def test_links_and_locations_say_https(self):
        answer = self.web.post("/products", {"name": "seen", "qty": 1})
        base = f"https://127.0.0.1:{self.web.port}"
        self.assertEqual(answer.headers["Location"], f"{base}/products/{answer.json['id']}")
        for path in ("/", "/products", "/products?page=0&size=1", "/processes", "/processes/history"):
            links = self.web.get(path).json["_links"]
            self.assertEqual({link["href"].split("//")[0] for link in links.values()}, {"https:"}, path)
        for offset in range(5):
            web = type(self.web)(self.web.port + offset, tls=self.web.tls)
            self.assertEqual(web.get("/").status, 200, offset)

    def test_versions_and_protocol(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.authority.context()
            context.minimum_version = context.maximum_version = version
            context.set_alpn_protocols(["h2", "http/1.1"])
            with self.shake_hands(context) as sock:
                self.assertEqual(sock.version(), version.name.replace("_", "."))
                self.assertEqual(sock.selected_alpn_protocol(), "http/1.1")

    def test_old_versions_and_weak_ciphers_are_refused(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context = self.authority.context()
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            self.refuses(context)
        for cipher in ("AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"):
            context = self.authority.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(cipher)
            self.refuses(context)

    def test_clients_refuse_whom_they_do_not_know(self):
        stranger = Authority()
        self.addCleanup(stranger.close)
        self.assertIn("unable to get local issuer", str(self.refuses(stranger.context())))
        self.assertIn("Hostname mismatch", str(self.refuses(self.authority.context(), "shop.example")))
        self.assertEqual(self.web.get("/").status, 200)

    def test_plain_http_gets_one_answer_and_the_end(self):
        before = self.metric("http_connections_plain_total")
        with socket.create_connection(("127.0.0.1", self.web.port), timeout=10) as sock:
            sock.sendall(b"GET /products HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
            answer = b"".join(iter(lambda: sock.recv(65536), b""))
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
        self.assertEqual(answer.count(b"HTTP/1.1"), 1, answer)
        self.assertIn(b"\r\nConnection: close\r\n", answer)
        self.assertIn(b"/problems/https-only", answer)
        self.assertIn("https://", self.web.get("/problems/https-only").body.decode())
        for noise in (b"\x00" * 100, b"\x80\x2e\x01\x00\x02", b"\xff" * 20000):
            with self.subTest(noise[:4]), socket.create_connection(("127.0.0.1", self.web.port), timeout=10) as sock:
                sock.sendall(noise)
                try:
                    self.assertEqual(sock.recv(100), b"")
                except ConnectionResetError:
                    pass
        self.assertGreaterEqual(self.metric("http_connections_plain_total"), before + 4)

    def test_a_session_is_taken_up_again(self):
        context = self.authority.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.shake_hands(context) as sock:
            session = sock.session
        again = context.wrap_socket(socket.create_connection(("127.0.0.1", self.web.port), timeout=10),
                                    server_hostname="127.0.0.1", session=session)
        with again:
            self.assertTrue(again.session_reused)

    def test_bodies_in_many_records_and_requests_in_one(self):
        name = "n" * 200
        body = b" " * 60000 + f'{{"name":"{name}"}}'.encode()
        head = b"POST /products HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        with self.web.connect() as sock:
            sock.sendall(head % len(body))
            for at in range(0, len(body), 999):
                sock.sendall(body[at:at + 999])
            response = http.client.HTTPResponse(sock)
            response.begin()
            self.assertEqual((response.status, b'"name":"nnn' in response.read()), (201, True))
            sock.sendall(b"GET /products/1 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
            data = b""
            while data.count(b"HTTP/1.1 200 ") < 50:
                piece = sock.recv(65536)
                self.assertTrue(piece, data[-300:])
                data += piece

    def test_readers_of_events_hear_and_are_missed(self):
        product_id = self.register("streamed", 10)
        with Reader(self.web.port, tls=self.web.tls) as reader:
            reader.wait_hello()
            rental_id = self.order(product_id)
            reader.wait(lambda r: any(str(rental_id) in str(frame.data) for frame in r.events), "the order")
            self.eventually(lambda: self.metric("sse_streams_open"), 1, "a reader")
        self.eventually(lambda: self.metric("sse_streams_open"), 0, "none", 5)


class Changes(HttpsCase):
    """While clients work."""

    def setUp(self):
        product_id = self.register("wanted", 1000000)
        self.clients = [Client(self.web, number, product_id) for number in range(CLIENTS)]
        for client in self.clients:
            client.start()
        self.addCleanup(self.end)
        self.all_go_on()

    def end(self):
        for client in self.clients:
            client.over.set()
        for client in self.clients:
            client.join()

    def all_go_on(self):
        counts = [client.count for client in self.clients]
        wait_until(lambda: all(client.count > before + 5 for client, before in zip(self.clients, counts)),
                   "every client to be answered")

    def nobody_lost_anything(self):
        self.all_go_on()
        self.end()
        self.assertEqual([client.errors for client in self.clients], [[]] * CLIENTS)

    def peer(self):
        with self.shake_hands(self.authority.context()) as sock:
            return sock.getpeercert(binary_form=True)

    def test_a_new_certificate_costs_no_request(self):
        self.authority.issue("first"), self.authority.issue("second")
        with self.shake_hands(self.authority.context()) as kept:
            for name in itertools.islice(itertools.cycle(("first", "second")), RENEWALS):
                wanted = self.authority.replace("bridge", name)
                self.system.signal(BRIDGE, signal.SIGHUP)
                self.eventually(self.peer, wanted, f"the certificate {name}")
                self.all_go_on()
            kept.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(kept.recv(100).startswith(b"HTTP/1.1 200 "))
        self.nobody_lost_anything()
        self.assertEqual([client.connects for client in self.clients], [1] * CLIENTS)

    def test_a_certificate_that_is_none_changes_nothing(self):
        before = self.peer()
        certificate = self.authority.dir / "bridge.crt"
        kept = certificate.read_bytes()
        for wrong in (b"", b"no certificate\n", self.authority.certificate.read_bytes()):
            count = self.log().count("certificate_refused")
            certificate.write_bytes(wrong)
            self.system.signal(BRIDGE, signal.SIGHUP)
            wait_until(lambda count=count: self.log().count("certificate_refused") > count, "a word of the log")
            self.assertEqual(self.peer(), before)
        certificate.write_bytes(kept)
        self.nobody_lost_anything()

    def test_a_restart_of_the_bridge_costs_no_request(self):
        pid = self.system.pid(BRIDGE)
        for _ in range(2):
            self.system.ask_restart(BRIDGE)
            self.all_go_on()
        self.assertNotEqual(self.system.pid(BRIDGE), pid)
        self.nobody_lost_anything()

    def test_slow_handshakes_hold_nobody_up(self):
        before = self.metric("http_handshakes_cut_total")
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # and no more
        slow = [socket.create_connection(("127.0.0.1", self.web.port), timeout=10) for _ in range(SILENT)]
        self.addCleanup(lambda: [sock.close() for sock in slow])
        for sock in slow[::2]:
            try:
                sock.sendall(hello)
            except OSError:
                pass  # cut off already
        wait_until(lambda: self.metric("http_handshakes_cut_total") >= before + SILENT - HANDSHAKES_MAX, "some cut off")
        for _ in range(20):
            self.assertEqual(self.web.get("/products").status, 200)  # a new connection each
        self.all_go_on()
        wait_until(lambda: self.metric("http_connections_open") < 50, "all of them to be hung up on", 15)
        self.nobody_lost_anything()


class InFront(unittest.TestCase):
    """Plain HTTP beyond this machine, for a proxy alone; the bridge has no broker."""

    def test_nobody_else_is_heard(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as look:
            try:
                look.connect(("192.0.2.1", 9))  # sends nothing; the kernel chooses our address
            except OSError:
                self.skipTest("no address but loopback")
            own = look.getsockname()[0]
        for proxy, status in (("192.0.2.77", 403), (own, 200)):
            with self.bridge(proxy) as port:
                self.assertEqual(Web(port).get("/").status, 200)
                self.assertEqual(Web(port, host=own).get("/").status, status)

    @contextlib.contextmanager
    def bridge(self, proxy):
        port = free_ports(5)
        program = default_build_dir() / "bin" / BRIDGE
        process = subprocess.Popen([program, "--base-port", str(port), "--listen", "0.0.0.0",
                                    "--proxies", proxy], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: Web(port).get("/").status == 200, "the bridge", 10)
            yield port
        finally:
            process.terminate()
            process.wait(20)


class Start(unittest.TestCase):
    """What the bridge says of files that it cannot use; it ends."""

    def setUp(self):
        self.authority = Authority()
        self.addCleanup(self.authority.close)
        self.certificate, self.key = self.authority.issue("good")

    def refused(self, *options):
        program = default_build_dir() / "bin" / BRIDGE
        done = subprocess.run([program, "--base-port", str(free_ports(5)), *map(str, options)], capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertNotEqual(done.returncode, 0)
        return re.sub(re.escape(str(self.authority.dir)) + "/", "", done.stdout + done.stderr)

    def refused_pair(self, certificate, key):
        return self.refused("--https-certificate", certificate, "--https-key", key)

    def test_plain_http_beyond_this_machine(self):
        self.assertIn("plain HTTP is for this machine alone", self.refused("--listen", "0.0.0.0"))
        self.assertIn("plain HTTP is for this machine alone", self.refused("--listen", "::"))

    def test_a_ca_with_its_key(self):
        self.assertIn("'good.key': it is to hold certificates and no key", self.refused("--ca-certificate", self.key))

    def test_one_without_the_other(self):
        self.assertIn("give both", self.refused("--https-certificate", self.certificate))
        self.assertIn("give both", self.refused("--https-key", self.key))

    def test_files_that_are_not_there_or_nothing(self):
        nothing = self.authority.dir / "nothing"
        self.assertIn("cannot read the certificate 'nothing'", self.refused_pair(nothing, self.key))
        self.assertIn("cannot read the key 'nothing'", self.refused_pair(self.certificate, nothing))
        nothing.touch(0o600)
        self.assertIn("it is empty", self.refused_pair(nothing, self.key))
        self.assertIn("it is no plain file", self.refused_pair(self.authority.dir, self.key))
        nothing.write_text("no PEM\n")
        self.assertIn("both are to be PEM", self.refused_pair(nothing, self.key))

    def test_the_key_of_another(self):
        _, other = self.authority.issue("other")
        self.assertIn("'other.key' is not that of the certificate 'good.crt'",
                      self.refused_pair(self.certificate, other))

    def test_a_key_that_others_may_read(self):
        self.key.chmod(0o644)
        self.assertIn("others may read or change the key 'good.key': chmod 600",
                      self.refused_pair(self.certificate, self.key))

    def test_expired(self):
        certificate, key = self.authority.issue("old", days=0)
        self.assertIn("the certificate 'old.crt' has expired at ", self.refused_pair(certificate, key))


class Deployed(SystemCase):
    """deploy/up --accounts: certificates of its own CA, then one from outside."""

    extra_args = ("--accounts",)

    def peer(self):
        return ssl.get_server_certificate(("127.0.0.1", self.web.port), timeout=10)

    def test_everything_speaks_https(self):
        self.assertIn(f"lockstock ready at https://127.0.0.1:{self.web.port}\n", self.system.up_output)
        product_id = self.register("closed", 3)
        self.order_to_the_end(product_id)
        self.assertEqual(self.deploy("status").stdout.splitlines()[-1].split(",")[0],
                         f"https://127.0.0.1:{self.web.port}")

    def test_the_ca_is_to_be_had(self):
        answer = self.web.get("/ca.crt")
        self.assertEqual((answer.status, answer.media_type), (200, "application/x-x509-ca-cert"))
        self.assertEqual(answer.body, (self.system.dir / "ca" / "ca.crt").read_bytes())

    def test_a_renewal_is_taken_at_once(self):
        before, pid = self.peer(), self.system.pid(BRIDGE)
        self.deploy("certificates", "renew", "https")
        wait_until(lambda: self.peer() != before, "another certificate")
        self.assertEqual(self.peer(), (self.system.dir / "tls" / "https.crt").read_text())
        self.assertEqual(self.system.pid(BRIDGE), pid)

    def test_z_a_certificate_from_outside(self):
        authority = Authority()
        self.addCleanup(authority.close)
        certificate, key = authority.issue("bought")
        self.system.stop()
        self.system.extra_args = ("--https-certificate", certificate)
        with self.assertRaisesRegex(RuntimeError, "belong together: give both"):
            self.system.start()
        self.system.extra_args += ("--https-key", key)
        self.system.start()
        self.system.web.tls = authority.context()
        self.assertEqual(self.web.get("/products").status, 200)

    def deploy(self, command, *words):
        done = subprocess.run([ROOT / "deploy" / command, *words, "--data", self.system.dir], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done


if __name__ == "__main__":
    unittest.main(verbosity=2)
