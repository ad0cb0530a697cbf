"""A small MQTT 5 client: enough to watch topics, to misbehave on them, and to see reason codes."""

import contextlib
import socket
import struct
import threading
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14
NOT_AUTHORIZED = 0x87
TIMEOUT_S = 10

RESPONSE_TOPIC, CORRELATION_DATA, USER_PROPERTY = 0x08, 0x09, 0x26
# Sizes of the properties that a broker may send; None: length-prefixed, "pair": two of them.
PROPERTY_SIZES = {0x01: 1, 0x02: 4, 0x03: None, 0x08: None, 0x09: None, 0x0B: "varint", 0x11: 4,
                  0x12: None, 0x13: 2, 0x15: None, 0x16: None, 0x1A: None, 0x1C: None, 0x1F: None,
                  0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x26: "pair", 0x27: 4, 0x28: 1,
                  0x29: 1, 0x2A: 1}


class Message:
    def __init__(self, topic, payload, retain, correlation, user):
        self.topic = topic
        self.payload = payload
        self.retain = retain
        self.correlation = correlation
        self.user = user  # dict of user properties

    def __repr__(self):
        return f"<{self.topic} {self.payload[:200]!r} {self.user}>"


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def varint(value):
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def read_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def read_text(data, at):
    size = struct.unpack_from(">H", data, at)[0]
    return data[at + 2:at + 2 + size], at + 2 + size


def read_properties(data, at):
    """Returns ({code: bytes}, {user property: value}, position after them)."""
    size, at = read_varint(data, at)
    end = at + size
    plain, user = {}, {}
    while at < end:
        code, at = data[at], at + 1
        kind = PROPERTY_SIZES[code]
        if kind == "pair":
            name, at = read_text(data, at)
            value, at = read_text(data, at)
            user[name.decode()] = value.decode()
        elif kind == "varint":
            _, at = read_varint(data, at)
        elif kind is None:
            plain[code], at = read_text(data, at)
        else:
            plain[code], at = data[at:at + kind], at + kind
    return plain, user, end


class Mqtt:
    """Connects as a broker user. A thread reads; `messages` grows; waits go through `wait`."""

    def __init__(self, port, user, password, clean=True, client_id=None, tls=None):
        """tls: an ssl.SSLContext, of a closed Lockstock."""
        self.messages = []
        self.is_open = True
        self._replies = {}
        self._changed = threading.Condition()
        self._packet_id = 0
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self._sock = tls.wrap_socket(self._sock, server_hostname="localhost")
        body = text("MQTT") + bytes([5, 0xC2 if clean else 0xC0]) + struct.pack(">H", 300) + b"\0"
        self._send(CONNECT << 4, body + text(client_id or user) + text(user)
                   + text(password))
        self._sock.settimeout(None)
        self._reader = threading.Thread(target=self._read_all, daemon=True)
        self._reader.start()
        try:
            code = self._wait_reply((CONNACK, 0), "CONNACK")[1]
        except AssertionError:
            self._hang_up()
            raise
        if code != 0:
            raise ConnectionError(f"the broker refused {user}: 0x{code:02x}")

    def _send(self, first, body):
        self._sock.sendall(bytes([first]) + varint(len(body)) + body)

    def _read_exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self._sock.recv(size - len(data))
            if not piece:
                raise ConnectionError
            data += piece
        return data

    def _read_all(self):
        try:
            while True:
                first = self._read_exactly(1)[0]
                size = shift = 0
                while True:
                    byte = self._read_exactly(1)[0]
                    size |= (byte & 0x7F) << shift
                    shift += 7
                    if not byte & 0x80:
                        break
                self._take(first, self._read_exactly(size))
        except OSError:
            with self._changed:
                self.is_open = False
                self._changed.notify_all()

    def _take(self, first, body):
        kind = first >> 4
        with self._changed:
            if kind == PUBLISH:
                self.messages.append(self._parse_publish(first, body))
            elif kind == CONNACK:
                self._replies[(CONNACK, 0)] = body
            elif kind in (PUBACK, SUBACK):
                self._replies[(kind, struct.unpack_from(">H", body)[0])] = body[2:]
            self._changed.notify_all()

    def _parse_publish(self, first, body):
        topic, at = read_text(body, 0)
        if first & 0x06:
            self._send(PUBACK << 4, body[at:at + 2])
            at += 2
        plain, user, at = read_properties(body, at)
        return Message(topic.decode(), body[at:], bool(first & 1), plain.get(CORRELATION_DATA), user)

    def _wait_reply(self, key, what):
        with self._changed:
            ok = self._changed.wait_for(lambda: key in self._replies or not self.is_open, TIMEOUT_S)
            if key not in self._replies:
                raise ConnectionError(f"no {what}: " + ("time is up" if not ok else "closed"))
            return self._replies.pop(key)

    def _next_id(self):
        self._packet_id = self._packet_id % 65535 + 1
        return self._packet_id

    def subscribe(self, topic, qos=1):
        """Returns the broker's reason code. A denied SUBSCRIBE is granted too: look at what arrives."""
        packet_id = self._next_id()
        self._send(SUBSCRIBE << 4 | 2, struct.pack(">H", packet_id) + b"\0" + text(topic) + bytes([qos]))
        return self._wait_reply((SUBACK, packet_id), "SUBACK")[-1]

    def publish(self, topic, payload, retain=False, response_topic=None, correlation=None, user=None):
        """QoS 1. Returns the reason code: 0 accepted, 0x10 nobody listens, 0x87 not authorised."""
        properties = b""
        if response_topic is not None:
            properties += bytes([RESPONSE_TOPIC]) + text(response_topic)
        if correlation is not None:
            properties += bytes([CORRELATION_DATA]) + text(correlation)
        for name, value in (user or {}).items():
            properties += bytes([USER_PROPERTY]) + text(name) + text(value)
        packet_id = self._next_id()
        payload = payload.encode() if isinstance(payload, str) else payload
        self._send(PUBLISH << 4 | 2 | int(retain), text(topic) + struct.pack(">H", packet_id)
                   + varint(len(properties)) + properties + payload)
        reply = self._wait_reply((PUBACK, packet_id), "PUBACK")
        return reply[0] if reply else 0

    def publish_unheard(self, topic, payload):
        """QoS 0: nobody says whether it has come."""
        self._send(PUBLISH << 4, text(topic) + varint(0) + payload)

    def wait(self, predicate, what, timeout_s=TIMEOUT_S):
        """The first message for which predicate holds, now or until the time is up."""
        def first():
            return next((message for message in self.messages if predicate(message)), None)

        with self._changed:
            self._changed.wait_for(lambda: first() is not None or not self.is_open, timeout_s)
            found = first()
        if found is None:
            raise AssertionError(f"waited {timeout_s:g} s on MQTT for {what}; "
                                 f"got {len(self.messages)} messages, last {self.messages[-3:]}")
        return found

    def call(self, caller, instance, method, body, key=None, deadline_ms=None, **override):
        """One RPC as `caller`, who must be this connection's user. Returns the reply."""
        correlation = struct.pack(">QQ", time.monotonic_ns(), id(body) & (2**63 - 1))
        user = {"deadline": str(deadline_ms or int(time.time() * 1000) + 5000)}
        if key is not None:
            user["idempotency-key"] = key
        options = {"response_topic": f"lockstock/v1/reply/{caller}/{instance}",
                   "correlation": correlation, "user": user, **override}
        self.publish(f"lockstock/v1/rpc/{instance}/{method}/{caller}", body, **options)
        return self.wait(lambda m: m.correlation == correlation, f"the reply of {instance}.{method}")

    def close(self):
        with contextlib.suppress(OSError):
            self._send(DISCONNECT << 4, b"\0")
        self._hang_up()

    def _hang_up(self):
        """The reader goes first: with TLS it would read on under the number of the closed socket, which may be that
        of another one by then."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._reader.join(TIMEOUT_S)
        self._sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
