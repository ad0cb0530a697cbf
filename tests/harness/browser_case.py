"""A test of pages: a whole system with a scanner and a locker, and a browser on it."""

import json
import sys
import unittest

from .browser import Browser, NoBrowser, packages, programs
from .cases import SKIPPED
from .fake_bridge import FakeBridge
from .locker_case import LockerCase
from .system import default_build_dir


WHOLE_PAGE = 2000  # high enough that nothing lies under the bar at the bottom


def module(name):
    """The address of one of our files, by the beginning of its name."""
    manifest = json.loads((default_build_dir() / "pages" / "manifest.json").read_text())
    return next(one["path"] for one in manifest["files"] if one["file"].startswith(name))


class CleanPages:
    """Every test also fails on what the browser's console complains of: scripts, policies, faults.
    Answers that say no (404, 409, 503) are none of that. self.browser is there."""

    def setUp(self):
        self.browser.complaints()

    def tearDown(self):
        self.assert_no_complaints(self.browser)

    def assert_no_complaints(self, browser):
        self.assertEqual([line for line in browser.complaints()
                          if "Failed to load resource" not in line and "net::ERR_" not in line], [])

    def assert_clean(self, tab, what):
        """axe finds nothing, and nothing sticks out."""
        self.assertEqual(tab.audit(), [], what)
        self.assertLessEqual(tab.overflow(), 0, what)

    def look_at(self, tab, path, name):
        """A page that is clean, and fits into every width, with its pictures."""
        tab.resize(360)
        tab.goto(path)
        tab.sees("css=h1, h2")
        tab.sees_no_more("css=[aria-busy=true]")
        tab.shot(f"{name}-360")
        tab.resize(360, WHOLE_PAGE)
        self.assert_clean(tab, name)
        for width in (320, 768, 1440):
            tab.resize(width, 900)
            self.assertLessEqual(tab.overflow(), 0, width)
            if width > 320:
                tab.shot(f"{name}-{width}")


class BrowserCase(CleanPages, LockerCase):
    """A whole system."""

    browser_arguments = ()

    def setUp(self):
        """Devices of which nothing is heard for 90 s count as offline (rules/delivery.md 7.5), and a
        test before may have killed the broker."""
        super().setUp()
        for player in self.players:
            if not player.mqtt.is_open:
                player.connect()
                player.come_online()
            player.up(player.up_body())

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.browser = Browser(cls.system.base_port, cls.browser_arguments)
        except BaseException:
            super().tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        super().tearDownClass()


class FakeCase(CleanPages, unittest.TestCase):
    """A bridge that the test plays, anew for each test."""

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(0)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        super().setUp()
        self.bridge = FakeBridge()
        self.addCleanup(self.bridge.close)
        self.browser.base = f"http://127.0.0.1:{self.bridge.base_port}"


def main():
    """Runs the tests of a file, or skips them where there is no browser."""
    try:
        programs()
        packages()
    except NoBrowser as missing:
        print(f"skipped: {missing}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
