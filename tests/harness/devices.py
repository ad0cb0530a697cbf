"""Devices on a desk: the real firmware binaries on pseudo-terminals, a real broker, lock boards and a
service's side made of Python. No services of ours run here."""

import hashlib
import hmac
import json
import os
import pathlib
import select
import subprocess
import tempfile
import threading
import time
import tty

from .mqtt import Mqtt
from .system import BUG_MARKS, default_build_dir, is_free
from .wait import wait_until

TIMEOUT_S = 20
PREFIX = "lockstock/v1/device/main"
SERVICE, PASSWORD = "service", "secret-of-all"


class Broker:
    """mosquitto alone, with a password file: it can be stopped and started again on its port."""

    def __init__(self, folder, port, users):
        self.folder, self.port, self.process = pathlib.Path(folder), port, None
        passwords = self.folder / "passwd"
        passwords.write_text("".join(f"{user}:{PASSWORD}\n" for user in (*users, SERVICE)))
        subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
        (self.folder / "mosquitto.conf").write_text(
            f"user root\nlistener {port} 127.0.0.1\nallow_anonymous false\n"
            f"password_file {passwords}\nuse_username_as_clientid true\nset_tcp_nodelay true\n"
            "max_inflight_messages 1000\nmax_queued_messages 100000\n")

    def start(self):
        log = open(self.folder / "mosquitto.log", "ab")
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        self.process = subprocess.Popen(
            ["mosquitto", "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log,
            env={**os.environ, "PATH": path})
        log.close()
        wait_until(lambda: not is_free(self.port), "the broker to listen")
        return self

    def stop(self):
        """kill -9: nothing that was in flight survives."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Tty:
    """One serial line: the test has the far end, the device opens `path`, a link that stays when the
    line is unplugged and plugged in again."""

    def __init__(self, folder, name):
        self.path = pathlib.Path(folder) / name
        self.master = self.slave = None
        self.plug()

    def plug(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        new = self.path.with_suffix(".new")
        new.symlink_to(os.ttyname(self.slave))
        new.rename(self.path)

    def unplug(self):
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)
        self.master = self.slave = None
        self.path.unlink(missing_ok=True)

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        while data:
            data = data[os.write(self.master, data):]


class Device:
    """A firmware binary. `lines` holds what its panel has said since the first start."""

    def __init__(self, folder, kind, name, port, *arguments):
        self.folder, self.kind, self.name = pathlib.Path(folder), kind, name
        self.flash = self.folder / f"{name}.flash"
        self.password = self.folder / f"{name}.password"
        self.password.write_text(PASSWORD + "\n")
        self.key = hashlib.sha256(name.encode()).digest()
        key_file = self.folder / f"{name}.key"
        key_file.write_text(self.key.hex() + "\n")
        binary = default_build_dir() / "bin" / f"lockstock-{kind}"
        self.command = [str(word) for word in (
            binary, "--id", name, "--flash", self.flash, "--broker", f"127.0.0.1:{port}",
            "--password-file", self.password, *(("--key", key_file) if kind == "locker" else ()),
            *arguments)]
        self.process, self.reader, self.environment = None, None, {}
        self.lines, self.changed = [], threading.Condition()

    def start(self, waits=True):
        """waits: until the panel says that it is ready."""
        seen = len(self.lines)
        log = open(self.folder / f"{self.name}.log", "ab")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=log, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **self.environment})
        log.close()
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        if waits:
            self.wait_panel("none ready", since=seen)
        return self

    def _read(self, pipe):
        with pipe:
            for line in pipe:
                with self.changed:
                    self.lines.append(line.decode(errors="replace").rstrip("\n"))
                    self.changed.notify_all()

    def panel(self, signal_name=None):
        """Texts of the panel, of one signal or `signal text` of all."""
        with self.changed:
            shown = [line[6:] for line in self.lines if line.startswith("panel ")]
        if signal_name is None:
            return shown
        return [text[len(signal_name) + 1:] for text in shown if text.startswith(signal_name + " ")]

    def wait_panel(self, text, since=0, count=1, timeout_s=TIMEOUT_S):
        """Until the panel has said something that begins with `text`, count times."""
        def is_there():
            return sum(line.startswith(f"panel {text}") for line in self.lines[since:]) >= count

        with self.changed:
            if not self.changed.wait_for(is_there, timeout_s):
                log = (self.folder / f"{self.name}.log").read_text(errors="replace")
                raise AssertionError(f"waited {timeout_s} s for panel {text!r} of {self.name} "
                                     f"({count} x); last {self.lines[-8:]}; {log[-600:]}")

    def mark(self):
        """For wait_panel(since=...)."""
        return len(self.lines)

    def start_to_die(self, operation):
        """Starts it so that it dies within this operation on its flash (tests/fakes/kill_at.c)."""
        shim = default_build_dir() / "lib" / "liblockstock_kill_at.so"
        self.environment = {"LD_PRELOAD": str(shim), "LOCKSTOCK_KILL_AT": str(operation),
                            "ASAN_OPTIONS": "verify_asan_link_order=0"}
        self.start(waits=False)
        self.environment = {}

    def is_dead(self):
        return self.process.poll() is not None

    def kill(self):
        """kill -9. Afterwards `lines` holds all that the panel had said."""
        self.process.kill()
        self.process.wait()
        self.reader.join(TIMEOUT_S)

    def stop(self):
        """SIGTERM; returns the exit status."""
        self.process.terminate()
        return self.process.wait(TIMEOUT_S)

    def close(self):
        """Ends it, whatever its state, and fails if it has ever reported a bug of its own."""
        if self.process is None:
            return
        self.kill()
        log = (self.folder / f"{self.name}.log").read_text(errors="replace")
        if BUG_MARKS.search(log):
            raise AssertionError(f"{self.name} reported a bug of its own:\n{log[-4000:]}")


class Service:
    """What stock and delivery are to devices: keeps records by (epoch, seq), acknowledges them with
    verdicts, and sends commands. `is_mute`: hears everything, says nothing."""

    def __init__(self, port):
        self.port = port
        self.records = {}   # device -> {(epoch, seq): record}
        self.ups = {}       # device -> list of up
        self.states = {}    # device -> latest state
        self.is_mute = False
        self.verdict = lambda record: ("accepted", "ok", f"took {record['value']}")
        self._seen = 0
        self._lock = threading.Lock()
        self.mqtt = None
        self.is_over = False
        self.connect()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def connect(self):
        mqtt = Mqtt(self.port, SERVICE, PASSWORD)
        mqtt.subscribe(f"{PREFIX}/+/+/up")
        mqtt.subscribe(f"{PREFIX}/+/+/state")
        with self._lock:
            old, self.mqtt, self._seen = self.mqtt, mqtt, 0
        if old is not None:
            old.close()

    def _serve(self):
        while not self.is_over:
            wait_until(lambda: self.is_over or self._seen < len(self.mqtt.messages), "a message",
                       float("inf"))
            while not self.is_over:
                with self._lock:
                    if self._seen >= len(self.mqtt.messages):
                        break
                    message = self.mqtt.messages[self._seen]
                    self._seen += 1
                try:
                    self._take(message)
                except (OSError, ConnectionError):
                    pass  # the broker died meanwhile: the device sends it again

    def _take(self, message):
        _, _, _, _, kind, device, leaf = message.topic.split("/")
        body = json.loads(message.payload)
        if leaf == "state":
            self.states[device] = body
            return
        self.ups.setdefault(device, []).append(body)
        if not self.is_mute:
            self.acknowledge(kind, device, body)

    def acknowledge(self, kind, device, up):
        held = self.records.setdefault(device, {})
        verdicts = []
        for record in up["records"]:
            held[(up["epoch"], record["seq"])] = record
            if record["kind"] == "scan":
                result, signal_name, prompt = self.verdict(record)
                verdicts.append({"seq": record["seq"], "result": result, "signal": signal_name,
                                 "prompt": prompt})
        stored = max((seq for epoch, seq in held if epoch == up["epoch"]), default=0)
        ack = {"epoch": up["epoch"], "now": now_ms(), "verdicts": verdicts}
        if up["records"]:
            ack["seq"] = up["records"][-1]["seq"]
        else:
            ack |= {"seq": up["firstSeq"] - 1, "stored": max(stored, up["firstSeq"] - 1)}
        self.send(kind, device, "ack", ack)

    def send(self, kind, device, leaf, body, retain=False):
        payload = body if isinstance(body, (bytes, str)) else json.dumps(body)
        self.mqtt.publish(f"{PREFIX}/{kind}/{device}/{leaf}", payload, retain=retain)

    def of_kind(self, device, kind):
        """Records of a kind, in the order of their seq."""
        held = self.records.get(device, {})
        return [held[key] for key in sorted(held, key=lambda key: key[1])
                if held[key]["kind"] == kind]

    def wait_records(self, device, kind, count, timeout_s=TIMEOUT_S):
        wait_until(lambda: len(self.of_kind(device, kind)) >= count,
                   f"{count} records {kind} of {device}, have {self.of_kind(device, kind)[-3:]}",
                   timeout_s)
        return self.of_kind(device, kind)

    def close(self):
        self.is_over = True
        self.mqtt.close()
        self.thread.join()


class Cu16:
    """A lock board on a line: answers as the real one, and remembers which locks it pulsed. Doors
    open when they are pulsed, unless they are jammed."""

    def __init__(self, line, address=0):
        self.line, self.address = line, address
        self.open, self.present, self.jammed = set(), set(), set()
        self.pulses = []
        self.is_silent = False
        self.is_over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        received = b""
        while not self.is_over:
            readable, _, _ = select.select([self.line.master], [], [], 0.1)
            if not readable:
                continue
            received += os.read(self.line.master, 256)
            while len(received) >= 5:
                frame, received = received[:5], received[5:]
                self._take(frame)

    def _take(self, frame):
        lock, board, command = frame[1] & 0x0F, frame[1] >> 4, frame[2]
        if board != self.address:
            return
        if command == 0x31:
            self.pulses.append(lock)
            if lock not in self.jammed and not self.is_silent:
                self.open.add(lock)
        elif command == 0x30 and not self.is_silent:
            self.line.send(self._status())

    def _status(self):
        hook = sum(1 << lock for lock in range(16) if lock not in self.open)
        seen = sum(1 << lock for lock in self.present)
        body = bytes([2, self.address << 4, 0x35, hook & 255, hook >> 8, seen & 255, seen >> 8, 3])
        return body + bytes([sum(body) & 255])

    def close(self):
        """Before the line is unplugged: its descriptor may belong to something else afterwards."""
        self.is_over = True
        self.thread.join()


# ---- what the service signs (schemas/rules/devices.md 4.1, 5.1, 5.2) ----

def now_ms():
    return int(time.time() * 1000)


def sign(key, *lines):
    return hmac.new(key, "".join(f"{line}\n" for line in lines).encode(), hashlib.sha256).hexdigest()


def command(device, command_id, compartment, expires_at=None, key=None):
    expires_at = expires_at or now_ms() + 30000
    mac = sign(key or device.key, "lockstock/v1/cmd", "main", device.name, command_id, "unlock",
               compartment, expires_at)
    return {"id": command_id, "action": "unlock", "compartment": compartment, "now": now_ms(),
            "expiresAt": expires_at, "mac": mac}


def grant(device, grant_id, compartment, code, not_before=0, expires_at=None):
    return {"id": grant_id, "compartment": compartment, "notBefore": not_before,
            "expiresAt": expires_at or now_ms() + 3600000,
            "codeHash": sign(device.key, "lockstock/v1/code", "main", device.name, grant_id, code)}


def config(device, revision, grants):
    lines = [f"{g['id']} {g['compartment']} {g['notBefore']} {g['expiresAt']} {g['codeHash']}"
             for g in grants]
    now = now_ms()
    mac = sign(device.key, "lockstock/v1/config", "main", device.name, revision, now, *lines)
    return {"revision": revision, "now": now, "grants": grants, "mac": mac}


def desk():
    """A folder for one test."""
    return tempfile.TemporaryDirectory(prefix="lockstock-desk-")
