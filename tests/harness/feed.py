"""GET /events as its readers see it, one or a thousand at a time, and an information service made of
Python whose log a test writes as it likes."""

import json
import resource
import selectors
import socket
import ssl
import time

from .wait import wait_until

HELLO, RESET, STATE = "hello", "reset", "state"
SIGNS = (HELLO, RESET, STATE)  # what is no event of the log
STREAM = "lockstock/v1/stream/information"
EVENTS_IN_MESSAGE_MAX = 64


class Frame:
    """One block of the stream that has a kind."""

    def __init__(self, kind, frame_id, data):
        self.kind, self.id, self.data = kind, frame_id, data

    @property
    def seq(self):
        return int(self.id.rsplit("-", 1)[1])

    @property
    def epoch(self):
        return self.id.rsplit("-", 1)[0]

    def __repr__(self):
        return f"<{self.kind} {self.id} {str(self.data)[:80]}>"


class Reader:
    """One reader. take() reads what has come; nothing is read before somebody asks."""

    def __init__(self, port, query="", last_id=None, receive_bytes=None, tls=None):
        self.sock, self.tls = socket.socket(), tls
        try:
            self._ask(port, query, last_id, receive_bytes)
        except OSError:
            self.sock.close()
            raise
        self.status, self.headers, self.frames, self.comments = None, {}, [], 0
        self.last_id, self.is_open, self.is_whole = last_id, True, False
        self._raw, self._text, self._left = b"", "", 0

    def _ask(self, port, query, last_id, receive_bytes):
        if receive_bytes:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.sock.settimeout(10)
        self.sock.connect(("127.0.0.1", port))
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname="127.0.0.1")
        head = f"GET /events{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
        if last_id is not None:
            head += f"Last-Event-ID: {last_id}\r\n"
        self.sock.sendall((head + "\r\n").encode())
        self.sock.setblocking(False)

    # ---- reading ----

    def take(self):
        """Everything that has come by now; returns self."""
        while self.is_open:
            try:
                piece = self.sock.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                break
            except OSError:
                piece = b""
            if not piece:
                self.is_open = False
            self._raw += piece
        self._parse()
        return self

    def _parse(self):
        if self.status is None:
            if b"\r\n\r\n" not in self._raw:
                return
            head, self._raw = self._raw.split(b"\r\n\r\n", 1)
            first, *rest = head.decode().split("\r\n")
            self.status = int(first.split()[1])
            self.headers = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in rest}
        if self.headers.get("transfer-encoding") == "chunked":
            self._take_chunks()

    def _take_chunks(self):
        """A chunk is its size, its bytes and a line break, which is part of what is left of it."""
        body = b""
        while self._raw:
            if self._left == 0:
                line, found, rest = self._raw.partition(b"\r\n")
                if not found:
                    break
                self._raw, self._left = rest, int(line, 16) + 2
                self.is_whole = self._left == 2
            piece, self._raw = self._raw[:self._left], self._raw[self._left:]
            self._left -= len(piece)
            body += piece if self._left >= 2 else piece[:len(piece) - (2 - self._left)]
        *blocks, self._text = (self._text + body.decode()).split("\n\n")
        for block in blocks:
            self._take_block(block)

    def _take_block(self, block):
        fields = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if not name:
                self.comments += 1
            else:
                assert name in ("id", "event", "data", "retry") and name not in fields, block
                fields[name] = value.removeprefix(" ")
        self.last_id = fields.get("id", self.last_id)
        if "event" in fields:
            self.frames.append(Frame(fields["event"], fields.get("id"), json.loads(fields["data"])))

    # ---- looking ----

    @property
    def events(self):
        return [frame for frame in self.frames if frame.kind not in SIGNS]

    @property
    def seqs(self):
        return [frame.seq for frame in self.events]

    def of(self, kind):
        return [frame for frame in self.frames if frame.kind == kind]

    def wait(self, condition, what, timeout_s=10):
        """Reads until condition(self) is true; returns what it gave."""
        return wait_until(lambda: condition(self.take()), f"{what}, frames {self.frames[-3:]}", timeout_s)

    def wait_hello(self):
        return self.wait(lambda reader: reader.of(HELLO), "hello")[0]

    def close(self):
        self.is_open = False
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Crowd:
    """Many readers, read by one thread."""

    def __init__(self, port, count, query=""):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 200)), hard))
        self.selector = selectors.DefaultSelector()
        self.readers = []
        for _ in range(count):
            reader = Reader(port, query)
            self.selector.register(reader.sock, selectors.EVENT_READ, reader)
            self.readers.append(reader)

    def wait_all(self, condition, what, timeout_s=30):
        """Until condition(reader) is true for each."""
        deadline, waiting = time.monotonic() + timeout_s, set(self.readers)
        while waiting and time.monotonic() < deadline:
            for key, _ in self.selector.select(0.1):
                if not key.data.take().is_open:
                    self.selector.unregister(key.data.sock)
            waiting = {reader for reader in waiting if not condition(reader)}
        if waiting:
            raise AssertionError(f"waited {timeout_s:g} s for {what}: {len(waiting)} of {len(self.readers)} "
                                 f"readers are missing it, one has {next(iter(waiting)).frames[-3:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.selector.close()
        for reader in self.readers:
            reader.close()


class Information:
    """In the place of lockstock-information, which must be down: a log in memory, replay and presence.
    Answers when somebody calls serve()."""

    def __init__(self, system, epoch, presence_epoch=2**52):
        self.epoch, self.log, self.seen = epoch, [], 0
        self.mqtt = system.mqtt("information")
        self.mqtt.subscribe("lockstock/v1/rpc/information/+/+")
        self.mqtt.publish("lockstock/v1/service/information/state",
                          json.dumps({"status": "online", "epoch": presence_epoch}), retain=True)
        self.mqtt.publish(f"{STREAM}/head", json.dumps({"source": "information", "epoch": epoch, "seq": 0}))

    def _envelope(self, seq, size):
        return {"specversion": "1.0", "id": f"information:{self.epoch}:{seq}", "source": "information",
                "type": "OrderChanged", "subject": f"order/{seq}", "time": "2026-01-31T12:00:00.000Z",
                "epoch": self.epoch, "sequence": str(seq), "version": 1, "datacontenttype": "application/json",
                "data": {"id": seq, "text": "x" * size}}

    def add(self, count, size=10):
        """Events into the log, and out."""
        new = [self._envelope(len(self.log) + 1 + i, size) for i in range(count)]
        self.log += new
        in_one = max(1, min(EVENTS_IN_MESSAGE_MAX, 60000 // (size + 500)))
        for first in range(0, count, in_one):
            self.mqtt.publish(STREAM, json.dumps(new[first:first + in_one]))
            self.serve()

    def serve(self):
        """Answers what was asked by now; returns self."""
        for message in self.mqtt.messages[self.seen:]:
            self.seen += 1
            asked = json.loads(message.payload)
            room, events = 200000, []
            for event in self.log[asked["after"]:][:asked["limit"]]:
                room -= len(event["data"]["text"]) + 500
                if room < 0:
                    break
                events.append(event)
            answer = {"epoch": self.epoch, "head": len(self.log), "events": events}
            self.mqtt.publish("lockstock/v1/reply/bridge/information", json.dumps(answer),
                              correlation=message.correlation, user={"status": "ok"})
        return self

    def close(self):
        self.mqtt.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
