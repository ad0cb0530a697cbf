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
from harness.system import BROKER, ROOT

SOMEBODY_ELSE = 65534
FILES = ("devices/list", "mosquitto/passwd", "mosquitto/acl")


def deploy(command, folder, *words):
    return subprocess.run([ROOT / "deploy" / command, *words, "--data", folder], capture_output=True, text=True,
                          timeout=60, check=False)


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

    @unittest.skipIf(os.geteuid() != 0, "only root can give a folder away")
    def test_folder_of_somebody_else_is_refused_to_root_too(self):
        for path in (self.dir, *self.dir.rglob("*")):
            os.lchown(path, SOMEBODY_ELSE, SOMEBODY_ELSE)
        self.assert_refused("belongs to ")

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
