#!/usr/bin/env python3
"""The frame of all pages: who one is, language and theme, addresses that are wrong, many tabs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.browser_case import BrowserCase, main


class Frame(BrowserCase):

    def test_language_and_theme_stay(self):
        person = self.browser.person()
        tab = person.tab("/")
        tab.sees("text=Who are you today?")
        self.assertEqual(tab.run("getComputedStyle(document.body).backgroundColor"), "rgb(241, 244, 243)")
        tab.click("role=button[name=/^Language/]")
        tab.sees("text=어떤 일로 오셨어요?")
        for _ in range(2):  # as the system, light, dark
            tab.click("role=button[name=/^화면 색/]")
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


if __name__ == "__main__":
    main()
