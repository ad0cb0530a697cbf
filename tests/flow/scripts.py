#!/usr/bin/env python3
"""What the commands of deploy/ refuse, and what they leave when they could not do what they were asked:
a folder of somebody else, links where secrets are, a broker that does not take its new files."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.system import BROKER, ROOT, default_build_dir, free_ports

SOMEBODY_ELSE = 65534
FILES = ("devices/list", "mosquitto/passwd", "mosquitto/acl")


def deploy(command, folder, *words, user=None):
    """user: as whom, of those whom root can be."""
    return subprocess.run([ROOT / "deploy" / command, *words, "--data", folder], capture_output=True, text=True,
                          timeout=60, check=False, user=user)


def state(folder):
    """{path: (owner, mode, content)} of all files of a folder."""
    return {path.relative_to(folder).as_posix(): (path.lstat().st_uid, path.lstat().st_mode,
                                                  path.read_bytes() if path.is_file() else b"")
            for path in sorted(folder.rglob("*"))}


class Folders(unittest.TestCase):
    """A folder with one device, in which nothing runs."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        self.addCleanup(shutil.rmtree, self.dir)
        done = deploy("add-device", self.dir, "scanner", "scanner-1")
        self.assertEqual(done.returncode, 0, done.stderr)

    def assert_refused(self, words):
        before = state(self.dir)
        for command in (("add-device", self.dir, "locker", "locker-1"), ("up", self.dir, "--no-build", "--detach")):
            done = deploy(*command)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(words, done.stderr)
        self.assertEqual(state(self.dir), before, "something was written")

    def give_away(self):
        for path in (self.dir, *self.dir.rglob("*")):
            os.lchown(path, SOMEBODY_ELSE, SOMEBODY_ELSE)

    @unittest.skipIf(os.geteuid() != 0, "only root can give a folder away")
    def test_folder_of_somebody_else_is_refused_to_others(self):
        os.chown(self.dir, os.geteuid() + 1, -1)
        before = state(self.dir)
        done = deploy("add-device", self.dir, "locker", "locker-1", user=SOMEBODY_ELSE)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("belongs to ", done.stderr)
        self.assertEqual(state(self.dir), before, "something was written")

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_root_leaves_nothing_in_a_folder_of_somebody_else_that_is_not_his(self):
        self.give_away()
        done = deploy("add-device", self.dir, "locker", "locker-1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.dir / "devices" / "locker-1.key").exists())
        self.assertEqual({owner for owner, _, _ in state(self.dir).values()}, {SOMEBODY_ELSE})

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_root_who_names_another_user_than_the_owner_is_refused(self):
        self.give_away()
        done = deploy("up", self.dir, "--no-build", "--detach", "--user", "daemon")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("not to daemon", done.stderr)

    @unittest.skipIf(os.geteuid() != 0, "only root can give a file away")
    def test_secret_of_somebody_else_is_refused(self):
        os.chown(self.dir / "devices" / "scanner-1.password", SOMEBODY_ELSE, SOMEBODY_ELSE)
        self.assert_refused("scanner-1.password' is a symbolic link, belongs to somebody else")

    def test_folder_that_others_may_write_is_refused(self):
        self.dir.chmod(0o770)
        self.assert_refused("others may write in")

    def test_link_where_secrets_are_is_refused(self):
        secrets = self.dir / "secrets"
        secrets.rename(self.dir / "elsewhere")
        secrets.symlink_to(self.dir / "elsewhere")
        self.assert_refused("/secrets' is a symbolic link")


class AddDevice(SystemCase):
    def files(self):
        return {name: (self.system.dir / name).read_bytes() for name in FILES if (self.system.dir / name).exists()}

    def test_broker_that_does_not_take_its_files_gets_the_old_ones_back(self):
        self.system.add_device("scanner", "scanner-1")
        before = self.files()
        pid = self.system.signal(BROKER, signal.SIGSTOP)
        try:
            for words in (("scanner", "scanner-2"), ("scanner", "scanner-1", "--remove")):
                done = deploy("add-device", self.system.dir, *words)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("the broker has not taken its new files", done.stderr)
                self.assertEqual(self.files(), before)
        finally:
            os.kill(pid, signal.SIGCONT)
        self.assertTrue((self.system.dir / "devices" / "scanner-1.password").exists(), "its removal did not happen")
        self.system.add_device("scanner", "scanner-2")
        self.assertIn(b"scanner scanner-2 main", self.files()["devices/list"])
        self.assertEqual([path.name for path in self.system.dir.rglob("*.before")], [])
        self.system.wait_ready()


@unittest.skipIf(os.geteuid() != 0, "only root can become another user")
class StartedByRoot(unittest.TestCase):
    """deploy/up of root: all runs as the owner of the folder, or as a user of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        self.folder.chmod(0o755)
        self.dir, self.ports = self.folder / "data", (free_ports(5), free_ports(1))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(deploy, "down", self.dir)

    def up(self, *words):
        build = default_build_dir()
        log = self.folder / "up.log"
        with open(log, "wb") as out:  # a file: the supervisor would keep a pipe open
            done = subprocess.run([str(word) for word in (
                ROOT / "deploy" / "up", "--data", self.dir, "--base-port", self.ports[0], "--mqtt-port", self.ports[1],
                "--build", build, "--no-build", "--detach", *words)], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                timeout=60, check=False)
        self.assertEqual(done.returncode, 0, log.read_text())
        return log.read_text()

    def owners(self):
        """Of all files, and of all processes."""
        pids = [int(path.read_text()) for path in (self.dir / "run").glob("*.pid")]
        self.assertGreaterEqual(len(pids), 8)
        return ({owner for owner, _, _ in state(self.dir).values()}, {os.stat(f"/proc/{pid}").st_uid for pid in pids})

    def assert_all_is_of(self, uid):
        self.assertEqual(self.owners(), ({uid}, {uid}))
        for command in (("status",), ("add-device", "scanner", "scanner-1"), ("restart", "product"),
                        ("backup", self.dir / "backup.tar.gz"), ("verify",)):
            done = deploy(command[0], self.dir, *command[1:])
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        self.assertEqual(self.owners(), ({uid}, {uid}))
        self.assertEqual(deploy("down", self.dir).returncode, 0)
        self.assertEqual(list((self.dir / "run").glob("*.pid")), [])

    def test_folder_that_root_has_is_given_to_a_user_of_its_own(self):
        self.assertEqual(deploy("add-device", self.dir, "locker", "locker-1").returncode, 1)
        self.dir.mkdir(mode=0o700)
        self.assertEqual(deploy("add-device", self.dir, "locker", "locker-1").returncode, 0)
        self.up("--user", "nobody")
        self.assert_all_is_of(SOMEBODY_ELSE)

    def test_owner_of_the_folder_is_as_whom_all_runs(self):
        self.dir.mkdir(mode=0o700)
        os.chown(self.dir, SOMEBODY_ELSE, SOMEBODY_ELSE)
        self.up()
        self.assert_all_is_of(SOMEBODY_ELSE)

    def test_folder_that_nobody_else_may_enter_stays_with_root(self):
        self.folder.chmod(0o700)
        self.assertIn("all runs as root, as user 'nobody' may not enter", self.up("--user", "nobody"))
        self.assert_all_is_of(0)

    def test_user_of_its_own_is_made(self):
        """By a useradd that only notes how it was called: the machine of a test stays as it is."""
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "useradd").write_text(f"#!/bin/sh\necho \"$@\" >{self.folder}/called\nexit 1\n")
        (tools / "useradd").chmod(0o755)
        (tools / "id").write_text('#!/bin/sh\n[ "$2" != lockstock ] || exit 1\nexec /usr/bin/id "$@"\n')
        (tools / "id").chmod(0o755)
        done = subprocess.run([ROOT / "deploy" / "up", "--data", self.dir, "--no-build", "--detach"], text=True,
                              capture_output=True, check=False,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
        self.assertIn("the user 'lockstock' cannot be made", done.stderr)
        self.assertIn("--system --user-group --no-create-home", (self.folder / "called").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
