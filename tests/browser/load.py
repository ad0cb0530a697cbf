#!/usr/bin/env python3
"""How pages bear much at once; prints figures, and asserts nothing about time. Not part of tests/run: on a busy
machine they say little.

Usage: load.py --long [--profile] [--only PART...]
                                    500 lockers at 10 changes a second, 36,000 events in 60 s, order to screen
       load.py                      the same, shorter"""

import argparse
import copy
import pathlib
import statistics
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import office_world
from harness.browser import Browser
from harness.browser_case import BrowserCase
from harness.fake_bridge import FakeBridge
from harness.wait import hold, wait_until

LOCKERS, PER_S = 500, 10
MIB = 1 << 20
PARTS = ["wall", "events", "latency"]
OPTIONS = argparse.Namespace(long=False, profile=False, only=PARTS)


def pace(count, seconds, act):
    """Does act(i) so many times, evenly over the time."""
    start = time.monotonic()
    for i in range(count):
        hold(max(0, start + i * seconds / count - time.monotonic()))
        act(i)


class Played:
    """A page on a bridge that is played here."""

    def __init__(self, browser, path, fill):
        self.browser, self.bridge = browser, FakeBridge()
        browser.base = f"http://127.0.0.1:{self.bridge.base_port}"
        fill(self.bridge)
        self.tab = browser.person(width=1440).tab(path)

    def measure(self, what):
        return self.browser.do(what, page=self.tab.name)

    def profiled(self, work):
        """Seconds of the main thread that the work took."""
        if OPTIONS.profile:
            self.browser.do("profile", page=self.tab.name, begins=True)
        was = self.measure("parts")
        work()
        now = self.measure("parts")
        if OPTIONS.profile:
            print("   ", ", ".join(f"{name} {now[name] - was[name]:.3f}" for name in now))
            for ms, where in self.browser.do("profile", page=self.tab.name)[:25]:
                print(f"    {ms:8.1f} ms  {where}")
        return now["TaskDuration"] - was["TaskDuration"]


def wall(browser):
    """What a change of a locker costs, and whether each is shown."""
    played = Played(browser, "/ui/office/wall",
                    lambda bridge: bridge.lists.update(lockers=office_world.many(LOCKERS)))
    bridge, seconds = played.bridge, 30 if OPTIONS.long else 5
    played.tab.sees("css=[data-door='locker-1/1']")
    idle = played.profiled(lambda: hold(seconds))

    def change(i):
        locker = copy.deepcopy(bridge.lists["lockers"][-1 if i % 2 else i % 12])
        now = locker["compartments"][i % 12]
        now.update(door="closed" if now["door"] == "open" else "open", use="loaded", deliveryId=i + 1)
        bridge.locker(locker)

    changes = seconds * PER_S
    busy = played.profiled(lambda: pace(changes, seconds, change))
    wanted = sum(one["door"] == "open" for locker in bridge.lists["lockers"] for one in locker["compartments"])
    wait_until(lambda: played.tab.text("css=.annunciator button >> nth=3").split()[0] == str(wanted),
               "every change to be counted")
    print(f"wall of {LOCKERS} lockers, {changes} changes at {PER_S}/s: {(busy - idle) * 1000 / changes:.2f} ms of the "
          f"main thread each (aim: 4), {idle * 1000 / seconds:.1f} ms a second when nothing changes; none was lost")
    bridge.close()


def events(browser):
    """What a page holds after a flood."""
    count, seconds = (36000, 60) if OPTIONS.long else (3000, 5)
    for path in ("events", "wall", "orders"):
        played = Played(browser, "/ui/office/" + path, office_world.fill)
        played.tab.sees("css=h1, h2")
        before = played.measure("heap")
        busy = played.profiled(lambda played=played: pace(count // 10, seconds, lambda i: [
            office_world.flood(played.bridge, 10 * i + n) for n in range(10)]))
        hold(1)
        grown = played.measure("heap") - before
        print(f"page {path}, {count} events in {seconds} s: heap + {grown / MIB:.2f} MiB (aim: 5), "
              f"{busy / seconds:.0%} of the main thread")
        played.bridge.close()
        played.tab.close()


class Latency(BrowserCase):
    """From an order to the screen of the office, on a whole system."""

    ORDERED = """(async () => {
      const start = performance.now();
      const answer = await fetch("/rentals", { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ productId: %d, qty: 1 }) });
      const { id } = await answer.json();
      const link = () => document.querySelector(`a[href="/ui/office/orders/${id}"]`);
      while (!link()) await new Promise((done) => requestAnimationFrame(done));
      return performance.now() - start;
    })()"""

    def test_order_to_screen(self):
        product = self.web.post("/products", {"name": "lamp", "qty": 1000}).json["id"]
        tab = self.browser.person(width=1440).tab("/ui/office/orders")
        tab.sees("css=h1")
        found = sorted(tab.run(self.ORDERED % product) for _ in range(100 if OPTIONS.long else 20))
        print(f"order to screen, {len(found)} orders: p50 {statistics.median(found):.0f} ms, "
              f"p95 {found[len(found) * 95 // 100]:.0f} ms, largest {found[-1]:.0f} ms (aim: 1000)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--long", action="store_true", help="as long as the aims say")
    parser.add_argument("--only", nargs="+", default=PARTS, choices=PARTS, metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--profile", action="store_true", help="tell where the main thread's time goes")
    parser.parse_args(namespace=OPTIONS)
    browser = Browser(0)
    for name, work in (("wall", wall), ("events", events)):
        if name in OPTIONS.only:
            work(browser)
    browser.close()
    if "latency" in OPTIONS.only:
        unittest.main(argv=[sys.argv[0]], verbosity=0)


if __name__ == "__main__":
    main()
