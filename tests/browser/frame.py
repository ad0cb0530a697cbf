#!/usr/bin/env python3
"""The frame of all pages: who one is, language and theme, addresses that are wrong, many tabs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import BrowserCase, main
from harness.system import BRIDGE


class Frame(BrowserCase):

    def test_language_and_theme_stay(self):
        person = self.browser.person()
        tab = person.tab("/")
        tab.sees("text=Who are you today?")
        self.assertEqual(tab.run("getComputedStyle(document.body).backgroundColor"), "rgb(241, 244, 243)")
        tab.click("text=한국어")
        tab.sees("text=어떤 일로 오셨어요?")
        tab.click("role=button[name='어둡게']")
        other = person.tab("/ui/shop")
        other.sees("text=대여 상품")
        self.assertEqual(other.run("document.documentElement.lang"), "ko")
        self.assertEqual(other.run("getComputedStyle(document.body).backgroundColor"), "rgb(13, 18, 20)")

    def test_back_and_forth(self):
        self.web.post("/products", {"name": "spade", "qty": 3})
        tab = self.browser.person().tab("/ui/shop")
        tab.click("role=link[name=/spade/]")
        tab.sees("role=dialog")
        tab.run("history.back()")
        tab.sees_no_more("role=dialog")
        self.assertEqual(tab.path(), "/ui/shop")
        tab.run("history.forward()")
        tab.sees("role=dialog")

    def test_nothing_moves_for_who_asked_for_that(self):
        product = self.shelved("hoist", 1)
        order = self.ordered(product)
        moving = {}
        for motion in ("reduce", "no-preference"):
            tab = self.browser.person(reducedMotion=motion).tab(f"/ui/orders/{order}")
            tab.sees("css=[data-step=now]")
            moving[motion] = tab.run("document.getAnimations().filter(({ playState }) => "
                                     "playState === 'running').length")
        self.assertEqual(moving["reduce"], 0)
        self.assertGreater(moving["no-preference"], 0)

    def test_addresses_that_are_wrong(self):
        tab = self.browser.person().tab("/ui/nothing/here")
        tab.sees("text=No such page")
        tab.click("text=To the start")
        tab.sees("text=Who are you today?")

    def test_pages_move_without_a_reload(self):
        product = self.web.post("/products", {"name": "broom", "qty": 3}).json["id"]
        self.known(product)
        tabs = [self.browser.person(width=width).tab("/ui/shop") for width in (360, 1440)]
        for tab in tabs:
            tab.sees("text=3 free now")
        self.order_to_the_end(product, 2)
        for tab in tabs:
            tab.sees("css=li:has-text('broom') >> text=1 free now")

    def streams(self):
        return self.system.metrics(BRIDGE)["lockstock_sse_streams_open"]

    def test_seven_tabs_share_one_stream(self):
        product = self.web.post("/products", {"name": "ladder", "qty": 9}).json["id"]
        self.known(product)
        before = self.streams()
        person = self.browser.person()
        tabs = [person.tab("/ui/shop") for _ in range(7)]
        for tab in tabs:
            tab.sees("css=li:has-text('ladder') >> text=9 free now")
        self.eventually(self.streams, before + 1, "the streams of seven tabs")
        self.order_to_the_end(product, 4)
        for tab in tabs:
            tab.sees("css=li:has-text('ladder') >> text=5 free now")
        for tab in tabs:
            tab.close()
        self.eventually(self.streams, before, "the streams when all tabs are closed")

    def test_bridge_that_was_killed(self):
        """What happened meanwhile shows, and nothing is loaded twice that the stream tells."""
        product = self.web.post("/products", {"name": "rake", "qty": 9}).json["id"]
        self.known(product)
        tab = self.browser.person().tab("/ui/shop")
        tab.sees("css=li:has-text('rake') >> text=9 free now")
        tab.run("void (window.loads = 0, new PerformanceObserver((list) => { window.loads += "
                "list.getEntries().filter(({ name }) => name.includes('/products')).length; })"
                ".observe({ type: 'resource' }))")
        for left in (8, 7):
            self.system.kill(BRIDGE)
            self.system.wait_ready(BRIDGE)
            self.order_to_the_end(product)
            tab.sees(f"css=li:has-text('rake') >> text={left} free now")
        self.assertEqual(tab.run("window.loads"), 0)


if __name__ == "__main__":
    main()
