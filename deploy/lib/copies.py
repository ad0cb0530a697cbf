"""Copies of the databases of a DIR, all of one moment, beside them with ".copy" behind their names: by the
services while they run (services/kit/process/backup.h), by hand when nothing runs."""

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import time

ASK_TIMEOUT_S = 10
LOOK_EVERY_S = 0.05
SAY_EVERY_S = 5
END_TRIES_MAX = 5
FROZEN_BYTES_MAX = 1 << 30
FREEZE_TIMEOUT_S = 5
# Who asks another for an effect ends before the one who is asked: no copy knows the yes of somebody
# whose own copy is from before it. All others after those.
ENDS_FIRST = ("rental", "product", "delivery", "stock")


class Trouble(Exception):
    """A sentence for people."""


class CannotCopy(Trouble):
    """The release of a process knows nothing of copies."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=ASK_TIMEOUT_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        # An address has room for 107 bytes: by the descriptor of its folder each path fits.
        folder = os.open(os.path.dirname(self.path), os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{os.path.basename(self.path)}")
        finally:
            os.close(folder)


def connection(directory, service):
    """To its admin listener."""
    base = os.path.join(directory, "run", f"lockstock-{service}")
    if os.path.exists(base + ".sock"):
        return _UnixConnection(base + ".sock")
    with open(base + ".admin", encoding="ascii") as file:
        return http.client.HTTPConnection("127.0.0.1", int(file.read()), timeout=ASK_TIMEOUT_S)


def ask(directory, service, method, what=""):
    """One request about its copy; the answer as JSON."""
    try:
        with contextlib.closing(connection(directory, service)) as line:
            line.request(method, f"/backup{what}")
            answer = line.getresponse()
            body = answer.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Trouble(f"lockstock-{service} does not answer ({error}): see deploy/status, or stop all "
                      "with deploy/down and make the backup then") from error
    if answer.status == 404 and not body.startswith(b"{"):
        raise CannotCopy(f"lockstock-{service} is of a release before 0.4")
    said = json.loads(body)
    if answer.status != 200:
        raise Trouble(f"lockstock-{service} made no copy: {said.get('text', answer.status)}")
    return said


def path_of(directory, service):
    return os.path.join(directory, "db", f"{service}.db.copy")


def remove(directory, services):
    for service in services:
        for end in ("", "-wal", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path_of(directory, service) + end)


def hold_stopped(directory):
    """The locks of a DIR in which nothing runs, held until the end of the stack that it returns; None: something
    runs. That of the folder is the supervisor's, those in it the services': a supervisor of before 0.4 has another."""
    databases = os.path.join(directory, "db")
    names = os.listdir(databases) if os.path.isdir(databases) else []
    with contextlib.ExitStack() as stack:
        for path in (directory, *(os.path.join(databases, name) for name in names if name.endswith(".db.lock"))):
            lock = os.open(path, os.O_RDONLY)
            stack.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
        return stack.pop_all()


def _wait_copied(directory, services, say):
    said_at = time.monotonic()
    while True:
        looks = [ask(directory, service, "GET") for service in services]
        left = sum(max(look["left"] - 64, 0) for look in looks)
        if left == 0:
            return
        if time.monotonic() - said_at >= SAY_EVERY_S:
            said_at = time.monotonic()
            pages = sum(look["pages"] for look in looks)
            say(f"  copy          {(pages - left) * 100 // pages} %")
        time.sleep(LOOK_EVERY_S)


def _end_together(directory, services):
    """From the first hold to the last end no service takes in an event: none has read what another's
    copy does not have."""
    order = [name for name in ENDS_FIRST if name in services] + [name for name in services if name not in ENDS_FIRST]
    for service in services:
        ask(directory, service, "POST", "/hold")
    for service in order:
        ask(directory, service, "POST", "/end")


def copy_running(directory, services, say):
    for tries in range(END_TRIES_MAX):
        for service in services:
            ask(directory, service, "POST", "/begin")
        _wait_copied(directory, services, say)
        try:
            return _end_together(directory, services)
        except Trouble:  # one was busy for longer than a hold lasts: all of them once more
            if tries == END_TRIES_MAX - 1:
                raise


def _pid_of(directory, service):
    with open(os.path.join(directory, "run", f"lockstock-{service}.pid"), encoding="ascii") as file:
        return int(file.read())


def _is_frozen(pid):
    """A thread that is inside the kernel, at the disk say, stops behind that."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii", errors="replace") as file:
            if file.read().rsplit(")", 1)[1].split()[0] != "T":
                return False
    return True


def _wait_frozen(pids):
    until = time.monotonic() + FREEZE_TIMEOUT_S
    while not all(_is_frozen(pid) for pid in pids):
        if time.monotonic() >= until:
            raise Trouble("the services do not stand still: stop all with deploy/down and make the backup then")
        time.sleep(LOOK_EVERY_S / 50)


def copy_frozen(directory, services):
    """Processes of before 0.4: all stand still while their files are copied, as a kill would leave them."""
    size = sum(os.stat(os.path.join(directory, "db", f"{service}.db")).st_size for service in services)
    if size > FROZEN_BYTES_MAX:
        raise Trouble(f"the databases of '{directory}' have {size >> 20} MiB, for which a release before 0.4 would "
                      "stand still for too long: stop all with deploy/down and make the backup then")
    pids = [_pid_of(directory, service) for service in services]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        _wait_frozen(pids)
        for service in services:
            _copy_files(directory, service)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    for service in services:
        _fold(directory, service)


def _copy_files(directory, service):
    source, target = os.path.join(directory, "db", f"{service}.db"), path_of(directory, service)
    shutil.copyfile(source, target)
    if os.path.exists(source + "-wal"):
        shutil.copyfile(source + "-wal", target + "-wal")


def _fold(directory, service):
    """What is in its -wal comes into the copy."""
    with contextlib.closing(sqlite3.connect(path_of(directory, service), isolation_level=None)) as db:
        try:
            db.execute("PRAGMA synchronous=OFF")  # the archive is synced as a whole
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
            db.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            raise Trouble(f"the database of {service} cannot be read: {error}") from error


def copy_stopped(directory, services):
    """What a kill has left in -wal comes into the copy; the DIR itself stays as it is."""
    for service in services:
        _copy_files(directory, service)
        _fold(directory, service)


@contextlib.contextmanager
def copies(directory, services, say):
    """{service: path of its copy}, which are gone behind it."""
    run = os.path.join(directory, "run")
    os.makedirs(run, mode=0o700, exist_ok=True)
    with open(os.path.join(run, "backup.lock"), "w", encoding="ascii") as one:
        try:
            fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(f"another backup of '{directory}' is under way") from error
        stopped = hold_stopped(directory)
        try:
            remove(directory, services)
            if stopped is not None:
                copy_stopped(directory, services)
            else:
                try:
                    copy_running(directory, services, say)
                except CannotCopy:
                    copy_frozen(directory, services)
            yield {service: path_of(directory, service) for service in services}
        finally:
            remove(directory, services)
            if stopped is not None:
                stopped.close()
