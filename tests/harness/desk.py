"""The real firmware beside a whole system: scanners and lockers on pseudo-terminals, with the hands of
the people who use them. Unlike harness.devices, whose desk has no services."""

import threading

from .devices import Cu16, Device, Tty
from .labels import own_label
from .wait import wait_until

VERDICTS = ("ok", "done", "error")
TIMEOUT_S = 20


def desk_of(system):
    """Where flash images, serial lines and logs of a system's devices are: DIR/desk."""
    folder = system.dir / "desk"
    folder.mkdir(exist_ok=True)
    return folder


class SystemDevice(Device):
    """A firmware binary with the password and the key that deploy/add-device has given it."""

    def __init__(self, system, kind, name, *arguments):
        self.folder, self.kind, self.name = desk_of(system), kind, name
        self.flash = self.folder / f"{name}.flash"
        self.process, self.reader, self.environment = None, None, {}
        self.lines, self.changed = [], threading.Condition()
        secrets = system.dir / "devices" / name
        self.rest = [system.build / "bin" / f"lockstock-{kind}", "--id", name, "--flash", self.flash,
                     "--password-file", f"{secrets}.password", "--dead-time-ms", "0", *arguments]
        if kind == "locker":
            self.rest += ["--key", f"{secrets}.key"]
        self.use_broker(system.mqtt_port)

    def use_broker(self, port):
        """From its next start on. With a port where nobody listens it is without network."""
        self.command = [str(word) for word in (*self.rest, "--broker", f"127.0.0.1:{port}")]

    def start_online(self):
        mark = self.mark()
        self.start()
        self.wait_panel("none online", mark)
        return self


class Scanner(SystemDevice):
    """A scanner, its scan head, and the worker who holds it."""

    def __init__(self, system, name):
        self.head = Tty(desk_of(system), f"{name}.head")
        super().__init__(system, "scanner", name, "--port", self.head.path)

    def scan(self, kind, value):
        """One scan of a label of ours; returns the verdict as (signal, text)."""
        mark = self.mark()
        self.head.send(own_label(kind, value) + "\r")
        return self.verdicts(mark, 1)[0]

    def scan_all(self, *labels):
        """One after the other, until each is answered; none may be an error, the last one ends its
        flow."""
        said = [self.scan(kind, value) for kind, value in labels]
        if any(signal == "error" for signal, _ in said) or said[-1][0] != "done":
            raise AssertionError(f"{self.name}: {list(zip(labels, said))}")
        return said

    def verdicts(self, since, count):
        """What the panel has said to `count` scans since a mark."""
        def found():
            shown = [line[6:].split(" ", 1) for line in self.lines[since:] if line.startswith("panel ")]
            told = [(words[0], words[-1]) for words in shown if words[0] in VERDICTS]
            return told if len(told) >= count else None

        return wait_until(found, f"{count} verdicts of {self.name}", TIMEOUT_S)

    def close(self):
        super().close()
        self.head.unplug()


class Board(Cu16):
    """A lock board that keeps the frames of its line: ("in" or "out", hex). It is asked again and again;
    kept are the first question, each pulse, and each answer that is another one than that before."""

    def __init__(self, line):
        self.frames, self.lock, self.answer = [], threading.Lock(), None
        super().__init__(line)

    def _take(self, frame):
        if frame[2] != 0x30 or not self.frames:
            self.frames.append(("in", frame.hex()))
        super()._take(frame)

    def _status(self):
        with self.lock:
            answer = super()._status()
        if answer != self.answer:
            self.frames.append(("out", answer.hex()))
        self.answer = answer
        return answer

    def shut(self, lock, goods):
        """In one moment, for whoever asks: the door is closed, and goods lie behind it or not."""
        with self.lock:
            (self.present.add if goods else self.present.discard)(lock)
            self.open.discard(lock)


class Locker(SystemDevice):
    """A locker with one lock board, its keypad, and the hands that load and empty it."""

    def __init__(self, system, name, sizes, present=()):
        folder = desk_of(system)
        self.keys, self.line = Tty(folder, f"{name}.keys"), Tty(folder, f"{name}.line")
        self.board = Board(self.line)
        self.board.present |= set(present)
        super().__init__(system, "locker", name, "--compartments", sizes, "--board",
                         f"cu16:{self.line.path}", "--port", self.keys.path)

    def type_code(self, code):
        self.keys.send(f"{code}\r")

    def wait_open(self, compartment, since):
        self.wait_panel(f"ok compartment {compartment} is open", since)

    def shut(self, compartment, goods, since=None):
        """goods: whether they lie in it when the door closes."""
        mark = self.mark() if since is None else since
        self.board.shut(compartment - 1, goods)
        self.wait_panel(f"done compartment {compartment} is closed", mark)

    def close(self):
        super().close()
        self.board.close()
        for line in (self.keys, self.line):
            line.unplug()
