#!/usr/bin/env python3
"""GET /events: what pages see, as it happens, and without a gap whatever is killed in between.

events.py --long: 4,000 readers at once instead of 1,000."""

import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.feed import HELLO, RESET, STATE, Crowd, Information, Reader
from harness.system import BRIDGE, BROKER, default_build_dir, free_ports
from harness.wait import wait_until
from harness.web import Web

INFORMATION = "lockstock-information"
EPOCH = "0123456789abcdef0123456789abcdef"
READERS = 4000 if "--long" in sys.argv else 1000
ORDERS = 20
OPEN, CUT, RESETS = ("lockstock_sse_streams_open", "lockstock_sse_cut_total", "lockstock_sse_resets_total")


class EventsCase(SystemCase):
    def reader(self, query="", last_id=None, **options):
        reader = Reader(self.system.base_port, query, last_id, **options)
        self.addCleanup(reader.close)
        return reader

    def metric(self, name):
        return self.system.metrics(BRIDGE)[name]

    def wait_order(self, reader, rental_id, status="DELIVERED"):
        """The frame that says it."""
        return reader.wait(lambda r: [frame for frame in r.of("order") if frame.data["data"]["id"] == rental_id
                                      and frame.data["data"].get("deliveryStatus") == status], "the order")[0]

    def assert_gapless(self, seqs, after):
        self.assertEqual(seqs, list(range(after + 1, after + 1 + len(seqs))))


class Live(EventsCase):
    extra_args = ("--set", "bridge.stream-comment-ms=500")

    def test_changes_arrive_as_they_are_read(self):
        reader = self.reader()
        hello = reader.wait_hello()
        self.assertEqual((reader.status, reader.headers["content-type"], reader.headers["cache-control"]),
                         (200, "text/event-stream", "no-store"))
        self.assertEqual(hello.data, {"epoch": hello.epoch, "seq": hello.seq})
        product_id = self.register("live", 9)
        rental_id = self.order_to_the_end(product_id, 2)
        path = f"/myOrders/{rental_id}"
        self.eventually(lambda: [self.web.get(path).json.get(part) for part in ("rentalStatus", "deliveryStatus")],
                        ["DELIVERED", "DELIVERED"], "the view to have heard of both")
        mine = {name: value for name, value in self.web.get(path).json.items() if name != "_links"}
        frame = reader.wait(lambda r: [frame for frame in r.of("order") if frame.data["data"] == mine],
                            "the order as it is read")[0]
        self.assertEqual((frame.data["type"], frame.data["subject"], frame.data["seq"]),
                         ("OrderChanged", f"order/{rental_id}", frame.seq))
        self.assert_gapless(reader.seqs, hello.seq)
        self.assertEqual({frame.kind for frame in reader.events}, {"order", "product", "stock"})

    def test_filters_let_through_what_was_asked_for(self):
        product_id = self.register("filtered", 9)
        first, second = self.order_to_the_end(product_id), self.order(product_id)
        everything = self.reader()
        start = everything.wait_hello().id
        readers = {"?kind=product": lambda f: f.kind == "product",
                   "?kind=order%2Cstock": lambda f: f.kind in ("order", "stock"),
                   f"?subject=order/{first}": lambda f: f.data["subject"] == f"order/{first}",
                   f"?subject=order/{first},stock/*": lambda f: f.data["subject"] == f"order/{first}"
                   or f.kind == "stock",
                   f"?kind=order&subject=stock/{product_id}": lambda f: False}
        readers = {query: (self.reader(query, start), wanted) for query, wanted in readers.items()}
        self.assertEqual(self.web.delete(f"/rentals/{first}").status, 204)
        self.assertEqual(self.web.patch(f"/products/{product_id}", {"name": "renamed"}).status, 200)
        self.wait_order(everything, first, "CANCELED")
        everything.wait(lambda r: [f for f in r.of("product") if f.data["data"]["name"] == "renamed"], "the name")
        self.wait_order(everything, second)
        for query, (reader, wanted) in readers.items():
            with self.subTest(query):
                expected = [frame.id for frame in everything.events if wanted(frame)]
                reader.wait(lambda r, n=len(expected): len(r.events) >= n, f"{len(expected)} events of {query}")
                self.assertEqual([frame.id for frame in reader.events][:len(expected)], expected)

    def test_after_is_for_who_cannot_send_a_header_and_the_header_wins(self):
        product_id = self.register("after", 9)
        reader = self.reader()
        start = reader.wait_hello()
        for _ in range(3):
            self.order_to_the_end(product_id)
        reader.wait(lambda r: len(r.events) >= 6, "some events")
        late = self.reader(f"?after={start.id}")
        late.wait(lambda r: len(r.events) >= 6, "the same events")
        self.assertEqual([f.id for f in late.events][:6], [f.id for f in reader.events][:6])
        third = reader.events[2]
        later = self.reader(f"?after={start.id}", third.id)
        self.assertEqual(later.wait_hello().id, third.id)
        later.wait(lambda r: len(r.events) >= 3, "what follows")
        self.assertEqual([f.id for f in later.events][:3], [f.id for f in reader.events][3:6])

    def test_a_bad_query_is_a_problem(self):
        for query in ("?kind=orders", "?kind=", "?kind=order&kind=door", "?subject=3", "?after=7", "?page=1"):
            with self.subTest(query):
                self.assert_problem(self.web.get(f"/events{query}"), 400, "invalid-query")

    def test_methods_and_ports(self):
        head = self.web.request("HEAD", "/events")
        self.assertEqual((head.status, head.media_type, head.body), (200, "text/event-stream", b""))
        self.assertEqual(self.web.request("OPTIONS", "/events").headers["Allow"], "GET, HEAD, OPTIONS")
        self.assert_problem(self.web.post("/events", {}), 405, "method-not-allowed")
        for offset in (1, 2, 3, 4):
            self.assert_problem(Web(self.system.base_port + offset).get("/events"), 404, "unknown-path")

    def test_comments_come_and_carry_the_position(self):
        quiet = self.reader("?kind=door")
        start = quiet.wait_hello()
        product_id = self.register("quiet", 3)
        loud = self.reader("", start.id)
        loud.wait(lambda r: [f for f in r.of("product") if f.data["subject"] == f"product/{product_id}"], "it")
        quiet.wait(lambda r: r.comments >= 2 and r.last_id != start.id
                   and int(r.last_id.rsplit("-", 1)[1]) >= loud.events[-1].seq, "comments with a position")
        self.assertEqual(quiet.events, [])

    def test_a_reader_of_http_1_0_is_served_too(self):
        with self.web.connect() as sock:
            sock.sendall(b"GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n")
            text = b""
            while b"event: hello" not in text:
                piece = sock.recv(4096)
                self.assertTrue(piece, text)
                text += piece
            self.assertNotIn(b"chunked", text)


class Killed(EventsCase):
    def come_back(self, reader, told):
        """As a browser does: again and again, with the last id. Returns the next reader."""
        told += [(frame.id, frame.kind) for frame in reader.take().events]
        reader.close()

        def connect():
            again = self.reader("", reader.last_id)
            again.wait(lambda r: r.of(HELLO) or r.of(RESET), "a place", 5)
            return again

        deadline = time.monotonic() + 20
        while True:
            try:
                return connect()
            except (OSError, AssertionError):
                if time.monotonic() > deadline:
                    raise

    def test_nothing_is_missed_or_doubled_when_the_bridge_is_killed(self):
        product_id = self.register("killed", 1000)
        reader = self.reader()
        start, told, orders = reader.wait_hello(), [], []
        for _ in range(3):
            orders += [self.order(product_id) for _ in range(5)]
            reader.wait(lambda r: len(r.events) >= 2, "the first of them")
            self.system.kill(BRIDGE)
            reader.wait(lambda r: not r.is_open, "the end of the stream")
            reader = self.come_back(reader, told)
            self.assertEqual(reader.of(RESET), [])
            self.system.wait_ready(BRIDGE)
        orders.append(self.order(product_id))
        self.wait_order(reader, orders[-1])
        told += [(frame.id, frame.kind) for frame in reader.events]
        self.assert_gapless([int(frame_id.rsplit("-", 1)[1]) for frame_id, _ in told], start.seq)
        self.assertEqual({frame_id.rsplit("-", 1)[0] for frame_id, _ in told}, {start.epoch})

    def test_nothing_is_missed_or_doubled_over_planned_restarts(self):
        product_id = self.register("planned", 1000)
        reader = self.reader()
        start, told, orders = reader.wait_hello(), [], []
        for process in (BRIDGE, INFORMATION, BRIDGE, BROKER, "lockstock-rental", BRIDGE):
            orders += [self.order(product_id) for _ in range(3)]
            self.system.ask_restart(process)
            orders += [self.order(product_id) for _ in range(3)]
            if process == BRIDGE:
                reader.wait(lambda r: not r.is_open, "the end of the stream")
                self.assertTrue(reader.is_whole)
                reader = self.come_back(reader, told)
                self.assertEqual(reader.of(RESET), [])
        self.wait_order(reader, orders[-1])
        told += [(frame.id, frame.kind) for frame in reader.events]
        self.assert_gapless([int(frame_id.rsplit("-", 1)[1]) for frame_id, _ in told], start.seq)
        self.assertEqual({frame_id.rsplit("-", 1)[0] for frame_id, _ in told}, {start.epoch})

    def test_readers_who_leave_are_noticed_without_an_event(self):
        before = self.metric(OPEN)
        readers = [self.reader() for _ in range(5)]
        for reader in readers:
            reader.wait_hello()
        self.assertGreaterEqual(self.metric(OPEN), before + 5)
        for reader in readers:
            reader.close()
        self.eventually(lambda: self.metric(OPEN) <= before, True, "the readers to be gone")

    def test_stopping_ends_the_stream_properly(self):
        reader = self.reader()
        reader.wait_hello()
        self.system.signal(BRIDGE, signal.SIGTERM)
        reader.wait(lambda r: not r.is_open, "the end of the stream")
        self.assertTrue(reader.is_whole)
        self.system.wait_ready(BRIDGE)

    def test_a_killed_broker_is_no_gap(self):
        product_id = self.register("broker", 100)
        reader = self.reader()
        start = reader.wait_hello()
        self.order_to_the_end(product_id)
        with self.system.down(BROKER):
            pass
        self.system.wait_ready()
        rental_id = self.order_to_the_end(product_id)
        self.wait_order(reader, rental_id)
        self.assertEqual(reader.of(RESET), [])
        self.assert_gapless(reader.seqs, start.seq)

    def test_a_killed_information_is_told_and_is_no_gap(self):
        product_id = self.register("away", 100)
        reader = self.reader()
        start = reader.wait_hello()
        with self.system.down(INFORMATION):
            reader.wait(lambda r: r.of(STATE)[-1].data == {"information": "offline"}, "offline")
            rental_id = self.order_to_the_end(product_id)
            new = self.reader()
            new.wait(lambda r: r.of(STATE), "a state")
        reader.wait(lambda r: r.of(STATE)[-1].data == {"information": "online"}, "online")
        self.wait_order(reader, rental_id)
        self.assertEqual(reader.of(RESET), [])
        self.assert_gapless(reader.seqs, start.seq)

    def test_another_history_is_a_reset_for_those_who_stay_and_those_who_come_back(self):
        product_id = self.register("history", 100)
        reader, gone = self.reader(), self.reader()
        start = reader.wait_hello()
        gone.wait_hello()
        rental_id = self.order_to_the_end(product_id)
        self.wait_order(reader, rental_id)
        gone.take().close()
        with self.system.down(INFORMATION):
            for path in self.system.db_path("information").parent.glob("information.db*"):
                path.unlink()
        reset = reader.wait(lambda r: r.of(RESET), "a reset", 20)[0]
        self.assertNotEqual(reset.epoch, start.epoch)
        rental_id = self.order_to_the_end(product_id)
        self.wait_order(reader, rental_id)
        follow = [frame.seq for frame in reader.events if frame.epoch == reset.epoch]
        self.assert_gapless(follow, reset.seq)
        back = self.reader("", gone.last_id)
        self.assertEqual(back.wait(lambda r: r.of(RESET), "a reset")[0].epoch, reset.epoch)
        self.assertEqual(back.of(HELLO), [])
        strange = self.reader("", "what is this")
        strange.wait(lambda r: r.of(RESET), "a reset")


class Slow(EventsCase):
    """Information is a stand-in whose events are large."""

    extra_args = ("--set", "bridge.stream-slow-ms=1500")

    def fake(self):
        """Information, and a slow reader who has its place and will take nothing more by itself."""
        information = Information(self.system, EPOCH)
        self.addCleanup(information.close)
        return information, self.place(self.reader(receive_bytes=4096), information)

    def place(self, reader, information):
        reader.wait(lambda r: information.serve() and [f for f in r.frames if f.id and f.epoch == EPOCH], "a place")
        return reader

    def test_who_takes_nothing_is_cut_and_resumes(self):
        with self.system.down(INFORMATION):
            information, slow = self.fake()
            quick = self.place(self.reader(), information)
            before = self.metric(CUT)
            information.add(100, 10000)
            quick.wait(lambda r: information.serve() and len(r.events) == 100, "all of them")
            self.eventually(lambda: self.metric(CUT), before + 1, "the slow one to be cut")
            slow.wait(lambda r: not r.is_open, "the end")
            self.assertLess(len(slow.events), 100)
            self.assertFalse(slow.is_whole)
            again = self.reader("", slow.last_id)
            again.wait(lambda r: len(r.events) == 100 - len(slow.events), "the rest")
            self.assert_gapless(slow.seqs + again.seqs, 0)
            self.assertTrue(quick.take().is_open)


class Lost(Slow):
    """The same, with all the time in the world: what ends it is the size of the ring."""

    extra_args = ()

    def test_who_takes_nothing_is_cut_and_resumes(self):
        with self.system.down(INFORMATION):
            information, slow = self.fake()
            before, resets = self.metric(CUT), self.metric(RESETS)
            information.add(450, 14000)
            self.eventually(lambda: information.serve() and self.metric(CUT), before + 1, "the slow one to be cut")
            slow.wait(lambda r: not r.is_open, "the end")
            self.eventually(lambda: information.serve() and self.metric(
                'lockstock_stream_cursor{source="information"}'), 450, "the bridge to have all")
            again = self.reader("", slow.last_id)
            reset = again.wait(lambda r: r.of(RESET), "a reset")[0]
            self.assertEqual(reset.id, f"{EPOCH}-450")
            self.assertEqual(self.metric(RESETS), resets + 1)
            fresh = self.reader("", f"{EPOCH}-440")
            fresh.wait(lambda r: len(r.events) == 10, "the last ten")
            self.assert_gapless(fresh.seqs, 440)


class Few(unittest.TestCase):
    """A bridge alone, without a broker, on a machine that allows few open files."""

    def start(self, descriptors):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port, log = free_ports(6), open(pathlib.Path(folder.name, "log"), "w+", encoding="utf-8")
        self.addCleanup(log.close)
        bridge = subprocess.Popen(
            [default_build_dir() / "bin" / BRIDGE, "--base-port", str(port), "--mqtt-port", str(port + 5)],
            stdout=log, stderr=log,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
        self.addCleanup(bridge.wait)
        self.addCleanup(bridge.kill)
        return bridge, port, lambda: log.seek(0) or log.read()

    def test_few_descriptors_leave_room_for_few_readers(self):
        _, port, log = self.start(2150)
        wait_until(lambda: Web(port).get("/").status == 200, "the bridge")
        self.assertIn("few_descriptors", log())
        with Crowd(port, 22) as crowd:
            crowd.wait_all(lambda r: r.of(STATE), "a state")
            self.assertEqual(Web(port).get("/events").status, 503)
            self.assertEqual(Web(port).get("/").status, 200)

    def test_too_few_descriptors_end_the_start(self):
        bridge, _, log = self.start(1000)
        self.assertEqual(bridge.wait(10), 69)
        self.assertIn("1000 open files are allowed and 2129 needed", log())


class Many(EventsCase):
    extra_args = ("--set", f"bridge.streams-max={READERS}")

    def test_all_readers_get_every_event_and_others_are_served(self):
        product_id = self.register("many", 1000)
        with Crowd(self.system.base_port, READERS) as crowd:
            crowd.wait_all(lambda r: r.of(HELLO), "hello")
            self.assertEqual(self.metric(OPEN), READERS)
            self.assertLess(self.metric("lockstock_http_connections_open"), 10)
            self.assert_problem(self.web.get("/events"), 503, "overloaded")
            orders = [self.order(product_id) for _ in range(ORDERS)]
            for rental_id in orders:
                self.wait_status(rental_id, "DELIVERED")
            last = f"order/{orders[-1]}"
            crowd.wait_all(lambda r: [f for f in r.of("order") if f.data["subject"] == last
                                      and f.data["data"].get("deliveryStatus") == "DELIVERED"], "the last order")
            for reader in crowd.readers:
                self.assert_gapless(reader.seqs, reader.of(HELLO)[0].seq)
            seen = {frame.data["subject"] for frame in crowd.readers[0].of("order")}
            self.assertEqual(seen, {f"order/{rental_id}" for rental_id in orders})
            self.assertEqual(self.web.get(f"/rentals/{orders[0]}").status, 200)
        self.eventually(lambda: self.metric(OPEN), 0, "all to be gone")
        self.assertEqual(self.metric(CUT), 0)
        self.reader().wait_hello()


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--long"], verbosity=2)
