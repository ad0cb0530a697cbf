#!/usr/bin/env python3
"""deploy/backup while people order, deploy/restore of what it made, and what deploy/verify sees: the system is
whole again, as it was at one moment."""

import contextlib
import io
import json
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.cases import SystemCase
from harness.orders import Orders
from harness.rows import flip_bit
from harness.system import ROOT, SERVICES
from harness.wait import wait_until

ORDERS_BEFORE, ORDERS_BEHIND = 300, 100
PLENTY = 1000000


def deploy(command, *words):
    return subprocess.run([str(word) for word in (ROOT / "deploy" / command, *words)], capture_output=True, text=True,
                          timeout=120, check=False)


class BackupCase(SystemCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.archive = self.folder / "backup.tar.gz"

    def backup(self, expect=0):
        done = deploy("backup", "--data", self.system.dir, self.archive)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def restore(self, expect=0):
        done = deploy("restore", self.archive, "--data", self.system.dir)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def verify(self, *words, expect=0):
        done = deploy("verify", *words)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def wreck(self):
        """The databases, the passwords and the settings, as a bad day leaves them."""
        for service in SERVICES:
            self.system.db_path(service).write_bytes(b"no database")
        (self.system.dir / "secrets" / "rental").write_text("another\n")
        (self.system.dir / "etc" / "lockstock.ini").unlink()

    def assert_nothing_stands_still(self, product_id):
        self.system.wait_ready()
        wait_until(self.system.streams_are_level, "every event to be read", 60)
        self.order_to_the_end(product_id)
        left = [order for order in self.web.all_items("/rentals", "rentals") if order["status"] == "ORDERED"]
        self.assertEqual(left, [])
        for service in SERVICES:
            self.assertEqual(self.web.all_items(f"/dead-letters/{service}", "letters"), [])


class UnderLoad(BackupCase):
    def test_what_was_answered_before_it_comes_back(self):
        product_id = self.register("projector", PLENTY)
        with Orders(self.web, product_id) as orders:
            wait_until(lambda: len(orders.so_far()) >= ORDERS_BEFORE, "orders before the backup", 60)
            before = orders.so_far()
            self.backup()
            count = len(orders.so_far())
            wait_until(lambda: len(orders.so_far()) >= count + ORDERS_BEHIND, "orders behind the backup", 60)
        self.assertEqual(orders.refused, [])
        self.assertGreater(count, len(before), "nobody ordered while it was made")
        self.assertEqual(stat.S_IMODE(self.archive.stat().st_mode), 0o600)
        self.assertIn("is whole", self.verify(self.archive))
        self.assertIn("is whole", self.verify("--data", self.system.dir))

        epochs = self.epochs()
        self.system.stop()
        self.wreck()
        self.restore()
        self.system.start()
        self.assert_nothing_stands_still(product_id)
        found = {order["id"] for order in self.web.all_items("/rentals", "rentals")}
        self.assertEqual(set(before) - found, set())
        stock = self.web.get(f"/products/{product_id}").json["qty"]
        self.assertEqual(stock, PLENTY - len(self.web.all_items("/rentals", "rentals")))
        self.assertIn("is whole", self.verify("--data", self.system.dir))
        self.assertEqual(self.kept_aside("db/rental.db"), b"no database")
        # What is outside of the backup knows their history; the others go on.
        self.assertEqual({name for name, epoch in self.epochs().items() if epoch != epochs[name]},
                         {"delivery", "information"})
        after = self.epochs()
        self.system.restart()
        self.assertEqual(self.epochs(), after)

    def epochs(self):
        done = deploy("backup", "--data", self.system.dir, self.folder / "epochs.tar.gz")
        self.assertEqual(done.returncode, 0, done.stderr)
        with tarfile.open(self.folder / "epochs.tar.gz") as tar:
            services = json.load(tar.extractfile("manifest.json"))["services"]
        os.unlink(self.folder / "epochs.tar.gz")
        return {name: service["epoch"] for name, service in services.items()}

    def kept_aside(self, name):
        (folder,) = self.system.dir.glob("before-restore-*")
        return (folder / name).read_bytes()


class Stopped(BackupCase):
    """Nothing runs; the tests damage it, each in its own way, and mend it behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls()
        cls.product_id = case.register(qty=10)
        cls.orders = [case.order_to_the_end(cls.product_id) for _ in range(3)]
        wait_until(cls.system.streams_are_level, "every event to be read")
        cls.system.stop()
        cls.mended = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-"))
        shutil.copytree(cls.system.dir / "db", cls.mended, dirs_exist_ok=True)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.mended)

    def tearDown(self):
        self.system.stop()
        shutil.rmtree(self.system.dir / "db")
        shutil.copytree(self.mended, self.system.dir / "db")

    @contextlib.contextmanager
    def database(self, service):
        with contextlib.closing(sqlite3.connect(self.system.db_path(service))) as db, db:
            yield db

    def assert_wrong(self, sentence):
        """Of the folder and, as the backup says, of what was packed; and such a one is not brought back."""
        self.assertIn(sentence, self.verify("--data", self.system.dir, expect=1))
        self.assertIn(sentence, self.backup(expect=1))
        self.assertIn(sentence, self.verify(self.archive, expect=1))
        before = self.content()
        self.assertIn("nothing has changed", self.restore(expect=1))
        self.assertEqual(self.content(), before)

    def content(self):
        return {path: path.read_bytes() for path in sorted(self.system.dir.rglob("*")) if path.is_file()}

    def test_backup_changes_nothing_in_it(self):
        before = self.content()
        self.backup()
        self.assertIn("is whole", self.verify(self.archive))
        after = self.content()
        after.pop(self.system.dir / "run" / "backup.lock")
        self.assertEqual(after, before)

    def test_what_kill_has_left_in_a_wal_is_packed(self):
        self.system.start()
        order = self.order_to_the_end(self.product_id)
        with self.system.down(*[f"lockstock-{service}" for service in SERVICES]):
            self.assertTrue(list((self.system.dir / "db").glob("*.db-wal")))
            killed = self.folder / "killed"
            shutil.copytree(self.system.dir / "db", killed)
        self.system.stop()
        shutil.rmtree(self.system.dir / "db")
        shutil.copytree(killed, self.system.dir / "db")
        self.backup()
        self.wreck()
        self.restore()
        self.system.start()
        self.assertEqual(self.status_of(order), "DELIVERED")
        self.assert_nothing_stands_still(self.product_id)

    def test_flipped_bit_of_an_event_is_seen(self):
        with self.database("rental") as db:
            flip_bit(db, 2)
        self.assert_wrong("event 2 in the log of rental is damaged: its checksum does not agree")

    def test_missing_event_is_seen(self):
        with self.database("stock") as db:
            db.execute("DELETE FROM event_log WHERE seq = 2")
        self.assert_wrong("the events 2 to 2 are missing in the log of stock")

    def test_follower_that_is_ahead_is_seen(self):
        with self.database("stock") as db:
            db.execute("UPDATE stream_cursor SET seq = 1000 WHERE source = 'delivery'")
        self.assert_wrong("stock has read 1000 events of delivery, which has ")

    def test_damaged_page_is_seen(self):
        path = self.system.db_path("delivery")
        content = bytearray(path.read_bytes())
        content[3 * 4096:3 * 4096 + 64] = b"\xff" * 64
        path.write_bytes(content)
        self.assertIn("the database of delivery ", self.verify("--data", self.system.dir, expect=1))

    def test_damaged_archive_is_seen(self):
        self.backup()
        whole = self.archive.read_bytes()
        for damaged in (whole[:len(whole) // 2], whole[:200] + bytes([whole[200] ^ 0xFF]) + whole[201:], b"nothing"):
            self.archive.write_bytes(damaged)
            self.assertIn("error: ", self.verify(self.archive, expect=1))
            self.restore(expect=1)

    def test_changed_file_in_an_archive_is_seen(self):
        self.backup()
        self.repack(lambda name, text: text + b"1" if name == "etc/ports" else text)
        self.assertIn("'etc/ports' is not what was packed", self.verify(self.archive, expect=1))

    def test_file_that_the_manifest_does_not_name_is_not_written(self):
        self.backup()
        self.repack(lambda name, text: text, {"db/../../evil": b"x", "etc/more": b"x"})
        said = self.verify(self.archive, expect=1)
        self.assertIn("'db/../../evil' is in the archive", said)
        self.assertIn("'etc/more' is in the archive", said)

    def repack(self, change, more=None):
        """The archive with what change(name, content) makes of its files."""
        aside = self.folder / "changed.tar.gz"
        with tarfile.open(self.archive) as tar, tarfile.open(aside, "w:gz") as to:
            for item in tar:
                text = change(item.name, tar.extractfile(item).read())
                item.size = len(text)
                to.addfile(item, io.BytesIO(text))
            for name, text in (more or {}).items():
                item = tarfile.TarInfo(name)
                item.size = len(text)
                to.addfile(item, io.BytesIO(text))
        aside.rename(self.archive)

    def test_restore_that_was_cut_is_done_once_more(self):
        self.backup()
        (self.system.dir / "restoring").write_text(f"{self.system.dir}/before-restore-20260101-000000\n")
        (self.system.dir / "db").rename(self.system.dir / "gone")
        done = deploy("up", "--data", self.system.dir, "--no-build", "--detach")
        self.assertEqual(done.returncode, 1)
        self.assertIn("was cut off: run deploy/restore once more", done.stderr)
        self.restore()
        self.system.start()
        self.assert_nothing_stands_still(self.product_id)

    def test_wrong_words_are_told(self):
        self.system.start()
        self.backup()
        self.assertIn("is there already", self.backup(expect=1))
        self.assertIn("Lockstock runs in", self.restore(expect=1))
        self.assertIn("there is no archive", deploy("verify", self.folder / "nothing").stderr)
        self.assertIn("nothing of Lockstock in", deploy("backup", "--data", self.folder / "nothing").stderr)
        for command in ("backup", "verify", "restore"):
            self.assertEqual(deploy(command, "--help").returncode, 0)
            self.assertIn(f"see deploy/{command} --help", deploy(command, "--wrong").stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
