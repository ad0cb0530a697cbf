"""A whole Lockstock, started with deploy/up in a directory and on ports of its own."""

import contextlib
import hashlib
import os
import pathlib
import random
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile

from .mqtt import Mqtt
from .wait import wait_until
from .web import Web

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = ("product", "rental", "delivery", "stock", "information")
# Whose streams each service follows (schemas/topics.md).
FOLLOWS = {"product": ("stock",), "rental": ("product", "delivery", "stock"),
           "delivery": ("product", "rental", "stock"), "stock": ("product", "delivery"),
           "information": ("rental", "delivery", "product", "stock")}
BROKER, BRIDGE, SUPERVISOR = "mosquitto", "lockstock-bridge", "supervise"
ACCOUNT = "lockstock-account"  # of a closed Lockstock
PROCESSES = (BROKER, *(f"lockstock-{service}" for service in SERVICES), BRIDGE)
START_TIMEOUT_S = 60
PORT_TRIES_MAX = 100
LOG_TAIL_LINES = 12
# What a process says when it finds a bug in itself: our own checks, and the sanitizers.
BUG_MARKS = re.compile(r"^bug: |Sanitizer|runtime error:", re.M)

# Waits for the end of its input, that is of the test, however it ends: also if it is killed.
CARETAKER = """cat >/dev/null
[ -d "$1" ] || exit 0
kill -s CONT "$(cat "$1/run/supervise.pid")"
"$2" --data "$1"
[ -e "$1/keep" ] || rm -rf "$1"
"""


def default_build_dir():
    """$LOCKSTOCK_BUILD, or build/release, where deploy/up puts its own."""
    return pathlib.Path(os.environ.get("LOCKSTOCK_BUILD", ROOT / "build" / "release"))


def is_free(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_ports(count):
    """The first of `count` neighbouring ports that are all free, below the range that the kernel
    gives to clients."""
    for _ in range(PORT_TRIES_MAX):
        first = random.randrange(10000, 32000)
        if all(is_free(first + i) for i in range(count)):
            return first
    raise RuntimeError("no free ports on loopback")


class System:
    """Use as a context manager, or call start() and close()."""

    def __init__(self, build=None, extra_args=(), authority=None, with_accounts=False):
        """authority: the bridge speaks HTTPS, with its certificate "bridge"."""
        self.build = pathlib.Path(build or default_build_dir())
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        self.base_port = free_ports(5)
        self.mqtt_port = free_ports(1)
        while self.base_port <= self.mqtt_port < self.base_port + 5:
            self.mqtt_port = free_ports(1)
        self.extra_args = tuple(extra_args)
        self.web = Web(self.base_port, tls=authority and authority.context())
        if authority is not None:
            certificate, key = authority.issue("bridge")
            self.extra_args += ("--set", f"bridge.https-certificate={certificate}", "--set", f"bridge.https-key={key}")
        self.up_output = ""
        if with_accounts:
            (self.dir / "etc").mkdir(mode=0o700)
            (self.dir / "etc" / "account.ini").write_text("; people sign in here\n")
        self._caretaker = None  # the pipe whose end tells it that we are gone

    # ---- life ----

    def start(self):
        if self._caretaker is None:
            self._call_caretaker()
        command = [ROOT / "deploy" / "up", "--data", self.dir, "--base-port", self.base_port,
                   "--mqtt-port", self.mqtt_port, "--build", self.build, "--no-build", "--detach"]
        if os.geteuid() == 0:
            command += ["--user", "root"]  # tests look into files, and change them
        log = self.dir / "up.log"  # a file: the detached supervisor would keep a pipe open
        with open(log, "w+b") as out:
            done = subprocess.run([str(word) for word in (*command, *self.extra_args)], stdout=out,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  timeout=START_TIMEOUT_S, check=False)
        self.up_output = log.read_text(errors="replace")
        authority = self.dir / "ca" / "ca.crt"
        if authority.exists() and self.web.tls is None:  # closed
            self.web.tls = ssl.create_default_context(cafile=str(authority))
        ready = f"lockstock ready at {'https' if authority.exists() else 'http'}://127.0.0.1:{self.base_port}"
        if done.returncode != 0 or ready not in self.up_output:
            raise RuntimeError(f"deploy/up ended with {done.returncode}:\n{self.up_output}")
        if authority.exists() and self.web.token is None:
            self.web.token = self.operator()
        return self

    def operator(self):
        """The token of an operator of a closed Lockstock who has just signed in."""
        link, self.password = secrets.token_hex(16), secrets.token_hex(16)
        link_hash = hashlib.sha256(link.encode()).hexdigest()
        invited = self.admin(ACCOUNT).post("/requests/person-create", {
            "login": "tests", "name": "Tests", "role": "operator", "linkHash": link_hash})
        set_ = self.web.post("/passwords", {"link": link, "password": self.password})
        opened = self.sign_in()
        if (invited.status, set_.status, opened.status) != (200, 204, 201):
            raise RuntimeError(f"nobody signs in: {invited} {set_} {opened}")
        return opened.json["token"]

    def sign_in(self):
        """One more session of that operator."""
        return self.web.post("/sessions", {"login": "tests", "password": self.password})

    def _call_caretaker(self):
        """It is nobody's child: CTest kills all descendants of a test that takes too long."""
        their_end, self._caretaker = os.pipe()
        subprocess.run(["setsid", "--fork", "sh", "-c", CARETAKER, "caretaker", str(self.dir),
                        str(ROOT / "deploy" / "down")],
                       stdin=their_end, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        os.close(their_end)

    def stop(self):
        """deploy/down; the directory stays."""
        done = subprocess.run([str(ROOT / "deploy" / "down"), "--data", str(self.dir)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=START_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"deploy/down ended with {done.returncode}: {done.stdout.decode()}")

    def restart(self):
        self.stop()
        return self.start()

    def close(self, keep=False):
        """Ends everything, whatever state it is in, and removes the directory unless keep."""
        for process in (SUPERVISOR, *PROCESSES):
            self.signal(process, signal.SIGCONT)
        try:
            self.stop()
            bugs = self.bugs()
            if bugs:
                raise AssertionError("a process reported a bug of its own:\n" + "\n".join(bugs[:40]))
        finally:
            if keep:
                (self.dir / "keep").touch()
            else:
                shutil.rmtree(self.dir, ignore_errors=True)
            if self._caretaker is not None:
                os.close(self._caretaker)
                self._caretaker = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.print_logs()
            self.close()
            raise

    def __exit__(self, kind, *_):
        if kind is not None:
            self.print_logs()
        self.close()

    # ---- processes ----

    def pid(self, process):
        """Its pid, or 0 if it does not run (or is a zombie)."""
        try:
            pid = int((self.dir / "run" / f"{process}.pid").read_text())
            return pid if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() else 0
        except (OSError, ValueError):
            return 0

    def signal(self, process, number):
        pid = self.pid(process)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pid

    def kill(self, process):
        """kill -9, and waits until it is gone. Returns the dead pid. The broker is killed with down():
        what follows a kill must not meet processes that have not noticed it."""
        pid = wait_until(lambda: self.pid(process), f"{process} to run")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pid(process) != pid, f"{process} ({pid}) to die")
        return pid

    def ask_restart(self, *processes):
        """Has the supervisor restart them, one after the other, as it is asked by hand; waits until all are ready."""
        files = [self.dir / "run" / f"{process}.restart" for process in processes]
        for file in files:
            file.touch()
        self.signal(SUPERVISOR, signal.SIGUSR1)
        wait_until(lambda: not any(file.exists() for file in files), f"{processes} to be restarted", 30 * len(files))
        failed = [process for process in processes if (self.dir / "run" / f"{process}.restart-failed").exists()]
        if failed:
            raise AssertionError(f"not ready after its restart: {failed}")

    @contextlib.contextmanager
    def down(self, *processes):
        """Keeps processes dead for a while: the supervisor is stopped meanwhile, so nothing restarts."""
        supervisor = self.pid(SUPERVISOR)
        if not supervisor:
            raise RuntimeError("the supervisor does not run")
        for process in processes:
            wait_until(lambda process=process: self.pid(process), f"{process} to run")
        os.kill(supervisor, signal.SIGSTOP)
        try:
            for process in processes:
                self.kill(process)
            if BROKER in processes:
                self._wait_cut_off()
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    @contextlib.contextmanager
    def unreachable(self):
        """Connections by HTTP are refused: the bridge is dead, and so is the supervisor, which holds its sockets."""
        self.kill(SUPERVISOR)
        self.kill(BRIDGE)
        try:
            yield
        finally:
            subprocess.run([str(ROOT / "deploy" / "status"), "--data", str(self.dir)], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=START_TIMEOUT_S, check=False)  # brings it back

    def _wait_cut_off(self):
        """Until every process has noticed that the broker is gone: before that, /readyz still says 200."""
        for process in PROCESSES[1:]:
            wait_until(lambda process=process: not self.pid(process) or self.metrics(process)["lockstock_bus_up"] == 0,
                       f"{process} to notice that the broker is gone")

    def wait_ready(self, *processes, timeout_s=30):
        """Until each (default: all) answers /readyz with 200."""
        for process in processes or PROCESSES[1:]:
            wait_until(lambda process=process: self.admin(process).get("/readyz").status == 200,
                       f"{process} to be ready", timeout_s)

    # ---- looking inside ----

    def admin(self, process):
        return Web(None, socket_path=self.dir / "run" / f"{process}.sock")

    def metrics(self, process):
        """{'name' or 'name{labels}': value} of /metrics."""
        answer = self.admin(process).get("/metrics")
        lines = re.findall(r"^([a-z_]+(?:\{[^}\n]*\})?) (-?[0-9.e+]+)$", answer.body.decode(), re.M)
        return {name: float(value) for name, value in lines}

    def metric_sum(self, process, name):
        """Sum over all labels of a metric."""
        return sum(value for key, value in self.metrics(process).items() if key.split("{")[0] == name)

    def streams_are_level(self):
        """Has every follower read every event that its sources have logged?"""
        metrics = {service: self.metrics(f"lockstock-{service}") for service in SERVICES}
        return all(metrics[service][f'lockstock_stream_cursor{{source="{source}"}}']
                   == metrics[source]["lockstock_log_head"]
                   for service, sources in FOLLOWS.items() for source in sources)

    def secret(self, user):
        return (self.dir / "secrets" / user).read_text().strip()

    def add_device(self, kind, device, *flags):
        """deploy/add-device; raises when it refuses."""
        done = subprocess.run([str(ROOT / "deploy" / "add-device"), kind, device, "--data", str(self.dir), *flags],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout + done.stderr

    def device_password(self, device):
        return (self.dir / "devices" / f"{device}.password").read_text().strip()

    def mqtt(self, user="operator"):
        return Mqtt(self.mqtt_port, user, self.secret(user))

    def db_path(self, service):
        return self.dir / "db" / f"{service}.db"

    def query(self, service, sql):
        """Rows of a read-only query. Only while the service does not run: it owns the file."""
        with contextlib.closing(sqlite3.connect(self.db_path(service))) as db:
            return db.execute(sql).fetchall()

    def bugs(self):
        """Lines of the logs in which a process reports a bug of its own."""
        return [f"{path.name}: {line}" for path in sorted((self.dir / "log").glob("lockstock-*.log*"))
                for line in path.read_text(errors="replace").splitlines() if BUG_MARKS.search(line)]

    def print_logs(self, out=sys.stderr):
        print(f"---- logs of {self.dir}", file=out)
        for path in sorted((self.dir / "log").glob("*.log")) + [self.dir / "up.log"]:
            try:
                lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
            except OSError:
                continue
            print(f"---- the end of {path.name}", file=out)
            for line in lines:
                print("    " + line[:300], file=out)
